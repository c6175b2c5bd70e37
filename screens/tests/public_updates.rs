//! Public updates through their screens: drafted by one person, approved by another, withdrawn; nothing typed is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::Router;
use common::{get, post, words};
use fixture::Hospital;
use http::StatusCode;
use incident::declare::{self, Nature};
use incident::hospitals;
use incident::public_updates::{PublicBoard, Standing};
use incident::{Ground, Person};
use screens::{PublicPlace, PublicPress, SocialPost};
use std::sync::Arc;

struct Tin;

impl PublicPress for Tin {
    fn address(&self) -> Option<String> {
        Some("https://updates.example".to_owned())
    }
    fn preview(&self, board: &PublicBoard, welsh: bool) -> Result<Vec<u8>, String> {
        let said = board.latest.published().map_or("nothing", |p| p.content.english.sentence.as_str());
        let safe = said.replace('<', "&lt;");
        Ok(format!("<!doctype html><style>p {{}}</style><p>{safe} {} {welsh}</p>", board.history.len())
            .into_bytes())
    }
    fn posts(&self, board: &PublicBoard) -> Result<Vec<SocialPost>, String> {
        let post = |text: &str| SocialPost {
            network: "X",
            text: text.to_owned(),
            characters: text.chars().count(),
            characters_max: 280,
        };
        Ok(board.latest.published().map(|p| post(&p.content.english.sentence)).into_iter().collect())
    }
    fn places(&self, _: Ground) -> Vec<PublicPlace> {
        let place = |name: &str, failing: Option<&str>| PublicPlace {
            name: name.to_owned(),
            pushed: Some(fixture::now()),
            failing: failing.map(|why| (fixture::now(), why.to_owned())),
            waiting: false,
        };
        vec![place("the folder /srv/www", None), place("https://s3.example/updates", Some("403 <denied>"))]
    }
}

fn house() -> (Hospital, Router) {
    let hospital = Hospital::empty();
    let sites =
        ["Northgate General", "Southmere Community"].map(|s| basics::SiteId::new(s).unwrap()).to_vec();
    let person = Person::new("Lifeboat").unwrap();
    hospital.room.incident().submit(hospitals::Intent::List { sites }, &person, fixture::now()).unwrap();
    let screens = screens::Screens { public: Some(Arc::new(Tin)), ..hospital.screens() };
    (hospital, screens::router(screens))
}

const DRAFT: [(&str, &str); 16] = [
    ("ground", "real"),
    ("by", "Cara Dean"),
    ("sentence", "Our computers are <b>not</b> working."),
    ("do_this", "Come only in an emergency.\n\n We will call you. "),
    ("not_for", "Blood tests\r\nRoutine X-rays"),
    ("place_name_1", "High Street walk-in centre"),
    ("place_hours_1", "every day 8am to 8pm"),
    ("place_name_7", ""),
    ("site_1", "Northgate General"),
    ("service_1", "Emergency department"),
    ("state_1", "reduced"),
    ("wait_1", "240"),
    ("note_1", "Walk-ins only"),
    ("next", "60"),
    ("next_time", ""),
    ("cy_sentence", "Nid yw ein cyfrifiaduron yn gweithio."),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = DRAFT.to_vec();
    for (name, value) in changes {
        fields.retain(|(n, _)| n != name);
        fields.push((name, value));
    }
    fields
}

