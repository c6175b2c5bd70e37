//! Plays every drill of `drills/`, and then each again with messages lost on purpose: a drill that never notices is
//! no drill.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use drill::{Planted, Scenario, play};
use std::path::{Path, PathBuf};

fn drills() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../drills");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "drill"))
        .collect();
    files.sort();
    assert!(files.len() >= 10, "only {} drills found", files.len());
    files
}

fn read(path: &Path) -> Scenario {
    let name = format!("drills/{}", path.file_name().unwrap().to_string_lossy());
    Scenario::parse(&name, &std::fs::read_to_string(path).unwrap()).unwrap_or_else(|why| panic!("{why}"))
}

fn is_long(scenario: &Scenario) -> bool {
    scenario.steps.iter().any(|step| matches!(step.act, drill::scenario::Act::Simulate { .. }))
}

#[test]
fn every_drill_passes() {
    let mut failures = Vec::new();
    for path in drills() {
        let scenario = read(&path);
        let dir = tempfile::tempdir().unwrap();
        match play(&scenario, dir.path(), Planted::Nothing) {
            Ok(outcome) => {
                println!(
                    "{}: {} expectations, {} messages",
                    scenario.file, outcome.expected, outcome.messages
                );
                assert!(outcome.expected > 0, "{} expects nothing", scenario.file);
                failures.extend(outcome.failures);
            }
            Err(fault) => failures.push(format!("{fault}")),
        }
    }
    assert!(failures.is_empty(), "{} lines failed:\n{}", failures.len(), failures.join("\n"));
}

