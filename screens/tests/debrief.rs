//! The debrief on the screen and as a PDF whose head was verified.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, words};
use fixture::Hospital;
use http::StatusCode;
use incident::decisions::{self, Taken};
use incident::declare::{self, Level, Nature};
use incident::{IncidentId, Intent, Person, stand_down};

fn does(hospital: &Hospital, intent: impl Into<Intent>) {
    let person = Person::new("Anna Bell").unwrap();
    hospital.room.incident().submit(intent, &person, fixture::now()).unwrap();
}

fn declared(nature: Nature) -> Hospital {
    let hospital = Hospital::empty();
    does(
        &hospital,
        declare::Intent::Open {
            name: "Cyber <b>attack</b>".into(),
            nature,
            level: Level::Major,
            declared: true,
            reason: "ransom".into(),
            sites: Vec::new(),
            methane: None,
        },
    );
    let taken = Taken {
        matter: "The network".into(),
        information: String::from("known"),
        options: vec!["Leave it".into()],
        decision: "Pull the <script>plug</script>".into(),
        reason: "It spreads".into(),
        decided_by: Person::new("Ben Cole").unwrap(),
        role: String::new(),
        review_at: None,
    };
    let incident = IncidentId(1);
    let seen = hospital.room.incident().read(|book| book.incident(incident).unwrap().decisions.last_entry());
    does(&hospital, decisions::Intent::Decide { incident, taken, seen });
    hospital
}

#[tokio::test]
async fn an_incident_is_looked_back_on() {
    let hospital = declared(Nature::Real);
    let router = hospital.router();
    let running = words(&get(&router, "/debrief").await.text());
    assert!(running.contains("Still running"), "{running}");
    let incident = IncidentId(1);
    does(&hospital, stand_down::Intent::StandDown { incident, reason: "well".into(), despite_open: true });
    let page = get(&router, "/debrief?incident=1").await.text();
    let read = words(&page);
    for text in [
        "It lasted",
        "Anna Bell: well",
        "Decisions: 1",
        "1. The network",
        "Pull the <script>plug</script>",
        "No message was sent",
        "No divert was asked for",
        "Every promised time was kept",
        "What happened when",
    ] {
        assert!(read.contains(text), "{text}: {read}");
    }
    assert!(!page.contains("<script>plug"), "{page}");
    let pdf = get(&router, "/debrief.pdf?incident=1").await;
    assert_eq!((pdf.status, pdf.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF"));
}

#[tokio::test]
async fn without_an_incident_there_is_nothing_and_an_exercise_says_so() {
    let router = Hospital::empty().router();
    assert!(words(&get(&router, "/debrief").await.text()).contains("nothing to look back on"));
    assert_eq!(get(&router, "/debrief.pdf").await.status, StatusCode::NOT_FOUND);
    let exercise = declared(Nature::Exercise).router();
    assert!(get(&exercise, "/debrief").await.text().contains("EXERCISE"));
}
