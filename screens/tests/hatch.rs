//! The hatch on the screen: closed with one press, said on every page, looked through without a patient's name, and asked
//! once more before anything is let in or turned away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::Router;
use common::{get, post, words};
use control_room::ApartFilter;
use fixture::messages::{Person, admit, ed_bed};
use fixture::{Hospital, odd};
use http::StatusCode;

const CLOSE: [(&str, &str); 4] =
    [("deed", "close"), ("which", "all"), ("reason", "results that nobody ordered"), ("by", "Anna Bell")];
const PAGES: [&str; 8] = [
    "/",
    "/wards",
    "/wards/Northgate%20General/AMU",
    "/patients/1",
    "/feeds",
    "/tray",
    "/find?q=smith",
    "/hatch",
];

/// Pages that lack a text.
async fn lacking(router: &Router, text: &str) -> Vec<&'static str> {
    let mut lacking = Vec::new();
    for address in PAGES {
        let answer = get(router, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        if !answer.text().contains(text) {
            lacking.push(address);
        }
    }
    lacking
}

/// Somebody comes by a feed that may be poisoned.
fn arrives(hospital: &Hospital) -> u64 {
    let hugo = Person { n: 77, name: "Hatchling^Hugo^^^Mr", born: "19700101", sex: "M" };
    let sent = admit(&hugo, &ed_bed("AMU", "", "77"), 10, "Unwell", "Stone^Peter^^^^Dr", &[]);
    hospital.play(&[sent]);
    hospital.room.kept_apart(&ApartFilter::default()).unwrap().items.last().map_or(0, |item| item.entry.0)
}

async fn shows_hugo(router: &Router) -> bool {
    get(router, "/find?q=hatchling").await.text().contains("HATCHLING, Hugo")
}

#[tokio::test]
async fn one_press_closes_the_hatch_and_every_page_says_so() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let closed = "Hatch closed since 16:05 by Anna Bell: 0 messages kept apart";
    // The planted bug: pages that say nothing must fail this check.
    assert_eq!(lacking(&router, closed).await, PAGES);
    for address in ["/", "/feeds"] {
        assert!(get(&router, address).await.text().contains("href=\"/hatch\""), "{address}");
    }
    let answer = post(&router, "/hatch", &CLOSE).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/hatch?done=hatch-closed")
    );
    assert_eq!(lacking(&router, closed).await, Vec::<&str>::new());
    assert!(arrives(&hospital) > 0);
    assert_eq!(lacking(&router, "by Anna Bell: 1 message kept apart").await, Vec::<&str>::new());
    assert!(!shows_hugo(&router).await);
    let home = words(&get(&router, "/").await.text());
    for said in ["Why: results that nobody ordered", "The first came", "kept apart at the hatch"] {
        assert!(home.contains(said), "{said}: {home}");
    }
    let ward = get(&router, "/wards/Northgate%20General/AMU").await.text();
    assert!(
        ward.contains("feeds kept apart at the hatch"),
        "the age of the ward's data says what is missing"
    );
    let again = post(&router, "/hatch", &CLOSE).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("The hatch is closed for these feeds already."));
}

#[tokio::test]
async fn a_closing_without_reason_or_name_is_asked_for_and_keeps_what_was_typed() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let form =
        [("deed", "close"), ("which", "some"), ("feed", "pathology"), ("reason", " "), ("by", "Anna Bell")];
    let answer = post(&router, "/hatch", &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let html = answer.text();
    assert!(
        html.contains("Say in a few words why") && html.contains("value=\"pathology\" checked"),
        "{html}"
    );
    let nobody = post(&router, "/hatch", &[("deed", "close"), ("reason", "odd <b>results</b>")]).await;
    assert_eq!(nobody.status, StatusCode::CONFLICT);
    assert!(nobody.text().contains("Nobody signed this") && !nobody.text().contains("<b>results"));
    let none =
        post(&router, "/hatch", &[("deed", "close"), ("which", "some"), ("reason", "x"), ("by", "A")]).await;
    assert!(none.text().contains("Tick the feeds that are meant"));
    assert!(hospital.room.hatch().idle());
    let one =
        [("deed", "close"), ("which", "some"), ("feed", "pathology"), ("reason", "odd"), ("by", "Anna Bell")];
    assert_eq!(post(&router, "/hatch", &one).await.status, StatusCode::SEE_OTHER);
    let said = "Hatch closed for pathology since 16:05 by Anna Bell";
    assert_eq!(lacking(&router, said).await, Vec::<&str>::new());
}

