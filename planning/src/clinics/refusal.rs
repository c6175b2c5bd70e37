//! Why a list or a change is not taken: a sentence for the person who gave it.
//!
//! Always: names the booking, session or limit and what is wanted instead. Proved by `tests/clinics_rules.rs`.

use thiserror::Error;

/// Why the selection does not take what it was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// More than is selected from at once.
    #[error(
        "{count} {what} are more than the {max} that are selected from at once; split the list by day or site"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// How many are taken.
        max: usize,
    },
    /// A figure that cannot be.
    #[error("{whole}: {what}")]
    Wrong {
        /// What part: "booking B0012".
        whole: String,
        /// What is wrong and what is wanted.
        what: String,
    },
    /// Two of one name.
    #[error("two {what} are called {name}; each needs a name of its own")]
    Twice {
        /// Of what.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// No session or limit of that name.
    #[error("there is no {what} called {name}.{near}")]
    None {
        /// Of what.
        what: &'static str,
        /// As given.
        name: String,
        /// " Did you mean …?" or nothing.
        near: String,
    },
}

impl Refusal {
    /// A part and what is wrong with it.
    pub(super) fn wrong(whole: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Wrong { whole: whole.into(), what: what.into() }
    }
}
