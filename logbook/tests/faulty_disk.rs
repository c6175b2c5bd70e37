//! Tests 3, 4 and 5: failed syncs, every changing call failed once (with and without having landed), a full disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use logbook::trial_disks::{FaultyDisk, Mishap, Op, QuotaDisk};
use logbook::{Fault, Loggist, Status, VerifyWith, verify};
use std::path::Path;
use std::sync::Arc;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
const EINTR: i32 = 4;

/// Writes until the end or the first refusal that does not pass; returns (body, number) of what was acknowledged.
fn record(loggist: &Loggist, entries: u64, from: u64) -> Vec<(u64, u64)> {
    let mut acknowledged = Vec::new();
    for n in from + 1..=from + entries {
        if let Ok(sealed) = loggist.append(7, body(n), at(n)) {
            acknowledged.push((n, sealed.number.0));
        }
    }
    acknowledged
}

/// After the mishap: the book opens, holds what was acknowledged in its place and nothing twice, and verifies.
fn judge(dir: &Path, acknowledged: &[(u64, u64)]) -> Result<(), String> {
    let (loggist, _) = open(dir, real(), small()).map_err(|fault| format!("unopenable: {fault}"))?;
    loggist.append(9, b"afterwards", at(1)).map_err(|fault| fault.to_string())?;
    loggist.close().map_err(|fault| fault.to_string())?;
    let bodies = read_all(dir).map_err(|fault| fault.to_string())?;
    for (n, number) in acknowledged {
        if bodies.get(*number as usize - 1) != Some(&body(*n)) {
            return Err(format!("body {n} was acknowledged as entry {number} and is not there"));
        }
        if bodies.iter().filter(|found| **found == body(*n)).count() != 1 {
            return Err(format!("body {n} is there twice"));
        }
    }
    let verdict = verify(dir, VerifyWith::Keys(&keys()), &[]).map_err(|fault| fault.to_string())?;
    if verdict.is_clean() { Ok(()) } else { Err(format!("{:?}", verdict.books)) }
}

/// One life with one mishap; `None` when the mishap's turn never came.
fn one(mishap: Mishap) -> Option<Result<(), String>> {
    let dir = scratch();
    let disk = FaultyDisk::new(real(), mishap);
    let mut acknowledged = Vec::new();
    for life in 0..2 {
        if let Ok((loggist, opened)) = open(dir.path(), Arc::new(disk.clone()), small()) {
            let _ = opened;
            acknowledged.extend(record(&loggist, 25, life * 100));
            let _ = loggist.close();
        }
    }
    disk.fired()?;
    Some(judge(dir.path(), &acknowledged))
}

#[test]
fn every_changing_call_may_fail_once() {
    let step = size(8, 1);
    for errno in [EIO, ENOSPC, EINTR] {
        for landed in [false, true] {
            let mut call = (errno as u64 + u64::from(landed)) % step;
            while let Some(verdict) = one(Mishap { call, only: None, errno, landed, lies: false }) {
                assert_eq!(verdict, Ok(()), "call {call} failed with {errno}, landed: {landed}");
                call += step;
            }
            assert!(call > 60, "only {call} calls were reached");
        }
    }
}

#[test]
fn a_write_that_lies_is_caught() {
    // The planted fault: the disk says a commit was written and it was not.
    let mut seen = 0;
    for call in [4, 9, 14, 19] {
        let mishap = Mishap { call, only: Some(Op::Write), errno: EIO, landed: false, lies: true };
        seen += u32::from(one(mishap).is_some_and(|verdict| verdict.is_err()));
    }
    assert!(seen > 0, "the planted fault went unseen");
}

/// Whether the test plants its fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Planted {
    Nothing,
    /// A failed sync is tried again and the second believed, as many programs did before 2018.
    TriesAgain,
}

