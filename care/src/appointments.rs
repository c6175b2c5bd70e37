//! Clinic appointments and theatre bookings (SIU messages, FHIR Appointment, sheets), and which of them can be kept.
//!
//! The rules are words of `forms/clinics` (`format`); `triage` says a booking's class and whether it can be done, and why;
//! `day_plan` proposes, and people decide.

mod day_plan;
mod format;
mod rules;
mod shipped;
mod triage;
mod works;

pub use day_plan::{Booked, DayList, DayPlan, Proposal, Step, plan};
pub use format::{RuleFault, RulesFault, read_all};
pub use rules::{KINDS_MAX, Kind, NAMES_MAX, SYSTEMS_MAX, SystemRule, Thresholds, TriageRules};
pub use shipped::shipped;
pub use triage::{Case, Ground, Rule, Verdict, triage};
pub use works::{SystemWorks, Works};

use crate::Cite;
use basics::{Moment, SiteId};
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
    pub cite: Option<Cite>,
}
