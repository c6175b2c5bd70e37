//! The third book: what people decide about clinic bookings, sealed, synced, then folded into the picture.
//!
//! `ClinicRoom::submit` decides and seals, one after another; lists and boards join the picture with the index's bookings
//! (`list`, `board`), by how the systems board stands (`works`). Always: what is answered as done is on the disk; each act
//! is one entry, whole or not at all. Never: a booking changed in the feed book's records. Called by screens, the messenger
//! and the command line; proved by `tests/clinic_room.rs`.

mod board;
mod figures;
mod forms;
mod gather;
mod list;
mod notices;
mod plan;
mod rated;
mod works;

pub use board::{ClinicBoard, ListBoard};
pub use forms::{ClinicForms, read_notices, read_triage_rules};
pub use list::{BookingRow, ClinicList, ListName};
pub use notices::{LeftOut, NoticePlan, ToCall, clock_time, long_date};
pub use plan::{ClinicPlan, ClinicWhatIf};

use crate::Fault;
use basics::{BookName, EntryNumber, Moment, Person, SiteId, Zone};
use care::clinics::{Act, Asked, ClinicBook, Intent, Practice, Refusal, decide, fold};
use care::notices::Gateways;
use incident::Ground;
use logbook::{Disk, Keys, Loggist, Reader};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::broadcast;

/// Changes kept for whoever is slow to listen.
const CHANGES_MAX: usize = 256;

/// How patients reach a hospital about their bookings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SiteContact {
    /// Its name as patients know it.
    pub name: String,
    /// The number to ring.
    pub phone: String,
    /// When somebody answers.
    pub hours: String,
}

/// How clinic rescue is set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClinicSetup {
    /// How patients reach each hospital.
    pub sites: BTreeMap<SiteId, SiteContact>,
    /// How they reach the trust, where a hospital has nothing of its own.
    pub trust: SiteContact,
    /// Days before a booking within which no letter arrives any more.
    pub post_days: u32,
    /// Days within which a patient is promised to hear of a new date.
    pub hear_within_days: u32,
}

impl Default for ClinicSetup {
    fn default() -> Self {
        Self { sites: BTreeMap::new(), trust: SiteContact::default(), post_days: 4, hear_within_days: 14 }
    }
}

impl ClinicSetup {
    /// How patients reach that hospital: its own, filled up with the trust's.
    pub fn contact(&self, site: Option<&SiteId>) -> SiteContact {
        let own = site.and_then(|site| self.sites.get(site)).cloned().unwrap_or_default();
        let or = |own: String, trust: &String| if own.is_empty() { trust.clone() } else { own };
        SiteContact {
            name: or(own.name, &self.trust.name),
            phone: or(own.phone, &self.trust.phone),
            hours: or(own.hours, &self.trust.hours),
        }
    }
}

/// The clinic book and its picture.
pub struct ClinicRoom {
    deciding: Mutex<()>,
    loggist: RwLock<Option<Loggist>>,
    book: RwLock<ClinicBook>,
    changes: broadcast::Sender<ClinicChange>,
    rated: Mutex<rated::Cache>,
    /// Rules and words as the hospital has them.
    pub forms: ClinicForms,
    zone: Zone,
    /// What can leave the house now.
    gateways: Mutex<Gateways>,
}

/// What has just become so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClinicChange {
    /// The entry.
    pub entry: EntryNumber,
    /// On which ground.
    pub practice: Practice,
}

/// Why it did not become so.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClinicRefused {
    /// It cannot be; the sentence is for the person.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The ground on which clinics are decided while an incident stands on that ground.
pub fn practice_of(ground: Ground) -> Practice {
    match ground {
        Ground::Real => None,
        Ground::Exercise(id) => Some(id.0),
    }
}

