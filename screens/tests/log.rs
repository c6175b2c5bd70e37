//! The log through its page: written, searched, paged, corrected, printed and taken away; the wallboard beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use basics::EntryNumber;
use common::{get, post, words};
use fixture::{Hospital, now};
use http::StatusCode;
use incident::declare::{self, Level, Nature};
use incident::{IncidentId, Person, decisions};

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

/// A hospital with one incident, real or not, and `notes` numbered entries in its log.
fn logged(nature: Nature, notes: u32) -> Hospital {
    let hospital = Hospital::full();
    let room = hospital.room.incident();
    let open = declare::Intent::Open {
        name: "Cyber attack".to_owned(),
        level: Level::Critical,
        nature,
        declared: true,
        reason: "Ransom notes".to_owned(),
        sites: Vec::new(),
        methane: None,
    };
    room.submit(open, &person("Anna Bell"), now()).unwrap();
    for n in 1..=notes {
        let text = format!("Note {n}: bed {}", n % 7);
        let note = decisions::Intent::Note { incident: Some(IncidentId(1)), text };
        room.submit(note, &person("Ben Obi"), now().plus_seconds(i64::from(n))).unwrap();
    }
    hospital
}

fn numbers(html: &str) -> Vec<u64> {
    html.split("class=\"log-number\" href=\"/log/")
        .skip(1)
        .map(|t| t.split('"').next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn an_entry_is_written_numbered_initialled_and_script_text_stays_text() {
    let router = logged(Nature::Real, 0).router();
    let page = get(&router, "/log").await.text();
    assert!(page.contains("<option value=\"1\" selected>Cyber attack"), "the running incident is meant");
    // Without a script the page must not load itself again and take away what is being typed.
    assert!(!page.contains("http-equiv"));
    let text = "Switchboard <script>alert(1)</script> {{7*7}}";
    let fields = [("text", text), ("to", "1"), ("by", "Siân \"S\" Obi"), ("kind", "entry")];
    let wrote = post(&router, "/log", &fields).await;
    assert_eq!(
        (wrote.status, wrote.header("location")),
        (StatusCode::SEE_OTHER, "/log?kind=entry&done=entry")
    );
    let html = get(&router, "/log").await.text();
    assert!(words(&html).contains(text) && !html.contains("<script>alert"), "{}", words(&html));
    assert!(html.contains(">SO</span>") || html.contains(">S\"O</span>") || html.contains("S&#34;O"));
    assert_eq!(numbers(&html), [2, 1], "newest first, numbered as in the book");
    let refused =
        post(&router, "/log", &[("text", "Kept words"), ("to", "1"), ("q", "bed"), ("by", "")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let html = refused.text();
    assert!(html.contains("Nobody signed this") && html.contains(">Kept words</textarea>"));
    assert!(html.contains("name=\"q\" value=\"bed\""));
}

#[tokio::test]
async fn a_long_log_comes_in_bounded_pages_and_every_filter_says_what_it_leaves_out() {
    let hospital = logged(Nature::Real, 130);
    let router = hospital.router();
    let mut address = "/log?q=note".to_owned();
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let html = get(&router, &address).await.text();
        let on_page = numbers(&html);
        assert!(on_page.len() <= 50 && !on_page.is_empty());
        seen.extend(on_page);
        pages += 1;
        assert!(pages < 9, "the pages end");
        let Some((before, _)) = html.split_once("\">Older entries") else { break };
        let (_, number) = before.rsplit_once("before=").unwrap();
        address = format!("/log?q=note&before={number}");
    }
    assert_eq!(seen, (1..=131).rev().collect::<Vec<u64>>(), "each once, newest first");
    for (question, count) in [
        ("q=bed+3", "38 of 131 entries"),
        ("q=BED+note+3&person=ben+obi", "38 of 131 entries"),
        ("kind=incident", "1 of 131 entries"),
        ("kind=decision", "0 of 131 entries"),
        ("incident=1", "131 of 131 entries"),
        ("incident=9", "0 of 131 entries"),
        ("from=2026-07-14T16:06", "71 of 131 entries"),
        ("until=2026-07-14T16:05", "60 of 131 entries"),
        ("", "131 entries"),
    ] {
        let read = words(&get(&router, &format!("/log?{question}")).await.text());
        let found = read.lines().find(|l| l.contains("entries") && !l.contains("Older")).unwrap_or_default();
        assert!(read.contains(count), "{question}: {found}");
    }
    assert!(words(&get(&router, "/log?kind=decision").await.text()).contains("No entry fits"));
}

#[tokio::test]
async fn a_mistake_is_put_right_by_another_entry_and_nothing_is_rubbed_out() {
    let hospital = logged(Nature::Real, 1);
    let router = hospital.router();
    let refused = post(&router, "/log/2", &[("text", "Bed 4"), ("by", "Ben Obi")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains(">Bed 4</textarea>"));
    let fields = [("text", "Bed 4"), ("reason", "Wrong bed"), ("by", "Ben Obi")];
    assert_eq!(post(&router, "/log/2", &fields).await.header("location"), "/log?done=corrected");
    let read = words(&get(&router, "/log").await.text());
    assert!(read.contains("Correction of entry 2: Bed 4") && read.contains("Corrected by"), "{read}");
    assert!(read.contains("Note 1: bed 1"), "the first words stay: {read}");
    assert_eq!(get(&router, "/log/99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_log_is_printed_and_taken_away_as_a_bundle_that_proves_itself() {
    let hospital = logged(Nature::Exercise, 3);
    let router = hospital.router();
    let pdf = get(&router, "/log.pdf?incident=1").await;
    assert_eq!((pdf.status, pdf.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF-"));
    let bundle = get(&router, "/log/bundle").await;
    assert_eq!(bundle.status, StatusCode::OK);
    assert!(bundle.header("content-disposition").contains("incident-book-4.bundle"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.bundle");
    std::fs::write(&path, &bundle.body).unwrap();
    let key = logbook::Keys::from_secret(&[7; 64]).verifying_key();
    let told = logbook::verify_bundle(&path, &key).unwrap();
    assert_eq!((told.from, told.to), (EntryNumber(1), EntryNumber(4)));
    assert_eq!(told.head.seal, hospital.room.incident().head().unwrap().seal);
    // One changed byte anywhere is found.
    for at in [400, bundle.body.len() / 2, bundle.body.len() - 1] {
        let mut bytes = bundle.body.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(logbook::verify_bundle(&path, &key).is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn an_empty_log_says_what_to_do() {
    let router = Hospital::empty().router();
    let read = words(&get(&router, "/log").await.text());
    assert!(read.contains("Write the first entry in the box above"), "{read}");
    let none = get(&router, "/log/bundle").await;
    assert_eq!(none.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words(&none.text()).contains("Nothing has been recorded yet"));
}

#[tokio::test]
async fn the_wall_shows_the_incident_large_and_marks_an_exercise() {
    let hospital = logged(Nature::Exercise, 2);
    let router = hospital.router();
    let html = get(&router, "/wallboard").await.text();
    let read = words(&html);
    for text in [
        "Cyber attack",
        "EXERCISE",
        "Elapsed",
        "Nobody yet",
        "Next sitrep due",
        "0 diverts in force",
        "Note 2: bed 2",
    ] {
        assert!(read.contains(text), "{text}: {read}");
    }
    assert!(html.contains("class=\"watermark\"") && html.contains("sse-connect=\"/live?topics=incident\""));
    // A real one beside it comes first, and the exercise is one press away.
    let real = [("level", "major"), ("reason", "Fire"), ("by", "A B"), ("name", "Fire in plant room")];
    post(&router, "/incidents/declare", &real).await;
    let read = words(&get(&router, "/wallboard").await.text());
    assert!(read.contains("Fire in plant room") && read.contains("Also running"), "{read}");
    assert!(words(&get(&router, "/wallboard?incident=1").await.text()).contains("EXERCISE"));
    assert_eq!(get(&router, "/wallboard?incident=5").await.status, StatusCode::NOT_FOUND);
    // The clock runs past the sitrep's time: late, in a word.
    hospital.clock.set(now().plus_seconds(3700));
    assert!(words(&get(&router, "/wallboard").await.text()).contains("Late"));
    let nobody = Hospital::empty().router();
    assert!(words(&get(&nobody, "/wallboard").await.text()).contains("No incident is running"));
}
