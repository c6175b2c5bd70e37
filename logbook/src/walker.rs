//! Walks one segment from front to back: commits and entries as they lie, links checked, nothing decrypted.
//!
//! Promises: arbitrary bytes never panic and never make it allocate more than the longest entry; the first thing
//! that is not as it must be is named with its place and entry. Used by recovery, readers, verify and bundles.

use crate::chain::entry_seal;
use crate::disk::{DiskFile, read_full_at};
use crate::format::{
    COMMIT_HEADER_BYTES, CommitHeader, ENTRY_HEADER_BYTES, EntryHeader, SEAL_BYTES, take, zeros,
};
use std::io;
use std::sync::Arc;

const READ_BYTES: usize = 1 << 20;

/// One entry as it lies in the segment.
pub(crate) struct RawEntry<'a> {
    pub number: u64,
    pub attempt: u32,
    pub previous: [u8; 32],
    pub header: EntryHeader,
    /// Encrypted body and tag.
    pub sealed: &'a [u8],
    pub seal: [u8; 32],
}

/// Why the walk cannot go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something is not whole and right; `number` is the first entry not to be trusted.
    Broken {
        number: u64,
        what: &'static str,
    },
    Disk(io::Error),
}

/// Where a walk stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Offset of the next commit header, or of the next entry when `left` is not 0.
    pub offset: u64,
    pub number: u64,
    pub link: [u8; 32],
    pub attempt: u32,
    /// Entries left in the current commit.
    pub left: u32,
    /// Payload bytes left in the current commit.
    pub payload: u64,
}

pub(crate) struct Walker {
    file: Arc<dyn DiskFile>,
    /// Bytes at and after this offset do not belong to the walk.
    end: u64,
    buffer: Vec<u8>,
    /// File offset of the buffer's first byte.
    base: u64,
    place: Place,
    check_seals: bool,
    read_bytes: usize,
}

impl Walker {
    pub fn new(file: Arc<dyn DiskFile>, place: Place, end: u64, check_seals: bool) -> Self {
        let base = place.offset;
        Self { file, end, buffer: Vec::new(), base, place, check_seals, read_bytes: READ_BYTES }
    }

    /// Reads ahead by this many bytes instead of 1 MiB.
    pub fn reading(self, read_bytes: usize) -> Self {
        Self { read_bytes, ..self }
    }

    /// After the last whole entry: where the next commit would begin, its number, the link so far.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The next entry; `None` when the commits end (at `end`, or where only zeros begin).
    pub fn next(&mut self) -> Result<Option<RawEntry<'_>>, Stop> {
        if self.place.left == 0 && !self.commit()? {
            return Ok(None);
        }
        let place = self.place;
        let Some(header) = self.bytes(place.offset, ENTRY_HEADER_BYTES)?.and_then(EntryHeader::parse) else {
            return Err(self.broken("the entry's header is not as it must be"));
        };
        let whole = header.whole_bytes();
        let least_after = u64::from(place.left - 1) * crate::format::ENTRY_EXTRA_BYTES as u64;
        if whole as u64 + least_after > place.payload || (place.left == 1 && whole as u64 != place.payload) {
            return Err(self.broken("the entry's length does not fit its commit"));
        }
        if self.bytes(place.offset, whole)?.is_none() {
            return Err(self.broken("the entry ends before its length"));
        }
        let start = (place.offset - self.base) as usize;
        let bytes = self.buffer.get(start..start + whole).unwrap_or_default();
        let (header_bytes, rest) = bytes.split_at_checked(ENTRY_HEADER_BYTES).unwrap_or_default();
        let (sealed, _) = rest.split_at_checked(rest.len().saturating_sub(SEAL_BYTES)).unwrap_or_default();
        let Some(seal) = take::<32>(rest, sealed.len()) else {
            return Err(self.broken("the entry ends before its seal"));
        };
        if self.check_seals
            && entry_seal(&place.link, place.number, place.attempt, header_bytes, sealed) != seal
        {
            return Err(self.broken("the entry's seal does not agree with its bytes"));
        }
        self.place = Place {
            offset: place.offset + whole as u64,
            number: place.number + 1,
            link: seal,
            attempt: place.attempt,
            left: place.left - 1,
            payload: place.payload - whole as u64,
        };
        Ok(Some(RawEntry {
            number: place.number,
            attempt: place.attempt,
            previous: place.link,
            header,
            sealed,
            seal,
        }))
    }

    /// Steps into the commit at the walk's place; `false` where the commits end.
    fn commit(&mut self) -> Result<bool, Stop> {
        let place = self.place;
        let room = self.end.saturating_sub(place.offset).min(COMMIT_HEADER_BYTES as u64) as usize;
        let bytes = self.bytes(place.offset, room)?;
        if room == 0 || (zeros(bytes.and_then(|b| b.get(..room.min(8))))) {
            return Ok(false);
        }
        let Some(header) = bytes.and_then(CommitHeader::parse) else {
            return Err(self.broken("the commit's header is not as it must be"));
        };
        if header.first != place.number {
            return Err(self.broken("the commit begins with another entry than the one due"));
        }
        if header.previous_link != place.link {
            return Err(self.broken("the commit does not follow the entry before it"));
        }
        self.place.offset += COMMIT_HEADER_BYTES as u64;
        self.place.attempt = header.attempt;
        self.place.left = header.entries;
        self.place.payload = u64::from(header.payload_bytes);
        Ok(true)
    }

    fn broken(&self, what: &'static str) -> Stop {
        Stop::Broken { number: self.place.number, what }
    }

    /// `length` bytes at `offset`, reading ahead; `None` past `end` or the end of the file.
    fn bytes(&mut self, offset: u64, length: usize) -> Result<Option<&[u8]>, Stop> {
        if offset + length as u64 > self.end || offset < self.base {
            return Ok(None);
        }
        let start = (offset - self.base) as usize;
        if start + length > self.buffer.len() {
            let kept = start.min(self.buffer.len());
            self.buffer.drain(..kept);
            self.base = offset;
            let have = self.buffer.len();
            let want = (length.max(self.read_bytes) as u64).min(self.end - offset) as usize;
            self.buffer.resize(want.max(have), 0);
            let tail = self.buffer.get_mut(have..).unwrap_or_default();
            let read = read_full_at(&*self.file, tail, offset + have as u64).map_err(Stop::Disk)?;
            self.buffer.truncate(have + read);
        }
        let start = (offset - self.base) as usize;
        Ok(self.buffer.get(start..start + length))
    }
}
