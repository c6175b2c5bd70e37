//! What the public is told: two people for every word, nothing unapproved outside, withdrawn words gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, REAL, Scene, at, opening, site};
use incident::declare::Nature;
use incident::hospitals::{self, ServiceState};
use incident::public_updates::{
    Alternative, Content, Intent, Latest, PublicBoard, ServiceNotice, Spoken, Standing, Words, begin,
};
use incident::{Ground, Intent as Any, stand_down, wording};

fn saying(sentence: &str) -> Content {
    Content {
        english: Words {
            sentence: sentence.into(),
            do_this: vec!["Come only in an emergency.".into(), String::new()],
            not_for: vec!["Blood tests".into()],
        },
        next_update: Some(at("14:30")),
        ..Content::default()
    }
}

fn draft(sentence: &str) -> Intent {
    Intent::Draft { ground: REAL, content: saying(sentence) }
}

fn approve(number: u32, revision: u32) -> Intent {
    Intent::Approve { ground: REAL, number, revision }
}

fn board(scene: &Scene) -> PublicBoard {
    scene.book.public_updates.board(&scene.book, REAL)
}

#[test]
fn an_update_is_public_once_a_second_person_approved_what_they_read() {
    let mut scene = Scene::declared();
    scene.does("Cara Dean", draft("Our computers do not work."));
    assert_eq!(board(&scene).latest, Latest::Nothing);
    scene.refused("cara dean", approve(1, 1), &["you wrote in update 1", "somebody else"]);
    let content = saying("Our computers are down.");
    let edit = Intent::Edit { ground: REAL, number: 1, revision: 1, content };
    scene.does("Ben Cole", edit.clone());
    scene.refused("Anna Bell", approve(1, 1), &["Ben Cole changed update 1", "revision 2"]);
    scene.refused("Anna Bell", edit, &["revision 2"]);
    for writer in ["Cara Dean", "BEN COLE"] {
        scene.refused(writer, approve(1, 2), &["you wrote"]);
    }
    scene.does("Anna Bell", approve(1, 2));
    let board = board(&scene);
    assert_eq!(board.latest.published().unwrap().content.english.sentence, "Our computers are down.");
    assert_eq!(
        board.latest.published().unwrap().content.english.do_this.len(),
        1,
        "empty lines are left out"
    );
    assert_eq!(
        (board.next_update, board.late(at("14:30")), board.late(at("14:31"))),
        (Some(at("14:30")), false, true)
    );
    assert!(!format!("{board:?}").contains("Dean"), "no name of staff leaves the house");
    assert!(scene.last_line().contains("Public update 1 approved and public (revision 2)"));
    scene.refused("Anna Bell", approve(1, 2), &["was approved by Anna Bell"]);
    scene.ends_the_same_when_replayed();
}

#[test]
fn withdrawn_words_are_gone_and_superseded_ones_do_not_come_back() {
    let mut scene = Scene::declared();
    for (number, sentence) in [(1, "Stay away."), (2, "Come in by the wrong door.")] {
        scene.does("Cara Dean", draft(sentence));
        scene.later(5).does("Anna Bell", approve(number, 1));
    }
    let withdraw = |number, reason: &str| Intent::Withdraw { ground: REAL, number, reason: reason.into() };
    scene.refused("Cara Dean", withdraw(2, " "), &["reason"]);
    scene.later(5).does("Cara Dean", withdraw(2, "Wrong door, secret cause"));
    let board = board(&scene);
    assert!(matches!(board.latest, Latest::Withdrawn { number: 2, .. }), "{:?}", board.latest);
    assert_eq!(board.next_update, Some(at("14:30")), "the promise stands");
    assert!(matches!(board.history.as_slice(), [Spoken::Withdrawn { number: 2, .. }, Spoken::Update(_)]));
    let seen = format!("{board:?}");
    assert!(!seen.contains("wrong door") && !seen.contains("secret cause"), "{seen}");
    scene.refused("Ben Cole", withdraw(2, "again"), &["was withdrawn by Cara Dean", "draft a new one"]);
    scene.refused("Ben Cole", withdraw(9, "none"), &["no public update 9"]);
    scene.does("Cara Dean", draft("New."));
    scene.refused("Ben Cole", withdraw(3, "never"), &["is a draft"]);
    scene.does("Ben Cole", Intent::Discard { ground: REAL, number: 3, reason: "not needed".into() });
    assert!(matches!(scene.book.public_updates.update(REAL, 3).unwrap().standing, Standing::Discarded(_)));
    assert_eq!(history_len(&scene), 2, "a discarded draft is no history");
    scene.ends_the_same_when_replayed();
}

fn history_len(scene: &Scene) -> usize {
    board(scene).history.len()
}

