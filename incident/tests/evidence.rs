//! Evidence: what is kept, what is refused and why; after the stand-down too; its hash stands in the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene};
use incident::IncidentId;
use incident::evidence::{FILE_BYTES_MAX, FileKind, Intent, Piece};

fn piece(shows: &str, digit: &str, bytes: u64) -> Piece {
    Piece {
        number: 99,
        shows: shows.into(),
        found_at: "AMU".into(),
        file_name: "../../photo\u{202e}gnp.exe".into(),
        kind: FileKind::Png,
        bytes,
        sha256: digit.repeat(64),
    }
}

fn keep(piece: Piece) -> Intent {
    Intent::Keep { incident: FIRST, piece }
}

#[test]
fn what_is_kept_is_numbered_and_its_hash_stands_in_the_log() {
    let mut scene = Scene::declared();
    scene.does("Sam", keep(piece("red padlock", "a", 12)));
    assert!(
        scene
            .last_line()
            .starts_with("Evidence 1 kept: red padlock, AMU. PNG picture, 12 bytes, SHA-256 aaaa")
    );
    let (stamp, kept) = scene.book.evidence.piece(FIRST, 1).unwrap();
    assert_eq!((stamp.by.as_str(), kept.number, kept.file_name.as_str()), ("Sam", 1, "../../photognp.exe"));
    for (bad, words) in [
        (piece("again", "a", 12), "kept already as evidence 1: red padlock"),
        (piece(" ", "b", 12), "what it shows is missing"),
        (piece("empty", "c", 0), "choose a file first"),
        (piece("long", "d", FILE_BYTES_MAX + 1), "longer than 20 MB"),
        (piece("unhashed", "zz", 12), "hash could not be made"),
    ] {
        scene.refused("Sam", keep(bad), &[words]);
    }
    let elsewhere = Intent::Keep { incident: IncidentId(9), piece: piece("x", "e", 1) };
    scene.refused("Sam", elsewhere, &["9"]);
    scene.does("Sam", keep(piece("another screen", "f", 3)));
    assert_eq!(scene.book.evidence.of_incident(FIRST).len(), 2);
    scene.ends_the_same_when_replayed();
}
