//! A plain index in memory, and the shared test data: what the tests hold translations against.
#![allow(dead_code)]

use basics::{EntryNumber, FeedName, Moment, Zone};
use care::identity::{LinkChange, merge, resolve_apart, unmerge_from};
use care::{Fact, Identifier, IdentifierKind, PatientKey, PatientRecord, Resolution, What};
use std::collections::HashMap;
use std::path::PathBuf;
use translate::{FeedRules, Received, Translation};

/// The folder of shared test data, if it is there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("LIFEBOAT_SHARED_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")));
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("shared data absent, skipped: {path}");
    None
}

/// The bytes of a file, unpacked if it is a gzip.
pub fn bytes(path: &std::path::Path) -> Vec<u8> {
    let raw = std::fs::read(path).unwrap();
    if !raw.starts_with(&[0x1F, 0x8B]) {
        return raw;
    }
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&raw[..]), &mut out).unwrap();
    out
}

pub fn rules(zone: Zone) -> FeedRules {
    FeedRules { zone, ..FeedRules::new(FeedName::new("test").unwrap()) }
}

pub fn received(entry: u64) -> Received {
    let at = Moment::from_milliseconds(1_800_000_000_000);
    Received { entry: EntryNumber(entry), received: at, feed: FeedName::new("test").unwrap() }
}

/// Records as a control room keeps them.
#[derive(Default)]
pub struct Index {
    pub records: Vec<PatientRecord>,
    pub by_number: HashMap<Identifier, PatientKey>,
    pub conflicts: usize,
}

impl Index {
    pub fn apply(&mut self, translation: &Translation) {
        for fact in &translation.facts {
            self.fact(fact);
        }
    }

    fn find(&mut self, identifiers: &[Identifier]) -> PatientKey {
        let by_number = &self.by_number;
        let records = &self.records;
        let look = |i: &Identifier| by_number.get(i).copied();
        let numbers = |key: PatientKey| records[key.0 as usize].identifiers.clone();
        match resolve_apart(identifiers, &look, &numbers) {
            Resolution::Known(key) => key,
            Resolution::Conflict { by_mrn, .. } => {
                self.conflicts += 1;
                by_mrn
            }
            Resolution::New => {
                let key = PatientKey(self.records.len() as u64);
                self.records.push(PatientRecord { key, ..PatientRecord::default() });
                key
            }
        }
    }

    fn register(&mut self, key: PatientKey, identifiers: &[Identifier]) {
        for identifier in identifiers.iter().filter(|i| i.kind != IdentifierKind::Other) {
            self.by_number.entry(identifier.clone()).or_insert(key);
        }
    }

    fn fact(&mut self, fact: &Fact) {
        let key = self.find(&fact.about.identifiers);
        self.register(key, &fact.about.identifiers);
        self.records[key.0 as usize].apply_fact(fact);
        let changes = match &fact.what {
            What::Merge { prior } => {
                let other = self.find(prior);
                self.register(other, prior);
                self.records[other.0 as usize].note_identifiers(prior, &fact.cite, true);
                merge(key, other, &|k| self.records[k.0 as usize].merged_into)
            }
            What::Unmerge { prior } => {
                let other = self.find(prior);
                unmerge_from(key, other, &|k| self.records[k.0 as usize].merged_into).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for change in changes {
            match change {
                LinkChange::Link { prior, survivor } => {
                    self.records[prior.0 as usize].link_into(survivor);
                    self.records[survivor.0 as usize].adopt(prior);
                }
                LinkChange::Unlink { prior, survivor } => {
                    self.records[prior.0 as usize].unlink();
                    self.records[survivor.0 as usize].release(prior);
                }
            }
        }
    }

    pub fn by_mrn(&self, mrn: &str) -> Option<&PatientRecord> {
        self.records.iter().find(|r| r.mrns().any(|m| m == mrn))
    }
}
