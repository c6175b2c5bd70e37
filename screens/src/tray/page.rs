//! `GET /tray?feed=&kind=&after=`: what waits, oldest first, and what to do about it.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{encoded, thousands};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::{EntryNumber, FeedName};
use care::ProblemKind;
use control_room::{TrayFilter, TrayItem};
use serde::Deserialize;

/// Most messages listed on one page.
pub const ITEMS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "tray/page.html")]
struct TrayPage {
    layout: Layout,
    total: u64,
    count: String,
    filtered: String,
    feeds: Vec<FeedChoice>,
    kind: &'static str,
    feed: String,
    items: Vec<Item>,
    next: Option<String>,
}

struct FeedChoice {
    name: String,
    waiting: u64,
    chosen: bool,
}

struct Item {
    entry: u64,
    feed: String,
    message_type: String,
    received: Stamp,
    cost: &'static str,
    class: &'static str,
    problem: String,
    more: usize,
    replayed: u32,
}

/// The filter.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    feed: String,
    kind: String,
    after: String,
}

/// `GET /tray`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(question): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let filter = TrayFilter {
            feed: FeedName::new(&question.feed),
            kind: kind(&question.kind),
            after: question.after.parse().ok().map(EntryNumber),
            limit: ITEMS_MAX + 1,
        };
        let items = look.screens().room.tray(&filter).map_err(Mishap::room("read the tray"))?;
        Ok(Html(page(look, &filter, items)))
    })
    .await
}

fn kind(text: &str) -> Option<ProblemKind> {
    match text {
        "lost" => Some(ProblemKind::NotUnderstood),
        "part" => Some(ProblemKind::PartLost),
        _ => None,
    }
}

fn kind_code(kind: Option<ProblemKind>) -> &'static str {
    match kind {
        Some(ProblemKind::NotUnderstood) => "lost",
        Some(ProblemKind::PartLost) => "part",
        _ => "",
    }
}

fn page(look: &Look<'_>, filter: &TrayFilter, mut items: Vec<TrayItem>) -> TrayPage {
    let counts = look.screens().room.tray_counts();
    let more = items.len() > ITEMS_MAX;
    items.truncate(ITEMS_MAX);
    let feed = filter.feed.as_ref().map_or(String::new(), ToString::to_string);
    let next = items.last().filter(|_| more).map(|last| {
        format!("/tray?feed={}&kind={}&after={}", encoded(&feed), kind_code(filter.kind), last.entry)
    });
    TrayPage {
        layout: Layout::new(look, "Tray", Here::Feeds).live("tray"),
        total: counts.total,
        count: format!("{} listed of {} in the tray", items.len(), thousands(counts.total)),
        filtered: filter_words(filter),
        feeds: look
            .feeds
            .iter()
            .map(|f| FeedChoice {
                name: f.name.to_string(),
                waiting: f.in_tray,
                chosen: Some(&f.name) == filter.feed.as_ref(),
            })
            .collect(),
        kind: kind_code(filter.kind),
        feed,
        items: items.into_iter().map(|i| item(look, i)).collect(),
        next,
    }
}

fn filter_words(filter: &TrayFilter) -> String {
    let mut words = Vec::new();
    if let Some(feed) = &filter.feed {
        words.push(format!("only feed {feed}"));
    }
    match filter.kind {
        Some(ProblemKind::NotUnderstood) => words.push("only those not understood at all".to_owned()),
        Some(ProblemKind::PartLost) => words.push("only those understood in part".to_owned()),
        _ => {}
    }
    if let Some(after) = filter.after {
        words.push(format!("after entry {after}"));
    }
    words.join(", ")
}

/// What a message in the tray cost, and the style sheet's name for it.
pub fn cost(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::NotUnderstood => ("Not understood", "tag-red"),
        ProblemKind::PartLost => ("Part lost", "tag-amber"),
        ProblemKind::Imperfect => ("Imperfect", "tag-grey"),
    }
}

/// "PID-3: The patient has no number": where and what.
fn said(problem: &care::Problem) -> String {
    if problem.place.is_empty() {
        problem.text.clone()
    } else {
        format!("{}: {}", problem.place, problem.text)
    }
}

fn item(look: &Look<'_>, item: TrayItem) -> Item {
    let (cost, class) = cost(item.kind);
    let worst = item.problems.iter().max_by_key(|p| p.kind);
    Item {
        entry: item.entry.0,
        feed: item.feed.to_string(),
        message_type: if item.message_type.is_empty() {
            "Type unreadable".to_owned()
        } else {
            item.message_type
        },
        received: look.stamp(item.received),
        cost,
        class,
        problem: worst.map_or("No reason was given".to_owned(), said),
        more: item.problems.len().saturating_sub(1),
        replayed: item.replayed,
    }
}
