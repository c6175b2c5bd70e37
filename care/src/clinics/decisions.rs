//! What is decided about a booking: kept, postponed, given to a named clinician; one by one or a list with exceptions.
//!
//! Always: a person, a time and the rule that spoke for it; class A is postponed by two different people and never in
//! bulk; a second postponement is signed off; undone only until the patient was told. Of two who decide at once the
//! second is told of the first, and nothing of their whole list is done. Proved by `tests/clinics_decisions.rs`.

use super::book::{Asked, Handled, Picture, Stamp};
use super::booking::{BookingKey, Snapshot};
use basics::{EntryNumber, Moment, Person};
use planning::clinics::Class;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What becomes of a booking.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Choice {
    /// It goes ahead.
    Keep,
    /// It is postponed.
    Postpone,
}

impl Choice {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Keep => "kept",
            Self::Postpone => "postponed",
        }
    }
}

/// A decision that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// When and by whom.
    pub stamp: Stamp,
    /// What.
    pub choice: Choice,
    /// The rule's number and sentence as they stood.
    pub rule: String,
    /// Why, in the person's words; may be empty where the rule speaks for itself.
    pub reason: String,
    /// Who asked first, where two were needed.
    pub first: Option<Person>,
    /// Who signed a second postponement off.
    pub signed_off: String,
}

/// A booking of class A that cannot be done here: with whom it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Escalation {
    /// When and by whom it was given.
    pub stamp: Stamp,
    /// The clinician, with a number to reach them.
    pub clinician: String,
    /// By when they decide.
    pub due: Moment,
    /// What was asked for.
    pub note: String,
}

/// A booking to be decided about, as the page showed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Considered {
    /// Which.
    pub key: BookingKey,
    /// As it stands.
    pub booking: Snapshot,
    /// The rule's number and sentence.
    pub rule: String,
}

/// Bookings decided about at once.
pub const BOOKINGS_MAX: usize = 5_000;
/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 1_000;
/// Longest rule, in bytes.
const RULE_BYTES_MAX: usize = 1_000;
/// Longest name with its number, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Decided {
        key: BookingKey,
        booking: Snapshot,
        choice: Choice,
        rule: String,
        reason: String,
        /// Who asked first, where two were needed.
        first: Option<Person>,
        signed_off: String,
    },
    /// A postponement of class A waits for a second person.
    Asked { key: BookingKey, booking: Snapshot, rule: String, reason: String },
    /// The second person said no.
    AskedInVain { key: BookingKey, reason: String },
    /// Class A was given to a clinician, who decides until then.
    Escalated { key: BookingKey, booking: Snapshot, clinician: String, due: Moment, note: String },
    /// The decision holds no longer; nobody was told of it.
    Undone { key: BookingKey, why: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Decide about these. `seen`: the last entry that the page showed; who decided since is told to the person.
    /// `signed_off`: who agrees to a second postponement; empty when there is none.
    Decide {
        bookings: Vec<Considered>,
        choice: Choice,
        reason: String,
        signed_off: String,
        seen: EntryNumber,
    },
    /// Do not postpone what somebody asked to postpone.
    TurnDown { key: BookingKey, reason: String },
    /// Give class A to a named clinician, until `due`.
    Escalate { booking: Considered, clinician: String, due: Moment, note: String, seen: EntryNumber },
    /// Undo what was decided.
    Undo { keys: Vec<BookingKey>, why: String, seen: EntryNumber },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("No booking was chosen.")]
    Nothing,
    #[error("At most {BOOKINGS_MAX} bookings can be decided at once: choose one clinic or one day.")]
    TooMany,
    #[error(
        "{who} decided at {when}, while this page was open: {what}. Nothing of this was done. Load the page again."
    )]
    Meanwhile { who: String, when: String, what: String },
    #[error(
        "{0} of them are class A, which is never postponed in bulk. Leave them out and open each by itself: it is given to a named clinician, or two people postpone it."
    )]
    ClassAInBulk(usize),
    #[error("Class A: say why it must be postponed. A second person will be asked.")]
    ReasonMissing,
    #[error("{0} asked for this. Class A is postponed by two different people: somebody else must agree.")]
    SamePerson(String),
    #[error(
        "{0} of them were postponed before. A second postponement needs somebody who signs it off: write their name, or leave them out."
    )]
    SecondPostponement(usize),
    #[error("It was rebooked to {0}. Undo the rebooking first.")]
    Rebooked(String),
    #[error("That has been decided already, by {who} at {when}.")]
    Already { who: String, when: String },
    #[error(
        "The patient was told at {0}, so this cannot be undone in silence: decide “keep” instead, and the patient is told that it goes ahead."
    )]
    Told(String),
    #[error("Nothing was decided about it.")]
    NothingToUndo,
    #[error("Say why.")]
    NoReason,
    #[error("Name the clinician, with a number to reach them.")]
    NobodyNamed,
    #[error("Only class A goes to a named clinician; decide about this one on its list.")]
    NotClassA,
}

