//! Notices to patients: what they are told of their bookings, in which words, by which way, and who is never written to.
//!
//! The words are plain text that a hospital edits (`forms/notices`, read by `format`); `compose` fills them for one person;
//! `route` decides how that person is told. Always: one person gets one notice, however many bookings it tells of. Never: a
//! notice without a number to call, a text message that says more than hospital and day, anything sent to the dead.
//! Called by `control_room`, `screens` and the command line; proved by `tests/notices.rs`, `tests/notice_words.rs` and
//! `tests/notice_routes.rs`.

mod checks;
mod compose;
mod contact;
mod fields;
mod format;
mod reading_age;
mod route;
mod shipped;
mod syllables;
mod templates;
mod text_message;

pub use compose::{Draft, Notice, Paragraph, Refusal, compose};
pub use contact::{PhoneNumber, email_address, phone_number, postal_lines};
pub use fields::{BOOKINGS_MAX, Booking, Fields};
pub use format::{WordFault, WordsFault, read_all};
pub use reading_age::reading_age;
pub use route::{Addressee, Exclusion, Gateways, Known, Route, Routed, When, addressee, route};
pub use shipped::shipped;
pub use templates::{Kind, Templates};
pub use text_message::{Encoding, SEGMENTS_MAX, Segments, reveals, segments};

use crate::problems::folded;
use serde::{Deserialize, Serialize};

/// What a patient is told of a booking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// It does not take place; when they will hear of a new date.
    Postponed,
    /// It does not take place; the new date.
    PostponedNewDate,
    /// They were told that it is postponed, and it takes place after all.
    GoingAhead,
    /// They were told that it is postponed; the new date.
    Rebooked,
    /// It takes place, though they may have heard otherwise.
    ComeAsPlanned,
    /// Several bookings of which not the same is told: each has its own outcome.
    Changes,
}

impl Message {
    /// All of them, in the order of the files.
    pub const ALL: [Self; 6] = [
        Self::Postponed,
        Self::PostponedNewDate,
        Self::GoingAhead,
        Self::Rebooked,
        Self::ComeAsPlanned,
        Self::Changes,
    ];

    /// The words of files and screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postponed => "postponed",
            Self::PostponedNewDate => "postponed with a new date",
            Self::GoingAhead => "going ahead",
            Self::Rebooked => "rebooked",
            Self::ComeAsPlanned => "come as planned",
            Self::Changes => "changes",
        }
    }

    /// The message that a file calls so; capitals and signs do not count.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| folded(message.word()) == folded(word))
    }

    /// What a notice tells whose bookings have these outcomes: the one that all of them have, else `Changes`; `None` of
    /// no booking.
    pub fn of_all(outcomes: &[Self]) -> Option<Self> {
        let first = outcomes.first()?;
        Some(if outcomes.iter().all(|outcome| outcome == first) { *first } else { Self::Changes })
    }

    /// Whether the booking takes place on its own day.
    pub fn keeps(self) -> bool {
        matches!(self, Self::GoingAhead | Self::ComeAsPlanned)
    }

    /// Whether a new date is told.
    pub fn has_new_date(self) -> bool {
        matches!(self, Self::PostponedNewDate | Self::Rebooked)
    }
}

/// By which way a notice goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Channel {
    Sms,
    Email,
    Letter,
    /// A person calls, with a script.
    Phone,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Email, Self::Letter, Self::Phone];

    /// The words of a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sms => "text message",
            Self::Email => "email",
            Self::Letter => "letter",
            Self::Phone => "phone call",
        }
    }
}

/// A language in which there are words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Language {
    #[default]
    English,
    Welsh,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Welsh];

    /// Its English name.
    pub fn word(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Welsh => "Welsh",
        }
    }

    /// The language that a record means: a name, or a code of ISO 639 with or without a country. `None` for any other.
    pub fn of_record(text: &str) -> Option<Self> {
        let folded = folded(text);
        match folded.split(' ').next().unwrap_or("") {
            "english" | "en" | "eng" => Some(Self::English),
            "welsh" | "cymraeg" | "cy" | "cym" | "wel" => Some(Self::Welsh),
            _ => None,
        }
    }
}

/// How a person can read: the Accessible Information Standard asks to keep to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Format {
    #[default]
    Standard,
    /// 18 point.
    LargePrint,
    EasyRead,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::LargePrint, Self::EasyRead];

    /// The words of a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::LargePrint => "large print",
            Self::EasyRead => "easy read",
        }
    }
}
