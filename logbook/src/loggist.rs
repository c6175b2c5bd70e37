//! The loggist: the one who writes a book. Hand it an entry; it answers once the entry is on the disk.
//!
//! `submit` seals the entry on the caller's thread (so sealing goes on while the disk is busy) and lays it in the
//! next commit; the loggist's thread writes each commit with one write and one `fdatasync` and only then answers.
//! Never acknowledges what is not durable; never retries a failed sync; when the disk is full it refuses, keeps
//! nothing of the refused entries, and goes on by itself when there is room. Called by `control_room`; proved by
//! tests kill, power_cut, faulty_disk and full_disk.

use crate::bundle::export_with;
use crate::disk::Disk;
use crate::entry::{Options, Seal, Sealed};
use crate::format::{
    COMMIT_HEADER_BYTES, ENTRY_EXTRA_BYTES, Head, Names, SEGMENT_HEADER_BYTES, SegmentHeader,
};
use crate::heads::HeadsFile;
use crate::keys::{Keys, fill_random};
use crate::recovery::{Found, Opened, SetAside, ordinals, recover};
use crate::sealing::{BookKey, SegmentCipher};
use crate::writer::{Writer, keep_heads};
use crate::{BODY_BYTES_MAX, COMMIT_BYTES_MAX, Fault, Reader, chain};
use basics::{BookName, EntryNumber, Moment};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Owns one book for writing.
pub struct Loggist {
    shared: Arc<Shared>,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    writer: Option<JoinHandle<()>>,
    heads: Option<JoinHandle<()>>,
    _lock: Box<dyn Send + Sync>,
}

/// What a screen says about a book's recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Entries are being kept.
    Recording {
        /// Durable entries.
        size: u64,
        /// The book's state, signed now.
        head: Head,
    },
    /// The disk was full at the last commit: entries are refused until there is room; nothing needs restarting.
    Full {
        /// The moment of the first entry refused.
        since: Moment,
        /// Durable entries.
        size: u64,
        /// The book's state, signed now.
        head: Head,
    },
    /// Recording has stopped until the book is opened again; reading goes on.
    Stopped {
        /// The moment of the entry at which it stopped.
        since: Moment,
        /// Why, in words.
        why: String,
        /// Durable entries.
        size: u64,
        /// The book's state, signed now.
        head: Head,
    },
}

/// Where a chain stands: after `size` entries.
#[derive(Clone)]
pub(crate) struct Tip {
    pub size: u64,
    pub seal: [u8; 32],
    pub link: [u8; 32],
    pub at: Moment,
    /// The segment being written by this loggist; `None` until its first entry.
    pub segment: Option<Arc<OpenSegment>>,
    /// Ordinal of the book's last segment; 0 when there is none.
    pub ordinal: u32,
    /// Where that segment's commits end.
    pub end: u64,
}

/// A segment that this loggist made.
pub(crate) struct OpenSegment {
    pub ordinal: u32,
    pub header: Vec<u8>,
    pub cipher: SegmentCipher,
}

type OnOne = Box<dyn FnOnce(Result<Sealed, Fault>) + Send>;
type OnMany = Box<dyn FnOnce(Result<Vec<Sealed>, Fault>) + Send>;

/// Who waits for an answer.
pub(crate) enum Waiting {
    One(Sealed, OnOne),
    Many(Vec<Sealed>, OnMany),
}

/// Sealed entries on their way into one commit.
pub(crate) struct Batch {
    /// Room for the commit header, then the entries.
    pub bytes: Vec<u8>,
    pub entries: u32,
    pub first: u64,
    pub attempt: u32,
    pub previous_link: [u8; 32],
    /// The segment to begin before this commit.
    pub begins: Option<Arc<OpenSegment>>,
    /// Where the chain stands after this commit.
    pub after: Option<Tip>,
    pub waiting: Vec<Waiting>,
    pub since: Moment,
}

impl Batch {
    pub fn empty(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        bytes.resize(COMMIT_HEADER_BYTES, 0);
        Self {
            bytes,
            entries: 0,
            first: 0,
            attempt: 0,
            previous_link: [0; 32],
            begins: None,
            after: None,
            waiting: Vec::new(),
            since: Moment::default(),
        }
    }
}

