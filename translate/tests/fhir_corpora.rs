//! Sample bundles, the official and vendors' examples, and mutants of them: everything that holds something for a ward
//! is taken, what lands in the tray deserves it, and nothing whatever makes the translation panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{ProblemKind, What};
use common::{Index, bytes, received, shared};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use translate::{Outcome, Translation, fhir};

fn json_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json" || e == "xml") {
            out.push(path);
        }
    }
}

fn translated(bytes: &[u8]) -> Translation {
    fhir(bytes, &received(1), &common::rules(Zone::london()))
}

#[test]
fn sample_bundles_give_every_patient_condition_and_medicine() {
    let Some(folder) = shared("fhir/synthea-smart-r4") else { return };
    let mut files = Vec::new();
    json_files(&folder, &mut files);
    assert_eq!(files.len(), 11);
    for file in files {
        let raw = bytes(&file);
        let bundle: Value = serde_json::from_slice(&raw).unwrap();
        let of = |kind: &str| -> Vec<&Value> {
            let all = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]);
            all.filter(|r| r["resourceType"] == kind).collect()
        };
        let translation = translated(&raw);
        assert_eq!(translation.outcome(), Outcome::Understood, "{file:?} {:?}", translation.problems);
        assert_eq!(translation.message_type, "Bundle/transaction");
        let mut index = Index::default();
        index.apply(&translation);
        assert_eq!(index.records.len(), 1, "{file:?}: one patient, one record");
        let record = &index.records[0];
        let patient = of("Patient")[0];
        assert_eq!(record.name.as_ref().unwrap().family, patient["name"][0]["family"].as_str().unwrap());
        assert_eq!(record.birth_date.unwrap().iso(), patient["birthDate"].as_str().unwrap());
        assert_eq!(record.mrns().count(), 1, "{file:?}");
        assert_eq!(record.conditions.len(), of("Condition").len(), "{file:?}");
        assert_eq!(record.medications.len(), of("MedicationRequest").len(), "{file:?}");
        assert_eq!(record.allergies.list.len(), of("AllergyIntolerance").len(), "{file:?}");
        assert_eq!(record.reports.len(), of("DiagnosticReport").len(), "{file:?}");
        assert!(record.current_encounter().is_none(), "{file:?}: all visits are over");
        // Observations stand in their reports or on their own, none is lost.
        let told = |f: &&care::Fact| matches!(f.what, What::Observation(_));
        let alone = translation.facts.iter().filter(told).count();
        let held: usize = record.reports.iter().map(|r| r.results.len()).sum();
        let components: usize =
            of("Observation").iter().map(|o| o["component"].as_array().map_or(1, Vec::len)).sum();
        assert_eq!(alone + held, components, "{file:?}");
    }
}

/// What a file is, and whether the tray may have it.
fn examples(folder: &str) -> BTreeMap<String, (Outcome, String)> {
    let mut table = BTreeMap::new();
    let Some(root) = shared(folder) else { return table };
    let mut files = Vec::new();
    json_files(&root, &mut files);
    for file in files {
        let translation = translated(&bytes(&file));
        let worst = translation.problems.iter().filter(|p| p.kind != ProblemKind::Imperfect);
        let why = worst.map(|p| format!("{}: {}", p.place, p.text)).collect::<Vec<_>>().join(" | ");
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        table.insert(name, (translation.outcome(), why));
    }
    table
}

fn show(folder: &str, table: &BTreeMap<String, (Outcome, String)>) {
    for outcome in [Outcome::Understood, Outcome::PartLost, Outcome::NotUnderstood] {
        println!("{folder} {outcome:?}: {}", table.values().filter(|(o, _)| *o == outcome).count());
    }
    for (name, (outcome, why)) in table.iter().filter(|(_, (o, _))| *o != Outcome::Understood) {
        println!("  {outcome:?} {name}: {why}");
    }
}

