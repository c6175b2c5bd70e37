//! Facts: what a message says about a patient, one small statement each, citing the entry that it came from.

use crate::special_lists::Listing;
use crate::{
    Allergies, AllergyIntolerance, Appointment, Condition, Contact, DiagnosticReport, DocumentReference,
    EncounterStep, Flag, Identifier, MedicationAdministration, MedicationRequest, Observation, PersonName,
    ServiceRequest, Sex, patient::Address, patient::Telecom,
};
use basics::{EntryNumber, FeedName, Moment, PartialDate};
use serde::{Deserialize, Serialize};

/// Where a fact comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cite {
    /// The entry of the feed book that holds the message.
    pub entry: EntryNumber,
    /// The source's time: when the sender says the thing happened or was recorded; when received, if it does not say.
    pub at: Moment,
    /// When Lifeboat received it.
    pub received: Moment,
    /// The feed it came by.
    pub feed: FeedName,
}

/// Whom a fact is about, as the sender named them: strongest identifiers first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct About {
    /// All identifiers in the message.
    pub identifiers: Vec<Identifier>,
}

/// A change to one value: senders leave fields out, fill them, or say they are to be emptied (HL7's `""`).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Update<T> {
    /// The sender said nothing.
    #[default]
    Keep,
    /// The sender said that there is none any more.
    Clear,
    /// The sender gave a value.
    Set(T),
}

impl<T> Update<T> {
    /// Applies the change to `target`.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Update::Keep => {}
            Update::Clear => *target = None,
            Update::Set(value) => *target = Some(value),
        }
    }
}

/// One statement about one patient.
#[derive(Clone, PartialEq, Debug)]
pub struct Fact {
    /// Whom it is about.
    pub about: About,
    /// Where it comes from.
    pub cite: Cite,
    /// What is said.
    pub what: What,
}

/// Who the patient is; every field says whether the sender meant to change it.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Demographics {
    /// Said by a list that may be days old: it only fills what nothing is known about, and adds telephone numbers.
    pub only_fills: bool,
    pub name: Update<PersonName>,
    pub other_names: Vec<PersonName>,
    pub birth_date: Update<PartialDate>,
    pub sex: Update<Sex>,
    /// `Set(None)`: dead, moment not known.
    pub died: Update<Option<Moment>>,
    pub address: Update<Address>,
    /// Replaces all numbers when not empty, but for those that a list added; from a list, joins them.
    pub telecoms: Vec<Telecom>,
    pub language: Update<String>,
    pub interpreter_needed: Update<bool>,
    pub religion: Update<String>,
    pub ethnicity: Update<String>,
    pub gp: Update<String>,
    pub gp_practice: Update<String>,
}

/// What a fact says.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// The patient exists under these identifiers, and is called so.
    Person(Box<Demographics>),
    /// The record under `prior` is the same person as the subject, who survives (A18, A34, A40 …).
    Merge {
        /// Identifiers of the record that is merged away.
        prior: Vec<Identifier>,
    },
    /// A merge was wrong and is undone: the record under `prior` is a person of its own again (A37 and feeds' own ways).
    Unmerge {
        /// Identifiers of the record that had been merged away.
        prior: Vec<Identifier>,
    },
    /// The prior number is now written as the subject's (A47, A46 …): the same record gets a new number.
    Renumber {
        /// The identifier that is no longer used.
        prior: Vec<Identifier>,
    },
    /// Numbers were filed under the wrong person and belong to the subject (A43).
    MoveNumbers {
        /// The identifiers that move.
        numbers: Vec<Identifier>,
    },
    /// A visit was filed under the wrong person and belongs to the subject (A45, A44 where it names the visit).
    MoveVisit {
        /// Identifiers of the person it was filed under.
        prior: Vec<Identifier>,
        /// Its visit number.
        visit: String,
    },
    /// A visit's number changed (A50), or two visits were one (A42): what was told under the prior number belongs to
    /// the other.
    RenumberVisit {
        /// The visit number that is no longer used.
        prior: String,
        /// The one that is.
        visit: String,
    },
    /// A step in a stay, attendance or visit.
    Encounter(Box<EncounterStep>),
    /// All allergies as the sender knows them now (a snapshot replaces what this feed said before).
    Allergies(Allergies),
    /// One allergy was added or changed.
    Allergy(AllergyIntolerance),
    /// One allergy was withdrawn, named by code or substance text.
    AllergyRemoved(AllergyIntolerance),
    /// An alert: resuscitation, infection, falls, safeguarding …
    Flag(Flag),
    /// A problem or diagnosis.
    Condition(Condition),
    /// A prescription, new or changed.
    Medication(Box<MedicationRequest>),
    /// A dose given, withheld or refused.
    Administration(MedicationAdministration),
    /// A vital sign or other single observation.
    Observation(Box<Observation>),
    /// A report with its results, new or corrected.
    Report(Box<DiagnosticReport>),
    /// An order, new or changed.
    Order(Box<ServiceRequest>),
    /// A letter, scan or other document; the bytes stay in the cited entry.
    Document(Box<DocumentReference>),
    /// An appointment, new or changed.
    Appointment(Box<Appointment>),
    /// A service's list names them: on a treatment that must not lapse.
    Listed(Box<Listing>),
    /// Next of kin and other contacts (a snapshot replaces what was known).
    Contacts(Vec<Contact>),
    /// One contact, told apart from the others: joins them, or takes the place of the same person told before.
    Contact(Box<Contact>),
}

impl What {
    /// Whether it says which of a patient's numbers is in use now. A booking does not, and a list may be days old.
    pub fn tells_number_in_use(&self) -> bool {
        match self {
            What::Person(said) => !said.only_fills,
            What::Appointment(_) | What::Listed(_) => false,
            _ => true,
        }
    }
}
