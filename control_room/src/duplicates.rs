//! Duplicates: senders that hear no answer send again, and after a bad hour in floods.
//!
//! Key: feed + MSH-3 + MSH-4 + MSH-10 + content (RELIABILITY decision 4). The memory holds two keyed 64-bit sums a
//! message, one of the id and one of the bytes; they only propose. Nothing is called a duplicate before its bytes were
//! compared with the kept ones, byte for byte, so a false duplicate cannot be; a false "same id, other bytes" would
//! need two ids with one sum (once in 10^13 for a year of a million messages a day) and costs a mark, no message.
//! A message without an id is a duplicate of the last one with the same bytes if that came within ten minutes: two
//! real events rarely look alike to the byte, and a resend comes soon. A FHIR resource is a duplicate of its own last
//! version only: A, then B, then A again is news.
//! Bounded: at most `MEMORY_MAX` messages are remembered here; older ones are looked up in the index, which has all.

use crate::index::{Sums, Table};
use basics::{EntryNumber, FeedName, Moment};
use std::collections::HashMap;
use translate::Header;

/// Messages remembered in memory (about 50 bytes each).
pub const MEMORY_MAX: usize = 1_000_000;
/// Other messages of one id compared, the newest.
const SAME_ID_MAX: usize = 16;
/// A message without an id is taken for a resend within this time.
pub const RESEND_SECONDS_MAX: i64 = 600;

/// How a message names itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// By MSH-10.
    Identified,
    /// By type and id of a FHIR resource: each change is a new version.
    Versioned,
    /// Not at all.
    Anonymous,
}

/// A message's sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageKey {
    /// Of feed and id.
    pub id: u64,
    /// Of the bytes.
    pub content: u64,
    /// How it names itself.
    pub naming: Naming,
}

impl MessageKey {
    /// The key of a message.
    pub fn of(sums: &Sums, feed: &FeedName, bytes: &[u8]) -> Self {
        let content = sums.of(Table::Content, 0, bytes);
        let feed = feed.as_str().as_bytes();
        match translate::header(bytes) {
            Header::Hl7 { sender, facility, control } if !control.is_empty() => Self {
                id: sums.of_parts(Table::Id, &[feed, b"hl7", sender, facility, control]),
                content,
                naming: Naming::Identified,
            },
            Header::Fhir { resource, id } if !id.is_empty() => Self {
                id: sums.of_parts(Table::Id, &[feed, b"fhir", resource, id]),
                content,
                naming: Naming::Versioned,
            },
            _ => Self {
                id: sums.of_parts(Table::Id, &[feed, b"none", &content.to_le_bytes()]),
                content,
                naming: Naming::Anonymous,
            },
        }
    }
}

/// What earlier messages say about a new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Earlier {
    /// Nothing like it.
    None,
    /// The same id came with other bytes; these are all new.
    SameIdOtherBytes,
    /// Perhaps the same as this entry: compare the bytes (and, without an id, the time).
    Perhaps(EntryNumber),
}

/// The memory.
pub struct Duplicates {
    one: HashMap<u64, (u64, u64)>,
    several: HashMap<u64, Vec<(u64, u64)>>,
    /// Every message of the book is in here.
    complete: bool,
    memory_max: usize,
}

impl Default for Duplicates {
    fn default() -> Self {
        Self { one: HashMap::new(), several: HashMap::new(), complete: true, memory_max: MEMORY_MAX }
    }
}

impl Duplicates {
    /// Whether the index need not be asked.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// From now on the index must be asked too.
    pub fn forget_past(&mut self) {
        self.complete = false;
    }

    /// Remembers a message that is kept. `applied`: entries up to here are in the index too and may be forgotten.
    pub fn note(&mut self, key: MessageKey, entry: EntryNumber, applied: EntryNumber) {
        if self.one.len() >= self.memory_max {
            self.forget(applied);
        }
        let row = (entry.0, key.content);
        if let Some(several) = self.several.get_mut(&key.id) {
            if !several.contains(&row) {
                several.push(row);
                several.sort_unstable();
                let surplus = several.len().saturating_sub(SAME_ID_MAX);
                several.drain(..surplus);
            }
            return;
        }
        match self.one.insert(key.id, row) {
            Some(before) if before != row => {
                let mut both = vec![before, row];
                both.sort_unstable();
                self.several.insert(key.id, both);
            }
            _ => {}
        }
    }

