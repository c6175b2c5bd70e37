//! `GET /systems/{system}`: one system with its history. `POST /systems/{system}`: the IT lead says how it is, or what
//! to do without it.
//!
//! Always: of two who change it at once the second is told of the first; out of "infected" nobody comes without saying
//! who checked; what was typed is there again when it was refused.

use super::board::{Tile, address};
use super::ground::OnGround;
use super::state::{StateMark, class, read};
use crate::clock_times::past;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::systems::{self, SystemId, SystemState};
use incident::{IncidentBook, Post, RoleKey};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "systems/one.html")]
struct SystemPage {
    layout: Layout,
    on: OnGround,
    number: u32,
    tile: Tile,
    site: String,
    states: Vec<Choice>,
    seen: &'static str,
    history: Vec<(StateMark, Stamp, String, String, u64)>,
    history_total: usize,
    it_lead: String,
    note: String,
    since: String,
    workaround: String,
    by: String,
    refused: Option<String>,
}

struct Choice {
    value: &'static str,
    words: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// Changes listed on a system's page; all of them stand in the log.
const HISTORY_SHOWN_MAX: usize = 60;

/// `?incident=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    /// The incident's number; empty for what is real.
    pub incident: String,
}

/// `GET /systems/{system}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(system): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("incident", asked.incident);
        Ok(Html(page(look, &system, &typed, None)?))
    })
    .await
}

/// No such system.
pub fn no_system() -> Mishap {
    Mishap::NotFound {
        what: "There is no such system on the board.".to_owned(),
        next: "Choose one from the systems board, or import the inventory.",
    }
}

fn page(look: &Look<'_>, system: &str, typed: &Typed, refused: Option<String>) -> Result<SystemPage, Mishap> {
    let id = SystemId(system.parse().map_err(|_| no_system())?);
    let on = OnGround::new(look, typed.text("incident"), &format!("/systems/{}", id.0))?;
    look.incidents(|book| {
        let listing = book.systems.listing(id).ok_or_else(no_system)?;
        let board = book.systems.board(on.ground);
        let found = board.sites.iter().flat_map(|s| &s.tiles).find(|t| t.id == id).ok_or_else(no_system)?;
        let standing = &found.standing;
        let chosen = read(typed.text("state")).unwrap_or(standing.state);
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        let typed_or = |field: &str, other: &str| {
            if refused.is_some() { typed.text(field).to_owned() } else { other.to_owned() }
        };
        let history = standing.history.iter().rev().take(HISTORY_SHOWN_MAX);
        Ok(SystemPage {
            layout: Layout::of_incident(look, listing.words(), Beside::Systems).on(on.ground).still(),
            number: id.0,
            tile: Tile::new(look, &on.query, book.now(look.now), found),
            site: listing.site.as_ref().map_or_else(|| "Whole trust".to_owned(), ToString::to_string),
            states: SystemState::ALL.map(|s| choice(s, chosen)).into(),
            seen: class(standing.state),
            history: history
                .map(|(stamp, state, note)| {
                    let by = stamp.by.to_string();
                    (StateMark::new(*state), look.stamp(stamp.at), note.clone(), by, stamp.entry.0)
                })
                .collect(),
            history_total: standing.history.len(),
            it_lead: it_lead(book),
            note: typed_or("note", ""),
            since: typed_or("since", ""),
            workaround: if typed.text("workaround").is_empty() {
                found.workaround.clone()
            } else {
                typed.text("workaround").to_owned()
            },
            by: if typed.text("by").is_empty() { who } else { typed.text("by").to_owned() },
            refused,
            on,
        })
    })
}

fn choice(state: SystemState, chosen: SystemState) -> Choice {
    let hint = match state {
        SystemState::Infected => "Attacked: its data and screens cannot be trusted",
        SystemState::Isolated => "Healthy as far as is known, switched off or cut off on purpose",
        SystemState::Degraded => "Slow, or in part",
        SystemState::Unknown => "Nobody knows yet",
        SystemState::Working => "As it should; when it was infected, say who checked it and how",
    };
    Choice { value: class(state), words: state.words(), hint, chosen: state == chosen }
}

/// Who holds the IT lead's role in a running incident, with how to reach them.
fn it_lead(book: &IncidentBook) -> String {
    let Some(post) = RoleKey::new("it-lead").map(Post::trust) else { return String::new() };
    let holder = book.running().find_map(|i| i.roles.holder(&post));
    holder.map_or_else(String::new, |h| match h.contact.as_str() {
        "" => h.person.to_string(),
        contact => format!("{}, {contact}", h.person),
    })
}

/// `POST /systems/{system}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(system): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &system, &typed), |why| page(look, &system, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, system: &str, typed: &Typed) -> Result<Signed, Mishap> {
    let id = SystemId(system.parse().map_err(|_| no_system())?);
    let on = OnGround::new(look, typed.text("incident"), "/systems")?;
    let who = look.signer(typed.text("by"))?;
    let (intent, done) = if typed.text("deed") == "workaround" {
        let workaround = typed.text("workaround").to_owned();
        (systems::Intent::TellWorkaround { system: id, workaround }, "system-workaround")
    } else {
        let refused = |words: &str| Mishap::Refused(words.to_owned());
        let state = read(typed.text("state")).ok_or_else(|| refused("Choose how the system is first."))?;
        let since = match typed.trimmed("since") {
            "" => None,
            text => Some(past(look.zone(), look.now, text).ok_or_else(|| {
                refused("“Since” is no time: write it as 14:05, or leave it empty for now.")
            })?),
        };
        let seen = read(typed.text("seen")).unwrap_or_default();
        let note = typed.text("note").to_owned();
        let ground = on.ground;
        (systems::Intent::TellState { ground, system: id, state, seen, note, since }, "system-told")
    };
    look.decide("change the system", intent, &who)?;
    Ok(Signed { to: crate::action_cards::step::with_done(&address(id, &on.query), done), who })
}
