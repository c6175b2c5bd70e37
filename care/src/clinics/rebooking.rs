//! Making up for what was postponed: by when, where there is room, and who was given which.
//!
//! Always: the latest safe date is the tightest of the booking's windows, with the window named; whoever is due first is
//! given room first; a place is given away once. Never: a booking counted as rebooked and as outstanding. Called through
//! `book::decide`; proved by `tests/clinics_rebooking.rs`.

use super::BookingKey;
use super::book::{Asked, Picture, Stamp};
use crate::Appointment;
use crate::appointments::Thresholds;
use basics::{Moment, PartialDate, SiteId, Zone};
use planning::clinics::{Class, Due, assign};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By when a booking must be made up for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Latest {
    /// The last day on which it is safe.
    pub day: PartialDate,
    /// Which window says so.
    pub why: String,
}

impl Latest {
    /// The tightest of a booking's windows.
    pub fn of(booking: &Appointment, class: Class, thresholds: &Thresholds, zone: &Zone) -> Self {
        let planned = zone.date(booking.start.unwrap_or_default());
        let t = thresholds;
        let [a, b, c, d] = t.rebook_days;
        let within = match class {
            Class::A => a,
            Class::B => b,
            Class::C => c,
            Class::D => d,
        };
        let of_class = format!("class {} is made up for within {within} days", class.letter());
        let mut windows = vec![(planned.plus_days(within), of_class)];
        let mut clock = |from: Option<PartialDate>, days: u32, what: &str| {
            let known = from.filter(|d| matches!(d.numbers(), (_, Some(_), Some(_))));
            if let Some(from) = known {
                windows.push((from.plus_days(days), format!("{what}, {days} days from {from}")));
            }
        };
        clock(booking.faster_diagnosis_from, t.faster_diagnosis_limit_days, "faster diagnosis");
        clock(booking.cancer_treatment_from, t.cancer_treatment_limit_days, "referral to cancer treatment");
        clock(booking.referred, t.referral_limit_days, "referral to treatment");
        // Of a window that was over before the booking's own day nothing can be kept any more: it is due at once.
        let (day, why) = windows.into_iter().min().unwrap_or((planned, String::new()));
        if day < planned {
            return Self { day: planned, why: format!("{why}: already over, as soon as can be") };
        }
        Self { day, why }
    }
}

/// Room for rebooking: so many places at one time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// Where.
    pub site: Option<SiteId>,
    /// For which service or clinic, in the words that the lists use.
    pub list: String,
    /// When.
    pub start: Moment,
    /// Minutes of one place, where known.
    pub minutes: Option<u32>,
    /// How many patients can come then.
    pub places: u32,
}

/// Room with what is left of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Its number.
    pub number: u32,
    /// The room.
    pub slot: Slot,
    /// Places not given away.
    pub left: u32,
    /// Who entered it.
    pub stamp: Stamp,
}

/// What a booking was given instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rebooked {
    /// When and by whom.
    pub stamp: Stamp,
    /// The new time.
    pub start: Moment,
    /// Where.
    pub site: Option<SiteId>,
    /// The clinic.
    pub list: String,
    /// The room it was taken from; none when it was agreed outside of it.
    pub slot: Option<u32>,
    /// Whole days after the latest safe day; 0 when in time.
    pub days_late: u32,
}

/// Longest name of a list, in bytes.
const LIST_BYTES_MAX: usize = 200;
/// Places at one time.
const PLACES_MAX: u32 = 500;
/// Rows of room entered at once.
pub const SLOTS_MAX: usize = 20_000;
/// Bookings rebooked at once.
pub const REBOOKED_MAX: usize = 20_000;

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// There is room.
    RoomEntered { slots: Vec<Slot> },
    /// There is no more of it; who was given a place keeps it.
    RoomWithdrawn { number: u32 },
    /// A booking was given another time.
    Rebooked {
        key: BookingKey,
        start: Moment,
        site: Option<SiteId>,
        list: String,
        slot: Option<u32>,
        days_late: u32,
    },
    /// It was not, after all.
    RebookingUndone { key: BookingKey, why: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    EnterRoom {
        slots: Vec<Slot>,
    },
    WithdrawRoom {
        number: u32,
    },
    /// Give places away as [`Picture::propose_places`] did, or by hand. A booking after its latest safe day needs
    /// `late_known`.
    Rebook {
        places: Vec<Place>,
        late_known: bool,
    },
    UndoRebooking {
        key: BookingKey,
        why: String,
    },
}

