//! The incident book behind the one door: people decide, it is sealed and synced, and only then is it so.
//!
//! Always: one decision after another, each judged by the picture that the one before left, so that of two who take
//! the same role at once the second is told of the first; an entry is folded after `fdatasync` returned for it, once,
//! in the order of numbers; a restart folds the whole book and shows the same. Never: a picture ahead of the record;
//! recording after a write of unknown outcome. A full disk refuses the entry in a sentence and loses nothing.
//! Called by `screens`, the program and drills through `ControlRoom::incident`; proved by `tests/incident.rs`.

mod evidence;
mod forms;
mod links;
mod neighbours;
mod proof;
mod replay;
mod tend;

pub use evidence::Upload;
pub use forms::{OwnCards, read_action_cards, shipped_action_cards};
pub use neighbours::{Heard, REPORT_BYTES_MAX, ReportRefused};
pub use proof::{VerifiedHead, look_at_incidents};

use crate::room::lock;
use crate::{Fault, Recording};
use basics::{BookName, EntryNumber, Moment, SiteId, Zone};
use incident::action_cards::ActionCard;
use incident::codec::{self, ACT};
use incident::log::Kind;
use incident::{Act, IncidentBook, IncidentId, Intent, Person, Refusal};
use logbook::{Disk, Keys, Loggist, Reader};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::Duration;
use tokio::sync::broadcast;

/// Changes kept for a slow follower before it is told that it missed some.
const CHANGES_MAX: usize = 1_024;
/// How long a decision steps aside for those who read the picture.
const READERS_GO_FIRST: Duration = Duration::from_micros(50);

/// The incident book, open.
pub struct IncidentRoom {
    /// Held while somebody's intent is decided, sealed and folded: one after another.
    deciding: Mutex<()>,
    /// `None` once closed.
    loggist: RwLock<Option<Loggist>>,
    reader: Reader,
    book: RwLock<IncidentBook>,
    changes: broadcast::Sender<IncidentChange>,
    opened: Moment,
    proof: proof::Proof,
    links: links::Links,
    evidence: evidence::Store,
}

/// What the person is told once it is so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IncidentReceipt {
    /// The entry's number: also its number in the log.
    pub entry: EntryNumber,
    /// The incident concerned, where there is one: the new one's number after opening.
    pub incident: Option<IncidentId>,
}

/// What has just become so. Sent after the picture has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentChange {
    /// The entry.
    pub entry: EntryNumber,
    /// The incident concerned; `None` for what concerns all or none.
    pub incident: Option<IncidentId>,
    /// What kinds of thing.
    pub kinds: Vec<Kind>,
}

/// Why it did not become so.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IncidentRefused {
    /// It cannot be; the sentence is for the person.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How the recording of the incident book stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentStatus {
    /// Whether entries are being kept.
    pub recording: Recording,
    /// Entries in the book.
    pub book_size: u64,
    /// Its head: size and first 16 hexadecimal digits of its seal; printed on each page of the log.
    pub head: String,
}

/// What the program knows from its configuration and lays down in the book when it starts.
#[derive(Clone, Debug, Default)]
pub struct Preparation {
    /// Action cards for the next incident; none leaves those in use.
    pub cards: Vec<ActionCard>,
    /// The trust's hospitals; those already listed stay.
    pub hospitals: Vec<SiteId>,
}

impl IncidentRoom {
    /// Opens the book "incident" for writing and folds all of it.
    pub(crate) fn open(
        data_dir: &Path,
        zone: Zone,
        keys: &Keys,
        disk: Arc<dyn Disk>,
        at: Moment,
    ) -> Result<Self, Fault> {
        let dir = crate::ControlRoom::book_dir(data_dir);
        let loggist = crate::room::open_book(data_dir, Self::book_name(), keys, disk, at)?;
        let reader = loggist.reader()?;
        let mut book = IncidentBook::new(zone);
        replay::replay(&reader, &mut book)?;
        Ok(Self {
            deciding: Mutex::default(),
            loggist: RwLock::new(Some(loggist)),
            reader,
            book: RwLock::new(book),
            changes: broadcast::channel(CHANGES_MAX).0,
            opened: at,
            proof: proof::Proof::new(&dir, keys),
            links: links::Links::new(keys.derive("message links")),
            evidence: evidence::Store::new(data_dir, &keys.derive("evidence")),
        })
    }

