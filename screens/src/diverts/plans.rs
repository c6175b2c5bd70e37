//! `GET` and `POST /diverts/plans`: make a plan from the board, ask what if, and every plan there ever was.
//!
//! Always: what is asked about is shown before anybody is asked to accept it; a plan that was made is a proposal until a
//! named person accepts it; old plans stay.

use super::{Place, Tick, does, layout, page, per_h, percent};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::{Mishap, sentence};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control_room::{CrewAdvice, PlannerRefused, WhatIf};
use incident::Person;
use incident::diverts::{Pathway, Proposal, Proposed, Settled, Shown};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "diverts/plans.html")]
struct PlansPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    typed: Typed,
    trouble: Option<String>,
    region: Option<RegionLine>,
    sites: Vec<String>,
    pathways: Vec<Tick>,
    plans: Vec<PlanLine>,
    thought: Option<ThoughtLines>,
    crew: Option<Result<CrewAdvice, String>>,
    zones: Vec<String>,
}

struct RegionLine {
    name: String,
    words: String,
    times: String,
    read: String,
    estimated: bool,
    notes: Vec<String>,
    /// When and why it could not be read anew.
    failed: Option<(String, Stamp)>,
    codes: Vec<(String, String)>,
}

struct PlanLine {
    address: String,
    words: String,
    tag: &'static str,
    by: String,
    at: Stamp,
    mark: String,
}

/// What a what-if would change, against the plan for things as they are.
struct ThoughtLines {
    asked: Vec<String>,
    lines: Vec<(String, String, String, bool)>,
    travel: String,
    reasons: Vec<String>,
    unserved: Vec<String>,
    help: Vec<String>,
    notes: Vec<String>,
}

/// `?exercise=&close=&lose=…`: what is asked about, and one crew's question.
#[derive(Deserialize, Default, Clone)]
#[serde(transparent)]
pub struct PlansQuestion(Typed);

/// `GET /diverts/plans`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<PlansQuestion>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, asked.0.text("exercise")))?;
        let (mut refused, mut thought, mut crew) = (None, None, None);
        if asked.0.text("ask") == "what-if" {
            match what_ifs(&asked.0).and_then(|what| think(look, &place, &what)) {
                Ok(lines) => thought = Some(lines),
                Err(why) => refused = Some(why),
            }
        }
        if asked.0.text("ask") == "crew" {
            let (zone, code) = (asked.0.trimmed("zone"), asked.0.trimmed("code"));
            let room = look.screens().room.incident();
            let advice = look.screens().planner.advise(room, place.ground, (zone, code), look.now);
            crew = Some(advice.map_err(|why| sentence(&why.to_string())));
        }
        page(PlansPage { refused, thought, crew, ..plans_page(look, place, asked.0.clone()) })
    })
    .await
}

fn plans_page(look: &Look<'_>, place: Place, typed: Typed) -> PlansPage {
    let region = look.screens().planner.region();
    let (plans, sites) = look.incidents(|book| {
        let there = book.diverts.on(place.ground);
        let now = book.now(look.now);
        let line = |p: &Proposed| PlanLine {
            address: format!("/diverts/plans/{}{}", p.number, place.query()),
            words: p.words(&book.diverts.rules, there.changed_at, now),
            tag: tag(p, &p.shown(&book.diverts.rules, there.changed_at, now)),
            by: p.stamp.by.to_string(),
            at: look.stamp(p.stamp.at),
            mark: p.plan.estimate_mark().unwrap_or_default(),
        };
        let sites: Vec<String> = book.diverts.sites().iter().map(|s| s.site.to_string()).collect();
        (there.proposals.iter().rev().map(line).collect(), sites)
    });
    let zones = region
        .as_ref()
        .map(|r| r.instance.zones.iter().take(2_000).map(|z| z.name.clone()).collect())
        .unwrap_or_default();
    let diverted: Vec<Pathway> = Pathway::ALL.into_iter().filter(|p| *p != Pathway::Resuscitation).collect();
    PlansPage {
        layout: layout(look, "Divert plans", &place).still(),
        refused: None,
        trouble: region.as_ref().err().map(|why| sentence(&why.to_string())),
        region: region.ok().map(|r| RegionLine {
            name: r.instance.name.clone(),
            words: format!(
                "{} zones, {} sites, read {} from {}",
                r.instance.zones.len(),
                r.instance.sites.len(),
                look.zone().clinical(r.read_at),
                r.file
            ),
            times: r.times.clone(),
            read: look.zone().clinical(r.read_at),
            estimated: r.estimated > 0,
            notes: r.notes.clone(),
            failed: look.screens().planner.failed().map(|(at, why)| (why, look.stamp(at))),
            codes: r.instance.pathways.iter().map(|p| (p.id.clone(), p.name.clone())).collect(),
        }),
        sites,
        pathways: super::pathway_ticks(&diverted, &typed),
        plans,
        thought: None,
        crew: None,
        zones,
        typed,
        place,
    }
}

