//! `GET`, `POST /q/{link}`: the question on somebody's own telephone, without signing in.
//!
//! Always: the question, the form, and nothing else of the hospital; a second answer replaces the first. Never: a name
//! of anybody else, the navigation, a hint whether a wrong link was ever right. Looking at the page records nothing,
//! for telephones fetch links by themselves to show a preview.
//! Proved by `tests/messages.rs`.

use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::mishap::Mishap;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{Civil, Moment};
use http::StatusCode;
use incident::Person;
use incident::messages::roll_call::{Answer, Work};
use incident::messages::{Ask, Heard, Intent, MessageId, Refusal};

#[derive(Template)]
#[template(path = "phone_form/page.html")]
struct QuestionPage {
    name: String,
    text: String,
    exercise: bool,
    link: String,
    refused: Option<String>,
    thanks: Option<String>,
    roll_call: bool,
    ask_done: bool,
    open: bool,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "phone_form/closed.html")]
struct ClosedPage {
    title: &'static str,
    words: &'static str,
}

/// `GET /q/{link}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(link): Path<String>) -> Response {
    desk.page(visit, move |look| question(look, &link, Typed::default(), None)).await
}

/// `POST /q/{link}`
pub async fn take(
    State(desk): State<Desk>,
    visit: Visit,
    Path(link): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let Ok(typed) = typed else {
            return page_for_nobody(StatusCode::BAD_REQUEST, "Not understood", "Go back and send it again.");
        };
        match taken(look, &link, &typed) {
            Ok(()) => question(look, &link, Typed::default(), None),
            Err(Mishap::Refused(why)) => question(look, &link, typed, Some((why, StatusCode::CONFLICT))),
            // Whatever is broken within: somebody on their own telephone can do one thing about it.
            Err(_) => {
                let why =
                    "Your answer could not be written down. Ring the control room and tell them.".to_owned();
                question(look, &link, typed, Some((why, StatusCode::SERVICE_UNAVAILABLE)))
            }
        }
    })
    .await
}

fn page_for_nobody(status: StatusCode, title: &'static str, words: &'static str) -> Result<Response, Mishap> {
    let mut response = Html(ClosedPage { title, words }).into_page()?;
    *response.status_mut() = status;
    Ok(response)
}

fn question(
    look: &Look<'_>,
    link: &str,
    typed: Typed,
    refused: Option<(String, StatusCode)>,
) -> Result<Response, Mishap> {
    let Some((id, person)) = look.screens().room.incident().read_message_link(link) else {
        return page_for_nobody(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "It may have been cut in two, or it is too old. Ring the control room instead.",
        );
    };
    let made = look.incidents(|book| made(look, book.messages.message(id)?, person, link, typed, &refused));
    let Some(page) = made else {
        return page_for_nobody(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "Ring the control room instead.",
        );
    };
    if !page.open && page.thanks.is_none() {
        return page_for_nobody(
            StatusCode::GONE,
            "This question is closed",
            "Ring the control room instead.",
        );
    }
    let mut response = Html(page).into_page()?;
    if let Some((_, status)) = refused {
        *response.status_mut() = status;
    }
    Ok(response)
}

fn made(
    look: &Look<'_>,
    message: &incident::messages::Message,
    person: u32,
    link: &str,
    typed: Typed,
    refused: &Option<(String, StatusCode)>,
) -> Option<QuestionPage> {
    let standing = message.standing.get(person as usize)?;
    let said = standing.answer.as_ref().map(|(stamp, _, answer)| {
        let words = answer.words(|at| look.zone().hour_minute(at));
        format!("Your answer of {} is recorded: {words}.", look.zone().hour_minute(stamp.at))
    });
    Some(QuestionPage {
        name: message.recipients.get(person as usize)?.name.clone(),
        text: message.words(),
        exercise: message.ground.watermark().is_some(),
        link: link.to_owned(),
        refused: refused.as_ref().map(|(why, _)| why.clone()),
        thanks: said.filter(|_| refused.is_none()),
        roll_call: message.ask == Ask::RollCall,
        ask_done: message.ask == Ask::Done && standing.done.is_none(),
        open: message.open(look.now),
        typed,
    })
}

fn taken(look: &Look<'_>, link: &str, typed: &Typed) -> Result<(), Mishap> {
    let room = look.screens().room.incident();
    let closed = || Mishap::Refused("This link does not work. Ring the control room instead.".to_owned());
    let (message, person) = room.read_message_link(link).ok_or_else(closed)?;
    let name = look.incidents(|book| {
        let message: &incident::messages::Message = book.messages.message(MessageId(message.0))?;
        message.recipients.get(person as usize).map(|recipient| recipient.name.clone())
    });
    let who = name.as_deref().and_then(Person::new).ok_or_else(closed)?;
    let intent = Intent::Answer { message, person, answer: answer(look, typed)?, heard: Heard::Link };
    match look.decide("write your answer down", intent, &who) {
        // Pressed twice: it is recorded, which is all that the person wants to know.
        Err(Mishap::Refused(why)) if why.to_lowercase().contains(&Refusal::Same.to_string()) => Ok(()),
        other => other.map(drop),
    }
}

/// The answer that a form holds: by the person themselves, or written down for them.
///
/// # Errors
/// `Mishap::Refused` when it says nothing that can be kept.
pub fn answer(look: &Look<'_>, typed: &Typed) -> Result<Answer, Mishap> {
    match typed.text("answer") {
        "read" => return Ok(Answer::Read),
        "done" => return Ok(Answer::Done),
        _ => {}
    }
    let safe = match typed.text("safe") {
        "yes" => true,
        "no" => false,
        _ => return Err(Mishap::Refused("Say first whether you are safe.".to_owned())),
    };
    let until = typed.trimmed("until");
    let work = match (typed.has("cannot", "yes"), until) {
        (true, _) => Work::No,
        (false, "") => Work::NotSaid,
        (false, text) => Work::Until(next(look, text).ok_or_else(|| {
            Mishap::Refused("Write the time until which you can work like 18:30.".to_owned())
        })?),
    };
    Ok(Answer::Present { safe, place: typed.text("place").to_owned(), work })
}

/// The next time that a clock shows "18:30".
fn next(look: &Look<'_>, text: &str) -> Option<Moment> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let (hour, minute): (i8, i8) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return None;
    }
    let at = |day: Moment| {
        let civil = look.zone().civil(day);
        look.zone().moment(Civil { hour, minute, second: 0, ..civil })
    };
    let today = at(look.now)?;
    if today > look.now { Some(today) } else { at(look.now.plus_seconds(86_400)) }
}
