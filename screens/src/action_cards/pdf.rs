//! Action cards on paper: one card, or all of them as one file. `GET /cards/of/{role}/card.pdf`, `GET /cards/all.pdf`.
//!
//! Always: in an incident each card shows what is ticked already; the file's foot says up to which entry it speaks.

use super::of_role::no_card;
use super::row::post_of;
use crate::chosen::{Which, chosen, needed};
use crate::desk::{Desk, Visit};
use crate::forms::Asked;
use crate::mishap::Mishap;
use crate::press::{letterhead, pdf};
use axum::extract::{Path, State};
use axum::response::Response;
use incident::action_cards::{CardBoard, HeldAt, card_board, cards_board};
use paper::CardSheet;
use serde::Deserialize;

/// `?incident=&place=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    place: Option<String>,
}

/// `GET /cards/of/{role}/card.pdf`
pub async fn one(
    State(desk): State<Desk>,
    visit: Visit,
    Path(role): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let name = format!("action-card-{}", basics::tidy(&role, 40));
        match &asked.place {
            Some(place) => {
                let (board, head) = look.incidents(|book| {
                    let incident = needed(book, &asked.incident)?;
                    let post = post_of(&role, place).ok_or_else(|| no_card(&role))?;
                    let board = card_board(book, incident, &post, look.now).ok_or_else(|| no_card(&role))?;
                    Ok::<_, Mishap>((board, letterhead(look, book, Some(incident))))
                })?;
                let rendered = look.press()?.action_cards(&[CardSheet::Held(&board)], &head, look.zone());
                pdf(look, rendered, &name)
            }
            None => {
                let (card, head) = look.incidents(|book| {
                    let card = book.cards_in_use.iter().find(|card| card.role.as_str() == role);
                    (card.cloned(), letterhead(look, book, None))
                });
                let card = card.ok_or_else(|| no_card(&role))?;
                let rendered = look.press()?.action_cards(&[CardSheet::Blank(&card)], &head, look.zone());
                pdf(look, rendered, &name)
            }
        }
    })
    .await
}

/// `GET /cards/all.pdf`
pub async fn all(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let (boards, library, head) = look.incidents(|book| {
            let incident = chosen(book, &asked.incident)?;
            let boards: Option<Vec<CardBoard>> = incident.map(|i| cards_board(book, i, look.now).cards);
            Ok::<_, Mishap>((boards, book.cards_in_use.clone(), letterhead(look, book, incident)))
        })?;
        let mut sheets: Vec<CardSheet<'_>> = match &boards {
            Some(boards) => boards.iter().map(CardSheet::Held).collect(),
            None => library.iter().map(CardSheet::Blank).collect(),
        };
        if boards.is_some() {
            // A card that each ward takes is printed once more without a holder, for wards that have not taken it yet.
            sheets.extend(library.iter().filter(|c| c.held == HeldAt::EachWard).map(CardSheet::Blank));
        }
        if sheets.is_empty() {
            return Err(Mishap::NotFound {
                what: "There is no action card to print.".to_owned(),
                next: "Look at “Which cards are in use” to see why, and what to do.",
            });
        }
        pdf(look, look.press()?.action_cards(&sheets, &head, look.zone()), "action-cards")
    })
    .await
}
