//! Which booking is meant, and how it stood when somebody first decided about it.
//!
//! Always: a key outlives merges, for it names the record that the booking came to, whoever that record was merged into
//! since; what counts are made of is sealed with the decision, so that they add up whatever a feed says later. Used by
//! every module here; proved by `tests/clinics_decisions.rs`.

use super::rebooking::Latest;
use crate::appointments::{Case, TriageRules, Verdict};
use crate::problems::folded;
use crate::{Appointment, PatientKey, PatientRecord};
use basics::{Moment, SiteId, Zone};
use planning::clinics::Class;
use serde::{Deserialize, Serialize};

/// A booking: the record to which it came, and the sender's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BookingKey {
    /// The record itself, not the one that it was merged into.
    pub patient: PatientKey,
    /// The sender's number; of a booking without one, its time and clinic.
    pub id: String,
}

/// Longest number of a booking, in bytes, that a key keeps.
const ID_BYTES_MAX: usize = 200;

impl BookingKey {
    /// The key of a record's booking.
    pub fn of(patient: PatientKey, booking: &Appointment) -> Self {
        let id = match (booking.id.as_str(), booking.start) {
            ("", Some(start)) => format!("at {} {}", start.rfc3339(), booking.clinic),
            ("", None) => format!("at no time {}", booking.clinic),
            (id, _) => id.to_owned(),
        };
        Self { patient, id: basics::clip(&id, ID_BYTES_MAX).to_owned() }
    }

    /// For an address or a form: "17.B-2201".
    pub fn text(&self) -> String {
        format!("{}.{}", self.patient.0, self.id)
    }

    /// Reads it back.
    pub fn parse(text: &str) -> Option<Self> {
        let (patient, id) = text.split_once('.')?;
        let fits = !id.is_empty() && id.len() <= ID_BYTES_MAX;
        fits.then_some(Self { patient: PatientKey(patient.parse().ok()?), id: id.to_owned() })
    }
}

impl std::fmt::Debug for BookingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BookingKey({})", self.patient.0)
    }
}

/// A booking as it stood when somebody first decided about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was to be.
    pub start: Moment,
    /// Minutes, where known.
    pub minutes: Option<u32>,
    /// Where.
    pub site: Option<SiteId>,
    /// Service in the sender's words.
    pub service: String,
    /// Clinic in the sender's words.
    pub clinic: String,
    /// Its class by the rules of that moment.
    pub class: Class,
    /// Whether a cancer clock runs or cancer is suspected.
    pub urgent_cancer: bool,
    /// How often it was cancelled before.
    pub cancelled_before: u32,
    /// By when it must be made up for.
    pub latest: Latest,
    /// The NHS number, else a hospital number: for whoever reads the book alone.
    pub number: String,
}

impl Snapshot {
    /// The booking as triage sees it. `None` for a booking without a time: it stands on no day's list.
    pub fn of(
        record: &PatientRecord,
        booking: &Appointment,
        case: &Case,
        verdict: &Verdict,
        rules: &TriageRules,
        zone: &Zone,
    ) -> Option<Self> {
        let start = booking.start?;
        let number = record.nhs_number().map(|n| n.digits().to_owned());
        Some(Self {
            start,
            minutes: booking.minutes,
            site: booking.site.clone(),
            service: booking.service.clone(),
            clinic: booking.clinic.clone(),
            class: verdict.class,
            urgent_cancer: urgent_cancer(case, verdict),
            cancelled_before: case.cancelled_before,
            latest: Latest::of(booking, verdict.class, &rules.thresholds, zone),
            number: number.or_else(|| record.mrns().next().map(str::to_owned)).unwrap_or_default(),
        })
    }

    /// What people call the list: clinic, else service.
    pub fn list(&self) -> &str {
        if self.clinic.is_empty() { &self.service } else { &self.clinic }
    }
}

/// A cancer clock runs, or the booking's kind, priority or words speak of suspected cancer.
pub fn urgent_cancer(case: &Case, verdict: &Verdict) -> bool {
    let said = |text: &str| {
        let words = format!(" {} ", folded(text));
        ["2ww", "two week wait", "suspected cancer"].iter().any(|w| words.contains(&format!(" {w} ")))
    };
    case.faster_diagnosis_day.is_some()
        || case.cancer_treatment_day.is_some()
        || verdict.kind.as_deref().is_some_and(said)
        || said(&case.priority)
        || said(&case.kind)
        || case.words.iter().any(|w| said(w))
}
