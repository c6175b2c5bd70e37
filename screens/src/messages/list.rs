//! `GET /messages?incident=`: what was sent, how far each got, and who has not answered. `POST /messages/phones`.

use crate::chosen::{IncidentBar, Which, chosen};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{capital, counted};
use crate::parts::{Level, Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::IncidentId;
use incident::messages::{Counts, Intent, MessageRow, messages_board};

/// Messages listed on one page; older ones are counted.
const ROWS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "messages/list.html")]
struct ListPage {
    layout: Layout,
    bar: Option<IncidentBar>,
    incident: u32,
    running: bool,
    exercise: bool,
    phones: bool,
    total: usize,
    rows: Vec<Row>,
}

/// One message as lists show it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub address: String,
    /// "Task 3".
    pub title: String,
    /// What it says.
    pub text: String,
    /// To whom.
    pub to: String,
    /// When, by whom.
    pub sent: Stamp,
    /// Who.
    pub by: String,
    /// How far it got.
    pub marks: Vec<Mark>,
    /// Its entry in the log.
    pub entry: u64,
}

impl Row {
    /// From the board.
    pub fn new(look: &Look<'_>, row: &MessageRow) -> Self {
        Self {
            address: format!("/messages/{}", row.id.0),
            title: format!("{} {}", capital(row.ask.word()), row.id.0),
            text: row.text.clone(),
            to: format!("{} ({})", row.to, counted(row.counts.people, "person", "people")),
            sent: look.stamp(row.at),
            by: row.by.clone(),
            marks: marks(&row.counts, row.open),
            entry: row.entry,
        }
    }
}

/// How far a message got, in marks: what needs somebody first.
pub fn marks(counts: &Counts, open: bool) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut add = |level, n: usize, words: &str| {
        if n > 0 {
            marks.push(Mark::new(level, format!("{n} {words}")));
        }
    };
    add(Level::Red, counts.not_arrived, "not arrived");
    add(Level::Amber, counts.people - counts.answered, "not answered");
    add(Level::Amber, counts.on_the_way, "on the way");
    add(Level::Amber, counts.screen_only, "on screens only");
    add(Level::Good, counts.sent, "sent");
    add(Level::Good, counts.delivered, "delivered");
    add(Level::Good, counts.read, "read");
    add(Level::Good, counts.done, "done");
    if !open {
        marks.push(Mark::new(Level::Amber, "Links are closed"));
    }
    marks
}

/// `GET /messages`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        look.incidents(|book| {
            let layout = Layout::of_incident(look, "Messages", Beside::Messages);
            let Some(incident) = chosen(book, &asked.incident)? else {
                return Ok(Html(ListPage {
                    layout,
                    bar: None,
                    incident: 0,
                    running: false,
                    exercise: false,
                    phones: true,
                    total: 0,
                    rows: Vec::new(),
                }));
            };
            let board = messages_board(book, incident, book.now(look.now), ROWS_MAX);
            Ok(Html(ListPage {
                layout: layout.on(incident.ground()),
                bar: Some(IncidentBar::new(book, incident, "/messages")),
                incident: incident.id.0,
                running: incident.running(),
                exercise: incident.watermark().is_some(),
                phones: board.phones,
                total: board.total,
                rows: board.rows.iter().map(|row| Row::new(look, row)).collect(),
            }))
        })
    })
    .await
}

/// `POST /messages/phones`: an exercise may reach real telephones from now on, or no longer.
pub async fn phones(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let who = look.signer(typed.text("by"))?;
        let number = u32::try_from(typed.number("incident").unwrap_or(0)).unwrap_or(0);
        let intent = Intent::TellPhones {
            incident: IncidentId(number),
            allowed: typed.has("allowed", "yes"),
            reason: typed.text("reason").to_owned(),
        };
        look.decide("change what the exercise may reach", intent, &who)?;
        Ok::<_, Mishap>(Signed { to: format!("/messages?incident={number}&done=phones"), who })
    })
    .await
}
