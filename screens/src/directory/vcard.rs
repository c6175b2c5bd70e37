//! `GET /directory/entries.vcf`, `GET /directory/{id}/entry.vcf`: entries for a telephone's own address book.

use super::ground;
use super::page::Asking;
use crate::desk::{Desk, Visit};
use crate::forms::Asked;
use crate::mishap::Mishap;
use crate::press::file;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::directory::DirectoryId;

const KIND: &str = "text/vcard; charset=utf-8";

/// `GET /directory/entries.vcf?q=…`
pub async fn all(State(desk): State<Desk>, visit: Visit, Asked(asking): Asked<Asking>) -> Response {
    desk.page(visit, move |look| {
        let cards = look.incidents(|book| {
            let ids = book.directory.find(&asking.question(0));
            book.directory.vcards(ground(book), ids, look.now)
        });
        file(look, cards.into_bytes(), KIND, "attachment", "directory.vcf")
    })
    .await
}

/// `GET /directory/{id}/entry.vcf`
pub async fn one(State(desk): State<Desk>, visit: Visit, Path(id): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let card = look.incidents(|book| {
            let id = id.parse().ok().map(DirectoryId)?;
            book.directory.entry(id)?;
            Some(book.directory.vcards(ground(book), [id], look.now))
        });
        let card = card.ok_or_else(Mishap::no_page)?;
        file(look, card.into_bytes(), KIND, "attachment", "directory-entry.vcf")
    })
    .await
}
