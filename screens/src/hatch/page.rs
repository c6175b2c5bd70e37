//! `GET /hatch`, `POST /hatch`: whether the hatch is closed, for whom, since when and by whom; closing and opening it.
//!
//! Always: closing is done with one press. When the record does not take it, the page says that it is closed in memory
//! alone and what to do.

use super::sure::{Question, ask};
use super::{closed_feeds, feed_address, messages, names, standing};
use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::{Mishap, sentence};
use crate::names::thousands;
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::FeedName;
use control_room::{Fault, FeedHatch, HatchDeed, HatchWhat, Intent, Refused};
use http::StatusCode;

#[derive(Template)]
#[template(path = "hatch/page.html")]
struct HatchPage {
    layout: Layout,
    standing: Option<String>,
    reason: String,
    not_recorded: bool,
    first: Stamp,
    last: Stamp,
    waits: bool,
    feeds: Vec<Row>,
    deeds: Vec<DeedRow>,
    choices: Vec<Choice>,
    open_choices: Vec<String>,
    typed_reason: String,
    typed_by: String,
    typed_some: bool,
    refused: Option<String>,
}

struct Row {
    name: String,
    address: String,
    mark: Mark,
    closed: Option<Stamp>,
    by: String,
    waiting: String,
    waits: bool,
    first: Stamp,
    last: Stamp,
    turned_away: String,
    admitting: Option<String>,
}

struct DeedRow {
    at: Stamp,
    by: String,
    words: String,
    reason: String,
}

struct Choice {
    name: String,
    ticked: bool,
}

/// `GET /hatch`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, &Typed::default(), None)))).await
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> HatchPage {
    let hatch = look.screens().room.hatch();
    let closed = closed_feeds(&hatch);
    HatchPage {
        layout: Layout::new(look, "The hatch", Here::Feeds).live("all").typed_into(),
        standing: standing(look, &hatch),
        reason: hatch.closed.as_ref().map(|closing| closing.reason.clone()).unwrap_or_default(),
        not_recorded: hatch.not_recorded.is_some(),
        first: look.stamp_maybe(hatch.first),
        last: look.stamp_maybe(hatch.last),
        waits: hatch.waiting > 0,
        feeds: hatch.feeds.iter().map(|feed| row(look, feed)).collect(),
        deeds: hatch.deeds.iter().map(|deed| deed_row(look, deed)).collect(),
        choices: look
            .feeds
            .iter()
            .filter(|feed| !closed.contains(&feed.name))
            .map(|feed| Choice { name: feed.name.to_string(), ticked: typed.has("feed", feed.name.as_str()) })
            .collect(),
        open_choices: closed.iter().map(ToString::to_string).collect(),
        typed_reason: typed.text("reason").to_owned(),
        typed_by: typed.text("by").to_owned(),
        typed_some: typed.text("which") == "some",
        refused,
    }
}

fn row(look: &Look<'_>, feed: &FeedHatch) -> Row {
    let mark = match (&feed.closing, feed.held) {
        (Some(_), _) => Mark::new(Level::Amber, "Closed"),
        (None, true) => Mark::new(Level::Amber, "Open again, older messages wait"),
        (None, false) => Mark::new(Level::Good, "Open"),
    };
    Row {
        name: feed.feed.to_string(),
        address: feed_address(&feed.feed),
        mark,
        closed: feed.closing.as_ref().map(|closing| look.stamp(closing.at)),
        by: feed.closing.as_ref().map(|closing| closing.by.clone()).unwrap_or_default(),
        waiting: messages(feed.waiting),
        waits: feed.waiting > 0,
        first: look.stamp_maybe(feed.first),
        last: look.stamp_maybe(feed.last),
        turned_away: thousands(feed.turned_away),
        admitting: feed
            .admitting
            .map(|(done, total)| format!("Being admitted: {} of {}", thousands(done), thousands(total))),
    }
}

fn deed_row(look: &Look<'_>, deed: &HatchDeed) -> DeedRow {
    let feeds = names(&deed.feeds);
    let words = match deed.what {
        HatchWhat::Closed => format!("Closed for {feeds}"),
        HatchWhat::Opened => format!("Opened for {feeds}"),
        HatchWhat::Admitted => format!("Admitted {} of {feeds}", messages(deed.messages)),
        HatchWhat::TurnedAway => format!("Turned away {} of {feeds}", messages(deed.messages)),
    };
    DeedRow { at: look.stamp(deed.at), by: deed.by.clone(), words, reason: deed.reason.clone() }
}

/// `POST /hatch`: `deed` is "close" or "open".
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        match typed.text("deed") {
            "close" => close(look, &typed),
            "open" => open(look, &typed),
            _ => Err(Mishap::Refused("Say first whether the hatch is to be closed or opened.".to_owned())),
        }
    })
    .await
}

