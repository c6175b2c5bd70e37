//! Replay equals live: messages, restarts, kills of the index, tray decisions in any order; a rebuild from the book
//! alone, in batches of quite other sizes, shows the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Moment;
use common::*;
use control_room::{ControlRoom, Intent, Mode, TrayFilter};

const WARDS: [&str; 4] = ["AMU", "SAU", "COTE1", "CARD"];
const NAMES: [&str; 6] = ["Adeyemi", "O'Brien", "Smith", "Smith-Jones", "Łukasz", "Nguyen"];

/// One step of a hospital's day, or of ours.
fn step(room: &mut ControlRoom, dir: &std::path::Path, dice: &mut Dice, n: u64) {
    let at = start().plus_seconds(n as i64 * 40);
    let time = format!("202603{:02}{:02}{:02}00", 1 + n / 1440 % 28, n / 60 % 24, n % 60);
    let mrn = dice.below(40);
    let (family, ward) = (NAMES[(mrn % 6) as usize], WARDS[dice.below(4) as usize]);
    let bed = dice.below(20).to_string();
    let message = |trigger: &str| adt(trigger, &format!("C{n}"), mrn, family, ward, &bed, &time);
    let keep = |room: &ControlRoom, bytes: &[u8], at: Moment| {
        receive(room, &pas(), bytes, at).unwrap();
    };
    match dice.below(40) {
        0..=8 => keep(room, &message("A01"), at),
        9..=16 => keep(room, &message("A02"), at),
        17..=20 => keep(room, &message("A03"), at),
        21 => keep(room, &message("A13"), at),
        22 => keep(room, &message("A11"), at),
        23 | 24 => {
            let merge = String::from_utf8(message("A40")).unwrap();
            let merge = merge.replace("PV1|1|I", &format!("MRG|{}^^^NGH^MR\rPV1|1|I", dice.below(40)));
            keep(room, merge.as_bytes(), at);
        }
        25..=29 => {
            let mut report = String::from_utf8(message("R01")).unwrap().replace("ADT^R01", "ORU^R01");
            report.push_str(&format!("OBR|1|P{n}|F{}|BMP^Basic panel|||{time}|||||||||||||||||||F\rOBX|1|NM|K^Potassium||4.{}|mmol/L|3.5-5.3|N|||F\r", dice.below(30), dice.below(10)));
            keep(room, report.as_bytes(), at);
        }
        30 | 31 => keep(room, format!("not a message at all {n}").as_bytes(), at),
        32 => keep(room, format!("MSH|^~\\&|PAS|NGH|||{time}||ADT^A01|B{n}|P|2.4\rPID|1\r").as_bytes(), at),
        33 => keep(room, &adt("A08", "SAME", 1, family, ward, &bed, &time), at),
        34 => drop(room.submit(Intent::ReplayAll { feed: None }, "AB", at)),
        35 | 36 => {
            room.catch_up(&mut |_, _| {}).unwrap();
            if let Some(item) = room.tray(&TrayFilter { limit: 1, ..TrayFilter::default() }).unwrap().first()
            {
                let reason = "somebody rang".to_owned();
                room.submit(Intent::ClearTray { entry: item.entry, reason }, "AB", at).unwrap();
            }
        }
        37 => {
            let mode = if dice.below(2) == 0 { Mode::Downtime } else { Mode::Normal };
            drop(room.submit(Intent::SetMode { mode, reason: "drill".into() }, "AB", at));
        }
        38 => {
            // The program is stopped at any moment and started again.
            *room = reopened(room, dir);
        }
        _ => {
            // The index is lost with the program.
            *room = {
                drop(std::mem::replace(room, offline_elsewhere()));
                std::fs::remove_dir_all(dir.join("index")).unwrap();
                open(dir)
            };
        }
    }
}

fn reopened(room: &mut ControlRoom, dir: &std::path::Path) -> ControlRoom {
    drop(std::mem::replace(room, offline_elsewhere()));
    open(dir)
}

fn offline_elsewhere() -> ControlRoom {
    let dir = tempfile::tempdir().unwrap();
    offline(dir.path())
}

#[test]
fn a_rebuild_equals_the_live_index_after_any_day() {
    let days = if torture() { 60 } else { 4 };
    let first = seed();
    for day in 0..days {
        let mut dice = Dice(first + day);
        let dir = tempfile::tempdir().unwrap();
        let mut room = open(dir.path());
        let steps = 100 + dice.below(200);
        for n in 0..steps {
            step(&mut room, dir.path(), &mut dice, n);
        }
        let live = dump(&room);
        let totals = room.totals();
        assert_eq!(totals.received, totals.understood + totals.in_tray + totals.cleared, "{totals:?}");
        assert!(totals.in_tray + totals.cleared > 0, "a day without trouble proves little: {totals:?}");
        room.close();
        let rebuilt = ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
        assert_eq!((rebuilt.received, rebuilt.patients), (totals.received, totals.patients));
        assert_same(&live, &dump(&offline(dir.path())), &format!("seed {}", first + day));
    }
}

#[test]
fn a_rebuild_that_leaves_the_last_entry_out_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    for n in 0..20 {
        receive(
            &room,
            &pas(),
            &adt("A01", &format!("C{n}"), n, "Adeyemi", "AMU", "3", "20260301080000"),
            start(),
        )
        .unwrap();
    }
    let live = dump(&room);
    room.close();
    // The planted bug: a book that ends one entry early.
    let short = tempfile::tempdir().unwrap();
    let from = offline(dir.path());
    let to = offline(short.path());
    for n in 1..20 {
        let entry = from.entry(basics::EntryNumber(n)).unwrap().unwrap();
        receive(&to, &pas(), &entry.bytes, entry.at).unwrap();
    }
    assert_ne!(live, dump(&to));
}

/// Where the patients lie after a map was confirmed between them, seen live, started again, and rebuilt.
#[test]
fn a_confirmed_location_map_is_in_use_from_its_entry_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut room = open(dir.path());
    let bed = |n: u64| adt("A01", &format!("L{n}"), n, "Adeyemi", "W1", "3", "20260301080000");
    let ward_of = |room: &ControlRoom, n: u64| {
        room.catch_up(&mut |_, _| {}).unwrap();
        let key = room.find_exact(&n.to_string()).unwrap().unwrap();
        let record = room.patient(key).unwrap().unwrap();
        record.current_encounter().unwrap().location.as_ref().unwrap().ward.as_ref().unwrap().to_string()
    };
    receive(&room, &pas(), &bed(1), start()).unwrap();
    let rule = translate::WardRule { code: Some("AMU".into()), ..translate::WardRule::default() };
    let map = translate::LocationMap {
        wards: [("W1".to_owned(), rule)].into(),
        ..translate::LocationMap::default()
    };
    let confirm = Intent::ConfirmLocations { feed: pas(), map: map.clone() };
    room.submit(confirm, "AB", start()).unwrap();
    assert_eq!(room.locations(&pas()), map);
    receive(&room, &pas(), &bed(2), start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    room = reopened(&mut room, dir.path());
    assert_eq!(room.locations(&pas()), map, "after a restart");
    receive(&room, &pas(), &bed(3), start()).unwrap();
    assert_eq!([1, 2, 3].map(|n| ward_of(&room, n)), ["W1", "AMU", "AMU"]);
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    let rebuilt = offline(dir.path());
    assert_same(&live, &dump(&rebuilt), "rebuilt and live differ");
    assert_eq!(rebuilt.locations(&pas()), map, "after a rebuild");
}
