//! Roles: taken, handed over, given up, deputised; the second to take one is told of the first; shifts end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene, at, person, post};
use incident::boards;
use incident::roles::{Intent, SHIFT_HOURS_DEFAULT};

fn take(role: &str, place: &str, who: &str) -> Intent {
    Intent::Take {
        incident: FIRST,
        post: post(role, place),
        person: person(who),
        contact: "ext 4021".into(),
        shift_ends: None,
    }
}

fn hand_over(from: &str, to: &str, briefing: &str) -> Intent {
    Intent::HandOver {
        incident: FIRST,
        post: post("strategic-commander", ""),
        from: person(from),
        to: person(to),
        contact: "bleep 112".into(),
        shift_ends: None,
        briefing: briefing.into(),
    }
}

#[test]
fn a_role_passes_only_by_handover() {
    let mut scene = Scene::declared();
    scene.does("Anna Bell", take("strategic-commander", "", "Anna Bell"));
    assert_eq!(scene.last_line(), "Anna Bell is Strategic commander, ext 4021, shift until 22:00");
    scene.later(2).refused(
        "Ben Cole",
        take("strategic-commander", "", "Ben Cole"),
        &["Anna Bell has been Strategic commander since 14:00", "entry 4", "hand over"],
    );
    scene.refused("Anna Bell", take("strategic-commander", "", "anna bell"), &["already"]);
    scene.refused("Ben Cole", hand_over("Cara Dunn", "Ben Cole", "all"), &["Anna Bell took over"]);
    scene.refused(
        "Anna Bell",
        hand_over("Anna Bell", "Ben Cole", " "),
        &["what the next one must know is missing"],
    );
    scene.does("Anna Bell", hand_over("Anna Bell", "Ben Cole", "Network is off; divert ends at 15:00"));
    let posting = scene.incident(FIRST).roles.posting(&post("strategic-commander", "")).unwrap();
    assert_eq!(posting.holder.as_ref().map(|h| h.person.clone()), Some(person("Ben Cole")));
    assert_eq!(posting.before, [(person("Anna Bell"), at("13:00"), at("13:02"))]);
    scene.ends_the_same_when_replayed();
}

#[test]
fn each_hospital_has_its_own_holder() {
    let mut scene = Scene::declared();
    for (place, who) in [("Northgate General", "Dev Ekwe"), ("Whipps Green", "Fay Gill")] {
        scene.does(who, take("ed-nurse-in-charge", place, who));
    }
    assert_eq!(
        scene.incident(FIRST).roles.of(&person("fay gill")),
        [(post("ed-nurse-in-charge", "Whipps Green"), false)]
    );
    let deputy = Intent::NameDeputy {
        incident: FIRST,
        post: post("ed-nurse-in-charge", "Whipps Green"),
        person: person("Hal Ivey"),
        contact: String::new(),
        shift_ends: None,
    };
    scene.does("Fay Gill", deputy.clone());
    scene.refused("Fay Gill", deputy, &["Hal Ivey is a deputy", "already"]);
    assert_eq!(
        scene.incident(FIRST).roles.of(&person("Hal Ivey")).first().map(|(_, deputy)| *deputy),
        Some(true)
    );
    let post_of = post("ed-nurse-in-charge", "Whipps Green");
    scene.does("Fay Gill", Intent::GiveUp { incident: FIRST, post: post_of.clone(), reason: "ill".into() });
    scene.refused(
        "Fay Gill",
        Intent::GiveUp { incident: FIRST, post: post_of.clone(), reason: "x".into() },
        &["nobody is"],
    );
    scene.does("Hal Ivey", take("ed-nurse-in-charge", "Whipps Green", "Hal Ivey"));
    let posting = scene.incident(FIRST).roles.posting(&post_of).unwrap();
    assert!(posting.deputies.is_empty(), "who took the post is its deputy no longer");
}

#[test]
fn shifts_end_are_extended_and_have_a_ceiling() {
    let mut scene = Scene::declared();
    scene.does("Anna Bell", take("strategic-commander", "", "Anna Bell"));
    scene.later(SHIFT_HOURS_DEFAULT * 60 - 20);
    let ending = boards::shifts_ending(scene.incident(FIRST), scene.now);
    assert_eq!(
        ending.iter().map(|e| (e.title.as_str(), e.over)).collect::<Vec<_>>(),
        [("Strategic commander", false)]
    );
    let extend = |hours: i64, scene: &Scene| Intent::ExtendShift {
        incident: FIRST,
        post: post("strategic-commander", ""),
        shift_ends: scene.now.plus_seconds(hours * 3600),
        reason: "nobody else yet".into(),
    };
    for hours in [0, -1, 14] {
        let intent = extend(hours, &scene);
        scene.refused("Anna Bell", intent, &["within 13 hours"]);
    }
    let intent = extend(2, &scene);
    scene.does("Anna Bell", intent);
    assert!(boards::shifts_ending(scene.incident(FIRST), scene.now).is_empty());
    scene.later(130);
    assert!(boards::shifts_ending(scene.incident(FIRST), scene.now)[0].over);
}
