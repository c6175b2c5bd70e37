//! The ten-day feed of a simulated hospital, played through the one door: at the end every ward, bed, allergy and
//! merge is where the truth file says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::*;
use control_room::{ControlRoom, TrayFilter};
use serde_json::Value;
use std::collections::BTreeMap;

/// The differences from the truth file that are right, each explained in `docs/northgate.md`: three newborns of whom
/// no message tells, and a patient in theatre whose bed is kept.
const EXPLAINED: [&str; 4] = [
    "1465582309: not found",
    "1560349933: \"SURG1\" Some(\"Bed 15\"), truth \"\" \"\"",
    "603506328: not found",
    "903586742: not found",
];

#[test]
fn ten_days_end_as_the_truth_says() {
    let Some(data) = shared_data("the ten-day feed") else { return };
    let dir = tempfile::tempdir().unwrap();
    let feed = northgate(&data);
    let room = offline(dir.path());
    let at = start();
    let receipts = room.receive_batch(&pas(), feed.iter().map(|m| (m.clone(), at)).collect()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    let totals = room.totals();
    println!("{totals:?}");
    assert_eq!(totals.received + totals.duplicates, feed.len() as u64);
    assert_eq!(totals.received, totals.understood + totals.in_tray + totals.cleared);
    for (message, receipt) in feed.iter().zip(&receipts) {
        assert_eq!(
            room.entry(receipt.entry).unwrap().unwrap().bytes,
            *message,
            "raw bytes of {}",
            receipt.entry
        );
    }
    let differences = compare(&room, &data);
    assert_eq!(differences, EXPLAINED, "see docs/northgate.md");
    let waits = room.tray(&TrayFilter::default()).unwrap();
    assert!(waits.is_empty() && totals.understood == totals.received, "{waits:#?}");
    // The planted bug: a room that never hears of the last merge.
    let deaf_dir = tempfile::tempdir().unwrap();
    let deaf = offline(deaf_dir.path());
    let last = feed.iter().rposition(|m| m.windows(9).any(|w| w == b"|ADT^A40|")).expect("the feed merges");
    let heard = feed.iter().enumerate().filter(|(i, _)| *i != last).map(|(_, m)| (m.clone(), at)).collect();
    deaf.receive_batch(&pas(), heard).unwrap();
    deaf.catch_up(&mut |_, _| {}).unwrap();
    assert_ne!(compare(&deaf, &data), EXPLAINED, "the planted bug was not caught");
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir.path())), "rebuilt and live differ");
}

fn compare(room: &ControlRoom, data: &std::path::Path) -> Vec<String> {
    let truth = std::fs::read_to_string(data.join("feed/northgate.truth.jsonl")).unwrap();
    let mut on_wards = BTreeMap::new();
    for ward in room.wards().unwrap() {
        for row in room.ward_list(&ward.key).unwrap().unwrap().rows {
            if let Some(patient) = row.patient {
                on_wards.insert(patient.key, (ward.key.ward.to_string(), patient.location.bed.clone()));
            }
        }
    }
    let mut differences = Vec::new();
    let mut merged_wanted = 0;
    let lines: Vec<Value> = truth.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for want in &lines {
        if want.get("merged_into").is_some_and(|v| !v.is_null()) {
            merged_wanted += 1;
            continue;
        }
        let text = |name: &str| want.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        let mrn = text("mrn");
        let Some(key) = room.find_exact(&mrn).unwrap() else {
            differences.push(format!("{mrn}: not found"));
            continue;
        };
        let location = |part: &str| {
            let there = want.get("location").and_then(|l| l.get(part)).and_then(Value::as_str);
            there.unwrap_or("").to_owned()
        };
        let (ward, bed) = on_wards.get(&key).cloned().unwrap_or_default();
        let (ward_wanted, bed_wanted) = (location("ward"), location("bed"));
        if text("class") == "I" && (ward != ward_wanted || bed.clone().unwrap_or_default() != bed_wanted) {
            differences.push(format!("{mrn}: {ward:?} {bed:?}, truth {ward_wanted:?} {bed_wanted:?}"));
        }
        // The survivor is shown with what came under the numbers merged into it.
        let mut wanted: Vec<String> = allergies_of(want);
        for prior in lines.iter().filter(|l| l["merged_into"].as_str() == Some(&mrn)) {
            wanted.append(&mut allergies_of(prior));
        }
        let record = room.patient(key).unwrap().unwrap();
        let mut have: Vec<String> = record.allergies.list.iter().map(|a| a.substance.clone()).collect();
        wanted.sort();
        have.sort();
        wanted.dedup();
        have.dedup();
        if wanted != have {
            differences.push(format!("{mrn}: allergies {have:?}, truth {wanted:?}"));
        }
    }
    let merged = room.patients().unwrap().filter(|r| r.as_ref().unwrap().merged_into.is_some()).count();
    if merged != merged_wanted {
        differences.push(format!("{merged} merged records, truth {merged_wanted}"));
    }
    differences
}

fn allergies_of(truth: &Value) -> Vec<String> {
    let list = truth.get("allergies").and_then(Value::as_array).into_iter().flatten();
    list.map(|a| a["text"].as_str().unwrap().to_owned()).collect()
}
