//! An accepted plan on its way to the sites: each is told by a message of its own what it takes, what goes elsewhere.
//!
//! Always: told by Lifeboat itself, once a site, as soon as a named person has accepted; also those whom the plan before
//! named and this one does not; an answer to the message acknowledges the change. Never: a plan told that is not
//! current; a site left out because nobody knows its telephone, for then it is a slip. Called by the control room's
//! `tend_diverts`; proved by `tests/divert_broadcast.rs`.

use super::proposal::{Proposed, Settled, Shown};
use super::{Fact, OnGround, Refusal};
use crate::book::Asked;
use crate::messages::{self, Ask, Audience, MessageId, TEXT_BYTES_MAX};
use crate::{Ground, Incident, IncidentBook, Person, Stamp};
use basics::{EntryNumber, Moment, SiteId};
use std::collections::BTreeSet;

/// A site that was told of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldOf {
    /// Which.
    pub site: SiteId,
    /// By which message.
    pub message: MessageId,
    /// When.
    pub stamp: Stamp,
}

/// What is due about plans in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToTell {
    /// That site has not been told of that plan.
    Tell {
        /// The plan.
        number: u32,
        /// The site.
        site: SiteId,
    },
    /// Somebody of that site has answered its message: the change is acknowledged.
    Heard {
        /// The change, by its entry.
        change: EntryNumber,
        /// The site.
        site: SiteId,
        /// Who answered.
        by: Person,
    },
}

/// Bytes that one direction's list of sites may take in a message.
const LIST_BYTES_MAX: usize = 120;
/// What every message ends with.
const ENDING: &str = " Resuscitation goes to the closest, as ever. Say that you have read it.";

/// What is due on that ground at `clock`; nothing while no incident runs there, for then there is nobody to send it.
pub fn to_tell(book: &IncidentBook, ground: Ground, clock: Moment) -> Vec<ToTell> {
    let there = book.diverts.on(ground);
    let Some(proposed) = book.diverts.plan_in_force(ground) else { return Vec::new() };
    let Settled::Accepted(_, accepted) = &proposed.settled else { return Vec::new() };
    let mut due: Vec<ToTell> = heard(book, there, (proposed, accepted.entry)).collect();
    let shown = proposed.shown(&book.diverts.rules, there.changed_at, book.now(clock));
    if matches!(shown, Shown::Current | Shown::InForceGaps) && incident_of(book, ground).is_some() {
        let told: BTreeSet<&SiteId> = proposed.told.iter().map(|told| &told.site).collect();
        let untold = concerned(there, proposed).into_iter().filter(|site| !told.contains(site));
        due.extend(untold.map(|site| ToTell::Tell { number: proposed.number, site }));
    }
    due
}

/// Whose message was answered, and who has not acknowledged the change itself.
fn heard<'a>(
    book: &'a IncidentBook,
    there: &'a OnGround,
    (proposed, change): (&'a Proposed, EntryNumber),
) -> impl Iterator<Item = ToTell> + 'a {
    let waiting = there.changes.iter().find(|c| c.stamp.entry == change);
    let waiting: BTreeSet<&SiteId> = waiting.into_iter().flat_map(|c| c.waiting()).collect();
    proposed.told.iter().filter(move |told| waiting.contains(&told.site)).filter_map(move |told| {
        let message = book.messages.message(told.message)?;
        let place = message.standing.iter().position(|standing| standing.read.is_some())?;
        let by = Person::new(&message.recipients.get(place)?.name)?;
        Some(ToTell::Heard { change, site: told.site.clone(), by })
    })
}

/// The newest incident that runs on that ground.
fn incident_of(book: &IncidentBook, ground: Ground) -> Option<&Incident> {
    book.running().find(|incident| incident.ground() == ground)
}

/// Every site that a plan sends ambulances to or away from, and those of the plan that it took the place of.
pub fn concerned(there: &OnGround, proposed: &Proposed) -> Vec<SiteId> {
    let before = there.proposals.iter().filter(|p| p.replaced_by == Some(proposed.number));
    let plans = before.chain([proposed]).map(|p| &p.plan);
    let mut names: BTreeSet<SiteId> = BTreeSet::new();
    for plan in plans {
        for m in plan.moves.iter().filter(|m| m.per_h_milli > 0) {
            let of = [m.from, m.to].into_iter().filter_map(|site| plan.sites.get(usize::from(site)));
            names.extend(of.filter_map(|name| SiteId::new(name)));
        }
    }
    names.into_iter().collect()
}

