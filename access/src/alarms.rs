//! What an administrator or the privacy officer should look at: a card used twice, a session carried elsewhere, guessing.
//!
//! Always: an alarm says when and where; the newest stand first. Never: an alarm that locks anybody out. Laid down by
//! whatever noticed it; proved by the tests of what raises them.

use crate::book::{AccessBook, Asked, Stamp};
use crate::devices::DeviceKey;
use crate::{StaffNumber, words};
use basics::{Moment, Zone};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What was noticed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Alarm {
    /// A single-use card was shown a second time.
    CardShownAgain { card: u32, device: DeviceKey, from: String },
    /// Somebody who has the card does not know its PIN.
    CardGuessed { card: u32, device: DeviceKey, from: String },
    /// A session was shown by another device than it belongs to; it was ended.
    SessionElsewhere { number: StaffNumber, device: DeviceKey, from: String },
    /// A passkey's counter went back: there are two of it.
    PasskeyCopied { number: StaffNumber, device: DeviceKey, from: String },
    /// Many wrong tries for one account; the account stays open.
    Guessing { number: StaffNumber, tries: u32, from: String },
    /// Somebody was let back in as administrator by two key shares.
    WayBack { number: StaffNumber, shares: [u8; 2] },
    /// Looks at patients could not be recorded: so many, from then until then. Reading went on.
    LooksNotKept { count: u64, since: Moment, until: Moment, why: String },
}

/// An alarm with when and by what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub alarm: Alarm,
}

/// Alarms kept for boards; the book itself keeps all.
const RAISED_MAX: usize = 500;

/// The newest alarms.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alarms(VecDeque<Raised>);

impl Alarms {
    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Raised> {
        self.0.iter().rev()
    }
}

impl Raised {
    /// In words.
    pub fn words(&self, book: &AccessBook, zone: &Zone) -> String {
        let when = zone.clinical(self.stamp.at);
        let place = |device: &DeviceKey, from: &str| book.devices.name(device, from);
        match &self.alarm {
            Alarm::CardShownAgain { card, device, from } => {
                let first = book.cards.first_use_words(*card, book, zone);
                format!(
                    "{when}: shift card {card} was shown a second time, at {}. {first} If the first was not its holder, \
                     end that session and void the card.",
                    place(device, from)
                )
            }
            Alarm::CardGuessed { card, device, from } => format!(
                "{when}: somebody with shift card {card} does not know its PIN, at {}. Ask its holder whether they \
                 still have it.",
                place(device, from)
            ),
            Alarm::SessionElsewhere { number, device, from } => format!(
                "{when}: a session of {} was shown by {}; it was ended. If that was nobody's mistake, revoke the \
                 device it came from.",
                book.people.name(number),
                place(device, from)
            ),
            Alarm::PasskeyCopied { number, device, from } => format!(
                "{when}: a passkey of {} was shown at {} with a counter that went back: there may be two of it. The \
                 sign-in was refused; remove that passkey and give them another.",
                book.people.name(number),
                place(device, from)
            ),
            Alarm::Guessing { number, tries, from } => format!(
                "{when}: {tries} wrong tries for {}, the last from {from}. Nothing is locked; ask them whether they \
                 tried.",
                book.people.name(number)
            ),
            Alarm::WayBack { number, shares: [one, two] } => format!(
                "{when}: {} was made administrator by key shares {one} and {two}. Ask whoever keeps them.",
                book.people.name(number)
            ),
            Alarm::LooksNotKept { count, since, until, why } => format!(
                "{when}: {count} looks at patients were not recorded between {} and {}: {why}. Reading went on; ask who \
                 worked then.",
                zone.clinical(*since),
                zone.clinical(*until)
            ),
        }
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Raised { alarm: Alarm },
}

/// What can be wanted: by the program itself.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    Raise { alarm: Alarm },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    Wording(#[from] words::Wording),
}

pub(crate) fn decide(_: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let Intent::Raise { mut alarm } = intent;
    if let Alarm::LooksNotKept { why, .. } = &mut alarm {
        *why = basics::tidy(why, words::LINE_BYTES_MAX);
    }
    Ok(vec![Fact::Raised { alarm }])
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    let Fact::Raised { alarm } = fact;
    if let Alarm::CardGuessed { card, .. } = &alarm {
        book.cards.note_wrong_pin(*card, stamp);
    }
    raise(book, stamp, alarm);
}

/// Lays an alarm before people: for what becomes so by another fact.
pub(crate) fn raise(book: &mut AccessBook, stamp: &Stamp, alarm: Alarm) {
    book.alarms.0.push_back(Raised { stamp: stamp.clone(), alarm });
    if book.alarms.0.len() > RAISED_MAX {
        book.alarms.0.pop_front();
    }
}
