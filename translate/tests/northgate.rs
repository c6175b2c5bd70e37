//! The ten-day feed played against the truth about every patient in it.
//!
//! Every difference has to be explained, one by one, in `docs/northgate.md`; the same list stands here. A planted bug
//! (late admissions believed over the transfers that followed them) must be found out by the same checker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{EncounterClass, PatientRecord, Severity, Sex};
use common::{Index, bytes, received, rules, shared};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize, Debug)]
struct Place {
    ward: String,
    room: String,
    bed: String,
}

#[derive(Deserialize, Debug)]
struct Allergy {
    code: String,
    text: String,
    reaction: String,
    severity: String,
}

#[derive(Deserialize, Debug)]
struct Truth {
    mrn: String,
    nhs: String,
    surname: String,
    first: String,
    birth: String,
    gender: String,
    class: String,
    location: Option<Place>,
    temp_location: Option<Place>,
    admitted: String,
    discharged: String,
    reason: String,
    death: String,
    death_indicator: String,
    allergies: Option<Vec<Allergy>>,
    merged_into: Option<String>,
}

/// Differences that are explained in `docs/northgate.md`: patient and what differs.
const EXPLAINED: &str = include_str!("northgate_explained.txt");

fn play(feed: &[u8], before: impl Fn(&mut translate::Translation)) -> Index {
    let rules = rules(Zone::london());
    let mut index = Index::default();
    let mut count = 0;
    for piece in hl7::split(feed) {
        count += 1;
        let mut translation = translate::any(piece.bytes(), &received(count), &rules);
        assert_eq!(
            translation.outcome(),
            translate::Outcome::Understood,
            "{count}: {:?}",
            translation.problems
        );
        before(&mut translation);
        index.apply(&translation);
    }
    println!("{count} messages, {} records, {} conflicts", index.records.len(), index.conflicts);
    index
}

/// Says every difference as "mrn what: truth | record".
fn differences(index: &Index, truths: &[Truth]) -> Vec<String> {
    let mut out = Vec::new();
    for truth in truths {
        let mut say = |what: &str, told: String, kept: String| {
            if told != kept {
                out.push(format!("{} {what}: {told} | {kept}", truth.mrn));
            }
        };
        let Some(record) = index.by_mrn(&truth.mrn) else {
            say("record", "there".to_owned(), "absent".to_owned());
            continue;
        };
        person(&mut say, truth, record);
        stay(&mut say, truth, record);
        let into =
            record.merged_into.and_then(|k| index.records[k.0 as usize].mrns().next().map(str::to_owned));
        say("merged_into", truth.merged_into.clone().unwrap_or_default(), into.unwrap_or_default());
    }
    if index.records.len() != truths.len() {
        out.push(format!("all records: {} | {}", truths.len(), index.records.len()));
    }
    out
}

fn person(say: &mut impl FnMut(&str, String, String), truth: &Truth, record: &PatientRecord) {
    let name = record.name.clone().unwrap_or_default();
    say("surname", truth.surname.clone(), name.family);
    say("first", truth.first.clone(), name.given.first().cloned().unwrap_or_default());
    say("nhs", truth.nhs.clone(), record.nhs_number().map(|n| n.digits()).unwrap_or_default());
    say("birth", truth.birth[..10].to_owned(), record.birth_date.map(|d| d.iso()).unwrap_or_default());
    let sex = record.sex.map(|s| if s == Sex::Female { "F" } else { "M" }).unwrap_or_default();
    say("gender", truth.gender.clone(), sex.to_owned());
    say("dead", truth.death_indicator.clone(), if record.died.is_some() { "Y" } else { "" }.to_owned());
    let died = record.died.flatten().map(|at| at.rfc3339()).unwrap_or_default();
    say("death", local_clock(&truth.death), died);
    let list = |l: Vec<(String, String, String, String)>| format!("{:?}", BTreeSet::from_iter(l));
    let told = truth.allergies.as_deref().unwrap_or_default();
    let told = told
        .iter()
        .map(|a| (a.code.clone(), a.text.clone(), a.reaction.clone(), a.severity.clone()))
        .collect();
    let kept = record.allergies.list.iter().map(|a| {
        let severity = match a.severity {
            Some(Severity::Severe) => "SV",
            Some(Severity::Moderate) => "MO",
            Some(Severity::Mild) => "MI",
            None => "",
        };
        (a.code.clone(), a.substance.clone(), a.reaction.clone(), severity.to_owned())
    });
    say("allergies", list(told), list(kept.collect()));
}

