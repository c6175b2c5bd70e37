//! The life of an incident: opened, declared, raised, stood down, resumed, cancelled; METHANE beside it; several at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, Scene, at, opening, site};
use incident::declare::{self, Level, Nature, Stage};
use incident::methane::{self, Methane};
use incident::{IncidentId, boards, stand_down, systems};

fn report(hazards: &str) -> Methane {
    Methane { hazards: hazards.into(), ..Methane::default() }
}

#[test]
fn standby_becomes_a_declaration_and_ends_in_a_stand_down() {
    let mut scene = Scene::prepared();
    scene.does("Anna Bell", opening("Cyber attack", Nature::Real, false));
    assert_eq!(scene.incident(FIRST).stage, Stage::Standby);
    let early = stand_down::Intent::StandDown { incident: FIRST, reason: "over".into(), despite_open: true };
    scene.refused("Anna Bell", early.clone(), &["never declared", "cancel it"]);
    let declare =
        declare::Intent::Declare { incident: FIRST, level: Level::Critical, reason: "It spreads".into() };
    scene.later(20).does("Ben Cole", declare.clone());
    assert_eq!(scene.last_line(), "Critical incident declared: Cyber attack. It spreads");
    scene.refused("Anna Bell", declare, &["declared already", "Ben Cole", "14:20", "entry 4"]);
    let raise =
        declare::Intent::ChangeLevel { incident: FIRST, level: Level::Major, reason: "ED lost".into() };
    scene.later(5).does("Ben Cole", raise.clone());
    scene.refused("Ben Cole", raise, &["major incident already"]);
    scene.later(60);
    assert_eq!(scene.incident(FIRST).elapsed_seconds(scene.now), 65 * 60);
    scene.does("Ben Cole", early);
    let incident = scene.incident(FIRST);
    assert_eq!((incident.stage, incident.steps.len()), (Stage::StoodDown, 4));
    scene.later(600);
    assert_eq!(
        scene.incident(FIRST).elapsed_seconds(scene.now),
        65 * 60,
        "the clock of an ended incident stands"
    );
    let again = declare::Intent::Cancel { incident: FIRST, reason: "x".into() };
    scene.refused("Ben Cole", again, &["stood down", "Ben Cole", "open a new incident"]);
    scene.does("Ben Cole", stand_down::Intent::Resume { incident: FIRST, reason: "It came back".into() });
    assert_eq!(scene.incident(FIRST).stage, Stage::Declared);
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_declaration_pressed_twice_is_one_incident() {
    let mut scene = Scene::declared();
    scene.later(1).refused(
        "Ben Cole",
        opening("cyber ATTACK", Nature::Real, true),
        &["open already", "Anna Bell", "14:00", "entry 3"],
    );
    scene.does("Ben Cole", opening("Flood in the basement", Nature::Real, false));
    assert_eq!(scene.book.running().map(|i| i.id).collect::<Vec<_>>(), [IncidentId(2), FIRST]);
    scene.refused("Ben Cole", opening("  \n", Nature::Real, true), &["name is missing"]);
    let elsewhere =
        declare::Intent::ChangeSites { incident: FIRST, sites: vec![site("Nowhere")], reason: "x".into() };
    scene.refused("Ben Cole", elsewhere, &["no hospital called Nowhere"]);
    scene.refused(
        "Ben Cole",
        declare::Intent::Cancel { incident: IncidentId(9), reason: "x".into() },
        &["no incident 9"],
    );
}

#[test]
fn an_exercise_is_marked_and_stays_on_its_own_ground() {
    let mut scene = Scene::prepared();
    scene.does("Anna Bell", opening("Autumn drill", Nature::Exercise, true));
    assert_eq!(scene.book.watermark(), Some("EXERCISE"));
    assert!(scene.last_line().starts_with("EXERCISE Major incident declared"));
    let ground = scene.incident(FIRST).ground();
    let listing = systems::Listing {
        site: None,
        name: "Pathology".into(),
        owner: String::new(),
        workaround: String::new(),
        depends_on: Vec::new(),
        recovery_order: None,
    };
    scene.does("Anna Bell", systems::Intent::List { systems: vec![listing] });
    let id = scene.book.systems.all().next().unwrap().0;
    let tell = |ground| systems::Intent::TellState {
        ground,
        system: id,
        state: systems::SystemState::Infected,
        seen: systems::SystemState::Unknown,
        note: "ransom note".into(),
        since: None,
    };
    scene.does("Anna Bell", tell(ground));
    assert!(scene.last_line().starts_with("EXERCISE Pathology is infected"));
    assert_eq!(scene.book.systems.state(ground, id), systems::SystemState::Infected);
    assert_eq!(
        scene.book.systems.state(common::REAL, id),
        systems::SystemState::Unknown,
        "practice is not real"
    );
    scene.does("Anna Bell", opening("Real thing", Nature::Real, true));
    assert_eq!(scene.book.watermark(), None, "a real one is never hidden under a watermark");
    let home = boards::home_board(&scene.book, scene.now);
    assert_eq!(home.running.iter().map(|i| i.watermark).collect::<Vec<_>>(), [None, Some("EXERCISE")]);
    let no_exercise = incident::Ground::Exercise(IncidentId(2));
    scene.refused("Anna Bell", tell(no_exercise), &["no exercise"]);
}

#[test]
fn methane_is_amended_by_whoever_has_seen_the_last_one() {
    let mut scene = Scene::declared();
    let make = |report, corrects| methane::Intent::Report { incident: FIRST, report, corrects };
    scene.refused("Anna Bell", make(Methane::default(), None), &["METHANE report is missing"]);
    let first = scene.does("Anna Bell", make(report("Infusion pumps"), None));
    scene.refused("Ben Cole", make(report("None"), None), &["Anna Bell changed", &format!("entry {first}")]);
    scene.refused("Ben Cole", make(report(" Infusion pumps "), Some(first)), &["says this already"]);
    let second = scene.later(5).does("Ben Cole", make(report("Pumps and doors"), Some(first)));
    assert_eq!(
        scene.last_line(),
        format!("METHANE report, corrects entry {first}. Hazards: Pumps and doors")
    );
    let reports = &scene.incident(FIRST).methane;
    assert_eq!(reports.all().len(), 2, "the first stays");
    assert_eq!(reports.current().map(|(stamp, _)| stamp.entry), Some(second));
    scene.ends_the_same_when_replayed();
}

#[test]
fn whoever_stands_down_has_read_what_is_left() {
    let mut scene = Scene::declared();
    scene.later(300);
    let intent =
        |despite_open| stand_down::Intent::StandDown { incident: FIRST, reason: "over".into(), despite_open };
    scene.refused("Anna Bell", intent(false), &["still open", "steps overdue on action cards"]);
    scene.does("Anna Bell", intent(true));
    assert!(scene.last_line().contains("Still open: "), "{}", scene.last_line());
}

#[test]
fn a_clock_set_back_breaks_no_order_and_hides_nothing() {
    let mut scene = Scene::declared();
    scene
        .later(60)
        .does("Anna Bell", methane::Intent::Report { incident: FIRST, report: report("a"), corrects: None });
    let overdue = boards::incident_board(&scene.book, scene.incident(FIRST), scene.now).overdue_steps;
    assert!(overdue > 0);
    // 400 days back.
    scene.now = at("13:00").plus_seconds(-400 * 86_400);
    let board = boards::incident_board(&scene.book, scene.incident(FIRST), scene.now);
    assert_eq!((board.overdue_steps, board.elapsed_seconds), (overdue, 3600), "nothing overdue vanishes");
    assert!(boards::home_board(&scene.book, scene.now).clock_doubt.unwrap().contains("400 days"));
    let note = incident::decisions::Intent::Note { incident: Some(FIRST), text: "clock wrong".into() };
    let entry = scene.does("Ben Cole", note);
    let lines = scene.book.log.lines();
    assert_eq!(lines.last().map(|l| (l.entry, l.clock_went_back)), Some((entry, true)));
    assert!(lines.windows(2).all(|pair| pair[0].entry < pair[1].entry));
    assert_eq!(boards::incident_board(&scene.book, scene.incident(FIRST), scene.now).elapsed_seconds, 0);
    // And ten years ahead.
    scene.now = at("13:00").plus_seconds(3650 * 86_400);
    scene.does("Ben Cole", incident::decisions::Intent::Note { incident: None, text: "far ahead".into() });
    scene.now = at("15:00");
    scene.does("Ben Cole", incident::decisions::Intent::Note { incident: None, text: "right again".into() });
    assert_eq!(boards::home_board(&scene.book, scene.now).clock_doubt, None, "the next entry puts it right");
    scene.ends_the_same_when_replayed();
}
