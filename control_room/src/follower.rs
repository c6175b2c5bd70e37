//! The follower: reads the book behind the loggist and keeps the index up to it, batch by batch.
//!
//! Fresh entries come by hand from the door; after a restart, or when too many wait, they are read from the book. A
//! batch and the number of its last entry are one transaction. When the index turns out damaged, it is thrown away and
//! made again; when it cannot be written (a full disk), the follower tries again every second and says so. Receiving
//! never waits for any of this.

use crate::apply::{Admission, Applier, Batch};
use crate::duplicates::MessageKey;
use crate::entries::{self, Body, SignedIntent, received_header};
use crate::hatch::HatchState;
use crate::index::{Beds, Changed, IndexWriter, Loaded, PlaceRow, Planted, Table, encode};
use crate::memory::Memory;
use crate::room::Shared;
use crate::{Change, Fault, Intent};
use basics::{EntryNumber, FeedName, Moment};
use care::ward_list::WardKey;
use logbook::{Entries, Entry};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Most entries in a batch while everything is up to date, and while catching up.
const BATCH_ENTRIES_MAX: usize = 4_000;
/// Most bytes of entries in a batch.
const BATCH_BYTES_MAX: usize = 32 << 20;
/// Most patients taken into memory under one lock, so that readers are never held up for long.
const UNDER_ONE_LOCK_MAX: usize = 100;

/// Batches begin no closer together than this while messages keep coming, for a batch of one costs nearly as much as a
/// batch of fifty. A message that comes alone is applied at once.
const GATHER: Duration = Duration::from_millis(25);
/// So many new messages within one `GATHER` are a flood, 8,000 a second: no hospital's day, but a sender that empties its
/// queue after an outage. What is in a sender's queue may still be lost, so keeping comes first and showing waits.
const FLOOD_MESSAGES: u64 = 200;
/// The longest that showing waits for a flood to pass.
const FLOOD: Duration = Duration::from_secs(3);
/// Between two tries when the index does not let itself be written.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);
/// While senders wait and what is applied is younger than this, the follower offers the processor after each message;
/// afterwards after every few, so that wards get their share of a machine that is busy with other things too.
const YOUNG_MS: i64 = 250;
/// Messages between two offers once they are older.
const OLD_MESSAGES: usize = 8;
/// Messages kept apart at the hatch that are admitted in one batch.
const ADMITTED_AT_ONCE_MAX: usize = 1_000;
/// Messages whose likes are looked for under one lock.
const LOOKED_FOR_MAX: usize = 64;

/// An entry handed over by the door.
pub struct Fresh {
    /// When it was received.
    pub at: Moment,
    /// The feed it came by.
    pub feed: FeedName,
    /// The message.
    pub bytes: Arc<Vec<u8>>,
    /// Its sums.
    pub key: MessageKey,
}

enum Item {
    Fresh(u64, Fresh),
    Read(Entry),
}

/// Keeps the index.
pub struct Follower {
    writer: Option<IndexWriter>,
    places: HashMap<(FeedName, String), PlaceRow>,
    entries: Option<Entries>,
}

impl Follower {
    /// Opens the index, or begins a new one when there is none or it does not hold together. Fills the memory.
    pub fn open(shared: &Shared) -> Result<Self, Fault> {
        let mut follower = Self { writer: None, places: HashMap::new(), entries: None };
        match follower.load(shared) {
            Ok(()) => {}
            Err(Fault::IndexDamaged(why)) => follower.start_over(shared, &why)?,
            Err(fault) => return Err(fault),
        }
        Ok(follower)
    }

    fn load(&mut self, shared: &Shared) -> Result<(), Fault> {
        let mut memory = Memory::new(shared.setup.zone.clone());
        let mut places = HashMap::new();
        shared.forget_places();
        let mut take = |loaded: Loaded| {
            memory.load(&loaded);
            take_place(shared, &mut places, loaded);
        };
        let mut writer = IndexWriter::open(&shared.place, shared.setup.index_cache_mb, &mut take)?;
        if shared.place.planted == Some(Planted::ForgetsTheHatch) {
            writer.state.hatch = HatchState::default();
        }
        fits_book(shared, &writer)?;
        confirm(shared, &writer)?;
        memory.loaded(&writer.state);
        shared.opened_index(&writer, memory)?;
        self.places = places;
        self.writer = Some(writer);
        self.entries = None;
        Ok(())
    }

