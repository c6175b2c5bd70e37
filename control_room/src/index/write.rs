//! The writer of the index: records come in from the database when a fact needs them, change in memory, and go back
//! once a batch, only the rows that changed.
//!
//! Always: a record read is compared with the sums in its summary before anything is built on it. When a batch fails,
//! everything read or changed since is forgotten, and the batch is applied again from the book.

use super::records::{read_core, read_parts, read_summary};
mod apart;
mod load;

use super::rows::{
    Beds, CORE, PlaceRow, Section, State, Summary, TrayRow, decode, encode, encode_core, encode_section,
    part_id, section_of,
};
use super::sums::seen_sum;
use super::{Place, Table};
use crate::Fault;
use basics::{EntryNumber, FeedName, SiteId};
use care::ward_list::{WardKey, WardPatient, ward_of};
use care::{PatientKey, PatientRecord};
pub use load::Loaded;
use load::{place_sum, ward_sum};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A patient whose summary changed.
pub struct Changed {
    /// The row.
    pub slot: u32,
    /// The summary as it now stands.
    pub summary: Summary,
}

/// Writes the index.
pub struct IndexWriter {
    conn: Connection,
    place: Place,
    /// How far the index has come; written by `commit`.
    pub state: State,
    cache: HashMap<u32, Cached>,
    tick: u64,
    cached_bytes: usize,
    cached_bytes_max: usize,
    dirty: BTreeSet<u32>,
    seen: Vec<(i64, i64, i64)>,
    wards: BTreeMap<WardKey, WardState>,
    dirty_wards: BTreeSet<WardKey>,
}

struct Cached {
    record: PatientRecord,
    loaded: u8,
    dirty: u8,
    /// The summary's sum as it stands in the database; `None` for a new patient.
    row_sum: Option<u64>,
    core_sum: u64,
    part_sums: Vec<(u16, u64)>,
    used: u64,
    bytes: usize,
}

#[derive(Default)]
struct WardState {
    beds: Beds,
    sum: u64,
}

impl IndexWriter {
    /// Opens the index, checks that it holds together, and hands every summary and every ward's beds to `load`.
    pub fn open(place: &Place, cache_mb: u32, load: &mut dyn FnMut(Loaded)) -> Result<Self, Fault> {
        let conn = place.open_write()?;
        let mut writer = Self {
            conn,
            place: place.clone(),
            state: State::default(),
            cache: HashMap::new(),
            tick: 0,
            cached_bytes: 0,
            cached_bytes_max: (cache_mb.clamp(16, 4096) as usize) << 19,
            dirty: BTreeSet::new(),
            seen: Vec::new(),
            wards: BTreeMap::new(),
            dirty_wards: BTreeSet::new(),
        };
        writer.read_state()?;
        let sum = writer.load_all(load)?;
        if !place.trusts_blindly() && sum != writer.state.rows_sum {
            return Err(Fault::damaged("its rows do not add up"));
        }
        Ok(writer)
    }

