//! The program is killed (kill -9) while the hatch is closed, opened, and what waited is admitted: everything acknowledged
//! is there, and the index that survived says what a rebuild from the book says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::EntryNumber;
use common::*;
use control_room::{ApartFilter, ControlRoom, Intent, Planted};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// One test after another: between `fork` and `exec` a child holds a copy of every lock, its neighbour's record's too.
static ALONE: Mutex<()> = Mutex::new(());

fn message(n: u64) -> Vec<u8> {
    adt("A01", &format!("C{n}"), n % 30, "Adeyemi", "AMU", &(n % 40).to_string(), "20260301080000")
}

/// The child: messages, and now and then a decision about the hatch. Says what was acknowledged. Does nothing unless asked
/// to by `killed`.
#[test]
fn child() {
    let Some(dir) = std::env::var_os("LIFEBOAT_KILL_CHILD") else { return };
    let dir = Path::new(&dir);
    let first: u64 = std::env::var("LIFEBOAT_KILL_FROM").unwrap().parse().unwrap();
    let room = if std::env::var_os("LIFEBOAT_KILL_PLANTED").is_some() {
        ControlRoom::open_planted(setup(dir), &keys(), clock(), Planted::ForgetsTheHatch).unwrap()
    } else {
        open(dir)
    };
    let reason = || "drill".to_owned();
    for n in first.. {
        // What the state does not allow is refused, and that is well.
        let intent = match n % 23 {
            2 => Some(Intent::CloseHatch { feeds: Vec::new(), reason: reason() }),
            14 => Some(Intent::OpenHatch { feeds: vec![pas()], reason: reason() }),
            9 | 20 => Some(Intent::AdmitKept { feed: pas(), up_to: None, reason: reason() }),
            _ => None,
        };
        if let Some(intent) = intent {
            drop(room.submit(intent, "AB", start()));
        }
        let receipt = receive(&room, &pas(), &message(n), start()).unwrap();
        if n % 3 == 0 {
            room.catch_up(&mut |_, _| {}).unwrap();
        }
        println!("kept {n} {}", receipt.entry);
    }
}

/// Runs the child for a while and kills it; gives what it acknowledged: message, entry.
fn killed(dir: &Path, from: u64, after: u64, planted: bool) -> Vec<(u64, u64)> {
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

fn all(room: &ControlRoom) -> String {
    let records = dump(room);
    format!("{records}{:?}\n{:?}\n", room.hatch(), room.kept_apart(&ApartFilter::default()).unwrap())
}

fn audit(dir: &Path, acknowledged: &[(u64, u64)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let room = offline(dir);
    for (n, entry) in acknowledged {
        if room.entry(EntryNumber(*entry)).unwrap().is_none_or(|kept| kept.bytes != message(*n)) {
            wrong.push(format!("message {n} was acknowledged as entry {entry} and is not there"));
        }
    }
    let live = all(&room);
    let t = room.totals();
    if t.received != t.understood + t.in_tray + t.cleared + t.kept_apart + t.turned_away {
        wrong.push(format!("{t:?} does not add up"));
    }
    room.close();
    ControlRoom::rebuild(setup(dir), &keys(), clock(), &mut |_, _| {}).unwrap();
    if live != all(&offline(dir)) {
        wrong.push("the index that survived the kills differs from a rebuilt one".into());
    }
    wrong
}

#[test]
fn a_program_killed_at_the_hatch_loses_nothing_and_lets_nothing_slip_in() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dice = Dice(seed());
    let dir = tempfile::tempdir().unwrap();
    let mut kept: Vec<(u64, u64)> = Vec::new();
    for _ in 0..if torture() { 200 } else { 6 } {
        let from = kept.last().map_or(0, |(n, _)| n + 1);
        kept.extend(killed(dir.path(), from, 1 + dice.below(50), false));
    }
    let wrong = audit(dir.path(), &kept);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_hatch_that_does_not_survive_a_kill_is_caught() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let close = Intent::CloseHatch { feeds: Vec::new(), reason: "drill".to_owned() };
    room.submit(close, "AB", start()).unwrap();
    let send = |n: u64| (n, receive(&room, &pas(), &message(n), start()).unwrap().entry.0);
    let mut kept: Vec<(u64, u64)> = (0..3).map(send).collect();
    room.catch_up(&mut |_, _| {}).unwrap();
    room.close();
    // The forgetful one goes on from there, and lets in what should be kept apart.
    kept.extend(killed(dir.path(), 26, 4, true));
    let wrong = audit(dir.path(), &kept);
    assert!(wrong.iter().any(|w| w.contains("differs")), "the planted bug was not caught: {wrong:#?}");
}
