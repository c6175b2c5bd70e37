//! What may be said in the directory, and what becomes of the picture.

use super::{
    DUTY_HOURS_DEFAULT, DUTY_HOURS_MAX, Directory, DirectoryEntry, DirectoryId, ENTRIES_MAX, EntryKind,
    LISTED_AT_ONCE_MAX, Listed, NUMBER_BYTES_MAX, NUMBERS_MAX, Route, RouteState, RouteTold,
};
use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording, counted};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::{EntryNumber, Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// These entries are listed, or listed anew with other words.
    Listed { entries: Vec<(DirectoryId, DirectoryEntry)> },
    /// These entries are no longer part of the directory.
    Retired { entries: Vec<DirectoryId>, reason: String },
    /// A way of reaching people works, or does not; at one hospital, or in the whole trust (`site` null).
    RouteTold { ground: Ground, site: Option<SiteId>, route: Route, state: RouteState, note: String },
    /// These people are on duty until then; `None`: no longer.
    DutyTold { ground: Ground, entries: Vec<DirectoryId>, until: Option<Moment> },
}

/// A row to be listed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The entry.
    pub entry: DirectoryEntry,
    /// The sheet says that they are on duty now.
    pub on_duty: bool,
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// List entries: new ones get a number, known ones (same kind, hospital, name and place) the new words. Others stay.
    /// At most [`LISTED_AT_ONCE_MAX`].
    List { rows: Vec<Row> },
    /// Change one entry. `seen`: the entry of the book at which the writer's page had last been changed.
    Change { id: DirectoryId, entry: DirectoryEntry, seen: EntryNumber },
    /// Take entries out.
    Retire { entries: Vec<DirectoryId>, reason: String },
    /// Say whether a way of reaching people works. `seen`: the state that the writer's page showed.
    TellRoute {
        ground: Ground,
        site: Option<SiteId>,
        route: Route,
        state: RouteState,
        seen: RouteState,
        note: String,
    },
    /// Say who is on duty, until when (`None`: [`DUTY_HOURS_DEFAULT`] hours).
    OnDuty { ground: Ground, entries: Vec<DirectoryId>, until: Option<Moment> },
    /// Say who is on duty no longer.
    OffDuty { ground: Ground, entries: Vec<DirectoryId> },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such exercise.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// No such hospital.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
    /// No such entry.
    #[error("this entry is not in the directory, or was taken out; search for it again")]
    NoSuchEntry,
    /// Nothing named.
    #[error("choose at least one entry of the directory")]
    Nobody,
    /// Nothing would change.
    #[error("the directory says this already")]
    Same,
    /// Two entries would be one.
    #[error("“{0}” is in the directory already; change that entry instead")]
    AnotherOfThatName(String),
    /// A number that is none.
    #[error("“{number}” is no {route}: {why}")]
    Number { number: String, route: &'static str, why: &'static str },
    /// Somebody was faster.
    #[error("{by} changed “{what}” at {at} (entry {entry}) while you wrote; look again, then send yours")]
    ChangedMeanwhile { what: String, by: String, at: String, entry: u64 },
    /// Too long a shift, or one that is over.
    #[error("“on duty until” must lie ahead, by at most {DUTY_HOURS_MAX} hours")]
    Duty,
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let directory = &asked.book.directory;
    match intent {
        Intent::List { rows } => list(asked, rows),
        Intent::Change { id, entry, seen } => {
            let listing = directory.listing(id).ok_or(Refusal::NoSuchEntry)?;
            if listing.told.entry != seen {
                return Err(changed(asked, listing.entry.words(), &listing.told));
            }
            let entry = checked(asked, entry)?;
            if entry == listing.entry {
                return Err(Refusal::Same);
            }
            let taken = directory.keys.get(&entry.key()).filter(|other| **other != id);
            if let Some(other) = taken.and_then(|other| directory.entry(*other)) {
                return Err(Refusal::AnotherOfThatName(other.words()));
            }
            Ok(vec![Fact::Listed { entries: vec![(id, entry)] }])
        }
        Intent::Retire { entries, reason } => {
            let entries = those(directory, entries)?;
            Ok(vec![Fact::Retired { entries, reason: wording::note("the reason", &reason)? }])
        }
        Intent::TellRoute { ground, site, route, state, seen, note } => {
            asked.ground(ground)?;
            known_site(asked, site.as_ref())?;
            let note = wording::line_or_empty("the note", &note)?;
            if let Some(now) = directory.route(ground, site.as_ref(), route) {
                if now.state != seen {
                    let what = route_words(site.as_ref(), route);
                    return Err(changed(asked, what, &now.told));
                }
                if now.state == state && now.note == note {
                    return Err(Refusal::Same);
                }
            }
            Ok(vec![Fact::RouteTold { ground, site, route, state, note }])
        }
        Intent::OnDuty { ground, entries, until } => {
            asked.ground(ground)?;
            let until = until.unwrap_or_else(|| asked.at.plus_seconds(DUTY_HOURS_DEFAULT * 3600));
            if !(1..=DUTY_HOURS_MAX * 3600).contains(&until.seconds_since(asked.at)) {
                return Err(Refusal::Duty);
            }
            let entries = those(directory, entries)?;
            Ok(vec![Fact::DutyTold { ground, entries, until: Some(until) }])
        }
        Intent::OffDuty { ground, entries } => {
            asked.ground(ground)?;
            let mut entries = those(directory, entries)?;
            entries.retain(|id| directory.on_duty(ground, *id, asked.at).is_some());
            if entries.is_empty() {
                return Err(Refusal::Same);
            }
            Ok(vec![Fact::DutyTold { ground, entries, until: None }])
        }
    }
}

