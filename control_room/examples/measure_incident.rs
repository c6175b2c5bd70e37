//! Measures the incident book: a million log entries opened at start, searched and verified; a declaration until every
//! follower has it.
//!
//! `cargo run --release -p control_room --example measure_incident -- [ENTRIES]`. Prints one figure a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

use basics::{Clock, FixedClock, Moment};
use control_room::{ControlRoom, IncidentRoom, Setup};
use incident::codec::{self, ACT};
use incident::declare::{self, Level, Nature};
use incident::log::Filter;
use incident::{Act, IncidentId, Person, decisions};
use logbook::{Keys, Loggist, RealDisk, VerifyWith};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let entries = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let dir = std::env::temp_dir().join(format!("lifeboat-measure-incident-{}", std::process::id()));
    measure(&dir, entries);
    drop(std::fs::remove_dir_all(&dir));
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure\t{name}\t{value:.4}\t{unit}");
}

fn keys() -> Keys {
    Keys::from_secret(&[1; 64])
}

fn at() -> Moment {
    Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()
}

fn open(dir: &Path) -> ControlRoom {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(at()));
    ControlRoom::open_offline(Setup { data_dir: dir.to_owned(), ..Setup::default() }, &keys(), clock).unwrap()
}

fn measure(dir: &Path, entries: usize) {
    let person = Person::new("Anna Bell").unwrap();
    let room = open(dir);
    let opening = declare::Intent::Open {
        name: "Cyber attack".into(),
        level: Level::Major,
        nature: Nature::Real,
        declared: true,
        reason: "Ransom note".into(),
        sites: Vec::new(),
        methane: None,
    };
    room.incident().submit(opening, &person, at()).unwrap();
    room.close();
    fill(dir, entries, &person);

    let clock = Instant::now();
    let room = open(dir);
    figure("open_s", clock.elapsed().as_secs_f64(), "s");
    assert_eq!(room.incident().status().book_size, entries as u64 + 1);
    for (name, words) in [
        ("search_common_s", "bed"),
        ("search_rare_s", "entry 654321 switchboard"),
        ("search_many_words_s", "ward pathology telephone bell"),
        ("search_nothing_s", "zebra crossing"),
        ("search_all_s", ""),
    ] {
        let filter = Filter { words: words.into(), incident: Some(IncidentId(1)), ..Filter::default() };
        let times = (0..5).map(|_| {
            let clock = Instant::now();
            let board = room.incident().read(|book| book.log.board(&filter));
            std::hint::black_box(board.matching);
            clock.elapsed().as_secs_f64()
        });
        figure(name, times.fold(0.0, f64::max), "s");
    }
    let clock = Instant::now();
    for at_once in 0..100 {
        let note = decisions::Intent::Note { incident: Some(IncidentId(1)), text: format!("note {at_once}") };
        room.incident().submit(note, &person, at()).unwrap();
    }
    figure("submit_ms", clock.elapsed().as_secs_f64() * 10.0, "ms");
    room.close();

    let clock = Instant::now();
    let verdict = logbook::verify(&ControlRoom::book_dir(dir), VerifyWith::Keys(&keys()), &[]).unwrap();
    figure("verify_s", clock.elapsed().as_secs_f64(), "s");
    assert!(verdict.books.iter().all(|book| book.flaw.is_none()));
}

/// Free entries as a long incident would have them, written many to a commit.
fn fill(dir: &Path, entries: usize, person: &Person) {
    let folder = ControlRoom::book_dir(dir);
    let options = logbook::Options::default();
    let (loggist, _) =
        Loggist::open(&folder, IncidentRoom::book_name(), &keys(), Arc::new(RealDisk), options, at())
            .unwrap();
    let words = ["Bed manager rang", "Switchboard answers", "Pathology by telephone", "Runner sent to ward"];
    for first in (0..entries).step_by(20_000) {
        let batch = (first..entries.min(first + 20_000)).map(|n| {
            let text = format!("{} {}: entry {n} of the night, bed {} free", words[n % 4], n % 97, n % 31);
            let fact = decisions::Fact::Noted { incident: Some(IncidentId(1)), text };
            let act = Act { by: person.clone(), facts: vec![fact.into()] };
            (ACT, codec::write(&act).unwrap(), at().plus_seconds(n as i64))
        });
        loggist.append_batch(batch.collect()).unwrap();
    }
    loggist.close().unwrap();
}
