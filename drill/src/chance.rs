//! The dice of a simulated trust: the same seed always gives the same patients, messages and mishaps.
//!
//! Always deterministic, on every machine; never used for anything secret (SplitMix64, Steele, Lea and Flood 2014).
//! Called by everything in this crate that chooses; proved by `the_same_seed_gives_the_same_stream`.

/// A stream of choices made from a seed.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Choices from this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5bd1_e995_9d1b_54a5)
    }

    /// A stream of its own for one purpose, so that more draws for one purpose never change another.
    pub fn fork(&self, purpose: u64) -> Self {
        let mut forked = Self(self.0 ^ purpose.wrapping_mul(0xd6e8_feb8_6659_fd93));
        forked.number();
        forked
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 up to, but without, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            return 0;
        }
        // The bias of a remainder is far below anything a hospital would notice.
        usize::try_from(self.number() % end as u64).unwrap_or(0)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1).max(1);
        low.saturating_add(i64::try_from(self.number() % span).unwrap_or(0))
    }

    /// A fraction from 0 up to, but without, 1.
    #[allow(clippy::cast_precision_loss)]
    pub fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True `in_ten_thousand` times of 10,000.
    pub fn happens(&mut self, in_ten_thousand: u32) -> bool {
        self.number() % 10_000 < u64::from(in_ten_thousand)
    }

    /// One of the items; `None` when there is none.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let at = self.below(items.len());
        items.get(at)
    }

    /// One of the words; empty when there is none.
    pub fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.of(words).copied().unwrap_or("")
    }

    /// Seconds until the next happening of a process with this many happenings a second on average.
    pub fn wait_ms(&mut self, per_second: f64) -> i64 {
        let wait = -(1.0 - self.fraction()).ln() / per_second.max(1e-6) * 1000.0;
        #[allow(clippy::cast_possible_truncation)]
        let ms = wait.min(3_600_000.0) as i64;
        ms.max(1)
    }

    /// A figure spread about `middle`: the sum of three throws, so that most are near and few are far.
    pub fn about(&mut self, middle: f64, spread: f64) -> f64 {
        let throw = self.fraction() + self.fraction() + self.fraction() - 1.5;
        middle + throw * spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..5).map(|_| chance.number()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let mut chance = Chance::new(1);
        assert!((0..1000).all(|_| (3..=9).contains(&chance.between(3, 9)) && chance.below(4) < 4));
        assert_eq!(chance.of::<u8>(&[]), None);
    }
}
