//! Stays, attendances and visits, and where the patient is: bed by bed, step by step, with the steps taken back.

use crate::{Cite, Update};
use basics::{Moment, SiteId, WardId};
use serde::{Deserialize, Serialize};

/// A place: a bed on a ward, a bay in the emergency department, a theatre. Parts the sender left out are `None`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Location {
    pub site: Option<SiteId>,
    pub ward: Option<WardId>,
    pub room: Option<String>,
    pub bed: Option<String>,
    /// The location exactly as sent, for the location map and for the reader who wonders.
    pub sent: String,
}

/// Inpatient, emergency, outpatient …
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EncounterClass {
    Inpatient,
    Emergency,
    Outpatient,
    DayCase,
    Preadmission,
    #[default]
    Other,
}

impl EncounterClass {
    /// HL7 table 0004's letter: I, E, O, D (day case; local), P, U.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Inpatient => "I",
            Self::Emergency => "E",
            Self::Outpatient => "O",
            Self::DayCase => "D",
            Self::Preadmission => "P",
            Self::Other => "U",
        }
    }
}

/// FHIR's encounter status, as far as a ward needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EncounterStatus {
    Planned,
    #[default]
    InProgress,
    /// On leave (A21): the bed is kept.
    OnLeave,
    Finished,
    Cancelled,
}

/// What a message says happened to an encounter. HL7's triggers are named beside each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Move {
    /// A01, A04 (with its class): arrived and admitted or registered.
    Admit,
    /// A05, A14: expected.
    Preadmit,
    /// A02: moved to another place; also A06 and A07, with the new class.
    Transfer,
    /// A17: swapped beds; each of the two patients gets one of these.
    Swap,
    /// A03.
    Discharge,
    /// A16: discharge expected.
    PendDischarge,
    /// A15: transfer expected.
    PendTransfer,
    /// A21.
    Leave,
    /// A22.
    Return,
    /// A09: departed for a temporary place.
    Depart,
    /// A10: arrived at a temporary or new place.
    Arrive,
    /// A11, A23: the admission never was, or its record is deleted.
    CancelAdmit,
    /// A27, A38: no longer expected.
    CancelPreadmit,
    /// A12: the transfer never was; back to where the message says, or to the place before.
    CancelTransfer,
    /// A13: the discharge never was.
    CancelDischarge,
    /// A25, A26, A52, A53, A32, A33: a pending step, leave or tracking step is taken back.
    CancelOther,
    /// A08, A31 and everything else that only updates details.
    Amend,
    /// A result, order or document names the stay in passing: it fills what nobody has told, and never moves anybody.
    Mention,
}

/// One step of an encounter as told by a message.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct EncounterStep {
    pub step: Move,
    /// The sender's visit number (PV1-19); a step without one means the patient's current encounter.
    pub visit: Option<String>,
    pub class: Option<EncounterClass>,
    /// Explicit status where the source has one (FHIR); HL7 derives it from `step`.
    pub status: Option<EncounterStatus>,
    pub location: Update<Location>,
    pub prior_location: Option<Location>,
    pub temporary_location: Update<Location>,
    pub pending_location: Update<Location>,
    pub admitted: Update<Moment>,
    pub discharged: Update<Moment>,
    pub expected_discharge: Update<Moment>,
    pub reason: Update<String>,
    pub service: Update<String>,
    pub attending: Update<String>,
    pub consultant: Update<String>,
    pub discharge_to: Update<String>,
}

impl Location {
    /// The same bed (or room, or ward, as far as both go), however it was written.
    pub fn same_place(&self, other: &Location) -> bool {
        self.ward == other.ward && self.room == other.room && self.bed == other.bed
    }
}

impl EncounterStep {
    /// A step that says nothing else yet.
    pub fn new(step: Move) -> Self {
        Self {
            step,
            visit: None,
            class: None,
            status: None,
            location: Update::Keep,
            prior_location: None,
            temporary_location: Update::Keep,
            pending_location: Update::Keep,
            admitted: Update::Keep,
            discharged: Update::Keep,
            expected_discharge: Update::Keep,
            reason: Update::Keep,
            service: Update::Keep,
            attending: Update::Keep,
            consultant: Update::Keep,
            discharge_to: Update::Keep,
        }
    }
}

/// A stay, attendance or visit as it stands.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Encounter {
    pub visit: Option<String>,
    pub class: EncounterClass,
    pub status: EncounterStatus,
    pub location: Option<Location>,
    /// In theatre, X-ray …: the bed is kept.
    pub temporary_location: Option<Location>,
    pub pending_location: Option<Location>,
    pub admitted: Option<Moment>,
    pub discharged: Option<Moment>,
    pub expected_discharge: Option<Moment>,
    pub reason: Option<String>,
    pub service: Option<String>,
    pub attending: Option<String>,
    pub consultant: Option<String>,
    pub discharge_to: Option<String>,
    /// Places left behind, oldest first, bounded; a cancelled transfer goes back to the last.
    pub places: Vec<(Moment, Location)>,
    pub cite: Option<Cite>,
    /// Source time of the newest word about the place: older words go to `places` only.
    pub placed_at: Option<Moment>,
    /// Source time of the newest step that opened, closed or cancelled the stay: older ones cannot undo it.
    pub stepped_at: Option<Moment>,
    /// Known only because a result, order or document named it; no admission was ever told.
    pub mention: bool,
    /// Closed because a later admission took its place, not by a discharge.
    pub superseded: bool,
}

impl Encounter {
    /// In progress or on leave: the bed is held.
    pub fn is_open(&self) -> bool {
        matches!(self.status, EncounterStatus::InProgress | EncounterStatus::OnLeave)
    }

    /// When it began, as far as is known: the admission, or the first word about it if that is earlier (some senders
    /// date an admission by its plan).
    pub fn began(&self) -> Option<Moment> {
        let told = self.places.first().map(|(at, _)| *at).or(self.placed_at).or(self.stepped_at);
        match (self.admitted, told) {
            (Some(a), Some(t)) => Some(a.min(t)),
            (a, t) => a.or(t),
        }
    }

    /// Whether it puts the patient on a ward's list: open, on a known ward, and either a stay or an attendance, or an
    /// outpatient whom an admission message (not a passing mention) put there.
    pub fn on_ward(&self) -> bool {
        self.is_open()
            && self.location.as_ref().is_some_and(|l| l.ward.is_some())
            && (self.class != EncounterClass::Outpatient
                || !self.mention && self.location.as_ref().is_some_and(|l| l.bed.is_some()))
    }

    /// Which of two open encounters says where the patient is: a stay before an attendance before a clinic visit.
    pub(crate) fn weight(&self) -> u8 {
        match (self.mention, self.class) {
            (true, _) => 0,
            (_, EncounterClass::Outpatient | EncounterClass::Preadmission) => 1,
            (_, EncounterClass::Other) => 2,
            (_, EncounterClass::Emergency) => 3,
            (_, EncounterClass::DayCase) => 4,
            (_, EncounterClass::Inpatient) => 5,
        }
    }
}