    /// Throws the index away and begins a new one, which the next steps fill.
    pub fn start_over(&mut self, shared: &Shared, why: &str) -> Result<(), Fault> {
        tracing::warn!(why, "the index is made again from the book");
        self.writer = None;
        shared.pool.clear();
        shared.place.discard()?;
        shared.say(|board| board.rebuilt_because = Some(why.to_owned()));
        self.load(shared)
    }

    fn writer(&mut self) -> Result<&mut IndexWriter, Fault> {
        self.writer.as_mut().ok_or(Fault::Closed)
    }

    /// The last entry applied.
    pub fn applied(&self) -> u64 {
        self.writer.as_ref().map_or(0, |w| w.state.applied.0)
    }

    /// Faster and careless of power cuts while everything is made anyway.
    pub fn hurry(&mut self, on: bool) -> Result<(), Fault> {
        self.writer()?.hurry(on)
    }

    /// Makes the index one file again.
    pub fn settle(&mut self) -> Result<(), Fault> {
        self.writer()?.settle()
    }

    /// Applies what is there, one batch of it. Gives how many entries that were; 0 when everything is applied.
    pub fn step(&mut self, shared: &Shared) -> Result<usize, Fault> {
        // A closing of the hatch is on its way into the book: what comes next may belong behind it.
        if shared.hatch_pauses() {
            return Ok(0);
        }
        let items = self.gather(shared)?;
        if items.is_empty() {
            return Ok(0);
        }
        let admission = items.first().and_then(Item::admission);
        let result = match &admission {
            Some(admission) => self.admit(shared, &items, admission),
            None => self.batch(shared, &items),
        };
        if let Err(fault) = &result
            && !matches!(fault, Fault::IndexDamaged(_))
        {
            self.give_up(shared)?;
        }
        // An admission goes on at once: nothing needs to gather for it.
        result.map(|()| if admission.is_some() { BATCH_ENTRIES_MAX } else { items.len() })
    }

    /// Everything is as before the batch that failed.
    fn give_up(&mut self, shared: &Shared) -> Result<(), Fault> {
        let mut places = HashMap::new();
        shared.forget_places();
        let writer = self.writer()?;
        writer.abort(&mut |loaded| take_place(shared, &mut places, loaded))?;
        confirm(shared, writer)?;
        self.places = places;
        self.entries = None;
        Ok(())
    }

    fn gather(&mut self, shared: &Shared) -> Result<Vec<Item>, Fault> {
        let mut next = self.applied() + 1;
        let (mut items, mut bytes) = (Vec::new(), 0);
        while items.len() < BATCH_ENTRIES_MAX && bytes < BATCH_BYTES_MAX {
            let fresh = shared.take_fresh(next, BATCH_ENTRIES_MAX - items.len(), BATCH_BYTES_MAX - bytes);
            if !fresh.is_empty() {
                for fresh in fresh {
                    bytes += fresh.bytes.len();
                    items.push(Item::Fresh(next, fresh));
                    next += 1;
                }
                self.entries = None;
            } else if let Some(entry) = self.read(shared, next)? {
                bytes += entry.body.len();
                let item = Item::Read(entry);
                // An admission is a batch of its own.
                let admits = item.admission().is_some();
                if !admits || items.is_empty() {
                    items.push(item);
                    next += 1;
                }
                if admits {
                    break;
                }
            } else {
                break;
            }
        }
        Ok(items)
    }

    /// Entry `next` from the book, `None` when it is not there yet.
    fn read(&mut self, shared: &Shared, next: u64) -> Result<Option<Entry>, Fault> {
        for _ in 0..2 {
            if next > shared.reader.len() {
                return Ok(None);
            }
            let entries = self.entries.get_or_insert_with(|| shared.reader.read_from(EntryNumber(next)));
            match entries.next().transpose()? {
                Some(entry) if entry.number.0 == next => return Ok(Some(entry)),
                // It ended where the book ended when it was begun.
                _ => self.entries = None,
            }
        }
        Ok(None)
    }

