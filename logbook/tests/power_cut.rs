//! Test 2: power cut at any instant, with unsynced writes dropped or torn: nothing acknowledged lost, every image opens.
//! Then the same once more while the next life finds its feet: whatever a life was opened with stays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use logbook::trial_disks::{Dice, PowerCutDisk};
use logbook::{Options, VerifyWith, verify};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the book lies on a disk that is played.
const BOOK: &str = "/book";

/// (Calls made when something was acknowledged, entries durable by then.)
type Acknowledged = Vec<(usize, u64)>;

/// Small segments, with and without zeros written ahead.
fn options(dice: &mut Dice) -> Options {
    Options { fill_ahead_bytes: [0, 700, 4 << 10][dice.below(3) as usize], ..small() }
}

/// A life of the book: commits of several sizes, segments that end, closing and opening again.
fn live(disk: &PowerCutDisk, dice: &mut Dice) -> Acknowledged {
    let mut acknowledged = Vec::new();
    let mut n = 0;
    for _ in 0..3 {
        let (loggist, opened) = open(Path::new(BOOK), Arc::new(disk.clone()), options(dice)).unwrap();
        assert_eq!(opened.entries, n);
        for _ in 0..14 {
            let many = 1 + dice.below(7);
            let batch = (1..=many).map(|k| (7, body(n + k), at(n + k))).collect();
            loggist.append_batch(batch).unwrap();
            n += many;
            acknowledged.push((disk.calls(), n));
        }
        loggist.close().unwrap();
    }
    acknowledged
}

fn durable(acknowledged: &Acknowledged, calls: usize) -> u64 {
    acknowledged.iter().filter(|(when, _)| *when <= calls).map(|(_, n)| *n).max().unwrap_or(0)
}

fn put(image: &BTreeMap<PathBuf, Vec<u8>>, dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    for (path, bytes) in image {
        std::fs::write(dir.join(path.file_name().unwrap()), bytes).unwrap();
    }
}

/// Opens an image as after a power cut; what is wrong with it, if anything.
fn judge(image: &BTreeMap<PathBuf, Vec<u8>>, acknowledged: u64) -> Result<(), String> {
    let dir = scratch();
    let dir = dir.path();
    put(image, dir);
    let (loggist, opened) = open(dir, real(), small()).map_err(|fault| format!("unopenable: {fault}"))?;
    if opened.entries < acknowledged {
        return Err(format!("{acknowledged} entries were acknowledged, {} are there", opened.entries));
    }
    loggist.append(9, b"after the cut", at(1)).map_err(|fault| fault.to_string())?;
    loggist.close().map_err(|fault| fault.to_string())?;
    let bodies = read_all(dir).map_err(|fault| fault.to_string())?;
    for (n, found) in (1..).zip(bodies.iter().take(opened.entries as usize)) {
        if *found != body(n) {
            return Err(format!("entry {n} is not what was recorded"));
        }
    }
    let verdict = verify(dir, VerifyWith::Keys(&keys()), &[]).map_err(|fault| fault.to_string())?;
    if verdict.is_clean() { Ok(()) } else { Err(format!("{:?}", verdict.books)) }
}

/// Lives of twenty-five images each, power cut at one instant of each image.
fn cut(images: u64, ignore_syncs: bool) -> Result<(), String> {
    for life in 0..images.div_ceil(25) {
        let mut dice = Dice::new(seed().wrapping_mul(1_000_003) + life);
        let disk = PowerCutDisk::new();
        let acknowledged = live(&disk, &mut dice);
        for n in 0..25 {
            let calls = dice.below(disk.calls() as u64 + 1) as usize;
            judge(&disk.image(calls, &mut dice, ignore_syncs), durable(&acknowledged, calls))
                .map_err(|why| format!("life {life}, image {n}, cut after {calls} calls: {why}"))?;
        }
    }
    Ok(())
}

