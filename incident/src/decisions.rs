//! What people write in the log: free entries, decisions with what they rest on, and corrections.
//!
//! Loggists' rules: every entry has a number and initials, nothing is rubbed out, a mistake is put right by another
//! entry that names it. Always: a decision says information, options, decision, reason and who; who decides has seen
//! the decisions before it. Called through `book::decide`; proved by `tests/decisions.rs`.

use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Person, Stamp};
use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};

/// A decision as it was taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// What had to be decided, in a line.
    pub matter: String,
    /// What was known.
    pub information: String,
    /// Which options were considered; at least one.
    pub options: Vec<String>,
    /// What was decided.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// Who decided; may be another than who writes it down.
    pub decided_by: Person,
    /// In which role: "Strategic commander"; may be empty.
    pub role: String,
    /// When it is to be looked at again.
    pub review_at: Option<Moment>,
}

/// What a review found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Finding {
    /// It stands.
    Stands,
    /// It was replaced by another decision.
    Changed,
    /// It holds no longer.
    Withdrawn,
}

impl Finding {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Changed => "is replaced",
            Self::Withdrawn => "is withdrawn",
        }
    }
}

/// A decision with what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Its number within the incident, from 1.
    pub number: u32,
    /// Its entry, when it was written and by whom.
    pub stamp: Stamp,
    /// As it was taken.
    pub taken: Taken,
    /// When it is to be looked at next.
    pub review_at: Option<Moment>,
    /// Every review: when and by whom, what was found, in which words.
    pub reviews: Vec<(Stamp, Finding, String)>,
}

impl Decision {
    /// Whether it still holds.
    pub fn holds(&self) -> bool {
        !self.reviews.last().is_some_and(|(_, finding, _)| *finding != Finding::Stands)
    }

    /// Whether a review is due at `now`.
    pub fn review_due(&self, now: Moment) -> bool {
        self.holds() && self.review_at.is_some_and(|at| at <= now)
    }
}

/// The decisions of one incident.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    decisions: Vec<Decision>,
}

impl Decisions {
    /// Every decision, the oldest first.
    pub fn all(&self) -> &[Decision] {
        &self.decisions
    }

    /// One, by its number within the incident.
    pub fn decision(&self, number: u32) -> Option<&Decision> {
        self.decisions.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The entry of the last decision; 0 when there is none. A form hands it back, so that nobody decides on an old
    /// picture.
    pub fn last_entry(&self) -> EntryNumber {
        self.decisions.last().map_or(EntryNumber(0), |d| d.stamp.entry)
    }
}

/// Options considered for one decision.
pub const OPTIONS_MAX: usize = 20;
/// Decisions in one incident.
pub const DECISIONS_MAX: usize = 20_000;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// A free entry; `incident` is `None` for what belongs to none.
    Noted { incident: Option<IncidentId>, text: String },
    /// A decision was taken.
    Decided { incident: IncidentId, number: u32, taken: Taken },
    /// A decision was looked at again.
    Reviewed { incident: IncidentId, number: u32, finding: Finding, text: String, review_at: Option<Moment> },
    /// An entry was wrong; this is what is right.
    Corrected { incident: Option<IncidentId>, entry: EntryNumber, text: String, reason: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Write an entry.
    Note { incident: Option<IncidentId>, text: String },
    /// Record a decision. `seen`: the last decision's entry that the writer's page showed ([`Decisions::last_entry`]).
    Decide { incident: IncidentId, taken: Taken, seen: EntryNumber },
    /// Look at a decision again.
    Review {
        incident: IncidentId,
        number: u32,
        finding: Finding,
        text: String,
        /// When next; counts only while it stands.
        review_at: Option<Moment>,
    },
    /// Put an entry right.
    Correct { entry: EntryNumber, text: String, reason: String },
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
    /// Somebody else decided first.
    #[error(
        "{by} decided “{decision}” at {at}, {ago} ago (decision {number}, entry {entry}), after your page was made. Read it; if yours is still right, send it again"
    )]
    DecidedMeanwhile { by: String, decision: String, at: String, ago: String, number: u32, entry: u64 },
    /// No such decision.
    #[error("there is no decision {0} in this incident")]
    NoDecision(u32),
    /// It no longer holds.
    #[error("decision {number} {how} since {at} (entry {entry}); record a new decision")]
    HoldsNoLonger { number: u32, how: &'static str, at: String, entry: u64 },
    /// A review lies in the past.
    #[error("the time of the next review has passed; name a later one")]
    ReviewPast,
    /// No such entry.
    #[error("there is no entry {0} in the log yet")]
    NoEntry(EntryNumber),
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::Note { incident, text } => {
            incident.map(|id| asked.incident(id)).transpose()?;
            Fact::Noted { incident, text: wording::note("the entry", &text)? }
        }
        Intent::Decide { incident, taken, seen } => {
            let found = asked.incident(incident)?;
            let taken = checked(asked, taken)?;
            if let Some(last) = found.decisions.decisions.last()
                && last.stamp.entry > seen
            {
                return Err(meanwhile(asked, last));
            }
            let count = found.decisions.decisions.len() + 1;
            wording::at_most("decisions", count, DECISIONS_MAX)?;
            Fact::Decided { incident, number: u32::try_from(count).unwrap_or(u32::MAX), taken }
        }
        Intent::Review { incident, number, finding, text, review_at } => {
            let found = asked.incident(incident)?;
            let decision = found.decisions.decision(number).ok_or(Refusal::NoDecision(number))?;
            if let Some((stamp, how, _)) = decision.reviews.last().filter(|_| !decision.holds()) {
                let (at, entry) = (asked.say(stamp.at), stamp.entry.0);
                return Err(Refusal::HoldsNoLonger { number, how: how.words(), at, entry });
            }
            let text = wording::note("what the review found", &text)?;
            let review_at = review_at.filter(|_| finding == Finding::Stands);
            future(asked, review_at)?;
            Fact::Reviewed { incident, number, finding, text, review_at }
        }
        Intent::Correct { entry, text, reason } => {
            let line = asked.book.log.line(entry).ok_or(Refusal::NoEntry(entry))?;
            let text = wording::note("what is right", &text)?;
            let reason = wording::note("what was wrong", &reason)?;
            Fact::Corrected { incident: line.incident, entry, text, reason }
        }
    };
    Ok(vec![fact])
}