    fn batch(&mut self, shared: &Shared, items: &[Item]) -> Result<(), Fault> {
        let places = &mut self.places;
        let writer = self.writer.as_mut().ok_or(Fault::Closed)?;
        writer.begin()?;
        let mut applier = Applier { shared, writer, places, batch: Batch::default() };
        let mut turns = Turns::default();
        let mut rest = items;
        while let Some(first) = rest.first() {
            let fresh: Vec<(u64, &Fresh)> = rest.iter().map_while(Item::fresh).take(LOOKED_FOR_MAX).collect();
            match first {
                Item::Read(entry) => {
                    let body = entries::read(entry.number, entry.kind, &entry.body)?;
                    applier.entry(entry.number, entry.at, body)?;
                    turns.next(shared, entry.at);
                }
                Item::Fresh(..) => {
                    for ((number, fresh), known) in fresh.iter().zip(known(shared, &fresh)) {
                        applier.fresh(EntryNumber(*number), fresh, known)?;
                        turns.next(shared, fresh.at);
                    }
                }
            }
            rest = rest.get(fresh.len().max(1)..).unwrap_or_default();
        }
        applier.writer.state.applied_sum = last_sum(shared, items)?;
        let (batch, changed, beds) = committed(applier)?;
        self.publish(shared, batch, changed, beds);
        Ok(())
    }

    /// One piece of an admission. The index stands at its entry once all pieces are applied, and not before.
    fn admit(&mut self, shared: &Shared, items: &[Item], admission: &Admission) -> Result<(), Fault> {
        let places = &mut self.places;
        let writer = self.writer.as_mut().ok_or(Fault::Closed)?;
        writer.begin()?;
        let mut applier = Applier { shared, writer, places, batch: Batch::default() };
        if applier.admit(admission, ADMITTED_AT_ONCE_MAX)? {
            applier.writer.state.applied_sum = last_sum(shared, items)?;
        }
        let (batch, changed, beds) = committed(applier)?;
        self.publish(shared, batch, changed, beds);
        Ok(())
    }

    /// Tells memory and everybody who follows, after the commit.
    fn publish(&mut self, shared: &Shared, batch: Batch, changed: Vec<Changed>, beds: Vec<(WardKey, Beds)>) {
        let Some(writer) = &self.writer else { return };
        let state = writer.state.clone();
        let mut wards: BTreeSet<WardKey> = batch.wards;
        {
            let mut memory = shared.memory_to_change();
            for key in &batch.new {
                let slot = memory.rows();
                memory.add_slot(slot, *key);
            }
        }
        for some in changed.chunks(UNDER_ONE_LOCK_MAX) {
            let mut memory = shared.memory_to_change();
            for one in some {
                wards.extend(memory.changed(one));
            }
        }
        let applied = state.applied;
        let tallies = state.tallies.clone();
        {
            let mut memory = shared.memory_to_change();
            for (key, beds) in beds {
                wards.insert(key.clone());
                memory.wards.note_beds(key, beds);
            }
            for (feed, kind, by) in &batch.tray {
                memory.count_tray(feed, *kind, *by);
            }
            for place in &batch.places {
                memory.note_place(place);
            }
            memory.state = state;
        }
        shared.feeds().applied(&tallies, applied, None);
        let many = changed.len() > Change::PATIENTS_MAX || wards.len() > Change::PATIENTS_MAX;
        shared.applied(Change {
            entry: applied,
            wards: wards.into_iter().take(Change::PATIENTS_MAX).collect(),
            patients: changed.iter().map(|c| c.summary.key).take(Change::PATIENTS_MAX).collect(),
            feeds: true,
            silence: batch.let_in,
            tray: !batch.tray.is_empty(),
            mode: batch.mode,
            many,
        });
    }

