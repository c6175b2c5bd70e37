//! Lists of bookings: every row listed or refused with its line and reason, and joined with what messages said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{PartialDate, Zone};
use care::{Appointment, AppointmentStatus, What};
use common::{Index, bytes, received, rules, shared};
use std::collections::BTreeMap;
use translate::{Checked, Column, Outcome, any, check_sheet};

const HEADING: &str = "appointment_id,NHS Number,MRN,Surname,Forename,DOB,Date,Time,Duration,Theatre,Procedure,Priority,Status,Referral date,Times cancelled,Surprise";

fn row(fields: &[(&str, &str)]) -> String {
    let usual = [
        ("appointment_id", "T1"),
        ("NHS Number", "999 000 0018"),
        ("MRN", "M1"),
        ("Surname", "Example"),
        ("Forename", "Ann May"),
        ("DOB", "14/07/1945"),
        ("Date", "12/03/2026"),
        ("Time", "08:30"),
        ("Duration", "90"),
        ("Theatre", "Theatre 2"),
        ("Procedure", "\"Hip, left\""),
        ("Priority", "P2"),
        ("Status", ""),
        ("Referral date", "2025-11-01"),
        ("Times cancelled", "1"),
        ("Surprise", "=1+1"),
    ];
    let field = |(name, value): &(&str, &str)| {
        fields.iter().find(|(n, _)| n == name).map_or(*value, |(_, v)| *v).to_owned()
    };
    usual.iter().map(field).collect::<Vec<_>>().join(",")
}

fn sheet(rows: &[String]) -> String {
    format!("{HEADING}\n{}\n", rows.join("\n"))
}

fn check(text: &str) -> Checked {
    check_sheet(text.as_bytes(), &received(1), &rules(Zone::london())).unwrap()
}

