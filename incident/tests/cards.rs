//! Cards in use: the next step, overdue steps, repeated steps, cards issued anew in the middle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene, opening, post, shipped_cards};
use incident::action_cards::{self, Due, Intent, Phase, StepKey, card_board, cards_board, posts_expected};
use incident::declare::{self, Level, Nature};
use incident::stand_down;

fn key(phase: Phase, number: u16) -> StepKey {
    StepKey { phase, number }
}

fn done(role: &str, place: &str, phase: Phase, number: u16) -> Intent {
    Intent::Done { incident: FIRST, post: post(role, place), step: key(phase, number), note: String::new() }
}

fn next(scene: &Scene, role: &str) -> (u16, Due) {
    let board = card_board(&scene.book, scene.incident(FIRST), &post(role, ""), scene.now).unwrap();
    (board.next[0].key.number, board.next[0].due)
}

#[test]
fn the_next_step_comes_first_and_the_longest_overdue_before_it() {
    let mut scene = Scene::declared();
    let start = scene.now;
    assert_eq!(next(&scene, "strategic-commander"), (1, Due::At(start.plus_seconds(300))));
    scene.later(2).does("Anna Bell", done("strategic-commander", "", Phase::Declared, 1));
    assert_eq!(next(&scene, "strategic-commander").0, 2);
    scene.later(16);
    let board =
        card_board(&scene.book, scene.incident(FIRST), &post("strategic-commander", ""), scene.now).unwrap();
    let overdue: Vec<u16> = board.next.iter().take(board.overdue).map(|row| row.key.number).collect();
    assert_eq!(overdue, [2, 3], "10 and 15 minutes are over, 20 are not");
    scene.refused(
        "Ben Cole",
        done("strategic-commander", "", Phase::Declared, 1),
        &["Anna Bell ticked this step at 14:02", "entry 4"],
    );
    let reason = "ticked by mistake".to_owned();
    let reopen = |number| Intent::Reopen {
        incident: FIRST,
        post: post("strategic-commander", ""),
        step: key(Phase::Declared, number),
        reason: reason.clone(),
    };
    scene.refused("Anna Bell", reopen(2), &["nothing to open again"]);
    scene.does("Anna Bell", reopen(1));
    assert_eq!(next(&scene, "strategic-commander").0, 1, "the longest overdue first");
    let skip = Intent::NotNeeded {
        incident: FIRST,
        post: post("strategic-commander", ""),
        step: key(Phase::Declared, 1),
        reason: "done by the deputy".into(),
    };
    scene.does("Anna Bell", skip);
    assert_eq!(next(&scene, "strategic-commander").0, 2);
    for (role, phase, number, words) in [
        ("strategic-commander", Phase::Declared, 99, "no step 99"),
        ("strategic-commander", Phase::Declared, 0, "no step 0"),
        ("astronaut", Phase::Declared, 1, "no action card for “astronaut”"),
        ("strategic-commander", Phase::StandDown, 1, "has not begun"),
    ] {
        scene.refused("Anna Bell", done(role, "", phase, number), &[words]);
    }
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_step_that_comes_again_is_due_again() {
    let mut scene = Scene::declared();
    // Step 9 of the strategic commander: every 2 hours.
    let again = done("strategic-commander", "", Phase::Declared, 9);
    scene.later(100).does("Anna Bell", again.clone());
    let open = |scene: &Scene| {
        let incident = scene.incident(FIRST);
        let board = card_board(&scene.book, incident, &post("strategic-commander", ""), scene.now).unwrap();
        board.next.iter().any(|row| row.key.number == 9)
    };
    assert!(!open(&scene));
    scene.later(119);
    assert!(!open(&scene));
    scene.later(2);
    assert!(open(&scene));
    scene.does("Anna Bell", again);
    assert!(!open(&scene));
    let completion =
        scene.incident(FIRST).cards.completion(&post("strategic-commander", ""), key(Phase::Declared, 9));
    assert_eq!(completion.map(|c| c.times), Some(2));
}

#[test]
fn the_control_room_sees_every_post_that_should_be_held() {
    let mut scene = Scene::declared();
    let cards = shipped_cards();
    let each = cards.iter().filter(|c| c.held == action_cards::HeldAt::EachHospital).count();
    let once = cards.iter().filter(|c| c.held == action_cards::HeldAt::Trust).count();
    assert_eq!(posts_expected(&scene.book, scene.incident(FIRST)).len(), once + 2 * each);
    scene.later(30);
    let board = cards_board(&scene.book, scene.incident(FIRST), scene.now);
    assert_eq!(board.unheld, once + 2 * each);
    assert_eq!(board.overdue, board.cards.iter().map(|c| c.overdue).sum::<usize>());
    assert!(board.cards.windows(2).all(|pair| pair[0].overdue >= pair[1].overdue), "most overdue first");
    // A ward that ticks a step appears, though nobody named it before.
    scene.does("Hal Ivey", done("ward-nurse-in-charge", "Northgate General, AMU", Phase::Declared, 1));
    let posts = posts_expected(&scene.book, scene.incident(FIRST));
    assert!(posts.contains(&post("ward-nurse-in-charge", "Northgate General, AMU")));
    let board = cards_board(&scene.book, scene.incident(FIRST), scene.now);
    assert_eq!(board.done.0, 1);
}

#[test]
fn phases_follow_the_incident() {
    let mut scene = Scene::prepared();
    scene.does("Anna Bell", opening("Cyber attack", Nature::Real, false));
    scene.does("Anna Bell", done("loggist", "", Phase::Standby, 1));
    let declare = declare::Intent::Declare { incident: FIRST, level: Level::Major, reason: "x".into() };
    scene.later(10).does("Anna Bell", declare);
    let board = |scene: &Scene| {
        card_board(&scene.book, scene.incident(FIRST), &post("loggist", ""), scene.now).unwrap()
    };
    assert_eq!(
        (board(&scene).phase, board(&scene).left.len()),
        (Phase::Declared, 2),
        "two standby steps are left"
    );
    scene.does("Anna Bell", done("loggist", "", Phase::Standby, 2));
    assert_eq!(board(&scene).left.len(), 1, "what is left can still be ticked");
    let stand_down =
        stand_down::Intent::StandDown { incident: FIRST, reason: "over".into(), despite_open: true };
    scene.later(200).does("Anna Bell", stand_down);
    assert_eq!(board(&scene).phase, Phase::StandDown);
    scene.does("Anna Bell", done("loggist", "", Phase::StandDown, 1));
    scene.later(40);
    assert_eq!(board(&scene).overdue, 0, "60 minutes are not over");
    scene.later(21);
    assert_eq!(board(&scene).overdue, 2);
    scene.ends_the_same_when_replayed();
}

#[test]
fn new_cards_reach_the_next_incident_and_a_running_one_only_when_issued() {
    let mut scene = Scene::declared();
    scene.does("Anna Bell", done("loggist", "", Phase::Declared, 2));
    let mut cards = shipped_cards();
    scene.refused("Eva Frost", Intent::AdoptLibrary { cards: cards.clone() }, &["in use already"]);
    scene.refused("Eva Frost", Intent::Issue { incident: FIRST }, &["in use already"]);
    scene.refused("Eva Frost", Intent::AdoptLibrary { cards: Vec::new() }, &["no card"]);
    let twice = vec![cards[0].clone(), cards[0].clone()];
    scene.refused("Eva Frost", Intent::AdoptLibrary { cards: twice }, &["two cards are for the role"]);
    let loggist = cards.iter_mut().find(|c| c.role.as_str() == "loggist").unwrap();
    let new = action_cards::Step { text: "Wash your hands.".into(), target: None };
    loggist.declared.insert(0, new);
    scene.does("Eva Frost", Intent::AdoptLibrary { cards });
    let first = |scene: &Scene| {
        scene.incident(FIRST).cards.card(&post("loggist", "").role).unwrap().declared[0].text.clone()
    };
    assert_ne!(first(&scene), "Wash your hands.", "the running incident keeps its cards");
    scene.does("Eva Frost", Intent::Issue { incident: FIRST });
    assert_eq!(first(&scene), "Wash your hands.");
    let cards = &scene.incident(FIRST).cards;
    assert!(cards.completion(&post("loggist", ""), key(Phase::Declared, 2)).is_none());
    let moved = cards.completion(&post("loggist", ""), key(Phase::Declared, 3));
    assert!(moved.is_some(), "what was done stays done under its new number");
    scene.ends_the_same_when_replayed();
}
