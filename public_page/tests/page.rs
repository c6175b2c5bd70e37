//! The pages: what a reader sees, what nobody may see, how heavy they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{Trust, all_text, at, content, seen, service, settings};
use incident::Ground;
use incident::hospitals::ServiceState;
use incident::public_updates::{Alternative, Content, PublicBoard, Published, Spoken, Words};
use public_page::{Edition, Settings, SettingsFault, next_press, press};
use std::path::Path;

const REAL: Ground = Ground::Real;

fn pressed(trust: &Trust, now: &str) -> Edition {
    press(&trust.board(REAL), &settings(), at(now)).unwrap()
}

fn golden(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("LIFEBOAT_GOLDEN").is_some() {
        std::fs::write(&path, format!("{got}\n")).unwrap();
    }
    let want = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        got,
        want.trim_end(),
        "{name}; if this is meant, run with LIFEBOAT_GOLDEN=1 and read the change"
    );
}

#[test]
fn what_a_reader_sees_is_what_was_approved() {
    let mut trust = Trust::new();
    golden("nothing.txt", &seen(pressed(&trust, "15:00").file("index.html").unwrap()));
    trust.publishes(REAL, content());
    let edition = pressed(&trust, "15:10");
    golden("index.txt", &seen(edition.file("index.html").unwrap()));
    golden("cy.txt", &seen(edition.file("cy.html").unwrap()));
    golden("late.txt", &seen(pressed(&trust, "16:31").file("index.html").unwrap()));
    let last = Content { next_update: None, services: Vec::new(), ..content() };
    trust.publishes(REAL, last);
    trust.withdraws(1);
    golden("history.txt", &seen(pressed(&trust, "16:40").file("history.html").unwrap()));
    trust.withdraws(2);
    golden("withdrawn.txt", &seen(pressed(&trust, "16:50").file("index.html").unwrap()));
}

/// Words that must never leave the house, found in an edition.
fn leaked(edition: &Edition) -> Vec<&'static str> {
    let all = all_text(edition);
    ["UNAPPROVED", "TAKENBACK", "GIVENUP", "SECRETREASON", "Dean", "Bell", "Cole"]
        .into_iter()
        .filter(|word| all.contains(word))
        .collect()
}

fn secrets() -> Trust {
    let mut trust = Trust::new();
    let saying = |sentence: &str| {
        let english = Words { sentence: sentence.into(), ..content().english };
        Content { english, ..content() }
    };
    trust.publishes(REAL, saying("Fine."));
    let number = trust.publishes(REAL, saying("TAKENBACK"));
    trust.withdraws(number);
    trust.drafts(REAL, saying("UNAPPROVED"));
    let number = trust.drafts(REAL, saying("GIVENUP"));
    let reason = "SECRETREASON".to_owned();
    trust.does("Ben Cole", incident::public_updates::Intent::Discard { ground: REAL, number, reason });
    trust
}

#[test]
fn no_draft_no_withdrawn_word_and_no_name_of_staff_leaves_the_house() {
    let trust = secrets();
    assert_eq!(leaked(&pressed(&trust, "15:10")), Vec::<&str>::new());
    for network in public_page::posts(&trust.board(REAL), &settings()).unwrap() {
        assert!(!network.text.contains("UNAPPROVED"));
    }
}

/// A board that forgets to ask where an update stands.
fn planted(trust: &Trust, wanted: fn(&incident::public_updates::Standing) -> bool) -> PublicBoard {
    let mut board = trust.board(REAL);
    for update in trust.book.public_updates.all(REAL).iter().filter(|u| wanted(&u.standing)) {
        let (number, entry, at) = (update.number, update.written.entry, update.written.at);
        let content = update.content.clone();
        board.history.push(Spoken::Update(Box::new(Published { number, entry, at, content })));
    }
    board
}

