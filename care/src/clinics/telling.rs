//! What a patient was told of a booking, by which way, and whether it reached them.
//!
//! Always: what is to be told follows from what was decided and what the patient knows, so that nobody is told twice or
//! forgotten, wherever the plug was pulled; one notice for all bookings of one patient; a failure makes the patient
//! unreached again; what had not left when it ceased to be so is withdrawn, as if it had never been queued. Never: a letter counted as read. Called through `book::decide`; proved by `tests/clinics_telling.rs`.

use super::book::{Asked, Handled, Picture, Stamp};
use super::booking::BookingKey;
use crate::PatientKey;
use crate::notices::{Channel, Format, Language, Message};
use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a notice fares.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum NoticeState {
    /// Queued, to be printed, or on its way.
    OnItsWay,
    /// The gateway took it; a letter was printed and given to the post.
    Sent,
    /// It arrived on the patient's telephone or in their mail.
    Delivered,
    /// The patient said so themselves.
    Confirmed,
    /// It did not arrive; why.
    Failed(String),
    /// It never left, because what it says is no longer so; why. Kept as a fact of its own.
    #[serde(skip)]
    Withdrawn(String),
}

impl NoticeState {
    /// In words.
    pub fn word(&self) -> &'static str {
        match self {
            Self::OnItsWay => "on its way",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Failed(_) => "failed",
            Self::Withdrawn(_) => "withdrawn",
        }
    }

    /// It did not reach the patient and will not.
    fn came_to_nothing(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Withdrawn(_))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::OnItsWay => 0,
            Self::Sent => 1,
            Self::Failed(_) | Self::Withdrawn(_) => 2,
            Self::Delivered => 3,
            Self::Confirmed => 4,
        }
    }
}

/// By which way a patient was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToldHow {
    /// By this notice.
    Notice(u32),
    /// Somebody spoke with them on the telephone.
    Call,
    /// On the ward.
    Ward,
    /// At the door.
    Door,
}

/// Something a patient was told of a booking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// When and by whom.
    pub stamp: Stamp,
    /// What.
    pub message: Message,
    /// The new time, where one was told.
    pub new_start: Option<Moment>,
    /// How.
    pub how: ToldHow,
    /// Whether it reached them.
    pub state: NoticeState,
}

/// What a patient knows of a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Knows {
    /// Nothing but the booking.
    AsBooked,
    /// That it is postponed.
    Postponed,
    /// The new time.
    Rebooked(Moment),
    /// That it goes ahead after all.
    GoesAhead,
}

impl Handled {
    /// The last thing told that did not come to nothing.
    pub fn last_told(&self) -> Option<&Told> {
        self.told.iter().rev().find(|t| !t.state.came_to_nothing())
    }

    /// What was told after an entry and did not fail.
    pub fn told_since(&self, entry: EntryNumber) -> Option<&Told> {
        self.last_told().filter(|t| t.stamp.entry > entry)
    }

    /// What the patient knows, as far as nothing failed.
    pub fn knows(&self) -> Knows {
        let Some(told) = self.last_told() else { return Knows::AsBooked };
        match (told.message, told.new_start) {
            (Message::PostponedNewDate | Message::Rebooked, Some(start)) => Knows::Rebooked(start),
            (Message::Postponed | Message::PostponedNewDate | Message::Rebooked, _) => Knows::Postponed,
            (Message::GoingAhead | Message::ComeAsPlanned | Message::Changes, _) => Knows::GoesAhead,
        }
    }

    /// What the patient is still to be told.
    pub fn to_tell(&self) -> Option<Message> {
        let new_start = self.rebooked.as_ref().map(|r| r.start);
        match (self.postponed(), new_start, self.knows()) {
            (true, Some(start), Knows::Rebooked(known)) if start == known => None,
            (true, Some(_), Knows::Postponed | Knows::Rebooked(_)) => Some(Message::Rebooked),
            (true, Some(_), _) => Some(Message::PostponedNewDate),
            (true, None, Knows::Postponed) => None,
            (true, None, _) => Some(Message::Postponed),
            (false, _, Knows::Postponed | Knows::Rebooked(_)) => Some(Message::GoingAhead),
            (false, ..) => None,
        }
    }

