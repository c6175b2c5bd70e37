//! What is wrong with a text that a hospital edits: the file, the line, and what to write instead.
//!
//! Always: every fault of a set is told at once. Used by the readers of triage rules and of notices, each under its own
//! name; proved by their tests.

use std::fmt;

/// One fault of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormFault {
    /// The file as it was named; empty for the set as a whole.
    pub file: String,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => write!(f, "{}", self.what),
            (file, 0) => write!(f, "{file}: {}", self.what),
            (file, line) => write!(f, "{file}, line {line}: {}", self.what),
        }
    }
}

/// Every fault of a set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct FormsFault(pub Vec<FormFault>);
