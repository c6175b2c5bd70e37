//! Broken glass: one patient, a reason, an hour; reviewed by somebody else; never refused for being frequent.

use crate::office::{Office, WARD_ADDRESS, number, place, tablet};
use access::break_glass::{Finding, Intent, MINUTES, Rate, Reason, Refusal, ward_words};
use access::people::Spot;
use access::{By, NotYours, Patient};
use basics::{EntryNumber, SiteId, WardId, Zone};

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::BreakGlass(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn breaks(patient: u64, words: &str) -> Intent {
    Intent::Break {
        patient: Patient(patient),
        place: Some(place("Northgate General", Some("COTE1"))),
        reason: Reason::ComingToMyWard,
        words: words.to_owned(),
        device: tablet(),
        from: WARD_ADDRESS.to_owned(),
    }
}

const WORDS: &str = "coming to us from COTE1";

#[test]
fn the_glass_is_broken_for_one_patient_for_an_hour() {
    let mut office = Office::new();
    let anna = number("N1");
    assert_eq!(office.book.glass.open_for(&anna, Patient(17), office.now), None);
    office.submit("N1", breaks(17, WORDS)).unwrap();
    let broken = office.book.glass.open_for(&anna, Patient(17), office.now).unwrap().clone();
    assert_eq!((broken.number, broken.until.seconds_since(broken.stamp.at)), (1, MINUTES * 60));
    assert_eq!(office.book.glass.open_for(&anna, Patient(18), office.now), None, "one patient");
    assert_eq!(office.book.glass.open_for(&number("N2"), Patient(17), office.now), None, "one person");
    assert!(matches!(refused(office.submit("N1", breaks(17, WORDS))), Refusal::OpenAlready(_)));
    office.later(MINUTES * 60);
    assert_eq!(office.book.glass.open_for(&anna, Patient(17), office.now), None, "one hour");
    office.submit("N1", breaks(17, WORDS)).unwrap();
}

#[test]
fn the_ward_is_told_at_once() {
    let mut office = Office::new();
    office.submit("N1", breaks(17, WORDS)).unwrap();
    let ward = |ward| Spot::Ward(SiteId::new("Northgate General").unwrap(), WardId::new(ward).unwrap());
    let told = office.book.glass.open_at(&ward("COTE1"), office.now);
    assert_eq!(told.len(), 1);
    let words = ward_words(&office.book, told[0], &Zone::london());
    assert!(words.starts_with("Anna Bell (N1) sees this patient by breaking the glass, until "), "{words}");
    assert!(office.book.glass.open_at(&ward("AMU"), office.now).is_empty());
    let site = Spot::Site(SiteId::new("Northgate General").unwrap());
    assert_eq!(office.book.glass.open_at(&site, office.now).len(), 1);
}

#[test]
fn a_reason_is_typed_and_somebody_signed_in_breaks() {
    let mut office = Office::new();
    for words in ["", "  ", "asdf", "1234567890 !!!", &"x".repeat(2_000)] {
        let refusal = refused(office.submit("N1", breaks(17, words)));
        assert!(matches!(refusal, Refusal::ReasonShort | Refusal::Wording(_)), "{words}: {refusal:?}");
    }
    let console = refused(office.submit_as(By::Lifeboat, breaks(17, WORDS)));
    assert_eq!(console, Refusal::NotYours(NotYours::NoPerson));
    // A hundred in a row are a hundred: a glass that is kept shut can cost a life.
    for patient in 0..100 {
        office.submit("N1", breaks(patient, WORDS)).unwrap();
    }
}

#[test]
fn every_break_waits_for_a_named_other_person() {
    let mut office = Office::new();
    office.submit("N1", breaks(17, WORDS)).unwrap();
    let close = |finding, note: &str| Intent::Close { number: 1, finding, note: note.to_owned() };
    assert_eq!(office.book.glass.to_review().count(), 1);
    office.later(30 * 86_400);
    assert_eq!(office.book.glass.to_review().count(), 1, "time alone closes none");
    for who in ["N1", "N2", "A1", "C1"] {
        let refusal = refused(office.submit(who, close(Finding::Right, "")));
        assert!(matches!(refusal, Refusal::NotYours(_)), "{who}: {refusal:?}");
    }
    assert_eq!(refused(office.submit("P1", close(Finding::MendRights, ""))), Refusal::NoteMissing);
    office.submit("P1", close(Finding::MendRights, "AMU takes from COTE1 each night")).unwrap();
    assert_eq!(office.book.glass.to_review().count(), 0);
    let (stamp, ..) = office.book.glass.broken(1).unwrap().closed.clone().unwrap();
    assert_eq!(stamp.by, By::Staff(number("P1")));
    let twice = refused(office.submit("P1", close(Finding::NotRight, "changed my mind")));
    assert!(matches!(twice, Refusal::ClosedAlready { .. }));
}

#[test]
fn whoever_broke_it_cannot_review_it() {
    let mut office = Office::new();
    let both = crate::office::account(
        "Petra Voss",
        &[access::Role::PrivacyOfficer, access::Role::WardClinician],
        access::people::Scope::Trust,
    );
    office.submit("A1", access::people::Intent::Change { number: number("P1"), account: both }).unwrap();
    office.submit("P1", breaks(17, WORDS)).unwrap();
    let close = Intent::Close { number: 1, finding: Finding::Right, note: String::new() };
    assert_eq!(refused(office.submit("P1", close)), Refusal::Oneself);
}

#[test]
fn a_clock_that_jumps_leaves_no_glass_open_for_years() {
    let mut office = Office::new();
    let now = office.now;
    office.now = now.plus_seconds(10 * 366 * 86_400);
    office.submit("N1", breaks(17, WORDS)).unwrap();
    assert!(office.book.glass.open_for(&number("N1"), Patient(17), office.now).is_some());
    office.now = now.plus_seconds(600);
    assert_eq!(office.book.glass.open_for(&number("N1"), Patient(17), office.now), None);
}

#[test]
fn the_rate_is_said_beside_the_views() {
    for (broken, looks, want) in [
        (0, 0, "glass broken 0 times; nobody looked at a patient"),
        (5, 2_000, "2.5 per 1,000 views (5 of 2000)"),
        (1, 3_000, "0.3 per 1,000 views (1 of 3000)"),
        (7, 7, "1000.0 per 1,000 views (7 of 7)"),
    ] {
        assert_eq!(Rate { broken, looks }.words(), want);
    }
    let mut office = Office::new();
    office.submit("N1", breaks(17, WORDS)).unwrap();
    let (from, until) = (office.now.plus_seconds(-60), office.now.plus_seconds(60));
    assert_eq!((office.book.glass.count(from, until), office.book.glass.count(until, until)), (1, 0));
}