/// One life in which one sync fails, of a commit, of a head or of a new segment; `None` when its turn never came.
fn after_a_failed_sync(
    call: u64,
    landed: bool,
    head_every_ms: u64,
    planted: Planted,
) -> Option<Result<(), String>> {
    let dir = scratch();
    let mishap = Mishap { call, only: Some(Op::Sync), errno: EIO, landed, lies: false };
    let disk = match planted {
        Planted::Nothing => FaultyDisk::new(real(), mishap),
        Planted::TriesAgain => FaultyDisk::new(real(), mishap).that_tries_again(),
    };
    let options = logbook::Options { head_every_ms, ..small() };
    let (loggist, _) = open(dir.path(), Arc::new(disk.clone()), options).unwrap();
    let mut stopped = false;
    for n in 1..=30 {
        let kept = loggist.append(7, body(n), at(n));
        if stopped && !matches!(kept, Err(Fault::Stopped { .. })) {
            return Some(Err(format!("acknowledged after a failed sync: {kept:?}")));
        }
        stopped |= kept.is_err();
    }
    // The failed sync may have been that of a head, which stops recording as well, if a moment later: its thread may
    // not have come so far, and what was synced to the segment meanwhile was truly kept.
    for _ in 0..2_000 {
        disk.fired()?;
        stopped |= matches!(loggist.status(), Status::Stopped { .. });
        if stopped || planted == Planted::TriesAgain {
            break;
        }
        std::thread::yield_now();
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    if !loggist.reader().unwrap().read_from(basics::EntryNumber(1)).all(|e| e.is_ok()) {
        return Some(Err("what was kept cannot be read".to_owned()));
    }
    let closed = loggist.close();
    let syncs = disk.calls_after().iter().filter(|op| **op == Op::Sync).count();
    Some(match (stopped, closed, syncs) {
        (false, _, _) => Err("recording went on after a failed sync".to_owned()),
        (_, Ok(_), _) => Err("it was closed as if nothing had been".to_owned()),
        (_, _, 1..) => Err(format!("a sync was tried again: {:?}", disk.calls_after())),
        _ => Ok(()),
    })
}

#[test]
fn a_failed_sync_stops_recording_for_good() {
    // The thirty commits and the segments of this life sync some forty times; a head after each commit up to as often.
    let (mut tried, calls) = (0, size(12, 100));
    for call in 0..calls {
        for (landed, head_every_ms) in [(false, 60_000), (true, 60_000), (false, 1), (true, 1)] {
            // Where heads are many, how many depends on the threads: a call may be past the last.
            let Some(verdict) = after_a_failed_sync(call, landed, head_every_ms, Planted::Nothing) else {
                continue;
            };
            assert_eq!(verdict, Ok(()), "sync {call}, landed: {landed}, a head every {head_every_ms} ms");
            tried += 1;
        }
    }
    assert!(tried > size(40, 130), "only {tried} syncs were reached");
}

#[test]
fn a_disk_that_tries_a_failed_sync_again_is_caught() {
    for call in 0..12 {
        let verdict = after_a_failed_sync(call, false, 60_000, Planted::TriesAgain).unwrap();
        assert!(verdict.is_err(), "sync {call}: the planted fault went unseen");
    }
}

/// A life on a disk with that much room, until it is full, then with more. `swallows`: the planted fault, a write that
/// is called done though there was no room for it.
fn filled(room: u64, swallows: Option<u64>) -> Result<(), String> {
    let dir = scratch();
    let disk = QuotaDisk::new(real(), room);
    let below: Arc<dyn logbook::Disk> = match swallows {
        None => Arc::new(disk.clone()),
        Some(call) => {
            let lie = Mishap { call, only: Some(Op::Write), errno: ENOSPC, landed: false, lies: true };
            Arc::new(FaultyDisk::new(Arc::new(disk.clone()), lie))
        }
    };
    let (loggist, _) = open(dir.path(), below, small()).map_err(|fault| fault.to_string())?;
    let mut acknowledged = record(&loggist, 60, 0);
    if acknowledged.len() == 60 {
        return Err("the disk was never full".to_owned());
    }
    let refused = loggist.append(7, body(1000), at(0));
    if !(refused.is_ok() || matches!(refused, Err(Fault::DiskFull))) {
        return Err(format!("it is full and says {refused:?}"));
    }
    if !loggist.reader().unwrap().read_from(basics::EntryNumber(1)).all(|e| e.is_ok()) {
        return Err("what was kept cannot be read".to_owned());
    }
    disk.set_room(1 << 20);
    let after = record(&loggist, 20, 2000);
    if after.len() != 20 || !matches!(loggist.status(), Status::Recording { .. }) {
        return Err(format!("with room again {} of 20 were kept: {:?}", after.len(), loggist.status()));
    }
    acknowledged.extend(after);
    loggist.close().map_err(|fault| fault.to_string())?;
    judge(dir.path(), &acknowledged)
}

#[test]
fn a_full_disk_refuses_and_recovers_by_itself() {
    let rooms: Vec<u64> = match size(0, 1) {
        0 => vec![0, 300, 400, 1000, 5_000, 9_000, 20_000],
        // Every byte of the heads, the headers and two segments; then on in steps that fall on every phase.
        _ => (0..18_000).chain((18_000..24_000).step_by(7)).collect(),
    };
    for room in rooms {
        assert_eq!(filled(room, None), Ok(()), "room for {room} bytes");
    }
}

#[test]
fn a_false_acknowledgement_on_a_full_disk_is_caught() {
    let caught = (1..60).find(|call| filled(5_000, Some(*call)).is_err());
    assert!(caught.is_some(), "the planted fault went unseen");
}
