//! The clinic book as a picture: every decision about a booking and what became of it, folded in the order of entries.
//!
//! `decide` answers what a person wants done with facts or a refusal; the caller seals the facts as one entry and hands
//! it to `fold`. Always: the same entries give the same picture; what is practised in an exercise has a picture of its
//! own. Never: a clock read. Called by `control_room`; proved by `tests/clinics_decisions.rs`.

use super::booking::{BookingKey, Snapshot};
use super::decisions::{Choice, Decision, Escalation};
use super::door::Arrived;
use super::rebooking::{Capacity, Rebooked};
use super::telling::{Notice, Preference, Told};
use super::{decisions, door, rebooking, telling};
use crate::PatientKey;
use basics::{EntryNumber, Moment, Person, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Within which exercise something is so, by the incident's number; `None`: it is so.
pub type Practice = Option<u32>;

/// Where, when and by whom something entered the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The entry of the clinic book.
    pub entry: EntryNumber,
    /// What the clock said.
    pub at: Moment,
    /// Who.
    pub by: Person,
}

/// One person's act, as it is sealed: one entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub by: Person,
    /// Within which exercise.
    pub practice: Practice,
    /// What thereby became so; never empty.
    pub facts: Vec<Fact>,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident => $module:ident),+ $(,)?) => {
        /// What a person wants done. Refused with a [`Refusal`], or sealed as facts.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Intent { $($(#[$doc])* $name(crate::clinics::$module::Intent)),+ }

        /// What became so, one small statement each.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub enum Fact { $($(#[$doc])* $name(crate::clinics::$module::Fact)),+ }

        /// Why something was not done: a sentence that says what to do instead.
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error(transparent)] $name(#[from] crate::clinics::$module::Refusal)),+
        }

        $(
            impl From<crate::clinics::$module::Fact> for Fact {
                fn from(fact: crate::clinics::$module::Fact) -> Self {
                    Self::$name(fact)
                }
            }

            impl From<crate::clinics::$module::Intent> for Intent {
                fn from(intent: crate::clinics::$module::Intent) -> Self {
                    Self::$name(intent)
                }
            }
        )+

        /// What would become so if `who` did this now: the facts to seal as one entry, or why not. Changes nothing.
        ///
        /// # Errors
        /// A sentence for the person who asked.
        pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
            match intent {
                $(Intent::$name(intent) => {
                    let facts = $module::decide(asked, intent).map_err(Refusal::from)?;
                    Ok(facts.into_iter().map(Fact::from).collect())
                })+
            }
        }

        fn apply(picture: &mut Picture, stamp: &Stamp, fact: Fact) {
            match fact {
                $(Fact::$name(fact) => $module::fold(picture, stamp, fact)),+
            }
        }
    };
}

parts! {
    /// Kept, postponed, escalated, undone.
    Decisions => decisions,
    /// What patients are told, and whether it reached them.
    Telling => telling,
    /// Who came anyway.
    Door => door,
    /// What is made up for.
    Rebooking => rebooking,
}

/// A question to the rules: the picture as it is, who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The picture of the ground concerned.
    pub picture: &'a Picture,
    /// The zone in which times are said.
    pub zone: &'a Zone,
    /// Who asks.
    pub who: &'a Person,
    /// When.
    pub at: Moment,
}

/// Something that happened to a booking, for its page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// When and by whom.
    pub stamp: Stamp,
    /// In words.
    pub words: String,
}

/// Lines kept for one booking; the book itself keeps all.
const LINES_MAX: usize = 60;

/// A booking about which something was decided, told or done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handled {
    /// As it stood when it was first handled.
    pub booking: Snapshot,
    /// What holds.
    pub decision: Option<Decision>,
    /// A postponement of class A that waits for a second person: who asked, and why.
    pub asked: Option<(Stamp, String)>,
    /// With which clinician it is, and until when.
    pub escalation: Option<Escalation>,
    /// What the patient was told, in order.
    pub told: Vec<Told>,
    /// Attempts to telephone that reached nobody since something new was to be told.
    pub attempts: u32,
    /// Who came anyway, and what was done.
    pub arrived: Option<Arrived>,
    /// What was given instead.
    pub rebooked: Option<Rebooked>,
    /// Everything that happened, oldest first.
    pub history: Vec<Line>,
    /// The last entry that concerns what was decided.
    pub last_entry: EntryNumber,
}

