//! `GET /cards/step`, `POST /cards/step`: one step of a card: done with a note, not needed and why, or open again.
//!
//! Always: undoing is another entry with its reason; of two who tick at once the second is told of the first; what was
//! typed is there again when it was refused.

use super::of_role::no_card;
use super::row::{CardView, StepLine, phase_of, post_of, post_query};
use crate::chosen::{IncidentBar, needed};
use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::view::own_address;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::action_cards::{self, StepKey, card_board};
use incident::{IncidentId, Post};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "action_cards/step.html")]
struct StepPage {
    layout: Layout,
    bar: IncidentBar,
    card: CardView,
    step: StepLine,
    back: String,
    note: String,
    reason: String,
    by: String,
    refused: Option<String>,
}

/// A step, and what is wanted with it: as the address and the forms send it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepForm {
    incident: String,
    role: String,
    place: String,
    phase: String,
    number: String,
    deed: String,
    note: String,
    reason: String,
    by: String,
    back: String,
}

/// `GET /cards/step`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<StepForm>) -> Response {
    desk.page(visit, move |look| Html(page(look, &asked, None)?).into_page()).await
}

/// The post and step that a form names.
fn named(form: &StepForm) -> Option<(Post, StepKey)> {
    let key = StepKey { phase: phase_of(&form.phase)?, number: form.number.parse().ok()? };
    Some((post_of(&form.role, &form.place)?, key))
}

fn page(look: &Look<'_>, form: &StepForm, refused: Option<String>) -> Result<StepPage, Mishap> {
    let none = || no_card(&form.role);
    let (post, key) = named(form).ok_or_else(none)?;
    look.incidents(|book| {
        let incident = needed(book, &form.incident)?;
        let board = card_board(book, incident, &post, look.now).ok_or_else(none)?;
        let mut rows = board.next.iter().chain(&board.done).chain(&board.left).chain(&board.later);
        let mut found = rows.find(|row| row.key == key).cloned();
        // Ticked steps of earlier phases stand in no list of the card, but can be looked at and undone.
        if found.is_none() {
            found = past_row(&board, incident, &post, key);
        }
        let step = StepLine::new(look, &post_query(incident.id, &post), &found.ok_or_else(none)?);
        let card = CardView::new(look, book, incident.id, &board);
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        Ok(StepPage {
            layout: Layout::of_incident(
                look,
                format!("Step {}: {}", step.number, card.title),
                Beside::MyCard,
            )
            .on(incident.ground())
            .still(),
            bar: IncidentBar::new(book, incident, "/cards"),
            back: if form.back.is_empty() {
                card.address.clone()
            } else {
                own_address(&form.back).to_owned()
            },
            step,
            card,
            note: form.note.clone(),
            reason: form.reason.clone(),
            by: if form.by.is_empty() { who } else { form.by.clone() },
            refused,
        })
    })
}

fn past_row(
    board: &action_cards::CardBoard,
    incident: &incident::Incident,
    post: &Post,
    key: StepKey,
) -> Option<action_cards::StepRow> {
    let step = board.card.step(key)?;
    Some(action_cards::StepRow {
        key,
        text: step.text.clone(),
        target: step.target,
        completion: incident.cards.completion(post, key).cloned(),
        open: false,
        due: action_cards::Due::NoTarget,
    })
}

/// `POST /cards/step`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<StepForm>) -> Response {
    desk.page(visit, move |look| {
        let form = form?;
        look.answered(decided(look, &form), |why| page(look, &form, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, form: &StepForm) -> Result<Signed, Mishap> {
    let (post, step) = named(form).ok_or_else(|| no_card(&form.role))?;
    let incident: IncidentId = look.incidents(|book| needed(book, &form.incident).map(|i| i.id))?;
    let who = look.signer(&form.by)?;
    let home = format!("/cards/of/{}?{}", post.role, post_query(incident, &post));
    let (intent, done) = match form.deed.as_str() {
        "done" => {
            let note = form.note.clone();
            (action_cards::Intent::Done { incident, post, step, note }, "step-done")
        }
        "not-needed" => {
            let reason = form.reason.clone();
            (action_cards::Intent::NotNeeded { incident, post, step, reason }, "step-aside")
        }
        "open" => {
            let reason = form.reason.clone();
            (action_cards::Intent::Reopen { incident, post, step, reason }, "step-open")
        }
        _ => return Err(Mishap::Refused("Choose what became of the step first.".to_owned())),
    };
    look.decide("note what became of the step", intent, &who)?;
    let back = if form.back.is_empty() { home } else { own_address(&form.back).to_owned() };
    Ok(Signed { to: with_done(&back, done), who })
}

/// An address with the word for what was done, in place of the word it may have had.
pub fn with_done(address: &str, done: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with("done=")).collect();
    let done = format!("done={done}");
    parts.push(&done);
    format!("{path}?{}", parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::with_done;

    #[test]
    fn an_address_says_once_what_was_done() {
        for (address, want) in [
            ("/cards", "/cards?done=x"),
            ("/cards?", "/cards?done=x"),
            ("/cards/mine?incident=1&done=y", "/cards/mine?incident=1&done=x"),
        ] {
            assert_eq!(with_done(address, "x"), want);
        }
    }
}
