//! `GET /feeds`: each feed in full, and the way into its tray.

use crate::desk::{Desk, Html, Look, Visit};
use crate::feeds::row::FeedRow;
use crate::layout::{Here, Layout};
use crate::names::thousands;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "feeds/page.html")]
struct FeedsPage {
    layout: Layout,
    feeds: Vec<FeedRow>,
    silent: usize,
    received: String,
    understood: String,
    in_tray: String,
    cleared: String,
    duplicates: String,
    at_hatch: Option<String>,
    hatch: Option<String>,
}

/// `GET /feeds`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> FeedsPage {
    let totals = look.screens().room.totals();
    FeedsPage {
        layout: Layout::new(look, "Feeds and tray", Here::Feeds).live("all"),
        feeds: look.feeds.iter().map(|f| FeedRow::new(look, f)).collect(),
        silent: look.feeds.iter().filter(|f| f.silent).count(),
        received: thousands(totals.received),
        understood: thousands(totals.understood),
        in_tray: thousands(totals.in_tray),
        cleared: thousands(totals.cleared),
        duplicates: thousands(totals.duplicates),
        at_hatch: Some(totals.kept_apart + totals.turned_away).filter(|n| *n > 0).map(thousands),
        hatch: crate::hatch::standing(look, &look.screens().room.hatch()),
    }
}
