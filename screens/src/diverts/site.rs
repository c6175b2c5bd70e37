//! `GET /diverts/sites/{site}`: a site's own page, made for a telephone in one hand: its figures in three taps.
//! `POST …/figures`, `…/standing`, `…/acknowledge`.
//!
//! Always: the figures stand first; the numbers of last time are shown but never sent again by silence.

use super::board::{SiteLine, site_line};
use super::{Place, Question, Tick, decide, does, layout, page, pathway_ticks, pathways_of, site_of};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::{Mishap, sentence};
use crate::names::encoded;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{EntryNumber, SiteId};
use incident::Person;
use incident::diverts::{Figures, Intent, Shown, Source, Stage, Standing, board, concerned, told_words};

#[derive(Template)]
#[template(path = "diverts/site.html")]
struct SitePage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    typed: Typed,
    address: String,
    name: String,
    line: SiteLine,
    changes: Vec<(u64, String, Stamp)>,
    requests: Vec<(String, String)>,
    /// What the plan in force means here: its page's address, its words.
    plan: Option<(String, String)>,
    pathways: Vec<Tick>,
    standings: Vec<Tick>,
    newest: u64,
}

/// `GET /diverts/sites/{site}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(site): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let site = look.incidents(|book| site_of(book, &site))?;
        page(site_page(look, place, &site, Typed::default(), None)?)
    })
    .await
}

fn site_page(
    look: &Look<'_>,
    place: Place,
    site: &SiteId,
    typed: Typed,
    refused: Option<String>,
) -> Result<SitePage, Mishap> {
    let shown = look.incidents(|book| board(book, place.ground, look.now));
    let row = shown.sites.iter().find(|row| row.site == *site).ok_or_else(Mishap::no_page)?;
    let waits = look.screens().planner.waits(look.screens().room.incident(), place.ground, look.now);
    let changes = shown.unacknowledged.iter().filter(|c| c.sites.contains(site));
    let changes = changes
        .map(|c| (c.entry.0, c.what.clone(), look.stamp(shown.now.plus_seconds(-c.waiting_seconds))))
        .collect();
    let silent = |row: &&incident::diverts::DivertRow| {
        row.stage == Stage::Requested
            && row.divert.receivers.iter().any(|r| r.site == *site && r.answer.is_none())
    };
    let requests = shown
        .diverts
        .iter()
        .filter(silent)
        .map(|row| {
            let words = format!("{}: {}", crate::names::capital(&row.divert.words()), row.divert.reason);
            (format!("/diverts/{}{}", row.divert.number, place.query()), words)
        })
        .collect();
    let (able, newest) = look.incidents(|book| {
        let able = book.diverts.site(site).map(|s| s.able.clone()).unwrap_or_default();
        (able, book.diverts.on(place.ground).alerted_at().0)
    });
    let standing = |(value, standing): (&str, Standing)| Tick {
        value: value.to_owned(),
        words: crate::names::capital(standing.word()),
        chosen: typed.text("standing") == value,
    };
    let title = format!("{site}: figures");
    // The telephone's page is not renewed while somebody types on it.
    let mut layout = layout(look, title, &place).typed_into();
    if refused.is_some() {
        layout = layout.still();
    }
    Ok(SitePage {
        refused,
        address: format!("/diverts/sites/{}", encoded(site.as_str())),
        name: site.to_string(),
        line: site_line(look, &place, row, waits.get(site)),
        changes,
        requests,
        plan: plan_here(look, &place, site),
        pathways: pathway_ticks(&able, &typed),
        standings: STANDINGS.map(standing).into(),
        newest,
        typed,
        layout,
        place,
    })
}

/// The plan in force in this site's own words, while it may be gone by.
fn plan_here(look: &Look<'_>, place: &Place, site: &SiteId) -> Option<(String, String)> {
    look.incidents(|book| {
        let there = book.diverts.on(place.ground);
        let plan = book.diverts.plan_in_force(place.ground)?;
        let shown = plan.shown(&book.diverts.rules, there.changed_at, book.now(look.now));
        let holds = matches!(shown, Shown::Current | Shown::InForceGaps);
        let concerned = holds && concerned(there, plan).contains(site);
        let address = format!("/diverts/plans/{}{}", plan.number, place.query());
        concerned.then(|| (address, told_words(book, there, plan, site)))
    })
}

const STANDINGS: [(&str, Standing); 3] =
    [("open", Standing::Open), ("limited", Standing::Limited), ("closed", Standing::Closed)];

/// `POST /diverts/sites/{site}/{deed}`
pub async fn deed(
    State(desk): State<Desk>,
    visit: Visit,
    Path((site, deed)): Path<(String, String)>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let site = look.incidents(|book| site_of(book, &site))?;
        let done = |who: &Person| {
            let (intents, done) = intents(&typed, &place, &site, &deed)?;
            for intent in intents {
                decide(look, intent, who)?;
            }
            Ok(place.done(&format!("/diverts/sites/{}", encoded(site.as_str())), done))
        };
        let again = |why| site_page(look, place.clone(), &site, typed.clone(), Some(why));
        does(look, &typed, done, again)
    })
    .await
}

/// What a form asks for, one decision after the other: all changes that the page showed are acknowledged by one press.
fn intents(
    typed: &Typed,
    place: &Place,
    site: &SiteId,
    deed: &str,
) -> Result<(Vec<Intent>, &'static str), Mishap> {
    let (ground, site) = (place.ground, site.clone());
    let (one, done) = match deed {
        "figures" => {
            let figures = figures(typed)?;
            let source = Source::Told;
            (Intent::TellFigures { ground, site, figures, as_at: None, source }, "divert-figures")
        }
        "standing" => {
            let value = typed.trimmed("standing");
            let standing = STANDINGS
                .iter()
                .find(|(name, _)| *name == value)
                .map(|(_, standing)| *standing)
                .ok_or_else(|| Mishap::Refused("Choose open, limited or closed.".to_owned()))?;
            let (pathways, reason) = (pathways_of(typed), typed.trimmed("reason").to_owned());
            (Intent::TellStanding { ground, site, pathways, standing, reason }, "divert-standing")
        }
        "acknowledge" => {
            let numbers = typed.all("change").map(|number| number.trim().parse().unwrap_or(0));
            let acknowledge =
                |number| Intent::Acknowledge { ground, change: EntryNumber(number), site: site.clone() };
            return Ok((numbers.map(acknowledge).collect(), "divert-acknowledged"));
        }
        _ => return Err(Mishap::no_page()),
    };
    Ok((vec![one], done))
}

/// Three boxes, or the short form in the first: “14 52 9”.
fn figures(typed: &Typed) -> Result<Figures, Mishap> {
    let first = typed.trimmed("waiting");
    let parts = [first, typed.trimmed("longest"), typed.trimmed("staffed")];
    let whole = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    if first.is_empty() {
        return Err(Mishap::Refused(
            "Write how many wait in ambulances, 0 if nobody does, then the longest of their waits in minutes."
                .to_owned(),
        ));
    }
    // Nobody waiting: nobody has waited long either.
    let whole = if whole == "0" { "0 0".to_owned() } else { whole };
    let staffed_alone =
        parts.get(1).is_some_and(|p| p.is_empty()) && parts.get(2).is_some_and(|p| !p.is_empty());
    if staffed_alone && first != "0" {
        return Err(Mishap::Refused("Write the longest wait in minutes as well.".to_owned()));
    }
    let whole = if staffed_alone { format!("0 0 {}", typed.trimmed("staffed")) } else { whole };
    Figures::read(&whole).map_err(|why| Mishap::Refused(sentence(&why.to_string())))
}
