//! All vital signs of a patient by time: each with its unit, abnormal ones in words, how many more there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, words};
use fixture::Hospital;
use http::StatusCode;

#[tokio::test]
async fn every_vital_sign_stands_there_with_unit_time_and_entry() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let html = get(&router, "/patients/1/signs").await.text();
    let read = words(&html);
    for text in [
        "SMITH, Fredrica Anne (Mrs)",
        "6 values",
        "3 kinds",
        "1 to 6 of 6 values",
        "Heart rate",
        "88 /min",
        "96 /min",
        "93 %",
        "95 %",
        "Low",
        "36.9",
        "37.2",
        "range 96-100",
        "Heart rate: 2 values from 96 to 88 /min, lowest 88, highest 96, 0 marked abnormal.",
    ] {
        assert!(read.contains(text) || html.contains(text), "{text} is missing:\n{read}");
    }
    // The set of eight hours ago stands before that of thirty hours ago.
    assert!(read.rfind("88 /min") < read.rfind("96 /min"), "{read}");
    assert!(html.contains("href=\"/entries/"));
    let page = get(&router, "/patients/1").await.text();
    assert!(
        page.contains("href=\"/patients/1/signs\"")
            && page.contains("href=\"/patients/1/signs?kind=8867-4\"")
    );
}

#[tokio::test]
async fn one_kind_can_be_read_by_itself() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let html = get(&router, "/patients/1/signs?kind=8867-4").await.text();
    let read = words(&html);
    assert!(read.contains("only Heart rate") && read.contains("1 to 2 of 2 values"), "{read}");
    assert!(!read.contains("Oxygen saturation"), "{read}");
    let none = get(&router, "/patients/1/signs?kind=%3Cscript%3E").await;
    assert_eq!(none.status, StatusCode::OK);
    assert!(none.text().contains("None of these is kept") && !none.text().contains("<script>x"));
    for odd in ["/patients/1/signs?from=999999", "/patients/1/signs?from=x&kind="] {
        assert_eq!(get(&router, odd).await.status, StatusCode::OK, "{odd}");
    }
    assert_eq!(get(&router, "/patients/9999/signs").await.status, StatusCode::NOT_FOUND);
}

/// Follows the links to older values and counts what was listed.
async fn walked(router: &axum::Router, first: &str) -> (usize, usize) {
    let (mut address, mut pages, mut values) = (first.to_owned(), 0, 0);
    loop {
        let html = get(router, &address).await.text();
        let list = html.split("class=\"values\"").skip(1);
        values += list.map(|set| set.split("</ul>").next().unwrap().matches("<li").count()).sum::<usize>();
        pages += 1;
        assert!(pages < 50, "the list never ends");
        let Some((before, _)) = html.split_once(" older values</a>") else { return (pages, values) };
        let link = before.rsplit_once("href=\"").unwrap().1;
        address = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    }
}

#[tokio::test]
async fn a_long_list_is_parted_and_says_how_many_more_there_are() {
    let hospital = Hospital::odd();
    let router = hospital.router();
    let key = hospital.room.find("everything", 5).unwrap().matches[0].patient.key;
    let kept = hospital.room.patient(key).unwrap().unwrap().observations.len();
    assert!(kept > 150, "{kept}");
    let address = format!("/patients/{}/signs", key.0);
    let read = words(&get(&router, &address).await.text());
    assert!(read.contains(&format!("1 to 150 of {kept} values")), "{read}");
    assert!(read.contains(&format!("{} older values", kept - 150)));
    assert!(read.contains(&format!("lists the newest {kept} values")));
    let (pages, values) = walked(&router, &address).await;
    assert_eq!((pages, values), (kept.div_ceil(150), kept));
    let (_, one_kind) = walked(&router, &format!("{address}?kind=8310-5")).await;
    assert_eq!(one_kind, kept / 6);
}
