//! `GET /public-updates`: what the public reads now, when it hears more, what waits, and whether it got there.
//!
//! Always: the promised time first, and "late" in words once it has passed; each place that the page is pushed to,
//! with what failed. Proved by `tests/public_updates.rs`.

use super::ground::{Choice, Which, choices, chosen, word};
use super::one::mark;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::handed::SocialPost;
use crate::layout::{Beside, Layout};
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::Moment;
use incident::Ground;
use incident::public_updates::{Latest, PublicBoard, PublicUpdate};
use incident::wording::duration;

/// The promise is amber so long before its time, in seconds.
const SOON_SECONDS: i64 = 15 * 60;
/// Updates listed; older ones stay in the book and on the public's own history.
const LISTED_MAX: usize = 100;

#[derive(Template)]
#[template(path = "public_updates/page.html")]
struct PublicPage {
    layout: Layout,
    choices: Vec<Choice>,
    ground: String,
    exercise: bool,
    now: Now,
    promise: Option<(Mark, String)>,
    drafts: Vec<Row>,
    set_up: bool,
    has_press: bool,
    address: Option<String>,
    places: Vec<PlaceLine>,
    posts: Result<Vec<SocialPost>, String>,
    history: Vec<Row>,
    history_all: usize,
}

enum Now {
    Nothing,
    Update { number: u32, sentence: String, at: Stamp },
    Withdrawn { number: u32, at: Stamp },
}

struct Row {
    number: u32,
    sentence: String,
    mark: Mark,
    by: String,
    at: Stamp,
}

struct PlaceLine {
    name: String,
    mark: Mark,
    pushed: Stamp,
    failing: Option<(Stamp, String)>,
}

/// `GET /public-updates`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked.ground)))).await
}

fn page(look: &Look<'_>, asked: &str) -> PublicPage {
    let now = look.incident_now();
    let press = look.screens().public.as_ref();
    let (ground, choices, board, updates) = look.incidents(|book| {
        let ground = chosen(book, asked);
        let board = book.public_updates.board(book, ground);
        (ground, choices(book, ground), board, book.public_updates.all(ground).to_vec())
    });
    let row = |update: &PublicUpdate| row(look, update);
    let drafts = updates.iter().filter(|u| u.standing == incident::public_updates::Standing::Draft);
    let address = press.and_then(|press| press.address());
    PublicPage {
        layout: Layout::of_incident(look, "Public updates", Beside::PublicUpdates).on(ground),
        choices,
        ground: word(ground),
        exercise: ground != Ground::Real,
        now: match &board.latest {
            Latest::Nothing => Now::Nothing,
            Latest::Update(p) => Now::Update {
                number: p.number,
                sentence: p.content.english.sentence.clone(),
                at: look.stamp(p.at),
            },
            Latest::Withdrawn { number, withdrawn_at, .. } => {
                Now::Withdrawn { number: *number, at: look.stamp(*withdrawn_at) }
            }
        },
        promise: promise(look, &board, now),
        drafts: drafts.map(row).collect(),
        set_up: address.is_some(),
        has_press: press.is_some(),
        address,
        places: places(look, ground),
        posts: press.map_or_else(|| Ok(Vec::new()), |press| press.posts(&board)),
        history_all: updates.len(),
        history: updates.iter().rev().take(LISTED_MAX).map(row).collect(),
    }
}

/// When the public hears more, with the time until then, or how late it is.
fn promise(look: &Look<'_>, board: &PublicBoard, now: Moment) -> Option<(Mark, String)> {
    let at = board.next_update?;
    let time = look.incidents(|book| book.say(at, now));
    let left = at.seconds_since(now);
    Some(if left < 0 {
        let mark = Mark::new(Level::Red, format!("Late by {}", duration(-left)));
        (mark, format!("The public was promised more by {time}, and the page says that it is late."))
    } else {
        let level = if left < SOON_SECONDS { Level::Amber } else { Level::Good };
        let mark = Mark::new(level, format!("Next update in {}", duration(left)));
        (mark, format!("The public was promised more by {time}."))
    })
}

fn row(look: &Look<'_>, update: &PublicUpdate) -> Row {
    Row {
        number: update.number,
        sentence: update.content.english.sentence.clone(),
        mark: mark(update),
        by: update.written.by.to_string(),
        at: look.stamp(update.written.at),
    }
}

fn places(look: &Look<'_>, ground: Ground) -> Vec<PlaceLine> {
    let Some(press) = &look.screens().public else { return Vec::new() };
    let line = |place: crate::handed::PublicPlace| PlaceLine {
        mark: match (&place.failing, place.waiting, place.pushed) {
            (Some(_), ..) => Mark::new(Level::Red, "Not there: being tried again"),
            (None, true, _) => Mark::new(Level::Amber, "On its way"),
            (None, false, Some(_)) => Mark::new(Level::Good, "There"),
            (None, false, None) => Mark::new(Level::Plain, "Nothing sent yet"),
        },
        name: place.name,
        pushed: look.stamp_maybe(place.pushed),
        failing: place.failing.map(|(since, why)| (look.stamp(since), why)),
    };
    press.places(ground).into_iter().map(line).collect()
}