pub(crate) fn tell(
    asked: &Asked<'_>,
    ground: Ground,
    (number, site, salt): (u32, SiteId, String),
) -> Result<Vec<crate::Fact>, crate::Refusal> {
    asked.ground(ground).map_err(Refusal::from)?;
    let there = asked.book.diverts.on(ground);
    let proposed = there.proposal(number)?;
    let wanted = ToTell::Tell { number, site: site.clone() };
    if !to_tell(asked.book, ground, asked.at).contains(&wanted) {
        return Err(Refusal::NotToBeTold { number, site }.into());
    }
    let incident = incident_of(asked.book, ground).map(|incident| incident.id).unwrap_or_default();
    let sent = messages::decide(
        asked,
        messages::Intent::Send {
            incident,
            ask: Ask::Read,
            text: words(asked.book, there, proposed, &site),
            to: vec![Audience::Department(site.clone())],
            slips_only: false,
            open_hours: None,
            salt,
        },
    )?;
    let message = sent.iter().find_map(|fact| match fact {
        messages::Fact::Sent { message, .. } => Some(*message),
        _ => None,
    });
    let told = Fact::PlanTold { ground, number, site, message: message.unwrap_or(MessageId(0)) };
    Ok(sent.into_iter().map(Into::into).chain([told.into()]).collect())
}

/// What one site is told of a plan, short enough for a text message.
pub fn words(book: &IncidentBook, there: &OnGround, proposed: &Proposed, site: &SiteId) -> String {
    let (plan, number) = (&proposed.plan, proposed.number);
    let by = match &proposed.settled {
        Settled::Accepted(by, stamp) => format!("accepted by {by} at {}", book.zone.hour_minute(stamp.at)),
        _ => "not accepted".to_owned(),
    };
    // Moves are counted against what was in force: the plan before, or on the first day everybody to the nearest.
    let before = there.proposals.iter().find(|p| p.replaced_by == Some(number)).map(|p| p.number);
    let instead = before.map_or_else(String::new, |n| format!(", instead of plan {n}"));
    let beside = before.map_or_else(|| "today".to_owned(), |n| format!("under plan {n}"));
    let name = |index: u16| plan.sites.get(usize::from(index)).map_or("an unknown site", String::as_str);
    let mine = |index: u16| name(index).eq_ignore_ascii_case(site.as_str());
    let flows = |here: fn(&super::MoveLine) -> u16, there: fn(&super::MoveLine) -> u16| {
        let own = plan.moves.iter().filter(|m| m.per_h_milli > 0 && mine(here(m)));
        let mut own: Vec<(u32, &str)> = own.map(|m| (m.per_h_milli, name(there(m)))).collect();
        own.sort_by(|a, b| b.cmp(a));
        own
    };
    let (to, from) = (flows(|m| m.to, |m| m.from), flows(|m| m.from, |m| m.to));
    let mut text = format!("Ambulance divert plan {number}, {by}{instead}.");
    if !to.is_empty() {
        text.push_str(&format!(" {site} takes {} more than {beside}: from {}.", sum(&to), list(&to)));
    }
    if !from.is_empty() {
        text.push_str(&format!(
            " Of those who come to {site} {beside}, {} go to {}.",
            sum(&from),
            list(&from)
        ));
    }
    if to.is_empty() && from.is_empty() {
        text.push_str(&format!(" Nothing changes for {site} beside what held {beside}."));
    }
    let effect = plan.effects.iter().find(|e| mine(e.site));
    if let Some(effect) = effect.filter(|e| e.load_milli < 100_000) {
        let percent = |milli: u32| milli.saturating_add(5) / 10;
        let (load, most) = (percent(effect.load_milli), percent(effect.tolerated_milli));
        let all = per_h(effect.planned_per_h_milli);
        text.push_str(&format!(" In all {all} an hour come by ambulance: load {load} %, at most {most} %."));
    }
    // Long names may cost the end of a list, never the end of the message; the sheet has everything.
    format!("{}{ENDING}", basics::clip(&text, TEXT_BYTES_MAX - ENDING.len()))
}

fn sum(flows: &[(u32, &str)]) -> String {
    let all = flows.iter().fold(0u32, |sum, (milli, _)| sum.saturating_add(*milli));
    if (950..1_050).contains(&all) {
        "1 patient an hour".to_owned()
    } else {
        format!("{} patients an hour", per_h(all))
    }
}

/// "St Brannock's (2.1), Quillford Infirmary (1.0) and 3 more sites".
fn list(flows: &[(u32, &str)]) -> String {
    let mut said = String::new();
    for (place, (milli, name)) in flows.iter().enumerate() {
        let one = format!("{name} ({})", per_h(*milli));
        if place > 0 && said.len() + one.len() > LIST_BYTES_MAX {
            let left = crate::wording::counted(flows.len() - place, "more site", "more sites");
            return format!("{said} and {left}");
        }
        said.push_str(if place > 0 { ", " } else { "" });
        said.push_str(&one);
    }
    said
}

/// Thousandths an hour as they are said: "2.1", "under 0.1".
fn per_h(milli: u32) -> String {
    if milli < 50 { "under 0.1".to_owned() } else { format!("{:.1}", f64::from(milli) / 1000.0) }
}
