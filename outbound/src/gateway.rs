//! The one narrow interface behind which every gateway stands: hand a message over, or ask what became of it.
//!
//! Always: an adapter says "not accepted" only where that is certain, and "unknown" wherever it is not; the courier
//! decides what follows. Never: an adapter that tries again by itself, keeps a queue, or reads the clock. Implemented
//! in `gateways/`; called by `courier`; one contract suite (`tests/contract.rs`) runs over all of them.

use crate::outgoing::Outgoing;
use basics::{EntryNumber, Moment};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What an adapter gives back: a future that may be dropped at any time.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way out of the house.
pub trait Gateway: Send + Sync {
    /// Its name, as in the configuration.
    fn name(&self) -> &str;

    /// Hands one message over, once. `at` is now.
    fn hand_over<'a>(&'a self, parcel: &'a Parcel, at: Moment) -> Doing<'a, Handed>;

    /// Asks what became of a message that was, or may have been, handed over.
    fn ask<'a>(&'a self, question: &'a Question, at: Moment) -> Doing<'a, Told>;

    /// Whether it can say later that a message arrived or did not.
    fn reports_delivery(&self) -> bool;
}

/// The name a message has outside the house: 32 hexadecimal digits that say nothing about anybody, always the same for
/// the same message. It is Notify's `reference`, the left part of a mail's `Message-ID`, the `Idempotency-Key`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference([u8; 16]);

impl Reference {
    /// From its sixteen bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

/// A message on its way to a gateway.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The entry that recorded it.
    pub number: EntryNumber,
    /// Its name outside the house.
    pub reference: Reference,
    /// What was asked for.
    pub outgoing: Arc<Outgoing>,
    /// When it was taken on.
    pub queued_at: Moment,
    /// Until when it is true: as asked, or as a person decided later.
    pub valid_until: Moment,
}

impl Parcel {
    /// The subject as it is to be read: an exercise says so first.
    pub fn subject(&self) -> String {
        let subject = &self.outgoing.words.subject;
        if self.outgoing.exercise {
            format!("EXERCISE {subject}").trim_end().to_owned()
        } else {
            subject.clone()
        }
    }

    /// The text as it is to be read: an exercise says so first and last.
    pub fn body(&self) -> String {
        let body = &self.outgoing.words.body;
        if self.outgoing.exercise {
            format!("EXERCISE EXERCISE EXERCISE\n{body}\nEXERCISE EXERCISE EXERCISE")
        } else {
            body.clone()
        }
    }
}

/// A question about an earlier handing over.
#[derive(Clone, Debug)]
pub struct Question {
    /// The message's name outside the house.
    pub reference: Reference,
    /// What the gateway called it when it accepted it; `None` when nobody knows whether it did.
    pub gateway_id: Option<String>,
    /// When it was first handed over.
    pub since: Moment,
}

/// What became of handing a message over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handed {
    /// The gateway has it.
    Accepted {
        /// What the gateway calls it.
        gateway_id: String,
    },
    /// The gateway will never take this message, and has not.
    Refused {
        /// Why, in words.
        why: String,
    },
    /// It certainly was not taken; it may be later.
    NotNow {
        /// Why, in words.
        why: String,
        /// How long the gateway asked to wait.
        wait_ms: Option<u64>,
        /// Whose matter it is.
        blame: Blame,
    },
    /// Nobody can say whether it was taken.
    Unknown {
        /// Why, in words.
        why: String,
    },
}

/// Whose matter a "not now" is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// This message's alone: others may pass.
    Message,
    /// The gateway's: no other message would pass either.
    Gateway,
}

/// What the gateway says became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// It has it.
    Accepted {
        /// What it calls it.
        gateway_id: String,
        /// How far it has come.
        progress: Progress,
    },
    /// It never had it.
    NeverSeen,
    /// Handing it over again is harmless: the gateway promises to keep one of the two.
    SafeToRepeat,
    /// It cannot be asked.
    CannotBeAsked,
    /// No answer that could be trusted; ask again later.
    NotNow {
        /// Why, in words.
        why: String,
        /// How long the gateway asked to wait.
        wait_ms: Option<u64>,
    },
}

/// How far a message has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Not there yet.
    OnItsWay,
    /// There.
    Delivered,
    /// It will not arrive.
    Failed {
        /// Why, in words.
        why: String,
    },
}
