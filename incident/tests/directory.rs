//! The directory: imported with every refused row named, searched with bad typing, edited by two, shown by what works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::EntryNumber;
use common::{FIRST, REAL, Scene, opening, person, post, site};
use incident::declare::Nature;
use incident::directory::{
    DirectoryEntry, DirectoryId, EntryKind, Intent, Question, Route, RouteState, Row, read_sheet,
};
use incident::roles;
use incident::{Ground, RoleKey};

const SHEET: &str = "\
kind,name,job title,role,hospital,ward,location,direct,ext,mobile,bleep,email,on duty,notes\r
role,Site manager,,site-manager,Northgate General,Control room,Level 1,01632 960011,4021,07700 900101,112,site.manager@northgate.example,yes,nights too\r
role,Site manager,,Site manager,Whipps Green,,,01632 960021,,,,,,\r
place,Ward 7,,,Northgate General,,Level 2 east,01632 960077;01632 960078,4077,,,,,\r
person,Dr Ada Quill,consultant,,Northgate General,Emergency department,,,4100,07700 900102,,ada.quill@northgate.example,yes,\r
person,Śiân O’Brien,pathology lead,,,Pathology,,01632 960031,,,,,,\r
person,Dr Ada Quill,again,,northgate general,emergency department,,,,,,,,\r
person,,nobody,,,,,,,,,,,\r
person,Bad Mobile,,,,,,,,mobile please,,,,\r
person,Bad Mail,,,,,,,,,,\"a@b, c@d\",,\r
person,Far Away,,,Atlantis,,,,,,,,,\r
robot,Marvin,,,,,,,,,,,,\r
person,Odd Duty,,,,,,,,,,,perhaps,\r
";

fn imported() -> Scene {
    let mut scene = Scene::prepared();
    let report = read_sheet(&scene.book, SHEET.as_bytes()).unwrap();
    for intent in report.intents() {
        scene.does("Eva Frost", intent);
    }
    scene
}

fn found(scene: &Scene, words: &str) -> Vec<String> {
    let question = Question { words: words.into(), ..Question::default() };
    let directory = &scene.book.directory;
    directory.find(&question).iter().map(|id| directory.entry(*id).unwrap().words()).collect()
}

fn first(scene: &Scene, words: &str) -> DirectoryId {
    let question = Question { words: words.into(), ..Question::default() };
    scene.book.directory.find(&question)[0]
}

fn route(site_name: Option<&str>, route: Route, state: RouteState, seen: RouteState) -> Intent {
    let site = site_name.map(site);
    Intent::TellRoute { ground: REAL, site, route, state, seen, note: "use the red phones".into() }
}

#[test]
fn an_import_tells_every_refused_row_and_adds_up() {
    let scene = Scene::prepared();
    let report = read_sheet(&scene.book, SHEET.as_bytes()).unwrap();
    assert_eq!((report.rows, report.added, report.changed, report.same, report.on_duty), (12, 5, 0, 0, 2));
    assert_eq!(report.rows, report.added + report.changed + report.same + report.refused.len());
    let said: Vec<(usize, &str)> = report.refused.iter().map(|r| (r.line, r.why.as_str())).collect();
    let wanted = [
        (7, "this entry stands in line 5 already"),
        (8, "the name is missing"),
        (9, "“mobile please” is no mobile: write one number of 7 to 15 digits"),
        (10, "“a@b, c@d” is no email"),
        (11, "there is no hospital called “Atlantis”; write one of: Northgate General, Whipps Green"),
        (12, "“robot” is no kind; write person, role or place"),
        (13, "“perhaps” under “on duty”; write yes or no"),
    ];
    assert_eq!(said.len(), wanted.len(), "{said:?}");
    for ((line, why), (want_line, want)) in said.iter().zip(wanted) {
        assert!(*line == want_line && why.starts_with(want), "line {line}: {why}");
    }
    for (bytes, want) in [
        (&b""[..], "empty"),
        (b"site,ward\nx,y\n", "“name” is missing"),
        (b"name\n\"open", "line 2: a quotation mark"),
        (b"name\n\x00", "not a text file"),
    ] {
        let said = read_sheet(&scene.book, bytes).unwrap_err().to_string();
        assert!(said.contains(want), "{said}");
    }
}

