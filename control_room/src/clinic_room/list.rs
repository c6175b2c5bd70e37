//! One clinic's list on one day: every booking with its patient, class and rule, what is proposed and what was decided.
//!
//! Always: in the order of time; the dead and those on a ward are marked; what its own system cancelled or moved meanwhile
//! is said. Called by screens and paper; proved by `tests/clinic_room.rs`.

use super::gather::{self, Found, gone};
use super::works::AllWorks;
use super::{ClinicRoom, practice_of};
use crate::{ControlRoom, Fault};
use basics::{EntryNumber, Moment, PartialDate, SiteId, Zone};
use care::appointments::{Verdict, case_of, triage};
use care::clinics::{BookingKey, Handled, Snapshot};
use care::{Appointment, PatientKey, PatientRecord};
use incident::Ground;
use std::sync::Arc;

/// A list's name: one clinic of one hospital on one day.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListName {
    /// The day.
    pub day: PartialDate,
    /// The hospital.
    pub site: Option<SiteId>,
    /// Clinic, else service, in the sender's words.
    pub list: String,
}

impl ListName {
    /// The list on which a booking stands.
    pub fn of(booking: &Appointment, zone: &Zone, start: Moment) -> Self {
        let list = if booking.clinic.is_empty() { &booking.service } else { &booking.clinic };
        Self { day: zone.date(start), site: booking.site.clone(), list: list.clone() }
    }
}

/// A booking with everything that is known of it.
#[derive(Clone, Debug)]
pub struct BookingRow {
    /// Under which decisions about it stand.
    pub key: BookingKey,
    /// The patient, merges followed.
    pub patient: PatientKey,
    /// Their record.
    pub record: Arc<PatientRecord>,
    /// The booking as its feed last told it.
    pub booking: Appointment,
    /// Triage by what works now.
    pub verdict: Verdict,
    /// As it would be sealed with a decision.
    pub snapshot: Snapshot,
    /// What was decided, told and done.
    pub handled: Option<Handled>,
}

impl BookingRow {
    /// Its own system took it off its list.
    pub fn cancelled_elsewhere(&self) -> bool {
        gone(&self.booking)
    }

    /// Its own system gave it another time after it was decided about here.
    pub fn moved_to(&self) -> Option<Moment> {
        let handled = self.handled.as_ref()?;
        let start = self.booking.start.filter(|start| *start != handled.booking.start)?;
        (handled.postponed() && handled.rebooked.as_ref().is_none_or(|r| r.start != start)).then_some(start)
    }

    /// The patient lies on a ward now.
    pub fn on_a_ward(&self) -> bool {
        care::ward_list::ward_of(&self.record).is_some()
    }
}

/// A list.
#[derive(Clone, Debug)]
pub struct ClinicList {
    /// Which.
    pub name: ListName,
    /// Its bookings, in the order of time.
    pub rows: Vec<BookingRow>,
    /// The last entry of the clinic book that it shows: handed back with a decision.
    pub seen: EntryNumber,
}

impl ControlRoom {
    /// The clinic book and what is decided through it.
    pub fn clinics(&self) -> &ClinicRoom {
        &self.0.shared.clinics
    }

