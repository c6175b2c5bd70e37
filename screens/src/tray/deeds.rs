//! What a person can do about a message in the tray: replay it, replay a feed's, clear it with a reason. Each is
//! sealed in the record, with initials, before it takes effect.

use crate::desk::{Desk, GoTo, Look, Visit};
use crate::forms::Posted;
use crate::mishap::Mishap;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{EntryNumber, FeedName};
use control_room::Intent;
use serde::Deserialize;

/// The form of a deed; fields that a deed does not ask for stay empty.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DeedForm {
    by: String,
    reason: String,
    feed: String,
}

/// `POST /tray/{entry}/replay`
pub async fn replay(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<DeedForm>,
) -> Response {
    desk.page(visit, move |look| {
        let entry = entry(&number)?;
        submit(look, Intent::ReplayTray { entry }, &form?.by)?;
        Ok(GoTo(format!("/tray/{entry}?done=replayed")))
    })
    .await
}

/// `POST /tray/{entry}/clear`
pub async fn clear(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<DeedForm>,
) -> Response {
    desk.page(visit, move |look| {
        let (entry, form) = (entry(&number)?, form?);
        submit(look, Intent::ClearTray { entry, reason: form.reason.trim().to_owned() }, &form.by)?;
        Ok(GoTo("/tray?done=cleared".to_owned()))
    })
    .await
}

/// `POST /tray/replay`
pub async fn replay_all(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<DeedForm>) -> Response {
    desk.page(visit, move |look| {
        let form = form?;
        submit(look, Intent::ReplayAll { feed: FeedName::new(&form.feed) }, &form.by)?;
        Ok(GoTo("/tray?done=replayed-all".to_owned()))
    })
    .await
}

fn entry(number: &str) -> Result<EntryNumber, Mishap> {
    number.parse().map(EntryNumber).map_err(|_| Mishap::no_page())
}

fn submit(look: &Look<'_>, intent: Intent, by: &str) -> Result<(), Mishap> {
    let room = &look.screens().room;
    room.submit(intent, by.trim(), look.now)
        .map(|_| ())
        .map_err(Mishap::refused("write that decision into the record"))
}
