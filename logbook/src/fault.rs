//! What can go wrong with the record, each naming the operation and the file.
//!
//! A caller acts on three of them: `DiskFull` (make room; recording goes on by itself), `Stopped` (recording has
//! ended until the program is started again; boards say "frozen"), `Damaged` (name the file and the entry).

use crate::fork::ForkProof;
use crate::keys::{ShareProblem, SlotRefusal};
use basics::{EntryNumber, Moment};
use std::io;
use std::path::{Path, PathBuf};

/// A fault of the record.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The disk refused an operation.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// The operation, as in "could not …".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Bytes that were whole once are not any more.
    #[error("{} is damaged{}: {what}", file.display(), at_entry(*entry))]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first entry that cannot be trusted, where the damage lies in entries.
        entry: Option<EntryNumber>,
        /// What was found.
        what: String,
    },
    /// Recording has stopped for good until the book is opened again; nothing was kept.
    #[error("recording stopped at {}: {why}", since.rfc3339())]
    Stopped {
        /// The moment of the entry at which recording stopped.
        since: Moment,
        /// Why, in words.
        why: String,
    },
    /// No room: nothing was kept, and recording goes on by itself when there is room again.
    #[error("the disk is full: nothing was kept; make room and send again")]
    DiskFull,
    /// More is waiting to be written than the ceiling allows; nothing was kept.
    #[error("too much is waiting to be written; nothing was kept; send again")]
    Busy,
    /// The body is longer than an entry may be.
    #[error("{bytes} bytes are more than an entry may hold ({bytes_max} bytes)")]
    TooLarge {
        /// Bytes handed in.
        bytes: usize,
        /// The ceiling.
        bytes_max: usize,
    },
    /// The key file is whole, but this is not its passphrase.
    #[error("wrong passphrase for {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// The key file is whole, but this machine key does not open it.
    #[error("the machine key does not open {}", .0.display())]
    WrongMachineKey(PathBuf),
    /// The key file is whole, the shares are of its ceremony, and yet they do not open it.
    #[error("these shares do not open {}; one of them must be forged or of another record", .0.display())]
    WrongShares(PathBuf),
    /// The shares are of another ceremony than the key file's.
    #[error(
        "these shares are of the ceremony '{given}', and {} was wrapped in the ceremony {held}; \
         take the sheets that begin with those two words",
        path.display()
    )]
    OtherCeremony {
        /// The key file.
        path: PathBuf,
        /// The ceremony of the shares.
        given: String,
        /// The ceremonies of the file, quoted.
        held: String,
    },
    /// The key file cannot be opened in this way at all.
    #[error("{} opens by no {what}; `lifeboat keys show` tells by what it does", path.display())]
    NoSuchSlot {
        /// The key file.
        path: PathBuf,
        /// What it has no slot for.
        what: &'static str,
    },
    /// The slots stay as they are.
    #[error(transparent)]
    Slots(#[from] SlotRefusal),
    /// Something is the matter with the shares that were given.
    #[error(transparent)]
    Shares(#[from] ShareProblem),
    /// Another loggist, in this or another process, is writing this book.
    #[error("{} is held by another process; only one may write a book", .0.display())]
    InUse(PathBuf),
    /// Two histories of one book, both signed: the book was forked.
    #[error("the book {} was forked: two signed heads contradict each other", .0.held.book)]
    Forked(Box<ForkProof>),
    /// The bundle begins after the entries held; ask for the ones between.
    #[error("entries {} to {} are missing before this bundle", wanted.0, starts.0.saturating_sub(1))]
    Gap {
        /// First entry that is missing.
        wanted: EntryNumber,
        /// First entry of the bundle.
        starts: EntryNumber,
    },
    /// There are no such entries to ship.
    #[error("entries {} to {} are not in the book", from.0, to.0)]
    NoSuchEntries {
        /// First asked for.
        from: EntryNumber,
        /// Last asked for.
        to: EntryNumber,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    Randomness(String),
    /// The book or a thread of its loggist is gone.
    #[error("the book is closed")]
    Closed,
}

fn at_entry(entry: Option<EntryNumber>) -> String {
    entry.map(|n| format!(" at entry {n}")).unwrap_or_default()
}

impl Fault {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    pub(crate) fn damaged(file: &Path, entry: Option<u64>, what: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), entry: entry.map(EntryNumber), what: what.into() }
    }

    /// No room, as opposed to any other refusal of the disk (quota counts as no room).
    pub(crate) fn is_full(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}
