//! The selection against best known values that others computed, on a list that nobody here made.
//!
//! Always: the optimum's counts exactly, first come's exactly, and a greedy choice at least as good as theirs (they do not
//! say how their lottery drew). Where the shared data are absent it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::clinics::{
    Booking, Change, Class, Counts, Effort, Instance, Proof, Session, SharedLimit, Use, apply, exact,
    first_come, greedy,
};
use serde_json::Value;
use std::path::PathBuf;

fn shared() -> Option<Value> {
    let root = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let path = root.join("clinics/clinic.json");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("shared data absent, skipped: {}", path.display());
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The instance with the classes that the file itself gives: who is in which is `care`'s to say.
fn instance(file: &Value) -> Instance {
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let sessions: Vec<Session> = file["sessions"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, s)| Session { name: name.clone(), minutes: number(&s["capacity"]) })
        .collect();
    let shared: Vec<SharedLimit> = file["shared"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, units)| SharedLimit { name: name.clone(), units: number(units) })
        .collect();
    let booking = |b: &Value| {
        let verdict = &file["classes"][b["id"].as_str().unwrap()];
        let clock = |key: &str, days: i32| b[key].as_i64().map(|day| days - day as i32);
        Booking {
            id: b["id"].as_str().unwrap().to_owned(),
            session: sessions.iter().position(|s| b["session"] == s.name.as_str()).unwrap(),
            class: Class::of_letter(verdict["cls"].as_str().unwrap()).unwrap(),
            doable: verdict["doable"].as_bool().unwrap(),
            minutes: number(&b["minutes"]),
            uses: b["uses"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, units)| Use {
                    limit: shared.iter().position(|l| l.name == *name).unwrap(),
                    units: number(units),
                })
                .collect(),
            slack_days: [clock("fds_day", 28), clock("cancer62_day", 62)].into_iter().flatten().min(),
            cancelled_before: number(&b["prev_cancelled"]),
            waited_weeks: number(&b["rtt_weeks"]),
        }
    };
    let bookings = file["bookings"].as_array().unwrap().iter().map(booking).collect();
    Instance { name: file["name"].as_str().unwrap().to_owned(), sessions, shared, bookings }
}

fn known(file: &Value, key: &str) -> Counts {
    let counts = &file["best_known"][key];
    Counts(["A", "B", "C", "D"].map(|class| u32::try_from(counts[class].as_u64().unwrap()).unwrap()))
}

#[test]
fn the_optimum_is_the_best_known_and_the_default_is_near_it() {
    let Some(file) = shared() else { return };
    let instance = instance(&file);
    let optimum = exact(&instance, Effort::default()).unwrap();
    assert_eq!(optimum.selection.kept, known(&file, "lexicographic_kept"));
    assert_eq!((optimum.selection.kept, optimum.proof), (Counts([67, 45, 43, 108]), Proof::Optimal));
    let now = greedy(&instance).unwrap();
    assert!(now.kept >= known(&file, "greedy_kept"), "{:?}", now.kept);
    assert_eq!(now.kept, Counts([67, 45, 43, 98]));
    assert_eq!(first_come(&instance).unwrap().kept, known(&file, "first_come"));
    // Nobody is lost: kept, let go and blocked are everybody.
    let everybody = now.kept.sum() + now.let_go(&instance).sum() + now.blocked(&instance).sum();
    assert_eq!((everybody, now.blocked(&instance).sum()), (600, 120));
    println!("{} could also be kept in place of {}", optimum.swap.also.len(), optimum.swap.instead_of.len());
    assert_eq!(optimum.swap.also.len(), optimum.swap.instead_of.len() + 10);
}

#[test]
fn a_planted_wrong_limit_is_found() {
    let Some(file) = shared() else { return };
    let mut instance = instance(&file);
    let limit = instance.limit_named("ct").unwrap();
    apply(&mut instance, &[Change::Units { limit, units: 20 }]).unwrap();
    let optimum = exact(&instance, Effort::default()).unwrap();
    assert_ne!(optimum.selection.kept, known(&file, "lexicographic_kept"));
}
