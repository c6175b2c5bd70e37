//! Clinic rescue on screen: a list decided with exceptions, class A by two people, notices counted and sent, a patient who
//! comes anyway, everybody rebooked, and figures that add up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;
use crate::plan;

use axum::Router;
use common::{get, post, words};
use fixture::Hospital;
use http::StatusCode;
use incident::Ground;
use incident::systems::{Listing, SystemState};
use plan::does;

/// Tomorrow at the fixture's hospital.
pub const DAY: &str = "2026-07-15";

/// A booking tomorrow at Northgate General.
pub fn siu(n: u32, at: &str, clinic: &str, reason: &str, family: &str, phone: &str) -> String {
    format!(
        "MSH|^~\\&|CLINICS|NG|LB|LB|202607140900||SIU^S12|K{n}|P|2.5\rSCH|K{n}|K{n}||||S12|{reason}||20|min|^^^20260715{at}00\r\
         PID|1||C{n}^^^NG^MR||{family}^Sam||19600101|F|||1 Example Street^^Northgate^^NG1 1AA||{phone}\r\
         RGS|1\rAIS|1||^{clinic}|20260715{at}00\rAIL|1||{clinic}^^^Northgate General\r"
    )
}

/// Six bookings on two lists; imaging and radiotherapy infected.
pub fn hospital() -> Hospital {
    let hospital = Hospital::empty();
    let booked = [
        siu(1, "0900", "Oncology", "Radiotherapy", "EXAMPLE", "07700900101"),
        siu(2, "0920", "Imaging", "MRI knee", "SAMPLE", "07700900102"),
        siu(3, "0940", "Imaging", "MRI head", "TESTER", "07700900103"),
        siu(4, "1000", "Imaging", "MRI hip", "DOE", "01632960004"),
        siu(5, "1020", "Imaging", "Radiotherapy", "ROE", "07700900105"),
        siu(6, "1040", "Dermatology", "Follow-up", "POE", "07700900106"),
    ];
    let played: Vec<(&str, i64, String)> = booked.into_iter().map(|m| ("pas", 60, m)).collect();
    hospital.play(&played);
    let rules = hospital.room.clinics().forms.rules.clone();
    let listing = |name: &str| Listing {
        site: None,
        name: name.to_owned(),
        owner: String::new(),
        workaround: String::new(),
        depends_on: Vec::new(),
        recovery_order: None,
    };
    let systems = rules.systems.iter().map(|s| listing(s.name())).collect();
    does(&hospital, "Iris Lane", incident::systems::Intent::List { systems });
    let needed = ["mri", "radiotherapy"].map(|kind| rules.kind_within(kind).unwrap().needs.clone());
    for name in needed.iter().flatten() {
        let (system, seen) = hospital.room.incident().read(|book| {
            let id = book.systems.find(None, rules.system(name).unwrap().name()).unwrap();
            (id, book.systems.state(Ground::Real, id))
        });
        if seen == SystemState::Infected {
            continue;
        }
        let state = SystemState::Infected;
        let note = "screen of the attackers".to_owned();
        let intent = incident::systems::Intent::TellState {
            ground: Ground::Real,
            system,
            state,
            seen,
            note,
            since: None,
        };
        does(&hospital, "Iris Lane", intent);
    }
    hospital
}

fn has(text: &str, wanted: &[&str]) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

pub fn values<'h>(html: &'h str, start: &str) -> Vec<&'h str> {
    html.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

pub async fn list_page(router: &Router, list: &str) -> (String, String) {
    let address = format!("/clinics/list?day={DAY}&site=Northgate%20General&list={list}");
    let html = get(router, &address).await.text();
    let seen = values(&html, "name=\"seen\" value=\"")[0].to_owned();
    (html, seen)
}

pub async fn send_list(router: &Router, seen: &str, deed: &str, by: &str, keys: &[&str]) -> common::Answer {
    let mut fields = vec![
        ("day", DAY),
        ("site", "Northgate General"),
        ("list", "Imaging"),
        ("seen", seen),
        ("by", by),
        ("deed", deed),
        ("reason", "no imaging"),
    ];
    fields.extend(keys.iter().map(|key| ("booking", *key)));
    post(router, "/clinics/list", &fields).await
}

