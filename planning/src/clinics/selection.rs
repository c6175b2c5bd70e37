//! A selection: what becomes of each booking, and how many of each class are kept.
//!
//! Always: one outcome a booking, in the order of the instance; kept + not kept = all. Made by `greedy` and `exact`.

use super::instance::{Class, Instance};
use serde::{Deserialize, Serialize};

/// What becomes of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is kept.
    Kept,
    /// Something it needs is down without a safe fallback.
    Blocked,
    /// Its session had too few minutes left when its turn came.
    NoMinutes,
    /// The shared limit of this index had too little left when its turn came.
    NoUnits(usize),
}

impl Outcome {
    /// True for `Kept`.
    pub fn is_kept(self) -> bool {
        self == Self::Kept
    }
}

/// How many of each class. Compared as they are kept: more of A first, whatever the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Counts(pub [u32; 4]);

impl Counts {
    /// Of one class.
    pub fn of(self, class: Class) -> u32 {
        self.0.get(class.rank()).copied().unwrap_or(0)
    }

    /// Of all classes together.
    pub fn sum(self) -> u32 {
        self.0.iter().sum()
    }

    /// Counts one less.
    fn take(&mut self, class: Class) {
        if let Some(count) = self.0.get_mut(class.rank()) {
            *count = count.saturating_sub(1);
        }
    }

    /// Counts one more.
    pub fn add(&mut self, class: Class) {
        if let Some(count) = self.0.get_mut(class.rank()) {
            *count += 1;
        }
    }
}

/// What becomes of every booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// One a booking, in the order of the instance.
    pub outcomes: Vec<Outcome>,
    /// How many are kept.
    pub kept: Counts,
    /// Minutes left in each session.
    pub minutes_left: Vec<u32>,
    /// Units left of each shared limit.
    pub units_left: Vec<u32>,
}

impl Selection {
    /// Nothing kept, and nothing offered yet.
    pub(super) fn none_of(instance: &Instance) -> Self {
        Self {
            outcomes: vec![Outcome::Blocked; instance.bookings.len()],
            kept: Counts::default(),
            minutes_left: instance.sessions.iter().map(|s| s.minutes).collect(),
            units_left: instance.shared.iter().map(|l| l.units).collect(),
        }
    }

    /// Keeps a booking if there is room for it, else says what there was too little of.
    pub(super) fn offer(&mut self, instance: &Instance, index: usize) {
        let Some(booking) = instance.bookings.get(index) else { return };
        let outcome = self.room_for(booking);
        if outcome.is_kept() {
            if let Some(left) = self.minutes_left.get_mut(booking.session) {
                *left = left.saturating_sub(booking.minutes);
            }
            for one in &booking.uses {
                if let Some(left) = self.units_left.get_mut(one.limit) {
                    *left = left.saturating_sub(one.units);
                }
            }
            self.kept.add(booking.class);
        }
        if let Some(slot) = self.outcomes.get_mut(index) {
            *slot = outcome;
        }
    }

    /// Gives the room of a kept booking back; what becomes of it is for the next offer to say.
    pub(super) fn take_back(&mut self, instance: &Instance, index: usize) {
        let Some(booking) = instance.bookings.get(index).filter(|_| self.is_kept(index)) else { return };
        if let Some(left) = self.minutes_left.get_mut(booking.session) {
            *left += booking.minutes;
        }
        for one in &booking.uses {
            if let Some(left) = self.units_left.get_mut(one.limit) {
                *left += one.units;
            }
        }
        self.kept.take(booking.class);
        if let Some(slot) = self.outcomes.get_mut(index) {
            *slot = Outcome::NoMinutes;
        }
    }

    fn is_kept(&self, index: usize) -> bool {
        self.outcomes.get(index).is_some_and(|outcome| outcome.is_kept())
    }

    /// Could be done, and there was no room for it.
    pub(super) fn waits(&self, index: usize) -> bool {
        self.outcomes.get(index).is_some_and(|outcome| !outcome.is_kept() && *outcome != Outcome::Blocked)
    }

    fn room_for(&self, booking: &super::Booking) -> Outcome {
        if !booking.doable {
            return Outcome::Blocked;
        }
        if self.minutes_left.get(booking.session).is_none_or(|left| *left < booking.minutes) {
            return Outcome::NoMinutes;
        }
        let short = |one: &&super::Use| self.units_left.get(one.limit).is_none_or(|left| *left < one.units);
        booking.uses.iter().find(short).map_or(Outcome::Kept, |one| Outcome::NoUnits(one.limit))
    }

    /// How many of each class are blocked: of A, each needs a named clinician.
    pub fn blocked(&self, instance: &Instance) -> Counts {
        self.counted(instance, |outcome| outcome == Outcome::Blocked)
    }

    /// How many of each class could be done and are not kept.
    pub fn let_go(&self, instance: &Instance) -> Counts {
        self.counted(instance, |outcome| !outcome.is_kept() && outcome != Outcome::Blocked)
    }

    fn counted(&self, instance: &Instance, which: impl Fn(Outcome) -> bool) -> Counts {
        let mut counts = Counts::default();
        for (booking, outcome) in instance.bookings.iter().zip(&self.outcomes) {
            if which(*outcome) {
                counts.add(booking.class);
            }
        }
        counts
    }
}