/// A booking and the time it is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which.
    pub key: BookingKey,
    /// From this room.
    pub slot: Option<u32>,
    /// When; of a room its own time counts.
    pub start: Moment,
    /// Where, when from no room.
    pub list: String,
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("Nothing was entered: write at least one row with a list, a day, a time and a number of places.")]
    NoRoom,
    #[error("Row {0}: name the clinic or service as the lists do, and between 1 and 500 places.")]
    BadRow(usize),
    #[error("At most {SLOTS_MAX} rows can be entered at once.")]
    TooMuchRoom,
    #[error("There is no such room any more; load the page again.")]
    NoSuchRoom,
    #[error("{list} at {at} has no place left: somebody else was given it meanwhile. Load the page again.")]
    Full { list: String, at: String },
    #[error("{list} at {at} has passed: choose a later time.")]
    Passed { list: String, at: String },
    #[error("Nobody was chosen.")]
    Nobody,
    #[error("At most {REBOOKED_MAX} bookings can be given a time at once.")]
    TooMany,
    #[error("One of them is not postponed, or was rebooked meanwhile ({0}). Load the page again.")]
    NotOutstanding(String),
    #[error(
        "{0} of them would be later than is safe. Tick “later than is safe, the service knows”, or find earlier room."
    )]
    Late(usize),
    #[error(
        "The patient was told of this time at {0}: rebook to another time instead, so that they are told again."
    )]
    Told(String),
    #[error("Say why.")]
    NoReason,
}

/// What a proposal says of one outstanding booking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// Which.
    pub key: BookingKey,
    /// Its latest safe day.
    pub latest: Latest,
    /// The room it would be given; `None` when there is none left on its list.
    pub slot: Option<u32>,
    /// Whole days after the latest safe day.
    pub days_late: u32,
}

/// A hospital and the folded name of a list.
type ListOfSite = (Option<SiteId>, String);

impl Picture {
    /// Who of the outstanding would be given which room: on each list, whoever is due first gets the earliest.
    /// `from`: room before this moment is not given away.
    pub fn propose_places(&self, zone: &Zone, from: Moment) -> Vec<Proposed> {
        let mut lists: BTreeMap<ListOfSite, (Vec<&BookingKey>, Vec<&Capacity>)> = BTreeMap::new();
        for (key, handled) in self.outstanding() {
            let list = (handled.booking.site.clone(), folded_list(handled.booking.list()));
            lists.entry(list).or_default().0.push(key);
        }
        for capacity in self.capacity.iter().filter(|c| c.left > 0 && c.slot.start >= from) {
            let list = (capacity.slot.site.clone(), folded_list(&capacity.slot.list));
            if let Some((_, room)) = lists.get_mut(&list) {
                room.push(capacity);
            }
        }
        let today = zone.date(from);
        let mut proposed = Vec::new();
        for (keys, mut room) in lists.into_values() {
            room.sort_by_key(|c| (c.slot.start, c.number));
            let dues: Vec<Due> = keys
                .iter()
                .filter_map(|key| self.handled(key))
                .map(|h| Due {
                    latest: today.days_until(h.booking.latest.day).unwrap_or(0),
                    class: h.booking.class,
                    planned: h.booking.start.milliseconds(),
                })
                .collect();
            let rooms: Vec<u32> = room.iter().map(|c| c.left).collect();
            for (key, given) in keys.iter().zip(assign(&dues, &rooms)) {
                let Some(handled) = self.handled(key) else { continue };
                let slot = given.and_then(|index| room.get(index));
                proposed.push(Proposed {
                    key: (*key).clone(),
                    latest: handled.booking.latest.clone(),
                    slot: slot.map(|c| c.number),
                    days_late: slot
                        .map_or(0, |c| days_after(zone.date(c.slot.start), handled.booking.latest.day)),
                });
            }
        }
        proposed.sort_by(|a, b| (&a.latest.day, &a.key).cmp(&(&b.latest.day, &b.key)));
        proposed
    }
}

fn folded_list(list: &str) -> String {
    crate::problems::folded(list)
}

/// Whole days by which a date is after the latest safe one; 0 when it is not.
fn days_after(date: PartialDate, latest: PartialDate) -> u32 {
    latest.days_until(date).and_then(|days| u32::try_from(days).ok()).unwrap_or(0)
}

pub(super) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let picture = asked.picture;
    match intent {
        Intent::EnterRoom { slots } => enter(slots),
        Intent::WithdrawRoom { number } => {
            let there = picture.capacity.iter().any(|c| c.number == number && c.left > 0);
            if there { Ok(vec![Fact::RoomWithdrawn { number }]) } else { Err(Refusal::NoSuchRoom) }
        }
        Intent::Rebook { places, late_known } => rebook(asked, places, late_known),
        Intent::UndoRebooking { key, why } => {
            let handled = picture.handled(&key).ok_or_else(|| Refusal::NotOutstanding(key.id.clone()))?;
            let Some(rebooked) = &handled.rebooked else {
                return Err(Refusal::NotOutstanding(key.id.clone()));
            };
            if why.trim().is_empty() {
                return Err(Refusal::NoReason);
            }
            match handled.told_since(rebooked.stamp.entry) {
                Some(told) => Err(Refusal::Told(asked.zone.clinical(told.stamp.at))),
                None => Ok(vec![Fact::RebookingUndone { key, why: basics::tidy(&why, 500) }]),
            }
        }
    }
}

