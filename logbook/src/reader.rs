//! Reading a book, also while it is being written: only entries that are durable, in order or one by one.
//!
//! A reader handed out by a loggist knows from it what is durable. A reader opened on a folder syncs the segment
//! itself before it believes its end. Every body is authenticated as it is read. Reads go on when recording stops.

use crate::disk::Disk;
use crate::format::Names;
use crate::heads::read_file;
use crate::index::{SegmentIndex, damage};
use crate::keys::Keys;
use crate::loggist::Shared;
use crate::recovery::{Segment, ordinals};
use crate::sealing::{BookKey, SegmentCipher};
use crate::walker::{RawEntry, Walker};
use crate::{Entry, Fault};
use basics::{BookName, EntryNumber};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Segments whose indexes are kept in memory (about 150 kB each).
const INDEXES_MAX: usize = 64;

/// Reads one book.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    book: BookName,
    names: Names,
    key: [u8; 32],
    book_key: BookKey,
    disk: Arc<dyn Disk>,
    live: Option<Arc<Shared>>,
    view: Mutex<View>,
}

/// How far the reader believes the book.
#[derive(Default)]
struct View {
    segments: Vec<Arc<Segment>>,
    indexes: HashMap<u32, SegmentIndex>,
    size: u64,
    /// Where the last segment's durable commits end.
    end: u64,
    /// What the last segment holds beyond: damage, unless it was never finished.
    damage: Option<(PathBuf, u64, String)>,
}

impl Reader {
    /// Opens the book in `dir` for reading. An absent book reads as empty.
    pub fn open(dir: &Path, book: &BookName, keys: &Keys, disk: Arc<dyn Disk>) -> Result<Self, Fault> {
        Self::build(dir, book, keys, disk, None)
    }

    pub(crate) fn build(
        dir: &Path,
        book: &BookName,
        keys: &Keys,
        disk: Arc<dyn Disk>,
        live: Option<Arc<Shared>>,
    ) -> Result<Self, Fault> {
        let inner = Inner {
            dir: dir.to_owned(),
            book: book.clone(),
            names: Names::of(book),
            key: keys.verifying_key(),
            book_key: BookKey::of(keys, book),
            disk,
            live,
            view: Mutex::default(),
        };
        let reader = Self { inner: Arc::new(inner) };
        reader.refresh()?;
        Ok(reader)
    }

    /// Takes note of what was recorded since; needed only by readers opened on a folder.
    pub fn refresh(&self) -> Result<(), Fault> {
        self.inner.refresh(&mut self.inner.view()).map(|_| ())
    }

    /// How many entries can be read: exactly those that are durable.
    pub fn len(&self) -> u64 {
        match &self.inner.live {
            Some(live) => live.durable().size,
            None => self.inner.view().size,
        }
    }

    /// Whether the book holds nothing yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every entry from `from` on, in order, up to what is durable now. Ends after the first error.
    pub fn read_from(&self, from: EntryNumber) -> Entries {
        Entries {
            inner: self.inner.clone(),
            segment: None,
            next: from.0.max(1),
            last: self.len(),
            failed: false,
        }
    }

    /// One entry; `None` past the end.
    pub fn entry(&self, number: EntryNumber) -> Result<Option<Entry>, Fault> {
        if number.0 == 0 {
            return Ok(None);
        }
        if number.0 > self.len() {
            return self.inner.missing(number.0).map_or(Ok(None), Err);
        }
        let (segment, mut walker) = self.inner.walker_at(number.0, 64 << 10)?;
        let cipher = self.inner.book_key.segment(&segment.header.salt);
        loop {
            match walker.next() {
                Ok(Some(raw)) if raw.number == number.0 => return open(&segment, &cipher, &raw).map(Some),
                Ok(Some(_)) => {}
                Ok(None) => return Err(ends_early(&segment, number.0)),
                Err(stop) => return Err(damage(&segment, stop)),
            }
        }
    }
}

/// The entries of a book in order; see [`Reader::read_from`].
pub struct Entries {
    inner: Arc<Inner>,
    segment: Option<(Arc<Segment>, SegmentCipher, Walker)>,
    next: u64,
    last: u64,
    failed: bool,
}

