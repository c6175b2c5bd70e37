//! Action cards on the screen: my next step first, all cards with what is overdue, and what is wrong with the planner's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;
use crate::plan;

use common::{get, get_with_cookie, post, words};
use fixture::Hospital;
use http::StatusCode;
use incident::declare::Nature;
use incident::roles;
use plan::{FIRST, cookie, declared, does, later, opening, person, prepared};

async fn read(router: &axum::Router, address: &str) -> String {
    let answer = get(router, address).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}: {}", words(&answer.text()));
    words(&answer.text())
}

async fn read_as(router: &axum::Router, address: &str, who: &str) -> String {
    let answer = get_with_cookie(router, address, &cookie(who)).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}");
    words(&answer.text())
}

fn has(text: &str, wanted: &[&str]) {
    for want in wanted {
        assert!(text.contains(want), "{want:?} is missing:\n{text}");
    }
}

fn takes(hospital: &Hospital, who: &str, role: &str, place: &str) {
    let post = incident::Post { role: incident::RoleKey::new(role).unwrap(), place: place.into() };
    let (incident, person) = (FIRST, person(who));
    let contact = "ext 4021".into();
    does(hospital, who, roles::Intent::Take { incident, post, person, contact, shift_ends: None });
}

const STEP: &[(&str, &str)] = &[
    ("incident", "1"),
    ("role", "site-manager"),
    ("place", "Northgate General"),
    ("phase", "declared"),
    ("number", "1"),
];

