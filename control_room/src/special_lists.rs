//! Special lists as boards: who is on a treatment that must not lapse, when they are next due and how to reach them.
//!
//! Always: merges followed, each person once; whoever has died is left out; overdue first, then whoever has no known date; a booking that was postponed here says so. Filled
//! from the index's summaries as it opens, changed with each batch. Called by screens, paper and the command line; proved by
//! `tests/special_lists.rs`.

use crate::find::Slot;
use crate::{ControlRoom, Fault};
use basics::{Moment, SiteId};
use care::clinics::BookingKey;
use care::special_lists::{Due, ListRule, OnList};
use care::{PatientKey, PatientRecord};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Who is on which list, as far as summaries tell.
#[derive(Debug, Default)]
pub struct OnLists {
    records: HashMap<Slot, OfRecord>,
    lists: BTreeMap<String, BTreeSet<Slot>>,
}

#[derive(Debug, Clone)]
struct OfRecord {
    key: PatientKey,
    on: Arc<[OnList]>,
    died: bool,
}

impl OnLists {
    /// Takes in the lists that a record is on now.
    pub fn note(&mut self, slot: Slot, key: PatientKey, on: &[OnList], died: bool) {
        if let Some(known) = self.records.remove(&slot) {
            for list in known.on.iter() {
                if let Some(slots) = self.lists.get_mut(&list.list) {
                    slots.remove(&slot);
                }
            }
        }
        if on.is_empty() {
            return;
        }
        for list in on {
            self.lists.entry(list.list.clone()).or_default().insert(slot);
        }
        self.records.insert(slot, OfRecord { key, on: on.into(), died });
    }

    /// Everybody on a list: record, whether they died, and what puts them there.
    fn of(&self, list: &str) -> Vec<(PatientKey, bool, OnList)> {
        let slots = self.lists.get(list).into_iter().flatten();
        let found = slots.filter_map(|slot| {
            let record = self.records.get(slot)?;
            let on = record.on.iter().find(|on| on.list == list)?;
            Some((record.key, record.died, on.clone()))
        });
        found.collect()
    }
}

/// A list with how many are on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpecialListBoard {
    /// Its name.
    pub name: String,
    /// Why it matters.
    pub why: String,
    /// People on it.
    pub people: usize,
    /// Of these overdue.
    pub overdue: usize,
    /// Of these without any known date.
    pub no_date: usize,
    /// Of these due within seven days.
    pub this_week: usize,
    /// The newest of what puts somebody on it.
    pub as_at: Option<Moment>,
}

/// Somebody on a list.
#[derive(Clone, Debug)]
pub struct SpecialListRow {
    /// Who.
    pub patient: PatientKey,
    /// Their record, merged ones folded in.
    pub record: Arc<PatientRecord>,
    /// What puts them there.
    pub on: OnList,
    /// When they are next due.
    pub due: Due,
    /// The hospital of their next or last booking, else where they are.
    pub site: Option<SiteId>,
    /// That booking was postponed here.
    pub postponed: Option<Postponed>,
}

/// A booking that puts somebody on a list was postponed here, which its own system does not know yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Postponed {
    /// Nothing was given instead so far.
    Open,
    /// Rebooked for that moment.
    To(Moment),
}

impl ControlRoom {
    /// Every list, in the order of the hospital's file.
    pub fn special_lists(&self, now: Moment) -> Vec<SpecialListBoard> {
        let lists = &self.clinics().forms.special_lists;
        lists.lists.iter().map(|rule| self.special_list_board(rule, now)).collect()
    }

