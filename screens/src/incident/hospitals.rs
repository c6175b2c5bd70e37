//! `GET` and `POST /incidents/{id}/hospitals`: what each service of each hospital can do, and how long people wait.

use super::declare::signed_as;
use super::page::state_tag;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::SiteId;
use incident::hospitals::{HospitalBoard, Intent, SERVICES_SUGGESTED, ServiceState};

#[derive(Template)]
#[template(path = "incident/hospitals.html")]
struct HospitalsPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    hospitals: Vec<HospitalRows>,
    words: String,
    suggested: [&'static str; 10],
}

struct HospitalRows {
    site: String,
    state: &'static str,
    tag: &'static str,
    count: String,
    services: Vec<ServiceRow>,
}

struct ServiceRow {
    name: String,
    state: &'static str,
    tag: &'static str,
    wait: String,
    note: String,
    since: Stamp,
    by: String,
}

const STATES: [ServiceState; 3] = [ServiceState::Open, ServiceState::Reduced, ServiceState::Closed];

/// `GET /incidents/{id}/hospitals`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id, Typed::default(), None).map(Html)).await
}

/// `POST /incidents/{id}/hospitals`
pub async fn tell(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(tell_now(look, id, &typed), |why| page(look, id, typed, Some(why)))
    })
    .await
}

fn tell_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let refused = |words: &str| Mishap::Refused(words.to_owned());
    let site = SiteId::new(typed.text("site")).ok_or_else(|| refused("Choose a hospital first."))?;
    let state = STATES.into_iter().find(|state| typed.has("state", state.word()));
    let wait_minutes = match typed.trimmed("wait") {
        "" => None,
        text => Some(text.parse().map_err(|_| refused("Write the wait in whole minutes, as 240."))?),
    };
    let intent = Intent::TellService {
        ground: with_incident(look, id, |_, incident| incident.ground())?,
        site,
        service: typed.text("service").to_owned(),
        state: state.ok_or_else(|| refused("Choose whether the service is open, reduced or closed."))?,
        wait_minutes,
        note: typed.text("note").to_owned(),
    };
    look.decide("say what the hospital can do", intent, &who)?;
    Ok(Signed { to: format!("/incidents/{id}/hospitals?done=hospital"), who })
}

fn page(look: &Look<'_>, id: u32, typed: Typed, refused: Option<String>) -> Result<HospitalsPage, Mishap> {
    let mut layout = Layout::of_incident(look, "Hospitals", Beside::Incident).typed_into();
    signed_as(&mut layout, &typed);
    with_incident(look, id, |book, incident| {
        let boards = book.hospitals.board(incident.ground());
        // A form that came back is not renewed under the hands of whoever mends it.
        let layout = if refused.is_some() { layout.still() } else { layout };
        HospitalsPage {
            layout: layout.on(incident.ground()),
            refused,
            typed,
            id,
            name: incident.name.clone(),
            words: counted(boards.len(), "hospital", "hospitals"),
            hospitals: boards.into_iter().map(|board| rows(look, board)).collect(),
            suggested: SERVICES_SUGGESTED,
        }
    })
}

fn rows(look: &Look<'_>, board: HospitalBoard) -> HospitalRows {
    HospitalRows {
        site: board.site.to_string(),
        state: board.overall.map_or("not told", ServiceState::word),
        tag: board.overall.map_or("grey", state_tag),
        count: counted(board.services.len(), "service told", "services told"),
        services: board
            .services
            .into_iter()
            .map(|s| ServiceRow {
                state: s.state.word(),
                tag: state_tag(s.state),
                wait: s.wait_minutes.map_or_else(|| "not said".to_owned(), |m| format!("{m} min")),
                since: look.stamp(s.since),
                by: s.told.by.to_string(),
                name: s.name,
                note: s.note,
            })
            .collect(),
    }
}
