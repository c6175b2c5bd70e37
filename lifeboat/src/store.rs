//! One data directory, opened for a command: its lock, its keys, its control room.
//!
//! Always: only one process writes a data directory, and a second one is told which process holds it; a directory
//! without keys gets fresh ones when something is first written to it, and the person is told where they lie and
//! what that means. Called by every subcommand that touches the record.

use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::{self, Patience};
use basics::Clock;
use control_room::{ControlRoom, Setup};
use logbook::Keys;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A data directory whose lock this process holds.
pub struct Store {
    /// Its configuration; defaults where none was given.
    pub config: Config,
    /// The keys of its record.
    pub keys: Keys,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    _lock: File,
}

/// Whether a command may begin a new record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begin {
    /// Make directory and keys when they are missing.
    IfMissing,
    /// Fail when they are missing.
    Never,
}

impl Store {
    /// Takes the lock and opens the keys.
    pub fn open(config: Config, begin: Begin) -> Result<Self, Failure> {
        Self::open_with(config, begin, Patience::GiveUp)
    }

    /// The same for a program that serves: makes what is missing, and waits for a person who opens the keys.
    pub fn open_patiently(config: Config) -> Result<Self, Failure> {
        Self::open_with(config, Begin::IfMissing, Patience::Wait)
    }

    fn open_with(config: Config, begin: Begin, patience: Patience) -> Result<Self, Failure> {
        let dir = config.data.clone();
        if begin == Begin::IfMissing {
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir);
            made.map_err(|e| Failure::new(Ending::Failed, format!("could not make {}: {e}", dir.display())))?;
        } else if !dir.is_dir() {
            let sentence = format!("there is no record at {}; name its folder with --data", dir.display());
            return Err(Failure::new(Ending::Failed, sentence));
        }
        let lock = lock(&dir)?;
        let keys = keys::open(&config, begin == Begin::IfMissing, patience)?;
        Ok(Self { config, keys, clock: Arc::new(SystemClock::default()), _lock: lock })
    }

    /// Takes the lock for keys that people have opened already.
    pub fn with_keys(config: Config, keys: Keys) -> Result<Self, Failure> {
        let lock = lock(&config.data)?;
        Ok(Self { config, keys, clock: Arc::new(SystemClock::default()), _lock: lock })
    }

    /// The control room for a command: whoever calls drives `catch_up`.
    pub fn room(&self) -> Result<ControlRoom, Failure> {
        Ok(ControlRoom::open_offline(self.setup(), &self.keys, Arc::clone(&self.clock))?)
    }

    /// What the control room needs to know.
    pub fn setup(&self) -> Setup {
        self.config.setup()
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.config.data
    }
}

/// Whether a Lifeboat, or a command of one, holds the directory now.
pub fn is_held(dir: &Path) -> bool {
    let lock = OpenOptions::new().read(true).write(true).open(dir.join("lock"));
    lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The lock is an advisory lock on a file, so that it ends with the process, however that ends.
pub fn lock(dir: &Path) -> Result<File, Failure> {
    let path: PathBuf = dir.join("lock");
    let failed =
        |e: std::io::Error| Failure::new(Ending::Failed, format!("could not open {}: {e}", path.display()));
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // The number is for the sentence below; nothing depends on it.
            let noted = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| write!(file, "{}", std::process::id()));
            noted.map_err(failed)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Unreadable is as good as empty.
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => String::new(),
                number => format!(" (process {number})"),
            };
            let sentence = format!(
                "another Lifeboat{holder} is using {}; only one may. Stop it first, or use its web pages",
                dir.display()
            );
            Err(Failure::new(Ending::InUse, sentence))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
