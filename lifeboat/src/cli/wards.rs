//! `lifeboat wards`: every ward with its patients counted.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};
use basics::Moment;

#[derive(clap::Args)]
pub struct WardsArgs {
    /// JSON lines, one object a ward
    #[arg(long)]
    json: bool,
}

pub fn run(place: Place, args: WardsArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let wards = room.wards()?;
    if args.json {
        wards.iter().for_each(|summary| json::line(&json::ward(summary)));
    } else {
        let rows: Vec<Vec<String>> = wards
            .iter()
            .map(|w| {
                vec![
                    w.key.site.to_string(),
                    w.key.ward.to_string(),
                    w.name.clone(),
                    w.patients.to_string(),
                    w.beds.to_string(),
                    w.as_at.map(|at: Moment| store.config.zone.clinical(at)).unwrap_or_default(),
                ]
            })
            .collect();
        table::print(&["Site", "Ward", "Name", "Patients", "Beds", "As at"], &rows);
        table::put(&format!("{} wards", rows.len()));
    }
    room.close();
    Ok(Ending::Fine)
}
