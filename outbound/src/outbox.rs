//! The durable outbox: what is to be said is sealed and synced before anybody is told that it will be.
//!
//! A book of its own (`outbox`), encrypted and chained like every other; memory holds only a fold of it. Always: a
//! message taken on survives whatever happens to the program; a claim is on the disk before the socket is used; when
//! the record refuses (disk full, failed sync) nothing is sent. Never: a word of a message in clear on the disk.
//! Called by whoever has something to say, by `courier`, and by the screens; proved by `tests/kill.rs` and
//! `tests/faults.rs`.

use crate::board::{ItemFilter, OutboxBoard};
use crate::ledger::{Ledger, Turn};
use crate::note::{Arrived, Claimed, Decided, Ended, Note, Settled, Settlement};
use crate::outgoing::{Outgoing, OutgoingId, REASON_BYTES_MAX, Route, Way};
use crate::refusal::{Fault, Refusal, Refused};
use crate::state::{Item, OutboxSetup, Planted, State, StateKind};
use basics::{BookName, EntryNumber, Moment, tidy};
use logbook::{Disk, Keys, Loggist, Opened, Options, Reader, RealDisk, Sealed, Status};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{oneshot, watch};

/// Most messages that may be queued in one call: they are one commit, all of them or none.
pub const BATCH_MAX: usize = 50_000;

/// The outbox. Clones share it.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    loggist: Loggist,
    ledger: Arc<Mutex<Ledger>>,
    /// Wakes the courier: something new may be done.
    news: watch::Sender<()>,
    open_max: usize,
    planted: Planted,
}

/// What the outbox gives back once a message is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queued {
    /// The entry that recorded it: its number from now on.
    pub number: EntryNumber,
    /// It was already known by its id; nothing new was queued.
    pub repeated: bool,
}

impl Outbox {
    /// The book's name: for verify and export.
    pub fn book() -> BookName {
        BookName::new("outbox").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// Opens (or begins) the outbox's book in the folder `dir`. What was being handed over when the program ended is
    /// in doubt from now on. `at` is now.
    pub fn open(
        dir: &Path,
        keys: &Keys,
        disk: Arc<dyn Disk>,
        options: Options,
        setup: OutboxSetup,
        at: Moment,
    ) -> Result<(Self, Opened), Fault> {
        let (loggist, opened) = Loggist::open(dir, Self::book(), keys, disk, options, at)?;
        let (open_max, planted) = (setup.open_max, setup.planted);
        let mut ledger = Ledger::new(setup, keys.derive("outbox references"));
        fold(&mut ledger, &loggist.reader()?)?;
        let orphans = ledger.awake(at);
        let ledger = Arc::new(Mutex::new(ledger));
        let outbox = Self {
            inner: Arc::new(Inner { loggist, ledger, news: watch::Sender::new(()), open_max, planted }),
        };
        for number in orphans {
            let why = "the outcome is unknown, and the gateway is no longer configured".to_owned();
            outbox.record_now(Note::PerhapsSent(Ended { number, why }), at)?;
        }
        Ok((outbox, opened))
    }

    /// The queue as the book has it, for looking at it from another process; changes nothing.
    pub fn look(
        dir: &Path,
        keys: &Keys,
        setup: OutboxSetup,
        filter: &ItemFilter,
        at: Moment,
    ) -> Result<(OutboxBoard, Vec<Item>), Fault> {
        let reader = Reader::open(dir, &Self::book(), keys, Arc::new(RealDisk))?;
        let open_max = setup.open_max;
        let mut ledger = Ledger::new(setup, keys.derive("outbox references"));
        fold(&mut ledger, &reader)?;
        let items = ledger.list(filter);
        Ok((ledger.board(at, open_max, None), items))
    }

    /// Takes messages on: all of them or none. Returns once they are on the disk. Blocks: call it off the runtime.
    /// A message whose id is already known is not queued again (`repeated`).
    pub fn queue(&self, messages: Vec<Outgoing>, at: Moment) -> Result<Vec<Queued>, Refused> {
        if messages.len() > BATCH_MAX {
            return Err(Refusal::TooManyAtOnce { asked: messages.len(), most: BATCH_MAX }.into());
        }
        let known = self.reserve_all(&messages, at)?;
        let fresh: Vec<Outgoing> =
            messages.into_iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(m, _)| m).collect();
        let ids: Vec<_> = fresh.iter().map(|outgoing| outgoing.id.clone()).collect();
        let notes: Vec<Note> = fresh.into_iter().map(|m| Note::Queued(Box::new(m))).collect();
        let sealed = encode(&notes, at).and_then(|batch| Ok(self.inner.loggist.append_batch(batch)?));
        let mut ledger = self.ledger();
        let sealed = match sealed {
            Ok(sealed) => sealed,
            Err(fault) => {
                ids.iter().for_each(|id| ledger.unreserve(id));
                return Err(fault.into());
            }
        };
        for (note, sealed) in notes.iter().zip(&sealed) {
            ledger.apply(note, sealed.number, at);
        }
        drop(ledger);
        self.inner.news.send_replace(());
        let mut numbers = sealed.into_iter().map(|sealed| sealed.number);
        let queued = |known: Option<EntryNumber>| match known {
            Some(number) => Some(Queued { number, repeated: true }),
            None => numbers.next().map(|number| Queued { number, repeated: false }),
        };
        Ok(known.into_iter().filter_map(queued).collect())
    }

