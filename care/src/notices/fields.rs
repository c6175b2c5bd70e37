//! What a notice is filled with: the checked list of fields in braces, and their values for one person.
//!
//! Always: a value is one line of printable words. Never: a field that the list does not have. Read by `format`, filled by
//! `compose`; proved by `tests/notices.rs`.

use super::Message;

/// Bookings that one notice may tell of.
pub const BOOKINGS_MAX: usize = 20;
/// Longest value, in bytes.
pub(super) const VALUE_BYTES_MAX: usize = 200;

/// A field in braces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Field {
    Hospital,
    Name,
    Born,
    Phone,
    Hours,
    HearBy,
    Reference,
    /// The days of all bookings in one phrase.
    Dates,
    Date,
    Time,
    Clinic,
    NewDate,
    NewTime,
}

impl Field {
    pub(super) const ALL: [Self; 13] = [
        Self::Hospital,
        Self::Name,
        Self::Born,
        Self::Phone,
        Self::Hours,
        Self::HearBy,
        Self::Reference,
        Self::Dates,
        Self::Date,
        Self::Time,
        Self::Clinic,
        Self::NewDate,
        Self::NewTime,
    ];

    /// As it stands between braces.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::Name => "name",
            Self::Born => "born",
            Self::Phone => "phone",
            Self::Hours => "hours",
            Self::HearBy => "hear_by",
            Self::Reference => "reference",
            Self::Dates => "dates",
            Self::Date => "date",
            Self::Time => "time",
            Self::Clinic => "clinic",
            Self::NewDate => "new_date",
            Self::NewTime => "new_time",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }

    /// Whether it says something of one booking, and of which one must be clear.
    pub(super) fn of_one_booking(self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::Clinic | Self::NewDate | Self::NewTime)
    }

    /// What the value is, for whoever has to supply it.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Hospital => "the hospital's name",
            Self::Name => "the name after “Dear”",
            Self::Born => "the date of birth, for the caller to compare",
            Self::Phone => "the number to call",
            Self::Hours => "when the number is answered",
            Self::HearBy => "the day by which the patient will hear",
            Self::Reference => "the reference",
            Self::Dates | Self::Date => "the day of the booking",
            Self::Time => "the time of the booking",
            Self::Clinic => "the clinic",
            Self::NewDate => "the new day",
            Self::NewTime => "the new time",
        }
    }
}

/// The values for one person, as people read them: "Tuesday 12 May 2026", "10:30am".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields {
    /// The hospital; for text messages a name that reveals no specialty.
    pub hospital: String,
    /// The number to call.
    pub phone: String,
    /// When it is answered: "8am to 8pm, every day".
    pub hours: String,
    /// After "Dear": see [`super::Addressee`].
    pub name: String,
    /// Date of birth, for the caller who checks it; in no other notice.
    pub born: String,
    /// The reference that a caller may quote; may be empty where no words use it.
    pub reference: String,
    /// The day by which they will hear of a new date.
    pub hear_by: String,
    /// The bookings that the notice tells of, in order of time; 1 to [`BOOKINGS_MAX`].
    pub bookings: Vec<Booking>,
    /// Adds the lines for those who do not read the notice's language well.
    pub interpreter: bool,
}

/// One booking of a notice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Booking {
    /// The day.
    pub date: String,
    /// The time; empty when the list has none: the words then refer to the patient's own letter.
    pub time: String,
    /// The clinic; empty when not known.
    pub clinic: String,
    /// The new day, where there is one.
    pub new_date: String,
    /// The new time.
    pub new_time: String,
    /// What is told of it, in a notice of changes; otherwise the notice's own message.
    pub outcome: Option<Message>,
}