/// Green is for a plan to go by alone: an accepted one whose figures are too old is amber.
fn tag(proposed: &Proposed, shown: &Shown) -> &'static str {
    match &proposed.settled {
        Settled::Waiting => "blue",
        Settled::Accepted(..) if proposed.replaced_by.is_some() => "grey",
        Settled::Accepted(..) if matches!(shown, Shown::Current | Shown::InForceGaps) => "green",
        Settled::Accepted(..) => "amber",
        _ => "grey",
    }
}

/// What was asked about; a sentence when it cannot be.
pub fn what_ifs(typed: &Typed) -> Result<Vec<WhatIf>, String> {
    let mut what = Vec::new();
    what.extend(typed.all("close").filter(|s| !s.is_empty()).map(|s| WhatIf::Close(s.to_owned())));
    what.extend(typed.all("open").filter(|s| !s.is_empty()).map(|s| WhatIf::Open(s.to_owned())));
    match (typed.trimmed("lose"), super::pathway_of(typed.trimmed("lost"))) {
        ("", _) => {}
        (site, Some(pathway)) => what.push(WhatIf::Lose(site.to_owned(), pathway)),
        (site, None) => return Err(format!("Choose which patients {site} would lose.")),
    }
    match typed.trimmed("more") {
        "" => {}
        text => {
            let minutes = text.parse().map_err(|_| {
                format!("“{}” is no number of minutes; write one such as 10.", basics::clip(text, 40))
            })?;
            what.push(WhatIf::MoreMinutes(minutes));
        }
    }
    Ok(what)
}

fn think(look: &Look<'_>, place: &Place, what: &[WhatIf]) -> Result<ThoughtLines, String> {
    if what.is_empty() {
        return Err(
            "Say what to ask about: a site that closes, a pathway that is lost, or more minutes.".to_owned()
        );
    }
    let room = look.screens().room.incident();
    let thought = look.screens().planner.think(room, place.ground, what, look.now);
    let thought = thought.map_err(|why| sentence(&why.to_string()))?;
    let then = &thought.proposal;
    let now = thought.as_it_is.as_ref().unwrap_or(then);
    Ok(ThoughtLines {
        asked: then.asked.clone(),
        lines: lines(now, then),
        travel: format!(
            "Mean travel {} min, as it is {} min",
            tenths(then.travel_tenths),
            tenths(now.travel_tenths)
        ),
        reasons: then.reasons.clone(),
        unserved: then.unserved.clone(),
        help: then.help.clone(),
        notes: thought.notes,
    })
}

/// Sites whose load changes: name, as it is, then, over.
fn lines(now: &Proposal, then: &Proposal) -> Vec<(String, String, String, bool)> {
    let say = |load: u32, per: u32| format!("load {}, {} ambulances an hour", percent(load), per_h(per));
    let mut lines: Vec<(u32, (String, String, String, bool))> = then
        .effects
        .iter()
        .filter_map(|e| {
            let before = now.effects.iter().find(|b| b.site == e.site)?;
            let change = e.load_milli.abs_diff(before.load_milli)
                + e.planned_per_h_milli.abs_diff(before.planned_per_h_milli);
            let name = then.sites.get(usize::from(e.site))?.clone();
            let over = e.load_milli > e.tolerated_milli + 1;
            (change > 4).then(|| {
                (
                    change,
                    (
                        name,
                        say(before.load_milli, before.planned_per_h_milli),
                        say(e.load_milli, e.planned_per_h_milli),
                        over,
                    ),
                )
            })
        })
        .collect();
    lines.sort_by_key(|(change, _)| std::cmp::Reverse(*change));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Tenths of a minute: "12.4".
pub fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// `POST /diverts/plans`: put a plan to people.
pub async fn propose(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let done = |who: &Person| {
            let number = put(look, &place, &typed, None, who)?;
            Ok(place.done(&format!("/diverts/plans/{number}"), "divert-proposed"))
        };
        let again =
            |why| Ok(PlansPage { refused: Some(why), ..plans_page(look, place.clone(), typed.clone()) });
        does(look, &typed, done, again)
    })
    .await
}

/// Plans with what the form asks about and puts it on record; its number.
pub fn put(
    look: &Look<'_>,
    place: &Place,
    typed: &Typed,
    instead_of: Option<u32>,
    who: &Person,
) -> Result<u32, Mishap> {
    let what = what_ifs(typed).map_err(Mishap::Refused)?;
    let reason = typed.trimmed("reason").to_owned();
    let room = look.screens().room.incident();
    let receipt =
        look.screens().planner.propose(room, place.ground, (&what, instead_of, reason), who, look.now);
    let receipt = receipt.map_err(|why| match why {
        PlannerRefused::Book(refused) => Mishap::undecided("put this plan into the record")(refused),
        other => Mishap::Refused(sentence(&other.to_string())),
    })?;
    let number = look.incidents(|book| {
        let proposals = &book.diverts.on(place.ground).proposals;
        proposals.iter().rev().find(|p| p.stamp.entry == receipt.entry).map(|p| p.number)
    });
    number.ok_or_else(|| Mishap::fault("find the plan that was put", "it is not in the book"))
}
