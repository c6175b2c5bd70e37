//! Which files an import takes: those named, and those found in the folders named, in a stable order.
//!
//! Always: a folder is walked in the order of its names; a link inside it that leads out of it is reported and not
//! followed (RELIABILITY test 20); what is no file (a pipe, a device) is reported, never opened. Nothing is written.

use super::Refused;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Most files that one import takes.
pub const FILES_MAX: usize = 1_000_000;
/// Deepest folder within a folder.
const DEPTH_MAX: usize = 64;

/// A file to be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes, as stored.
    pub bytes: u64,
    /// Found in a folder rather than named: then a link in its place is not followed.
    from_folder: bool,
}

/// All files named or found, in order, and what could not be taken.
pub fn gather(named: &[PathBuf]) -> (Vec<Found>, Vec<Refused>) {
    let mut walk = Walk::default();
    for path in named {
        walk.named(path);
    }
    (walk.found, walk.refused)
}

impl Found {
    /// Opens it for reading; whatever was put in its place since it was found is refused unless it is a plain file.
    pub fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let mut flags = rustix::fs::OFlags::NONBLOCK;
        if self.from_folder {
            flags |= rustix::fs::OFlags::NOFOLLOW;
        }
        // The bits of open(2) are an int everywhere; rustix keeps them unsigned.
        let file = options.read(true).custom_flags(flags.bits() as i32).open(&self.path)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("it is not a plain file")),
        }
    }
}

#[derive(Default)]
struct Walk {
    found: Vec<Found>,
    refused: Vec<Refused>,
}

impl Walk {
    fn named(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => match fs::canonicalize(path) {
                Ok(root) => self.folder(path, &root, 0),
                Err(error) => self.refuse(path, error.to_string()),
            },
            Ok(about) if about.is_file() => self.take(path, about.len(), false),
            Ok(_) => self.refuse(path, "it is neither a file nor a folder".to_owned()),
            Err(error) => self.refuse(path, error.to_string()),
        }
    }

    fn folder(&mut self, folder: &Path, root: &Path, depth: usize) {
        if depth >= DEPTH_MAX {
            return self.refuse(folder, format!("folders are nested more than {DEPTH_MAX} deep"));
        }
        let names = fs::read_dir(folder)
            .and_then(|entries| entries.map(|e| Ok(e?.path())).collect::<io::Result<Vec<_>>>());
        let mut names = match names {
            Ok(names) => names,
            Err(error) => return self.refuse(folder, error.to_string()),
        };
        names.sort();
        for path in names {
            self.entry(&path, root, depth);
        }
    }

    fn entry(&mut self, path: &Path, root: &Path, depth: usize) {
        // Hidden files are editors' and file systems' own; no hospital's system exports under such a name.
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            return;
        }
        match fs::symlink_metadata(path) {
            Ok(about) if about.is_symlink() => self.link(path, root),
            Ok(about) if about.is_dir() => self.folder(path, root, depth + 1),
            Ok(about) if about.is_file() => self.take(path, about.len(), true),
            Ok(_) => self.refuse(path, "it is neither a file nor a folder".to_owned()),
            Err(error) => self.refuse(path, error.to_string()),
        }
    }

    /// A link within the folder is left alone, since what it leads to is met on the walk itself.
    fn link(&mut self, path: &Path, root: &Path) {
        match fs::canonicalize(path) {
            Ok(target) if target.starts_with(root) => {}
            Ok(_) => self
                .refuse(path, "it is a link that leads out of the folder; name the file itself".to_owned()),
            Err(error) => self.refuse(path, format!("it is a link that leads nowhere ({error})")),
        }
    }

    fn take(&mut self, path: &Path, bytes: u64, from_folder: bool) {
        if self.found.len() < FILES_MAX {
            self.found.push(Found { path: path.to_owned(), bytes, from_folder });
        } else if self.found.len() == FILES_MAX {
            self.refuse(path, format!("more than {FILES_MAX} files; import the rest separately"));
        }
    }

    fn refuse(&mut self, path: &Path, why: String) {
        if self.refused.len() < 10_000 {
            self.refused.push(Refused { path: path.to_owned(), why });
        }
    }
}
