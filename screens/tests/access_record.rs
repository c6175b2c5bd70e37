//! The privacy officer's pages: who saw whom, by person, patient, days and broken glass; every break reviewed by somebody else.

use crate::common::{Answer, encoded, get_with_cookie, words};
use crate::fixture::{Hospital, nhs, now};
use crate::office::{number, office, post_with_cookie, signed_in_as, signed_in_on};
use access::looks::{Deed, Look};
use axum::Router;
use basics::Moment;
use control_room::AccessRoom;
use http::StatusCode;

const REASON: [(&str, &str); 2] = [("reason", "2"), ("words", "coming to COTE1 tonight, reading ahead")];

/// Anna Bell looked at her ward and a patient of it; Omar Reed broke the glass for that patient and looked.
async fn hospital() -> (Hospital, Router) {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let (ward, doctor) = (
        signed_in_as(&router, &hospital.room, "N1").await,
        signed_in_as(&router, &hospital.room, "N2").await,
    );
    for address in ["/wards/Northgate%20General/AMU", "/patients/1"] {
        assert_eq!(get_with_cookie(&router, address, &ward).await.status, StatusCode::OK);
    }
    let broken = post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    assert_eq!(broken.status, StatusCode::SEE_OTHER, "{}", words(&broken.text()));
    // By broken glass: on the disk when it is answered, and all before it.
    assert_eq!(get_with_cookie(&router, "/patients/1", &doctor).await.status, StatusCode::OK);
    (hospital, router)
}

fn at(hospital: &Hospital, n: &str, at: Moment) -> String {
    hospital.clock.set(at);
    let device = hospital.room.access().fresh_token().unwrap();
    signed_in_on(&hospital.room, n, device.as_str(), at)
}

async fn page(router: &Router, address: &str, cookie: &str) -> String {
    let answer = get_with_cookie(router, address, cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}: {}", words(&answer.text()));
    answer.text()
}

fn has(html: &str, wanted: &[&str], not: &[&str]) {
    let read = words(html);
    for text in wanted {
        assert!(read.contains(text) || html.contains(text), "{text:?} is missing:\n{read}");
    }
    for text in not {
        assert!(!html.contains(text), "{text:?} is there:\n{read}");
    }
}

#[tokio::test]
async fn who_saw_whom_is_found_by_person_patient_and_broken_glass() {
    let (hospital, router) = hospital().await;
    let cookie = signed_in_as(&router, &hospital.room, "P1").await;
    let (anna, omar, ward) =
        ("/access-record/people/N1\"", "/access-record/people/N2\"", "/wards/{site}/{ward}");
    let all = page(&router, "/access-record", &cookie).await;
    has(
        &all,
        &[
            anna,
            omar,
            ward,
            "record 1",
            "by broken glass 1",
            "per 1,000 views",
            "<svg viewBox",
            "AMU at Northgate",
        ],
        &["SMITH", "Fredrica", "furosemide"],
    );
    has(&page(&router, "/access-record?person=bell", &cookie).await, &[anna, ward], &[omar]);
    has(&page(&router, "/access-record?person=n2", &cookie).await, &[omar], &[anna]);
    let by_number = format!("/access-record?patient={}", encoded(&nhs(1)));
    has(&page(&router, &by_number, &cookie).await, &[anna, omar], &["SMITH"]);
    has(&page(&router, "/access-record?broken=yes", &cookie).await, &[omar], &[anna]);
    has(&page(&router, "/access-record?to=2026-07-13", &cookie).await, &["No such look"], &[anna, omar]);
    has(&page(&router, "/access-record?from=2026-07-14&to=2026-07-14", &cookie).await, &[anna, omar], &[]);
    // What is not understood is asked again, not answered with everything.
    for (question, why) in [
        ("patient=smith", "Names are not searched here"),
        ("person=nobodyatall", "Nobody with an account is called"),
        ("from=yesterday", "is no day"),
    ] {
        let html = page(&router, &format!("/access-record?{question}"), &cookie).await;
        has(&html, &[why], &[anna, omar, "SMITH"]);
    }
    has(
        &page(&router, "/access-record/people/N1", &cookie).await,
        &["Whom Anna Bell (N1) saw", ward],
        &[omar],
    );
    let of_patient = page(&router, "/access-record/patients/1", &cookie).await;
    has(&of_patient, &[anna, omar, "Who saw the patient of record 1"], &["SMITH"]);
    // Looking that up is a look.
    let again = page(&router, "/access-record/people/P1", &cookie).await;
    let waited = page(&router, "/access-record?person=P1", &cookie).await;
    assert!(
        [again, waited].iter().any(|html| html.contains("/access-record/patients/{key}"))
            || crate::looks::looks(&hospital).iter().any(|l| l.address == "/access-record/patients/{key}")
    );
}

