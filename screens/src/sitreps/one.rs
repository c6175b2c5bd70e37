//! `GET /sitreps/{incident}/{number}`: one approved sitrep, as it was sealed.

use crate::chosen::{IncidentBar, needed};
use crate::desk::{Desk, Html, Visit};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::sitreps::{Section, Sitrep};
use incident::{Incident, IncidentBook};

#[derive(Template)]
#[template(path = "sitreps/one.html")]
struct SitrepPage {
    layout: Layout,
    bar: IncidentBar,
    incident: u32,
    number: u32,
    revision: u32,
    approved: Stamp,
    approved_by: String,
    written_by: String,
    covers: (u64, u64),
    next_due: Option<String>,
    sections: Vec<Section>,
    newer: Option<u32>,
    address: String,
}

/// The approved sitrep of that number.
///
/// # Errors
/// `Mishap::NotFound` when there is none.
pub fn find<'a>(
    book: &'a IncidentBook,
    incident: &str,
    number: &str,
) -> Result<(&'a Incident, &'a Sitrep), Mishap> {
    let incident = needed(book, incident)?;
    let number: Option<u32> = number.parse().ok();
    let sitrep = incident.sitreps.approved().iter().find(|s| Some(s.number) == number);
    let none = || Mishap::NotFound {
        what: "This incident has no approved sitrep of that number.".to_owned(),
        next: "Choose one from the list of sitreps.",
    };
    Ok((incident, sitrep.ok_or_else(none)?))
}

/// `GET /sitreps/{incident}/{number}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path((incident, number)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        look.incidents(|book| {
            let (incident, sitrep) = find(book, &incident, &number)?;
            let approved = sitrep.approved.as_ref().unwrap_or(&sitrep.written);
            let last = incident.sitreps.approved().last().map(|s| s.number);
            Ok(Html(SitrepPage {
                layout: Layout::of_incident(look, format!("Sitrep {}", sitrep.number), Beside::Sitreps)
                    .on(incident.ground()),
                bar: IncidentBar::new(book, incident, "/sitreps"),
                incident: incident.id.0,
                number: sitrep.number,
                revision: sitrep.revision,
                approved: look.stamp(approved.at),
                approved_by: approved.by.to_string(),
                written_by: sitrep.written.by.to_string(),
                covers: (sitrep.covers.0.0 + 1, sitrep.covers.1.0),
                next_due: sitrep.next_due.map(|at| look.zone().clinical(at)),
                sections: sitrep.sections.clone(),
                newer: last.filter(|last| *last != sitrep.number),
                address: format!("/sitreps/{}/{}", incident.id.0, sitrep.number),
            }))
        })
    })
    .await
}
