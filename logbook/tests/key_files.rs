//! Key files: several ways in at once, each added, changed and taken away without the others; every flipped bit detected;
//! a full disk leaves the old file; the two kinds of old files stay readable; wrong guesses cost a bounded sum.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use logbook::trial_disks::{Dice, FaultyDisk, Mishap, Op, QuotaDisk};
use logbook::{
    Costs, Fault, KeyFile, Keys, Opener, RealDisk, Share, SlotKind, SlotRefusal, SlotShown, make_machine_key,
    read_machine_key,
};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Guesses that cost nothing: what is tested here is not Argon2id.
const LIGHT: Costs = Costs { memory_kib: 64, passes: 1, lanes: 1 };
const PHRASE: &str = "acorn tulip harbour walnut zebra lantern";

fn phrase() -> Opener {
    Opener::of_passphrase(PHRASE)
}

/// Keys in a file with all three ways in: 1 a passphrase, 2 shares, 3 a machine key.
struct Three {
    _dir: tempfile::TempDir,
    path: PathBuf,
    keys: Keys,
    shares: Vec<Share>,
    machine: Opener,
}

fn three() -> Three {
    let dir = tempfile::tempdir().unwrap();
    let (path, keys) = (dir.path().join("keys"), Keys::generate().unwrap());
    let shares = Share::deal(2, 3).unwrap();
    let machine = make_machine_key(&dir.path().join("machine.key")).unwrap();
    let mut file = KeyFile::new(&path, &keys);
    let all = Opener::of_shares(&shares).unwrap();
    for (opener, number) in [(&phrase(), 1), (&all, 2), (&machine, 3)] {
        assert_eq!(file.add(&keys, opener, at(1), LIGHT).unwrap(), number);
    }
    file.write(&keys, &RealDisk, at(1), &[&phrase(), &all, &machine]).unwrap();
    Three { _dir: dir, path, keys, shares, machine }
}

fn same(a: &Keys, b: &Keys) -> bool {
    a.verifying_key() == b.verifying_key()
        && *a.derive("index") == *b.derive("index")
        && *a.derive_for_kit("AMU") == *b.derive_for_kit("AMU")
}