/// Planted bug: one message acknowledged and lost. Each drill must notice each of its messages, save repeats.
#[test]
fn every_drill_notices_a_message_that_is_lost() {
    for path in drills() {
        let scenario = read(&path);
        if is_long(&scenario) {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        let whole = play(&scenario, dir.path(), Planted::Nothing).unwrap_or_else(|fault| panic!("{fault}"));
        let step =
            if std::env::var("LIFEBOAT_TORTURE").is_ok() { 1 } else { whole.messages.div_ceil(4).max(1) };
        for lost in (0..whole.messages).step_by(step).filter(|number| !whole.repeats.contains(number)) {
            let dir = tempfile::tempdir().unwrap();
            let noticed = play(&scenario, dir.path(), Planted::Loses(lost)).map_or(true, |o| !o.passed());
            assert!(noticed, "{} passes although its message {lost} was lost", scenario.file);
        }
    }
}

/// Planted bug: transfers of the simulated trust are lost; the comparison with the truth must see it.
#[test]
fn the_truth_notices_transfers_that_are_lost() {
    let text = "drill \"transfers\"\nstart 2026-03-02T08:00:00Z\nsimulate 20m seed 5\nexpect truth\n";
    let scenario = Scenario::parse("planted.drill", text).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let outcome = play(&scenario, dir.path(), Planted::LosesTransfers).unwrap();
    assert!(!outcome.passed(), "lost transfers went unnoticed");
    assert!(outcome.failures[0].contains("bed: should be"), "{:?}", outcome.failures);
}

/// Planted bugs: a person who does not do their part. The day's drill must notice each.
#[test]
fn the_day_notices_who_does_not_do_their_part() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../drills/friday-12-may.drill");
    let text = std::fs::read_to_string(path).unwrap();
    for (left_out, wanted) in [
        ("gwen takes strategic-commander", "expect post strategic-commander held"),
        ("ivor sets \"Eastmere General\" Switchboard infected", "expect system"),
        ("gwen authorises divert 2", "expect divert 2 active"),
        ("gwen approves update 2", "expect public update 2"),
        ("tomos hands off 5", "expect moved 5"),
        ("14:42 tomos proposes plan", "expect plan 2 current"),
        ("gwen accepts plan 1\n", "expect plan 1 told"),
        ("gwen accepts plan 2", "expect plan 2 current"),
        ("whit refuses divert 4 at", "expect plan 2 lighter-than 1"),
        ("whit acknowledges plan 1", "expect plan 1 acknowledged"),
        ("gwen renews divert 2", "expect divert 2 active"),
        ("tomos ends divert 1 of stroke trauma", "expect debrief \"(major trauma, stroke): ended"),
        ("tomos counts 6", "expect debrief \"Quillford Infirmary to Whitmoor District: 6"),
        ("whit tells figures \"Whitmoor District\" waiting 24", "expect debrief \"24 waiting"),
        ("12:00 clinics books", "expect clinics booked 90"),
        ("cora gives class-a", "expect clinics class-a with-clinician"),
        ("14:18 cora postpones clinics", "expect clinics postponed 41"),
        ("14:20 cora tells patients", "expect clinics told"),
        ("cora reopens clinics", "expect clinics postponed 33"),
        ("15:22 ivor sets", "expect clinics can-return some"),
        ("15:33 cora tells patients", "expect clinics told"),
        ("17:06 cora rebooks", "expect clinics outstanding 0"),
        ("17:15 nadia begins sitrep", "expect clinics add-up"),
        ("edwin receives walk-in", "expect clinics came 1"),
        ("edwin stands down because \"Every system is trusted again; records", "expect incident stood-down"),
    ] {
        let kept: Vec<&str> = text.lines().filter(|line| !format!("{line}\n").contains(left_out)).collect();
        assert_eq!(kept.len() + 1, text.lines().count(), "{left_out}");
        let scenario = Scenario::parse("planted.drill", &kept.join("\n")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let outcome = play(&scenario, dir.path(), Planted::Nothing).unwrap();
        assert!(outcome.failures.iter().any(|f| f.contains(wanted)), "{left_out}: {:?}", outcome.failures);
    }
    // Late is not in time.
    let late = text
        .replace("12:46 gwen declares", "12:52 gwen declares")
        .replace("12:46 expect incident", "12:52 expect incident");
    let late: Vec<&str> = late
        .lines()
        .filter(|l| {
            !(l.starts_with("12:47")
                || l.starts_with("12:48")
                || l.starts_with("12:50")
                || l.starts_with("12:51"))
        })
        .collect();
    let scenario = Scenario::parse("planted.drill", &late.join("\n")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let outcome = play(&scenario, dir.path(), Planted::Nothing).unwrap();
    assert!(outcome.failures.iter().any(|f| f.contains("it took 21 minutes")), "{:?}", outcome.failures);
}

#[test]
fn what_nobody_can_do_is_refused_by_file_and_line() {
    let begin = "drill \"x\"\nstart 2026-03-02T08:00:00Z\nstaff ann \"Ann Example\"\n";
    for (line, why) in [
        ("ann dances", "dances"),
        ("bob notes \"x\"", "bob"),
        ("ann opens exercise huge \"X\" because \"y\"", "huge"),
        ("ann sets \"A\" PACS purple", "purple"),
        ("ann requests divert from \"A\" to of stroke because \"x\"", "before of"),
        ("ann ticks loggist", "numbers"),
        ("expect divert 1 lost", "lost"),
        ("expect plan 1 good", "good"),
        ("ann proposes divert", "plan belongs here"),
        ("ann refuses divert 1 at \"A\" waiting many", "many is no number"),
        ("place \"A\" at 99 1 takes 3", "99 is no place"),
        ("zone \"A\" at 50 1 calls lots", "lots is no number of patients"),
        ("ann gives class-b to \"Dr Lee\"", "class-a belongs here"),
        ("ann enters room 0 over 3d", "1 to 5000 places, not 0"),
        ("ann enters room 5 over 3", "3 is no number of days"),
        ("expect clinics gone", "clinics are not known to be gone"),
        ("clinics books 9 over 3d seed 1", "no feed clinics"),
        ("gateway sleeps", "answers belongs here"),
        ("expect log \"x\" within 5m", "ends too soon"),
    ] {
        let refused = Scenario::parse("odd.drill", &format!("{begin}{line}\n")).unwrap_err().to_string();
        assert!(refused.starts_with("odd.drill:4:") && refused.contains(why), "{line}: {refused}");
    }
}

/// The same line gives the same bookings: on working days only, each hospital its share, telephones of every sort.
#[test]
fn a_drills_bookings_are_the_same_each_time() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../drills/friday-12-may.drill");
    let scenario = read(&path);
    let booked = || play::booked(&scenario, "clinics", (90, 3, 7), scenario.start);
    let all = booked();
    assert_eq!(all, booked());
    let texts: Vec<String> = all.iter().map(|m| String::from_utf8(m.clone()).unwrap()).collect();
    // 12 May 2017 is a Friday.
    for day in ["20170515", "20170516", "20170517"] {
        assert!(texts.iter().any(|t| t.contains(&format!("M15^{day}"))), "nobody is booked on {day}");
    }
    let on_those =
        |t: &&String| ["20170515", "20170516", "20170517"].iter().any(|d| t.contains(&format!("M15^{d}")));
    assert_eq!(texts.iter().filter(on_those).count(), 90);
    for (site, _) in &scenario.hospitals {
        let share = texts.iter().filter(|t| t.contains(&format!("^{site}|"))).count();
        assert_eq!(share, 18, "{site}");
    }
    for phones in ["|07700900", "~07700900", "|01632960"] {
        assert!(texts.iter().any(|t| t.contains(phones)), "nobody has {phones}");
    }
    let rules = play::triage_rules(&scenario);
    let systems = &rules.iter().find(|(name, _)| *name == "systems.txt").unwrap().1;
    assert!(systems.contains("SYSTEM Pathology") && !systems.contains("without it:"), "{systems}");
}