#[tokio::test]
async fn the_record_of_looks_is_for_nobody_else() {
    let (hospital, router) = hospital().await;
    for n in ["A1", "C1", "I1", "N1", "R1"] {
        let cookie = signed_in_as(&router, &hospital.room, n).await;
        for address in [
            "/access-record",
            "/access-record/patients/1",
            "/access-record/people/N1",
            "/access-record/reviews",
            "/access-record/reviews/1",
        ] {
            let answer = get_with_cookie(&router, address, &cookie).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{n} {address}");
            assert!(!answer.text().contains("Omar Reed (N2)"), "{n} {address}");
        }
        let close = [("finding", "right"), ("note", "")];
        let answer = post_with_cookie(&router, "/access-record/reviews/1", &cookie, &close).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{n}");
    }
    assert_eq!(hospital.room.access().read(|book| book.glass.to_review().count()), 1);
}

#[tokio::test]
async fn a_long_record_is_read_page_by_page_and_nothing_is_lost_between() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    for n in 0..250u64 {
        let look = Look {
            who: number("N1"),
            patients: vec![access::Patient(1000 + n)],
            deed: if n == 249 { Deed::Exported } else { Deed::Looked },
            address: "/patients/{key}".to_owned(),
            device: AccessRoom::device_of("a browser"),
            from: String::new(),
            broken: None,
        };
        hospital.room.access().look(look, now()).unwrap();
    }
    let cookie = signed_in_as(&router, &hospital.room, "P1").await;
    let (mut address, mut found) = ("/access-record?person=N1".to_owned(), Vec::new());
    for _ in 0..10 {
        let html = page(&router, &address, &cookie).await;
        let records = html.split("href=\"/access-record/patients/").skip(1);
        found.extend(records.map(|rest| rest.split('"').next().unwrap().parse::<u64>().unwrap()));
        let Some((before, _)) = html.split_once("\">Further back") else { break };
        address = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!(found, (0..250).rev().map(|n| 1000 + n).collect::<Vec<u64>>());
}

async fn close(router: &Router, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    post_with_cookie(router, "/access-record/reviews/1", cookie, fields).await
}

#[tokio::test]
async fn every_break_waits_until_a_named_other_person_says_what_they_found() {
    let (hospital, router) = hospital().await;
    let cookie = signed_in_as(&router, &hospital.room, "P1").await;
    let list = page(&router, "/access-record/reviews", &cookie).await;
    has(&list, &["1 wait", "1: Omar Reed (N2)", "record 1, AMU at Northgate General"], &["Overdue", "SMITH"]);
    // A day later it is overdue.
    let cookie = at(&hospital, "P1", now().plus_seconds(25 * 3_600));
    has(&page(&router, "/access-record/reviews", &cookie).await, &["1 for over a day", "Overdue"], &[]);
    let one = page(&router, "/access-record/reviews/1", &cookie).await;
    has(
        &one,
        &["coming to COTE1 tonight", "The patient is coming to my ward", "/patients/{key}", "Overdue"],
        &["SMITH"],
    );
    for (fields, why) in [
        (&[("note", "asked the ward")][..], "Choose what you found"),
        (&[("finding", "mend-rights"), ("note", "")], "Say what was found"),
    ] {
        let refused = close(&router, &cookie, fields).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        has(&refused.text(), &[why], &[]);
    }
    let done = close(
        &router,
        &cookie,
        &[("finding", "mend-rights"), ("note", "COTE1 takes over from AMU each night")],
    )
    .await;
    assert_eq!(done.header("location"), "/access-record/reviews?done=glass-reviewed");
    let list = page(&router, "/access-record/reviews", &cookie).await;
    has(
        &list,
        &[
            "0 wait",
            "Closed lately",
            "Petra Voss (P1)",
            "standing rights should have allowed it",
            "each night",
        ],
        &["Overdue"],
    );
    let twice = close(&router, &cookie, &[("finding", "right"), ("note", "")]).await;
    has(&twice.text(), &["Petra Voss (P1) closed this review"], &[]);
}
