//! Key shares as people hold them: twenty words, or a square code that says the same twenty words.
//!
//! Always: the first two words name the ceremony, the third says which share it is, the last four check all others; a slip
//! of the hand is told by the number of the word, with the word that belongs there where that can be known, and is never
//! put right in silence. Never: a share's words in `Debug`. Format: docs/formats/keys.md. Called by the ceremony, by
//! whatever unseals, and by `keys check`; proved by `tests/key_shares.rs`.

use super::check_words::{ALL_WORDS, DATA_WORDS, Mend, check, fit, mend};
use super::fill_random;
use super::shamir::{self, VALUE_BYTES, Value};
use crate::Fault;
use basics::words::{WORD_BITS, word, word_place, words_like};
use std::fmt;
use zeroize::Zeroizing;

/// Most shares of one ceremony: as many safes as anybody keeps track of.
pub const SHARES_MAX: u8 = 9;
/// Before the words in the square code.
const CODE_MARK: &str = "LIFEBOAT:SHARE:";
/// The version of shares that this program writes and reads; two bits.
const VERSION: u8 = 0;
/// Bits: the ceremony, the version, how many are needed, which share.
const CEREMONY_BITS: u32 = 2 * WORD_BITS;
const VERSION_BITS: u32 = 2;
const COUNT_BITS: u32 = 4;
/// A share is a few hundred letters; what is longer is no share.
const TEXT_BYTES_MAX: usize = 4_096;

/// Which ceremony shares come from: two words, so that shares of two ceremonies are told apart at a glance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ceremony(pub(super) u32);

impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |shift: u32| u16::try_from(self.0 >> shift & 0x3ff).unwrap_or(0);
        write!(f, "{} {}", word(place(WORD_BITS)), word(place(0)))
    }
}

/// One share of a ceremony's secret.
#[derive(Clone)]
pub struct Share {
    ceremony: Ceremony,
    needed: u8,
    number: u8,
    value: Zeroizing<Value>,
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of {}, …)", self.number, self.ceremony)
    }
}

impl Share {
    /// Fresh shares of a fresh secret: any `needed` of the `many` will open what `Opener::of_shares` of them wraps.
    pub fn deal(needed: u8, many: u8) -> Result<Vec<Self>, Fault> {
        if needed < 2 || needed > many || many > SHARES_MAX {
            return Err(ShareProblem::Counts { needed, many }.into());
        }
        let mut secret = Zeroizing::new(Value::default());
        fill_random(&mut *secret)?;
        let mut name = [0u8; 4];
        fill_random(&mut name)?;
        let ceremony = Ceremony(u32::from_le_bytes(name) >> (32 - CEREMONY_BITS));
        let values = shamir::split(&secret, (needed, many), fill_random)?;
        Ok((1..=many).zip(values).map(|(number, value)| Self { ceremony, needed, number, value }).collect())
    }

    /// Which ceremony it is of.
    pub fn ceremony(&self) -> Ceremony {
        self.ceremony
    }

    /// How many shares open the keys.
    pub fn needed(&self) -> u8 {
        self.needed
    }

