//! The loggist's two threads: one that commits, one that signs heads.
//!
//! A commit is one write and one `fdatasync`; only then are its entries answered for. A failed sync, or a write of
//! unknown outcome, stops recording for good and is never tried again (what the kernel dropped once, a second sync
//! would call safe). A full disk is the one refusal that leaves nothing in doubt: the file is cut back to its last
//! durable length and synced, and the refused entries are sealed anew, under another nonce, if they are sent again.

use crate::disk::{Disk, DiskFile, write_all_at};
use crate::format::{CommitHeader, Names};
use crate::heads::HeadsFile;
use crate::loggist::{Batch, OpenSegment, Shared, State, Waiting};
use crate::{Fault, entry::Sealed};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Zeros are written ahead in pieces of this size.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
/// A commit larger than this gains nothing from being filled ahead.
const FILL_COMMIT_BYTES_MAX: u64 = 256 << 10;

pub(crate) struct Writer {
    shared: Arc<Shared>,
    dir: PathBuf,
    names: Names,
    disk: Arc<dyn Disk>,
    file: Option<Open>,
}

/// The segment file being written.
struct Open {
    file: Arc<dyn DiskFile>,
    /// Where the next commit goes.
    end: u64,
    /// Up to where the file is filled with zeros.
    filled: u64,
}

/// What the next commit's gathering goes by.
#[derive(Clone, Copy, Default)]
struct LastCommit {
    /// Entries that were in flight: committed or waiting when the disk was done.
    company: u32,
    /// How long the disk took.
    took: Duration,
}

/// Begins to measure how long something takes on this thread; no moment of the day comes of it.
#[allow(clippy::disallowed_methods)]
fn stopwatch() -> Instant {
    Instant::now()
}

/// How a commit failed.
enum Failed {
    /// No room; nothing is left of it on the disk.
    Full,
    /// Nobody can say what is on the disk.
    Doubt(String),
}

impl Writer {
    pub fn new(shared: Arc<Shared>, dir: &Path, names: Names, disk: Arc<dyn Disk>) -> Self {
        Self { shared, dir: dir.to_owned(), names, disk, file: None }
    }

