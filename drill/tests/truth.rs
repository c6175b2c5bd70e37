//! Hours of the simulated trust through Lifeboat, and at the end every patient compared with the truth; from several
//! seeds, so that no single day's luck passes for proof.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::Moment;
use drill::{Planted, Scenario, Size, Trust, play};

fn story(start: &str, seed: u64, minutes: u32) -> Scenario {
    let text = format!(
        "drill \"seed {seed}\"\nstart {start}\nsimulate {minutes}m seed {seed}\nexpect truth\n\
         expect accounts balance\nexpect nothing lost\n"
    );
    Scenario::parse(&format!("seed-{seed}.drill"), &text).unwrap()
}

/// Plays days that begin at `start`: `few` short ones, `many` longer ones under torture, or that of `LIFEBOAT_SEED`.
fn check(start: &str, few: u64, many: u64) {
    let torture = std::env::var("LIFEBOAT_TORTURE").is_ok();
    let (days, minutes) = if torture { (many, 240) } else { (few, 45) };
    let again = std::env::var("LIFEBOAT_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let mut failures = Vec::new();
    for seed in again.map_or(1..=days, |seed| seed..=seed) {
        let dir = tempfile::tempdir().unwrap();
        let outcome = play(&story(start, seed, minutes), dir.path(), Planted::Nothing).unwrap();
        println!("seed {seed}: {} messages", outcome.messages);
        failures.extend(outcome.failures);
    }
    let hint = "play it again with LIFEBOAT_SEED set to the seed in the file's name";
    assert!(failures.is_empty(), "{hint}:\n{}", failures.join("\n"));
}

#[test]
fn every_patient_is_as_the_trust_has_it_after_hours_of_feed() {
    check("2026-03-02T20:00:00Z", 3, 12);
}

/// One o'clock comes twice in these hours, and most senders do not say which one they mean.
#[test]
fn every_patient_is_as_the_trust_has_it_on_the_night_the_clocks_go_back() {
    check("2026-10-25T00:30:00Z", 2, 4);
}

/// What the comparison covers is only worth what happens: all of this has to occur in a simulated half day.
#[test]
fn a_simulated_day_has_everything_in_it() {
    let start = Moment::parse_rfc3339("2026-03-02T08:00:00Z").unwrap();
    let size = Size { messages_per_second: 4.0, ..Size::TINY };
    let mut trust = Trust::new(1, start, size);
    let before = trust.truth().present().count();
    let mut seen = kinds(&mut trust, 60_000);
    trust.quiet();
    let left = trust.by_ref().count();
    let truth = trust.truth();
    *seen.entry("merged".to_owned()).or_default() =
        truth.patients.iter().filter(|p| p.merged_into.is_some()).count();
    *seen.entry("died".to_owned()).or_default() = truth.patients.iter().filter(|p| p.died).count();
    *seen.entry("two numbers".to_owned()).or_default() =
        truth.patients.iter().filter(|p| p.mrns.len() > 1).count();
    *seen.entry("on leave".to_owned()).or_default() =
        truth.present().filter(|p| p.place.as_ref().is_some_and(|place| place.on_leave)).count();
    let (beds, present) = (before, truth.present().count());
    assert!(
        present * 10 > beds * 6 && present * 10 < beds * 15,
        "{beds} in bed at first, {present} in the end"
    );
    println!("{seen:?}, {left} under way at the end, {present} present");
    for wanted in [
        "ADT^A01",
        "ADT^A02",
        "ADT^A03",
        "ADT^A04",
        "ADT^A05",
        "ADT^A06",
        "ADT^A08",
        "ADT^A11",
        "ADT^A12",
        "ADT^A13",
        "ADT^A16",
        "ADT^A17",
        "ADT^A21",
        "ADT^A22",
        "ADT^A28",
        "ADT^A31",
        "ADT^A37",
        "ADT^A40",
        "ORU^R01",
        "ORM^O01",
        "OML^O21",
        "RDE^O11",
        "RAS^O17",
        "SIU^S12",
        "SIU^S13",
        "SIU^S14",
        "SIU^S15",
        "repeated",
        "nonsense",
        "wrong letters",
        "merged",
        "died",
        "two numbers",
        "on leave",
    ] {
        assert!(seen.get(wanted).is_some_and(|count| *count > 0), "{wanted} never occurs: {seen:?}");
    }
}

/// How often each kind of message, and each mishap, occurs among the next so many.
fn kinds(trust: &mut Trust, messages: usize) -> std::collections::BTreeMap<String, usize> {
    let mut seen: std::collections::BTreeMap<String, usize> = Default::default();
    let mut sent = std::collections::BTreeSet::new();
    for message in trust.by_ref().take(messages) {
        let text = String::from_utf8_lossy(&message.bytes);
        let kind = text.split(['|', '#']).nth(8).unwrap_or("").replace('*', "^");
        *seen.entry(kind).or_default() += 1;
        if !sent.insert((message.feed.clone(), message.bytes.clone())) {
            *seen.entry("repeated".to_owned()).or_default() += 1;
        }
        if message.control_id.is_empty() {
            *seen.entry("nonsense".to_owned()).or_default() += 1;
        }
        if std::str::from_utf8(&message.bytes).is_err() && message.feed.as_str() == "pathology" {
            *seen.entry("wrong letters".to_owned()).or_default() += 1;
        }
    }
    seen
}
