//! What the control room shows: every question that screens, paper and the command line may ask.
//!
//! Reads never wait for writing: they look at what lies in memory, or read the index through connections of their own.
//! When recording stops, all of this goes on.

use crate::find::Question;
use crate::index::Summary;
use crate::room::{ControlRoom, Shared};
use crate::{
    Fault, FeedBoard, FeedEntry, FeedSetup, Found, How, Match, ModeBoard, Outcome, Preview, Recording,
    Status, Totals, TrayCounts, TrayFilter, TrayItem,
};
use basics::{EntryNumber, FeedName, Moment};
use care::ward_list::{WardKey, WardList, WardSummary, bed_label};
use care::ward_pack::WardPack;
use care::{IdentifierKind, PatientKey, PatientRecord};
use std::sync::Arc;

/// Most matches returned at once.
pub const MATCHES_MAX: usize = 200;

impl ControlRoom {
    fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// What Lifeboat would make of a message; nothing is recorded.
    pub fn preview(&self, feed: Option<&FeedName>, bytes: &[u8], at: Moment) -> Preview {
        let shared = self.shared();
        let fallback =
            shared.setup.feeds.first().map(|f| f.name.clone()).or_else(|| FeedName::new("preview"));
        let told = feed.cloned().or(fallback).map(|feed| shared.translate(&feed, bytes, EntryNumber(0), at));
        let told = told.unwrap_or_default();
        let outcome = match told.outcome() {
            translate::Outcome::Understood => Outcome::Understood,
            translate::Outcome::PartLost => Outcome::PartLost,
            translate::Outcome::NotUnderstood => Outcome::NotUnderstood,
        };
        let patient = told.facts.first().and_then(|fact| {
            let known = |identifier: &care::Identifier| shared.bearer(identifier).ok().flatten();
            match care::resolve(&fact.about.identifiers, &known) {
                care::Resolution::Known(key) | care::Resolution::Conflict { by_mrn: key, .. } => Some(key),
                care::Resolution::New => None,
            }
        });
        Preview {
            facts: told.facts,
            problems: told.problems,
            outcome,
            message_type: told.message_type,
            patient,
        }
    }

    /// All feeds, by name.
    pub fn feeds(&self) -> Vec<FeedBoard> {
        let shared = self.shared();
        shared.tick();
        let setup = |feed: &FeedName| -> FeedSetup { shared.feed_setup(feed) };
        shared.feeds().board(shared.clock.now(), &setup)
    }

    /// Notes how many connections a feed has now.
    pub fn note_connections(&self, feed: &FeedName, connections: u32) {
        self.shared().feeds().connections(feed, connections);
    }

    /// All wards, by site and code.
    pub fn wards(&self) -> Result<Vec<WardSummary>, Fault> {
        let shared = self.shared();
        let memory = shared.memory();
        let name = |key: &WardKey| shared.ward_name(&memory, key);
        Ok(memory.wards.summaries(&name, shared.beds_since(&memory)))
    }

    /// A ward's list; `None` for a ward never heard of.
    pub fn ward_list(&self, ward: &WardKey) -> Result<Option<WardList>, Fault> {
        let shared = self.shared();
        let memory = shared.memory();
        let name = |key: &WardKey| shared.ward_name(&memory, key);
        Ok(memory.wards.list(ward, &name, shared.beds_since(&memory)))
    }

    /// Everything that a ward's paper needs, put together now.
    pub fn ward_pack(&self, ward: &WardKey, at: Moment) -> Result<Option<WardPack>, Fault> {
        let shared = self.shared();
        // Else a pack made before the clock was first read would call every feed silent.
        shared.tick();
        let Some(list) = self.ward_list(ward)? else { return Ok(None) };
        let mut patients = Vec::new();
        for row in list.rows.iter().filter_map(|row| row.patient.as_ref()) {
            patients.extend(self.patient(row.key)?);
        }
        let of_site = |feed: &FeedName| {
            let site = shared.feed_setup(feed).site;
            site.is_none() || site.as_ref() == Some(&ward.site)
        };
        let feeds = shared.feeds();
        let (data_as_at, silent) = (feeds.last_received(&of_site), feeds.silent(&of_site));
        drop(feeds);
        Ok(Some(WardPack {
            list,
            patients,
            trust: shared.setup.trust.clone(),
            as_at: at,
            data_as_at,
            silent,
            head: self.status().head,
            watermark: shared.setup.watermark.clone(),
            address: shared.setup.address.clone(),
        }))
    }

