//! A list of bookings brought in by its page: looked at, its columns said, taken once; and one that waited in the tray.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::body::Body;
use common::{get, words};
use fixture::Hospital;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// A list whose headings nobody recognises; its second row has no such day.
const LIST: &str = "Ref.;Pt;Who;On;At;Room;Colour\r\nT1;771;Example;16/07/2026;08:30;Eye;<b>blue</b>\r\n\
    T2;772;Sample;31/02/2026;08:40;Eye;red\r\n";
/// What its columns hold.
const SAID: [(&str, &str); 7] = [
    ("column-0", "appointment id"),
    ("column-1", "mrn"),
    ("column-2", "family"),
    ("column-3", "date"),
    ("column-4", "time"),
    ("column-5", "clinic"),
    ("column-6", ""),
];

/// A form as a browser sends it with a file.
async fn send(router: &axum::Router, file: &[u8], fields: &[(&str, &str)]) -> (StatusCode, String) {
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, bytes: &[u8]| {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("file", "; filename=\"list.csv\"\r\nContent-Type: text/csv", file);
    fields.iter().for_each(|(name, value)| part(name, "", value.as_bytes()));
    body.extend_from_slice(b"--edge--\r\n");
    let request = Request::post("/clinics/import")
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .body(Body::from(body))
        .unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, String::from_utf8_lossy(&bytes).into_owned())
}

fn has(html: &str, wanted: &[&str]) {
    let text = words(html).split_whitespace().collect::<Vec<_>>().join(" ");
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

fn checked(html: &str) -> String {
    html.split_once("name=\"checked\" value=\"").map_or(String::new(), |(_, rest)| rest[..16].to_owned())
}

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SAID.iter().copied().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn a_list_is_looked_at_its_columns_said_and_taken_once() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    has(&get(&router, "/clinics/import").await.text(), &["Bring in a list", "Look at it"]);
    // Nobody recognises the headings: what is missing is said, and there is nothing to take yet.
    let (status, html) = send(&router, LIST.as_bytes(), &[("deed", "look")]).await;
    assert_eq!(status, StatusCode::OK);
    has(&html, &["Ref.", "771 · 772", "No column is taken for", "proposed from the headings"]);
    assert!(!html.contains("value=\"take\"") && !html.contains("<b>blue"), "{html}");
    // Said by a person, every row is judged; nothing is kept yet.
    let (_, html) = send(&router, b"", &with(&[("deed", "look"), ("sheet", LIST)])).await;
    has(&html, &["Line 3 :", "Confirm and take 2 rows", "Refused, will wait in the tray 1"]);
    assert_eq!(hospital.room.totals().received, 0);
    let sum = checked(&html);
    // Without a name it is not taken; with another list than the one that was looked at neither.
    let take = |sheet: &'static str, by: &'static str| {
        let (router, sum) = (router.clone(), sum.clone());
        async move {
            let fields = with(&[("deed", "take"), ("sheet", sheet), ("by", by), ("checked", &sum)]);
            send(&router, b"", &fields).await
        }
    };
    let (status, html) = take(LIST, "").await;
    assert_eq!(status, StatusCode::CONFLICT);
    has(&html, &["Nobody signed this"]);
    let (status, html) =
        take("Ref.;Pt;Who;On;At;Room;Colour\r\nT9;9;X;16/07/2026;08:30;Eye;\r\n", "Anna Bell").await;
    assert_eq!(status, StatusCode::CONFLICT);
    has(&html, &["changed since it was checked"]);
    assert_eq!(hospital.room.totals().received, 0);
    let (status, html) = take(LIST, "Anna Bell").await;
    assert_eq!(status, StatusCode::OK);
    has(&html, &["2 rows kept.", "1 in the tray of this feed"]);
    has(&get(&router, "/clinics/list?day=2026-07-16&list=Eye").await.text(), &["EXAMPLE"]);
    // Pressed twice, it is stored once; and these headings are known from now on.
    let (_, html) = take(LIST, "Anna Bell").await;
    has(&html, &["2 of them had come before and are stored once"]);
    let (_, html) = send(&router, LIST.as_bytes(), &[("deed", "look")]).await;
    has(&html, &["confirmed before", "Confirm and take 2 rows"]);
}

#[tokio::test]
async fn what_waits_in_the_tray_is_read_once_its_columns_are_said() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    let row = LIST.lines().take(2).collect::<Vec<_>>().join("\r\n");
    hospital.play(&[("pas", 60, row)]);
    let waiting =
        hospital.room.tray(&control_room::TrayFilter::default()).unwrap().remove(0).entry.to_string();
    has(&get(&router, &format!("/tray/{waiting}")).await.text(), &["say what each column holds"]);
    let html = get(&router, &format!("/clinics/import?entry={waiting}")).await.text();
    has(&html, &["No column is taken for", "of the feed pas"]);
    let fields = with(&[("deed", "look"), ("entry", &waiting)]);
    let (_, html) = send(&router, b"", &fields).await;
    let sum = checked(&html);
    let fields = with(&[("deed", "take"), ("entry", &waiting), ("by", "Anna Bell"), ("checked", &sum)]);
    let (status, html) = send(&router, b"", &fields).await;
    assert_eq!(status, StatusCode::OK);
    has(&html, &["what waited was read again", "Nothing of this feed waits"]);
    assert_eq!(hospital.room.totals().in_tray, 0);
    assert_eq!(get(&router, "/clinics/import?entry=999").await.status, StatusCode::NOT_FOUND);
}
