//! `GET /sessions?q=&page=`: who is signed in where; `POST /sessions/{one,person,device}`: ended, with a reason.

use super::{Line, device_of, line};
use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded};
use access::StaffNumber;
use access::people::Spot;
use access::rights::Right;
use access::sessions::{Intent, Revoke};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

/// Sessions shown at once.
const SHOWN_MAX: usize = 100;
/// Longest question read, in bytes.
const QUESTION_BYTES_MAX: usize = 120;

#[derive(Template)]
#[template(path = "sessions/page.html")]
struct SessionsPage {
    layout: Layout,
    refused: Option<String>,
    question: String,
    found: String,
    lines: Vec<Line>,
    before: Option<String>,
    after: Option<String>,
    why: String,
    /// Names lead to accounts.
    accounts: bool,
    /// Everybody can be signed out from here.
    plug: bool,
}

/// The question.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    q: String,
    page: String,
}

/// `GET /sessions`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked, None, "")))).await
}

/// `POST /sessions/{deed}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(deed): Path<String>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        match ended(look, &deed, &typed) {
            Ok(()) => GoTo("/sessions?done=sessions-ended".to_owned()).into_page(),
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                let page = page(look, &Question::default(), Some(why), typed.text("why"));
                FormAgain { page, status }.into_page()
            }
        }
    })
    .await
}

fn ended(look: &Look<'_>, deed: &str, typed: &Typed) -> Result<(), Mishap> {
    look.visitor()?;
    let unread = || Mishap::Bad("Which session? Press a button in the list.".to_owned());
    let what = match deed {
        "one" => {
            let (number, key) = typed.text("session").rsplit_once(' ').ok_or_else(unread)?;
            let number = StaffNumber::new(number).ok_or_else(unread)?;
            let device = device_of(key).ok_or_else(unread)?;
            let found = look.access().read(|book| {
                let mut theirs = book.sessions.of(&number, look.now);
                theirs.find(|(_, session)| session.device == device).map(|(session, _)| *session)
            });
            let over = || Mishap::Refused("That session is over already. Look at the list again.".to_owned());
            Revoke::Session(found.ok_or_else(over)?)
        }
        "person" => Revoke::Person(StaffNumber::new(typed.text("person")).ok_or_else(unread)?),
        "device" => Revoke::Device(device_of(typed.text("device")).ok_or_else(unread)?),
        _ => return Err(Mishap::no_page()),
    };
    look.admit("end the sessions", Intent::Revoke { what, why: typed.trimmed("why").to_owned() })?;
    Ok(())
}

fn page(look: &Look<'_>, asked: &Question, refused: Option<String>, why: &str) -> SessionsPage {
    let layout = Layout::new(look, "Who is signed in", Here::Nowhere).still();
    let question = basics::tidy(&asked.q, QUESTION_BYTES_MAX);
    let words: Vec<String> = question.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut lines: Vec<Line> = look.access().read(|book| {
        let mut all: Vec<_> = book.sessions.all(look.now).map(|(_, session)| session).collect();
        // The newest first.
        all.sort_by_key(|session| std::cmp::Reverse(session.opened.entry));
        all.into_iter().map(|session| line(look, book, session)).collect()
    });
    lines.retain(|line| {
        let text = format!("{} {} {} {}", line.number, line.name, line.device, line.way).to_lowercase();
        words.iter().all(|word| text.contains(word))
    });
    let matching = lines.len();
    let last = matching.div_ceil(SHOWN_MAX).max(1);
    let page = asked.page.parse::<usize>().unwrap_or(1).clamp(1, last);
    let at = |page: usize| format!("/sessions?q={}&page={page}", encoded(&question));
    let may = |right: Right, address: &str| {
        let visitor = look.visit.visitor();
        look.access().may(visitor, (right, address), (&Spot::Trust, None), look.now).allowed()
    };
    SessionsPage {
        layout,
        refused,
        found: match last {
            1 => counted(matching, "session", "sessions"),
            last => format!("{}, page {page} of {last}", counted(matching, "session", "sessions")),
        },
        lines: lines.into_iter().skip((page - 1) * SHOWN_MAX).take(SHOWN_MAX).collect(),
        before: (page > 1).then(|| at(page - 1)),
        after: (page < last).then(|| at(page + 1)),
        why: why.to_owned(),
        accounts: may(Right::Look, "/people/{number}"),
        plug: may(Right::Look, "/sign-everybody-out"),
        question,
    }
}
