//! `GET /incidents/{id}/decisions`, `POST /incidents/{id}/decisions/{number}/review`: every decision with what it rests
//! on, those whose review is due first; and looking at one again.

use super::declare::signed_as;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::{Level, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::decisions::{Decision, Finding, Intent};
use incident::{IncidentBook, IncidentId};

#[derive(Template)]
#[template(path = "incident/decisions.html")]
struct DecisionsPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    decisions: Vec<DecisionCard>,
    words: String,
    /// The address of the older ones; `None` when all are shown.
    older: Option<String>,
    /// The decision whose review came back; 0 for none.
    reviewing: u32,
}

struct DecisionCard {
    number: u32,
    entry: u64,
    matter: String,
    information: String,
    options: Vec<String>,
    decision: String,
    reason: String,
    by: String,
    role: String,
    written_by: String,
    at: Stamp,
    review: Option<Stamp>,
    due: bool,
    holds: bool,
    reviews: Vec<(String, String, String, Stamp)>,
}

/// Decisions on one page.
const PAGE_MAX: usize = 50;

/// `GET /incidents/{id}/decisions`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Asked(typed): Asked<Typed>,
) -> Response {
    desk.page(visit, move |look| page(look, id, typed, 0, None).map(Html)).await
}

/// `POST /incidents/{id}/decisions/{number}/review`
pub async fn review(
    State(desk): State<Desk>,
    visit: Visit,
    Path((id, number)): Path<(u32, u32)>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(review_now(look, (id, number), &typed), |why| page(look, id, typed, number, Some(why)))
    })
    .await
}

fn review_now(look: &Look<'_>, (id, number): (u32, u32), typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let finding = match typed.text("finding") {
        "stands" => Finding::Stands,
        "changed" => Finding::Changed,
        "withdrawn" => Finding::Withdrawn,
        _ => return Err(Mishap::Refused("Choose first whether it stands.".to_owned())),
    };
    let review_at = super::decide::time(look, typed.trimmed("review_at"))?;
    let text = typed.text("text").to_owned();
    let intent = Intent::Review { incident: IncidentId(id), number, finding, text, review_at };
    look.decide("record the review", intent, &who)?;
    Ok(Signed { to: format!("/incidents/{id}/decisions?done=review"), who })
}

fn page(
    look: &Look<'_>,
    id: u32,
    typed: Typed,
    reviewing: u32,
    refused: Option<String>,
) -> Result<DecisionsPage, Mishap> {
    let mut layout = Layout::of_incident(look, "Decisions", Beside::Incident).still();
    signed_as(&mut layout, &typed);
    let before = typed.number("before").unwrap_or(u64::MAX);
    with_incident(look, id, |book, incident| {
        let all = incident.decisions.all();
        let (mut due, mut rest): (Vec<&Decision>, Vec<&Decision>) = all
            .iter()
            .rev()
            .filter(|d| u64::from(d.number) < before)
            .partition(|d| d.review_due(book.now(look.now)) || d.number == reviewing);
        let more = rest.len() > PAGE_MAX;
        rest.truncate(PAGE_MAX);
        let last = rest.last().map_or(0, |d| d.number);
        due.append(&mut rest);
        DecisionsPage {
            layout: layout.on(incident.ground()),
            refused,
            id,
            name: incident.name.clone(),
            words: counted(all.len(), "decision", "decisions"),
            decisions: due.into_iter().map(|d| card(look, book, d)).collect(),
            older: more.then(|| format!("/incidents/{id}/decisions?before={last}")),
            reviewing,
            typed,
        }
    })
}

fn card(look: &Look<'_>, book: &IncidentBook, decision: &Decision) -> DecisionCard {
    let now = book.now(look.now);
    let due = decision.review_due(now);
    let judged = |at| {
        let stamp = Stamp::new(at, now, look.zone());
        if due { stamp.warned(Level::Red, "Review due") } else { stamp }
    };
    let taken = &decision.taken;
    DecisionCard {
        number: decision.number,
        entry: decision.stamp.entry.0,
        matter: taken.matter.clone(),
        information: taken.information.clone(),
        options: taken.options.clone(),
        decision: taken.decision.clone(),
        reason: taken.reason.clone(),
        by: taken.decided_by.to_string(),
        role: taken.role.clone(),
        written_by: decision.stamp.by.to_string(),
        at: Stamp::new(decision.stamp.at, now, look.zone()),
        review: decision.review_at.filter(|_| decision.holds()).map(judged),
        due,
        holds: decision.holds(),
        reviews: decision
            .reviews
            .iter()
            .map(|(s, finding, text)| {
                (finding.words().to_owned(), text.clone(), s.by.to_string(), look.stamp(s.at))
            })
            .collect(),
    }
}
