//! `lifeboat divert plan` through the real program: JSON, text, what-if, matrices, and what it says when it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{lifeboat, shared_data};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Three invented departments, the first on divert; two zones.
fn region() -> Value {
    let site = |name: &str, status: &str, cap: f64| {
        json!({"name": name, "caps": ["RES", "GEN", "STR"], "status": status, "off": [], "cap_per_h": cap, "servers": 4,
               "walkin_per_h": 0.5, "background_per_h": 0.0, "queue": 0.0, "usual_load": 0.8})
    };
    json!({
        "name": "three departments", "format": "lifeboat-divert-instance/1", "horizon_h": 4, "target_load": 0.92,
        "switch_penalty_min": 2, "service_h": 2.5,
        "pathways": [{"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5},
                     {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1},
                     {"id": "STR", "name": "stroke", "limit_min": 45, "weight": 4}],
        "sites": [site("Ashcombe", "divert", 1.0), site("Brackley Road", "open", 2.0), site("Coldharbour", "open", 1.5)],
        "zones": [{"name": "Ash Vale", "demand": [0.05, 1.2, 0.1], "times": [[0, 6.0], [1, 14.0], [2, 25.0]]},
                  {"name": "Cold Lane", "demand": [0.05, 0.7, 0.1], "times": [[2, 8.0], [1, 18.0], [0, 30.0]]}]
    })
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn plan(instance: &Path, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["divert", "plan", instance.to_str().unwrap(), "--json"];
    arguments.extend(more);
    let out = lifeboat(&arguments);
    let text = String::from_utf8(out.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{}", String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap(), serde_json::from_str(&text).unwrap())
}

fn told(arguments: &[&str]) -> (i32, String) {
    let out = lifeboat(arguments);
    let both = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.code().unwrap(), both)
}

#[test]
fn every_shared_instance_meets_its_best_known_values() {
    for name in ["trust", "london_150", "london_open", "london", "england"] {
        let Some(path) = shared_data(&format!("divert/{name}.json")) else { return };
        let best: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let best = &best["best_known"];
        let (code, plan) = plan(&path, &[]);
        assert_eq!(code, 0);
        for level in ["L2", "L3"] {
            let (got, wanted) = (plan[level].as_f64().unwrap(), best[level].as_f64().unwrap());
            assert!(
                (got / wanted - 1.0).abs() <= best["relative_tolerance"].as_f64().unwrap(),
                "{name} {level} {got}"
            );
        }
        let levels = |v: &Value| -> Vec<f64> {
            v["L1_excess_levels"].as_array().unwrap().iter().map(|s| s.as_f64().unwrap()).collect()
        };
        let (got, wanted) = (levels(&plan), levels(best));
        assert_eq!(got.len(), wanted.len(), "{name}");
        assert!(got.iter().zip(&wanted).all(|(a, b)| (a - b).abs() <= 2e-6), "{name} {got:?}");
        assert_eq!(plan["cut"].as_array().unwrap().len(), best["certificates"].as_array().unwrap().len());
    }
}

#[test]
fn flows_carry_everybody_and_the_text_says_who_goes_where_and_why() {
    let folder = Folder::new();
    let path = folder.put("region.json", region().to_string().as_bytes());
    let (code, plan) = plan(&path, &[]);
    assert_eq!(code, 0);
    let carried: f64 = plan["flows"].as_array().unwrap().iter().map(|f| f["per_h"].as_f64().unwrap()).sum();
    assert!((carried - 2.2).abs() < 1e-9);
    let general_at_ashcombe = |f: &&Value| f["pathway"] == "GEN" && f["site_name"] == "Ashcombe";
    assert_eq!(plan["flows"].as_array().unwrap().iter().filter(general_at_ashcombe).count(), 0);
    let (code, text) = told(&["divert", "plan", path.to_str().unwrap()]);
    assert_eq!(code, 0);
    for wanted in ["Ashcombe", "Brackley Road", "Patients /h", "the plan: travel", "weighted minutes an hour"]
    {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
}

#[test]
fn what_if_stands_beside_what_is_and_a_plan_in_force_is_not_left_for_nothing() {
    let folder = Folder::new();
    let path = folder.put("region.json", region().to_string().as_bytes());
    let (_, now) = plan(&path, &[]);
    let (code, lost) = plan(&path, &["--lose", "Brackley Road:STR", "--more-minutes", "10"]);
    assert_eq!((code, &lost["before"]["L2"]), (0, &now["L2"]));
    assert!(lost["L2"].as_f64() > now["L2"].as_f64());
    let (_, open) = plan(&path, &["--open", "ashcombe"]);
    assert!(open["L2"].as_f64() < now["L2"].as_f64());
    let in_force = folder.put("in_force.json", now.to_string().as_bytes());
    let (_, again) = plan(&path, &["--current", in_force.to_str().unwrap()]);
    assert_eq!(again["plan_L3"]["moved_per_h"], 0.0, "nothing changed, nobody moves");
    // Everything closed: named, with the least bad, and a code that calls for a person.
    let (code, closed) = plan(&path, &["--close", "Brackley Road", "--close", "Coldharbour"]);
    assert_eq!((code, closed["unserved"].as_array().unwrap().len()), (3, 4));
    let (_, text) = told(&[
        "divert",
        "plan",
        path.to_str().unwrap(),
        "--close",
        "Brackley Road",
        "--close",
        "Coldharbour",
    ]);
    assert!(text.starts_with("NOBODY TAKES: Ash Vale, GEN (general), 1.200 an hour"), "{text}");
}

#[test]
fn times_come_from_a_packed_matrix_and_a_holed_one_is_refused_by_its_place() {
    let folder = Folder::new();
    let path = folder.put("region.json", region().to_string().as_bytes());
    let gzip = |text: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let good = "zone,Ashcombe,Brackley Road,Coldharbour\nAsh Vale,6,14,25\nCold Lane,30,18,8\n";
    let (_, usual) = plan(&path, &[]);
    let packed = folder.put("times.csv.gz", &gzip(good));
    let (_, by_matrix) = plan(&path, &["--times", packed.to_str().unwrap()]);
    assert_eq!((&usual["L2"], &usual["flows"]), (&by_matrix["L2"], &by_matrix["flows"]));
    let holed = folder.put("holed.csv", good.replace("30,18", ",eighteen").as_bytes());
    let (code, text) = told(&["divert", "plan", path.to_str().unwrap(), "--times", holed.to_str().unwrap()]);
    assert_eq!(code, 1);
    for wanted in [
        "row 3 (\"Cold Lane\"), column \"Ashcombe\": the cell is empty",
        "row 3 (\"Cold Lane\"), column \"Brackley Road\": \"eighteen\" is text",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
}

#[test]
fn what_cannot_be_planned_is_refused_in_a_sentence() {
    let folder = Folder::new();
    let path = folder.put("region.json", region().to_string().as_bytes());
    let region_path = path.to_str().unwrap();
    let mut wrong = region();
    wrong["zones"][1]["times"][0][1] = json!("eight");
    let text = folder.put("text.json", wrong.to_string().as_bytes());
    for (arguments, sentence) in [
        (
            vec!["divert", "plan", text.to_str().unwrap()],
            "zone 1 (Cold Lane): the travel time to Coldharbour is \"eight\"",
        ),
        (
            vec!["divert", "plan", region_path, "--close", "Cold"],
            "there is no site called Cold. Did you mean Coldharbour?",
        ),
        (
            vec!["divert", "plan", region_path, "--lose", "Ashcombe:XX"],
            "there is no pathway XX; the pathways are RES, GEN, STR",
        ),
        (vec!["divert", "plan", "nowhere.json"], "could not read nowhere.json"),
        (vec!["divert", "plan", region_path, "--current", region_path], "is no plan"),
    ] {
        let (code, said) = told(&arguments);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(sentence), "{said}\n  has not: {sentence}");
    }
}
