//! Checks that the index holds together, since its database alone cannot be trusted with that.
//!
//! Measured before this was built: a flipped bit in SQLite's write-ahead log silently drops rows, and a page's
//! authentication does not notice an older page put in its place. So every row has a keyed sum; a patient's summary
//! holds the sums of the rows below it; and the sum over all summaries (and tray items, wards and places) is kept with the
//! number of the last entry applied, in the same transaction. Opening reads all summaries anyway; if one is missing,
//! stale or altered, the totals differ, and the index is made again from the book. The ids of messages
//! (`seen`) have a sum of their own, compared when opening reads them all; when they are too many for memory they are
//! looked up one by one and not summed: they only propose what is then compared byte for byte, so a stale one costs at
//! worst a message stored twice, never one lost. 64 bits of a keyed SipHash: a
//! wrong index passes once in 10^19.

use std::hash::{DefaultHasher, Hasher};
use zeroize::Zeroizing;

/// Which table a row is in, so that equal bytes in two places have two sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// `patient`: summaries.
    Patient = 1,
    /// `core`.
    Core = 2,
    /// `part`.
    Part = 3,
    /// `tray`.
    Tray = 4,
    /// `ward`.
    Ward = 5,
    /// `state`.
    State = 6,
    /// An entry of the book, as applied.
    Entry = 7,
    /// An id of a message.
    Id = 8,
    /// A message's bytes.
    Content = 9,
    /// A fact.
    Fact = 10,
    /// `place`.
    Place = 11,
    /// `seen`.
    Seen = 12,
    /// `apart`.
    Apart = 13,
}

/// The sum of a row of `seen`.
pub(super) fn seen_sum(sums: &Sums, (id, entry, content): (i64, i64, i64)) -> u64 {
    let mut bytes = [0; 16];
    let (front, back) = bytes.split_at_mut(8);
    front.copy_from_slice(&entry.to_le_bytes());
    back.copy_from_slice(&content.to_le_bytes());
    sums.of(Table::Seen, id as u64, &bytes)
}

/// Makes keyed sums.
#[derive(Clone)]
pub struct Sums {
    secret: Zeroizing<[u8; 32]>,
}

impl Sums {
    /// Sums keyed by a secret of its own.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self { secret }
    }

    /// The sum of a row. Stable within one build of the program; `witness` tells when it is not.
    pub fn of(&self, table: Table, key: u64, bytes: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&*self.secret);
        hasher.write_u64(table as u64);
        hasher.write_u64(key);
        hasher.write(bytes);
        hasher.finish()
    }

    /// The sum of several parts of which none can run into the next.
    pub fn of_parts(&self, table: Table, parts: &[&[u8]]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&*self.secret);
        hasher.write_u64(table as u64);
        for part in parts {
            hasher.write_u64(part.len() as u64);
            hasher.write(part);
        }
        hasher.finish()
    }

    /// Changes when a new build reckons sums in another way: then the index is made again.
    pub fn witness(&self) -> u64 {
        self.of(Table::State, 0, b"lifeboat")
    }
}