#[test]
fn every_way_in_opens_the_same_keys() {
    let three = three();
    let file = KeyFile::read(&three.path).unwrap();
    let pairs = [[0, 1], [1, 2], [0, 2], [2, 0]];
    let two =
        |[a, b]: [usize; 2]| Opener::of_shares(&[three.shares[a].clone(), three.shares[b].clone()]).unwrap();
    for opener in pairs.map(two).into_iter().chain([phrase(), three.machine.clone()]) {
        assert!(same(&file.open(&opener).unwrap(), &three.keys), "{opener:?}");
    }
    let spaced = Opener::of_passphrase(&format!("  {}\n", PHRASE.replace(' ', "\t ")));
    assert!(same(&file.open(&spaced).unwrap(), &three.keys), "more white space is no other passphrase");
    assert_eq!(file.verifying_key(), three.keys.verifying_key());
    let kinds: Vec<SlotKind> = file.slots().iter().map(|slot| slot.kind).collect();
    let ceremony = three.shares[0].ceremony();
    assert_eq!(
        kinds,
        [SlotKind::Passphrase, SlotKind::Shares { needed: 2, many: 3, ceremony }, SlotKind::Machine]
    );
    assert_ne!(
        *three.keys.derive("kits"),
        *three.keys.derive_for_kit("kits"),
        "the kit key is a key of its own"
    );
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&three.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_does_not_open_says_why() {
    let three = three();
    let file = KeyFile::read(&three.path).unwrap();
    let said = |opener: &Opener| file.open(opener).unwrap_err();
    assert!(
        matches!(said(&Opener::of_passphrase("wrong")), Fault::WrongPassphrase(path) if path == three.path)
    );
    let other = Share::deal(2, 3).unwrap();
    let foreign = said(&Opener::of_shares(&other).unwrap());
    let words = foreign.to_string();
    assert!(matches!(foreign, Fault::OtherCeremony { .. }));
    for ceremony in [other[0].ceremony(), three.shares[0].ceremony()] {
        assert!(words.contains(&format!("'{ceremony}'")), "{words}");
    }
    let stranger = make_machine_key(&three.path.with_file_name("another")).unwrap();
    assert!(matches!(said(&stranger), Fault::WrongMachineKey(_)));
    // A file without such a slot is no wrong passphrase.
    let alone = three.path.with_file_name("alone");
    let mut file = KeyFile::new(&alone, &three.keys);
    file.add(&three.keys, &phrase(), at(1), LIGHT).unwrap();
    file.write(&three.keys, &RealDisk, at(1), &[]).unwrap();
    let all = Opener::of_shares(&three.shares).unwrap();
    assert!(matches!(file.open(&all), Err(Fault::NoSuchSlot { what: "set of shares", .. })));
    assert!(matches!(file.open(&three.machine), Err(Fault::NoSuchSlot { what: "machine key", .. })));
}

#[test]
fn each_way_in_is_added_changed_and_taken_away_without_the_others() {
    let three = three();
    let (keys, path) = (&three.keys, &three.path);
    let all = Opener::of_shares(&three.shares).unwrap();
    // Rotation of each: what was opens nothing any more, what is does, the others are as they were.
    let fresh_shares = Share::deal(3, 5).unwrap();
    let fresh = [
        (1, phrase(), Opener::of_passphrase("another phrase altogether")),
        (2, all.clone(), Opener::of_shares(&fresh_shares).unwrap()),
        (3, three.machine.clone(), make_machine_key(&path.with_file_name("fresh.key")).unwrap()),
    ];
    for (number, old, new) in &fresh {
        let mut file = KeyFile::read(path).unwrap();
        file.replace(*number, keys, new, at(2), LIGHT).unwrap();
        file.write(keys, &RealDisk, at(2), &[new]).unwrap();
        let file = KeyFile::read(path).unwrap();
        assert!(file.open(old).is_err() && same(&file.open(new).unwrap(), keys));
        assert_eq!(file.slots().iter().map(|slot| slot.number).collect::<Vec<_>>(), [1, 2, 3]);
    }
    assert_eq!(KeyFile::read(path).unwrap().change(), (4, Some(at(2))), "an older file put back says less");
    let mut file = KeyFile::read(path).unwrap();
    assert!(matches!(file.remove(9), Err(Fault::Slots(SlotRefusal::NoSlot(9)))));
    assert!(matches!(
        file.replace(9, keys, &phrase(), at(3), LIGHT),
        Err(Fault::Slots(SlotRefusal::NoSlot(9)))
    ));
    file.remove(1).unwrap();
    file.write(keys, &RealDisk, at(3), &[]).unwrap();
    assert!(matches!(file.open(&fresh[0].2), Err(Fault::NoSuchSlot { what: "passphrase", .. })));
    assert_eq!(file.add(keys, &phrase(), at(3), LIGHT).unwrap(), 1, "a number is free again");
    for _ in 0..5 {
        file.add(keys, &phrase(), at(3), LIGHT).unwrap();
    }
    assert!(matches!(file.add(keys, &phrase(), at(3), LIGHT), Err(Fault::Slots(SlotRefusal::Full))));
    file.write(keys, &RealDisk, at(3), &[]).unwrap();
    assert_eq!(KeyFile::read(path).unwrap().slots().len(), 8);
}

/// Asks for every way in to be taken away, in several orders; true when a person can still open the file each time.
fn a_person_can_still_open(may_go: impl Fn(&mut KeyFile, &[SlotShown], u16) -> bool) -> bool {
    let three = three();
    [[1, 2, 3], [3, 2, 1], [2, 1, 3], [1, 3, 2]].iter().all(|order| {
        let mut file = KeyFile::read(&three.path).unwrap();
        let mut left = file.slots();
        for number in order {
            if may_go(&mut file, &left, *number) {
                left.retain(|slot| slot.number != *number);
            }
        }
        left.iter().any(|slot| slot.kind.is_for_people())
    })
}

#[test]
fn the_last_way_in_for_a_person_is_never_taken_away() {
    assert!(a_person_can_still_open(|file, _, number| file.remove(number).is_ok()));
    // The planted fault: a rule that counts ways in, whoever they are for.
    assert!(!a_person_can_still_open(|_, left, _| left.len() > 1), "the planted fault went unseen");
    let mut file = machine_alone();
    assert!(matches!(file.remove(1), Err(Fault::Slots(SlotRefusal::LastForPeople(1)))));
}

fn machine_alone() -> KeyFile {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys();
    let mut file = KeyFile::new(&dir.path().join("keys"), &keys);
    let machine = make_machine_key(&dir.path().join("machine")).unwrap();
    file.add(&keys, &machine, at(1), LIGHT).unwrap();
    file
}

/// Flips so many bits of a key file, one at a time; how many still open.
fn missed_flips(flips: u64, opens: impl Fn(&Path, &Opener) -> bool) -> u64 {
    let three = three();
    let openers = [phrase(), Opener::of_shares(&three.shares[1..]).unwrap(), three.machine.clone()];
    let whole = std::fs::read(&three.path).unwrap();
    let mut dice = Dice::new(seed());
    (0..flips)
        .filter(|_| {
            let mut flipped = whole.clone();
            flipped[dice.below(whole.len() as u64) as usize] ^= 1 << dice.below(8);
            std::fs::write(&three.path, &flipped).unwrap();
            openers.iter().any(|opener| opens(&three.path, opener))
        })
        .count() as u64
}

#[test]
fn every_flipped_bit_of_a_key_file_is_detected() {
    let damaged = |path: &Path, _: &Opener| match KeyFile::read(path) {
        Err(Fault::Damaged { file, .. }) => file != path,
        _ => true,
    };
    let missed = missed_flips(size(1_000, 20_000), damaged);
    assert_eq!(missed, 0, "replay: LIFEBOAT_SEED={} cargo test -p logbook --test key_files", seed());
    // The planted fault: a reader that trusts what stands in the file, a checksum that anybody can make anew.
    let trusting = |path: &Path, _: &Opener| {
        let mut bytes = std::fs::read(path).unwrap();
        let end = bytes.len() - 32;
        let sum: [u8; 32] = Sha256::digest(&bytes[..end]).into();
        bytes[end..].copy_from_slice(&sum);
        std::fs::write(path, bytes).unwrap();
        KeyFile::read(path).is_ok()
    };
    assert!(missed_flips(50, trusting) > 0, "the planted fault went unseen");
}

#[test]
fn truncated_and_edited_key_files_are_damaged_and_never_taken_for_a_wrong_passphrase() {
    let three = three();
    let whole = std::fs::read(&three.path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&three.path, &whole[..length]).unwrap();
        assert!(matches!(KeyFile::read(&three.path), Err(Fault::Damaged { .. })), "{length} bytes");
    }
    // Somebody who can write the file but does not have its keys makes the checksum right again.
    let mend = |mut bytes: Vec<u8>| {
        let end = bytes.len() - 32;
        let sum: [u8; 32] = Sha256::digest(&bytes[..end]).into();
        bytes[end..].copy_from_slice(&sum);
        std::fs::write(&three.path, bytes).unwrap();
        KeyFile::read(&three.path).and_then(|file| file.open(&phrase()))
    };
    let slot = |n: usize| 64 + 168 * n;
    // Without the second slot; with another moment; with the slots changed over; with cheaper guesses.
    let without = [&whole[..8], &[2, 0], &whole[10..slot(1)], &whole[slot(2)..]].concat();
    assert!(matches!(mend(without), Err(Fault::Damaged { what, .. }) if what.contains("edited")));
    let mut later = whole.clone();
    later[16] ^= 1;
    assert!(matches!(mend(later), Err(Fault::Damaged { .. })));
    let over =
        [&whole[..slot(0)], &whole[slot(1)..slot(2)], &whole[slot(0)..slot(1)], &whole[slot(2)..]].concat();
    assert!(matches!(mend(over), Err(Fault::Damaged { .. })));
    let mut cheap = whole.clone();
    cheap[slot(0) + 20] = 2;
    assert!(mend(cheap).is_err());
    let mut absurd = whole.clone();
    absurd[slot(0) + 19] = 0x7f;
    assert!(matches!(mend(absurd), Err(Fault::Damaged { what, .. }) if what.contains("absurd")));
    assert!(same(&mend(whole).unwrap(), &three.keys));
}