    /// Which of the shares it is, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its twenty words.
    pub fn words(&self) -> Vec<&'static str> {
        self.places().iter().map(|place| word(*place)).collect()
    }

    /// What its square code says: letters that such a code packs closely.
    pub fn code(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{CODE_MARK}{}", self.words().join(" ").to_uppercase()))
    }

    fn places(&self) -> Zeroizing<Vec<u16>> {
        let mut bits = Zeroizing::new(Vec::with_capacity(DATA_WORDS * WORD_BITS as usize));
        let mut put = |value: u32, count: u32| bits.extend((0..count).rev().map(|n| value >> n & 1 == 1));
        put(self.ceremony.0, CEREMONY_BITS);
        put(u32::from(VERSION), VERSION_BITS);
        put(u32::from(self.needed), COUNT_BITS);
        put(u32::from(self.number), COUNT_BITS);
        self.value.iter().for_each(|byte| put(u32::from(*byte), 8));
        put(0, 2);
        let mut places = Zeroizing::new(Vec::with_capacity(ALL_WORDS));
        places.extend(
            bits.chunks(WORD_BITS as usize)
                .map(|ten| ten.iter().fold(0u16, |place, bit| place << 1 | u16::from(*bit))),
        );
        let checks = check(&places);
        places.extend(checks);
        places
    }

    /// Reads a share as a person types it or a square code says it: any case, numbers and signs between the words left
    /// aside, each word whole or by its first four letters.
    pub fn read(text: &str) -> Result<Self, ShareProblem> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(ShareProblem::Unclear);
        }
        let upper = Zeroizing::new(text.to_uppercase());
        let words = upper.trim().strip_prefix(CODE_MARK).unwrap_or(&upper);
        let typed: Vec<&str> =
            words.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty()).collect();
        if typed.is_empty() {
            return Err(ShareProblem::Empty);
        }
        let known: Vec<Option<u16>> = typed.iter().map(|typed| word_place(typed)).collect();
        let unknown: Vec<usize> = (0..known.len()).filter(|n| known.get(*n) == Some(&None)).collect();
        let places = Zeroizing::new(known.iter().map(|place| place.unwrap_or(0)).collect::<Vec<u16>>());
        if unknown.is_empty() && fit(&places) {
            return Self::of_places(&places);
        }
        Err(problem(&typed, &places, &unknown))
    }

    fn of_places(places: &[u16]) -> Result<Self, ShareProblem> {
        let bits = Zeroizing::new(
            places
                .iter()
                .take(DATA_WORDS)
                .flat_map(|place| (0..WORD_BITS).rev().map(move |n| place >> n & 1 == 1))
                .collect::<Vec<bool>>(),
        );
        let mut rest = bits.as_slice();
        let mut take = |count: u32| {
            let (own, after) = rest.split_at_checked(count as usize).unwrap_or((&[], &[]));
            rest = after;
            own.iter().fold(0u32, |value, bit| value << 1 | u32::from(*bit))
        };
        let ceremony = Ceremony(take(CEREMONY_BITS));
        let version = take(VERSION_BITS);
        let mut small = |count| u8::try_from(take(count)).unwrap_or(0);
        let (needed, number) = (small(COUNT_BITS), small(COUNT_BITS));
        let mut value = Zeroizing::new([0u8; VALUE_BYTES]);
        value.iter_mut().for_each(|byte| *byte = small(8));
        let spare = take(2);
        if version != u32::from(VERSION) || spare != 0 {
            return Err(ShareProblem::Newer);
        }
        if !(2..=SHARES_MAX).contains(&needed) || !(1..=SHARES_MAX).contains(&number) {
            return Err(ShareProblem::Newer);
        }
        Ok(Self { ceremony, needed, number, value })
    }

    /// The secret that these shares hold, and what it is called: ceremony, how many are needed, how many were given.
    pub(super) fn join(shares: &[Self]) -> Result<(Ceremony, u8, Zeroizing<Value>), ShareProblem> {
        let Some(first) = shares.first() else { return Err(ShareProblem::TooFew { needed: 2, given: 0 }) };
        if let Some(other) = shares.iter().find(|share| share.ceremony != first.ceremony) {
            return Err(ShareProblem::TwoCeremonies { one: first.ceremony, other: other.ceremony });
        }
        for (n, share) in shares.iter().enumerate() {
            if shares.iter().skip(n + 1).any(|other| other.number == share.number) {
                return Err(ShareProblem::Same { number: share.number });
            }
        }
        if shares.len() < usize::from(first.needed) {
            let given = u8::try_from(shares.len()).unwrap_or(u8::MAX);
            return Err(ShareProblem::TooFew { needed: first.needed, given });
        }
        let enough = shares.iter().take(usize::from(first.needed));
        let points: Vec<(u8, &Value)> = enough.map(|share| (share.number, &*share.value)).collect();
        Ok((first.ceremony, first.needed, shamir::join(&points)))
    }
}

/// Why words are no share, with the number of the word in error where one slip explains it.
fn problem(typed: &[&str], places: &[u16], unknown: &[usize]) -> ShareProblem {
    let slip = match unknown {
        [] => mend(places, None),
        [one] => mend(places, Some(*one)),
        _ => None,
    };
    let said = |place: usize| typed.get(place).map(|word| word.to_lowercase()).unwrap_or_default();
    match (slip, unknown) {
        (Some(Mend::Other(place, right)), []) => {
            ShareProblem::Mistyped { place: place + 1, typed: said(place), right: word(right) }
        }
        (Some(Mend::Other(place, right)), _) => {
            let likely = vec![word(right)];
            ShareProblem::Unlisted(vec![Unlisted { place: place + 1, typed: said(place), perhaps: likely }])
        }
        (Some(Mend::Swapped(one, other)), _) => ShareProblem::Swapped { one: one + 1, other: other + 1 },
        (Some(Mend::Missing(place, right)), _) => {
            ShareProblem::Missing { place: place + 1, right: word(right) }
        }
        (Some(Mend::Extra(place)), _) => ShareProblem::Extra { place: place + 1, typed: said(place) },
        (None, []) if places.len() != ALL_WORDS => ShareProblem::Count { words: places.len() },
        (None, []) => ShareProblem::Unclear,
        (None, _) => ShareProblem::Unlisted(
            unknown
                .iter()
                .take(ALL_WORDS)
                .map(|place| Unlisted {
                    place: place + 1,
                    typed: said(*place),
                    perhaps: words_like(&said(*place), 3),
                })
                .collect(),
        ),
    }
}