pub(super) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    match intent {
        Intent::Decide { bookings, choice, reason, signed_off, seen } => {
            let reason = basics::tidy(&reason, REASON_BYTES_MAX);
            let signed_off = basics::tidy(&signed_off, NAME_BYTES_MAX);
            decided(asked, bookings, &choice, &reason, &signed_off, seen)
        }
        Intent::TurnDown { key, reason } => {
            let reason = basics::tidy(&reason, REASON_BYTES_MAX);
            let waits = asked.picture.handled(&key).is_some_and(|h| h.asked.is_some());
            match (waits, reason.is_empty()) {
                (false, _) => Err(Refusal::NothingToUndo),
                (true, true) => Err(Refusal::NoReason),
                (true, false) => Ok(vec![Fact::AskedInVain { key, reason }]),
            }
        }
        Intent::Escalate { booking, clinician, due, note, seen } => {
            unchanged(asked, &booking.key, seen)?;
            if booking.booking.class != Class::A {
                return Err(Refusal::NotClassA);
            }
            let clinician = basics::tidy(&clinician, NAME_BYTES_MAX);
            if clinician.is_empty() {
                return Err(Refusal::NobodyNamed);
            }
            let note = basics::tidy(&note, REASON_BYTES_MAX);
            let Considered { key, booking, .. } = booking;
            Ok(vec![Fact::Escalated { key, booking, clinician, due: due.max(asked.at), note }])
        }
        Intent::Undo { keys, why, seen } => undo(asked, keys, &why, seen),
    }
}

fn decided(
    asked: &Asked<'_>,
    bookings: Vec<Considered>,
    choice: &Choice,
    reason: &str,
    signed_off: &str,
    seen: EntryNumber,
) -> Result<Vec<Fact>, Refusal> {
    let mut chosen = BTreeSet::new();
    let bookings: Vec<Considered> = bookings.into_iter().filter(|b| chosen.insert(b.key.clone())).collect();
    if bookings.is_empty() {
        return Err(Refusal::Nothing);
    }
    if bookings.len() > BOOKINGS_MAX {
        return Err(Refusal::TooMany);
    }
    for considered in &bookings {
        unchanged(asked, &considered.key, seen)?;
        if let Some(handled) = asked.picture.handled(&considered.key) {
            already(asked, handled, choice)?;
        }
    }
    let postpone = *choice == Choice::Postpone;
    let class_a = bookings.iter().filter(|b| class_of(asked, b) == Class::A).count();
    if postpone && class_a > 0 && bookings.len() > 1 {
        return Err(Refusal::ClassAInBulk(class_a));
    }
    let again = bookings.iter().filter(|b| postponed_before(asked, b)).count();
    if postpone && again > 0 && signed_off.is_empty() {
        return Err(Refusal::SecondPostponement(again));
    }
    bookings
        .into_iter()
        .map(|considered| {
            let first = match postpone && class_a > 0 {
                true => two_people(asked, &considered, reason)?,
                false => Second::NotNeeded,
            };
            let Considered { key, booking, rule } = considered;
            let (rule, reason) = (basics::tidy(&rule, RULE_BYTES_MAX), reason.to_owned());
            Ok(match first {
                Second::Asked => Fact::Asked { key, booking, rule, reason },
                second => Fact::Decided {
                    key,
                    booking,
                    choice: choice.clone(),
                    rule,
                    reason,
                    first: if let Second::Agrees(first) = second { Some(first) } else { None },
                    signed_off: if postpone { signed_off.to_owned() } else { String::new() },
                },
            })
        })
        .collect()
}

/// The stricter of what the page showed and what stood when somebody first decided.
fn class_of(asked: &Asked<'_>, considered: &Considered) -> Class {
    let known = asked.picture.handled(&considered.key).map(|h| h.booking.class);
    known.map_or(considered.booking.class, |known| known.min(considered.booking.class))
}

fn postponed_before(asked: &Asked<'_>, considered: &Considered) -> bool {
    considered.booking.cancelled_before > 0
        || asked.picture.handled(&considered.key).is_some_and(|h| h.rebooked.is_some())
}

enum Second {
    NotNeeded,
    Asked,
    Agrees(Person),
}

fn two_people(asked: &Asked<'_>, considered: &Considered, reason: &str) -> Result<Second, Refusal> {
    let waiting = asked.picture.handled(&considered.key).and_then(|h| h.asked.as_ref());
    match waiting {
        Some((first, _)) if first.by.same(asked.who) => Err(Refusal::SamePerson(first.by.to_string())),
        Some((first, _)) => Ok(Second::Agrees(first.by.clone())),
        None if reason.is_empty() => Err(Refusal::ReasonMissing),
        None => Ok(Second::Asked),
    }
}

