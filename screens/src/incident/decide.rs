//! `GET` and `POST /incidents/{id}/decisions/new`: what had to be decided, what was known, what else was considered, the
//! decision, why, who, and when it is looked at again.
//!
//! Always: whoever decides has seen the decisions before theirs. When somebody was faster, the form comes back with
//! that decision above it and everything that was typed below.

use super::declare::signed_as;
use super::times::next_at;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{EntryNumber, Moment};
use incident::decisions::{Intent, Taken};
use incident::{IncidentId, Person};

#[derive(Template)]
#[template(path = "incident/decide.html")]
struct DecidePage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    /// The last decision's entry, to be handed back.
    seen: u64,
    /// Decisions taken since the form was first shown: number, matter, decision, who, when.
    meanwhile: Vec<(u32, String, String, String, Stamp)>,
    /// The decision before, to see what one builds on.
    last: Option<(u32, String, String)>,
}

/// `GET /incidents/{id}/decisions/new`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id, None, None).map(Html)).await
}

/// `POST /incidents/{id}/decisions/new`
pub async fn send(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(send_now(look, id, &typed), |why| page(look, id, Some(typed), Some(why)))
    })
    .await
}

/// A time that may be left empty.
pub fn time(look: &Look<'_>, text: &str) -> Result<Option<Moment>, Mishap> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = next_at(look.zone(), look.now, text);
    at.map(Some)
        .ok_or_else(|| Mishap::Refused(format!("“{text}” is no time. Write it as 18:30, or leave it empty.")))
}

fn send_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let text = |field: &str| typed.text(field).to_owned();
    let taken = Taken {
        matter: text("matter"),
        information: text("information"),
        options: typed.text("options").lines().map(str::to_owned).collect(),
        decision: text("decision"),
        reason: text("reason"),
        decided_by: Person::new(typed.text("decided_by")).unwrap_or_else(|| who.clone()),
        role: text("role"),
        review_at: time(look, typed.trimmed("review_at"))?,
    };
    let seen = EntryNumber(typed.number("seen").unwrap_or(0));
    look.decide("record the decision", Intent::Decide { incident: IncidentId(id), taken, seen }, &who)?;
    Ok(Signed { to: format!("/incidents/{id}/decisions?done=decision"), who })
}

fn page(
    look: &Look<'_>,
    id: u32,
    typed: Option<Typed>,
    refused: Option<String>,
) -> Result<DecidePage, Mishap> {
    let mut layout = Layout::of_incident(look, "Record a decision", Beside::Incident).still();
    if let Some(typed) = &typed {
        signed_as(&mut layout, typed);
    }
    let who = look.visit.who.clone();
    with_incident(look, id, |_, incident| {
        let all = incident.decisions.all();
        // Shown the first time, nothing has happened since; shown again, everything since is above the form.
        let since = typed.as_ref().map_or(u64::MAX, |t| t.number("seen").unwrap_or(0));
        let meanwhile = all.iter().rev().filter(|d| d.stamp.entry.0 > since);
        let posts = who.map_or_else(Vec::new, |who| incident.roles.of(&who));
        let role = posts.first().map_or_else(String::new, |(post, _)| post.words(incident));
        DecidePage {
            layout: layout.on(incident.ground()),
            refused,
            id,
            name: incident.name.clone(),
            seen: incident.decisions.last_entry().0,
            meanwhile: meanwhile
                .map(|d| {
                    let taken = &d.taken;
                    let by = taken.decided_by.to_string();
                    (d.number, taken.matter.clone(), taken.decision.clone(), by, look.stamp(d.stamp.at))
                })
                .collect(),
            last: all.last().map(|d| (d.number, d.taken.matter.clone(), d.taken.decision.clone())),
            typed: typed.unwrap_or_default().or("role", role),
        }
    })
}
