//! The outbox's page: what waits for a person first, each with what can be done; slips for runners as a PDF.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post, words};
use fixture::{Hospital, now};
use http::StatusCode;
use paper::RunnerSlip;
use screens::{PostBoard, PostDeed, PostDesk, PostGateway, PostItem, Screens};
use std::sync::{Arc, Mutex};

/// An outbox of three messages that remembers what was decided.
#[derive(Default)]
struct Tin(Mutex<Vec<(u64, PostDeed, String, String)>>);

fn item(number: u64, state: &str) -> PostItem {
    PostItem {
        number,
        way: "text messages".into(),
        to: "+447700900123".into(),
        subject: "Roll-call 1 <b>".into(),
        state: state.into(),
        why: "the gateway says: no such number".into(),
        queued_at: now(),
        asked_by: "Sam".into(),
        stuck: state == "refused",
        queued: state == "queued",
        slip_printed: state == "sent",
    }
}

impl PostDesk for Tin {
    fn board(&self, _: usize) -> PostBoard {
        let gateway = PostGateway {
            name: "notify".into(),
            carries: "text messages".into(),
            waiting: 1,
            resting: Some((now().plus_seconds(60), "it answers slowly".into())),
            per_minute_max: 3_000,
            ..PostGateway::default()
        };
        PostBoard {
            halted: None,
            open: 3,
            counts: vec![("queued".into(), 1), ("refused".into(), 1), ("sent".into(), 1)],
            gateways: vec![gateway],
            stuck: vec![item(7, "refused")],
            slips: vec![item(8, "sent")],
            waiting: vec![item(9, "queued")],
        }
    }

    fn slips(&self) -> Vec<RunnerSlip> {
        vec![RunnerSlip {
            number: 8,
            to: "Ward 7".into(),
            text: "Switch it off".into(),
            ..RunnerSlip::default()
        }]
    }

    fn decide(&self, number: u64, deed: PostDeed, by: &str, reason: &str) -> Result<(), String> {
        if number == 404 {
            return Err("there is no open message 404 in the outbox".into());
        }
        self.0.lock().unwrap().push((number, deed, by.to_owned(), reason.to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn what_waits_for_a_person_stands_first_and_is_decided_with_a_reason() {
    let hospital = Hospital::full();
    let tin = Arc::new(Tin::default());
    let router = screens::router(Screens { post: Some(tin.clone()), ..hospital.screens() });
    let page = get(&router, "/outbox").await.text();
    assert!(!page.contains("<b>"), "what a subject holds is text");
    let text = words(&page);
    let (stuck, slip, waiting) = (
        text.find("no such number").unwrap(),
        text.find("A runner took it").unwrap(),
        text.find("Take it out").unwrap(),
    );
    assert!(stuck < slip && slip < waiting, "{text}");
    for said in ["3 open", "Resting until", "it answers slowly", "0 of at most 3000 a minute"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for (number, deed, want) in [
        (7, "again", PostDeed::SendAgain),
        (7, "sent", PostDeed::CountAsSent),
        (7, "close", PostDeed::Close),
        (9, "cancel", PostDeed::Cancel),
        (8, "taken", PostDeed::SlipTaken),
    ] {
        let fields = [("deed", deed), ("reason", "rang them"), ("by", "Kim")];
        let done = post(&router, &format!("/outbox/{number}"), &fields).await;
        assert_eq!(done.header("location"), "/outbox?done=outbox", "{deed}");
        let last = tin.0.lock().unwrap().pop().unwrap();
        assert_eq!(last, (number, want, "Kim".to_owned(), "rang them".to_owned()));
    }
    let gone = post(&router, "/outbox/404", &[("deed", "again"), ("reason", "x"), ("by", "Kim")]).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    assert!(words(&gone.text()).contains("There is no open message 404"), "{}", words(&gone.text()));
    let unsigned = post(&router, "/outbox/7", &[("deed", "again"), ("reason", "x"), ("by", "")]).await;
    assert_eq!(unsigned.status, StatusCode::CONFLICT);
    assert!(tin.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn slips_are_printed() {
    let hospital = Hospital::full();
    let router = screens::router(Screens { post: Some(Arc::new(Tin::default())), ..hospital.screens() });
    let pdf = get(&router, "/outbox/slips.pdf").await;
    assert!(pdf.body.starts_with(b"%PDF") && pdf.header("content-type") == "application/pdf");
    let none = get(&hospital.router(), "/outbox/slips.pdf").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
