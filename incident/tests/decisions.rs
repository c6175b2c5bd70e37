//! The log and decisions: loggists' rules, two who decide at once, reviews, corrections, search and filters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::EntryNumber;
use common::{FIRST, Scene, person};
use incident::decisions::{Finding, Intent, Taken};
use incident::log::{Filter, Kind};
use incident::wording::NOTE_BYTES_MAX;

fn taken(decision: &str) -> Taken {
    Taken {
        matter: "Network".into(),
        information: "Three wards see a ransom note".into(),
        options: vec!["Leave it on".into(), " ".into(), "Off".into()],
        decision: decision.into(),
        reason: "It spreads".into(),
        decided_by: person("Anna Bell"),
        role: "Strategic commander".into(),
        review_at: None,
    }
}

fn decide(decision: &str, seen: u64) -> Intent {
    Intent::Decide { incident: FIRST, taken: taken(decision), seen: EntryNumber(seen) }
}

fn note(text: &str) -> Intent {
    Intent::Note { incident: Some(FIRST), text: text.into() }
}

#[test]
fn a_decision_says_all_that_it_rests_on() {
    let mut scene = Scene::declared();
    scene.does("Loggist", decide("Switch it off", 0));
    assert_eq!(
        scene.last_line(),
        "Decision 1, Anna Bell (Strategic commander): Network\nSwitch it off\nInformation: Three wards see a ransom \
         note\nOptions: Leave it on; Off\nReason: It spreads"
    );
    for (change, word) in [
        (Taken { information: " ".into(), ..taken("x") }, "what was known is missing"),
        (Taken { options: vec![], ..taken("x") }, "what else was considered"),
        (Taken { reason: String::new(), ..taken("x") }, "the reason is missing"),
        (Taken { matter: String::new(), ..taken("x") }, "what had to be decided is missing"),
        (Taken { decision: "y".repeat(NOTE_BYTES_MAX + 1), ..taken("x") }, "keep it under 8000"),
        (Taken { review_at: Some(scene.now), ..taken("x") }, "has passed"),
    ] {
        let seen = scene.incident(FIRST).decisions.last_entry();
        scene.refused("Loggist", Intent::Decide { incident: FIRST, taken: change, seen }, &[word]);
    }
}

#[test]
fn the_second_to_decide_on_an_old_page_is_told_of_the_first() {
    let mut scene = Scene::declared();
    scene.does("Anna Bell", decide("Switch it off", 0));
    scene.later(1).refused(
        "Ben Cole",
        decide("Leave it on", 0),
        &["Anna Bell decided “Switch it off” at 14:00, 1 minute ago", "decision 1, entry 4", "send it again"],
    );
    scene.does("Ben Cole", decide("Leave it on after all", 4));
    assert_eq!(scene.incident(FIRST).decisions.all().iter().map(|d| d.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn reviews_fall_due_and_end_a_decision() {
    let mut scene = Scene::declared();
    let review_at = Some(scene.now.plus_seconds(3600));
    let timed = Taken { review_at, ..taken("Off for an hour") };
    scene.does("Anna Bell", Intent::Decide { incident: FIRST, taken: timed, seen: EntryNumber(0) });
    let due = |scene: &Scene| scene.incident(FIRST).decisions.decision(1).unwrap().review_due(scene.now);
    assert!(!due(&scene));
    scene.later(60);
    assert!(due(&scene));
    let review = |finding, review_at| Intent::Review {
        incident: FIRST,
        number: 1,
        finding,
        text: "still spreading".into(),
        review_at,
    };
    scene.refused("Anna Bell", review(Finding::Stands, Some(scene.now)), &["has passed"]);
    scene.does("Anna Bell", review(Finding::Stands, Some(scene.now.plus_seconds(600))));
    assert!(!due(&scene));
    scene.later(11);
    assert!(due(&scene));
    let unknown = Intent::Review {
        incident: FIRST,
        number: 7,
        finding: Finding::Stands,
        text: "x".into(),
        review_at: None,
    };
    scene.refused("Anna Bell", unknown, &["no decision 7"]);
    scene.does("Anna Bell", review(Finding::Withdrawn, None));
    assert!(!due(&scene) && !scene.incident(FIRST).decisions.decision(1).unwrap().holds());
    scene.refused(
        "Anna Bell",
        review(Finding::Stands, None),
        &["decision 1 is withdrawn since 15:11", "new decision"],
    );
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_mistake_is_put_right_by_adding() {
    let mut scene = Scene::declared();
    let wrong = scene.does("Loggist", note("40 beds"));
    let correct = |entry| Intent::Correct { entry, text: "14 beds".into(), reason: "misheard".into() };
    scene.refused("Loggist", correct(EntryNumber(99)), &["no entry 99"]);
    let right = scene.does("Loggist", correct(wrong));
    assert_eq!(scene.last_line(), format!("Correction of entry {wrong}: 14 beds\nWhat was wrong: misheard"));
    let line = scene.book.log.line(wrong).unwrap();
    assert_eq!((&*line.text, line.corrected_by), ("40 beds", Some(right)), "the wrong one stays");
    assert_eq!(scene.book.log.line(right).unwrap().incident, Some(FIRST), "filed where the wrong one is");
    scene.ends_the_same_when_replayed();
}

#[test]
fn the_log_is_searched_and_filtered() {
    let mut scene = Scene::declared();
    for at in 0..40 {
        scene.later(1).does(
            if at % 2 == 0 { "Anna Bell" } else { "Ben Cole" },
            note(&format!("Bed {at} in Übergang, ward")),
        );
    }
    scene.does("Anna Bell", decide("Off", 0));
    let search = |filter: Filter| scene.book.log.board(&filter);
    let words = |words: &str| Filter { words: words.into(), ..Filter::default() };
    for (text, want) in [
        ("", 44),
        ("bed", 40),
        ("BED 3", 13),
        ("übergang ben", 20),
        ("ward nowhere", 0),
        ("ransom", 2),
        ("\u{0}", 44),
    ] {
        assert_eq!(search(words(text)).matching, want, "{text:?}");
    }
    let page = search(Filter { limit: 10, ..words("bed") });
    assert_eq!((page.lines.len(), page.matching, page.more, page.total), (10, 40, true, 44));
    assert_eq!(&*page.lines[0].text, "Bed 39 in Übergang, ward", "the newest first");
    let before = Some(page.lines[9].entry);
    let second = search(Filter { limit: 10, before, ..words("bed") });
    assert_eq!(&*second.lines[0].text, "Bed 29 in Übergang, ward");
    let kinds = vec![Kind::Decision];
    assert_eq!(search(Filter { kinds, ..Filter::default() }).matching, 1);
    let by = Some(person("ben cole"));
    assert_eq!(search(Filter { by, ..Filter::default() }).matching, 20);
    let from = Some(scene.now.plus_seconds(-120));
    assert_eq!(search(Filter { from, ..Filter::default() }).matching, 4);
    assert!(search(Filter { limit: usize::MAX, ..Filter::default() }).lines.len() <= Filter::LINES_MAX);
}

#[test]
fn script_text_stays_text() {
    let mut scene = Scene::declared();
    scene.does("<b>x</b>", note("<script>alert(1)</script>\u{202e}gpj.exe\u{0}"));
    assert_eq!(scene.last_line(), "<script>alert(1)</script>gpj.exe");
}
