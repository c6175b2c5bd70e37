//! What came of a message: facts, problems, and what the tray and the duplicates' table need to know.

use crate::PlaceName;
use basics::{EntryNumber, FeedName, Moment};
use care::{Fact, Problem, ProblemKind};

/// The entry being translated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// Its number in the feed book.
    pub entry: EntryNumber,
    /// When it was received.
    pub received: Moment,
    /// By which feed.
    pub feed: FeedName,
}

/// Who sent a message and under which number (MSH-3, MSH-4, MSH-10).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Control {
    pub sender: String,
    pub facility: String,
    pub control_id: String,
}

/// How much was understood.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// All that concerns care.
    Understood,
    /// Facts were taken and something was lost: it goes to the tray too.
    PartLost,
    /// Nothing could be taken: it waits in the tray.
    NotUnderstood,
}

/// What a message says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Translation {
    /// In the order in which they are to be applied.
    pub facts: Vec<Fact>,
    /// What was odd or lost; never contains the patient's data.
    pub problems: Vec<Problem>,
    /// "ADT^A01", "Bundle/transaction", "Patient"; empty when not even that could be read.
    pub message_type: String,
    /// HL7 only.
    pub control: Option<Control>,
    /// When the sender says that it was sent.
    pub sent_at: Option<Moment>,
    /// Places that it names (FHIR Location): to be fed to the feed's `LocationMap::learn_place`.
    pub places: Vec<PlaceName>,
}

impl Translation {
    /// How much was understood.
    pub fn outcome(&self) -> Outcome {
        match self.problems.iter().map(|p| p.kind).max() {
            Some(ProblemKind::NotUnderstood) if self.facts.is_empty() => Outcome::NotUnderstood,
            Some(ProblemKind::NotUnderstood | ProblemKind::PartLost) => Outcome::PartLost,
            _ => Outcome::Understood,
        }
    }

    /// A translation that holds nothing but the reason why.
    pub(crate) fn not_understood(place: &str, text: &str) -> Self {
        let mut translation = Self::default();
        translation.problem(ProblemKind::NotUnderstood, place, text);
        translation
    }

    pub(crate) fn problem(&mut self, kind: ProblemKind, place: &str, text: &str) {
        // A message can be wrong in a thousand places; a person reads the first ones.
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { kind, place: place.to_owned(), text: text.to_owned() });
        }
    }
}

/// Most problems told about one message.
pub(crate) const PROBLEMS_MAX: usize = 40;
