//! Reading action cards: every shipped card parses, and a malformed one is refused with file and line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use incident::action_cards::{self, CARD_BYTES_MAX, HeldAt, Phase, Target, parse, read_all};
use std::collections::BTreeSet;
use std::path::Path;

const GOOD: &str = "\
# A comment.
role: site-manager
title: Site manager
tier: operational
held: each hospital
base: Site office
reports to: Tactical commander
purpose: Runs the hospital.

STANDBY
1. (within 10 min) Ring ED.

Declared:
1. (every 2 h) Hold a meeting
   with all wards.
2) Give 2.5 mg? No: ring the doctor (the consultant).
stand down
1. Collect radios.
";

#[test]
fn every_shipped_card_parses_and_none_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forms/action_cards");
    let in_folder: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".txt"))
        .collect();
    let shipped: BTreeSet<String> =
        action_cards::shipped().iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(shipped, in_folder);
    let cards = common::shipped_cards();
    assert!(cards.len() >= 20, "{}", cards.len());
    for role in [
        "strategic-commander",
        "tactical-commander",
        "loggist",
        "site-manager",
        "ed-nurse-in-charge",
        "ed-consultant",
        "ward-nurse-in-charge",
        "it-lead",
        "switchboard-lead",
        "communications-lead",
        "bookings-lead",
        "pharmacy-lead",
        "pathology-lead",
        "imaging-lead",
        "theatres-lead",
        "maternity-lead",
        "estates-lead",
        "infection-control-lead",
        "mortuary-lead",
        "runners-lead",
    ] {
        assert!(cards.iter().any(|c| c.role.as_str() == role), "no card for {role}");
    }
    for card in &cards {
        for phase in Phase::ALL {
            for step in card.steps(phase) {
                assert!(step.text.len() <= 220, "{}: too long for a tired person: {}", card.title, step.text);
                assert!(step.text.ends_with(['.', '?']), "{}: {}", card.title, step.text);
            }
            let timed = card.steps(phase).iter().filter(|s| s.target.is_some()).count();
            assert!(timed > 0, "{} has no time target under {}", card.title, phase.heading());
        }
        // Whoever one reports to has a card too, or stands above the incident.
        let heads: Vec<&str> = card.reports_to.split(" and ").flat_map(|h| h.split(" or ")).collect();
        for head in heads {
            let known = cards.iter().any(|c| c.title.to_lowercase().contains(&head.to_lowercase()));
            assert!(known || head == "Chief executive" || head == "Strategic", "{}: {head}", card.title);
        }
    }
}

#[test]
fn a_card_is_read_as_it_was_written() {
    for text in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), format!("\u{feff}{GOOD}")] {
        let card = parse("site.txt", text.as_bytes()).unwrap();
        assert_eq!((card.role.as_str(), card.held), ("site-manager", HeldAt::EachHospital));
        assert_eq!(card.standby[0].target, Some(Target::Within { minutes: 10 }));
        assert_eq!(card.declared[0].target, Some(Target::Every { minutes: 120 }));
        assert_eq!(card.declared[0].text, "Hold a meeting with all wards.");
        assert_eq!(card.declared[1].text, "Give 2.5 mg? No: ring the doctor (the consultant).");
        assert_eq!(card.stand_down.len(), 1);
    }
}

#[test]
fn a_malformed_card_is_refused_with_file_and_line() {
    for (from, to, wants) in [
        (
            "role: site-manager",
            "role: Site Manager",
            "site.txt, line 2: “role: Site Manager” is not understood",
        ),
        ("role: site-manager\n", "", "site.txt: “role:” is missing"),
        (
            "tier: operational",
            "tier: bronze",
            "site.txt, line 4: “tier: bronze” is not understood; write strategic",
        ),
        ("held: each hospital", "held: everywhere", "line 5"),
        ("base: Site office", "base:", "line 6: write something after “base:”"),
        ("base: Site office", "bsae: Site office", "line 6: “bsae” is no name that a card has"),
        ("base: Site office", "Site office", "line 6: “Site office” is neither"),
        (
            "title: Site manager",
            "title: Site manager\ntitle: Other",
            "line 4: “title” stands here a second time",
        ),
        (
            "1. (within 10 min) Ring ED.",
            "1. (within ten min) Ring ED.",
            "line 11: “(within ten min)” is no time target",
        ),
        ("1. (within 10 min) Ring ED.", "1. (every 0 min) Ring ED.", "line 11"),
        (
            "1. (within 10 min) Ring ED.",
            "2. Ring ED.",
            "line 11: this step has number 2; the next number is 1",
        ),
        ("1. (within 10 min) Ring ED.", "Ring ED.", "line 11: “Ring ED.” is no step"),
        ("1. (within 10 min) Ring ED.", "1. (within 10 min)", "line 11: the step says nothing"),
        ("1. (within 10 min) Ring ED.", "", "there is no step under STANDBY"),
        ("STANDBY\n1. (within 10 min) Ring ED.", "", "the heading STANDBY is missing"),
        ("stand down\n", "DECLARED\n", "line 17: “Declared” stands here a second time"),
        ("1. Collect radios.", &format!("1. {}.", "x".repeat(700)), "keep it under 600"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let said = parse("site.txt", text.as_bytes()).unwrap_err().to_string();
        assert!(said.contains(wants), "{said}\n  does not say\n{wants}");
    }
    let many = parse("site.txt", b"role: X\nwhat\nSTANDBY\nfoo").unwrap_err();
    assert!(many.0.len() >= 8, "every fault at once: {many}");
    assert!(
        parse("big.txt", &vec![b'x'; CARD_BYTES_MAX + 1])
            .unwrap_err()
            .to_string()
            .contains("more than a card")
    );
    assert!(parse("word.doc", b"\xd0\xcf\x11\xe0").unwrap_err().to_string().contains("not plain text"));
    assert!(parse("empty.txt", b"").is_err());
}

#[test]
fn one_bad_card_of_a_set_is_named_and_two_of_a_role_are_refused() {
    let bad = GOOD.replace("tier: operational", "tier: x");
    let said =
        read_all([("good.txt", GOOD.as_bytes()), ("bad.txt", bad.as_bytes())]).unwrap_err().to_string();
    assert!(said.contains("bad.txt, line 4") && !said.contains("good.txt"), "{said}");
    let said = read_all([("a.txt", GOOD.as_bytes()), ("b.txt", GOOD.as_bytes())]).unwrap_err().to_string();
    assert!(said.contains("b.txt: the role “site-manager” has a card in a.txt already"), "{said}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_stumble(text in "(?s).{0,400}", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = parse("any.txt", text.as_bytes());
        let _ = parse("any.txt", &bytes);
        let mixed = format!("{GOOD}{text}");
        if let Err(faults) = parse("any.txt", mixed.as_bytes()) {
            proptest::prop_assert!(!faults.0.is_empty());
        }
    }
}
