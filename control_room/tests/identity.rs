//! Whose record it is: an allergy that comes before its patient is shown with the patient, and numbers that contradict
//! each other are laid before a person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::FeedName;
use common::*;
use control_room::{ControlRoom, Intent, Planted, Refusal, Refused, TrayFilter};
use std::path::Path;

const NHS: &str = "9990000018";

fn fhir() -> FeedName {
    FeedName::new("epr").unwrap()
}

/// The patient as the hospital's own system tells it: by hospital number and NHS number, in a bed.
fn known() -> Vec<u8> {
    let message = adt("A01", "K1", 7, "Adeyemi", "AMU", "3", "20260301080000");
    let text = String::from_utf8(message).unwrap();
    text.replace("7^^^NGH^MR||", &format!("7^^^NGH^MR~{NHS}^^^NHS^NH||")).into_bytes()
}

fn allergy(id: &str, substance: &str, standing: &str) -> Vec<u8> {
    format!(
        r#"{{"resourceType":"AllergyIntolerance","id":"{id}","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"verificationStatus":{{"coding":[{{"code":"{standing}"}}]}},"code":{{"text":"{substance}"}},"patient":{{"reference":"Patient/p1"}}}}"#
    )
    .into_bytes()
}

fn patient() -> Vec<u8> {
    format!(
        r#"{{"resourceType":"Patient","id":"p1","identifier":[{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"{NHS}"}}],"name":[{{"family":"Adeyemi","given":["Ada"]}}]}}"#
    )
    .into_bytes()
}

/// Plays messages into a room, one batch of the follower each, and gives what is wrong with the allergies that a
/// nurse sees at the bed.
fn play(room: &ControlRoom, messages: &[(FeedName, Vec<u8>)], want: &[&str]) -> Vec<String> {
    for (feed, message) in messages {
        room.receive_batch(feed, vec![(message.clone(), start())]).unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
    }
    let mut wrong = Vec::new();
    let key = room.find_exact(NHS).unwrap().expect("known by NHS number");
    let record = room.patient(key).unwrap().unwrap();
    let mut have: Vec<&str> = record.allergies.list.iter().map(|a| a.substance.as_str()).collect();
    have.sort_unstable();
    if have != want {
        wrong.push(format!("allergies shown {have:?}, told {want:?}"));
    }
    if record.current_encounter().is_none() {
        wrong.push("the patient is in no bed".into());
    }
    if room.totals().patients != 1 {
        wrong.push(format!("{} patients for one person", room.totals().patients));
    }
    if room.tray_counts().total != 0 {
        wrong.push(format!("{:?}", room.tray(&TrayFilter::default()).unwrap()));
    }
    wrong
}

fn rebuilt_equals_live(room: ControlRoom, dir: &Path) {
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir)), "rebuilt and live differ");
}

#[test]
fn an_allergy_that_came_before_its_patient_is_shown_at_the_bed() {
    let (penicillin, latex) = (
        || (fhir(), allergy("a1", "Penicillin", "confirmed")),
        || (fhir(), allergy("a2", "Latex", "confirmed")),
    );
    let (hl7, resource) = (|| (pas(), known()), || (fhir(), patient()));
    let withdrawn = || (fhir(), allergy("a1", "Penicillin", "entered-in-error"));
    let orders = [
        (vec![hl7(), penicillin(), resource()], vec!["Penicillin"]),
        (vec![penicillin(), hl7(), resource()], vec!["Penicillin"]),
        (vec![penicillin(), resource(), hl7()], vec!["Penicillin"]),
        (vec![hl7(), penicillin(), resource(), latex()], vec!["Latex", "Penicillin"]),
        (vec![penicillin(), hl7(), resource(), latex()], vec!["Latex", "Penicillin"]),
        (vec![hl7(), penicillin(), resource(), latex(), withdrawn()], vec!["Latex"]),
        (vec![penicillin(), hl7(), resource(), resource(), latex(), withdrawn()], vec!["Latex"]),
    ];
    for (i, (messages, want)) in orders.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let room = offline(dir.path());
        let wrong = play(&room, messages, want);
        assert!(wrong.is_empty(), "order {i}: {wrong:#?}");
        rebuilt_equals_live(room, dir.path());
    }
    // The planted bug: the nameless record is left to itself.
    let dir = tempfile::tempdir().unwrap();
    let blind =
        ControlRoom::open_planted(setup(dir.path()), &keys(), clock(), Planted::NamelessStayApart).unwrap();
    let wrong = play(&blind, &orders[0].0, &orders[0].1);
    assert!(wrong.iter().any(|w| w.starts_with("allergies")), "the planted bug was not caught: {wrong:#?}");
}

