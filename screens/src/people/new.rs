//! `GET`, `POST /people/new`: one account opened by hand.

use super::form::{AccountForm, account_of};
use super::{Places, address};
use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::StaffNumber;
use access::people::Intent;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "people/new.html")]
struct NewPage {
    layout: Layout,
    refused: Option<String>,
    number: String,
    form: AccountForm,
}

/// `GET /people/new`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, &Typed::default(), None)?))).await
}

/// `POST /people/new`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        match opened(look, &typed) {
            Ok(number) => GoTo(format!("{}?done=account-opened", address(&number))).into_page(),
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                FormAgain { page: page(look, &typed, Some(why))?, status }.into_page()
            }
        }
    })
    .await
}

fn opened(look: &Look<'_>, typed: &Typed) -> Result<StaffNumber, Mishap> {
    look.visitor()?;
    let number = StaffNumber::new(typed.text("number")).ok_or_else(|| {
        Mishap::Refused(format!(
            "Write the staff number: letters and digits, at most {}.",
            StaffNumber::BYTES_MAX
        ))
    })?;
    let account = account_of(look, &Places::of(look)?, typed)?;
    look.admit("open the account", Intent::Join { number: number.clone(), account })?;
    Ok(number)
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> Result<NewPage, Mishap> {
    Ok(NewPage {
        layout: Layout::new(look, "Open an account", Here::Nowhere).still(),
        refused,
        number: typed.text("number").to_owned(),
        form: AccountForm::of_typed(&Places::of(look)?, typed),
    })
}
