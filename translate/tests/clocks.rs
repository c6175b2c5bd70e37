//! Senders whose clocks are wrong: later news counts as later, nothing is lost, and somebody is told to set the clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{EntryNumber, FeedName, Moment, Zone};
use care::ProblemKind;
use common::{Index, rules};
use translate::{Outcome, Received, Translation};

/// Midday, summer time: 11:00 by UTC.
const MIDDAY: &str = "2026-07-14T11:00:00Z";

fn received(entry: u64, minutes: i64) -> Received {
    let at = Moment::parse_rfc3339(MIDDAY).unwrap().plus_seconds(minutes * 60);
    Received { entry: EntryNumber(entry), received: at, feed: FeedName::new("pas").unwrap() }
}

/// A message that came so many minutes after midday.
fn told(entry: u64, minutes: i64, sent: &str, trigger: &str, segments: &str) -> Translation {
    let message = format!("MSH|^~\\&|PAS|NGH|LB|T|{sent}||ADT^{trigger}|{entry}|P|2.4\r{segments}");
    translate::hl7(message.as_bytes(), &received(entry, minutes), &rules(Zone::london()))
}

fn person(entry: u64, minutes: i64, sent: &str, evn: &str, family: &str) -> Translation {
    let segments = format!("EVN|A08|{evn}\rPID|1||7^^^NGH^MR||{family}^Anna");
    told(entry, minutes, sent, "A08", &segments)
}

fn family(told: &[Translation]) -> String {
    let mut index = Index::default();
    told.iter().for_each(|one| index.apply(one));
    index.by_mrn("7").unwrap().name.as_ref().unwrap().family.clone()
}

fn clock_notes(told: &Translation) -> Vec<&str> {
    let of_clock = |p: &&care::Problem| p.kind == ProblemKind::Imperfect && p.text.contains("clock");
    told.problems.iter().filter(of_clock).map(|p| p.place.as_str()).collect()
}

#[test]
fn a_message_from_the_future_keeps_no_later_news_out() {
    for (sent, evn) in [
        ("20270714120000", "20270714120000"),
        ("20270714120000", ""),
        ("", "20270714120000"),
        // A day alone orders nothing.
        ("20270714", "20270714120000"),
    ] {
        let first = person(1, 0, sent, evn, "Wrong");
        assert_eq!(first.outcome(), Outcome::Understood, "{sent} {evn}: nothing waits in the tray for it");
        let later = person(2, 10, "20260714121000", "20260714121000", "Right");
        assert_eq!(family(&[first.clone(), later.clone()]), "Right", "{sent} {evn}");
        let first_times: Vec<Moment> = first.facts.iter().map(|f| f.cite.at).collect();
        assert!(first_times.iter().all(|at| *at == received(1, 0).received), "{first_times:?}");
        assert_eq!(clock_notes(&later), Vec::<&str>::new());
    }
}

#[test]
fn a_step_that_is_to_happen_later_than_it_came_has_happened_when_it_came() {
    let pid = "PID|1||7^^^NGH^MR||A^B\r";
    let admit = format!("EVN|A01|20260714120000||||20260715120000\r{pid}PV1|1|I|AMU^^1");
    let moved = format!("EVN|A02|20260714121500||||20260714121500\r{pid}PV1|1|I|W3^^2");
    let mut index = Index::default();
    index.apply(&told(1, 0, "", "A01", &admit));
    index.apply(&told(2, 15, "20260714121500", "A02", &moved));
    let record = index.by_mrn("7").unwrap();
    let place = record.current_encounter().and_then(|e| e.location.clone()).unwrap();
    assert_eq!(place.sent, "W3^^2");
}

/// A system that forgot to put its clock back, or writes summer time in UTC's place: everything it says is an hour ahead.
#[test]
fn a_clock_an_hour_ahead_still_works_beside_one_that_is_right() {
    let ahead = |entry, minutes: i64, family: &str| {
        let sent = format!("202607141{}{:02}00", 3 + minutes / 60, minutes % 60);
        person(entry, minutes, &sent, &sent, family)
    };
    let right = |entry, minutes: i64, family: &str| {
        let sent = format!("202607141{}{:02}00", 2 + minutes / 60, minutes % 60);
        person(entry, minutes, &sent, &sent, family)
    };
    for (order, last) in [
        (vec![ahead(1, 0, "A"), ahead(2, 20, "B"), ahead(3, 20, "C")], "C"),
        (vec![ahead(1, 0, "A"), right(2, 20, "B")], "B"),
        (vec![right(1, 0, "A"), ahead(2, 20, "B"), right(3, 21, "C"), ahead(4, 22, "D")], "D"),
    ] {
        assert_eq!(family(&order), last);
    }
    // True news that was held up on its way still counts from when it was sent.
    let held_up = person(5, 50, "20260714121000", "20260714121000", "Held up");
    assert_eq!(family(&[ahead(1, 0, "A"), right(2, 20, "B"), held_up]), "B");
}

#[test]
fn a_wrong_clock_is_said_once_and_one_that_wanders_is_not() {
    for (sent, evn, places) in [
        ("20260714130000", "20260714130000", vec!["MSH-7"]),
        ("20260714130000", "20260714120000", vec!["MSH-7"]),
        ("", "20260714130000", vec!["EVN-2"]),
        ("20260714120459", "20260714120459", vec![]),
        ("20260714110000", "20260714110000", vec![]),
        // EVN is no later than the sending, whatever it says.
        ("20260714120000", "20260714130000", vec![]),
    ] {
        let told = person(1, 0, sent, evn, "A");
        assert_eq!(clock_notes(&told), places, "{sent} {evn}");
    }
    let told = person(1, 0, "20260714130000", "20260714130000", "A");
    assert!(told.problems[0].text.contains("60 minutes ahead"), "{}", told.problems[0].text);
    assert!(!told.problems[0].text.contains("Anna"));
}

#[test]
fn fhir_is_bound_by_the_same_rule_and_says_it_once_too() {
    let patient = |updated: &str, family: &str| {
        format!(
            r#"{{"resourceType":"Patient","id":"a","meta":{{"lastUpdated":"{updated}"}},"identifier":[{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}],"name":[{{"family":"{family}","given":["Anna"]}}],"telecom":[{{"system":"phone","value":"1"}}]}}"#
        )
    };
    let read =
        |text: &str, minutes| translate::fhir(text.as_bytes(), &received(1, minutes), &rules(Zone::london()));
    let ahead = read(&patient("2027-07-14T11:00:00Z", "Wrong"), 0);
    assert_eq!(clock_notes(&ahead), ["meta.lastUpdated"]);
    assert!(ahead.facts.iter().all(|f| f.cite.at == received(1, 0).received));
    let later = read(&patient("2026-07-14T11:05:00Z", "Right"), 5);
    assert_eq!(clock_notes(&later), Vec::<&str>::new());
    let mut index = Index::default();
    index.apply(&ahead);
    index.apply(&later);
    assert_eq!(index.records[0].name.as_ref().unwrap().family, "Right");
}
