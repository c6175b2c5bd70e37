//! A plan as a proposal: what would go where, what it does to each site, from which figures; and what people made of it.
//!
//! Always: a named person accepts, changes or refuses it; the plan before stays on record. Never: a plan called current
//! when a figure it rests on is older than the threshold, or when a site on the board gave none. Called through
//! `diverts::decide`; made by `region::propose`; proved by `tests/divert_plans.rs`.

use super::broadcast::ToldOf;
use super::{Diverts, Fact, Refusal, Rules};
use crate::book::Asked;
use crate::wording::{self, duration};
use crate::{Ground, Person, Stamp};
use basics::{EntryNumber, Moment, SiteId};
use serde::{Deserialize, Serialize};

/// One line of a plan. Numbers are places in the proposal's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FlowLine {
    /// Zone.
    #[serde(rename = "z")]
    pub zone: u32,
    /// Pathway.
    #[serde(rename = "p")]
    pub pathway: u8,
    /// Site.
    #[serde(rename = "s")]
    pub site: u16,
    /// Millionths of a patient an hour: a small zone has few of a rare kind.
    #[serde(rename = "n")]
    pub per_h_micro: u32,
    /// The travel time is an estimate.
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// What the plan does to one site. Loads in thousandths: 1,000 is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// Site.
    pub site: u16,
    /// Load that it should not exceed.
    pub tolerated_milli: u32,
    /// Load under the plan.
    pub load_milli: u32,
    /// Load when everybody goes to the nearest that accepts.
    pub nearest_milli: u32,
    /// Ambulances an hour today, thousandths.
    pub now_per_h_milli: u32,
    /// Ambulances an hour under the plan, thousandths.
    pub planned_per_h_milli: u32,
}

/// Patients who would go elsewhere than today.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MoveLine {
    /// Site they go to today.
    pub from: u16,
    /// Site of the plan.
    pub to: u16,
    /// Thousandths of a patient an hour.
    pub per_h_milli: u32,
}

/// Figures that the plan rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FiguresUsed {
    /// Of which site.
    pub site: SiteId,
    /// Patients waiting.
    pub waiting: u32,
    /// Staffed places, if told.
    pub staffed: Option<u32>,
    /// When they were so.
    pub as_at: Moment,
}

/// A plan put to people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Proposal {
    /// The region planned for.
    pub region: String,
    /// The last entry of the book that the plan knew.
    pub seen: EntryNumber,
    /// Names of the zones.
    pub zones: Vec<String>,
    /// Codes of the pathways.
    pub pathways: Vec<String>,
    /// Names of the sites.
    pub sites: Vec<String>,
    /// Who goes where.
    pub flows: Vec<FlowLine>,
    /// Who goes elsewhere than today.
    pub moves: Vec<MoveLine>,
    /// What it does to each site.
    pub effects: Vec<Effect>,
    /// From which figures.
    pub figures: Vec<FiguresUsed>,
    /// Sites on the board that gave no figures, or too old ones: planned with those of a usual day.
    pub without_figures: Vec<SiteId>,
    /// Of the patients, so many thousandths travel by estimated times.
    pub estimated_milli: u32,
    /// Mean travel under the plan, tenths of a minute.
    pub travel_tenths: u32,
    /// Mean travel to the nearest that accepts, tenths of a minute.
    pub nearest_travel_tenths: u32,
    /// Why it can be no better, in words.
    pub reasons: Vec<String>,
    /// Who is served by nobody, in words.
    pub unserved: Vec<String>,
    /// The planner proved that it is the best.
    pub proved: bool,
    /// What would help, in words, the most useful first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// Where the travel times come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub times: String,
    /// What was asked about besides what is so: "if Homerton closed".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// Lines of one plan.
pub const FLOWS_MAX: usize = 60_000;
/// Proposals of one ground.
pub const PROPOSALS_MAX: usize = 2_000;

/// What became of a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Settled {
    /// It waits for a person.
    #[default]
    Waiting,
    /// Accepted by that person.
    Accepted(Person, Stamp),
    /// Refused by that person, with the reason.
    Refused(Person, Stamp, String),
    /// Changed into that one, with the reason.
    Changed(u32, Stamp, String),
}

