//! `GET /switch`, `POST /switch`: at a screen of many, whose sessions are open on it, and the way back into one's own.
//!
//! Always: a session is opened again by its owner's passphrase or PIN alone, and the one before it is locked; only sessions
//! whose tokens this very browser holds are named. Never: what anybody was looking at shown to the next one.
//! The rules are in `access::sessions`; proved by `tests/sign_in.rs`.

use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::doors::cookies::{self, Shown};
use crate::forms::{Asked, Posted};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::sign_in::{NO_COOKIE, Why, key_of, remembered, way_back};
use access::StaffNumber;
use access::secrets::{Hashed, Typed};
use access::sessions::{Intent as Sessions, Session};
use access::sign_in::Way;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use control_room::Visit as Standing;
use http::StatusCode;
use serde::Deserialize;

/// A session on this screen.
struct Row {
    key: String,
    name: String,
    since: Stamp,
    /// The one that is in use now.
    here: bool,
    locked: Option<Stamp>,
    /// Opened again by the PIN of a shift card.
    by_pin: bool,
    /// There is something to open it by.
    opens: bool,
}

#[derive(Template)]
#[template(path = "switch/page.html")]
struct SwitchPage {
    layout: Layout,
    rows: Vec<Row>,
    back: String,
    /// Somebody is in.
    inside: bool,
    why: Option<String>,
}

/// `?back=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    back: String,
}

/// `GET /switch`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let back = way_back(&asked.back);
        let rows = rows(look);
        if rows.is_empty() {
            return GoTo(sign_in_address(back)).into_page();
        }
        Html(page(look, rows, back, None)).into_page()
    })
    .await
}

fn sign_in_address(back: &str) -> String {
    match back {
        "/" => "/sign-in".to_owned(),
        back => format!("/sign-in?back={}", crate::names::encoded(back)),
    }
}

fn page(look: &Look<'_>, rows: Vec<Row>, back: &str, why: Option<String>) -> SwitchPage {
    SwitchPage {
        layout: Layout::new(look, "Who is at this screen?", Here::Nowhere).still(),
        rows,
        back: back.to_owned(),
        inside: look.visit.visitor().is_some(),
        why,
    }
}

/// The sessions of this browser that still stand, each with whose it is.
fn standing<'a>(look: &Look<'a>) -> Vec<(&'a Shown, StaffNumber)> {
    let door = &look.visit.door;
    let Some(device) = door.device else { return Vec::new() };
    let whose = |shown: &'a Shown| match look.access().glance(&shown.session(), &device, &door.from, look.now)
    {
        Standing::In(visitor) => Some((shown, visitor.number.clone())),
        Standing::Locked { number, .. } => Some((shown, number)),
        Standing::Out(_) => None,
    };
    remembered(look).into_iter().filter_map(whose).collect()
}

fn rows(look: &Look<'_>) -> Vec<Row> {
    let here = look.visit.visitor().map(|visitor| visitor.session);
    let standing = standing(look);
    look.access().read(|book| {
        let row = |(shown, number): &(&Shown, StaffNumber)| {
            let session = shown.session();
            let found: &Session = book.sessions.session(&session)?;
            let mine = book.credentials(number);
            let card = matches!(found.way, Way::Card { .. });
            Some(Row {
                key: key_of(&session),
                name: book.people.name(number),
                since: look.stamp(found.opened.at),
                here: here == Some(session),
                locked: found.locked.map(|at| look.stamp(at)),
                by_pin: card && mine.passphrase.is_none(),
                opens: card || mine.passphrase.is_some(),
            })
        };
        standing.iter().filter_map(row).collect()
    })
}

/// The form. Not `Debug`: it holds a secret.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SwitchForm {
    deed: String,
    session: String,
    secret: String,
    back: String,
}

/// `POST /switch`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<SwitchForm>) -> Response {
    desk.page(visit, move |look| {
        let SwitchForm { deed, session, secret, back } = form?;
        let back = way_back(&back);
        if deed == "lock" {
            return lock(look, back);
        }
        opened(look, &session, &Typed::new(secret), back)
    })
    .await
}

fn lock(look: &Look<'_>, back: &str) -> Result<Response, Mishap> {
    let session = look.visitor()?.session;
    look.admit("lock this screen", Sessions::Lock { session })?;
    GoTo(format!("/switch?done=locked&back={}", crate::names::encoded(back))).into_page()
}

fn opened(look: &Look<'_>, key: &str, typed: &Typed, back: &str) -> Result<Response, Mishap> {
    let chosen =
        standing(look).into_iter().map(|(shown, _)| shown).find(|shown| key_of(&shown.session()) == key);
    let why = match (look.visit.door.at_door(), chosen) {
        (None, _) => Why::said(NO_COOKIE, StatusCode::BAD_REQUEST),
        (_, None) => Why::said(
            "That session is no more: it ended, or was ended by its owner. Sign in.",
            StatusCode::CONFLICT,
        ),
        (Some(door), Some(shown)) => match look.access().resume(shown.session(), typed, &door, look.now) {
            Ok(_) => return Ok(into_use(look, shown, back)),
            Err(not_in) => Why::of(look, not_in)?,
        },
    };
    let response = Html(page(look, rows(look), back, Some(why.words.clone()))).into_page()?;
    Ok(why.on(response))
}

/// That session first among this browser's.
fn into_use(look: &Look<'_>, chosen: &Shown, back: &str) -> Response {
    let session: Hashed = chosen.session();
    let mut response = Redirect::to(back).into_response();
    let others = remembered(look).into_iter().filter(|shown| shown.session() != session);
    let tokens = std::iter::once(chosen).chain(others).map(Shown::as_str);
    cookies::keep_sessions(response.headers_mut(), tokens, look.visit.door.secure);
    response
}
