//! `GET /cards/check`: which cards are in use, where they come from, and what is wrong with the planner's own, by file
//! and line. `POST /cards/check`: use the planner's cards from the next incident on, or give them to one that runs.
//!
//! Always: the folder is read anew for every look, so that a planner mends a card and sees the next fault; with one
//! fault in one card none is taken.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Posted;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::{Level, Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control_room::{OwnCards, shipped_action_cards};
use incident::action_cards::{self, ActionCard, CardFault};
use incident::log::Kind;
use incident::{IncidentBook, IncidentId};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "action_cards/check.html")]
struct CheckPage {
    layout: Layout,
    refused: Option<String>,
    /// What is in use, in a shape, a colour and words.
    mark: Mark,
    source: &'static str,
    adopted: Option<(Stamp, u64, String)>,
    folder: Option<String>,
    faults: Vec<Fault>,
    /// The folder's cards can be read and are others than those in use.
    ready: Option<usize>,
    cards: Vec<(String, String, String)>,
    /// Running incidents that were given other cards: number, name.
    behind: Vec<(u32, String)>,
    by: String,
}

struct Fault {
    file: String,
    line: usize,
    what: String,
}

/// `GET /cards/check`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, None, "")))).await
}

fn page(look: &Look<'_>, refused: Option<String>, by: &str) -> CheckPage {
    let own = look.screens().room.own_action_cards();
    let shipped = shipped_action_cards().unwrap_or_default();
    let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
    let faults = match &own {
        Some(OwnCards { cards: Err(faults), .. }) => faults.0.iter().map(fault).collect(),
        _ => Vec::new(),
    };
    look.incidents(|book| {
        let in_use: &[ActionCard] = &book.cards_in_use;
        let ready = own.as_ref().and_then(|own| own.cards.as_ref().ok()).filter(|c| c.as_slice() != in_use);
        CheckPage {
            layout: Layout::of_incident(look, "Which cards are in use", Beside::Cards).still(),
            refused,
            mark: mark(in_use, faults.len(), ready.map(Vec::len)),
            source: source(in_use, own.as_ref(), &shipped),
            adopted: adopted(look, book),
            folder: own.as_ref().map(|own| own.folder.display().to_string()),
            ready: ready.map(Vec::len).filter(|n| *n > 0),
            faults,
            cards: in_use
                .iter()
                .map(|c| (c.role.to_string(), c.title.clone(), paper::card_version(c)))
                .collect(),
            behind: book
                .running()
                .filter(|i| i.cards.all() != in_use)
                .map(|i| (i.id.0, i.name.clone()))
                .collect(),
            by: if by.is_empty() { who } else { by.to_owned() },
        }
    })
}

fn fault(fault: &CardFault) -> Fault {
    Fault { file: fault.file.clone(), line: fault.line, what: fault.what.clone() }
}

fn mark(in_use: &[ActionCard], faults: usize, ready: Option<usize>) -> Mark {
    match (in_use.len(), faults, ready) {
        (0, ..) => Mark::new(Level::Red, "No card is in use"),
        (_, 1.., _) => Mark::new(
            Level::Red,
            format!("{} in your own cards: they are not used", counted(faults, "fault", "faults")),
        ),
        (_, _, Some(0)) => Mark::new(Level::Amber, "Your folder holds no card"),
        (_, _, Some(_)) => Mark::new(Level::Amber, "Your folder holds other cards than those in use"),
        (n, ..) => Mark::new(Level::Good, format!("{} in use", counted(n, "card", "cards"))),
    }
}

fn source(in_use: &[ActionCard], own: Option<&OwnCards>, shipped: &[ActionCard]) -> &'static str {
    match own.map(|own| &own.cards) {
        Some(Ok(cards)) if cards.as_slice() == in_use => "the planner's own cards, as they lie in the folder",
        _ if in_use == shipped => "the cards built into Lifeboat",
        Some(_) => "the set that was taken last; the folder has changed since",
        None => "the set that was taken last; its folder is gone",
    }
}

/// When, in which entry and by whom the set in use was taken.
fn adopted(look: &Look<'_>, book: &IncidentBook) -> Option<(Stamp, u64, String)> {
    let lines = book.log.lines().iter().rev();
    // Issuing and ticking are lines of the same kind, but belong to an incident.
    let line = lines.into_iter().find(|line| line.kind == Kind::Card && line.incident.is_none())?;
    Some((look.stamp(line.at), line.entry.0, line.by.to_string()))
}

/// The forms: `adopt`, or `issue` with an incident.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CheckForm {
    deed: String,
    incident: String,
    by: String,
}

/// `POST /cards/check`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<CheckForm>) -> Response {
    desk.page(visit, move |look| {
        let form = form?;
        look.answered(decided(look, &form), |why| Ok(page(look, Some(why), &form.by)))
    })
    .await
}

fn decided(look: &Look<'_>, form: &CheckForm) -> Result<Signed, Mishap> {
    let who = look.signer(&form.by)?;
    let intent = if form.deed == "issue" {
        let incident = IncidentId(form.incident.parse().unwrap_or(0));
        action_cards::Intent::Issue { incident }
    } else {
        let own = look.screens().room.own_action_cards().ok_or_else(|| {
            Mishap::Refused("There is no folder of your own cards, so there is nothing to take.".to_owned())
        })?;
        let cards = own.cards.map_err(|faults| {
            let count = counted(faults.0.len(), "fault stands", "faults stand");
            Mishap::Refused(format!(
                "{count} in the folder's cards; mend them first, each by its file and line."
            ))
        })?;
        action_cards::Intent::AdoptLibrary { cards }
    };
    look.decide("change which cards are in use", intent, &who)?;
    let done = if form.deed == "issue" { "cards-issued" } else { "cards-adopted" };
    Ok(Signed { to: format!("/cards/check?done={done}"), who })
}
