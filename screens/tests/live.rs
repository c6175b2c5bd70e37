//! Live pages: an event when something on the page changed, none when not, an end when the program closes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::fixture;

use axum::body::Body;
use fixture::Hospital;
use fixture::messages::{Person, admit, ed_bed};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::time::Duration;
use tower::ServiceExt;

async fn open(router: &axum::Router, topics: &str) -> axum::response::Response {
    let request = Request::get(format!("/live?topics={topics}")).body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

/// The next piece of the stream that holds an event; keep-alives are passed over.
async fn event(body: &mut Body) -> Option<String> {
    loop {
        let frame = body.frame().await?.unwrap();
        let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
        if text.contains("event:") {
            return Some(text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_hears_of_its_own_ward_and_ends_with_the_program() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let mut ward = open(&router, "ward:Northgate%20General/AMU").await;
    assert_eq!(ward.status(), StatusCode::OK);
    assert_eq!(ward.headers()["content-type"], "text/event-stream");
    let mut other = open(&router, "ward:Northgate%20General/ITU").await;
    let p = Person { n: 77, name: "Newcomer^Nell", born: "19800101", sex: "F" };
    hospital.play(&[admit(&p, &ed_bed("AMU", "Bay 3", "4"), 1, "Test", "Test^Tess", &[])]);
    let heard = tokio::time::timeout(Duration::from_secs(60), event(ward.body_mut())).await.unwrap();
    assert!(heard.unwrap().contains("event: change"));
    let quiet = tokio::time::timeout(Duration::from_secs(2), event(other.body_mut())).await;
    assert!(quiet.is_err(), "another ward's change was told: {quiet:?}");
    hospital.closing.send(true).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(60), event(ward.body_mut())).await.unwrap();
    assert_eq!(ended, None);
}

#[tokio::test]
async fn streams_are_bounded_and_need_a_topic() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    assert_eq!(open(&router, "").await.status(), StatusCode::BAD_REQUEST);
    let mut open_streams = Vec::new();
    for _ in 0..1000 {
        open_streams.push(open(&router, "all").await);
    }
    assert!(open_streams.iter().all(|r| r.status() == StatusCode::OK));
    assert_eq!(open(&router, "all").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(open_streams);
    assert_eq!(open(&router, "all").await.status(), StatusCode::OK);
}