#[test]
fn the_planted_bugs_are_found() {
    use incident::public_updates::Standing;
    let trust = secrets();
    let draft = planted(&trust, |standing| *standing == Standing::Draft);
    let withdrawn = planted(&trust, |standing| matches!(standing, Standing::Withdrawn { .. }));
    for (board, word) in [(draft, "UNAPPROVED"), (withdrawn, "TAKENBACK")] {
        assert_eq!(leaked(&press(&board, &settings(), at("15:10")).unwrap()), [word]);
    }
}

#[test]
fn script_text_in_every_field_stays_text() {
    let bad = "</p><script>alert('x')</script>\"onload=\"x\" ]]> & <!--";
    let words = Words { sentence: bad.into(), do_this: vec![bad.into()], not_for: vec![bad.into()] };
    let place =
        Alternative { name: bad.into(), good_for: bad.into(), hours: bad.into(), contact: bad.into() };
    let mut told = service("Northgate General", bad, ServiceState::Closed);
    told.note = bad.into();
    let mut trust = Trust::new();
    trust.publishes(
        REAL,
        Content {
            english: words.clone(),
            welsh: Some(words),
            alternatives: vec![place],
            services: vec![told],
            next_update: None,
        },
    );
    let settings = Settings { trust: bad.into(), contact: bad.into(), area: bad.into(), ..settings() };
    let edition = press(&trust.board(REAL), &settings, at("15:10")).unwrap();
    for (path, bytes) in edition.files.iter().filter(|(path, _)| !path.ends_with(".json")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(path.ends_with(".ics") || !text.contains("<script"), "{path}");
        assert!(path.ends_with(".ics") || !text.contains("\"onload"), "{path}");
    }
    for (path, bytes) in edition.files.iter().filter(|(path, _)| path.ends_with(".html")) {
        assert!(seen(bytes).contains("&lt;script&gt;"), "{path} shows it as text");
        balanced(path, std::str::from_utf8(bytes).unwrap());
    }
}

/// Every element that is opened is closed, in order.
fn balanced(path: &str, html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{path}"),
            None if matches!(name, "!doctype" | "meta" | "link" | "br") => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{path}");
}

#[test]
fn the_first_load_is_under_60_kb_at_every_ceiling() {
    let line = "x".repeat(110);
    let words = Words { sentence: line.clone(), do_this: vec![line.clone(); 12], not_for: vec![line; 12] };
    let place = |n: usize| Alternative {
        name: format!("Place {n} on the High Street"),
        good_for: "cuts and sprains".into(),
        hours: "every day 8am to 8pm".into(),
        contact: "1 High Street".into(),
    };
    let told = |n: usize| {
        let mut told = service(
            ["Northgate General", "Whipps Green"][n % 2],
            &format!("Service {n}"),
            ServiceState::Reduced,
        );
        told.wait_minutes = Some(45);
        told.note = "urgent only".into();
        told
    };
    let full = Content {
        english: words.clone(),
        welsh: Some(words),
        alternatives: (0..15).map(place).collect(),
        services: (0..120).map(told).collect(),
        next_update: Some(at("16:30")),
    };
    let mut trust = Trust::new();
    for _ in 0..8 {
        trust.publishes(REAL, full.clone());
    }
    let edition = pressed(&trust, "16:31");
    for path in ["index.html", "cy.html"] {
        let bytes = edition.file(path).unwrap().len();
        assert!(bytes < 60_000, "{path} is {bytes} bytes");
    }
}

#[test]
fn every_page_names_its_language_and_its_links_lead_somewhere() {
    let mut trust = Trust::new();
    for _ in 0..120 {
        trust.publishes(REAL, content());
    }
    let edition = pressed(&trust, "15:10");
    assert!(edition.file("history-3.html").is_some() && edition.file("history-4.html").is_none());
    for (path, bytes) in edition.files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).unwrap();
        assert!(html.contains("<html lang=\"") && html.matches("<h1>").count() == 1, "{path}");
        for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let there = link.starts_with('#') || link.starts_with("data:") || edition.file(link).is_some();
            assert!(there, "{path} links to {link}, which is not pressed");
        }
        assert!(!html.contains("<script") && !html.contains("src="), "{path} asks for nothing more");
    }
}

