//! Sitreps on the screen: drafted, edited, approved, numbered, due; as page, PDF, text and JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;
use crate::plan;

use axum::Router;
use common::{get, post, words};
use fixture::Hospital;
use http::StatusCode;
use incident::declare::Nature;
use incident::sitreps::{Intent, Sitrep};
use plan::{FIRST, declared, does, later, prepared};

fn has(text: &str, wanted: &[&str]) {
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

async fn read(router: &Router, address: &str) -> String {
    let answer = get(router, address).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}: {}", words(&answer.text()));
    words(&answer.text())
}

fn draft(hospital: &Hospital) -> Sitrep {
    hospital.room.incident().read(|book| book.incident(FIRST).unwrap().sitreps.waiting().unwrap().clone())
}

/// The fields of the form as a browser sends them, with one section's text changed.
fn fields(draft: &Sitrep, heading: &str, body: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![
        ("incident".to_owned(), "1".to_owned()),
        ("number".to_owned(), draft.number.to_string()),
        ("revision".to_owned(), draft.revision.to_string()),
    ];
    for (at, section) in draft.sections.iter().enumerate() {
        let body = if section.heading == heading { body } else { &section.body };
        all.push((format!("heading-{at}"), section.heading.clone()));
        all.push((format!("body-{at}"), body.replace('\n', "\r\n")));
    }
    all.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all
}

async fn send(router: &Router, fields: &[(String, String)]) -> common::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    post(router, "/sitreps/draft", &fields).await
}

#[tokio::test]
async fn a_sitrep_is_drafted_edited_approved_and_numbered() {
    let hospital = declared(Nature::Real);
    later(&hospital, 70);
    let router = hospital.router();
    let page = read(&router, "/sitreps").await;
    has(
        &page,
        &[
            "0 approved",
            "Late Due 14-Jul-2026 17:05",
            "10 minutes ago",
            "1 entry in this incident, no sitrep yet",
            "None yet",
        ],
    );
    let unsigned = post(&router, "/sitreps/begin", &[("incident", "1"), ("by", "")]).await;
    assert_eq!(unsigned.status, StatusCode::CONFLICT);
    let begun = post(&router, "/sitreps/begin", &[("incident", "1"), ("by", "Carys Pugh")]).await;
    assert_eq!(begun.header("location"), "/sitreps/draft?incident=1&done=sitrep-begun");
    let page = read(&router, "/sitreps/draft?incident=1").await;
    has(
        &page,
        &[
            "Sitrep 1, draft",
            "revision 1",
            "by Carys Pugh",
            "What changed since the incident was opened",
            "Major incident declared: Cyber attack",
            "Risks",
            "Approve sitrep 1",
            "Next sitrep by",
        ],
    );
    has(&read(&router, "/sitreps").await, &["Draft of sitrep 1, revision 1", "Go on with the draft"]);
    let kept = send(
        &router,
        &fields(
            &draft(&hospital),
            "Risks",
            "Blood <b>stocks</b>\nuntil 18:00",
            &[("deed", "keep"), ("by", "Carys Pugh")],
        ),
    )
    .await;
    assert_eq!(kept.header("location"), "/sitreps/draft?incident=1&done=sitrep-kept");
    let now = draft(&hospital);
    assert_eq!(now.revision, 2);
    assert!(now.sections.iter().any(|s| s.body == "Blood <b>stocks</b>\nuntil 18:00"));
    // Keeping what is the same makes no revision; a new section is added by its heading.
    send(&router, &fields(&now, "", "", &[("deed", "keep"), ("by", "Carys Pugh")])).await;
    assert_eq!(draft(&hospital).revision, 2);
    let at = now.sections.len();
    let (heading, body) = (format!("heading-{at}"), format!("body-{at}"));
    let more = [
        (heading.as_str(), "Press"),
        (body.as_str(), "Two reporters at the gate"),
        ("deed", "approve"),
        ("at", "18:30"),
        ("by", "Anna Bell"),
    ];
    let approved = send(&router, &fields(&now, "", "", &more)).await;
    assert_eq!(approved.header("location"), "/sitreps/1/1?done=sitrep-approved");
    let html = get(&router, "/sitreps/1/1").await.text();
    assert!(html.contains("Blood &#60;b&#62;stocks&#60;/b&#62;") && !html.contains("<b>stocks"));
    has(
        &words(&html),
        &[
            "Sitrep 1",
            "revision 3",
            "by Anna Bell",
            "Two reporters at the gate",
            "Next sitrep promised by 14-Jul-2026 18:30",
        ],
    );
    has(
        &read(&router, "/sitreps").await,
        &["1 approved", "Due 14-Jul-2026 18:30", "in 1 hour 15 minutes", "approved by Anna Bell"],
    );
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let hospital = declared(Nature::Real);
    let router = hospital.router();
    does(&hospital, "Carys Pugh", Intent::Begin { incident: FIRST, more: Vec::new() });
    let first = draft(&hospital);
    for (more, why) in [
        (&[("deed", "approve"), ("at", "soon"), ("by", "AB")][..], "Promise a time for the next sitrep"),
        (&[("deed", "keep"), ("by", "")], "Nobody signed this"),
        (&[("deed", "discard"), ("discard", ""), ("by", "AB")], "The reason is missing"),
    ] {
        let refused = send(&router, &fields(&first, "Risks", "typed & kept", more)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{why}");
        has(&words(&refused.text()), &[why, "typed & kept"]);
        assert_eq!(draft(&hospital).revision, 1, "a refused approval keeps no revision");
    }
    // Somebody else was faster: both texts stand on the page, and sending it again takes ours.
    let theirs = fields(&first, "Risks", "Their words", &[("deed", "keep"), ("by", "Eva Frost")]);
    assert_eq!(send(&router, &theirs).await.status, StatusCode::SEE_OTHER);
    let late =
        send(&router, &fields(&first, "Risks", "Our words", &[("deed", "keep"), ("by", "Carys Pugh")])).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let html = late.text();
    has(
        &words(&html),
        &[
            "Eva Frost changed the draft at 16:05",
            "Our words",
            "The draft says now, in revision 2",
            "Their words",
        ],
    );
    assert!(html.contains("name=\"revision\" value=\"2\""), "sent again, it follows what was read");
    // Approved meanwhile: the words are not lost either.
    does(&hospital, "Anna Bell", Intent::Approve { incident: FIRST, number: 1, revision: 2, next_due: None });
    let gone =
        send(&router, &fields(&first, "Risks", "Our words", &[("deed", "keep"), ("by", "Carys Pugh")])).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    has(&words(&gone.text()), &["The draft is gone", "There is no draft of sitrep 1", "Our words"]);
    let too_long = "x".repeat(9_000);
    does(&hospital, "Carys Pugh", Intent::Begin { incident: FIRST, more: Vec::new() });
    let second = draft(&hospital);
    let refused =
        send(&router, &fields(&second, "Risks", &too_long, &[("deed", "keep"), ("by", "AB")])).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains(&too_long) && words(&refused.text()).contains("keep it under 8000"));
}

