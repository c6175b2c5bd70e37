//! `POST /public-updates/{number}/approve|withdraw|discard`: what becomes of an update, signed.

use super::draft::no_update;
use super::ground::{chosen, word};
use super::one;
use crate::desk::{Desk, FormAgain, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::mishap::Mishap;
use crate::who::Signed;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Ground;
use incident::public_updates::Intent;

/// `POST /public-updates/{number}/approve`
pub async fn approve(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<Typed>,
) -> Response {
    let intent = |ground, number, typed: &Typed| {
        let revision = u32::try_from(typed.number("revision").unwrap_or(0)).unwrap_or(0);
        Intent::Approve { ground, number, revision }
    };
    done(desk, visit, number, form, "public-approved", intent).await
}

/// `POST /public-updates/{number}/withdraw`
pub async fn withdraw(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<Typed>,
) -> Response {
    let intent = |ground, number, typed: &Typed| Intent::Withdraw {
        ground,
        number,
        reason: typed.text("reason").to_owned(),
    };
    done(desk, visit, number, form, "public-withdrawn", intent).await
}

/// `POST /public-updates/{number}/discard`
pub async fn discard(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<Typed>,
) -> Response {
    let intent = |ground, number, typed: &Typed| Intent::Discard {
        ground,
        number,
        reason: typed.text("reason").to_owned(),
    };
    done(desk, visit, number, form, "public-discarded", intent).await
}

async fn done(
    desk: Desk,
    visit: Visit,
    number: String,
    form: Result<Typed, Mishap>,
    code: &'static str,
    intent: impl Fn(Ground, u32, &Typed) -> Intent + Send + 'static,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        let number: u32 = number.parse().map_err(|_| no_update())?;
        let ground = look.incidents(|book| chosen(book, typed.trimmed("ground")));
        match sealed(look, &typed, intent(ground, number, &typed)) {
            Ok(who) => {
                let to = format!("/public-updates?ground={}&done={code}", word(ground));
                Signed { to, who }.into_page()
            }
            Err(mishap) => {
                let (words, status) = look.form_again(mishap)?;
                let mut page = one::page(look, ground, &number.to_string())?;
                page.refuse(words, &typed);
                FormAgain { page, status }.into_page()
            }
        }
    })
    .await
}

fn sealed(look: &Look<'_>, typed: &Typed, intent: Intent) -> Result<incident::Person, Mishap> {
    let who = look.signer(typed.text("by"))?;
    look.decide("change what the public reads", intent, &who)?;
    Ok(who)
}