    /// Begins a batch.
    pub fn begin(&mut self) -> Result<(), Fault> {
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|e| Fault::index("begin a batch", &e))
    }

    /// Gives a batch up: nothing of it stays, here or in the database. Hands out what is in the database, as `open`.
    pub fn abort(&mut self, load: &mut dyn FnMut(Loaded)) -> Result<(), Fault> {
        let rolled = if self.conn.is_autocommit() { Ok(()) } else { self.conn.execute_batch("ROLLBACK") };
        self.cache.clear();
        self.cached_bytes = 0;
        self.dirty.clear();
        self.seen.clear();
        self.dirty_wards.clear();
        rolled.map_err(|e| Fault::index("give a batch up", &e))?;
        self.wards.clear();
        self.read_state()?;
        self.load_all(load).map(drop)
    }

    /// A new patient's record.
    pub fn create(&mut self, slot: u32, key: PatientKey) {
        self.tick += 1;
        let record = PatientRecord { key, ..PatientRecord::default() };
        let cached = Cached {
            record,
            loaded: super::WHOLE,
            dirty: CORE,
            row_sum: None,
            core_sum: 0,
            part_sums: Vec::new(),
            used: self.tick,
            bytes: 0,
        };
        self.cache.insert(slot, cached);
        self.dirty.insert(slot);
        self.state.patients += 1;
    }

    /// A patient's record with at least these sections, read from the database when it is not in memory.
    pub fn record(&mut self, slot: u32, sections: u8) -> Result<&PatientRecord, Fault> {
        self.bring(slot, sections)?;
        self.cache.get(&slot).map(|c| &c.record).ok_or(Fault::Closed)
    }

    /// The same, to be changed: these sections will be written with the batch.
    pub fn record_to_change(&mut self, slot: u32, sections: u8) -> Result<&mut PatientRecord, Fault> {
        self.bring(slot, sections | CORE)?;
        self.dirty.insert(slot);
        let cached = self.cache.get_mut(&slot).ok_or(Fault::Closed)?;
        cached.dirty |= sections | CORE;
        Ok(&mut cached.record)
    }

    fn bring(&mut self, slot: u32, sections: u8) -> Result<(), Fault> {
        self.tick += 1;
        if !self.cache.contains_key(&slot) {
            let cached = self.read_core(slot)?;
            self.cached_bytes += cached.bytes;
            self.cache.insert(slot, cached);
        }
        let Some(cached) = self.cache.get_mut(&slot) else { return Err(Fault::Closed) };
        cached.used = self.tick;
        for section in Section::ALL {
            if sections & section.bit() != 0 && cached.loaded & section.bit() == 0 {
                let bytes = read_parts(
                    &self.conn,
                    &self.place,
                    slot,
                    Some(section),
                    &cached.part_sums,
                    &mut cached.record,
                )?;
                cached.loaded |= section.bit();
                cached.bytes += bytes;
                self.cached_bytes += bytes;
            }
        }
        Ok(())
    }

    fn read_core(&self, slot: u32) -> Result<Cached, Fault> {
        let (summary, row_sum) = read_summary(&self.conn, &self.place, slot)?
            .ok_or_else(|| Fault::damaged("a patient's summary is missing"))?;
        let (record, bytes) = read_core(&self.conn, &self.place, slot, &summary)?;
        Ok(Cached {
            record,
            loaded: CORE,
            dirty: 0,
            row_sum: Some(row_sum),
            core_sum: summary.core_sum,
            part_sums: summary.part_sums,
            used: self.tick,
            bytes: bytes * 3 + 512,
        })
    }

    /// A tray item.
    pub fn tray(&self, entry: EntryNumber) -> Result<Option<TrayRow>, Fault> {
        let bytes = self.tray_bytes(entry)?;
        bytes.map(|b| decode(&b)).transpose()
    }

    fn tray_bytes(&self, entry: EntryNumber) -> Result<Option<Vec<u8>>, Fault> {
        let fault = |e| Fault::index("read a tray item", &e);
        let mut statement =
            self.conn.prepare_cached("SELECT body FROM tray WHERE entry = ?1").map_err(fault)?;
        statement.query_row([entry.0 as i64], |r| r.get(0)).optional().map_err(fault)
    }

    /// The tray's entries, all or one feed's, in order.
    pub fn tray_entries(&self, feed: Option<&basics::FeedName>) -> Result<Vec<EntryNumber>, Fault> {
        let fault = |e| Fault::index("read the tray", &e);
        let mut statement =
            self.conn.prepare_cached("SELECT body FROM tray ORDER BY entry").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let bytes = row.get_ref(0).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            let item: TrayRow = decode(bytes)?;
            if feed.is_none_or(|f| *f == item.item.feed) {
                entries.push(item.item.entry);
            }
        }
        Ok(entries)
    }

    /// Puts a tray item in, changes it, or (`None`) takes it out.
    pub fn set_tray(&mut self, entry: EntryNumber, row: Option<&TrayRow>) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a tray item", &e);
        let sums = self.place.sums.clone();
        if let Some(old) = self.tray_bytes(entry)? {
            self.unsum(sums.of(Table::Tray, entry.0, &old));
        }
        match row {
            Some(row) => {
                let bytes = encode(row)?;
                self.sum(sums.of(Table::Tray, entry.0, &bytes));
                let mut put = self
                    .conn
                    .prepare_cached("INSERT INTO tray(entry, body) VALUES(?1, ?2) ON CONFLICT(entry) DO UPDATE SET body = excluded.body")
                    .map_err(fault)?;
                put.execute(params![entry.0 as i64, bytes]).map_err(fault)?;
            }
            None => {
                let mut take =
                    self.conn.prepare_cached("DELETE FROM tray WHERE entry = ?1").map_err(fault)?;
                take.execute([entry.0 as i64]).map_err(fault)?;
            }
        }
        Ok(())
    }

    /// Puts a place in, or changes it.
    pub fn set_place(&mut self, feed: &FeedName, reference: &str, row: &PlaceRow) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a place", &e);
        let before: Option<Vec<u8>> = self
            .conn
            .prepare_cached("SELECT body FROM place WHERE feed = ?1 AND reference = ?2")
            .and_then(|mut s| s.query_row([feed.as_str(), reference], |r| r.get(0)).optional())
            .map_err(fault)?;
        let sums = self.place.sums.clone();
        if let Some(before) = before {
            self.unsum(place_sum(&sums, feed.as_str(), reference, &before));
        }
        let bytes = encode(row)?;
        self.sum(place_sum(&sums, feed.as_str(), reference, &bytes));
        let mut put = self
            .conn
            .prepare_cached("INSERT INTO place(feed, reference, body) VALUES(?1, ?2, ?3) ON CONFLICT(feed, reference) DO UPDATE SET body = excluded.body")
            .map_err(fault)?;
        put.execute(params![feed.as_str(), reference, bytes]).map_err(fault)?;
        Ok(())
    }

    /// Notes a message's id, so that its like is known again.
    pub fn note_seen(&mut self, id: u64, entry: EntryNumber, content: u64) {
        self.seen.push((id as i64, entry.0 as i64, content as i64));
    }

    /// Notes that somebody was said to be in a bed, in the hour of `at`.
    pub fn note_bed(&mut self, ward: &WardKey, location: &care::Location, at: basics::Moment) {
        if location.bed.as_deref().is_none_or(|b| b.trim().is_empty()) {
            return;
        }
        let hour = basics::Moment::from_milliseconds(at.milliseconds().div_euclid(3_600_000) * 3_600_000);
        let bare = care::Location { sent: String::new(), ..location.clone() };
        let label = care::ward_list::bed_label(&bare);
        let state = self.wards.entry(ward.clone()).or_default();
        let full = state.beds.beds.len() >= BEDS_MAX;
        match state.beds.beds.get_mut(&label) {
            Some((_, seen)) if *seen >= hour => return,
            Some((_, seen)) => *seen = hour,
            None if full => return,
            None => drop(state.beds.beds.insert(label, (bare, hour))),
        }
        self.dirty_wards.insert(ward.clone());
    }

    /// Writes what the batch changed. `slot_of` finds a record's row, `survivor` the row that stands for another.
    pub fn flush(
        &mut self,
        slot_of: &dyn Fn(PatientKey) -> Option<u32>,
        survivor: &dyn Fn(u32) -> u32,
        site: &dyn Fn(&PatientRecord) -> SiteId,
    ) -> Result<Vec<Changed>, Fault> {
        let mut rows: BTreeSet<u32> = BTreeSet::new();
        for slot in std::mem::take(&mut self.dirty) {
            self.write_record(slot)?;
            rows.insert(slot);
            rows.insert(survivor(slot));
        }
        let mut changed = Vec::with_capacity(rows.len());
        for slot in rows {
            let summary = self.summarise(slot, slot_of, site)?;
            self.write_summary(slot, &summary)?;
            changed.push(Changed { slot, summary });
        }
        self.write_seen()?;
        Ok(changed)
    }

    fn write_record(&mut self, slot: u32) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a record", &e);
        let Some(cached) = self.cache.get_mut(&slot) else { return Err(Fault::Closed) };
        let sums = &self.place.sums;
        let body = encode_core(&mut cached.record)?;
        let sum = sums.of(Table::Core, u64::from(slot), &body);
        if sum != cached.core_sum || cached.row_sum.is_none() {
            let mut put = self
                .conn
                .prepare_cached("INSERT INTO core(slot, body) VALUES(?1, ?2) ON CONFLICT(slot) DO UPDATE SET body = excluded.body")
                .map_err(fault)?;
            put.execute(params![slot, body]).map_err(fault)?;
            cached.core_sum = sum;
        }
        for section in Section::ALL {
            if cached.dirty & section.bit() == 0 {
                continue;
            }
            let rows = encode_section(&cached.record, section)?;
            let before: Vec<(u16, u64)> =
                cached.part_sums.iter().filter(|(p, _)| section_of(*p) == Some(section)).copied().collect();
            cached.part_sums.retain(|(p, _)| section_of(*p) != Some(section));
            for (part, bytes) in &rows {
                let sum = sums.of(Table::Part, part_id(slot, *part) as u64, bytes);
                cached.part_sums.push((*part, sum));
                if !before.contains(&(*part, sum)) {
                    let mut put = self
                        .conn
                        .prepare_cached("INSERT INTO part(id, body) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET body = excluded.body")
                        .map_err(fault)?;
                    put.execute(params![part_id(slot, *part), bytes]).map_err(fault)?;
                }
            }
            for (part, _) in before.iter().filter(|(p, _)| !rows.iter().any(|(now, _)| now == p)) {
                let mut take = self.conn.prepare_cached("DELETE FROM part WHERE id = ?1").map_err(fault)?;
                take.execute([part_id(slot, *part)]).map_err(fault)?;
            }
        }
        cached.part_sums.sort_unstable();
        cached.dirty = 0;
        let bytes = body.len() * 3 + 512 + cached.part_sums.len() * 2000;
        self.cached_bytes = (self.cached_bytes + bytes).saturating_sub(cached.bytes);
        cached.bytes = bytes;
        Ok(())
    }

    fn summarise(
        &mut self,
        slot: u32,
        slot_of: &dyn Fn(PatientKey) -> Option<u32>,
        site: &dyn Fn(&PatientRecord) -> SiteId,
    ) -> Result<Summary, Fault> {
        let mut merged = Vec::new();
        let mut ahead = self.record(slot, CORE)?.merged_from.clone();
        while let Some(key) = ahead.pop() {
            if merged.len() >= care::identity::CHAIN_MAX
                || merged.iter().any(|r: &PatientRecord| r.key == key)
            {
                continue;
            }
            if let Some(other) = slot_of(key) {
                let record = self.record(other, CORE)?.clone();
                ahead.extend(record.merged_from.iter().copied());
                merged.push(record);
            }
        }
        self.bring(slot, CORE)?;
        let cached = self.cache.get(&slot).ok_or(Fault::Closed)?;
        let folded;
        let shown = if merged.is_empty() {
            &cached.record
        } else {
            folded = care::fold(&cached.record, &merged);
            &folded
        };
        let ward =
            ward_of(shown).map(|(named, ward)| WardKey { site: named.unwrap_or_else(|| site(shown)), ward });
        let current = shown.merged_into.is_none()
            && (ward.is_some() || shown.current_encounter().is_some_and(care::Encounter::on_ward));
        Ok(Summary {
            key: cached.record.key,
            row: WardPatient::of(shown),
            name: cached.record.name.clone(),
            other_names: cached.record.other_names.clone(),
            identifiers: cached.record.identifiers.clone(),
            ward,
            current,
            merged_into: cached.record.merged_into,
            bookings: cached.record.appointments.iter().filter(|a| a.start.is_some()).cloned().collect(),
            special: self.place.special_lists.of(&cached.record),
            died: shown.died.is_some(),
            core_sum: cached.core_sum,
            part_sums: cached.part_sums.clone(),
        })
    }

    fn write_summary(&mut self, slot: u32, summary: &Summary) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a summary", &e);
        let bytes = encode(summary)?;
        let sum = self.place.sums.of(Table::Patient, u64::from(slot), &bytes);
        let Some(cached) = self.cache.get_mut(&slot) else { return Err(Fault::Closed) };
        let before = cached.row_sum.replace(sum);
        if before == Some(sum) {
            return Ok(());
        }
        if let Some(before) = before {
            self.unsum(before);
        }
        self.sum(sum);
        let mut put = self
            .conn
            .prepare_cached("INSERT INTO patient(slot, summary) VALUES(?1, ?2) ON CONFLICT(slot) DO UPDATE SET summary = excluded.summary")
            .map_err(fault)?;
        put.execute(params![slot, bytes]).map_err(fault)?;
        Ok(())
    }

    fn write_seen(&mut self) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a message's id", &e);
        let mut seen = std::mem::take(&mut self.seen);
        // In the order of the tree, so that neighbours share a page.
        seen.sort_unstable();
        let mut put = self
            .conn
            .prepare_cached("INSERT OR IGNORE INTO seen(id, entry, content) VALUES(?1, ?2, ?3)")
            .map_err(fault)?;
        for row in &seen {
            put.execute(*row).map_err(fault)?;
            self.state.seen_sum = self.state.seen_sum.wrapping_add(seen_sum(&self.place.sums, *row));
        }
        self.state.seen += seen.len() as u64;
        Ok(())
    }

    /// Wards whose beds changed, written; to be called before `commit`.
    pub fn flush_wards(&mut self) -> Result<Vec<(WardKey, Beds)>, Fault> {
        let fault = |e| Fault::index("write a ward", &e);
        let mut changed = Vec::new();
        for key in std::mem::take(&mut self.dirty_wards) {
            let Some(state) = self.wards.get_mut(&key) else { continue };
            let bytes = encode(&state.beds)?;
            let sum = ward_sum(&self.place.sums, &key, &bytes);
            self.state.rows_sum = self.state.rows_sum.wrapping_sub(state.sum).wrapping_add(sum);
            state.sum = sum;
            let mut put = self
                .conn
                .prepare_cached("INSERT INTO ward(site, ward, body) VALUES(?1, ?2, ?3) ON CONFLICT(site, ward) DO UPDATE SET body = excluded.body")
                .map_err(fault)?;
            put.execute(params![key.site.as_str(), key.ward.as_str(), bytes]).map_err(fault)?;
            changed.push((key, state.beds.clone()));
        }
        Ok(changed)
    }

    /// Ends a batch: from here on the index stands at `state`.
    pub fn commit(&mut self) -> Result<(), Fault> {
        let fault = |e| Fault::index("write the state", &e);
        let body = encode(&self.state)?;
        let sum = self.place.sums.of(Table::State, 0, &body) as i64;
        let mut put = self
            .conn
            .prepare_cached("INSERT INTO state(id, body, sum) VALUES(0, ?1, ?2) ON CONFLICT(id) DO UPDATE SET body = excluded.body, sum = excluded.sum")
            .map_err(fault)?;
        put.execute(params![body, sum]).map_err(fault)?;
        drop(put);
        self.conn.execute_batch("COMMIT").map_err(|e| Fault::index("commit a batch", &e))?;
        self.evict();
        Ok(())
    }

    /// Keeps the records used last.
    fn evict(&mut self) {
        if self.cached_bytes <= self.cached_bytes_max {
            return;
        }
        let mut by_use: Vec<(u64, u32)> = self.cache.iter().map(|(slot, c)| (c.used, *slot)).collect();
        by_use.sort_unstable();
        for (_, slot) in by_use {
            if self.cached_bytes <= self.cached_bytes_max / 4 * 3 {
                break;
            }
            if let Some(gone) = self.cache.remove(&slot) {
                self.cached_bytes = self.cached_bytes.saturating_sub(gone.bytes);
            }
        }
    }

    /// Faster and careless of power cuts; for a rebuild, which starts anew after one.
    pub fn hurry(&mut self, on: bool) -> Result<(), Fault> {
        let how = if on { "OFF" } else { "NORMAL" };
        self.conn.pragma_update(None, "synchronous", how).map_err(|e| Fault::index("set the pace", &e))
    }

    /// Moves the write-ahead log into the database, so that a closed index is one file.
    pub fn settle(&mut self) -> Result<(), Fault> {
        self.conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|e| Fault::index("settle the index", &e))
    }

    /// All ids noted, for the memory of duplicates; compared with their sum at the end.
    pub fn all_seen(&self, each: &mut dyn FnMut(u64, u64, u64)) -> Result<(), Fault> {
        let fault = |e| Fault::index("read the messages' ids", &e);
        let mut statement =
            self.conn.prepare("SELECT id, entry, content FROM seen ORDER BY id, entry").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        let (mut count, mut total) = (0u64, 0u64);
        while let Some(row) = rows.next().map_err(fault)? {
            let field = |i| row.get::<_, i64>(i).map_err(fault);
            let (id, entry, content) = (field(0)?, field(1)?, field(2)?);
            total = total.wrapping_add(seen_sum(&self.place.sums, (id, entry, content)));
            count += 1;
            each(id as u64, entry as u64, content as u64);
        }
        if (count, total) != (self.state.seen, self.state.seen_sum) && !self.place.trusts_blindly() {
            return Err(Fault::damaged("the messages' ids do not add up"));
        }
        Ok(())
    }

    fn sum(&mut self, sum: u64) {
        self.state.rows_sum = self.state.rows_sum.wrapping_add(sum);
    }

    fn unsum(&mut self, sum: u64) {
        self.state.rows_sum = self.state.rows_sum.wrapping_sub(sum);
    }
}

/// Most beds remembered for a ward.
const BEDS_MAX: usize = 400;
