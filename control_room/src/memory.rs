//! What of the index lies in memory: who there is, where, and by which words and numbers they are found.
//!
//! Filled when the index opens, changed after each batch has been committed, never before: a reader sees what is
//! durable in the index or nothing of it.

use crate::bookings::Bookings;
use crate::find::{Bearer, FindIndex, Slot};
use crate::index::{Changed, Loaded, State, Summary};
use crate::special_lists::OnLists;
use crate::wards::Wards;
use crate::{ModeBoard, TrayCounts};
use basics::{FeedName, WardId, Zone};
use care::ward_list::WardKey;
use care::{PatientKey, ProblemKind};
use std::collections::{BTreeMap, HashMap};
use translate::PlaceKind;

/// The part of the index that lies in memory.
#[derive(Default)]
pub struct Memory {
    /// Words and numbers.
    pub find: FindIndex,
    /// Who is where.
    pub wards: Wards,
    /// Who is booked when.
    pub bookings: Bookings,
    /// Who is on which special list.
    pub special: OnLists,
    /// The zone by which a booking's day is told.
    zone: Option<Zone>,
    keys: Vec<PatientKey>,
    slots: HashMap<PatientKey, Slot>,
    /// Records merged into others: key to key.
    merged: HashMap<PatientKey, PatientKey>,
    /// Ward names that feeds told (FHIR Location).
    ward_names: BTreeMap<WardId, String>,
    tray: BTreeMap<FeedName, (u64, u64)>,
    /// The state as committed.
    pub state: State,
    /// While loading: merged records whose survivor's row is not known yet.
    pending: Vec<(Slot, PatientKey)>,
}

impl Memory {
    /// Nothing yet; days are those of `zone`.
    pub fn new(zone: Zone) -> Self {
        Self { zone: Some(zone), ..Self::default() }
    }

    /// Takes in what opening the index finds.
    pub fn load(&mut self, loaded: &Loaded) {
        match loaded {
            Loaded::Patient(slot, summary) => {
                self.add_slot(*slot, summary.key);
                if let Some(into) = summary.merged_into {
                    self.pending.push((*slot, into));
                }
                self.note(*slot, summary);
            }
            Loaded::Tray(row) => self.count_tray(&row.item.feed, row.item.kind, 1),
            Loaded::Ward(key, beds) => self.wards.note_beds(key.clone(), beds.clone()),
            Loaded::Place(_, _, row) => {
                if let Some(place) = &row.place {
                    self.note_place(place);
                }
            }
        }
    }

    /// To be called after the last `load`.
    pub fn loaded(&mut self, state: &State) {
        for (slot, into) in std::mem::take(&mut self.pending) {
            if let Some(into) = self.slot(into) {
                self.find.link(slot, into);
            }
        }
        self.find.settle();
        self.keys.shrink_to_fit();
        self.state = state.clone();
    }

    /// A new row; rows are numbered without gaps.
    pub fn add_slot(&mut self, slot: Slot, key: PatientKey) {
        if self.keys.len() <= slot as usize {
            self.keys.resize(slot as usize + 1, PatientKey::default());
        }
        if let Some(place) = self.keys.get_mut(slot as usize) {
            *place = key;
        }
        self.slots.insert(key, slot);
    }

    /// Takes in a changed summary; gives the wards that changed.
    pub fn changed(&mut self, changed: &Changed) -> Vec<WardKey> {
        self.note(changed.slot, &changed.summary)
    }

    fn note(&mut self, slot: Slot, summary: &Summary) -> Vec<WardKey> {
        match summary.merged_into {
            Some(into) => self.merged.insert(summary.key, into),
            None => self.merged.remove(&summary.key),
        };
        let bearer = Bearer {
            name: summary.name.as_ref(),
            other_names: &summary.other_names,
            identifiers: &summary.identifiers,
            born: summary.row.birth_date,
            current: summary.current,
            merged_into: summary.merged_into.and_then(|into| self.slot(into)),
        };
        self.find.note(slot, &bearer);
        if let Some(zone) = &self.zone {
            self.bookings.note(slot, summary.key, &summary.bookings, zone);
        }
        self.special.note(slot, summary.key, &summary.special, summary.died);
        self.wards.note(slot, summary)
    }

    /// Remembers a ward's name.
    pub fn note_place(&mut self, place: &translate::PlaceName) {
        let code = if place.alias.is_empty() { &place.name } else { &place.alias };
        if place.kind == PlaceKind::Ward
            && !place.name.is_empty()
            && let Some(ward) = WardId::new(code)
        {
            self.ward_names.insert(ward, place.name.clone());
        }
    }

    /// The name that a feed told for a ward.
    pub fn ward_name(&self, ward: &WardId) -> Option<&str> {
        self.ward_names.get(ward).map(String::as_str)
    }

    /// The row of a patient.
    pub fn slot(&self, key: PatientKey) -> Option<Slot> {
        self.slots.get(&key).copied()
    }

    /// The patient of a row.
    pub fn key(&self, slot: Slot) -> Option<PatientKey> {
        self.keys.get(slot as usize).copied()
    }

    /// How many rows there are.
    pub fn rows(&self) -> u32 {
        self.keys.len() as u32
    }

    /// All keys, ascending.
    pub fn keys(&self) -> Vec<PatientKey> {
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        keys
    }

    /// The record that a record was merged into.
    pub fn merged_into(&self, key: PatientKey) -> Option<PatientKey> {
        self.merged.get(&key).copied()
    }

    /// Patients known, merged records not counted.
    pub fn patients(&self) -> u64 {
        (self.keys.len() - self.merged.len().min(self.keys.len())) as u64
    }

    /// Counts a tray item in (1) or out (-1).
    pub fn count_tray(&mut self, feed: &FeedName, kind: ProblemKind, by: i64) {
        let (whole, part) = self.tray.entry(feed.clone()).or_default();
        let count = if kind == ProblemKind::NotUnderstood { whole } else { part };
        *count = count.saturating_add_signed(by);
    }

    /// How much waits in the tray.
    pub fn tray_counts(&self) -> TrayCounts {
        let mut counts = TrayCounts::default();
        for (feed, (whole, part)) in &self.tray {
            counts.not_understood += whole;
            counts.part_lost += part;
            if whole + part > 0 {
                counts.by_feed.push((feed.clone(), whole + part));
            }
        }
        counts.total = counts.not_understood + counts.part_lost;
        counts
    }

    /// The mode.
    pub fn mode(&self) -> ModeBoard {
        self.state.mode.clone()
    }
}
