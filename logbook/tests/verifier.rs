//! Test 23: an independent verifier, in Python and from the written format alone, agrees on every book, whole or not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::tamper::tamper;
use common::*;
use logbook::trial_disks::Dice;
use logbook::{VerifyWith, verify};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The interpreter with the `cryptography` package; `None`, said aloud, when there is none.
fn python() -> Option<PathBuf> {
    let path = std::env::var_os("LIFEBOAT_PYTHON")
        .map_or_else(|| Path::new(ROOT).join(".venv/bin/python3"), PathBuf::from);
    let usable = Command::new(&path).args(["-c", "import cryptography"]).status().is_ok_and(|s| s.success());
    if !usable {
        println!("independent verifier skipped: {} with the cryptography package is absent", path.display());
    }
    usable.then_some(path)
}

/// What both verifiers must say alike about the folder's one book.
fn ours(dir: &Path, with_data: bool) -> String {
    let (keys, key) = (keys(), keys().verifying_key());
    let with = if with_data { VerifyWith::Keys(&keys) } else { VerifyWith::VerifyingKey(&key) };
    let verdict = verify(dir, with, &[]).unwrap();
    let book = &verdict.books[0];
    let file = book.flaw.as_ref().map(|f| f.file.file_name().unwrap().to_string_lossy().into_owned());
    let mut bodies = Sha256::new();
    let readable = if with_data { book.entries } else { 0 };
    let reader = logbook::Reader::open(dir, &book.book, &keys, real());
    let entries = reader.into_iter().flat_map(|r| r.read_from(basics::EntryNumber(1)));
    for entry in entries.take(readable as usize) {
        let entry = entry.unwrap();
        bodies.update((entry.body.len() as u64).to_le_bytes());
        bodies.update(&entry.body);
    }
    let hex: String = bodies.finalize().iter().map(|b| format!("{b:02x}")).collect();
    let readable = if book.is_clean() { hex } else { "-".to_owned() };
    format!(
        "{} {} {:?} {:?} {} {} {} {readable}",
        book.entries,
        book.is_clean(),
        file,
        book.flaw.as_ref().and_then(|f| f.entry).map(|e| e.0),
        book.unfinished.is_some(),
        book.after_last_head,
        book.seal
    )
}

fn theirs(python: &Path, dirs: &[PathBuf], data_key: &str) -> Vec<String> {
    let hex: String = keys().verifying_key().iter().map(|b| format!("{b:02x}")).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verifier.py");
    let output = Command::new(python).arg(script).args([&hex, data_key]).args(dirs).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines()
        .map(|line| {
            let text = |name: &str| {
                let rest = line.split_once(&format!("\"{name}\": ")).unwrap().1;
                rest.trim_start_matches('"').split(['"', ',', '}']).next().unwrap().to_owned()
            };
            let file = match text("flaw_file").as_str() {
                "null" => None,
                file => Some(file.to_owned()),
            };
            let clean = text("clean") == "true";
            format!(
                "{} {clean} {file:?} {:?} {} {} {} {}",
                text("entries"),
                text("flaw_entry").parse::<u64>().ok(),
                text("unfinished"),
                text("after_last_head"),
                text("seal"),
                if clean { text("bodies") } else { "-".to_owned() }
            )
        })
        .collect()
}

/// Makes one book of many kinds: whole, left open, cut off, flipped, tampered with.
fn make(dir: &Path, n: u64, dice: &mut Dice) {
    for _ in 0..1 + dice.below(3) {
        write_book(dir, 1 + dice.below(25), small());
    }
    match n % 5 {
        0 => {}
        1 => drop(tamper(dir, dice)),
        2 => {
            // As if killed: bytes of an unfinished commit, and zeros filled ahead.
            let last = tamper::segments(dir).pop().unwrap();
            let mut bytes = std::fs::read(&last).unwrap();
            let from = tamper::entries(&bytes)[0].commit;
            let junk = bytes[from..from + 100].to_vec();
            bytes.extend((0..dice.below(100)).map(|i| junk[i as usize]));
            bytes.extend(vec![0; dice.below(500) as usize]);
            std::fs::write(&last, bytes).unwrap();
        }
        3 => {
            let heads = dir.join("feed.heads");
            let length = std::fs::metadata(&heads).unwrap().len();
            let file = std::fs::OpenOptions::new().write(true).open(&heads).unwrap();
            file.set_len(dice.below(length + 1)).unwrap();
            if dice.below(2) == 0 {
                tamper(dir, dice);
            }
        }
        _ => {
            let mut files: Vec<PathBuf> = tamper::segments(dir);
            files.push(dir.join("feed.heads"));
            let file = &files[dice.below(files.len() as u64) as usize];
            let mut bytes = std::fs::read(file).unwrap();
            let byte = dice.below(bytes.len() as u64) as usize;
            bytes[byte] ^= 1 << dice.below(8);
            std::fs::write(file, bytes).unwrap();
        }
    }
}

#[test]
fn an_independent_verifier_agrees() {
    let Some(python) = python() else { return };
    let root = scratch();
    let mut dice = Dice::new(seed());
    let dirs: Vec<PathBuf> = (0..size(30, 1000)).map(|n| root.path().join(format!("{n:04}"))).collect();
    dirs.iter().zip(0..).for_each(|(dir, n)| make(dir, n, &mut dice));
    let data_key = "2a".repeat(32);
    for (key, with_data) in [(data_key.as_str(), true), ("-", false)] {
        for some in dirs.chunks(100) {
            let said = theirs(&python, some, key);
            assert_eq!(said.len(), some.len());
            for (dir, theirs) in some.iter().zip(said) {
                assert_eq!(ours(dir, with_data), theirs, "{}; LIFEBOAT_SEED={}", dir.display(), seed());
            }
        }
    }
    // The planted fault: told about a book that was changed in between, the two must differ.
    let before = ours(&dirs[0], true);
    write_book(&dirs[0], 1, small());
    assert_ne!(vec![before], theirs(&python, &dirs[..1], &data_key));
}
