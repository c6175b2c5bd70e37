//! The access book read backwards: what became of one person's account; and the whole of it read without a lock, for a
//! look from outside.
//!
//! Never: anything written; more entries read than the caller allows. Called by the page of an account and by
//! `lifeboat doctor`; proved by `tests/access_room.rs`.

use super::{AccessRoom, replay};
use crate::Fault;
use access::{AccessBook, By, StaffNumber, codec, history};
use basics::{EntryNumber, Moment};
use logbook::{Keys, Reader, RealDisk};
use std::path::Path;
use std::sync::Arc;

/// Entries read at once when the book is read backwards.
const WINDOW: u64 = 2_000;

/// One thing that became so of somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The entry of the access book.
    pub entry: EntryNumber,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: By,
    /// What, a sentence each.
    pub words: Vec<String>,
}

/// How far back something was looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Within {
    /// Entries read at most.
    pub scanned_max: u64,
    /// Acts given at most.
    pub shown_max: usize,
}

impl AccessRoom {
    /// What became of somebody's account, the newest first; and whether all of the book was read.
    ///
    /// # Errors
    /// A fault of the book.
    pub fn history(&self, number: &StaffNumber, within: Within) -> Result<(Vec<Told>, bool), Fault> {
        let reader = self.loggist().as_ref().ok_or(Fault::Closed)?.reader()?;
        let (mut found, mut end, mut left) = (Vec::new(), reader.len() + 1, within.scanned_max);
        while end > 1 && left > 0 {
            let start = end.saturating_sub(WINDOW.min(left)).max(1);
            let mut window = Vec::new();
            for entry in reader.read_from(EntryNumber(start)).take(usize::try_from(end - start).unwrap_or(0))
            {
                let entry = entry?;
                let act = codec::read(entry.number, entry.kind, &entry.body)?;
                let words = history::about(&act, number, &self.zone);
                if !words.is_empty() {
                    window.push(Told { entry: entry.number, at: entry.at, by: act.by, words });
                }
            }
            found.extend(window.into_iter().rev());
            left -= end - start;
            end = start;
            if found.len() >= within.shown_max {
                let whole = end <= 1 && found.len() == within.shown_max;
                found.truncate(within.shown_max);
                return Ok((found, whole));
            }
        }
        Ok((found, end <= 1))
    }

    /// The picture as it lies in a data directory, read beside whoever writes it.
    ///
    /// # Errors
    /// A book that cannot be read, or an entry that is not understood.
    pub fn look_at(data_dir: &Path, keys: &Keys) -> Result<AccessBook, Fault> {
        let dir = crate::ControlRoom::book_dir(data_dir);
        let reader = Reader::open(&dir, &Self::book_name(), keys, Arc::new(RealDisk))?;
        replay(&reader)
    }
}
