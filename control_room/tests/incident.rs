//! The incident book at the door: what people decide is sealed, folded, followed, and there again after a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{EntryNumber, SiteId};
use common::{clock, keys, open, setup, start, torture};
use control_room::{ControlRoom, Fault, IncidentRefused, IncidentRoom, Mode, Preparation, Recording};
use incident::decisions::{self, Taken};
use incident::declare::{self, Level, Nature};
use incident::roles::{self, Post, RoleKey};
use incident::{IncidentId, Person, Refusal, action_cards};
use logbook::trial_disks::{FaultyDisk, Mishap, Op, QuotaDisk};
use logbook::{Disk, RealDisk};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Barrier};

fn open_on(dir: &Path, disk: Arc<dyn Disk>) -> Result<ControlRoom, Fault> {
    ControlRoom::open_on(setup(dir), &keys(), clock() as _, disk)
}

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn opening(name: &str) -> declare::Intent {
    declare::Intent::Open {
        name: name.into(),
        level: Level::Major,
        nature: Nature::Real,
        declared: true,
        reason: "Ransom note on the screens of three wards".into(),
        sites: Vec::new(),
        methane: None,
    }
}

fn note(text: &str) -> decisions::Intent {
    decisions::Intent::Note { incident: None, text: text.into() }
}

fn decision(decision: &str, seen: EntryNumber) -> decisions::Intent {
    decisions::Intent::Decide {
        incident: IncidentId(1),
        seen,
        taken: Taken {
            matter: "Whether to switch the network off".into(),
            information: "Three wards see a ransom note".into(),
            options: vec!["Leave it on".into(), "Switch it off".into()],
            decision: decision.into(),
            reason: "It is spreading".into(),
            decided_by: person("Anna Bell"),
            role: "Strategic commander".into(),
            review_at: None,
        },
    }
}

fn picture(room: &ControlRoom) -> String {
    room.incident().read(|book| format!("{book:?}"))
}

#[test]
fn what_was_decided_is_there_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let anna = person("Anna Bell");
    let mut changes = room.incident().follow();
    let hospitals = vec![SiteId::new("Northgate General").unwrap()];
    let cards = Vec::new();
    room.incident().prepare(Preparation { cards, hospitals: hospitals.clone() }, start()).unwrap();
    let opened = room.incident().submit(opening("Cyber attack"), &anna, start()).unwrap();
    assert_eq!((opened.entry, opened.incident), (EntryNumber(2), Some(IncidentId(1))));
    room.incident().submit(decision("Switch it off", EntryNumber(0)), &anna, start()).unwrap();
    let before = picture(&room);
    assert_eq!(
        (0..3).map(|_| changes.try_recv().unwrap().entry.0).collect::<Vec<_>>(),
        [1, 2, 3],
        "changes come in the order of entries"
    );
    room.close();
    let room = open(dir.path());
    assert_eq!(picture(&room), before);
    // What is listed already is not said again.
    room.incident().prepare(Preparation { cards: Vec::new(), hospitals }, start()).unwrap();
    assert_eq!(room.incident().status().book_size, 3);
    room.close();
    let verdict =
        logbook::verify(&ControlRoom::book_dir(dir.path()), logbook::VerifyWith::Keys(&keys()), &[]).unwrap();
    let book = verdict.books.iter().find(|b| b.book == IncidentRoom::book_name()).unwrap();
    assert_eq!((book.entries, book.flaw.clone()), (3, None));
}