    /// Where people open the pages: "https://lifeboat.example"; empty where nobody has said.
    pub fn address(&self) -> String {
        self.shared().setup.address.clone()
    }

    /// A patient with all merged records folded in; for a merged record, the one that it was merged into.
    pub fn patient(&self, key: PatientKey) -> Result<Option<Arc<PatientRecord>>, Fault> {
        let shared = self.shared();
        let memory = shared.memory();
        let stands = care::identity::survivor(key, &|key| memory.merged_into(key));
        drop(memory);
        let Some(record) = self.raw(stands)? else { return Ok(None) };
        let mut merged: Vec<PatientRecord> = Vec::new();
        let mut ahead = record.merged_from.clone();
        while let Some(key) = ahead.pop() {
            if merged.len() < care::identity::CHAIN_MAX
                && merged.iter().all(|r| r.key != key)
                && let Some(prior) = self.raw(key)?
            {
                ahead.extend(prior.merged_from.iter().copied());
                merged.push(prior);
            }
        }
        Ok(Some(Arc::new(if merged.is_empty() { record } else { care::fold(&record, &merged) })))
    }

    /// A record as it is kept, nothing folded in; says what it was merged into.
    pub fn patient_raw(&self, key: PatientKey) -> Result<Option<Arc<PatientRecord>>, Fault> {
        Ok(self.raw(key)?.map(Arc::new))
    }

    fn raw(&self, key: PatientKey) -> Result<Option<PatientRecord>, Fault> {
        let slot = self.shared().memory().slot(key);
        // Rows are numbered anew when the index is made again, in the same order unless rules changed; so the row is
        // looked up with each attempt.
        let found = slot.is_some();
        let read = |shared: &Shared| match shared.memory().slot(key) {
            Some(slot) => shared.pool.reader()?.record(slot),
            None => Ok(None),
        };
        if found { self.ask(read) } else { Ok(None) }
    }

