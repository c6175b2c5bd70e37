//! `lifeboat divert simulate` through the real program: table, picture, JSON, and what it says when it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{command, json_lines, ok, refused, shared_data};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Three invented departments, the middle one on divert.
fn region() -> Value {
    let site = |name: &str, lon: f64, status: &str, cap: f64, usual: f64| {
        json!({"name": name, "lat": 51.5, "lon": lon, "caps": ["RES", "GEN"], "status": status, "off": [], "cap_per_h": cap,
            "usual_cap_per_h": usual, "servers": (cap * 2.5).round(), "walkin_per_h": cap * 0.38,
            "usual_walkin_per_h": usual * 0.38, "background_per_h": 0.1, "queue": 0.3, "usual_load": 0.85})
    };
    let zone = |name: &str, general: f64, times: Value| json!({"name": name, "lat": 51.5, "lon": 0.0, "demand": [0.1, general], "times": times});
    json!({"name": "Three & a half", "format": "lifeboat-divert-instance/1", "horizon_h": 4, "target_load": 0.92,
        "switch_penalty_min": 2, "service_h": 2.5,
        "pathways": [{"id": "RES", "name": "peri-arrest", "limit_min": 30, "weight": 5},
                     {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
        "sites": [site("Ashcombe", -0.1, "open", 4.0, 4.0), site("Brackley Road", 0.0, "divert", 2.0, 4.0),
                  site("Dunmore", 0.1, "open", 6.0, 6.0)],
        "zones": [zone("North", 1.8, json!([[0, 8], [1, 12], [2, 22]])), zone("Quay", 1.9, json!([[0, 14], [1, 7], [2, 16]]))]})
}

fn file(dir: &Path, instance: &Value) -> PathBuf {
    let path = dir.join("three.json");
    fs::write(&path, instance.to_string()).unwrap();
    path
}

#[test]
fn the_table_and_the_picture_name_every_policy() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), &region());
    let arguments = ["divert", "simulate", "three.json", "--runs", "4", "--hours", "3"];
    let output = command(&arguments).current_dir(dir.path()).output().unwrap();
    let (said, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}{err}");
    let picture = fs::read_to_string(dir.path().join("three.simulation.svg")).unwrap();
    for policy in ["No divert", "Nearest open", "All to one neighbour", "Plan", "Plan and deflect"] {
        assert!(said.lines().any(|l| l.starts_with(policy)), "{policy}\n{said}");
        assert!(picture.contains(policy), "{policy}");
    }
    for wanted in
        ["3 h of divert, 4 runs, board 30 min old, seed 1", "A model, not a forecast", "three.simulation.svg"]
    {
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    assert!(picture.starts_with("<svg ") && picture.contains("Three &amp; a half"));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "nothing else is written, no data directory either: {left:?}");
}

#[test]
fn json_says_the_same_twice_and_something_else_with_another_seed() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), &region());
    let path = path.to_str().unwrap();
    let simulate = |more: &[&str]| {
        let mut arguments = vec!["divert", "simulate", path, "--json", "--runs", "4", "--hours", "3"];
        arguments.extend(more);
        ok(&arguments, 0)
    };
    let said = simulate(&[]);
    assert_eq!(simulate(&["--seed", "1", "--data-age", "30"]), said);
    assert_ne!(simulate(&["--seed", "2"]), said);
    let lines = json_lines(&said);
    let policies: Vec<&str> = lines.iter().map(|l| l["policy"].as_str().unwrap()).collect();
    assert_eq!(policies, ["no_divert", "nearest_open", "nearest_neighbour", "plan", "plan_and_deflect"]);
    for line in &lines {
        for key in
            ["handover_wait_min", "worst_site_wait_min", "travel_min", "moved_share", "crew_hours_lost"]
        {
            assert!(line[key].as_f64().unwrap() >= 0.0, "{key}: {line}");
        }
        assert_eq!(
            (line["runs"].as_u64(), line["hours"].as_f64(), line["seed"].as_u64()),
            (Some(4), Some(3.0), Some(1))
        );
        assert_eq!(line["sites"].as_array().unwrap().len(), 3);
        assert_eq!(line["ambulances"], lines[0]["ambulances"], "every policy meets the same patients");
    }
    assert_eq!(lines[1]["beside_nearest_open"]["travel_more_min"], 0.0);
}

#[test]
fn what_cannot_be_simulated_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), &region());
    let good = path.to_str().unwrap();
    assert!(
        refused(&["divert", "simulate", good, "--runs", "0"], 2)
            .contains("the number of runs must be 1 to 10000")
    );
    assert!(
        refused(&["divert", "simulate", good, "--hours", "nan"], 2).contains("the hours of divert must be")
    );
    assert!(
        refused(&["divert", "simulate", good, "--data-age=-5"], 2).contains("the age of the board must be")
    );
    let nowhere = dir.path().join("nowhere.json");
    assert!(refused(&["divert", "simulate", nowhere.to_str().unwrap()], 1).contains("could not read"));
    let mut region = region();
    region["sites"][0]["cap_per_h"] = json!("four");
    file(dir.path(), &region);
    let said = refused(&["divert", "simulate", good], 1);
    assert!(said.contains("three.json") && said.contains("Ashcombe"), "{said}");
    let unwritable = dir.path().join("no/such/folder.svg");
    region["sites"][0]["cap_per_h"] = json!(4.0);
    file(dir.path(), &region);
    let plot = unwritable.to_str().unwrap();
    let said = refused(&["divert", "simulate", good, "--runs", "1", "--hours", "1", "--plot", plot], 1);
    assert!(said.contains("could not write"), "{said}");
}

#[test]
fn london_can_be_tried_from_the_shared_file() {
    let Some(london) = shared_data("divert/london_150.json") else { return };
    let said = ok(&["divert", "simulate", london.to_str().unwrap(), "--json", "--runs", "4"], 0);
    let lines = json_lines(&said);
    let wait = |number: usize| lines[number]["handover_wait_min"].as_f64().unwrap();
    assert!(wait(4) < wait(1), "plan and deflect {} nearest open {}", wait(4), wait(1));
}