impl Handled {
    pub(super) fn new(booking: Snapshot) -> Self {
        Self {
            booking,
            decision: None,
            asked: None,
            escalation: None,
            told: Vec::new(),
            attempts: 0,
            arrived: None,
            rebooked: None,
            history: Vec::new(),
            last_entry: EntryNumber(0),
        }
    }

    /// Postponed, and that holds.
    pub fn postponed(&self) -> bool {
        self.decision.as_ref().is_some_and(|d| d.choice == Choice::Postpone)
    }

    /// Kept, by a person's word.
    pub fn kept(&self) -> bool {
        self.decision.as_ref().is_some_and(|d| d.choice == Choice::Keep)
    }

    /// Postponed, and nothing given instead.
    pub fn outstanding(&self) -> bool {
        self.postponed() && self.rebooked.is_none()
    }

    pub(super) fn note(&mut self, stamp: &Stamp, words: String) {
        self.history.push(Line { stamp: stamp.clone(), words });
        if self.history.len() > LINES_MAX {
            self.history.remove(0);
        }
    }
}

/// Everything on one ground: what is so, or what is practised in one exercise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    bookings: BTreeMap<BookingKey, Handled>,
    /// Every notice, in the order of their numbers.
    pub notices: Vec<Notice>,
    /// How patients wish to be told, as confirmed with them.
    pub preferences: BTreeMap<PatientKey, Preference>,
    /// Those who came and stand on no list.
    pub unlisted: Vec<(Stamp, String, String)>,
    /// Room for rebooking, in the order of its numbers.
    pub capacity: Vec<Capacity>,
    /// The last entry folded.
    pub last_entry: EntryNumber,
}

impl Picture {
    /// One booking.
    pub fn handled(&self, key: &BookingKey) -> Option<&Handled> {
        self.bookings.get(key)
    }

    pub(super) fn handled_mut(&mut self, key: &BookingKey) -> Option<&mut Handled> {
        self.bookings.get_mut(key)
    }

    pub(super) fn handled_or_new(&mut self, key: BookingKey, booking: Snapshot) -> &mut Handled {
        self.bookings.entry(key).or_insert_with(|| Handled::new(booking))
    }

    /// Every booking about which something was decided or done.
    pub fn all(&self) -> impl Iterator<Item = (&BookingKey, &Handled)> {
        self.bookings.iter()
    }

    /// The bookings of one record.
    pub fn of_patient(&self, patient: PatientKey) -> impl Iterator<Item = (&BookingKey, &Handled)> {
        let from = BookingKey { patient, id: String::new() };
        self.bookings.range(from..).take_while(move |(key, _)| key.patient == patient)
    }

    /// Postponed and not made up for.
    pub fn outstanding(&self) -> impl Iterator<Item = (&BookingKey, &Handled)> {
        self.all().filter(|(_, handled)| handled.outstanding())
    }
}

/// Everything recorded: one picture of what is so, and one of each exercise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClinicBook {
    pictures: BTreeMap<Practice, Picture>,
    /// The last entry folded.
    pub last_entry: EntryNumber,
}

impl ClinicBook {
    /// The picture of that ground; an empty one where nothing was recorded.
    pub fn picture(&self, practice: Practice) -> &Picture {
        static EMPTY: std::sync::LazyLock<Picture> = std::sync::LazyLock::new(Picture::default);
        self.pictures.get(&practice).unwrap_or(&EMPTY)
    }

    /// Every ground on which something was recorded.
    pub fn practices(&self) -> impl Iterator<Item = Practice> {
        self.pictures.keys().copied()
    }
}

/// Takes note of a sealed entry. Entries are folded once each, in the order of their numbers.
pub fn fold(book: &mut ClinicBook, entry: EntryNumber, at: Moment, act: Act) {
    let stamp = Stamp { entry, at, by: act.by };
    book.last_entry = entry;
    let picture = book.pictures.entry(act.practice).or_default();
    picture.last_entry = entry;
    for fact in act.facts {
        apply(picture, &stamp, fact);
    }
}
