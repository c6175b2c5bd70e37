//! Names of sites, wards, feeds, books and entries: short, printable, never empty.

use crate::short_text::tidy;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $bytes_max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Box<str>);

        impl $name {
            /// Longest name kept, in bytes; longer ones are clipped at a character.
            pub const BYTES_MAX: usize = $bytes_max;

            /// `None` when nothing printable is left after trimming.
            pub fn new(text: &str) -> Option<Self> {
                let tidied = tidy(text, Self::BYTES_MAX);
                (!tidied.is_empty()).then(|| Self(tidied.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }
    };
}

name!(
    /// A hospital of the trust, as people call it: "Northgate General".
    SiteId,
    80
);
name!(
    /// A ward within its site, by the code the ward list uses: "AMU", "COTE1".
    WardId,
    40
);
name!(
    /// A feed: one sender of messages with its own settings, tray and location map: "pas", "pathology".
    FeedName,
    40
);
name!(
    /// An NHS organisation code (ODS), such as R0A; invented ones in examples.
    OdsCode,
    12
);
name!(
    /// A book of the record: "feed", "incident", "charting".
    BookName,
    40
);

/// An entry's place in its book, counted from 1 without gaps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct EntryNumber(pub u64);

impl EntryNumber {
    /// The entry that follows.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
