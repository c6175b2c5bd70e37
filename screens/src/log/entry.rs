//! `GET /log/{entry}`, `POST /log/{entry}`: one entry, what corrected it, and correcting it by another entry.

use super::row::Row;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::incident::declare::signed_as;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::EntryNumber;
use incident::Ground;
use incident::decisions::Intent;

#[derive(Template)]
#[template(path = "log/entry.html")]
struct EntryPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    row: Row,
    before: Option<u64>,
    after: Option<u64>,
}

/// `GET /log/{entry}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(entry): Path<u64>) -> Response {
    desk.page(visit, move |look| page(look, entry, Typed::default(), None).map(Html)).await
}

/// `POST /log/{entry}`
pub async fn correct(
    State(desk): State<Desk>,
    visit: Visit,
    Path(entry): Path<u64>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(correct_now(look, entry, &typed), |why| page(look, entry, typed, Some(why)))
    })
    .await
}

fn correct_now(look: &Look<'_>, entry: u64, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let (text, reason) = (typed.text("text").to_owned(), typed.text("reason").to_owned());
    look.decide("correct the entry", Intent::Correct { entry: EntryNumber(entry), text, reason }, &who)?;
    Ok(Signed { to: "/log?done=corrected".to_owned(), who })
}

fn page(look: &Look<'_>, entry: u64, typed: Typed, refused: Option<String>) -> Result<EntryPage, Mishap> {
    let mut layout = Layout::of_incident(look, format!("Entry {entry}"), Beside::Log).still();
    signed_as(&mut layout, &typed);
    let found = look.incidents(|book| {
        let line = book.log.line(EntryNumber(entry))?;
        let incident = line.incident.and_then(|id| book.incident(id));
        let ground = incident.map_or(Ground::Real, incident::Incident::ground);
        let near = |n: Option<u64>| n.filter(|n| book.log.line(EntryNumber(*n)).is_some());
        let (before, after) = (near(entry.checked_sub(1)), near(entry.checked_add(1)));
        Some((Row::new(look, book, line), ground, before, after))
    });
    let (row, ground, before, after) = found.ok_or_else(|| Mishap::NotFound {
        what: format!("There is no entry {entry} in the log."),
        next: "Open the log: the newest entry stands first.",
    })?;
    Ok(EntryPage { layout: layout.on(ground), refused, typed, row, before, after })
}
