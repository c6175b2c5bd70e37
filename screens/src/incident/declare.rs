//! `GET /incidents/declare`, `POST /incidents/declare`: one short form. Three things must be there: how grave it is, what
//! has happened, and who says so. Everything else can wait, and is amended later.

use super::methane::{self, Heading};
use super::{LevelChoice, SiteChoice, level_of, levels};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::capital;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::declare::{Intent, Nature};

#[derive(Template)]
#[template(path = "incident/declare.html")]
struct DeclarePage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    levels: Vec<LevelChoice>,
    sites: Vec<SiteChoice>,
    headings: Vec<Heading>,
    running: Vec<(String, String)>,
    /// The optional part was used, so it is shown open.
    opened: bool,
    /// What stands across every page and sheet of this Lifeboat, a real incident's too.
    not_for_real: Option<String>,
}

/// `GET /incidents/declare`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(typed): Asked<Typed>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, typed.or("nature", "real").or("when", "now"), None))))
        .await
}

/// `POST /incidents/declare`
pub async fn open(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(open_now(look, &typed), |why| Ok(page(look, typed, Some(why))))
    })
    .await
}

fn page(look: &Look<'_>, typed: Typed, refused: Option<String>) -> DeclarePage {
    let mut layout = Layout::of_incident(look, "Declare an incident", Beside::Incident).still();
    signed_as(&mut layout, &typed);
    let (sites, running) = look.incidents(|book| {
        let sites: Vec<SiteChoice> = book
            .hospitals
            .sites()
            .iter()
            .map(|site| SiteChoice { name: site.to_string(), chosen: typed.has("site", site.as_str()) })
            .collect();
        let running = book.running().map(|i| {
            (
                format!("/incidents/{}", i.id.0),
                format!("{} ({}, {})", i.name, i.words(), i.stage.word().to_lowercase()),
            )
        });
        (sites, running.collect())
    });
    let headings = methane::headings(&typed, None);
    DeclarePage {
        layout,
        refused,
        levels: levels(typed.text("level")),
        opened: sites.iter().any(|s| s.chosen) || headings.iter().any(|h| !h.value.is_empty()),
        sites,
        headings,
        running,
        typed,
        not_for_real: look.screens().watermark.clone(),
    }
}

/// A form that comes back shows the name that was typed, not the one that was remembered.
pub fn signed_as(layout: &mut Layout, typed: &Typed) {
    if !typed.trimmed("by").is_empty() {
        typed.trimmed("by").clone_into(&mut layout.who);
    }
}

fn open_now(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let level = level_of(typed)?;
    let who = look.signer(typed.text("by"))?;
    let name = match typed.trimmed("name") {
        "" => format!("{} {}", capital(level.words()), look.zone().clinical(look.now)),
        name => name.to_owned(),
    };
    let report = methane::report(typed);
    let intent = Intent::Open {
        name,
        level,
        nature: if typed.has("nature", "exercise") { Nature::Exercise } else { Nature::Real },
        declared: !typed.has("when", "standby"),
        reason: typed.text("reason").to_owned(),
        sites: chosen_sites(typed),
        methane: (report != incident::methane::Methane::default()).then_some(report),
    };
    let receipt = look.decide("declare the incident", intent, &who)?;
    let number = receipt.incident.map_or(0, |id| id.0);
    Ok(Signed { to: format!("/incidents/{number}?done=opened"), who })
}

/// The hospitals that were ticked.
pub fn chosen_sites(typed: &Typed) -> Vec<SiteId> {
    typed.all("site").filter_map(SiteId::new).collect()
}
