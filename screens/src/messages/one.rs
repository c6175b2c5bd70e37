//! `GET`, `POST /messages/{id}`: one message, each person it went to, and what is left: send again, close.

use super::list::Row;
use crate::chosen::IncidentBar;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::capital;
use crate::parts::{Level, Mark};
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::messages::{Ask, Delivery, Intent, MessageId, PersonRow, Way, board};

/// People listed on one page; the rest are counted.
const PEOPLE_MAX: usize = 500;

#[derive(Template)]
#[template(path = "messages/one.html")]
struct OnePage {
    layout: Layout,
    bar: Option<IncidentBar>,
    refused: Option<String>,
    incident: u32,
    id: u32,
    row: Row,
    until: String,
    open: bool,
    closed: Option<(String, String)>,
    unanswered: usize,
    people: Vec<Person>,
    people_all: usize,
    /// It was sent to whoever is at this screen: their number in it.
    mine: Option<u32>,
    ask_done: bool,
}

/// One person as the page shows them.
struct Person {
    address: String,
    name: String,
    way: String,
    to: String,
    delivery: Mark,
    answer: Option<Mark>,
}

pub(super) fn no_message() -> Mishap {
    Mishap::NotFound { what: "There is no such message.".to_owned(), next: "Look at the list of messages." }
}

/// How far a message got to one person.
pub fn delivery_mark(row: &PersonRow) -> Mark {
    let why = if row.why.is_empty() { String::new() } else { format!(": {}", row.why) };
    let level = match row.delivery {
        Delivery::Sent | Delivery::Delivered => Level::Good,
        Delivery::Waiting | Delivery::Queued => Level::Amber,
        Delivery::InDoubt | Delivery::Failed | Delivery::GivenUp => Level::Red,
    };
    match row.way {
        Way::Screen => Mark::new(Level::Amber, "On screens only"),
        // A slip that can be printed has reached nobody yet.
        Way::Slip if row.delivery == Delivery::Sent => Mark::new(Level::Amber, "To be printed and carried"),
        Way::Slip if row.delivery == Delivery::Delivered => Mark::new(Level::Good, "A runner took it"),
        _ => Mark::new(level, format!("{}{why}", capital(row.delivery.words()))),
    }
}

fn person(look: &Look<'_>, message: u32, ask: Ask, row: &PersonRow) -> Person {
    let time = |at| look.zone().hour_minute(at);
    let answer = match (ask, &row.done, row.read) {
        (Ask::RollCall, ..) if !row.answer.is_empty() => {
            let level = if row.answer.starts_with("NEEDS") { Level::Red } else { Level::Good };
            Some(Mark::new(level, capital(&row.answer)))
        }
        (Ask::RollCall, ..) => None,
        (_, Some((at, by)), _) => Some(Mark::new(Level::Good, format!("Done {} ({by})", time(*at)))),
        (ask, None, Some(at)) => {
            let level = if ask == Ask::Done { Level::Amber } else { Level::Good };
            Some(Mark::new(level, format!("Read {}", time(at))))
        }
        _ => None,
    };
    Person {
        address: format!("/messages/{message}/people/{}", row.person),
        name: row.name.clone(),
        way: row.way.word().to_owned(),
        to: row.to.clone(),
        delivery: delivery_mark(row),
        answer,
    }
}

fn page(look: &Look<'_>, id: u32, refused: Option<String>) -> Result<OnePage, Mishap> {
    look.incidents(|book| {
        let now = book.now(look.now);
        let board = board(book, MessageId(id), now).ok_or_else(no_message)?;
        let incident = book.incident(board.incident).ok_or_else(no_message)?;
        let who = look.visit.who.as_ref().map(|who| who.as_str().to_lowercase());
        let mine = board.people.iter().find(|row| Some(row.name.to_lowercase()) == who && !row.answered);
        let title = format!("{} {id}", capital(board.row.ask.word()));
        Ok(OnePage {
            layout: Layout::of_incident(look, title, Beside::Messages).on(incident.ground()),
            bar: Some(IncidentBar::new(book, incident, "/messages")),
            refused,
            incident: incident.id.0,
            id,
            until: look.zone().clinical(board.until),
            open: board.row.open,
            closed: board.closed.clone(),
            unanswered: board.row.counts.people - board.row.counts.answered,
            mine: mine.filter(|_| board.row.ask != Ask::RollCall).map(|row| row.person),
            ask_done: board.row.ask == Ask::Done,
            people: board
                .people
                .iter()
                .take(PEOPLE_MAX)
                .map(|row| person(look, id, board.row.ask, row))
                .collect(),
            people_all: board.people.len(),
            row: Row::new(look, &board.row),
        })
    })
}

/// `GET /messages/{id}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<String>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, id.parse().map_err(|_| no_message())?, None)?))).await
}

/// `POST /messages/{id}`: `deed` is `again`, `slips` or `close`.
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let id: u32 = id.parse().map_err(|_| no_message())?;
        look.answered(decided(look, id, &typed), |why| page(look, id, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let message = MessageId(id);
    let (intent, done) = match typed.text("deed") {
        "close" => (Intent::Close { message, reason: typed.text("reason").to_owned() }, "closed"),
        deed => (Intent::SendAgain { message, people: Vec::new(), by_slip: deed == "slips" }, "again"),
    };
    look.decide("act on the message", intent, &who)?;
    let to = match typed.text("back") {
        "roll-call" => format!("/roll-call?done={done}"),
        _ => format!("/messages/{id}?done={done}"),
    };
    Ok(Signed { to, who })
}
