//! `GET /entries/{number}`: the raw message, as text, nothing left out but what is too long to read.

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::{RawMessage, Stamp};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::EntryNumber;
use control_room::FeedEntry;

#[derive(Template)]
#[template(path = "entry/page.html")]
struct EntryPage {
    layout: Layout,
    number: u64,
    feed: String,
    received: Stamp,
    size: String,
    raw: RawMessage,
}

/// `GET /entries/{number}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(number): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let entry = read(look, &number)?;
        super::concerned::note_entry(look, &entry);
        Ok(Html(EntryPage {
            layout: Layout::new(look, format!("Entry {}", entry.number), Here::Feeds),
            number: entry.number.0,
            feed: entry.feed.to_string(),
            received: look.stamp(entry.at),
            size: thousands(u64::try_from(entry.bytes.len()).unwrap_or(0)),
            raw: RawMessage::new(&entry.bytes, &[]),
        }))
    })
    .await
}

/// The entry of that number, or the page that says there is none.
pub fn read(look: &Look<'_>, number: &str) -> Result<FeedEntry, Mishap> {
    let unknown = || Mishap::NotFound {
        what: format!("The feed book has no message at entry {number}."),
        next: "The entry may hold a decision instead of a message. Go back to the page that led here.",
    };
    let number = EntryNumber(number.parse().map_err(|_| unknown())?);
    look.screens().room.entry(number).map_err(Mishap::room("read that entry"))?.ok_or_else(unknown)
}