#[test]
fn only_what_deserves_it_lands_in_the_tray() {
    for folder in ["fhir/hl7-r4-examples", "fhir/ms-fhir-server", "fhir/nhs-bars"] {
        let table = examples(folder);
        show(folder, &table);
        for (name, (outcome, why)) in &table {
            if *outcome == Outcome::NotUnderstood {
                let no_fhir = name.ends_with(".xml")
                    || why.contains("no FHIR resource")
                    || why.contains("none of them");
                assert!(no_fhir, "{name}: {why}");
            }
        }
    }
}

#[test]
fn no_official_example_has_a_shape_that_is_not_expected() {
    for folder in ["fhir/hl7-r4-examples", "fhir/synthea-smart-r4", "fhir/nhs-bars"] {
        let Some(root) = shared(folder) else { continue };
        let mut files = Vec::new();
        json_files(&root, &mut files);
        for file in files {
            for problem in translated(&bytes(&file)).problems {
                println!(
                    "{} {}: {}",
                    file.file_name().unwrap().to_string_lossy(),
                    problem.place,
                    problem.text
                );
                assert!(!problem.text.contains("another shape"), "{file:?} {}", problem.place);
            }
        }
    }
}

/// The samples that mutants are made of.
fn samples() -> Vec<Vec<u8>> {
    let mut samples = vec![
        br#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"a","identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"7"}],"name":[{"family":"Test","given":["A"]}]}},{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:1"},"valueQuantity":{"value":4.10,"unit":"g"}}}]}"#
            .to_vec(),
    ];
    for folder in ["fhir/hl7-r4-examples", "fhir/nhs-bars"] {
        let Some(root) = shared(folder) else { continue };
        let mut files = Vec::new();
        json_files(&root, &mut files);
        samples.extend(files.iter().step_by(7).map(|f| bytes(f)).filter(|b| b.len() < 20_000));
    }
    samples
}

#[test]
fn mutants_never_panic() {
    let seed = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(42u64);
    println!("seed {seed}; again with LIFEBOAT_SEED={seed}");
    let rounds = if std::env::var_os("LIFEBOAT_TORTURE").is_some() { 400 } else { 40 };
    let mut state = seed;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for sample in samples() {
        for _ in 0..rounds {
            let mut mutant = sample.clone();
            match random(4) {
                0 => mutant.truncate(random(sample.len())),
                1 => {
                    let at = random(mutant.len());
                    mutant[at] = b"{}[]\",:0\\ne\xFF"[random(12)];
                }
                2 => {
                    let (at, to) = (random(mutant.len()), random(mutant.len()));
                    let piece: Vec<u8> = mutant[at.min(to)..at.max(to)].to_vec();
                    mutant.splice(at.min(to)..at.min(to), piece);
                }
                _ => {
                    let at = random(mutant.len());
                    mutant[at] ^= 1 << random(8);
                }
            }
            let translation = translated(&mutant);
            // What was not understood always says why.
            assert!(
                !translation.facts.is_empty()
                    || !translation.places.is_empty()
                    || !translation.problems.is_empty()
            );
        }
    }
}

#[test]
fn deep_nesting_is_refused_without_harm() {
    let deep = "[".repeat(200_000);
    assert_eq!(translated(deep.as_bytes()).outcome(), Outcome::NotUnderstood);
    let nested = format!(
        r#"{{"resourceType":"Patient","id":"a","name":[{{"family":"Test"}}],"extension":{}[]{}}}"#,
        r#"[{"url":"x","extension":"#.repeat(500),
        "}]".repeat(500),
    );
    let translation = translated(nested.as_bytes());
    assert_eq!(translation.problems.len(), 1, "{:?}", translation.problems);
    let unknown = format!(
        r#"{{"resourceType":"Patient","id":"a","name":[{{"family":"Test"}}],"zzz":{}{}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(translated(unknown.as_bytes()).facts.len(), 1);
    let bundles = format!(
        r#"{}{{"resourceType":"Patient","id":"a"}}{}"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":"#.repeat(60),
        "}]}".repeat(60),
    );
    assert_eq!(translated(bundles.as_bytes()).problems.len(), 1);
}
