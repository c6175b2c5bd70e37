//! `GET /tray/{entry}`: one message with its problems marked, what Lifeboat makes of it today, and what can be done.

use crate::desk::{Desk, Html, Look, Visit};
use crate::entry;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::{RawMessage, Said, Stamp};
use crate::paste::facts::{FactLine, fact_lines};
use crate::tray::page::cost;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::EntryNumber;
use control_room::{FeedEntry, TrayFilter, TrayItem};

#[derive(Template)]
#[template(path = "tray/item.html")]
struct TrayItemPage {
    layout: Layout,
    entry: u64,
    waiting: bool,
    feed: String,
    message_type: String,
    list: bool,
    received: Stamp,
    size: String,
    cost: &'static str,
    class: &'static str,
    replayed: u32,
    problems: Vec<Said>,
    raw: RawMessage,
    facts: Vec<FactLine>,
}

/// `GET /tray/{entry}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(number): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let entry = entry::page::read(look, &number)?;
        let item = item(look, entry.number)?;
        Ok(Html(page(look, &entry, item)))
    })
    .await
}

fn item(look: &Look<'_>, number: EntryNumber) -> Result<Option<TrayItem>, Mishap> {
    let filter =
        TrayFilter { after: number.0.checked_sub(1).map(EntryNumber), limit: 1, ..TrayFilter::default() };
    let items = look.screens().room.tray(&filter).map_err(Mishap::room("read the tray"))?;
    Ok(items.into_iter().find(|i| i.entry == number))
}

fn page(look: &Look<'_>, entry: &FeedEntry, item: Option<TrayItem>) -> TrayItemPage {
    let preview = look.screens().room.preview(Some(&entry.feed), &entry.bytes, entry.at);
    entry::concerned::note(look, &preview);
    let waiting = item.is_some();
    let problems = item.as_ref().map_or(preview.problems.clone(), |i| i.problems.clone());
    let (cost, class) = item.as_ref().map_or(("Not in the tray", "tag-grey"), |i| cost(i.kind));
    TrayItemPage {
        layout: Layout::new(look, format!("Tray, entry {}", entry.number), Here::Feeds),
        entry: entry.number.0,
        waiting,
        feed: entry.feed.to_string(),
        message_type: if preview.message_type.is_empty() {
            "Type unreadable".to_owned()
        } else {
            preview.message_type.clone()
        },
        list: preview.message_type == control_room::LIST_TYPE,
        received: look.stamp(entry.at),
        size: thousands(u64::try_from(entry.bytes.len()).unwrap_or(0)),
        cost,
        class,
        replayed: item.as_ref().map_or(0, |i| i.replayed),
        problems: problems.iter().map(Said::new).collect(),
        raw: RawMessage::new(&entry.bytes, &problems),
        facts: fact_lines(look, &preview.facts),
    }
}
