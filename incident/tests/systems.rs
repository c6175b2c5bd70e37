//! Systems and hospitals: an inventory from a table, states told and corrected, reports from staff, what needs what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{REAL, Scene, site};
use incident::hospitals::{self, ServiceState};
use incident::systems::{Intent, Listing, SystemId, SystemState, read_sheet};

const SHEET: &[u8] = b"\
Hospital;System;Owner;Workaround;Depends on;Order\r
trust;Network;IT lead;Runners;;1\r
Northgate General;Pathology;Lab manager;Paper forms;Network|Patient index;3\r
;Patient index;IT lead;Ward packs;Network;2\r
Whipps Green;Pathology;Lab manager;Paper forms;Network;3\r
Atlantis;Pathology;;;;\r
Northgate General;pathology;again;;;\r
Northgate General;;no name;;;\r
Northgate General;Imaging;;;PACS;soon\r
";

fn imported() -> Scene {
    let mut scene = Scene::prepared();
    let report = read_sheet(&scene.book, SHEET).unwrap();
    scene.does("Eva Frost", Intent::List { systems: report.systems });
    scene
}

fn id(scene: &Scene, site_name: Option<&str>, name: &str) -> SystemId {
    scene.book.systems.find(site_name.map(site).as_ref(), name).unwrap()
}

fn tell(system: SystemId, state: SystemState, seen: SystemState, note: &str) -> Intent {
    Intent::TellState { ground: REAL, system, state, seen, note: note.into(), since: None }
}

#[test]
fn an_import_tells_every_refused_row_and_adds_up() {
    let scene = Scene::prepared();
    let report = read_sheet(&scene.book, SHEET).unwrap();
    assert_eq!((report.rows, report.added, report.changed, report.same), (8, 4, 0, 0));
    assert_eq!(report.rows, report.added + report.changed + report.same + report.refused.len());
    let said: Vec<(usize, &str)> = report.refused.iter().map(|r| (r.line, r.why.as_str())).collect();
    for ((line, why), (want_line, want)) in said.iter().zip([
        (6, "there is no hospital called “Atlantis”; write one of: Northgate General, Whipps Green"),
        (7, "this system stands in line 3 already"),
        (8, "the system's name is missing"),
        (9, "“soon” is no recovery order"),
    ]) {
        assert!(*line == want_line && why.starts_with(want), "line {line}: {why}");
    }
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let lonely = read_sheet(&scene.book, b"name,depends on\nImaging,PACS\n").unwrap();
    assert_eq!(lonely.notes, ["line 2: Imaging needs “PACS”, which is listed nowhere"]);
    for (bytes, want) in [
        (&b""[..], "empty"),
        (b"site,owner\nx,y\n", "“name” is missing"),
        (b"name\n\"open", "line 2: a quotation mark"),
    ] {
        let said = read_sheet(&scene.book, bytes).unwrap_err().to_string();
        assert!(said.contains(want), "{said}");
    }
}

#[test]
fn importing_again_changes_only_what_changed() {
    let mut scene = imported();
    let again = read_sheet(&scene.book, SHEET).unwrap();
    assert_eq!((again.added, again.changed, again.same, again.not_in_file), (0, 0, 4, 0));
    scene.refused("Eva Frost", Intent::List { systems: again.systems }, &["listed so already"]);
    let network = id(&scene, None, "network");
    scene.does("Eva Frost", tell(network, SystemState::Isolated, SystemState::Unknown, "pulled the link"));
    let text = String::from_utf8_lossy(SHEET).replace("Runners", "Runners and radios");
    let changed = read_sheet(&scene.book, text.as_bytes()).unwrap();
    assert_eq!((changed.added, changed.changed, changed.same), (0, 1, 3));
    scene.does("Eva Frost", Intent::List { systems: changed.systems });
    assert_eq!(id(&scene, None, "Network"), network, "the same system keeps its number");
    assert_eq!(scene.book.systems.state(REAL, network), SystemState::Isolated, "and its state");
    let partial = read_sheet(&scene.book, b"name\nNetwork\n").unwrap();
    assert_eq!(partial.not_in_file, 3, "what is not in the file stays");
    scene.does("Eva Frost", Intent::Retire { system: network, reason: "replaced".into() });
    assert_eq!(scene.book.systems.find(None, "Network"), None);
    scene.ends_the_same_when_replayed();
}

