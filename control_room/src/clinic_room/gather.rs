//! Which bookings there are on some days: the index's bookings with merges followed, each once, under its lasting key.
//!
//! Always: a booking that came to a record before it was merged keeps the key under which it was decided; told again to
//! the survivor it is still one booking, and the newest word about it counts. Used by `list` and `board`; proved by
//! `tests/clinic_room.rs`.

use crate::find::Slot;
use crate::memory::Memory;
use basics::{PartialDate, Zone};
use care::clinics::{BookingKey, Picture};
use care::{Appointment, AppointmentStatus, PatientKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A booking where it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Under which decisions about it stand.
    pub key: BookingKey,
    /// The patient's record as it stands, merges followed.
    pub patient: PatientKey,
    /// The row that holds the newest word of it.
    pub slot: Slot,
    /// Its place among that row's bookings.
    pub index: usize,
    /// The row's bookings.
    pub bookings: Arc<[Appointment]>,
    /// The row's version.
    pub version: u64,
}

impl Found {
    /// The booking itself.
    pub fn booking(&self) -> Option<&Appointment> {
        self.bookings.get(self.index)
    }
}

/// Whether a feed has taken the booking off its list.
pub fn gone(booking: &Appointment) -> bool {
    matches!(booking.status, AppointmentStatus::Cancelled | AppointmentStatus::Deleted)
}

/// Every booking that stands on these days, or stood there when it was decided about here.
pub fn between(
    memory: &Memory,
    picture: &Picture,
    zone: &Zone,
    (from, to): (PartialDate, PartialDate),
) -> Vec<Found> {
    let on =
        |booking: &Appointment| booking.start.is_some_and(|start| (from..=to).contains(&zone.date(start)));
    let mut found = Vec::new();
    let mut seen: BTreeMap<(PatientKey, String), usize> = BTreeMap::new();
    for (slot, of) in memory.bookings.between(from, to) {
        let patient = survivor(memory, of.key);
        let merged = patient != of.key;
        for (index, booking) in of.bookings.iter().enumerate().filter(|(_, b)| on(b)) {
            let key = BookingKey::of(of.key, booking);
            let known = picture.handled(&key).is_some();
            if gone(booking) && !known {
                continue;
            }
            let here =
                Found { key, patient, slot, index, bookings: of.bookings.clone(), version: of.version };
            // Merged and told again to the survivor: one booking.
            let Some(twin) =
                seen.get(&(patient, booking.id.clone())).copied().filter(|_| !booking.id.is_empty())
            else {
                seen.insert((patient, booking.id.clone()), found.len());
                found.push(here);
                continue;
            };
            let Some(other) = found.get_mut(twin) else { continue };
            let entry = |f: &Found| f.booking().and_then(|b| b.cite.as_ref()).map(|c| c.entry);
            let key = if known || merged && picture.handled(&other.key).is_none() {
                here.key.clone()
            } else {
                other.key.clone()
            };
            if entry(&here) > entry(other) {
                *other = here;
            }
            other.key = key;
        }
    }
    let there: BTreeSet<BookingKey> = found.iter().map(|f| f.key.clone()).collect();
    // Moved to another day by its feed after it was decided about: it still stands where people look for it.
    for (key, handled) in picture.all() {
        let day = zone.date(handled.booking.start);
        if (from..=to).contains(&day) && !there.contains(key) {
            found.extend(one(memory, key));
        }
    }
    found
}

/// The booking of a key, wherever it stands now.
pub fn one(memory: &Memory, key: &BookingKey) -> Option<Found> {
    let patient = survivor(memory, key.patient);
    let mut best: Option<Found> = None;
    for record in [key.patient, patient] {
        let Some(slot) = memory.slot(record) else { continue };
        let Some(of) = memory.bookings.of(slot) else { continue };
        let same = |booking: &Appointment| BookingKey::of(record, booking).id == key.id;
        let Some(index) = of.bookings.iter().position(same) else { continue };
        let here = Found {
            key: key.clone(),
            patient,
            slot,
            index,
            bookings: of.bookings.clone(),
            version: of.version,
        };
        let entry = |f: &Found| f.booking().and_then(|b| b.cite.as_ref()).map(|c| c.entry);
        if best.as_ref().is_none_or(|b| entry(&here) > entry(b)) {
            best = Some(here);
        }
    }
    best
}

/// All bookings of a patient, by the record as it stands and those merged into it.
pub fn of_patient(memory: &Memory, picture: &Picture, records: &[PatientKey]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for record in records {
        let Some(of) = memory.slot(*record).and_then(|slot| Some((slot, memory.bookings.of(slot)?))) else {
            continue;
        };
        let (slot, of) = of;
        for (index, booking) in of.bookings.iter().enumerate() {
            let key = BookingKey::of(*record, booking);
            let twin = found.iter_mut().find(|f| !booking.id.is_empty() && f.key.id == key.id);
            let here = Found {
                patient: survivor(memory, *record),
                slot,
                index,
                bookings: of.bookings.clone(),
                version: of.version,
                key,
            };
            match twin {
                None => found.push(here),
                Some(twin) if picture.handled(&here.key).is_some() => twin.key = here.key,
                Some(_) => {}
            }
        }
    }
    found
}

/// The record as it stands.
pub fn survivor(memory: &Memory, key: PatientKey) -> PatientKey {
    care::identity::survivor(key, &|key| memory.merged_into(key))
}
