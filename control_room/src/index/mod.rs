//! The care index: an encrypted database of what the book says, for answers in milliseconds.
//!
//! Disposable: it can be thrown away at any time and made again from the book, and it is whenever it does not hold
//! together. Always: records and the number of the last entry applied change in one transaction, so that a kill at
//! any moment loses nothing and applies nothing twice. Never: trusted over the book.
//! Called by the follower (writes) and the boards (read); proved by `tests/damage.rs` and `tests/kill.rs`.

mod read;
mod records;
mod rows;
mod sums;
mod write;

pub use read::Pool;
pub use rows::{Beds, CORE, PlaceRow, Section, State, Summary, Tally, TrayRow, VERSION, WHOLE, encode};
pub use sums::{Sums, Table};
pub use write::{Changed, IndexWriter, Loaded};

use crate::Fault;
use care::special_lists::SpecialLists;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where the index lies and how it is opened.
#[derive(Clone)]
pub struct Place {
    /// `index/care.db`.
    pub file: PathBuf,
    key: Zeroizing<[u8; 32]>,
    /// Keyed sums.
    pub sums: Sums,
    /// Page cache of the writing connection, in kibibytes.
    pub pages_kib: u32,
    /// By which words people are found for special lists: an index made by other words is made again.
    pub special_lists: Arc<SpecialLists>,
    /// A bug planted for the acceptance tests; never in use.
    pub planted: Option<Planted>,
}

/// Bugs that the acceptance tests plant to see themselves fail.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planted {
    /// Sums of the index are reckoned and never compared.
    TrustsBlindly,
    /// Records that have nothing but a sender's own key are never joined to anybody.
    NamelessStayApart,
    /// A tray item whose numbers contradict each other leaves the tray without being cleared.
    ReplayForgets,
    /// What was kept apart at the hatch is admitted newest first.
    AdmitsBackwards,
    /// The hatch is open again whenever the program is started.
    ForgetsTheHatch,
}

impl Place {
    /// Whether the index is believed without comparing its sums: a planted bug.
    pub fn trusts_blindly(&self) -> bool {
        self.planted == Some(Planted::TrustsBlindly)
    }
}

const SCHEMA: &str = "
CREATE TABLE state(id INTEGER PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE patient(slot INTEGER PRIMARY KEY, summary BLOB NOT NULL);
CREATE TABLE core(slot INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE part(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE tray(entry INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE apart(entry INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE ward(site TEXT NOT NULL, ward TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY(site, ward)) WITHOUT ROWID;
CREATE TABLE place(feed TEXT NOT NULL, reference TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY(feed, reference)) WITHOUT ROWID;
CREATE TABLE seen(id INTEGER NOT NULL, entry INTEGER NOT NULL, content INTEGER NOT NULL, PRIMARY KEY(id, entry)) WITHOUT ROWID;
";

impl Place {
    /// The index under `data_dir`, encrypted by a key derived for it alone.
    pub fn new(
        data_dir: &Path,
        keys: &logbook::Keys,
        cache_mb: u32,
        special_lists: Arc<SpecialLists>,
    ) -> Self {
        Self {
            file: data_dir.join("index").join("care.db"),
            key: keys.derive("index"),
            sums: Sums::new(keys.derive("index sums")),
            pages_kib: cache_mb.clamp(16, 4096) * 1024 / 3,
            special_lists,
            planted: None,
        }
    }

    /// The program's version of the index and the words of special lists in one: either of them changed, it is made again.
    fn version(&self) -> i32 {
        (VERSION << 16) | i32::from(self.special_lists.fingerprint())
    }

    /// Opens the database for writing; begins an empty one where there is none. A database of another version counts
    /// as damaged: whoever sees that throws it away.
    pub fn open_write(&self) -> Result<Connection, Fault> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        make_folder(folder)?;
        let conn = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let fault = |e| Fault::index("open the database", &e);
        conn.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
        // The book is synced before anybody is answered and the index continues where its last whole transaction
        // ends, so a power cut may cost the index some transactions: they are applied again.
        conn.pragma_update(None, "synchronous", "NORMAL").map_err(fault)?;
        conn.pragma_update(None, "cache_size", -i64::from(self.pages_kib)).map_err(fault)?;
        conn.pragma_update(None, "wal_autocheckpoint", 4000).map_err(fault)?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20).map_err(fault)?;
        let version: i32 = conn.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(fault)?;
        let tables: i64 =
            conn.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0)).map_err(fault)?;
        if tables == 0 {
            conn.execute_batch(SCHEMA).map_err(fault)?;
            conn.pragma_update(None, "user_version", self.version()).map_err(fault)?;
        } else if version != self.version() {
            let why = format!(
                "it is of version {version}, this program and its special lists keep {}",
                self.version()
            );
            return Err(Fault::damaged(why));
        }
        Ok(conn)
    }

    /// Opens the database for reading beside the writer.
    pub fn open_read(&self) -> Result<Connection, Fault> {
        let conn = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        conn.pragma_update(None, "cache_size", -4096i64)
            .map_err(|e| Fault::index("open the database", &e))?;
        Ok(conn)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, Fault> {
        let fault = |e| Fault::index("open the database", &e);
        wake_sqlcipher();
        let conn = Connection::open_with_flags(&self.file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(fault)?;
        let mut hex = Zeroizing::new(String::with_capacity(80));
        hex.push_str("PRAGMA key = \"x'");
        for byte in self.key.iter() {
            hex.push_str(&format!("{byte:02x}"));
        }
        hex.push_str("'\"");
        conn.execute_batch(&hex).map_err(fault)?;
        // The key is ours alone, so SQLCipher need not wipe every page it frees: that costs a third of its speed.
        conn.execute_batch(
            "PRAGMA cipher_memory_security = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;",
        )
        .map_err(fault)?;
        conn.set_prepared_statement_cache_capacity(64);
        // The first read shows whether the key fits.
        conn.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).map_err(fault)?;
        Ok(conn)
    }

    /// Throws the index away. The book is not touched.
    pub fn discard(&self) -> Result<(), Fault> {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.file.clone().into_os_string();
            path.push(ending);
            let path = PathBuf::from(path);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Fault::Folder { doing: "remove", path, what: e.to_string() });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Lets SQLCipher make itself ready, once in the life of the process and before any key is given.
///
/// SQLite calls itself ready before its extra initialisation, which is SQLCipher's, has run. A second thread that
/// opens a database in that instant is told that its key cannot be used. Whoever comes second waits here instead.
fn wake_sqlcipher() {
    static READY: std::sync::Once = std::sync::Once::new();
    // A failure here is no verdict: the opening that follows meets it again and names it.
    READY.call_once(|| drop(Connection::open_in_memory()));
}

/// Makes a folder that its owner alone may open.
pub fn make_folder(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| Fault::Folder {
        doing: "make",
        path: path.to_owned(),
        what: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_threads_open_the_first_database_of_the_process() {
        let folders: Vec<_> = (0..16).map(|_| tempfile::tempdir().unwrap()).collect();
        let keys = logbook::Keys::from_secret(&[7; 64]);
        let gate = std::sync::Barrier::new(folders.len());
        std::thread::scope(|scope| {
            for folder in &folders {
                scope.spawn(|| {
                    let place = Place::new(folder.path(), &keys, 16, Arc::default());
                    make_folder(place.file.parent().unwrap()).unwrap();
                    gate.wait();
                    place.open_write().unwrap();
                });
            }
        });
    }
}
