//! `GET /cards/of/{role}`: one card. Before any incident it is for reading; in one it shows who holds it and what is
//! done, so that the control room can tick a step that was told by telephone.

use super::row::{CardView, post_of};
use crate::chosen::{IncidentBar, chosen};
use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::action_cards::{ActionCard, HeldAt, Phase, card_board};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "action_cards/of_role.html")]
struct CardPage {
    layout: Layout,
    bar: IncidentBar,
    card: CardView,
    back: String,
}

#[derive(Template)]
#[template(path = "action_cards/read.html")]
struct ReadPage {
    layout: Layout,
    role: String,
    title: String,
    tier: &'static str,
    held: &'static str,
    base: String,
    reports_to: String,
    purpose: String,
    version: String,
    /// Heading, steps: text and target.
    phases: Vec<(&'static str, Vec<(String, String)>)>,
}

/// `?incident=&place=&read=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    place: Option<String>,
}

/// How many hold a card, in words.
pub fn held_words(held: HeldAt) -> &'static str {
    match held {
        HeldAt::Trust => "one in the trust",
        HeldAt::EachHospital => "one at each hospital",
        HeldAt::EachWard => "one on each ward",
    }
}

/// `GET /cards/of/{role}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(role): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| match &asked.place {
        Some(place) => Html(in_use(look, &role, place, &asked.incident)?).into_page(),
        None => Html(for_reading(look, &role)?).into_page(),
    })
    .await
}

/// No such card.
pub fn no_card(role: &str) -> Mishap {
    Mishap::NotFound {
        what: format!("There is no action card for “{}”.", basics::tidy(role, 60)),
        next: "Choose one from the list of all cards.",
    }
}

fn in_use(look: &Look<'_>, role: &str, place: &str, asked: &str) -> Result<CardPage, Mishap> {
    look.incidents(|book| {
        let incident = chosen(book, asked)?.ok_or_else(|| no_card(role))?;
        let post = post_of(role, place).ok_or_else(|| no_card(role))?;
        let board = card_board(book, incident, &post, look.now).ok_or_else(|| no_card(role))?;
        let card = CardView::new(look, book, incident.id, &board);
        Ok(CardPage {
            layout: Layout::of_incident(look, card.title.clone(), Beside::Cards).on(incident.ground()),
            bar: IncidentBar::new(book, incident, "/cards"),
            back: card.address.clone(),
            card,
        })
    })
}

fn for_reading(look: &Look<'_>, role: &str) -> Result<ReadPage, Mishap> {
    look.incidents(|book| {
        let card: &ActionCard =
            book.cards_in_use.iter().find(|card| card.role.as_str() == role).ok_or_else(|| no_card(role))?;
        let steps = |phase: Phase| {
            let step = |s: &incident::action_cards::Step| {
                (s.text.clone(), s.target.map_or_else(String::new, |t| t.words()))
            };
            (phase.heading(), card.steps(phase).iter().map(step).collect())
        };
        Ok(ReadPage {
            layout: Layout::of_incident(look, card.title.clone(), Beside::Cards),
            role: role.to_owned(),
            title: card.title.clone(),
            tier: card.tier.word(),
            held: held_words(card.held),
            base: card.base.clone(),
            reports_to: card.reports_to.clone(),
            purpose: card.purpose.clone(),
            version: paper::card_version(card),
            phases: Phase::ALL.map(steps).into(),
        })
    })
}