/// The simulator writes its own clock into the feed and calls it UTC in the truth; the ten days lie in winter, when
/// London keeps UTC, so that the two agree.
fn local_clock(utc: &str) -> String {
    utc.to_owned()
}

fn stay(say: &mut impl FnMut(&str, String, String), truth: &Truth, record: &PatientRecord) {
    let now = record.current_encounter();
    let class = match now.map(|e| e.class) {
        Some(EncounterClass::Inpatient) => "I",
        Some(EncounterClass::Emergency) => "EMERGENCY",
        _ => "O",
    };
    say("class", truth.class.clone(), class.to_owned());
    let text = |p: Option<&Place>| p.map(|p| format!("{}^{}^{}", p.ward, p.room, p.bed)).unwrap_or_default();
    let place = |l: Option<&care::Location>| {
        l.map(|l| {
            let ward = l.ward.as_ref().map(|w| w.as_str()).unwrap_or_default();
            format!("{ward}^{}^{}", l.room.as_deref().unwrap_or(""), l.bed.as_deref().unwrap_or(""))
        })
        .unwrap_or_default()
    };
    say("location", text(truth.location.as_ref()), place(now.and_then(|e| e.location.as_ref())));
    let temporary = now.and_then(|e| e.temporary_location.as_ref());
    say("temp_location", text(truth.temp_location.as_ref()), place(temporary));
    let moment = |m: Option<basics::Moment>| m.map(|m| m.rfc3339()).unwrap_or_default();
    say("admitted", truth.admitted.clone(), moment(now.and_then(|e| e.admitted)));
    say("discharged", truth.discharged.clone(), moment(now.and_then(|e| e.discharged)));
    say("reason", truth.reason.clone(), now.and_then(|e| e.reason.clone()).unwrap_or_default());
}

fn data() -> Option<(Vec<u8>, Vec<Truth>)> {
    let feed = bytes(&shared("feed/northgate.hl7.gz")?);
    let truth = std::fs::read_to_string(shared("feed/northgate.truth.jsonl")?).unwrap();
    let truths =
        truth.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect();
    Some((feed, truths))
}

#[test]
fn every_patient_equals_the_truth_or_the_difference_is_explained() {
    let Some((feed, truths)) = data() else { return };
    let index = play(&feed, |_| {});
    let found = differences(&index, &truths);
    let explained: BTreeSet<&str> =
        EXPLAINED.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let new: Vec<_> = found.difference(&explained).collect();
    let gone: Vec<_> = explained.difference(&found).collect();
    assert!(new.is_empty(), "{} unexplained differences:\n{new:#?}", new.len());
    assert!(gone.is_empty(), "explained differences that are no more:\n{gone:#?}");
}

#[test]
fn planted_bug_late_messages_believed_is_found_out() {
    let Some((feed, truths)) = data() else { return };
    // Every fact pretends to be newer than all before it: source times are ignored.
    let index = play(&feed, |translation| {
        let sent = translation.sent_at;
        for fact in &mut translation.facts {
            fact.cite.at = sent.unwrap_or(fact.cite.at);
        }
    });
    let explained: BTreeSet<&str> = EXPLAINED.lines().collect();
    let found = differences(&index, &truths);
    assert!(found.iter().any(|d| !explained.contains(d.as_str())), "the planted bug was not noticed");
}
