//! `GET` and `POST /diverts/ask`: which site, which patients, who shall take them, why and for how long.

use super::{Place, Question, Tick, chosen_site, decide, does, layout, page, pathway_ticks, pathways_of};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::Mishap;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::diverts::{Intent, MINUTES_MAX, Pathway, Request, board};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "diverts/ask.html")]
struct AskPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    typed: Typed,
    sites: Vec<SiteChoice>,
    pathways: Vec<Tick>,
    usual_minutes: u32,
    minutes_max: u32,
}

struct SiteChoice {
    name: String,
    from: bool,
    to: bool,
    /// How it stands, in a few words, so that nobody is asked in vain.
    words: String,
}

/// `?exercise=&from=&follows=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AskQuestion {
    exercise: String,
    from: String,
    follows: String,
}

/// `GET /diverts/ask`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<AskQuestion>) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("from", asked.from).or("follows", asked.follows);
        page(form(look, &asked.exercise, typed, None)?)
    })
    .await
}

fn form(look: &Look<'_>, exercise: &str, typed: Typed, refused: Option<String>) -> Result<AskPage, Mishap> {
    let place = look.incidents(|book| Place::of(book, exercise))?;
    let shown = look.incidents(|book| board(book, place.ground, look.now));
    let sites = shown
        .sites
        .iter()
        .map(|row| {
            let figures = row.figures.as_ref().map_or_else(|| "no figures".to_owned(), |f| f.figures.words());
            let old = if row.stale { ", old" } else { "" };
            SiteChoice {
                name: row.site.to_string(),
                from: typed.has("from", row.site.as_str()),
                to: typed.has("to", row.site.as_str()),
                words: format!("{figures}{old}"),
            }
        })
        .collect();
    let diverted: Vec<Pathway> = Pathway::ALL.into_iter().filter(|p| *p != Pathway::Resuscitation).collect();
    Ok(AskPage {
        layout: layout(look, "Ask for a divert", &place).still(),
        refused,
        sites,
        pathways: pathway_ticks(&diverted, &typed),
        usual_minutes: look.incidents(|book| book.diverts.rules.expiry_minutes),
        minutes_max: MINUTES_MAX,
        typed,
        place,
    })
}

/// `POST /diverts/ask`
pub async fn ask(
    State(desk): State<Desk>,
    visit: Visit,
    Asked(_): Asked<Question>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let done = |who: &_| {
            let request = Request {
                from: chosen_site(typed.trimmed("from"))?,
                receivers: typed.all("to").filter_map(SiteId::new).collect(),
                pathways: pathways_of(&typed),
                reason: typed.trimmed("reason").to_owned(),
                minutes: minutes(&typed)?,
                follows: typed.number("follows").and_then(|n| u32::try_from(n).ok()),
            };
            decide(look, Intent::Request { ground: place.ground, request }, who)?;
            let number = look.incidents(|book| book.diverts.on(place.ground).diverts.len());
            Ok(place.done(&format!("/diverts/{number}"), "divert-asked"))
        };
        let again = |why| form(look, typed.text("exercise"), typed.clone(), Some(why));
        does(look, &typed, done, again)
    })
    .await
}

/// Minutes as they were typed; empty for the usual ones.
pub fn minutes(typed: &Typed) -> Result<Option<u32>, Mishap> {
    match typed.trimmed("minutes") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            Mishap::Refused(format!(
                "“{}” is no number of minutes; write one such as 60.",
                basics::clip(text, 40)
            ))
        }),
    }
}
