//! How fast and how patiently: the rate limit, the waits between attempts, and the rest a gateway is given.
//!
//! Pure: every function is handed the time. Always: no more than the limit in any minute, wherever the minute begins;
//! waits grow and are spread out by chance from a handed seed, so that thousands of messages do not return at once; a
//! gateway that fails again and again is left alone, then tried with one message. Called by `lane`; proved below.

use basics::Moment;
use std::collections::VecDeque;

/// A little more than the gateway's minute, so that a message that travels fast behind a slow one is not one too many.
const WINDOW_MS: i64 = 61_000;

/// At most so many in any minute, and no more than a twentieth of them in any second.
#[derive(Clone, Debug)]
pub struct RateLimit {
    per_minute_max: usize,
    taken: VecDeque<i64>,
}

impl RateLimit {
    /// `per_minute_max` of at least 1.
    pub fn new(per_minute_max: u32) -> Self {
        Self { per_minute_max: per_minute_max.max(1) as usize, taken: VecDeque::new() }
    }

    /// How many may go now.
    pub fn room(&mut self, at: Moment) -> usize {
        let now = at.milliseconds();
        while self.taken.front().is_some_and(|first| now - first >= WINDOW_MS) {
            self.taken.pop_front();
        }
        let second = self.taken.iter().rev().take_while(|taken| now - **taken < 1_000).count();
        let in_minute = self.per_minute_max.saturating_sub(self.taken.len());
        in_minute.min(self.burst().saturating_sub(second))
    }

    /// One goes at `at`.
    pub fn take(&mut self, at: Moment) {
        let at = self.taken.back().map_or(at.milliseconds(), |last| at.milliseconds().max(*last));
        self.taken.push_back(at);
    }

    /// How long until there is room again, in milliseconds; 0 when there is.
    pub fn wait_ms(&mut self, at: Moment) -> u64 {
        if self.room(at) > 0 {
            return 0;
        }
        let now = at.milliseconds();
        let minute = match self.taken.len() >= self.per_minute_max {
            true => self.taken.front().map_or(0, |first| first + WINDOW_MS - now),
            false => 0,
        };
        let nth = self.taken.len().checked_sub(self.burst()).and_then(|place| self.taken.get(place));
        let second = nth.map_or(0, |taken| taken + 1_000 - now);
        minute.max(second).max(1) as u64
    }

    /// How many went in the last minute.
    pub fn taken_in_last_minute(&self, at: Moment) -> usize {
        self.taken.iter().rev().take_while(|taken| at.milliseconds() - **taken < 60_000).count()
    }

    /// The clock was put back by so much: what was taken a moment ago still was.
    pub fn shift(&mut self, back_ms: i64) {
        self.taken.iter_mut().for_each(|taken| *taken -= back_ms);
    }

    fn burst(&self) -> usize {
        (self.per_minute_max / 20).max(1)
    }
}

/// How patient the courier is with messages and gateways. All in milliseconds unless named otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Wait before the second attempt; doubles with each.
    pub retry_first_ms: u64,
    /// Longest wait between attempts.
    pub retry_ms_max: u64,
    /// Attempts after which a person must decide.
    pub attempts_max: u32,
    /// How long an unknown outcome rests before the gateway is asked, so that what is still on its way has landed.
    pub settle_ms: u64,
    /// How often the gateway must say "never seen", each a settling time apart, before the message is sent again.
    pub never_seen_min: u8,
    /// Wait before the first question about delivery; doubles with each.
    pub delivery_first_ms: u64,
    /// Longest wait between questions about delivery.
    pub delivery_ms_max: u64,
    /// After so long nobody asks about delivery any more.
    pub delivery_asked_for_ms_max: u64,
    /// Failures in a row after which a gateway is left alone.
    pub failures_max: u32,
    /// The first rest; doubles with each.
    pub rest_first_ms: u64,
    /// Longest rest.
    pub rest_ms_max: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            retry_first_ms: 2_000,
            retry_ms_max: 600_000,
            attempts_max: 40,
            settle_ms: 60_000,
            never_seen_min: 2,
            delivery_first_ms: 60_000,
            delivery_ms_max: 3_600_000,
            delivery_asked_for_ms_max: 72 * 3_600_000,
            failures_max: 5,
            rest_first_ms: 15_000,
            rest_ms_max: 600_000,
        }
    }
}

impl Patience {
    /// Whether it has been asked about long enough since `since`.
    pub fn asked_long_enough(&self, since: Moment, at: Moment) -> bool {
        let most = i64::try_from(self.delivery_asked_for_ms_max).unwrap_or(i64::MAX);
        at.milliseconds().saturating_sub(since.milliseconds()) > most
    }
}

/// The wait after attempt number `attempt` (from 1): doubling from `first_ms` to `ms_max`, and of that between half and
/// all by chance. A gateway's own wish is kept: never shorter than `asked_ms` (of at most an hour).
pub fn backoff(attempt: u32, first_ms: u64, ms_max: u64, asked_ms: Option<u64>, chance: &mut Chance) -> u64 {
    let full = first_ms.saturating_mul(1 << attempt.saturating_sub(1).min(30)).min(ms_max).max(1);
    let spread = full / 2 + chance.below(full / 2 + 1);
    spread.max(asked_ms.unwrap_or(0).min(3_600_000))
}

/// Whether a gateway is being tried at all.
#[derive(Clone, Debug, Default)]
pub struct Rest {
    failures: u32,
    rests: u32,
    until: Option<(Moment, String)>,
    trying: bool,
}