#[test]
fn infected_and_isolated_are_told_apart_and_nothing_is_clean_by_itself() {
    let mut scene = imported();
    let network = id(&scene, None, "Network");
    use SystemState::{Infected, Isolated, Unknown, Working};
    assert_eq!(scene.book.systems.board(REAL).counts.words(), "4 unknown");
    scene.refused("AB", tell(network, Infected, Unknown, ""), &["what is wrong with Network"]);
    scene.does("AB", tell(network, Infected, Unknown, "ransom note"));
    scene.later(5).refused(
        "CD",
        tell(network, Isolated, Unknown, "off"),
        &["AB set Network to “infected” at 14:00"],
    );
    scene.refused("CD", tell(network, Working, Infected, ""), &["who checked that it is clean"]);
    scene.later(5).does("CD", tell(network, Working, Infected, "CERT: Eva Frost rebuilt it"));
    scene.later(5).does("CD", tell(network, Isolated, Working, "precaution"));
    assert_eq!(scene.last_line(), "Network is isolated on purpose (was working). precaution");
    let board = scene.book.systems.board(REAL);
    assert_eq!(board.counts.words(), "1 isolated on purpose, 3 unknown");
    let tile = &board.sites[0].tiles[0];
    assert_eq!(tile.history.iter().map(|h| h.state).collect::<Vec<_>>(), [Infected, Working, Isolated]);
    assert_eq!(tile.history[0].until, Some(common::at("13:10")));
    assert_eq!(tile.needed_by.len(), 3);
    let pathology = board.sites[1].tiles.iter().find(|t| t.name == "Pathology").unwrap();
    assert_eq!(pathology.needs.iter().map(|n| n.state).collect::<Vec<_>>(), [Isolated, Unknown]);
    assert_eq!(pathology.held_up_by.len(), 2, "the network by two ways, once");
    let order: Vec<SystemId> = board.recovery;
    assert_eq!(order.first(), Some(&network));
    let ahead = Intent::TellState {
        ground: REAL,
        system: network,
        state: Working,
        seen: Isolated,
        note: String::new(),
        since: Some(scene.now.plus_seconds(60)),
    };
    scene.refused("CD", ahead, &["lies ahead"]);
    scene.refused("CD", tell(SystemId(99), Working, Unknown, ""), &["not listed"]);
    scene.ends_the_same_when_replayed();
}

#[test]
fn rings_of_dependencies_end() {
    let mut scene = Scene::prepared();
    let listing = |name: &str, needs: &str| Listing {
        site: None,
        name: name.into(),
        owner: String::new(),
        workaround: String::new(),
        depends_on: vec![needs.into()],
        recovery_order: None,
    };
    scene.does("AB", Intent::List { systems: vec![listing("A", "B"), listing("B", "C"), listing("C", "A")] });
    let board = scene.book.systems.board(REAL);
    assert!(board.sites[0].tiles.iter().all(|t| t.held_up_by.len() == 2));
}

#[test]
fn staff_report_by_one_form_and_each_report_is_dealt_with() {
    let mut scene = imported();
    let report = |site_name: &str, what: &str| Intent::Report {
        ground: REAL,
        site: site(site_name),
        system: None,
        what: what.into(),
        contact: "AMU, ext 2210".into(),
    };
    scene.refused("Nurse", report("Atlantis", "x"), &["no hospital called Atlantis"]);
    scene.refused("Nurse", report("Whipps Green", ""), &["what you see is missing"]);
    scene.does("Nurse", report("Whipps Green", "All screens show a red padlock"));
    assert_eq!(scene.book.systems.board(REAL).waiting.len(), 1);
    let settle = Intent::SettleReport { ground: REAL, number: 1, how: "Pathology set to infected".into() };
    scene.does("Eva Frost", settle.clone());
    scene.refused("AB", settle, &["Eva Frost dealt with report 1"]);
    assert!(scene.book.systems.board(REAL).waiting.is_empty());
    scene.refused("AB", Intent::SettleReport { ground: REAL, number: 2, how: "x".into() }, &["no report 2"]);
    scene.ends_the_same_when_replayed();
}

#[test]
fn each_hospital_tells_what_its_services_can_do() {
    let mut scene = Scene::prepared();
    let told = |service: &str, state, wait_minutes, note: &str| hospitals::Intent::TellService {
        ground: REAL,
        site: site("Northgate General"),
        service: service.into(),
        state,
        wait_minutes,
        note: note.into(),
    };
    let overall = |scene: &Scene| scene.book.hospitals.board(REAL)[0].overall;
    assert_eq!(overall(&scene), None, "nothing told is not open");
    scene.refused("AB", told("Outpatients", ServiceState::Closed, None, ""), &["why Outpatients is closed"]);
    scene.refused(
        "AB",
        told("Emergency department", ServiceState::Open, Some(99_999), ""),
        &["not believable"],
    );
    scene.does("AB", told("Emergency department", ServiceState::Open, Some(95), ""));
    assert_eq!(overall(&scene), Some(ServiceState::Open));
    scene.later(10).does("AB", told("Outpatients", ServiceState::Closed, None, "no records"));
    assert_eq!(overall(&scene), Some(ServiceState::Reduced));
    scene.later(10).does("AB", told("emergency DEPARTMENT", ServiceState::Open, Some(120), ""));
    let service =
        scene.book.hospitals.service(REAL, &site("Northgate General"), "Emergency department").unwrap();
    assert_eq!((service.since, service.wait_minutes), (common::at("13:00"), Some(120)));
    assert_eq!(scene.book.hospitals.board(REAL)[0].services.len(), 2);
    assert_eq!(scene.book.hospitals.board(REAL)[1].overall, None);
    scene.ends_the_same_when_replayed();
}