    fn forget(&mut self, applied: EntryNumber) {
        let kept_from = applied.0.saturating_sub(self.memory_max as u64 / 4);
        self.one.retain(|_, (entry, _)| *entry > kept_from);
        self.several.retain(|_, rows| rows.last().is_some_and(|(entry, _)| *entry > kept_from));
        let several = &self.several;
        // The id of a row kept in `several` stays in `one` too, so that it is found.
        self.one.extend(several.iter().filter_map(|(id, rows)| Some((*id, *rows.last()?))));
        self.complete = false;
    }

    /// What is remembered of this id before entry `before`, oldest first.
    pub fn known(&self, id: u64, before: EntryNumber) -> Vec<(u64, u64)> {
        let rows = match (self.several.get(&id), self.one.get(&id)) {
            (Some(rows), _) => rows.as_slice(),
            (None, Some(row)) => std::slice::from_ref(row),
            (None, None) => return Vec::new(),
        };
        rows.iter().copied().filter(|(entry, _)| *entry < before.0).collect()
    }
}

/// What earlier messages of the same id, oldest first, say about a message.
pub fn judge(key: MessageKey, earlier: &[(u64, u64)]) -> Earlier {
    let same = |row: &&(u64, u64)| row.1 == key.content;
    let found = match key.naming {
        Naming::Identified => earlier.iter().find(same),
        Naming::Versioned | Naming::Anonymous => earlier.last().filter(same),
    };
    match found {
        Some((entry, _)) => Earlier::Perhaps(EntryNumber(*entry)),
        None if key.naming == Naming::Identified && !earlier.is_empty() => Earlier::SameIdOtherBytes,
        None => Earlier::None,
    }
}

/// Whether a message is the same as one that is kept: its bytes are, and without an id its time is near.
pub fn same(key: MessageKey, (feed, bytes, at): (&FeedName, &[u8], Moment), kept: &crate::FeedEntry) -> bool {
    let near = at.seconds_since(kept.at).abs() <= RESEND_SECONDS_MAX;
    kept.feed == *feed && kept.bytes == bytes && (key.naming != Naming::Anonymous || near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u64, content: u64, naming: Naming) -> MessageKey {
        MessageKey { id, content, naming }
    }

    #[test]
    fn earlier_messages_are_judged_by_id_and_bytes() {
        use Naming::{Anonymous, Identified, Versioned};
        let check = |naming, earlier: &[(u64, u64)], want| {
            assert_eq!(judge(key(1, 50, naming), earlier), want, "{naming:?} {earlier:?}");
        };
        for naming in [Identified, Versioned, Anonymous] {
            check(naming, &[], Earlier::None);
            check(naming, &[(3, 50)], Earlier::Perhaps(EntryNumber(3)));
        }
        check(Identified, &[(3, 50), (4, 60)], Earlier::Perhaps(EntryNumber(3)));
        check(Identified, &[(4, 60)], Earlier::SameIdOtherBytes);
        check(Versioned, &[(3, 50), (4, 60)], Earlier::None);
        check(Versioned, &[(4, 60)], Earlier::None);
    }

    #[test]
    fn memory_is_bounded_and_says_when_it_is_not_complete() {
        let mut memory = Duplicates { memory_max: 100, ..Duplicates::default() };
        for n in 1..=1000u64 {
            memory.note(key(n % 400, n, Naming::Identified), EntryNumber(n), EntryNumber(n - 1));
        }
        assert!(memory.one.len() <= 101 && !memory.complete());
        assert_eq!(memory.known(1000 % 400, EntryNumber(1001)).last(), Some(&(1000, 1000)));
    }
}