#[test]
fn a_full_disk_and_every_failing_call_leave_the_old_file() {
    let three = three();
    let before = std::fs::read(&three.path).unwrap();
    let replace = |disk: &dyn logbook::Disk| {
        let mut file = KeyFile::read(&three.path).unwrap();
        let fresh = Opener::of_passphrase("another phrase altogether");
        file.replace(1, &three.keys, &fresh, at(2), LIGHT).unwrap();
        file.write(&three.keys, disk, at(2), &[&fresh])
    };
    for room in [0, 1, 100, before.len() as u64 - 1] {
        let full = QuotaDisk::new(real(), room);
        assert!(matches!(replace(&full), Err(Fault::DiskFull)), "room for {room} bytes");
        assert_eq!(std::fs::read(&three.path).unwrap(), before);
    }
    for op in [Op::Create, Op::Write, Op::Sync, Op::Rename] {
        let mishap = Mishap { call: 0, only: Some(op), errno: 5, landed: false, lies: false };
        let faulty = FaultyDisk::new(real(), mishap);
        assert!(replace(&faulty).is_err(), "{op:?}");
        assert_eq!(std::fs::read(&three.path).unwrap(), before, "{op:?}");
    }
    replace(&RealDisk).unwrap();
    assert_ne!(std::fs::read(&three.path).unwrap(), before, "and with room it is replaced");
}

#[test]
fn what_does_not_open_what_it_should_is_not_written() {
    let three = three();
    let before = std::fs::read(&three.path).unwrap();
    let mut file = KeyFile::read(&three.path).unwrap();
    file.remove(1).unwrap();
    // A passphrase that was mistyped twice alike would be found here: the proof is another.
    assert!(file.write(&three.keys, &RealDisk, at(2), &[&phrase()]).is_err());
    assert_eq!(std::fs::read(&three.path).unwrap(), before);
    // Another record's keys cannot be written into this file.
    let mut file = KeyFile::read(&three.path).unwrap();
    assert!(file.write(&keys(), &RealDisk, at(2), &[&phrase()]).is_err());
    assert_eq!(std::fs::read(&three.path).unwrap(), before);
}