    /// All records in key order, read one after another: survivors with what was merged into them folded in, merged
    /// ones as they are kept.
    pub fn patients(
        &self,
    ) -> Result<impl Iterator<Item = Result<Arc<PatientRecord>, Fault>> + Send + 'static, Fault> {
        let room = self.clone();
        let keys = self.shared().memory().keys();
        Ok(keys.into_iter().filter_map(move |key| {
            let merged = room.shared().memory().merged_into(key).is_some();
            let record = if merged { room.patient_raw(key) } else { room.patient(key) };
            record.transpose()
        }))
    }

    /// Finds patients by name, number, date of birth or bed; at most `limit` (200 at most) of them.
    pub fn find(&self, text: &str, limit: usize) -> Result<Found, Fault> {
        self.ask(|shared| shared.find(text, limit))
    }

    /// The patient who bears exactly this NHS or hospital number (spaces and case do not matter); `None` when nobody
    /// does, or more than one person: then `find` shows them all.
    pub fn find_exact(&self, identifier: &str) -> Result<Option<PatientKey>, Fault> {
        self.ask(|shared| shared.find_exact(identifier))
    }
    /// A message as it is kept; `None` for a decision's entry or past the end.
    pub fn entry(&self, number: EntryNumber) -> Result<Option<FeedEntry>, Fault> {
        self.shared().entry(number)
    }

    /// Media type and bytes of the `index`th document of a patient's record as `patient` gives it.
    pub fn document(&self, key: PatientKey, index: usize) -> Result<Option<(String, Vec<u8>)>, Fault> {
        let Some(record) = self.patient(key)? else { return Ok(None) };
        let Some(document) = record.documents.get(index) else { return Ok(None) };
        if document.bytes == 0 || document.cite.is_none() {
            return Ok(Some(("text/plain; charset=utf-8".to_owned(), document.text.clone().into_bytes())));
        }
        let Some(entry) = document.cite.as_ref().map(|c| c.entry) else { return Ok(None) };
        let Some(kept) = self.entry(entry)? else { return Ok(None) };
        let mime = document.mime.clone();
        let found = translate::document(&kept.bytes, document.part);
        Ok(found.map(|(own, bytes)| (if mime.is_empty() { own } else { mime }, bytes)))
    }

    /// What waits for a person, oldest first.
    pub fn tray(&self, filter: &TrayFilter) -> Result<Vec<TrayItem>, Fault> {
        let limit =
            if filter.limit == 0 { TrayFilter::ITEMS_MAX } else { filter.limit.min(TrayFilter::ITEMS_MAX) };
        self.ask(|shared| {
            let mut items = Vec::new();
            shared.pool.reader()?.tray(filter.after.unwrap_or_default(), &mut |row| {
                let item = row.item;
                let wanted = filter.feed.as_ref().is_none_or(|f| *f == item.feed)
                    && filter.kind.is_none_or(|kind| kind == item.kind);
                if wanted {
                    items.push(item);
                }
                items.len() < limit
            })?;
            Ok(items)
        })
    }

    /// How much waits in the tray.
    pub fn tray_counts(&self) -> TrayCounts {
        self.shared().memory().tray_counts()
    }

    /// What the hospital is doing.
    pub fn mode(&self) -> ModeBoard {
        self.shared().memory().mode()
    }

    /// How the record and the index stand.
    pub fn status(&self) -> Status {
        let shared = self.shared();
        let (recording, head) = recording(shared.loggist_status(), shared.opened);
        let board = shared.board();
        Status {
            recording,
            book_size: shared.reader.len(),
            head,
            index_entry: shared.applied_entry(),
            rebuilding: board.rebuilding,
            rebuilt_because: board.rebuilt_because,
            rebuild_advised: shared.memory().state.rebuild_advised,
            index_trouble: board.trouble,
            opened: shared.opened,
        }
    }

    /// Sums over all feeds.
    pub fn totals(&self) -> Totals {
        let shared = self.shared();
        let at_the_door = shared.feeds().duplicates();
        let memory = shared.memory();
        let mut totals = Totals { duplicates: at_the_door, patients: memory.patients(), ..Totals::default() };
        for tally in &memory.state.tallies {
            totals.received += tally.received;
            totals.understood += tally.understood;
            totals.in_tray += tally.in_tray;
            totals.cleared += tally.cleared;
            totals.duplicates += tally.kept_twice;
        }
        totals
    }
}

impl Shared {
    fn find(&self, text: &str, limit: usize) -> Result<Found, Fault> {
        let shared = self;
        let limit = limit.clamp(1, MATCHES_MAX);
        let question = Question::read(text);
        if question.is_empty() {
            return Ok(Found::default());
        }
        let memory = shared.memory();
        let name = |key: &WardKey| shared.ward_name(&memory, key);
        let mut slots: Vec<(u32, How)> = Vec::new();
        let mut on_ward: Vec<(u32, How)> = Vec::new();
        for (slot, bed) in memory.wards.at_place(&question.place, &name) {
            if bed { slots.push((slot, How::Exact)) } else { on_ward.push((slot, How::Prefix)) }
        }
        let (hits, total, capped) = memory.find.find(&question, limit);
        let places = slots.len() + on_ward.len();
        for (slot, how) in hits.iter().map(|h| (h.slot, h.how)).chain(on_ward) {
            if !slots.iter().any(|(known, _)| *known == slot) {
                slots.push((slot, how));
            }
        }
        drop(memory);
        let more = capped || slots.len() > limit;
        slots.truncate(limit);
        let reader = shared.pool.reader()?;
        let mut matches = Vec::with_capacity(slots.len());
        for (slot, how) in slots {
            matches.extend(reader.summary(slot)?.map(|summary| matched(summary, how)));
        }
        let total_at_least = (total + places).max(matches.len());
        Ok(Found { matches, total_at_least, more })
    }

