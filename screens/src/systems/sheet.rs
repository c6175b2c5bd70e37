//! The inventory as a table: what is listed now, and an empty sheet to fill in.

use super::ground::OnGround;
use super::one::Question;
use crate::desk::{Desk, Visit};
use crate::forms::Asked;
use crate::press::file;
use axum::extract::State;
use axum::response::Response;
use incident::systems::{HEADING, write_sheet};

const CSV: &str = "text/csv; charset=utf-8";

/// `GET /systems/template.csv`
pub async fn template(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| {
        file(look, format!("{HEADING}\r\n").into_bytes(), CSV, "attachment", "systems-to-fill-in.csv")
    })
    .await
}

/// `GET /systems/export.csv`
pub async fn export(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let on = OnGround::new(look, &asked.incident, "/systems")?;
        let text = look.incidents(|book| write_sheet(book, on.ground));
        let name = if on.ground.watermark().is_some() { "EXERCISE-systems.csv" } else { "systems.csv" };
        file(look, text.into_bytes(), CSV, "attachment", name)
    })
    .await
}