/// A proposal on record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// Its number on its ground, from 1.
    pub number: u32,
    /// The plan.
    pub plan: Proposal,
    /// The proposal that it changes, and why.
    pub instead_of: Option<u32>,
    /// Who put it, and when.
    pub stamp: Stamp,
    /// What became of it.
    pub settled: Settled,
    /// The plan that took its place.
    pub replaced_by: Option<u32>,
    /// The sites that were told of it, in the order of telling.
    pub told: Vec<ToldOf>,
}

/// How a proposal is to be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// It waits for a person.
    Waiting,
    /// In force, its figures fresh: the only one that may be called current.
    Current,
    /// In force, but a figure it rests on is older than the threshold.
    InForceOldFigures,
    /// In force, but a site has changed what it takes, or a receiver its answer, since it was made.
    InForceOvertaken,
    /// In force, but some site on the board gave no figures to plan with.
    InForceGaps,
    /// Refused, changed, or a later plan is in force.
    Past,
}

impl Proposed {
    /// How it is to be shown at `now`.
    /// `changed`: the last entry that changed what a site takes.
    pub fn shown(&self, rules: &Rules, changed: EntryNumber, now: Moment) -> Shown {
        match self.settled {
            Settled::Waiting => Shown::Waiting,
            Settled::Accepted(..) if self.replaced_by.is_some() => Shown::Past,
            Settled::Accepted(..) if self.plan.too_old(rules, now).is_some() => Shown::InForceOldFigures,
            Settled::Accepted(..) if changed > self.plan.seen => Shown::InForceOvertaken,
            Settled::Accepted(..) if !self.plan.without_figures.is_empty() => Shown::InForceGaps,
            Settled::Accepted(..) => Shown::Current,
            Settled::Refused(..) | Settled::Changed(..) => Shown::Past,
        }
    }

    /// The same in words, for the line above the plan.
    pub fn words(&self, rules: &Rules, changed: EntryNumber, now: Moment) -> String {
        let number = self.number;
        match (self.shown(rules, changed, now), &self.settled) {
            (Shown::Waiting, _) => match self.plan.too_old(rules, now) {
                None => format!("Plan {number} is proposed; nobody has accepted it"),
                Some(old) => format!("Plan {number} is proposed, but {old}: plan again"),
            },
            (Shown::Current, _) => format!("Plan {number} is in force"),
            (Shown::InForceOldFigures, _) => {
                let old = self.plan.too_old(rules, now).unwrap_or_default();
                format!("Plan {number} was accepted and is not current: {old}. Plan again")
            }
            (Shown::InForceOvertaken, _) => format!(
                "Plan {number} was accepted and is not current: entry {changed} changed what a site takes. Plan again"
            ),
            (Shown::InForceGaps, _) => {
                format!("Plan {number} was accepted without current figures of {}", self.plan.without())
            }
            (Shown::Past, Settled::Refused(by, _, reason)) => {
                format!("Plan {number} was refused by {by}: {reason}")
            }
            (Shown::Past, Settled::Changed(into, stamp, _)) => {
                format!("Plan {number} was changed by {} into plan {into}", stamp.by)
            }
            (Shown::Past, _) => {
                let by = self.replaced_by.map_or_else(String::new, |n| format!(" by plan {n}"));
                format!("Plan {number} was in force and is replaced{by}")
            }
        }
    }
}

impl Proposal {
    /// Names of the sites without figures.
    pub fn without(&self) -> String {
        self.without_figures.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ")
    }

    /// A sentence when a figure it rests on is older than the threshold.
    pub fn too_old(&self, rules: &Rules, now: Moment) -> Option<String> {
        let oldest = self.figures.iter().min_by_key(|used| used.as_at)?;
        let age = now.seconds_since(oldest.as_at);
        (age > i64::from(rules.stale_minutes) * 60)
            .then(|| format!("the figures of {} are {} old", oldest.site, duration(age)))
    }

    /// Sites that receive ambulances under the plan, by name.
    pub fn receiving(&self) -> impl Iterator<Item = &str> {
        let to = self.moves.iter().filter(|m| m.per_h_milli > 0).map(|m| m.to);
        let to: std::collections::BTreeSet<u16> = to.collect();
        to.into_iter().filter_map(|site| self.sites.get(usize::from(site))).map(String::as_str)
    }