    fn special_list_board(&self, rule: &ListRule, now: Moment) -> SpecialListBoard {
        let zone = &self.0.shared.setup.zone;
        let today = zone.date(now);
        let week = today.plus_days(7);
        let mut board = SpecialListBoard {
            name: rule.name().to_owned(),
            why: rule.why.clone(),
            people: 0,
            overdue: 0,
            no_date: 0,
            this_week: 0,
            as_at: None,
        };
        for (_, on) in self.on_special_list(rule, now) {
            board.people += 1;
            board.as_at = board.as_at.max(on.as_at);
            match on.due(zone, now) {
                Due::Overdue(_) => board.overdue += 1,
                Due::Unknown => board.no_date += 1,
                Due::On(day, _) if day <= week => board.this_week += 1,
                Due::On(..) => {}
            }
        }
        board
    }

    /// Everybody on a list, whoever is overdue first, then whoever has no known date, then by date; `None`: there is no
    /// such list.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn special_list(
        &self,
        name: &str,
        now: Moment,
    ) -> Result<Option<(SpecialListBoard, Vec<SpecialListRow>)>, Fault> {
        let Some(rule) = self.clinics().forms.special_lists.called(name) else { return Ok(None) };
        let zone = &self.0.shared.setup.zone;
        let mut rows = Vec::new();
        for (patient, on) in self.on_special_list(rule, now) {
            let Some(record) = self.patient(patient)? else { continue };
            let due = on.due(zone, now);
            let postponed = match due {
                Due::On(_, Some(at)) => self.postponed(&record, at),
                _ => None,
            };
            rows.push(SpecialListRow { patient, site: site_of(&record, now), record, on, due, postponed });
        }
        let family = |row: &SpecialListRow| row.record.name.as_ref().map(|name| name.family.to_lowercase());
        // Whoever was postponed without a new date is as pressing as whoever is overdue.
        let waits = |row: &SpecialListRow| row.postponed != Some(Postponed::Open);
        rows.sort_by_cached_key(|row| (waits(row), row.due, family(row), row.patient.0));
        Ok(Some((self.special_list_board(rule, now), rows)))
    }

    /// What was decided here of a patient's booking at that moment; what was practised in an exercise does not count.
    fn postponed(&self, record: &PatientRecord, at: Moment) -> Option<Postponed> {
        let keys = || std::iter::once(record.key).chain(record.merged_from.iter().copied());
        let bookings = record.appointments.iter().filter(|booking| booking.start == Some(at));
        let mut names = bookings.flat_map(|booking| keys().map(|key| BookingKey::of(key, booking)));
        self.clinics().read(|book| {
            let picture = book.picture(None);
            names.find_map(|name| picture.handled(&name).filter(|handled| handled.postponed())).map(
                |handled| match &handled.rebooked {
                    Some(rebooked) => Postponed::To(rebooked.start),
                    None => Postponed::Open,
                },
            )
        })
    }

    /// People on a list, merges followed, each once with all that puts them there.
    fn on_special_list(&self, rule: &ListRule, now: Moment) -> BTreeMap<PatientKey, OnList> {
        let zone = &self.0.shared.setup.zone;
        let memory = self.0.shared.memory();
        let mut people: BTreeMap<PatientKey, OnList> = BTreeMap::new();
        let mut dead = BTreeSet::new();
        for (key, died, on) in memory.special.of(rule.name()) {
            let stands = care::identity::survivor(key, &|key| memory.merged_into(key));
            if died {
                dead.insert(stands);
            }
            match people.get_mut(&stands) {
                Some(known) => known.join(on),
                None => drop(people.insert(stands, on)),
            }
        }
        people.retain(|key, on| !dead.contains(key) && on.counts(rule, zone, now));
        people
    }
}

/// Where their next booking is, else their last, else where they are.
fn site_of(record: &PatientRecord, now: Moment) -> Option<SiteId> {
    let mut booked = record.appointments.iter().filter(|booking| booking.site.is_some());
    let next = booked.clone().find(|booking| booking.start.is_some_and(|start| start >= now));
    let booking = next.or_else(|| booked.next_back()).and_then(|booking| booking.site.clone());
    booking.or_else(|| record.current_encounter().and_then(|stay| stay.location.as_ref()?.site.clone()))
}
