//! An edition into a folder that a web server serves, all at once or not at all.
//!
//! Each edition gets a folder of its own under `editions/`, written and synced; then the link `current` is switched to
//! it by one rename. Always: who reads `current` sees one whole edition, whatever fails; a push that failed is simply
//! made again. Never: an exercise where the real page stands, or the real page where an exercise stands.
//! Called by `lifeboat`; proved by `tests/push.rs`, which fails every step.

use crate::Edition;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Editions kept beside the current one, for people who are reading it now.
const KEPT_MAX: usize = 3;
/// The file that says what a folder is for.
const PURPOSE: &str = "purpose";

/// Why an edition did not get there. What stood there before still stands.
#[derive(Debug, thiserror::Error)]
pub enum PushFault {
    /// The folder is for the other purpose.
    #[error("{folder} holds the {there} public page; an edition of {here} must not go there")]
    WrongFolder {
        /// Which.
        folder: PathBuf,
        /// What it holds.
        there: String,
        /// What was to go there.
        here: &'static str,
    },
    /// A file's path leads out of the folder.
    #[error("the path {0} leads out of the folder")]
    Path(String),
    /// The disk refused.
    #[error("{doing} {path} failed; the page that stood there still stands, and the push can be made again")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What came of a push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pushed {
    /// A new edition stands.
    New,
    /// The same stood there already.
    Same,
}

/// Pushes `edition` to `root`; the web server serves `root/current`.
pub fn push(edition: &Edition, root: &Path) -> Result<Pushed, PushFault> {
    push_with(edition, root, &mut |_| Ok(()))
}

/// As [`push`], asking `may` before each step on the disk: an error there is as if the disk had failed. For tests.
pub fn push_with(
    edition: &Edition,
    root: &Path,
    may: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> Result<Pushed, PushFault> {
    if let Some((path, _)) = edition.files.iter().find(|(path, _)| !inside(path)) {
        return Err(PushFault::Path(path.clone()));
    }
    let editions = root.join("editions");
    step(may, "making the folder", &editions, |p| fs::create_dir_all(p))?;
    purpose(edition, root, may)?;
    let current = root.join("current");
    if same(edition, &current) {
        return Ok(Pushed::Same);
    }
    let number = numbers(&editions).last().map_or(1, |last| last + 1);
    let half = editions.join("half");
    if half.exists() {
        step(may, "clearing a half-written edition", &half, |p| fs::remove_dir_all(p))?;
    }
    step(may, "making the folder", &half, |p| fs::create_dir(p))?;
    for (path, bytes) in &edition.files {
        let path = half.join(path);
        if let Some(folder) = path.parent() {
            step(may, "making the folder", folder, |p| fs::create_dir_all(p))?;
        }
        step(may, "writing", &path, |p| write_synced(p, bytes))?;
    }
    step(may, "syncing", &half, sync_tree)?;
    let whole = editions.join(number.to_string());
    step(may, "naming the edition", &whole, |p| fs::rename(&half, p))?;
    step(may, "syncing", &editions, sync)?;
    let link = root.join("next");
    if link.symlink_metadata().is_ok() {
        step(may, "clearing an old link", &link, |p| fs::remove_file(p))?;
    }
    let target = Path::new("editions").join(number.to_string());
    step(may, "making the link", &link, |p| std::os::unix::fs::symlink(&target, p))?;
    step(may, "switching to the new edition", &current, |p| fs::rename(&link, p))?;
    step(may, "syncing", root, sync)?;
    let all = numbers(&editions);
    let old = all.len().saturating_sub(KEPT_MAX + 1);
    for number in all.into_iter().take(old) {
        step(may, "removing an old edition", &editions.join(number.to_string()), |p| fs::remove_dir_all(p))?;
    }
    Ok(Pushed::New)
}

fn step<T>(
    may: &mut dyn FnMut(&'static str) -> io::Result<()>,
    doing: &'static str,
    path: &Path,
    act: impl FnOnce(&Path) -> io::Result<T>,
) -> Result<T, PushFault> {
    let fault = |source| PushFault::Disk { doing, path: path.to_owned(), source };
    may(doing).map_err(fault)?;
    act(path).map_err(fault)
}

pub(crate) fn inside(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'))
}

fn purpose(
    edition: &Edition,
    root: &Path,
    may: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> Result<(), PushFault> {
    let here = if edition.exercise { "exercise" } else { "real" };
    let file = root.join(PURPOSE);
    match fs::read_to_string(&file) {
        Ok(there) if there.trim() == here => Ok(()),
        // Left empty by a fault in the middle of the first push.
        Ok(there) if !there.trim().is_empty() => {
            let (folder, there) = (root.to_owned(), there.trim().to_owned());
            Err(PushFault::WrongFolder { folder, there, here })
        }
        _ => step(may, "writing", &file, |p| write_synced(p, here.as_bytes())),
    }
}

fn same(edition: &Edition, current: &Path) -> bool {
    let stands = |(path, bytes): &(String, Vec<u8>)| fs::read(current.join(path)).is_ok_and(|b| b == *bytes);
    count_files(current) == edition.files.len() && edition.files.iter().all(stands)
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { count_files(&entry.path()) } else { 1 }).sum()
}

fn numbers(editions: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(editions) else { return Vec::new() };
    let mut all: Vec<u64> =
        entries.flatten().filter_map(|e| e.file_name().to_str().and_then(|n| n.parse().ok())).collect();
    all.sort_unstable();
    all
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.path().is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    sync(folder)
}
