//! The machine's clock: the one place in the house that reads it.
//!
//! Always: the moments it gives never go back, whatever the machine's clock does (RELIABILITY test 31): when that
//! clock is put back, time here stands still until it has caught up. The order of the record never depends on it.

use basics::{Clock, Moment};
use std::sync::atomic::{AtomicI64, Ordering};
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
