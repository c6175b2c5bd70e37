//! An approved sitrep to take away: as PDF, as plain text for a telephone or a bulletin board, as JSON for a machine
//! (`docs/formats/sitrep.md`).
//!
//! Always: all three say the same, with the number, who approved it and when the next one comes; an exercise says so in
//! each. Never: a draft.

use super::one::find;
use crate::desk::{Desk, Look, Visit};
use crate::mishap::Mishap;
use crate::press::{file, letterhead, pdf};
use axum::extract::{Path, State};
use axum::response::Response;
use incident::declare::Nature;
use incident::sitreps::Sitrep;
use incident::{Incident, Stamp};
use serde::Serialize;

/// The parts of the address: incident, number.
type Numbers = Path<(String, String)>;

/// `GET /sitreps/{incident}/{number}/sitrep.pdf`
pub async fn as_pdf(State(desk): State<Desk>, visit: Visit, Path((incident, number)): Numbers) -> Response {
    desk.page(visit, move |look| {
        let (sitrep, head) = look.incidents(|book| {
            let (incident, sitrep) = find(book, &incident, &number)?;
            Ok::<_, Mishap>((sitrep.clone(), letterhead(look, book, Some(incident))))
        })?;
        let rendered = look.press()?.sitrep(&sitrep, &head, look.zone());
        pdf(look, rendered, &format!("sitrep-{}", sitrep.number))
    })
    .await
}

/// `GET /sitreps/{incident}/{number}/sitrep.txt`
pub async fn as_text(State(desk): State<Desk>, visit: Visit, Path((incident, number)): Numbers) -> Response {
    desk.page(visit, move |look| {
        let (text, name) = look.incidents(|book| {
            let (incident, sitrep) = find(book, &incident, &number)?;
            Ok::<_, Mishap>((text(look, incident, sitrep), format!("sitrep-{}.txt", sitrep.number)))
        })?;
        file(look, text.into_bytes(), "text/plain; charset=utf-8", "inline", &name)
    })
    .await
}

/// `GET /sitreps/{incident}/{number}/sitrep.json`
pub async fn as_json(State(desk): State<Desk>, visit: Visit, Path((incident, number)): Numbers) -> Response {
    desk.page(visit, move |look| {
        let (bytes, name) = look.incidents(|book| {
            let (incident, sitrep) = find(book, &incident, &number)?;
            let data = Data::of(look, incident, sitrep);
            let bytes =
                serde_json::to_vec_pretty(&data).map_err(|e| Mishap::fault("write the sitrep as JSON", e))?;
            Ok::<_, Mishap>((bytes, format!("sitrep-{}.json", sitrep.number)))
        })?;
        file(look, bytes, "application/json", "attachment", &name)
    })
    .await
}

fn text(look: &Look<'_>, incident: &Incident, sitrep: &Sitrep) -> String {
    let zone = look.zone();
    let mark = incident.watermark().map_or_else(String::new, |mark| format!("{mark} {mark} {mark}\n"));
    let approved = sitrep.approved.as_ref().unwrap_or(&sitrep.written);
    let mut out = format!(
        "{mark}SITUATION REPORT {}\n{}: {}, {}\nApproved by {} at {} (entry {}), revision {}\nSpeaks of entries {} to {}\n{}\n",
        sitrep.number,
        look.screens().trust,
        incident.name,
        incident.words(),
        approved.by,
        zone.clinical(approved.at),
        approved.entry,
        sitrep.revision,
        sitrep.covers.0.0 + 1,
        sitrep.covers.1,
        sitrep.next_due.map_or_else(
            || "No further sitrep is promised".to_owned(),
            |at| format!("Next sitrep by {}", zone.clinical(at))
        ),
    );
    for section in &sitrep.sections {
        let body = if section.body.is_empty() { "Nothing was written here." } else { &section.body };
        out.push_str(&format!("\n{}\n{body}\n", section.heading.to_uppercase()));
    }
    if !mark.is_empty() {
        out.push_str(&format!("\n{mark}"));
    }
    out
}

/// What the JSON holds. Keys are only ever added to.
#[derive(Serialize)]
struct Data<'a> {
    format: &'static str,
    trust: &'a str,
    exercise: bool,
    incident: OfIncident<'a>,
    number: u32,
    revision: u32,
    written: Signed,
    approved: Option<Signed>,
    speaks_of_entries: (u64, u64),
    next_due: Option<String>,
    sections: &'a [incident::sitreps::Section],
}

#[derive(Serialize)]
struct OfIncident<'a> {
    number: u32,
    name: &'a str,
    level: &'static str,
}

#[derive(Serialize)]
struct Signed {
    by: String,
    at: String,
    entry: u64,
}

impl Signed {
    fn of(stamp: &Stamp) -> Self {
        Self { by: stamp.by.to_string(), at: stamp.at.rfc3339(), entry: stamp.entry.0 }
    }
}

impl<'a> Data<'a> {
    fn of(look: &'a Look<'_>, incident: &'a Incident, sitrep: &'a Sitrep) -> Self {
        Self {
            format: "lifeboat-sitrep/1",
            trust: &look.screens().trust,
            exercise: incident.nature == Nature::Exercise,
            incident: OfIncident {
                number: incident.id.0,
                name: &incident.name,
                level: incident.level.words(),
            },
            number: sitrep.number,
            revision: sitrep.revision,
            written: Signed::of(&sitrep.written),
            approved: sitrep.approved.as_ref().map(Signed::of),
            speaks_of_entries: (sitrep.covers.0.0 + 1, sitrep.covers.1.0),
            next_due: sitrep.next_due.map(basics::Moment::rfc3339),
            sections: &sitrep.sections,
        }
    }
}
