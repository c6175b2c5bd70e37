//! Opening a book for writing: what is there, where it ends, and what a power cut left behind.
//!
//! Only the last commit can be unfinished, because each is synced before the next is written. Bytes after the last
//! whole commit are therefore an unfinished tail only if no later commit and no signed head shows that the place had
//! been whole once; then they are set aside in a `torn-…` file and reported. Everything else is damage, and opening
//! refuses, naming file and entry. At opening, the last segment is checked in full, earlier ones by their signed
//! headers and their last seals; `verify` checks everything.

use crate::chain::segment_link;
use crate::disk::{Disk, DiskFile, put_whole, read_full_at, write_again};
use crate::format::{COMMIT_MAGIC, CommitHeader, Head, Names, SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::walker::{Place, Stop, Walker};
use crate::{Fault, Seal};
use basics::{BookName, Moment};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An unfinished tail that was moved out of the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    /// Where its bytes are kept.
    pub file: PathBuf,
    /// How many.
    pub bytes: u64,
}

/// What opening a book found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Entries in the book.
    pub entries: u64,
    /// The seal of the last entry; zeros when there is none.
    pub seal: Seal,
    /// Segment files.
    pub segments: u32,
    /// Unfinished tails that were set aside: entries that were never acknowledged, or an unfinished head.
    pub set_aside: Vec<SetAside>,
}

/// A segment as its header and its file describe it.
#[derive(Clone)]
pub(crate) struct Segment {
    pub header: SegmentHeader,
    pub path: PathBuf,
    pub file: Arc<dyn DiskFile>,
    /// The link that follows from the header.
    pub link: [u8; 32],
}

impl Segment {
    /// Opens a segment and checks everything its header says against `key` (where known), book and ordinal.
    pub fn open(
        disk: &dyn Disk,
        path: PathBuf,
        (book, ordinal, key): (&BookName, u32, Option<&[u8; 32]>),
        write: bool,
    ) -> Result<Self, Fault> {
        let opened = if write { disk.open_write(&path) } else { disk.open_read(&path) };
        let file = opened.map_err(|e| Fault::io("open", &path, e))?;
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        read_full_at(&*file, &mut bytes, 0).map_err(|e| Fault::io("read", &path, e))?;
        let Some(header) = SegmentHeader::parse(&bytes) else {
            return Err(Fault::damaged(&path, None, "its header is not whole or not signed by its key"));
        };
        if header.book != *book || header.ordinal != ordinal {
            return Err(Fault::damaged(&path, Some(header.first), "its header belongs to another file"));
        }
        if key.is_some_and(|key| *key != header.key) {
            return Err(Fault::damaged(&path, Some(header.first), "another site's key signed its header"));
        }
        Ok(Self { header, path, file, link: segment_link(&bytes) })
    }

    pub fn start(&self) -> Place {
        Place {
            offset: SEGMENT_HEADER_BYTES as u64,
            number: self.header.first,
            link: self.link,
            attempt: 0,
            left: 0,
            payload: 0,
        }
    }

    pub fn length(&self) -> Result<u64, Fault> {
        self.file.len().map_err(|e| Fault::io("measure", &self.path, e))
    }

    /// Walks from `from` to the end and says where whole commits end, and why there.
    pub fn walk_to_end(
        &self,
        from: Place,
        check_seals: bool,
        mut each: impl FnMut(&Place, Moment),
    ) -> Result<Walked, Fault> {
        let length = self.length()?;
        let mut walker = Walker::new(self.file.clone(), from, length, check_seals);
        let (mut begin, mut end, mut end_at) = (from.offset, from, None);
        let broken = loop {
            match walker.next() {
                Ok(Some(raw)) => {
                    let at = raw.header.at;
                    let place = walker.place();
                    each(&place, at);
                    if place.left == 0 {
                        (begin, end, end_at) = (end.offset, place, Some(at));
                    }
                }
                Ok(None) => break None,
                Err(Stop::Broken { number, what }) => break Some((number, what)),
                Err(Stop::Disk(e)) => return Err(Fault::io("read", &self.path, e)),
            }
        };
        Ok(Walked { begin, end, at: end_at, broken, length })
    }
}

