//! `lifeboat clinics` through the real program: a day's list planned, what if, rules checked, and what it says when it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{json_lines, lifeboat, shared_data};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A small invented day: a session of 60 minutes, 3 laboratory tests, the blood bank down.
fn day() -> Value {
    let booking = |id: &str, kind: &str, minutes: u32| json!({"id": id, "kind": kind, "session": "Northgate/1", "minutes": minutes});
    json!({
        "name": "Tuesday", "format": "lifeboat-list-instance/1", "down": ["BLOODBANK", "LAB"],
        "sessions": {"Northgate/1": {"planned": 120, "capacity": 60}}, "shared": {"LAB": 3},
        "bookings": [booking("B1", "follow-up outpatient", 30), booking("B2", "dialysis", 20),
                     booking("B3", "P1b surgery", 30), booking("B4", "fracture clinic", 30)]
    })
}

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn planned(file: &Path, more: &[&str]) -> (i32, Vec<Value>) {
    let mut arguments = vec!["clinics", "plan", file.to_str().unwrap(), "--json"];
    arguments.extend(more);
    let out = lifeboat(&arguments);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap(), json_lines(&text))
}

fn told(arguments: &[&str]) -> (i32, String) {
    let out = lifeboat(arguments);
    let both = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.code().unwrap(), both)
}

#[test]
fn the_shared_list_gets_its_classes_and_its_best_known_optimum() {
    let Some(path) = shared_data("clinics/clinic.json") else { return };
    let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (code, lines) = planned(&path, &[]);
    assert_eq!((code, lines.len()), (3, 601), "120 are blocked, some of class A");
    let (sum, bookings) = lines.split_last().unwrap();
    let mut wrong = Vec::new();
    for line in bookings {
        let known = &file["classes"][line["id"].as_str().unwrap()];
        if line["class"] != known["cls"] || line["doable"] != known["doable"] {
            wrong.push(format!("{line} instead of {known}"));
        }
        // The file names the rules too: R0, R1 and R2.
        for rule in ["R0", "R2"] {
            let theirs =
                known["why"].as_array().unwrap().iter().any(|w| w.as_str().unwrap().starts_with(rule));
            let blocks = rule != "R0" || line["doable"] == false;
            let ours = line["rules"].as_array().unwrap().iter().any(|r| r == rule) && blocks;
            if theirs != ours {
                wrong.push(format!("{rule}: {line} instead of {known}"));
            }
        }
        assert!(!(line["class"] == "A" && line["decision"] == "postpone"), "{line}");
    }
    assert!(wrong.is_empty(), "{} differ:\n{:#?}", wrong.len(), &wrong[..wrong.len().min(9)]);
    assert_eq!(sum["optimum"], file["best_known"]["lexicographic_kept"]);
    assert_eq!(sum["first_come"], file["best_known"]["first_come"]);
    assert_eq!((&sum["proved"], &sum["kept"]), (&json!(true), &json!({"A": 67, "B": 45, "C": 43, "D": 98})));
    // A planted change is seen: with the blood bank back nothing is blocked.
    let (_, lines) = planned(&path, &["--up", "blood bank"]);
    let sum = lines.last().unwrap();
    assert_eq!(sum["blocked"], json!({"A": 0, "B": 0, "C": 0, "D": 0}));
    assert_eq!(sum["as_it_is"]["A"], 67);
    assert!(sum["kept"]["A"].as_u64() > Some(67));
}

#[test]
fn class_a_is_named_first_with_its_clock_and_never_postponed() {
    let folder = tempfile::tempdir().unwrap();
    let file = put(folder.path(), "day.json", &day().to_string());
    let (code, said) = told(&["clinics", "plan", file.to_str().unwrap()]);
    assert_eq!(code, 3, "{said}");
    assert!(said.starts_with("CLINICIAN  B3  A  R1: P1b surgery is never cancelled by rule"), "{said}");
    assert!(said.contains("a named clinician takes it within 60 minutes"), "{said}");
    assert!(said.contains("kept             2   1 of A, 1 of B, 0 of C, 0 of D"), "{said}");
    assert!(said.contains("nobody has signed them off"), "{said}");
    let (_, lines) = planned(&file, &[]);
    assert_eq!((&lines[2]["decision"], &lines[2]["clinician_within_min"]), (&json!("escalate"), &json!(60)));
    assert_eq!(
        lines[0]["reason"],
        "postponed: of the 60 minutes of Northgate/1 too few are left after those who come first"
    );
    assert_eq!(lines[3]["rules"], json!(["B"]));
}

