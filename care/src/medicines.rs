//! Medicines: what is prescribed, what was given last, and what is due next.

use crate::Cite;
use basics::Moment;
use serde::{Deserialize, Serialize};

/// Where a prescription stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum MedicationStatus {
    #[default]
    Active,
    OnHold,
    Completed,
    Stopped,
    Cancelled,
    EnteredInError,
}

/// A prescription. Dose and units stay as sent, never rounded.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MedicationRequest {
    /// The sender's key (placer order number, FHIR id).
    pub id: String,
    pub code: String,
    /// Generic name as sent.
    pub medicine: String,
    /// Dose with its unit, safely written: "0.5 mg", "1 g", "100 micrograms".
    pub dose: String,
    pub route: String,
    pub form: String,
    /// "Four times a day", "every 6 hours"; as sent, or put in words from the source's timing.
    pub frequency: String,
    /// Hours between doses where the source makes that certain; `None` for as-required and odd timings.
    pub interval_hours: Option<f64>,
    pub as_required: bool,
    pub indication: String,
    /// The source's own dosage text, shown when parts are missing.
    pub dosage_text: String,
    pub prescriber: String,
    pub status: MedicationStatus,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub last_given: Option<Moment>,
    pub last_given_dose: String,
    pub cite: Option<Cite>,
}

impl MedicationRequest {
    /// When the next dose falls due, if the source makes that certain: last given plus the interval, or the start
    /// when none was given yet. Never guessed for as-required medicines.
    pub fn next_due(&self) -> Option<Moment> {
        if self.as_required || self.status != MedicationStatus::Active {
            return None;
        }
        let hours = self.interval_hours?;
        match self.last_given {
            #[allow(clippy::cast_possible_truncation)]
            Some(given) => Some(given.plus_seconds((hours * 3600.0) as i64)),
            None => self.start,
        }
    }
}

/// A dose given, or not.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MedicationAdministration {
    pub id: String,
    /// Key of the prescription, when the source names it.
    pub request: String,
    pub medicine: String,
    pub dose: String,
    pub route: String,
    pub at: Option<Moment>,
    /// False: withheld, refused or not done, with the reason in `note`.
    pub given: bool,
    pub note: String,
    pub cite: Option<Cite>,
}