/// A life ends by a power cut or by kill -9; the next is opened on what is left, records on, and power is cut in its
/// midst. What it was opened with has been shown and counted as kept from then on, so it must be there.
fn cut_again(images: u64, ignore_syncs: bool) -> Result<(), String> {
    for life in 0..images.div_ceil(25) {
        let mut dice = Dice::new(seed().wrapping_mul(7_000_003) + life);
        let first = PowerCutDisk::new();
        let before = live(&first, &mut dice);
        for n in 0..25 {
            let ended = dice.below(first.calls() as u64 + 1) as usize;
            let killed = dice.below(2) == 0;
            let disk = match killed {
                true => first.killed_after(ended),
                false => PowerCutDisk::holding(&first.image(ended, &mut dice, false)),
            };
            let begin = disk.calls();
            let mut kept = vec![(begin, durable(&before, ended))];
            let (loggist, opened) = open(Path::new(BOOK), Arc::new(disk.clone()), options(&mut dice))
                .map_err(|fault| format!("life {life}, image {n}: unopenable: {fault}"))?;
            let mut entries = opened.entries;
            kept.push((disk.calls(), entries));
            for _ in 0..3 {
                entries += 1;
                loggist.append(7, body(entries), at(entries)).map_err(|fault| fault.to_string())?;
                kept.push((disk.calls(), entries));
            }
            drop(loggist);
            let calls = begin + dice.below((disk.calls() - begin) as u64 + 1) as usize;
            let how = if killed { "killed" } else { "cut" };
            judge(&disk.image(calls, &mut dice, ignore_syncs), durable(&kept, calls)).map_err(|why| {
                format!("life {life}, image {n}, {how} after {ended} calls, cut after {calls}: {why}")
            })?;
        }
    }
    Ok(())
}

/// A sync fails and recording stops; the program is started again on the same machine, where what the disk dropped can
/// still be read, and records on; then power is cut. Returns whether the sync's turn came.
fn cut_after_a_failed_sync(sync: u64, dice: &mut Dice, ignore_syncs: bool) -> Result<bool, String> {
    let disk = PowerCutDisk::new();
    disk.fail_sync(sync);
    let (mut entries, mut stopped, mut kept) = (0, false, Vec::new());
    for _ in 0..3 {
        let (loggist, opened) = match open(Path::new(BOOK), Arc::new(disk.clone()), options(dice)) {
            Ok(opened) => opened,
            Err(_) if !stopped => {
                stopped = true;
                continue;
            }
            Err(fault) => return Err(format!("unopenable: {fault}")),
        };
        if opened.entries < entries {
            return Err(format!("{entries} entries were there, {} are", opened.entries));
        }
        entries = opened.entries;
        kept.push((disk.calls(), entries));
        for _ in 0..8 {
            if loggist.append(7, body(entries + 1), at(entries + 1)).is_err() {
                stopped = true;
                break;
            }
            entries += 1;
            kept.push((disk.calls(), entries));
        }
        stopped |= loggist.close().is_err();
    }
    let calls = dice.below(disk.calls() as u64 + 1) as usize;
    for calls in [calls, disk.calls()] {
        judge(&disk.image(calls, dice, ignore_syncs), durable(&kept, calls))
            .map_err(|why| format!("sync {sync} failed, cut after {calls} calls: {why}"))?;
    }
    Ok(stopped)
}

#[test]
fn what_a_failed_sync_dropped_is_not_counted_as_kept_after_a_restart() {
    for round in 0..size(3, 100) {
        let mut dice = Dice::new(seed().wrapping_mul(9_000_003) + round);
        for sync in 0.. {
            match cut_after_a_failed_sync(sync, &mut dice, false) {
                Ok(true) => {}
                Ok(false) => {
                    assert!(sync > 30, "only {sync} syncs were reached");
                    break;
                }
                Err(why) => panic!("round {round}: {why}; {}", replay()),
            }
        }
    }
}

fn replay() -> String {
    format!("replay: LIFEBOAT_SEED={} cargo test -p logbook --test power_cut", seed())
}

#[test]
fn nothing_acknowledged_is_lost_and_every_image_opens() {
    assert_eq!(cut(size(300, 10_000), false), Ok(()), "{}", replay());
}

#[test]
fn what_a_life_was_opened_with_survives_the_next_cut() {
    assert_eq!(cut_again(size(300, 10_000), false), Ok(()), "{}", replay());
}

#[test]
fn a_disk_that_lies_about_syncs_is_caught() {
    assert!(cut(100, true).is_err(), "the planted fault went unseen");
    assert!(cut_again(100, true).is_err(), "the planted fault went unseen in a second life");
    let unseen = (0..10).all(|sync| cut_after_a_failed_sync(sync, &mut Dice::new(seed()), true).is_ok());
    assert!(!unseen, "the planted fault went unseen after a failed sync");
}
