//! What a person confirms about a list's columns: proposed, shown, edited, kept as text, used in place of recognition.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{Appointment, What};
use common::{received, rules};
use translate::{Column, ColumnFault, ColumnMap, ColumnProposal, FeedRules, Outcome, any, check_sheet};

const LIST: &str = "\
Ref.;NHS number;Clinic;Seen in;When;\"Made
on\"
T1;999 000 0018;Dr A. Example;Eye;12/03/2026 08:30;01/03/2026
T2;999 000 0026;Dr A. Example;;13/03/2026 09:00;02/03/2026
T3;999 000 0034;Dr B. Sample;Renal;14/03/2026 09:30;03/03/2026
T4;999 000 0042;Dr C. Test;Renal;15/03/2026 10:00;04/03/2026
";

fn plain() -> FeedRules {
    rules(Zone::london())
}

fn bookings(list: &str, rules: &FeedRules) -> Vec<Appointment> {
    let facts = any(list.as_bytes(), &received(1), rules).facts;
    let booking = |what| match what {
        What::Appointment(booking) => Some(*booking),
        _ => None,
    };
    facts.into_iter().filter_map(|fact| booking(fact.what)).collect()
}

#[test]
fn a_list_is_proposed_with_three_samples_edited_and_used_once_confirmed() {
    let proposal = ColumnProposal::of(LIST.as_bytes(), &plain()).unwrap();
    let held: Vec<Option<Column>> = proposal.map.columns.iter().map(|column| column.holds).collect();
    assert_eq!(held, [None, Some(Column::NhsNumber), Some(Column::Clinic), None, None, None]);
    assert_eq!(proposal.map.missing(), [Column::Booking, Column::Start]);
    assert!(!proposal.confirmed);
    assert_eq!(proposal.samples[0], ["T1", "T2", "T3"]);
    assert_eq!(proposal.samples[2], ["Dr A. Example", "Dr B. Sample", "Dr C. Test"]);
    assert_eq!(proposal.samples[3], ["Eye", "Renal"]);
    // Unconfirmed it waits, and says for what.
    let told = any(LIST.as_bytes(), &received(1), &plain());
    assert_eq!((told.outcome(), told.message_type.as_str()), (Outcome::NotUnderstood, "Bookings sheet"));
    assert_eq!((told.problems.len(), told.problems[0].place.as_str()), (1, "heading"));
    // "Clinic" is what would be recognised; here it is the doctor.
    let mut map = proposal.map;
    for (index, holds) in
        [(0, Column::Booking), (2, Column::Clinician), (3, Column::Clinic), (4, Column::Start)]
    {
        assert!(map.hold(index, Some(holds)));
    }
    assert_eq!((map.check(), map.hold(6, None)), (Ok(()), false));
    let mut confirmed = plain();
    confirmed.column_maps.push(map.clone());
    let read = bookings(LIST, &confirmed);
    assert_eq!(read.len(), 3, "the second row names no clinic");
    assert_eq!(
        (read[0].id.as_str(), read[0].clinic.as_str(), read[0].clinician.as_str()),
        ("T1", "Eye", "Dr A. Example")
    );
    let checked = check_sheet(LIST.as_bytes(), &received(1), &confirmed).unwrap();
    assert_eq!((checked.listed, checked.refused.len(), checked.mapping.passed_over.len()), (3, 1, 1));
    let again = ColumnProposal::of(LIST.as_bytes(), &confirmed).unwrap();
    assert!(again.confirmed && again.map == map);
    // Kept as text, it is the same map.
    let words = r#"{"columns":[{"heading":"Ref.","holds":"booking"},{"heading":"Made\non","holds":null}]}"#;
    let kept: ColumnMap = serde_json::from_str(words).unwrap();
    assert_eq!(serde_json::to_string(&kept).unwrap(), words);
    assert_eq!(
        (kept.columns[0].holds, kept.columns[1].heading.as_str()),
        (Some(Column::Booking), "Made\non")
    );
}

#[test]
fn a_map_is_for_lists_with_its_headings_alone() {
    let mut confirmed = plain();
    let mut map = ColumnProposal::of(LIST.as_bytes(), &plain()).unwrap().map;
    for (index, holds) in [(0, Column::Booking), (4, Column::Start)] {
        map.hold(index, Some(holds));
    }
    confirmed.column_maps.push(map);
    for (list, read) in [
        (LIST.to_owned(), 4),
        // Capitals, signs and the sign between columns do not make another list.
        (LIST.replace("Ref.", "REF").replace("\"Made\non\"", "made-on"), 4),
        (LIST.replace(';', ","), 4),
        (LIST.replace("Seen in", "Room"), 0),
        (LIST.replace("Ref.;NHS number", "NHS number;Ref."), 0),
        (LIST.lines().map(|line| format!("{line};x\n")).collect(), 0),
    ] {
        assert_eq!(bookings(&list, &confirmed).len(), read, "{list}");
    }
    // Under headings that are recognised nothing has to be confirmed.
    let usual = "booking id,NHS number,date,time,clinic\nT1,999 000 0018,12/03/2026,08:30,Eye\n";
    assert_eq!(bookings(usual, &confirmed).len(), 1);
}

