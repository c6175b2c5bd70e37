//! What may be sent, answered and told of a message, and what becomes of the picture.

use super::roll_call::{Answer, Work};
use super::{
    ANSWERS_MAX, AUDIENCES_MAX, Ask, Audience, Delivery, Heard, MESSAGES_MAX, Message, MessageId,
    OPEN_HOURS_DEFAULT, OPEN_HOURS_MAX, RECIPIENTS_IN_ALL_MAX, RECIPIENTS_MAX, ROUNDS_MAX, Receipt,
    Recipient, Standing, TEXT_BYTES_MAX, Way, audience,
};
use crate::book::Asked;
use crate::declare::{Nature, NotThere};
use crate::log::Kind;
use crate::wording::{self, Wording, counted};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// A message goes to these people.
    Sent {
        message: MessageId,
        incident: IncidentId,
        ground: Ground,
        ask: Ask,
        text: String,
        to: Vec<Audience>,
        /// The audiences in words, as they were called then.
        to_words: String,
        salt: String,
        recipients: Vec<Recipient>,
        until: Moment,
    },
    /// It goes to some of them again, by the same way or by slip.
    SentAgain { incident: IncidentId, message: MessageId, people: Vec<u32>, by_slip: bool },
    /// What was heard of deliveries of one incident's messages.
    Receipts { incident: IncidentId, items: Vec<Receipt> },
    /// Somebody answered.
    Answered { incident: IncidentId, message: MessageId, person: u32, answer: Answer, heard: Heard },
    /// Its links can be answered no longer.
    Closed { incident: IncidentId, message: MessageId, reason: String },
    /// An exercise may reach real telephones from now on, or no longer.
    PhonesTold { incident: IncidentId, allowed: bool, reason: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Send a message, a task or a roll-call.
    Send {
        incident: IncidentId,
        ask: Ask,
        text: String,
        to: Vec<Audience>,
        /// By runner's slip to everyone, whatever else would work.
        slips_only: bool,
        /// How long its links can be answered, in hours; `None` for the usual.
        open_hours: Option<u32>,
        /// Sixteen random bytes in hexadecimal digits.
        salt: String,
    },
    /// Send it again to those who have not answered; `people` empty for all of them.
    SendAgain { message: MessageId, people: Vec<u32>, by_slip: bool },
    /// Write down what was heard of deliveries; what is known already is passed over.
    Receipts { items: Vec<Receipt> },
    /// Answer, or write down somebody's answer.
    Answer { message: MessageId, person: u32, answer: Answer, heard: Heard },
    /// Close its links.
    Close { message: MessageId, reason: String },
    /// Let an exercise reach real telephones, or stop that.
    TellPhones { incident: IncidentId, allowed: bool, reason: String },
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
    /// Nobody chosen.
    #[error("choose to whom it goes: a role, a ward, a person, or everyone on duty")]
    NoAudience,
    /// An audience without a soul.
    #[error(
        "nobody is reached by “{0}”: no one holds it and the directory does not list it; choose another way"
    )]
    NobodyIn(String),
    /// No such entry.
    #[error("one of those chosen is not in the directory any more; search for them again")]
    NoSuchEntry,
    /// No such hospital.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
    /// Hours.
    #[error("answers can be taken for 1 to {OPEN_HOURS_MAX} hours")]
    Hours,
    /// The salt is not what it should be.
    #[error("the message's links could not be made; try again")]
    Salt,
    /// No such message or person.
    #[error("there is no such message, or it did not go to this person")]
    NoSuchMessage,
    /// Nobody left.
    #[error("everyone has answered; there is nobody to ask again")]
    NobodyLeft,
    /// Asked too often.
    #[error("this went out to the same person {ROUNDS_MAX} times already; send somebody to look for them")]
    AgainTooOften,
    /// Not this answer to this question.
    #[error("this is no answer to a {0}")]
    OtherQuestion(&'static str),
    /// Past its time.
    #[error("this question is closed; ring the control room instead")]
    Over,
    /// Said already.
    #[error("this is recorded already")]
    Same,
    /// Too many answers.
    #[error("{ANSWERS_MAX} answers are recorded for this person already; ring the control room instead")]
    AnswersTooMany,
    /// A time that is none.
    #[error("“able to work until” must lie ahead, within 48 hours")]
    WorkUntil,
    /// Nothing new in the receipts.
    #[error("nothing new was heard of any delivery")]
    NothingNew,
    /// Not an exercise.
    #[error("“{0}” is real: its messages go out to telephones anyway")]
    NotAnExercise(String),
    /// Closed already.
    #[error("{by} closed it at {at}")]
    ClosedAlready { by: String, at: String },
}

