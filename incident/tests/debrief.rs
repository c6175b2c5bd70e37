//! The debrief: what was late and by how much, who answered how fast, and nothing of another incident.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene, at, opening, person, post};
use incident::action_cards::{self, Phase, StepKey, Target};
use incident::debrief::{Debrief, debrief};
use incident::decisions::{self, Taken};
use incident::declare::Nature;
use incident::public_updates::{self, Content, Words};
use incident::{Ground, IncidentId, stand_down};

fn of(scene: &Scene) -> Debrief {
    debrief(&scene.book, FIRST, scene.now).unwrap()
}

fn taken(matter: &str) -> Taken {
    Taken {
        matter: matter.into(),
        information: "Three wards show a ransom note".into(),
        options: vec!["Leave it".into(), "Pull the plug".into()],
        decision: "Pull the plug".into(),
        reason: "It spreads".into(),
        decided_by: person("Anna Bell"),
        role: "Strategic commander".into(),
        review_at: None,
    }
}

fn publishes(scene: &mut Scene, next: Option<&str>) {
    let english = Words { sentence: "Our computers are not working.".into(), ..Words::default() };
    let content = Content { english, next_update: next.map(at), ..Content::default() };
    let ground = Ground::Real;
    scene.does("Cara Dean", public_updates::Intent::Draft { ground, content });
    let number = scene.book.public_updates.all(ground).len() as u32;
    scene.does("Anna Bell", public_updates::Intent::Approve { ground, number, revision: 1 });
}

/// The first step of the strategic commander's card with a "within" target, and its minutes.
fn timed_step(scene: &Scene) -> (StepKey, i64) {
    let commander = post("strategic-commander", "");
    let card = scene.incident(FIRST).cards.card(&commander.role).unwrap();
    let steps = card.steps(Phase::Declared).iter().zip(1u16..);
    let found = steps.filter_map(|(step, number)| match step.target {
        Some(Target::Within { minutes }) => {
            Some((StepKey { phase: Phase::Declared, number }, i64::from(minutes)))
        }
        _ => None,
    });
    found.min_by_key(|(_, minutes)| *minutes).unwrap()
}

fn ticks(scene: &mut Scene, step: StepKey) {
    let post = post("strategic-commander", "");
    scene.does("Anna Bell", action_cards::Intent::Done { incident: FIRST, post, step, note: String::new() });
}

fn stands_down(scene: &mut Scene) {
    let reason = "All systems are back".to_owned();
    scene.does("Anna Bell", stand_down::Intent::StandDown { incident: FIRST, reason, despite_open: true });
}

#[test]
fn a_step_is_late_by_as_much_as_it_was() {
    let mut scene = Scene::declared();
    let (step, minutes) = timed_step(&scene);
    scene.later(minutes);
    ticks(&mut scene, step);
    stands_down(&mut scene);
    let on_time = of(&scene);
    let ours = |d: &Debrief| {
        d.late_steps.iter().find(|s| s.key == step && s.post.starts_with("Strategic commander")).cloned()
    };
    assert_eq!(ours(&on_time), None, "done in time");
    let mut scene = Scene::declared();
    scene.later(minutes + 7);
    ticks(&mut scene, step);
    scene.later(600);
    stands_down(&mut scene);
    let late = ours(&of(&scene)).unwrap();
    assert_eq!((late.late_seconds, late.done.is_some()), (7 * 60, true));
    // Nobody ever ticked: late by what was left until the end, and never by more afterwards.
    let mut scene = Scene::declared();
    scene.later(minutes + 30);
    stands_down(&mut scene);
    scene.later(10_000);
    let never = ours(&of(&scene)).unwrap();
    assert_eq!((never.late_seconds, never.done), (30 * 60, None));
    // Stood down before its time came: not late.
    let mut scene = Scene::declared();
    scene.later(minutes - 1);
    stands_down(&mut scene);
    assert_eq!(ours(&of(&scene)), None);
}

#[test]
fn decisions_promises_and_the_timeline_are_the_incidents_own() {
    let mut scene = Scene::prepared();
    publishes(&mut scene, None);
    scene.does("Anna Bell", opening("Cyber attack", Nature::Real, true));
    scene.does("Ben Cole", opening("Exercise Kestrel", Nature::Exercise, true));
    let seen = scene.incident(FIRST).decisions.last_entry();
    scene.does("Anna Bell", decisions::Intent::Decide { incident: FIRST, taken: taken("The network"), seen });
    let other = IncidentId(2);
    let seen = scene.incident(other).decisions.last_entry();
    scene.does("Ben Cole", decisions::Intent::Decide { incident: other, taken: taken("PRACTISED"), seen });
    let promised = scene.now.plus_seconds(1_800);
    let clock = promised.rfc3339().get(11..16).unwrap().to_owned();
    publishes(&mut scene, Some(&clock));
    scene.later(45);
    publishes(&mut scene, None);
    stands_down(&mut scene);
    publishes(&mut scene, None);
    let debrief = of(&scene);
    assert_eq!(debrief.decisions.len(), 1);
    let text: String = debrief.timeline.iter().map(|line| line.text.to_string()).collect();
    assert!(text.contains("The network") && !text.contains("PRACTISED"), "{text}");
    assert!(debrief.timeline.is_sorted_by_key(|line| line.entry));
    let public = debrief.counts.iter().find(|(_, what)| what.starts_with("Public updates approved")).unwrap();
    assert_eq!(public.0, 2, "one before and one after are not this incident's");
    assert_eq!(debrief.late_promises.len(), 1);
    assert_eq!(debrief.late_promises[0].late_seconds, 15 * 60);
    assert_eq!(debrief.late_promises[0].promised, promised);
    let exercise = incident::debrief::debrief(&scene.book, other, scene.now).unwrap();
    assert_eq!(exercise.watermark, Some("EXERCISE"));
    let text: String = exercise.timeline.iter().map(|line| line.text.to_string()).collect();
    assert!(text.contains("PRACTISED") && !text.contains("The network"), "{text}");
    assert!(debrief.ended.is_some() && exercise.ended.is_none());
    assert_eq!(incident::debrief::debrief(&scene.book, IncidentId(9), scene.now), None);
}

#[test]
fn the_same_book_gives_the_same_debrief_after_a_restart() {
    let mut scene = Scene::declared();
    scene.later(90);
    stands_down(&mut scene);
    let again = debrief(&scene.replayed(), FIRST, scene.now).unwrap();
    assert_eq!(of(&scene), again);
}