    /// Whether it is sure that the patient knows what holds.
    pub fn reached(&self) -> bool {
        let sure = |t: &Told| matches!(t.state, NoticeState::Delivered | NoticeState::Confirmed);
        self.to_tell().is_none() && self.last_told().is_some_and(sure)
    }

    /// Something is to be told, or it is not sure that it was heard: the patient may come.
    pub fn may_come(&self) -> bool {
        self.postponed() && !self.reached()
    }

    /// The last notice failed, with the reason, and nothing else was told since.
    pub fn failed(&self) -> Option<&str> {
        // What was withdrawn says nothing about the number that failed before.
        let tried = self.told.iter().rev().find(|t| !matches!(t.state, NoticeState::Withdrawn(_)));
        match &tried?.state {
            NoticeState::Failed(why) => Some(why),
            _ => None,
        }
    }

    /// Whether what a notice says of this booking is still so.
    pub fn still_so(&self, said: &PlannedBooking) -> bool {
        let new_start = self.rebooked.as_ref().map(|r| r.start);
        match said.message {
            Message::Postponed => self.postponed(),
            Message::PostponedNewDate | Message::Rebooked => self.postponed() && new_start == said.new_start,
            Message::GoingAhead | Message::ComeAsPlanned => !self.postponed(),
            // Of several bookings each has its own word.
            Message::Changes => true,
        }
    }
}

/// A notice to one patient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its number, from 1.
    pub number: u32,
    /// When it was queued, and who sent it.
    pub stamp: Stamp,
    /// What was sent, to whom.
    pub planned: Planned,
    /// How it fares.
    pub state: NoticeState,
    /// Since when.
    pub state_at: Moment,
}

/// One booking within a notice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlannedBooking {
    /// Which.
    pub key: BookingKey,
    /// What is said of it.
    pub message: Message,
    /// The new time, where one is said.
    pub new_start: Option<Moment>,
}

/// A notice as it is to be sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Planned {
    /// The patient's record as it stands, merges followed.
    pub patient: PatientKey,
    /// Every booking of which it speaks.
    pub bookings: Vec<PlannedBooking>,
    /// By which way.
    pub channel: Channel,
    /// The number, the address, or the address's lines.
    pub to: String,
    /// To whom, for the envelope.
    pub name: String,
    /// In which language.
    pub language: Language,
    /// In which form.
    pub format: Format,
    /// Subject of a mail or letter.
    pub subject: String,
    /// The words.
    pub text: String,
}

/// What came of an attempt to speak with a patient.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CallOutcome {
    /// They were told, after saying name and date of birth.
    Spoke,
    /// Nobody answered; nothing was left on a machine.
    NoAnswer,
    /// The number is somebody else's.
    WrongNumber,
}

/// How a patient wishes to be told, as confirmed with them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Preference {
    /// By which way first.
    pub channel: Option<Channel>,
    /// In which language.
    pub language: Option<Language>,
    /// In which form.
    pub format: Format,
    /// The number that they confirmed.
    pub number: Option<String>,
}

/// Notices in one act.
pub const NOTICES_MAX: usize = 1_000;
/// Bookings in one notice.
pub const BOOKINGS_IN_NOTICE_MAX: usize = 20;
/// Longest notice, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// A notice was queued; its number is the next.
    Queued { notice: Planned },
    /// How a notice fares.
    Became { number: u32, state: NoticeState },
    /// Somebody tried to speak with the patient.
    Spoken { bookings: Vec<PlannedBooking>, how: ToldHow, outcome: CallOutcome, number: String, note: String },
    /// How the patient wishes to be told.
    Preferred { patient: PatientKey, preference: Preference },
    /// A notice never left, because it is no longer so.
    Withdrawn { number: u32, why: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Send these notices.
    Queue { notices: Vec<Planned> },
    /// What gateway or printer said of notices.
    Report { receipts: Vec<(u32, NoticeState)> },
    /// These notices have certainly not left and never will.
    Withdraw { numbers: Vec<u32>, why: String },
    /// Somebody tried to speak with a patient about these bookings.
    Speak { keys: Vec<BookingKey>, how: ToldHow, outcome: CallOutcome, number: String, note: String },
    /// The patient said how they wish to be told.
    Prefer { patient: PatientKey, preference: Preference },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("There is nobody to tell.")]
    Nobody,
    #[error("At most {NOTICES_MAX} notices are kept at once.")]
    TooMany,
    #[error("What is so changed meanwhile for {0} of them. Nothing was sent; look at the list again.")]
    Changed(usize),
    #[error("A notice without words or without an address cannot be sent.")]
    Empty,
    #[error("A notice is longer than {TEXT_BYTES_MAX} bytes.")]
    TooLong,
    #[error("There is no such notice.")]
    NoSuchNotice,
    #[error("Nothing new is so.")]
    NothingNew,
    #[error("There is nothing that this patient still has to be told.")]
    NothingToTell,
}

