//! What other feeds of the kind may send: tables of one message each, and what is to be read from it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{ProblemKind, Update, What};
use common::{received, rules};
use translate::Translation;

fn read(trigger: &str, segments: &str) -> Translation {
    let message = format!(
        "MSH|^~\\&|PAS|NGH|LB|T|20260301120000||ADT^{trigger}|1|P|2.4\rEVN|{trigger}|20260301120000\r{segments}"
    );
    translate::any(message.as_bytes(), &received(1), &rules(Zone::utc()))
}

#[test]
fn the_nhs_number_is_found_beside_the_hospital_number() {
    for (pid, want) in [
        ("PID|1||7^^^NGH^MR~9990000018^^^NHS^NH||A^B", Some("9990000018")),
        ("PID|1|9990000018^^^NHS^NH|7^^^NGH^MR||A^B", Some("9990000018")),
        ("PID|1||7^^^NGH^MR|9990000018^^^NHS^NH|A^B", Some("9990000018")),
        ("PID|1||7^^^NGH^MR||A^B||||||||||||||9990000018", Some("9990000018")),
        // Untyped numbers in PID-2 are whatever they are.
        ("PID|1|9990000018|7^^^NGH^MR||A^B", None),
        ("PID|1||7^^^NGH^MR~9990000019^^^NHS^NH||A^B", None),
    ] {
        let told = read("A08", pid);
        let found = told.facts[0].about.identifiers.iter().find_map(care::Identifier::nhs_number);
        assert_eq!(found.map(|n| n.digits()).as_deref(), want, "{pid}");
    }
}

#[test]
fn the_name_in_law_is_the_name() {
    for (names, want) in [
        ("Nick^Annie^^^^^D~Legal^Anna^^^^^L", "Legal"),
        ("Birth^Anna^^^^^B~Now^Anna^^^^^CURRENT", "Now"),
        ("Maiden^Anna^^^^^M~Legal^Anna", "Legal"),
        ("Plain^Anna~Legal^Anna^^^^^L", "Plain"),
        ("Shown^Anna^^^^^D", "Shown"),
        ("Alias^Anna^^^^^A", "Alias"),
    ] {
        let told = read("A08", &format!("PID|1||7^^^NGH^MR||{names}"));
        let What::Person(person) = &told.facts[0].what else { panic!("{told:?}") };
        let Update::Set(name) = &person.name else { panic!("{names}") };
        assert_eq!(name.family, want, "{names}");
    }
}

#[test]
fn a_swap_finds_the_bed_that_one_of_the_two_leaves_out() {
    // Place and place left of the one, of the other; where both go to.
    for (pv1, want) in [
        (["W1^^1|||", "W2^^2|||"], ["W1^^1", "W2^^2"]),
        (["|||W1^^1", "|||W2^^2"], ["W2^^2", "W1^^1"]),
        (["W2^^2|||W1^^1", "|||"], ["W2^^2", "W1^^1"]),
        (["|||W1^^1", "|||"], ["", "W1^^1"]),
        (["|||", "|||"], ["", ""]),
    ] {
        let told = read(
            "A17",
            &format!(
                "PID|1||7^^^NGH^MR||A^B\rPV1|1|I|{}\rPID|2||8^^^NGH^MR||C^D\rPV1|1|I|{}",
                pv1[0], pv1[1]
            ),
        );
        let places: Vec<&str> = told
            .facts
            .iter()
            .filter_map(|f| match &f.what {
                What::Encounter(step) => Some(match &step.location {
                    Update::Set(place) => place.sent.as_str(),
                    _ => "",
                }),
                _ => None,
            })
            .collect();
        assert_eq!(places, want, "{pv1:?}");
        let lost = told.problems.iter().any(|p| p.kind == ProblemKind::PartLost);
        assert_eq!(lost, want == ["", ""], "{pv1:?}");
    }
}
