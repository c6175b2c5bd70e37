//! `GET`, `POST /sign-everybody-out`: every session ended at once, with a reason, after one more look.
//!
//! For the hour in which nobody knows any more who is at which screen. Records stay as they are, feeds go on; people sign in
//! again by what they have.

use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::sessions::{Intent, Revoke};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "sessions/everybody.html")]
struct EverybodyPage {
    layout: Layout,
    refused: Option<String>,
    sessions: usize,
    people: usize,
    why: String,
    /// The reason stands; one more look.
    confirm: bool,
}

/// `GET /sign-everybody-out`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, "", false, None)))).await
}

/// `POST /sign-everybody-out`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        let why = typed.trimmed("why");
        look.visitor()?;
        if why.is_empty() {
            let say = "Write why everybody is signed out: they are all told.".to_owned();
            let status = http::StatusCode::CONFLICT;
            return FormAgain { page: page(look, why, false, Some(say)), status }.into_page();
        }
        if !typed.has("confirm", "yes") {
            return Html(page(look, why, true, None)).into_page();
        }
        match pulled(look, why) {
            // Whoever pulled it is out too; the sign-in says why.
            Ok(()) => GoTo("/sign-in".to_owned()).into_page(),
            Err(mishap) => {
                let (say, status) = look.form_again(mishap)?;
                FormAgain { page: page(look, why, false, Some(say)), status }.into_page()
            }
        }
    })
    .await
}

fn pulled(look: &Look<'_>, why: &str) -> Result<(), Mishap> {
    let intent = Intent::Revoke { what: Revoke::Everything, why: why.to_owned() };
    look.admit("sign everybody out", intent).map(drop)
}

fn page(look: &Look<'_>, why: &str, confirm: bool, refused: Option<String>) -> EverybodyPage {
    let (sessions, people) = look.access().read(|book| {
        let all = || book.sessions.all(look.now);
        let people: std::collections::BTreeSet<_> = all().map(|(_, session)| &session.number).collect();
        (all().count(), people.len())
    });
    EverybodyPage {
        layout: Layout::new(look, "Sign everybody out", Here::Nowhere).still(),
        refused,
        sessions,
        people,
        why: why.to_owned(),
        confirm,
    }
}