#[test]
fn samples_gather_from_rows_that_are_kept_one_by_one() {
    let (heading, rows) =
        ("Ref.;NHS number;Clinic;When", ["T1;1;Eye;a", "T2;2;Eye;b", "T3;3;Eye;c", "T4;4;Ear;d"]);
    let message = |row: &str| format!("{heading}\r\n{row}");
    let mut proposal = ColumnProposal::of(message(rows[0]).as_bytes(), &plain()).unwrap();
    for row in &rows[1..] {
        assert!(proposal.see(message(row).as_bytes()));
    }
    assert!(!proposal.see(b"Other;NHS number;Clinic;When\nx;1;x;x"));
    assert_eq!(
        proposal.samples,
        [vec!["T1", "T2", "T3"], vec!["1", "2", "3"], vec!["Eye", "Ear"], vec!["a", "b", "c"]]
    );
    let long = ColumnProposal::of(format!("a;b\n{};x", "y".repeat(5_000)).as_bytes(), &plain()).unwrap();
    assert!(long.samples[0][0].len() <= 60);
    assert!(ColumnProposal::of(b"\xff\xfea\x00", &plain()).is_err());
}

#[test]
fn what_looks_like_no_list_is_told_as_before() {
    for other in [
        "PID|1||M1,a,b,c,d\rPV1|1|I,a,b,c\r",
        "Dear all, please note, as agreed, that we, the undersigned\ncannot come.",
        "<a>,b,c,d\n1,2,3,4",
        "Ref.;NHS number;Clinic;When",
        "a,b,c\n1,2,3",
        "not a message",
    ] {
        let told = any(other.as_bytes(), &received(1), &plain());
        assert_eq!(told.outcome(), Outcome::NotUnderstood, "{other}");
        assert_ne!(told.problems[0].place, "heading", "{other}");
    }
}

#[test]
fn a_map_that_makes_no_list_says_why() {
    let column = |heading: &str, holds| translate::MappedColumn { heading: heading.to_owned(), holds };
    let good = ColumnMap {
        columns: vec![
            column("a", Some(Column::Booking)),
            column("b", Some(Column::HospitalNumber)),
            column("c", Some(Column::Date)),
            column("d", Some(Column::Service)),
            column("e", None),
        ],
    };
    assert_eq!(good.check(), Ok(()));
    let with = |index: usize, heading: &str, holds| {
        let mut map = good.clone();
        map.columns[index] = column(heading, holds);
        map.check()
    };
    assert_eq!(with(2, "c", None), Err(ColumnFault::Missing(vec![Column::Start])));
    assert_eq!(with(1, "b", None), Err(ColumnFault::Missing(vec![Column::NhsNumber])));
    assert_eq!(with(4, "e", Some(Column::Date)), Err(ColumnFault::Twice(Column::Date)));
    assert_eq!(with(4, &"x".repeat(401), None), Err(ColumnFault::LongHeading(400)));
    assert_eq!(Column::all().count(), 32);
    assert!(Column::all().all(|column| !column.name().is_empty()));
}

#[test]
fn a_service_s_list_of_people_on_a_treatment_needs_no_booking() {
    let rules = plain();
    let text = "Special list,NHS number,Surname,DOB,Mobile,Next due,Notes\r\n\
                Dialysis,999 000 0018,Example,14/07/1945,07700900101,13/05/2026,three times a week\r\n\
                ,999 000 0018,Example,,,,\r\nInsulin,,Nobody,,,,\r\nInsulin,999 000 0026,Sample,,,31/02/2026,\r\n";
    let checked = check_sheet(text.as_bytes(), &received(1), &rules).unwrap();
    assert_eq!((checked.rows, checked.listed, checked.mapping.missing().len()), (4, 1, 0), "{checked:?}");
    let told: Vec<&str> = checked.refused.iter().map(|row| row.why.as_str()).collect();
    assert!(told[0].contains("names no list") && told[1].contains("names no patient"), "{told:?}");
    let translated = any(text.as_bytes(), &received(1), &rules);
    let listed: Vec<_> = translated
        .facts
        .iter()
        .filter_map(|fact| match &fact.what {
            care::What::Listed(listing) => {
                Some((listing.list.as_str(), listing.next_due, listing.note.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(listed, [("Dialysis", basics::PartialDate::parse_iso("2026-05-13"), "three times a week")]);
    assert!(!translated.facts.iter().any(|fact| matches!(fact.what, care::What::Appointment(_))));
}
