//! Passphrases and PINs: only what Argon2id makes of them is kept.
//!
//! Always: the costs stand beside each hash, so that they can be raised for new ones; a hash that asks for absurd work is
//! refused. Never: a passphrase that holds the person's own name or number. Costs are the caller's, for the machine that has
//! to bear five hundred people signing in within a minute. Proved by the tables below.

use crate::StaffNumber;
use crate::secrets::{Typed, same_bytes};
use argon2::{Algorithm, Argon2, Params, Version};
use basics::Person;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// How much work one guess is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Costs {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Costs {
    /// 19 MiB, 2 passes: OWASP's least for Argon2id, about a tenth of a second on a busy machine; the second factor and the
    /// limits on guesses do the rest. The keys of the record cost far more.
    pub const USUAL: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// As little as Argon2id can: for tests alone.
    pub const TRIAL: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
    /// More than this no hash may ask for, whoever wrote it.
    const MOST: Self = Self { memory_kib: 1 << 20, passes: 48, lanes: 16 };

    fn params(self) -> Option<Params> {
        let Self { memory_kib, passes, lanes } = self;
        let most = Self::MOST;
        if memory_kib > most.memory_kib || passes > most.passes || lanes > most.lanes {
            return None;
        }
        Params::new(memory_kib, passes, lanes, Some(32)).ok()
    }
}

/// What is kept of a passphrase or a PIN.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    costs: Costs,
    salt: [u8; 16],
    hash: [u8; 32],
}

/// The costs cannot be borne, or are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a passphrase cannot be hashed at these costs: {0:?}. Mend the costs in the configuration")]
pub struct CostsFault(pub Costs);

impl Stored {
    /// Hashes what was typed. Slow on purpose: keep no lock meanwhile.
    ///
    /// # Errors
    /// Costs that Argon2id does not take.
    pub fn new(typed: &Typed, salt: [u8; 16], costs: Costs) -> Result<Self, CostsFault> {
        let hash = hash(typed, &salt, costs).ok_or(CostsFault(costs))?;
        Ok(Self { costs, salt, hash: *hash })
    }

    /// Whether this is what was typed then. Slow on purpose.
    pub fn fits(&self, typed: &Typed) -> bool {
        hash(typed, &self.salt, self.costs).is_some_and(|found| same_bytes(&*found, &self.hash))
    }

    /// The work of a check without one: so that nobody tells by the time it takes which staff numbers exist.
    pub fn pretend(typed: &Typed, costs: Costs) {
        drop(hash(typed, &[0; 16], costs));
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({} KiB, {} passes, …)", self.costs.memory_kib, self.costs.passes)
    }
}

fn hash(typed: &Typed, salt: &[u8; 16], costs: Costs) -> Option<Zeroizing<[u8; 32]>> {
    let mut out = Zeroizing::new([0u8; 32]);
    let plain = plain(typed);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, costs.params()?)
        .hash_password_into(plain.as_bytes(), salt, &mut *out)
        .ok()?;
    Some(out)
}

/// How many spaces stand between words, and whether one stands at the end, nobody sees and nobody remembers.
fn plain(typed: &Typed) -> Zeroizing<String> {
    let words = typed.as_str().split_whitespace();
    let mut out = Zeroizing::new(String::with_capacity(typed.as_str().len()));
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Shortest passphrase, in letters.
pub const LETTERS_MIN: usize = 14;
/// Letters that must differ.
const DIFFERENT_MIN: usize = 6;
/// Digits of a card's PIN.
pub const PIN_DIGITS: usize = 8;

/// A passphrase or PIN that is no good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Weak {
    #[error(
        "Too short: take four words or more that have nothing to do with each other, at least {LETTERS_MIN} letters."
    )]
    Short,
    #[error("Too long: at most {} bytes are looked at.", Typed::BYTES_MAX)]
    Long,
    #[error("Others will try your name and number first. Take words that have nothing to do with you.")]
    OwnName,
    #[error("Too few different letters. Take four words or more that have nothing to do with each other.")]
    Monotonous,
    #[error(
        "Others will try this one first. Take words that have nothing to do with hospitals or with each other."
    )]
    Common,
    #[error("A PIN has {PIN_DIGITS} digits.")]
    PinShape,
    #[error("Others will try this PIN first: no date, no row, no digit four times in a row.")]
    PinCommon,
}

