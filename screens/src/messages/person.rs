//! `GET`, `POST /messages/{id}/people/{person}`: one person, and writing down what they said or where they were seen.

use super::one::{delivery_mark, no_message};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::capital;
use crate::parts::Mark;
use crate::phone_form;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::messages::{Ask, Heard, Intent, MessageId, Refusal, board};

#[derive(Template)]
#[template(path = "messages/person.html")]
struct PersonPage {
    layout: Layout,
    refused: Option<String>,
    id: u32,
    person: u32,
    name: String,
    title: String,
    text: String,
    way: String,
    to: String,
    delivery: Mark,
    answer: String,
    roll_call: bool,
    ask_done: bool,
    link: Option<String>,
    typed: Typed,
}

fn page(
    look: &Look<'_>,
    id: u32,
    person: u32,
    typed: Typed,
    refused: Option<String>,
) -> Result<PersonPage, Mishap> {
    let link = look.screens().room.incident().message_link(MessageId(id), person);
    look.incidents(|book| {
        let board = board(book, MessageId(id), book.now(look.now)).ok_or_else(no_message)?;
        let incident = book.incident(board.incident).ok_or_else(no_message)?;
        let row = board.people.iter().find(|row| row.person == person).ok_or_else(no_message)?;
        let said: Vec<String> = [
            row.read.map(|at| format!("read {}", book.say(at, look.now))),
            row.done.as_ref().map(|(at, by)| format!("done {} ({by})", book.say(*at, look.now))),
            (board.row.ask == Ask::RollCall && !row.answer.is_empty()).then(|| row.answer.clone()),
        ]
        .into_iter()
        .flatten()
        .collect();
        Ok(PersonPage {
            layout: Layout::of_incident(look, row.name.clone(), Beside::Messages)
                .on(incident.ground())
                .still(),
            refused,
            id,
            person,
            name: row.name.clone(),
            title: format!("{} {id}", capital(board.row.ask.word())),
            text: board.row.text.clone(),
            way: row.way.word().to_owned(),
            to: row.to.clone(),
            delivery: delivery_mark(row),
            answer: capital(&said.join("; ")),
            roll_call: board.row.ask == Ask::RollCall,
            ask_done: board.row.ask == Ask::Done,
            link: link.filter(|_| board.row.open).map(|link| format!("/q/{link}")),
            typed,
        })
    })
}

/// `GET /messages/{id}/people/{person}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path((id, person)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let (id, person) = numbers(&id, &person)?;
        Ok(Html(page(look, id, person, Typed::default(), None)?))
    })
    .await
}

fn numbers(id: &str, person: &str) -> Result<(u32, u32), Mishap> {
    Ok((id.parse().map_err(|_| no_message())?, person.parse().map_err(|_| no_message())?))
}

/// `POST /messages/{id}/people/{person}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path((id, person)): Path<(String, String)>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let (id, person) = numbers(&id, &person)?;
        look.answered(decided(look, id, person, &typed), |why| page(look, id, person, typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, id: u32, person: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let message = MessageId(id);
    let answer = phone_form::answer(look, typed)?;
    let roll_call = matches!(answer, incident::messages::roll_call::Answer::Present { .. });
    let intent = Intent::Answer { message, person, answer, heard: Heard::Screen };
    match look.decide("write the answer down", intent, &who) {
        Err(Mishap::Refused(why)) if why.to_lowercase().contains(&Refusal::Same.to_string()) => {}
        other => drop(other?),
    }
    let to = if roll_call {
        "/roll-call?done=answered".to_owned()
    } else {
        format!("/messages/{id}?done=answered")
    };
    Ok(Signed { to, who })
}