#[tokio::test]
async fn the_board_shows_class_a_that_cannot_be_done_first() {
    let hospital = hospital();
    let router = hospital.router();
    let page = words(&get(&router, &format!("/clinics?day={DAY}&days=1")).await.text());
    let first = page.find("Class A that cannot be done").unwrap();
    assert!(first < page.find("Imaging").unwrap(), "{page}");
    has(
        &page,
        &[
            "6 bookings in 1 day",
            "Radiotherapy",
            "1 class A without a clinician",
            "Dermatology",
            "all can be done",
        ],
    );
    let empty = words(&get(&router, "/clinics?day=2027-01-01").await.text());
    has(&empty, &["Nobody is booked on these days", "from FHIR, or as a list"]);
}

#[tokio::test]
async fn a_list_is_decided_with_exceptions_and_the_slower_of_two_is_told() {
    let hospital = hospital();
    let router = hospital.router();
    let (html, seen) = list_page(&router, "Imaging").await;
    let keys = values(&html, "name=\"booking\" value=\"");
    assert_eq!(keys.len(), 4);
    let ticked = html.matches(" checked>").count();
    assert_eq!(ticked, 3, "what cannot be done is ticked, class A is not");
    // All but one, and without class A.
    let (bulk, class_a) = ([keys[0], keys[1]], keys[3]);
    let done = send_list(&router, &seen, "postpone", "Anna Bell", &bulk).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    let late = send_list(&router, &seen, "keep", "Omar Reed", &[keys[0]]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    has(&words(&late.text()), &["Anna Bell decided at", "Nothing of this was done"]);
    let (_, seen) = list_page(&router, "Imaging").await;
    let mixed = send_list(&router, &seen, "postpone", "Omar Reed", &[keys[2], class_a]).await;
    has(&words(&mixed.text()), &["1 of them are class A", "never postponed in bulk"]);
    // Class A on its own page: asked by one, agreed by another.
    let address = format!("/clinics/bookings/{class_a}");
    let page = get(&router, &address).await.text();
    has(&words(&page), &["Give it to a clinician", "Class A is postponed by two people"]);
    let ask = |by: &'static str, seen: String| {
        let router = router.clone();
        let (address, class_a) = (address.clone(), class_a.to_owned());
        async move {
            let fields = [
                ("booking", class_a.as_str()),
                ("seen", &seen),
                ("by", by),
                ("deed", "postpone"),
                ("reason", "no machine"),
            ];
            post(&router, &address, &fields).await
        }
    };
    let seen_a = values(&page, "name=\"seen\" value=\"")[0].to_owned();
    assert_eq!(ask("Anna Bell", seen_a).await.status, StatusCode::SEE_OTHER);
    let page = get(&router, &address).await.text();
    has(&words(&page), &["Anna Bell asks to postpone class A", "I agree: postpone it"]);
    let seen_a = values(&page, "name=\"seen\" value=\"")[0].to_owned();
    has(&words(&ask("Anna Bell", seen_a.clone()).await.text()), &["somebody else must agree"]);
    assert_eq!(ask("Omar Reed", seen_a).await.status, StatusCode::SEE_OTHER);
    has(&words(&get(&router, &address).await.text()), &["Postponed by Omar Reed", "Anna Bell asked for it"]);
}

