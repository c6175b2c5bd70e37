//! The push: every step failed once, and the folder still shows one whole edition.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use public_page::Edition;
use public_page::push::{PushFault, Pushed, push, push_with};
use std::path::Path;

fn edition(word: &str) -> Edition {
    let file = |path: &str| (path.to_owned(), format!("{path} {word}").into_bytes());
    Edition {
        exercise: false,
        withdrawn: 0,
        files: ["index.html", "api/v2/summary.json", "atom.xml"].map(file).to_vec(),
    }
}

/// The word of the edition that stands; fails when editions are mixed.
fn stands(root: &Path) -> String {
    let word = |path: &str| {
        let text = std::fs::read_to_string(root.join("current").join(path)).unwrap();
        text.rsplit(' ').next().unwrap().to_owned()
    };
    let words: Vec<String> = ["index.html", "api/v2/summary.json", "atom.xml"].map(word).to_vec();
    assert!(words.iter().all(|w| *w == words[0]), "editions are mixed: {words:?}");
    words[0].clone()
}

#[test]
fn whichever_step_fails_one_whole_edition_stands_and_the_next_push_mends_it() {
    for fails in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        push(&edition("old"), root).unwrap();
        let mut steps = 0;
        let outcome = push_with(&edition("new"), root, &mut |_| {
            steps += 1;
            if steps > fails { Err(std::io::Error::other("no space left")) } else { Ok(()) }
        });
        let word = stands(root);
        match outcome {
            Ok(_) => {
                assert_eq!(word, "new");
                assert!(fails > 8, "too few steps were failed: {fails}");
                return;
            }
            Err(fault) => assert!(fault.to_string().contains("can be made again"), "{fault}"),
        }
        assert!(word == "old" || word == "new");
        push(&edition("new"), root).unwrap();
        assert_eq!(stands(root), "new", "after failing step {fails}");
        assert!(!root.join("editions/half").exists() && root.join("next").symlink_metadata().is_err());
    }
}

#[test]
fn the_same_edition_is_not_pushed_twice_and_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..8 {
        assert_eq!(push(&edition(&n.to_string()), folder.path()).unwrap(), Pushed::New);
    }
    assert_eq!(push(&edition("7"), folder.path()).unwrap(), Pushed::Same);
    assert_eq!(std::fs::read_dir(folder.path().join("editions")).unwrap().count(), 4);
}

#[test]
fn an_exercise_never_goes_where_the_real_page_stands() {
    let folder = tempfile::tempdir().unwrap();
    push(&edition("real"), folder.path()).unwrap();
    let fault = push(&Edition { exercise: true, ..edition("practice") }, folder.path()).unwrap_err();
    assert!(matches!(fault, PushFault::WrongFolder { .. }), "{fault}");
    assert_eq!(stands(folder.path()), "real");
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["../index.html", "/etc/motd", "a//b", ""] {
        let bad = Edition { exercise: false, withdrawn: 0, files: vec![(path.to_owned(), Vec::new())] };
        assert!(matches!(push(&bad, folder.path()), Err(PushFault::Path(_))), "{path}");
    }
}
