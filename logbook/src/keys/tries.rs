//! How often somebody may try a passphrase: the first few at once, then with a rest that grows to half a minute.
//!
//! Always: no number of wrong tries locks anybody out for longer than that rest, and none costs memory. Each place that
//! asks keeps one for itself (a console, a device), so that one that guesses does not hold up another.

use basics::Moment;

/// Wrong tries without a rest.
const FREE: u32 = 3;
/// Longest rest.
const REST_MS_MAX: i64 = 30_000;

/// The wrong tries of one place that asks.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tries {
    wrong: u32,
    next: Option<Moment>,
}

impl Tries {
    /// Whether a try may be made; if not, in how many milliseconds.
    pub fn may_try(&self, at: Moment) -> Result<(), u64> {
        let left = self.next.map_or(0, |next| next.milliseconds().saturating_sub(at.milliseconds()));
        // A clock that was put back must lock nobody out: no rest is longer than the longest.
        if left > 0 && left <= REST_MS_MAX { Err(left.unsigned_abs()) } else { Ok(()) }
    }

    /// A wrong try was made.
    pub fn wrong(&mut self, at: Moment) {
        self.wrong = self.wrong.saturating_add(1);
        let over = self.wrong.saturating_sub(FREE);
        let rest = if over == 0 { 0 } else { (1_000i64 << (over - 1).min(5)).min(REST_MS_MAX) };
        self.next = Some(Moment::from_milliseconds(at.milliseconds().saturating_add(rest)));
    }

    /// The right one was given.
    pub fn right(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds that so many wrong tries take somebody who tries whenever it is allowed.
    fn guessing_takes_ms(tries: u32) -> i64 {
        let (mut pace, mut now) = (Tries::default(), 0);
        for _ in 0..tries {
            if let Err(wait) = pace.may_try(Moment::from_milliseconds(now)) {
                now += wait as i64;
            }
            assert!(pace.may_try(Moment::from_milliseconds(now)).is_ok());
            pace.wrong(Moment::from_milliseconds(now));
        }
        now
    }

    #[test]
    fn a_thousand_wrong_tries_take_hours_and_a_slip_of_the_hand_nothing() {
        assert_eq!(guessing_takes_ms(4), 0);
        assert!(guessing_takes_ms(1_000) > 8 * 3_600_000);
        let mut pace = Tries::default();
        (0..1_000_000).for_each(|_| pace.wrong(Moment::from_milliseconds(0)));
        assert_eq!(
            pace.may_try(Moment::from_milliseconds(0)),
            Err(30_000),
            "and never a longer rest than this"
        );
        assert!(pace.may_try(Moment::from_milliseconds(30_000)).is_ok());
        assert!(
            pace.may_try(Moment::from_milliseconds(-86_400_000)).is_ok(),
            "a clock put back locks nobody out"
        );
        pace.right();
        assert!(pace.may_try(Moment::from_milliseconds(0)).is_ok());
    }
}