    /// One list; empty when nobody is booked.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_list(&self, ground: Ground, name: &ListName) -> Result<ClinicList, Fault> {
        let day = (name.day, name.day);
        let (rows, seen) = self.booking_rows(ground, day, &|booking, zone| {
            booking.start.is_some_and(|start| {
                let own = ListName::of(booking, zone, start);
                own.site == name.site && own.list == name.list
            })
        })?;
        Ok(ClinicList { name: name.clone(), rows, seen })
    }

    /// All bookings of a day at a hospital, by list and time.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_day(
        &self,
        ground: Ground,
        day: PartialDate,
        site: Option<&SiteId>,
    ) -> Result<(Vec<BookingRow>, EntryNumber), Fault> {
        let (mut rows, seen) =
            self.booking_rows(ground, (day, day), &|booking, _| booking.site.as_ref() == site)?;
        rows.sort_by(|a, b| (list_of(a), a.booking.start).cmp(&(list_of(b), b.booking.start)));
        Ok((rows, seen))
    }

    /// All bookings of some days, as `wanted` says, in the order of time.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn booking_rows(
        &self,
        ground: Ground,
        days: (PartialDate, PartialDate),
        wanted: &dyn Fn(&Appointment, &Zone) -> bool,
    ) -> Result<(Vec<BookingRow>, EntryNumber), Fault> {
        let shared = &self.0.shared;
        let zone = &shared.setup.zone;
        let works = shared.incident.read(|book| AllWorks::of(book, ground));
        let (found, seen) = shared.clinics.read(|book| {
            let picture = book.picture(practice_of(ground));
            let mut found = gather::between(&shared.memory(), picture, zone, days);
            found.retain(|f| f.booking().is_some_and(|b| wanted(b, zone)));
            (found, picture.last_entry)
        });
        let mut rows = Vec::with_capacity(found.len());
        for found in found {
            rows.extend(self.booking_row(ground, &works, found)?);
        }
        rows.sort_by(|a, b| (a.booking.start, &a.key).cmp(&(b.booking.start, &b.key)));
        Ok((rows, seen))
    }

    /// One booking; `None` when there is no such one any more.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn booking(&self, ground: Ground, key: &BookingKey) -> Result<Option<BookingRow>, Fault> {
        Ok(self.bookings(ground, std::slice::from_ref(key))?.pop().flatten())
    }

    /// Several bookings, in the order of their keys, all by one look at the systems board.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn bookings(&self, ground: Ground, keys: &[BookingKey]) -> Result<Vec<Option<BookingRow>>, Fault> {
        let shared = &self.0.shared;
        let works = shared.incident.read(|book| AllWorks::of(book, ground));
        let one = |key: &BookingKey| {
            let found = gather::one(&shared.memory(), key);
            found.map_or(Ok(None), |found| self.booking_row(ground, &works, found))
        };
        keys.iter().map(one).collect()
    }

    /// All bookings of a patient, in the order of time.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn bookings_of(&self, ground: Ground, patient: PatientKey) -> Result<Vec<BookingRow>, Fault> {
        let shared = &self.0.shared;
        let Some(record) = self.patient(patient)? else { return Ok(Vec::new()) };
        let works = shared.incident.read(|book| AllWorks::of(book, ground));
        let records: Vec<PatientKey> =
            std::iter::once(record.key).chain(record.merged_from.iter().copied()).collect();
        let found = shared
            .clinics
            .read(|book| gather::of_patient(&shared.memory(), book.picture(practice_of(ground)), &records));
        let mut rows = Vec::new();
        for found in found {
            rows.extend(self.booking_row(ground, &works, found)?);
        }
        rows.sort_by(|a, b| (a.booking.start, &a.key).cmp(&(b.booking.start, &b.key)));
        Ok(rows)
    }

    pub(super) fn booking_row(
        &self,
        ground: Ground,
        works: &AllWorks,
        found: Found,
    ) -> Result<Option<BookingRow>, Fault> {
        let shared = &self.0.shared;
        let zone = &shared.setup.zone;
        let Some(booking) = found.booking().cloned() else { return Ok(None) };
        let Some(record) = self.patient(found.patient)? else { return Ok(None) };
        let rules = &shared.clinics.forms.rules;
        let case = case_of(&booking, zone, booking.start.unwrap_or_default());
        let verdict = triage(&case, rules, &works.at(booking.site.as_ref()));
        let Some(snapshot) = Snapshot::of(&record, &booking, &case, &verdict, rules, zone) else {
            return Ok(None);
        };
        let handled =
            shared.clinics.read(|book| book.picture(practice_of(ground)).handled(&found.key).cloned());
        let Found { key, patient, .. } = found;
        Ok(Some(BookingRow { key, patient, record, booking, verdict, snapshot, handled }))
    }
}

fn list_of(row: &BookingRow) -> &str {
    if row.booking.clinic.is_empty() { &row.booking.service } else { &row.booking.clinic }
}
