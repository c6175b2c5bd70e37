//! A staff number: by it an account is known, typed at sign-in, and named in every record of who saw what.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A staff number: capitals, digits, hyphen, dot, slash, underscore; 1 to 32. Small letters and spaces do not count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct StaffNumber(Box<str>);

impl StaffNumber {
    /// Longest number, in bytes.
    pub const BYTES_MAX: usize = 32;

    /// `None` for what is no staff number.
    pub fn new(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .take(Self::BYTES_MAX + 1)
            .collect();
        let allowed =
            |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'/' | b'_');
        let some = plain.bytes().any(|b| b.is_ascii_alphanumeric());
        (some && plain.len() <= Self::BYTES_MAX && plain.bytes().all(allowed)).then(|| Self(plain.into()))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StaffNumber {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("no staff number")
    }
}

impl fmt::Display for StaffNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StaffNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffNumber({})", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_typed() {
        for (text, want) in [
            ("10482", Some("10482")),
            (" rn 10 482\t", Some("RN10482")),
            ("temp-7/a", Some("TEMP-7/A")),
            ("", None),
            ("--", None),
            ("Ann Bell!", None),
            ("Müller", None),
            ("123456789012345678901234567890123", None),
        ] {
            assert_eq!(StaffNumber::new(text).as_ref().map(StaffNumber::as_str), want, "{text:?}");
        }
    }
}
