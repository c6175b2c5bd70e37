//! A disk that is full for the files of one book alone: what else is open goes on.

use logbook::{Disk, DiskFile, RealDisk};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The machine's disk, on which the files of one book find no room while `full`.
pub struct FullFor {
    pub book: &'static str,
    pub full: Arc<AtomicBool>,
}

impl FullFor {
    fn wrapped(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.starts_with(&format!("{}-", self.book)) {
            true => Arc::new(FullFile { file, full: self.full.clone() }),
            false => file,
        }
    }

    fn room(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let full = self.full.load(Ordering::SeqCst) && name.starts_with(&format!("{}-", self.book));
        if full { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
    }
}

impl Disk for FullFor {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_dir(path)
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.room(path)?;
        RealDisk.create(path).map(|file| self.wrapped(path, file))
    }
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        RealDisk.open_write(path).map(|file| self.wrapped(path, file))
    }
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        RealDisk.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        RealDisk.lock(path)
    }
}

struct FullFile {
    file: Arc<dyn DiskFile>,
    full: Arc<AtomicBool>,
}

impl DiskFile for FullFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(io::Error::from_raw_os_error(28)),
            false => self.file.write_at(bytes, offset),
        }
    }
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
}
