//! The door desk: a patient comes anyway; what was done, and the count of it.
//!
//! Always: whoever comes is counted once for each booking, on a list or not; who is seen after all is no longer
//! outstanding; who is told at the door is told. Called through `book::decide`; proved by `tests/clinics_door.rs`.

use super::book::{Asked, Picture, Stamp};
use super::booking::{BookingKey, Snapshot};
use super::decisions::{Choice, Decision};
use super::telling::{NoticeState, Told, ToldHow};
use crate::notices::Message;
use serde::{Deserialize, Serialize};

/// What was done for somebody who came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Arrival {
    /// They are seen today.
    Seen,
    /// They were told that it is postponed, and will hear of a new date.
    ToldAndHome,
    /// They were sent on: to which place.
    SentOn(String),
}

impl Arrival {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Seen => "seen today".to_owned(),
            Self::ToldAndHome => "told at the door, will hear of a new date".to_owned(),
            Self::SentOn(place) => format!("sent on to {place}"),
        }
    }
}

/// Somebody who came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// When it was written down, and by whom.
    pub stamp: Stamp,
    /// What was done.
    pub arrival: Arrival,
    /// More.
    pub note: String,
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Arrived {
        key: BookingKey,
        booking: Snapshot,
        arrival: Arrival,
        note: String,
    },
    /// Somebody who stands on no list.
    ArrivedUnlisted {
        name: String,
        note: String,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    Arrive { key: BookingKey, booking: Snapshot, arrival: Arrival, note: String },
    ArriveUnlisted { name: String, note: String },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("{who} wrote down at {when} that they came: {what}.")]
    Already { who: String, when: String, what: String },
    #[error("Say where they were sent.")]
    NoPlace,
    #[error(
        "This booking is not postponed: the patient is expected. Choose “seen today”, or where they were sent."
    )]
    NotPostponed,
    #[error("Write the name, and what was done.")]
    NoName,
}

pub(super) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    match intent {
        Intent::Arrive { key, booking, arrival, note } => {
            let handled = asked.picture.handled(&key);
            if let Some(arrived) = handled.and_then(|h| h.arrived.as_ref()) {
                return Err(Refusal::Already {
                    who: arrived.stamp.by.to_string(),
                    when: asked.zone.clinical(arrived.stamp.at),
                    what: arrived.arrival.words(),
                });
            }
            let arrival = match arrival {
                Arrival::SentOn(place) => match basics::tidy(&place, 200) {
                    place if place.is_empty() => return Err(Refusal::NoPlace),
                    place => Arrival::SentOn(place),
                },
                Arrival::ToldAndHome if !handled.is_some_and(super::Handled::postponed) => {
                    return Err(Refusal::NotPostponed);
                }
                other => other,
            };
            Ok(vec![Fact::Arrived { key, booking, arrival, note: basics::tidy(&note, 500) }])
        }
        Intent::ArriveUnlisted { name, note } => {
            let (name, note) = (basics::tidy(&name, 200), basics::tidy(&note, 500));
            if name.is_empty() || note.is_empty() {
                return Err(Refusal::NoName);
            }
            Ok(vec![Fact::ArrivedUnlisted { name, note }])
        }
    }
}

pub(super) fn fold(picture: &mut Picture, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Arrived { key, booking, arrival, note } => {
            let handled = picture.handled_or_new(key, booking);
            let was_postponed = handled.postponed();
            let told = |message, new_start| Told {
                stamp: stamp.clone(),
                message,
                new_start,
                how: ToldHow::Door,
                state: NoticeState::Confirmed,
            };
            match &arrival {
                // Seen after all: it is not outstanding any more, and there is nothing left to tell.
                Arrival::Seen if was_postponed => {
                    handled.rebooked = None;
                    handled.decision = Some(Decision {
                        stamp: stamp.clone(),
                        choice: Choice::Keep,
                        rule: String::new(),
                        reason: "came anyway and was seen".to_owned(),
                        first: None,
                        signed_off: String::new(),
                    });
                    handled.told.push(told(Message::GoingAhead, None));
                }
                _ if was_postponed => {
                    let new_start = handled.rebooked.as_ref().map(|r| r.start);
                    let message = match new_start {
                        Some(_) => Message::Rebooked,
                        None => Message::Postponed,
                    };
                    handled.told.push(told(message, new_start));
                }
                _ => {}
            }
            handled.last_entry = stamp.entry;
            handled.note(stamp, format!("Came: {}", arrival.words()));
            handled.arrived = Some(Arrived { stamp: stamp.clone(), arrival, note });
        }
        Fact::ArrivedUnlisted { name, note } => picture.unlisted.push((stamp.clone(), name, note)),
    }
}
