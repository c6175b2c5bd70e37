//! `GET /diverts/plans/{number}/plan.pdf`, `GET /diverts/list.pdf`: what is carried, pinned up or faxed to the sites.

use super::{Place, Question};
use crate::desk::{Desk, Look, Visit};
use crate::forms::Asked;
use crate::mishap::Mishap;
use crate::press::{letterhead, pdf};
use axum::extract::{Path, State};
use axum::response::Response;
use incident::diverts::{board, radio_list};
use paper::Letterhead;

/// The letterhead of a ground: no incident's, but an exercise is watermarked.
fn head(look: &Look<'_>, place: &Place) -> Letterhead {
    let head = look.incidents(|book| letterhead(look, book, None));
    let watermark = place.ground.watermark().map(str::to_owned).or(head.watermark);
    Letterhead { watermark, incident: "Ambulance diverts".to_owned(), ..head }
}

/// `GET /diverts/plans/{number}/plan.pdf`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let (proposed, how) = look.incidents(|book| {
            let there = book.diverts.on(place.ground);
            let proposed = there.proposal(number.parse().unwrap_or(0)).map_err(|_| Mishap::no_page())?;
            let how = proposed.words(&book.diverts.rules, there.changed_at, book.now(look.now));
            Ok::<_, Mishap>((proposed.clone(), how))
        })?;
        let rendered = look.press()?.divert_plan(&proposed, &how, &head(look, &place), look.zone());
        pdf(look, rendered, &format!("divert-plan-{}", proposed.number))
    })
    .await
}

/// `GET /diverts/list.pdf`
pub async fn list(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let lines = look.incidents(|book| radio_list(&board(book, place.ground, look.now)));
        let rendered = look.press()?.divert_list(&lines, &head(look, &place), look.zone());
        pdf(look, rendered, "divert-list")
    })
    .await
}
