//! `GET /diverts/plans/{number}`: a plan beside today's flows, with what it does to each site; `POST …/{deed}`: a named
//! person accepts, changes or refuses it.
//!
//! Always: how old the figures are that it rests on; which sites gave none; that travel times are estimates, if they are.

use super::map::Map;
use super::plans::{put, tenths};
use super::told::Told;
use super::{Place, Tick, decide, does, layout, page, pathway_ticks, per_h, percent};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::Mishap;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Person;
use incident::diverts::{Effect, Intent, Pathway, Proposal, Proposed, Settled, Shown, board};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "diverts/plan.html")]
struct PlanPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    deed: String,
    typed: Typed,
    number: u32,
    words: String,
    current: bool,
    waiting: bool,
    bad: bool,
    made_by: String,
    made_at: Stamp,
    settled: Option<(String, Stamp)>,
    instead_of: Option<u32>,
    replaced_by: Option<u32>,
    asked: Vec<String>,
    figures: Vec<(String, String, Stamp)>,
    without: Vec<String>,
    times: String,
    mark: String,
    travel: String,
    nearest: String,
    sites: Vec<SiteEffect>,
    moves: Vec<String>,
    reasons: Vec<String>,
    unserved: Vec<String>,
    help: Vec<String>,
    proved: bool,
    map: Option<Map>,
    of_site: Option<OfSite>,
    names: Vec<String>,
    pathways: Vec<Tick>,
    /// What was typed into a form that is not there any more.
    kept: Vec<String>,
    /// The message form with the plan in words, while it is in force.
    send: Option<String>,
    /// To whom it went by itself once it was accepted.
    told: Option<Told>,
}

/// A site, and who comes to it: pathway, patients an hour, zones.
type OfSite = (String, Vec<(String, String, String)>);

/// One site under the plan.
struct SiteEffect {
    name: String,
    address: String,
    now: String,
    planned: String,
    load: String,
    nearest: String,
    most: String,
    over: bool,
    receives: String,
    bar: Bar,
}

/// Loads as a drawn bar, 0 to 200 %.
struct Bar {
    planned: u32,
    nearest: u32,
    most: u32,
    words: String,
}

/// `?exercise=&site=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PlanQuestion {
    exercise: String,
    site: String,
}

/// `GET /diverts/plans/{number}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<PlanQuestion>,
) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        page(plan_page(look, place, &number, &asked.site, (Typed::default(), None, ""))?)
    })
    .await
}

fn plan_page(
    look: &Look<'_>,
    place: Place,
    number: &str,
    site: &str,
    (typed, refused, deed): (Typed, Option<String>, &str),
) -> Result<PlanPage, Mishap> {
    let number = number.parse().unwrap_or(0);
    let (proposed, words, shown) = look.incidents(|book| {
        let there = book.diverts.on(place.ground);
        let proposed = there.proposal(number).map_err(|why| Mishap::NotFound {
            what: crate::mishap::sentence(&why.to_string()),
            next: "Go back to the list of plans.",
        })?;
        let now = book.now(look.now);
        let (rules, changed) = (&book.diverts.rules, there.changed_at);
        Ok::<_, Mishap>((
            proposed.clone(),
            proposed.words(rules, changed, now),
            proposed.shown(rules, changed, now),
        ))
    })?;
    let on_board = look.incidents(|book| board(book, place.ground, look.now));
    let map = look.incidents(|book| Map::of_plan(book, &on_board, &proposed.plan));
    let plan = &proposed.plan;
    let diverted: Vec<Pathway> = Pathway::ALL.into_iter().filter(|p| *p != Pathway::Resuscitation).collect();
    let mut layout = layout(look, format!("Divert plan {number}"), &place).typed_into();
    if refused.is_some() {
        layout = layout.still();
    }
    Ok(PlanPage {
        layout,
        refused,
        deed: deed.to_owned(),
        number,
        words,
        current: shown == Shown::Current,
        waiting: shown == Shown::Waiting,
        bad: !matches!(shown, Shown::Current | Shown::Waiting | Shown::Past),
        made_by: proposed.stamp.by.to_string(),
        made_at: look.stamp(proposed.stamp.at),
        settled: settled(look, &proposed),
        instead_of: proposed.instead_of,
        replaced_by: proposed.replaced_by,
        asked: plan.asked.clone(),
        figures: plan
            .figures
            .iter()
            .map(|f| {
                let staffed = f.staffed.map_or_else(String::new, |n| format!(", {n} staffed places"));
                (f.site.to_string(), format!("{} waiting{staffed}", f.waiting), look.stamp(f.as_at))
            })
            .collect(),
        without: plan.without_figures.iter().map(ToString::to_string).collect(),
        times: plan.times.clone(),
        mark: plan.estimate_mark().unwrap_or_default(),
        travel: tenths(plan.travel_tenths),
        nearest: tenths(plan.nearest_travel_tenths),
        sites: effects(plan, &place, number),
        moves: moves(plan),
        reasons: plan.reasons.clone(),
        unserved: plan.unserved.clone(),
        help: plan.help.clone(),
        proved: plan.proved,
        map,
        of_site: of_site(plan, site),
        names: on_board.sites.iter().map(|s| s.site.to_string()).collect(),
        pathways: pathway_ticks(&diverted, &Typed::default()),
        send: send(&proposed, shown),
        told: Told::of(look, &place, number),
        kept: if shown == Shown::Waiting { Vec::new() } else { super::divert::kept(&typed) },
        typed,
        place,
    })
}

