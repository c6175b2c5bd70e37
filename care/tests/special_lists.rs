//! Special lists: who is on them and why, when they are next due, and what is wrong with a file that somebody edited.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{EntryNumber, FeedName, Moment, PartialDate, Zone};
use care::special_lists::{Due, Listing, OnList, SpecialLists, read_all, shipped};
use care::{
    Appointment, AppointmentStatus, Cite, Condition, MedicationRequest, MedicationStatus, PatientRecord, What,
};

fn lists() -> SpecialLists {
    read_all(shipped().iter().map(|(name, text)| (*name, text.as_bytes()))).unwrap()
}

fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(text).unwrap()
}

fn day(text: &str) -> PartialDate {
    PartialDate::parse_iso(text).unwrap()
}

fn cite(text: &str) -> Cite {
    Cite { entry: EntryNumber(1), at: at(text), received: at(text), feed: FeedName::new("pas").unwrap() }
}

fn medicine(name: &str, status: MedicationStatus) -> MedicationRequest {
    MedicationRequest {
        medicine: name.to_owned(),
        dose: "3 mg".to_owned(),
        status,
        ..MedicationRequest::default()
    }
}

fn booking(clinic: &str, reason: &str, start: &str) -> Appointment {
    Appointment {
        id: start.to_owned(),
        clinic: clinic.to_owned(),
        reason: reason.to_owned(),
        start: Some(at(start)),
        ..Appointment::default()
    }
}

fn names(on: &[OnList]) -> Vec<&str> {
    on.iter().map(|on| on.list.as_str()).collect()
}

#[test]
fn the_shipped_lists_are_those_that_must_never_be_lost() {
    let lists = lists();
    for name in ["Chemotherapy", "Radiotherapy", "Dialysis", "Maternity", "Anticoagulation", "Insulin"] {
        let list = lists.called(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(!list.why.is_empty() && list.counts_for_days > 0, "{name}");
    }
    assert_eq!(lists.called("SACT").unwrap().name(), "Chemotherapy");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/special_lists");
    let files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, shipped().iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
}

#[test]
fn whoever_one_source_names_is_on_the_list_with_the_reason() {
    let lists = lists();
    let mut record = PatientRecord::default();
    assert!(lists.of(&record).is_empty());
    record.medications = vec![
        medicine("Warfarin sodium", MedicationStatus::Active),
        medicine("Insulin glargine", MedicationStatus::Stopped),
        medicine("Heparinoid cream", MedicationStatus::Active),
    ];
    record.appointments = vec![
        booking("Renal unit", "Haemodialysis", "2026-05-13T08:00:00Z"),
        Appointment {
            status: AppointmentStatus::Cancelled,
            ..booking("Oncology", "Chemotherapy", "2026-05-14T08:00:00Z")
        },
    ];
    record.conditions =
        vec![Condition { text: "Pregnancy, 31 weeks".to_owned(), active: true, ..Condition::default() }];
    let on = lists.of(&record);
    assert_eq!(names(&on), ["Dialysis", "Maternity", "Anticoagulation"]);
    assert_eq!(on[0].because, ["Renal unit: Haemodialysis"]);
    assert_eq!(on[2].because, ["Warfarin sodium 3 mg"]);
}

#[test]
fn the_earliest_date_to_come_counts_and_a_date_that_passed_is_overdue() {
    let (zone, now) = (Zone::london(), at("2026-05-12T09:00:00Z"));
    let due = |bookings: &[&str], listed: Option<&str>| {
        let bookings = bookings.iter().map(|b| at(b)).collect();
        OnList { bookings, listed_due: listed.map(day), ..OnList::default() }.due(&zone, now)
    };
    let (early, today, later) = ("2026-05-11T08:00:00Z", "2026-05-12T07:00:00Z", "2026-05-20T08:00:00Z");
    assert_eq!(due(&[early, today, later], None), Due::On(day("2026-05-12"), Some(at(today))));
    assert_eq!(due(&[early, later], Some("2026-05-14")), Due::On(day("2026-05-14"), None));
    assert_eq!(due(&[later], Some("2026-05-11")), Due::On(day("2026-05-20"), Some(at(later))));
    assert_eq!(due(&[early], Some("2026-05-11")), Due::Overdue(day("2026-05-11")));
    assert_eq!(due(&[], None), Due::Unknown);
    assert!(Due::Overdue(day("2026-05-11")) < Due::Unknown && Due::Unknown < due(&[later], None));
}

#[test]
fn a_service_s_list_puts_people_on_it_and_a_newer_one_says_the_newer_date() {
    let lists = lists();
    let mut record = PatientRecord::default();
    let listed = |due: &str, note: &str| {
        let listing = Listing { next_due: Some(day(due)), note: note.to_owned(), ..Listing::default() };
        What::Listed(Box::new(Listing { list: "SACT".to_owned(), ..listing }))
    };
    record.apply(&listed("2026-05-20", "cycle 3"), &cite("2026-05-08T08:00:00Z"));
    // Read in late, the list of the week before takes nothing back.
    record.apply(&listed("2026-05-06", "cycle 2"), &cite("2026-05-01T08:00:00Z"));
    let on = lists.of(&record);
    assert_eq!(names(&on), ["Chemotherapy"]);
    assert_eq!((on[0].listed_due, on[0].note.as_str()), (Some(day("2026-05-20")), "cycle 3"));
    let (zone, rule) = (Zone::london(), lists.called("Chemotherapy").unwrap());
    assert!(on[0].counts(rule, &zone, at("2026-06-10T08:00:00Z")));
    assert!(!on[0].counts(rule, &zone, at("2026-07-10T08:00:00Z")), "two months without a word");
    // Nobody is forgotten because the list is one that no rule knows: it stays in the record.
    record.apply(
        &What::Listed(Box::new(Listing { list: "Home oxygen".to_owned(), ..Listing::default() })),
        &cite("2026-05-08T08:00:00Z"),
    );
    assert_eq!(record.listings.len(), 2);
}

#[test]
fn what_is_wrong_with_an_edited_file_is_told_with_its_line() {
    let said = |text: &str| read_all([("lists.txt", text.as_bytes())]).unwrap_err().to_string();
    for (text, words) in [
        ("", "there is no list"),
        ("why: x", "line 1: the heading of a list"),
        ("LIST A\ncounts for: 9\nmedicine: x", "line 3: “medicine” stands in no list"),
        ("LIST A\nbookings: x", "needs a line “counts for: 42”"),
        ("LIST A\ncounts for: soon", "line 2: “counts for” is a number of days"),
        (
            "LIST A\ncounts for: 9\nLIST B\ncounts for: 9\nalso called: a",
            "line 3: “a” stands for “A” already",
        ),
        ("LIST\ncounts for: 9", "write a name after"),
        ("LIST A\ncounts for: 9\ncounts for: 8", "a second time"),
    ] {
        let fault = said(text);
        assert!(fault.contains(words), "{text:?}: {fault}");
    }
    assert_ne!(
        lists().fingerprint(),
        read_all([("a", &b"LIST A\ncounts for: 9"[..])]).unwrap().fingerprint()
    );
}
