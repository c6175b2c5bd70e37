//! What the boards say when things go wrong (RELIABILITY tests 3, 5 and 32): recording that stopped, a full disk, a
//! feed that fell silent while the clock jumped; and what they say every day: finding, the tray, the mode.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{Clock, FeedName, FixedClock, Moment, SiteId, WardId};
use care::ward_list::WardKey;
use common::*;
use control_room::{
    ControlRoom, FeedFormat, FeedSetup, How, Intent, Mode, Recording, Refusal, Refused, Setup, TrayFilter,
};
use logbook::RealDisk;
use logbook::trial_disks::{FaultyDisk, Mishap, Op, QuotaDisk};
use std::sync::Arc;

fn admission(n: u64) -> Vec<u8> {
    adt("A01", &format!("C{n}"), n, "Adeyemi", "AMU", &n.to_string(), "20260301080000")
}

fn amu() -> WardKey {
    WardKey { site: SiteId::new("Northgate").unwrap(), ward: WardId::new("AMU").unwrap() }
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_and_boards_stay_readable() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for landed in [false, true] {
        let dir = dir.path().join(landed.to_string());
        let mishap = Mishap { call: 12, only: Some(Op::Sync), errno: 5, landed, lies: false };
        let disk = Arc::new(FaultyDisk::new(Arc::new(RealDisk), mishap));
        let room = ControlRoom::open_on(setup(&dir), &keys(), clock(), disk).unwrap();
        let answers: Vec<_> = (0..40).map(|n| receive(&room, &pas(), &admission(n), start())).collect();
        let first = answers.iter().position(Result::is_err).expect("the sync never failed");
        assert!(answers[first..].iter().all(Result::is_err), "acknowledged after a failed sync");
        assert!(answers[first + 1].as_ref().unwrap_err().frozen());
        assert!(matches!(room.status().recording, Recording::Frozen { ref why, .. } if !why.is_empty()));
        room.catch_up(&mut |_, _| {}).unwrap();
        let list = room.ward_list(&amu()).unwrap().unwrap();
        assert_eq!(
            list.rows.iter().filter(|r| r.patient.is_some()).count(),
            first,
            "boards are not readable"
        );
        acknowledged += first;
        room.close();
        let again = offline(&dir);
        again.catch_up(&mut |_, _| {}).unwrap();
        assert!(again.totals().received >= first as u64);
    }
    assert!(acknowledged > 0);
}

#[test]
fn a_full_disk_gives_no_false_answer_and_recording_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(QuotaDisk::new(Arc::new(RealDisk), 5 << 20));
    let room = ControlRoom::open_on(setup(dir.path()), &keys(), clock(), disk.clone()).unwrap();
    let big = |n: u64| {
        let mut message = admission(n);
        message.extend_from_slice(&vec![b'x'; 600_000]);
        message
    };
    let answers: Vec<_> = (0..14).map(|n| receive(&room, &pas(), &big(n), start())).collect();
    let refused = answers.iter().find_map(|a| a.as_ref().err()).expect("the disk was never full");
    assert!(refused.disk_full(), "{refused}");
    assert!(matches!(room.status().recording, Recording::Full { .. }));
    room.catch_up(&mut |_, _| {}).unwrap();
    assert!(room.find("adeyemi", 5).unwrap().matches.len() > 1, "reads go on");
    disk.set_room(64 << 20);
    let late = receive(&room, &pas(), &big(13), start()).unwrap();
    assert!(!late.duplicate);
    assert_eq!(room.status().recording, Recording::Recording);
    room.catch_up(&mut |_, _| {}).unwrap();
    let kept = answers.iter().filter(|a| a.is_ok()).count() as u64 + 1;
    assert_eq!(room.totals().received, kept);
}

/// Plays a silence under a jumping clock; `naive`: the planted bug, silence as the difference of two readings.
fn marked_silent_after(jump_seconds: i64, naive: bool) -> Option<i64> {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(start()));
    let room = ControlRoom::open(setup(dir.path()), &keys(), clock.clone() as Arc<dyn Clock>).unwrap();
    receive(&room, &pas(), &admission(1), clock.now()).unwrap();
    let last = clock.now();
    let silent = |at: Moment| {
        let board = room.feeds().remove(0);
        if naive { at.seconds_since(last) > i64::from(board.silent_after_seconds) } else { board.silent }
    };
    assert!(!silent(clock.now()));
    let mut jumped = 0;
    for passed in (5..3_000).step_by(5) {
        if passed == 300 {
            jumped = jump_seconds;
        }
        let now = start().plus_seconds(passed + jumped);
        clock.set(now);
        if silent(now) {
            return Some(passed);
        }
    }
    None
}

