//! What adds up: how many were kept, postponed, told, reached, rebooked, and how many came, by site, service and day.
//!
//! Always: postponed = rebooked + outstanding, in every row and every day; a row's sums are those of its bookings, each
//! counted once. Used by screens, sitreps and the public page's drafts; proved by `tests/clinics_counts.rs`.

use super::book::{Handled, Picture};
use super::door::Arrival;
use basics::{PartialDate, SiteId, Zone};
use planning::clinics::Class;
use std::collections::BTreeMap;

/// One row of counts, each a number of bookings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Kept by a person's word.
    pub kept: u32,
    /// Postponed.
    pub postponed: u32,
    /// Of these with suspected cancer or a cancer clock.
    pub urgent_cancer_postponed: u32,
    /// Of these of class A.
    pub class_a_postponed: u32,
    /// Class A with a named clinician, undecided.
    pub escalated: u32,
    /// Postponed, and something was sent or said.
    pub told: u32,
    /// Postponed, and the patient surely knows.
    pub reached: u32,
    /// Postponed, and it is not sure: on the door list.
    pub not_reached: u32,
    /// Postponed and given another time.
    pub rebooked: u32,
    /// Of these later than is safe.
    pub rebooked_late: u32,
    /// Postponed and not given another time.
    pub outstanding: u32,
    /// Came although it was postponed, or undecided.
    pub came: u32,
    /// Of these seen after all.
    pub came_seen: u32,
}

impl Tally {
    fn add(&mut self, handled: &Handled) {
        let one = |yes: bool| u32::from(yes);
        let postponed = handled.postponed();
        self.kept += one(handled.kept());
        self.postponed += one(postponed);
        self.urgent_cancer_postponed += one(postponed && handled.booking.urgent_cancer);
        self.class_a_postponed += one(postponed && handled.booking.class == Class::A);
        self.escalated += one(handled.escalation.is_some() && handled.decision.is_none());
        self.told += one(postponed && handled.last_told().is_some());
        self.reached += one(postponed && handled.reached());
        self.not_reached += one(handled.may_come());
        self.rebooked += one(postponed && handled.rebooked.is_some());
        let late = handled.rebooked.as_ref().is_some_and(|r| r.days_late > 0);
        self.rebooked_late += one(postponed && late);
        self.outstanding += one(handled.outstanding());
        self.came += one(handled.arrived.is_some());
        let seen = handled.arrived.as_ref().is_some_and(|a| a.arrival == Arrival::Seen);
        self.came_seen += one(seen);
    }

    /// Whether the sums fit each other.
    pub fn adds_up(&self) -> bool {
        self.postponed == self.rebooked + self.outstanding
            && self.postponed == self.reached + self.not_reached
    }
}

/// The counts of one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayCount {
    /// The day on which the bookings were to be.
    pub day: PartialDate,
    /// Its sums.
    pub tally: Tally,
}

/// All counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Everything.
    pub all: Tally,
    /// By site and service.
    pub by_service: BTreeMap<(Option<SiteId>, String), Tally>,
    /// By site.
    pub by_site: BTreeMap<Option<SiteId>, Tally>,
    /// By day, the earliest first.
    pub by_day: Vec<DayCount>,
    /// Came and stood on no list.
    pub came_unlisted: u32,
}

/// Counts a picture.
pub fn counts(picture: &Picture, zone: &Zone) -> Counts {
    let mut counts = Counts {
        came_unlisted: u32::try_from(picture.unlisted.len()).unwrap_or(u32::MAX),
        ..Counts::default()
    };
    let mut days: BTreeMap<PartialDate, Tally> = BTreeMap::new();
    for (_, handled) in picture.all() {
        let booking = &handled.booking;
        let service = if booking.service.is_empty() { booking.list() } else { &booking.service };
        counts.all.add(handled);
        counts.by_service.entry((booking.site.clone(), service.to_owned())).or_default().add(handled);
        counts.by_site.entry(booking.site.clone()).or_default().add(handled);
        days.entry(zone.date(booking.start)).or_default().add(handled);
    }
    counts.by_day = days.into_iter().map(|(day, tally)| DayCount { day, tally }).collect();
    counts
}
