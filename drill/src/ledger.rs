//! The sender's own book of what was acknowledged, kept apart from Lifeboat to hold it to its word.
//!
//! Always written after the acknowledgement arrived, one line a message; never read by Lifeboat itself. With it a
//! test can say "nothing acknowledged is missing" after the plug was pulled.
//! Called by `Sender`; read by the kill and reopen tests.

use crate::Outgoing;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// One acknowledged message: by which feed, under which control id, and what its bytes were.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub struct Acknowledged {
    pub feed: String,
    pub control_id: String,
    pub bytes_length: u64,
    pub fingerprint: u64,
}

impl Acknowledged {
    /// The line for a message of this feed with this control id.
    pub fn of(feed: &str, control_id: &str, bytes: &[u8]) -> Self {
        Self {
            feed: feed.to_owned(),
            control_id: control_id.replace(['\t', '\n', '\r'], " "),
            bytes_length: bytes.len() as u64,
            fingerprint: fingerprint(bytes),
        }
    }
}

/// The ledger: in memory, and in a file where one is given.
#[derive(Debug, Default)]
pub struct Ledger {
    lines: Mutex<Vec<Acknowledged>>,
    /// What the file held when it was opened: the same trust, started again, need not send it again.
    before: BTreeSet<Acknowledged>,
    file: Option<Mutex<File>>,
}

impl Ledger {
    /// A ledger in memory alone.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A ledger that also appends to `path`; lines already there are kept and read.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        let lines = if path.exists() { Self::read(path)? } else { Vec::new() };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let before = lines.iter().cloned().collect();
        Ok(Self { lines: Mutex::new(lines), before, file: Some(Mutex::new(file)) })
    }

    /// Whether the message was acknowledged before this ledger was opened.
    pub fn held_before(&self, message: &Outgoing) -> bool {
        !self.before.is_empty()
            && self.before.contains(&Acknowledged::of(
                message.feed.as_str(),
                &message.control_id,
                &message.bytes,
            ))
    }

    /// The lines of a ledger file. A last line that a killed sender left half written is not a line.
    pub fn read(path: &Path) -> io::Result<Vec<Acknowledged>> {
        let mut lines = Vec::new();
        for line in BufReader::new(File::open(path)?).lines() {
            let line = line?;
            let mut parts = line.split('\t');
            let parsed = (|| {
                Some(Acknowledged {
                    feed: parts.next()?.to_owned(),
                    control_id: parts.next()?.to_owned(),
                    bytes_length: parts.next()?.parse().ok()?,
                    fingerprint: u64::from_str_radix(parts.next()?, 16).ok()?,
                })
            })();
            lines.extend(parsed);
        }
        Ok(lines)
    }

    /// Notes that this message was acknowledged.
    pub fn record(&self, message: &Outgoing) {
        let line = Acknowledged::of(message.feed.as_str(), &message.control_id, &message.bytes);
        if let Some(file) = &self.file {
            let text = format!(
                "{}\t{}\t{}\t{:016x}\n",
                line.feed, line.control_id, line.bytes_length, line.fingerprint
            );
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(fault) = file.write_all(text.as_bytes()) {
                tracing::error!(%fault, "the sender's ledger could not be written; acknowledgements go unrecorded");
            }
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Everything acknowledged so far, in order of acknowledgement.
    pub fn lines(&self) -> Vec<Acknowledged> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lines for which no kept message remains. `kept` is what Lifeboat says it holds. A message that was sent and
    /// acknowledged twice is kept once, by the rule for duplicates; so equal lines ask for one kept message.
    pub fn missing(&self, kept: impl IntoIterator<Item = Acknowledged>) -> Vec<Acknowledged> {
        let mut wanted: BTreeMap<Acknowledged, ()> =
            self.lines().into_iter().map(|line| (line, ())).collect();
        for line in kept {
            wanted.remove(&line);
        }
        wanted.into_keys().collect()
    }
}

/// FNV-1a, 64 bits: enough to tell messages apart, not to prove anything.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
