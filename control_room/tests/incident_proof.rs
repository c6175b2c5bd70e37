//! The head that is printed for those who ask afterwards was proved: one changed byte anywhere before it is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use common::{keys, open, start};
use control_room::look_at_incidents;
use incident::Person;
use incident::decisions;
use std::path::{Path, PathBuf};

fn note(text: &str) -> decisions::Intent {
    decisions::Intent::Note { incident: None, text: text.into() }
}

fn segment(dir: &Path) -> PathBuf {
    let folder = control_room::ControlRoom::book_dir(dir);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.contains("incident") && name.ends_with(".segment")
    });
    files.sort();
    files.remove(0)
}

#[test]
fn a_verified_head_is_the_books_and_one_changed_byte_is_found() {
    let temp = tempfile::tempdir().unwrap();
    let room = open(temp.path());
    let anna = Person::new("Anna Bell").unwrap();
    for n in 0..40 {
        room.incident().submit(note(&format!("Note {n}")), &anna, start()).unwrap();
    }
    let live = room.incident().verified();
    assert_eq!((live.entries, live.flaw.clone()), (40, None));
    assert!(room.incident().head().unwrap().seal.to_string() == live.seal);
    assert!(live.words().contains("entry 40") && live.words().ends_with("verified"), "{}", live.words());
    // Beside the running room, from the files alone.
    let (book, head) = look_at_incidents(temp.path(), Zone::london(), &keys()).unwrap();
    assert_eq!(head, live);
    assert_eq!(book.log.len(), 40);
    // Somebody changes the file beneath the running room. The book writes ahead of itself: what is after its last entry
    // proves nothing.
    let path = segment(temp.path());
    let whole = std::fs::read(&path).unwrap();
    for at in [400, 2_000, 5_000] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let found = room.incident().verified();
        assert!(found.flaw.is_some() && found.words().contains("DAMAGED"), "byte {at}: {found:?}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(room.incident().verified().flaw, None);
    room.close();
}
