//! What every resource needs while it is read: whom it is about, when it was said, what its references lead to.
//!
//! Always: a reference leads to a patient by the bundle's own resource, by the feed's key, or by a number. Never: one
//! server's "Patient/1" taken for another's within a bundle. Called by the resources beside this file.

use super::bundle::Item;
use super::datatypes::{HumanName, Meta, Named, Peek, Reference};
use super::identifiers::{identifier, identifiers};
use super::lenient::{Many, Odd, Raw, Text, object};
use crate::{FeedRules, PlaceName, Received, Translation};
use basics::{Civil, Moment, PartialDate};
use care::{About, Cite, Fact, Identifier, IdentifierKind, ProblemKind, What};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most characters of a FHIR reference or id that are kept.
const KEY_BYTES_MAX: usize = 200;

/// The state of reading one entry.
pub(super) struct Reader<'a, 'r> {
    pub received: &'r Received,
    pub rules: &'r FeedRules,
    pub out: Translation,
    pub items: Vec<Item<'a>>,
    /// By `fullUrl` and by "Type/id".
    index: HashMap<String, usize>,
    /// Identifiers of the patients among the items.
    people: HashMap<usize, Vec<Identifier>>,
    /// Places of this entry, by reference.
    pub places: BTreeMap<String, PlaceName>,
    /// Observations that a report of this entry holds.
    pub reported: HashSet<usize>,
    sent: Option<Moment>,
    /// The latest moment that the server says it is.
    latest: Cell<Option<Moment>>,
}

/// The resource being read.
pub(super) struct Here<'a> {
    pub part: usize,
    pub path: String,
    pub kind: String,
    /// "Type/id"; the `fullUrl` when it has no id; empty when neither.
    pub key: String,
    pub contained: Raw<'a>,
}

object!(Someone {
    name "name": Many<HumanName<'a>>,
    practitioner "practitioner": Reference<'a>,
});

object!(Coded {
    code "code": super::datatypes::Concept<'a>,
    form "form": super::datatypes::Concept<'a>,
});

impl<'a, 'r> Reader<'a, 'r> {
    pub(super) fn new(
        items: Vec<Item<'a>>,
        sent: Option<Moment>,
        received: &'r Received,
        rules: &'r FeedRules,
    ) -> Self {
        let mut reader = Self {
            received,
            rules,
            out: Translation::default(),
            items,
            index: HashMap::new(),
            people: HashMap::new(),
            places: BTreeMap::new(),
            reported: HashSet::new(),
            sent,
            latest: Cell::new(sent),
        };
        if reader.items.len() > 1 {
            reader.learn_items();
        }
        reader
    }

    fn learn_items(&mut self) {
        for (part, item) in self.items.iter().enumerate() {
            if !item.url.is_empty() {
                self.index.entry(item.url.clone()).or_insert(part);
            }
            if !item.id.is_empty() {
                self.index.entry(format!("{}/{}", item.kind, item.id)).or_insert(part);
            }
            if item.kind == "Patient" {
                let peek: Peek<'_> = serde_json::from_str(item.raw).unwrap_or_default();
                let numbers: Many<Named<'_>> =
                    peek.identifier.get().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
                let (mut found, _) = identifiers(&numbers, self.rules);
                let key = key_of(item, &item.id);
                if !key.is_empty() {
                    found.push(technical(self.rules, &key));
                }
                self.people.insert(part, found);
            }
        }
    }