pub(super) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let picture = asked.picture;
    match intent {
        Intent::Queue { notices } => queue(picture, notices),
        Intent::Report { receipts } => {
            let mut facts = Vec::new();
            for (number, state) in receipts {
                let notice = picture.notice(number).ok_or(Refusal::NoSuchNotice)?;
                let said = !matches!(state, NoticeState::Withdrawn(_));
                if said && state.rank() > notice.state.rank() {
                    facts.push(Fact::Became { number, state });
                }
            }
            if facts.is_empty() { Err(Refusal::NothingNew) } else { Ok(facts) }
        }
        Intent::Withdraw { numbers, why } => {
            let mut facts = Vec::new();
            for number in numbers {
                let notice = picture.notice(number).ok_or(Refusal::NoSuchNotice)?;
                if notice.state == NoticeState::OnItsWay {
                    facts.push(Fact::Withdrawn { number, why: basics::tidy(&why, 160) });
                }
            }
            if facts.is_empty() { Err(Refusal::NothingNew) } else { Ok(facts) }
        }
        Intent::Speak { keys, how, outcome, number, note } => {
            let bookings: Vec<PlannedBooking> =
                keys.into_iter().filter_map(|key| picture.still_to_say(key)).collect();
            if bookings.is_empty() {
                return Err(Refusal::NothingToTell);
            }
            let (number, note) = (basics::tidy(&number, 100), basics::tidy(&note, 500));
            Ok(vec![Fact::Spoken { bookings, how, outcome, number, note }])
        }
        Intent::Prefer { patient, preference } => {
            if picture.preferences.get(&patient) == Some(&preference) {
                return Err(Refusal::NothingNew);
            }
            Ok(vec![Fact::Preferred { patient, preference }])
        }
    }
}

fn queue(picture: &Picture, notices: Vec<Planned>) -> Result<Vec<Fact>, Refusal> {
    if notices.is_empty() {
        return Err(Refusal::Nobody);
    }
    if notices.len() > NOTICES_MAX {
        return Err(Refusal::TooMany);
    }
    let mut told = BTreeSet::new();
    let mut changed = 0;
    for notice in &notices {
        let empty = notice.text.is_empty() || notice.to.is_empty() || notice.bookings.is_empty();
        if empty {
            return Err(Refusal::Empty);
        }
        if notice.text.len() > TEXT_BYTES_MAX || notice.bookings.len() > BOOKINGS_IN_NOTICE_MAX {
            return Err(Refusal::TooLong);
        }
        let as_planned = notice.bookings.iter().all(|b| {
            let so = picture.handled(&b.key).is_some_and(|h| {
                h.to_tell() == Some(b.message) && b.new_start == h.rebooked.as_ref().map(|r| r.start)
            });
            so && told.insert(b.key.clone())
        });
        changed += usize::from(!as_planned);
    }
    if changed > 0 {
        return Err(Refusal::Changed(changed));
    }
    Ok(notices.into_iter().map(|notice| Fact::Queued { notice }).collect())
}