    fn reserve_all(&self, messages: &[Outgoing], at: Moment) -> Result<Vec<Option<EntryNumber>>, Refusal> {
        let mut ledger = self.ledger();
        let mut known = Vec::with_capacity(messages.len());
        for outgoing in messages {
            match ledger.reserve(outgoing, at) {
                Ok(number) => known.push(number),
                Err(refusal) => {
                    let reserved = messages.iter().zip(&known).filter(|(_, known)| known.is_none());
                    reserved.for_each(|(outgoing, _)| ledger.unreserve(&outgoing.id));
                    return Err(refusal);
                }
            }
        }
        Ok(known)
    }

    /// A person takes a message out before it is sent. Blocks.
    pub fn cancel(&self, number: EntryNumber, by: &str, why: &str, at: Moment) -> Result<(), Refused> {
        let (by, why) = signed(by, why)?;
        self.by_a_person(
            number,
            |item| matches!(item.state, State::Queued { .. }),
            Note::Cancelled(Decided { number, by, why }),
            at,
        )
    }

    /// Takes back, before it is sent, a message that no gateway has ever had or may have had; any other is refused. Blocks.
    pub fn withdraw(&self, id: &OutgoingId, by: &str, why: &str, at: Moment) -> Result<(), Refused> {
        let (by, why) = signed(by, why)?;
        let number = self.ledger().number(id).ok_or(Refusal::NoSuchMessage(EntryNumber(0)))?;
        let never_left = |item: &Item| matches!(item.state, State::Queued { .. }) && !item.perhaps_left;
        self.by_a_person(number, never_left, Note::Cancelled(Decided { number, by, why }), at)
    }

    /// A person decides about a message that is stuck: perhaps sent, refused, not delivered, expired. Blocks.
    pub fn settle(
        &self,
        number: EntryNumber,
        settlement: Settlement,
        by: &str,
        why: &str,
        at: Moment,
    ) -> Result<(), Refused> {
        let (by, why) = signed(by, why)?;
        if matches!(settlement, Settlement::SendAgain { valid_until } if valid_until <= at) {
            return Err(Refusal::AlreadyPast.into());
        }
        let stuck = |item: &Item| item.state.kind().needs_a_person();
        self.by_a_person(number, stuck, Note::Settled(Settled { number, by, why, settlement }), at)
    }

    /// A runner has taken a printed slip to where it belongs. Blocks.
    pub fn slip_taken(&self, number: EntryNumber, by: &str, at: Moment) -> Result<(), Refused> {
        let by = tidy(by, REASON_BYTES_MAX);
        if by.is_empty() {
            return Err(Refusal::NobodyAsked.into());
        }
        let printed =
            |item: &Item| item.outgoing.route.way() == Way::Slip && matches!(item.state, State::Sent { .. });
        self.by_a_person(number, printed, Note::Delivered(Arrived { number, by: Some(by) }), at)
    }

    fn by_a_person(
        &self,
        number: EntryNumber,
        allowed: impl Fn(&Item) -> bool,
        note: Note,
        at: Moment,
    ) -> Result<(), Refused> {
        self.ledger().take_for_person(number, allowed)?;
        let recorded = self.record_now(note, at);
        if recorded.is_err() {
            self.ledger().release(number);
        }
        self.inner.news.send_replace(());
        Ok(recorded?)
    }

    /// The queue at this moment.
    pub fn board(&self, at: Moment) -> OutboxBoard {
        let halted = match self.inner.loggist.status() {
            Status::Recording { .. } => None,
            Status::Full { .. } => Some("the disk is full; nothing is sent until there is room".to_owned()),
            Status::Stopped { why, .. } => Some(format!("recording has stopped, so nothing is sent: {why}")),
        };
        self.ledger().board(at, self.inner.open_max, halted)
    }