fn changed(asked: &Asked<'_>, what: String, told: &Stamp) -> Refusal {
    Refusal::ChangedMeanwhile { what, by: told.by.to_string(), at: asked.say(told.at), entry: told.entry.0 }
}

fn those(directory: &Directory, mut entries: Vec<DirectoryId>) -> Result<Vec<DirectoryId>, Refusal> {
    entries.sort();
    entries.dedup();
    wording::at_most("entries", entries.len(), ENTRIES_MAX)?;
    if entries.is_empty() {
        return Err(Refusal::Nobody);
    }
    match entries.iter().all(|id| directory.entry(*id).is_some()) {
        true => Ok(entries),
        false => Err(Refusal::NoSuchEntry),
    }
}

fn list(asked: &Asked<'_>, rows: Vec<Row>) -> Result<Vec<Fact>, Refusal> {
    let directory = &asked.book.directory;
    wording::at_most("entries in one go", rows.len(), LISTED_AT_ONCE_MAX)?;
    let mut next = directory.last_number;
    let mut numbers: BTreeMap<super::Key, DirectoryId> = BTreeMap::new();
    let (mut entries, mut duty) = (Vec::new(), Vec::new());
    let mut fresh = 0;
    for row in rows {
        let entry = checked(asked, row.entry)?;
        let key = entry.key();
        if numbers.contains_key(&key) {
            return Err(Refusal::AnotherOfThatName(entry.words()));
        }
        let known = directory.keys.get(&key).copied();
        let id = known.unwrap_or_else(|| {
            next += 1;
            DirectoryId(next)
        });
        numbers.insert(key, id);
        if row.on_duty && directory.on_duty(Ground::Real, id, asked.at).is_none() {
            duty.push(id);
        }
        if directory.entry(id) != Some(&entry) {
            fresh += usize::from(directory.entry(id).is_none());
            entries.push((id, entry));
        }
    }
    wording::at_most("entries", directory.len() + fresh, ENTRIES_MAX)?;
    let mut facts = Vec::new();
    if !entries.is_empty() {
        facts.push(Fact::Listed { entries });
    }
    if !duty.is_empty() {
        let until = Some(asked.at.plus_seconds(DUTY_HOURS_DEFAULT * 3600));
        facts.push(Fact::DutyTold { ground: Ground::Real, entries: duty, until });
    }
    if facts.is_empty() { Err(Refusal::Same) } else { Ok(facts) }
}

