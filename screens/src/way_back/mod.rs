//! `GET /way-back`: what to do when nobody is left who can let anybody in.
//!
//! Always: readable by whoever stands before a screen. Never: a field for a key share: shares are typed at the console of the
//! machine alone, where no page and no network can take them.

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "way_back/page.html")]
struct WayBackPage {
    layout: Layout,
}

/// `GET /way-back`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look: &Look<'_>| {
        let layout = Layout::new(look, "The way back in", Here::Nowhere).still();
        Ok(Html(WayBackPage { layout }))
    })
    .await
}