impl Picture {
    /// A notice by its number.
    pub fn notice(&self, number: u32) -> Option<&Notice> {
        self.notices.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// What is to be said of a booking by whoever speaks with the patient: what was not told, or what was told but not
    /// surely heard.
    fn still_to_say(&self, key: BookingKey) -> Option<PlannedBooking> {
        let handled = self.handled(&key)?;
        if handled.reached() {
            return None;
        }
        let message = handled.to_tell().or_else(|| handled.last_told().map(|t| t.message))?;
        let new_start = handled.rebooked.as_ref().map(|r| r.start);
        Some(PlannedBooking { key, message, new_start })
    }
}

pub(super) fn fold(picture: &mut Picture, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Queued { notice } => {
            let number = u32::try_from(picture.notices.len() + 1).unwrap_or(u32::MAX);
            for booking in &notice.bookings {
                let told = Told {
                    stamp: stamp.clone(),
                    message: booking.message,
                    new_start: booking.new_start,
                    how: ToldHow::Notice(number),
                    state: NoticeState::OnItsWay,
                };
                let words = format!("Notice {number} by {}", notice.channel.word());
                picture.tell(&booking.key, told, words);
            }
            let state_at = stamp.at;
            let stamp = stamp.clone();
            picture.notices.push(Notice {
                number,
                stamp,
                planned: notice,
                state: NoticeState::OnItsWay,
                state_at,
            });
        }
        Fact::Became { number, state } => became(picture, stamp, number, &state),
        Fact::Withdrawn { number, why } => became(picture, stamp, number, &NoticeState::Withdrawn(why)),
        Fact::Spoken { bookings, how, outcome, number, note } => {
            for booking in bookings {
                let words = spoken_words(how, outcome, &number, &note);
                if outcome == CallOutcome::Spoke {
                    let told = Told {
                        stamp: stamp.clone(),
                        message: booking.message,
                        new_start: booking.new_start,
                        how,
                        state: NoticeState::Confirmed,
                    };
                    picture.tell(&booking.key, told, words);
                } else if let Some(handled) = picture.handled_mut(&booking.key) {
                    handled.attempts += 1;
                    handled.note(stamp, words);
                }
            }
        }
        Fact::Preferred { patient, preference } => {
            picture.preferences.insert(patient, preference);
        }
    }
}

impl Picture {
    pub(super) fn tell(&mut self, key: &BookingKey, told: Told, words: String) {
        let Some(handled) = self.handled_mut(key) else { return };
        handled.note(&told.stamp.clone(), words);
        handled.told.push(told);
    }
}

fn became(picture: &mut Picture, stamp: &Stamp, number: u32, state: &NoticeState) {
    let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
    let Some(notice) = index.and_then(|index| picture.notices.get_mut(index)) else { return };
    notice.state = state.clone();
    notice.state_at = stamp.at;
    let keys: Vec<BookingKey> = notice.planned.bookings.iter().map(|b| b.key.clone()).collect();
    for key in keys {
        let Some(handled) = picture.handled_mut(&key) else { continue };
        if let Some(told) = handled.told.iter_mut().find(|t| t.how == ToldHow::Notice(number)) {
            told.state = state.clone();
        }
        match state {
            NoticeState::Failed(why) => handled.note(stamp, format!("Notice {number} failed: {why}")),
            NoticeState::Withdrawn(why) => {
                handled.note(stamp, format!("Notice {number} withdrawn before it left: {why}"));
            }
            state => handled.note(stamp, format!("Notice {number}: {}", state.word())),
        }
    }
}

fn spoken_words(how: ToldHow, outcome: CallOutcome, number: &str, note: &str) -> String {
    let mut words = match (how, outcome) {
        (ToldHow::Ward, CallOutcome::Spoke) => "Told on the ward".to_owned(),
        (ToldHow::Door, CallOutcome::Spoke) => "Told at the door".to_owned(),
        (_, CallOutcome::Spoke) => "Spoken with".to_owned(),
        (_, CallOutcome::NoAnswer) => "No answer".to_owned(),
        (_, CallOutcome::WrongNumber) => "Wrong number".to_owned(),
    };
    if !number.is_empty() {
        words.push_str(&format!(", {number}"));
    }
    if !note.is_empty() {
        words.push_str(&format!(": {note}"));
    }
    words
}
