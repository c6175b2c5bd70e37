//! Test 22 and shipping: a witness takes bundles in any order and any overlap, and a forked book is detected with both
//! signed heads kept as proof.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::EntryNumber;
use common::*;
use logbook::trial_disks::Dice;
use logbook::{
    Fault, ForkProof, Head, Imported, VerifyWith, compare_heads, export, import, verify, verify_bundle,
};
use std::path::Path;

fn ship(from_dir: &Path, to_dir: &Path, (from, to): (u64, u64)) -> Result<Imported, Fault> {
    let bundle = tempfile::NamedTempFile::new().unwrap();
    let range = (EntryNumber(from), EntryNumber(to));
    export(from_dir, &book(), &keys(), range, at(99), &mut bundle.as_file()).unwrap();
    import(bundle.path(), to_dir, &keys().verifying_key())
}

fn seal_of(dir: &Path) -> (u64, logbook::Seal) {
    let verdict = verify(dir, VerifyWith::Keys(&keys()), &[]).unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
    (verdict.books[0].entries, verdict.books[0].seal)
}

#[test]
fn a_witness_ends_with_the_same_book_whatever_the_bundles() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    (0..4).for_each(|part| write_book(&source, 15 + part, small()));
    let (size_now, _) = seal_of(&source);
    for run in 0..size(10, 500) {
        let mut dice = Dice::new(seed() + run);
        let witness = dir.path().join(format!("witness{run}"));
        let mut held = 0;
        while held < size_now {
            let from = 1 + dice.below(held + 3);
            let to = (from + dice.below(20)).min(size_now);
            if from > size_now {
                continue;
            }
            match ship(&source, &witness, (from, to)) {
                Ok(imported) => {
                    assert_eq!(imported.new + imported.known, to + 1 - from);
                    held = held.max(to);
                }
                Err(Fault::Gap { wanted, .. }) => assert_eq!(wanted.0, held + 1),
                Err(other) => panic!("run {run}, {from} to {to}, held {held}: {other}"),
            }
        }
        assert_eq!(seal_of(&witness), seal_of(&source), "run {run}");
        assert_eq!(read_all(&witness).unwrap(), read_all(&source).unwrap());
    }
}

#[test]
fn every_flipped_bit_of_a_bundle_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    write_book(&source, 30, small());
    let bundle = dir.path().join("bundle");
    let mut whole = Vec::new();
    export(&source, &book(), &keys(), (EntryNumber(5), EntryNumber(25)), at(1), &mut whole).unwrap();
    std::fs::write(&bundle, &whole).unwrap();
    let key = keys().verifying_key();
    assert_eq!(verify_bundle(&bundle, &key).unwrap().to, EntryNumber(25));
    let mut dice = Dice::new(seed());
    for _ in 0..size(300, 5_000) {
        let mut flipped = whole.clone();
        flipped[dice.below(whole.len() as u64) as usize] ^= 1 << dice.below(8);
        std::fs::write(&bundle, &flipped).unwrap();
        assert!(verify_bundle(&bundle, &key).is_err());
    }
    std::fs::write(&bundle, &whole[..whole.len() / 2]).unwrap();
    assert!(verify_bundle(&bundle, &key).is_err());
}

/// A witness, honest or with a planted fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Witness {
    Remembers,
    /// The planted fault: each visit is met by a folder that holds nothing.
    Forgets,
}

/// One book continued in two ways; each history shown to its own witness, then the second shown to the first. What is
/// wrong with what came of it, if anything.
fn fork(common: u64, (left, right): (u64, u64), kind: Witness) -> Result<(), String> {
    let dir = scratch();
    let [a, b, witness, other] = ["a", "b", "witness", "other"].map(|name| dir.path().join(name));
    write_book(&a, common, small());
    copy_dir(&a, &b);
    write_book(&a, left, small());
    let (loggist, _) = open(&b, real(), small()).unwrap();
    for n in 0..right {
        loggist.append(8, format!("another history {n}"), at(n)).unwrap();
    }
    loggist.close().unwrap();
    ship(&a, &witness, (1, common + left)).unwrap();
    let (shown_to, from) = match kind {
        Witness::Remembers => (&witness, common),
        Witness::Forgets => (&other, 1),
    };
    let proof: Box<ForkProof> = match ship(&b, shown_to, (from, common + right)) {
        Err(Fault::Forked(proof)) => proof,
        other => return Err(format!("the fork went unseen: {other:?}")),
    };
    let kept = std::fs::read(witness.join("feed.forks")).map_err(|e| format!("no proof is kept: {e}"))?;
    let heads: Vec<Head> = kept.chunks(Head::BYTES).map(|c| Head::from_bytes(c).unwrap()).collect();
    if heads != [proof.held.clone(), proof.shown.clone()] {
        return Err(format!("both signed heads should be kept, {} are", heads.len()));
    }
    if proof.entry.0 != common + 1 || !proof.held.is_signed() || !proof.shown.is_signed() {
        return Err(format!("forked at {}: {proof:?}", common + 1));
    }
    let comparable = compare_heads(&proof.held, &proof.shown).is_some();
    if comparable == (left == right) { Ok(()) } else { Err("two heads compare wrongly".to_owned()) }
}

#[test]
fn a_forked_book_is_detected_and_both_heads_are_kept() {
    for (common, left, right) in [(10, 5, 5), (10, 3, 9), (10, 9, 3), (25, 1, 1)] {
        assert_eq!(fork(common, (left, right), Witness::Remembers), Ok(()), "{common}, {left}, {right}");
    }
    let mut dice = Dice::new(seed());
    for _ in 0..size(10, 1_000) {
        let (common, left, right) = (1 + dice.below(40), 1 + dice.below(20), 1 + dice.below(20));
        let replay = format!("LIFEBOAT_SEED={}: {common}, {left}, {right}", seed());
        assert_eq!(fork(common, (left, right), Witness::Remembers), Ok(()), "{replay}");
    }
}

#[test]
fn a_witness_that_forgets_is_caught() {
    assert!(fork(10, (5, 5), Witness::Forgets).is_err(), "the planted fault went unseen");
}

#[test]
fn a_book_shown_twice_is_not_called_forked() {
    let dir = scratch();
    let (source, witness) = (dir.path().join("source"), dir.path().join("witness"));
    write_book(&source, 15, small());
    ship(&source, &witness, (1, 15)).unwrap();
    ship(&source, &witness, (10, 15)).unwrap();
    assert!(!witness.join("feed.forks").exists());
}