impl Entries {
    fn step(&mut self) -> Result<Option<Entry>, Fault> {
        loop {
            if self.next > self.last {
                return self.inner.missing(self.next).map_or(Ok(None), Err);
            }
            let (segment, cipher, walker) = match &mut self.segment {
                Some(current) => current,
                none => {
                    let (segment, walker) = self.inner.walker_at(self.next, 1 << 20)?;
                    let cipher = self.inner.book_key.segment(&segment.header.salt);
                    none.insert((segment, cipher, walker))
                }
            };
            match walker.next() {
                Ok(Some(raw)) if raw.number < self.next => continue,
                Ok(Some(raw)) => {
                    self.next = raw.number + 1;
                    return open(segment, cipher, &raw).map(Some);
                }
                Ok(None) => {}
                Err(stop) => return Err(damage(segment, stop)),
            }
            let due = walker.place().number;
            if due != self.next || !self.inner.goes_on_after(segment, due) {
                return Err(ends_early(segment, due));
            }
            self.segment = None;
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        step.transpose()
    }
}

fn open(segment: &Segment, cipher: &SegmentCipher, raw: &RawEntry<'_>) -> Result<Entry, Fault> {
    let Some(body) = cipher.open(raw) else {
        return Err(Fault::damaged(&segment.path, Some(raw.number), "the entry is not as it was sealed"));
    };
    Ok(Entry { number: EntryNumber(raw.number), at: raw.header.at, kind: raw.header.kind, body })
}

fn ends_early(segment: &Segment, number: u64) -> Fault {
    Fault::damaged(&segment.path, Some(number), "the segment ends before this entry")
}

impl Inner {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Damage known to lie at `number`, just past what can be read.
    fn missing(&self, number: u64) -> Option<Fault> {
        let view = self.view();
        let (file, first, what) = view.damage.as_ref()?;
        (number >= *first).then(|| Fault::damaged(file, Some(*first), what.clone()))
    }

    /// Whether a later segment begins with entry `due`.
    fn goes_on_after(&self, segment: &Segment, due: u64) -> bool {
        let later = |s: &&Arc<Segment>| s.header.ordinal > segment.header.ordinal;
        let view = self.view();
        view.segments.iter().find(later).is_some_and(|s| s.header.first == due)
    }

    /// A walk that stands at most a few entries before `number`, with the segment it is in.
    fn walker_at(&self, number: u64, read_bytes: usize) -> Result<(Arc<Segment>, Walker), Fault> {
        let mut view = self.view();
        self.refresh_live(&mut view)?;
        // The last of several segments with the same first entry is the one that holds it; the others are empty.
        let at = view.segments.partition_point(|s| s.header.first <= number);
        let Some(segment) = at.checked_sub(1).and_then(|at| view.segments.get(at)).cloned() else {
            return Err(Fault::damaged(
                &self.dir.join(self.names.segment(1)),
                Some(number),
                "the segment is missing",
            ));
        };
        let end = if at == view.segments.len() { view.end } else { segment.length()? };
        let place = if segment.header.first == number {
            segment.start()
        } else {
            if view.indexes.len() >= INDEXES_MAX && !view.indexes.contains_key(&segment.header.ordinal) {
                view.indexes.clear();
            }
            let index =
                view.indexes.entry(segment.header.ordinal).or_insert_with(|| SegmentIndex::new(&segment));
            index.extend(&segment, end)?;
            index.before(number).unwrap_or(segment.start())
        };
        let walker = Walker::new(segment.file.clone(), place, end, false).reading(read_bytes);
        Ok((segment, walker))
    }

    fn refresh_live(&self, view: &mut View) -> Result<(), Fault> {
        if self.live.is_some() { self.refresh(view) } else { Ok(()) }
    }

    fn refresh(&self, view: &mut View) -> Result<(), Fault> {
        if let Some(live) = &self.live {
            let durable = live.durable();
            for ordinal in view.segments.len() as u32 + 1..=durable.ordinal {
                self.add_segment(view, ordinal)?;
            }
            (view.size, view.end) = (durable.size, durable.end);
            return Ok(());
        }
        match ordinals(&*self.disk, &self.dir, &self.names) {
            Ok(found) => {
                for ordinal in found.into_iter().skip(view.segments.len()) {
                    self.add_segment(view, ordinal)?;
                }
            }
            Err(Fault::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
        self.find_end(view)
    }

    fn add_segment(&self, view: &mut View, ordinal: u32) -> Result<(), Fault> {
        let path = self.dir.join(self.names.segment(ordinal));
        let segment = Segment::open(&*self.disk, path, (&self.book, ordinal, Some(&self.key)), false)?;
        view.segments.push(Arc::new(segment));
        Ok(())
    }

    /// Finds where whole commits end on the disk, and makes sure that they are on it.
    fn find_end(&self, view: &mut View) -> Result<(), Fault> {
        let heads_path = self.dir.join(self.names.heads());
        let head = read_file(&*self.disk, &heads_path)?.into_iter().rev().find_map(Result::ok);
        let promised = head.map_or(0, |head| head.size);
        let Some(segment) = view.segments.last().cloned() else {
            view.damage = (promised > 0).then(|| {
                (
                    self.dir.join(self.names.segment(1)),
                    1,
                    format!("missing; a signed head speaks of {promised} entries"),
                )
            });
            return Ok(());
        };
        let walked = segment.walk_to_end(segment.start(), false, |_, _| {})?;
        segment.file.sync_data().map_err(|e| Fault::io("sync", &segment.path, e))?;
        (view.size, view.end) = (walked.end.number - 1, walked.end.offset);
        view.damage = (promised > view.size).then(|| {
            let (number, what) = walked.broken.unwrap_or((view.size + 1, "the entries end here"));
            (
                segment.path.clone(),
                number.max(view.size + 1),
                format!("{what}; a signed head speaks of {promised} entries"),
            )
        });
        Ok(())
    }
}