/// A word that is not on the list.
#[derive(Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Its number, from 1.
    pub place: usize,
    /// What was typed.
    pub typed: String,
    /// What may have been meant, the likeliest first.
    pub perhaps: Vec<&'static str>,
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed: String = self.typed.chars().take(24).collect();
        write!(f, "word {}, '{typed}', is not on the list", self.place)?;
        match self.perhaps.split_first() {
            None => Ok(()),
            Some((first, rest)) => {
                write!(f, "; did you mean '{first}'")?;
                rest.iter().try_for_each(|word| write!(f, " or '{word}'"))?;
                f.write_str("?")
            }
        }
    }
}

/// What is the matter with shares as they were given. Its sentences are for whoever typed them and for nobody's log: a
/// few name a word of the share.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareProblem {
    /// Nothing was given.
    #[error("there are no words here: type the share's twenty words, or what its square code says")]
    Empty,
    /// Words that are not on the list.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unlisted(Vec<Unlisted>),
    /// One word of the list stands for another.
    #[error(
        "word {place} does not fit the others: it reads '{typed}' and should be '{right}'; look at the paper"
    )]
    Mistyped {
        /// Its number, from 1.
        place: usize,
        /// What was typed.
        typed: String,
        /// The word that fits.
        right: &'static str,
    },
    /// Two words have changed places.
    #[error("words {one} and {other} have changed places")]
    Swapped {
        /// The first of them, from 1.
        one: usize,
        /// The second.
        other: usize,
    },
    /// A word was left out.
    #[error(
        "there are nineteen words: word {place} is missing, which should be '{right}'; look at the paper"
    )]
    Missing {
        /// Where it belongs, from 1.
        place: usize,
        /// The word that fits.
        right: &'static str,
    },
    /// A word was put in.
    #[error("there are twenty-one words: word {place}, '{typed}', is one too many")]
    Extra {
        /// Its number, from 1.
        place: usize,
        /// What was typed.
        typed: String,
    },
    /// Too few or too many words, and no single slip explains it.
    #[error("a share has twenty words, these are {words}; read them again from the paper, by their numbers")]
    Count {
        /// How many there are.
        words: usize,
    },
    /// More than one word is wrong.
    #[error(
        "these words do not fit together, and more than one of them must be wrong; read them again from the paper, \
         one person reading and one typing"
    )]
    Unclear,
    /// Nothing that this program made.
    #[error("this share was made by a newer Lifeboat than this one; use that, or a newer one")]
    Newer,
    /// No such shares can be made.
    #[error("{needed} of {many} shares cannot be: 2 or more are needed, and at most {} are made", SHARES_MAX)]
    Counts {
        /// Asked for.
        needed: u8,
        /// Asked for.
        many: u8,
    },
    /// Too few shares.
    #[error("{needed} shares are needed and {given} was given; fetch another from where it is kept")]
    TooFew {
        /// How many are needed.
        needed: u8,
        /// How many there are.
        given: u8,
    },
    /// The same share twice.
    #[error("share {number} was given twice; the second must be another sheet")]
    Same {
        /// Which.
        number: u8,
    },
    /// Shares of two ceremonies.
    #[error(
        "these shares are of two ceremonies, '{one}' and '{other}'; they begin with the ceremony's two words: \
         take sheets that begin alike"
    )]
    TwoCeremonies {
        /// Of the first.
        one: Ceremony,
        /// Of another.
        other: Ceremony,
    },
}

/// Without the words: a `Debug` may end in a log.
impl fmt::Debug for ShareProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareProblem(…)")
    }
}

impl fmt::Debug for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unlisted({}, …)", self.place)
    }
}
