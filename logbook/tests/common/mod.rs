//! What the record's tests share: keys, sizes, bodies that say who they are.
#![allow(dead_code)]

pub mod tamper;

use basics::{BookName, EntryNumber, Moment};
use logbook::{Disk, Fault, Keys, Loggist, Opened, Options, Reader, RealDisk};
use std::path::Path;
use std::sync::Arc;

/// The larger size when `LIFEBOAT_TORTURE` is set.
pub fn size(normal: u64, torture: u64) -> u64 {
    if std::env::var_os("LIFEBOAT_TORTURE").is_some() { torture } else { normal }
}

/// The seed of this run: `LIFEBOAT_SEED`, else 1.
pub fn seed() -> u64 {
    std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1)
}

/// A folder for books whose disk is only played: in memory where the machine has room for that, since nobody pulls its
/// plug. Tests of real durability use an ordinary temporary folder.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn keys() -> Keys {
    Keys::from_secret(&[42; 64])
}

pub fn book() -> BookName {
    BookName::new("feed").unwrap()
}

pub fn at(n: u64) -> Moment {
    Moment::from_milliseconds(1_780_000_000_000 + n as i64)
}

/// A body of a length that varies, beginning with its own name.
pub fn body(n: u64) -> Vec<u8> {
    let mut body = format!("body {n} ").into_bytes();
    let length = (n * 7919 % 700) as usize;
    body.extend((0..length).map(|i| (i as u64 * 31 + n) as u8));
    body
}

pub fn small() -> Options {
    Options { segment_bytes_max: 8 << 10, head_every_ms: 1, fill_ahead_bytes: 4 << 10, ..Options::default() }
}

pub fn real() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

pub fn open(dir: &Path, disk: Arc<dyn Disk>, options: Options) -> Result<(Loggist, Opened), Fault> {
    Loggist::open(dir, book(), &keys(), disk, options, at(0))
}

/// A closed book of `entries` entries in `dir`, in commits of one to five entries.
pub fn write_book(dir: &Path, entries: u64, options: Options) {
    let (loggist, opened) = open(dir, real(), options).unwrap();
    let mut n = opened.entries;
    let last = n + entries;
    while n < last {
        let many = (1 + n % 5).min(last - n);
        let batch = (1..=many).map(|k| (7, body(n + k), at(n + k))).collect();
        loggist.append_batch(batch).unwrap();
        n += many;
    }
    loggist.close().unwrap();
}

/// Every body of the book, in order; the error that ends the reading, if one does.
pub fn read_all(dir: &Path) -> Result<Vec<Vec<u8>>, Fault> {
    let reader = Reader::open(dir, &book(), &keys(), real())?;
    reader.read_from(EntryNumber(1)).map(|entry| entry.map(|entry| entry.body)).collect()
}

pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
