//! Situation reports: drafted from the boards, edited, approved, numbered, the next one's time kept.
//!
//! Always: a sitrep that was approved never changes; whoever approves has seen the newest revision; the time promised
//! for the next one stands on every page until it is kept. Called through `book::decide`; proved by `tests/sitreps.rs`.

mod draft;

pub use draft::draft;

use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Stamp};
use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};

/// One part of a sitrep.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Section {
    /// "Systems".
    pub heading: String,
    /// Lines of text; may be empty.
    pub body: String,
}

/// A sitrep.
#[derive(Clone, PartialEq, Debug)]
pub struct Sitrep {
    /// Its number within the incident, from 1.
    pub number: u32,
    /// Its revision, from 1.
    pub revision: u32,
    /// Its parts.
    pub sections: Vec<Section>,
    /// Entries that it speaks of: after the first, up to and with the second.
    pub covers: (EntryNumber, EntryNumber),
    /// When and by whom this revision was written.
    pub written: Stamp,
    /// When and by whom it was approved; `None` for a draft.
    pub approved: Option<Stamp>,
    /// When its approver promised the next one; `None` for a draft, and where no further one was promised.
    pub next_due: Option<Moment>,
}

/// The sitreps of one incident.
#[derive(Clone, Debug, Default)]
pub struct Sitreps {
    approved: Vec<Sitrep>,
    draft: Option<Sitrep>,
    next_due: Option<Moment>,
}

impl Sitreps {
    pub(crate) fn begun(at: Moment) -> Self {
        Self { next_due: Some(at.plus_seconds(FIRST_MINUTES * 60)), ..Self::default() }
    }

    /// Every approved sitrep, the oldest first.
    pub fn approved(&self) -> &[Sitrep] {
        &self.approved
    }

    /// The draft that waits for approval.
    pub fn waiting(&self) -> Option<&Sitrep> {
        self.draft.as_ref()
    }

    /// When the next one is promised; `None` when no more is.
    pub fn next_due(&self) -> Option<Moment> {
        self.next_due
    }

    /// Up to which entry the last approved one speaks.
    pub fn covered(&self) -> EntryNumber {
        self.approved.last().map_or(EntryNumber(0), |s| s.covers.1)
    }
}