    pub fn run(mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.commits()));
        let mut state = self.shared.lock();
        state.writer_gone = true;
        if outcome.is_err() {
            stop(&mut state, "the loggist's thread failed".to_owned());
        }
        let left = std::mem::replace(&mut state.pending, Batch::empty(Vec::new()));
        drop(state);
        self.shared.committed.notify_all();
        self.shared.ended.notify_all();
        refuse(left.waiting, || Fault::Closed);
    }

    fn commits(&mut self) {
        let mut spare = Vec::new();
        let mut last = LastCommit::default();
        while let Some(mut batch) = self.next_batch(last, spare) {
            let began = stopwatch();
            let stored = self.store(&mut batch);
            let mut state = self.shared.lock();
            last = LastCommit { company: batch.entries + state.pending.entries, took: began.elapsed() };
            // A head's sync may have failed meanwhile: from that moment nothing more is acknowledged.
            let stored = match &state.stopped {
                Some((_, why)) => Err(Failed::Doubt(why.clone())),
                None => stored,
            };
            let after = batch.after.take();
            match (stored, after) {
                (Ok(()), Some(after)) => {
                    state.durable = after;
                    state.full_since = None;
                    drop(state);
                    self.shared.committed.notify_all();
                    acknowledge(&mut batch.waiting);
                }
                (Ok(()), None) => drop(state),
                (Err(Failed::Full), _) => {
                    self.give_up(&mut state, &mut batch);
                    drop(state);
                    self.shared.committed.notify_all();
                    refuse(batch.waiting.drain(..), || Fault::DiskFull);
                }
                (Err(Failed::Doubt(why)), _) => {
                    let (since, why) = state.stopped.get_or_insert((batch.since, why)).clone();
                    let left = std::mem::replace(&mut state.pending, Batch::empty(Vec::new()));
                    batch.waiting.extend(left.waiting);
                    drop(state);
                    self.shared.committed.notify_all();
                    refuse(batch.waiting.drain(..), || Fault::Stopped { since, why: why.clone() });
                }
            }
            spare = batch.bytes;
            // One huge body must not keep its memory for ever.
            if spare.capacity() > 8 << 20 {
                spare = Vec::new();
            }
        }
        self.trim_at_close();
    }

    /// Waits for entries and takes them; `None` when closing and nothing is left.
    fn next_batch(&self, last: LastCommit, spare: Vec<u8>) -> Option<Batch> {
        let mut state = self.shared.lock();
        while state.pending.entries == 0 || state.stopped.is_some() {
            // The keeper of heads may have stopped recording while entries waited here: they are refused.
            if let Some((since, why)) = state.stopped.clone().filter(|_| state.pending.entries > 0) {
                let left = std::mem::replace(&mut state.pending, Batch::empty(Vec::new()));
                drop(state);
                self.shared.committed.notify_all();
                refuse(left.waiting, || Fault::Stopped { since, why: why.clone() });
                state = self.shared.lock();
                continue;
            }
            if state.closing {
                return None;
            }
            state.wanted = 1;
            state = self.shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state = self.gather(state, last);
        state.wanted = 0;
        Some(std::mem::replace(&mut state.pending, Batch::empty(spare)))
    }

    /// Waits, in short steps and as long as each step brings somebody, until half of those who were in flight at the
    /// last commit are here: so one half is sealed while the other half is synced, and few commits go out half empty.
    /// Where the disk is what everybody waits for, all of them in one commit are nearly twice as fast as two halves: the
    /// rest are waited for too, for at most half as long as the last commit took.
    fn gather<'a>(&self, mut state: MutexGuard<'a, State>, last: LastCommit) -> MutexGuard<'a, State> {
        let began = stopwatch();
        let step = Duration::from_micros(self.shared.options.gather_step_us);
        let half = last.company.div_ceil(2);
        while !step.is_zero() && self.short_of(&state, half) {
            let before = state.pending.entries;
            state = self.wait_for(state, half, step);
            if state.pending.entries == before {
                return state;
            }
        }
        while !step.is_zero() && self.short_of(&state, last.company) {
            let patience = (last.took / 2).saturating_sub(began.elapsed());
            if patience.is_zero() {
                break;
            }
            state = self.wait_for(state, last.company, patience);
        }
        state
    }

    fn short_of(&self, state: &State, wanted: u32) -> bool {
        state.pending.entries < wanted && !state.closing && state.stopped.is_none()
    }

    /// Until so many entries wait, or `patience` has passed.
    fn wait_for<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        wanted: u32,
        patience: Duration,
    ) -> MutexGuard<'a, State> {
        state.wanted = wanted;
        self.shared.work.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts one commit on the disk.
    fn store(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        let header = CommitHeader {
            payload_bytes: (batch.bytes.len() - crate::format::COMMIT_HEADER_BYTES) as u32,
            entries: batch.entries,
            first: batch.first,
            attempt: batch.attempt,
            previous_link: batch.previous_link,
        };
        if let Some(place) = batch.bytes.get_mut(..crate::format::COMMIT_HEADER_BYTES) {
            place.copy_from_slice(&header.bytes());
        }
        if let Some(segment) = batch.begins.take() {
            self.begin(&segment)?;
        }
        let fill_ahead = self.shared.options.fill_ahead_bytes;
        let Some(open) = &mut self.file else {
            return Err(Failed::Doubt("there is no segment to write to".to_owned()));
        };
        open.commit(&batch.bytes, fill_ahead)
    }

    /// Ends the segment before and begins a new one, complete with its header before it takes its name.
    fn begin(&mut self, segment: &Arc<OpenSegment>) -> Result<(), Failed> {
        if let Some(open) = &mut self.file {
            open.trim()?;
        }
        let path = self.dir.join(self.names.segment(segment.ordinal));
        let mut fresh = path.clone().into_os_string();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let file = self.disk.create(&fresh).map_err(|e| failed("make a segment", &e))?;
        write_all_at(&*file, &segment.header, 0).map_err(|e| failed("write a segment's header", &e))?;
        file.sync_data().map_err(|e| Failed::Doubt(format!("could not sync a new segment: {e}")))?;
        self.disk.rename(&fresh, &path).map_err(|e| failed("name a segment", &e))?;
        self.disk
            .sync_dir(&self.dir)
            .map_err(|e| Failed::Doubt(format!("could not sync the folder: {e}")))?;
        let end = segment.header.len() as u64;
        self.file = Some(Open { file, end, filled: end });
        // From here on the segment is part of the book, whatever becomes of its first commit.
        let mut state = self.shared.lock();
        let link = crate::chain::segment_link(&segment.header);
        let durable = &mut state.durable;
        (durable.link, durable.ordinal, durable.end) = (link, segment.ordinal, end);
        durable.segment = Some(segment.clone());
        Ok(())
    }

    /// The disk was full: forgets everything sealed after the last durable entry.
    fn give_up(&self, state: &mut State, batch: &mut Batch) {
        state.tip = state.durable.clone();
        state.full_since.get_or_insert(batch.since);
        batch.waiting.append(&mut state.pending.waiting);
        state.pending = Batch::empty(Vec::new());
        match state.attempt.checked_add(1) {
            Some(next) => state.attempt = next,
            None => stop(state, "too many attempts on a full disk".to_owned()),
        }
    }

    fn trim_at_close(&mut self) {
        if self.shared.lock().stopped.is_some() {
            return;
        }
        if let Some(Err(failed)) = self.file.as_mut().map(Open::trim) {
            let why = match failed {
                Failed::Full => "the disk was full while closing".to_owned(),
                Failed::Doubt(why) => why,
            };
            stop(&mut self.shared.lock(), why);
        }
    }
}

