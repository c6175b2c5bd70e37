//! Sitreps: drafted from what changed, edited, approved by whoever read the newest revision, the next one promised.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene, person, post};
use incident::boards::incident_board;
use incident::decisions::Intent as Note;
use incident::roles;
use incident::sitreps::{Intent, Section};

fn begin() -> Intent {
    Intent::Begin { incident: FIRST, more: Vec::new() }
}

fn body<'a>(sections: &'a [Section], heading: &str) -> &'a str {
    &sections.iter().find(|s| s.heading == heading).unwrap().body
}

#[test]
fn a_draft_tells_what_changed_since_the_last_one() {
    let mut scene = Scene::declared();
    let commander = roles::Intent::Take {
        incident: FIRST,
        post: post("strategic-commander", ""),
        person: person("Anna Bell"),
        contact: String::new(),
        shift_ends: None,
    };
    scene.does("Anna Bell", commander);
    scene.later(40).does("Loggist", begin());
    let sections = scene.incident(FIRST).sitreps.waiting().unwrap().sections.clone();
    let situation = body(&sections, "Situation");
    assert!(
        situation.starts_with("major incident: Cyber attack, declared since 12-May-2026 14:00 (40 minutes)"),
        "{situation}"
    );
    assert!(situation.contains("Strategic commander: Anna Bell, shift until 22:00"), "{situation}");
    assert!(situation.contains("Tactical commander: nobody"), "{situation}");
    assert!(body(&sections, "Since the last sitrep").starts_with("2 entries: 1 × incident, 1 × role"));
    assert!(body(&sections, "Action cards").contains("overdue"));
    assert_eq!(body(&sections, "Risks"), "", "what a person must write is not invented");
    scene.does(
        "Anna Bell",
        Intent::Approve {
            incident: FIRST,
            number: 1,
            revision: 1,
            next_due: Some(scene.now.plus_seconds(3600)),
        },
    );
    scene.does("Loggist", Note::Note { incident: Some(FIRST), text: "A call came in".into() });
    scene.later(50).does("Loggist", begin());
    let second = scene.incident(FIRST).sitreps.waiting().unwrap();
    assert_eq!(second.number, 2);
    let changes = body(&second.sections, "Since the last sitrep");
    assert!(changes.starts_with("3 entries: 1 × entry, 2 × sitrep"), "{changes}");
    scene.ends_the_same_when_replayed();
}

#[test]
fn whoever_approves_has_read_the_newest_revision() {
    let mut scene = Scene::declared();
    scene.does("Loggist", begin());
    scene.refused("Ben Cole", begin(), &["Loggist began sitrep 1", "go on with that draft"]);
    let edit = |revision, text: &str| Intent::Edit {
        incident: FIRST,
        number: 1,
        revision,
        sections: vec![Section { heading: "Situation".into(), body: text.into() }],
    };
    let approve = |revision, next_due| Intent::Approve { incident: FIRST, number: 1, revision, next_due };
    scene.refused("Loggist", edit(1, " "), &["says nothing"]);
    scene.later(1).does("Ben Cole", edit(1, "It is contained."));
    scene.refused("Anna Bell", approve(1, None), &["Ben Cole changed the draft at 14:01", "revision 2"]);
    scene.refused("Loggist", edit(1, "x"), &["revision 2"]);
    scene.refused("Anna Bell", approve(2, Some(scene.now)), &["after now"]);
    scene.does("Anna Bell", approve(2, None));
    let approved = &scene.incident(FIRST).sitreps.approved()[0];
    assert_eq!((approved.number, approved.sections[0].body.as_str()), (1, "It is contained."));
    scene.refused("Loggist", edit(2, "too late"), &["no draft of sitrep 1"]);
    scene.does("Loggist", begin());
    scene.does("Loggist", Intent::Discard { incident: FIRST, number: 2, reason: "too early".into() });
    scene.does("Loggist", begin());
    assert_eq!(scene.incident(FIRST).sitreps.waiting().map(|s| s.number), Some(2), "no number is lost");
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_promised_time_is_kept_or_said_to_be_late() {
    let mut scene = Scene::declared();
    let board = |scene: &Scene| incident_board(&scene.book, scene.incident(FIRST), scene.now);
    scene.later(50);
    assert_eq!(board(&scene).sitrep_late_seconds, 0);
    scene.later(25);
    assert_eq!(board(&scene).sitrep_late_seconds, 15 * 60, "the first is due after an hour");
    let later = Intent::SetNextDue {
        incident: FIRST,
        at: Some(scene.now.plus_seconds(1800)),
        reason: "waiting for IT".into(),
    };
    scene.does("Anna Bell", later);
    assert_eq!(
        (board(&scene).sitrep_late_seconds, scene.last_line().as_str()),
        (0, "Next sitrep by 15:45. waiting for IT")
    );
    let far = Intent::SetNextDue {
        incident: FIRST,
        at: Some(scene.now.plus_seconds(200 * 3600)),
        reason: "x".into(),
    };
    scene.refused("Anna Bell", far, &["within 168 hours"]);
}
