//! `GET` and `POST /incidents/{id}/stand-down`: what is still open, then standing down knowing it; and taking it up again.

use super::declare::signed_as;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{capital, counted};
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::stand_down::{Intent, still_open};
use incident::{IncidentId, Stage};

#[derive(Template)]
#[template(path = "incident/stand_down.html")]
struct StandDownPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    running: bool,
    standby: bool,
    open: Vec<String>,
    open_words: String,
}

/// `GET /incidents/{id}/stand-down`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id, Typed::default(), None).map(Html)).await
}

/// `POST /incidents/{id}/stand-down`
pub async fn send(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(send_now(look, id, &typed), |why| page(look, id, typed, Some(why)))
    })
    .await
}

fn send_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let (incident, reason) = (IncidentId(id), typed.text("reason").to_owned());
    let (intent, done) = if typed.has("deed", "resume") {
        (Intent::Resume { incident, reason }, "resumed")
    } else {
        let despite_open = typed.has("despite_open", "yes");
        (Intent::StandDown { incident, reason, despite_open }, "stood-down")
    };
    look.decide("end the incident", intent, &who)?;
    Ok(Signed { to: format!("/incidents/{id}?done={done}"), who })
}

fn page(look: &Look<'_>, id: u32, typed: Typed, refused: Option<String>) -> Result<StandDownPage, Mishap> {
    let mut layout = Layout::of_incident(look, "Stand down", Beside::Incident).still();
    signed_as(&mut layout, &typed);
    with_incident(look, id, |book, incident| {
        let open: Vec<String> = still_open(book, incident, look.now).iter().map(|o| capital(o)).collect();
        StandDownPage {
            layout: layout.on(incident.ground()),
            refused,
            id,
            name: incident.name.clone(),
            running: incident.running(),
            standby: incident.stage == Stage::Standby,
            open_words: counted(open.len(), "thing", "things"),
            open,
            typed,
        }
    })
}