impl Rest {
    /// How many may be handed over, of `wanted`: none while it rests, one after a rest until that one passed.
    pub fn allows(&mut self, wanted: usize, at: Moment) -> usize {
        match &self.until {
            None => wanted,
            Some((until, _)) if at < *until => 0,
            Some(_) if self.trying => 0,
            Some(_) => wanted.min(1),
        }
    }

    /// One is being handed over.
    pub fn begun(&mut self) {
        self.trying = self.until.is_some();
    }

    /// One that had begun came to nothing: it could not be recorded, or the question had no answer worth counting.
    pub fn undecided(&mut self) {
        self.trying = false;
    }

    /// The gateway answered as it should.
    pub fn passed(&mut self) {
        *self = Self::default();
    }

    /// The gateway failed. `now` leaves it alone at once (it said so itself); else after `failures_max` in a row.
    pub fn failed(
        &mut self,
        why: &str,
        at: Moment,
        now: bool,
        asked_ms: Option<u64>,
        patience: &Patience,
        chance: &mut Chance,
    ) {
        let tried = std::mem::take(&mut self.trying);
        self.failures += 1;
        if now || tried || self.failures >= patience.failures_max {
            // Those that were in flight together fail together: one rest, not five.
            let resting = self.until.as_ref().is_some_and(|(until, _)| at < *until);
            if !resting {
                self.rests += 1;
            }
            let (first, most) = (patience.rest_first_ms, patience.rest_ms_max);
            // The first time a gateway names a time, that is the time; if it then fails again, the rests grow.
            let wait = match asked_ms {
                Some(asked) if self.rests <= 1 => asked.clamp(1_000, 3_600_000),
                _ => backoff(self.rests, first, most, asked_ms, chance),
            } as i64;
            let until = Moment::from_milliseconds(at.milliseconds().saturating_add(wait));
            let until = self.until.as_ref().map_or(until, |(known, _)| until.max(*known));
            self.until = Some((until, why.to_owned()));
        }
    }

    /// Until when it rests, and why.
    pub fn until(&self) -> Option<&(Moment, String)> {
        self.until.as_ref()
    }

    /// The clock was put back by so much.
    pub fn shift(&mut self, back_ms: i64) {
        if let Some((until, _)) = &mut self.until {
            *until = Moment::from_milliseconds(until.milliseconds() - back_ms);
        }
    }
}

/// Chance from a seed: the same seed, the same waits. For spreading waits, not for secrets.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end` (0 for 0).
    pub fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(end).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment::from_milliseconds(ms)
    }

    /// Takes as soon as there is room, until `count` are taken; when each was.
    fn paced(per_minute: u32, count: usize) -> Vec<i64> {
        let (mut limit, mut now, mut taken) = (RateLimit::new(per_minute), 0, Vec::new());
        while taken.len() < count {
            while taken.len() < count && limit.room(at(now)) > 0 {
                limit.take(at(now));
                taken.push(now);
            }
            now += limit.wait_ms(at(now)).max(1) as i64;
        }
        taken
    }

    #[test]
    fn no_minute_anywhere_holds_more_than_the_limit() {
        for per_minute in [1, 2, 7, 19, 60, 3000] {
            let taken = paced(per_minute, per_minute as usize * 3 + 1);
            for window in taken.windows(per_minute as usize + 1) {
                assert!(
                    window[per_minute as usize] - window[0] >= 60_000,
                    "{per_minute} a minute: {window:?}"
                );
            }
            // And not much less than it: three full minutes and one more.
            assert!(*taken.last().unwrap() <= 3 * 61_000 + 60_000, "{per_minute}: {:?}", taken.last());
        }
    }

    #[test]
    fn waits_grow_and_are_spread_and_keep_the_gateways_wish() {
        let mut chance = Chance::new(1);
        for (attempt, from, to) in
            [(1, 1_000, 2_000), (2, 2_000, 4_000), (5, 16_000, 32_000), (40, 300_000, 600_000)]
        {
            let waits: Vec<u64> =
                (0..200).map(|_| backoff(attempt, 2_000, 600_000, None, &mut chance)).collect();
            assert!(waits.iter().all(|w| (from..=to).contains(w)), "{attempt}: {waits:?}");
            assert!(waits.iter().collect::<std::collections::BTreeSet<_>>().len() > 100);
        }
        assert!(backoff(1, 2_000, 600_000, Some(30_000), &mut chance) >= 30_000);
        assert!(backoff(1, 2_000, 600_000, Some(u64::MAX), &mut chance) <= 3_600_000);
    }

    #[test]
    fn a_gateway_that_fails_rests_and_is_tried_with_one() {
        let (mut rest, patience, mut chance) = (Rest::default(), Patience::default(), Chance::new(1));
        for n in 0..5 {
            assert_eq!(rest.allows(8, at(n)), 8);
            rest.failed("no answer", at(n), false, None, &patience, &mut chance);
        }
        assert_eq!(rest.allows(8, at(1_000)), 0);
        assert_eq!(rest.allows(8, at(16_000)), 1);
        rest.begun();
        assert_eq!(rest.allows(8, at(16_000)), 0);
        rest.failed("no answer", at(17_000), false, None, &patience, &mut chance);
        let (until, why) = rest.until().unwrap();
        assert!(*until >= at(17_000 + 15_000) && why == "no answer", "the second rest is longer");
        assert_eq!(rest.allows(8, at(60_000)), 1);
        rest.begun();
        rest.passed();
        assert_eq!(rest.allows(8, at(60_000)), 8);
    }
}
