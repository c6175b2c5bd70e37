//! The truth held against what Lifeboat shows, patient by patient.
//!
//! Always through the control room's door, by the numbers a person would type; never by looking into the index.
//! Called by drills (`expect truth`) and the truth test, which also proves that a planted bug is seen.

use crate::truth::{PatientTruth, TruePlace, Truth, class_of};
use care::{Encounter, EncounterStatus, MedicationStatus, PatientRecord};
use control_room::{ControlRoom, Fault};

/// One thing that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Difference {
    pub mrn: String,
    pub what: &'static str,
    pub want: String,
    pub got: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: should be {}, is {}", self.mrn, self.what, self.want, self.got)
    }
}

/// Every difference between the truth and what the control room shows. Empty is good.
pub fn compare(truth: &Truth, room: &ControlRoom) -> Result<Vec<Difference>, Fault> {
    let mut differences = Vec::new();
    for patient in &truth.patients {
        one(patient, truth, room, &mut differences)?;
    }
    Ok(differences)
}

fn one(
    truth: &PatientTruth,
    all: &Truth,
    room: &ControlRoom,
    out: &mut Vec<Difference>,
) -> Result<(), Fault> {
    let mut differ = |what: &'static str, want: String, got: String| {
        if want != got {
            out.push(Difference { mrn: truth.mrn.clone(), what, want, got });
        }
    };
    let Some(key) = room.find_exact(&truth.mrn)? else {
        differ("record", "known".to_owned(), "not found".to_owned());
        return Ok(());
    };
    for other in &truth.mrns {
        if room.find_exact(other)? != Some(key) {
            differ("record", format!("one record with {other}"), "another".to_owned());
        }
    }
    if let Some(into) = &truth.merged_into {
        let survivor = room.find_exact(into)?;
        let raw = room.patient_raw(key)?;
        let got = raw.as_ref().and_then(|record| record.merged_into);
        // Asking by a merged number may give the survivor at once; both readings say that they are one.
        if got != survivor && Some(key) != survivor {
            differ("merged into", into.clone(), format!("{got:?}"));
        }
        return Ok(());
    }
    let Some(record) = room.patient(key)? else {
        differ("record", "shown".to_owned(), "none".to_owned());
        return Ok(());
    };
    if let Some(into) = record.merged_into {
        differ("merged into", "nobody".to_owned(), format!("{into:?}"));
    }
    identity(truth, &record, &mut differ);
    let merged_numbers: Vec<&str> = all
        .patients
        .iter()
        .filter(|p| p.merged_into.as_ref() == Some(&truth.mrn))
        .map(|p| p.mrn.as_str())
        .collect();
    differ("bed", place_words(truth.place.as_ref()), seen_place(&record));
    // "1 tablet(s)" and "1 tablet" are the same dose in words.
    let mut medicines: Vec<(String, String)> = record
        .medications
        .iter()
        .filter(|m| m.status == MedicationStatus::Active)
        .map(|m| (m.medicine.clone(), m.dose.replace("(s)", "")))
        .collect();
    medicines.sort();
    let what = if merged_numbers.is_empty() { "medicines" } else { "medicines (of merged records too)" };
    differ(what, format!("{:?}", truth.medicines), format!("{medicines:?}"));
    Ok(())
}

fn identity(
    truth: &PatientTruth,
    record: &PatientRecord,
    differ: &mut impl FnMut(&'static str, String, String),
) {
    let banner = record.name.as_ref().map(care::PersonName::banner).unwrap_or_default();
    differ("name", truth.banner.clone(), banner);
    differ("birth", format!("{:?}", truth.birth_date), format!("{:?}", record.birth_date));
    differ("sex", format!("{:?}", Some(truth.sex)), format!("{:?}", record.sex));
    differ("NHS number", format!("{:?}", truth.nhs), format!("{:?}", record.nhs_number()));
    differ("died", truth.died.to_string(), record.died.is_some().to_string());
    differ(
        "allergies",
        truth.allergies.heading().to_owned(),
        record.allergies.knowledge.heading().to_owned(),
    );
    let mut substances: Vec<String> = record.allergies.list.iter().map(|a| a.substance.clone()).collect();
    substances.sort();
    differ("substances", truth.substances.join(", "), substances.join(", "));
    let mut flags: Vec<_> =
        record.flags.iter().filter(|flag| flag.active).map(|flag| (flag.kind, flag.text.clone())).collect();
    flags.sort();
    // Two systems may name one alert by different codes; that it is shown twice is no untruth.
    flags.dedup();
    differ("alerts", format!("{:?}", truth.flags), format!("{flags:?}"));
}

fn place_words(place: Option<&TruePlace>) -> String {
    let Some(place) = place else { return "not in hospital".to_owned() };
    let class = class_of(place.class);
    let leave = if place.on_leave { ", on leave" } else { "" };
    format!("{} {} {} {} ({class:?}{leave})", place.site, place.ward, place.room, place.bed)
}

fn seen_place(record: &PatientRecord) -> String {
    let stay = record.current_encounter().or_else(|| on_leave(record));
    let Some(stay) = stay else { return "not in hospital".to_owned() };
    let Some(at) = &stay.location else { return format!("nowhere ({:?})", stay.class) };
    let leave = if stay.status == EncounterStatus::OnLeave { ", on leave" } else { "" };
    format!(
        "{} {} {} {} ({:?}{leave})",
        at.site.as_ref().map_or("", |site| site.as_str()),
        at.ward.as_ref().map_or("", |ward| ward.as_str()),
        at.room.as_deref().unwrap_or(""),
        at.bed.as_deref().unwrap_or(""),
        stay.class
    )
}

fn on_leave(record: &PatientRecord) -> Option<&Encounter> {
    record.encounters.iter().rev().find(|stay| stay.status == EncounterStatus::OnLeave)
}