/// Nobody decided about it since the page was made.
fn unchanged(asked: &Asked<'_>, key: &BookingKey, seen: EntryNumber) -> Result<(), Refusal> {
    let Some(handled) = asked.picture.handled(key) else { return Ok(()) };
    if handled.last_entry <= seen {
        return Ok(());
    }
    let last = handled.history.last();
    Err(Refusal::Meanwhile {
        who: last.map_or_else(|| "Somebody".to_owned(), |l| l.stamp.by.to_string()),
        when: last.map_or_else(String::new, |l| asked.zone.hour_minute(l.stamp.at)),
        what: last.map_or_else(String::new, |l| l.words.clone()),
    })
}

fn already(asked: &Asked<'_>, handled: &Handled, choice: &Choice) -> Result<(), Refusal> {
    if *choice == Choice::Keep
        && let Some(rebooked) = &handled.rebooked
    {
        return Err(Refusal::Rebooked(asked.zone.clinical(rebooked.start)));
    }
    match &handled.decision {
        Some(d) if d.choice == *choice && handled.rebooked.is_none() => {
            Err(Refusal::Already { who: d.stamp.by.to_string(), when: asked.zone.clinical(d.stamp.at) })
        }
        _ => Ok(()),
    }
}

fn undo(
    asked: &Asked<'_>,
    keys: Vec<BookingKey>,
    why: &str,
    seen: EntryNumber,
) -> Result<Vec<Fact>, Refusal> {
    let keys: BTreeSet<BookingKey> = keys.into_iter().collect();
    if keys.is_empty() {
        return Err(Refusal::Nothing);
    }
    if keys.len() > BOOKINGS_MAX {
        return Err(Refusal::TooMany);
    }
    let why = basics::tidy(why, REASON_BYTES_MAX);
    if why.is_empty() {
        return Err(Refusal::NoReason);
    }
    keys.into_iter()
        .map(|key| {
            unchanged(asked, &key, seen)?;
            let handled = asked.picture.handled(&key).ok_or(Refusal::NothingToUndo)?;
            if let Some(rebooked) = &handled.rebooked {
                return Err(Refusal::Rebooked(asked.zone.clinical(rebooked.start)));
            }
            if handled.decision.is_none() && handled.asked.is_none() && handled.escalation.is_none() {
                return Err(Refusal::NothingToUndo);
            }
            // Whatever they were told last, undoing would leave them with a wrong belief.
            if let Some(told) = handled.last_told() {
                return Err(Refusal::Told(asked.zone.clinical(told.stamp.at)));
            }
            Ok(Fact::Undone { key, why: why.clone() })
        })
        .collect()
}

pub(super) fn fold(picture: &mut Picture, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Decided { key, booking, choice, rule, reason, first, signed_off } => {
            let handled = picture.handled_or_new(key, booking);
            let mut words = match (&first, choice == Choice::Postpone) {
                (Some(first), _) => format!("Postponed; {first} asked for it"),
                (None, true) => "Postponed".to_owned(),
                (None, false) => "Kept".to_owned(),
            };
            if !signed_off.is_empty() {
                words.push_str(&format!("; signed off by {signed_off}"));
            }
            if !reason.is_empty() {
                words.push_str(&format!(": {reason}"));
            }
            if choice == Choice::Postpone {
                // What was given instead is taken back with it; its place stays taken until somebody withdraws it.
                handled.rebooked = None;
            }
            handled.asked = None;
            handled.escalation = handled.escalation.take().filter(|_| choice == Choice::Postpone);
            handled.attempts = 0;
            handled.decision =
                Some(Decision { stamp: stamp.clone(), choice, rule, reason, first, signed_off });
            handled.last_entry = stamp.entry;
            handled.note(stamp, words);
        }
        Fact::Asked { key, booking, reason, .. } => {
            let handled = picture.handled_or_new(key, booking);
            handled.note(stamp, format!("Asked to postpone class A: {reason}"));
            handled.asked = Some((stamp.clone(), reason));
            handled.last_entry = stamp.entry;
        }
        Fact::AskedInVain { key, reason } => {
            let Some(handled) = picture.handled_mut(&key) else { return };
            handled.asked = None;
            handled.last_entry = stamp.entry;
            handled.note(stamp, format!("Not postponed: {reason}"));
        }
        Fact::Escalated { key, booking, clinician, due, note } => {
            let handled = picture.handled_or_new(key, booking);
            handled.note(stamp, format!("Given to {clinician}"));
            handled.escalation = Some(Escalation { stamp: stamp.clone(), clinician, due, note });
            handled.last_entry = stamp.entry;
        }
        Fact::Undone { key, why } => {
            let Some(handled) = picture.handled_mut(&key) else { return };
            handled.decision = None;
            handled.asked = None;
            handled.escalation = None;
            handled.last_entry = stamp.entry;
            handled.note(stamp, format!("Undone: {why}"));
        }
    }
}
