//! The machine's clock: the one place in the house that reads it.
//!
//! Always: the moments it gives never go back, whatever the machine's clock does (RELIABILITY test 31): when that
//! clock is put back, time here stands still until it has caught up. The order of the record never depends on it.

use basics::{Clock, Moment};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How far the machine's clock may have been put back before time is taken from it again: a clock that was wrong by
/// years when the program started must not hold every later moment in the future.
const STAND_STILL_MS_MAX: i64 = 3_600_000;

/// The machine's clock, guarded against small steps back.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest_ms: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let machine = machine_ms();
        let latest = self.latest_ms.fetch_max(machine, Ordering::Relaxed).max(machine);
        if latest - machine > STAND_STILL_MS_MAX {
            self.latest_ms.store(machine, Ordering::Relaxed);
            return Moment::from_milliseconds(machine);
        }
        Moment::from_milliseconds(latest)
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock (HOUSE.md, habit 4)")]
fn machine_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

/// Milliseconds since the program began to count, never going back whatever the machine's clock does: for waits, not
/// for the record.
#[allow(
    clippy::disallowed_methods,
    reason = "waits must not depend on the machine's clock, which may be put back"
)]
pub fn uptime_ms() -> u64 {
    static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let began = BEGAN.get_or_init(std::time::Instant::now);
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The machine's clock that can be made to run ahead, for a demonstration: a day is shown in ten minutes.
///
/// Always: never goes back; what it has gained it keeps, so that the record's times stay in order. No hospital's
/// Lifeboat goes by it.
#[derive(Debug)]
pub struct HurriedClock {
    machine: SystemClock,
    pace: Mutex<Pace>,
}

/// From when on how fast.
#[derive(Debug)]
struct Pace {
    machine_ms: i64,
    shown_ms: i64,
    times: i64,
    /// It stands still there until it is told a later moment.
    shown_ms_max: i64,
}

impl Pace {
    fn shown(&self, machine_ms: i64) -> i64 {
        let passed = machine_ms.saturating_sub(self.machine_ms).max(0);
        self.shown_ms
            .saturating_add(passed.saturating_mul(self.times))
            .min(self.shown_ms_max.max(self.shown_ms))
    }
}

impl HurriedClock {
    /// A clock that is ahead of the machine's by so much, and goes at its pace.
    pub fn ahead_by(ahead_ms: i64) -> Self {
        let machine = SystemClock::default();
        let machine_ms = machine.now().milliseconds();
        let pace = Pace {
            machine_ms,
            shown_ms: machine_ms.saturating_add(ahead_ms.max(0)),
            times: 1,
            shown_ms_max: i64::MAX,
        };
        Self { machine, pace: Mutex::new(pace) }
    }

    /// From now on goes `times` as fast as the machine's, without a moment to wait at.
    pub fn hurry(&self, times: u32) {
        self.go_on(|pace| (pace.times, pace.shown_ms_max) = (i64::from(times.max(1)), i64::MAX));
    }

    /// Stands still at that moment until it is told a later one, and goes on from there.
    pub fn no_later_than(&self, at: Moment) {
        self.go_on(|pace| pace.shown_ms_max = at.milliseconds());
    }

    /// Changes the pace from what is shown now.
    fn go_on(&self, change: impl FnOnce(&mut Pace)) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let machine_ms = self.machine.now().milliseconds();
        pace.shown_ms = pace.shown(machine_ms);
        pace.machine_ms = machine_ms;
        change(&mut pace);
    }

    /// How far it is ahead of the machine's, in milliseconds.
    pub fn ahead_ms(&self) -> i64 {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let machine_ms = self.machine.now().milliseconds();
        pace.shown(machine_ms) - machine_ms
    }
}

impl Clock for HurriedClock {
    fn now(&self) -> Moment {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        Moment::from_milliseconds(pace.shown(self.machine.now().milliseconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hurried_clock_keeps_what_it_gained_and_never_goes_back() {
        let pace = Pace { machine_ms: 1_000, shown_ms: 61_000, times: 30, shown_ms_max: 130_000 };
        assert_eq!(pace.shown(1_000), 61_000);
        assert_eq!(pace.shown(3_000), 121_000, "two seconds are a minute");
        assert_eq!(pace.shown(500), 61_000, "put back, the machine's clock changes nothing");
        assert_eq!(pace.shown(9_000), 130_000, "it waits for the next line");
        let clock = HurriedClock::ahead_by(3_600_000);
        let before = clock.now();
        assert!((3_599_000..=3_601_000).contains(&clock.ahead_ms()));
        clock.hurry(1_000);
        clock.hurry(1);
        assert!(clock.now() >= before && clock.ahead_ms() >= 3_600_000);
        // Ten and twenty years, a third of a second each at that pace: far enough that a pause between the two calls below
        // does not outrun them.
        let (held, later) = (clock.now().plus_seconds(315_360_000), clock.now().plus_seconds(630_720_000));
        clock.hurry(1_000_000_000);
        clock.no_later_than(held);
        while clock.now() < held {
            std::hint::spin_loop();
        }
        assert_eq!(clock.now(), held);
        clock.no_later_than(later);
        while clock.now() < later {
            std::hint::spin_loop();
        }
        clock.no_later_than(before);
        assert_eq!(clock.now(), later, "told an earlier moment it stands, and does not go back");
    }
}
