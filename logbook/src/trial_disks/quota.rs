//! A disk with room for so many bytes and no more, until somebody makes room.

use crate::disk::{Disk, DiskFile};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
struct Room {
    bytes_max: u64,
    files: HashMap<PathBuf, u64>,
}

/// Wraps a disk and refuses, with ENOSPC, whatever would make its files longer than the quota together.
#[derive(Clone)]
pub struct QuotaDisk {
    inner: Arc<dyn Disk>,
    room: Arc<Mutex<Room>>,
}

impl QuotaDisk {
    /// `inner` with room for `bytes_max` bytes in files opened through this disk.
    pub fn new(inner: Arc<dyn Disk>, bytes_max: u64) -> Self {
        Self { inner, room: Arc::new(Mutex::new(Room { bytes_max, files: HashMap::new() })) }
    }

    /// Changes the room there is.
    pub fn set_room(&self, bytes_max: u64) {
        self.lock().bytes_max = bytes_max;
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrap(&self, inner: Arc<dyn DiskFile>, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.lock().files.insert(path.to_owned(), inner.len()?);
        Ok(Arc::new(QuotaFile { inner, path: path.to_owned(), disk: self.clone() }))
    }
}

struct QuotaFile {
    inner: Arc<dyn DiskFile>,
    path: PathBuf,
    disk: QuotaDisk,
}

impl DiskFile for QuotaFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut room = self.disk.lock();
        let used: u64 = room.files.values().sum();
        let own = room.files.get(&self.path).copied().unwrap_or(0);
        // As a real disk does: as much as fits, and ENOSPC only when nothing does.
        let end_max = own + room.bytes_max.saturating_sub(used);
        let fits = end_max.saturating_sub(offset).min(bytes.len() as u64) as usize;
        let Some(part) = bytes.get(..fits).filter(|part| !part.is_empty()) else {
            return Err(io::Error::from_raw_os_error(28));
        };
        let written = self.inner.write_at(part, offset)?;
        room.files.insert(self.path.clone(), own.max(offset + written as u64));
        Ok(written)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.disk.lock().files.insert(self.path.clone(), bytes);
        self.inner.set_len(bytes)
    }
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }
}

impl Disk for QuotaDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir(path)
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.inner.create(path)?;
        self.wrap(file, path)
    }
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.inner.open_write(path)?;
        self.wrap(file, path)
    }
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.inner.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        // Files keep the name they were opened by in the tally: the bytes are what counts.
        self.inner.rename(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.inner.sync_dir(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.inner.list(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.inner.lock(path)
    }
}