impl Open {
    fn commit(&mut self, bytes: &[u8], fill_ahead: u64) -> Result<(), Failed> {
        let length = bytes.len() as u64;
        if self.end + length > self.filled && fill_ahead > 0 && length <= FILL_COMMIT_BYTES_MAX {
            self.fill(self.end + length + fill_ahead)?;
        }
        match write_all_at(&*self.file, bytes, self.end) {
            Ok(()) => {}
            Err(e) if Fault::is_full(&e) => {
                let back = self.file.set_len(self.end).and_then(|()| self.file.sync_data());
                self.filled = self.end;
                return match back {
                    Ok(()) => Err(Failed::Full),
                    Err(e) => Err(Failed::Doubt(format!(
                        "could not cut a segment back after the disk was full: {e}"
                    ))),
                };
            }
            Err(e) => return Err(Failed::Doubt(format!("could not write: {e}"))),
        }
        self.file.sync_data().map_err(|e| Failed::Doubt(format!("could not sync: {e}")))?;
        self.end += length;
        self.filled = self.filled.max(self.end);
        Ok(())
    }

    /// Writes zeros up to `to`. Running out of room here harms nobody: commits then extend the file themselves.
    fn fill(&mut self, to: u64) -> Result<(), Failed> {
        while self.filled < to {
            let piece = ZEROS.get(..(to - self.filled).min(ZEROS.len() as u64) as usize).unwrap_or(&ZEROS);
            match write_all_at(&*self.file, piece, self.filled) {
                Ok(()) => self.filled += piece.len() as u64,
                Err(e) if Fault::is_full(&e) => return Ok(()),
                Err(e) => return Err(Failed::Doubt(format!("could not write ahead: {e}"))),
            }
        }
        Ok(())
    }

    /// Cuts off what was filled ahead: a segment that is not the last ends exactly with its last commit.
    fn trim(&mut self) -> Result<(), Failed> {
        self.file.set_len(self.end).map_err(|e| Failed::Doubt(format!("could not trim a segment: {e}")))?;
        self.filled = self.end;
        self.file.sync_data().map_err(|e| Failed::Doubt(format!("could not sync a trimmed segment: {e}")))
    }
}

fn failed(doing: &str, e: &std::io::Error) -> Failed {
    if Fault::is_full(e) { Failed::Full } else { Failed::Doubt(format!("could not {doing}: {e}")) }
}

/// Stops recording for good; what was sealed but not written is forgotten.
fn stop(state: &mut State, why: String) {
    let since = if state.pending.entries > 0 { state.pending.since } else { state.durable.at };
    state.stopped.get_or_insert((since, why));
}

fn acknowledge(waiting: &mut Vec<Waiting>) {
    for waiting in waiting.drain(..) {
        // A caller's answer that panics must not end the record for everybody else.
        drop(catch_unwind(AssertUnwindSafe(|| match waiting {
            Waiting::One(sealed, done) => done(Ok::<Sealed, Fault>(sealed)),
            Waiting::Many(sealed, done) => done(Ok(sealed)),
        })));
    }
}

fn refuse(waiting: impl IntoIterator<Item = Waiting>, fault: impl Fn() -> Fault) {
    for waiting in waiting {
        drop(catch_unwind(AssertUnwindSafe(|| match waiting {
            Waiting::One(_, done) => done(Err(fault())),
            Waiting::Many(_, done) => done(Err(fault())),
        })));
    }
}

/// Signs a head whenever the book has grown, at most one in `head_every_ms`, and a last one when it closes.
pub(crate) fn keep_heads(shared: &Shared, mut heads: HeadsFile) {
    let every = Duration::from_millis(shared.options.head_every_ms);
    loop {
        let signed = heads.last.as_ref().map_or(0, |head| head.size);
        let mut state = shared.lock();
        while state.stopped.is_none() && state.durable.size <= signed && !state.writer_gone {
            state = shared.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped.is_some() || (state.writer_gone && state.durable.size <= signed) {
            return;
        }
        let (durable, last) = (state.durable.clone(), state.writer_gone);
        drop(state);
        match heads.append(shared.sign(&durable)) {
            Ok(()) => {}
            Err(Fault::DiskFull) if last => return,
            // Without room a head waits; the entries do not depend on it.
            Err(Fault::DiskFull) => {}
            Err(fault) => {
                stop(&mut shared.lock(), fault.to_string());
                shared.work.notify_all();
                return;
            }
        }
        pause(shared, every);
    }
}

/// Waits the interval between heads, or until the book closes.
fn pause(shared: &Shared, every: Duration) {
    let state = shared.lock();
    drop(shared.ended.wait_timeout_while(state, every, |state| !state.writer_gone));
}