/// Lines "NAME HEX" of files that the first version wrote.
fn thaw(dir: &Path) {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frozen/keys_v1.hex")).unwrap();
    for line in text.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let bytes: Vec<u8> =
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

#[test]
fn key_files_of_the_first_kind_stay_readable_and_take_new_ways_in() {
    let dir = tempfile::tempdir().unwrap();
    thaw(dir.path());
    let first = Keys::from_secret(&std::array::from_fn(|n| n as u8));
    let old_phrase = Opener::of_passphrase("correct horse battery staple");
    let machine = read_machine_key(&dir.path().join("machine")).unwrap();
    for (name, opener, other) in [("passphrase", &old_phrase, &machine), ("bound", &machine, &old_phrase)] {
        let path = dir.path().join(name);
        let file = KeyFile::read(&path).unwrap();
        assert!(file.is_old() && file.slots().len() == 1 && file.verifying_key() == first.verifying_key());
        let keys = file.open(opener).unwrap();
        assert!(same(&keys, &first));
        assert!(matches!(file.open(other), Err(Fault::NoSuchSlot { .. })));
        let before = std::fs::read(&path).unwrap();
        let mut dice = Dice::new(seed());
        for _ in 0..size(100, 2_000) {
            let mut flipped = before.clone();
            flipped[dice.below(before.len() as u64) as usize] ^= 1 << dice.below(8);
            std::fs::write(&path, flipped).unwrap();
            assert!(matches!(KeyFile::read(&path), Err(Fault::Damaged { .. })));
        }
        std::fs::write(&path, &before).unwrap();
        let mut file = file.with_slots(&keys, opener, at(5), LIGHT).unwrap();
        let shares = Share::deal(2, 3).unwrap();
        let all = Opener::of_shares(&shares).unwrap();
        assert_eq!(file.add(&keys, &all, at(5), LIGHT).unwrap(), 2);
        file.write(&keys, &RealDisk, at(5), &[&all, opener]).unwrap();
        let file = KeyFile::read(&path).unwrap();
        assert!(!file.is_old());
        for opener in [opener, &Opener::of_shares(&shares[..2]).unwrap()] {
            assert!(same(&file.open(opener).unwrap(), &first), "and the kit key is still the derived one");
        }
    }
    let wrong = KeyFile::read(&dir.path().join("bound")).unwrap().open(&Opener::Machine([1; 32].into()));
    assert!(matches!(wrong, Err(Fault::WrongMachineKey(_))));
}

#[test]
fn a_kit_key_is_made_anew_without_the_others() {
    let keys = keys();
    let fresh = keys.with_fresh_kit_key().unwrap();
    assert_eq!(
        (fresh.verifying_key(), *fresh.derive("index")),
        (keys.verifying_key(), *keys.derive("index"))
    );
    assert_ne!(*fresh.derive_for_kit("AMU"), *keys.derive_for_kit("AMU"));
    assert_ne!(
        *fresh.derive_for_kit("AMU"),
        *fresh.derive_for_kit("ITU"),
        "ward A's kit opens nothing of ward B"
    );
}

/// KiB that this process holds at most, so far.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// At the real costs, since those are what bounds a guess. How many opened, and by how many KiB memory grew.
fn guess(wrong: u64) -> (u64, u64) {
    let dir = tempfile::tempdir().unwrap();
    let (path, keys) = (dir.path().join("keys"), keys());
    let mut file = KeyFile::new(&path, &keys);
    file.add(&keys, &phrase(), at(1), Costs::default()).unwrap();
    file.write(&keys, &RealDisk, at(1), &[&phrase()]).unwrap();
    let file = KeyFile::read(&path).unwrap();
    let before = peak_kib();
    let opened =
        (0..wrong).filter(|n| file.open(&Opener::of_passphrase(&format!("guess {n}"))).is_ok()).count();
    assert!(same(&file.open(&phrase()).unwrap(), &keys), "and the right one still opens");
    (opened as u64, peak_kib() - before)
}

#[test]
fn a_thousand_wrong_passphrases_open_nothing_and_cost_no_more_memory_than_one() {
    let (opened, grown_kib) = guess(size(5, 1_000));
    assert_eq!(opened, 0);
    assert!(grown_kib < 80 * 1024, "{grown_kib} KiB");
    // The planted fault: what one guess costs, held on to five times, would be seen.
    let before = peak_kib();
    let held: Vec<Vec<u8>> = (0..5).map(|n| vec![n + 1; 64 << 20]).collect();
    assert!(peak_kib() - before >= 80 * 1024, "{}", held.len());
}
