//! Keys leave no trace: none in this process's memory once they are dropped, none in what it says.
//!
//! A program of its own: it looks through all of its own memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use logbook::{Costs, KeyFile, Keys, Opener, RealDisk};
use std::io::{Read, Seek, SeekFrom};

/// The data key, and the signing seed, that is looked for, made at run time so that it stands in no part of the program itself: turned bit by
/// bit, and turned back only where it is used.
fn turned() -> [u8; 32] {
    std::array::from_fn(|n| !(n as u8).wrapping_mul(73).wrapping_add(19))
}

/// Places in this process's writable memory where the key stands.
fn places_of_the_key() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
    let turned = turned();
    let mut found = 0;
    let mut buffer = vec![0u8; 1 << 20];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while at < to {
            let piece = buffer.len().min((to - at) as usize);
            if memory.seek(SeekFrom::Start(at)).is_err() || memory.read_exact(&mut buffer[..piece]).is_err() {
                break;
            }
            let own =
                buffer[..piece].windows(32).filter(|part| part.iter().zip(&turned).all(|(a, b)| *a == !*b));
            found += own.count();
            // The buffer is memory too: what was read must not be found again in it.
            buffer[..piece].fill(0);
            at += piece as u64 - if piece == buffer.len() { 31 } else { 0 };
        }
    }
    found
}

fn with_keys<T>(work: impl FnOnce(&Keys) -> T) -> T {
    work(&fresh())
}

fn fresh() -> Keys {
    // On the heap, and wiped where it lies: what is moved leaves a copy behind.
    let mut secret = Box::new(zeroize::Zeroizing::new([7u8; 64]));
    secret.iter_mut().zip(turned().iter().cycle()).for_each(|(byte, turned)| *byte = !turned);
    Keys::from_secret(&secret)
}

/// What a server does with its keys: wraps and opens them, derives, writes and reads a book.
fn a_life(dir: &std::path::Path, keys: &Keys) -> usize {
    let path = dir.join("keys");
    let opener = Opener::of_passphrase("acorn tulip harbour walnut zebra lantern");
    let mut file = KeyFile::new(&path, keys);
    let light = Costs { memory_kib: 64, passes: 1, lanes: 1 };
    file.add(keys, &opener, at(1), light).unwrap();
    file.write(keys, &RealDisk, at(1), &[&opener]).unwrap();
    let opened = KeyFile::read(&path).unwrap().open(&opener).unwrap();
    let (loggist, _) = logbook::Loggist::open(dir, book(), &opened, real(), small(), at(0)).unwrap();
    for n in 1..=20 {
        loggist.append(7, body(n), at(n)).unwrap();
    }
    let held = places_of_the_key();
    loggist.close().unwrap();
    opened.derive("index");
    held
}

#[test]
fn once_dropped_keys_stand_nowhere_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    // In threads of their own, as in the program: their stacks are memory that is looked through as well.
    let life = || with_keys(|keys| a_life(dir.path(), keys));
    let held = std::thread::scope(|scope| scope.spawn(life).join().unwrap());
    assert!(held >= 2, "the search finds the keys while they are in use: {held}");
    assert_eq!(places_of_the_key(), 0, "and nowhere afterwards");
    // The planted fault: a copy that nobody wipes.
    let forgotten = with_keys(|_| turned().map(|byte| !byte).to_vec());
    assert!(places_of_the_key() >= 1, "the planted fault went unseen: {}", forgotten.len());
}