#[test]
fn of_two_commanders_at_once_the_second_is_told_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    room.incident().submit(opening("Cyber attack"), &person("Site manager"), start()).unwrap();
    let post = Post::trust(RoleKey::new("strategic-commander").unwrap());
    let take = |who: &str| roles::Intent::Take {
        incident: IncidentId(1),
        post: post.clone(),
        person: person(who),
        contact: "ext 4021".into(),
        shift_ends: None,
    };
    for (intent_of, names) in [
        (
            &(|who: &str| incident::Intent::from(take(who))) as &(dyn Fn(&str) -> incident::Intent + Sync),
            "role",
        ),
        (&|who: &str| incident::Intent::from(decision(who, EntryNumber(0))), "decision"),
    ] {
        let together = Barrier::new(8);
        let told: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|at| {
                    let (room, together) = (&room, &together);
                    scope.spawn(move || {
                        let who = format!("Commander {at}");
                        together.wait();
                        room.incident().submit(intent_of(&who), &person(&who), start())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let first = told.iter().position(Result::is_ok).unwrap();
        assert_eq!(told.iter().filter(|t| t.is_ok()).count(), 1, "{names}");
        for refused in told.into_iter().filter_map(Result::err) {
            let words = refused.to_string();
            assert!(matches!(refused, IncidentRefused::Refusal(_)), "{words}");
            let named = if names == "role" { format!("Commander {first}") } else { "Anna Bell".to_owned() };
            assert!(words.contains(&named) && words.contains("entry"), "{words}");
        }
    }
    // Nobody's entry is lost or stands twice, and numbers follow each other.
    let entries = room.incident().read(|book| book.log.lines().iter().map(|l| l.entry.0).collect::<Vec<_>>());
    assert_eq!(entries, [1, 2, 3]);
}

#[test]
fn many_hands_at_once_leave_one_order_without_gaps() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let (hands, each) = (8, if torture() { 500 } else { 20 });
    std::thread::scope(|scope| {
        for hand in 0..hands {
            let room = &room;
            scope.spawn(move || {
                for at in 0..each {
                    let who = person(&format!("Hand {hand}"));
                    room.incident()
                        .submit(note(&format!("note {at} of hand {hand}")), &who, start())
                        .unwrap();
                }
            });
        }
    });
    let lines = room.incident().read(|book| book.log.lines().to_vec());
    assert_eq!(lines.len(), hands * each);
    assert!(lines.iter().zip(1..).all(|(line, number)| line.entry == EntryNumber(number)));
    let texts: BTreeSet<&str> = lines.iter().map(|line| &*line.text).collect();
    assert_eq!(texts.len(), hands * each);
    let before = picture(&room);
    room.close();
    assert_eq!(picture(&open(dir.path())), before);
}

#[test]
fn a_reading_within_a_reading_never_waits_for_a_decision_that_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    room.incident().submit(opening("Cyber"), &person("Anna Bell"), start()).unwrap();
    // Every page reads which incidents run while it reads its own: while decisions come, it must still end.
    let (ended, told) = std::sync::mpsc::channel();
    let (reads, writes) = (room.clone(), room.clone());
    std::thread::spawn(move || {
        for _ in 0..20_000 {
            reads.incident().read(|_| reads.incident().read(|book| book.last_entry));
        }
        // Whoever waited may have given up.
        drop(ended.send(()));
    });
    std::thread::spawn(move || {
        let omar = person("Omar Reed");
        while writes.incident().submit(note("the telephones are dead"), &omar, start()).is_ok() {}
    });
    let wait = std::time::Duration::from_secs(60);
    assert_eq!(told.recv_timeout(wait), Ok(()), "a page and a decision wait for each other");
    room.close();
}

#[test]
fn a_refused_intent_leaves_no_entry() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let anna = person("Anna Bell");
    for intent in [note(" \n"), decision("x", EntryNumber(0))] {
        let refused = room.incident().submit(intent, &anna, start());
        assert!(matches!(refused, Err(IncidentRefused::Refusal(Refusal::Decisions(_)))), "{refused:?}");
    }
    assert!(
        room.incident()
            .submit(action_cards::Intent::AdoptLibrary { cards: Vec::new() }, &anna, start())
            .is_err()
    );
    assert_eq!(room.incident().status().book_size, 0);
    assert_eq!(room.incident().read(|book| book.log.len()), 0);
}