    pub(super) fn here(&self, part: usize, id: &Text<'_>, contained: Raw<'a>) -> Here<'a> {
        match self.items.get(part) {
            Some(item) => Here {
                part,
                path: item.path.clone(),
                kind: item.kind.clone(),
                key: key_of(item, id.as_str()),
                contained,
            },
            None => Here { part, path: String::new(), kind: String::new(), key: String::new(), contained },
        }
    }

    /// Reads the resource at `part` as `T`; one too deep or too odd to be read is lost and said to be.
    pub(super) fn read<T: serde::Deserialize<'a> + Odd>(&mut self, part: usize) -> Option<T> {
        let raw = self.items.get(part)?.raw;
        match serde_json::from_str::<T>(raw) {
            Ok(resource) => {
                if let Some(field) = resource.odd() {
                    let here = self.here(part, &Text::default(), Raw::default());
                    let text =
                        "This has another shape than FHIR gives it; what could not be read was left out.";
                    self.problem(ProblemKind::Imperfect, &here, field, text);
                }
                Some(resource)
            }
            Err(_) => {
                let here = self.here(part, &Text::default(), Raw::default());
                self.problem(ProblemKind::PartLost, &here, "", "This resource could not be read.");
                None
            }
        }
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, here: &Here<'_>, field: &str, text: &str) {
        let base = if here.path.is_empty() { &here.kind } else { &here.path };
        let place = if field.is_empty() { base.clone() } else { format!("{base}.{field}") };
        self.out.problem(kind, &place, text);
    }

    pub(super) fn push(&mut self, about: &About, cite: &Cite, what: What) {
        self.out.facts.push(Fact { about: about.clone(), cite: cite.clone(), what });
    }

    /// When it was said: the server's own time of this version; else `own`, the time that the thing itself was done or
    /// recorded; else the bundle's; else when it was received. Never later than received: a clock that runs ahead
    /// must not keep later news out.
    pub(super) fn cite(&self, meta: &Meta<'_>, own: Option<Moment>) -> Cite {
        let received = self.received.received;
        let updated = exact(meta.updated.as_str(), self.rules);
        self.latest.set(self.latest.get().max(updated));
        let at = self.received.no_later(updated.or(own).or(self.sent).unwrap_or(received));
        Cite { entry: self.received.entry, at, received, feed: self.received.feed.clone() }
    }

    /// Says that the server's clock is ahead, where it is.
    pub(super) fn note_clock(&mut self) {
        if let Some(latest) = self.latest.get() {
            self.out.note_clock(latest, self.received, "meta.lastUpdated");
        }
    }

    /// A date or time; one that is none is said to be.
    pub(super) fn moment(&mut self, here: &Here<'_>, field: &str, text: &Text<'_>) -> Option<Moment> {
        if text.is_empty() {
            return None;
        }
        let at = exact(text.as_str(), self.rules);
        if at.is_none() {
            self.problem(ProblemKind::Imperfect, here, field, "This is no date and time.");
        }
        at
    }

    /// Whom a resource is about. `None` when it is nobody who could be filed; the reason is then among the problems.
    pub(super) fn subject(&mut self, here: &Here<'a>, field: &str, subject: &Reference<'a>) -> Option<About> {
        match self.subject_of(here, subject) {
            Whom::Patient(identifiers) => Some(About { identifiers }),
            Whom::SomethingElse => {
                self.problem(
                    ProblemKind::Imperfect,
                    here,
                    field,
                    "It is not about a patient, so it was left out.",
                );
                None
            }
            Whom::Nobody(text) => {
                self.problem(ProblemKind::PartLost, here, field, text);
                None
            }
        }
    }

    pub(super) fn subject_of(&mut self, here: &Here<'a>, subject: &Reference<'a>) -> Whom {
        let reference = subject.reference.as_str();
        let mut extra = Vec::new();
        if let Some(Ok(number) | Err(number)) = identifier(&subject.identifier, self.rules)
            && number.kind != IdentifierKind::Other
        {
            extra.push(number);
        }
        if let Some(local) = reference.strip_prefix('#') {
            return self.contained_patient(here, local, extra);
        }
        if let Some((kind, number)) = conditional(reference) {
            if kind != "Patient" {
                return Whom::SomethingElse;
            }
            extra.extend(identifier(&number, self.rules).and_then(Result::ok));
            return whom(
                extra,
                "The reference names the patient by a number that no record can be found by.",
            );
        }
        if let Some(part) = self.item_of(reference) {
            return match self.people.get(&part) {
                Some(known) => {
                    let mut known = known.clone();
                    known.extend(extra.into_iter().filter(|e| !known.contains(e)).collect::<Vec<_>>());
                    whom(known, "The patient has neither an id nor a number.")
                }
                None => Whom::SomethingElse,
            };
        }
        let key = self.key_of_reference(reference);
        let kind = key.rsplit_once('/').map_or("", |(kind, _)| kind.rsplit('/').next().unwrap_or_default());
        if kind == "Patient" {
            extra.push(technical(self.rules, &key));
        } else if kind.is_empty()
            && !reference.is_empty()
            && subject.kind.as_str() == "Patient"
            && !reference.contains(':')
        {
            extra.push(technical(self.rules, &format!("Patient/{key}")));
        } else if !kind.is_empty() && !reference.starts_with("urn:") {
            return Whom::SomethingElse;
        }
        let text = if reference.is_empty() {
            "It names no patient, so it is lost."
        } else {
            "It names a patient who is not in the message and cannot be found by that reference, so it is lost."
        };
        whom(extra, text)
    }

    /// The identifiers that a reference to a patient leads to.
    pub(super) fn patient_by(
        &mut self,
        here: &Here<'a>,
        reference: &Reference<'a>,
    ) -> Option<Vec<Identifier>> {
        match self.subject_of(here, reference) {
            Whom::Patient(identifiers) => Some(identifiers),
            _ => None,
        }
    }

    fn contained_patient(&mut self, here: &Here<'a>, local: &str, mut extra: Vec<Identifier>) -> Whom {
        let Some((kind, raw)) = contained(&here.contained, local) else {
            return whom(extra, "It names a contained patient who is not there, so it is lost.");
        };
        if kind != "Patient" {
            return Whom::SomethingElse;
        }
        extra.extend(super::person::contained(self, here, raw));
        whom(extra, "Its contained patient has no number by which a record can be found, so it is lost.")
    }

    /// The item of this entry that a reference leads to.
    pub(super) fn item_of(&self, reference: &str) -> Option<usize> {
        if self.index.is_empty() || reference.is_empty() {
            return None;
        }
        let exact = unversioned(reference);
        if let Some(part) = self.index.get(exact) {
            return Some(*part);
        }
        let part = *self.index.get(&*canonical(reference))?;
        let url = self.items.get(part).map_or("", |i| i.url.as_str());
        // Another server's resource of the same type and id is another resource.
        (!(exact.contains("://") && url.contains("://"))).then_some(part)
    }

    /// The key under which this feed's resource is known: "Type/id", or the whole address when the entry holds
    /// another server's resource of that type and id.
    pub(super) fn key_of_reference(&self, reference: &str) -> String {
        if let Some(item) = self.item_of(reference).and_then(|part| self.items.get(part)) {
            let key = key_of(item, &item.id);
            if !key.is_empty() {
                return key;
            }
        }
        let short = canonical(reference);
        let clash = self.index.contains_key(short.as_str()) && reference.contains("://");
        basics::tidy(if clash { reference } else { &short }, KEY_BYTES_MAX)
    }

    /// The JSON of what a reference leads to: contained, or in this entry.
    pub(super) fn find(&self, here: &Here<'a>, reference: &Reference<'_>) -> Option<&'a str> {
        let reference = reference.reference.as_str();
        match reference.strip_prefix('#') {
            Some(local) => contained(&here.contained, local).map(|(_, raw)| raw),
            None => self.items.get(self.item_of(reference)?).map(|item| item.raw),
        }
    }

    /// The name of a person or organisation referred to; empty when it is not to be had.
    pub(super) fn name_of(&self, here: &Here<'a>, reference: &Reference<'_>) -> String {
        if !reference.display.is_empty() {
            return crate::words::line(reference.display.as_str());
        }
        let Some(raw) = self.find(here, reference) else { return String::new() };
        let mut someone: Someone<'_> = serde_json::from_str(raw).unwrap_or_default();
        if someone.name.is_empty() {
            if !someone.practitioner.display.is_empty() {
                return crate::words::line(someone.practitioner.display.as_str());
            }
            let Some(raw) = self.find(here, &someone.practitioner) else { return String::new() };
            someone = serde_json::from_str(raw).unwrap_or_default();
        }
        someone.name.first().map(HumanName::words).unwrap_or_default()
    }

    /// Code, words and form of the medicine, condition or the like referred to.
    pub(super) fn coded(
        &self,
        here: &Here<'a>,
        reference: &Reference<'_>,
        system: &str,
    ) -> (String, String, String) {
        let shown = crate::words::line(reference.display.as_str());
        let Some(raw) = self.find(here, reference) else { return (String::new(), shown, String::new()) };
        let coded: Coded<'_> = serde_json::from_str(raw).unwrap_or_default();
        let words = coded.code.words();
        (coded.code.code_of(system), if words.is_empty() { shown } else { words }, coded.form.words())
    }
}