#[test]
fn an_exercise_says_so_on_every_file() {
    let mut trust = Trust::new();
    let opening = incident::declare::Intent::Open {
        name: "Exercise".into(),
        level: incident::Level::Major,
        nature: incident::Nature::Exercise,
        declared: true,
        reason: "practice".into(),
        sites: Vec::new(),
        methane: None,
    };
    trust.does("Anna Bell", opening);
    let ground = Ground::Exercise(incident::IncidentId(1));
    trust.publishes(ground, content());
    let edition = press(&trust.board(ground), &settings(), at("15:10")).unwrap();
    assert!(edition.exercise);
    for (path, bytes) in &edition.files {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("EXERCISE") || text.contains("Exercise"), "{path}");
    }
    for post in public_page::posts(&trust.board(ground), &settings()).unwrap() {
        assert!(post.text.starts_with("EXERCISE "), "{post:?}");
    }
}

#[test]
fn the_same_board_and_time_give_the_same_bytes_and_it_is_pressed_again_when_late() {
    let mut trust = Trust::new();
    trust.publishes(REAL, content());
    assert_eq!(pressed(&trust, "15:10"), pressed(&trust, "15:10"));
    let board = trust.board(REAL);
    assert_eq!(next_press(&board, at("15:10")), Some(at("16:30").plus_seconds(1)));
    assert!(board.late(at("16:30").plus_seconds(1)));
    assert_eq!(next_press(&board, at("16:31")), None);
}

#[test]
fn welsh_words_are_used_where_somebody_wrote_them() {
    let mut trust = Trust::new();
    let welsh = Words { sentence: "Nid yw ein cyfrifiaduron yn gweithio.".into(), ..Words::default() };
    trust.publishes(REAL, Content { welsh: Some(welsh), ..content() });
    let page = seen(pressed(&trust, "15:10").file("cy.html").unwrap());
    assert!(page.contains("Nid yw ein cyfrifiaduron") && !page.contains("Our computers"), "{page}");
}

#[test]
fn an_update_that_was_followed_by_another_says_that_it_is_old() {
    let mut trust = Trust::new();
    trust.publishes(REAL, content());
    let old = |trust: &Trust| {
        let edition = pressed(trust, "15:10");
        seen(edition.file("history.html").unwrap()).matches("This is an old update.").count()
    };
    assert_eq!(old(&trust), 0);
    let number = trust.publishes(REAL, content());
    assert_eq!(old(&trust), 1);
    trust.withdraws(number);
    assert_eq!(old(&trust), 1, "withdrawing the newest does not bring the older one back");
}

#[test]
fn both_languages_hold_the_same_words() {
    let keys = |file: &str| -> std::collections::BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let named = |line: &str| line.split_once(" = ").map(|(key, _)| key.to_owned());
        text.lines().filter(|line| !line.starts_with([' ', '#'])).filter_map(named).collect()
    };
    assert_eq!(keys("en.ftl"), keys("cy.ftl"));
}

#[test]
fn posts_fit_their_networks() {
    let mut trust = Trust::new();
    let english = Words { do_this: vec!["Please do this. ".repeat(11); 12], ..content().english };
    trust.publishes(REAL, Content { english, ..content() });
    for post in public_page::posts(&trust.board(REAL), &settings()).unwrap() {
        assert!(post.characters <= post.network.characters_max, "{post:?}");
        assert!(post.text.starts_with("Our computers") && post.text.ends_with(".example"), "{post:?}");
        assert!(post.text.contains("Next update: by 5:30pm on 12 May 2017"), "{post:?}");
    }
}

#[test]
fn settings_that_would_lead_people_astray_are_refused() {
    for (bad, want) in [
        (Settings { address: "javascript:alert(1)".into(), ..settings() }, SettingsFault::Address),
        (Settings { address: "https://a\"b".into(), ..settings() }, SettingsFault::Address),
        (Settings { sender: "a b".into(), ..settings() }, SettingsFault::Sender),
        (Settings { trust: " ".into(), ..settings() }, SettingsFault::Text("the trust's name")),
    ] {
        assert_eq!(bad.checked(), Err(want));
    }
}
