//! Test 1: killed with -9 at any instant, nothing acknowledged is lost or doubled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use logbook::trial_disks::Dice;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

const FOLDER: &str = "LOGBOOK_KILL_FOLDER";
const PLANTED: &str = "LOGBOOK_KILL_PLANTED";

/// One test after another: between `fork` and `exec` a child holds a copy of every lock, its neighbour's record's too.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Not a test by itself: the process that is killed. Acknowledges each entry on its standard output.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let planted = std::env::var_os(PLANTED).is_some();
    let options = logbook::Options { segment_bytes_max: 64 << 10, head_every_ms: 5, ..Default::default() };
    let (loggist, opened) = open(Path::new(&folder), real(), options).unwrap();
    let say = |line: String| std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    say(format!("\nopened {}\n", opened.entries));
    let loggist = Arc::new(loggist);
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let loggist = loggist.clone();
            scope.spawn(move || {
                for n in 0..20_000u64 {
                    let name = format!("{}-{thread}-{n}", opened.entries);
                    let body = format!("{name} {}", "x".repeat((n % 900) as usize));
                    if planted {
                        // The planted fault: acknowledged before it is durable.
                        let line = format!("ack 0 {name}\n");
                        loggist.submit(1, body, at(n), |_| ());
                        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    } else {
                        let sealed = loggist.append(1, body, at(n)).unwrap();
                        let line = format!("ack {} {name}\n", sealed.number);
                        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    }
                }
            });
        }
    });
}

/// Starts the child, kills it after `acks` acknowledgements and a moment more; returns what it acknowledged.
fn killed(dir: &Path, acks: u64, planted: bool) -> Vec<(u64, String)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(FOLDER, dir).stdout(Stdio::piped());
    if planted {
        command.env(PLANTED, "1");
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    let mut dead = false;
    while lines.read_line(&mut line).unwrap() > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A last line may be cut short by the kill: only whole lines are acknowledgements.
        if let (["ack", number, name], true) = (words.as_slice(), line.ends_with('\n')) {
            acknowledged.push((number.parse().unwrap(), (*name).to_owned()));
        }
        let opened = words.first() == Some(&"opened") || !acknowledged.is_empty();
        if !dead && opened && acknowledged.len() as u64 >= acks {
            child.kill().unwrap();
            dead = true;
        }
        line.clear();
    }
    child.kill().ok();
    child.wait().unwrap();
    acknowledged
}

/// What is wrong with the book after the kill, if anything.
fn judge(dir: &Path, acknowledged: &[(u64, String)]) -> Result<(), String> {
    let (loggist, _) = open(dir, real(), Default::default()).map_err(|fault| fault.to_string())?;
    loggist.close().map_err(|fault| fault.to_string())?;
    let bodies = read_all(dir).map_err(|fault| fault.to_string())?;
    let name = |body: &[u8]| String::from_utf8_lossy(body).split(' ').next().unwrap_or("").to_owned();
    let places: HashMap<String, u64> = (1..).zip(&bodies).map(|(n, body)| (name(body), n)).collect();
    if bodies.iter().map(|b| name(b)).collect::<HashSet<_>>().len() != bodies.len() {
        return Err("an entry is in the book twice".to_owned());
    }
    for (number, name) in acknowledged {
        match places.get(name) {
            None => return Err(format!("entry {number} ({name}) was acknowledged and is lost")),
            Some(place) if *number != 0 && place != number => {
                return Err(format!("entry {number} ({name}) was acknowledged and lies at {place}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled() {
    let _alone = alone();
    let mut dice = Dice::new(seed());
    let mut dir = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for instant in 0..size(60, 10_000) {
        // The same book is killed again and again; a fresh one now and then keeps reading it short.
        if instant % 40 == 0 {
            // Every other book lies in memory, where commits are quicker and others of their steps are struck.
            dir = if instant % 80 == 0 { tempfile::tempdir().unwrap() } else { scratch() };
            all.clear();
        }
        let acks = match dice.below(4) {
            0 => dice.below(3),
            _ => dice.below(300),
        };
        all.extend(killed(dir.path(), acks, false));
        let verdict = judge(dir.path(), &all);
        assert_eq!(
            verdict,
            Ok(()),
            "instant {instant}; replay: LIFEBOAT_SEED={} cargo test -p logbook --test kill",
            seed()
        );
    }
}

#[test]
fn an_early_acknowledgement_is_caught() {
    let _alone = alone();
    let caught = (0..20).any(|n| {
        let dir = tempfile::tempdir().unwrap();
        let acknowledged = killed(dir.path(), 5 + n, true);
        judge(dir.path(), &acknowledged).is_err()
    });
    assert!(caught, "the planted fault went unseen");
}
