//! `GET /wallboard?incident=`: elapsed, commander, what is due, what is overdue, systems, hospitals, diverts, the last
//! entries of the log. Live; nothing on it has to be pressed.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Typed};
use crate::incident::glance::Glance;
use crate::incident::page::{HospitalLine, diverts_in_force, hospital_lines, last_lines};
use crate::layout::{Beside, Layout};
use crate::log::row::Row;
use crate::mishap::Mishap;
use crate::names::counted;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::{Ground, Incident, IncidentBook, IncidentId};

#[derive(Template)]
#[template(path = "wallboard/page.html")]
struct Wallboard {
    layout: Layout,
    shown: Option<Shown>,
    /// Other incidents that run: their wallboard and name.
    others: Vec<(String, String)>,
    clock_doubt: Option<String>,
    now: String,
}

struct Shown {
    g: Glance,
    hospitals: Vec<HospitalLine>,
    diverts: Vec<String>,
    diverts_words: String,
    log: Vec<Row>,
}

/// Log lines on the wall.
const LOG_MAX: usize = 7;

/// `GET /wallboard`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(typed): Asked<Typed>) -> Response {
    desk.page(visit, move |look| page(look, &typed).map(Html)).await
}

fn page(look: &Look<'_>, typed: &Typed) -> Result<Wallboard, Mishap> {
    let layout = Layout::of_incident(look, "Wallboard", Beside::Wallboard);
    look.incidents(|book| {
        let chosen = chosen(book, typed)?;
        let others = book.running().filter(|i| chosen.is_none_or(|c| c.id != i.id));
        Ok(Wallboard {
            layout: layout.on(chosen.map_or(Ground::Real, Incident::ground)),
            others: others
                .map(|i| (format!("/wallboard?incident={}", i.id.0), format!("{} ({})", i.name, i.words())))
                .collect(),
            clock_doubt: book.clock_doubt(look.now),
            now: look.zone().hour_minute(book.now(look.now)),
            shown: chosen.map(|incident| shown(look, book, incident)),
        })
    })
}

/// The one asked for, else the gravest that runs: real before exercise, declared before standby, the newest first.
fn chosen<'a>(book: &'a IncidentBook, typed: &Typed) -> Result<Option<&'a Incident>, Mishap> {
    if let Some(number) = typed.number("incident").and_then(|n| u32::try_from(n).ok()) {
        let found = book.incident(IncidentId(number));
        return found.map(Some).ok_or_else(|| Mishap::NotFound {
            what: format!("There is no incident {number}."),
            next: "Choose one from the list of incidents.",
        });
    }
    Ok(book
        .running()
        .min_by_key(|i| (i.ground() != Ground::Real, i.declared.is_none(), std::cmp::Reverse(i.level))))
}

fn shown(look: &Look<'_>, book: &IncidentBook, incident: &Incident) -> Shown {
    let diverts = diverts_in_force(book, incident, look);
    Shown {
        g: Glance::new(look, book, incident),
        hospitals: hospital_lines(look, book, incident),
        diverts_words: counted(diverts.len(), "divert", "diverts"),
        diverts,
        log: last_lines(look, book, incident, LOG_MAX),
    }
}