    fn find_exact(&self, identifier: &str) -> Result<Option<PatientKey>, Fault> {
        let shared = self;
        let asked = crate::find::words::number(identifier);
        let memory = shared.memory();
        let slots: Vec<u32> = memory
            .find
            .numbers
            .beginning(&asked)
            .take_while(|(whole, _)| *whole)
            .map(|(_, slot)| slot)
            .collect();
        drop(memory);
        let reader = shared.pool.reader()?;
        let mut found: Option<PatientKey> = None;
        for slot in slots {
            let Some(summary) = reader.summary(slot)? else { continue };
            let bears = summary.identifiers.iter().any(|i| {
                matches!(i.kind, IdentifierKind::Nhs | IdentifierKind::Mrn)
                    && crate::find::words::number(&i.value) == asked
            });
            if bears {
                let memory = shared.memory();
                let stands = care::identity::survivor(summary.key, &|key| memory.merged_into(key));
                if found.is_some_and(|other| other != stands) {
                    return Ok(None);
                }
                found = Some(stands);
            }
        }
        Ok(found)
    }

    /// A ward's name for people: by a feed's map, by what a feed told, or its code.
    fn ward_name(&self, memory: &crate::memory::Memory, key: &WardKey) -> String {
        let of_site = self.setup.feeds.iter().filter(|f| f.site.as_ref() == Some(&key.site));
        let name = of_site
            .chain(&self.setup.feeds)
            .find_map(|f| self.ward_name_in(&f.name, &f.locations, &key.ward));
        name.or_else(|| memory.ward_name(&key.ward).map(str::to_owned))
            .unwrap_or_else(|| key.ward.as_str().to_owned())
    }

    /// Beds seen before this moment are no longer shown when empty. Reckoned from the last message received, not from
    /// the clock: nothing fades because the machine's clock jumps or the feeds are cut.
    fn beds_since(&self, memory: &crate::memory::Memory) -> Moment {
        memory.state.applied_at.plus_seconds(-i64::from(self.setup.empty_bed_days_max) * 86_400)
    }

    /// Who bears exactly this identifier.
    fn bearer(&self, identifier: &care::Identifier) -> Result<Option<PatientKey>, Fault> {
        let slots: Vec<u32> = self.memory().find.numbers.bearers(identifier).collect();
        let reader = self.pool.reader()?;
        let mut found: Option<PatientKey> = None;
        for slot in slots {
            if let Some(summary) = reader.summary(slot)?
                && summary.identifiers.contains(identifier)
            {
                found = Some(found.map_or(summary.key, |f| f.min(summary.key)));
            }
        }
        Ok(found)
    }
}

fn matched(summary: Summary, how: How) -> Match {
    let bed = if summary.ward.is_some() { bed_label(&summary.row.location) } else { String::new() };
    Match { patient: summary.row, ward: summary.ward, bed, how }
}

/// How a book's recording stands, and its head for people: its size and the first 16 hexadecimal digits of its seal.
/// `None` is a book that was closed; the control room was open since `opened`.
pub(crate) fn recording(status: Option<logbook::Status>, opened: Moment) -> (Recording, String) {
    let (recording, head) = match status {
        Some(logbook::Status::Recording { head, .. }) => (Recording::Recording, Some(head)),
        Some(logbook::Status::Full { since, head, .. }) => (Recording::Full { since }, Some(head)),
        Some(logbook::Status::Stopped { since, why, head, .. }) => {
            (Recording::Frozen { since, why }, Some(head))
        }
        None => (Recording::Frozen { since: opened, why: "the control room is closed".to_owned() }, None),
    };
    let seal = |head: &logbook::Head| head.seal.to_string().chars().take(16).collect::<String>();
    (recording, head.map_or_else(String::new, |head| format!("{} · {}", head.size, seal(&head))))
}
