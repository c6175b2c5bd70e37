//! Files and folders: one message a file, many a file, batches, bundles, NDJSON, gzip of any of them.
//!
//! On the ward: how a hospital's backlog, a vendor's export or a USB stick becomes part of the record. Promises: what
//! a file is is seen from its bytes, never from its name; every byte that belongs to no message goes to the tray as
//! it is; nothing is written anywhere but into the record (RELIABILITY test 20); a file is read piece by piece, in
//! bounded memory. Called by `lifeboat import`; proved by `tests/files.rs`.

mod cutter;
mod gather;
mod order;

use crate::record::{NotKept, Record};
use crate::{BodyLimits, unpack};
use basics::{Clock, FeedName, Moment, csv};
use cutter::{Cut, Cutter};
use gather::Found;
use std::io;
use std::path::{Path, PathBuf};

/// Messages handed to the record in one commit.
const COMMIT_MESSAGES_MAX: usize = 4096;
/// Bytes handed to the record in one commit; one longer message goes alone.
const COMMIT_BYTES_MAX: usize = 8 << 20;

/// Something that could not be taken, and why, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file being read.
    pub file: &'a Path,
    /// Bytes read so far, as stored.
    pub bytes_done: u64,
    /// Bytes of all files, as stored.
    pub bytes_total: u64,
    /// Messages, resources and strays found so far.
    pub messages: u64,
}

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Files read.
    pub files: u64,
    /// Messages and resources handed to the record.
    pub messages: u64,
    /// Runs of bytes that belong to no message, handed to the record for the tray.
    pub strays: u64,
    /// Lines of batch envelopes (FHS, BHS, BTS, FTS); they say nothing of a patient and are only counted.
    pub envelopes: u64,
    /// Of `messages` and `strays`, those that had been kept before.
    pub duplicates: u64,
    /// What could not be taken.
    pub refused: Vec<Refused>,
    /// What a person should know: a batch that holds fewer messages than it says.
    pub notes: Vec<String>,
}

/// Reads `paths` (files, and folders with all they hold, in the order of their names) into the record as `feed`.
/// Fails only when the record does; what was handed over until then is kept.
pub fn import<R: Record>(
    record: &R,
    feed: &FeedName,
    paths: &[PathBuf],
    limits: &BodyLimits,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Report, NotKept> {
    let (mut files, refused) = gather::gather(paths);
    order::references_first(&mut files, limits);
    let bytes_total = files.iter().map(|file| file.bytes).sum();
    let mut importing = Importing {
        record,
        feed,
        clock,
        report: Report { refused, ..Report::default() },
        batch: Vec::new(),
        bytes: 0,
    };
    let mut bytes_before = 0;
    for file in &files {
        let mut tell = |taken: u64, messages: u64| {
            progress(Progress { file: &file.path, bytes_done: bytes_before + taken, bytes_total, messages });
        };
        importing.file(file, limits, &mut tell)?;
        bytes_before += file.bytes;
    }
    importing.commit()?;
    Ok(importing.report)
}

/// Reads a list (CSV) into the record as `feed`: each row a message of its own, under the list's heading.
/// What is no list is refused as a whole. Fails only when the record does; what was handed over until then is kept.
pub fn import_rows<R: Record>(
    record: &R,
    feed: &FeedName,
    bytes: &[u8],
    clock: &dyn Clock,
) -> Result<Report, NotKept> {
    let mut importing =
        Importing { record, feed, clock, report: Report::default(), batch: Vec::new(), bytes: 0 };
    importing.report.files = 1;
    let path = PathBuf::from("the list");
    match csv::rows(bytes) {
        Ok(rows) => {
            for found in rows {
                match found {
                    csv::Found::Row(row) => importing.take(Cut::Message, &row)?,
                    csv::Found::TooLong(line) => importing.report.refused.push(Refused {
                        path: path.clone(),
                        why: format!("line {line} is longer than any row; it is not kept"),
                    }),
                }
            }
        }
        Err(fault) => importing.report.refused.push(Refused { path, why: fault.to_string() }),
    }
    importing.commit()?;
    Ok(importing.report)
}

/// The pieces of one file, in order, for sending them elsewhere. Strays and envelopes are passed over.
pub fn messages(
    path: &Path,
    limits: &BodyLimits,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut cutter = Cutter::new(unpack::reader(std::fs::File::open(path)?, limits)?, limits)?;
    while cutter.round(&mut |cut, bytes| if cut == Cut::Message { take(bytes) } else { Ok(()) })? {}
    Ok(())
}

struct Importing<'a, R> {
    record: &'a R,
    feed: &'a FeedName,
    clock: &'a dyn Clock,
    report: Report,
    batch: Vec<(Vec<u8>, Moment)>,
    bytes: usize,
}