#[test]
fn importing_again_changes_only_what_changed_and_keeps_numbers() {
    let mut scene = imported();
    let ada = first(&scene, "quill");
    let again = read_sheet(&scene.book, SHEET.as_bytes()).unwrap();
    assert_eq!((again.added, again.changed, again.same, again.not_in_file.len()), (0, 0, 5, 0));
    for intent in again.intents() {
        scene.refused("Eva Frost", intent, &["says this already"]);
    }
    let text = SHEET.replace("4100", "4101");
    let changed = read_sheet(&scene.book, text.as_bytes()).unwrap();
    assert_eq!((changed.changed, changed.same), (1, 4));
    for intent in changed.intents() {
        scene.does("Eva Frost", intent);
    }
    assert_eq!(first(&scene, "quill"), ada, "the same entry keeps its number");
    assert_eq!(scene.book.directory.entry(ada).unwrap().number(Route::Extension), Some("4101"));
    let partial = read_sheet(&scene.book, b"name\nNew Nurse\n").unwrap();
    assert_eq!(partial.not_in_file.len(), 5, "what is not in the file is counted, and stays");
    let reason = "left the trust".to_owned();
    scene.does("Eva Frost", Intent::Retire { entries: vec![ada], reason });
    assert!(found(&scene, "quill").is_empty());
    for intent in read_sheet(&scene.book, text.as_bytes()).unwrap().intents() {
        scene.does("Eva Frost", intent);
    }
    assert_eq!(first(&scene, "quill"), ada, "listed again, it is the same entry");
    scene.ends_the_same_when_replayed();
}

#[test]
fn tired_typing_finds_the_right_entry() {
    let scene = imported();
    for (typed, want) in [
        ("site man", "Site manager, Control room, Northgate General"),
        ("sitte manger northgate", "Site manager, Control room, Northgate General"),
        ("QUILL", "Dr Ada Quill, Emergency department, Northgate General"),
        ("qiull", "Dr Ada Quill, Emergency department, Northgate General"),
        ("pathlo", "Śiân O’Brien, Pathology"),
        ("sian obrien", "Śiân O’Brien, Pathology"),
        ("4100", "Dr Ada Quill, Emergency department, Northgate General"),
        ("900 102", "Dr Ada Quill, Emergency department, Northgate General"),
        ("ward 7", "Ward 7, Northgate General"),
        ("7700900101", "Site manager, Control room, Northgate General"),
    ] {
        assert_eq!(found(&scene, typed).first().map(String::as_str), Some(want), "{typed}");
    }
    assert!(found(&scene, "zebra").is_empty() && found(&scene, "quill zebra").is_empty());
    assert!(found(&scene, "4199").is_empty(), "a mistyped number is another number");
    assert_eq!(found(&scene, "").len(), 5, "nothing asked shows all, roles first");
    assert!(found(&scene, "")[0].starts_with("Site manager"));
    let whipps = Question { words: "site".into(), site: Some(site("Whipps Green")), ..Question::default() };
    assert_eq!(scene.book.directory.find(&whipps).len(), 1);
}