/// Receipts in one act.
pub(super) const RECEIPTS_MAX: usize = RECIPIENTS_MAX;
/// Longest reason of a receipt, in bytes; a gateway's longer one is clipped.
const WHY_BYTES_MAX: usize = 160;
const SALT_DIGITS: usize = 32;
const WORK_SECONDS_MAX: i64 = 48 * 3600;

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let messages = &asked.book.messages;
    let fact = match intent {
        Intent::Send { .. } => send(asked, intent)?,
        Intent::SendAgain { message, people, by_slip } => {
            let found = messages.message(message).ok_or(Refusal::NoSuchMessage)?;
            asked.running(found.incident)?;
            if !found.open(asked.at) {
                return Err(Refusal::Over);
            }
            let people = again(found, people)?;
            Fact::SentAgain { incident: found.incident, message, people, by_slip }
        }
        Intent::Receipts { items } => return new_receipts(asked, items),
        Intent::Answer { message, person, answer, heard } => {
            let found = messages.message(message).ok_or(Refusal::NoSuchMessage)?;
            let standing = found.standing.get(person as usize).ok_or(Refusal::NoSuchMessage)?;
            let answer = answer.checked()?;
            may_answer(asked, found, standing, &answer, heard)?;
            Fact::Answered { incident: found.incident, message, person, answer, heard }
        }
        Intent::Close { message, reason } => {
            let found = messages.message(message).ok_or(Refusal::NoSuchMessage)?;
            if let Some((stamp, _)) = &found.closed {
                let (by, at) = (stamp.by.to_string(), asked.say(stamp.at));
                return Err(Refusal::ClosedAlready { by, at });
            }
            Fact::Closed { incident: found.incident, message, reason: wording::note("the reason", &reason)? }
        }
        Intent::TellPhones { incident, allowed, reason } => {
            let found = asked.running(incident)?;
            if found.nature != Nature::Exercise {
                return Err(Refusal::NotAnExercise(found.name.clone()));
            }
            if messages.phones.contains(&incident) == allowed {
                return Err(Refusal::Same);
            }
            Fact::PhonesTold { incident, allowed, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

fn send(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::Send { incident, ask, text, mut to, slips_only, open_hours, salt } = intent else {
        return Err(Refusal::NoSuchMessage);
    };
    let messages = &asked.book.messages;
    let found = asked.running(incident)?;
    let text = wording::note("the message", &text)?;
    if text.len() > TEXT_BYTES_MAX {
        let bytes = text.len();
        return Err(Wording::TooLong { what: "the message", bytes, bytes_max: TEXT_BYTES_MAX }.into());
    }
    let hours = open_hours.unwrap_or(OPEN_HOURS_DEFAULT);
    if !(1..=OPEN_HOURS_MAX).contains(&hours) {
        return Err(Refusal::Hours);
    }
    if salt.len() != SALT_DIGITS || !salt.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Refusal::Salt);
    }
    let mut seen = BTreeSet::new();
    to.retain(|audience| seen.insert(audience.clone()));
    wording::at_most("audiences", to.len(), AUDIENCES_MAX)?;
    if to.is_empty() {
        return Err(Refusal::NoAudience);
    }
    let count = messages.by_incident.get(&incident).map_or(0, Vec::len);
    wording::at_most("messages", count + 1, MESSAGES_MAX)?;
    let (recipients, to_words) = audience::resolve(asked, found, &to, slips_only)?;
    wording::at_most("people for one message", recipients.len(), RECIPIENTS_MAX)?;
    let all = messages.recipients + recipients.len();
    wording::at_most("people in all messages together", all, RECIPIENTS_IN_ALL_MAX)?;
    let next = messages.all.last_key_value().map_or(0, |(id, _)| id.0) + 1;
    Ok(Fact::Sent {
        message: MessageId(next),
        incident,
        ground: found.ground(),
        ask,
        text,
        to,
        to_words,
        salt,
        recipients,
        until: asked.at.plus_seconds(i64::from(hours) * 3600),
    })
}

/// Those who are to be asked again: as chosen, or all who have not answered.
fn again(message: &Message, people: Vec<u32>) -> Result<Vec<u32>, Refusal> {
    let open = |person: &u32| {
        message.standing.get(*person as usize).is_some_and(|standing| !message.answered(standing))
    };
    let all = (0..).take(message.standing.len());
    let mut chosen: Vec<u32> = if people.is_empty() { all.collect() } else { people };
    chosen.retain(open);
    chosen.sort_unstable();
    chosen.dedup();
    if chosen.is_empty() {
        return Err(Refusal::NobodyLeft);
    }
    let too_often = |person: &u32| {
        message.standing.get(*person as usize).is_some_and(|standing| standing.round >= ROUNDS_MAX)
    };
    if chosen.iter().any(too_often) { Err(Refusal::AgainTooOften) } else { Ok(chosen) }
}

/// What is new of the receipts, each incident's apart.
fn new_receipts(asked: &Asked<'_>, items: Vec<Receipt>) -> Result<Vec<Fact>, Refusal> {
    wording::at_most("receipts in one go", items.len(), RECEIPTS_MAX)?;
    let mut seen = BTreeSet::new();
    let mut of: BTreeMap<IncidentId, Vec<Receipt>> = BTreeMap::new();
    for receipt in items {
        let receipt = Receipt { why: wording::plain_line(&receipt.why, WHY_BYTES_MAX), ..receipt };
        let Some(message) = asked.book.messages.message(receipt.message) else { continue };
        let Some(standing) = message.standing.get(receipt.person as usize) else { continue };
        let told = (standing.delivery, &standing.why) != (receipt.delivery, &receipt.why);
        if standing.round == receipt.round && told && seen.insert((receipt.message, receipt.person)) {
            of.entry(message.incident).or_default().push(receipt);
        }
    }
    match of.is_empty() {
        true => Err(Refusal::NothingNew),
        false => Ok(of.into_iter().map(|(incident, items)| Fact::Receipts { incident, items }).collect()),
    }
}

fn may_answer(
    asked: &Asked<'_>,
    message: &Message,
    standing: &Standing,
    answer: &Answer,
    heard: Heard,
) -> Result<(), Refusal> {
    if !answer.fits(message.ask) {
        return Err(Refusal::OtherQuestion(message.ask.word()));
    }
    if heard == Heard::Link && !message.open(asked.at) {
        return Err(Refusal::Over);
    }
    if standing.answers >= ANSWERS_MAX {
        return Err(Refusal::AnswersTooMany);
    }
    if let Answer::Present { work: Work::Until(until), .. } = answer
        && !(1..=WORK_SECONDS_MAX).contains(&until.seconds_since(asked.at))
    {
        return Err(Refusal::WorkUntil);
    }
    let same = match answer {
        Answer::Read => standing.read.is_some(),
        Answer::Done => standing.done.is_some(),
        Answer::Present { .. } => standing.answer.as_ref().is_some_and(|(_, _, last)| last == answer),
    };
    if same { Err(Refusal::Same) } else { Ok(()) }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let messages = &mut book.messages;
    match fact {
        Fact::Sent { message, incident, ground, ask, text, to, to_words, salt, recipients, until } => {
            messages.recipients += recipients.len();
            messages.by_incident.entry(incident).or_default().push(message);
            messages.unfinished.insert(message);
            let standing = vec![Standing::default(); recipients.len()];
            let (id, sent, closed) = (message, stamp.clone(), None);
            let sent = Message {
                id,
                incident,
                ground,
                ask,
                text,
                to,
                to_words,
                salt,
                recipients,
                standing,
                sent,
                until,
                closed,
            };
            messages.all.insert(id, sent);
        }
        Fact::SentAgain { message, people, by_slip, .. } => {
            let Some(found) = messages.all.get_mut(&message) else { return };
            for person in people {
                if let Some(standing) = found.standing.get_mut(person as usize) {
                    standing.round += 1;
                    standing.by_slip |= by_slip;
                    standing.delivery = Delivery::Waiting;
                    standing.why.clear();
                    standing.changed = stamp.at;
                }
            }
            messages.unfinished.insert(message);
        }
        Fact::Receipts { items, .. } => {
            let touched: BTreeSet<MessageId> = items.iter().map(|receipt| receipt.message).collect();
            for receipt in items {
                let message = messages.all.get_mut(&receipt.message);
                if let Some(standing) = message.and_then(|m| m.standing.get_mut(receipt.person as usize)) {
                    standing.delivery = receipt.delivery;
                    standing.why = receipt.why;
                    standing.changed = stamp.at;
                }
            }
            for id in touched {
                let Some(message) = messages.all.get(&id) else { continue };
                let screen = |person| message.way(person).is_some_and(|(way, _)| way == Way::Screen);
                let open = (0u32..)
                    .zip(&message.standing)
                    .any(|(person, standing)| !standing.delivery.is_final() && !screen(person));
                if !open {
                    messages.unfinished.remove(&id);
                }
            }
        }
        Fact::Answered { message, person, answer, heard, .. } => {
            let found = messages.all.get_mut(&message);
            let Some(standing) = found.and_then(|m| m.standing.get_mut(person as usize)) else { return };
            standing.read.get_or_insert(stamp.at);
            if answer == Answer::Done {
                standing.done.get_or_insert((stamp.at, stamp.by.to_string()));
            }
            standing.answers = standing.answers.saturating_add(1);
            standing.answer = Some((stamp.clone(), heard, answer));
        }
        Fact::Closed { message, reason, .. } => {
            if let Some(found) = messages.all.get_mut(&message) {
                found.closed = Some((stamp.clone(), reason));
            }
        }
        Fact::PhonesTold { incident, allowed, .. } => {
            if allowed {
                messages.phones.insert(incident);
            } else {
                messages.phones.remove(&incident);
            }
        }
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let message = |id: &MessageId| book.messages.message(*id);
        let mark = |id: &MessageId| {
            let mark = message(id).and_then(|m| m.ground.watermark());
            mark.map_or_else(String::new, |mark| format!("{mark} "))
        };
        let who = |id: &MessageId, person: &u32| {
            let recipient = message(id).and_then(|m| m.recipients.get(*person as usize));
            recipient.map_or_else(|| format!("person {}", person + 1), |r| r.name.clone())
        };
        match self {
            Self::Sent { message, ground, ask, text, to_words, recipients, .. } => {
                let mark = ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
                let people = counted(recipients.len(), "person", "people");
                format!("{mark}{} {} to {to_words} ({people}): {text}", title(*ask), message.0)
            }
            Self::SentAgain { message, people, by_slip, .. } => {
                let how = if *by_slip { " by runner's slip" } else { "" };
                let count = counted(people.len(), "person who has", "people who have");
                format!("{}Message {} sent again{how} to {count} not answered", mark(message), message.0)
            }
            Self::Receipts { items, .. } => {
                let first = items.first().map(|item| mark(&item.message)).unwrap_or_default();
                format!("{first}{}", receipts_line(items))
            }
            Self::Answered { message: id, person, answer, heard, .. } => {
                let words = answer.words(|at| book.zone.hour_minute(at));
                let how = if *heard == Heard::Link { "by their link" } else { "written down at a screen" };
                let what = message(id).map_or("message", |m| m.ask.word());
                format!("{}{} answered {what} {}: {words} ({how})", mark(id), who(id, person), id.0)
            }
            Self::Closed { message, reason, .. } => {
                format!("{}Message {} can be answered by link no longer. {reason}", mark(message), message.0)
            }
            Self::PhonesTold { allowed: true, reason, .. } => {
                format!("EXERCISE messages go out to real telephones from now on. {reason}")
            }
            Self::PhonesTold { reason, .. } => {
                format!("EXERCISE messages go out to real telephones no longer. {reason}")
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Message
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Sent { incident, .. }
            | Self::SentAgain { incident, .. }
            | Self::Receipts { incident, .. }
            | Self::Answered { incident, .. }
            | Self::Closed { incident, .. }
            | Self::PhonesTold { incident, .. } => Some(*incident),
        }
    }
}

fn title(ask: Ask) -> &'static str {
    match ask {
        Ask::Read => "Message",
        Ask::Done => "Task",
        Ask::RollCall => "Roll-call",
    }
}

/// "Deliveries of message 3: 400 sent, 2 failed (no such number)".
fn receipts_line(items: &[Receipt]) -> String {
    let mut messages: Vec<u32> = items.iter().map(|item| item.message.0).collect();
    messages.sort_unstable();
    messages.dedup();
    let few: Vec<String> = messages.iter().take(5).map(u32::to_string).collect();
    let more = if messages.len() > few.len() { " …" } else { "" };
    let mut counts: Vec<(Delivery, usize)> = Vec::new();
    for item in items {
        match counts.iter_mut().find(|(delivery, _)| *delivery == item.delivery) {
            Some((_, count)) => *count += 1,
            None => counts.push((item.delivery, 1)),
        }
    }
    counts.sort_unstable();
    let said: Vec<String> =
        counts.iter().map(|(delivery, count)| format!("{count} {}", delivery.words())).collect();
    let why = items.iter().find(|item| !item.why.is_empty());
    let why = why.map_or_else(String::new, |item| format!(" ({})", item.why));
    format!("Deliveries of message {}{more}: {}{why}", few.join(", "), said.join(", "))
}