/// Whom a reference names.
pub(super) enum Whom {
    Patient(Vec<Identifier>),
    SomethingElse,
    Nobody(&'static str),
}

fn whom(identifiers: Vec<Identifier>, otherwise: &'static str) -> Whom {
    if identifiers.iter().any(Identifier::matches_records) {
        Whom::Patient(identifiers)
    } else {
        Whom::Nobody(otherwise)
    }
}

/// A key that only its feed understands.
pub(super) fn technical(rules: &FeedRules, value: &str) -> Identifier {
    Identifier {
        kind: IdentifierKind::Technical,
        assigner: rules.feed.as_str().to_owned(),
        value: basics::tidy(value, KEY_BYTES_MAX),
    }
}

fn key_of(item: &Item<'_>, id: &str) -> String {
    if id.is_empty() {
        return basics::tidy(&item.url, KEY_BYTES_MAX);
    }
    format!("{}/{}", item.kind, basics::clip(id, KEY_BYTES_MAX))
}

/// Without the version that it may name.
fn unversioned(reference: &str) -> &str {
    reference.split("/_history").next().unwrap_or(reference)
}

/// "Patient/x" of "https://server/fhir/Patient/x/_history/3"; `urn:` references as they are.
pub(super) fn canonical(reference: &str) -> String {
    let reference = unversioned(reference.trim());
    if reference.starts_with("urn:") {
        return reference.to_owned();
    }
    let mut parts = reference.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(kind)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            format!("{kind}/{id}")
        }
        _ => reference.to_owned(),
    }
}

