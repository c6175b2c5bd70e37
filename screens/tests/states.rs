//! The pages on the worst days: the record frozen, the disk full, nobody there, everybody there, names of any length.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::Router;
use common::{get, post, words};
use fixture::{Hospital, odd};
use http::StatusCode;

/// What a page lacks of the texts it must hold.
async fn lacks(router: &Router, address: &str, texts: &[&str]) -> Vec<String> {
    let answer = get(router, address).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}");
    let html = answer.text();
    let read = words(&html);
    texts
        .iter()
        .filter(|t| !read.contains(**t) && !html.contains(**t))
        .map(|t| format!("{address}: {t}"))
        .collect()
}

const FROZEN: &[&str] = &[
    "Record frozen: nothing new is recorded",
    "Keep a paper log from now on",
    "Lifeboat itself keeps nothing new",
    "mode-panel-standby",
    "Recording stopped at 14-Jul-2026 16:05",
];

#[tokio::test]
async fn a_frozen_record_is_said_on_every_page_and_what_to_do_on_the_first() {
    let hospital = odd::frozen();
    let router = hospital.router();
    assert_eq!(lacks(&router, "/", FROZEN).await, Vec::<String>::new());
    for address in [
        "/",
        "/wards",
        "/wards/Northgate%20General/AMU",
        "/patients/1",
        "/patients/1/signs",
        "/find?q=smith",
        "/feeds",
        "/tray",
        "/print",
        "/paste",
        "/mode",
        "/entries/1",
    ] {
        let said =
            ["Record frozen since 14-Jul-2026 16:05: use the paper log", "class=\"alarms\" href=\"/\""];
        assert_eq!(lacks(&router, address, &said).await, Vec::<String>::new());
    }
    // What was kept can still be read.
    assert_eq!(
        lacks(&router, "/patients/1", &["SMITH, Fredrica Anne (Mrs)", "furosemide"]).await,
        Vec::<String>::new()
    );
    // The planted bug: the same page of a record that goes on must fail this check.
    let sound = Hospital::full();
    assert_eq!(lacks(&sound.router(), "/", FROZEN).await.len(), FROZEN.len());
}

#[tokio::test]
async fn a_full_disk_is_said_on_every_page_and_recording_goes_on_when_there_is_room() {
    let (hospital, disk) = odd::full_disk();
    let router = hospital.router();
    let home = [
        "Disk full: nothing new is recorded",
        "Nothing of the record may be deleted",
        "recording goes on by itself",
        "mode-panel-standby",
    ];
    assert_eq!(lacks(&router, "/", &home).await, Vec::<String>::new());
    for address in ["/", "/wards", "/patients/1", "/find?q=smith", "/print", "/mode"] {
        let said = ["Disk full since 14-Jul-2026 16:05: nothing new is recorded, use the paper log"];
        assert_eq!(lacks(&router, address, &said).await, Vec::<String>::new());
    }
    disk.set_room(1 << 30);
    let feed = basics::FeedName::new("pas").unwrap();
    let taken = (0..100).any(|i| {
        let text = fixture::messages::msh("ADT^A08", 0, &format!("AGAIN{i}"));
        hospital.room.receive_batch(&feed, vec![(text.into_bytes(), fixture::now())]).is_ok()
    });
    assert!(taken, "there is room again and nothing is taken");
    let html = get(&router, "/").await.text();
    assert!(!html.contains("Disk full") && html.contains("mark-word\">Recording<"), "{}", words(&html));
}

#[tokio::test]
async fn a_decision_that_cannot_be_written_is_refused_in_words() {
    for hospital in [odd::frozen(), odd::full_disk().0] {
        let router = hospital.router();
        let long = "ransom note ".repeat(40);
        let form = [("mode", "downtime"), ("by", "KB"), ("reason", long.as_str())];
        // A full disk may have room for a few small decisions; then it has none.
        let mut refused = None;
        for _ in 0..400 {
            let answer = post(&router, "/mode", &form).await;
            if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                refused = Some(answer.text());
                break;
            }
        }
        let html = refused.expect("every decision was taken");
        for text in [
            "Nothing new can be recorded",
            "Write it on paper with the time and your initials",
            "Reference number",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("os error"), "the fault's own words are on the page");
    }
}

#[tokio::test]
async fn lists_too_short_and_too_long_say_how_many_and_what_to_do() {
    let hospital = Hospital::odd();
    let router = hospital.router();
    let key = |question: &str| hospital.room.find(question, 5).unwrap().matches[0].patient.key.0;
    let (everything, unknown) =
        (format!("/patients/{}", key("everything")), format!("/patients/{}", key("N009999")));
    for (address, texts) in [
        ("/wards/Northgate%20General/QUIET", &["Nobody is on this ward by the record", "Feeds and tray"][..]),
        ("/wards/Northgate%20General/CRUSH", &["64 patients in 64 beds and places", "CROWD, Person63 (Mx)"]),
        ("/tray", &["100 listed of 1", "Next messages"]),
        (
            &everything,
            &[
                "Substance number 2 with a long name of its own, and 22 more below",
                "and 4 more alerts below",
                "Substance number 24 with a long name of its own",
                "Carrier of organism number 9",
                "All 300 by time",
                "20 still older reports",
                "medicine number 44",
            ],
        ),
        (
            &unknown,
            &[
                "NAME NOT RECORDED",
                "N009999",
                "Allergies not recorded",
                "Ask for the drug chart",
                "No vital sign is recorded",
                "Ask the patient whom to call",
            ],
        ),
        ("/find?q=zzqxx", &["Nobody was found for", "Look at the list of the ward"]),
    ] {
        assert_eq!(lacks(&router, address, texts).await, Vec::<String>::new());
    }
    // Of a person without an NHS number a telephone shows the hospital's number too.
    let html = get(&router, &unknown).await.text();
    assert!(html.contains("<div><dt>Hospital No.</dt>") && !html.contains("class=\"wide\""));
}

#[tokio::test]
async fn a_new_installation_says_that_nothing_was_ever_received() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    let texts = ["No feed has sent anything yet", "Newest data", "nothing was received yet"];
    assert_eq!(lacks(&router, "/", &texts).await, Vec::<String>::new());
    assert!(!get(&router, "/").await.text().contains("growing older"));
}

#[tokio::test]
async fn names_of_every_script_are_shown_as_sent() {
    let hospital = Hospital::odd();
    let router = hospital.router();
    let texts = [
        "WOLFESCHLEGELSTEINHAUSENBERGERDORFFWELCHEVORALTERNWARENGEWISSENHAFTSCHAFERSWESSENSCHAFE, Hubert",
        "العبدالرحمن, محمد بن سلمان (Mr)",
        "בן־גוריון, שרה (Mrs)",
        "王, 秀英 (Ms)",
        "श्रीवास्तव, अनुराधा (Dr)",
        "NGUYỄN, Thị Hồng Ánh (Ms)",
    ];
    assert_eq!(lacks(&router, "/wards/Northgate%20General/NAMES", &texts).await, Vec::<String>::new());
}