/// The feeds that the form names; none for all of them.
fn feeds(typed: &Typed) -> Result<Vec<FeedName>, Mishap> {
    if typed.text("which") != "some" {
        return Ok(Vec::new());
    }
    let feeds: Vec<FeedName> = typed.all("feed").filter_map(FeedName::new).collect();
    if feeds.is_empty() {
        return Err(Mishap::Refused("Tick the feeds that are meant, or choose all feeds.".to_owned()));
    }
    Ok(feeds)
}

fn close(look: &Look<'_>, typed: &Typed) -> Result<Response, Mishap> {
    let again = |words: String, status: StatusCode| {
        FormAgain { page: page(look, typed, Some(words)), status }.into_page()
    };
    let pressed = feeds(typed).and_then(|feeds| Ok((feeds, look.signer(typed.trimmed("by"))?)));
    let (feeds, who) = match pressed {
        Ok(pressed) => pressed,
        Err(Mishap::Refused(words)) => return again(words, StatusCode::CONFLICT),
        Err(other) => return Err(other),
    };
    let intent = Intent::CloseHatch { feeds, reason: typed.trimmed("reason").to_owned() };
    match look.screens().room.submit(intent, who.as_str(), look.now) {
        Ok(_) => GoTo("/hatch?done=hatch-closed".to_owned()).into_page(),
        Err(Refused::Refusal(refusal)) => again(sentence(&refusal.to_string()), StatusCode::CONFLICT),
        Err(Refused::Fault(fault)) => unrecorded(look, typed, fault),
    }
}

/// Closed in memory alone: the page says so; the fault is for the log.
fn unrecorded(look: &Look<'_>, typed: &Typed, fault: Fault) -> Result<Response, Mishap> {
    if look.screens().room.hatch().not_recorded.is_none() {
        return Err(Mishap::room("close the hatch")(fault));
    }
    let reference = look.desk.reference();
    tracing::error!(reference, %fault, "the hatch is closed in memory, and that could not be recorded");
    FormAgain { page: page(look, typed, None), status: StatusCode::SERVICE_UNAVAILABLE }.into_page()
}

/// Opens it. A closing that never came into the record is only taken back.
fn opened(look: &Look<'_>, intent: Intent, by: &str) -> Result<Response, Mishap> {
    let room = &look.screens().room;
    let unrecorded = room.hatch().not_recorded.is_some();
    match room.submit(intent, by, look.now) {
        Ok(_) => GoTo("/hatch?done=hatch-opened".to_owned()).into_page(),
        Err(Refused::Fault(_)) if unrecorded && room.hatch().not_recorded.is_none() => {
            GoTo("/hatch?done=hatch-taken-back".to_owned()).into_page()
        }
        Err(refused) => Err(Mishap::refused("write the opening of the hatch into the record")(refused)),
    }
}

fn open(look: &Look<'_>, typed: &Typed) -> Result<Response, Mishap> {
    let feeds = feeds(typed)?;
    let who = look.signer(typed.trimmed("by"))?;
    let reason = typed.trimmed("reason").to_owned();
    if typed.text("sure") == "yes" {
        return opened(look, Intent::OpenHatch { feeds, reason }, who.as_str());
    }
    if reason.is_empty() {
        return Err(Mishap::Refused(
            "Say in a few words why the hatch may be opened: somebody will read it tomorrow.".to_owned(),
        ));
    }
    let hatch = look.screens().room.hatch();
    let wait: u64 = hatch
        .feeds
        .iter()
        .filter(|feed| feeds.is_empty() || feeds.contains(&feed.feed))
        .map(|feed| feed.waiting)
        .sum();
    let mut said = vec![
        "Do this only when somebody has found out that the sending systems can be trusted again.".to_owned(),
    ];
    said.push(if wait == 0 {
        "Nothing waits: what comes from now on is shown on pages and sheets at once.".to_owned()
    } else {
        format!(
            "Still waiting: {}. They stay kept apart, and so does what comes after them, until they are admitted or \
             turned away. That is so that nothing older is laid over something newer.",
            messages(wait)
        )
    });
    let mut hidden = vec![
        ("deed", "open".to_owned()),
        ("which", if feeds.is_empty() { "all" } else { "some" }.to_owned()),
        ("reason", reason),
        ("by", who.as_str().to_owned()),
    ];
    hidden.extend(feeds.iter().map(|feed| ("feed", feed.to_string())));
    ask(
        look,
        Question {
            title: format!("Open the hatch for {}?", names(&feeds)),
            said,
            action: "/hatch".to_owned(),
            hidden,
            button: "Open the hatch",
        },
    )
}