#[test]
fn a_record_that_is_somebody_is_never_joined_by_a_key_alone() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let named = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Okafor","given":["Ben"]}]}"#;
    for (feed, message) in [(pas(), known()), (fhir(), named.into()), (fhir(), patient())] {
        room.receive_batch(&feed, vec![(message, start())]).unwrap();
    }
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(room.totals().patients, 2);
    let tray = room.tray(&TrayFilter::default()).unwrap();
    assert_eq!(tray.len(), 1);
    assert!(tray[0].problems.iter().any(|p| p.text.ends_with("Check who this is.")), "{tray:?}");
    rebuilt_equals_live(room, dir.path());
}

/// Two people's numbers in one message. Gives the room and the entry that contradicts the others.
fn contradiction(room: &ControlRoom) -> basics::EntryNumber {
    let other = adt("A01", "K2", 8, "Okafor", "AMU", "4", "20260301081000");
    let mixed = String::from_utf8(adt("A08", "K3", 8, "Okafor", "AMU", "4", "20260301082000")).unwrap();
    let mixed = mixed.replace("8^^^NGH^MR||", &format!("8^^^NGH^MR~{NHS}^^^NHS^NH||"));
    let batch = [known(), other, mixed.into_bytes()].map(|m| (m, start())).to_vec();
    let receipts = room.receive_batch(&pas(), batch).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    receipts[2].entry
}

/// What is wrong with how a contradiction is shown, before and after somebody has it read again.
fn contradiction_shown(room: &ControlRoom) -> Vec<String> {
    let entry = contradiction(room);
    let mut wrong = Vec::new();
    let mut look = |when: &str| {
        let tray = room.tray(&TrayFilter::default()).unwrap();
        let said = "The hospital number and the NHS number belong to different records; filed under the hospital number. Check who this is.";
        if !tray.iter().any(|t| t.entry == entry && t.problems.iter().any(|p| p.text == said)) {
            wrong.push(format!("{when}: not in the tray: {tray:?}"));
        }
        let totals = room.totals();
        if totals.received != totals.understood + totals.in_tray + totals.cleared {
            wrong.push(format!("{when}: {totals:?}"));
        }
    };
    look("received");
    room.submit(Intent::ReplayAll { feed: None }, "AB", start()).unwrap();
    look("read again");
    wrong
}

#[test]
fn numbers_of_two_people_wait_for_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let wrong = contradiction_shown(&room);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let entry = room.tray(&TrayFilter::default()).unwrap()[0].entry;
    assert_eq!(room.totals().patients, 2, "nobody is joined");
    let key = room.find_exact(NHS).unwrap().unwrap();
    assert_eq!(room.patient(key).unwrap().unwrap().name.as_ref().unwrap().family, "Adeyemi");
    let unsaid = room.submit(Intent::ClearTray { entry, reason: " ".into() }, "AB", start());
    assert!(matches!(unsaid, Err(Refused::Refusal(Refusal::ReasonMissing))), "{unsaid:?}");
    let reason = "Rang the ward: the NHS number was mistyped".to_owned();
    room.submit(Intent::ClearTray { entry, reason }, "AB", start()).unwrap();
    let totals = room.totals();
    assert_eq!((totals.received, totals.understood, totals.in_tray, totals.cleared), (3, 2, 0, 1));
    rebuilt_equals_live(room, dir.path());
    // The planted bug: reading it again takes it out of the tray with nobody having looked.
    let dir = tempfile::tempdir().unwrap();
    let blind =
        ControlRoom::open_planted(setup(dir.path()), &keys(), clock(), Planted::ReplayForgets).unwrap();
    assert!(!contradiction_shown(&blind).is_empty(), "the planted bug was not caught");
}

#[test]
fn a_merge_told_later_ends_the_contradiction() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    contradiction(&room);
    let merge = String::from_utf8(adt("A40", "K4", 7, "Adeyemi", "AMU", "3", "20260301083000")).unwrap();
    let merge = merge.replace("PV1|1|I", "MRG|8^^^NGH^MR\rPV1|1|I").into_bytes();
    room.receive_batch(&pas(), vec![(merge, start())]).unwrap();
    room.submit(Intent::ReplayAll { feed: None }, "AB", start()).unwrap();
    let totals = room.totals();
    assert_eq!(
        (totals.understood, totals.in_tray, totals.patients),
        (4, 0, 1),
        "{:?}",
        room.tray(&TrayFilter::default())
    );
    rebuilt_equals_live(room, dir.path());
}

#[test]
fn a_second_hospital_number_under_a_known_nhs_number_is_kept_apart_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let second = String::from_utf8(known()).unwrap().replace("7^^^NGH", "9^^^NGH").replace("K1", "K5");
    let batch = vec![(known(), start()), (second.into_bytes(), start())];
    room.receive_batch(&pas(), batch).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!((room.totals().patients, room.tray_counts().total), (2, 1));
    rebuilt_equals_live(room, dir.path());
}
