//! Booked appointments against their list: as booked, and after what was moved and cancelled.
//!
//! The list holds the bookings as first made (S12); 117 messages move (S13) or cancel (S15) some of them. A planted bug
//! (every booking an hour late) must be found out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{NhsNumber, Zone};
use care::{Appointment, AppointmentStatus, PatientRecord, What};
use common::{Index, bytes, received, rules, shared};
use std::collections::BTreeMap;

/// Plays the messages whose type `wanted` accepts.
fn play(wanted: impl Fn(&str) -> bool, change: impl Fn(&mut Appointment)) -> Option<(Index, usize)> {
    let messages = bytes(&shared("appointments/northgate.siu.hl7")?);
    let rules = rules(Zone::utc());
    let mut index = Index::default();
    let mut count = 0;
    for piece in hl7::split(&messages) {
        let mut translation = translate::any(piece.bytes(), &received(count as u64), &rules);
        assert_eq!(translation.outcome(), translate::Outcome::Understood, "{:?}", translation.problems);
        if !wanted(&translation.message_type) {
            continue;
        }
        count += 1;
        for fact in &mut translation.facts {
            if let What::Appointment(appointment) = &mut fact.what {
                change(appointment);
            }
        }
        index.apply(&translation);
    }
    Some((index, count))
}

fn by_id(index: &Index) -> BTreeMap<String, (&PatientRecord, &Appointment)> {
    let mut all = BTreeMap::new();
    for record in &index.records {
        for appointment in &record.appointments {
            let twice = all.insert(appointment.id.clone(), (record, appointment));
            assert!(twice.is_none(), "{} twice", appointment.id);
        }
    }
    all
}

/// Every booking of the list that is not as listed.
fn differences(index: &Index) -> Vec<String> {
    let list = String::from_utf8(bytes(&shared("appointments/northgate.csv").unwrap())).unwrap();
    let mut all = by_id(index);
    let mut wrong = Vec::new();
    for row in list.lines().skip(1).map(csv) {
        let Some((record, appointment)) = all.remove(&row[0]) else {
            wrong.push(format!("{} absent", row[0]));
            continue;
        };
        let start = appointment.start.map(|at| at.rfc3339()).unwrap_or_default();
        // The messages cut the reason at eighty characters.
        let reason: String = row[14].chars().take(80).collect();
        for (what, told, kept) in [
            ("nhs", row[1].clone(), record.nhs_number().map(NhsNumber::digits).unwrap_or_default()),
            ("mrn", row[2].clone(), record.mrns().next().unwrap_or_default().to_owned()),
            ("family", row[3].clone(), record.name.clone().unwrap_or_default().family),
            ("given", row[4].clone(), record.name.clone().unwrap_or_default().given.join(" ")),
            ("birth", row[5].clone(), record.birth_date.map(|d| d.iso()).unwrap_or_default()),
            ("phone", row[7].clone(), record.telecoms.first().map(|t| t.value.clone()).unwrap_or_default()),
            ("clinic", row[9].clone(), appointment.clinic.clone()),
            ("clinician", reversed(&row[10]), appointment.clinician.clone()),
            ("start", format!("{}:00Z", row[12]), start),
            ("minutes", row[13].clone(), appointment.minutes.unwrap_or_default().to_string()),
            ("reason", reason, appointment.reason.clone()),
            ("priority", row[15].clone(), appointment.priority.clone()),
            ("status", "Booked".to_owned(), format!("{:?}", appointment.status)),
        ] {
            if told != kept {
                wrong.push(format!("{} {what}: {told} | {kept}", row[0]));
            }
        }
    }
    wrong.extend(all.into_keys().map(|id| format!("{id} is on no list")));
    wrong
}

/// "Ibarra, Clayton" as the messages' "Clayton Ibarra".
fn reversed(name: &str) -> String {
    name.split_once(", ")
        .map(|(family, given)| format!("{given} {family}"))
        .unwrap_or_else(|| name.to_owned())
}

fn csv(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[test]
fn every_booking_equals_the_list() {
    let Some((index, count)) = play(|kind| kind == "SIU^S12", |_| {}) else { return };
    let found = differences(&index);
    println!("{count} bookings");
    assert!(found.is_empty(), "{} differences:\n{:#?}", found.len(), &found[..found.len().min(30)]);
}

#[test]
fn moved_and_cancelled_bookings_stay_one_row_with_their_new_state() {
    let Some((booked, _)) = play(|kind| kind == "SIU^S12", |_| {}) else { return };
    let (moved, moves) = play(|kind| kind == "SIU^S13", |_| {}).unwrap();
    let (cancelled, cancels) = play(|kind| kind == "SIU^S15", |_| {}).unwrap();
    let (whole, _) = play(|_| true, |_| {}).unwrap();
    let (before, after) = (by_id(&booked), by_id(&whole));
    assert_eq!(before.len(), after.len());
    assert!(moves > 0 && cancels > 0);
    let (moved, cancelled) = (by_id(&moved), by_id(&cancelled));
    for (id, (_, now)) in &after {
        let (_, then) = before[id];
        if cancelled.contains_key(id) {
            assert_eq!(now.status, AppointmentStatus::Cancelled, "{id}");
        } else if let Some((_, told)) = moved.get(id) {
            assert_eq!((now.status, now.start), (AppointmentStatus::Rescheduled, told.start), "{id}");
            assert_ne!(now.start, then.start, "{id}");
        } else {
            assert_eq!((now.status, now.start), (then.status, then.start), "{id}");
        }
        assert_eq!(now.reason, then.reason, "{id}");
    }
}

#[test]
fn planted_bug_every_booking_an_hour_late_is_found_out() {
    let late = |a: &mut Appointment| a.start = a.start.map(|at| at.plus_seconds(3600));
    let Some((index, _)) = play(|kind| kind == "SIU^S12", late) else { return };
    assert!(!differences(&index).is_empty(), "the planted bug was not noticed");
}
