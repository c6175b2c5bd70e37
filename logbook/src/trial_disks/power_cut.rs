//! A disk in memory that remembers every call, so that power can be cut after any of them: what was synced is there,
//! what was not is there, missing or torn by sectors, as the dice fall. The machine can be started again from what was
//! found, and the program alone can be killed, so that the next life's recovery is cut short too.

use crate::disk::{Disk, DiskFile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SECTOR_BYTES: usize = 512;

/// Small repeatable dice (splitmix64), so that a failing case can be played again from its seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for one seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `below` (at least 1).
    pub fn below(&mut self, below: u64) -> u64 {
        self.bits() % below.max(1)
    }
}

#[derive(Clone, Debug)]
enum Call {
    Create {
        path: PathBuf,
        id: usize,
    },
    Write {
        id: usize,
        offset: u64,
        bytes: Vec<u8>,
    },
    SetLen {
        id: usize,
        bytes: u64,
    },
    Sync {
        id: usize,
    },
    /// A sync that failed: what was not durable never will be, yet it can be read as long as the machine runs.
    Dropped {
        id: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    SyncDir,
}

#[derive(Default)]
struct Memory {
    calls: Vec<Call>,
    files: Vec<Vec<u8>>,
    names: BTreeMap<PathBuf, usize>,
    syncs: u64,
    sync_fails: Option<u64>,
}

impl Memory {
    /// What a program sees at once of a call.
    fn apply(&mut self, call: &Call) {
        match call {
            Call::Create { path, id } => {
                self.files.resize(self.files.len().max(id + 1), Vec::new());
                self.names.insert(path.clone(), *id);
            }
            Call::Rename { from, to } => {
                if let Some(id) = self.names.remove(from) {
                    self.names.insert(to.clone(), id);
                }
            }
            Call::Write { id, .. } | Call::SetLen { id, .. } => {
                if let Some(content) = self.files.get_mut(*id) {
                    land(content, call, |_| true);
                }
            }
            Call::Sync { .. } | Call::Dropped { .. } | Call::SyncDir => {}
        }
    }

    fn make(&mut self, call: Call) {
        self.apply(&call);
        self.calls.push(call);
    }
}

/// The disk that remembers.
#[derive(Clone, Default)]
pub struct PowerCutDisk {
    memory: Arc<Mutex<Memory>>,
}

impl PowerCutDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds `image`, all of it durable: the machine after a power cut, started again.
    pub fn holding(image: &BTreeMap<PathBuf, Vec<u8>>) -> Self {
        let mut calls = Vec::new();
        for (id, (path, bytes)) in image.iter().enumerate() {
            calls.push(Call::Create { path: path.clone(), id });
            calls.push(Call::Write { id, offset: 0, bytes: bytes.clone() });
            calls.push(Call::Sync { id });
        }
        calls.push(Call::SyncDir);
        Self::replayed(&calls)
    }

    /// The disk of a program that was killed after `calls` calls while the machine ran on: all that was written can be
    /// read, and only what was synced is durable.
    pub fn killed_after(&self, calls: usize) -> Self {
        Self::replayed(self.lock().calls.get(..calls).unwrap_or_default())
    }

    /// Lets the how-manieth sync from now on fail, from 0, as Linux's page cache lets it: the unsynced writes to that
    /// file are forgotten by the disk and still there for whoever reads, and the next sync has nothing left to do.
    pub fn fail_sync(&self, sync: u64) {
        let mut memory = self.lock();
        memory.sync_fails = Some(memory.syncs + sync);
    }

    fn replayed(calls: &[Call]) -> Self {
        let mut memory = Memory::default();
        for call in calls {
            memory.apply(call);
        }
        memory.calls = calls.to_vec();
        Self { memory: Arc::new(Mutex::new(memory)) }
    }

    /// How many calls were made so far: instants at which power can be cut.
    pub fn calls(&self) -> usize {
        self.lock().calls.len()
    }

    /// The files as they may be found if power was cut after `calls` calls. With `ignore_syncs` (the planted fault)
    /// the disk had lied about every sync.
    pub fn image(&self, calls: usize, dice: &mut Dice, ignore_syncs: bool) -> BTreeMap<PathBuf, Vec<u8>> {
        let memory = self.lock();
        let mut image = Image::default();
        for call in memory.calls.iter().take(calls) {
            image.apply(call, ignore_syncs);
        }
        image.settle(dice)
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let id = self.lock().names.get(path).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemoryFile { id, disk: self.clone() }))
    }
}

#[derive(Default)]
struct Image {
    names: BTreeMap<PathBuf, usize>,
    names_pending: Vec<Call>,
    files: BTreeMap<usize, (Vec<u8>, Vec<Call>)>,
}