#[test]
fn what_if_asks_about_systems_minutes_tests_and_staff() {
    let folder = tempfile::tempdir().unwrap();
    let file = put(folder.path(), "day.json", &day().to_string());
    let kept = |more: &[&str]| {
        let (_, lines) = planned(&file, more);
        lines.last().unwrap()["kept"].clone()
    };
    assert_eq!(kept(&[]), json!({"A": 1, "B": 1, "C": 0, "D": 0}));
    assert_eq!(kept(&["--up", "BLOODBANK"]), json!({"A": 2, "B": 0, "C": 0, "D": 0}));
    assert_eq!(kept(&["--minutes", "Northgate/1=90"]), json!({"A": 1, "B": 1, "C": 0, "D": 1}));
    assert_eq!(kept(&["--staff", "150"]), json!({"A": 1, "B": 1, "C": 0, "D": 1}));
    assert_eq!(kept(&["--units", "lab=0"]), json!({"A": 0, "B": 1, "C": 0, "D": 1}));
    let (code, said) = told(&["clinics", "plan", file.to_str().unwrap(), "--units", "MRI=9"]);
    assert!(code == 2 && said.contains("there is no shared limit called MRI"), "{said}");
}

#[test]
fn a_list_that_cannot_be_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (pointer, value, wanted) in [
        ("/format", json!("other/1"), "its format is other/1; only lifeboat-list-instance/1 is read here"),
        ("/bookings/1/session", json!("X"), "booking B2: its session X is not among the sessions"),
        ("/bookings/1/minutes", json!(0), "booking B2: 0 minutes cannot be"),
        (
            "/bookings/1/minutes",
            json!("ten"),
            "this is no day's list: invalid type: string \"ten\", expected u32",
        ),
        ("/bookings/1/id", json!("B1"), "two bookings are called B1"),
        ("/shared/LAB", json!(1_000_001), "shared limit LAB: 1000001 units cannot be"),
    ] {
        let mut list = day();
        *list.pointer_mut(pointer).unwrap() = value;
        let file = put(folder.path(), "day.json", &list.to_string());
        let (code, said) = told(&["clinics", "plan", file.to_str().unwrap(), "--json"]);
        assert!(code == 1 && said.contains(wanted), "{wanted}\n{said}");
    }
    let mut list = day();
    list["bookings"][0]["base_class"] = json!("E");
    let file = put(folder.path(), "day.json", &list.to_string());
    let (code, said) = told(&["clinics", "plan", file.to_str().unwrap()]);
    assert!(code == 1 && said.contains("booking B1: E is no class; write A, B, C or D"), "{said}");
}

#[test]
fn rules_are_checked_by_file_and_line_and_ones_own_are_used() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/clinics");
    let (code, said) = told(&["clinics", "check", shipped]);
    assert!(
        code == 0 && said.contains("15 kinds, 8 systems, no fault; they can be used; not signed off"),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    for name in ["kinds.txt", "systems.txt", "thresholds.txt"] {
        std::fs::copy(Path::new(shipped).join(name), folder.path().join(name)).unwrap();
    }
    let own = folder.path().to_str().unwrap();
    let thresholds = std::fs::read_to_string(folder.path().join("thresholds.txt")).unwrap();
    put(
        folder.path(),
        "thresholds.txt",
        &thresholds.replace("nobody yet", "Dr A. Example").replace("within: 60", "within: 30"),
    );
    let file = put(folder.path(), "day.json", &day().to_string());
    let (_, lines) = planned(&file, &["--rules", own]);
    assert_eq!(lines[2]["clinician_within_min"], 30);
    assert_eq!(lines[4]["signed_off_by"], "Dr A. Example");
    put(folder.path(), "thresholds.txt", &thresholds.replace("within: 60", "within: soon"));
    let fault = "thresholds.txt, line 17: “clinician within: soon” is no number from 1 to 1440";
    let (code, said) = told(&["clinics", "check", own]);
    assert!(code == 3 && said.contains(fault), "{said}");
    let (code, said) = told(&["clinics", "plan", file.to_str().unwrap(), "--rules", own]);
    assert!(code == 1 && said.contains(fault), "{said}");
    let out = lifeboat(&["clinics", "check", own, "--json"]);
    let lines = json_lines(&String::from_utf8(out.stdout).unwrap());
    assert_eq!(
        (&lines[0]["kind"], &lines[0]["line"], &lines[1]["usable"]),
        (&json!("fault"), &json!(17), &json!(false))
    );
}
