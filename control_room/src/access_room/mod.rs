//! The fourth and the fifth book: who may do what, and who looked at whom; sealed, synced, then folded into the picture.
//!
//! `AccessRoom::submit` decides and seals, one after another; `sign_in` brings somebody in; `visit` says at each request who
//! that is, and `may` whether the page is theirs; `look` records what a page shows of patients. Always: what is answered as
//! done is on the disk; a look by broken glass is on the disk before its page is shown. Never: a page kept from a ward
//! because looks cannot be written; an export then. Called by screens and the command line through `ControlRoom::access`;
//! proved by `tests/access_room.rs`.

mod chance;
mod forms;
mod history;
mod looks;
mod sign_in;
mod visits;

pub use chance::Token;
pub use forms::{AccessForms, read_rights};
pub use history::{Told as AccessTold, Within as HistoryWithin};
pub use looks::{Kept, LooksFound, LooksState};
pub use sign_in::{AtDoor, NotIn, SignedIn};
pub use visits::{Visit, Visitor};

use crate::Fault;
use access::sessions::{Activity, Lengths};
use access::sign_in::guesses::{Guesses, Limits};
use access::sign_in::passphrase::Costs;
use access::{AccessBook, Act, Asked, By, Intent, NotYours, Refusal, codec, decide, fold};
use basics::{BookName, EntryNumber, Moment, Zone};
use logbook::{Disk, Keys, Loggist, Reader};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::broadcast;

/// Changes kept for whoever is slow to listen.
const CHANGES_MAX: usize = 1_024;

/// How access is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessSetup {
    /// How much work one guess is.
    pub costs: Costs,
    /// How long sessions last.
    pub lengths: Lengths,
    /// How often somebody may be wrong.
    pub guesses: Limits,
    /// Passphrases that are hashed at once: each takes the memory of its costs.
    pub hashed_at_once_max: usize,
}

impl Default for AccessSetup {
    fn default() -> Self {
        Self {
            costs: Costs::USUAL,
            lengths: Lengths::default(),
            guesses: Limits::default(),
            hashed_at_once_max: 4,
        }
    }
}

/// The access book, its picture, and the book of looks.
pub struct AccessRoom {
    deciding: Mutex<()>,
    loggist: RwLock<Option<Loggist>>,
    book: RwLock<AccessBook>,
    looks: looks::Looks,
    guesses: Mutex<Guesses>,
    activity: Mutex<Activity>,
    hashing: sign_in::Slots,
    changes: broadcast::Sender<AccessChange>,
    setup: AccessSetup,
    /// Rights as the hospital has them.
    pub forms: AccessForms,
    zone: Zone,
}

/// Something about access has just become so: whoever shows people, devices, sessions or broken glass looks again, and
/// streams of sessions that ended are closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessChange {
    /// The entry.
    pub entry: EntryNumber,
}

/// Why it did not become so.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessRefused {
    /// It cannot be; the sentence is for the person.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// It is for others to ask.
    #[error(transparent)]
    NotYours(#[from] NotYours),
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl AccessRoom {
    /// Opens the book "access" for writing and folds all of it; opens the book "looks", or notes why that cannot be.
    pub(crate) fn open(
        data_dir: &Path,
        (setup, zone): (AccessSetup, Zone),
        keys: &Keys,
        disk: Arc<dyn Disk>,
        at: Moment,
    ) -> Result<Self, Fault> {
        let dir = crate::ControlRoom::book_dir(data_dir);
        let options = logbook::Options::default();
        let (loggist, found) = Loggist::open(&dir, Self::book_name(), keys, disk.clone(), options, at)?;
        for torn in &found.set_aside {
            tracing::warn!(file = %torn.file.display(), bytes = torn.bytes, "an unfinished tail was set aside");
        }
        let book = replay(&loggist.reader()?)?;
        Ok(Self {
            deciding: Mutex::default(),
            loggist: RwLock::new(Some(loggist)),
            book: RwLock::new(book),
            looks: looks::Looks::open(&dir, keys, disk, at),
            guesses: Mutex::new(Guesses::new(setup.guesses)),
            activity: Mutex::default(),
            hashing: sign_in::Slots::new(setup.hashed_at_once_max),
            changes: broadcast::channel(CHANGES_MAX).0,
            setup,
            forms: AccessForms::read(data_dir),
            zone,
        })
    }

    /// The access book's name: for verify and export.
    pub fn book_name() -> BookName {
        BookName::new("access").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// The name of the book of looks: for verify and export.
    pub fn looks_book_name() -> BookName {
        BookName::new("looks").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// Decides, seals, syncs and folds. Returns when it is on the disk and counts at the next request.
    ///
    /// # Errors
    /// A sentence for the person; a fault when nothing can be recorded.
    pub fn submit(
        &self,
        intent: impl Into<Intent>,
        who: &By,
        at: Moment,
    ) -> Result<EntryNumber, AccessRefused> {
        let deciding = crate::room::lock(&self.deciding);
        let loggist = self.loggist();
        let loggist = loggist.as_ref().ok_or(Fault::Closed)?;
        let facts = self.read(|book| decide(&Asked { book, zone: &self.zone, who, at }, intent.into()))?;
        let act = Act { by: who.clone(), facts };
        let body = codec::write(&act).map_err(Fault::from)?;
        let sealed = loggist.append(codec::ACT, &body, at).map_err(Fault::from)?;
        fold(&mut self.book.write().unwrap_or_else(PoisonError::into_inner), sealed.number, at, act);
        // Nobody may be listening.
        drop(self.changes.send(AccessChange { entry: sealed.number }));
        drop(deciding);
        Ok(sealed.number)
    }

    /// Reads the picture. Keep it short: a decision waits for it, and never hash anything within.
    pub fn read<T>(&self, read: impl FnOnce(&AccessBook) -> T) -> T {
        read(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What becomes so from now on. Whoever falls behind should look at everything again.
    pub fn follow(&self) -> broadcast::Receiver<AccessChange> {
        self.changes.subscribe()
    }

    /// How the recording of the access book stands, and its head for people.
    pub fn recording(&self, opened: Moment) -> (crate::Recording, String) {
        crate::boards_of::recording(self.loggist().as_ref().map(Loggist::status), opened)
    }

    /// The costs at which a new passphrase or PIN is hashed.
    pub fn costs(&self) -> Costs {
        self.setup.costs
    }

    fn loggist(&self) -> RwLockReadGuard<'_, Option<Loggist>> {
        self.loggist.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs the last heads and closes both books; what is known can still be read.
    pub(crate) fn close(&self) {
        self.looks.close();
        let loggist = self.loggist.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(loggist) = loggist
            && let Err(fault) = loggist.close()
        {
            tracing::error!(%fault, "the access book was closed with a fault");
        }
    }
}

/// Folds the book from its first entry. An entry that is not understood stops the opening with its number.
fn replay(reader: &Reader) -> Result<AccessBook, Fault> {
    let mut book = AccessBook::default();
    if reader.is_empty() {
        return Ok(book);
    }
    for entry in reader.read_from(EntryNumber(1)) {
        let entry = entry?;
        let act = codec::read(entry.number, entry.kind, &entry.body)?;
        fold(&mut book, entry.number, entry.at, act);
    }
    Ok(book)
}

impl From<codec::Fault> for Fault {
    fn from(fault: codec::Fault) -> Self {
        Self::Access(fault)
    }
}
