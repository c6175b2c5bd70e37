//! Every screen says first what SCREENS.md says it says first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post, words};
use fixture::Hospital;
use http::StatusCode;

/// Asks for a page and looks for texts on it.
async fn check(router: &axum::Router, address: &str, texts: &[&str]) -> String {
    let answer = get(router, address).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}");
    let html = answer.text();
    let read = words(&html);
    for text in texts {
        assert!(read.contains(text) || html.contains(text), "{address} lacks {text:?}:\n{read}");
    }
    html
}

#[tokio::test]
async fn every_screen_shows_what_matters_first() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for (address, texts) in [
        (
            "/",
            &[
                "Normal",
                "Recording",
                "Feeds",
                "4 feeds",
                "pharmacy",
                "Last message",
                "Play the attack",
                "Change mode",
                "ward packs ready to print",
            ][..],
        ),
        ("/mode", &["Downtime", "Your initials or name", "The mode is now Normal"]),
        ("/wards", &["Northgate General", "Southmere Community", "AMU", "patients"]),
        (
            "/wards/Northgate%20General/AMU",
            &[
                "SMITH, Fredrica Anne (Mrs)",
                "Empty",
                "Allergies: Penicillin",
                "Allergies not recorded",
                "No known allergies",
                "Print ward pack",
                "NHS No. 999 000",
            ],
        ),
        ("/feeds", &["Received", "Understood", "In the tray", "Unauthenticated feed", "Silent after"]),
        ("/tray", &["2 listed of 2 in the tray", "Not understood", "What to do with a message in the tray"]),
        ("/print", &["Print all", "Failed", "No room on the disk for packs", "Open PDF", "Being made"]),
        ("/paste", &["Paste a message", "Nothing is recorded", "Show what it says"]),
        ("/find", &["Nothing typed yet"]),
        ("/entries/1", &["The message exactly as it was received", "MSH|^~\\&|"]),
    ] {
        check(&router, address, texts).await;
    }
}

#[tokio::test]
async fn a_patient_page_holds_one_patient_and_all_of_them() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let key = hospital.room.find("smith fredrica", 5).unwrap().matches[0].patient.key.0;
    let html = check(
        &router,
        &format!("/patients/{key}"),
        &[
            "SMITH, Fredrica Anne (Mrs)",
            "14-Jul-1945 (81y)",
            "Known allergies",
            "Penicillin",
            "Anaphylaxis",
            "Not for cardiopulmonary resuscitation",
            "furosemide",
            "40 mg",
            "Last given",
            "Next due",
            "As required: no fixed time",
            "Critically high",
            "Preliminary",
            "3.5-5.3",
            "Troponin",
            "Urgent",
            "Congestive heart failure",
            "Save the document",
            "HFCLINIC",
            "Heart failure review",
            "SMITH, Arthur (Mr)",
            "Next of kin",
            "NHS number",
            "No earlier value",
            "4 values, oldest first: 4.1, 4.6, 5.1, 6.2",
        ],
    )
    .await;
    for other in ["OKONKWO", "SMYTH, Frederica", "Okonkwo"] {
        assert!(!html.contains(other), "another patient's name {other} is on the page");
    }
    assert_eq!(html.matches("class=\"allergy-heading\"").count(), 1);
}

#[tokio::test]
async fn the_dead_are_told_by_colour_pattern_and_word() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let key = hospital.room.find("weatherby", 5).unwrap().matches[0].patient.key.0;
    check(&router, &format!("/patients/{key}"), &["banner-died", "Deceased 14-Jul-2026"]).await;
}

#[tokio::test]
async fn find_says_how_it_matched_and_what_to_do_when_nobody_did() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for (question, texts) in [
        ("smith", &["SMITH, Fredrica", "NHS No."][..]),
        ("smiht%20fredrica", &["SMITH, Fredrica", "Similar spelling: check"]),
        ("9990000010", &["Exact match"]),
        ("AMU%204", &["SMITH, Fredrica"]),
        ("zzzzqqqq", &["Nobody was found for", "Try the NHS number"]),
        ("%3Cscript%3E", &["Nobody was found for"]),
    ] {
        let number = fixture::nhs(1);
        let question = question.replace("9990000010", &number);
        check(&router, &format!("/find?q={question}"), texts).await;
    }
}

#[tokio::test]
async fn an_empty_hospital_says_what_to_do_on_every_list() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    for (address, text) in [
        ("/wards", "Wards appear here as soon as a feed sends an admission"),
        ("/print", "There is no pack yet"),
        ("/tray", "The tray is empty"),
        ("/feeds", "A feed is silent"),
        ("/", "Silent, nothing received yet"),
    ] {
        check(&router, address, &[text]).await;
    }
}

#[tokio::test]
async fn what_is_not_there_says_what_to_do_next() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for (address, text) in [
        ("/nowhere", "There is no page at this address"),
        ("/patients/99999", "Find the patient by name"),
        ("/patients/x", "No patient is kept under this number"),
        ("/wards/Northgate%20General/NONE", "There is no ward NONE"),
        ("/entries/999999", "The feed book has no message"),
        ("/s/unknown", "No sheet with this code"),
        ("/print/Northgate%20General/NONE/pack.pdf", "There is no pack for ward NONE"),
        ("/patients/1/documents/77", "no such document"),
        ("/assets/none.css", "There is no page at this address"),
    ] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        assert!(answer.text().contains(text), "{address} lacks {text:?}");
    }
    let answer = get(&router, "/demo/attack").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let long = "x".repeat(100_000);
    let answer = post(&router, "/mode", &[("reason", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("Too large"));
}

#[tokio::test]
async fn pdfs_and_documents_leave_with_safe_headers() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for address in ["/print/all.pdf", "/patients/1/sheets.pdf", "/print/Northgate%20General/AMU/pack.pdf"] {
        let answer = get(&router, address).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "application/pdf"),
            "{address}"
        );
        assert!(answer.header("content-disposition").starts_with("inline; filename="));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let key = hospital.room.find("smith fredrica", 5).unwrap().matches[0].patient.key;
    let record = hospital.room.patient(key).unwrap().unwrap();
    let index = record.documents.iter().position(|d| d.bytes > 0).unwrap();
    let answer = get(&router, &format!("/patients/{}/documents/{index}", key.0)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-disposition").starts_with("attachment;"));
    assert!(answer.header("content-security-policy").contains("sandbox"));
    assert!(answer.body.starts_with(b"%PDF"));
}

#[tokio::test]
async fn a_pack_that_cannot_be_read_says_why_and_what_to_do() {
    let hospital = Hospital::full();
    let mut screens = hospital.screens();
    screens.shelf = std::sync::Arc::new(fixture::shelf::BrokenShelf);
    let router = screens::router(screens);
    for address in ["/print/all.pdf", "/patients/1/sheets.pdf", "/print/Northgate%20General/AMU/pack.pdf"] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        assert!(
            answer.text().contains("The packs&#39; disk is full.")
                && answer.text().contains("Print this page from the browser")
        );
    }
}

#[tokio::test]
async fn a_sheet_leads_to_its_patient() {
    let hospital = Hospital::full();
    let answer = get(&hospital.router(), "/s/K7Q2").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/patients/1"));
}