#[tokio::test]
async fn from_the_decision_to_the_rebooking_the_figures_add_up() {
    let hospital = hospital();
    let router = hospital.router();
    let (html, seen) = list_page(&router, "Imaging").await;
    let keys: Vec<String> =
        values(&html, "name=\"booking\" value=\"").iter().map(|k| (*k).to_owned()).collect();
    let three: Vec<&str> = keys[..3].iter().map(String::as_str).collect();
    send_list(&router, &seen, "postpone", "Anna Bell", &three).await;
    // Nobody is told without a number to ring.
    has(&words(&get(&router, "/clinics/notices").await.text()), &["No telephone number for patients is set"]);
    let setup = control_room::ClinicSetup {
        trust: control_room::SiteContact {
            name: "Northgate Hospitals".to_owned(),
            phone: "01632 960 100".to_owned(),
            hours: "8am to 8pm".to_owned(),
        },
        ..control_room::ClinicSetup::default()
    };
    let hospital = hospital.with_clinics(setup);
    let router = hospital.router();
    let page = words(&get(&router, "/clinics/notices").await.text());
    has(&page, &["2 ready to be sent, 1 to be rung", "reading age", "Send 2 notices"]);
    let wrong =
        post(&router, "/clinics/notices", &[("deed", "send"), ("ready", "5"), ("by", "Omar Reed")]).await;
    has(&words(&wrong.text()), &["What is to be told changed while this page was open"]);
    let sent =
        post(&router, "/clinics/notices", &[("deed", "send"), ("ready", "2"), ("by", "Omar Reed")]).await;
    assert_eq!(sent.header("location"), "/clinics/notices?done=clinic-sent");
    has(
        &words(&get(&router, "/clinics/notices").await.text()),
        &["Nobody waits for a notice", "2 on their way"],
    );
    // The landline is rung.
    let calls = get(&router, "/clinics/calls").await.text();
    has(&words(&calls), &["1 in all", "DOE, Sam", "What to say", "No answer"]);
    let fields = [
        ("booking", keys[2].as_str()),
        ("outcome", "spoke"),
        ("by", "Omar Reed"),
        ("number", "01632 960004"),
    ];
    assert_eq!(post(&router, "/clinics/calls", &fields).await.status, StatusCode::SEE_OTHER);
    has(&words(&get(&router, "/clinics/calls").await.text()), &["Nobody is to be rung"]);
    // On the day one of those texted comes anyway.
    let door = words(&get(&router, &format!("/clinics/door?day={DAY}&q=sample")).await.text());
    has(
        &door,
        &["2 may come without knowing", "SAMPLE, Sam", "Postponed. Say sorry", "Seen today", "Sent on"],
    );
    let came = [("booking", keys[0].as_str()), ("deed", "home"), ("day", DAY), ("by", "Jo Vale")];
    assert_eq!(post(&router, "/clinics/door", &came).await.status, StatusCode::SEE_OTHER);
    let twice = post(&router, "/clinics/door", &came).await;
    has(&words(&twice.text()), &["Jo Vale wrote down"]);
    let unlisted =
        [("deed", "unlisted"), ("name", "Kim Example"), ("note", "blood test, sent home"), ("by", "Jo Vale")];
    post(&router, "/clinics/door", &unlisted).await;
    // Room is entered; whoever is due first is proposed the earliest.
    let sheet =
        "Imaging, Northgate General, 2026-07-21, 14:00, 2\nImaging, Northgate General, 2026-07-20, 09:00, 1";
    let room = [("deed", "room"), ("sheet", sheet), ("by", "Anna Bell")];
    assert_eq!(post(&router, "/clinics/rebooking", &room).await.status, StatusCode::SEE_OTHER);
    let bad = post(
        &router,
        "/clinics/rebooking",
        &[("deed", "room"), ("sheet", "Imaging, N, 2026-02-30, 1, 1"), ("by", "Anna Bell")],
    )
    .await;
    has(&words(&bad.text()), &["Line 1:", "is no day and time"]);
    assert!(bad.text().contains("2026-02-30"), "what was typed is there again");
    let page = get(&router, "/clinics/rebooking").await.text();
    has(&words(&page), &["3 postponed = 0 rebooked + 3 outstanding; 3 places free", "In time"]);
    let mut fields =
        vec![("deed".to_owned(), "accept".to_owned()), ("by".to_owned(), "Anna Bell".to_owned())];
    for (key, slot) in
        values(&page, "name=\"slot-").iter().zip(values(&page, "name=\"slot-")).map(|(k, _)| {
            let after = page.split(&format!("name=\"slot-{k}\" value=\"")).nth(1).unwrap();
            ((*k).to_owned(), after.split('"').next().unwrap().to_owned())
        })
    {
        fields.push(("booking".to_owned(), key.clone()));
        fields.push((format!("slot-{key}"), slot));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let done = post(&router, "/clinics/rebooking", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    let counts = words(&get(&router, &format!("/clinics/counts?day={DAY}&days=1")).await.text());
    has(
        &counts,
        &[
            "3 postponed = 3 rebooked + 0 outstanding",
            "2 came anyway",
            "Not recorded",
            "Does it fall on some more than on others?",
        ],
    );
    assert!(!counts.contains("do not add up") && !counts.contains("SAMPLE"), "counts know no patient");
    // Everybody is to be told of the new time.
    has(&words(&get(&router, "/clinics/notices").await.text()), &["ready to be sent"]);
    let csv = get(&router, "/clinics/rebooking.csv").await.text();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for file in [
        "/clinics/door.pdf?day=2026-07-15",
        "/clinics/list.pdf?day=2026-07-15&site=Northgate%20General&list=Imaging",
    ] {
        let answer = get(&router, file).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "application/pdf"),
            "{file}"
        );
    }
}

