//! A hospital's FHIR export, one resource a line, played against its census: every inpatient in the right bed, with
//! the right name, allergies and number of active medicines, in whatever order the files come.
//!
//! The only oddity of the data: "no known allergies" comes with the clinical status "resolved", and so it stands in
//! the census; it must be neither printed as an allergy nor lost. A planted bug (statements of no allergy dropped as
//! resolved) must be found out by the same checker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{AllergyKnowledge, MedicationStatus, PatientRecord, What};
use common::{Index, bytes, received, shared};
use serde::Deserialize;
use std::path::Path;
use translate::{FeedRules, Outcome, fhir};

#[derive(Deserialize)]
struct Census {
    census: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    ward: String,
    bed: String,
    patient: String,
    mrn: String,
    name: Name,
    birth_date: String,
    gender: String,
    encounter: String,
    allergies: Vec<String>,
    #[serde(rename = "active_medication_requests")]
    active_medicines: usize,
}

#[derive(Deserialize)]
struct Name {
    family: String,
    given: Vec<String>,
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.to_string_lossy().contains(".ndjson"))
        .collect();
    files.sort();
    files
}

/// Plays the files as the control room does: places are learned as they come.
fn play(files: &[std::path::PathBuf], rules: &mut FeedRules, drop_none_known: bool) -> (Index, usize) {
    let mut index = Index::default();
    let mut entry = 0;
    for file in files {
        for line in bytes(file).split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            entry += 1;
            let mut translation = fhir(line, &received(entry), rules);
            assert_eq!(translation.outcome(), Outcome::Understood, "{file:?} {:?}", translation.problems);
            if drop_none_known {
                translation.facts.retain(|f| !matches!(&f.what, What::Allergy(a) if a.says_none_known()));
            }
            for place in std::mem::take(&mut translation.places) {
                rules.locations.learn_place(place);
            }
            index.apply(&translation);
        }
    }
    (index, entry as usize)
}

fn differences(index: &Index, census: &Census, rules: &FeedRules) -> Vec<String> {
    let mut found = Vec::new();
    for row in &census.census {
        let key = format!("Patient/{}", row.patient);
        let Some(record) = index.records.iter().find(|r| r.identifiers.iter().any(|i| i.value == key)) else {
            found.push(format!("{key}: no record"));
            continue;
        };
        let mut check = |what: &str, got: String, want: String| {
            if got != want {
                found.push(format!("{key} {what}: got {got}, want {want}"));
            }
        };
        let name = record.name.clone().unwrap_or_default();
        check(
            "name",
            format!("{} {:?}", name.family, name.given),
            format!("{} {:?}", row.name.family, row.name.given),
        );
        check("birth", record.birth_date.map(|d| d.iso()).unwrap_or_default(), row.birth_date.clone());
        check("sex", record.sex.map(|s| s.word().to_lowercase()).unwrap_or_default(), row.gender.clone());
        check("mrn", record.mrns().next().unwrap_or_default().to_owned(), row.mrn.clone());
        let stay = record.current_encounter().cloned().unwrap_or_default();
        check("stay", stay.visit.clone().unwrap_or_default(), format!("Encounter/{}", row.encounter));
        let sent = stay.location.clone().unwrap_or_default();
        // A control room looks again at what was placed before its Location was known.
        let place = rules.locations.resolve_reference(&sent.sent, None).unwrap_or(sent.clone());
        for (when, place) in [("place first told", &sent), ("place", &place)] {
            let ward = place.ward.as_ref().map(|w| w.as_str().to_owned()).unwrap_or_default();
            let bed = format!("{ward} {}", place.bed.clone().unwrap_or_default());
            check(when, format!("{ward} {bed}"), format!("{} {}", row.ward, row.bed));
        }
        check("allergies", allergies(record), expected_allergies(row));
        let active = record.medications.iter().filter(|m| m.status == MedicationStatus::Active).count();
        check("active medicines", active.to_string(), row.active_medicines.to_string());
    }
    found
}

fn allergies(record: &PatientRecord) -> String {
    let mut list: Vec<&str> = record.allergies.list.iter().map(|a| a.substance.as_str()).collect();
    list.sort_unstable();
    format!("{}: {}", record.allergies.knowledge.heading(), list.join(", "))
}

fn expected_allergies(row: &Row) -> String {
    let mut list: Vec<&str> = row.allergies.iter().filter_map(|a| a.strip_suffix("|active")).collect();
    list.sort_unstable();
    let none_known = row.allergies.iter().any(|a| a.starts_with("No known allergies"));
    let knowledge = match (list.is_empty(), none_known) {
        (false, _) => AllergyKnowledge::Known,
        (true, true) => AllergyKnowledge::NoneKnown,
        (true, false) => AllergyKnowledge::NotRecorded,
    };
    format!("{}: {}", knowledge.heading(), list.join(", "))
}

fn census() -> Option<(Vec<std::path::PathBuf>, Census)> {
    let folder = shared("fhir/clinosim-inpatients")?;
    let census: Census = serde_json::from_slice(&bytes(&folder.join("census.json"))).unwrap();
    Some((files(&folder), census))
}

fn rules() -> FeedRules {
    common::rules(Zone::utc())
}

#[test]
fn every_inpatient_is_as_the_census_says_in_any_order_of_files() {
    let Some((mut files, census)) = census() else { return };
    assert_eq!(census.census.len(), 54);
    // Alphabetical: allergies, encounters and medicines before their patients, encounters before their places. Then
    // backwards: places and patients first. Then the middle first.
    for turn in 0..3 {
        let mut rules = rules();
        let (index, entries) = play(&files, &mut rules, false);
        assert!(entries > 13_000, "{entries}");
        assert_eq!(index.records.len(), 54, "turn {turn}: every resource joined its patient");
        let found = differences(&index, &census, &rules);
        assert!(found.is_empty(), "turn {turn}:\n{}", found.join("\n"));
        let doses = index.records.iter().flat_map(|r| &r.administrations);
        assert_eq!(doses.filter(|d| !d.given).count(), 18, "turn {turn}: doses not given");
        if turn == 0 {
            files.reverse();
        } else {
            let middle = files.len() / 2;
            files.rotate_left(middle);
        }
    }
}

#[test]
fn a_dropped_statement_of_no_allergies_is_found_out() {
    let Some((files, census)) = census() else { return };
    let mut rules = rules();
    let (index, _) = play(&files, &mut rules, true);
    let found = differences(&index, &census, &rules);
    assert!(found.iter().any(|f| f.contains("allergies")), "the checker is blind");
}
