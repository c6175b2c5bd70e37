//! `GET` and `POST /incidents/{id}/stage`: declare what is on standby, change the level or the hospitals, cancel.

use super::declare::{chosen_sites, signed_as};
use super::{LevelChoice, SiteChoice, level_of, level_value, levels, with_incident};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::declare::Intent;
use incident::{Ground, IncidentId, Stage};

#[derive(Template)]
#[template(path = "incident/stage.html")]
struct StagePage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    words: String,
    standby: bool,
    running: bool,
    levels: Vec<LevelChoice>,
    sites: Vec<SiteChoice>,
    /// What stands across every page and sheet of this Lifeboat while something real is to be declared.
    not_for_real: Option<String>,
    /// What the form does: "declare", "level", "sites", "cancel".
    deed: &'static str,
}

const DEEDS: [&str; 4] = ["declare", "level", "sites", "cancel"];

/// `GET /incidents/{id}/stage`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id, Typed::default(), None).map(Html)).await
}

/// `POST /incidents/{id}/stage`
pub async fn change(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(change_now(look, id, &typed), |why| page(look, id, typed, Some(why)))
    })
    .await
}

fn change_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let (incident, reason) = (IncidentId(id), typed.text("reason").to_owned());
    let intent = match typed.text("deed") {
        "declare" => Intent::Declare { incident, level: level_of(typed)?, reason },
        "level" => Intent::ChangeLevel { incident, level: level_of(typed)?, reason },
        "sites" => Intent::ChangeSites { incident, sites: chosen_sites(typed), reason },
        "cancel" => Intent::Cancel { incident, reason },
        _ => return Err(Mishap::Refused("Choose what is to change first.".to_owned())),
    };
    look.decide("change the incident", intent, &who)?;
    Ok(Signed { to: format!("/incidents/{id}?done=stage"), who })
}

fn page(look: &Look<'_>, id: u32, typed: Typed, refused: Option<String>) -> Result<StagePage, Mishap> {
    let mut layout = Layout::of_incident(look, "Change the incident", Beside::Incident).still();
    signed_as(&mut layout, &typed);
    with_incident(look, id, |book, incident| {
        let standby = incident.stage == Stage::Standby;
        let sent = DEEDS.into_iter().find(|deed| typed.has("deed", deed));
        let site = |site: &basics::SiteId| SiteChoice {
            name: site.to_string(),
            chosen: match refused {
                Some(_) => typed.has("site", site.as_str()),
                None => incident.sites.contains(site),
            },
        };
        let level = match typed.text("level") {
            "" => level_value(incident.level),
            level => level,
        };
        StagePage {
            layout: layout.on(incident.ground()),
            id,
            name: incident.name.clone(),
            words: incident.words(),
            standby,
            not_for_real: look
                .screens()
                .watermark
                .clone()
                .filter(|_| standby && incident.ground() == Ground::Real),
            running: incident.running(),
            levels: levels(level),
            sites: book.hospitals.sites().iter().map(site).collect(),
            deed: sent.unwrap_or(if standby { "declare" } else { "level" }),
            refused,
            typed,
        }
    })
}