impl ClinicRoom {
    /// Opens the book "clinics" for writing and folds all of it.
    pub(crate) fn open(
        data_dir: &Path,
        zone: Zone,
        keys: &Keys,
        disk: Arc<dyn Disk>,
        at: Moment,
    ) -> Result<Self, Fault> {
        let loggist = crate::room::open_book(data_dir, Self::book_name(), keys, disk, at)?;
        let book = replay(&loggist.reader()?)?;
        Ok(Self {
            deciding: Mutex::default(),
            loggist: RwLock::new(Some(loggist)),
            book: RwLock::new(book),
            changes: broadcast::channel(CHANGES_MAX).0,
            rated: Mutex::default(),
            forms: ClinicForms::read(data_dir),
            zone,
            gateways: Mutex::new(Gateways::ALL),
        })
    }

    /// What can leave the house, as whoever runs the gateways knows it; until that is said, everything.
    pub fn note_gateways(&self, gateways: Gateways) {
        *crate::room::lock(&self.gateways) = gateways;
    }

    /// What can leave the house.
    pub fn gateways(&self) -> Gateways {
        *crate::room::lock(&self.gateways)
    }

    /// The book's name: for verify and export.
    pub fn book_name() -> BookName {
        BookName::new("clinics").unwrap_or_else(|| unreachable!("a printable name"))
    }

    /// Decides, seals, syncs and folds. Returns when it is on the disk and every list shows it.
    ///
    /// # Errors
    /// A sentence for the person; a fault when nothing can be recorded.
    pub fn submit(
        &self,
        practice: Practice,
        intent: impl Into<Intent>,
        who: &Person,
        at: Moment,
    ) -> Result<EntryNumber, ClinicRefused> {
        let deciding = crate::room::lock(&self.deciding);
        let loggist = self.loggist();
        let loggist = loggist.as_ref().ok_or(Fault::Closed)?;
        let facts = self.read(|book| {
            let picture = book.picture(practice);
            decide(&Asked { picture, zone: &self.zone, who, at }, intent.into())
        })?;
        let act = Act { by: who.clone(), practice, facts };
        let body = care::clinics::write(&act).map_err(Fault::from)?;
        let sealed = loggist.append(care::clinics::ACT, &body, at).map_err(Fault::from)?;
        fold(&mut self.book.write().unwrap_or_else(PoisonError::into_inner), sealed.number, at, act);
        // Nobody may be listening.
        drop(self.changes.send(ClinicChange { entry: sealed.number, practice }));
        drop(deciding);
        Ok(sealed.number)
    }

    /// Reads the picture. Keep it short: a decision waits for it.
    pub fn read<T>(&self, read: impl FnOnce(&ClinicBook) -> T) -> T {
        read(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What becomes so from now on. Whoever falls behind should look at everything again.
    pub fn follow(&self) -> broadcast::Receiver<ClinicChange> {
        self.changes.subscribe()
    }

    /// How the recording of the clinic book stands, and its head for people.
    pub fn recording(&self, opened: Moment) -> (crate::Recording, String) {
        crate::boards_of::recording(self.loggist().as_ref().map(Loggist::status), opened)
    }

    fn loggist(&self) -> RwLockReadGuard<'_, Option<Loggist>> {
        self.loggist.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs the last head and closes the book; lists can still be read.
    pub(crate) fn close(&self) {
        let loggist = self.loggist.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(loggist) = loggist
            && let Err(fault) = loggist.close()
        {
            tracing::error!(%fault, "the clinic book was closed with a fault");
        }
    }
}

/// Folds the book from its first entry. An entry that is not understood stops the opening with its number.
fn replay(reader: &Reader) -> Result<ClinicBook, Fault> {
    let mut book = ClinicBook::default();
    if reader.is_empty() {
        return Ok(book);
    }
    for entry in reader.read_from(EntryNumber(1)) {
        let entry = entry?;
        let act = care::clinics::read(entry.number, entry.kind, &entry.body)?;
        fold(&mut book, entry.number, entry.at, act);
    }
    Ok(book)
}

impl From<care::clinics::CodecFault> for Fault {
    fn from(fault: care::clinics::CodecFault) -> Self {
        Self::Clinics(fault)
    }
}
