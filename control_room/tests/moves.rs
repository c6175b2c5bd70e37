//! Merges, moved numbers and visits, and numbers that contradict each other, as feeds nobody has seen may tell them:
//! short tables of messages, and who lies where at the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::FeedName;
use care::{EncounterStatus, PatientRecord};
use common::*;
use control_room::{ControlRoom, TrayFilter};

const NHS: [&str; 3] = ["9990000018", "9990000026", "9990000034"];

/// "time trigger hospital-numbers nhs|- visit|- place|- extra-segment…": the first number of several is the patient's.
fn message(line: &str) -> Vec<u8> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let part = |n: usize| parts.get(n).copied().filter(|p| *p != "-").unwrap_or_default();
    let at = format!("2026030110{:0>2}00", part(0));
    let number = |n: &str| if n.contains('^') { n.to_owned() } else { format!("{n}^^^NGH^MR") };
    let mut numbers: Vec<String> = part(2).split('~').map(number).collect();
    if let Some(nhs) = part(3).parse::<usize>().ok().and_then(|n| NHS.get(n)) {
        numbers.push(format!("{nhs}^^^NHS^NH"));
    }
    let place = part(5).replace('_', "^^");
    let extra: String = parts.iter().skip(6).map(|s| format!("{}\r", s.replace('_', " "))).collect();
    let stay = if part(4).is_empty() && place.is_empty() {
        String::new()
    } else {
        format!("PV1|1|I|{place}||||||||||||||||{}\r", part(4))
    };
    format!(
        "MSH|^~\\&|PAS|NGH|LB|T|{at}||ADT^{}|{line}|P|2.4\rEVN||{at}\rPID|1||{}||Test^Anna||19800102|F\r{extra}{stay}",
        part(1),
        numbers.join("~"),
    )
    .into_bytes()
}

fn play(room: &ControlRoom, lines: &[&str]) {
    for line in lines {
        room.receive_batch(&pas(), vec![(message(line), start())]).unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
    }
}

/// "number: place" of every record as kept, "number>number" where it was merged; "+" before the numbers it took on.
fn kept(room: &ControlRoom) -> Vec<String> {
    let name = |record: &PatientRecord| record.mrns().collect::<Vec<_>>().join("+");
    let mut all: Vec<String> = room
        .patients()
        .unwrap()
        .map(|record| {
            let record = room.patient_raw(record.unwrap().key).unwrap().unwrap();
            if let Some(into) = record.merged_into.and_then(|key| room.patient_raw(key).unwrap()) {
                return format!("{}>{}", name(&record), name(&into));
            }
            let stay = record.current_encounter();
            let place = stay.and_then(|e| e.location.as_ref()).map_or("-", |l| l.sent.as_str());
            let leave = stay.is_some_and(|e| e.status == EncounterStatus::OnLeave);
            format!("{}: {}{}", name(&record), place.replace("^^", " "), if leave { " on leave" } else { "" })
        })
        .collect();
    all.sort();
    all
}

fn check(lines: &[&str], want: &[&str], in_tray: u64) {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    play(&room, lines);
    let tray = room.tray(&TrayFilter::default()).unwrap();
    assert_eq!(
        (kept(&room), tray.len() as u64),
        (want.iter().map(|w| (*w).to_owned()).collect(), in_tray),
        "{lines:#?}\n{tray:#?}"
    );
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir.path())), "rebuilt and live differ");
}

#[test]
fn a_merge_names_people_whatever_numbers_it_repeats() {
    // The survivor bears the NHS number of the record merged away.
    check(&["1 A01 M1 0 V1 AMU_1", "2 A40 M2 0 - - MRG|M1^^^NGH^MR"], &["M1>M2", "M2: -"], 0);
    check(
        &["1 A01 M1 0 V1 AMU_1", "2 A01 M2 - V2 AMU_2", "3 A40 M2 0 - - MRG|M1^^^NGH^MR"],
        &["M1>M2", "M2: AMU 2"],
        0,
    );
    // Two records merged away at once; one of them nobody has heard of.
    check(
        &["1 A01 M1 0 V1 AMU_1", "2 A40 M3 2 - - MRG|M1^^^NGH^MR~M2^^^NGH^MR", "3 A08 M2 - V2 AMU_2"],
        &["M1>M3", "M2>M3", "M3: -"],
        0,
    );
    // The number merged away is repeated among the survivor's own.
    check(
        &["1 A01 M1 0 V1 AMU_1", "2 A01 M2 1 V2 AMU_2", "3 A40 M2~M1 1 - - MRG|M1^^^NGH^MR"],
        &["M1>M2", "M2: AMU 2"],
        0,
    );
    // A new number for a record whose NHS number comes along.
    check(&["1 A01 M1 0 V1 AMU_1", "2 A47 M9 0 - - MRG|M1^^^NGH^MR"], &["M9+M1: AMU 1"], 0);
}

#[test]
fn a_survivor_goes_on_with_the_visit_as_it_was() {
    let leave = ["1 A01 M1 0 V1 AMU_1", "2 A21 M1 0 V1 -", "3 A40 M2 1 - - MRG|M1^^^NGH^MR"];
    check(&[&leave[..], &["4 A08 M2 1 V1 AMU_1"]].concat(), &["M1>M2", "M2: AMU 1 on leave"], 0);
    check(&[&leave[..], &["4 A22 M2 1 V1 AMU_3"]].concat(), &["M1>M2", "M2: AMU 3"], 0);
    // The undoing of the merge gives the visit back, with what was told of it meanwhile.
    let undone = ["4 A02 M2 1 V1 CARD_7", "5 A37 M2 1 - - PID|2||M1^^^NGH^MR||Test^Anna"];
    check(&[&leave[..], &undone].concat(), &["M1: CARD 7 on leave", "M2: -"], 0);
}