#[test]
fn a_full_disk_refuses_the_entry_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let disk = QuotaDisk::new(Arc::new(RealDisk), 64 << 20);
    let room = open_on(dir.path(), Arc::new(disk.clone())).unwrap();
    let anna = person("Anna Bell");
    room.incident().submit(note("kept"), &anna, start()).unwrap();
    disk.set_room(0);
    let long = "x".repeat(7_900);
    // What the book has made ahead for itself is filled first.
    let mut kept = 1;
    let fault = loop {
        match room.incident().submit(note(&long), &anna, start()) {
            Ok(_) if kept < 2_000 => kept += 1,
            Ok(_) => panic!("the disk is never full"),
            Err(IncidentRefused::Fault(fault)) => break fault,
            Err(refused) => panic!("{refused}"),
        }
    };
    assert!(fault.disk_full(), "{fault}");
    let folded = |room: &ControlRoom| room.incident().read(|book| book.log.len());
    assert_eq!(folded(&room), kept, "never a picture ahead of the record");
    disk.set_room(64 << 20);
    room.incident().submit(note("kept as well"), &anna, start()).unwrap();
    let before = picture(&room);
    room.close();
    assert_eq!(picture(&open(dir.path())), before);
}

#[test]
fn a_failed_sync_freezes_the_book_and_boards_stay_readable() {
    let mut froze = 0;
    for call in 0..24 {
        for landed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let mishap = Mishap { call, only: Some(Op::Sync), errno: 5, landed, lies: false };
            let Ok(room) = open_on(dir.path(), Arc::new(FaultyDisk::new(Arc::new(RealDisk), mishap))) else {
                continue;
            };
            let submit = || room.incident().submit(note("an entry"), &person("AB"), start());
            let Some(kept) = (0..12).position(|_| submit().is_err()) else { continue };
            froze += 1;
            let again = submit();
            assert!(matches!(&again, Err(IncidentRefused::Fault(fault)) if fault.frozen()), "{again:?}");
            assert!(matches!(room.incident().status().recording, Recording::Frozen { .. }));
            assert_eq!(room.incident().read(|book| book.log.len()), kept, "sync {call}");
            room.close();
            let there = open(dir.path()).incident().read(|book| book.log.len());
            assert!((kept..=kept + 1).contains(&there), "sync {call}: {there} of {kept} are there");
        }
    }
    assert!(froze > 2, "the book was never frozen");
}

#[test]
fn a_damaged_entry_stops_the_opening_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    for at in 0..5 {
        room.incident().submit(note(&format!("entry {at}")), &person("AB"), start()).unwrap();
    }
    room.close();
    let segment = std::fs::read_dir(ControlRoom::book_dir(dir.path()))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.to_string_lossy().contains("incident-"))
        .unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    // In the middle of the second or third entry.
    bytes[320 + 64 + 300] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let opened = ControlRoom::open(setup(dir.path()), &keys(), clock() as _);
    let Err(Fault::Record(fault)) = opened.map(|_| ()) else { panic!("opened over damage") };
    assert!(fault.to_string().contains("incident-"), "{fault}");
}

#[test]
fn cards_are_read_from_a_folder_all_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let shipped = control_room::shipped_action_cards().unwrap();
    for (file, text) in action_cards::shipped() {
        std::fs::write(dir.path().join(file), text).unwrap();
    }
    std::fs::write(dir.path().join("notes.md"), "no card").unwrap();
    assert_eq!(control_room::read_action_cards(dir.path()).unwrap(), shipped);
    std::fs::write(dir.path().join("broken.txt"), "role: x\n").unwrap();
    std::fs::write(dir.path().join("huge.txt"), vec![b'x'; 10 << 20]).unwrap();
    let said = control_room::read_action_cards(dir.path()).unwrap_err().to_string();
    assert!(said.contains("broken.txt: ") && said.contains("huge.txt: 65537 bytes are more"), "{said}");
    assert!(control_room::read_action_cards(&dir.path().join("nowhere")).is_err());
}

#[test]
fn the_mode_stays_a_decision_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    room.incident().submit(opening("Cyber attack"), &person("AB"), start()).unwrap();
    assert_eq!(room.mode().mode, Mode::Normal, "an incident says nothing about the computers");
    let intent = control_room::Intent::SetMode { mode: Mode::Downtime, reason: "attack".into() };
    room.submit(intent, "AB", start()).unwrap();
    assert_eq!(room.mode().mode, Mode::Downtime);
    assert_eq!(room.incident().status().book_size, 1);
}
