//! `GET /s/{code}`: where the QR code on a printed sheet leads: to that patient, and no other.

use crate::desk::{Desk, GoTo, Visit};
use crate::mishap::Mishap;
use crate::names::patient_address;
use axum::extract::{Path, State};
use axum::response::Response;

/// `GET /s/{code}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(code): Path<String>) -> Response {
    desk.page(visit, move |look| match look.screens().shelf.sheet(&code) {
        Some(patient) => {
            look.saw_by_key([patient]);
            Ok(GoTo(patient_address(patient)))
        }
        None => Err(Mishap::NotFound {
            what: "No sheet with this code is known here.".to_owned(),
            next: "Find the patient by the name or NHS number printed at the top of the sheet.",
        }),
    })
    .await
}
