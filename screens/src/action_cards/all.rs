//! `GET /cards`: every card, who holds it, what is overdue, the most overdue first. Before any incident: the cards that
//! the next one is opened with.

use super::of_role::held_words;
use super::row::{StepLine, overdue_mark, post_query};
use crate::chosen::{IncidentBar, Which, chosen};
use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::names::counted;
use crate::parts::{Level, Mark};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::action_cards::{CardBoard, cards_board};
use incident::{Incident, IncidentBook};

#[derive(Template)]
#[template(path = "action_cards/all.html")]
struct AllPage {
    layout: Layout,
    bar: IncidentBar,
    incident: u32,
    counts: String,
    overdue: Option<Mark>,
    unheld: Option<Mark>,
    cards: Vec<Row>,
}

struct Row {
    address: String,
    title: String,
    holder: String,
    deputies: usize,
    overdue: Option<Mark>,
    done: String,
    next: Option<StepLine>,
}

#[derive(Template)]
#[template(path = "action_cards/library.html")]
struct LibraryPage {
    layout: Layout,
    /// Role, title, tier, held, base.
    cards: Vec<(String, String, &'static str, &'static str, String)>,
}

/// `GET /cards`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let page = look.incidents(|book| {
            let incident = chosen(book, &asked.incident)?;
            Ok::<_, crate::mishap::Mishap>(incident.map(|incident| all(look, book, incident)))
        })?;
        match page {
            Some(page) => Html(page).into_page(),
            None => Html(look.incidents(|book| library(look, book))).into_page(),
        }
    })
    .await
}

fn all(look: &Look<'_>, book: &IncidentBook, incident: &Incident) -> AllPage {
    let board = cards_board(book, incident, look.now);
    let (done, total) = board.done;
    AllPage {
        layout: Layout::of_incident(look, "All cards", Beside::Cards).on(incident.ground()),
        bar: IncidentBar::new(book, incident, "/cards"),
        incident: incident.id.0,
        counts: format!(
            "{}, {done} of {} done",
            counted(board.cards.len(), "card", "cards"),
            counted(total, "step", "steps")
        ),
        overdue: overdue_mark(board.overdue),
        unheld: (board.unheld > 0).then(|| {
            Mark::new(Level::Amber, format!("{} held by nobody", counted(board.unheld, "role", "roles")))
        }),
        cards: board.cards.iter().map(|card| row(look, incident, card)).collect(),
    }
}

fn row(look: &Look<'_>, incident: &Incident, card: &CardBoard) -> Row {
    let query = post_query(incident.id, &card.post);
    let holder = card.holder.as_ref().map_or_else(String::new, |h| match h.contact.as_str() {
        "" => h.person.to_string(),
        contact => format!("{}, {contact}", h.person),
    });
    Row {
        address: format!("/cards/of/{}?{query}", card.post.role),
        title: card.title.clone(),
        holder,
        deputies: card.deputies.len(),
        overdue: overdue_mark(card.overdue),
        done: format!(
            "{} of {} done",
            card.done.len(),
            counted(card.done.len() + card.next.len(), "step", "steps")
        ),
        next: card.next.first().map(|step| StepLine::new(look, &query, step)),
    }
}

fn library(look: &Look<'_>, book: &IncidentBook) -> LibraryPage {
    let cards = book.cards_in_use.iter().map(|card| {
        (
            card.role.to_string(),
            card.title.clone(),
            card.tier.word(),
            held_words(card.held),
            card.base.clone(),
        )
    });
    LibraryPage { layout: Layout::of_incident(look, "All cards", Beside::Cards), cards: cards.collect() }
}
