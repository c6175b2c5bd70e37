//! Every message of every corpus: no panic, an outcome for each, and a table of what waits in the tray; then mutants.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use common::{bytes, received, rules, shared};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use translate::{Outcome, Translation};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// The entries of a file as the import would make them.
fn entries(path: &Path) -> Vec<Vec<u8>> {
    let all = bytes(path);
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    if name.contains(".ndjson") {
        return all.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect();
    }
    if name.ends_with(".json") {
        return vec![all];
    }
    let messages = ["hl7", "out", "txt"].iter().any(|end| name.ends_with(end)) && name != "SOURCE.txt";
    if !messages {
        return Vec::new();
    }
    hl7::split(&all).map(|piece| piece.bytes().to_vec()).collect()
}

fn corpus(folders: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    for folder in folders {
        let Some(root) = shared(folder) else { continue };
        let mut paths = Vec::new();
        files(&root, &mut paths);
        for path in paths {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            out.extend(entries(&path).into_iter().map(|e| (format!("{folder}/{name}"), e)));
        }
    }
    out
}

fn outcome(translation: &Translation) -> &'static str {
    match translation.outcome() {
        Outcome::Understood => "understood",
        Outcome::PartLost => "part lost",
        Outcome::NotUnderstood => "not understood",
    }
}

#[test]
fn every_message_of_every_corpus_has_an_outcome() {
    let rules = rules(Zone::london());
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let all = corpus(&["hl7v2", "fhir", "appointments"]);
    for (count, (name, entry)) in all.iter().enumerate() {
        let translation = translate::any(entry, &received(count as u64), &rules);
        let folder = name.split('/').take(2).collect::<Vec<_>>().join("/");
        *table.entry((folder, outcome(&translation))).or_default() += 1;
        if translation.outcome() != Outcome::Understood {
            let worst = translation.problems.iter().max_by_key(|p| p.kind).unwrap();
            reasons.entry(worst.text.clone()).or_default().push(format!("{name} {}", worst.place));
        }
        for fact in &translation.facts {
            assert!(
                fact.about.identifiers.iter().any(|i| i.matches_records()),
                "{name}: a fact without a number"
            );
        }
    }
    for ((folder, outcome), count) in &table {
        println!("{folder:<32} {outcome:<15} {count}");
    }
    for (reason, names) in &reasons {
        println!(
            "{:>5}  {reason}\n         {}",
            names.len(),
            names.iter().take(4).cloned().collect::<Vec<_>>().join("\n         ")
        );
    }
    assert_eq!(table.values().sum::<usize>(), all.len());
}

/// A generator from a seed, so that a failure can be replayed (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

const TOKENS: [&[u8]; 16] = [
    b"|",
    b"^",
    b"~",
    b"&",
    b"\\",
    b"\r",
    b"\n",
    b"\"\"",
    b"MSH|",
    b"PID|",
    b"\x00",
    b"\xFF\xFE",
    b"{",
    b"[",
    b"\"",
    b"9999999999999999999",
];

fn mutate(entry: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = entry.to_vec();
    for _ in 0..=chance.next(6) {
        let at = chance.next(out.len() + 1);
        match chance.next(6) {
            0 => out.truncate(at),
            1 => drop(out.splice(at..at, TOKENS[chance.next(TOKENS.len())].iter().copied())),
            2 if at < out.len() => out[at] = chance.next(256) as u8,
            3 => {
                let to = (at + chance.next(40)).min(out.len());
                out.drain(at..to);
            }
            4 => {
                let from = chance.next(other.len() + 1);
                let to = (from + chance.next(200)).min(other.len());
                out.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                let to = (at + chance.next(60)).min(out.len());
                let part = out[at..to].to_vec();
                out.splice(at..at, part);
            }
        }
    }
    out
}

#[test]
fn mutants_never_panic_and_every_one_has_an_outcome() {
    let all: Vec<(String, Vec<u8>)> = corpus(&["hl7v2", "fhir/hl7-r4-examples", "fhir/nhs-bars"])
        .into_iter()
        .filter(|(_, e)| e.len() < 60_000)
        .collect();
    if all.is_empty() {
        return;
    }
    let torture = std::env::var("LIFEBOAT_TORTURE").is_ok_and(|v| v == "1");
    let count: u64 = if torture { 10_000_000 } else { 3_000 };
    let seed: u64 = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(12);
    let rules = rules(Zone::london());
    for round in 0..count {
        let mut chance = Chance(seed.wrapping_mul(1_000_003).wrapping_add(round));
        let (name, entry) = &all[chance.next(all.len())];
        let other = &all[chance.next(all.len())].1;
        let mutant = mutate(entry, other, &mut chance);
        let run = std::panic::catch_unwind(|| {
            let translation = translate::any(&mutant, &received(round), &rules);
            let mut index = common::Index::default();
            index.apply(&translation);
            translation.outcome()
        });
        assert!(run.is_ok(), "seed {seed} round {round} ({name}): replay with LIFEBOAT_SEED={seed}");
    }
    println!("{count} mutants, seed {seed}");
}

#[test]
fn hostile_json_is_refused() {
    let rules = rules(Zone::london());
    let deep = "[".repeat(200_000);
    let closed = format!("{}{}", "{\"resourceType\":".repeat(5_000), "}".repeat(5_000));
    let nested = format!("{{\"resourceType\":\"Bundle\",\"entry\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    let big = vec![b'{'; 17 * 1024 * 1024];
    for bytes in
        [deep.as_bytes(), closed.as_bytes(), nested.as_bytes(), &big, b"{}", b"[]", b"{", b"null", b""]
    {
        let translation = translate::any(bytes, &received(1), &rules);
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert_eq!(translation.outcome(), Outcome::NotUnderstood, "{start}: {:?}", translation.problems);
    }
}
