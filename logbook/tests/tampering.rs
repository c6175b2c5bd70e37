//! Tests 6, 7, 21 and 24: every flipped bit, edit, deletion, reordering and truncation is detected, file and entry named;
//! older files put back are shown by a head kept elsewhere; a large book is verified whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::tamper::tamper;
use common::*;
use logbook::trial_disks::Dice;
use logbook::{Fault, Verdict, VerifyWith, verify};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

fn verdict(dir: &Path) -> Verdict {
    verify(dir, VerifyWith::Keys(&keys()), &[]).unwrap()
}

/// Detected when verify is not clean and names the file.
fn names(verdict: &Verdict, file: &Path) -> bool {
    let book = &verdict.books[0];
    let flaw = book.flaw.as_ref().is_some_and(|flaw| flaw.file == file);
    flaw || book.unfinished.as_ref().is_some_and(|unfinished| unfinished.file == file)
}

/// Flips so many bits, one at a time, all over the files of a book; how many `verifier` missed.
fn missed_flips(flips: u64, verifier: impl Fn(&Path) -> Verdict) -> u64 {
    let dir = scratch();
    for part in 0..3 {
        write_book(dir.path(), 12 + part, small());
    }
    assert!(verdict(dir.path()).is_clean());
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "segment" || e == "heads"))
        .collect();
    files.sort();
    let mut dice = Dice::new(seed());
    let mut missed = 0;
    for n in 0..flips {
        let file = &files[dice.below(files.len() as u64) as usize];
        let whole = std::fs::read(file).unwrap();
        let (byte, bit) = (dice.below(whole.len() as u64) as usize, dice.below(8));
        let mut flipped = whole.clone();
        flipped[byte] ^= 1 << bit;
        std::fs::write(file, &flipped).unwrap();
        let found = verifier(dir.path());
        if !names(&found, file) {
            missed += 1;
            eprintln!("flip {n} of bit {bit} in byte {byte} of {}: {:?}", file.display(), found.books);
        }
        std::fs::write(file, &whole).unwrap();
    }
    missed
}

#[test]
fn every_flipped_bit_is_detected_and_its_file_named() {
    let missed = missed_flips(size(500, 10_000), verdict);
    assert_eq!(missed, 0, "replay: LIFEBOAT_SEED={} cargo test -p logbook --test tampering", seed());
}

/// The planted fault: a verifier that looks at the newest segment alone, as opening a book does. `known` is the book as
/// it was.
fn newest_alone(dir: &Path, known: &Path) -> Verdict {
    let seen = scratch();
    copy_dir(known, seen.path());
    let newest = tamper::segments(dir).pop().unwrap();
    std::fs::copy(&newest, seen.path().join(newest.file_name().unwrap())).unwrap();
    verdict(seen.path())
}

#[test]
fn a_verifier_that_looks_at_the_newest_segment_alone_is_caught() {
    let known = scratch();
    for part in 0..3 {
        write_book(known.path(), 12 + part, small());
    }
    assert!(
        missed_flips(20, |dir| newest_alone(dir, known.path())) > 0,
        "flips: the planted fault went unseen"
    );
    let unnamed = unnamed_deeds(20, newest_alone);
    assert!(!unnamed.is_empty(), "deeds: the planted fault went unseen");
}

/// Does so many deeds, each to a fresh copy of one book; those whose entry `verifier(copy, original)` did not name.
fn unnamed_deeds(deeds: u64, verifier: impl Fn(&Path, &Path) -> Verdict) -> Vec<String> {
    let dir = scratch();
    let (original, copy) = (dir.path().join("original"), dir.path().join("copy"));
    write_book(&original, 40, small());
    write_book(&original, 30, small());
    assert_eq!(verdict(&original).flaw(), None);
    let mut dice = Dice::new(seed());
    let mut unnamed = Vec::new();
    for n in 0..deeds {
        copy_dir(&original, &copy);
        let (deed, file, struck) = tamper(&copy, &mut dice);
        let found = verifier(&copy, &original);
        let named = found.flaw().and_then(|flaw| flaw.entry).map(|entry| entry.0);
        if named != Some(struck) {
            let file = file.display();
            unnamed.push(format!("deed {n}: {deed} at {struck} in {file}: {:?}", found.books));
        }
        std::fs::remove_dir_all(&copy).unwrap();
    }
    unnamed
}

#[test]
fn every_edit_deletion_reordering_and_truncation_names_its_entry() {
    let unnamed = unnamed_deeds(size(500, 10_000), |copy, _| verdict(copy));
    let replay = format!("replay: LIFEBOAT_SEED={} cargo test -p logbook --test tampering", seed());
    assert_eq!(unnamed, Vec::<String>::new(), "{replay}");
}

#[test]
fn a_mended_chain_is_caught_by_the_head_even_without_the_data_key() {
    let dir = scratch();
    let key = keys().verifying_key();
    let mut dice = Dice::new(seed() + 7);
    for _ in 0..size(40, 1000) {
        let copy = dir.path().join("copy");
        write_book(&copy, 30, small());
        tamper(&copy, &mut dice);
        // Without the data key, entries after the last head are chained but by nobody's hand in particular: the
        // verdict counts them.
        let found = verify(&copy, VerifyWith::VerifyingKey(&key), &[]).unwrap();
        assert!(!found.is_clean() || found.books[0].after_last_head > 0, "{:?}", found.books);
        std::fs::remove_dir_all(copy).unwrap();
    }
}

