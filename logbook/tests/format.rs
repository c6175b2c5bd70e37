//! Frozen bytes stay readable for ever; arbitrary bytes never panic; the lock and the limits hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::EntryNumber;
use common::*;
use logbook::{Fault, KeyFile, Keys, VerifyWith, verify};
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frozen/book_v1.hex");

/// Lines "NAME HEX".
fn thaw(dir: &Path) {
    for line in std::fs::read_to_string(FROZEN).unwrap().lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let bytes: Vec<u8> =
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

/// Made once with `LOGBOOK_FREEZE=1`; never made again for this version of the format.
fn freeze() {
    let dir = tempfile::tempdir().unwrap();
    write_book(dir.path(), 4, small());
    write_book(dir.path(), 2, small());
    let mut text = String::new();
    for name in ["feed-00000001.segment", "feed-00000002.segment", "feed.heads"] {
        let bytes = std::fs::read(dir.path().join(name)).unwrap();
        let hex = bytes.iter().fold(String::new(), |mut hex, b| {
            write!(hex, "{b:02x}").unwrap();
            hex
        });
        writeln!(text, "{name} {hex}").unwrap();
    }
    std::fs::write(FROZEN, text).unwrap();
}

#[test]
fn a_book_of_the_first_version_stays_readable() {
    if std::env::var_os("LOGBOOK_FREEZE").is_some() {
        freeze();
    }
    let dir = tempfile::tempdir().unwrap();
    thaw(dir.path());
    let verdict = verify(dir.path(), VerifyWith::Keys(&keys()), &[]).unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
    assert_eq!(read_all(dir.path()).unwrap(), (1..=6).map(body).collect::<Vec<_>>());
    let (loggist, opened) = open(dir.path(), real(), small()).unwrap();
    assert_eq!(opened.entries, 6);
    assert_eq!(loggist.append(1, b"", at(7)).unwrap().number, EntryNumber(7));
    loggist.close().unwrap();
    assert!(verify(dir.path(), VerifyWith::Keys(&keys()), &[]).unwrap().is_clean());
}

#[test]
fn only_one_loggist_may_hold_a_book_and_limits_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (loggist, _) = open(dir.path(), real(), small()).unwrap();
    assert!(matches!(open(dir.path(), real(), small()), Err(Fault::InUse(_))));
    let long = vec![0; logbook::BODY_BYTES_MAX + 1];
    assert!(matches!(loggist.append(1, &long, at(1)), Err(Fault::TooLarge { .. })));
    loggist.append(1, &long[1..], at(1)).unwrap();
    assert_eq!(loggist.reader().unwrap().entry(EntryNumber(1)).unwrap().unwrap().body, &long[1..]);
    loggist.close().unwrap();
    assert!(verify(dir.path(), VerifyWith::Keys(&keys()), &[]).unwrap().is_clean());
}

#[test]
fn a_book_named_like_a_path_stays_in_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("inside");
    let book = basics::BookName::new("../Pas feed.é").unwrap();
    let opened = logbook::Loggist::open(&inside, book.clone(), &keys(), real(), small(), at(0));
    let (loggist, _) = opened.unwrap();
    loggist.append(1, b"x", at(1)).unwrap();
    loggist.close().unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let verdict = verify(&inside, VerifyWith::Keys(&keys()), &[]).unwrap();
    assert_eq!((verdict.books[0].book.clone(), verdict.books[0].entries), (book, 1));
}

#[test]
fn a_reader_sees_entries_as_they_become_durable() {
    let dir = tempfile::tempdir().unwrap();
    let (loggist, _) = open(dir.path(), real(), small()).unwrap();
    let live = loggist.reader().unwrap();
    let apart = logbook::Reader::open(dir.path(), &book(), &keys(), real()).unwrap();
    for n in 1..=60 {
        loggist.append(7, body(n), at(n)).unwrap();
        apart.refresh().unwrap();
        for reader in [&live, &apart] {
            assert_eq!(reader.len(), n);
            assert_eq!(reader.entry(EntryNumber(n)).unwrap().unwrap().body, body(n));
            assert_eq!(
                reader.read_from(EntryNumber(n / 2 + 1)).filter(|e| e.is_ok()).count() as u64,
                n - n / 2
            );
        }
    }
}

#[test]
fn keys_show_nothing_of_themselves() {
    assert_eq!(format!("{:?}", Keys::generate().unwrap()), "Keys(…)");
    assert_ne!(*keys().derive("index"), *keys().derive("packs"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("LIFEBOAT_TORTURE").is_some() { 100_000 } else { 300 }, ..Default::default() })]

    #[test]
    fn arbitrary_bytes_after_a_whole_header_never_panic(tail in prop::collection::vec(any::<u8>(), 0..400), magic: bool, length in 0u32..2000) {
        let dir = scratch();
        thaw(dir.path());
        std::fs::remove_file(dir.path().join("feed.heads")).unwrap();
        let path = dir.path().join("feed-00000002.segment");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(320);
        if magic {
            bytes.extend_from_slice(b"LBCOMMIT");
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(&1u32.to_le_bytes());
            bytes.extend_from_slice(&5u64.to_le_bytes());
        }
        bytes.extend_from_slice(&tail);
        std::fs::write(&path, &bytes).unwrap();
        let verdict = verify(dir.path(), VerifyWith::Keys(&keys()), &[]).unwrap();
        prop_assert_eq!(verdict.books[0].entries, 4);
        prop_assert_eq!(read_all(dir.path()).unwrap().len(), 4);
    }

    #[test]
    fn arbitrary_bytes_as_any_file_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..900)) {
        let dir = scratch();
        for name in ["feed-00000001.segment", "feed.heads", "keys", "bundle"] {
            std::fs::write(dir.path().join(name), &bytes).unwrap();
        }
        prop_assert!(!verify(dir.path(), VerifyWith::Keys(&keys()), &[]).unwrap().is_clean());
        prop_assert!(open(dir.path(), real(), small()).is_err());
        prop_assert!(KeyFile::read(&dir.path().join("keys")).is_err());
        prop_assert!(logbook::verify_bundle(&dir.path().join("bundle"), &[0; 32]).is_err());
        prop_assert!(logbook::Head::from_bytes(&bytes).is_none());
    }
}