#[test]
fn a_silent_feed_is_marked_within_a_minute_of_its_threshold_whatever_the_clock_does() {
    for jump in [0, -3_600, -400 * 86_400, 86_400, 10 * 365 * 86_400] {
        let marked = marked_silent_after(jump, false).unwrap_or(i64::MAX);
        assert!(marked <= 900 + 60, "jump {jump}: marked after {marked} s");
    }
    assert!(marked_silent_after(0, false).unwrap() > 900);
    assert_eq!(marked_silent_after(-400 * 86_400, true), None, "the planted bug was not caught");
}

#[test]
fn a_pack_names_the_silent_feeds_of_its_hospital_and_followers_hear_of_the_change() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(start()));
    let at = |site: &str, name: &str| FeedSetup {
        site: SiteId::new(site),
        ..FeedSetup::named(FeedName::new(name).unwrap())
    };
    let feeds = vec![FeedSetup::named(pas()), at("Northgate", "pathology"), at("Southmere", "pharmacy")];
    let setup = Setup { feeds, ..setup(dir.path()) };
    let room = ControlRoom::open(setup, &keys(), clock.clone() as Arc<dyn Clock>).unwrap();
    let pathology = FeedName::new("pathology").unwrap();
    receive(&room, &pas(), &admission(1), start()).unwrap();
    receive(&room, &pathology, &admission(2), start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    let silent = || {
        let pack = room.ward_pack(&amu(), clock.now()).unwrap().unwrap();
        pack.silent.into_iter().map(|f| (f.name.to_string(), f.since)).collect::<Vec<_>>()
    };
    assert_eq!(silent(), [], "another hospital's feed is not its own");
    clock.set(start().plus_seconds(800));
    receive(&room, &pas(), &admission(3), clock.now()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(silent(), []);
    let mut follow = room.follow();
    let mut heard = |feed: &FeedName| loop {
        let change = follow.blocking_recv().unwrap();
        if change.silence.contains(feed) {
            return change;
        }
        assert!(change.silence.is_empty(), "{change:?}");
    };
    clock.set(start().plus_seconds(901));
    assert_eq!(silent(), [("pathology".to_owned(), Some(start()))]);
    assert!(heard(&pathology).feeds);
    receive(&room, &pathology, &admission(4), clock.now()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(silent(), []);
    heard(&pathology);
}

#[test]
fn patients_are_found_by_all_they_are_known_by() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    receive(&room, &pas(), &adt("A01", "1", 4711, "O'Brien", "AMU", "3", "20260301080000"), start()).unwrap();
    receive(&room, &pas(), &adt("A01", "2", 4712, "Smith", "SAU", "12", "20260301080000"), start()).unwrap();
    let merge = adt("A40", "3", 4711, "O'Brien", "AMU", "3", "20260301090000");
    let merge = String::from_utf8(merge).unwrap().replace("PV1|1|I", "MRG|4713^^^NGH^MR\rPV1|1|I");
    receive(&room, &pas(), &adt("A28", "4", 4713, "Brannigan", "", "", "20260301080000"), start()).unwrap();
    receive(&room, &pas(), merge.as_bytes(), start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    for (text, mrn, how) in [
        ("obrien", "4711", How::Exact),
        ("OBRIEN ada", "4711", How::Exact),
        ("o'brein", "4711", How::Similar),
        ("smyth", "4712", How::Similar),
        ("4712", "4712", How::Exact),
        ("471 2", "4712", How::Exact),
        ("AMU 3", "4711", How::Exact),
        ("sau bed 12", "4712", How::Exact),
        ("brannigan", "4711", How::Former),
        ("4713", "4711", How::Former),
    ] {
        let found = room.find(text, 10).unwrap();
        let first = found.matches.first().unwrap_or_else(|| panic!("{text}: nobody"));
        assert_eq!((first.patient.mrn.as_deref(), first.how), (Some(mrn), how), "{text}");
    }
    assert_eq!(room.find("14/07/1945", 10).unwrap().matches.len(), 2);
    let survivor = room.find_exact("4711").unwrap().unwrap();
    assert_eq!(room.find_exact(" 4713 ").unwrap(), Some(survivor));
    assert_eq!(room.patients().unwrap().count(), 3);
    assert_eq!(room.totals().patients, 2);
    assert_eq!(room.ward_list(&amu()).unwrap().unwrap().rows[0].patient.as_ref().unwrap().key, survivor);
    let pack = room.ward_pack(&amu(), start()).unwrap().unwrap();
    assert_eq!((pack.patients.len(), pack.trust.as_str()), (1, "Northgate Hospitals"));
}

#[test]
fn an_empty_bed_is_shown_until_it_was_long_not_heard_of() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    receive(&room, &pas(), &admission(1), start()).unwrap();
    receive(&room, &pas(), &admission(2), start()).unwrap();
    receive(&room, &pas(), &adt("A03", "D1", 1, "Adeyemi", "AMU", "1", "20260301100000"), start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    let beds = |room: &ControlRoom| -> Vec<(String, bool)> {
        let rows = room.ward_list(&amu()).unwrap().unwrap().rows;
        rows.into_iter().map(|r| (r.bed, r.patient.is_some())).collect()
    };
    assert_eq!(beds(&room), [("Bed 1".into(), false), ("Bed 2".into(), true)]);
    receive(&room, &pas(), &admission(7), start().plus_seconds(40 * 86_400)).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(beds(&room), [("Bed 2".into(), true), ("Bed 7".into(), true)]);
}

#[test]
fn what_was_not_understood_waits_is_replayed_after_a_fix_and_cleared_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mut wrong = setup(dir.path());
    // The fix to come: the feed was set up for FHIR and sends HL7.
    wrong.feeds[0].format = FeedFormat::Fhir;
    wrong.feeds[0].strict = true;
    let room = ControlRoom::open(wrong, &keys(), clock()).unwrap();
    let mut follow = room.follow();
    let receipt = receive(&room, &pas(), &admission(1), start()).unwrap();
    assert_eq!(receipt.understood, Some(false), "strict feeds are told");
    let junk = receive(&room, &pas(), b"nobody understands this", start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert!(std::iter::from_fn(|| follow.try_recv().ok()).any(|change| change.tray));
    assert_eq!(room.tray_counts().total, 2);
    let tray = |room: &ControlRoom| room.tray(&TrayFilter::default()).unwrap();
    assert!(tray(&room).iter().all(|item| !item.problems.is_empty()));
    let refused = |r: Result<_, Refused>| match r {
        Err(Refused::Refusal(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let clear = |entry, reason: &str| Intent::ClearTray { entry, reason: reason.into() };
    assert_eq!(refused(room.submit(clear(junk.entry, " "), "AB", start())), Refusal::ReasonMissing);
    assert_eq!(refused(room.submit(clear(junk.entry, "x"), " ", start())), Refusal::NobodySigned);
    let nowhere = basics::EntryNumber(99);
    assert_eq!(refused(room.submit(clear(nowhere, "x"), "AB", start())), Refusal::NotInTray(nowhere));
    room.close();
    let room = open(dir.path());
    room.submit(Intent::ReplayAll { feed: None }, "AB", start()).unwrap();
    let left = tray(&room);
    assert_eq!((left.len(), left[0].entry, left[0].replayed), (1, junk.entry, 1));
    assert!(room.find_exact("1").unwrap().is_some(), "the replayed patient is there");
    assert!(room.status().rebuild_advised);
    room.submit(clear(junk.entry, "not a message"), "AB", start()).unwrap();
    let totals = room.totals();
    assert_eq!((totals.received, totals.understood, totals.in_tray, totals.cleared), (2, 1, 0, 1));
    room.submit(Intent::SetMode { mode: Mode::Downtime, reason: "attack".into() }, "CD", start()).unwrap();
    assert_eq!(
        refused(room.submit(Intent::SetMode { mode: Mode::Downtime, reason: String::new() }, "CD", start())),
        Refusal::ModeAlready(Mode::Downtime)
    );
    room.close();
    let room = open(dir.path());
    assert_eq!((room.mode().mode, room.mode().by.as_str()), (Mode::Downtime, "CD"));
}

#[test]
fn places_named_after_those_who_lie_there_are_told_to_them() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let resources = [
        r#"{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","type":{"coding":[{"code":"MR"}]},"value":"7"}],"name":[{"family":"Adeyemi","given":["Ada"]}]}"#,
        r#"{"resourceType":"Encounter","id":"e1","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p1"},"location":[{"location":{"reference":"Location/b1"},"status":"active"}]}"#,
        r#"{"resourceType":"Location","id":"b1","name":"SAU Bed 1","physicalType":{"coding":[{"code":"bd"}]},"partOf":{"reference":"Location/w1"}}"#,
        r#"{"resourceType":"Location","id":"w1","name":"Surgical Assessment","alias":["SAU"],"physicalType":{"coding":[{"code":"wa"}]}}"#,
    ];
    for resource in resources {
        room.receive_batch(&pas(), vec![(resource.as_bytes().to_vec(), start())]).unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
    }
    let wards = room.wards().unwrap();
    assert_eq!(
        wards.len(),
        1,
        "{wards:?} {:?} {:?}",
        room.patients().unwrap().collect::<Vec<_>>(),
        room.preview(Some(&pas()), resources[1].as_bytes(), start())
    );
    assert_eq!(
        (wards[0].key.ward.as_str(), wards[0].name.as_str(), wards[0].patients),
        ("SAU", "Surgical Assessment", 1)
    );
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir.path())), "rebuilt and live differ");
}