fn meanwhile(asked: &Asked<'_>, last: &Decision) -> Refusal {
    Refusal::DecidedMeanwhile {
        by: last.taken.decided_by.to_string(),
        decision: basics::tidy(&last.taken.decision, wording::LINE_BYTES_MAX),
        at: asked.say(last.stamp.at),
        ago: wording::duration(asked.at.seconds_since(last.stamp.at)),
        number: last.number,
        entry: last.stamp.entry.0,
    }
}

fn checked(asked: &Asked<'_>, taken: Taken) -> Result<Taken, Refusal> {
    wording::at_most("options", taken.options.len(), OPTIONS_MAX)?;
    let mut options = Vec::with_capacity(taken.options.len());
    for option in &taken.options {
        options.push(wording::note_or_empty("an option", option)?);
    }
    options.retain(|option| !option.is_empty());
    if options.is_empty() {
        return Err(Wording::Empty("what else was considered (write “none” if there was no choice)").into());
    }
    future(asked, taken.review_at)?;
    Ok(Taken {
        matter: wording::line("what had to be decided", &taken.matter)?,
        information: wording::note("what was known", &taken.information)?,
        options,
        decision: wording::note("the decision", &taken.decision)?,
        reason: wording::note("the reason", &taken.reason)?,
        role: wording::line_or_empty("the role", &taken.role)?,
        ..taken
    })
}

fn future(asked: &Asked<'_>, review_at: Option<Moment>) -> Result<(), Refusal> {
    if review_at.is_some_and(|at| at <= asked.at) { Err(Refusal::ReviewPast) } else { Ok(()) }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Noted { .. } => {}
        Fact::Decided { incident, number, taken } => {
            if let Some(found) = book.incidents.get_mut(&incident) {
                let review_at = taken.review_at;
                let stamp = stamp.clone();
                let decision = Decision { number, stamp, taken, review_at, reviews: Vec::new() };
                found.decisions.decisions.push(decision);
            }
        }
        Fact::Reviewed { incident, number, finding, text, review_at } => {
            let decisions = book.incidents.get_mut(&incident).map(|i| &mut i.decisions.decisions);
            if let Some(found) = decisions.and_then(|all| all.iter_mut().find(|d| d.number == number)) {
                found.reviews.push((stamp.clone(), finding, text));
                found.review_at = review_at;
            }
        }
        Fact::Corrected { entry, .. } => book.log.corrected(entry, stamp.entry),
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        match self {
            Self::Noted { text, .. } => text.clone(),
            Self::Decided { number, taken, .. } => {
                let role = if taken.role.is_empty() { String::new() } else { format!(" ({})", taken.role) };
                let review = taken
                    .review_at
                    .map_or_else(String::new, |at| format!(" Review at {}.", book.zone.hour_minute(at)));
                format!(
                    "Decision {number}, {}{role}: {}\n{}\nInformation: {}\nOptions: {}\nReason: {}{review}",
                    taken.decided_by,
                    taken.matter,
                    taken.decision,
                    taken.information,
                    taken.options.join("; "),
                    taken.reason
                )
            }
            Self::Reviewed { number, finding, text, review_at, .. } => {
                let next = review_at
                    .map_or_else(String::new, |at| format!(" Next review at {}.", book.zone.hour_minute(at)));
                format!("Decision {number} {}: {text}{next}", finding.words())
            }
            Self::Corrected { entry, text, reason, .. } => {
                format!("Correction of entry {entry}: {text}\nWhat was wrong: {reason}")
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Noted { .. } => Kind::Note,
            Self::Decided { .. } | Self::Reviewed { .. } => Kind::Decision,
            Self::Corrected { .. } => Kind::Correction,
        }
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Noted { incident, .. } | Self::Corrected { incident, .. } => *incident,
            Self::Decided { incident, .. } | Self::Reviewed { incident, .. } => Some(*incident),
        }
    }
}
