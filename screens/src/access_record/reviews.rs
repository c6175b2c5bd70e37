//! `GET /access-record/reviews`, `GET`, `POST /access-record/reviews/{number}`: every broken glass until a named person says
//! what they found.
//!
//! Always: what waits longest stands first, what waits for over a day is marked; a break is closed one at a time, by somebody
//! else than broke it, and says what pages it opened. Never: closed in bulk.

use super::{LookLine, breaker, overdue, person_address, place};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::doors::barred;
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use access::break_glass::{Broken, Finding, Intent};
use access::looks::{Limits, Question};
use access::words::duration;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// Reviews that wait, on one page; the rest are counted.
const WAITING_MAX: usize = 200;
/// Reviews that are closed, listed.
const CLOSED_MAX: usize = 50;
/// Looks by one glass that are listed.
const LOOKS_MAX: usize = 100;
/// Looks read for them.
const SCANNED_MAX: u64 = 200_000;

/// What a reviewer can find, as the form sends it.
const FINDINGS: [(&str, Finding); 3] =
    [("right", Finding::Right), ("mend-rights", Finding::MendRights), ("not-right", Finding::NotRight)];

#[derive(Template)]
#[template(path = "access_record/reviews.html")]
struct ReviewsPage {
    layout: Layout,
    total: usize,
    late: usize,
    waiting: Vec<Waiting>,
    closed: Vec<Closed>,
    /// How many were closed, by what was found.
    findings: Vec<(usize, String)>,
}

struct Waiting {
    number: u32,
    who: String,
    patient: u64,
    place: String,
    at: Stamp,
    reason: &'static str,
    waited: String,
    late: bool,
}

struct Closed {
    number: u32,
    who: String,
    patient: u64,
    by: String,
    at: String,
    finding: String,
    note: String,
}

#[derive(Template)]
#[template(path = "access_record/review.html")]
struct ReviewPage {
    layout: Layout,
    refused: Option<String>,
    number: u32,
    who: String,
    who_address: String,
    patient: u64,
    facts: Vec<(&'static str, String)>,
    late: bool,
    waited: String,
    closed: Option<Closed>,
    lines: Vec<LookLine>,
    findings: Vec<(&'static str, String, bool)>,
    note: String,
}

/// `GET /access-record/reviews`
pub async fn list(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)?))).await
}

fn page(look: &Look<'_>) -> Result<ReviewsPage, Mishap> {
    look.visitor()?;
    let (waiting, closed): (Vec<Broken>, Vec<Broken>) =
        look.access().read(|book| book.glass.newest().cloned().partition(|broken| broken.closed.is_none()));
    let findings = FINDINGS.map(|(_, finding)| {
        let found = |broken: &&Broken| broken.closed.as_ref().is_some_and(|(_, is, _)| *is == finding);
        (closed.iter().filter(found).count(), finding.words().to_owned())
    });
    Ok(ReviewsPage {
        layout: Layout::new(look, "Broken glass to review", Here::Nowhere).still(),
        total: waiting.len(),
        late: waiting.iter().filter(|broken| overdue(look, broken)).count(),
        // The oldest first.
        waiting: waiting.iter().rev().take(WAITING_MAX).map(|broken| waits(look, broken)).collect(),
        closed: closed.iter().take(CLOSED_MAX).filter_map(|broken| is_closed(look, broken)).collect(),
        findings: findings.into(),
    })
}

fn waits(look: &Look<'_>, broken: &Broken) -> Waiting {
    Waiting {
        number: broken.number,
        who: breaker(look, broken),
        patient: broken.patient.0,
        place: place(broken),
        at: look.stamp(broken.stamp.at),
        reason: broken.reason.words(),
        waited: duration(look.now.seconds_since(broken.stamp.at)),
        late: overdue(look, broken),
    }
}

fn is_closed(look: &Look<'_>, broken: &Broken) -> Option<Closed> {
    let (stamp, finding, note) = broken.closed.as_ref()?;
    Some(Closed {
        number: broken.number,
        who: breaker(look, broken),
        patient: broken.patient.0,
        by: look.access().read(|book| book.name(&stamp.by)),
        at: look.zone().clinical(stamp.at),
        finding: finding.words().to_owned(),
        note: note.clone(),
    })
}

/// `GET /access-record/reviews/{number}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(number): Path<String>) -> Response {
    desk.page(visit, move |look| Ok(Html(one(look, &number, &Typed::default(), None)?))).await
}

/// `POST /access-record/reviews/{number}`: `finding` is `right`, `mend-rights` or `not-right`; with a `note`.
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        match close(look, &number, &typed) {
            Ok(()) => GoTo("/access-record/reviews?done=glass-reviewed".to_owned()).into_page(),
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                let page = one(look, &number, &typed, Some(why))?;
                crate::desk::FormAgain { page, status }.into_page()
            }
        }
    })
    .await
}

fn close(look: &Look<'_>, number: &str, typed: &Typed) -> Result<(), Mishap> {
    let number = number.parse().map_err(|_| no_break())?;
    let chosen = FINDINGS.into_iter().find(|(code, _)| *code == typed.text("finding"));
    let (_, finding) = chosen.ok_or_else(|| Mishap::Refused("Choose what you found.".to_owned()))?;
    let note = typed.text("note").to_owned();
    look.admit("close the review", Intent::Close { number, finding, note })?;
    Ok(())
}

fn no_break() -> Mishap {
    Mishap::NotFound {
        what: "No glass was broken under this number.".to_owned(),
        next: "Look at the list of reviews.",
    }
}

fn one(look: &Look<'_>, number: &str, typed: &Typed, refused: Option<String>) -> Result<ReviewPage, Mishap> {
    let by = look.visitor()?.by();
    let number: u32 = number.parse().map_err(|_| no_break())?;
    let broken = look.access().read(|book| book.glass.broken(number).cloned()).ok_or_else(no_break)?;
    let (who, device) = look
        .access()
        .read(|book| (book.people.name(&broken.who), book.devices.name(&broken.device, &broken.from)));
    // Clocks jump: looks by this glass are told by its number, whenever they say they were.
    let question = Question { who: Some(broken.who.clone()), broken: true, ..Question::default() };
    let limits = Limits { scanned_max: SCANNED_MAX, found_max: LOOKS_MAX };
    let found = look
        .access()
        .search_looks(&by, &question, None, (limits, look.now))
        .map_err(barred("search the looks"))?;
    let by_it = found.found.iter().filter(|found| found.look.broken == Some(number));
    Ok(ReviewPage {
        layout: Layout::new(look, format!("Broken glass {number}"), Here::Nowhere).still(),
        refused,
        number,
        who,
        who_address: person_address(&broken.who),
        patient: broken.patient.0,
        facts: vec![
            ("When", look.zone().clinical(broken.stamp.at)),
            ("Open until", look.zone().clinical(broken.until)),
            ("The patient lay", place(&broken)),
            ("Reason chosen", crate::names::capital(broken.reason.words())),
            ("In their words", broken.words.clone()),
            ("At", device),
        ],
        late: overdue(look, &broken),
        waited: duration(look.now.seconds_since(broken.stamp.at)),
        closed: is_closed(look, &broken),
        lines: by_it.map(|found| LookLine::new(look, found, Some(broken.patient))).collect(),
        findings: FINDINGS
            .map(|(code, finding)| {
                (code, crate::names::capital(finding.words()), typed.text("finding") == code)
            })
            .into(),
        note: typed.text("note").to_owned(),
    })
}