    /// The book's name: for verify and export.
    pub fn book_name() -> BookName {
        BookName::new("incident").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// Decides, seals, syncs and folds. Returns when it is on the disk and every board shows it.
    pub fn submit(
        &self,
        intent: impl Into<Intent>,
        who: &Person,
        at: Moment,
    ) -> Result<IncidentReceipt, IncidentRefused> {
        let deciding = lock(&self.deciding);
        let loggist = self.loggist();
        let loggist = loggist.as_ref().ok_or(Fault::Closed)?;
        let facts = self.read(|book| incident::decide(book, intent.into(), who, at))?;
        let change = IncidentChange {
            entry: EntryNumber(0),
            incident: facts.iter().find_map(incident::Fact::incident),
            kinds: facts.iter().map(incident::Fact::kind).collect(),
        };
        let act = Act { by: who.clone(), facts };
        let body = codec::write(&act).map_err(Fault::from)?;
        let sealed = loggist.append(ACT, &body, at).map_err(Fault::from)?;
        // From here on it is so, whatever happens to this thread.
        incident::fold(&mut self.book_to_change(), sealed.number, at, act);
        // Nobody may be listening. Told before the next decision, so that changes come in the order of entries.
        drop(self.changes.send(IncidentChange { entry: sealed.number, ..change.clone() }));
        drop(deciding);
        Ok(IncidentReceipt { entry: sealed.number, incident: change.incident })
    }

    /// The picture, to fold into. Never waits in the queue of the lock: a page that reads within a reading (its frame says
    /// which incidents run) would wait behind a decision that waits for that very page, and neither would ever go on.
    #[allow(
        clippy::disallowed_methods,
        reason = "a decision steps aside for readers; nothing is ordered by it"
    )]
    fn book_to_change(&self) -> RwLockWriteGuard<'_, IncidentBook> {
        loop {
            match self.book.try_write() {
                Ok(book) => return book,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => std::thread::sleep(READERS_GO_FIRST),
            }
        }
    }

    /// Reads the picture. Boards made in one call are of one moment; keep it short, for a decision waits for it.
    pub fn read<T>(&self, read: impl FnOnce(&IncidentBook) -> T) -> T {
        read(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What becomes so from now on. Whoever falls behind is told so and should look at everything again.
    pub fn follow(&self) -> broadcast::Receiver<IncidentChange> {
        self.changes.subscribe()
    }

    /// Lays down what the configuration says, as Lifeboat's own entries; what is so already is not said again.
    pub fn prepare(&self, preparation: Preparation, at: Moment) -> Result<(), IncidentRefused> {
        let hospitals = incident::hospitals::Intent::List { sites: preparation.hospitals };
        let cards = incident::action_cards::Intent::AdoptLibrary { cards: preparation.cards };
        for intent in [Intent::from(hospitals), Intent::from(cards)] {
            match self.submit(intent, &Person::lifeboat(), at) {
                Ok(_) => {}
                Err(IncidentRefused::Refusal(
                    Refusal::Hospitals(incident::hospitals::Refusal::ListedAlready)
                    | Refusal::ActionCards(
                        incident::action_cards::Refusal::SameCards | incident::action_cards::Refusal::NoCards,
                    ),
                )) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// How the recording stands.
    pub fn status(&self) -> IncidentStatus {
        let (recording, head) =
            crate::boards_of::recording(self.loggist().as_ref().map(Loggist::status), self.opened);
        IncidentStatus { recording, book_size: self.reader.len(), head }
    }

    fn loggist(&self) -> RwLockReadGuard<'_, Option<Loggist>> {
        self.loggist.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The book's signed head as it stands now: for export, and for the foot of a printed log.
    pub fn head(&self) -> Option<logbook::Head> {
        self.loggist().as_ref().map(Loggist::head)
    }

    /// The head, after the whole book was read again and every byte of it was found to fit. Takes as long as that.
    pub fn verified(&self) -> VerifiedHead {
        self.proof.verified()
    }

    /// The whole book as a bundle that `lifeboat verify` proves on another machine, with the head that vouches for it;
    /// `None` when its files hold more than `bytes_max` bytes: then the command line must write it.
    pub fn export(&self, at: Moment, bytes_max: u64) -> Result<Option<(logbook::Head, Vec<u8>)>, Fault> {
        let loggist = self.loggist();
        Ok(loggist.as_ref().ok_or(Fault::Closed)?.export(at, bytes_max)?)
    }

    /// Signs the last head and closes the book; boards can still be read.
    pub(crate) fn close(&self) {
        let loggist = self.loggist.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(loggist) = loggist
            && let Err(fault) = loggist.close()
        {
            tracing::error!(%fault, "the incident book was closed with a fault");
        }
    }
}

impl From<codec::Fault> for Fault {
    fn from(fault: codec::Fault) -> Self {
        Self::Incident(fault)
    }
}
