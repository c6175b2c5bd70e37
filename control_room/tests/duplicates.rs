//! Duplicates (RELIABILITY test 11): the same bytes are stored once and get the same answer; the same id with other
//! bytes is kept twice and marked; none of it is forgotten over a restart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{Clock, EntryNumber, Moment};
use common::*;
use control_room::{ControlRoom, Receipt};
use std::collections::HashMap;
use std::sync::mpsc::channel;

/// A door that takes everything for new: the planted bug.
#[derive(Clone, Copy, PartialEq)]
enum Planted {
    Nothing,
    /// A duplicate is recognised by its id alone.
    IdAlone,
    /// Nothing is remembered.
    Forgets,
}

/// What the door answered, or what a broken one would have.
fn answer(planted: Planted, receipt: Receipt, first: Option<EntryNumber>, n: u64) -> Receipt {
    match planted {
        Planted::Nothing => receipt,
        Planted::IdAlone => Receipt {
            duplicate: receipt.duplicate || receipt.same_id_other_bytes,
            entry: first.unwrap_or(receipt.entry),
            ..receipt
        },
        Planted::Forgets => Receipt { duplicate: false, entry: EntryNumber(n), ..receipt },
    }
}

/// Sends pairs of all kinds, restarting now and then; gives what was wrong.
fn play(pairs: u64, seed: u64, planted: Planted) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(seed);
    let mut room = open(dir.path());
    let mut wrong = Vec::new();
    let mut kept: HashMap<Vec<u8>, EntryNumber> = HashMap::new();
    let mut stored = 0;
    for n in 0..pairs {
        let first = adt("A08", &format!("M{n}"), n % 50, "Adeyemi", "AMU", "3", "20260301080000");
        let second = match dice.below(3) {
            0 => first.clone(),
            1 => adt("A08", &format!("M{n}"), n % 50, "Okafor", "AMU", "3", "20260301080000"),
            _ => adt("A08", &format!("N{n}"), n % 50, "Adeyemi", "AMU", "3", "20260301080000"),
        };
        let (a, b) = if dice.below(2) == 0 {
            // Both at once: the second must wait for the first.
            let (answer, answers) = channel();
            for (which, bytes) in [(0, &first), (1, &second)] {
                let answer = answer.clone();
                room.receive(&pas(), bytes.clone(), start(), move |r| {
                    answer.send((which, r.unwrap())).unwrap()
                });
            }
            let mut both: Vec<_> = answers.iter().take(2).collect();
            both.sort_by_key(|(which, _)| *which);
            (both[0].1.clone(), both[1].1.clone())
        } else {
            let a = receive(&room, &pas(), &first, start()).unwrap();
            if dice.below(20) == 0 {
                room.close();
                room = open(dir.path());
            }
            (a, receive(&room, &pas(), &second, start()).unwrap())
        };
        stored += 1;
        let b = answer(planted, b, Some(a.entry), 1_000_000 + n);
        if a.duplicate {
            wrong.push(format!("pair {n}: the first was called a duplicate"));
        }
        kept.insert(first.clone(), a.entry);
        let id_again = second.get(..80) == first.get(..80) && second != first;
        if second == first {
            if !b.duplicate || b.entry != a.entry {
                wrong.push(format!("pair {n}: the same bytes were not recognised: {b:?}"));
            }
        } else {
            stored += 1;
            if b.duplicate || b.entry == a.entry {
                wrong.push(format!("pair {n}: other bytes were taken for the same: {b:?}"));
            }
            if b.same_id_other_bytes != id_again {
                wrong.push(format!("pair {n}: same id {id_again}, said {}", b.same_id_other_bytes));
            }
            kept.insert(second, b.entry);
        }
    }
    room.catch_up(&mut |_, _| {}).unwrap();
    if room.totals().received != stored {
        wrong.push(format!("{} stored, {stored} expected", room.totals().received));
    }
    for (bytes, entry) in &kept {
        let there = room.entry(*entry).unwrap();
        if planted == Planted::Nothing && there.is_none_or(|e| e.bytes != *bytes) {
            wrong.push(format!("entry {entry} does not hold what was sent"));
        }
    }
    wrong
}

fn pairs() -> u64 {
    if torture() { 10_000 } else { 500 }
}

#[test]
fn pairs_are_stored_once_or_twice_as_they_should() {
    let wrong = play(pairs(), seed(), Planted::Nothing);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_door_that_recognises_by_id_alone_or_forgets_is_caught() {
    for planted in [Planted::IdAlone, Planted::Forgets] {
        assert!(!play(60, seed(), planted).is_empty());
    }
}

#[test]
fn messages_without_an_id_are_resends_for_ten_minutes_only() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let anonymous = adt("A08", "", 1, "Adeyemi", "AMU", "3", "20260301080000");
    let at = |seconds| start().plus_seconds(seconds);
    let ask = |room: &ControlRoom, at: Moment| receive(room, &pas(), &anonymous, at).unwrap();
    let first = ask(&room, at(0));
    assert_eq!((first.duplicate, ask(&room, at(30)).duplicate), (false, true));
    room.close();
    let room = open(dir.path());
    assert!(ask(&room, at(599)).duplicate, "over a restart too");
    let later = ask(&room, at(700));
    assert!(!later.duplicate, "a new event");
    assert_eq!(ask(&room, at(710)).entry, later.entry);
}

#[test]
fn a_resource_is_a_duplicate_of_its_last_version_only() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let patient = |family: &str| {
        format!(r#"{{"resourceType":"Patient","id":"p1","name":[{{"family":"{family}"}}],"identifier":[{{"type":{{"coding":[{{"code":"MR"}}]}},"value":"7"}}]}}"#).into_bytes()
    };
    let said: Vec<bool> = ["A", "A", "B", "A", "A"]
        .iter()
        .map(|family| receive(&room, &pas(), &patient(family), start()).unwrap().duplicate)
        .collect();
    assert_eq!(said, [false, true, false, false, true]);
}

#[test]
fn what_an_import_sends_twice_is_stored_once() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let some: Vec<_> = (0..200)
        .map(|n| {
            (adt("A08", &format!("M{}", n % 150), n % 150, "Adeyemi", "AMU", "3", "20260301080000"), start())
        })
        .collect();
    let first = room.receive_batch(&pas(), some.clone()).unwrap();
    assert_eq!(first.iter().filter(|r| r.duplicate).count(), 50);
    assert_eq!(first[0].entry, first[150].entry);
    let again = room.receive_batch(&pas(), some).unwrap();
    assert!(again.iter().all(|r| r.duplicate));
    assert_eq!(
        again.iter().map(|r| r.entry).collect::<Vec<_>>(),
        first.iter().map(|r| r.entry).collect::<Vec<_>>()
    );
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!((room.totals().received, room.totals().duplicates), (150, 250));
    let _: &dyn Clock = &*clock();
}