pub(crate) struct State {
    /// Sealed, perhaps not yet written.
    pub tip: Tip,
    /// Written and synced.
    pub durable: Tip,
    pub pending: Batch,
    /// Goes up when sealed entries were given up, so that no nonce is used twice.
    pub attempt: u32,
    /// Entries for which the writer waits; 0 when it is not waiting.
    pub wanted: u32,
    pub full_since: Option<Moment>,
    pub stopped: Option<(Moment, String)>,
    pub closing: bool,
    pub writer_gone: bool,
}

pub(crate) struct Shared {
    pub state: Mutex<State>,
    /// For the writer: entries are pending, or closing.
    pub work: Condvar,
    /// For appenders that found no room, and the keeper of heads: a commit ended.
    pub committed: Condvar,
    /// For the keeper of heads between two heads: the writer has ended.
    pub ended: Condvar,
    pub keys: Keys,
    pub book: BookName,
    pub options: Options,
    book_key: BookKey,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn durable(&self) -> Tip {
        self.lock().durable.clone()
    }

    pub fn sign(&self, tip: &Tip) -> Head {
        Head::sign(&self.book, tip.size, Seal(tip.seal), tip.at, &self.keys.signing())
    }
}

impl State {
    pub fn refusal(&self) -> Option<Fault> {
        if let Some((since, why)) = &self.stopped {
            return Some(Fault::Stopped { since: *since, why: why.clone() });
        }
        (self.closing || self.writer_gone).then_some(Fault::Closed)
    }
}

