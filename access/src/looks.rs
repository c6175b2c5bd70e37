//! A look at a patient: who saw whom, on which page, from which device and address, when, and by which broken glass. The
//! looks have a book of their own, which only the privacy officer may search.
//!
//! Always: one request, one look, with every patient it showed; a question is answered from as many looks as were asked for
//! and says from where to go on. Never: what was shown, or what was typed to find it. Written by the control room; described
//! in `docs/formats/access_book.md`; proved by `tests/looks.rs`.

use crate::book::{Asked, NotYours};
use crate::break_glass::REVIEWERS;
use crate::codec::Fault;
use crate::devices::DeviceKey;
use crate::{Patient, StaffNumber};
use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};

/// Entry kind: one look.
pub const LOOK: u16 = 1;
/// The version of its layout.
const VERSION: u8 = 1;
/// Patients of one look: everybody in a large trust, printed at once.
pub const PATIENTS_MAX: usize = 50_000;
/// Longest address of a page, in bytes.
const ADDRESS_BYTES_MAX: usize = 120;

/// What was done with what was seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Deed {
    Looked,
    Printed,
    /// Taken out of Lifeboat as a file.
    Exported,
    /// Found by a search: names and places, no record.
    Found,
    /// Written down or decided about.
    Changed,
}

impl Deed {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Looked => "looked",
            Self::Printed => "printed",
            Self::Exported => "exported",
            Self::Found => "found by search",
            Self::Changed => "changed",
        }
    }
}

/// A look.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Who.
    pub who: StaffNumber,
    /// Whom they saw: each once, in the order of their keys.
    pub patients: Vec<Patient>,
    /// What was done.
    pub deed: Deed,
    /// The page, as the table of pages names it: "/patients/{key}/signs".
    pub address: String,
    /// The device.
    pub device: DeviceKey,
    /// The network address.
    pub from: String,
    /// The broken glass that allowed it, by its number.
    pub broken: Option<u32>,
}

impl Look {
    /// As it is kept: each patient once, the page's address short.
    pub fn tidied(mut self) -> Self {
        self.patients.sort_unstable();
        self.patients.dedup();
        self.address = basics::tidy(&self.address, ADDRESS_BYTES_MAX);
        self.from = basics::tidy(&self.from, crate::sign_in::FROM_BYTES_MAX);
        self
    }
}

/// A look as the body of an entry of kind [`LOOK`].
///
/// # Errors
/// A look at more patients than one may hold: write it as several.
pub fn write(look: &Look) -> Result<Vec<u8>, Fault> {
    if look.patients.len() > PATIENTS_MAX {
        return Err(Fault::Write(format!(
            "a look at {} patients; at most {PATIENTS_MAX}",
            look.patients.len()
        )));
    }
    postcard::to_extend(look, vec![VERSION]).map_err(|e| Fault::Write(e.to_string()))
}

/// Reads an entry's body.
///
/// # Errors
/// A body that this version does not know in full, with the entry's number.
pub fn read(entry: EntryNumber, kind: u16, body: &[u8]) -> Result<Look, Fault> {
    let unknown = |what: String| Fault::Unknown(entry, "looks", what);
    match (kind, body) {
        (LOOK, [VERSION, rest @ ..]) => {
            let (look, left) = postcard::take_from_bytes::<Look>(rest).map_err(|e| unknown(e.to_string()))?;
            if left.is_empty() { Ok(look) } else { Err(unknown(format!("{} bytes too many", left.len()))) }
        }
        (LOOK, [version, ..]) => Err(unknown(format!("version {version}"))),
        _ => Err(unknown(format!("kind {kind}, {} bytes", body.len()))),
    }
}

/// Refuses whoever may not search the looks: administrators too.
///
/// # Errors
/// Whom to ask.
pub fn may_ask(asked: &Asked<'_>) -> Result<(), NotYours> {
    asked.person()?;
    asked.must_be(&REVIEWERS)
}

/// What the privacy officer asks. What is `None` is not asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// Who saw this patient.
    pub patient: Option<Patient>,
    /// What this person saw.
    pub who: Option<StaffNumber>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// Only by broken glass.
    pub broken: bool,
}

impl Question {
    /// Whether a look answers it.
    pub fn meets(&self, at: Moment, look: &Look) -> bool {
        self.who.as_ref().is_none_or(|who| look.who == *who)
            && self.patient.is_none_or(|patient| look.patients.binary_search(&patient).is_ok())
            && self.from.is_none_or(|from| at >= from)
            && self.until.is_none_or(|until| at < until)
            && (!self.broken || look.broken.is_some())
    }
}

/// How much work one question may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Looks read.
    pub scanned_max: u64,
    /// Looks given back.
    pub found_max: usize,
}

impl Limits {
    /// A page's worth.
    pub const PAGE: Self = Self { scanned_max: 500_000, found_max: 500 };
}

/// A look with its place in the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The entry.
    pub entry: EntryNumber,
    /// When.
    pub at: Moment,
    /// What.
    pub look: Look,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// What was found, in the order of the book.
    pub found: Vec<Found>,
    /// Looks read.
    pub scanned: u64,
    /// Where to go on, if the limits ended it.
    pub next: Option<EntryNumber>,
}

/// Answers a question from looks in the order of the book. Clocks jump, so a look outside the time asked for ends nothing.
///
/// # Errors
/// Whatever the looks' reader met.
pub fn ask<E>(
    looks: impl IntoIterator<Item = Result<(EntryNumber, Moment, Look), E>>,
    question: &Question,
    limits: Limits,
) -> Result<Answer, E> {
    let mut answer = Answer::default();
    for look in looks {
        let (entry, at, look) = look?;
        if answer.scanned >= limits.scanned_max || answer.found.len() >= limits.found_max {
            answer.next = Some(entry);
            break;
        }
        answer.scanned += 1;
        if question.meets(at, &look) {
            answer.found.push(Found { entry, at, look });
        }
    }
    Ok(answer)
}

/// How many looks there were, and how many by broken glass.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Patients looked at, each look counted for each of them.
    pub views: u64,
    /// Of these by broken glass.
    pub broken: u64,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, look: &Look) {
        let views = u64::try_from(look.patients.len()).unwrap_or(u64::MAX);
        self.views = self.views.saturating_add(views);
        if look.broken.is_some() {
            self.broken = self.broken.saturating_add(views);
        }
    }
}
