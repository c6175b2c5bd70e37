//! `POST /sign-out`: whoever is at this screen is out.
//!
//! Always: the browser forgets the session, even when nothing can be recorded. Never: somebody else's session taken into use
//! by that: what stays remembered at a terminal is locked, and opened by its owner alone.

use super::answer::remembered;
use crate::desk::{Desk, Look, Visit};
use crate::doors::cookies::{self, Shown};
use crate::mishap::Mishap;
use access::sessions::Intent as Sessions;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// `POST /sign-out`
pub async fn set(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look: &Look<'_>| {
        let session = look.visitor()?.session;
        let mut response = match look.admit("sign you out", Sessions::SignOut { session }) {
            // Refused: it was ended a moment ago, by somebody else or from another device.
            Ok(_) | Err(Mishap::Refused(_)) => Redirect::to("/sign-in?done=signed-out").into_response(),
            Err(mishap) => mishap.page(look),
        };
        let others = remembered(look);
        let locked = look.access().read(|book| {
            let stays = |shown: &&&Shown| {
                let other = shown.session();
                other != session && book.sessions.session(&other).is_some_and(|s| s.locked.is_some())
            };
            others.iter().filter(stays).map(|shown| shown.as_str()).collect::<Vec<&str>>()
        });
        cookies::keep_sessions(response.headers_mut(), locked, look.visit.door.secure);
        Ok(response)
    })
    .await
}
