//! The record: what the hospital was told, kept so that nothing acknowledged is ever lost and nothing kept can be
//! altered unseen.
//!
//! A book is a row of append-only segment files; every entry is encrypted, chained to the one before it by SHA-256,
//! and the book's state is signed now and then in a separate file of heads. Promises: an entry is acknowledged only
//! after `fdatasync` returned; a write of unknown outcome stops recording for good until the book is opened again;
//! no entry is ever changed or removed; damage names its file and its entry; an unfinished tail is set aside, never
//! dropped in silence. The crate reads no clock, knows no patient and no message. The bytes are described in
//! `docs/formats/logbook.md`. Called by `control_room` (and by `sites` to ship books); proved by `logbook/tests`.

mod bundle;
mod chain;
mod disk;
mod entry;
mod fault;
mod fork;
mod format;
mod heads;
mod index;
mod keys;
mod loggist;
mod reader;
mod recovery;
mod sealing;
pub mod trial_disks;
mod verify;
mod walker;
mod writer;

pub use bundle::{Bundle, Imported, export, import, verify_bundle};
pub use disk::{Disk, DiskFile, RealDisk};
pub use entry::{Entry, Options, Seal, Sealed};
pub use fault::Fault;
pub use fork::{ForkProof, compare_heads};
pub use format::Head;
pub use heads::read_heads;
pub use keys::{
    Ceremony, Costs, KeyFile, Keys, Opener, SHARES_MAX, Share, ShareProblem, SlotKind, SlotRefusal,
    SlotShown, Tries, fingerprint, make_machine_key, read_machine_key, suggest_passphrase,
};
pub use loggist::{Loggist, Status};
pub use reader::{Entries, Reader};
pub use recovery::{Opened, SetAside};
pub use verify::{BookVerdict, Flaw, Unfinished, Verdict, VerifyWith, verify, verify_book};

/// Longest body of one entry, in bytes.
pub const BODY_BYTES_MAX: usize = 64 << 20;

/// Most bytes of entries that one commit (one write and one `fdatasync`) may carry.
pub const COMMIT_BYTES_MAX: usize = 128 << 20;
