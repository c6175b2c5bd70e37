//! `GET /me/{deed}`, `POST /me/{deed}`: one thing at a time of one's own account.

use super::proof::Refused;
use super::{passphrase, phone, recovery, sessions};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::Posted;
use crate::mishap::Mishap;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

/// Everything that a form of one's own page may send. Not `Debug`: some of it is secret.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MyForm {
    /// The passphrase or PIN as it is now.
    pub now: String,
    /// A new passphrase.
    pub new: String,
    /// The same once more.
    pub again: String,
    /// What a phone is called.
    pub label: String,
    /// The code that it shows.
    pub code: String,
    /// The one after.
    pub next_code: String,
    /// Which phone.
    pub phone: String,
    /// Which session.
    pub session: String,
}

/// `GET /me/{deed}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(deed): Path<String>) -> Response {
    desk.page(visit, move |look| {
        look.visitor()?;
        match deed.as_str() {
            "passphrase" => Html(passphrase::page(look, None)?).into_page(),
            "phone" => Html(phone::page(look, "", None)?).into_page(),
            "recovery" => Html(recovery::page(look, None)?).into_page(),
            "remove-phone" => Html(phone::remove_page(look, None)?).into_page(),
            _ => Err(Mishap::no_page()),
        }
    })
    .await
}

/// `POST /me/{deed}`
pub async fn take(
    State(desk): State<Desk>,
    visit: Visit,
    Path(deed): Path<String>,
    Posted(form): Posted<MyForm>,
) -> Response {
    desk.page(visit, move |look| {
        look.visitor()?;
        let form = form?;
        match deed.as_str() {
            "passphrase" => answered(passphrase::take(look, form), |why| {
                Html(passphrase::page(look, Some(why))?).into_page()
            }),
            "phone" => {
                let label = form.label.clone();
                answered(phone::take(look, form), |why| {
                    Html(phone::page(look, &label, Some(why))?).into_page()
                })
            }
            "remove-phone" => answered(phone::remove(look, form), |why| {
                Html(phone::remove_page(look, Some(why))?).into_page()
            }),
            "recovery" => match recovery::take(look, form) {
                Ok(codes) => Html(codes).into_page(),
                Err(refused) => said(refused, |why| Html(recovery::page(look, Some(why))?).into_page()),
            },
            "end" => GoTo(sessions::end(look, &form.session)?).into_page(),
            "end-others" => GoTo(sessions::end_others(look)?).into_page(),
            _ => Err(Mishap::no_page()),
        }
    })
    .await
}

/// On to the next page, or the form again with why not.
fn answered(
    done: Result<String, Refused>,
    again: impl FnOnce(String) -> Result<Response, Mishap>,
) -> Result<Response, Mishap> {
    match done {
        Ok(to) => GoTo(to).into_page(),
        Err(refused) => said(refused, again),
    }
}

fn said(
    refused: Refused,
    again: impl FnOnce(String) -> Result<Response, Mishap>,
) -> Result<Response, Mishap> {
    match refused {
        Refused::Said(why) => Ok(why.on(again(why.words.clone())?)),
        Refused::Mishap(mishap) => Err(mishap),
    }
}

/// Where somebody goes who is setting up how they get in, once a step is done: to the next step, else to their own page.
pub(super) fn next(look: &Look<'_>, done: &str) -> Result<String, Mishap> {
    let visitor = look.visitor()?;
    let to = look.access().read(|book| {
        let mine = book.credentials(&visitor.number);
        let beside = mine.authenticators.is_empty() && mine.passkeys.is_empty();
        match () {
            () if mine.passphrase.is_none() && mine.passkeys.is_empty() => "/me/passphrase",
            () if beside => "/me/phone",
            () if mine.recovery.is_empty() => "/me/recovery",
            () => "/me",
        }
    });
    Ok(format!("{to}?done={done}"))
}