impl Image {
    fn apply(&mut self, call: &Call, ignore_syncs: bool) {
        match call {
            Call::Create { id, .. } => {
                self.files.insert(*id, Default::default());
                self.names_pending.push(call.clone());
            }
            Call::Rename { .. } => self.names_pending.push(call.clone()),
            Call::Write { id, .. } | Call::SetLen { id, .. } => {
                if let Some((_, pending)) = self.files.get_mut(id) {
                    pending.push(call.clone());
                }
            }
            Call::Sync { id } if !ignore_syncs => {
                if let Some((durable, pending)) = self.files.get_mut(id) {
                    pending.drain(..).for_each(|call| land(durable, &call, |_| true));
                }
            }
            Call::SyncDir => {
                let pending = std::mem::take(&mut self.names_pending);
                pending.iter().for_each(|call| self.rename(call));
            }
            Call::Dropped { id } => {
                if let Some((_, pending)) = self.files.get_mut(id) {
                    // Lengths are the journal's business and stay dirty; only data pages are called clean.
                    pending.retain(|call| matches!(call, Call::SetLen { .. }));
                }
            }
            Call::Sync { .. } => {}
        }
    }

    fn rename(&mut self, call: &Call) {
        match call {
            Call::Create { path, id } => drop(self.names.insert(path.clone(), *id)),
            Call::Rename { from, to } => {
                if let Some(id) = self.names.remove(from) {
                    self.names.insert(to.clone(), id);
                }
            }
            _ => {}
        }
    }

    /// Lets the dice decide about everything unsynced. Names change in order; data in any.
    fn settle(mut self, dice: &mut Dice) -> BTreeMap<PathBuf, Vec<u8>> {
        let named = dice.below(self.names_pending.len() as u64 + 1) as usize;
        for call in std::mem::take(&mut self.names_pending).iter().take(named) {
            self.rename(call);
        }
        for (durable, pending) in self.files.values_mut() {
            for call in pending.iter() {
                match dice.below(4) {
                    0 => {}
                    1 => land(durable, call, |_| true),
                    _ => {
                        let mut coin = dice.clone();
                        dice.bits();
                        land(durable, call, |_| coin.below(2) == 0);
                    }
                }
            }
        }
        let content = |id| self.files.get(id).map(|(durable, _)| durable.clone()).unwrap_or_default();
        self.names.iter().map(|(path, id)| (path.clone(), content(id))).collect()
    }
}

/// Applies a call to a file's content, sector by sector where `lands` says so.
fn land(content: &mut Vec<u8>, call: &Call, mut lands: impl FnMut(u64) -> bool) {
    match call {
        Call::SetLen { bytes, .. } if lands(0) => content.resize(*bytes as usize, 0),
        Call::Write { offset, bytes, .. } => {
            let mut at = *offset as usize;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let length = (SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
                let (sector, after) = rest.split_at(length);
                if lands(at as u64) {
                    if content.len() < at + length {
                        content.resize(at + length, 0);
                    }
                    if let Some(place) = content.get_mut(at..at + length) {
                        place.copy_from_slice(sector);
                    }
                }
                (at, rest) = (at + length, after);
            }
        }
        _ => {}
    }
}

struct MemoryFile {
    id: usize,
    disk: PowerCutDisk,
}

impl DiskFile for MemoryFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let memory = self.disk.lock();
        let rest = memory.files.get(self.id).and_then(|f| f.get(offset as usize..)).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        Ok(length)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.disk.lock().make(Call::Write { id: self.id, offset, bytes: bytes.to_vec() });
        Ok(bytes.len())
    }
    fn sync_data(&self) -> io::Result<()> {
        let mut memory = self.disk.lock();
        memory.syncs += 1;
        if memory.sync_fails == Some(memory.syncs - 1) {
            memory.make(Call::Dropped { id: self.id });
            return Err(io::Error::from_raw_os_error(5));
        }
        memory.make(Call::Sync { id: self.id });
        Ok(())
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.disk.lock().make(Call::SetLen { id: self.id, bytes });
        Ok(())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files.get(self.id).map_or(0, |f| f.len() as u64))
    }
}

impl Disk for PowerCutDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut memory = self.lock();
        let id = memory.files.len();
        memory.make(Call::Create { path: path.to_owned(), id });
        Ok(Arc::new(MemoryFile { id, disk: self.clone() }))
    }
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.open(path)
    }
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.open(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut memory = self.lock();
        memory.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        memory.make(Call::Rename { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.lock().make(Call::SyncDir);
        Ok(())
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let within = |name: &&PathBuf| name.parent() == Some(path);
        let plain = |name: &PathBuf| name.file_name().map(|n| n.to_string_lossy().into_owned());
        Ok(self.lock().names.keys().filter(within).filter_map(plain).collect())
    }
    fn lock(&self, _: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        Ok(Some(Box::new(())))
    }
}
