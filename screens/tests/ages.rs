//! Every page says how old its data are; a silent feed is marked wherever its data are shown (test 32).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, words};
use fixture::{Hospital, now};
use http::StatusCode;
use screens::routes;

fn patient_pages() -> Vec<String> {
    routes()
        .into_iter()
        .filter(|r| {
            r.get
                && r.patients
                && ![".pdf", ".csv", ".hl7"].iter().any(|file| r.address.ends_with(file))
                && !r.address.contains("documents")
                && r.address != "/s/{code}"
        })
        .map(|r| {
            let entry = if r.address == "/entries/{number}" { "1" } else { "" };
            r.address
                .replace(
                    "/clinics/list",
                    "/clinics/list?day=2026-07-15&site=Northgate%20General&list=Imaging",
                )
                .replace("/clinics/plan", "/clinics/plan?day=2026-07-15&site=Northgate%20General")
                .replace("/clinics/bookings/{key}", "/clinics/bookings/{booking}")
                .replace("/special-lists/{name}", "/special-lists/Dialysis")
                .replace("{site}", "Northgate%20General")
                .replace("{ward}", "AMU")
                .replace("{key}", "1")
                .replace("{number}", entry)
                .replace("{entry}", "1")
                .replace("/find", "/find?q=smith")
        })
        .collect()
}

fn tomorrow() -> (basics::PartialDate, basics::PartialDate) {
    let day = basics::PartialDate::parse_iso("2026-07-15").unwrap();
    (day, day)
}

/// Whether a page says its age and marks it as the feeds deserve.
fn says_its_age(html: &str) -> bool {
    html.contains("Newest data <span class=\"stamp") && html.contains("data-age=\"")
}

/// Whether a page marks its data as those of a silent feed, in words and not in colour alone.
fn says_silent(html: &str) -> bool {
    html.contains("stamp-red") && html.contains("silent since")
}

#[tokio::test]
async fn every_patient_page_says_how_old_its_data_are() {
    let hospital = Hospital::full();
    let booked = crate::clinics::siu(1, "0920", "Imaging", "MRI knee", "SAMPLE", "07700900102");
    let dialysis = crate::clinics::siu(2, "0900", "Renal", "Haemodialysis", "EXAMPLE", "07700900101");
    hospital.play(&[("pas", 60, booked), ("pas", 60, dialysis)]);
    let router = hospital.router();
    let pages = patient_pages();
    assert!(pages.len() >= 6, "{pages:?}");
    let (day, _) = hospital.room.booking_rows(incident::Ground::Real, tomorrow(), &|_, _| true).unwrap();
    for address in pages {
        let address = address.replace("{booking}", &day[0].key.text());
        let answer = get(&router, &address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        let html = answer.text();
        assert!(says_its_age(&html), "{address}");
        assert!(
            words(&html).to_lowercase().contains("as at") || address == "/paste",
            "{address}: {}",
            words(&html)
        );
    }
}

#[tokio::test]
async fn every_section_of_a_patient_says_as_at_and_cites_its_entry() {
    let hospital = Hospital::full();
    let html = get(&hospital.router(), "/patients/1").await.text();
    let heads = html.matches("class=\"section-head\"").count();
    assert_eq!(heads, 11);
    for section in html.split("class=\"section-head\"").skip(1) {
        let head = section.split("</div>").next().unwrap();
        assert!(head.contains("As at <span class=\"stamp") || head.contains("As at: not recorded"), "{head}");
    }
    assert!(html.contains("href=\"/entries/"));
}

#[tokio::test]
async fn a_feed_past_its_threshold_is_marked_on_every_page_that_depends_on_it() {
    let hospital = Hospital::full();
    let router = hospital.router();
    let fresh = get(&router, "/wards/Southmere%20Community/SAU").await.text();
    assert!(!fresh.contains("southmere silent"), "{}", words(&fresh));
    // A second past the feed's 15 minutes: the next page says so.
    let last =
        hospital.room.feeds().iter().find(|f| f.name.as_str() == "southmere").unwrap().last_received.unwrap();
    hospital.clock.set(last.plus_seconds(901 + 400));
    until_silent(&hospital, 1).await;
    for address in ["/", "/feeds", "/wards", "/wards/Southmere%20Community/SAU"] {
        let html = get(&router, address).await.text();
        assert!(
            html.contains("mark-red") && words(&html).to_lowercase().contains("silent")
                || html.contains("silent"),
            "{address}"
        );
    }
    let ward = get(&router, "/wards/Southmere%20Community/SAU").await.text();
    assert!(ward.contains("Feed southmere silent since"), "{}", ward);
    // Hours later everything is old, in words and not in colour alone.
    hospital.clock.set(now().plus_seconds(5 * 3600));
    until_silent(&hospital, 4).await;
    let home = get(&router, "/").await.text();
    assert!(home.contains("4 of 4 feeds silent"), "{}", words(&home));
    let patient = get(&router, "/patients/1").await.text();
    assert!(says_silent(&patient));
}

/// The control room looks at the clock every few seconds; waits until it has marked so many feeds.
async fn until_silent(hospital: &Hospital, feeds: usize) {
    for _ in 0..2_400 {
        if hospital.room.feeds().iter().filter(|f| f.silent).count() >= feeds {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the control room never marked {feeds} feeds silent");
}

/// The planted bugs: a page that shows its data without their age, and one that lets a feed fall silent unmarked.
#[tokio::test]
async fn a_page_without_its_age_or_its_silence_is_found() {
    let hospital = Hospital::full();
    hospital.clock.set(now().plus_seconds(5 * 3600));
    until_silent(&hospital, 4).await;
    let html = get(&hospital.router(), "/patients/1").await.text();
    assert!(says_its_age(&html) && says_silent(&html));
    assert!(!says_its_age(&html.replace("data-age=", "data-x=")));
    assert!(!says_its_age(&html.replace("Newest data", "Data")));
    assert!(!says_silent(&html.replace("silent", "quiet")));
}

/// What a system says whose clock is ahead is taken in the order of its coming, and whoever looks at the feeds is told.
#[tokio::test]
async fn a_feed_whose_clock_is_ahead_is_named_and_its_successors_news_is_shown() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for address in ["/feeds", "/"] {
        assert!(!get(&router, address).await.text().contains("Its clock is"), "{address}");
    }
    let renamed = |sent_ago: i64, control: &str, family: &str| {
        let header = fixture::messages::msh("ADT^A08", sent_ago, control);
        let pid = format!("PID|1||CLK001^^^NGH^MR||{family}^Sam||19700101|M");
        format!("{header}\r{pid}\rPV1|1|I|AMU^CLK^1{}CLK9\r", "|".repeat(16))
    };
    hospital.play(&[("pas", 600, renamed(-3_000, "C1", "Wrong")), ("pas", 300, renamed(300, "C2", "Right"))]);
    let ward = words(&get(&router, "/wards/Northgate%20General/AMU").await.text());
    assert!(ward.contains("RIGHT, Sam") && !ward.contains("WRONG, Sam"), "{ward}");
    let html = get(&router, "/feeds").await.text();
    assert!(!html.contains("Its clock is"), "its last message was right again");
    hospital.play(&[("pas", 60, renamed(-3_540, "C3", "Right"))]);
    for address in ["/feeds", "/"] {
        let page = words(&get(&router, address).await.text());
        assert!(page.contains("Its clock is 60 minutes ahead") && page.contains("to set it"), "{address}");
    }
}
