//! Messages to roles, wards and everyone on duty, and the roll-call: who had it, who read it, who is safe.
//!
//! In 2017 mail was dead and staff turned to a private chat, so nobody could say afterwards who knew what. Always: for
//! each person it is known how the message went out, whether it arrived, was read and was done; an answer names who
//! gave it and how; an exercise's words say so three times and reach no real telephone unless the exercise says so.
//! Never: a link that can be guessed, or worked out from the book. Called through `book::decide`; proved by
//! `tests/messages.rs`.

mod audience;
mod board;
pub mod roll_call;
mod rules;

pub use board::{Counts, MessageBoard, MessageRow, MessagesBoard, PersonRow, board, messages_board};
pub(crate) use rules::fold;
pub use rules::{Fact, Intent, Refusal, decide};

use crate::directory::DirectoryId;
use crate::{Ground, IncidentId, RoleKey, Stamp};
use basics::{Moment, SiteId};
use roll_call::Answer;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A message's number, from 1 in the order of sending, over all incidents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MessageId(pub u32);

/// What is asked of whoever gets it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Say that you have read it.
    Read,
    /// Say when it is done.
    Done,
    /// Safe? Where? Able to work until?
    RollCall,
}

impl Ask {
    /// "message", "task", "roll-call".
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "message",
            Self::Done => "task",
            Self::RollCall => "roll-call",
        }
    }
}

/// To whom.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Audience {
    /// Everyone on duty, and everyone who holds a role of the incident.
    OnDuty,
    /// Whoever holds that role, at each place where it is held; else the directory's entries for it.
    Role(RoleKey),
    /// A ward or department: its telephone or a runner to it, and whoever of it is on duty.
    Place {
        /// The hospital; `None` for all of that name.
        site: Option<SiteId>,
        /// Its name.
        place: String,
    },
    /// One entry of the directory.
    Entry(DirectoryId),
    /// A machine that takes messages, by the name it has in the configuration.
    Machine(String),
    /// The emergency department of a site of the divert board, a neighbour's as well.
    Department(SiteId),
}

/// How a message goes out to one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Way {
    /// Text message.
    Sms,
    /// Mail.
    Email,
    /// Paper, by runner.
    Slip,
    /// A machine.
    Webhook,
    /// Only on Lifeboat's own screens: an exercise that may reach no telephone.
    Screen,
}

impl Way {
    /// "text message".
    pub fn word(self) -> &'static str {
        match self {
            Self::Sms => "text message",
            Self::Email => "mail",
            Self::Slip => "runner's slip",
            Self::Webhook => "webhook",
            Self::Screen => "screen only",
        }
    }
}

/// Somebody to whom a message goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// Their name, or that of the role or ward.
    pub name: String,
    /// Their entry of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<DirectoryId>,
    /// How it goes out.
    pub way: Way,
    /// The number, address, place or name to which it goes.
    pub to: String,
    /// Where a runner finds them, should there be no other way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// How far a message has got on its way to one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Delivery {
    /// Not yet in the outbox.
    #[default]
    Waiting,
    /// In the outbox.
    Queued,
    /// The gateway has it; for a slip: it can be printed.
    Sent,
    /// It arrived; for a slip: a runner took it.
    Delivered,
    /// Nobody can say whether it was sent; a person decides.
    InDoubt,
    /// It did not arrive, or could not be sent.
    Failed,
    /// Somebody took it out of the outbox.
    GivenUp,
}

impl Delivery {
    /// The words on a screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::InDoubt => "in doubt",
            Self::Failed => "failed",
            Self::GivenUp => "given up",
        }
    }

    /// Nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::GivenUp)
    }
}

/// One delivery result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Which message.
    pub message: MessageId,
    /// To which person: their place in the list of recipients, from 0.
    pub person: u32,
    /// At which sending to them, from 0.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub round: u16,
    /// How far it has got.
    pub delivery: Delivery,
    /// Why, where it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

fn is_nought(round: &u16) -> bool {
    *round == 0
}

/// How an answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Heard {
    /// By the person's own link.
    Link,
    /// Somebody at a screen of Lifeboat wrote down what they said or saw.
    Screen,
}

