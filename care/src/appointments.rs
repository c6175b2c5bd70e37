//! Clinic appointments and theatre bookings (SIU messages, FHIR Appointment, sheets), and which of them can be kept.
//!
//! The rules are words of `forms/clinics` (`format`); `triage` says a booking's class and whether it can be done, and why;
//! `day_plan` proposes, and people decide.

mod day_plan;
mod format;
mod on_record;
mod rules;
mod shipped;
mod triage;
mod works;

pub use day_plan::{Booked, DayList, DayPlan, Proposal, Step, plan};
pub use format::{RuleFault, RulesFault, read_all};
pub use on_record::case_of;
pub use rules::{KINDS_MAX, Kind, NAMES_MAX, SYSTEMS_MAX, SystemRule, Thresholds, TriageRules};
pub use shipped::shipped;
pub use triage::{Case, Ground, Rule, Verdict, triage};
pub use works::{SystemWorks, Works};

use crate::Cite;
use basics::{Moment, PartialDate, SiteId};
use serde::{Deserialize, Serialize};

/// Where an appointment stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AppointmentStatus {
    #[default]
    Booked,
    Rescheduled,
    Cancelled,
    Deleted,
    Arrived,
    Completed,
    DidNotAttend,
    /// On a list that says nothing of its state.
    Listed,
}

impl AppointmentStatus {
    /// The words on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Booked => "Booked",
            Self::Rescheduled => "Rescheduled",
            Self::Cancelled => "Cancelled",
            Self::Deleted => "Deleted",
            Self::Arrived => "Arrived",
            Self::Completed => "Completed",
            Self::DidNotAttend => "Did not attend",
            Self::Listed => "Listed",
        }
    }
}

/// An appointment.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Appointment {
    /// The sender's number (SCH-1 or SCH-2, FHIR id).
    pub id: String,
    pub status: AppointmentStatus,
    pub start: Option<Moment>,
    pub minutes: Option<u32>,
    pub site: Option<SiteId>,
    pub clinic: String,
    pub clinician: String,
    pub service: String,
    pub reason: String,
    pub priority: String,
    pub note: String,
    /// When the patient was referred.
    pub referred: Option<PartialDate>,
    /// When the 28-day faster diagnosis clock began, while it runs.
    pub faster_diagnosis_from: Option<PartialDate>,
    /// When the clock from referral to cancer treatment began, while it runs.
    pub cancer_treatment_from: Option<PartialDate>,
    /// How often it was cancelled before.
    pub cancelled_before: Option<u32>,
    pub cite: Option<Cite>,
}
