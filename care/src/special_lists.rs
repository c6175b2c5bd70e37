//! Special lists: people on a treatment that must not lapse (chemotherapy, dialysis, insulin …), found from the feed and
//! from the weekly lists of their services.
//!
//! Always: whoever one source names is on the list, whatever the others say; why, in the record's own words, and as at when;
//! the next date that is known, or that none is. Never: somebody taken off because a newer list leaves them out. Which words
//! mean which list stands in `forms/special_lists`. Used by `control_room`'s index and boards; proved by
//! `tests/special_lists.rs`.

mod format;
mod shipped;

pub use crate::form_fault::{FormFault as ListFault, FormsFault as ListsFault};
pub use format::read_all;
pub use shipped::shipped;

use crate::problems::folded;
use crate::{Appointment, AppointmentStatus, Cite, MedicationStatus, PatientRecord};
use basics::{Moment, PartialDate};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Most lists of a set.
pub const LISTS_MAX: usize = 40;
/// Most words of one line of a list.
pub const WORDS_MAX: usize = 200;
/// Reasons kept of one person on one list.
const REASONS_MAX: usize = 3;
/// Bookings kept of one person on one list.
const BOOKINGS_MAX: usize = 40;
/// Weekly listings kept of one person.
pub const LISTINGS_MAX: usize = 20;

/// One list: what it is called, and by which words people are found for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListRule {
    /// Its name, then other names; never empty.
    pub names: Vec<String>,
    /// Why it matters, in a sentence for whoever holds the paper.
    pub why: String,
    /// Words of a booking's clinic, service or reason.
    pub bookings: Vec<String>,
    /// Words of a medicine's name.
    pub medicines: Vec<String>,
    /// Words of a condition.
    pub conditions: Vec<String>,
    /// Days after the last booking or listing for which somebody is still on the list.
    pub counts_for_days: u32,
}

impl ListRule {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// Where a word leads: its lists by the words' first word.
type Words = HashMap<String, Vec<(String, usize)>>;

/// A checked set of lists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpecialLists {
    /// The lists, in the order of the files.
    pub lists: Vec<ListRule>,
    names: HashMap<String, usize>,
    bookings: Words,
    medicines: Words,
    conditions: Words,
}

/// What the list of a service says of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Listing {
    /// The list, as the service calls it.
    pub list: String,
    /// When they are next due.
    pub next_due: Option<PartialDate>,
    /// What the service adds: dose, days, whom to ring.
    pub note: String,
    /// From which entry.
    pub cite: Option<Cite>,
}

/// Somebody on one list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OnList {
    /// The list's name.
    pub list: String,
    /// Why, in the record's words: "warfarin 3 mg", "Renal: Haemodialysis".
    pub because: Vec<String>,
    /// Bookings that belong to it, cancelled ones left out, in order of time.
    pub bookings: Vec<Moment>,
    /// The next date that the service itself gave last.
    pub listed_due: Option<PartialDate>,
    /// What the service adds.
    pub note: String,
    /// When a list of the service named them last.
    pub listed_at: Option<Moment>,
    /// A medicine or condition that stands puts them on the list, without any date.
    pub standing: bool,
    /// The newest of what puts them there.
    pub as_at: Option<Moment>,
}

/// When somebody is next due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Due {
    /// The date has passed and nothing later is known.
    Overdue(PartialDate),
    /// No date is known.
    Unknown,
    /// On this day, at this moment if that is known.
    On(PartialDate, Option<Moment>),
}

impl SpecialLists {
    /// A set; `format` checks that its lists fit each other.
    pub fn new(lists: Vec<ListRule>) -> Self {
        let mut set = Self { lists, ..Self::default() };
        for (index, list) in set.lists.iter().enumerate() {
            for name in &list.names {
                set.names.entry(folded(name)).or_insert(index);
            }
            note(&mut set.bookings, &list.bookings, index);
            note(&mut set.medicines, &list.medicines, index);
            note(&mut set.conditions, &list.conditions, index);
        }
        set
    }

    /// The list of that name or other name.
    pub fn called(&self, name: &str) -> Option<&ListRule> {
        self.lists.get(*self.names.get(&folded(name))?)
    }

    /// Stands for the set: two sets with the same rules have the same, whatever their order of words.
    pub fn fingerprint(&self) -> u16 {
        let text = format!("{:?}", self.lists);
        // FNV-1a, folded: only to notice that the hospital has edited its lists.
        let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        u16::try_from((sum ^ (sum >> 16) ^ (sum >> 32) ^ (sum >> 48)) & 0xffff).unwrap_or_default()
    }

