//! Lists of bookings through the room's door: taken by every feed, and read by the columns that a person confirmed, from
//! that decision on, after a restart and after a rebuild.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::FeedName;
use common::*;
use control_room::{
    COLUMN_MAPS_MAX, Column, ColumnMap, ControlRoom, FeedFormat, Intent, LISTS_FEED, MappedColumn, Refusal,
    Refused, TrayFilter,
};

const LIST: &str = "Booking ID,MRN,Surname,Date,Time,Clinic\r\nT1,7,Example,12/03/2026,08:30,Eye\r\n";

fn counts(room: &ControlRoom) -> (u64, u64, u64) {
    room.catch_up(&mut |_, _| {}).unwrap();
    let totals = room.totals();
    (totals.received, totals.understood, totals.in_tray)
}

#[test]
fn a_list_is_taken_by_a_feed_whose_messages_are_of_one_format_alone() {
    for format in [FeedFormat::Hl7, FeedFormat::Fhir, FeedFormat::Either] {
        let dir = tempfile::tempdir().unwrap();
        let mut setup = setup(dir.path());
        setup.feeds[0].format = format;
        let room = ControlRoom::open(setup, &keys(), clock()).unwrap();
        receive(&room, &pas(), LIST.as_bytes(), start()).unwrap();
        assert_eq!(counts(&room), (1, 1, 0), "{format:?}");
        let key = room.find_exact("7").unwrap().unwrap();
        assert_eq!(room.patient(key).unwrap().unwrap().appointments[0].id, "T1");
        // Anything else of another format still waits.
        let other = if format == FeedFormat::Fhir { "MSH|^~\\&|A\rPID|1\r" } else { "{\"a\":1}" };
        receive(&room, &pas(), other.as_bytes(), start()).unwrap();
        assert_eq!(counts(&room), (2, 1, 1), "{format:?}");
    }
}

/// A list whose headings nobody recognises, with one row.
fn strange(n: u64) -> Vec<u8> {
    format!("Ref.;Pt;Who;On;At;Room;Colour\r\nT{n};{n};Example;12/03/2026;08:30;Eye;blue\r\n").into_bytes()
}

/// What a person says of it.
fn said(room: &ControlRoom) -> ColumnMap {
    let proposal = room.propose_columns(&pas(), &strange(1)).unwrap();
    assert_eq!(proposal.samples[6], ["blue"]);
    let mut map = proposal.map;
    for (index, holds) in [
        (0, Some(Column::Booking)),
        (1, Some(Column::HospitalNumber)),
        (2, Some(Column::Family)),
        (3, Some(Column::Date)),
        (4, Some(Column::Time)),
        (5, Some(Column::Clinic)),
        (6, None),
    ] {
        assert!(map.hold(index, holds));
    }
    map
}

fn confirm(room: &ControlRoom, map: &ColumnMap) -> Result<(), Refused> {
    room.submit(Intent::ConfirmColumns { feed: pas(), map: map.clone() }, "AB", start()).map(drop)
}

#[test]
fn a_list_that_nobody_recognises_waits_until_its_columns_are_confirmed() {
    let dir = tempfile::tempdir().unwrap();
    let mut room = open(dir.path());
    receive(&room, &pas(), &strange(1), start()).unwrap();
    assert_eq!(counts(&room), (1, 0, 1));
    let waiting = room.tray(&TrayFilter::default()).unwrap().remove(0);
    let why = &waiting.problems[0].text;
    assert!(
        why.contains("no column is taken for: appointment id, start") && why.contains("Confirm"),
        "{why}"
    );
    assert!(!why.contains("Example"), "{why}");
    let map = said(&room);
    confirm(&room, &map).unwrap();
    assert_eq!(room.column_maps(&pas()), std::slice::from_ref(&map));
    // What came before waits until it is read again; what comes after is read at once.
    receive(&room, &pas(), &strange(2), start()).unwrap();
    assert_eq!(counts(&room), (2, 1, 1));
    room.submit(Intent::ReplayAll { feed: Some(pas()) }, "AB", start()).unwrap();
    assert_eq!(counts(&room), (2, 2, 0));
    room.close();
    room = open(dir.path());
    assert_eq!(room.column_maps(&pas()), std::slice::from_ref(&map), "after a restart");
    receive(&room, &pas(), &strange(3), start()).unwrap();
    // The same headings in another order are another list.
    let other = b"Pt;Ref.;Who;On;At;Room;Colour\r\n4;T4;Example;12/03/2026;08:30;Eye;blue\r\n";
    receive(&room, &pas(), other, start()).unwrap();
    assert_eq!(counts(&room), (4, 3, 1));
    for n in 1..=3 {
        let key = room.find_exact(&n.to_string()).unwrap().unwrap();
        let record = room.patient(key).unwrap().unwrap();
        assert_eq!(
            (record.appointments[0].id.as_str(), record.appointments[0].clinic.as_str()),
            (&*format!("T{n}"), "Eye")
        );
    }
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    let rebuilt = offline(dir.path());
    assert_same(&live, &dump(&rebuilt), "rebuilt and live differ");
    assert_eq!(rebuilt.column_maps(&pas()), [map], "after a rebuild");
}

