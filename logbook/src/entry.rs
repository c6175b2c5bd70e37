//! One line of the record as its readers see it, and the small words around it.
//!
//! Entries are ordered by number, never by clock: `at` says when the loggist received the entry and may jump when
//! the machine's clock does. Used by every caller of the crate.

use basics::{EntryNumber, Moment};
use std::fmt;

/// One entry of a book, decrypted and authenticated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Place in the book, from 1 without gaps.
    pub number: EntryNumber,
    /// When the loggist received it. Order by `number`, never by this.
    pub at: Moment,
    /// What the body is; the caller's own numbering.
    pub kind: u16,
    /// The bytes as they were handed in, at most [`crate::BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// A SHA-256 link of the chain: it stands for one entry and everything before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seal(pub [u8; 32]);

impl fmt::Display for Seal {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({self})")
    }
}

/// The receipt of an entry that is on the disk: only made after `fdatasync` returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The entry's place in its book.
    pub number: EntryNumber,
    /// The entry's link of the chain.
    pub seal: Seal,
}

/// How a loggist keeps its book.
#[derive(Clone, Debug)]
pub struct Options {
    /// A new segment is begun once a segment holds this many bytes (default 64 MiB; a segment may exceed it by one
    /// commit).
    pub segment_bytes_max: u64,
    /// At most one signed head is written in this many milliseconds while entries keep coming (default 10 s).
    pub head_every_ms: u64,
    /// Segments are filled with zeros this far ahead of the entries, so that a commit changes no file length and
    /// `fdatasync` has no journal to wait for (default 4 MiB; 0 appends plainly).
    pub fill_ahead_bytes: u64,
    /// When several entries were in flight at the last commit, the loggist waits for half of them before the next, in
    /// steps of so many microseconds, and only as long as each step brings somebody; then for the rest, for at most half as
    /// long as the last commit took (default 60; 0 never waits).
    pub gather_step_us: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            head_every_ms: 10_000,
            fill_ahead_bytes: 4 << 20,
            gather_step_us: 60,
        }
    }
}