    /// The lists that a record, by itself, is on.
    pub fn of(&self, record: &PatientRecord) -> Vec<OnList> {
        let nothing = record.medications.is_empty()
            && record.appointments.is_empty()
            && record.conditions.is_empty()
            && record.listings.is_empty();
        if nothing || self.lists.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Option<OnList>> = vec![None; self.lists.len()];
        let mut on = |index: usize, cite: Option<&Cite>, add: &mut dyn FnMut(&mut OnList)| {
            let Some(place) = found.get_mut(index) else { return };
            let name = self.lists.get(index).map_or("", ListRule::name);
            let on = place.get_or_insert_with(|| OnList { list: name.to_owned(), ..OnList::default() });
            on.as_at = on.as_at.max(cite.map(|cite| cite.at));
            add(on);
        };
        for medicine in record.medications.iter().filter(|m| m.status == MedicationStatus::Active) {
            for index in named(&self.medicines, &medicine.medicine) {
                let words = format!("{} {}", medicine.medicine, medicine.dose);
                on(index, medicine.cite.as_ref(), &mut |on| {
                    on.standing = true;
                    say(on, &words);
                });
            }
        }
        for condition in record.conditions.iter().filter(|c| c.active) {
            for index in named(&self.conditions, &condition.text) {
                on(index, condition.cite.as_ref(), &mut |on| {
                    on.standing = true;
                    say(on, &condition.text);
                });
            }
        }
        for booking in record.appointments.iter().filter(|b| stands(b)) {
            let Some(start) = booking.start else { continue };
            let words = format!("{} {} {}", booking.clinic, booking.service, booking.reason);
            for index in named(&self.bookings, &words) {
                on(index, booking.cite.as_ref(), &mut |on| {
                    if on.bookings.len() < BOOKINGS_MAX {
                        on.bookings.push(start);
                    }
                    say(on, &booked(booking));
                });
            }
        }
        for listing in &record.listings {
            let Some(index) = self.names.get(&folded(&listing.list)).copied() else { continue };
            on(index, listing.cite.as_ref(), &mut |on| {
                let at = listing.cite.as_ref().map(|cite| cite.at);
                if on.listed_at <= at {
                    on.listed_at = at;
                    on.listed_due = listing.next_due;
                    on.note.clone_from(&listing.note);
                }
            });
        }
        let mut all: Vec<OnList> = found.into_iter().flatten().collect();
        all.iter_mut().for_each(|on| on.bookings.sort_unstable());
        all
    }
}

impl OnList {
    /// Whether somebody is still on it at `now`: something stands, a date is to come, or the last is not long past.
    pub fn counts(&self, rule: &ListRule, zone: &basics::Zone, now: Moment) -> bool {
        let since = now.plus_seconds(-i64::from(rule.counts_for_days) * 86_400);
        self.standing
            || self.bookings.last().is_some_and(|last| *last >= since)
            || self.listed_at.is_some_and(|at| at >= since)
            || self.listed_due.is_some_and(|day| day >= zone.date(now))
    }

    /// Takes in what another record of the same person says.
    pub fn join(&mut self, other: Self) {
        other.because.iter().for_each(|words| say(self, words));
        self.bookings.extend(other.bookings);
        self.bookings.sort_unstable();
        self.bookings.dedup();
        if other.listed_at > self.listed_at {
            self.listed_at = other.listed_at;
            self.listed_due = other.listed_due;
            self.note = other.note;
        }
        self.standing |= other.standing;
        self.as_at = self.as_at.max(other.as_at);
    }

    /// When they are next due, by whatever knows of the earliest date to come.
    pub fn due(&self, zone: &basics::Zone, now: Moment) -> Due {
        let today = zone.date(now);
        let booked = self.bookings.iter().find(|start| zone.date(**start) >= today);
        let booked = booked.map(|start| (zone.date(*start), Some(*start)));
        let listed = self.listed_due.filter(|day| *day >= today).map(|day| (day, None));
        match (booked, listed) {
            (Some(booked), Some(listed)) if listed.0 < booked.0 => Due::On(listed.0, listed.1),
            (Some(next), _) | (None, Some(next)) => Due::On(next.0, next.1),
            (None, None) => match self.listed_due {
                Some(day) => Due::Overdue(day),
                None => Due::Unknown,
            },
        }
    }
}

fn note(words: &mut Words, names: &[String], index: usize) {
    for name in names.iter().map(|name| folded(name)).filter(|name| !name.is_empty()) {
        let first = name.split(' ').next().unwrap_or_default().to_owned();
        words.entry(first).or_default().push((name, index));
    }
}

/// The lists whose words stand in a text, as whole words; each once.
fn named(words: &Words, text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    if words.is_empty() || text.is_empty() {
        return found;
    }
    let text = folded(text);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        for (name, index) in words.get(word).into_iter().flatten() {
            let whole = rest.strip_prefix(name.as_str()).is_some_and(|r| r.is_empty() || r.starts_with(' '));
            if whole && !found.contains(index) {
                found.push(*index);
            }
        }
        rest = after;
    }
    found
}

fn stands(booking: &Appointment) -> bool {
    !matches!(booking.status, AppointmentStatus::Cancelled | AppointmentStatus::Deleted)
}

fn booked(booking: &Appointment) -> String {
    let what = if booking.reason.is_empty() { &booking.service } else { &booking.reason };
    if what.is_empty() || *what == booking.clinic {
        booking.clinic.clone()
    } else {
        format!("{}: {what}", booking.clinic)
    }
}

fn say(on: &mut OnList, words: &str) {
    let words = basics::tidy(words, 120);
    if on.because.len() < REASONS_MAX && !words.is_empty() && !on.because.contains(&words) {
        on.because.push(words);
    }
}
