//! `GET /public-updates/preview`: the public's own page, to be shown in a frame of ours.
//!
//! Always: shut in a sandbox where nothing runs; framed by our own pages alone. With a draft's number it is the page as
//! it would be with that draft approved now.

use super::ground::{Which, chosen, read, with_draft};
use crate::desk::{Desk, Visit};
use crate::forms::Asked;
use crate::mishap::Mishap;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use serde::Deserialize;

/// What the frame may do: show itself.
const FRAMED: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// `?ground=&number=&welsh=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    ground: String,
    number: String,
    welsh: String,
}

/// `GET /public-updates/preview`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let Some(press) = look.screens().public.clone() else {
            return Err(Mishap::NotFound {
                what: "There is no public page to preview.".to_owned(),
                next: "Whoever looks after Lifeboat sets it up under [public_page] in its configuration.",
            });
        };
        let now = look.incident_now();
        let board = look.incidents(|book| {
            let ground = read(&asked.ground).unwrap_or_else(|| chosen(book, &Which::default().ground));
            let board = book.public_updates.board(book, ground);
            let number = asked.number.parse().ok();
            match number.and_then(|number| book.public_updates.update(ground, number)) {
                Some(update) => with_draft(board, update, now),
                None => board,
            }
        });
        let html = press
            .preview(&board, asked.welsh == "yes")
            .map_err(|why| Mishap::fault("press the preview of the public page", why))?;
        let mut response = html.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAMED));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        Ok(response)
    })
    .await
}
