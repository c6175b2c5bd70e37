//! Breaking the glass: to see one patient outside one's rights, with a reason chosen and typed, for 60 minutes.
//!
//! Always: durable before anything is shown (the room sees to it); told to the ward at once; on the review list until a named
//! other person closes it. Never refused for being frequent: a broken glass that is kept shut can cost a life, and too many
//! are mended by wider standing rights, which is what the rate is for. Proved by `tests/break_glass.rs`.

use crate::book::{AccessBook, Asked, By, NotYours, Stamp};
use crate::devices::DeviceKey;
use crate::people::{Place, Spot};
use crate::sign_in::FROM_BYTES_MAX;
use crate::words::{self, Wording};
use crate::{Patient, Role, StaffNumber};
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long the glass stays broken, in minutes.
pub const MINUTES: i64 = 60;
/// Fewest letters that count as a reason.
const REASON_LETTERS_MIN: usize = 8;

/// Why, as chosen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Reason {
    Emergency,
    ComingToMyWard,
    CoveringTheWard,
    AskedForAdvice,
    FindingSomebody,
    Other,
}

impl Reason {
    /// Every reason, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Emergency,
        Self::ComingToMyWard,
        Self::CoveringTheWard,
        Self::AskedForAdvice,
        Self::FindingSomebody,
        Self::Other,
    ];

    /// As it is offered.
    pub fn words(self) -> &'static str {
        match self {
            Self::Emergency => "an emergency: I am treating this patient now",
            Self::ComingToMyWard => "the patient is coming to my ward",
            Self::CoveringTheWard => "I cover the ward on which they lie",
            Self::AskedForAdvice => "I was asked for advice about them",
            Self::FindingSomebody => "finding out who or where somebody is",
            Self::Other => "another reason",
        }
    }
}

/// What the reviewer found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Finding {
    Right,
    /// Right, and it should have been a standing right.
    MendRights,
    NotRight,
}

impl Finding {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Right => "it was right",
            Self::MendRights => "it was right, and standing rights should have allowed it",
            Self::NotRight => "it was not right",
        }
    }
}

/// Glass that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Its number, from 1.
    pub number: u32,
    /// By whom.
    pub who: StaffNumber,
    /// To see whom.
    pub patient: Patient,
    /// Where they lay: that ward is told.
    pub place: Option<Place>,
    /// Why, as chosen.
    pub reason: Reason,
    /// Why, as typed.
    pub words: String,
    /// On which device, from which address.
    pub device: DeviceKey,
    /// From which address.
    pub from: String,
    /// When.
    pub stamp: Stamp,
    /// Until when.
    pub until: Moment,
    /// Reviewed: when, by whom, what was found, and a note.
    pub closed: Option<(Stamp, Finding, String)>,
}

impl Broken {
    /// Still open. A clock that was moved by more than an hour shuts it: it is broken once more, and does not stay open
    /// until the clock is there again.
    pub fn open(&self, at: Moment) -> bool {
        at < self.until && self.stamp.at.seconds_since(at) < MINUTES * 60
    }
}

/// All glass that was ever broken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Glass {
    broken: BTreeMap<u32, Broken>,
    /// The last break by each person for each patient.
    last: BTreeMap<(StaffNumber, Patient), u32>,
}

/// Breaks looked at for those of the last hour.
const NEWEST_MAX: usize = 2_000;

impl Glass {
    /// One.
    pub fn broken(&self, number: u32) -> Option<&Broken> {
        self.broken.get(&number)
    }

    /// Every one, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Broken> {
        self.broken.values().rev()
    }

    /// By which somebody may see a patient now.
    pub fn open_for(&self, who: &StaffNumber, patient: Patient, at: Moment) -> Option<&Broken> {
        let last = self.last.get(&(who.clone(), patient))?;
        self.broken.get(last).filter(|broken| broken.open(at))
    }

    /// What a ward is told: glass broken for its patients that is still open.
    pub fn open_at(&self, spot: &Spot, at: Moment) -> Vec<&Broken> {
        let here = |place: &Place| match spot {
            Spot::Ward(site, ward) => place.site == *site && place.ward.as_ref() == Some(ward),
            Spot::Site(site) => place.site == *site,
            Spot::Trust | Spot::Nowhere => false,
        };
        let newest = self.newest().take(NEWEST_MAX);
        newest.filter(|b| b.open(at) && b.place.as_ref().is_some_and(here)).collect()
    }

    /// What waits for a reviewer, the oldest first.
    pub fn to_review(&self) -> impl Iterator<Item = &Broken> {
        self.broken.values().filter(|b| b.closed.is_none())
    }

    /// How often the glass was broken from `from` to before `until`.
    pub fn count(&self, from: Moment, until: Moment) -> u64 {
        let within = |b: &&Broken| b.stamp.at >= from && b.stamp.at < until;
        u64::try_from(self.broken.values().filter(within).count()).unwrap_or(u64::MAX)
    }
}

