//! `GET /sitreps`: when the next one is due, the draft that waits, every approved one. `POST /sitreps/begin` drafts the
//! next from the boards; `POST /sitreps/due` promises another time.

use crate::chosen::{IncidentBar, Which, chosen, needed};
use crate::clock_times::coming;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::{Level, Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::Moment;
use incident::sitreps::{self, Sitrep};
use incident::{Incident, IncidentBook};

#[derive(Template)]
#[template(path = "sitreps/page.html")]
struct SitrepsPage {
    layout: Layout,
    bar: Option<IncidentBar>,
    incident: u32,
    running: bool,
    due: Option<Due>,
    waiting: Option<Waiting>,
    /// "12 entries since sitrep 2".
    since: String,
    approved: Vec<Line>,
    due_at: String,
    due_none: bool,
    due_reason: String,
    by: String,
    refused: Option<String>,
}

/// When the next sitrep is due.
pub struct Due {
    /// "Late", where it is.
    pub mark: Option<Mark>,
    /// When.
    pub at: Stamp,
}

struct Waiting {
    number: u32,
    revision: u32,
    by: String,
    at: Stamp,
}

struct Line {
    address: String,
    number: u32,
    at: Stamp,
    by: String,
    next_due: String,
}

impl Due {
    /// The next sitrep's time, late when it has passed.
    pub fn new(look: &Look<'_>, due: Moment, now: Moment) -> Self {
        Self { mark: (due < now).then(|| Mark::new(Level::Red, "Late")), at: look.stamp(due) }
    }
}

/// `GET /sitreps`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("incident", asked.incident);
        Ok(Html(page(look, &typed, None)?))
    })
    .await
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> Result<SitrepsPage, Mishap> {
    look.incidents(|book| {
        let incident = chosen(book, typed.text("incident"))?;
        let mut layout = Layout::of_incident(look, "Sitreps", Beside::Sitreps).typed_into();
        if let Some(incident) = incident {
            layout = layout.on(incident.ground());
        }
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        let now = book.now(look.now);
        Ok(SitrepsPage {
            layout,
            bar: incident.map(|i| IncidentBar::new(book, i, "/sitreps")),
            incident: incident.map_or(0, |i| i.id.0),
            running: incident.is_some_and(Incident::running),
            due: incident
                .filter(|i| i.running())
                .and_then(|i| i.sitreps.next_due())
                .map(|due| Due::new(look, due, now)),
            waiting: incident.and_then(|i| i.sitreps.waiting()).map(|draft| Waiting {
                number: draft.number,
                revision: draft.revision,
                by: draft.written.by.to_string(),
                at: look.stamp(draft.written.at),
            }),
            since: incident.map_or_else(String::new, |i| since(book, i)),
            approved: incident.map_or_else(Vec::new, |i| lines(look, i)),
            due_at: typed.text("at").to_owned(),
            due_none: typed.has("none", "yes"),
            due_reason: typed.text("reason").to_owned(),
            by: if typed.text("by").is_empty() { who } else { typed.text("by").to_owned() },
            refused,
        })
    })
}

/// "12 entries since sitrep 2".
fn since(book: &IncidentBook, incident: &Incident) -> String {
    let entries = book.log.of_incident(incident.id, incident.sitreps.covered()).count();
    let entries = counted(entries, "entry", "entries");
    match incident.sitreps.approved().last() {
        Some(last) => format!("{entries} in this incident since sitrep {}", last.number),
        None => format!("{entries} in this incident, no sitrep yet"),
    }
}

fn lines(look: &Look<'_>, incident: &Incident) -> Vec<Line> {
    let line = |sitrep: &Sitrep| {
        let approved = sitrep.approved.as_ref().unwrap_or(&sitrep.written);
        Line {
            address: format!("/sitreps/{}/{}", incident.id.0, sitrep.number),
            number: sitrep.number,
            at: look.stamp(approved.at),
            by: approved.by.to_string(),
            next_due: sitrep.next_due.map_or_else(
                || "no further one promised".to_owned(),
                |at| format!("next by {}", look.zone().clinical(at)),
            ),
        }
    };
    incident.sitreps.approved().iter().rev().map(line).collect()
}

/// `POST /sitreps/begin`
pub async fn begin(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let begun = || -> Result<Signed, Mishap> {
            let incident = look.incidents(|book| needed(book, typed.text("incident")).map(|i| i.id))?;
            let who = look.signer(typed.text("by"))?;
            look.decide(
                "draft the sitrep",
                sitreps::Intent::Begin { incident, more: look.more_for_sitrep(incident) },
                &who,
            )?;
            Ok(Signed { to: format!("/sitreps/draft?incident={}&done=sitrep-begun", incident.0), who })
        };
        answer(look, &typed, begun())
    })
    .await
}

/// `POST /sitreps/due`
pub async fn due(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let promised = || -> Result<Signed, Mishap> {
            let incident = look.incidents(|book| needed(book, typed.text("incident")).map(|i| i.id))?;
            let who = look.signer(typed.text("by"))?;
            let at = promised_time(look, &typed)?;
            let reason = typed.text("reason").to_owned();
            let intent = sitreps::Intent::SetNextDue { incident, at, reason };
            look.decide("promise the next sitrep", intent, &who)?;
            Ok(Signed { to: format!("/sitreps?incident={}&done=sitrep-due", incident.0), who })
        };
        answer(look, &typed, promised())
    })
    .await
}

fn answer(look: &Look<'_>, typed: &Typed, done: Result<Signed, Mishap>) -> Result<Response, Mishap> {
    look.answered(done, |why| page(look, typed, Some(why)))
}

/// When the next sitrep is promised, as a form says: a time, or none.
///
/// # Errors
/// `Mishap::Refused` when it says neither.
pub fn promised_time(look: &Look<'_>, typed: &Typed) -> Result<Option<Moment>, Mishap> {
    if typed.has("none", "yes") {
        return Ok(None);
    }
    coming(look.zone(), look.now, typed.text("at")).map(Some).ok_or_else(|| {
        Mishap::Refused(
            "Promise a time for the next sitrep, written as 16:30, or tick that no further one will come."
                .to_owned(),
        )
    })
}