/// The first sitrep is due so many minutes after an incident was opened.
pub const FIRST_MINUTES: i64 = 60;
/// Sitreps in one incident.
pub const SITREPS_MAX: usize = 5_000;
/// Parts of one sitrep.
pub const SECTIONS_MAX: usize = 40;
/// The next sitrep may be promised so many hours ahead.
pub const NEXT_HOURS_MAX: i64 = 168;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// A draft was written, or written anew.
    Drafted {
        incident: IncidentId,
        number: u32,
        revision: u32,
        sections: Vec<Section>,
        covers: (EntryNumber, EntryNumber),
    },
    /// A draft was approved as it was in that revision.
    Approved { incident: IncidentId, number: u32, revision: u32, next_due: Option<Moment> },
    /// A draft was given up.
    Discarded { incident: IncidentId, number: u32, reason: String },
    /// The next sitrep is promised for another time.
    NextDue { incident: IncidentId, at: Option<Moment>, reason: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Draft the next one from the boards; `more`: sections of figures that the incident's own book does not hold.
    Begin { incident: IncidentId, more: Vec<Section> },
    /// Write the draft anew; `revision` is the one that the writer saw.
    Edit { incident: IncidentId, number: u32, revision: u32, sections: Vec<Section> },
    /// Approve the draft; `revision` is the one that the approver read. `next_due`: `None` when no more will come.
    Approve { incident: IncidentId, number: u32, revision: u32, next_due: Option<Moment> },
    /// Give the draft up.
    Discard { incident: IncidentId, number: u32, reason: String },
    /// Promise the next one for another time.
    SetNextDue { incident: IncidentId, at: Option<Moment>, reason: String },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident to act in.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// There is a draft.
    #[error("{by} began sitrep {number} at {at}; go on with that draft")]
    DraftThere { number: u32, by: String, at: String },
    /// There is none.
    #[error("there is no draft of sitrep {0}: it was approved or given up; begin the next one")]
    NoDraft(u32),
    /// Another revision.
    #[error("{by} changed the draft at {at}: it is at revision {revision} now. Read it, then go on")]
    ChangedMeanwhile { by: String, at: String, revision: u32 },
    /// Nothing in it.
    #[error("the sitrep says nothing yet")]
    Blank,
    /// Not a time to promise.
    #[error("promise the next sitrep for a time after now and within {NEXT_HOURS_MAX} hours")]
    NextDue,
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::Begin { incident, more } => {
            let found = asked.incident(incident)?;
            if let Some(draft) = found.sitreps.waiting() {
                let (by, at) = (draft.written.by.to_string(), asked.say(draft.written.at));
                return Err(Refusal::DraftThere { number: draft.number, by, at });
            }
            let count = found.sitreps.approved.len() + 1;
            wording::at_most("sitreps", count, SITREPS_MAX)?;
            let covers = (found.sitreps.covered(), asked.book.last_entry);
            let sections = draft(asked.book, found, asked.at, more);
            let number = u32::try_from(count).unwrap_or(u32::MAX);
            Fact::Drafted { incident, number, revision: 1, sections, covers }
        }
        Intent::Edit { incident, number, revision, sections } => {
            let draft = draft_of(asked, incident, number, revision)?;
            let sections = checked(sections)?;
            Fact::Drafted { incident, number, revision: draft.revision + 1, sections, covers: draft.covers }
        }
        Intent::Approve { incident, number, revision, next_due } => {
            let draft = draft_of(asked, incident, number, revision)?;
            if draft.sections.iter().all(|s| s.body.is_empty()) {
                return Err(Refusal::Blank);
            }
            promise(asked, next_due)?;
            Fact::Approved { incident, number, revision, next_due }
        }
        Intent::Discard { incident, number, reason } => {
            let found = asked.incident(incident)?;
            found.sitreps.waiting().filter(|d| d.number == number).ok_or(Refusal::NoDraft(number))?;
            Fact::Discarded { incident, number, reason: wording::note("the reason", &reason)? }
        }
        Intent::SetNextDue { incident, at, reason } => {
            asked.incident(incident)?;
            promise(asked, at)?;
            Fact::NextDue { incident, at, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

fn draft_of<'a>(
    asked: &Asked<'a>,
    incident: IncidentId,
    number: u32,
    revision: u32,
) -> Result<&'a Sitrep, Refusal> {
    let draft = asked.incident(incident)?.sitreps.waiting().filter(|d| d.number == number);
    let draft = draft.ok_or(Refusal::NoDraft(number))?;
    if draft.revision != revision {
        let (by, at) = (draft.written.by.to_string(), asked.say(draft.written.at));
        return Err(Refusal::ChangedMeanwhile { by, at, revision: draft.revision });
    }
    Ok(draft)
}

fn checked(sections: Vec<Section>) -> Result<Vec<Section>, Refusal> {
    wording::at_most("sections", sections.len(), SECTIONS_MAX)?;
    let mut out = Vec::with_capacity(sections.len());
    for section in sections {
        out.push(Section {
            heading: wording::line("a section's heading", &section.heading)?,
            body: wording::note_or_empty("a section", &section.body)?,
        });
    }
    if out.iter().all(|s| s.body.is_empty()) { Err(Refusal::Blank) } else { Ok(out) }
}

fn promise(asked: &Asked<'_>, at: Option<Moment>) -> Result<(), Refusal> {
    let fits = at.is_none_or(|at| (1..=NEXT_HOURS_MAX * 3600).contains(&at.seconds_since(asked.at)));
    if fits { Ok(()) } else { Err(Refusal::NextDue) }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let Some(found) = fact.incident().and_then(|id| book.incidents.get_mut(&id)) else { return };
    let sitreps = &mut found.sitreps;
    match fact {
        Fact::Drafted { number, revision, sections, covers, .. } => {
            let written = stamp.clone();
            sitreps.draft =
                Some(Sitrep { number, revision, sections, covers, written, approved: None, next_due: None });
        }
        Fact::Approved { next_due, .. } => {
            if let Some(draft) = sitreps.draft.take() {
                sitreps.approved.push(Sitrep { approved: Some(stamp.clone()), next_due, ..draft });
            }
            sitreps.next_due = next_due;
        }
        Fact::Discarded { .. } => sitreps.draft = None,
        Fact::NextDue { at, .. } => sitreps.next_due = at,
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let next = |at: &Option<Moment>| {
            at.map_or_else(
                || "No further sitrep is promised".to_owned(),
                |at| format!("Next sitrep by {}", book.zone.hour_minute(at)),
            )
        };
        match self {
            Self::Drafted { number, revision, .. } => format!("Sitrep {number} drafted, revision {revision}"),
            Self::Approved { number, revision, next_due, .. } => {
                format!("Sitrep {number} approved (revision {revision}). {}", next(next_due))
            }
            Self::Discarded { number, reason, .. } => format!("Draft of sitrep {number} given up. {reason}"),
            Self::NextDue { at, reason, .. } => format!("{}. {reason}", next(at)),
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Sitrep
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Drafted { incident, .. }
            | Self::Approved { incident, .. }
            | Self::Discarded { incident, .. }
            | Self::NextDue { incident, .. } => Some(*incident),
        }
    }
}