#[tokio::test]
async fn a_day_is_planned_with_what_is_short_and_nothing_is_decided_by_asking() {
    let hospital = hospital();
    let router = hospital.router();
    let base = format!("/clinics/plan?day={DAY}&site=Northgate%20General");
    has(
        &words(&get(&router, &base).await.text()),
        &["Plan Northgate General", "In the order of the list alone", "Booked"],
    );
    let short = words(&get(&router, &format!("{base}&staff=50&down=&up=")).await.text());
    has(&short, &["How many are kept, as asked below", "Proposed as things are"]);
    let before = hospital.room.clinics().read(|book| book.last_entry);
    assert_eq!(before.0, 0, "nothing was decided");
    for address in [
        "/clinics/plan?day=2027-01-01&site=Northgate%20General",
        "/clinics/list?day=2027-01-01&list=x",
        "/clinics/bookings/9.x",
        "/clinics/bookings/x",
        "/clinics/letters.pdf",
    ] {
        assert_eq!(get(&router, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn a_clinicians_bookings_are_found_by_part_of_the_name() {
    let hospital = Hospital::empty();
    let with = |n: u32, name: &str| {
        siu(n, "0900", "Eye", "Follow-up", &format!("PERSON{n}"), "07700900101")
            + &format!("AIP|1||1^{name}^^^^Dr\r")
    };
    hospital.play(&[("pas", 60, with(1, "COSTA^Ivan")), ("pas", 60, with(2, "MARLOW^Kit"))]);
    let router = hospital.router();
    let shown = get(&router, &format!("/clinics?day={DAY}&clinician=costa")).await.text();
    has(&words(&shown), &["With “costa” 1 booking", "PERSON1"]);
    assert!(!shown.contains("PERSON2"), "{shown}");
    has(
        &words(&get(&router, &format!("/clinics?day={DAY}&clinician=nobody")).await.text()),
        &["Try the family name alone"],
    );
}

/// Hands back what it is asked for, in words.
struct Handed;

impl screens::BackLoad for Handed {
    fn bookings(&self, ground: Ground, _: basics::Moment) -> Result<Vec<u8>, String> {
        Ok(format!("{ground:?}").into_bytes())
    }
}

#[tokio::test]
async fn messages_of_an_exercise_are_said_to_be_training_and_named_so() {
    let hospital = hospital();
    let screens = screens::Screens { back_load: Some(std::sync::Arc::new(Handed)), ..hospital.screens() };
    let router = screens::router(screens);
    does(&hospital, "Iris Lane", plan::opening("Practice", incident::declare::Nature::Exercise));
    for (ground, said, other, name) in [
        ("real", "marked P, production", "training", "filename=\"rebooking-"),
        ("1", "marked T, training: for a test system alone", "production", "filename=\"TRAINING-rebooking-"),
    ] {
        let page = words(&get(&router, &format!("/clinics/rebooking?incident={ground}")).await.text());
        has(&page, &[said]);
        assert!(!page.contains(other), "{page}");
        let file = get(&router, &format!("/clinics/rebooking.hl7?incident={ground}")).await;
        assert_eq!(file.status, StatusCode::OK, "{}", words(&file.text()));
        assert!(file.header("content-disposition").contains(name), "{}", file.header("content-disposition"));
        let table = get(&router, &format!("/clinics/rebooking.csv?incident={ground}")).await;
        assert!(table.header("content-disposition").contains(name));
    }
}

#[tokio::test]
async fn where_nothing_can_leave_the_page_says_so_before_anything_is_sent() {
    let [name, phone, hours] = ["Northgate Hospitals", "01632 960 100", "8am to 8pm"].map(str::to_owned);
    let contact = control_room::SiteContact { name, phone, hours };
    let setup = control_room::ClinicSetup { trust: contact, ..Default::default() };
    let hospital = hospital().with_clinics(setup);
    let router = hospital.router();
    let (html, seen) = list_page(&router, "Imaging").await;
    let key = values(&html, "name=\"booking\" value=\"")[0];
    let done = send_list(&router, &seen, "postpone", "Anna Bell", &[key]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    let before = words(&get(&router, "/clinics/notices").await.text());
    has(&before, &["1 ready to be sent, 0 to be rung"]);
    assert!(!before.contains("can leave"), "{before}");
    hospital.room.clinics().note_gateways(care::notices::Gateways::NONE);
    let html = get(&router, "/clinics/notices").await.text();
    // The booking is tomorrow, too late for the post.
    has(
        &words(&html),
        &["0 ready to be sent, 1 to be rung", "No text messages and emails can leave", "lifeboat doctor"],
    );
    assert!(!html.contains("value=\"send\""), "there is nothing to press");
    has(&words(&get(&router, "/clinics/calls").await.text()), &["no gateway carries text messages"]);
}