fn enter(slots: Vec<Slot>) -> Result<Vec<Fact>, Refusal> {
    if slots.is_empty() {
        return Err(Refusal::NoRoom);
    }
    if slots.len() > SLOTS_MAX {
        return Err(Refusal::TooMuchRoom);
    }
    let slots: Vec<Slot> = slots
        .into_iter()
        .map(|slot| Slot { list: basics::tidy(&slot.list, LIST_BYTES_MAX), ..slot })
        .collect();
    let bad = slots.iter().position(|s| s.list.is_empty() || s.places == 0 || s.places > PLACES_MAX);
    match bad {
        Some(index) => Err(Refusal::BadRow(index + 1)),
        None => Ok(vec![Fact::RoomEntered { slots }]),
    }
}

fn rebook(asked: &Asked<'_>, places: Vec<Place>, late_known: bool) -> Result<Vec<Fact>, Refusal> {
    if places.is_empty() {
        return Err(Refusal::Nobody);
    }
    if places.len() > REBOOKED_MAX {
        return Err(Refusal::TooMany);
    }
    let mut left: BTreeMap<u32, u32> = asked.picture.capacity.iter().map(|c| (c.number, c.left)).collect();
    let mut given = std::collections::BTreeSet::new();
    let mut facts = Vec::with_capacity(places.len());
    let mut late = 0;
    for place in places {
        let not_outstanding = || Refusal::NotOutstanding(place.key.id.clone());
        let handled = asked.picture.handled(&place.key).ok_or_else(not_outstanding)?;
        if !handled.postponed() || handled.rebooked.is_some() || !given.insert(place.key.clone()) {
            return Err(not_outstanding());
        }
        let (start, site, list) = match place.slot {
            Some(number) => {
                let capacity = asked.picture.capacity.iter().find(|c| c.number == number);
                let slot = &capacity.ok_or(Refusal::NoSuchRoom)?.slot;
                let left = left.get_mut(&number).ok_or(Refusal::NoSuchRoom)?;
                *left = left.checked_sub(1).ok_or_else(|| Refusal::Full {
                    list: slot.list.clone(),
                    at: asked.zone.clinical(slot.start),
                })?;
                (slot.start, slot.site.clone(), slot.list.clone())
            }
            None => {
                let list = basics::tidy(&place.list, LIST_BYTES_MAX);
                let list = if list.is_empty() { handled.booking.list().to_owned() } else { list };
                (place.start, handled.booking.site.clone(), list)
            }
        };
        if start <= asked.at {
            return Err(Refusal::Passed { list, at: asked.zone.clinical(start) });
        }
        let days_late = days_after(asked.zone.date(start), handled.booking.latest.day);
        late += usize::from(days_late > 0);
        facts.push(Fact::Rebooked { key: place.key, start, site, list, slot: place.slot, days_late });
    }
    if late > 0 && !late_known {
        return Err(Refusal::Late(late));
    }
    Ok(facts)
}

pub(super) fn fold(picture: &mut Picture, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::RoomEntered { slots } => {
            for slot in slots {
                let number = picture.capacity.last().map_or(1, |c| c.number + 1);
                picture.capacity.push(Capacity { number, left: slot.places, slot, stamp: stamp.clone() });
            }
        }
        Fact::RoomWithdrawn { number } => {
            if let Some(capacity) = picture.capacity.iter_mut().find(|c| c.number == number) {
                capacity.left = 0;
            }
        }
        Fact::Rebooked { key, start, site, list, slot, days_late } => {
            if let Some(capacity) = slot.and_then(|n| picture.capacity.iter_mut().find(|c| c.number == n)) {
                capacity.left = capacity.left.saturating_sub(1);
            }
            if let Some(handled) = picture.handled_mut(&key) {
                handled.last_entry = stamp.entry;
                let rebooked = Rebooked { stamp: stamp.clone(), start, site, list, slot, days_late };
                handled.note(stamp, format!("Rebooked: {}", rebooked.list));
                handled.rebooked = Some(rebooked);
            }
        }
        Fact::RebookingUndone { key, why } => {
            let Some(handled) = picture.handled_mut(&key) else { return };
            handled.last_entry = stamp.entry;
            handled.note(stamp, format!("Rebooking undone: {why}"));
            let slot = handled.rebooked.take().and_then(|r| r.slot);
            if let Some(capacity) = slot.and_then(|n| picture.capacity.iter_mut().find(|c| c.number == n)) {
                capacity.left += 1;
            }
        }
    }
}
