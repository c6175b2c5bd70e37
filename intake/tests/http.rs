//! Posts of every kind, and bodies made to hurt. RELIABILITY test 15.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use basics::{FeedName, FixedClock, Moment, Zone};
use common::{Behaviour, Trial, message};
use flate2::{Compression, write::GzEncoder};
use intake::http::{Door, Proven, router};
use intake::{BodyLimits, Peers};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

#[derive(Default)]
struct Post<'a> {
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Vec<u8>,
    from: &'a str,
    /// Feeds that want a certificate, and those for which the sender showed one.
    certified: Vec<FeedName>,
    proven: Vec<FeedName>,
}

const ER7: (&str, &str) = ("content-type", "application/hl7-v2+er7");
const FHIR: (&str, &str) = ("content-type", "application/fhir+json");
const NDJSON: (&str, &str) = ("content-type", "application/fhir+ndjson");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

async fn post(behaviour: Behaviour, limits: BodyLimits, post: Post<'_>) -> (StatusCode, String, Vec<String>) {
    let trial = Trial::new(behaviour);
    let door = Door {
        feeds: vec![FeedName::new("pas").unwrap()],
        neighbours: Vec::new(),
        certified: post.certified,
        peers: Peers::new(vec!["192.0.2.0/24".parse().unwrap()]),
        limits,
        zone: Zone::utc(),
    };
    let router = router(door, trial.clone(), Arc::new(FixedClock::new(Moment::from_milliseconds(0))));
    let mut request = Request::post(post.path);
    for (name, value) in post.headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(post.body)).unwrap();
    let peer: SocketAddr = format!("{}:4000", post.from).parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(Proven(post.proven.into()));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned(), trial.kept())
}

