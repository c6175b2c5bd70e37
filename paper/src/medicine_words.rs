//! What the summary and the medicines chart say of a medicine: which are listed, how often, last given, next due.
//!
//! Always: what is left out is counted; a dose that was due before the pack was made says so; a dose not given after the
//! last one is told with its reason. Never guesses a next dose. Called by `summary` and `medicines`.

use crate::frame::House;
use crate::words::{self, NOT_RECORDED};
use basics::Moment;
use care::{MedicationRequest, MedicationStatus, PatientRecord};

/// A patient's medicines in the order of the chart.
pub(crate) struct Listed<'a> {
    pub(crate) regular: Vec<&'a MedicationRequest>,
    pub(crate) as_required: Vec<&'a MedicationRequest>,
    pub(crate) on_hold: Vec<&'a MedicationRequest>,
    /// How many stopped, completed, cancelled or mistaken ones are left out.
    pub(crate) ended: usize,
}

impl<'a> Listed<'a> {
    pub(crate) fn shown(&self) -> impl Iterator<Item = &'a MedicationRequest> + '_ {
        self.regular.iter().chain(&self.as_required).chain(&self.on_hold).copied()
    }
}

/// Sorts a patient's medicines.
pub(crate) fn listed(record: &PatientRecord) -> Listed<'_> {
    let mut out = Listed { regular: Vec::new(), as_required: Vec::new(), on_hold: Vec::new(), ended: 0 };
    for medicine in &record.medications {
        match medicine.status {
            MedicationStatus::Active if medicine.as_required => out.as_required.push(medicine),
            MedicationStatus::Active => out.regular.push(medicine),
            MedicationStatus::OnHold => out.on_hold.push(medicine),
            _ => out.ended += 1,
        }
    }
    out
}

/// How often, from the frequency or else the source's own dosage text.
pub(crate) fn how_often(medicine: &MedicationRequest) -> String {
    let text = if medicine.frequency.trim().is_empty() { &medicine.dosage_text } else { &medicine.frequency };
    if text.trim().is_empty() {
        return if medicine.as_required { "as required" } else { "how often not recorded" }.to_owned();
    }
    words::safe_dose(text)
}

/// When the last dose was given, and a later one that was not.
pub(crate) fn last_given(house: &House<'_>, record: &PatientRecord, medicine: &MedicationRequest) -> String {
    let mut text = match medicine.last_given {
        None => NOT_RECORDED.to_owned(),
        Some(at) if medicine.last_given_dose.is_empty() => house.zone.clinical(at),
        Some(at) => format!("{}, {}", house.zone.clinical(at), words::dose(&medicine.last_given_dose)),
    };
    let missed = record.administrations.iter().find(|a| {
        !a.given && !medicine.id.is_empty() && a.request == medicine.id && a.at > medicine.last_given
    });
    if let Some(missed) = missed {
        text.push_str(&format!("; NOT GIVEN {}", words::moment(house.zone, missed.at)));
        if !missed.note.trim().is_empty() {
            text.push_str(&format!(": {}", missed.note));
        }
    }
    text
}

/// When the next dose is due.
pub(crate) struct Due {
    pub(crate) words: String,
    /// The moment was past when the pack was made.
    pub(crate) past: bool,
    pub(crate) at: Option<Moment>,
}

impl Due {
    pub(crate) fn of(house: &House<'_>, medicine: &MedicationRequest) -> Self {
        let at = medicine.next_due();
        match at {
            None if medicine.as_required => Self { words: "As required".to_owned(), past: false, at },
            None => Self { words: NOT_RECORDED.to_owned(), past: false, at },
            Some(due) if due < house.pack.as_at => {
                Self { words: format!("WAS DUE {}", house.zone.clinical(due)), past: true, at }
            }
            Some(due) => Self { words: house.zone.clinical(due), past: false, at },
        }
    }
}
