//! A mark of state: a shape, a colour and a word, so that nobody depends on one of the three.

use askama::Template;
use askama::filters::HtmlSafe;

/// How much something deserves attention.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    /// No judgement is made.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Look at it (amber).
    Amber,
    /// Act on it (red).
    Red,
}

impl Level {
    /// The class that the style sheet knows it by.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// Shape, colour and word together.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/mark.html")]
pub struct Mark {
    level: Level,
    word: String,
}

impl Mark {
    /// A mark saying `word`.
    pub fn new(level: Level, word: impl Into<String>) -> Self {
        Self { level, word: word.into() }
    }

    /// How much attention it asks for.
    pub fn level(&self) -> Level {
        self.level
    }
}

impl HtmlSafe for Mark {}