fn step<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    STEP.iter().copied().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn before_any_incident_the_cards_are_there_to_read_and_print() {
    let hospital = prepared();
    let router = hospital.router();
    has(
        &read(&router, "/cards").await,
        &["25 cards for the next incident", "Site manager", "Print all cards"],
    );
    let card = read(&router, "/cards/of/site-manager").await;
    has(
        &card,
        &["Site manager", "Action card, version ", "Standby", "Declared", "Stand down", "within 10 min"],
    );
    has(&read(&router, "/cards/mine").await, &["No incident has been declared", "Read the cards"]);
    has(
        &read(&router, "/cards/check").await,
        &["25 cards in use", "the cards built into Lifeboat", "forms/action_cards"],
    );
    for address in ["/cards/all.pdf", "/cards/of/site-manager/card.pdf"] {
        let answer = get(&router, address).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/pdf"));
        assert!(
            answer.body.starts_with(b"%PDF-") && answer.header("content-disposition").starts_with("inline;")
        );
    }
    for address in
        ["/cards/of/nobody", "/cards/of/nobody/card.pdf", "/cards?incident=9", "/cards/step?role=x"]
    {
        assert_eq!(get(&router, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    let bare = Hospital::empty();
    has(&read(&bare.router(), "/cards").await, &["No action card is in use", "See why"]);
    has(&read(&bare.router(), "/cards/check").await, &["No card is in use"]);
    assert_eq!(get(&bare.router(), "/cards/all.pdf").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_holds_no_role_is_led_to_take_one_and_then_sees_the_next_step() {
    let hospital = declared(Nature::Real);
    let router = hospital.router();
    takes(&hospital, "Carys Pugh", "loggist", "");
    has(&read(&router, "/cards/mine").await, &["Say who you are and take your role", "Carys Pugh"]);
    let page = read_as(&router, "/cards/mine", "Ben Okoro").await;
    has(
        &page,
        &[
            "Ben Okoro holds no role in this incident yet",
            "Site manager, Northgate General",
            "Roles that are held",
        ],
    );
    let form = [
        ("incident", "1"),
        ("post", "site-manager|Northgate General"),
        ("contact", "bleep 112"),
        ("by", "Ben Okoro"),
    ];
    let taken = post(&router, "/cards/take", &form).await;
    let location = taken.header("location").to_owned();
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    assert!(taken.header("set-cookie").starts_with("lifeboat_who="), "the name is kept for the next form");
    let card = read_as(&router, &location, "Ben Okoro").await;
    has(
        &card,
        &[
            "The role is yours",
            "Next step",
            "Ring the nurse in charge of each area",
            "Due 14-Jul-2026 16:15",
            "in 10 minutes",
            "within 10 min",
            "0 of 9 steps done",
            "signed Ben Okoro",
        ],
    );
    // The same person again, another person second: refused with what was typed.
    let form = [
        ("incident", "1"),
        ("post", "site-manager|Northgate General"),
        ("contact", "mobile <b>7</b>"),
        ("by", "Eva Frost"),
    ];
    let refused = post(&router, "/cards/take", &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    has(
        &words(&refused.text()),
        &["Ben Okoro has been Site manager, Northgate General since 16:05", "hand over to you"],
    );
    assert!(refused.text().contains("value=\"mobile &#60;b&#62;7&#60;/b&#62;\""), "what was typed is lost");
    assert!(refused.text().contains("value=\"Eva Frost\""));
    for (post_value, by, why) in [
        ("", "Eva Frost", "Choose a role first"),
        ("no-such|", "Eva Frost", "no card for that role"),
        ("ward-nurse-in-charge|", "Eva Frost", "Write which hospital and ward"),
        ("loggist|", "", "Nobody signed this"),
    ] {
        let refused =
            post(&router, "/cards/take", &[("incident", "1"), ("post", post_value), ("by", by)]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{post_value}");
        has(&words(&refused.text()), &[why]);
    }
    let ward = [
        ("incident", "1"),
        ("post", "ward-nurse-in-charge|"),
        ("place", "Northgate General, AMU"),
        ("by", "Eva Frost"),
    ];
    let location = post(&router, "/cards/take", &ward).await.header("location").to_owned();
    has(&read_as(&router, &location, "Eva Frost").await, &["Ward nurse in charge, Northgate General, AMU"]);
}

#[tokio::test]
async fn steps_are_ticked_set_aside_and_opened_again_by_correction() {
    let hospital = declared(Nature::Real);
    takes(&hospital, "Ben Okoro", "site-manager", "Northgate General");
    let router = hospital.router();
    let back = "/cards/mine?incident=1";
    let done =
        post(&router, "/cards/step", &step(&[("deed", "done"), ("by", "Ben Okoro"), ("back", back)])).await;
    assert_eq!(done.header("location"), "/cards/mine?incident=1&done=step-done");
    let card = read_as(&router, "/cards/mine?done=step-done", "Ben Okoro").await;
    has(
        &card,
        &[
            "Ticked, and written into the log",
            "1 of 9 steps done",
            "Next step Declared, step 2",
            "Done 14-Jul-2026 16:05",
            "by Ben Okoro",
        ],
    );
    // Somebody else ticks the same step: told of the first, the note is not lost.
    let twice =
        post(&router, "/cards/step", &step(&[("deed", "done"), ("by", "Eva Frost"), ("note", "rang <all>")]))
            .await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    has(
        &words(&twice.text()),
        &["Ben Okoro ticked this step at 16:05", "Everything you typed still stands below"],
    );
    let bare =
        post(&router, "/cards/step", &step(&[("deed", "open"), ("by", "Ben Okoro"), ("reason", " ")])).await;
    assert_eq!(bare.status, StatusCode::CONFLICT);
    has(&words(&bare.text()), &["The reason is missing"]);
    let undone = post(
        &router,
        "/cards/step",
        &step(&[("deed", "open"), ("by", "Ben Okoro"), ("reason", "Two wards did not answer")]),
    )
    .await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    let reason = "Lifts & doors <work>";
    let aside = post(
        &router,
        "/cards/step",
        &step(&[("deed", "not-needed"), ("by", "Ben Okoro"), ("reason", reason)]),
    )
    .await;
    assert!(aside.header("location").ends_with("done=step-aside"));
    let page = get_with_cookie(&router, "/cards/mine", &cookie("Ben Okoro")).await.text();
    assert!(
        page.contains("Lifts &#38; doors &#60;work&#62;") && !page.contains("<work>"),
        "hostile words are text"
    );
    has(&words(&page), &["Not needed 14-Jul-2026 16:05"]);
    let log: Vec<String> =
        hospital.room.incident().read(|b| b.log.lines().iter().map(|l| l.text.to_string()).collect());
    assert!(log.iter().any(|l| l.starts_with("Open again: Site manager")), "undoing is a line: {log:?}");
    for (fields, status) in [
        (step(&[("deed", "burn"), ("by", "AB")]), StatusCode::CONFLICT),
        (step(&[("deed", "done")]), StatusCode::CONFLICT),
        (
            vec![("incident", "1"), ("role", "Site Manager"), ("phase", "declared"), ("number", "1")],
            StatusCode::NOT_FOUND,
        ),
        (
            vec![
                ("incident", "1"),
                ("role", "site-manager"),
                ("phase", "declared"),
                ("number", "99"),
                ("deed", "done"),
                ("by", "AB"),
            ],
            StatusCode::NOT_FOUND,
        ),
    ] {
        let answer = post(&router, "/cards/step", &fields).await;
        assert_eq!(answer.status, status, "{fields:?}: {}", words(&answer.text()));
    }
    let elsewhere = post(
        &router,
        "/cards/step",
        &step(&[
            ("number", "2"),
            ("deed", "open"),
            ("by", "AB"),
            ("reason", "x"),
            ("back", "//evil.example"),
        ]),
    )
    .await;
    assert!(!elsewhere.header("location").contains("evil"));
}

#[tokio::test]
async fn all_cards_show_who_holds_which_and_the_most_overdue_first() {
    let hospital = declared(Nature::Real);
    takes(&hospital, "Ben Okoro", "site-manager", "Northgate General");
    later(&hospital, 25);
    let router = hospital.router();
    let page = read(&router, "/cards").await;
    has(
        &page,
        &[
            "Nobody holds this",
            "Ben Okoro, ext 4021",
            "steps overdue",
            "held by nobody",
            "Print all cards",
            "Next 1. Ring the nurse",
        ],
    );
    let order: Vec<usize> = page
        .lines()
        .filter(|l| l.contains(" done ") && l.contains("overdue"))
        .filter_map(|l| l.split(" overdue").next()?.split_whitespace().rev().nth(1)?.parse().ok())
        .collect();
    assert!(order.len() > 5 && order.windows(2).all(|w| w[0] >= w[1]), "{order:?}");
    let card =
        read(&router, "/cards/of/site-manager?incident=1&role=site-manager&place=Northgate%20General").await;
    has(
        &card,
        &[
            "Overdue",
            "Due 14-Jul-2026 16:15",
            "15 minutes ago",
            "say who you are",
            "Reports to",
            "Tactical commander",
        ],
    );
    let pdf = get(&router, "/cards/of/site-manager/card.pdf?incident=1&place=Northgate%20General").await;
    assert!(pdf.body.starts_with(b"%PDF-"));
    assert!(get(&router, "/cards/all.pdf?incident=1").await.body.len() > 50_000);
}

#[tokio::test]
async fn an_exercise_is_watermarked_and_beside_a_real_one_the_real_one_comes_first() {
    let hospital = declared(Nature::Exercise);
    let router = hospital.router();
    for address in ["/cards", "/cards/mine", "/cards/of/loggist?incident=1&place="] {
        let html = get(&router, address).await.text();
        assert!(html.contains("class=\"watermark\"") && html.contains("EXERCISE"), "{address}");
    }
    does(&hospital, "Anna Bell", opening("Flood in the server room", Nature::Real));
    let page = read(&router, "/cards").await;
    has(&page, &["Flood in the server room", "Also running: Cyber attack (EXERCISE major incident)"]);
    let drill = get(&router, "/cards?incident=1").await.text();
    assert!(drill.contains("class=\"watermark\""), "an exercise is marked beside a real incident too");
    has(&words(&drill), &["Also running: Flood in the server room"]);
}

#[tokio::test]
async fn whoever_holds_several_cards_chooses() {
    let hospital = declared(Nature::Real);
    takes(&hospital, "Ben Okoro", "site-manager", "Northgate General");
    takes(&hospital, "Ben Okoro", "runners-lead", "");
    let router = hospital.router();
    let html = get_with_cookie(
        &router,
        "/cards/mine?incident=1&role=site-manager&place=Northgate%20General",
        &cookie("ben okoro"),
    )
    .await
    .text();
    assert!(html.contains("aria-label=\"Your cards\""), "{}", words(&html));
    assert!(html.contains("<h1>Site manager, Northgate General</h1>") && html.contains("role=runners-lead"));
}

#[tokio::test]
async fn a_mistake_in_the_planners_cards_is_told_with_file_and_line() {
    let hospital = prepared();
    let router = hospital.router();
    let folder = hospital.data_dir().join("forms/action_cards");
    std::fs::create_dir_all(&folder).unwrap();
    let good =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/action_cards/loggist.txt"))
            .unwrap();
    std::fs::write(folder.join("loggist.txt"), good.replace("1. ", "7. ")).unwrap();
    std::fs::write(folder.join("note<b>.txt"), "role: <script>\n").unwrap();
    let html = get(&router, "/cards/check").await.text();
    has(
        &words(&html),
        &[
            "faults in your own cards: they are not used",
            "loggist.txt, line ",
            "this step has number 7",
            "the cards built into Lifeboat",
        ],
    );
    assert!(
        !html.contains("<script>\u{201d}") && html.contains("&#60;script&#62;"),
        "a card's words are text"
    );
    let refused = post(&router, "/cards/check", &[("deed", "adopt"), ("by", "Eva Frost")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    has(&words(&refused.text()), &["mend them first"]);
    std::fs::remove_file(folder.join("note<b>.txt")).unwrap();
    std::fs::write(folder.join("loggist.txt"), good.replace("title: ", "title: Our ")).unwrap();
    does(&hospital, "Anna Bell", opening("Cyber attack", Nature::Real));
    has(&read(&router, "/cards/check").await, &["Your folder holds other cards", "Use the folder’s 1 cards"]);
    let adopted = post(&router, "/cards/check", &[("deed", "adopt"), ("by", "Eva Frost")]).await;
    assert_eq!(adopted.header("location"), "/cards/check?done=cards-adopted");
    let page = read(&router, "/cards/check").await;
    has(
        &page,
        &[
            "1 card in use",
            "the planner's own cards",
            "by Eva Frost",
            "Issue the cards in use to “Cyber attack”",
        ],
    );
    let issued =
        post(&router, "/cards/check", &[("deed", "issue"), ("incident", "1"), ("by", "Eva Frost")]).await;
    assert_eq!(issued.header("location"), "/cards/check?done=cards-issued");
    has(&read(&router, "/cards").await, &["1 card,"]);
    let same = post(&router, "/cards/check", &[("deed", "adopt"), ("by", "Eva Frost")]).await;
    has(&words(&same.text()), &["These are the cards in use already"]);
    let cards = hospital.room.incident().read(|b| b.incident(FIRST).unwrap().cards.all().len());
    assert_eq!(cards, 1);
    // A step of a card that the incident no longer has.
    let gone = post(&router, "/cards/step", &step(&[("deed", "done"), ("by", "AB")])).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