/// How often the glass was broken beside how often patients were looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rate {
    /// Glass broken.
    pub broken: u64,
    /// Looks at patients.
    pub looks: u64,
}

impl Rate {
    /// In thousandths of looks, with one decimal: "2.5 per 1,000 views"; a sentence where there was no look.
    pub fn words(self) -> String {
        if self.looks == 0 {
            return format!("glass broken {} times; nobody looked at a patient", self.broken);
        }
        let tenths = u128::from(self.broken) * 10_000 / u128::from(self.looks);
        format!("{}.{} per 1,000 views ({} of {})", tenths / 10, tenths % 10, self.broken, self.looks)
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Broken {
        number: u32,
        who: StaffNumber,
        patient: Patient,
        place: Option<Place>,
        reason: Reason,
        words: String,
        device: DeviceKey,
        from: String,
        until: Moment,
    },
    Closed {
        number: u32,
        finding: Finding,
        note: String,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// `place`: where the patient lies, as far as is known.
    Break {
        patient: Patient,
        place: Option<Place>,
        reason: Reason,
        words: String,
        device: DeviceKey,
        from: String,
    },
    Close {
        number: u32,
        finding: Finding,
        note: String,
    },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    NotYours(#[from] NotYours),
    #[error(transparent)]
    Wording(#[from] Wording),
    #[error(
        "Write in a few words why you must see this patient: what you are doing for them, or who asked you."
    )]
    ReasonShort,
    #[error("It is open for you already, until {0}.")]
    OpenAlready(String),
    #[error("There is no such break; look at the review list.")]
    Unknown,
    #[error("{by} closed this review at {when}: {finding}.")]
    ClosedAlready { by: String, when: String, finding: &'static str },
    #[error("Whoever broke the glass cannot review it; somebody else must.")]
    Oneself,
    #[error("Say what was found, in a few words: whoever reads the list next year was not there.")]
    NoteMissing,
}

/// Who may close a review.
pub const REVIEWERS: [Role; 1] = [Role::PrivacyOfficer];

pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    match intent {
        Intent::Break { patient, place, reason, words, device, from } => {
            let (who, _) = asked.person()?;
            let words = words::line_or_empty("the reason", &words, words::NOTE_BYTES_MAX)?;
            if words.chars().filter(|c| c.is_alphabetic()).count() < REASON_LETTERS_MIN {
                return Err(Refusal::ReasonShort);
            }
            if let Some(open) = asked.book.glass.open_for(who, patient, asked.at) {
                return Err(Refusal::OpenAlready(asked.say(open.until)));
            }
            let number = asked.book.glass.broken.keys().next_back().map_or(1, |last| last + 1);
            let (who, from) = (who.clone(), basics::tidy(&from, FROM_BYTES_MAX));
            let until = asked.at.plus_seconds(MINUTES * 60);
            Ok(vec![Fact::Broken { number, who, patient, place, reason, words, device, from, until }])
        }
        Intent::Close { number, finding, note } => {
            asked.must_be(&REVIEWERS)?;
            let (reviewer, _) = asked.person()?;
            let broken = asked.book.glass.broken(number).ok_or(Refusal::Unknown)?;
            if let Some((stamp, finding, _)) = &broken.closed {
                let (by, when) = (asked.book.name(&stamp.by), asked.say(stamp.at));
                return Err(Refusal::ClosedAlready { by, when, finding: finding.words() });
            }
            if broken.who == *reviewer {
                return Err(Refusal::Oneself);
            }
            let note = words::line_or_empty("the note", &note, words::NOTE_BYTES_MAX)?;
            if note.is_empty() && finding != Finding::Right {
                return Err(Refusal::NoteMissing);
            }
            Ok(vec![Fact::Closed { number, finding, note }])
        }
    }
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Broken { number, who, patient, place, reason, words, device, from, until } => {
            let stamp = stamp.clone();
            book.glass.last.insert((who.clone(), patient), number);
            let new = Broken {
                number,
                who,
                patient,
                place,
                reason,
                words,
                device,
                from,
                stamp,
                until,
                closed: None,
            };
            book.glass.broken.insert(number, new);
        }
        Fact::Closed { number, finding, note } => {
            if let Some(broken) = book.glass.broken.get_mut(&number) {
                broken.closed = Some((stamp.clone(), finding, note));
            }
        }
    }
}

/// Who broke the glass, for the ward: "Anna Bell (10482) until 15:02: an emergency …".
pub fn ward_words(book: &AccessBook, broken: &Broken, zone: &basics::Zone) -> String {
    format!(
        "{} sees this patient by breaking the glass, until {}: {}",
        book.name(&By::Staff(broken.who.clone())),
        zone.hour_minute(broken.until),
        broken.reason.words()
    )
}
