//! What can go wrong behind the one door, each naming the failed operation.
//!
//! The record's faults pass through unchanged, for they decide what the sender is told. Faults of the index never
//! stop receiving: the index can be made again.

use crate::Refusal;
use std::path::PathBuf;

/// A fault of the control room.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The record could not keep or read something.
    #[error("the record: {0}")]
    Record(#[from] std::sync::Arc<logbook::Fault>),
    /// The index's database refused an operation.
    #[error("could not {doing} in the index: {what}")]
    Index {
        /// The operation.
        doing: &'static str,
        /// What the database said.
        what: String,
    },
    /// The index does not hold together; it is thrown away and made again from the book.
    #[error("the index is damaged ({0}); it is being made again from the book")]
    IndexDamaged(String),
    /// A file or folder could not be made, removed or opened.
    #[error("could not {doing} {}: {what}", path.display())]
    Folder {
        /// The operation.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        what: String,
    },
    /// An entry of the feed book is not written as this version knows.
    #[error("entry {0} of the feed book is not written in a way this version knows")]
    UnknownEntry(basics::EntryNumber),
    /// The message is longer than may be kept.
    #[error("{bytes} bytes are more than a message may have ({bytes_max} bytes)")]
    TooLarge {
        /// Bytes handed in.
        bytes: usize,
        /// The ceiling.
        bytes_max: usize,
    },
    /// The incident book could not be written or read as this version knows.
    #[error(transparent)]
    Incident(incident::codec::Fault),
    /// The clinic book could not be written or read as this version knows.
    #[error(transparent)]
    Clinics(care::clinics::CodecFault),
    /// The access book or a look could not be written or read as this version knows.
    #[error(transparent)]
    Access(access::codec::Fault),
    /// The control room is closed.
    #[error("the control room is closed")]
    Closed,
}

impl From<logbook::Fault> for Fault {
    fn from(fault: logbook::Fault) -> Self {
        Self::Record(std::sync::Arc::new(fault))
    }
}

impl Fault {
    /// Whether recording has stopped until the program is started again.
    pub fn frozen(&self) -> bool {
        matches!(self, Self::Record(fault) if matches!(**fault, logbook::Fault::Stopped { .. }))
    }

    /// Whether the disk was full; sending again later helps.
    pub fn disk_full(&self) -> bool {
        matches!(self, Self::Record(fault) if matches!(**fault, logbook::Fault::DiskFull))
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::IndexDamaged(what.into())
    }

    /// A database error: damage where the database says that its file is not as it was written.
    pub(crate) fn index(doing: &'static str, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase, SystemIoFailure};
        match error.sqlite_error_code() {
            // SQLCipher reports a page whose authentication fails as an I/O error or as no database.
            Some(DatabaseCorrupt | NotADatabase) => Self::IndexDamaged(format!("{doing}: {error}")),
            Some(SystemIoFailure) if error.to_string().contains("disk I/O") => {
                Self::IndexDamaged(format!("{doing}: {error}"))
            }
            _ => Self::Index { doing, what: error.to_string() },
        }
    }
}

/// Why an intent was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// It cannot be; the sentence is for the person.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<logbook::Fault> for Refused {
    fn from(fault: logbook::Fault) -> Self {
        Self::Fault(fault.into())
    }
}