#[test]
fn the_number_that_works_is_shown_first() {
    let mut scene = imported();
    let manager = first(&scene, "site manager northgate");
    let dial = |scene: &Scene| -> Vec<Route> {
        let entry = scene.book.directory.entry(manager).unwrap().clone();
        scene.book.directory.dial(REAL, &entry).iter().map(|row| row.route).collect()
    };
    use Route::{Bleep, Direct, Email, Extension, Mobile};
    use RouteState::{Down, Unknown, Working};
    assert_eq!(dial(&scene), [Direct, Extension, Mobile, Bleep, Email]);
    scene.does("Sam", route(Some("Northgate General"), Direct, Down, Unknown));
    assert_eq!(dial(&scene), [Extension, Mobile, Bleep, Email, Direct], "never thrown away");
    scene.does("Sam", route(Some("Northgate General"), Mobile, Working, Unknown));
    assert_eq!(dial(&scene)[0], Mobile);
    scene.does("Sam", route(None, Mobile, Down, Unknown));
    assert_eq!(dial(&scene)[0], Extension, "what was said of the whole trust later holds");
    scene.does("Sam", route(Some("Whipps Green"), Direct, Working, Unknown));
    assert_eq!(dial(&scene)[0], Extension, "another hospital's lines are its own");
    let routes = scene.book.directory.routes(REAL, scene.book.hospitals.sites());
    assert_eq!(routes[1].words().unwrap(), "direct lines down, mobiles down");
    scene.refused(
        "Kim",
        route(Some("Northgate General"), Direct, Working, Unknown),
        &["Sam changed “Northgate General direct lines”", "while you wrote"],
    );
    assert!(scene.last_line().contains("direct lines: working (was unknown). use the red phones"));
    scene.ends_the_same_when_replayed();
}

#[test]
fn an_exercise_cuts_no_real_line_and_sends_nobody_home() {
    let mut scene = imported();
    scene.does("Anna Bell", opening("Drill", Nature::Exercise, true));
    let ground = Ground::Exercise(FIRST);
    let ada = first(&scene, "quill");
    let told = Intent::TellRoute {
        ground,
        site: None,
        route: Route::Direct,
        state: RouteState::Down,
        seen: RouteState::Unknown,
        note: String::new(),
    };
    scene.does("Anna Bell", told);
    scene.does("Anna Bell", Intent::OffDuty { ground, entries: vec![ada] });
    let directory = &scene.book.directory;
    assert_eq!(directory.route_state(REAL, None, Route::Direct), RouteState::Unknown);
    assert_eq!(directory.route_state(ground, None, Route::Direct), RouteState::Down);
    assert_eq!(directory.duty(REAL, scene.now).len(), 2);
    assert_eq!(directory.duty(ground, scene.now).len(), 1, "an exercise begins with who is really on duty");
    assert!(directory.duty(REAL, scene.now.plus_seconds(13 * 3600)).is_empty(), "a shift ends");
}

#[test]
fn of_two_who_edit_at_once_the_second_is_told_of_the_first() {
    let mut scene = imported();
    let ada = first(&scene, "quill");
    let seen = scene.book.directory.revision(ada).unwrap();
    let mut entry = scene.book.directory.entry(ada).unwrap().clone();
    entry.title = "consultant, on call".into();
    scene.does("Kim", Intent::Change { id: ada, entry: entry.clone(), seen });
    entry.title = "locum".into();
    scene.refused(
        "Sam",
        Intent::Change { id: ada, entry: entry.clone(), seen },
        &["Kim changed", "Ada Quill"],
    );
    let seen = scene.book.directory.revision(ada).unwrap();
    assert_ne!(seen, EntryNumber(0));
    scene.does("Sam", Intent::Change { id: ada, entry: entry.clone(), seen });
    entry.name = "Śiân O’Brien".into();
    entry.site = None;
    entry.place = "pathology".into();
    let seen = scene.book.directory.revision(ada).unwrap();
    scene.refused("Sam", Intent::Change { id: ada, entry, seen }, &["is in the directory already"]);
    scene.refused("Sam", Intent::Retire { entries: vec![DirectoryId(99)], reason: "x".into() }, &["not in"]);
}

