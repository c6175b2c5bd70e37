//! The NHS number: ten digits, the last a modulus 11 check.
//!
//! Always valid once made. Shown 3-3-4 on one line (NHS Common User Interface guidance).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A valid NHS number. Numbers from 999 000 0000 are never issued and are used for tests and demonstrations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NhsNumber(u64);

impl NhsNumber {
    /// Reads ten digits, with or without spaces and hyphens; `None` unless the check digit (weights 10..2,
    /// modulus 11; NHS Data Dictionary) agrees.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = 0u32;
        let mut value = 0u64;
        let mut weighted = 0u64;
        for c in text.chars() {
            if c == ' ' || c == '-' {
                continue;
            }
            let digit = u64::from(c.to_digit(10)?);
            digits += 1;
            if digits > 10 {
                return None;
            }
            value = value * 10 + digit;
            if digits < 10 {
                weighted += digit * u64::from(11 - digits);
            }
        }
        if digits != 10 {
            return None;
        }
        let check = match 11 - weighted % 11 {
            11 => 0,
            10 => return None,
            other => other,
        };
        (value % 10 == check).then_some(Self(value))
    }

    /// The `n`th number of the never-issued test range (999 000 0000 upwards) that passes its check, counting
    /// only valid ones from `first_nine`; used by the simulated trust. `None` past the range.
    pub fn test_number(first_nine: u32) -> Option<Self> {
        if !(999_000_000..=999_999_999).contains(&first_nine) {
            return None;
        }
        (0..10).find_map(|check| Self::parse(&format!("{first_nine}{check}")))
    }

    /// The number as an integer of ten digits.
    pub fn value(self) -> u64 {
        self.0
    }

    /// Ten digits without spaces, as machines want it.
    pub fn digits(self) -> String {
        format!("{:010}", self.0)
    }
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03} {:04}", self.0 / 10_000_000, self.0 / 10_000 % 1000, self.0 % 10_000)
    }
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never a patient's number in a log.
        write!(f, "NhsNumber(…{:04})", self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        for (text, shown) in [
            ("943 476 5919", Some("943 476 5919")),
            ("9876543210", Some("987 654 3210")),
            ("999-000-0018", Some("999 000 0018")),
            ("999 054 8609", Some("999 054 8609")),
            ("987 654 4321", None),
            ("999 123 4560", None),
            ("999 054 860", None),
            ("999 054 86099", None),
            ("999 054 860x", None),
            ("", None),
        ] {
            assert_eq!(NhsNumber::parse(text).map(|n| n.to_string()).as_deref(), shown, "{text}");
        }
    }
}