    /// Follows until the room closes: the body of the follower's thread.
    pub fn run(&mut self, shared: &Shared) {
        while !shared.closing() {
            if let Some(rest) = shared.hatch_rest() {
                shared.rest(rest);
                if shared.closing_failed() {
                    shared.record_closing();
                }
                shared.tick();
                continue;
            }
            let damaged = shared.take_damage().map(|why| Err(Fault::IndexDamaged(why)));
            match damaged.unwrap_or_else(|| self.step(shared)) {
                Ok(0) => {
                    shared.say(|board| (board.trouble, board.rebuilding) = (None, None));
                    shared.wait_for_work(Duration::from_secs(1));
                }
                Ok(applied) => {
                    shared.note_progress(self.applied());
                    if applied < BATCH_ENTRIES_MAX {
                        let_gather(shared);
                    }
                }
                Err(Fault::IndexDamaged(why)) => {
                    if let Err(fault) = self.start_over(shared, &why) {
                        rest_from(shared, &fault);
                    }
                }
                Err(fault) => rest_from(shared, &fault),
            }
            shared.tick();
        }
        if let Err(fault) = self.settle() {
            tracing::warn!(%fault, "the index was left as it is");
        }
    }
}

/// Writes what a batch changed and ends it.
#[allow(clippy::type_complexity)]
fn committed(applier: Applier<'_>) -> Result<(Batch, Vec<Changed>, Vec<(WardKey, Beds)>), Fault> {
    let Applier { shared, writer, batch, .. } = applier;
    let site = |record: &care::PatientRecord| {
        let feed = record.as_at.encounters.as_ref().map(|c| c.feed.clone());
        shared.site_default_of(feed.as_ref())
    };
    let links = Links::of(&batch);
    let changed =
        writer.flush(&|key| links.slot(shared, key), &|slot| links.survivor(shared, slot), &site)?;
    let beds = writer.flush_wards()?;
    writer.commit()?;
    Ok((batch, changed, beds))
}

/// Lets messages gather for the next batch, and a flood pass.
fn let_gather(shared: &Shared) {
    let mut waited = Duration::ZERO;
    let mut size = shared.reader.len();
    while waited < FLOOD {
        shared.let_gather(GATHER);
        waited += GATHER;
        let before = std::mem::replace(&mut size, shared.reader.len());
        if size - before < FLOOD_MESSAGES || shared.awaited() || shared.closing() {
            return;
        }
    }
}

/// Something does not let itself be written, a full disk most likely: says so once, and tries again after a second
/// however many messages come meanwhile.
fn rest_from(shared: &Shared, fault: &Fault) {
    let trouble = fault.to_string();
    if shared.board().trouble.as_ref() != Some(&trouble) {
        tracing::error!(%fault, "the index could not be brought up to the book; trying again every second");
    }
    shared.say(|board| board.trouble = Some(trouble));
    shared.rest(AFTER_TROUBLE);
}

impl Item {
    /// The decision to admit what was kept apart, when this is one.
    fn admission(&self) -> Option<Admission> {
        let Item::Read(entry) = self else { return None };
        if entry.kind != entries::INTENT {
            return None;
        }
        match entries::read(entry.number, entry.kind, &entry.body) {
            Ok(Body::Intent(SignedIntent { by, intent: Intent::AdmitKept { feed, up_to, reason } })) => {
                Some(Admission { entry: entry.number, at: entry.at, by, feed, up_to, reason })
            }
            _ => None,
        }
    }

    fn fresh(&self) -> Option<(u64, &Fresh)> {
        match self {
            Item::Fresh(number, fresh) => Some((*number, fresh)),
            Item::Read(_) => None,
        }
    }
}

/// What the door remembers of messages with the same ids that came before these, if it remembers everything. All that
/// lie before a fresh entry are remembered: the door noted those that it handed over, the follower those it read.
fn known(shared: &Shared, fresh: &[(u64, &Fresh)]) -> Vec<Option<Vec<(u64, u64)>>> {
    let door = shared.door();
    let complete = door.memory.complete();
    let known = |(number, fresh): &(u64, &Fresh)| {
        complete.then(|| door.memory.known(fresh.key.id, EntryNumber(*number)))
    };
    fresh.iter().map(known).collect()
}

/// Whose turn it is: those who answer senders come first, as long as no ward waits for it.
#[derive(Default)]
struct Turns {
    since_offer: usize,
}