#[tokio::test]
async fn a_draft_becomes_public_by_a_second_person_and_can_be_withdrawn() {
    let (hospital, router) = house();
    let empty = words(&get(&router, "/public-updates").await.text());
    for text in [
        "Nothing was published yet",
        "None waits",
        "2 places",
        "There are posts once",
        "None was drafted yet",
    ] {
        assert!(empty.contains(text), "{text}: {empty}");
    }
    let kept = post(&router, "/public-updates/draft", &DRAFT).await;
    assert_eq!(
        kept.header("location"),
        "/public-updates/1?ground=real&done=public-drafted",
        "{}",
        kept.text()
    );
    let page = get(&router, "/public-updates/1?ground=real&done=public-drafted").await.text();
    for text in
        ["Draft, not public", "Written by Cara Dean", "Make it public", "<iframe", "The draft is kept"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let (content, standing) = update(&hospital, 1);
    assert_eq!(standing, Standing::Draft);
    assert_eq!(content.english.do_this, ["Come only in an emergency.", "We will call you."]);
    assert_eq!(content.english.not_for, ["Blood tests", "Routine X-rays"]);
    assert_eq!((content.alternatives.len(), content.services.len()), (1, 1));
    assert_eq!(content.services[0].wait_minutes, Some(240));
    assert!(content.welsh.is_some());
    // The writer may not approve; what was typed stays.
    let own = post(
        &router,
        "/public-updates/1/approve",
        &[("ground", "real"), ("revision", "1"), ("by", "cara dean")],
    )
    .await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(
        own.text().contains("somebody else must read and approve")
            && own.text().contains("value=\"cara dean\"")
    );
    let done = post(
        &router,
        "/public-updates/1/approve",
        &[("ground", "real"), ("revision", "1"), ("by", "Anna Bell")],
    )
    .await;
    assert_eq!(done.header("location"), "/public-updates?ground=real&done=public-approved");
    let page = get(&router, "/public-updates?ground=real").await.text();
    let read = words(&page);
    for text in [
        "“Our computers are <b>not</b> working.”",
        "Next update in 1 h",
        "https://updates.example",
        "37 of 280 characters",
        "Not there: being tried again",
        "403 <denied>",
    ] {
        assert!(read.contains(text), "{text}: {read}");
    }
    assert!(!page.contains("<b>not"), "{page}");
    // An hour and a half later the promise is broken, and the page says so first.
    hospital.clock.set(fixture::now().plus_seconds(5_400));
    let late = words(&get(&router, "/public-updates?ground=real").await.text());
    assert!(late.contains("Late by 30 minutes"), "{late}");
    let none = post(
        &router,
        "/public-updates/1/withdraw",
        &[("ground", "real"), ("reason", " "), ("by", "Ben Cole")],
    )
    .await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    assert!(none.text().contains("value=\"Ben Cole\""));
    post(
        &router,
        "/public-updates/1/withdraw",
        &[("ground", "real"), ("reason", "wrong hours"), ("by", "Ben Cole")],
    )
    .await;
    let gone = words(&get(&router, "/public-updates?ground=real").await.text());
    assert!(gone.contains("Update 1 was withdrawn") && !gone.contains("37 of 280"), "{gone}");
}

fn update(hospital: &Hospital, number: u32) -> (incident::public_updates::Content, Standing) {
    hospital.room.incident().read(|book| {
        let update = book.public_updates.update(Ground::Real, number).unwrap();
        (update.content.clone(), update.standing.clone())
    })
}

#[tokio::test]
async fn a_refused_draft_is_shown_again_with_everything_that_was_typed() {
    let (hospital, router) = house();
    for (changes, why) in [
        (&[("sentence", " ")][..], "the sentence that says what is happening"),
        (&[("wait_1", "4 hours")], "write it for Emergency department as minutes"),
        (&[("site_1", "")], "Choose the hospital"),
        (&[("site_1", "Elsewhere")], "there is no hospital called Elsewhere"),
        (&[("next", "at"), ("next_time", "soon")], "“soon” is no time"),
        (&[("next", "")], "Say when the public hears more"),
        (&[("place_hours_1", "")], "hours"),
        (&[("by", "")], "Nobody signed this"),
    ] {
        let refused = post(&router, "/public-updates/draft", &with(changes)).await;
        let page = refused.text();
        assert_eq!(refused.status, StatusCode::CONFLICT, "{why}");
        assert!(words(&page).to_lowercase().contains(&why.to_lowercase()), "{why}: {}", words(&page));
        for typed in [
            "Blood tests",
            "High Street walk-in centre",
            "Walk-ins only",
            "Nid yw ein",
            "Emergency department",
        ] {
            assert!(page.contains(typed), "{typed} was lost: {why}");
        }
        assert_eq!(page.contains("value=\"Cara Dean\""), !why.contains("signed"), "{why}");
    }
    assert!(hospital.room.incident().read(|book| book.public_updates.all(Ground::Real).is_empty()));
}

#[tokio::test]
async fn of_two_who_change_a_draft_the_second_is_told_of_the_first() {
    let (hospital, router) = house();
    post(&router, "/public-updates/draft", &DRAFT).await;
    let form = get(&router, "/public-updates/1/edit?ground=real").await.text();
    assert!(form.contains("name=\"revision\" value=\"1\"") && form.contains("Come only in an emergency."));
    let first = with(&[("revision", "1"), ("sentence", "First."), ("by", "Anna Bell")]);
    let second = with(&[("revision", "1"), ("sentence", "Second."), ("by", "Ben Cole")]);
    assert_eq!(post(&router, "/public-updates/1/edit", &first).await.status, StatusCode::SEE_OTHER);
    let refused = post(&router, "/public-updates/1/edit", &second).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        words(&refused.text()).contains("Anna Bell changed update 1") && refused.text().contains("Second.")
    );
    assert_eq!(update(&hospital, 1).0.english.sentence, "First.");
    // Given up, it is gone for good.
    post(
        &router,
        "/public-updates/1/discard",
        &[("ground", "real"), ("reason", "not needed"), ("by", "Ben Cole")],
    )
    .await;
    assert!(matches!(update(&hospital, 1).1, Standing::Discarded(_)));
}

