//! `GET /directory?q=&site=&kind=`: whom to ring, with the number that works now; results while typing, and without.

use super::{ground, sites};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::names::{capital, counted, encoded};
use crate::parts::{Level, Mark};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::directory::{DialRow, EntryBoard, EntryKind, Question, Route, RouteState, SiteRoutes};
use serde::Deserialize;

/// Longest question read, in bytes.
const QUESTION_BYTES_MAX: usize = 120;
/// Entries shown at once.
const SHOWN_MAX: usize = 40;

#[derive(Template)]
#[template(path = "directory/page.html")]
struct DirectoryPage {
    layout: Layout,
    question: String,
    sites: Vec<(String, bool)>,
    kind: String,
    total: usize,
    count: String,
    told: Vec<(String, String)>,
    entries: Vec<Entry>,
    query: String,
}

/// One entry as pages show it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its page.
    pub address: String,
    /// Its name.
    pub name: String,
    /// "role".
    pub kind: &'static str,
    /// Title, place, hospital.
    pub about: String,
    /// Where a runner finds it.
    pub location: String,
    /// The number to dial now.
    pub first: Option<Dial>,
    /// The others, in order.
    pub others: Vec<Dial>,
    /// Who holds the role now: post, person, contact.
    pub held: Vec<(String, String, String)>,
    /// "on duty until 20:00".
    pub duty: Option<String>,
    /// Anything else.
    pub notes: String,
}

/// One number as pages show it.
#[derive(Clone, Debug)]
pub struct Dial {
    /// "Direct line".
    pub route: String,
    /// As people wrote it.
    pub number: String,
    /// `tel:`, `mailto:` or nothing.
    pub href: Option<String>,
    /// Said of its route, when anything was.
    pub mark: Option<Mark>,
}

impl Dial {
    fn new(row: &DialRow) -> Self {
        let digits: String = row.number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        let href = match row.route {
            Route::Direct | Route::Mobile => Some(format!("tel:{digits}")),
            Route::Email => Some(format!("mailto:{}", row.number)),
            _ => None,
        };
        Self {
            route: capital(row.route.word()),
            number: row.number.clone(),
            href,
            mark: state_mark(row.state, &row.note),
        }
    }
}

/// What is known of a route; nothing while nobody has said anything.
pub fn state_mark(state: RouteState, note: &str) -> Option<Mark> {
    let level = match state {
        RouteState::Unknown => return None,
        RouteState::Working => Level::Good,
        RouteState::Unreliable => Level::Amber,
        RouteState::Down => Level::Red,
    };
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    Some(Mark::new(level, format!("{}{note}", capital(state.word()))))
}

impl Entry {
    /// From the board.
    pub fn new(look: &Look<'_>, board: &EntryBoard) -> Self {
        let entry = &board.entry;
        let site = entry.site.as_ref().map_or("", SiteId::as_str);
        let parts = [entry.title.as_str(), entry.place.as_str(), site];
        let about: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut dial = board.dial.iter().map(Dial::new);
        Self {
            address: format!("/directory/{}", board.id.0),
            name: entry.name.clone(),
            kind: entry.kind.word(),
            about: about.join(", "),
            location: entry.location.clone(),
            first: dial.next(),
            others: dial.collect(),
            held: board
                .held
                .iter()
                .map(|held| (held.post.clone(), held.person.clone(), held.contact.clone()))
                .collect(),
            duty: board.on_duty_until.map(|at| format!("On duty until {}", look.zone().hour_minute(at))),
            notes: entry.notes.clone(),
        }
    }
}

/// The question.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asking {
    q: String,
    site: String,
    kind: String,
}

impl Asking {
    /// As the rules read it.
    pub fn question(&self, limit: usize) -> Question {
        Question {
            words: basics::tidy(&self.q, QUESTION_BYTES_MAX),
            site: SiteId::new(&self.site),
            kind: EntryKind::ALL.into_iter().find(|kind| kind.word() == self.kind),
            limit,
        }
    }
}

/// `GET /directory`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asking): Asked<Asking>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asking)))).await
}

fn page(look: &Look<'_>, asking: &Asking) -> DirectoryPage {
    let question = asking.question(SHOWN_MAX);
    let (board, ground) = look.incidents(|book| {
        let ground = ground(book);
        (book.directory.board(book, ground, &question, look.now), ground)
    });
    let count = match (board.found.len(), board.matching) {
        (_, 0) => "Nothing found".to_owned(),
        (shown, all) if shown < all => format!("First {shown} of {all} entries: type more to narrow it down"),
        (_, all) => counted(all, "entry", "entries"),
    };
    let query = [("q", question.words.as_str()), ("site", &asking.site), ("kind", &asking.kind)];
    let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
    DirectoryPage {
        layout: Layout::new(look, "Directory", Here::Directory).on(ground),
        sites: sites(look, &asking.site),
        kind: asking.kind.clone(),
        total: board.total,
        count,
        told: board.routes.iter().filter_map(told).collect(),
        entries: board.found.iter().map(|entry| Entry::new(look, entry)).collect(),
        question: question.words,
        query: query.join("&"),
    }
}

fn told(site: &SiteRoutes) -> Option<(String, String)> {
    let name = site.site.as_ref().map_or_else(|| "Whole trust".to_owned(), ToString::to_string);
    site.words().map(|words| (name, words))
}
