//! The incident book, proved: every byte read again, every seal and signature held against the book's own key.
//!
//! What is printed for those who ask afterwards carries the head only after this. Called by the debrief, on a screen and
//! from the command line; proved by `tests/incident_proof.rs`.

use super::IncidentRoom;
use crate::Fault;
use basics::Zone;
use incident::IncidentBook;
use logbook::{Keys, Reader, RealDisk, VerifyWith, verify_book};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The end of a book that was read again from its beginning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedHead {
    /// Entries that are whole, chained and in order.
    pub entries: u64,
    /// The seal of the last of them: 64 hexadecimal digits.
    pub seal: String,
    /// What does not fit, in words; `None` when everything does.
    pub flaw: Option<String>,
}

impl VerifiedHead {
    /// "incident book, entry 1234 · 9f3c0a12b4c5d6e7 · verified", for the foot of a page.
    pub fn words(&self) -> String {
        let start = self.seal.get(..16).unwrap_or_default();
        match &self.flaw {
            None => format!("incident book, entry {} · {start} · verified", self.entries),
            Some(_) => format!("incident book DAMAGED after entry {} · {start}", self.entries),
        }
    }
}

/// Where the book lies and whose signature it must bear.
pub(super) struct Proof {
    dir: PathBuf,
    key: [u8; 32],
}

impl Proof {
    pub(super) fn new(dir: &Path, keys: &Keys) -> Self {
        Self { dir: dir.to_owned(), key: keys.verifying_key() }
    }

    pub(super) fn verified(&self) -> VerifiedHead {
        verified(&self.dir, VerifyWith::VerifyingKey(&self.key))
    }
}

fn verified(dir: &Path, with: VerifyWith<'_>) -> VerifiedHead {
    let verdict = verify_book(dir, &IncidentRoom::book_name(), with);
    VerifiedHead {
        entries: verdict.entries,
        seal: verdict.seal.to_string(),
        // An unfinished end is a write under way, or one that power cut off: no entry that anybody was told of.
        flaw: verdict.flaw.map(|flaw| match flaw.entry {
            Some(entry) => format!("{}, entry {entry}: {}", flaw.file.display(), flaw.what),
            None => format!("{}: {}", flaw.file.display(), flaw.what),
        }),
    }
}

/// The incident book of a data directory, folded, and its end proved, bodies too. Reads only, so that it can be asked
/// beside a running Lifeboat.
///
/// # Errors
/// When the book cannot be read or understood.
pub fn look_at_incidents(
    data_dir: &Path,
    zone: Zone,
    keys: &Keys,
) -> Result<(IncidentBook, VerifiedHead), Fault> {
    let dir = crate::ControlRoom::book_dir(data_dir);
    let head = verified(&dir, VerifyWith::Keys(keys));
    let reader = Reader::open(&dir, &IncidentRoom::book_name(), keys, Arc::new(RealDisk))?;
    let mut book = IncidentBook::new(zone);
    super::replay::replay(&reader, &mut book)?;
    Ok((book, head))
}