async fn check(path: &str, headers: &[(&str, &str)], body: &[u8], status: u16, says: &str, kept: usize) {
    let sent = Post { path, headers, body: body.to_vec(), from: "192.0.2.7", ..Post::default() };
    let (got, text, held) = post(Behaviour::Honest, BodyLimits::default(), sent).await;
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    assert_eq!(got.as_u16(), status, "{path} {headers:?} {shown}: {text}");
    assert!(text.contains(says), "{path} {headers:?} {shown}: {text}");
    assert_eq!(held.len(), kept, "{path} {headers:?} {shown}: {held:?}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_posted_is_kept_and_answered() {
    let one = message("m1");
    check("/feeds/pas/hl7", &[ER7], &one, 200, "MSA|AA|m1", 1).await;
    check("/feeds/pas/hl7", &[("content-type", "text/plain; charset=utf-8")], &one, 200, "MSA|AA|m1", 1)
        .await;
    check("/feeds/pas/hl7", &[ER7, GZIP], &gzip(&one), 200, "MSA|AA|m1", 1).await;
    let two = [message("m1"), message("m2"), b"stray".to_vec()].join(&b"\r\n"[..]);
    check("/feeds/pas/hl7", &[ER7], &two, 200, "\"received\":2", 2).await;
    let batch = [b"BHS|^~\\&|x".to_vec(), message("m1"), message("m2"), b"BTS|2".to_vec()].join(&b"\r"[..]);
    check("/feeds/pas/hl7", &[ER7], &batch, 200, "{\"control_id\":\"m2\",\"code\":\"AA\"", 2).await;
    check("/feeds/pas/fhir", &[FHIR], br#"{"resourceType":"Bundle"}"#, 200, "Kept as entry 1", 1).await;
    check("/feeds/pas/fhir", &[NDJSON], b"{\"a\":1}\n\n{\"a\":2}\n", 200, "Kept 2 resources", 2).await;
    let query = b"MSH|^~\\&|A|B|C|D|||QBP^Q22|q1|P|2.5\r";
    check("/feeds/pas/hl7", &[ER7], query, 422, "MSA|AR|q1", 1).await;
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_in_words() {
    let one = message("m1");
    check("/feeds/nobody/hl7", &[ER7], &one, 404, "no feed of that name", 0).await;
    check("/feeds/pas/hl7", &[], &one, 415, "Send HL7 v2 as", 0).await;
    check("/feeds/pas/hl7", &[ER7, ("content-encoding", "br")], &one, 415, "gzip", 0).await;
    check("/feeds/pas/hl7", &[ER7], b" \r\n", 400, "nothing in the body", 0).await;
    check("/feeds/pas/hl7", &[ER7], &gzip(&one)[..20], 400, "cannot be opened", 0).await;
    check("/feeds/pas/fhir", &[ER7], b"{}", 415, "OperationOutcome", 0).await;
    check("/feeds/pas/fhir", &[FHIR], b"{\"a\":", 400, "ends before it is whole", 0).await;
    check(
        "/feeds/pas/fhir",
        &[FHIR],
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
        400,
        "no JSON",
        0,
    )
    .await;
    check(
        "/feeds/pas/fhir",
        &[("content-type", "application/fhir+xml")],
        b"<x/>",
        415,
        "application/fhir+json",
        0,
    )
    .await;
    check("/feeds/pas/fhir", &[FHIR], b"{}{}", 400, "NDJSON", 0).await;
    let cross = [ER7, ("origin", "http://elsewhere.example"), ("host", "lifeboat.example")];
    check("/feeds/pas/hl7", &cross, &one, 403, "another address", 0).await;
    let own = [ER7, ("origin", "http://lifeboat.example"), ("host", "lifeboat.example")];
    check("/feeds/pas/hl7", &own, &one, 200, "MSA|AA|m1", 1).await;
    let stranger = Post {
        path: "/feeds/pas/hl7",
        headers: &[ER7],
        body: one.clone(),
        from: "198.51.100.1",
        ..Post::default()
    };
    let (status, _, kept) = post(Behaviour::Honest, BodyLimits::default(), stranger).await;
    assert_eq!((status, kept.len()), (StatusCode::FORBIDDEN, 0));
    let failing =
        Post { path: "/feeds/pas/hl7", headers: &[ER7], body: one, from: "192.0.2.7", ..Post::default() };
    let (status, text, _) = post(Behaviour::Fails, BodyLimits::default(), failing).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.contains("MSA|AE|m1"), "{text}");
}

/// Test 15: bombs are refused, and nothing of them is kept.
#[tokio::test]
async fn bodies_made_to_hurt_are_refused() {
    check("/feeds/pas/hl7", &[ER7, GZIP], &gzip(&vec![b'M'; 200 << 20]), 413, "grows more than", 0).await;
    let deep = "[".repeat(100_000);
    check("/feeds/pas/fhir", &[FHIR], deep.as_bytes(), 413, "nested more than 128 deep", 0).await;
    let deep_object = format!("{}1{}", "{\"a\":".repeat(1_000), "}".repeat(1_000));
    check("/feeds/pas/fhir", &[FHIR], deep_object.as_bytes(), 413, "nested", 0).await;
    check("/feeds/pas/hl7", &[ER7], &vec![b'x'; (32 << 20) + 1], 413, "longer than", 0).await;
    let lines = "{}\n".repeat(100_001);
    check("/feeds/pas/fhir", &[NDJSON], lines.as_bytes(), 413, "too many resources", 0).await;
    // The planted bug: without its ceilings the door takes the bomb, and the check above would see it kept.
    let open = BodyLimits {
        inflated_times_max: u64::MAX / (1 << 40),
        inflated_bytes_max: u64::MAX,
        ..BodyLimits::default()
    };
    let bomb = [message("bomb"), vec![b'M'; 64 << 20]].concat();
    let sent = Post {
        path: "/feeds/pas/hl7",
        headers: &[ER7, GZIP],
        body: gzip(&bomb),
        from: "192.0.2.7",
        ..Post::default()
    };
    let (status, _, kept) = post(Behaviour::Honest, open, sent).await;
    assert_eq!((status, kept.len()), (StatusCode::OK, 1));
}

/// What a post to the feed "pas" is answered: from that machine, with certificates for `proven`, where `certified` want one.
async fn answered(from: &str, certified: &[&str], proven: &[&str], headers: &[(&str, &str)]) -> (u16, usize) {
    let names = |all: &[&str]| all.iter().map(|name| FeedName::new(name).unwrap()).collect::<Vec<_>>();
    let post_of = Post {
        path: "/feeds/pas/hl7",
        headers,
        body: message("m1"),
        from,
        certified: names(certified),
        proven: names(proven),
    };
    let (status, _, kept) = post(Behaviour::Honest, BodyLimits::default(), post_of).await;
    (status.as_u16(), kept.len())
}

#[tokio::test]
async fn a_certificate_stands_for_the_list_and_is_wanted_where_the_feed_says_so() {
    let (listed, stranger) = ("192.0.2.7", "198.51.100.1");
    let cross = [ER7, ("origin", "http://elsewhere.example"), ("host", "lifeboat.example")];
    for (from, certified, proven, headers, wanted) in [
        (stranger, &[][..], &["pas"][..], &[ER7][..], (200, 1)),
        (stranger, &[], &["lab"], &[ER7], (403, 0)),
        (listed, &["pas"], &[], &[ER7], (403, 0)),
        (listed, &["pas"], &["lab"], &[ER7], (403, 0)),
        (stranger, &["pas"], &["lab", "pas"], &[ER7], (200, 1)),
        (listed, &["lab"], &[], &[ER7], (200, 1)),
        (listed, &["pas"], &["pas"], &cross, (403, 0)),
    ] {
        let got = answered(from, certified, proven, headers).await;
        assert_eq!(got, wanted, "{from} {certified:?} {proven:?} {headers:?}");
    }
}