impl Loggist {
    /// Opens (or begins) the book in `dir` for writing: checks it, sets an unfinished tail aside, takes the lock.
    /// `at` is now; it stands in the head of a book that has no entry yet.
    pub fn open(
        dir: &Path,
        book: BookName,
        keys: &Keys,
        disk: Arc<dyn Disk>,
        options: Options,
        at: Moment,
    ) -> Result<(Self, Opened), Fault> {
        let names = Names::of(&book);
        disk.create_dir(dir).map_err(|e| Fault::io("make the folder", dir, e))?;
        let lock_path = dir.join(names.lock());
        let lock = disk.lock(&lock_path).map_err(|e| Fault::io("lock", &lock_path, e))?;
        let lock = lock.ok_or(Fault::InUse(lock_path))?;
        let heads = HeadsFile::open(&*disk, dir, &names)?;
        let found = recover(&*disk, dir, (&book, &names, &keys.verifying_key()), heads.last.as_ref())?;
        let opened = opened(&found, &heads);
        let tip = Tip {
            size: found.size,
            seal: found.seal,
            link: found.link,
            at: found.at.or(heads.last.as_ref().map(|head| head.at)).unwrap_or(at),
            segment: None,
            ordinal: found.segments.last().map_or(0, |segment| segment.header.ordinal),
            end: found.segments.last().map_or(Ok(0), |segment| segment.length())?,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                tip: tip.clone(),
                durable: tip,
                pending: Batch::empty(Vec::new()),
                attempt: 0,
                wanted: 0,
                full_since: None,
                stopped: None,
                closing: false,
                writer_gone: false,
            }),
            work: Condvar::new(),
            committed: Condvar::new(),
            ended: Condvar::new(),
            book_key: BookKey::of(keys, &book),
            keys: keys.copy(),
            book,
            options,
        });
        let writer = Writer::new(shared.clone(), dir, names, disk.clone());
        let thread = |name: &str| std::thread::Builder::new().name(format!("{name} {}", shared.book));
        let spawn = |e| Fault::io("start a thread for", dir, e);
        let writer = thread("loggist").spawn(move || writer.run()).map_err(spawn)?;
        let keeper = shared.clone();
        let heads = thread("heads").spawn(move || keep_heads(&keeper, heads)).map_err(spawn)?;
        let loggist =
            Self { shared, dir: dir.to_owned(), disk, writer: Some(writer), heads: Some(heads), _lock: lock };
        Ok((loggist, opened))
    }

    /// Keeps one entry. `done` is called once, on the loggist's thread, after `fdatasync` returned (keep it short:
    /// the next commit waits for it); a refusal that is clear at once calls it on this thread.
    pub fn submit(
        &self,
        kind: u16,
        body: impl AsRef<[u8]>,
        at: Moment,
        done: impl FnOnce(Result<Sealed, Fault>) + Send + 'static,
    ) {
        self.submit_parts(kind, &[body.as_ref()], at, done);
    }

    /// As `submit`, with the body in several parts that are laid end to end without being copied together first.
    pub fn submit_parts(
        &self,
        kind: u16,
        parts: &[&[u8]],
        at: Moment,
        done: impl FnOnce(Result<Sealed, Fault>) + Send + 'static,
    ) {
        let mut state = self.shared.lock();
        match self.seal(&mut state, kind, parts, at) {
            Ok(sealed) => {
                state.pending.waiting.push(Waiting::One(sealed, Box::new(done)));
                self.announce(&mut state);
            }
            Err(fault) => {
                drop(state);
                done(Err(fault));
            }
        }
    }

    /// Keeps one entry and waits until it is durable.
    pub fn append(&self, kind: u16, body: impl AsRef<[u8]>, at: Moment) -> Result<Sealed, Fault> {
        let (answer, answered) = sync_channel(1);
        let mut state = self.wait_for_room(body.as_ref().len());
        let sealed = self.seal(&mut state, kind, &[body.as_ref()], at)?;
        let done = move |result| drop(answer.send(result));
        state.pending.waiting.push(Waiting::One(sealed, Box::new(done)));
        self.announce(&mut state);
        drop(state);
        answered.recv().unwrap_or(Err(Fault::Closed))
    }

    /// Keeps many entries in one commit and waits until they are durable: all of them or none. Together at most
    /// `COMMIT_BYTES_MAX` with 64 bytes for each entry.
    pub fn append_batch(&self, entries: Vec<(u16, Vec<u8>, Moment)>) -> Result<Vec<Sealed>, Fault> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let bytes: usize = entries.iter().map(|(_, body, _)| body.len() + ENTRY_EXTRA_BYTES).sum();
        if bytes > COMMIT_BYTES_MAX {
            return Err(Fault::TooLarge { bytes, bytes_max: COMMIT_BYTES_MAX });
        }
        if let Some((_, body, _)) = entries.iter().find(|(_, body, _)| body.len() > BODY_BYTES_MAX) {
            return Err(Fault::TooLarge { bytes: body.len(), bytes_max: BODY_BYTES_MAX });
        }
        let (answer, answered) = sync_channel(1);
        let mut state = self.wait_for_room(bytes);
        let mut sealed = Vec::with_capacity(entries.len());
        for (kind, body, at) in &entries {
            sealed.push(self.seal(&mut state, *kind, &[body.as_slice()], *at)?);
        }
        state.pending.waiting.push(Waiting::Many(sealed, Box::new(move |result| drop(answer.send(result)))));
        self.announce(&mut state);
        drop(state);
        answered.recv().unwrap_or(Err(Fault::Closed))
    }

    /// What screens say about this book's recording.
    pub fn status(&self) -> Status {
        let state = self.shared.lock();
        let (durable, full, stopped) = (state.durable.clone(), state.full_since, state.stopped.clone());
        drop(state);
        let (size, head) = (durable.size, self.shared.sign(&durable));
        match (stopped, full) {
            (Some((since, why)), _) => Status::Stopped { since, why, size, head },
            (None, Some(since)) => Status::Full { since, size, head },
            (None, None) => Status::Recording { size, head },
        }
    }

    /// The book's durable state, signed now: for witnesses and for print.
    pub fn head(&self) -> Head {
        self.shared.sign(&self.shared.durable())
    }

    /// Every durable entry as a bundle for another machine, while this loggist goes on writing; `None` when the book's
    /// files hold more than `bytes_max` bytes, for a bundle is put together in memory. `at` stands in its head.
    pub fn export(&self, at: Moment, bytes_max: u64) -> Result<Option<(Head, Vec<u8>)>, Fault> {
        let to = EntryNumber(self.len());
        let names = Names::of(&self.shared.book);
        let mut bytes = 0u64;
        for ordinal in ordinals(&*self.disk, &self.dir, &names)? {
            let path = self.dir.join(names.segment(ordinal));
            let file = self.disk.open_read(&path).map_err(|e| Fault::io("open", &path, e))?;
            bytes += file.len().map_err(|e| Fault::io("measure", &path, e))?;
        }
        if bytes > bytes_max {
            return Ok(None);
        }
        let mut out = Vec::new();
        let place = (self.dir.as_path(), &*self.disk);
        let all = (EntryNumber(1), to);
        let head = export_with(place, &self.shared.book, &self.shared.keys, all, at, &mut out)?;
        Ok(Some((head, out)))
    }

    /// How many entries are durable.
    pub fn len(&self) -> u64 {
        self.shared.lock().durable.size
    }

    /// Whether no entry is durable yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A reader of this book that always sees exactly the durable entries.
    pub fn reader(&self) -> Result<Reader, Fault> {
        Reader::build(
            &self.dir,
            &self.shared.book,
            &self.shared.keys,
            self.disk.clone(),
            Some(self.shared.clone()),
        )
    }

    /// Commits what is pending, trims the segment, signs the last head and lets the book go.
    pub fn close(mut self) -> Result<Head, Fault> {
        self.finish();
        let state = self.shared.lock();
        match &state.stopped {
            Some((since, why)) => Err(Fault::Stopped { since: *since, why: why.clone() }),
            None => Ok(self.shared.sign(&state.durable)),
        }
    }

    fn finish(&mut self) {
        self.shared.lock().closing = true;
        self.shared.work.notify_all();
        self.shared.committed.notify_all();
        for thread in [self.writer.take(), self.heads.take()].into_iter().flatten() {
            // A thread that panicked has nothing more to say; the state it left says whether recording stopped.
            drop(thread.join());
        }
    }

    fn announce(&self, state: &mut State) {
        if state.wanted > 0 && state.pending.entries >= state.wanted {
            state.wanted = 0;
            self.shared.work.notify_one();
        }
    }

    fn wait_for_room(&self, bytes: usize) -> MutexGuard<'_, State> {
        let mut state = self.shared.lock();
        while state.refusal().is_none()
            && state.pending.entries > 0
            && state.pending.bytes.len() + bytes + ENTRY_EXTRA_BYTES > COMMIT_BYTES_MAX
        {
            state = self.shared.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    /// Seals one entry into the pending commit, beginning a new segment where one is due.
    fn seal(&self, state: &mut State, kind: u16, parts: &[&[u8]], at: Moment) -> Result<Sealed, Fault> {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        if bytes > BODY_BYTES_MAX {
            return Err(Fault::TooLarge { bytes, bytes_max: BODY_BYTES_MAX });
        }
        if state.pending.entries > 0
            && state.pending.bytes.len() + bytes + ENTRY_EXTRA_BYTES > COMMIT_BYTES_MAX
        {
            return Err(Fault::Busy);
        }
        let State { tip, pending, attempt, .. } = state;
        if pending.entries == 0 {
            let full = tip.end >= self.shared.options.segment_bytes_max;
            if full || tip.segment.is_none() {
                let segment = Arc::new(self.shared.begin_segment(tip, at)?);
                tip.link = chain::segment_link(&segment.header);
                (tip.ordinal, tip.end) = (segment.ordinal, SEGMENT_HEADER_BYTES as u64);
                tip.segment = Some(segment.clone());
                pending.begins = Some(segment);
            }
            (pending.first, pending.attempt, pending.since) = (tip.size + 1, *attempt, at);
            pending.previous_link = tip.link;
            tip.end += COMMIT_HEADER_BYTES as u64;
        }
        let segment = tip.segment.as_ref().ok_or(Fault::Closed)?;
        let seal = segment
            .cipher
            .seal(&mut pending.bytes, &tip.link, tip.size + 1, *attempt, (kind, at), parts)
            .ok_or(Fault::TooLarge { bytes, bytes_max: BODY_BYTES_MAX })?;
        (tip.size, tip.seal, tip.link, tip.at) = (tip.size + 1, seal, seal, at);
        tip.end += (bytes + ENTRY_EXTRA_BYTES) as u64;
        pending.entries += 1;
        pending.after = Some(tip.clone());
        Ok(Sealed { number: EntryNumber(tip.size), seal: Seal(seal) })
    }
}

impl Shared {
    fn begin_segment(&self, tip: &Tip, at: Moment) -> Result<OpenSegment, Fault> {
        let mut salt = [0; 32];
        fill_random(&mut salt)?;
        let header = SegmentHeader {
            ordinal: tip.ordinal + 1,
            first: tip.size + 1,
            at,
            salt,
            previous_link: tip.link,
            previous_seal: tip.seal,
            key: self.keys.verifying_key(),
            book: self.book.clone(),
        };
        let cipher = self.book_key.segment(&salt);
        Ok(OpenSegment { ordinal: header.ordinal, header: header.signed(&self.keys.signing()), cipher })
    }
}

impl Drop for Loggist {
    fn drop(&mut self) {
        self.finish();
    }
}

fn opened(found: &Found, heads: &HeadsFile) -> Opened {
    let mut set_aside = found.set_aside.clone();
    set_aside
        .extend(heads.set_aside.iter().map(|(file, bytes)| SetAside { file: file.clone(), bytes: *bytes }));
    Opened { entries: found.size, seal: Seal(found.seal), segments: found.segments.len() as u32, set_aside }
}