/// Whether somebody may take this passphrase.
///
/// # Errors
/// What to take instead.
pub fn acceptable(typed: &Typed, number: &StaffNumber, name: &Person) -> Result<(), Weak> {
    let plain = plain(typed);
    if plain.is_empty() && typed.as_str().is_empty() {
        return Err(Weak::Short);
    }
    let small = Zeroizing::new(plain.to_lowercase());
    if small.chars().count() < LETTERS_MIN {
        return Err(Weak::Short);
    }
    let different: std::collections::BTreeSet<char> = small.chars().collect();
    if different.len() < DIFFERENT_MIN {
        return Err(Weak::Monotonous);
    }
    let own = name.as_str().to_lowercase();
    let names = own.split([' ', '-']).filter(|part| part.chars().count() > 2);
    let mine = |part: &str| small.split(' ').any(|word| word == part);
    let letters: String = small.chars().filter(|c| c.is_alphanumeric()).collect();
    let whole: String = own.chars().filter(|c| c.is_alphanumeric()).collect();
    let number = number.as_str().to_lowercase();
    if (number.len() > 3 && letters.contains(&number)) || letters.contains(&whole) || names.clone().all(mine)
    {
        return Err(Weak::OwnName);
    }
    const COMMON: [&str; 8] = [
        "password",
        "passphrase",
        "letmein",
        "qwerty",
        "123456",
        "correcthorsebattery",
        "lifeboat",
        "welcome",
    ];
    let rest = COMMON.iter().fold(letters.clone(), |rest, common| rest.replace(common, ""));
    if rest.chars().count() < LETTERS_MIN / 2 {
        return Err(Weak::Common);
    }
    Ok(())
}

/// Whether a card may have this PIN.
///
/// # Errors
/// What to take instead.
pub fn acceptable_pin(typed: &Typed) -> Result<(), Weak> {
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(typed.as_str().trim().bytes().collect());
    if digits.len() != PIN_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Weak::PinShape);
    }
    let steps: Vec<i16> =
        digits.windows(2).filter_map(|w| Some(i16::from(*w.get(1)?) - i16::from(*w.first()?))).collect();
    let run = |of: i16| steps.split(|step| *step != of).map(<[i16]>::len).max().unwrap_or(0);
    let year = |at: usize| digits.get(at..at + 2).is_some_and(|y| y == b"19" || y == b"20");
    // 14071945 and 19450714: people take birthdays.
    let halves = digits.split_at_checked(PIN_DIGITS / 2).is_some_and(|(a, b)| a == b);
    if run(0) >= 3 || run(1) >= 4 || run(-1) >= 4 || halves || year(0) || year(4) {
        return Err(Weak::PinCommon);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_fits_and_nothing_else() {
        let typed = Typed::new("rivet  lantern opal drum ");
        let stored = Stored::new(&typed, [3; 16], Costs::TRIAL).unwrap();
        assert!(stored.fits(&Typed::new("rivet lantern opal drum")), "spaces do not count");
        assert!(!stored.fits(&Typed::new("rivet lantern opal drums")));
        assert!(!stored.fits(&Typed::new("Rivet lantern opal drum")));
        assert_ne!(stored, Stored::new(&typed, [4; 16], Costs::TRIAL).unwrap(), "the salt counts");
        assert_eq!(format!("{stored:?}"), "Stored(8 KiB, 1 passes, …)");
    }

    #[test]
    fn absurd_costs_are_refused_and_not_borne() {
        for costs in [
            Costs { memory_kib: 4 << 20, ..Costs::TRIAL },
            Costs { passes: 1_000, ..Costs::TRIAL },
            Costs { passes: 0, ..Costs::TRIAL },
            Costs { lanes: 0, ..Costs::TRIAL },
        ] {
            assert_eq!(Stored::new(&Typed::new("x"), [0; 16], costs), Err(CostsFault(costs)));
            let planted = Stored { costs, salt: [0; 16], hash: [0; 32] };
            assert!(!planted.fits(&Typed::new("x")));
        }
    }

    #[test]
    fn a_passphrase_is_long_and_not_about_oneself() {
        let number = StaffNumber::new("RN10482").unwrap();
        let name = Person::new("Anna Bell").unwrap();
        for (typed, want) in [
            ("rivet lantern opal drum", Ok(())),
            ("Tröndelag kettle wisp seven", Ok(())),
            ("", Err(Weak::Short)),
            ("rivet opal", Err(Weak::Short)),
            ("ha ha ha ha ha ha ha ha", Err(Weak::Monotonous)),
            ("annabell on the ward", Err(Weak::OwnName)),
            ("Bell of the ward, Anna", Err(Weak::OwnName)),
            ("my number rn 10482 yes", Err(Weak::OwnName)),
            ("password password1", Err(Weak::Common)),
        ] {
            assert_eq!(acceptable(&Typed::new(typed), &number, &name), want, "{typed}");
        }
    }

    #[test]
    fn a_pin_is_nobodys_birthday() {
        for (pin, want) in [
            ("40718263", Ok(())),
            ("4071826", Err(Weak::PinShape)),
            ("4071826a", Err(Weak::PinShape)),
            ("14071945", Err(Weak::PinCommon)),
            ("19450714", Err(Weak::PinCommon)),
            ("12345678", Err(Weak::PinCommon)),
            ("40007263", Ok(())),
            ("40000263", Err(Weak::PinCommon)),
            ("40714071", Err(Weak::PinCommon)),
        ] {
            assert_eq!(acceptable_pin(&Typed::new(pin)), want, "{pin}");
        }
    }
}
