//! People, roles and places with every way of reaching them, and which of those ways work.
//!
//! In 2017 the switchboard was down and half the numbers on the walls led to it. Always: what is shown first is the
//! number that works now; who listed an entry and when stays known; an exercise changes no real route. Never: a number
//! thrown away because its route is down. Called through `book::decide`; proved by `tests/directory.rs`.

mod board;
mod routes;
mod rules;
mod search;
mod sheet;
mod vcard;

pub use crate::csv::{RefusedRow, SheetFault};
pub use board::{DialRow, DirectoryBoard, EntryBoard, Held, Question, RouteRow, SiteRoutes};
pub use routes::{Route, RouteState, RouteTold};
pub(crate) use rules::fold;
pub use rules::{Fact, Intent, Refusal, Row, decide};
pub use sheet::{ImportReport, read_sheet};

use crate::{Ground, RoleKey, Stamp};
use basics::{EntryNumber, Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An entry's number, given when it was first listed; it stays when the entry is changed, retired or listed again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct DirectoryId(pub u32);

/// What an entry is about. The order is that of showing: whoever calls looks for a role first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum EntryKind {
    /// Whoever does it now: "site manager".
    Role,
    /// A ward, department or room.
    Place,
    /// A person by name.
    #[default]
    Person,
}

impl EntryKind {
    /// Every kind, in the order of showing.
    pub const ALL: [Self; 3] = [Self::Role, Self::Place, Self::Person];

    /// "role".
    pub fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Place => "place",
            Self::Person => "person",
        }
    }

    /// "Roles".
    pub fn heading(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Place => "Places",
            Self::Person => "People",
        }
    }
}

/// One entry as it is listed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// Role, place or person.
    #[serde(default)]
    pub kind: EntryKind,
    /// What it is called: "Site manager", "Ward 7", "Dr Ada Quill".
    pub name: String,
    /// What a person does: "consultant, emergency medicine".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The role of the action cards that it stands for or usually takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleKey>,
    /// The hospital; `None` for the whole trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// The ward or department to which it belongs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Where in the building: "level 2, opposite the lifts". Where a runner goes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// Every number and address, in the order in which it is usually tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<(Route, String)>,
    /// Anything else: "nights: ask for the night sister".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// By what an entry is known: capitals do not count.
pub(crate) type Key = (EntryKind, Option<SiteId>, String, String);

impl DirectoryEntry {
    /// "Site manager, Northgate General".
    pub fn words(&self) -> String {
        let parts = [self.name.as_str(), self.place.as_str(), self.site.as_ref().map_or("", SiteId::as_str)];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(", ")
    }

    /// The first number of that route.
    pub fn number(&self, route: Route) -> Option<&str> {
        self.numbers.iter().find(|(r, _)| *r == route).map(|(_, number)| number.as_str())
    }

    pub(crate) fn key(&self) -> Key {
        (self.kind, self.site.clone(), self.name.to_lowercase(), self.place.to_lowercase())
    }
}

/// An entry with the last act that listed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// What is listed.
    pub entry: DirectoryEntry,
    /// When, by whom and in which entry of the book these words were listed.
    pub told: Stamp,
}

#[derive(Clone, Debug, Default)]
struct OnGround {
    routes: BTreeMap<(Option<SiteId>, Route), RouteTold>,
    duty: BTreeMap<DirectoryId, Moment>,
}

/// The whole directory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    listed: BTreeMap<DirectoryId, Listed>,
    retired: BTreeMap<DirectoryId, Stamp>,
    keys: BTreeMap<Key, DirectoryId>,
    names: BTreeMap<String, Vec<DirectoryId>>,
    words: search::Words,
    grounds: BTreeMap<Ground, OnGround>,
    last_number: u32,
}

/// Entries of one trust.
pub const ENTRIES_MAX: usize = 20_000;
/// Entries listed in one act; a longer import goes in several.
pub const LISTED_AT_ONCE_MAX: usize = 2_000;
/// Numbers and addresses of one entry.
pub const NUMBERS_MAX: usize = 10;
/// Longest number, in bytes; a mail address may have more.
pub const NUMBER_BYTES_MAX: usize = 60;
/// How long somebody is taken to be on duty when nobody says until when, in hours.
pub const DUTY_HOURS_DEFAULT: i64 = 12;
/// The longest that somebody may be said to be on duty, in hours.
pub const DUTY_HOURS_MAX: i64 = 24;

impl Directory {
    /// An entry as it is listed; `None` when it never was, or was retired.
    pub fn entry(&self, id: DirectoryId) -> Option<&DirectoryEntry> {
        self.listing(id).map(|listed| &listed.entry)
    }

    /// An entry with who listed it when.
    pub fn listing(&self, id: DirectoryId) -> Option<&Listed> {
        self.listed.get(&id).filter(|_| !self.retired.contains_key(&id))
    }

    /// Every entry, retired ones left out, in the order of their numbers.
    pub fn all(&self) -> impl Iterator<Item = (DirectoryId, &DirectoryEntry)> {
        self.listed
            .iter()
            .filter(|(id, _)| !self.retired.contains_key(id))
            .map(|(id, listed)| (*id, &listed.entry))
    }

    /// How many are listed.
    pub fn len(&self) -> usize {
        self.listed.len() - self.retired.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry that stands for that role at that hospital, else for the whole trust.
    pub fn role(&self, role: &RoleKey, site: Option<&SiteId>) -> Option<DirectoryId> {
        let of = |wanted: Option<&SiteId>| {
            self.all()
                .find(|(_, e)| {
                    e.kind == EntryKind::Role && e.role.as_ref() == Some(role) && e.site.as_ref() == wanted
                })
                .map(|(id, _)| id)
        };
        site.and_then(|site| of(Some(site))).or_else(|| of(None))
    }

    /// The only person of that name; `None` when there is none, or several.
    pub fn person(&self, name: &str) -> Option<DirectoryId> {
        let ids = self.names.get(&basics::tidy(name, crate::wording::LINE_BYTES_MAX).to_lowercase())?;
        let mut people = ids
            .iter()
            .copied()
            .filter(|id| self.entry(*id).is_some_and(|entry| entry.kind == EntryKind::Person));
        let first = people.next()?;
        people.next().is_none().then_some(first)
    }

    /// Until when somebody is on duty on that ground; `None` when they are not. An exercise begins with who is really
    /// on duty; what is told in it stays in it.
    pub fn on_duty(&self, ground: Ground, id: DirectoryId, now: Moment) -> Option<Moment> {
        let told = |ground| self.grounds.get(&ground).and_then(|g: &OnGround| g.duty.get(&id)).copied();
        told(ground).or_else(|| told(Ground::Real)).filter(|until| *until > now)
    }

    /// Everyone on duty on that ground, in the order of their numbers.
    pub fn duty(&self, ground: Ground, now: Moment) -> Vec<DirectoryId> {
        let mut ids: Vec<DirectoryId> = [ground, Ground::Real]
            .iter()
            .filter_map(|ground| self.grounds.get(ground))
            .flat_map(|on| on.duty.keys().copied())
            .filter(|id| self.entry(*id).is_some() && self.on_duty(ground, *id, now).is_some())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The last entry of the book that changed that entry: handed back by whoever edits it.
    pub fn revision(&self, id: DirectoryId) -> Option<EntryNumber> {
        self.listing(id).map(|listed| listed.told.entry)
    }
}
