//! A sparse index of one segment, in memory: a place to start from every 32 entries, so that any entry is a short
//! read away. Built by walking the segment once (no decryption), extended as the segment grows.

use crate::Fault;
use crate::recovery::Segment;
use crate::walker::{Place, Stop, Walker};

const ENTRIES_APART: u64 = 32;

pub(crate) struct SegmentIndex {
    points: Vec<Place>,
    end: Place,
}

impl SegmentIndex {
    pub fn new(segment: &Segment) -> Self {
        Self { points: vec![segment.start()], end: segment.start() }
    }

    /// Walks on to `end` (a commit's end). A break in the chain is damage at the entry it names.
    pub fn extend(&mut self, segment: &Segment, end: u64) -> Result<(), Fault> {
        if self.end.offset >= end {
            return Ok(());
        }
        let mut walker = Walker::new(segment.file.clone(), self.end, end, false);
        loop {
            match walker.next() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(stop) => return Err(damage(segment, stop)),
            }
            let place = walker.place();
            if self.points.last().is_none_or(|last| place.number >= last.number + ENTRIES_APART) {
                self.points.push(place);
            }
        }
        self.end = walker.place();
        Ok(())
    }

    /// The nearest place at or before entry `number`.
    pub fn before(&self, number: u64) -> Option<Place> {
        let after = self.points.partition_point(|place| place.number <= number);
        self.points.get(after.checked_sub(1)?).copied()
    }
}

/// A walk's stop as a fault that names the file.
pub(crate) fn damage(segment: &Segment, stop: Stop) -> Fault {
    match stop {
        Stop::Broken { number, what } => Fault::damaged(&segment.path, Some(number), what),
        Stop::Disk(e) => Fault::io("read", &segment.path, e),
    }
}