#[tokio::test]
async fn an_exercise_has_its_own_page_and_is_meant_while_it_runs_alone() {
    let (hospital, router) = house();
    let open = declare::Intent::Open {
        name: "Exercise Kestrel".into(),
        nature: Nature::Exercise,
        level: declare::Level::Major,
        declared: true,
        reason: "practice".into(),
        sites: Vec::new(),
        methane: None,
    };
    let person = Person::new("Anna Bell").unwrap();
    hospital.room.incident().submit(open, &person, fixture::now()).unwrap();
    let page = get(&router, "/public-updates").await.text();
    for text in
        ["EXERCISE Exercise Kestrel", "The real public page", "Nothing here reaches the real public page"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let kept = post(&router, "/public-updates/draft", &with(&[("ground", "exercise-1")])).await;
    assert_eq!(kept.header("location"), "/public-updates/1?ground=exercise-1&done=public-drafted");
    post(
        &router,
        "/public-updates/1/approve",
        &[("ground", "exercise-1"), ("revision", "1"), ("by", "Ben Cole")],
    )
    .await;
    let real = words(&get(&router, "/public-updates?ground=real").await.text());
    assert!(real.contains("Nothing was published yet"), "{real}");
}

#[tokio::test]
async fn the_preview_is_the_publics_own_page_shut_in_a_frame() {
    let (_hospital, router) = house();
    post(&router, "/public-updates/draft", &DRAFT).await;
    for (address, said) in [
        ("/public-updates/preview?ground=real", "nothing 0 false"),
        ("/public-updates/preview?ground=real&number=1&welsh=yes", "working. 1 true"),
    ] {
        let preview = get(&router, address).await;
        assert!(preview.text().contains(said), "{address}: {}", preview.text());
        assert!(preview.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert!(preview.header("content-security-policy").contains("frame-ancestors 'self'"));
        assert_eq!(preview.header("x-frame-options"), "SAMEORIGIN");
    }
    let none = get(&Hospital::empty().router(), "/public-updates/preview").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert_eq!(none.header("x-frame-options"), "DENY");
}
