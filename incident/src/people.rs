//! Who did what, when, in which incident: the few small types on every line of the incident book.
//!
//! Always: the order of things is that of their entry numbers, whatever the clock did.
//! Used by every module.

use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use basics::Person;

/// An incident's number, counted from 1 in the order in which they were opened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct IncidentId(pub u32);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "incident {}", self.0)
    }
}

/// Whether something is so, or is so only in an exercise: what is practised never changes what is shown as real.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Ground {
    /// It is so.
    #[default]
    Real,
    /// It is so only within this exercise.
    Exercise(IncidentId),
}

impl Ground {
    /// The word across a page: "EXERCISE", or nothing.
    pub fn watermark(self) -> Option<&'static str> {
        matches!(self, Self::Exercise(_)).then_some("EXERCISE")
    }
}

/// Where, when and by whom something entered the book. Order by `entry`, never by `at`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The entry of the incident book; also its number in the log.
    pub entry: EntryNumber,
    /// What the clock said.
    pub at: Moment,
    /// Who.
    pub by: Person,
}