#[test]
fn older_files_put_back_are_shown_by_a_head_kept_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (now, then) = (dir.path().join("now"), dir.path().join("then"));
    write_book(&now, 20, small());
    copy_dir(&now, &then);
    let (loggist, _) = open(&now, real(), small()).unwrap();
    loggist.append(7, body(21), at(21)).unwrap();
    let head = loggist.close().unwrap();
    let with = keys();
    assert!(verify(&now, VerifyWith::Keys(&with), std::slice::from_ref(&head)).unwrap().is_clean());
    assert!(verify(&then, VerifyWith::Keys(&with), &[]).unwrap().is_clean(), "consistent in themselves");
    let found = verify(&then, VerifyWith::Keys(&with), std::slice::from_ref(&head)).unwrap();
    assert_eq!(found.flaw().unwrap().entry.unwrap().0, 21);
    // Nothing at all left in the folder is found out as well.
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(!verify(&empty, VerifyWith::Keys(&with), &[head]).unwrap().is_clean());
    // The planted fault: a witness that kept only the old head cannot see it.
    let old = logbook::read_heads(&then, &book()).unwrap();
    assert!(verify(&then, VerifyWith::Keys(&with), &old).unwrap().is_clean());
}

#[test]
fn a_damaged_last_commit_refuses_to_open_when_a_head_covers_it() {
    let dir = tempfile::tempdir().unwrap();
    write_book(dir.path(), 20, small());
    let last = tamper::segments(dir.path()).pop().unwrap();
    let mut bytes = std::fs::read(&last).unwrap();
    let end = bytes.len() - 40;
    bytes[end] ^= 1;
    std::fs::write(&last, bytes).unwrap();
    match open(dir.path(), real(), small()) {
        Err(Fault::Damaged { file, entry, .. }) => assert_eq!((file, entry.unwrap().0), (last, 20)),
        other => panic!("{:?}", other.map(|(_, opened)| opened)),
    }
    let reader = logbook::Reader::open(dir.path(), &book(), &keys(), real()).unwrap();
    let read: Vec<_> = reader.read_from(basics::EntryNumber(1)).collect();
    assert!(read.last().unwrap().is_err(), "a reader does not end in silence");
    assert!(read.len() > 10, "and reads on as far as it can: {}", read.len());
}

/// A closed book of `count` entries of 1 KB.
fn large_book(dir: &Path, count: u64) {
    let (loggist, _) = open(dir, real(), Default::default()).unwrap();
    for start in (0..count).step_by(1000) {
        let batch = (start..start + 1000).map(|n| (1, vec![n as u8; 1024], at(n))).collect();
        loggist.append_batch(batch).unwrap();
    }
    loggist.close().unwrap();
}

/// What is wrong with a large book, if anything; in full size it must also be found within a minute.
#[allow(clippy::disallowed_methods)]
fn judge_large(dir: &Path, count: u64) -> Result<(), String> {
    let begun = std::time::Instant::now();
    let found = verdict(dir);
    let took = begun.elapsed();
    println!("{count} entries verified in {took:?}");
    if size(0, 1) == 1 && took.as_secs() >= 60 {
        return Err(format!("{count} entries took {took:?}"));
    }
    match found.flaw() {
        Some(flaw) => Err(format!("entry {:?} in {}", flaw.entry, flaw.file.display())),
        None if found.books[0].entries != count => Err(format!("{:?}", found.books)),
        None => Ok(()),
    }
}

#[test]
fn a_large_book_is_verified_and_read_whole() {
    let count = size(50_000, 1_000_000);
    let dir = tempfile::tempdir().unwrap();
    large_book(dir.path(), count);
    assert_eq!(judge_large(dir.path(), count), Ok(()));
    let reader = logbook::Reader::open(dir.path(), &book(), &keys(), real()).unwrap();
    assert_eq!(
        reader.read_from(basics::EntryNumber(count / 2)).filter(|e| e.is_ok()).count() as u64,
        count - count / 2 + 1
    );
    let one = reader.entry(basics::EntryNumber(count - 3)).unwrap().unwrap();
    assert_eq!((one.number.0, one.body[0]), (count - 3, (count - 4) as u8));
    assert_eq!(reader.entry(basics::EntryNumber(count + 1)).unwrap(), None);
    // The planted fault: one byte among all these is changed, which a verifier that takes samples would not meet.
    let segment = tamper::segments(dir.path()).remove(0);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(segment).unwrap();
    let (place, mut byte) = (file.metadata().unwrap().len() / 2, [0]);
    file.read_exact_at(&mut byte, place).unwrap();
    file.write_all_at(&[byte[0] ^ 4], place).unwrap();
    assert!(judge_large(dir.path(), count).is_err(), "the planted fault went unseen");
}
