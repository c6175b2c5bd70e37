//! The program is killed at any instant (kill -9, RELIABILITY test 1): what was acknowledged is in the book, and the
//! index goes on where it stopped, nothing lost, nothing applied twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::EntryNumber;
use common::*;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn message(n: u64) -> Vec<u8> {
    adt("A01", &format!("C{n}"), n % 300, "Adeyemi", "AMU", &(n % 40).to_string(), "20260301080000")
}

/// One test after another: between `fork` and `exec` a child holds a copy of every lock, its neighbour's record's too.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The child: receives as fast as it can and says what was acknowledged. Does nothing unless asked to by `killed`.
#[test]
fn child() {
    let Some(dir) = std::env::var_os("LIFEBOAT_KILL_CHILD") else { return };
    let first: u64 = std::env::var("LIFEBOAT_KILL_FROM").unwrap().parse().unwrap();
    let room = open(std::path::Path::new(&dir));
    if std::env::var_os("LIFEBOAT_KILL_PLANTED").is_some() {
        return answers_before_it_keeps(&room, first);
    }
    for n in first.. {
        let receipt = receive(&room, &pas(), &message(n), start()).unwrap();
        println!("kept {n} {}", receipt.entry);
    }
}

/// The planted bug: a program that answers one message ahead of what it keeps.
fn answers_before_it_keeps(room: &control_room::ControlRoom, first: u64) {
    let size = room.status().book_size;
    println!("kept {first} {}", size + 1);
    for n in first.. {
        let ahead = n + 1;
        println!("kept {ahead} {}", size + 1 + ahead - first);
        if ahead - first >= 19 {
            // The parent kills at the twentieth answer; it has all the time it wants.
            loop {
                std::thread::park();
            }
        }
        receive(room, &pas(), &message(n), start()).unwrap();
    }
}

/// Runs the child for a while and kills it; gives what it acknowledged: message, entry.
fn killed(dir: &std::path::Path, from: u64, after: u64, planted: bool) -> Vec<(u64, u64)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]);
    command.env("LIFEBOAT_KILL_CHILD", dir).env("LIFEBOAT_KILL_FROM", from.to_string());
    if planted {
        command.env("LIFEBOAT_KILL_PLANTED", "1");
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The test harness writes its own words before the first of ours.
        let Some(at) = line.find("kept ") else { continue };
        let mut words = line[at..].split(' ').skip(1);
        let mut number = || words.next()?.parse::<u64>().ok();
        acknowledged.extend(number().zip(number()));
        if acknowledged.len() as u64 == after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

/// What is wrong after the kills: anything acknowledged that is not there, kept twice, or applied otherwise than a
/// rebuild from the book applies it.
fn audit(dir: &std::path::Path, acknowledged: &[(u64, u64)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let room = offline(dir);
    for (n, entry) in acknowledged {
        let kept = room.entry(EntryNumber(*entry)).unwrap();
        if kept.is_none_or(|kept| kept.bytes != message(*n)) {
            wrong.push(format!("message {n} was acknowledged as entry {entry} and is not there"));
        }
    }
    let size = room.status().book_size;
    let mut bodies = std::collections::HashSet::new();
    for entry in 1..=size {
        if !bodies.insert(room.entry(EntryNumber(entry)).unwrap().unwrap().bytes) {
            wrong.push(format!("entry {entry} is kept twice"));
        }
    }
    // After the crash the sender sends its last message again: it is known.
    if let Some((n, entry)) = acknowledged.last() {
        let receipt = room.receive_batch(&pas(), vec![(message(*n), start())]).unwrap().remove(0);
        if !receipt.duplicate || receipt.entry.0 != *entry {
            wrong.push(format!("{receipt:?} for message {n} sent again, kept as {entry}"));
        }
    }
    let live = dump(&room);
    if room.totals().received != room.status().book_size {
        wrong.push(format!("{:?} of {} entries", room.totals(), room.status().book_size));
    }
    room.close();
    control_room::ControlRoom::rebuild(setup(dir), &keys(), clock(), &mut |_, _| {}).unwrap();
    if live != dump(&offline(dir)) {
        wrong.push("the index that survived the kills differs from a rebuilt one".into());
    }
    wrong
}

#[test]
fn a_killed_program_loses_and_doubles_nothing() {
    let _alone = alone();
    let rounds = if torture() { 200 } else { 5 };
    let mut dice = Dice(seed());
    let dir = tempfile::tempdir().unwrap();
    let mut all: Vec<(u64, u64)> = Vec::new();
    for _ in 0..rounds {
        let from = all.last().map_or(0, |(n, _)| n + 1);
        let acknowledged = killed(dir.path(), from, 1 + dice.below(60), false);
        assert!(!acknowledged.is_empty(), "the child kept nothing");
        all.extend(acknowledged);
    }
    let wrong = audit(dir.path(), &all);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_program_that_answers_before_it_keeps_is_caught() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = killed(dir.path(), 0, 20, true);
    assert_eq!(acknowledged.len(), 20);
    let wrong = audit(dir.path(), &acknowledged);
    assert!(wrong.iter().any(|w| w.starts_with("message 19 ")), "the planted bug was not caught: {wrong:#?}");
}
