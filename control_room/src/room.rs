//! The control room itself: opens book and index, starts the follower, and holds what its parts share.
//!
//! Always: opening never waits for the index to catch up; receiving works from the first moment, and boards say how
//! far the index has come. Never: two control rooms on one book.

mod shared;

use crate::apply::{site_unnamed, translate_guarded};
use crate::door::Door;
use crate::duplicates::{MEMORY_MAX, MessageKey};
use crate::entries::{self, Body, SignedIntent, intent_body};
use crate::feeds::Feeds;
use crate::follower::{Follower, Fresh};
use crate::hatch::HatchDesk;
use crate::incident_room::{IncidentRoom, OwnCards};
use crate::index::{IndexWriter, Place, Planted, Pool};
use crate::memory::Memory;
use crate::{
    Change, Fault, FeedEntry, FeedSetup, Intent, MAP_BYTES_MAX, REASON_BYTES_MAX, Receipt, Refusal, Refused,
    Setup, Totals,
};
use basics::{BookName, Clock, EntryNumber, FeedName, Moment, SiteId};
use logbook::{Disk, Keys, Loggist, Reader, RealDisk, Sealed};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::broadcast;
use translate::{FeedRules, Received, Translation};

/// Bytes of messages that wait in memory for the follower; more are read from the book again.
const FRESH_BYTES_MAX: usize = 64 << 20;
/// Changes kept for a slow follower of changes before it is told that it missed some.
const CHANGES_MAX: usize = 1_024;
/// Entries not yet in the index that are remembered as possible duplicates before the door opens.
const TAIL_MAX: u64 = 200_000;

/// The one door to the record. Cheap to clone; the room closes when the last clone is dropped, or with `close`.
#[derive(Clone)]
pub struct ControlRoom(pub(crate) Arc<Open>);

/// What the last clone closes.
pub(crate) struct Open {
    pub shared: Arc<Shared>,
    /// The follower, when the caller drives it (command line).
    offline: Option<Mutex<Follower>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the room's parts share.
pub(crate) struct Shared {
    pub setup: Setup,
    pub place: Place,
    pub pool: Pool,
    pub reader: Reader,
    pub clock: Arc<dyn Clock>,
    pub opened: Moment,
    loggist: RwLock<Option<Loggist>>,
    feed_setups: HashMap<FeedName, FeedSetup>,
    rules: RwLock<HashMap<FeedName, FeedRules>>,
    /// Location maps that a person confirmed; they stand before the configured ones.
    confirmed: RwLock<HashMap<FeedName, translate::LocationMap>>,
    /// What the columns of a feed's lists hold, as a person confirmed it.
    column_maps: RwLock<HashMap<FeedName, Vec<translate::ColumnMap>>>,
    memory: RwLock<Memory>,
    feeds: Mutex<Feeds>,
    door: Mutex<Door>,
    /// The second book: the incident's.
    pub incident: IncidentRoom,
    /// The third book: the clinics'.
    pub clinics: crate::ClinicRoom,
    /// The fourth and the fifth: access, and looks at patients.
    pub access: crate::AccessRoom,
    /// Messages on their way to the disk.
    in_flight: AtomicUsize,
    queue: Mutex<Queue>,
    work: Condvar,
    done: Condvar,
    applied: AtomicU64,
    /// As `applied`, once pages were told of it.
    told: AtomicU64,
    closing: AtomicBool,
    board: Mutex<Board>,
    /// Closings of the hatch that the index does not have yet.
    pub hatch: HatchDesk,
    changes: broadcast::Sender<Change>,
}

/// What is done with the index that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// It is checked and continued.
    AsItIs,
    /// It is thrown away.
    Anew,
    /// It is continued with a planted bug.
    With(Planted),
}

#[derive(Default)]
struct Queue {
    fresh: BTreeMap<u64, Fresh>,
    bytes: usize,
    /// The follower waits to be woken.
    asleep: bool,
    /// How many wait until the index has come somewhere.
    awaited: usize,
}

