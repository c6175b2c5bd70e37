//! `lifeboat patients`: everybody who is known, merged records too.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};

#[derive(clap::Args)]
pub struct PatientsArgs {
    /// JSON lines, one object a patient
    #[arg(long)]
    json: bool,
    /// Only those on a ward now
    #[arg(long)]
    present: bool,
    /// As screens show people: what was merged into a record folded into it. Without this each record is told as it is
    /// kept, and `merged_into` and `merged_from` say which belong together, so that nothing is told twice
    #[arg(long)]
    folded: bool,
}

pub fn run(place: Place, args: PatientsArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let named = |key| room.patient_raw(key).ok().flatten();
    let mut rows = Vec::new();
    let mut known = 0u64;
    for record in room.patients()? {
        let mut record = record?;
        if !args.folded && !record.merged_from.is_empty() {
            record = room.patient_raw(record.key)?.unwrap_or(record);
        }
        if args.present && care::ward_list::ward_of(&record).is_none() {
            continue;
        }
        known += 1;
        let line = json::patient(&record, &named);
        if args.json {
            json::line(&line);
        } else {
            let or = |text: Option<String>| text.unwrap_or_default();
            rows.push(vec![
                record.name.as_ref().map(care::PersonName::banner).unwrap_or_default(),
                record.birth_date.map(|d| d.to_string()).unwrap_or_default(),
                record.nhs_number().map(|n| n.to_string()).unwrap_or_default(),
                line.mrns.first().cloned().unwrap_or_default(),
                or(line.site),
                or(line.ward),
                or(line.bed),
                or(line.merged_into.map(|into| format!("merged into {into}"))),
            ]);
        }
    }
    if !args.json {
        table::print(&["Name", "Born", "NHS No.", "Hospital No.", "Site", "Ward", "Bed", ""], &rows);
        table::put(&format!("{known} patients"));
    }
    room.close();
    Ok(Ending::Fine)
}
