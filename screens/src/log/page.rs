//! `GET /log`, `POST /log`: the box, then the entries, newest first. The box stands outside the part that is renewed, so
//! nothing that is being typed is ever taken away.

use super::question::{PAGE_LINES, Question, kind_value};
use super::row::Row;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::incident::declare::signed_as;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::decisions::Intent;
use incident::declare::Nature;
use incident::log::Kind;
use incident::{Ground, IncidentBook, IncidentId};

#[derive(Template)]
#[template(path = "log/page.html")]
struct LogPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    question: Question,
    narrows: bool,
    /// Incidents to write to: number, name, chosen.
    writes_to: Vec<(u32, String, bool)>,
    /// Incidents to filter by: number, name, chosen.
    incidents: Vec<(u32, String, bool)>,
    /// Kinds to filter by: value, word, chosen.
    kinds: Vec<(String, &'static str, bool)>,
    decide: Option<String>,
    rows: Vec<Row>,
    count: String,
    head: String,
    /// The next older page.
    older: Option<String>,
    /// The newest page, on any other.
    newest: Option<String>,
    pdf: String,
}

/// Incidents in the filter's list; older ones are reached from their own page.
const INCIDENTS_MAX: usize = 60;

/// `GET /log`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(typed): Asked<Typed>) -> Response {
    desk.page(visit, move |look| {
        let question = Question::read(&typed);
        Ok(Html(page(look, question, Typed::default(), None)))
    })
    .await
}

/// `POST /log`
pub async fn write(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        let question = Question::read(&typed);
        look.answered(write_now(look, &question, &typed), |why| Ok(page(look, question, typed, Some(why))))
    })
    .await
}

fn write_now(look: &Look<'_>, question: &Question, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let incident = typed.number("to").and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0).map(IncidentId);
    look.decide("write the entry", Intent::Note { incident, text: typed.text("text").to_owned() }, &who)?;
    Ok(Signed { to: format!("/log{}", question.address_and("done=entry")), who })
}

fn page(look: &Look<'_>, question: Question, typed: Typed, refused: Option<String>) -> LogPage {
    let mut layout = Layout::of_incident(look, "Log", Beside::Log).typed_into();
    signed_as(&mut layout, &typed);
    // A page that came back has no address of its own to be asked for again; an older page does not change.
    if refused.is_some() || question.before.is_some() {
        layout = layout.still();
    }
    let head = look.screens().room.incident().status().head;
    look.incidents(|book| {
        let board = book.log.board(&question.filter(look, PAGE_LINES));
        let last = board.lines.last().map(|line| line.entry);
        let chosen = question.incident.parse().ok().map(IncidentId);
        let ground = chosen.and_then(|id| book.incident(id)).map_or(Ground::Real, incident::Incident::ground);
        let older = last
            .filter(|_| board.more)
            .map(|e| format!("/log{}", question.address_and(&format!("before={e}"))));
        let writes_to = writes_to(book, chosen, &typed);
        LogPage {
            layout: layout.on(ground),
            refused,
            narrows: question.narrows(),
            decide: writes_to.iter().find(|i| i.2).map(|(id, ..)| format!("/incidents/{id}/decisions/new")),
            writes_to,
            incidents: listed(book, chosen),
            kinds: Kind::ALL.map(|k| (kind_value(k), k.word(), kind_value(k) == question.kind)).into(),
            rows: board.lines.iter().map(|line| Row::new(look, book, line)).collect(),
            count: count(board.matching, board.total, question.narrows()),
            head,
            older,
            newest: question.before.map(|_| format!("/log{}", question.address())),
            pdf: format!("/log.pdf{}", question.address()),
            question,
            typed,
        }
    })
}

fn count(matching: usize, total: usize, narrows: bool) -> String {
    let thousands = |n: usize| thousands(n as u64);
    match (narrows, total) {
        (false, 1) => "1 entry".to_owned(),
        (false, n) => format!("{} entries", thousands(n)),
        (true, n) => format!("{} of {} entries", thousands(matching), thousands(n)),
    }
}

/// Running incidents, the one meant chosen: as typed, else as filtered, else the newest real one.
fn writes_to(book: &IncidentBook, filtered: Option<IncidentId>, typed: &Typed) -> Vec<(u32, String, bool)> {
    let real = book.running().find(|i| i.nature == Nature::Real).or_else(|| book.running().next());
    let usual = filtered.or_else(|| real.map(|i| i.id));
    let meant = match typed.text("to") {
        "" => usual,
        to => to.parse().ok().map(IncidentId),
    };
    let mut incidents: Vec<_> = book.running().collect();
    // An entry can be written to an incident that has ended, from its own log.
    let ended = meant.and_then(|id| book.incident(id)).filter(|i| !i.running());
    incidents.extend(ended);
    let named = |i: &incident::Incident| match i.watermark() {
        Some(mark) => format!("{mark}: {}", i.name),
        None => i.name.clone(),
    };
    incidents.into_iter().map(|i| (i.id.0, named(i), Some(i.id) == meant)).collect()
}

fn listed(book: &IncidentBook, chosen: Option<IncidentId>) -> Vec<(u32, String, bool)> {
    let newest = book.incidents.values().rev().take(INCIDENTS_MAX);
    let mut listed: Vec<_> = newest.map(|i| (i.id.0, i.name.clone(), Some(i.id) == chosen)).collect();
    if let Some(i) = chosen.and_then(|id| book.incident(id))
        && !listed.iter().any(|(.., chosen)| *chosen)
    {
        listed.push((i.id.0, i.name.clone(), true));
    }
    listed
}
