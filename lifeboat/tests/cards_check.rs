//! `lifeboat cards check` through the real program: cards that can be used, each fault by file and line, for scripts too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::lifeboat;
use serde_json::Value;

fn told(arguments: &[&str]) -> (i32, String) {
    let out = lifeboat(arguments);
    let both = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.code().unwrap(), both)
}

fn lines(arguments: &[&str]) -> (i32, Vec<Value>) {
    let out = lifeboat(arguments);
    let text = String::from_utf8(out.stdout).unwrap();
    (out.status.code().unwrap(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn the_shipped_cards_can_be_used() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/action_cards");
    let (code, said) = told(&["cards", "check", shipped]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("site-manager") && said.contains("25 cards, no fault"), "{said}");
    let (code, lines) = lines(&["cards", "check", shipped, "--json"]);
    assert_eq!((code, lines.len()), (0, 26));
    assert_eq!(lines[25]["usable"], true);
    assert!(lines[..25].iter().all(|l| l["kind"] == "card" && l["version"].as_str().unwrap().len() == 6));
}

#[test]
fn every_fault_is_told_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, said) = told(&["cards", "check", path]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("holds no card"), "{said}");
    let loggist = include_str!("../../forms/action_cards/loggist.txt");
    std::fs::write(
        folder.path().join("loggist.txt"),
        loggist.replace("tier: support", "tier: top\u{1b}[31m"),
    )
    .unwrap();
    std::fs::write(folder.path().join("photo.txt"), [0xff, 0xd8, 0xff, 0xe0]).unwrap();
    std::fs::write(folder.path().join("notes.md"), "no card").unwrap();
    let (code, said) = told(&["cards", "check", path]);
    assert_eq!(code, 3, "{said}");
    for want in [
        "loggist.txt, line 3: “tier: top",
        "photo.txt: this is not plain text",
        "2 faults; with one fault none",
    ] {
        assert!(said.contains(want), "{want:?} is missing: {said}");
    }
    assert!(!said.contains('\u{1b}'), "nothing of a card commands the terminal");
    let (code, lines) = lines(&["cards", "check", path, "--json"]);
    assert_eq!(code, 3);
    let fault = lines.iter().find(|l| l["file"] == "loggist.txt").unwrap();
    assert_eq!((fault["kind"].as_str(), fault["line"].as_u64()), (Some("fault"), Some(3)));
    let whole = lines.iter().find(|l| l["file"] == "photo.txt").unwrap();
    assert!(whole["line"].is_null());
    assert_eq!(lines.last().unwrap()["usable"], false);
    let (code, said) = told(&["cards", "check", "/nowhere/at/all"]);
    assert_eq!(code, 1, "{said}");
}
