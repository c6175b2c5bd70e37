//! The roll-call: is everyone safe, where are they, and how long can they work; whoever has not answered comes first.
//!
//! Always: "needs help" stands above everything, the unaccounted next; an answer written down for somebody says by
//! whom. Never: somebody counted as safe because their telephone took the question. Proved by `tests/messages.rs`.

use super::{Ask, Heard, Message, Standing};
use crate::wording::{self, Wording};
use basics::Moment;
use serde::{Deserialize, Serialize};

/// What somebody answers to a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// I have read it.
    Read,
    /// It is done.
    Done,
    /// To a roll-call.
    Present {
        /// Safe, or not.
        safe: bool,
        /// Where they are.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
        /// How long they can work.
        work: Work,
    },
}

/// How long somebody can work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Work {
    /// They did not say.
    NotSaid,
    /// They cannot work.
    No,
    /// Until then.
    Until(Moment),
}

impl Answer {
    /// As it is kept; whether it fits what was asked is looked at elsewhere.
    pub(super) fn checked(self) -> Result<Self, Wording> {
        Ok(match self {
            Self::Present { safe, place, work } => {
                Self::Present { safe, place: wording::line_or_empty("where you are", &place)?, work }
            }
            other => other,
        })
    }

    /// Whether it is an answer to that.
    pub(super) fn fits(&self, ask: Ask) -> bool {
        match (self, ask) {
            (Self::Read, Ask::Read | Ask::Done) | (Self::Done, Ask::Done) => true,
            (Self::Present { .. }, ask) => ask == Ask::RollCall,
            _ => false,
        }
    }

    /// "safe, at Ward 7, can work until 18:00".
    pub fn words(&self, say: impl Fn(Moment) -> String) -> String {
        match self {
            Self::Read => "read".to_owned(),
            Self::Done => "done".to_owned(),
            Self::Present { safe, place, work } => {
                let mut said = vec![if *safe { "safe".to_owned() } else { "NEEDS HELP".to_owned() }];
                if !place.is_empty() {
                    said.push(format!("at {place}"));
                }
                match work {
                    Work::NotSaid => {}
                    Work::No => said.push("cannot work".to_owned()),
                    Work::Until(until) => said.push(format!("can work until {}", say(*until))),
                }
                said.join(", ")
            }
        }
    }
}

/// How somebody stands in a roll-call. The order is that of showing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Accounted {
    /// They said that they are not safe.
    NeedsHelp,
    /// No answer.
    Unaccounted,
    /// Safe.
    Safe,
}

impl Accounted {
    /// Every one, in the order of showing.
    pub const ALL: [Self; 3] = [Self::NeedsHelp, Self::Unaccounted, Self::Safe];

    /// The words on a screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::NeedsHelp => "needs help",
            Self::Unaccounted => "unaccounted for",
            Self::Safe => "safe",
        }
    }

    /// How a person stands.
    pub fn of(standing: &Standing) -> Self {
        match &standing.answer {
            Some((_, _, Answer::Present { safe: true, .. })) => Self::Safe,
            Some((_, _, Answer::Present { .. })) => Self::NeedsHelp,
            _ => Self::Unaccounted,
        }
    }
}

/// One person of a roll-call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RollRow {
    /// Their place in the list of recipients, from 0.
    pub person: u32,
    /// Their name.
    pub name: String,
    /// How they stand.
    pub accounted: Accounted,
    /// Where they are, as they say.
    pub place: String,
    /// How long they can work.
    pub work: Work,
    /// When they answered, how it came, and who wrote it down.
    pub answered: Option<(Moment, Heard, String)>,
    /// How they were asked, and how far the question got: "text message, delivered".
    pub asked: String,
    /// Where a runner finds them, or the number that was tried.
    pub reach: String,
}

/// A roll-call as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RollBoard {
    /// Everyone: in need of help, then unaccounted, then safe; by name within.
    pub rows: Vec<RollRow>,
    /// How many need help.
    pub need_help: usize,
    /// How many are unaccounted for.
    pub unaccounted: usize,
    /// How many are safe.
    pub safe: usize,
    /// How many can still work at the moment asked for.
    pub able: usize,
    /// How many had answered after how many seconds: for a plot; begins with (0, 0).
    pub progress: Vec<(i64, usize)>,
}

/// The board of a roll-call at `now`.
pub fn roll_board(message: &Message, now: Moment) -> RollBoard {
    let mut board = RollBoard {
        rows: Vec::new(),
        need_help: 0,
        unaccounted: 0,
        safe: 0,
        able: 0,
        progress: vec![(0, 0)],
    };
    let mut answered_after: Vec<i64> = Vec::new();
    for (person, (recipient, standing)) in (0u32..).zip(message.recipients.iter().zip(&message.standing)) {
        let accounted = Accounted::of(standing);
        *match accounted {
            Accounted::NeedsHelp => &mut board.need_help,
            Accounted::Unaccounted => &mut board.unaccounted,
            Accounted::Safe => &mut board.safe,
        } += 1;
        answered_after.extend(standing.read.map(|at| at.seconds_since(message.sent.at).max(0)));
        let (place, work) = match &standing.answer {
            Some((_, _, Answer::Present { place, work, .. })) => (place.clone(), *work),
            _ => (String::new(), Work::NotSaid),
        };
        board.able += usize::from(matches!(work, Work::Until(until) if until > now));
        let (way, to) = message.way(person).unwrap_or((recipient.way, recipient.to.as_str()));
        board.rows.push(RollRow {
            person,
            name: recipient.name.clone(),
            accounted,
            place,
            work,
            answered: standing
                .answer
                .as_ref()
                .map(|(stamp, heard, _)| (stamp.at, *heard, stamp.by.to_string())),
            asked: format!("{}, {}", way.word(), standing.delivery.words()),
            reach: to.to_owned(),
        });
    }
    board.rows.sort_by(|a, b| (a.accounted, &a.name).cmp(&(b.accounted, &b.name)));
    answered_after.sort_unstable();
    for (nth, seconds) in answered_after.into_iter().enumerate() {
        match board.progress.last_mut() {
            Some(last) if last.0 == seconds => last.1 = nth + 1,
            _ => board.progress.push((seconds, nth + 1)),
        }
    }
    board
}