fn booking(text: &str) -> Appointment {
    let told = any(text.as_bytes(), &received(1), &rules(Zone::london()));
    assert_eq!(told.outcome(), Outcome::Understood, "{:?}", told.problems);
    let found = told.facts.into_iter().find_map(|f| match f.what {
        What::Appointment(a) => Some(*a),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn a_theatre_case_is_read_as_it_stands() {
    let a = booking(&sheet(&[row(&[])]));
    assert_eq!((a.id.as_str(), a.status, a.minutes), ("T1", AppointmentStatus::Listed, Some(90)));
    assert_eq!(a.start.unwrap().rfc3339(), "2026-03-12T08:30:00Z");
    assert_eq!((a.clinic.as_str(), a.reason.as_str(), a.priority.as_str()), ("Theatre 2", "Hip, left", "P2"));
    assert_eq!((a.referred, a.cancelled_before), (PartialDate::parse_iso("2025-11-01"), Some(1)));
    for (date, time, wanted) in [
        ("2026-03-12", "8.30", "2026-03-12T08:30:00Z"),
        ("1-Apr-2026", "08:30:00", "2026-04-01T07:30:00Z"),
        ("12.03.2026", "23:59", "2026-03-12T23:59:00Z"),
    ] {
        let a = booking(&sheet(&[row(&[("Date", date), ("Time", time)])]));
        assert_eq!(a.start.unwrap().rfc3339(), wanted, "{date} {time}");
    }
}

#[test]
fn every_row_is_listed_or_refused_with_its_line_and_reason() {
    let bad = [
        (vec![("appointment_id", "")], "it has no appointment id"),
        (vec![("NHS Number", ""), ("MRN", "")], "it names no patient"),
        (vec![("NHS Number", "999 000 0019"), ("MRN", "")], "its NHS number does not pass its check"),
        (vec![("Date", "03/13/2026")], "“Date” has the month before the day"),
        (vec![("Date", "12/03/26")], "“Date” has a year of two digits"),
        (vec![("Date", "46093")], "“Date” is a spreadsheet's bare number"),
        (vec![("Date", "30/02/2026")], "“Date” is no day of the calendar"),
        (vec![("Time", "8")], "“Time” cannot be read"),
        (vec![("Time", "25:00")], "“Time” cannot be read"),
        (vec![("Duration", "an hour")], "minutes is no whole number from 0 to 1440"),
        (vec![("Theatre", "")], "it names neither a clinic or theatre nor a service"),
        (vec![("Status", "who knows")], "its status is not known"),
        (vec![("DOB", "1945")], "“DOB” cannot be read"),
    ];
    let mut rows = vec![row(&[])];
    for (number, (fields, _)) in bad.iter().enumerate() {
        let id = format!("B{number}");
        let mut fields = fields.clone();
        if !fields.iter().any(|(n, _)| *n == "appointment_id") {
            fields.push(("appointment_id", &id));
        }
        rows.push(row(&fields));
    }
    let checked = check(&sheet(&rows));
    assert_eq!((checked.rows, checked.listed), (1 + bad.len(), 1));
    assert_eq!(checked.rows, checked.listed + checked.refused.len());
    for ((refused, (_, wanted)), line) in checked.refused.iter().zip(&bad).zip(3..) {
        assert!(refused.line == line && refused.why.starts_with(wanted), "{refused:?} instead of {wanted}");
    }
    let twice = check(&sheet(&[row(&[]), row(&[("NHS Number", "1234567890")])]));
    assert_eq!((twice.listed, twice.notes.len()), (2, 2));
    assert_eq!(twice.notes[1].why, "its number stands in line 2 already; the later row counts");
    // As a message a refused row waits in the tray, and its reason holds nothing of the patient.
    for (fields, wanted) in &bad {
        let told = any(sheet(&[row(fields)]).as_bytes(), &received(1), &rules(Zone::london()));
        assert_eq!(told.outcome(), Outcome::NotUnderstood, "{fields:?}");
        assert!(told.problems[0].text.contains(wanted), "{:?}", told.problems);
        for private in ["Example", "Ann", "M1", "9990000018", "Hip"] {
            assert!(!format!("{:?}", told.problems).contains(private), "{:?}", told.problems);
        }
    }
}

#[test]
fn headings_are_recognised_told_and_may_be_named_by_the_feed() {
    let checked = check(&sheet(&[row(&[])]));
    assert_eq!(checked.mapping.passed_over, ["Surprise"]);
    assert_eq!(checked.mapping.taken[0], ("appointment_id".to_owned(), Column::Booking));
    let strange = sheet(&[row(&[])]).replace("appointment_id", "Ref.").replace("Theatre,", "Room,");
    let missing = check(&strange).mapping.missing();
    assert_eq!(missing, [Column::Booking, Column::Clinic]);
    let mut own = rules(Zone::london());
    own.columns.insert("ref".to_owned(), Column::Booking);
    own.columns.insert("Room".to_owned(), Column::Clinic);
    let checked = check_sheet(strange.as_bytes(), &received(1), &own).unwrap();
    assert_eq!((checked.listed, checked.mapping.missing().len()), (1, 0));
    // Without the mapping it is no list of bookings, and waits in the tray like anything unknown.
    let told = any(strange.as_bytes(), &received(1), &rules(Zone::london()));
    assert_eq!(told.outcome(), Outcome::NotUnderstood);
}

#[test]
fn spreadsheets_of_every_sort_are_read() {
    let whole = sheet(&[row(&[("Surname", "Müller")])]);
    let semicolons = HEADING.replace(',', ";") + "\r\n" + &row(&[("Procedure", "Hip")]).replace(',', ";");
    let (western, _, _) = (whole.replace('ü', "\u{1}"), 0, 0);
    let western: Vec<u8> = western.bytes().map(|b| if b == 1 { 0xFC } else { b }).collect();
    for text in [
        whole.clone().into_bytes(),
        semicolons.into_bytes(),
        western,
        format!("\u{feff}{whole}").into_bytes(),
    ] {
        let told = any(&text, &received(1), &rules(Zone::london()));
        assert_eq!(told.outcome(), Outcome::Understood, "{:?}", told.problems);
    }
    // A heading that somebody broke over two lines, in a list with another sign between columns.
    let broken =
        "\"Booking,\r\nid\";\"NHS\nnumber\";Date;Time;\"Clinic\"\r\nT7;999 000 0018;12/03/2026;08:30;Eye\r\n";
    assert_eq!((booking(broken).clinic.as_str(), booking(broken).id.as_str()), ("Eye", "T7"));
    // Swapped columns are named by their heading, not by their place.
    let swapped = "Time,Date,clinic,nhs number,booking id\n08:30,12/03/2026,Eye,999 000 0018,T9\n";
    assert_eq!(booking(swapped).clinic, "Eye");
}

fn by_id(index: &Index) -> BTreeMap<String, (String, Appointment)> {
    let mut all = BTreeMap::new();
    for record in &index.records {
        for a in &record.appointments {
            let nhs = record.nhs_number().map(|n| n.digits()).unwrap_or_default();
            assert!(all.insert(a.id.clone(), (nhs, a.clone())).is_none(), "{} twice", a.id);
        }
    }
    all
}

/// The 1,200 bookings of a list that nobody here made, beside the messages about the same bookings.
#[test]
fn a_list_joins_what_messages_said_and_never_takes_it_back() {
    let (Some(csv), Some(siu)) =
        (shared("appointments/northgate.csv"), shared("appointments/northgate.siu.hl7"))
    else {
        return;
    };
    let (csv, siu) = (bytes(&csv), bytes(&siu));
    let mut rules = rules(Zone::utc());
    rules.mrn_assigner_default = "NORTHGATE".to_owned();
    let checked = check_sheet(&csv, &received(1), &rules).unwrap();
    assert_eq!((checked.rows, checked.listed, checked.refused.len()), (1_200, 1_200, 0));
    let list = any(&csv, &received(9_000), &rules);
    assert_eq!(list.facts.len(), 2_400);
    let messages = |index: &mut Index| {
        for (number, piece) in hl7::split(&siu).enumerate() {
            index.apply(&any(piece.bytes(), &received(number as u64), &rules));
        }
    };
    let (mut told, mut listed_last, mut listed_first) =
        (Index::default(), Index::default(), Index::default());
    messages(&mut told);
    messages(&mut listed_last);
    listed_last.apply(&list);
    listed_first.apply(&list);
    messages(&mut listed_first);
    let (told, last, first) = (by_id(&told), by_id(&listed_last), by_id(&listed_first));
    assert_eq!((told.len(), last.len(), first.len()), (1_200, 1_200, 1_200));
    for (id, (nhs, a)) in &told {
        for (whose, b) in [&last[id], &first[id]] {
            assert_eq!((nhs, a.status, a.start), (whose, b.status, b.start), "{id}");
        }
    }
    // Planted: a list taken at its word would move what was moved since.
    let mut trusted = Index::default();
    messages(&mut trusted);
    let mut at_its_word = list;
    for fact in &mut at_its_word.facts {
        if let What::Appointment(a) = &mut fact.what {
            a.status = AppointmentStatus::Booked;
        }
    }
    trusted.apply(&at_its_word);
    assert!(by_id(&trusted).iter().any(|(id, (_, a))| a.start != told[id].1.start));
}

/// A list read in today was made nobody knows when: of the patient it only fills what messages left out.
#[test]
fn a_list_takes_back_nothing_that_messages_said_of_the_patient() {
    let rules = rules(Zone::london());
    let message = "MSH|^~\\&|PAS|N|L|N|20260301090000||ADT^A08|X1|P|2.4\rEVN|A08|20260301090000\rPID|1||9990000018^^^NHS^NH||Example^Ann||19450714|F|||||01632960111\r";
    let list = "booking id,NHS number,surname,forename,dob,mobile,language,date,time,clinic\nT1,999 000 0018,Sample,Ann,1954-07-14,07700900222,Polish,12/03/2026,08:30,Eye\n";
    let (message, list) =
        (any(message.as_bytes(), &received(1), &rules), any(list.as_bytes(), &received(2), &rules));
    for order in [[&message, &list], [&list, &message]] {
        let mut index = Index::default();
        order.iter().for_each(|told| index.apply(told));
        let record = &index.records[0];
        let name = record.name.as_ref().unwrap();
        assert_eq!(
            (name.family.as_str(), record.birth_date),
            ("Example", PartialDate::parse_iso("1945-07-14"))
        );
        let numbers: Vec<&str> = record.telecoms.iter().map(|t| t.value.as_str()).collect();
        assert_eq!(
            (numbers, record.language.as_deref()),
            (vec!["01632960111", "07700900222"], Some("Polish"))
        );
    }
}
