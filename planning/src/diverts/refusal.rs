//! Why an instance, a matrix or a change is not taken: a sentence for the person who gave it.
//!
//! Always: names the site, zone, row or column, what is wrong and what is wanted instead. Called by the readers and by
//! `Planner`; proved by `tests/bad_input.rs`.

use thiserror::Error;

/// Why the planner does not take what it was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The text is no JSON.
    #[error("this is not a divert instance: it cannot be read as JSON ({why})")]
    NotJson {
        /// The reader's own words, with line and column.
        why: String,
    },
    /// A part of the instance is missing or of the wrong kind.
    #[error("{whole}: {what}")]
    Wrong {
        /// What part: "zone 3 (Havering 015)".
        whole: String,
        /// What is wrong and what is wanted.
        what: String,
    },
    /// More than the planner takes.
    #[error("{count} {what} are more than the {max} that can be planned at once")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// How many are taken.
        max: usize,
    },
    /// No site of that name.
    #[error("there is no site called {name}.{near}")]
    NoSuchSite {
        /// As given.
        name: String,
        /// " Did you mean …?" or nothing.
        near: String,
    },
    /// Two sites of one name.
    #[error("more than one site is called {name}; rename one to tell them apart")]
    SiteTwice {
        /// The name.
        name: String,
    },
    /// No pathway of that code.
    #[error("there is no pathway {id}; the pathways are {known}")]
    NoSuchPathway {
        /// As given.
        id: String,
        /// All codes.
        known: String,
    },
    /// A travel-time matrix that is not taken, with every fault found (at most 20 are listed).
    #[error("the travel-time matrix is not taken: {}", .0.join("; "))]
    Matrix(Vec<String>),
}

impl Refusal {
    /// A part and what is wrong with it.
    pub(crate) fn wrong(whole: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Wrong { whole: whole.into(), what: what.into() }
    }
}
