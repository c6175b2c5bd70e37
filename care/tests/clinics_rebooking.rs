//! Rebooking: the latest safe day by the tightest window; whoever is due first is given room first; a place once.

use crate::desk::{Desk, considered, key};
use basics::{Moment, PartialDate, SiteId, Zone};
use care::Appointment;
use care::appointments::{read_all, shipped};
use care::clinics::wanted::{Rebooking, RebookingRefusal};
use care::clinics::{Choice, Class, Latest, Place, Refusal, Slot};

fn day(text: &str) -> PartialDate {
    PartialDate::parse_iso(text).unwrap()
}

#[test]
fn the_latest_safe_day_is_the_tightest_window() {
    let rules = read_all(shipped().iter().map(|(name, text)| (*name, text.as_bytes()))).unwrap();
    let zone = Zone::london();
    let start = Moment::parse_rfc3339("2026-05-13T09:00:00Z");
    let booking = |referred: &str, cancer: &str| Appointment {
        start,
        referred: PartialDate::parse_iso(referred),
        cancer_treatment_from: PartialDate::parse_iso(cancer),
        ..Appointment::default()
    };
    for (booking, class, latest, why) in [
        (booking("", ""), Class::A, "2026-05-16", "class A"),
        (booking("", ""), Class::B, "2026-05-27", "class B"),
        (booking("", ""), Class::D, "2026-08-05", "class D"),
        // 18 weeks from the referral are over before class D's time is.
        (booking("2026-02-01", ""), Class::D, "2026-06-07", "referral to treatment"),
        (booking("2026-02-01", "2026-03-20"), Class::B, "2026-05-21", "cancer treatment"),
        // Of a window that was over already nothing can be kept: at once.
        (booking("2025-01-01", ""), Class::D, "2026-05-13", "already over"),
        // Known by its month alone, a clock does not run.
        (booking("2025-01", ""), Class::C, "2026-06-10", "class C"),
    ] {
        let found = Latest::of(&booking, class, &rules.thresholds, &zone);
        assert_eq!(found.day, day(latest), "{class:?} {}", found.why);
        assert!(found.why.contains(why), "{}", found.why);
    }
}

fn room(start: &str, places: u32) -> Slot {
    Slot {
        site: SiteId::new("Northgate General"),
        list: "DERMATOLOGY".to_owned(),
        start: Moment::parse_rfc3339(start).unwrap(),
        minutes: None,
        places,
    }
}

#[test]
fn whoever_is_due_first_is_given_the_earliest_room() {
    let mut desk = Desk::new();
    let zone = Zone::london();
    let due = |n, latest: &str| {
        let mut c = considered(n, Class::C);
        c.booking.latest.day = day(latest);
        c
    };
    let of = [due(1, "2026-06-20"), due(2, "2026-05-21"), due(3, "2026-05-30")];
    desk.decide("Anna Bell", Choice::Postpone, &of).unwrap();
    let slots = vec![room("2026-05-25T13:00:00Z", 1), room("2026-05-20T13:00:00Z", 1)];
    desk.submit("Anna Bell", Rebooking::EnterRoom { slots }).unwrap();
    let proposed = desk.picture().propose_places(&zone, desk.now);
    let got: Vec<_> = proposed.iter().map(|p| (p.key.patient.0, p.slot, p.days_late)).collect();
    assert_eq!(got, [(2, Some(2), 0), (3, Some(1), 0), (1, None, 0)]);
    // Given away; the same place to somebody else is refused.
    let give =
        |n, slot| Place { key: key(n), slot: Some(slot), start: Moment::default(), list: String::new() };
    let rebook = |places| Rebooking::Rebook { places, late_known: false };
    desk.submit("Anna Bell", rebook(vec![give(2, 2), give(3, 1)])).unwrap();
    let full = desk.submit("Omar Reed", rebook(vec![give(1, 2)]));
    assert!(matches!(full, Err(Refusal::Rebooking(RebookingRefusal::Full { .. }))), "{full:?}");
    assert_eq!(desk.picture().outstanding().count(), 1);
    // Undone before anybody was told, the place is free again.
    let undo = Rebooking::UndoRebooking { key: key(2), why: "the room is needed".to_owned() };
    desk.submit("Anna Bell", undo).unwrap();
    assert_eq!(desk.picture().outstanding().count(), 2);
    desk.submit("Omar Reed", rebook(vec![give(1, 2)])).unwrap();
}

#[test]
fn later_than_is_safe_is_said_before_it_is_done() {
    let mut desk = Desk::new();
    desk.postpone(&[1]);
    let start = Moment::parse_rfc3339("2026-06-12T09:00:00Z").unwrap();
    let place = Place { key: key(1), slot: None, start, list: String::new() };
    let late = desk.submit("Anna Bell", Rebooking::Rebook { places: vec![place.clone()], late_known: false });
    assert_eq!(late, Err(Refusal::Rebooking(RebookingRefusal::Late(1))));
    desk.submit("Anna Bell", Rebooking::Rebook { places: vec![place], late_known: true }).unwrap();
    assert_eq!(desk.handled(1).rebooked.as_ref().unwrap().days_late, 2);
    let passed = Place { key: key(1), slot: None, start: desk.now, list: String::new() };
    let again = desk.submit("Anna Bell", Rebooking::Rebook { places: vec![passed], late_known: true });
    assert!(matches!(again, Err(Refusal::Rebooking(RebookingRefusal::NotOutstanding(_)))));
}
