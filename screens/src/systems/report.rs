//! `GET /systems/report`, `POST /systems/report`: one short form for whoever sees something odd on a screen.
//!
//! Always: four fields and a button, on a telephone held in one hand; a system that is not listed, or spelt otherwise,
//! is never a reason to refuse: its name then stands in the report.

use super::ground::OnGround;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::systems;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "systems/report.html")]
struct ReportPage {
    layout: Layout,
    on: OnGround,
    sites: Vec<(String, bool)>,
    names: BTreeSet<String>,
    system: String,
    what: String,
    contact: String,
    by: String,
    refused: Option<String>,
}

/// `?incident=&site=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    site: String,
}

/// `GET /systems/report`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("incident", asked.incident).or("site", asked.site);
        Ok(Html(page(look, &typed, None)?))
    })
    .await
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> Result<ReportPage, Mishap> {
    let on = OnGround::new(look, typed.text("incident"), "/systems/report")?;
    Ok(look.incidents(|book| {
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        let sites = book.hospitals.sites();
        let only = sites.len() == 1;
        ReportPage {
            layout: Layout::of_incident(look, "Report a system", Beside::Systems).on(on.ground).still(),
            sites: sites.iter().map(|s| (s.to_string(), only || s.as_str() == typed.text("site"))).collect(),
            names: book.systems.all().map(|(_, listing)| listing.name.clone()).collect(),
            system: typed.text("system").to_owned(),
            what: typed.text("what").to_owned(),
            contact: typed.text("contact").to_owned(),
            by: if typed.text("by").is_empty() { who } else { typed.text("by").to_owned() },
            refused,
            on,
        }
    }))
}

/// `POST /systems/report`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &typed), |why| page(look, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let on = OnGround::new(look, typed.text("incident"), "/systems/report")?;
    let who = look.signer(typed.text("by"))?;
    let site = SiteId::new(typed.trimmed("site"))
        .ok_or_else(|| Mishap::Refused("Choose the hospital you are in first.".to_owned()))?;
    let name = basics::tidy(typed.text("system"), incident::wording::LINE_BYTES_MAX);
    let system = look.incidents(|book| book.systems.find(Some(&site), &name));
    let mut what = typed.text("what").trim().to_owned();
    if !what.is_empty() && system.is_none() && !name.is_empty() {
        what = format!("{name}: {what}");
    }
    let contact = typed.text("contact").to_owned();
    let intent = systems::Intent::Report { ground: on.ground, site, system, what, contact };
    look.decide("keep the report", intent, &who)?;
    let to = format!("/systems/report{}", on.query);
    Ok(Signed { to: crate::action_cards::step::with_done(&to, "system-reported"), who })
}
