//! `lifeboat find TEXT`: the one box, at the command line.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::json::{self, BedPatient};
use crate::store::{Begin, Store};
use crate::table;
use control_room::How;
use serde::Serialize;

#[derive(clap::Args)]
pub struct FindArgs {
    /// A name (in any order, misspelt a little), an NHS or hospital number, a bed or a date of birth
    #[arg(required = true)]
    text: Vec<String>,
    /// At most so many
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// JSON lines, one object a match
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct MatchLine {
    #[serde(flatten)]
    patient: BedPatient,
    site: Option<String>,
    ward: Option<String>,
    bed: String,
    how: &'static str,
}

pub fn run(place: Place, args: FindArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let found = room.find(&args.text.join(" "), args.limit.clamp(1, 1000))?;
    let mut rows = Vec::new();
    for one in &found.matches {
        let site = one.ward.as_ref().map(|w| w.site.to_string());
        let ward = one.ward.as_ref().map(|w| w.ward.to_string());
        if args.json {
            let how = word(one.how);
            json::line(&MatchLine {
                patient: json::bed_patient(&one.patient),
                site,
                ward,
                bed: one.bed.clone(),
                how,
            });
        } else {
            let place = [site.unwrap_or_default(), ward.unwrap_or_default(), one.bed.clone()].join(" ");
            rows.push(
                [super::ward::cells(&one.patient), vec![place.trim().to_owned(), word(one.how).to_owned()]]
                    .concat(),
            );
        }
    }
    if !args.json {
        table::print(&["Name", "Born", "NHS No.", "Allergies", "Alerts", "Where", "Match"], &rows);
        let more = if found.more { "; there are more, say more about the patient" } else { "" };
        table::put(&format!("{} found{more}", rows.len()));
    }
    room.close();
    Ok(if found.matches.is_empty() { Ending::Failed } else { Ending::Fine })
}

fn word(how: How) -> &'static str {
    match how {
        How::Exact => "exact",
        How::Prefix => "prefix",
        How::Similar => "similar",
        How::Former => "former",
    }
}