#[test]
fn whoever_holds_the_role_now_stands_beside_its_number() {
    let mut scene = imported();
    scene.does("Anna Bell", opening("Cyber attack", Nature::Real, true));
    let take = roles::Intent::Take {
        incident: FIRST,
        post: post("site-manager", "Northgate General"),
        person: person("Kim Osei"),
        contact: "ext 4400".into(),
        shift_ends: None,
    };
    scene.does("Kim Osei", take);
    let directory = &scene.book.directory;
    let board = |words: &str| {
        let question = Question { words: words.into(), ..Question::default() };
        directory.board(&scene.book, REAL, &question, scene.now)
    };
    let northgate = board("site manager northgate");
    assert_eq!(northgate.found[0].held.len(), 1);
    assert_eq!(northgate.found[0].held[0].contact, "ext 4400");
    assert!(board("site manager whipps").found[0].held.is_empty());
    let key = RoleKey::new("site-manager").unwrap();
    assert_eq!(directory.role(&key, Some(&site("Whipps Green"))), Some(board("whipps").found[0].id));
}

#[test]
fn no_name_can_begin_a_line_of_a_vcard() {
    let mut scene = Scene::prepared();
    let hostile = "Eve\r\nTEL:999;x,y\\z \u{202e}".to_owned() + &"ž".repeat(80);
    let entry = DirectoryEntry {
        kind: EntryKind::Person,
        name: hostile,
        title: "=cmd|' /C calc'!A0".into(),
        notes: "<script>alert(1)</script>".into(),
        numbers: vec![(Route::Mobile, "+44 (0)7700 900123".into()), (Route::Bleep, "4;5".into())],
        ..DirectoryEntry::default()
    };
    scene.does("Eva", Intent::List { rows: vec![Row { entry, on_duty: false }] });
    let card = scene.book.directory.vcards(REAL, [DirectoryId(1)], scene.now);
    assert!(card.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n") && card.ends_with("\r\nEND:VCARD\r\n"));
    for line in card.split_terminator("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
    }
    let unfolded = card.replace("\r\n ", "");
    assert!(unfolded.contains("FN:Eve TEL:999\\;x\\,y\\\\z žž"), "{unfolded}");
    assert!(unfolded.contains("TEL;TYPE=\"work,pager\";PREF=2:4\\;5"));
    assert_eq!(unfolded.lines().filter(|line| line.starts_with("TEL")).count(), 2);
    assert!(unfolded.contains("\r\nREV:20260512T130000Z\r\n"), "{unfolded}");
    let drill = scene.book.directory.vcards(Ground::Exercise(FIRST), [DirectoryId(1)], scene.now);
    assert!(drill.contains("FN:EXERCISE Eve"));
}

#[test]
fn twenty_thousand_entries_are_listed_searched_and_no_more() {
    let mut scene = Scene::prepared();
    let mut text = "name,ward,ext,direct,mobile,role\n".to_owned();
    for n in 0..20_000 {
        text.push_str(&format!(
            "Nurse{n} Family{},Ward {},{},01632 9{n:05},07700 9{n:05},\n",
            n % 4_000,
            n % 60,
            1000 + n
        ));
    }
    let report = read_sheet(&scene.book, text.as_bytes()).unwrap();
    assert_eq!((report.added, report.refused.len()), (20_000, 0));
    let intents = report.intents();
    assert_eq!(intents.len(), 10);
    for intent in intents {
        scene.does("Eva", intent);
    }
    assert_eq!(found(&scene, "nurse19999 family3999").len(), 1);
    assert!(!found(&scene, "famly3999 nurse19999").is_empty() || found(&scene, "family3999").len() == 5);
    assert_eq!(scene.book.directory.len(), 20_000);
    let entry = DirectoryEntry { name: "One more".into(), ..DirectoryEntry::default() };
    let one_more = Intent::List { rows: vec![Row { entry, on_duty: false }] };
    assert!(scene.tries("Eva", one_more).unwrap_err().contains("20000 can be kept"));
}