/// Where whole commits end in a segment.
pub(crate) struct Walked {
    /// Where the last whole commit begins.
    pub begin: u64,
    pub end: Place,
    /// The moment of the last whole entry, when there was one.
    pub at: Option<Moment>,
    /// The first entry not to be trusted, and why, when more than zeros follow.
    pub broken: Option<(u64, &'static str)>,
    pub length: u64,
}

/// The ordinals of a book's segments in its folder, in order; a gap is damage.
pub(crate) fn ordinals(disk: &dyn Disk, dir: &Path, names: &Names) -> Result<Vec<u32>, Fault> {
    let listed = disk.list(dir).map_err(|e| Fault::io("list", dir, e))?;
    let mut found: Vec<u32> = listed.iter().filter_map(|name| names.ordinal(name)).collect();
    found.sort_unstable();
    for (due, have) in (1..).zip(&found) {
        if due != *have {
            return Err(Fault::damaged(&dir.join(names.segment(due)), None, "the segment is missing"));
        }
    }
    Ok(found)
}

/// A book found whole: its segments, its end.
pub(crate) struct Found {
    pub segments: Vec<Segment>,
    pub size: u64,
    pub seal: [u8; 32],
    pub link: [u8; 32],
    pub at: Option<Moment>,
    pub set_aside: Vec<SetAside>,
}

/// Reads the book in `dir`, sets an unfinished tail aside, trims what was filled ahead.
pub(crate) fn recover(
    disk: &dyn Disk,
    dir: &Path,
    (book, names, key): (&BookName, &Names, &[u8; 32]),
    head: Option<&Head>,
) -> Result<Found, Fault> {
    let mut segments: Vec<Segment> = Vec::new();
    for ordinal in ordinals(disk, dir, names)? {
        let path = dir.join(names.segment(ordinal));
        let next = Segment::open(disk, path, (book, ordinal, Some(key)), true)?;
        follows(segments.last(), &next)?;
        segments.push(next);
    }
    let Some(last) = segments.last() else {
        if let Some(head) = head.filter(|head| head.size > 0) {
            let path = dir.join(names.segment(1));
            return Err(Fault::damaged(
                &path,
                Some(1),
                format!("it is missing; a signed head speaks of {} entries", head.size),
            ));
        }
        return Ok(Found {
            segments,
            size: 0,
            seal: [0; 32],
            link: [0; 32],
            at: None,
            set_aside: Vec::new(),
        });
    };
    let mut seal_at_head = None;
    let walked = last.walk_to_end(last.start(), true, |place, _| {
        if head.is_some_and(|head| head.size + 1 == place.number) {
            seal_at_head = Some(place.link);
        }
    })?;
    let size = walked.end.number - 1;
    if let Some(head) = head {
        against_head(last, size, seal_at_head, head, &walked)?;
    }
    let set_aside = trim(disk, dir, names, last, &walked)?;
    let seal = if walked.at.is_some() { walked.end.link } else { last.header.previous_seal };
    Ok(Found {
        size,
        seal,
        link: walked.end.link,
        at: walked.at,
        set_aside: set_aside.into_iter().collect(),
        segments,
    })
}

/// The header of `next` must take up where the segment before ended.
fn follows(before: Option<&Segment>, next: &Segment) -> Result<(), Fault> {
    let damaged = |what: &str| Err(Fault::damaged(&next.path, Some(next.header.first), what));
    let Some(before) = before else {
        let fresh = next.header.first == 1
            && next.header.previous_link == [0; 32]
            && next.header.previous_seal == [0; 32];
        return if fresh {
            Ok(())
        } else {
            damaged("a first segment begins with entry 1 and nothing before")
        };
    };
    if next.header.first < before.header.first {
        return damaged("its entries begin before those of the segment before");
    }
    let ended = if next.header.first == before.header.first {
        before.link
    } else {
        let mut seal = [0; 32];
        let end = before.length()?;
        read_full_at(&*before.file, &mut seal, end.saturating_sub(32))
            .map_err(|e| Fault::io("read", &before.path, e))?;
        seal
    };
    if ended != next.header.previous_link {
        let what = "it does not end where the next segment begins";
        return Err(Fault::damaged(&before.path, Some(next.header.first.saturating_sub(1)), what));
    }
    Ok(())
}

/// What a signed head says must still be there.
fn against_head(
    last: &Segment,
    size: u64,
    seal_at_head: Option<[u8; 32]>,
    head: &Head,
    walked: &Walked,
) -> Result<(), Fault> {
    if head.key != last.header.key || head.book != last.header.book {
        return Err(Fault::damaged(&last.path, None, "its heads belong to another book or site"));
    }
    if head.size > size {
        let (number, what) = walked.broken.unwrap_or((size + 1, "the entries end here"));
        let what = format!("{what}; a signed head speaks of {} entries", head.size);
        return Err(Fault::damaged(&last.path, Some(number), what));
    }
    let expected = match seal_at_head {
        None if head.size + 1 == last.header.first => Some(last.header.previous_seal),
        seen => seen,
    };
    if expected.is_some_and(|seal| seal != head.seal.0) {
        return Err(Fault::damaged(
            &last.path,
            Some(head.size),
            "a signed head gives this entry another seal",
        ));
    }
    Ok(())
}

/// Cuts the last segment at its last whole commit; what is not zeros is set aside first. That commit is written again
/// and synced: a program killed before its sync, or stopped because the sync failed, leaves it whole to be read, though
/// the disk may not hold it; and what is opened now will be shown, numbered on from and answered for as kept.
fn trim(
    disk: &dyn Disk,
    dir: &Path,
    names: &Names,
    last: &Segment,
    walked: &Walked,
) -> Result<Option<SetAside>, Fault> {
    let end = walked.end.offset;
    if end == walked.length {
        write_again(&*last.file, walked.begin, end).map_err(|e| Fault::io("write again", &last.path, e))?;
        return Ok(None);
    }
    let tail = Tail::read(last, end, walked.length)?;
    if let Some(number) = tail.commit_after(walked.end.number) {
        let (broken, what) = walked.broken.unwrap_or((walked.end.number, "bytes of this commit are missing"));
        let what = format!("{what}; yet a commit that begins with entry {number} follows");
        return Err(Fault::damaged(&last.path, Some(broken), what));
    }
    let mut aside = None;
    if !tail.bytes.is_empty() {
        let file = last.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let path = dir.join(names.torn(&file, end));
        put_whole(disk, &path, &tail.bytes).map_err(|e| Fault::io("write", &path, e))?;
        aside = Some(SetAside { file: path, bytes: tail.bytes.len() as u64 });
    }
    last.file.set_len(end).map_err(|e| Fault::io("trim", &last.path, e))?;
    write_again(&*last.file, walked.begin, end).map_err(|e| Fault::io("write again", &last.path, e))?;
    Ok(aside)
}

/// The bytes after the last whole commit, without the zeros at their end.
pub(crate) struct Tail {
    pub bytes: Vec<u8>,
}

impl Tail {
    pub fn read(segment: &Segment, from: u64, length: u64) -> Result<Self, Fault> {
        let longest = (crate::COMMIT_BYTES_MAX as u64) * 2;
        let mut bytes = vec![0; (length - from).min(longest) as usize];
        let read = read_full_at(&*segment.file, &mut bytes, from)
            .map_err(|e| Fault::io("read", &segment.path, e))?;
        bytes.truncate(read);
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes.truncate(used);
        Ok(Self { bytes })
    }

    /// The first entry of a commit header that lies in the tail and is later than `number`: it was written only
    /// after the commit at `number` had been synced, so that one is damaged, not unfinished.
    pub fn commit_after(&self, number: u64) -> Option<u64> {
        self.bytes.windows(COMMIT_MAGIC.len()).enumerate().find_map(|(at, window)| {
            let header = (window == COMMIT_MAGIC).then(|| self.bytes.get(at..)).flatten()?;
            CommitHeader::parse(header).map(|header| header.first).filter(|first| *first > number)
        })
    }
}
