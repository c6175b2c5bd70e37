//! The words of a notice as read from a file, before anybody's details are in them.
//!
//! Always: made by `format` alone, which checks them; English is complete. Called by `compose`; proved by `tests/notices.rs`.

use super::fields::Field;
use super::{Channel, Format, Language, Message};
use crate::problems::folded;

/// A kind of notice, as the files call it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    TextMessage,
    Email,
    Letter,
    EasyReadLetter,
    /// Only where large print needs other words; otherwise the letter's.
    LargePrintLetter,
    Phone,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::TextMessage,
        Self::Email,
        Self::Letter,
        Self::EasyReadLetter,
        Self::LargePrintLetter,
        Self::Phone,
    ];

    /// The words of the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::TextMessage => "text message",
            Self::Email => "email",
            Self::Letter => "letter",
            Self::EasyReadLetter => "easy read letter",
            Self::LargePrintLetter => "large print letter",
            Self::Phone => "phone",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| folded(kind.word()) == folded(word))
    }

    /// Whether it has a subject.
    pub(super) fn has_subject(self) -> bool {
        !matches!(self, Self::TextMessage | Self::Phone)
    }

    /// The kinds that serve, the best first. An easy read letter's words serve as a mail too.
    pub(super) fn serving(channel: Channel, format: Format) -> &'static [Self] {
        match (channel, format) {
            (Channel::Sms, _) => &[Self::TextMessage],
            (Channel::Phone, _) => &[Self::Phone],
            (Channel::Email | Channel::Letter, Format::EasyRead) => &[Self::EasyReadLetter],
            (Channel::Email, _) => &[Self::Email],
            (Channel::Letter, Format::LargePrint) => &[Self::LargePrintLetter, Self::Letter],
            (Channel::Letter, Format::Standard) => &[Self::Letter],
        }
    }
}

/// Words and fields of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Words(String),
    Field(Field),
}

/// When a line is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Applies {
    Always,
    /// The notice tells of one booking.
    One,
    /// Of several.
    Several,
    /// Once for each booking; of that outcome, where one is named.
    Each(Option<Message>),
    /// The reader needs an interpreter.
    Interpreter,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Text,
    Heading,
    Bullet,
}

/// The parts of a phone script, in the order in which they must stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    /// Everything that is no phone script.
    Whole,
    /// Who is it?
    Check,
    /// What to do when a machine answers.
    Machine,
    /// What is said to the patient.
    Say,
    /// What is written down.
    Record,
}

impl Part {
    pub(super) const OF_A_SCRIPT: [Self; 4] = [Self::Check, Self::Machine, Self::Say, Self::Record];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Check => "check",
            Self::Machine => "machine",
            Self::Say => "say",
            Self::Record => "record",
        }
    }
}

/// A line of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// The file's place in the set, and the line in it, for faults.
    pub(super) file: usize,
    pub(super) number: usize,
    /// Lines of one block run on in one paragraph.
    pub(super) block: usize,
    pub(super) part: Part,
    pub(super) applies: Applies,
    pub(super) shape: Shape,
    pub(super) pieces: Vec<Piece>,
}

impl Line {
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        fields(&self.pieces)
    }
}

/// The fields among some pieces.
pub(super) fn fields(pieces: &[Piece]) -> impl Iterator<Item = Field> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Field(field) => Some(*field),
        Piece::Words(_) => None,
    })
}

/// The words of one notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Template {
    pub(super) message: Message,
    pub(super) kind: Kind,
    pub(super) language: Language,
    /// Empty where the kind has none.
    pub(super) subject: Vec<Piece>,
    /// Where it differs when there are several bookings.
    pub(super) subject_for_several: Option<Vec<Piece>>,
    pub(super) lines: Vec<Line>,
}

/// A checked set of notices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Templates {
    pub(super) all: Vec<Template>,
    /// What the files say of a language whose words nobody has checked yet.
    pub(super) cautions: Vec<(Language, String)>,
}

impl Templates {
    /// What is to be said of a language's words: "not yet checked by a speaker"; `None` when somebody has checked them.
    pub fn caution(&self, language: Language) -> Option<&str> {
        self.cautions.iter().find(|(of, _)| *of == language).map(|(_, words)| words.as_str())
    }

    /// Whether the set has such words of its own.
    pub fn has(&self, message: Message, kind: Kind, language: Language) -> bool {
        self.find(message, kind, language).is_some()
    }

    pub(super) fn find(&self, message: Message, kind: Kind, language: Language) -> Option<&Template> {
        self.all.iter().find(|t| (t.message, t.kind, t.language) == (message, kind, language))
    }
}