impl Turns {
    /// A message that was received at `at` has been applied.
    fn next(&mut self, shared: &Shared, at: Moment) {
        self.since_offer += 1;
        if !shared.senders_wait() {
            return;
        }
        let young = shared.clock.now().milliseconds() - at.milliseconds() < YOUNG_MS;
        if young || self.since_offer >= OLD_MESSAGES {
            self.since_offer = 0;
            std::thread::yield_now();
        }
    }
}

/// The links between records as they stand at the end of a batch, without holding the batch.
struct Links {
    merged: HashMap<care::PatientKey, Option<care::PatientKey>>,
    new: HashMap<care::PatientKey, u32>,
    keys: HashMap<u32, care::PatientKey>,
}

impl Links {
    fn of(batch: &Batch) -> Self {
        let new = batch.new_slots().clone();
        let keys = new.iter().map(|(key, slot)| (*slot, *key)).collect();
        Self { merged: batch.links().clone(), new, keys }
    }

    fn slot(&self, shared: &Shared, key: care::PatientKey) -> Option<u32> {
        self.new.get(&key).copied().or_else(|| shared.memory().slot(key))
    }

    fn survivor(&self, shared: &Shared, slot: u32) -> u32 {
        let Some(key) = self.keys.get(&slot).copied().or_else(|| shared.memory().key(slot)) else {
            return slot;
        };
        let into = |key| match self.merged.get(&key) {
            Some(link) => *link,
            None => shared.memory().merged_into(key),
        };
        let stands = care::identity::survivor(key, &into);
        self.slot(shared, stands).unwrap_or(slot)
    }
}

fn take_place(shared: &Shared, places: &mut HashMap<(FeedName, String), PlaceRow>, loaded: Loaded) {
    if let Loaded::Place(feed, reference, row) = loaded {
        if let Some(place) = &row.place {
            shared.learn_place(&feed, place);
        }
        places.insert((feed, reference), row);
    }
}

/// Maps of locations and of lists' columns that were confirmed are in use again.
fn confirm(shared: &Shared, writer: &IndexWriter) -> Result<(), Fault> {
    for (feed, words) in &writer.state.locations {
        let map = serde_json::from_str(words)
            .map_err(|e| Fault::damaged(format!("a location map cannot be read: {e}")))?;
        shared.confirm_locations(feed, &map);
    }
    for (feed, words) in &writer.state.column_maps {
        let maps: Vec<translate::ColumnMap> = serde_json::from_str(words)
            .map_err(|e| Fault::damaged(format!("a list's columns cannot be read: {e}")))?;
        for map in maps {
            shared.confirm_columns(feed, map);
        }
    }
    Ok(())
}

/// The sum of the last entry of a batch, as it stands in the book.
fn last_sum(shared: &Shared, items: &[Item]) -> Result<u64, Fault> {
    let sum = |kind: u16, body: &[u8]| shared.place.sums.of(Table::Entry, u64::from(kind), body);
    Ok(match items.last() {
        Some(Item::Read(entry)) => sum(entry.kind, &entry.body),
        Some(Item::Fresh(_, fresh)) => {
            let mut body = received_header(&fresh.feed);
            body.extend_from_slice(&fresh.bytes);
            sum(entries::RECEIVED, &body)
        }
        None => 0,
    })
}

/// An index is believed only beside the book that it was made from.
fn fits_book(shared: &Shared, writer: &IndexWriter) -> Result<(), Fault> {
    let state = &writer.state;
    if state.applied.0 == 0 {
        return Ok(());
    }
    let size = shared.reader.len();
    if state.applied.0 > size {
        return Err(Fault::damaged(format!("it stands at entry {}, the book ends at {size}", state.applied)));
    }
    let fits = shared.reader.entry(state.applied)?.is_some_and(|entry| {
        shared.place.sums.of(Table::Entry, u64::from(entry.kind), &entry.body) == state.applied_sum
    });
    if !fits {
        return Err(Fault::damaged("it was made from another book"));
    }
    // Encoding is what the sums are over: a state that cannot be written again was not read right.
    encode(state).map(drop)
}
