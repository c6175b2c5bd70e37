//! `GET /outbox`: what waits to leave the house, what is in doubt or failed, and what a person can do about it.
//!
//! Always: what waits for a person stands first; a decision is signed and says why. Never: a message hidden because its
//! gateway is gone. `POST /outbox/{number}`; the slips that runners carry are printed from here.
//! Proved by `tests/outbox.rs`.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::handed::{PostBoard, PostDeed, PostItem};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::capital;
use crate::parts::{Level, Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// Messages listed of each kind.
const ITEMS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "outbox/page.html")]
struct OutboxPage {
    layout: Layout,
    refused: Option<String>,
    there: bool,
    halted: Option<String>,
    open: usize,
    counts: Vec<(String, usize)>,
    gateways: Vec<GatewayCard>,
    stuck: Vec<Row>,
    slips: Vec<Row>,
    waiting: Vec<Row>,
}

struct GatewayCard {
    name: String,
    carries: String,
    mark: Mark,
    waiting: usize,
    last_minute: String,
    next: Option<Stamp>,
    error: Option<(Stamp, String)>,
}

struct Row {
    number: u64,
    to: String,
    subject: String,
    mark: Mark,
    why: String,
    queued: Stamp,
    asked_by: String,
    can_send_again: bool,
    can_cancel: bool,
    is_slip: bool,
}

fn page(look: &Look<'_>, refused: Option<String>) -> OutboxPage {
    let layout = Layout::of_incident(look, "Outbox", Beside::Outbox).still();
    let Some(post) = &look.screens().post else {
        return OutboxPage {
            layout,
            refused,
            there: false,
            halted: None,
            open: 0,
            counts: Vec::new(),
            gateways: Vec::new(),
            stuck: Vec::new(),
            slips: Vec::new(),
            waiting: Vec::new(),
        };
    };
    let board: PostBoard = post.board(ITEMS_MAX);
    // Numbers and addresses of patients among others; whose they are, the outbox does not know.
    if [&board.stuck, &board.slips, &board.waiting].iter().any(|items| !items.is_empty()) {
        look.saw_somebody();
    }
    let rows = |items: &[PostItem]| items.iter().map(|item| row(look, item)).collect();
    OutboxPage {
        refused,
        there: true,
        halted: board.halted.clone(),
        open: board.open,
        counts: board.counts.iter().map(|(words, n)| (capital(words), *n)).collect(),
        gateways: board
            .gateways
            .iter()
            .map(|gateway| GatewayCard {
                name: gateway.name.clone(),
                carries: gateway.carries.clone(),
                mark: match &gateway.resting {
                    Some((until, why)) => Mark::new(
                        Level::Red,
                        format!("Resting until {}: {why}", look.zone().hour_minute(*until)),
                    ),
                    None => Mark::new(Level::Good, "Takes messages"),
                },
                waiting: gateway.waiting,
                last_minute: format!(
                    "{} of at most {} a minute",
                    gateway.last_minute, gateway.per_minute_max
                ),
                next: gateway.next_attempt.map(|at| look.stamp(at)),
                error: gateway.last_error.as_ref().map(|(at, why)| (look.stamp(*at), why.clone())),
            })
            .collect(),
        stuck: rows(&board.stuck),
        slips: rows(&board.slips),
        waiting: rows(&board.waiting),
        layout,
    }
}

fn row(look: &Look<'_>, item: &PostItem) -> Row {
    let level = if item.stuck { Level::Red } else { Level::Amber };
    Row {
        number: item.number,
        to: format!("{}: {}", item.way, item.to),
        subject: item.subject.clone(),
        mark: match item.slip_printed {
            true => Mark::new(level, "Waits for a runner"),
            false => Mark::new(level, capital(&item.state)),
        },
        why: item.why.clone(),
        queued: look.stamp(item.queued_at),
        asked_by: item.asked_by.clone(),
        can_send_again: item.stuck,
        can_cancel: item.queued,
        is_slip: item.slip_printed,
    }
}

/// `GET /outbox`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, None)))).await
}

/// `POST /outbox/{number}`: `deed` is `again`, `sent`, `close`, `cancel` or `taken`.
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &number, &typed), |why| Ok(page(look, Some(why))))
    })
    .await
}

fn decided(look: &Look<'_>, number: &str, typed: &Typed) -> Result<Signed, Mishap> {
    let post = look.screens().post.as_ref().ok_or_else(Mishap::no_page)?;
    let number = number.parse().map_err(|_| Mishap::no_page())?;
    let who = look.signer(typed.text("by"))?;
    let deed = match typed.text("deed") {
        "again" => PostDeed::SendAgain,
        "sent" => PostDeed::CountAsSent,
        "close" => PostDeed::Close,
        "cancel" => PostDeed::Cancel,
        "taken" => PostDeed::SlipTaken,
        _ => return Err(Mishap::Refused("Choose what is to be done.".to_owned())),
    };
    post.decide(number, deed, who.as_str(), typed.text("reason"))
        .map_err(|why| Mishap::Refused(capital(&why)))?;
    Ok(Signed { to: "/outbox?done=outbox".to_owned(), who })
}

/// `GET /outbox/slips.pdf`
pub async fn slips(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| {
        let post = look.screens().post.as_ref().ok_or_else(Mishap::no_page)?;
        let slips = post.slips();
        if slips.is_empty() {
            return Err(Mishap::Refused("No slip waits to be printed.".to_owned()));
        }
        look.saw_somebody();
        let press = look.press()?;
        let head = look.incidents(|book| crate::press::letterhead(look, book, None));
        crate::press::pdf(look, press.runner_slips(&slips, &head, look.zone()), "runners-slips")
    })
    .await
}