#[test]
fn visits_and_numbers_move_to_whom_they_belong() {
    let both = ["1 A01 M1 0 V1 AMU_1", "2 A28 M2 1 - -"];
    check(&[&both[..], &["3 A45 M2 1 - - MRG|M1^^^NGH^MR||||V1"]].concat(), &["M1: -", "M2: AMU 1"], 0);
    check(&[&both[..], &["3 A44 M2 1 - - MRG|M1^^^NGH^MR||||V1"]].concat(), &["M1: -", "M2: AMU 1"], 0);
    // An account is not kept here: a person has to look.
    check(&[&both[..], &["3 A44 M2 1 - - MRG|M1^^^NGH^MR||ACC"]].concat(), &["M1: AMU 1", "M2: -"], 1);
    // A record with no other number moves as a whole; of another only what comes from now on.
    check(&["1 A01 M1 - V1 AMU_1", "2 A43 M2 1 - - MRG|M1^^^NGH^MR"], &["M1>M2", "M2: -"], 0);
    check(
        &[&both[..], &["3 A43 M2 1 - - MRG|M1^^^NGH^MR", "4 A01 M1 - V5 CARD_2"]].concat(),
        &[": AMU 1", "M1+M2: CARD 2"],
        1,
    );
    check(&[both[0], "3 A50 M1 0 V2 - MRG|M1^^^NGH^MR||||V1", "4 A03 M1 0 V2 -"], &["M1: -"], 0);
}

#[test]
fn a_contradiction_is_told_once_and_shown_on_the_record() {
    let people = ["1 A01 M1 0 V1 AMU_1", "2 A01 M2 1 V2 AMU_2"];
    let mixed = ["3 A08 M1 1 V1 AMU_3", "4 A08 M1 1 V1 AMU_4", "5 A08 M1 1 V1 AMU_5"];
    check(&[&people[..], &mixed].concat(), &["M1: AMU 5", "M2: AMU 2"], 1);
    let two = ["3 A08 M1~M2 - V1 AMU_3", "4 A08 M1~M2 - V1 AMU_4"];
    check(&[&people[..], &two].concat(), &["M1: AMU 4", "M2: AMU 2"], 1);
    // Registered twice under one NHS number: told when it happens, not with every message after.
    let twice = ["1 A01 M1 0 V1 AMU_1", "2 A01 M2 0 V2 AMU_2", "3 A08 M2 0 V2 AMU_3", "4 A08 M2 0 V2 AMU_4"];
    check(&twice, &["M1: AMU 1", "M2: AMU 4"], 1);
    // A number without its assigner (cut short, or anybody's) joins nobody to a record with another hospital number.
    let cut = ["1 A01 M1~99^^^X 0 V1 AMU_1", "2 A01 M2~99^^^X 1 V2 AMU_2", "3 A08 M2~99^^^X 1 V2 AMU_3"];
    check(&cut, &["M1+99: AMU 1", "M2+99: AMU 3"], 1);
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    play(&room, &[&people[..], &mixed[..1]].concat());
    let record = room.patients().unwrap().map(Result::unwrap).find(|r| r.mrns().any(|m| m == "M1")).unwrap();
    assert_eq!(record.nhs_number().unwrap().digits(), NHS[0]);
    let beside = record.identifiers.iter().find(|i| i.value == NHS[1]).unwrap();
    assert_eq!((beside.matches_records(), beside.assigner.as_str()), (false, "NHS number of another record"));
}

#[test]
fn results_that_come_one_a_line_stand_in_their_report() {
    let observation = |id: &str, code: &str, figure: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}],"text":"{id}"}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"2026-03-01T10:00:00Z","valueQuantity":{{"value":{figure},"unit":"g/L"}}}}"#
        )
    };
    let report = r#"{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"Full blood count"},"subject":{"reference":"Patient/p"},"result":[{"reference":"Observation/a"},{"reference":"Observation/b"}]}"#;
    let patient = format!(
        r#"{{"resourceType":"Patient","id":"p","identifier":[{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"{}"}}],"name":[{{"family":"Grey"}}]}}"#,
        NHS[0]
    );
    let (a, b, corrected) = (
        observation("a", "718-7", "120"),
        observation("b", "777-3", "310"),
        observation("a", "718-7", "121"),
    );
    let orders: [[&str; 5]; 3] = [
        [&patient, report, &a, &b, &corrected],
        [&patient, &a, &b, report, &corrected],
        [&patient, &b, report, &a, &corrected],
    ];
    for order in orders {
        let dir = tempfile::tempdir().unwrap();
        let room = offline(dir.path());
        let feed = FeedName::new("epr").unwrap();
        for resource in order {
            room.receive_batch(&feed, vec![(resource.as_bytes().to_vec(), start())]).unwrap();
            room.catch_up(&mut |_, _| {}).unwrap();
        }
        let key = room.find_exact(NHS[0]).unwrap().unwrap();
        let record = room.patient(key).unwrap().unwrap();
        let shown: Vec<String> =
            record.reports[0].results.iter().map(|r| r.value.as_ref().unwrap().shown()).collect();
        assert_eq!(
            (shown.as_slice(), record.observations.len()),
            (&["121 g/L".into(), "310 g/L".into()][..], 0)
        );
    }
}
