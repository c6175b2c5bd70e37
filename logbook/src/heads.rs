//! The file of signed heads beside a book: one 256-byte head after another, each larger than the one before.
//!
//! Written by its own thread so that no commit waits for it; only what is already durable is ever signed. A head is
//! what other sites keep as witnesses and what ward packs print. Proved by the bit-flip and roll-back tests.

use crate::disk::{Disk, DiskFile, put_whole, read_whole, write_again, write_all_at};
use crate::format::{HEAD_BYTES, Head, Names};
use crate::{Fault, RealDisk};
use basics::BookName;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A heads file above this is refused: ten years of one head every ten seconds.
const HEADS_BYTES_MAX: u64 = 8 << 30;

/// All heads of a book, oldest first, each checked; an error names the file where one is not whole or not signed.
pub fn read_heads(dir: &Path, book: &BookName) -> Result<Vec<Head>, Fault> {
    let path = dir.join(Names::of(book).heads());
    read_file(&RealDisk, &path)?
        .into_iter()
        .map(|head| head.map_err(|what| Fault::damaged(&path, None, what)))
        .collect()
}

/// The records of one heads file; a record that cannot be trusted is an `Err` saying why. Absent file: none.
pub(crate) fn read_file(disk: &dyn Disk, path: &Path) -> Result<Vec<Result<Head, String>>, Fault> {
    let bytes = match read_whole(disk, path, HEADS_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Fault::io("read", path, e)),
    };
    let mut before = 0;
    let mut heads = Vec::with_capacity(bytes.len() / HEAD_BYTES + 1);
    for (n, record) in bytes.chunks(HEAD_BYTES).enumerate() {
        heads.push(match Head::from_bytes(record) {
            Some(head) if head.size <= before => {
                Err(format!("head {} is not larger than the one before", n + 1))
            }
            Some(head) => {
                before = head.size;
                Ok(head)
            }
            None => Err(format!("head {} is not whole or not signed by its key", n + 1)),
        });
    }
    Ok(heads)
}

/// The last head on the disk, and the file ready for the next.
pub(crate) struct HeadsFile {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    length: u64,
    pub last: Option<Head>,
    /// Bytes of an unfinished last head that were set aside, and where.
    pub set_aside: Option<(PathBuf, u64)>,
}

impl HeadsFile {
    /// Opens or makes the file. An unfinished last head (power lost while it was written) is set aside; a head
    /// before it that cannot be trusted is damage.
    pub fn open(disk: &dyn Disk, dir: &Path, names: &Names) -> Result<Self, Fault> {
        let path = dir.join(names.heads());
        let fail = |e| Fault::io("open", &path, e);
        let file = match disk.open_write(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let file = disk.create(&path).map_err(fail)?;
                disk.sync_dir(dir).map_err(fail)?;
                file
            }
            Err(e) => return Err(fail(e)),
        };
        let length = file.len().map_err(fail)?;
        let mut heads = Self { path: path.clone(), file, length, last: None, set_aside: None };
        let whole = length - length % HEAD_BYTES as u64;
        let mut kept = whole;
        heads.last = heads.head_before(kept)?;
        if heads.last.is_none() && kept > 0 && whole == length {
            kept -= HEAD_BYTES as u64;
            heads.last = heads.head_before(kept)?;
        }
        if heads.last.is_none() && kept > 0 {
            return Err(Fault::damaged(&path, None, "its last heads are not signed by their key"));
        }
        if kept < length {
            heads.set_aside(disk, dir, names, kept)?;
        }
        // The life before may have ended before its last head was synced, or because that failed.
        if let Some(last) = kept.checked_sub(HEAD_BYTES as u64) {
            write_again(&*heads.file, last, kept).map_err(|e| Fault::io("write again", &path, e))?;
        }
        Ok(heads)
    }

    fn head_before(&self, end: u64) -> Result<Option<Head>, Fault> {
        let Some(start) = end.checked_sub(HEAD_BYTES as u64) else { return Ok(None) };
        let mut record = [0; HEAD_BYTES];
        crate::disk::read_full_at(&*self.file, &mut record, start)
            .map_err(|e| Fault::io("read", &self.path, e))?;
        Ok(Head::from_bytes(&record))
    }

    fn set_aside(&mut self, disk: &dyn Disk, dir: &Path, names: &Names, kept: u64) -> Result<(), Fault> {
        let mut tail = vec![0; (self.length - kept) as usize];
        crate::disk::read_full_at(&*self.file, &mut tail, kept)
            .map_err(|e| Fault::io("read", &self.path, e))?;
        let aside = dir.join(names.torn(&names.heads(), kept));
        put_whole(disk, &aside, &tail).map_err(|e| Fault::io("write", &aside, e))?;
        self.file.set_len(kept).map_err(|e| Fault::io("trim", &self.path, e))?;
        self.file.sync_data().map_err(|e| Fault::io("sync", &self.path, e))?;
        self.set_aside = Some((aside, self.length - kept));
        self.length = kept;
        Ok(())
    }

    /// Writes and syncs one head. `DiskFull` may be tried again; any other fault means the file is in doubt.
    pub fn append(&mut self, head: Head) -> Result<(), Fault> {
        match write_all_at(&*self.file, &head.to_bytes(), self.length) {
            Ok(()) => {}
            Err(e) if Fault::is_full(&e) => {
                self.file.set_len(self.length).map_err(|e| Fault::io("trim", &self.path, e))?;
                return Err(Fault::DiskFull);
            }
            Err(e) => return Err(Fault::io("write a head to", &self.path, e)),
        }
        self.file.sync_data().map_err(|e| Fault::io("sync", &self.path, e))?;
        self.length += HEAD_BYTES as u64;
        self.last = Some(head);
        Ok(())
    }
}