/// What the follower says about itself.
#[derive(Clone, Default)]
pub(crate) struct Board {
    pub rebuilt_because: Option<String>,
    pub rebuilding: Option<(u64, u64)>,
    pub trouble: Option<String>,
    /// A reader met damage: the index is to be made again.
    pub damaged: Option<String>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ControlRoom {
    /// Opens the room under `setup.data_dir`: the book "feed" for writing, the index, and the follower's thread.
    pub fn open(setup: Setup, keys: &Keys, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        Self::open_on(setup, keys, clock, Arc::new(RealDisk))
    }

    /// As `open`, with another disk under the book: for drills that make it fail.
    pub fn open_on(
        setup: Setup,
        keys: &Keys,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, Fault> {
        let (shared, mut follower) = Shared::open(setup, keys, clock, disk, Opening::AsItIs)?;
        let for_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("follower".to_owned())
            .spawn(move || {
                stand_back();
                follower.run(&for_thread);
            })
            .map_err(|e| Fault::Folder {
                doing: "start the follower for",
                path: shared.setup.data_dir.clone(),
                what: e.to_string(),
            })?;
        Ok(Self(Arc::new(Open { shared, offline: None, thread: Mutex::new(Some(thread)) })))
    }

    /// For the command line: no thread is started; `catch_up` applies what is in the book.
    pub fn open_offline(setup: Setup, keys: &Keys, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let (shared, follower) = Shared::open(setup, keys, clock, Arc::new(RealDisk), Opening::AsItIs)?;
        Ok(Self(Arc::new(Open { shared, offline: Some(Mutex::new(follower)), thread: Mutex::new(None) })))
    }

    /// As `open_offline`, with a planted bug, for the acceptance tests alone. Never for use.
    #[doc(hidden)]
    pub fn open_planted(
        setup: Setup,
        keys: &Keys,
        clock: Arc<dyn Clock>,
        planted: Planted,
    ) -> Result<Self, Fault> {
        let (shared, follower) =
            Shared::open(setup, keys, clock, Arc::new(RealDisk), Opening::With(planted))?;
        Ok(Self(Arc::new(Open { shared, offline: Some(Mutex::new(follower)), thread: Mutex::new(None) })))
    }

    /// Throws the index under `setup.data_dir` away and makes it again from the book. `progress`: entries done, entries
    /// in all. The result equals the live index, save duplicates, which are stored once and so leave no trace.
    pub fn rebuild(
        setup: Setup,
        keys: &Keys,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Totals, Fault> {
        let (shared, follower) = Shared::open(setup, keys, clock, Arc::new(RealDisk), Opening::Anew)?;
        let room =
            Self(Arc::new(Open { shared, offline: Some(Mutex::new(follower)), thread: Mutex::new(None) }));
        room.hurry(true)?;
        room.catch_up(progress)?;
        room.hurry(false)?;
        let totals = room.totals();
        room.close();
        Ok(totals)
    }

    fn hurry(&self, on: bool) -> Result<(), Fault> {
        self.0.offline.as_ref().map_or(Ok(()), |follower| lock(follower).hurry(on))
    }

    /// Keeps a message. `done` is called once: after the message is durable, or when it cannot be kept; for a
    /// duplicate, when its first copy is durable. It may run on the loggist's thread: keep it short.
    pub fn receive(
        &self,
        feed: &FeedName,
        bytes: Vec<u8>,
        at: Moment,
        done: impl FnOnce(Result<Receipt, Fault>) + Send + 'static,
    ) {
        self.0.shared.receive(feed, bytes, at, Box::new(done));
    }

    /// Keeps a message; ready when it is durable.
    pub async fn receive_async(&self, feed: &FeedName, bytes: Vec<u8>, at: Moment) -> Result<Receipt, Fault> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        self.receive(feed, bytes, at, move |result| drop(answer.send(result)));
        answered.await.unwrap_or(Err(Fault::Closed))
    }

    /// Keeps many messages with few commits; returns when all are durable. When it fails, send the whole again: what
    /// was kept already counts as a duplicate.
    pub fn receive_batch(
        &self,
        feed: &FeedName,
        messages: Vec<(Vec<u8>, Moment)>,
    ) -> Result<Vec<Receipt>, Fault> {
        self.0.shared.receive_batch(feed, messages)
    }

    /// What has just changed, from now on. Whoever falls behind is told so and should look at everything again.
    pub fn follow(&self) -> broadcast::Receiver<Change> {
        self.0.shared.changes.subscribe()
    }

    /// Seals a person's decision and waits until it has taken effect.
    pub fn submit(&self, intent: Intent, by: &str, at: Moment) -> Result<Receipt, Refused> {
        let shared = &self.0.shared;
        let by = basics::tidy(by, 200);
        self.check(&intent, &by)?;
        if matches!(intent, Intent::CloseHatch { .. } | Intent::OpenHatch { .. }) {
            return self.submit_hatch(SignedIntent { by, intent }, at);
        }
        if let Some(Err(fault)) = shared.record_closing() {
            return Err(fault.into());
        }
        let turned_away =
            if let Intent::TurnAway { entries, .. } = &intent { entries.clone() } else { Vec::new() };
        // However much is admitted, nobody waits for it before a blank page: the board says how far it has come.
        let waits = self.0.offline.is_some() || !matches!(intent, Intent::AdmitKept { .. });
        let body = intent_body(&SignedIntent { by, intent })?;
        let sealed: Sealed = shared.append(entries::INTENT, &body, at)?;
        shared.work.notify_all();
        if waits {
            self.wait_for(sealed.number)?;
        }
        self.were_turned_away(&turned_away)?;
        Ok(Receipt { entry: sealed.number, duplicate: false, same_id_other_bytes: false, understood: None })
    }

    /// The hatch is closed or opened without waiting for the index: it counts from its entry on.
    fn submit_hatch(&self, signed: SignedIntent, at: Moment) -> Result<Receipt, Refused> {
        let shared = &self.0.shared;
        let closes = matches!(signed.intent, Intent::CloseHatch { .. });
        let silence = match &signed.intent {
            Intent::CloseHatch { feeds, .. } | Intent::OpenHatch { feeds, .. } if !feeds.is_empty() => {
                feeds.clone()
            }
            _ => shared.feeds().names(),
        };
        let sealed = if closes { shared.close_hatch(signed, at) } else { shared.open_hatch(signed, at) };
        // Every page and sheet says so at once, also when the record did not take it.
        let entry = shared.applied_entry();
        shared.tell(Change { entry, feeds: true, silence, mode: true, ..Change::default() });
        let sealed = sealed?;
        if self.0.offline.is_some() {
            self.wait_for(sealed.number)?;
        }
        Ok(Receipt { entry: sealed.number, duplicate: false, same_id_other_bytes: false, understood: None })
    }

    fn check(&self, intent: &Intent, by: &str) -> Result<(), Refused> {
        if by.is_empty() {
            return Err(Refusal::NobodySigned.into());
        }
        let shared = &self.0.shared;
        let in_tray = |entry: EntryNumber| -> Result<(), Refused> {
            let mut there = false;
            let before = EntryNumber(entry.0.saturating_sub(1));
            let rows = self.ask(|shared| {
                let mut rows = Vec::new();
                shared.pool.reader()?.tray(before, &mut |row| {
                    rows.push(row.item.entry);
                    false
                })?;
                Ok(rows)
            })?;
            there |= rows.first() == Some(&entry);
            if there { Ok(()) } else { Err(Refusal::NotInTray(entry).into()) }
        };
        let short = |reason: &str| -> Result<(), Refused> {
            let long = reason.len() > REASON_BYTES_MAX;
            if long { Err(Refusal::TooLong(REASON_BYTES_MAX).into()) } else { Ok(()) }
        };
        match intent {
            Intent::ClearTray { reason, .. } if reason.trim().is_empty() => {
                Err(Refusal::ReasonMissing.into())
            }
            Intent::ClearTray { entry, reason } => short(reason).and_then(|()| in_tray(*entry)),
            Intent::ReplayTray { entry } => in_tray(*entry),
            Intent::ReplayAll { feed } => {
                let counts = shared.memory().tray_counts();
                let any = match feed {
                    Some(feed) => counts.by_feed.iter().any(|(f, _)| f == feed),
                    None => counts.total > 0,
                };
                if any { Ok(()) } else { Err(Refusal::NothingToReplay.into()) }
            }
            Intent::SetMode { mode, reason } => {
                let now = shared.memory().mode();
                if now.mode == *mode && now.since.is_some() {
                    return Err(Refusal::ModeAlready(*mode).into());
                }
                short(reason)
            }
            Intent::ConfirmLocations { feed, .. } if !shared.feed_setups.contains_key(feed) => {
                Err(Refusal::NoSuchFeed(feed.clone()).into())
            }
            Intent::ConfirmLocations { map, .. } => {
                let long = serde_json::to_vec(map).map_or(true, |json| json.len() > MAP_BYTES_MAX);
                if long { Err(Refusal::MapTooLong(MAP_BYTES_MAX).into()) } else { Ok(()) }
            }
            Intent::ConfirmColumns { feed, map } => self.check_columns(feed, map),
            Intent::CloseHatch { reason, .. }
            | Intent::OpenHatch { reason, .. }
            | Intent::AdmitKept { reason, .. }
            | Intent::TurnAway { reason, .. } => short(reason).and_then(|()| self.check_at_hatch(intent)),
        }
    }

    pub(crate) fn wait_for(&self, entry: EntryNumber) -> Result<(), Fault> {
        if self.0.offline.is_some() {
            return self.catch_up(&mut |_, _| {});
        }
        self.0.shared.wait_until_applied(entry.0, &mut |_, _| {})
    }

    /// Waits until the index has applied everything that is in the book now; offline, applies it. `progress`: entries
    /// done, entries in all.
    pub fn catch_up(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Fault> {
        let shared = &self.0.shared;
        let Some(follower) = &self.0.offline else {
            return shared.wait_until_applied(shared.reader.len(), progress);
        };
        if let Some(Err(fault)) = shared.record_closing() {
            return Err(fault);
        }
        let mut follower = lock(follower);
        loop {
            progress(follower.applied(), shared.reader.len());
            match follower.step(shared) {
                Ok(0) => break,
                Ok(_) => {}
                Err(Fault::IndexDamaged(why)) => follower.start_over(shared, &why)?,
                Err(fault) => return Err(fault),
            }
        }
        shared.tick();
        follower.settle()
    }

    /// Reads the index. Damage met while reading has the index made again from the book: offline at once, and the
    /// question is asked again; in a running program by the follower, and whoever asked is told so.
    pub(crate) fn ask<T>(&self, read: impl Fn(&Shared) -> Result<T, Fault>) -> Result<T, Fault> {
        let shared = &self.0.shared;
        let first = read(shared);
        let Err(Fault::IndexDamaged(why)) = &first else { return first };
        let Some(follower) = &self.0.offline else {
            shared.say(|board| board.damaged = Some(why.clone()));
            shared.work.notify_all();
            return first;
        };
        if shared.place.trusts_blindly() {
            return first;
        }
        lock(follower).start_over(shared, why)?;
        self.catch_up(&mut |_, _| {})?;
        read(shared)
    }

    /// What stands across every sheet of this Lifeboat because nothing of it is for real; `None` on the day.
    pub fn watermark(&self) -> Option<&str> {
        self.0.shared.setup.watermark.as_deref()
    }

    /// What a feed's locations mean: the map confirmed last, else the configured one; with the places that the feed
    /// itself named.
    pub fn locations(&self, feed: &FeedName) -> translate::LocationMap {
        self.0.shared.with_rules(feed, |rules| rules.locations.clone())
    }

    /// Writes the book's signed head now.
    pub fn sync_head(&self) -> Result<(), Fault> {
        // Heads are signed and synced by the loggist on its own; asking for one makes sure that it can be signed.
        match &*self.0.shared.loggist.read().unwrap_or_else(PoisonError::into_inner) {
            Some(loggist) => {
                loggist.head();
                Ok(())
            }
            None => Err(Fault::Closed),
        }
    }

    /// Where the book lies: for verify and export.
    pub fn book_dir(data_dir: &Path) -> PathBuf {
        data_dir.join("book")
    }

    /// The book's name: for verify and export.
    pub fn book_name() -> BookName {
        BookName::new("feed").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// The planner's own action cards as they lie in the data directory now, read anew; `None` when there is no such
    /// folder, and the built-in cards count.
    pub fn own_action_cards(&self) -> Option<OwnCards> {
        OwnCards::read(&self.0.shared.setup.data_dir)
    }

    /// The incident book: what people decide in the running of an incident, and what becomes so.
    pub fn incident(&self) -> &IncidentRoom {
        &self.0.shared.incident
    }

    /// Who may do what, who is signed in, who looked at whom.
    pub fn access(&self) -> &crate::AccessRoom {
        &self.0.shared.access
    }

    /// Closes the room: what was received is kept, the index settled, the last head signed. Other clones may still
    /// read boards.
    pub fn close(self) {
        self.0.finish();
    }
}

impl Open {
    fn finish(&self) {
        let shared = &self.shared;
        shared.closing.store(true, Ordering::SeqCst);
        shared.work.notify_all();
        shared.done.notify_all();
        if let Some(thread) = lock(&self.thread).take() {
            drop(thread.join());
        }
        let loggist = shared.loggist.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(loggist) = loggist
            && let Err(fault) = loggist.close()
        {
            tracing::error!(%fault, "the book was closed with a fault");
        }
        shared.incident.close();
        shared.clinics.close();
        shared.access.close();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Opens one of the books for writing; what a cut left unfinished is set aside and told.
pub(crate) fn open_book(
    data_dir: &Path,
    name: BookName,
    keys: &Keys,
    disk: Arc<dyn Disk>,
    at: Moment,
) -> Result<Loggist, Fault> {
    let dir = ControlRoom::book_dir(data_dir);
    let (loggist, found) = Loggist::open(&dir, name, keys, disk, logbook::Options::default(), at)?;
    for torn in &found.set_aside {
        tracing::warn!(file = %torn.file.display(), bytes = torn.bytes, "an unfinished tail was set aside");
    }
    Ok(loggist)
}

/// Keep first, understand later: under a storm of messages the follower leaves the processor to those who answer
/// senders, and catches up behind them. The queue on the feeds board says how far behind it is.
fn stand_back() {
    let me = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(me), FOLLOWER_NICENESS) {
        tracing::warn!(%error, "the follower could not lower its priority");
    }
}

/// Of 19: somewhat less than those who answer; more would let wards wait behind anything else that is busy.
const FOLLOWER_NICENESS: i32 = 2;