#[test]
fn a_later_map_of_the_same_headings_takes_the_place_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let first = said(&room);
    let mut again = first.clone();
    // What stands under "Who" is the clinic's doctor.
    again.hold(2, Some(Column::Clinician));
    let column = |heading: &str, holds| MappedColumn { heading: heading.to_owned(), holds: Some(holds) };
    let other = ColumnMap {
        columns: vec![
            column("A", Column::Booking),
            column("B", Column::NhsNumber),
            column("C", Column::Start),
            column("D", Column::Clinic),
        ],
    };
    for map in [&first, &other, &again] {
        confirm(&room, map).unwrap();
    }
    assert_eq!(room.column_maps(&pas()), [other, again]);
    receive(&room, &pas(), &strange(1), start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    let key = room.find_exact("1").unwrap().unwrap();
    let record = room.patient(key).unwrap().unwrap();
    assert_eq!((record.appointments[0].clinician.as_str(), &record.name), ("Example", &None));
}

#[test]
fn a_map_that_cannot_be_used_is_refused_with_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let refused = |intent: Intent| match room.submit(intent, "AB", start()) {
        Err(Refused::Refusal(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    };
    let map = said(&room);
    let with = |change: &dyn Fn(&mut ColumnMap)| {
        let mut map = map.clone();
        change(&mut map);
        refused(Intent::ConfirmColumns { feed: pas(), map })
    };
    assert_eq!(
        with(&|map| map.columns[3].holds = None),
        "no column is taken for start; a list of bookings needs it"
    );
    assert_eq!(
        with(&|map| map.columns[6].holds = Some(Column::Clinic)),
        "two columns are taken for clinic; choose one"
    );
    assert_eq!(with(&|map| map.columns = vec![map.columns[0].clone(); 121]), "a list may have 120 columns");
    let feed = FeedName::new("nobody").unwrap();
    assert_eq!(
        refused(Intent::ConfirmColumns { feed: feed.clone(), map: map.clone() }),
        Refusal::NoSuchFeed(feed).to_string()
    );
    for n in 0..COLUMN_MAPS_MAX {
        let mut map = map.clone();
        map.columns[6].heading = format!("Colour {n}");
        confirm(&room, &map).unwrap();
    }
    assert!(with(&|_| {}).starts_with("a feed may have 50 sorts of lists"));
    assert_eq!(room.column_maps(&pas()).len(), COLUMN_MAPS_MAX);
}

#[test]
fn a_list_is_looked_at_by_the_map_on_the_table_and_kept_row_by_row() {
    let dir = tempfile::tempdir().unwrap();
    let room = open(dir.path());
    let bookings = FeedName::new(LISTS_FEED).unwrap();
    let list = "Ref.;Pt;Who;On;At;Room;Colour\r\nT1;1;Example;12/03/2026;08:30;Eye;blue\r\n\
                T2;2;Sample;31/02/2026;08:40;Eye;red\r\nT3;;Tester;12/03/2026;08:50;Eye;red\r\n";
    let mut map = said(&room);
    let checked = room.check_list(&bookings, list.as_bytes(), &map, start()).unwrap();
    let lines: Vec<usize> = checked.refused.iter().map(|row| row.line).collect();
    assert_eq!((checked.rows, checked.listed, lines), (3, 1, vec![3, 4]));
    assert_eq!(room.totals().received, 0, "looking keeps nothing");
    // Another map on the table, another outcome.
    map.hold(1, Some(Column::Note));
    assert_eq!(room.check_list(&bookings, list.as_bytes(), &map, start()).unwrap().listed, 0);
    // The feed of lists may be confirmed before the first of them came.
    map.hold(1, Some(Column::HospitalNumber));
    room.submit(Intent::ConfirmColumns { feed: bookings.clone(), map }, "AB", start()).unwrap();
    let receipt = room.receive_list(&bookings, list.as_bytes(), start()).unwrap();
    assert_eq!((receipt.rows, receipt.duplicates, receipt.too_long), (3, 0, 0));
    let totals = room.totals();
    assert_eq!((totals.received, totals.understood, totals.in_tray), (3, 1, 2));
    // Once more, as after a page that was sent twice: each row is known.
    assert_eq!(room.receive_list(&bookings, list.as_bytes(), start()).unwrap().duplicates, 3);
    assert_eq!(room.totals().received, 3);
    let refused = room.receive_list(&bookings, b"a,\"b\n1,2", start()).unwrap_err().to_string();
    assert!(refused.contains("quotation mark"), "{refused}");
}
