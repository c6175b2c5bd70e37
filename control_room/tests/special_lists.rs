//! Special lists behind the real door: kept from feed and list, through restarts, rebuilds, merges and deaths; made again when the
//! hospital edits their words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use care::special_lists::Due;
use common::*;
use control_room::ControlRoom;

fn siu(trigger: &str, id: &str, mrn: &str, reason: &str, day: &str) -> String {
    format!(
        "MSH|^~\\&|CLINICS|NG|LB|LB|202602280900||SIU^{trigger}|{id}{trigger}|P|2.5\r\
         SCH|{id}|{id}||||{trigger}|{reason}||20|min|^^^{day}0900\r\
         PID|1||{mrn}^^^NG^MR||EXAMPLE^Sam||19600101|F\r\
         RGS|1\rAIS|1||^Renal|{day}0900\rAIL|1||Renal^^^Northgate General\r"
    )
}

fn hears(room: &ControlRoom, messages: &[String]) {
    for message in messages {
        receive(room, &pas(), message.as_bytes(), start()).unwrap();
    }
    room.catch_up(&mut |_, _| {}).unwrap();
}

/// Who is on a list: hospital number and when they are next due.
fn on(room: &ControlRoom, list: &str) -> Vec<(String, Due)> {
    let (board, rows) = room.special_list(list, start()).unwrap().unwrap();
    assert_eq!(board.people, rows.len(), "{list}");
    rows.iter().map(|row| (row.record.mrns().next().unwrap_or("").to_owned(), row.due)).collect()
}

#[test]
fn whoever_is_on_a_list_stays_on_it_through_restarts_merges_and_cancellations() {
    let dir = tempfile::tempdir().unwrap();
    let mut room = offline(dir.path());
    let weekly = "Special list,MRN,Next due\r\nDialysis,7,03/03/2026\r\n".to_owned();
    hears(
        &room,
        &[
            siu("S12", "B1", "1", "Haemodialysis", "20260304"),
            siu("S12", "B2", "2", "Haemodialysis", "20260302"),
            siu("S12", "B3", "3", "Transplant review", "20260302"),
            weekly,
        ],
    );
    let numbers = |room: &ControlRoom| on(room, "Dialysis").into_iter().map(|(n, _)| n).collect::<Vec<_>>();
    assert_eq!(numbers(&room), ["2", "7", "1"], "in the order of when they are due");
    room.close();
    room = offline(dir.path());
    assert_eq!(numbers(&room), ["2", "7", "1"], "after a restart");
    // 2 is merged into 7: one person, with both reasons, due at the earlier of the two.
    hears(
        &room,
        &["MSH|^~\\&|PAS|NG|LB|LB|202603010900||ADT^A40^ADT_A39|M1|P|2.5\rEVN|A40|202603010900\r\
         PID|1||7^^^^MR||EXAMPLE^Sam||19600101|F\rMRG|2^^^NG^MR\r"
            .to_owned()],
    );
    assert_eq!(on(&room, "Dialysis").len(), 2);
    let (_, rows) = room.special_list("Dialysis", start()).unwrap().unwrap();
    let both = &rows[0].on;
    assert!(both.listed_at.is_some() && both.bookings.len() == 1, "{both:?}");
    // A cancelled booking does not count; whoever the service named stays.
    hears(&room, &[siu("S15", "B1", "1", "Haemodialysis", "20260304")]);
    assert_eq!(on(&room, "Dialysis").len(), 1);
    // The dead are left out.
    hears(
        &room,
        &["MSH|^~\\&|PAS|NG|LB|LB|202603010930||ADT^A08|D1|P|2.5\rEVN|A08|202603010930\r\
         PID|1||7^^^^MR||EXAMPLE^Sam||19600101|F|||||||||||||||||||||202603010800|Y\r"
            .to_owned()],
    );
    assert!(on(&room, "Dialysis").is_empty());
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir.path())), "rebuilt and live differ");
}

#[test]
fn words_that_the_hospital_edits_count_for_what_came_before() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    hears(&room, &[siu("S12", "B1", "1", "Home oxygen review", "20260304")]);
    assert!(room.special_list("Home oxygen", start()).unwrap().is_none());
    room.close();
    let own = dir.path().join("forms/special_lists");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("own.txt"), "LIST Home oxygen\nbookings: oxygen\ncounts for: 30\n").unwrap();
    let room = offline(dir.path());
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(on(&room, "Home oxygen").len(), 1, "found in what was kept before the words were written");
    assert!(room.special_list("Dialysis", start()).unwrap().is_none(), "the hospital's own set alone");
    room.close();
    // A fault in the file: the shipped lists stand in, and the fault is told.
    std::fs::write(own.join("own.txt"), "LIST Home oxygen\n").unwrap();
    let room = offline(dir.path());
    let faults = &room.clinics().forms.faults;
    assert!(
        faults.iter().any(|f| f.contains("special lists are used") && f.contains("own.txt, line 1")),
        "{faults:?}"
    );
    assert!(room.special_list("Dialysis", start()).unwrap().is_some());
}
