//! Clinic appointments and theatre bookings (SIU messages, FHIR Appointment).

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
