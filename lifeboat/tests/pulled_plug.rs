//! RELIABILITY tests 1, 3 and 10 through the real program: it is killed at any instant while messages arrive, its disk
//! is made to fail, and the order of its system calls is read; nothing acknowledged may be missing or doubled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{PROGRAM, Sender, Server, copy_folder, lost_or_doubled, ok, person as message, strace, torture};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Sends from several connections until told to stop; a message without its answer is sent again later.
fn feed(
    address: &str,
    next: &Arc<Mutex<Vec<u64>>>,
    acknowledged: &Arc<Mutex<Vec<u64>>>,
    stop: &Arc<AtomicBool>,
) {
    let Some(mut sender) = Sender::to(address) else { return };
    while !stop.load(Ordering::Relaxed) {
        let number = next.lock().unwrap().pop().unwrap();
        match sender.send(&message(number)) {
            Some(msa) if msa == format!("AA|{number}") => acknowledged.lock().unwrap().push(number),
            Some(other) => panic!("message {number} was answered {other}"),
            None => {
                next.lock().unwrap().push(number);
                return;
            }
        }
    }
}

/// Test 1.
#[test]
fn killed_at_any_instant_nothing_acknowledged_is_missing() {
    let kills = if torture() { 1_000 } else { 10 };
    let seed = 20260302u64;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let numbers = Arc::new(Mutex::new((1..5_000_000).rev().collect::<Vec<u64>>()));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let older = dir.path().join("older");
    let mut chance = seed;
    for round in 0..kills {
        let server = Server::start(&data, "");
        let address = server.feeds["pas"].clone();
        let stop = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().unwrap().len();
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (address, numbers) = (address.clone(), Arc::clone(&numbers));
                let (acknowledged, stop) = (Arc::clone(&acknowledged), Arc::clone(&stop));
                std::thread::spawn(move || feed(&address, &numbers, &acknowledged, &stop))
            })
            .collect();
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The instant is counted in answers, not in time, so that a slow machine is killed in the midst of work too.
        let wanted = before + (chance >> 33) as usize % 200;
        common::eventually("enough answers", || acknowledged.lock().unwrap().len() >= wanted);
        server.kill();
        stop.store(true, Ordering::Relaxed);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        if round == 0 {
            copy_folder(&data, &older);
        }
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(!acknowledged.is_empty());
    let found = lost_or_doubled(&data, &acknowledged);
    assert_eq!(found, (vec![], vec![]), "seed {seed}, {kills} kills, {} acknowledged", acknowledged.len());
    ok(&["verify", "--data", data.to_str().unwrap()], 0);
    // The checker must notice a record that lost its tail: the copy from after the first kill.
    let (lost, _) = lost_or_doubled(&older, &acknowledged);
    assert!(!lost.is_empty(), "the checker sees nothing");
}

/// One line of strace's log that matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    /// The book was written.
    Written,
    /// `fdatasync` of the book returned.
    Synced,
    /// An acknowledgement was handed to the network.
    Answered,
}

fn calls(log: &str) -> Vec<Call> {
    // A call that another thread interrupts is logged in two lines, of which only the first names the file.
    let mut begun: BTreeMap<&str, bool> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let thread = line.split_whitespace().next().unwrap_or_default();
        let segment = line.contains(".segment");
        if segment && line.contains("pwrite64(") {
            calls.push(Call::Written);
        } else if line.contains("fdatasync(") {
            begun.insert(thread, segment);
            if segment && line.ends_with("= 0") {
                calls.push(Call::Synced);
            }
        } else if line.contains("fdatasync resumed")
            && line.ends_with("= 0")
            && begun.get(thread) == Some(&true)
        {
            calls.push(Call::Synced);
        } else if line.contains("MSA|AA|") {
            calls.push(Call::Answered);
        }
    }
    calls
}

/// Answers for which no sync came between the write of their message and them.
fn unsynced_answers(calls: &[Call]) -> usize {
    let (mut synced, mut early) = (false, 0);
    for call in calls {
        match call {
            Call::Written => synced = false,
            Call::Synced => synced = true,
            Call::Answered => early += usize::from(!synced),
        }
    }
    early
}

/// Test 10.
#[test]
fn an_answer_is_sent_only_after_fdatasync_returned() {
    let Some(mut strace) = strace() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    strace.args(["-f", "-y", "-s", "400", "-e", "trace=pwrite64,fdatasync,write,sendto,writev", "-o"]);
    strace.arg(&log).arg(PROGRAM);
    let server = Server::start_under(&dir.path().join("data"), "", strace);
    let mut sender = server.sender();
    for number in 1..=50 {
        assert_eq!(sender.send(&message(number)), Some(format!("AA|{number}")));
    }
    server.kill();
    let mut calls = calls(&std::fs::read_to_string(&log).unwrap());
    assert_eq!(calls.iter().filter(|call| **call == Call::Answered).count(), 50);
    assert_eq!(unsynced_answers(&calls), 0);
    // The planted bug: take the syncs away and every answer is early.
    calls.retain(|call| *call != Call::Synced);
    assert_eq!(unsynced_answers(&calls), 50, "the checker sees nothing");
}

/// Test 3: the disk refuses a sync; from then on nothing is acknowledged, and the program says that it is frozen.
#[test]
fn after_a_failed_sync_nothing_is_acknowledged_any_more() {
    let Some(mut strace) = strace() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    strace.args(["-f", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=30+", "-o"]);
    strace.arg(&log).arg(PROGRAM);
    let data = dir.path().join("data");
    let server = Server::start_under(&data, "", strace);
    let mut sender = server.sender();
    let mut answers: Vec<String> =
        (1..=200).map(|number| sender.send(&message(number)).expect("the connection broke")).collect();
    let kept = kept_until_the_failure(&answers).unwrap();
    let (status, page) = server.http("GET / HTTP/1.1", b"");
    assert_eq!(status, 200, "boards stay readable");
    assert!(page.to_lowercase().contains("frozen"), "the page says nothing of it");
    server.kill();
    // The restart reads the disk again; everything acknowledged is there.
    assert_eq!(lost_or_doubled(&data, &kept), (vec![], vec![]));
    // The planted bug: a program that tries the sync again and goes on as if nothing had been.
    answers[150] = "AA|151".to_owned();
    assert!(kept_until_the_failure(&answers).is_err(), "the checker sees nothing");
}

/// Those acknowledged, if nothing was after the first refusal; `answers[n]` is that of message n + 1.
fn kept_until_the_failure(answers: &[String]) -> Result<Vec<u64>, String> {
    let mut kept = Vec::new();
    for (number, msa) in (1..).zip(answers) {
        match (msa == &format!("AA|{number}"), kept.len() + 1 == number) {
            (true, true) => kept.push(number as u64),
            (true, false) => return Err(format!("message {number} was acknowledged after a failure")),
            (false, _) if msa.starts_with(&format!("AE|{number}|")) => {}
            (false, _) => return Err(format!("message {number} was answered {msa}")),
        }
    }
    if kept.len() == answers.len() { Err("the fault never struck".to_owned()) } else { Ok(kept) }
}
