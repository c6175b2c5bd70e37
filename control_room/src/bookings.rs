//! Bookings in memory: who is booked on which day, so that a list is found without opening six weeks of records.
//!
//! Filled from the index's summaries as it opens, changed with each batch. Always: a booking stands on the day of its
//! start by the hospital's clocks; one of a merged record stands with whoever it was merged into, once. Read by
//! `clinic_room`; proved by `tests/clinic_room.rs`.

use crate::find::Slot;
use basics::{PartialDate, Zone};
use care::{Appointment, PatientKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The bookings of one record.
#[derive(Debug, Clone)]
pub struct OfRecord {
    /// The record.
    pub key: PatientKey,
    /// Its bookings that have a time.
    pub bookings: Arc<[Appointment]>,
    /// Goes up with every change.
    pub version: u64,
}

/// Everybody's bookings.
#[derive(Debug, Default)]
pub struct Bookings {
    records: HashMap<Slot, OfRecord>,
    days: BTreeMap<PartialDate, BTreeSet<Slot>>,
    versions: u64,
}

impl Bookings {
    /// Takes in a record's bookings as they now stand.
    pub fn note(&mut self, slot: Slot, key: PatientKey, bookings: &[Appointment], zone: &Zone) {
        let timed: Vec<Appointment> = bookings.iter().filter(|b| b.start.is_some()).cloned().collect();
        if let Some(known) = self.records.get(&slot) {
            if *known.bookings == *timed {
                return;
            }
            for day in days_of(&known.bookings, zone) {
                if let Some(slots) = self.days.get_mut(&day) {
                    slots.remove(&slot);
                    if slots.is_empty() {
                        self.days.remove(&day);
                    }
                }
            }
        }
        if timed.is_empty() {
            self.records.remove(&slot);
            return;
        }
        for day in days_of(&timed, zone) {
            self.days.entry(day).or_default().insert(slot);
        }
        self.versions += 1;
        self.records.insert(slot, OfRecord { key, bookings: timed.into(), version: self.versions });
    }

    /// Records with a booking on these days, each once, with its row.
    pub fn between(&self, from: PartialDate, to: PartialDate) -> Vec<(Slot, OfRecord)> {
        if from > to {
            return Vec::new();
        }
        let slots: BTreeSet<Slot> =
            self.days.range(from..=to).flat_map(|(_, slots)| slots).copied().collect();
        slots.into_iter().filter_map(|slot| Some((slot, self.records.get(&slot)?.clone()))).collect()
    }

    /// One record's bookings.
    pub fn of(&self, slot: Slot) -> Option<&OfRecord> {
        self.records.get(&slot)
    }
}

fn days_of(bookings: &[Appointment], zone: &Zone) -> BTreeSet<PartialDate> {
    bookings.iter().filter_map(|b| Some(zone.date(b.start?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::Moment;

    fn booking(id: &str, start: &str) -> Appointment {
        Appointment { id: id.to_owned(), start: Moment::parse_rfc3339(start), ..Appointment::default() }
    }

    #[test]
    fn a_booking_stands_on_its_day_and_moves_with_it() {
        let zone = Zone::london();
        let day = |text: &str| PartialDate::parse_iso(text).unwrap();
        let mut all = Bookings::default();
        // Half past midnight in London is still the day before by universal time.
        let early = booking("1", "2026-06-01T23:30:00Z");
        all.note(3, PatientKey(7), &[early.clone(), Appointment::default()], &zone);
        assert_eq!(all.between(day("2026-06-02"), day("2026-06-02")).len(), 1);
        assert!(all.between(day("2026-06-01"), day("2026-06-01")).is_empty());
        let before = all.of(3).unwrap().version;
        all.note(3, PatientKey(7), &[early], &zone);
        assert_eq!(all.of(3).unwrap().version, before, "nothing new is no change");
        all.note(3, PatientKey(7), &[booking("1", "2026-06-05T09:00:00Z")], &zone);
        assert!(all.between(day("2026-06-02"), day("2026-06-02")).is_empty());
        assert_eq!(all.between(day("2026-06-01"), day("2026-06-30")).len(), 1);
        all.note(3, PatientKey(7), &[], &zone);
        assert!(all.of(3).is_none() && all.between(day("2026-06-01"), day("2026-06-30")).is_empty());
    }
}
