//! Patients and wards: what is known about each person in the hospital's care, and nothing about the incident.
//!
//! Pure: facts go in, records and lists come out. No clock, no disk, no randomness. Every fact cites the entry of the
//! feed book that it came from; the same facts in the same order always give the same records.
//! Called by `translate` (makes facts), `control_room` (keeps records), `screens` and `paper` (show them).

pub mod apply;
pub mod appointments;
pub mod clinics;
pub mod encounters;
pub mod fact;
pub mod fold;
mod form_fault;
pub mod identity;
pub mod medicines;
pub mod news2;
pub mod notices;
pub mod patient;
pub mod problems;
pub mod results;
pub mod special_lists;
pub mod ward_list;
pub mod ward_pack;

pub use appointments::{Appointment, AppointmentStatus};
pub use encounters::{Encounter, EncounterClass, EncounterStatus, EncounterStep, Location, Move};
pub use fact::{About, Cite, Fact, Update, What};
pub use fold::fold;
pub use identity::{Identifier, IdentifierKind, PatientKey, Resolution, resolve};
pub use medicines::{MedicationAdministration, MedicationRequest, MedicationStatus};
pub use patient::{Address, Contact, PatientRecord, PersonName, Sex, Telecom};
pub use problems::{
    Allergies, AllergyIntolerance, AllergyKnowledge, Condition, Flag, FlagKind, Problem, ProblemKind,
    Severity,
};
pub use results::{
    AbnormalFlag, DiagnosticReport, DocumentReference, Observation, OrderStatus, ResultStatus,
    ServiceRequest, Value,
};