/// "Patient?identifier=system|value".
fn conditional(reference: &str) -> Option<(&str, Named<'_>)> {
    let (kind, query) = reference.split_once('?')?;
    let kind = kind.rsplit('/').next()?;
    let token = query.split('&').find_map(|part| part.strip_prefix("identifier="))?;
    let (system, value) = token.split_once('|').or_else(|| token.split_once("%7C")).unwrap_or(("", token));
    let mut named = Named::default();
    named.system = Text::of(std::borrow::Cow::Borrowed(system));
    named.value = Text::of(std::borrow::Cow::Borrowed(value));
    Some((kind, named))
}

/// Type and JSON of a contained resource.
fn contained<'a>(list: &Raw<'a>, id: &str) -> Option<(String, &'a str)> {
    let resources: Vec<&'a RawValue> = serde_json::from_str(list.get()?).ok()?;
    resources.into_iter().take(super::lenient::ELEMENTS_MAX).find_map(|raw| {
        let peek: Peek<'_> = serde_json::from_str(raw.get()).ok()?;
        (peek.id.as_str() == id).then(|| (peek.kind.as_str().to_owned(), raw.get()))
    })
}

/// A FHIR date, dateTime or instant. A day, month or year alone is its beginning; a time without an offset is taken in
/// the feed's zone.
pub(super) fn exact(text: &str, rules: &FeedRules) -> Option<Moment> {
    let text = text.trim();
    if text.len() < 4 || text.len() > 40 {
        return None;
    }
    let Some((day, time)) = text.split_once(['T', ' ']) else {
        let (year, month, day) = PartialDate::parse_iso(text)?.numbers();
        return rules.zone.moment(civil(year, month.unwrap_or(1), day.unwrap_or(1)));
    };
    if let Some(at) = Moment::parse_rfc3339(text) {
        return Some(at);
    }
    let (year, month, day) = PartialDate::parse_iso(day)?.numbers();
    let mut parts = time.split(':');
    let number = |part: Option<&str>| part.and_then(|p| p.get(..2)).and_then(|p| p.parse::<i8>().ok());
    let hour = number(parts.next())?;
    let minute = number(parts.next())?;
    let second = number(parts.next()).unwrap_or(0);
    rules.zone.moment(Civil { hour, minute, second, ..civil(year, month?, day?) })
}

fn civil(year: i16, month: i8, day: i8) -> Civil {
    Civil { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 }
}
