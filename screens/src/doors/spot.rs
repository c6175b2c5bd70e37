//! Which place, and which patient, an address is about: what the rights bound by places ask.
//!
//! Never: a page read to find it out; a patient's place comes from their record as it stands, and whose a message is from its
//! own numbers.

use crate::desk::Desk;
use crate::entry::concerned::only_one;
use crate::mishap::Mishap;
use crate::names::ward_of;
use access::Patient;
use access::people::Spot;
use basics::EntryNumber;
use care::{PatientKey, PatientRecord};
use std::collections::BTreeMap;

/// Where what an address shows lies, and which patient it shows, where that is one.
///
/// # Errors
/// The record could not be read.
pub fn spot(
    desk: &Desk,
    address: &str,
    parts: &BTreeMap<String, String>,
) -> Result<(Spot, Option<Patient>), Mishap> {
    let part = |name: &str| parts.get(name).map_or("", String::as_str);
    match address.split('/').nth(1).unwrap_or("") {
        "wards" | "print" => {
            let ward = ward_of(part("site"), part("ward"));
            Ok((ward.map_or(Spot::Trust, |ward| Spot::Ward(ward.site, ward.ward)), None))
        }
        "patients" | "break-glass" => {
            let key = if part("key").is_empty() { part("patient") } else { part("key") };
            of_patient(desk, key.parse().ok().map(PatientKey))
        }
        "s" => of_patient(desk, desk.screens().shelf.sheet(part("code"))),
        "tray" => of_entry(desk, part("entry").parse().ok()),
        "entries" => of_entry(desk, part("number").parse().ok()),
        _ => Ok((Spot::Trust, None)),
    }
}

fn of_patient(desk: &Desk, key: Option<PatientKey>) -> Result<(Spot, Option<Patient>), Mishap> {
    let Some(key) = key else { return Ok((Spot::Nowhere, None)) };
    let record = desk.screens().room.patient(key).map_err(Mishap::room("see where this patient lies"))?;
    // Glass is broken for a person, whichever of their merged records is asked for.
    Ok(record.map_or((Spot::Nowhere, None), |record| (place_of(&record), Some(Patient(record.key.0)))))
}

/// Where somebody lies.
pub fn place_of(record: &PatientRecord) -> Spot {
    let location = record.current_encounter().and_then(|encounter| encounter.location.as_ref());
    match location.map(|location| (location.site.clone(), location.ward.clone())) {
        Some((Some(site), Some(ward))) => Spot::Ward(site, ward),
        Some((Some(site), None)) => Spot::Site(site),
        _ => Spot::Nowhere,
    }
}

/// A message about one patient alone lies on the ward where they lie, and opens by the glass that is broken for them; any
/// other where its feed belongs. A feed of the whole trust belongs to no single place.
fn of_entry(desk: &Desk, number: Option<u64>) -> Result<(Spot, Option<Patient>), Mishap> {
    let room = &desk.screens().room;
    let Some(number) = number.map(EntryNumber) else { return Ok((Spot::Trust, None)) };
    let entry = room.entry(number).map_err(Mishap::room("see where this message belongs"))?;
    let Some(entry) = entry else { return Ok((Spot::Trust, None)) };
    let (spot, patient) = match only_one(room, &entry) {
        Some(key) => of_patient(desk, Some(key))?,
        None => (Spot::Trust, None),
    };
    if matches!(spot, Spot::Ward(..)) {
        return Ok((spot, patient));
    }
    let feed = room.feeds().into_iter().find(|feed| feed.name == entry.feed);
    Ok((feed.and_then(|feed| feed.site).map_or(Spot::Trust, Spot::Site), patient))
}