/// Where one person stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// How often it was sent to them again.
    pub round: u16,
    /// How it last went out, where that is other than at first.
    pub by_slip: bool,
    /// How far it has got.
    pub delivery: Delivery,
    /// Why it failed.
    pub why: String,
    /// When it got so far.
    pub changed: Moment,
    /// When they first said that they read it, or gave any answer.
    pub read: Option<Moment>,
    /// When they said that it was done, and who wrote it down.
    pub done: Option<(Moment, String)>,
    /// Their last answer: when, how it came, who wrote it down.
    pub answer: Option<(Stamp, Heard, Answer)>,
    /// How many answers they gave.
    pub answers: u16,
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// The incident in which it was sent.
    pub incident: IncidentId,
    /// The ground on which it was sent.
    pub ground: Ground,
    /// What it asks for.
    pub ask: Ask,
    /// What was written.
    pub text: String,
    /// To whom, as it was chosen.
    pub to: Vec<Audience>,
    /// To whom, by name, in words.
    pub to_words: String,
    /// Sixteen random bytes in hexadecimal digits, from which, with a key that is not in the book, the links are made.
    pub salt: String,
    /// Everyone it goes to.
    pub recipients: Vec<Recipient>,
    /// Where each of them stands.
    pub standing: Vec<Standing>,
    /// When, by whom and in which entry it was sent.
    pub sent: Stamp,
    /// Until when its links can be answered.
    pub until: Moment,
    /// When, by whom and why its links were closed earlier.
    pub closed: Option<(Stamp, String)>,
}

/// What stands before and after an exercise's words.
pub const EXERCISE_WORDS: &str = "EXERCISE EXERCISE EXERCISE";

impl Message {
    /// The text as anybody may be shown it: an exercise's says so first and last.
    pub fn words(&self) -> String {
        match self.ground.watermark() {
            Some(_) => format!("{EXERCISE_WORDS}\n{}\n{EXERCISE_WORDS}", self.text),
            None => self.text.clone(),
        }
    }

    /// How it goes out to one person now.
    pub fn way(&self, person: u32) -> Option<(Way, &str)> {
        let recipient = self.recipients.get(person as usize)?;
        let standing = self.standing.get(person as usize)?;
        Some(match standing.by_slip {
            true => (Way::Slip, recipient.place.as_str()),
            false => (recipient.way, recipient.to.as_str()),
        })
    }

    /// Whether its links can still be answered.
    pub fn open(&self, now: Moment) -> bool {
        self.closed.is_none() && now < self.until
    }

    /// Whether that person has given what was asked for.
    pub fn answered(&self, standing: &Standing) -> bool {
        match self.ask {
            Ask::Read => standing.read.is_some(),
            Ask::Done => standing.done.is_some(),
            Ask::RollCall => standing.answer.is_some(),
        }
    }
}

/// Every message.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    all: BTreeMap<MessageId, Message>,
    by_incident: BTreeMap<IncidentId, Vec<MessageId>>,
    recipients: usize,
    /// Exercises that may reach real telephones.
    phones: BTreeSet<IncidentId>,
    /// Messages with deliveries of which more may be heard.
    unfinished: BTreeSet<MessageId>,
}

/// People to whom one message goes.
pub const RECIPIENTS_MAX: usize = 20_000;
/// People to whom all messages together go.
pub const RECIPIENTS_IN_ALL_MAX: usize = 1_000_000;
/// Messages of one incident.
pub const MESSAGES_MAX: usize = 5_000;
/// Audiences of one message.
pub const AUDIENCES_MAX: usize = 60;
/// Longest text, in bytes: what a text message can carry beside its link.
pub const TEXT_BYTES_MAX: usize = 600;
/// How long links can be answered when nobody says otherwise, in hours.
pub const OPEN_HOURS_DEFAULT: u32 = 24;
/// The longest that links may stay open, in hours.
pub const OPEN_HOURS_MAX: u32 = 72;
/// Answers of one person to one message.
pub const ANSWERS_MAX: u16 = 50;
/// Times a message is sent to one person again.
pub const ROUNDS_MAX: u16 = 20;

impl Messages {
    /// One message.
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.all.get(&id)
    }

    /// An incident's messages, the newest first.
    pub fn of_incident(&self, incident: IncidentId) -> impl Iterator<Item = &Message> {
        let ids = self.by_incident.get(&incident).map_or(&[][..], Vec::as_slice);
        ids.iter().rev().filter_map(|id| self.all.get(id))
    }

    /// The newest roll-call of an incident.
    pub fn roll_call(&self, incident: IncidentId) -> Option<&Message> {
        self.of_incident(incident).find(|message| message.ask == Ask::RollCall)
    }

    /// Messages with deliveries of which more may be heard, the oldest first: what a messenger looks after.
    pub fn unfinished(&self) -> impl Iterator<Item = &Message> {
        self.unfinished.iter().filter_map(|id| self.all.get(id))
    }

    /// Whether messages of that ground may reach real telephones, addresses and machines.
    pub fn may_reach_phones(&self, ground: Ground) -> bool {
        match ground {
            Ground::Real => true,
            Ground::Exercise(incident) => self.phones.contains(&incident),
        }
    }
}
