//! `GET /diverts/list`: plain numbered lines for ambulance control, to print or to read out over a radio or telephone.
//!
//! Always: the same words as on the board, one site or divert a line, each line numbered so that it can be asked again.

use super::alert::Alert;
use super::{Place, Question, layout, page};
use crate::desk::{Desk, Visit};
use crate::forms::Asked;
use crate::layout::Layout;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::diverts::{board, radio_list};

#[derive(Template)]
#[template(path = "diverts/list.html")]
struct ListPage {
    layout: Layout,
    place: Place,
    alert: Alert,
    lines: Vec<String>,
}

/// `GET /diverts/list`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let shown = look.incidents(|book| board(book, place.ground, look.now));
        page(ListPage {
            layout: layout(look, "Divert list", &place),
            alert: Alert::of(look, &place, &shown.unacknowledged),
            lines: radio_list(&shown),
            place,
        })
    })
    .await
}
