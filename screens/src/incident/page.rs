//! `GET /incidents/{id}`: METHANE, commander, elapsed, next sitrep, overdue steps; then all that stands in this incident.

use super::glance::Glance;
use super::methane::{Said, said};
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Beside, Layout};
use crate::log::row::Row;
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::diverts;
use incident::hospitals::{HospitalBoard, ServiceState};
use incident::{Incident, IncidentBook, Stage};

#[derive(Template)]
#[template(path = "incident/page.html")]
struct IncidentPage {
    layout: Layout,
    id: u32,
    g: Glance,
    reason: String,
    /// Why it was ended; empty while it runs.
    ended_because: String,
    standby: bool,
    running: bool,
    clock_doubt: Option<String>,
    methane: Vec<Said>,
    methane_by: Option<(String, Stamp, u64)>,
    hospitals: Vec<HospitalLine>,
    diverts: Vec<String>,
    diverts_words: String,
    decisions: Vec<DecisionLine>,
    decisions_words: String,
    steps: Vec<(Stamp, String, String)>,
    log: Vec<Row>,
}

/// A hospital in a line.
pub struct HospitalLine {
    pub site: String,
    /// "open", "reduced", "closed", "not told".
    pub state: &'static str,
    pub tag: &'static str,
    /// "Emergency department closed (walk-ins only), wait 240 min".
    pub services: Vec<String>,
    pub told: Option<Stamp>,
}

/// A decision in a line.
struct DecisionLine {
    number: u32,
    matter: String,
    decision: String,
    by: String,
    at: Stamp,
    review: Option<Stamp>,
    due: bool,
    holds: bool,
}

/// Decisions shown here; the rest stand on their own page.
const DECISIONS_MAX: usize = 4;
/// Log lines shown here.
const LOG_MAX: usize = 6;

/// `GET /incidents/{id}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id).map(Html)).await
}

fn page(look: &Look<'_>, id: u32) -> Result<IncidentPage, Mishap> {
    let layout = Layout::of_incident(look, "Incident", Beside::Incident);
    with_incident(look, id, |book, incident| {
        let methane = incident.methane.current();
        let in_force = diverts_in_force(book, incident, look);
        IncidentPage {
            layout: Layout { title: incident.name.clone(), ..layout }.on(incident.ground()),
            id,
            g: Glance::new(look, book, incident),
            reason: incident.reason.clone(),
            ended_because: incident.ended_because.clone(),
            standby: incident.stage == Stage::Standby,
            running: incident.running(),
            clock_doubt: book.clock_doubt(look.now),
            methane: methane.map_or_else(Vec::new, |(_, report)| said(report)),
            methane_by: methane.map(|(s, _)| (s.by.to_string(), look.stamp(s.at), s.entry.0)),
            hospitals: hospital_lines(look, book, incident),
            diverts_words: counted(in_force.len(), "divert", "diverts"),
            diverts: in_force,
            decisions: decisions(look, book, incident),
            decisions_words: counted(incident.decisions.all().len(), "decision", "decisions"),
            steps: incident
                .steps
                .iter()
                .rev()
                .map(|(s, words)| (look.stamp(s.at), s.by.to_string(), words.clone()))
                .collect(),
            log: last_lines(look, book, incident, LOG_MAX),
        }
    })
}

/// Diverts that are in force on the incident's ground, in words.
pub fn diverts_in_force(book: &IncidentBook, incident: &Incident, look: &Look<'_>) -> Vec<String> {
    let board = diverts::board(book, incident.ground(), look.now);
    let active = board.diverts.into_iter().filter(|row| row.stage == diverts::Stage::Active);
    active.filter_map(|row| row.words.into_iter().next()).collect()
}

/// The hospitals that are affected, in lines.
pub fn hospital_lines(look: &Look<'_>, book: &IncidentBook, incident: &Incident) -> Vec<HospitalLine> {
    let affected = |site: &basics::SiteId| incident.sites.is_empty() || incident.sites.contains(site);
    let boards = book.hospitals.board(incident.ground());
    boards.into_iter().filter(|b| affected(&b.site)).map(|b| hospital_line(look, b)).collect()
}

fn hospital_line(look: &Look<'_>, board: HospitalBoard) -> HospitalLine {
    let service = |s: &incident::hospitals::Service| {
        let wait = s.wait_minutes.map_or_else(String::new, |m| format!(", wait {m} min"));
        let note = if s.note.is_empty() { String::new() } else { format!(" ({})", s.note) };
        format!("{} {}{note}{wait}", s.name, s.state.word())
    };
    let worth = |s: &&incident::hospitals::Service| s.state != ServiceState::Open || s.wait_minutes.is_some();
    HospitalLine {
        site: board.site.to_string(),
        state: board.overall.map_or("not told", ServiceState::word),
        tag: board.overall.map_or("grey", state_tag),
        services: board.services.iter().filter(worth).map(service).collect(),
        told: board.told.map(|at| look.stamp(at)),
    }
}

/// The style sheet's tag for a service's state.
pub fn state_tag(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Open => "green",
        ServiceState::Reduced => "amber",
        ServiceState::Closed => "red",
    }
}

fn decisions(look: &Look<'_>, book: &IncidentBook, incident: &Incident) -> Vec<DecisionLine> {
    let now = book.now(look.now);
    let all = incident.decisions.all();
    let mut shown: Vec<_> = all.iter().rev().take(DECISIONS_MAX).collect();
    // A decision whose review is due is shown however old it is.
    shown.extend(all.iter().rev().skip(DECISIONS_MAX).filter(|d| d.review_due(now)));
    shown
        .into_iter()
        .map(|d| DecisionLine {
            number: d.number,
            matter: d.taken.matter.clone(),
            decision: d.taken.decision.clone(),
            by: d.taken.decided_by.to_string(),
            at: look.stamp(d.stamp.at),
            review: d.review_at.filter(|_| d.holds()).map(|at| look.stamp(at)),
            due: d.review_due(now),
            holds: d.holds(),
        })
        .collect()
}

/// The last lines of the incident's log.
pub fn last_lines(look: &Look<'_>, book: &IncidentBook, incident: &Incident, limit: usize) -> Vec<Row> {
    book.log.latest(incident.id, limit).into_iter().map(|line| Row::new(look, book, line)).collect()
}
