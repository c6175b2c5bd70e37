//! Somebody who signs: the name under an act of the incident book or of the clinic book.
//!
//! Always: a person who signs has a name. Never: a proof of who it is. Used by `incident` and `care`; proved by the table
//! below.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Somebody who signs: a name or initials, 1 to 80 bytes, printable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Person(Box<str>);

impl Person {
    /// Longest name, in bytes; a longer one is clipped at a character.
    pub const BYTES_MAX: usize = 80;

    /// `None` when nothing printable is left.
    pub fn new(text: &str) -> Option<Self> {
        let tidied = crate::tidy(text, Self::BYTES_MAX);
        (!tidied.is_empty()).then(|| Self(tidied.into()))
    }

    /// Lifeboat itself: for what the program records on its own, such as the cards it read at its start.
    pub fn lifeboat() -> Self {
        Self("Lifeboat".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same person as far as a name can tell: capitals do not count.
    pub fn same(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.to_lowercase() == other.0.to_lowercase()
    }

    /// Initials for the margin of the log: "Anna Bell" → "AB"; a name of one word keeps at most 4 letters.
    pub fn initials(&self) -> String {
        let words: Vec<&str> = self.0.split([' ', '-']).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            [one] => one.chars().take(4).collect(),
            many => {
                many.iter().take(4).filter_map(|w| w.chars().next()).flat_map(char::to_uppercase).collect()
            }
        }
    }
}

impl TryFrom<String> for Person {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if !text.is_empty() && text.len() <= Self::BYTES_MAX {
            return Ok(Self(text.into()));
        }
        Self::new(&text).ok_or("a person without a name")
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({})", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_what_a_loggist_would_write() {
        for (name, want) in [
            ("Anna Bell", "AB"),
            ("ab", "ab"),
            ("Mary-Jane de Souza Obi Lee", "MJDS"),
            ("Ørjan", "Ørja"),
            ("élise brown", "ÉB"),
        ] {
            assert_eq!(Person::new(name).map(|p| p.initials()), Some(want.to_owned()), "{name}");
        }
        assert_eq!(Person::new(" \n"), None);
        assert!(
            Person::new("ANNA bell").is_some_and(|a| Person::new("Anna Bell").is_some_and(|b| a.same(&b)))
        );
    }
}
