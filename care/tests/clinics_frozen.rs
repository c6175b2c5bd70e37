//! The clinic book's bytes are frozen: what was written once is read for ever, each fact as it was.

use basics::EntryNumber;
use care::clinics::{ACT, CodecFault, read, write};

/// One act of each fact, as it was first written.
const FROZEN: &str = include_str!("frozen_clinic_acts.jsonl");

#[test]
fn every_fact_that_was_ever_written_is_read_and_written_the_same() {
    let mut kinds = std::collections::BTreeSet::new();
    for (number, line) in (1..).zip(FROZEN.lines()) {
        let mut body = vec![1];
        body.extend_from_slice(line.as_bytes());
        let act =
            read(EntryNumber(number), ACT, &body).unwrap_or_else(|fault| panic!("line {number}: {fault}"));
        assert_eq!(String::from_utf8(write(&act).unwrap()[1..].to_vec()).unwrap(), line, "line {number}");
        for fact in &act.facts {
            let words = format!("{fact:?}");
            kinds.insert(words.split([' ', '{']).next().unwrap_or_default().to_owned());
        }
    }
    let named: Vec<&str> = kinds.iter().map(String::as_str).collect();
    // A new fact gets a line in the file; this list says that none was left out.
    assert_eq!(
        named,
        [
            "Decisions(Asked",
            "Decisions(AskedInVain",
            "Decisions(Decided",
            "Decisions(Escalated",
            "Decisions(Undone",
            "Door(Arrived",
            "Door(ArrivedUnlisted",
            "Rebooking(Rebooked",
            "Rebooking(RebookingUndone",
            "Rebooking(RoomEntered",
            "Rebooking(RoomWithdrawn",
            "Telling(Became",
            "Telling(Preferred",
            "Telling(Queued",
            "Telling(Spoken",
            "Telling(Withdrawn",
        ]
    );
}

#[test]
fn half_an_act_is_a_fault_that_names_the_entry() {
    for (kind, body) in [
        (ACT, &b"\x01{}"[..]),
        (ACT, b"\x02{}"),
        (7, b"\x01{}"),
        (ACT, b""),
        (ACT, b"\x01{\"by\":\"A\",\"practice\":null,\"facts\":[]}"),
    ] {
        let CodecFault::Unknown(entry, _) = read(EntryNumber(9), kind, body).unwrap_err() else { panic!() };
        assert_eq!(entry, EntryNumber(9));
    }
}
