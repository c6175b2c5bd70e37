//! The demonstration's two buttons. A real hospital has none: there the addresses do not exist.

use crate::desk::{Desk, GoTo, Visit};
use crate::handed::DemoControls;
use crate::mishap::Mishap;
use axum::extract::State;
use axum::response::Response;

/// `POST /demo/attack`
pub async fn attack(State(desk): State<Desk>, visit: Visit) -> Response {
    press(desk, visit, "/?done=attack", |demo| demo.attack()).await
}

/// `POST /demo/restore`
pub async fn restore(State(desk): State<Desk>, visit: Visit) -> Response {
    press(desk, visit, "/?done=restore", |demo| demo.restore()).await
}

async fn press(
    desk: Desk,
    visit: Visit,
    then: &'static str,
    button: impl FnOnce(&dyn DemoControls) + Send + 'static,
) -> Response {
    desk.page(visit, move |look| match &look.screens().demo {
        Some(demo) => {
            button(demo.as_ref());
            Ok(GoTo(then.to_owned()))
        }
        None => Err(Mishap::no_page()),
    })
    .await
}
