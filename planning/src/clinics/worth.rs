//! What is kept, as one number: the counts of A, B, C, D and of what the greedy choice keeps too, in digits of 20 bits.
//!
//! Always: a larger number is a better choice, more of A before everything, and at equal counts the one that changes
//! the fewest decisions; sums of parts are the whole's (at most `Limits::BOOKINGS_MAX` < 2^20 a digit, so none carries).

use super::instance::Class;
use super::selection::Counts;
use std::iter::Sum;
use std::ops::Add;

const DIGIT_BITS: u32 = 20;
const DIGIT_MASK: u128 = (1 << DIGIT_BITS) - 1;

/// How good a choice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Worth(u128);

impl Worth {
    /// Of one booking; `as_now` when the greedy choice keeps it too.
    pub fn of(class: Class, as_now: bool) -> Self {
        let place = 4 - class.rank() as u32;
        Self((1u128 << (DIGIT_BITS * place)) + u128::from(as_now))
    }

    /// What is left of a sum without one of its parts.
    pub fn less(sum: Self, part: Self) -> Self {
        Self(sum.0.saturating_sub(part.0))
    }

    /// How many of each class.
    pub fn counts(self) -> Counts {
        let digit = |place: u32| ((self.0 >> (DIGIT_BITS * place)) & DIGIT_MASK) as u32;
        Counts([digit(4), digit(3), digit(2), digit(1)])
    }
}

impl Add for Worth {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for Worth {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}