/// The sites are told at once, so that the next page shows it. What fails here is tried again within seconds by the
/// program itself, and the page says who was not told.
fn tell(look: &Look<'_>) {
    if let Err(refused) = look.screens().room.incident().tend_diverts(look.now) {
        tracing::error!(%refused, "the sites could not be told of a plan at once; tried again");
    }
}

/// The message form with the accepted plan in words, for anybody besides the sites, who are told by themselves.
fn send(proposed: &Proposed, shown: Shown) -> Option<String> {
    let Settled::Accepted(by, _) = &proposed.settled else { return None };
    if shown == Shown::Past {
        return None;
    }
    let mut text = format!("Divert plan {} accepted by {by}.", proposed.number);
    for line in moves(&proposed.plan) {
        // The rest stands on the sheets; a text message holds so much.
        if text.len() + line.len() > 500 {
            text.push_str(" More on the sheets.");
            break;
        }
        text.push_str(&format!(" {line}."));
    }
    Some(format!("/messages/new?text={}", crate::names::encoded(&text)))
}

fn settled(look: &Look<'_>, proposed: &Proposed) -> Option<(String, Stamp)> {
    let (words, stamp) = match &proposed.settled {
        Settled::Waiting => return None,
        Settled::Accepted(by, stamp) => (format!("Accepted by {by}"), stamp),
        Settled::Refused(by, stamp, why) => (format!("Refused by {by}: {why}"), stamp),
        Settled::Changed(into, stamp, why) => {
            (format!("Changed into plan {into} by {}: {why}", stamp.by), stamp)
        }
    };
    Some((words, look.stamp(stamp.at)))
}

fn effects(plan: &Proposal, place: &Place, number: u32) -> Vec<SiteEffect> {
    let one = |e: &Effect| {
        let name = plan.sites.get(usize::from(e.site))?.clone();
        let received: Vec<String> = plan
            .moves
            .iter()
            .filter(|m| m.to == e.site && m.per_h_milli > 0)
            .filter_map(|m| {
                Some(format!(
                    "{} an hour from {}",
                    per_h(m.per_h_milli),
                    plan.sites.get(usize::from(m.from))?
                ))
            })
            .collect();
        let bar = |milli: u32| (milli / 10).min(200);
        Some(SiteEffect {
            address: format!(
                "/diverts/plans/{number}?site={}{}#who",
                crate::names::encoded(&name),
                place.also()
            ),
            now: per_h(e.now_per_h_milli),
            planned: per_h(e.planned_per_h_milli),
            load: percent(e.load_milli),
            nearest: percent(e.nearest_milli),
            most: percent(e.tolerated_milli),
            over: e.load_milli > e.tolerated_milli + 1,
            receives: received.join(", "),
            bar: Bar {
                planned: bar(e.load_milli),
                nearest: bar(e.nearest_milli),
                most: bar(e.tolerated_milli),
                words: format!(
                    "{name}: load {} under the plan, {} with everybody to the nearest, at most {}",
                    percent(e.load_milli),
                    percent(e.nearest_milli),
                    percent(e.tolerated_milli)
                ),
            },
            name,
        })
    };
    // Who changes most stands first.
    let mut all: Vec<&Effect> = plan.effects.iter().collect();
    all.sort_by_key(|e| std::cmp::Reverse(e.planned_per_h_milli.abs_diff(e.now_per_h_milli)));
    all.into_iter().filter_map(one).collect()
}