#[tokio::test]
async fn an_approved_sitrep_leaves_as_pdf_text_and_json_that_say_the_same() {
    let hospital = declared(Nature::Exercise);
    let router = hospital.router();
    does(&hospital, "Carys Pugh", Intent::Begin { incident: FIRST, more: Vec::new() });
    for ending in ["pdf", "txt", "json"] {
        let draft = get(&router, &format!("/sitreps/1/1/sitrep.{ending}")).await;
        assert_eq!(draft.status, StatusCode::NOT_FOUND, "a draft never leaves");
    }
    let first = draft(&hospital);
    let done = send(
        &router,
        &fields(
            &first,
            "Risks",
            "Fridges warm",
            &[("deed", "approve"), ("none", "yes"), ("by", "Anna Bell")],
        ),
    )
    .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let pdf = get(&router, "/sitreps/1/1/sitrep.pdf").await;
    assert!(pdf.body.starts_with(b"%PDF-") && pdf.header("content-type") == "application/pdf");
    let text = get(&router, "/sitreps/1/1/sitrep.txt").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    has(
        &text.text(),
        &[
            "EXERCISE EXERCISE",
            "SITUATION REPORT 1",
            "Approved by Anna Bell at 14-Jul-2026 16:05",
            "No further sitrep is promised",
            "RISKS\nFridges warm",
            "Speaks of entries 1 to 3",
        ],
    );
    let json = get(&router, "/sitreps/1/1/sitrep.json").await;
    let data: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(data["format"], "lifeboat-sitrep/1");
    assert_eq!((data["exercise"].as_bool(), data["number"].as_u64()), (Some(true), Some(1)));
    assert_eq!(data["approved"]["by"], "Anna Bell");
    assert!(data["next_due"].is_null());
    let sections = data["sections"].as_array().unwrap();
    assert!(sections.iter().any(|s| s["heading"] == "Risks" && s["body"] == "Fridges warm"));
    for section in sections {
        assert!(text.text().contains(&section["heading"].as_str().unwrap().to_uppercase()));
    }
    let html = get(&router, "/sitreps/1/1").await.text();
    assert!(html.contains("class=\"watermark\""));
    for address in ["/sitreps/1/2", "/sitreps/9/1", "/sitreps/x/y", "/sitreps/draft?incident=1"] {
        assert_eq!(get(&router, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn the_next_time_is_promised_anew_with_a_reason_and_a_draft_given_up() {
    let hospital = declared(Nature::Real);
    let router = hospital.router();
    let refused = post(
        &router,
        "/sitreps/due",
        &[("incident", "1"), ("at", "x"), ("reason", "busy & tired"), ("by", "AB")],
    )
    .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("value=\"busy &#38; tired\""));
    let moved = post(
        &router,
        "/sitreps/due",
        &[("incident", "1"), ("at", "20:00"), ("reason", "Commanders meet at 19:30"), ("by", "AB")],
    )
    .await;
    assert_eq!(moved.header("location"), "/sitreps?incident=1&done=sitrep-due");
    has(&read(&router, "/sitreps").await, &["Due 14-Jul-2026 20:00"]);
    does(&hospital, "Carys Pugh", Intent::Begin { incident: FIRST, more: Vec::new() });
    let again = post(&router, "/sitreps/begin", &[("incident", "1"), ("by", "Eva Frost")]).await;
    has(&words(&again.text()), &["Carys Pugh began sitrep 1 at 16:05; go on with that draft"]);
    let given_up = post(
        &router,
        "/sitreps/draft",
        &[
            ("incident", "1"),
            ("number", "1"),
            ("deed", "discard"),
            ("discard", "Begun in error"),
            ("by", "AB"),
        ],
    )
    .await;
    assert_eq!(given_up.header("location"), "/sitreps?incident=1&done=sitrep-discarded");
    let none = post(
        &router,
        "/sitreps/due",
        &[("incident", "1"), ("none", "yes"), ("reason", "Standing down"), ("by", "AB")],
    )
    .await;
    assert_eq!(none.status, StatusCode::SEE_OTHER);
    has(&read(&router, "/sitreps").await, &["No time is promised"]);
    let quiet = prepared();
    has(&read(&quiet.router(), "/sitreps").await, &["No incident has been declared"]);
    let nothing = post(&quiet.router(), "/sitreps/begin", &[("by", "AB")]).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}