#[test]
fn an_exercise_tells_the_real_public_nothing() {
    let mut scene = Scene::prepared();
    scene.does("Anna Bell", opening("Exercise Friday", Nature::Exercise, true));
    let ground = Ground::Exercise(FIRST);
    scene.does("Cara Dean", Intent::Draft { ground, content: saying("Practice.") });
    scene.does("Anna Bell", Intent::Approve { ground, number: 1, revision: 1 });
    assert!(scene.last_line().starts_with("EXERCISE "));
    assert_eq!(board(&scene).latest, Latest::Nothing);
    assert!(scene.book.public_updates.board(&scene.book, ground).latest.published().is_some());
    let nowhere = Intent::Draft { ground: Ground::Exercise(incident::IncidentId(9)), content: saying("x") };
    scene.refused("Cara Dean", nowhere, &["9"]);
}

#[test]
fn what_cannot_be_told_is_refused_in_words() {
    let service = |name: &str| ServiceNotice {
        site: site(name),
        service: "Imaging".into(),
        state: ServiceState::Closed,
        wait_minutes: None,
        note: String::new(),
    };
    let place = Alternative { name: "Walk-in centre".into(), ..Alternative::default() };
    let many = vec!["x".repeat(wording::LINE_BYTES_MAX); 12];
    let words = Words { sentence: "All.".into(), do_this: many.clone(), not_for: many };
    let cases: Vec<(Content, &str)> = vec![
        (Content::default(), "the sentence that says what is happening is missing"),
        (Content { services: vec![service("Nowhere")], ..saying("x") }, "no hospital called Nowhere"),
        (Content { services: vec![service("Whipps Green"); 121], ..saying("x") }, "121 services"),
        (Content { alternatives: vec![place], ..saying("x") }, "opening hours"),
        (Content { next_update: Some(at("12:00")), ..saying("x") }, "after now"),
        (Content { next_update: Some(at("13:00").plus_seconds(73 * 3600)), ..saying("x") }, "72 hours"),
        (
            Content {
                welsh: Some(words.clone()),
                english: words,
                services: Vec::new(),
                alternatives: vec![
                    Alternative {
                        name: "y".repeat(200),
                        good_for: "y".repeat(200),
                        hours: "y".repeat(200),
                        contact: "y".repeat(200),
                    };
                    15
                ],
                next_update: None,
            },
            "the whole update is",
        ),
    ];
    let mut scene = Scene::declared();
    for (content, words) in cases {
        scene.refused("Cara Dean", Intent::Draft { ground: REAL, content }, &[words]);
    }
    scene.does("Cara Dean", draft("Soon."));
    scene.later(120);
    scene.refused("Anna Bell", approve(1, 1), &["has passed while it waited"]);
    for number in 2..=10 {
        let content = Content { next_update: None, ..saying(&format!("Draft {number}")) };
        scene.does("Cara Dean", Intent::Draft { ground: REAL, content });
    }
    let content = Content { next_update: None, ..saying("One too many") };
    scene.refused("Cara Dean", Intent::Draft { ground: REAL, content }, &["11 drafts that wait"]);
}

#[test]
fn a_new_draft_begins_with_the_boards_but_without_the_notes_for_staff() {
    let mut scene = Scene::declared();
    scene.does(
        "Dee Ford",
        hospitals::Intent::TellService {
            ground: REAL,
            site: site("Whipps Green"),
            service: "Imaging".into(),
            state: ServiceState::Closed,
            wait_minutes: None,
            note: "ransom note on the scanner".into(),
        },
    );
    let content = begin(&scene.book, REAL, scene.now);
    assert_eq!((content.services.len(), content.services[0].note.as_str()), (1, ""));
    assert_eq!(content.next_update, Some(at("14:00")));
}

#[test]
fn standing_down_and_sitreps_know_what_the_public_was_promised() {
    let mut scene = Scene::declared();
    scene.does("Cara Dean", draft("Our computers do not work."));
    scene.does("Cara Dean", draft("Another."));
    scene.does("Anna Bell", approve(1, 1));
    let stand_down =
        stand_down::Intent::StandDown { incident: FIRST, reason: "over".into(), despite_open: false };
    scene.refused(
        "Anna Bell",
        Any::StandDown(stand_down),
        &["1 public update unapproved", "the public was promised an update by 15:30"],
    );
    scene.later(100);
    let sections = incident::sitreps::draft(&scene.book, scene.incident(FIRST), scene.now, Vec::new());
    let body = &sections.iter().find(|s| s.heading == "Public information").unwrap().body;
    for words in ["Since 14:00: Our computers do not work.", "by 15:30; this is late", "1 draft waits"] {
        assert!(body.contains(words), "{body}");
    }
}

#[test]
fn a_clock_set_back_brings_no_old_update_to_the_front() {
    let mut scene = Scene::declared();
    for (number, sentence) in [(1, "First."), (2, "Second.")] {
        scene.does("Cara Dean", draft(sentence));
        scene.does("Anna Bell", approve(number, 1));
        scene.later(-30);
    }
    assert_eq!(board(&scene).latest.published().unwrap().content.english.sentence, "Second.");
}