#[tokio::test]
async fn what_waits_is_listed_without_a_name_and_admitted_after_one_question() {
    let hospital = Hospital::full();
    let router = hospital.router();
    post(&router, "/hatch", &CLOSE).await;
    let entry = arrives(&hospital);
    let list = get(&router, "/hatch/pas").await;
    assert_eq!(list.status, StatusCode::OK);
    let html = list.text();
    assert!(!html.to_lowercase().contains("hatchling"), "a patient's name on the list");
    for said in
        [format!("/entries/{entry}"), "ADT^A01".to_owned(), "1 message waiting, 0 turned away".to_owned()]
    {
        assert!(html.contains(&said), "{said}: {html}");
    }
    assert_eq!(get(&router, "/hatch/nobody").await.status, StatusCode::NOT_FOUND);
    let number = entry.to_string();
    let part = [
        ("deed", "admit"),
        ("which", "up-to"),
        ("up_to", number.as_str()),
        ("reason", "true"),
        ("by", "Anna Bell"),
    ];
    let asked = post(&router, "/hatch/pas", &part).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.text().contains("Admit 1 message of pas?") && asked.text().contains("cannot be taken back")
    );
    let all = [("deed", "admit"), ("which", "all"), ("open", "yes"), ("reason", "true"), ("by", "Anna Bell")];
    let asked = words(&post(&router, "/hatch/pas", &all).await.text());
    assert!(asked.contains("Then the hatch is open for pas"), "{asked}");
    assert!(!shows_hugo(&router).await, "nothing was done before the answer");
    let sure: Vec<(&str, &str)> = all.into_iter().chain([("sure", "yes")]).collect();
    assert_eq!(post(&router, "/hatch/pas", &sure).await.status, StatusCode::SEE_OTHER);
    hospital.room.catch_up(&mut |_, _| ()).unwrap();
    assert!(shows_hugo(&router).await);
    let page = words(&get(&router, "/hatch").await.text());
    assert!(page.contains("Admitted 1 message of pas") && page.contains("Opened for pas"), "{page}");
    // The others are still closed, and opened after one question.
    let open = [("deed", "open"), ("which", "all"), ("reason", "looked through"), ("by", "Anna Bell")];
    assert!(post(&router, "/hatch", &open).await.text().contains("Open the hatch for all feeds?"));
    assert!(!hospital.room.hatch().idle());
    let sure: Vec<(&str, &str)> = open.into_iter().chain([("sure", "yes")]).collect();
    assert_eq!(post(&router, "/hatch", &sure).await.status, StatusCode::SEE_OTHER);
    assert!(hospital.room.hatch().idle());
}

#[tokio::test]
async fn what_is_false_is_turned_away_for_good_with_a_reason() {
    let hospital = Hospital::full();
    let router = hospital.router();
    post(&router, "/hatch", &CLOSE).await;
    let number = arrives(&hospital).to_string();
    let form = [
        ("deed", "turn-away"),
        ("entry", number.as_str()),
        ("reason", "the ward knows no such man"),
        ("by", "Anna Bell"),
    ];
    let none = post(&router, "/hatch/pas", &[("deed", "turn-away"), ("reason", "x"), ("by", "A")]).await;
    assert!(none.text().contains("Tick the messages"));
    let asked = post(&router, "/hatch/pas", &form).await.text();
    assert!(asked.contains("Turn 1 message of pas away for good?"), "{asked}");
    assert_eq!(hospital.room.hatch().waiting, 1);
    let sure: Vec<(&str, &str)> = form.into_iter().chain([("sure", "yes")]).collect();
    let done = post(&router, "/hatch/pas", &sure).await;
    assert_eq!(done.header("location"), "/hatch/pas?done=hatch-turned-away");
    let away = words(&get(&router, "/hatch/pas?away=yes").await.text());
    assert!(away.contains("Turned away by Anna Bell: the ward knows no such man"), "{away}");
    // Twice is refused, and the message can still be read.
    assert_eq!(post(&router, "/hatch/pas", &sure).await.status, StatusCode::CONFLICT);
    assert_eq!(get(&router, &format!("/entries/{number}")).await.status, StatusCode::OK);
    assert!(!shows_hugo(&router).await);
}

#[tokio::test]
async fn a_closing_that_cannot_be_recorded_is_in_force_and_says_what_to_do() {
    let hospital = odd::frozen();
    let router = hospital.router();
    let answer = post(&router, "/hatch", &CLOSE).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let page = words(&answer.text());
    for said in
        ["could not be recorded", "Write on paper: who closed the hatch", "close the hatch again at once"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(lacking(&router, "by Anna Bell, NOT RECORDED YET").await, Vec::<&str>::new());
    assert!(hospital.room.feeds().iter().all(|feed| feed.held));
    let back =
        [("deed", "open"), ("which", "all"), ("reason", "a slip"), ("by", "Anna Bell"), ("sure", "yes")];
    assert_eq!(post(&router, "/hatch", &back).await.header("location"), "/hatch?done=hatch-taken-back");
    assert!(hospital.room.hatch().idle());
}
