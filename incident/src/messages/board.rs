//! Messages as they are shown: what was sent, how far it got, and who has not answered.

use super::{Ask, Delivery, Message, MessageId, Way};
use crate::declare::Incident;
use crate::{IncidentBook, IncidentId};
use basics::Moment;

/// How many people stand where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Counts {
    pub people: usize,
    /// Waiting or in the outbox.
    pub on_the_way: usize,
    /// With the gateway, not known to have arrived.
    pub sent: usize,
    pub delivered: usize,
    /// Failed, in doubt or given up: somebody must look.
    pub not_arrived: usize,
    /// Not sent anywhere: an exercise that may reach no telephone.
    pub screen_only: usize,
    pub read: usize,
    pub done: usize,
    /// Those who gave what was asked for.
    pub answered: usize,
}

impl Counts {
    fn of(message: &Message) -> Self {
        let mut counts = Self { people: message.recipients.len(), ..Self::default() };
        for (person, standing) in (0u32..).zip(&message.standing) {
            let screen = message.way(person).is_some_and(|(way, _)| way == Way::Screen);
            *match standing.delivery {
                _ if screen => &mut counts.screen_only,
                Delivery::Waiting | Delivery::Queued => &mut counts.on_the_way,
                Delivery::Sent => &mut counts.sent,
                Delivery::Delivered => &mut counts.delivered,
                Delivery::InDoubt | Delivery::Failed | Delivery::GivenUp => &mut counts.not_arrived,
            } += 1;
            counts.read += usize::from(standing.read.is_some());
            counts.done += usize::from(standing.done.is_some());
            counts.answered += usize::from(message.answered(standing));
        }
        counts
    }
}

/// One message in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageRow {
    /// Which.
    pub id: MessageId,
    /// What it asks for.
    pub ask: Ask,
    /// What it says, watermarked.
    pub text: String,
    /// To whom, in words.
    pub to: String,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Its entry in the log.
    pub entry: u64,
    /// Whether its links can still be answered.
    pub open: bool,
    /// How many stand where.
    pub counts: Counts,
}

/// An incident's messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessagesBoard {
    /// The newest first.
    pub rows: Vec<MessageRow>,
    /// How many there are in all.
    pub total: usize,
    /// Whether messages may reach real telephones.
    pub phones: bool,
}

/// One person of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// Their place in the list of recipients, from 0.
    pub person: u32,
    /// Their name.
    pub name: String,
    /// How it goes out.
    pub way: Way,
    /// To which number, address or place.
    pub to: String,
    /// How far it got.
    pub delivery: Delivery,
    /// Why it failed.
    pub why: String,
    /// When it got so far; `None` while it waits.
    pub changed: Option<Moment>,
    /// When they read it.
    pub read: Option<Moment>,
    /// When it was done, and who wrote that down.
    pub done: Option<(Moment, String)>,
    /// Their last answer in words.
    pub answer: String,
    /// Whether they gave what was asked for.
    pub answered: bool,
}

/// One message with everyone it went to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageBoard {
    /// The message.
    pub row: MessageRow,
    /// The incident.
    pub incident: IncidentId,
    /// Until when its links can be answered.
    pub until: Moment,
    /// Who closed it and why.
    pub closed: Option<(String, String)>,
    /// Everyone: whoever could not be reached first, then whoever has not answered, then the rest; by name within.
    pub people: Vec<PersonRow>,
}

fn row(message: &Message, now: Moment) -> MessageRow {
    MessageRow {
        id: message.id,
        ask: message.ask,
        text: message.words(),
        to: message.to_words.clone(),
        by: message.sent.by.to_string(),
        at: message.sent.at,
        entry: message.sent.entry.0,
        open: message.open(now),
        counts: Counts::of(message),
    }
}

/// An incident's messages at `now`, at most `rows_max` of them.
pub fn messages_board(
    book: &IncidentBook,
    incident: &Incident,
    now: Moment,
    rows_max: usize,
) -> MessagesBoard {
    MessagesBoard {
        rows: book.messages.of_incident(incident.id).take(rows_max).map(|m| row(m, now)).collect(),
        total: book.messages.of_incident(incident.id).count(),
        phones: book.messages.may_reach_phones(incident.ground()),
    }
}

/// One message at `now`.
pub fn board(book: &IncidentBook, id: MessageId, now: Moment) -> Option<MessageBoard> {
    let message = book.messages.message(id)?;
    let mut people: Vec<PersonRow> = (0u32..)
        .zip(message.recipients.iter().zip(&message.standing))
        .map(|(person, (recipient, standing))| {
            let (way, to) = message.way(person).unwrap_or((recipient.way, recipient.to.as_str()));
            PersonRow {
                person,
                name: recipient.name.clone(),
                way,
                to: to.to_owned(),
                delivery: standing.delivery,
                why: standing.why.clone(),
                changed: (standing.delivery != Delivery::Waiting).then_some(standing.changed),
                read: standing.read,
                done: standing.done.clone(),
                answer: standing
                    .answer
                    .as_ref()
                    .map_or_else(String::new, |(_, _, answer)| answer.words(|at| book.say(at, now))),
                answered: message.answered(standing),
            }
        })
        .collect();
    let stuck = |row: &PersonRow| {
        matches!(row.delivery, Delivery::Failed | Delivery::InDoubt | Delivery::GivenUp) && !row.answered
    };
    people.sort_by(|a, b| (!stuck(a), a.answered, &a.name).cmp(&(!stuck(b), b.answered, &b.name)));
    Some(MessageBoard {
        row: row(message, now),
        incident: message.incident,
        until: message.until,
        closed: message.closed.as_ref().map(|(stamp, why)| (stamp.by.to_string(), why.clone())),
        people,
    })
}
