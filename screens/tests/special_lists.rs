//! Special lists on screen and paper: from the feed and from a service's weekly list, the pressing first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::clinics::siu;
use crate::common;
use crate::fixture;

use common::{get, words};
use fixture::Hospital;
use http::StatusCode;

fn has(html: &str, wanted: &[&str]) {
    let text = words(html).split_whitespace().collect::<Vec<_>>().join(" ");
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

#[tokio::test]
async fn who_must_not_be_lost_is_found_by_booking_and_by_the_service_s_list() {
    let hospital = Hospital::empty();
    let weekly = "Special list,MRN,Surname,Mobile,Next due,Notes\r\n\
                  Dialysis,C9,OVERDUE-EXAMPLE,07700900109,13/07/2026,\"Mon, Wed, Fri\"\r\n";
    hospital.play(&[
        ("pas", 60, siu(1, "0900", "Renal", "Haemodialysis", "EXAMPLE", "07700900101")),
        ("pas", 60, siu(2, "0920", "Imaging", "MRI knee", "SAMPLE", "07700900102")),
        ("pas", 60, weekly.to_owned()),
    ]);
    let router = hospital.router();
    has(&get(&router, "/special-lists").await.text(), &["Dialysis", "2 people", "1 overdue", "Insulin"]);
    let html = get(&router, "/special-lists/Dialysis").await.text();
    has(
        &html,
        &[
            "2 people: 1 overdue, 1 due within 7 days",
            "OVERDUE since 13-Jul-2026",
            "Mon, Wed, Fri",
            "Renal: Haemodialysis",
            "07700900101",
        ],
    );
    let (overdue, booked) = (html.find("OVERDUE-EXAMPLE").unwrap(), html.find("EXAMPLE, Sam").unwrap());
    assert!(overdue < booked, "the overdue first");
    assert!(!html.contains("SAMPLE, Sam"), "nobody who is not on it");
    for file in ["/special-lists.pdf", "/special-lists.pdf?list=Dialysis"] {
        let answer = get(&router, file).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "application/pdf"),
            "{file}"
        );
    }
    assert_eq!(get(&router, "/special-lists/Nothing").await.status, StatusCode::NOT_FOUND);
    has(&get(&router, "/special-lists/Insulin").await.text(), &["Nobody is known to be on this list"]);
    has(&get(&router, "/print").await.text(), &["Special lists", "2 people on 6 lists"]);
}
