//! `GET/POST /public-updates/draft`, `GET/POST /public-updates/{number}/edit`: what the public is to read, in plain words.
//!
//! Always: a draft that is refused is shown again with everything that was typed; nothing here is public.

use super::fields::{Choice, Fields};
use super::ground::{Which, chosen, word};
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Ground;
use incident::public_updates::{Intent, PublicUpdate, begin};

#[derive(Template)]
#[template(path = "public_updates/draft.html")]
struct DraftPage {
    layout: Layout,
    refused: Option<String>,
    /// "/public-updates/draft" or "/public-updates/3/edit".
    action: String,
    title: String,
    ground: String,
    exercise: bool,
    revision: u32,
    fields: Fields,
    waits: Vec<Choice>,
    sites: Vec<String>,
    back: String,
}

/// `GET /public-updates/draft`
pub async fn begin_one(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let now = look.incident_now();
        let (ground, fields) = look.incidents(|book| {
            let ground = chosen(book, &asked.ground);
            (ground, Fields::of(&begin(book, ground, now), book, ground, now))
        });
        Ok(Html(page(look, ground, None, fields)))
    })
    .await
}

/// `GET /public-updates/{number}/edit`
pub async fn edit_one(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<Which>,
) -> Response {
    desk.page(visit, move |look| {
        let now = look.incident_now();
        let found = look.incidents(|book| {
            let ground = chosen(book, &asked.ground);
            let update = find(book.public_updates.all(ground), &number)?.clone();
            let fields = Fields::of(&update.content, book, ground, now);
            Some((ground, update, fields))
        });
        let (ground, update, fields) = found.ok_or_else(no_update)?;
        Ok(Html(page(look, ground, Some((update.number, update.revision)), fields)))
    })
    .await
}

/// An update by the number in an address.
pub fn find<'a>(all: &'a [PublicUpdate], number: &str) -> Option<&'a PublicUpdate> {
    let number: u32 = number.parse().ok()?;
    all.iter().find(|update| update.number == number)
}

/// There is no such update.
pub fn no_update() -> Mishap {
    Mishap::NotFound {
        what: "There is no such public update.".to_owned(),
        next: "Choose one from the list of public updates.",
    }
}

fn page(look: &Look<'_>, ground: Ground, editing: Option<(u32, u32)>, fields: Fields) -> DraftPage {
    let (action, title) = match editing {
        None => ("/public-updates/draft".to_owned(), "Draft a public update".to_owned()),
        Some((number, _)) => {
            (format!("/public-updates/{number}/edit"), format!("Change the draft of public update {number}"))
        }
    };
    let ground_word = word(ground);
    DraftPage {
        layout: Layout::of_incident(look, title.clone(), Beside::PublicUpdates).on(ground).still(),
        refused: None,
        action,
        title,
        back: match editing {
            None => format!("/public-updates?ground={ground_word}"),
            Some((number, _)) => format!("/public-updates/{number}?ground={ground_word}"),
        },
        exercise: ground != Ground::Real,
        ground: ground_word,
        revision: editing.map_or(0, |(_, revision)| revision),
        waits: fields.waits(),
        sites: look.incidents(|book| book.hospitals.sites().iter().map(ToString::to_string).collect()),
        fields,
    }
}

/// `POST /public-updates/draft`
pub async fn draft(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<Typed>) -> Response {
    desk.page(visit, move |look| save(look, &form?, None)).await
}

/// `POST /public-updates/{number}/edit`
pub async fn edit(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        let number = number.parse().map_err(|_| no_update())?;
        save(look, &typed, Some(number))
    })
    .await
}

fn save(look: &Look<'_>, typed: &Typed, number: Option<u32>) -> Result<Response, Mishap> {
    let ground = look.incidents(|book| chosen(book, typed.trimmed("ground")));
    let fields = Fields::typed(typed);
    let revision = u32::try_from(typed.number("revision").unwrap_or(0)).unwrap_or(0);
    match sealed(look, typed, ground, number, revision, &fields) {
        Ok(signed) => signed.into_page(),
        Err(mishap) => {
            let (words, status) = look.form_again(mishap)?;
            let mut page = page(look, ground, number.map(|number| (number, revision)), fields);
            page.refused = Some(words);
            if !typed.trimmed("by").is_empty() {
                typed.trimmed("by").clone_into(&mut page.layout.who);
            }
            FormAgain { page, status }.into_page()
        }
    }
}

fn sealed(
    look: &Look<'_>,
    typed: &Typed,
    ground: Ground,
    number: Option<u32>,
    revision: u32,
    fields: &Fields,
) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let content = fields.content(look.incident_now(), look.zone()).map_err(Mishap::Refused)?;
    let intent = match number {
        None => Intent::Draft { ground, content },
        Some(number) => Intent::Edit { ground, number, revision, content },
    };
    let receipt = look.decide("keep the draft", intent, &who)?;
    let number = number.or_else(|| {
        look.incidents(|book| {
            let all = book.public_updates.all(ground);
            all.iter().rev().find(|u| u.written.entry == receipt.entry).map(|update| update.number)
        })
    });
    let to = format!("/public-updates/{}?ground={}&done=public-drafted", number.unwrap_or(1), word(ground));
    Ok(Signed { to, who })
}
