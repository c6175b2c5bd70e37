//! A clock to be handed: the program hands the real one, tests and drills hand their own.

use crate::Moment;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the moment. Only the program implements this with the machine's clock.
pub trait Clock: Send + Sync {
    /// Now, as this clock has it.
    fn now(&self) -> Moment;
}

/// A clock that stands where it was put, and moves when told.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock standing at `at`.
    pub fn new(at: Moment) -> Self {
        Self(AtomicI64::new(at.milliseconds()))
    }

    /// Puts the clock at `at`, forwards or back.
    pub fn set(&self, at: Moment) {
        self.0.store(at.milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Moment {
        Moment::from_milliseconds(self.0.load(Ordering::SeqCst))
    }
}