    /// Open messages, oldest first.
    pub fn items(&self, filter: &ItemFilter) -> Vec<Item> {
        self.ledger().list(filter)
    }

    /// One open message.
    pub fn item(&self, number: EntryNumber) -> Option<Item> {
        self.ledger().items.get(&number.0).cloned()
    }

    /// Where the messages of those ids stand, and what went wrong last; `None` for one that was never queued.
    pub fn standings(&self, ids: &[OutgoingId]) -> Vec<Option<(StateKind, String)>> {
        let ledger = self.ledger();
        ids.iter().map(|id| ledger.standing(id)).collect()
    }

    /// Whether a gateway is set up by which this could go.
    pub fn carries(&self, route: &Route) -> bool {
        self.ledger().lane_for(route).is_some()
    }

    /// Slips that were printed or are to be, and that nobody has taken yet.
    pub fn slips_waiting(&self) -> Vec<Item> {
        let waiting =
            |item: &&Item| item.outgoing.route.way() == Way::Slip && matches!(item.state, State::Sent { .. });
        self.ledger().items.values().filter(waiting).cloned().collect()
    }

    /// Signs a last head and lets the book go, once nobody else holds the outbox.
    pub fn close(self) -> Result<(), Fault> {
        match Arc::into_inner(self.inner) {
            Some(inner) => inner.loggist.close().map(drop).map_err(Fault::from),
            None => Ok(()),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a note, waits, and applies it.
    fn record_now(&self, note: Note, at: Moment) -> Result<(), Fault> {
        let sealed = self.inner.loggist.append(note.kind(), note.body()?, at)?;
        self.ledger().apply(&note, sealed.number, at);
        Ok(())
    }

    // What follows is for the courier.

    pub(crate) fn lane(&self, name: &str) -> Option<usize> {
        self.ledger().lane_named(name)
    }

    pub(crate) fn plan(&self, lane: usize, slots: usize, at: Moment) -> Turn {
        self.ledger().plan(lane, slots, at)
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut self.ledger())
    }

    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.inner.news.subscribe()
    }

    /// The promise that this message is about to be handed over, durable when this returns.
    pub(crate) async fn claim(&self, number: EntryNumber, gateway: &str, at: Moment) -> Result<(), Fault> {
        let note = Note::Claimed(Claimed { number, gateway: gateway.to_owned() });
        if self.inner.planted == Planted::ClaimsInMemory {
            self.ledger().apply(&note, number, at);
            return Ok(());
        }
        self.record(note, at).await
    }

    /// Records a note; it is applied on the loggist's thread, so that memory follows the order of the book. Dropping
    /// the future undoes nothing.
    pub(crate) async fn record(&self, note: Note, at: Moment) -> Result<(), Fault> {
        let (answer, answered) = oneshot::channel();
        let ledger = Arc::clone(&self.inner.ledger);
        let (kind, body) = (note.kind(), note.body()?);
        self.inner.loggist.submit(kind, body, at, move |sealed: Result<Sealed, logbook::Fault>| {
            if let Ok(sealed) = &sealed {
                ledger.lock().unwrap_or_else(PoisonError::into_inner).apply(&note, sealed.number, at);
            }
            // Nobody waiting any more is no reason to fail: the note is recorded and applied.
            drop(answer.send(sealed.map(|_| ())));
        });
        answered.await.unwrap_or(Err(logbook::Fault::Closed)).map_err(Fault::from)
    }

    /// Recording has ended for good in this process.
    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.inner.loggist.status(), Status::Stopped { .. })
    }
}

fn signed(by: &str, why: &str) -> Result<(String, String), Refusal> {
    let (by, why) = (tidy(by, REASON_BYTES_MAX), tidy(why, REASON_BYTES_MAX));
    match (by.is_empty(), why.is_empty()) {
        (true, _) => Err(Refusal::NobodyAsked),
        (_, true) => Err(Refusal::NoReason),
        _ => Ok((by, why)),
    }
}

fn encode(notes: &[Note], at: Moment) -> Result<Vec<(u16, Vec<u8>, Moment)>, Fault> {
    notes.iter().map(|note| Ok((note.kind(), note.body()?, at))).collect()
}

fn fold(ledger: &mut Ledger, reader: &Reader) -> Result<(), Fault> {
    for entry in reader.read_from(EntryNumber(1)) {
        let entry = entry?;
        let note = Note::read(&entry)?;
        ledger.remember_pace(&note, entry.at);
        ledger.apply(&note, entry.number, entry.at);
    }
    Ok(())
}