fn known_site(asked: &Asked<'_>, site: Option<&SiteId>) -> Result<(), Refusal> {
    match site.filter(|site| !asked.book.hospitals.known(site)) {
        Some(site) => Err(Refusal::NoSuchSite(site.clone())),
        None => Ok(()),
    }
}

/// An entry as it is kept.
pub(super) fn checked(asked: &Asked<'_>, entry: DirectoryEntry) -> Result<DirectoryEntry, Refusal> {
    known_site(asked, entry.site.as_ref())?;
    tidied(entry)
}

/// An entry's words and numbers as they are kept; its hospital is looked at elsewhere.
pub(super) fn tidied(entry: DirectoryEntry) -> Result<DirectoryEntry, Refusal> {
    wording::at_most("numbers", entry.numbers.len(), NUMBERS_MAX)?;
    let mut numbers: Vec<(Route, String)> = Vec::with_capacity(entry.numbers.len());
    for (route, text) in &entry.numbers {
        let number = (*route, number(*route, text)?);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(DirectoryEntry {
        kind: entry.kind,
        name: wording::line("the name", &entry.name)?,
        title: wording::line_or_empty("the title", &entry.title)?,
        role: entry.role,
        site: entry.site,
        place: wording::line_or_empty("the ward or department", &entry.place)?,
        location: wording::line_or_empty("the location", &entry.location)?,
        numbers,
        notes: wording::line_or_empty("the notes", &entry.notes)?,
    })
}

/// A number as it is kept: as people wrote it, if it can be dialled or written to at all.
fn number(route: Route, text: &str) -> Result<String, Refusal> {
    let tidied = wording::line(route.word(), text)?;
    let refused = |why| Refusal::Number { number: basics::tidy(&tidied, 60), route: route.word(), why };
    let digits = tidied.chars().filter(char::is_ascii_digit).count();
    if route == Route::Email {
        let fine = tidied.split_once('@').is_some_and(|(who, host)| {
            !who.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !tidied.contains([' ', ',', ';', '<'])
        });
        return if fine && tidied.is_ascii() { Ok(tidied) } else { Err(refused("write one address, a@b.c")) };
    }
    if tidied.len() > NUMBER_BYTES_MAX {
        return Err(refused("it is too long; put the rest into the notes"));
    }
    if route == Route::Mobile {
        let plain = tidied.chars().all(|c| c.is_ascii_digit() || "+ -().".contains(c));
        if !plain || !(7..=15).contains(&digits) {
            return Err(refused("write one number of 7 to 15 digits"));
        }
    } else if digits == 0 && !matches!(route, Route::Radio | Route::Switchboard) {
        return Err(refused("it has no digit"));
    }
    Ok(tidied)
}

fn route_words(site: Option<&SiteId>, route: Route) -> String {
    match site {
        Some(site) => format!("{site} {}", route.plural()),
        None => format!("{} of the whole trust", route.plural()),
    }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let directory = &mut book.directory;
    match fact {
        Fact::Listed { entries } => {
            for (id, entry) in entries {
                directory.take_out(id);
                directory.retired.remove(&id);
                directory.last_number = directory.last_number.max(id.0);
                directory.words.add(id, &entry);
                directory.keys.insert(entry.key(), id);
                directory.names.entry(entry.name.to_lowercase()).or_default().push(id);
                directory.listed.insert(id, Listed { entry, told: stamp.clone() });
            }
        }
        Fact::Retired { entries, .. } => {
            for id in entries {
                if let Some(listed) = directory.listed.get(&id)
                    && !directory.retired.contains_key(&id)
                {
                    directory.words.remove(id, &listed.entry);
                    directory.retired.insert(id, stamp.clone());
                }
            }
        }
        Fact::RouteTold { ground, site, route, state, note } => {
            let since = directory.route(ground, site.as_ref(), route);
            let since = since.filter(|told| told.state == state).map_or(stamp.at, |told| told.since);
            let told = RouteTold { state, note, told: stamp.clone(), since };
            directory.grounds.entry(ground).or_default().routes.insert((site, route), told);
        }
        Fact::DutyTold { ground, entries, until } => {
            let duty = &mut directory.grounds.entry(ground).or_default().duty;
            for id in entries {
                // "No longer" is kept as a time gone by, so that within an exercise it hides who is really on duty.
                duty.insert(id, until.unwrap_or_default());
            }
        }
    }
}

impl Directory {
    /// Forgets an entry's words, key and name, before it is listed anew.
    fn take_out(&mut self, id: DirectoryId) {
        let Some(old) = self.listed.remove(&id) else { return };
        if !self.retired.contains_key(&id) {
            self.words.remove(id, &old.entry);
        }
        self.keys.remove(&old.entry.key());
        if let Some(ids) = self.names.get_mut(&old.entry.name.to_lowercase()) {
            ids.retain(|other| *other != id);
        }
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        const NAMED_MAX: usize = 5;
        let name = |id: &DirectoryId| {
            let known = book.directory.listed.get(id).map(|listed| listed.entry.words());
            known.unwrap_or_else(|| format!("entry {}", id.0))
        };
        let few = |names: Vec<String>, all: usize| {
            let more = if all > names.len() { " …" } else { "" };
            format!("{}{more}", names.join("; "))
        };
        let mark = |ground: &Ground| ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
        match self {
            Self::Listed { entries } => {
                let names = entries.iter().take(NAMED_MAX).map(|(_, entry)| entry.words()).collect();
                let count = counted(entries.len(), "entry", "entries");
                format!("{count} listed in the directory: {}", few(names, entries.len()))
            }
            Self::Retired { entries, reason } => {
                let names = entries.iter().take(NAMED_MAX).map(name).collect();
                let count = counted(entries.len(), "entry", "entries");
                format!("{count} taken out of the directory: {}. {reason}", few(names, entries.len()))
            }
            Self::RouteTold { ground, site, route, state, note } => {
                let was = book.directory.route_state(*ground, site.as_ref(), *route).word();
                let note = if note.is_empty() { String::new() } else { format!(". {note}") };
                let route = route_words(site.as_ref(), *route);
                format!("{}{route}: {} (was {was}){note}", mark(ground), state.word())
            }
            Self::DutyTold { ground, entries, until } => {
                let names = entries.iter().take(NAMED_MAX).map(name).collect();
                let until = until.map_or_else(
                    || "no longer on duty".to_owned(),
                    |at| format!("on duty until {}", book.zone.hour_minute(at)),
                );
                let count = counted(entries.len(), "person or role", "people and roles");
                format!("{}{count} {until}: {}", mark(ground), few(names, entries.len()))
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Directory
    }

    /// Its incident: an exercise's, or none.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::RouteTold { ground: Ground::Exercise(id), .. }
            | Self::DutyTold { ground: Ground::Exercise(id), .. } => Some(*id),
            _ => None,
        }
    }
}

impl EntryKind {
    /// The kind that a word names, as people write it in sheets.
    pub fn read(word: &str) -> Option<Self> {
        match basics::tidy(word, 40).to_lowercase().as_str() {
            "role" | "post" | "bleep holder" => Some(Self::Role),
            "place" | "ward" | "department" | "room" | "location" => Some(Self::Place),
            "person" | "people" | "staff" => Some(Self::Person),
            _ => None,
        }
    }
}
