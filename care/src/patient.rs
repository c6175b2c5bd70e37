//! A patient's record: everything that is known about one person, section by section, each citing its source.

use crate::special_lists::Listing;
use crate::{
    Allergies, Appointment, Cite, Condition, DiagnosticReport, DocumentReference, Encounter, Flag,
    Identifier, MedicationAdministration, MedicationRequest, Observation, PatientKey, ServiceRequest,
};
use basics::{Moment, NhsNumber, PartialDate};
use serde::{Deserialize, Serialize};

/// A person's name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PersonName {
    pub family: String,
    /// Given names in order, the first being the usual one.
    pub given: Vec<String>,
    /// "Mrs", "Dr"; empty when not known.
    pub prefix: String,
    pub suffix: String,
}

impl PersonName {
    /// As on a patient banner: `SMITH, Fredrica (Mrs)` (NHS Common User Interface guidance).
    pub fn banner(&self) -> String {
        let mut out = self.family.to_uppercase();
        if out.is_empty() {
            out.push_str("NAME NOT RECORDED");
        }
        if !self.given.is_empty() {
            out.push_str(", ");
            out.push_str(&self.given.join(" "));
        }
        if !self.prefix.is_empty() {
            out.push_str(&format!(" ({})", self.prefix));
        }
        out
    }
}

/// Administrative gender, as recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Sex {
    Female,
    Male,
    Other,
    /// Said by the sender to be unknown.
    Unknown,
}

impl Sex {
    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Sex::Female => "Female",
            Sex::Male => "Male",
            Sex::Other => "Other",
            Sex::Unknown => "Unknown",
        }
    }
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Address {
    pub lines: Vec<String>,
    pub postcode: String,
}

/// A telephone number or mail address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Telecom {
    /// "home", "mobile", "work", "email"; empty when not said.
    pub use_: String,
    /// The number or address as sent.
    pub value: String,
}

/// Next of kin, carer or other contact.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Contact {
    pub name: PersonName,
    /// "Spouse", "Mother"; as sent.
    pub relationship: String,
    pub telecoms: Vec<Telecom>,
    /// Whether the sender calls them next of kin.
    pub next_of_kin: bool,
}

/// Everything known about one patient. Built only by applying facts in order (see `apply`).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PatientRecord {
    pub key: PatientKey,
    /// All identifiers ever given, the newest of a kind and assigner first.
    pub identifiers: Vec<Identifier>,
    pub name: Option<PersonName>,
    pub other_names: Vec<PersonName>,
    pub birth_date: Option<PartialDate>,
    pub sex: Option<Sex>,
    /// Dead: `Some(None)` when the moment is not known.
    pub died: Option<Option<Moment>>,
    pub address: Option<Address>,
    pub telecoms: Vec<Telecom>,
    /// Values of those telecoms that only lists of bookings gave: a message that names others does not take them away.
    pub telecoms_listed: Vec<String>,
    pub language: Option<String>,
    pub interpreter_needed: Option<bool>,
    pub religion: Option<String>,
    pub ethnicity: Option<String>,
    pub gp: Option<String>,
    pub gp_practice: Option<String>,
    pub contacts: Vec<Contact>,
    /// The record that this one was merged into; its facts are then shown there.
    pub merged_into: Option<PatientKey>,
    /// Records that were merged into this one.
    pub merged_from: Vec<PatientKey>,
    pub encounters: Vec<Encounter>,
    pub allergies: Allergies,
    pub flags: Vec<Flag>,
    pub conditions: Vec<Condition>,
    pub medications: Vec<MedicationRequest>,
    /// Newest first, bounded.
    pub administrations: Vec<MedicationAdministration>,
    /// Vital signs and single observations, newest first, bounded.
    pub observations: Vec<Observation>,
    /// Reports, newest first, bounded.
    pub reports: Vec<DiagnosticReport>,
    pub orders: Vec<ServiceRequest>,
    pub documents: Vec<DocumentReference>,
    pub appointments: Vec<Appointment>,
    /// What services' own lists say of them.
    pub listings: Vec<Listing>,
    /// The newest fact of each section, for "as at".
    pub as_at: SectionTimes,
}

/// When each section was last told anything, and by which entry.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SectionTimes {
    pub any: Option<Cite>,
    pub person: Option<Cite>,
    /// When a list of bookings last said who the patient is; beside a message that is no news.
    pub listed: Option<Cite>,
    pub encounters: Option<Cite>,
    pub allergies: Option<Cite>,
    pub flags: Option<Cite>,
    pub conditions: Option<Cite>,
    pub medications: Option<Cite>,
    pub observations: Option<Cite>,
    pub reports: Option<Cite>,
    pub orders: Option<Cite>,
    pub documents: Option<Cite>,
    pub appointments: Option<Cite>,
}

impl SectionTimes {
    /// What the patient's name and telephone numbers came from: the newest message, else a list of bookings.
    pub fn who(&self) -> Option<&Cite> {
        self.person.as_ref().or(self.listed.as_ref())
    }
}

impl PatientRecord {
    /// The NHS number given last, if any.
    pub fn nhs_number(&self) -> Option<NhsNumber> {
        self.identifiers.iter().find_map(Identifier::nhs_number)
    }

    /// Hospital numbers, newest first.
    pub fn mrns(&self) -> impl Iterator<Item = &str> {
        self.identifiers.iter().filter(|i| i.kind == crate::IdentifierKind::Mrn).map(|i| i.value.as_str())
    }

    /// The stay or attendance that says where the patient is now: of those open (on leave counts, the bed is held), a
    /// stay before an attendance before a clinic visit, and the latest of equals.
    pub fn current_encounter(&self) -> Option<&crate::Encounter> {
        self.encounters.iter().filter(|e| e.is_open()).max_by_key(|e| (e.weight(), e.began()))
    }
}
