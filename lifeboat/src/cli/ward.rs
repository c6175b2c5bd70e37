//! `lifeboat ward SITE WARD`: one ward's list, bed by bed.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};
use basics::{SiteId, WardId};
use care::ward_list::{WardKey, WardPatient};

#[derive(clap::Args)]
pub struct WardArgs {
    /// The hospital, as `lifeboat wards` names it
    site: String,
    /// The ward's code
    ward: String,
    /// JSON lines, one object a bed
    #[arg(long)]
    json: bool,
}

pub fn run(place: Place, args: WardArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let key = SiteId::new(&args.site).zip(WardId::new(&args.ward)).map(|(site, ward)| WardKey { site, ward });
    let list = match key {
        Some(key) => room.ward_list(&key)?,
        None => None,
    };
    let list = list.ok_or_else(|| {
        Failure::failed(format!(
            "there is no ward {} at {}; `lifeboat wards` lists them all",
            args.ward, args.site
        ))
    })?;
    if args.json {
        list.rows.iter().for_each(|row| json::line(&json::bed(row)));
    } else {
        let as_at = list.as_at.map_or("no data".to_owned(), |at| store.config.zone.clinical(at));
        table::put(&format!("{} ({}, {}), as at {as_at}", list.name, list.key.ward, list.key.site));
        let rows: Vec<Vec<String>> = list
            .rows
            .iter()
            .map(|row| [vec![row.bed.clone()], row.patient.as_ref().map(cells).unwrap_or_default()].concat())
            .collect();
        table::print(&["Bed", "Name", "Born", "NHS No.", "Allergies", "Alerts"], &rows);
    }
    room.close();
    Ok(Ending::Fine)
}

/// A patient's cells; allergies never blank.
pub fn cells(patient: &WardPatient) -> Vec<String> {
    let allergies = match patient.allergies.is_empty() {
        true => patient.allergy_knowledge.heading().to_owned(),
        false => patient.allergies.join(", "),
    };
    vec![
        patient.name.clone(),
        patient.birth_date.map(|d| d.to_string()).unwrap_or_default(),
        patient.nhs_number.map(|n| n.to_string()).unwrap_or_default(),
        allergies,
        patient.flags.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", "),
    ]
}