fn moves(plan: &Proposal) -> Vec<String> {
    let name = |index: u16| plan.sites.get(usize::from(index)).map_or("an unknown site", String::as_str);
    let line = |m: &incident::diverts::MoveLine| {
        format!("{} to {}: {} patients an hour", name(m.from), name(m.to), per_h(m.per_h_milli))
    };
    plan.moves.iter().map(line).collect()
}

/// Who comes to one site: pathway, patients an hour, zones.
fn of_site(plan: &Proposal, site: &str) -> Option<OfSite> {
    let index = plan.sites.iter().position(|name| name == site)?;
    let mut groups: BTreeMap<u8, (u64, Vec<&str>)> = BTreeMap::new();
    for line in plan.flows.iter().filter(|f| usize::from(f.site) == index && f.per_h_micro > 0) {
        let entry = groups.entry(line.pathway).or_default();
        entry.0 += u64::from(line.per_h_micro);
        entry.1.push(plan.zones.get(line.zone as usize).map_or("a zone", String::as_str));
    }
    let line = |(pathway, (micro, zones)): (u8, (u64, Vec<&str>))| {
        let code = plan.pathways.get(usize::from(pathway)).cloned().unwrap_or_default();
        let known = Pathway::of_code(&code).map_or(String::new(), |p| format!("{} ", p.words()));
        let milli = u32::try_from(micro / 1000).unwrap_or(u32::MAX);
        (format!("{known}({code})"), per_h(milli), zones.join(", "))
    };
    Some((site.to_owned(), groups.into_iter().map(line).collect()))
}

/// `POST /diverts/plans/{number}/{deed}`
pub async fn deed(
    State(desk): State<Desk>,
    visit: Visit,
    Path((number, deed)): Path<(String, String)>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let number_is: u32 = number.parse().unwrap_or(0);
        let done = |who: &Person| {
            let ground = place.ground;
            let here = format!("/diverts/plans/{number_is}");
            match deed.as_str() {
                "accept" => {
                    let knowing_gaps = typed.has("knowing", "yes");
                    let person = who.clone();
                    let intent = Intent::AcceptPlan { ground, number: number_is, person, knowing_gaps };
                    decide(look, intent, who)?;
                    tell(look);
                    Ok(place.done(&here, "divert-accepted"))
                }
                "refuse" => {
                    let (person, reason) = (who.clone(), typed.trimmed("reason").to_owned());
                    decide(look, Intent::RefusePlan { ground, number: number_is, person, reason }, who)?;
                    Ok(place.done(&here, "divert-plan-refused"))
                }
                "change" => {
                    let new = put(look, &place, &typed, Some(number_is), who)?;
                    Ok(place.done(&format!("/diverts/plans/{new}"), "divert-changed"))
                }
                _ => Err(Mishap::no_page()),
            }
        };
        let again = |why| plan_page(look, place.clone(), &number, "", (typed.clone(), Some(why), &deed));
        does(look, &typed, done, again)
    })
    .await
}

impl PlanPage {
    fn open(&self, deed: &str) -> bool {
        self.deed == deed
    }

    fn was(&self, deed: &str, field: &str) -> &str {
        if self.deed == deed { self.typed.text(field) } else { "" }
    }
}