    /// "estimated: 12 % of patients travel by great-circle times", or nothing.
    pub fn estimate_mark(&self) -> Option<String> {
        let percent = self.estimated_milli.div_ceil(10);
        (self.estimated_milli > 0)
            .then(|| format!("estimated: {percent} % of patients travel by great-circle times"))
    }

    fn sound(&self) -> bool {
        let sites = self.sites.len();
        let site = |s: u16| usize::from(s) < sites;
        self.flows.iter().all(|f| {
            site(f.site)
                && (f.zone as usize) < self.zones.len()
                && usize::from(f.pathway) < self.pathways.len()
        }) && self.effects.iter().all(|e| site(e.site))
            && self.moves.iter().all(|m| site(m.from) && site(m.to))
    }
}

impl Diverts {
    /// The plan in force on that ground, whether or not its figures are still fresh.
    pub fn plan_in_force(&self, ground: Ground) -> Option<&Proposed> {
        let accepted = |p: &&Proposed| matches!(p.settled, Settled::Accepted(..)) && p.replaced_by.is_none();
        self.on(ground).proposals.iter().rev().find(accepted)
    }
}

pub(super) fn propose(
    asked: &Asked<'_>,
    ground: Ground,
    plan: Box<Proposal>,
    (instead_of, reason): (Option<u32>, String),
) -> Result<Fact, Refusal> {
    let there = asked.book.diverts.on(ground);
    wording::at_most("proposals", there.proposals.len() + 1, PROPOSALS_MAX)?;
    wording::at_most("lines of a plan", plan.flows.len(), FLOWS_MAX)?;
    if !plan.sound() || plan.flows.is_empty() {
        return Err(Refusal::PlanUnsound);
    }
    let reason = match instead_of {
        Some(number) => {
            waiting(asked, ground, number)?;
            wording::note("what you changed and why", &reason)?
        }
        None => wording::note_or_empty("the reason", &reason)?,
    };
    let number = u32::try_from(there.proposals.len() + 1).unwrap_or(u32::MAX);
    Ok(Fact::Proposed { ground, number, plan, instead_of, reason })
}

fn waiting<'a>(asked: &Asked<'a>, ground: Ground, number: u32) -> Result<&'a Proposed, Refusal> {
    let found = asked.book.diverts.on(ground).proposal(number)?;
    let settled = |how: &'static str, by: String, stamp: &Stamp| {
        Err(Refusal::SettledAlready { number, how, by, at: asked.say(stamp.at), entry: stamp.entry.0 })
    };
    match &found.settled {
        Settled::Waiting => Ok(found),
        Settled::Accepted(by, stamp) => settled("accepted", by.to_string(), stamp),
        Settled::Refused(by, stamp, _) => settled("refused", by.to_string(), stamp),
        Settled::Changed(_, stamp, _) => settled("changed", stamp.by.to_string(), stamp),
    }
}

pub(super) fn accept(
    asked: &Asked<'_>,
    ground: Ground,
    (number, person, knowing_gaps): (u32, Person, bool),
) -> Result<Fact, Refusal> {
    let found = waiting(asked, ground, number)?;
    let now = asked.book.now(asked.at);
    if let Some(old) = found.plan.too_old(&asked.book.diverts.rules, now) {
        return Err(Refusal::PlanTooOld { number, old });
    }
    let changed = asked.book.diverts.on(ground).changed_at;
    if changed > found.plan.seen {
        return Err(Refusal::PlanOvertaken { number, entry: changed.0 });
    }
    if !found.plan.without_figures.is_empty() && !knowing_gaps {
        return Err(Refusal::PlanHasGaps { number, sites: found.plan.without() });
    }
    Ok(Fact::PlanAccepted { ground, number, person })
}

pub(super) fn refuse(
    asked: &Asked<'_>,
    ground: Ground,
    (number, person, reason): (u32, Person, String),
) -> Result<Fact, Refusal> {
    waiting(asked, ground, number)?;
    Ok(Fact::PlanRefused { ground, number, person, reason: wording::note("the reason", &reason)? })
}