impl<R: Record> Importing<'_, R> {
    /// One file. A fault of the file is reported and the import goes on; a fault of the record ends it.
    fn file(
        &mut self,
        file: &Found,
        limits: &BodyLimits,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<(), NotKept> {
        let mut batches = BatchCount::default();
        let before = self.report.messages + self.report.strays + self.report.envelopes;
        let opened = file.open().and_then(|f| unpack::reader(f, limits)).and_then(|r| Cutter::new(r, limits));
        let mut cutter = match opened {
            Ok(cutter) => cutter,
            Err(error) => {
                self.refuse(file, error.to_string());
                return Ok(());
            }
        };
        self.report.files += 1;
        loop {
            let mut failed = None;
            let round = cutter.round(&mut |cut, bytes| {
                if let Some(note) = batches.saw(cut, bytes) {
                    self.report.notes.push(format!("{}: {note}", file.path.display()));
                }
                self.take(cut, bytes).map_err(|error| {
                    failed = Some(error);
                    io::Error::other("the record failed")
                })
            });
            if let Some(failed) = failed {
                return Err(failed);
            }
            tell(cutter.bytes_taken(), self.report.messages + self.report.strays);
            match round {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.refuse(file, format!("{error}; what came before is kept"));
                    return Ok(());
                }
            }
        }
        if self.report.messages + self.report.strays + self.report.envelopes == before {
            self.refuse(file, "there is nothing in it".to_owned());
        }
        Ok(())
    }

    fn take(&mut self, cut: Cut, bytes: &[u8]) -> Result<(), NotKept> {
        match cut {
            Cut::Message => self.report.messages += 1,
            Cut::Stray => self.report.strays += 1,
            Cut::Envelope => {
                self.report.envelopes += 1;
                return Ok(());
            }
        }
        if self.bytes + bytes.len() > COMMIT_BYTES_MAX || self.batch.len() >= COMMIT_MESSAGES_MAX {
            self.commit()?;
        }
        self.bytes += bytes.len();
        self.batch.push((bytes.to_vec(), Moment::default()));
        Ok(())
    }

    fn commit(&mut self) -> Result<(), NotKept> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let at = self.clock.now();
        let mut batch = std::mem::take(&mut self.batch);
        batch.iter_mut().for_each(|(_, received)| *received = at);
        self.bytes = 0;
        let kept = self.record.receive_batch(self.feed, batch)?;
        self.report.duplicates += kept.iter().filter(|kept| kept.duplicate).count() as u64;
        Ok(())
    }

    fn refuse(&mut self, file: &Found, why: String) {
        self.report.refused.push(Refused { path: file.path.clone(), why });
    }
}

/// Compares what a batch's trailer says with what was found.
#[derive(Default)]
struct BatchCount {
    messages: u64,
}

impl BatchCount {
    fn saw(&mut self, cut: Cut, bytes: &[u8]) -> Option<String> {
        match cut {
            Cut::Message => self.messages += 1,
            Cut::Envelope if bytes.starts_with(b"BHS") => self.messages = 0,
            Cut::Envelope if bytes.starts_with(b"BTS") => {
                let separator = bytes.get(3).copied()?;
                let said = bytes.get(4..)?.split(|b| *b == separator).next()?;
                let said: u64 = std::str::from_utf8(said).ok()?.trim().parse().ok()?;
                let found = std::mem::take(&mut self.messages);
                return (said != found)
                    .then(|| format!("a batch says it holds {said} messages, {found} were found"));
            }
            _ => {}
        }
        None
    }
}
