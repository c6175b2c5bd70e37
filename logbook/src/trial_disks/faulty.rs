//! A disk on which one chosen call fails, with or without having done its work.

use crate::disk::{Disk, DiskFile};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The calls that change the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// Making a file.
    Create,
    /// Writing bytes.
    Write,
    /// `fdatasync`.
    Sync,
    /// Cutting or extending.
    SetLen,
    /// Renaming.
    Rename,
    /// Syncing a folder.
    SyncDir,
}

/// What goes wrong, once.
#[derive(Clone, Debug)]
pub struct Mishap {
    /// The how-manieth counted call fails, from 0.
    pub call: u64,
    /// Counts only calls of this kind; every changing call when `None`.
    pub only: Option<Op>,
    /// The operating system's error number: 5 EIO, 28 ENOSPC, 4 EINTR.
    pub errno: i32,
    /// The call did its work and fails all the same.
    pub landed: bool,
    /// The planted fault of tests: the call does nothing and says that it worked.
    pub lies: bool,
}

#[derive(Debug)]
struct Plan {
    mishap: Mishap,
    calls: u64,
    fired: Option<Op>,
    /// Where the mishap was.
    place: PathBuf,
    last: Vec<(Op, PathBuf)>,
    tries_again: bool,
}

/// Wraps a disk and lets one call fail.
#[derive(Clone)]
pub struct FaultyDisk {
    inner: Arc<dyn Disk>,
    plan: Arc<Mutex<Plan>>,
}

impl FaultyDisk {
    /// `inner`, except for one mishap.
    pub fn new(inner: Arc<dyn Disk>, mishap: Mishap) -> Self {
        let (place, last) = (PathBuf::new(), Vec::new());
        let plan = Plan { mishap, calls: 0, fired: None, place, last, tries_again: false };
        Self { inner, plan: Arc::new(Mutex::new(plan)) }
    }

    /// The planted fault of tests: a failed sync is tried again behind the caller's back, and the second, which has
    /// nothing left to write, is believed.
    pub fn that_tries_again(self) -> Self {
        self.lock().tries_again = true;
        self
    }

    /// Which call failed, if it came to that.
    pub fn fired(&self) -> Option<Op> {
        self.lock().fired
    }

    /// Calls made after the mishap in the same place, in order: on the same file, whatever its name became, or in the
    /// same folder.
    pub fn calls_after(&self) -> Vec<Op> {
        let plan = self.lock();
        plan.last.iter().filter(|(_, place)| *place == plan.place).map(|(op, _)| *op).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, op: Op, place: &Path) -> Option<Mishap> {
        let mut plan = self.lock();
        if plan.fired.is_some() {
            plan.last.push((op, place.to_owned()));
            return None;
        }
        if plan.mishap.only.is_some_and(|only| only != op) {
            return None;
        }
        plan.calls += 1;
        if plan.calls != plan.mishap.call + 1 {
            return None;
        }
        plan.fired = Some(op);
        plan.place = place.to_owned();
        Some(plan.mishap.clone())
    }

    fn run<T>(&self, op: Op, place: &Path, lie: T, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.turn(op, place) {
            None => work(),
            Some(mishap) if mishap.lies => Ok(lie),
            Some(mishap) => {
                if mishap.landed {
                    work()?;
                }
                Err(io::Error::from_raw_os_error(mishap.errno))
            }
        }
    }
}

struct FaultyFile {
    inner: Arc<dyn DiskFile>,
    /// The name it was opened by.
    place: PathBuf,
    disk: FaultyDisk,
}

impl FaultyFile {
    fn wrap(inner: Arc<dyn DiskFile>, place: &Path, disk: &FaultyDisk) -> Arc<dyn DiskFile> {
        Arc::new(Self { inner, place: place.to_owned(), disk: disk.clone() })
    }
}

impl DiskFile for FaultyFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        // A write that fails but landed may have landed in part: half of it is there.
        let half = bytes.get(..bytes.len().div_ceil(2)).unwrap_or(bytes);
        match self.disk.turn(Op::Write, &self.place) {
            None => self.inner.write_at(bytes, offset),
            Some(mishap) if mishap.lies => Ok(bytes.len()),
            Some(mishap) => {
                // EINTR promises that nothing was written; a short write would have been returned as such.
                if mishap.landed && mishap.errno != 4 {
                    let part = if offset.is_multiple_of(2) { half } else { bytes };
                    self.inner.write_at(part, offset)?;
                }
                Err(io::Error::from_raw_os_error(mishap.errno))
            }
        }
    }
    fn sync_data(&self) -> io::Result<()> {
        let sync = || self.disk.run(Op::Sync, &self.place, (), || self.inner.sync_data());
        let first = sync();
        let again = first.is_err() && self.disk.lock().tries_again;
        if again { sync() } else { first }
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.disk.run(Op::SetLen, &self.place, (), || self.inner.set_len(bytes))
    }
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir(path)
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        match self.turn(Op::Create, path) {
            None => Ok(FaultyFile::wrap(self.inner.create(path)?, path, self)),
            Some(mishap) => {
                if mishap.landed || mishap.lies {
                    self.inner.create(path)?;
                }
                Err(io::Error::from_raw_os_error(mishap.errno))
            }
        }
    }
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(FaultyFile::wrap(self.inner.open_write(path)?, path, self))
    }
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.inner.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run(Op::Rename, from, (), || self.inner.rename(from, to))
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.run(Op::SyncDir, path, (), || self.inner.sync_dir(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.inner.list(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.inner.lock(path)
    }
}
