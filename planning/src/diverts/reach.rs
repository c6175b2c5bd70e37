//! L0: which sites a group may be taken to, by the pathways' time limits.
//!
//! Always: only accepting sites within the limit; when there is none, the nearest accepting one, marked as over the
//! limit; resuscitation goes to the closest able site or one at most 3 minutes further; a pathway with a stand-in
//! (major trauma → trauma unit) uses it when no site of its own is within the limit. Equally near: the site listed
//! first. A group that nobody accepts is never dropped: it gets the least bad site and stands in `unserved` with the
//! reason. Called by `planner`, by the deflect rule's callers and by the simulation; proved by arcs, groups and
//! over-limit counts of `tests/best_known.rs` and the table below.

// Indices come from `Instance::check`, which refuses any that does not exist.
#![allow(clippy::indexing_slicing)]

use super::instance::{Instance, PathwayKind, PathwaySet, Status, Zone};
use super::order::Order;
use super::plan::{LeastBad, Unserved, WhyUnserved};
use serde::{Deserialize, Serialize};

/// A patient in resuscitation may go this much further than to the closest site, minutes (rule of the instances).
const RESUSCITATION_MARGIN_MIN: f64 = 3.0;

/// A site that a group may be taken to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allowed {
    /// Index of the site.
    pub site: usize,
    /// Minutes from scene to site.
    pub minutes: f64,
    /// True when it is beyond the pathway's limit, and only there because nothing nearer accepts.
    pub over_limit: bool,
    /// True when the time is an estimate.
    pub estimated: bool,
}

/// Allowed sites of every zone and pathway, with or without demand.
#[derive(Debug, Clone)]
pub struct Reach {
    pathways: usize,
    masks: Masks,
    first: Vec<u32>,
    allowed: Vec<Allowed>,
    unserved: Vec<Unserved>,
    /// True when some group, with demand or without, has only a least bad site: then nothing is reused.
    least_bad: bool,
}

/// Zones and sites in the order of planning, travel times of each zone in the order of sites: made once an instance.
#[derive(Debug, Clone)]
pub struct Laid {
    pub order: Order,
    /// `first[z]..first[z + 1]` are the times of zone z (index).
    first: Vec<u32>,
    times: Vec<Allowed>,
}

impl Laid {
    /// Lays an instance out.
    pub fn of(instance: &Instance) -> Self {
        let order = Order::of(instance);
        let mut laid = Self { first: vec![0], times: Vec::new(), order };
        for zone in &instance.zones {
            let start = laid.times.len();
            laid.times.extend(zone.times.iter().map(|t| Allowed {
                site: t.site,
                minutes: t.minutes,
                over_limit: false,
                estimated: t.estimated,
            }));
            laid.times[start..].sort_unstable_by_key(|t| laid.order.rank[t.site]);
            laid.first.push(laid.times.len() as u32);
        }
        laid
    }

    fn times(&self, zone: usize) -> &[Allowed] {
        &self.times[self.first[zone] as usize..self.first[zone + 1] as usize]
    }
}

impl Reach {
    /// The allowed sites of a checked instance.
    pub fn of(instance: &Instance) -> Self {
        Self::ordered(instance, &Laid::of(instance), None)
    }

    /// The same from what is laid out; pathways that are unchanged are copied from `old`.
    pub(super) fn ordered(instance: &Instance, laid: &Laid, old: Option<(&Self, PathwaySet)>) -> Self {
        let pathways = instance.pathways.len();
        let mut reach = Self {
            pathways,
            masks: Masks::of(instance),
            first: Vec::with_capacity(instance.zones.len() * pathways + 1),
            allowed: Vec::with_capacity(
                old.map_or(instance.zones.len() * pathways * 4, |(o, _)| o.allowed.len()),
            ),
            unserved: Vec::new(),
            least_bad: false,
        };
        reach.first.push(0);
        for (index, zone) in instance.zones.iter().enumerate() {
            for pathway in 0..pathways {
                match old {
                    Some((old, same)) if same.contains(pathway) => {
                        reach.allowed.extend_from_slice(old.allowed(index, pathway));
                    }
                    _ => reach.add(instance, laid.times(index), (index, zone), pathway),
                }
                reach.first.push(reach.allowed.len() as u32);
            }
        }
        reach
    }

    /// Pathways that the same sites accept as before. Limits must be the same, which the caller knows.
    pub(super) fn unchanged(&self, instance: &Instance) -> PathwaySet {
        if self.least_bad {
            return PathwaySet::NONE;
        }
        let masks = Masks::of(instance);
        let differs = masks.accepts.iter().zip(&self.masks.accepts).fold(0u64, |all, (a, b)| all | (a ^ b));
        let same = |p: usize| differs >> p & 1 == 0;
        (0..self.pathways)
            .filter(|p| match instance.pathways[*p].kind {
                PathwayKind::StandIn(other) => same(*p) && same(other),
                _ => same(*p),
            })
            .collect()
    }

    fn add(&mut self, instance: &Instance, times: &[Allowed], (index, zone): (usize, &Zone), pathway: usize) {
        let found = self.allowed.len();
        choose(instance, &self.masks, times, pathway, &mut self.allowed);
        if self.allowed.len() == found {
            self.least_bad = true;
            self.least_bad(instance, index, zone, pathway);
        }
    }

    /// Sites that a patient of this pathway may be taken to from this zone, in a fixed order; never beyond what the
    /// pathway allows, unless the group is unserved and this is its least bad answer.
    pub fn allowed(&self, zone: usize, pathway: usize) -> &[Allowed] {
        let group = zone * self.pathways + pathway;
        match (self.first.get(group), self.first.get(group + 1)) {
            (Some(from), Some(to)) if pathway < self.pathways => &self.allowed[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// Groups with demand that nobody accepts.
    pub fn unserved(&self) -> &[Unserved] {
        &self.unserved
    }

    fn least_bad(&mut self, instance: &Instance, zone_index: usize, zone: &Zone, pathway: usize) {
        let stand_in = match instance.pathways[pathway].kind {
            PathwayKind::StandIn(other) => other,
            _ => pathway,
        };
        let able = |site: usize| {
            let set = instance.sites[site].able;
            set.contains(pathway) || set.contains(stand_in)
        };
        let why = if zone.times.is_empty() {
            WhyUnserved::NoTravelTimes
        } else if zone.times.iter().any(|t| able(t.site)) {
            let mut refusing: Vec<usize> = zone.times.iter().map(|t| t.site).filter(|s| able(*s)).collect();
            refusing.sort_unstable();
            WhyUnserved::AllRefuse(refusing)
        } else {
            WhyUnserved::NobodyAble
        };
        let answer = least_bad(instance, zone, &able);
        if let Some((site, minutes, estimated, _)) = answer {
            let over_limit = minutes > instance.pathways[pathway].limit_min;
            self.allowed.push(Allowed { site, minutes, over_limit, estimated });
        }
        if zone.demand[pathway] > 0.0 {
            self.unserved.push(Unserved {
                zone: zone_index,
                pathway,
                per_h: zone.demand[pathway],
                why,
                least_bad: answer.map(|(site, minutes, _, how)| (site, minutes, how)),
            });
        }
    }
}

/// Which sites accept, and which are able, by pathway.
#[derive(Debug, Clone)]
struct Masks {
    accepts: Vec<u64>,
    able: Vec<u64>,
}

impl Masks {
    fn of(instance: &Instance) -> Self {
        let mask = |test: &dyn Fn(usize, usize) -> bool| {
            (0..instance.sites.len())
                .map(|s| (0..instance.pathways.len()).filter(|p| test(s, *p)).fold(0u64, |m, p| m | 1 << p))
                .collect()
        };
        Self {
            accepts: mask(&|s, p| instance.sites[s].accepts(p, instance.pathways[p].kind)),
            able: mask(&|s, p| instance.sites[s].able.contains(p)),
        }
    }
}

/// Adds the allowed sites of one group; adds none when nobody accepts.
fn choose(instance: &Instance, masks: &Masks, times: &[Allowed], pathway: usize, allowed: &mut Vec<Allowed>) {
    let limit = instance.pathways[pathway].limit_min;
    let accepting = |by: usize| times.iter().filter(move |t| masks.accepts[t.site] >> by & 1 == 1);
    let role = match instance.pathways[pathway].kind {
        PathwayKind::StandIn(other) if !accepting(pathway).any(|t| t.minutes <= limit) => other,
        _ => pathway,
    };
    let start = allowed.len();
    if instance.pathways[pathway].kind == PathwayKind::Resuscitation {
        let closest = accepting(role).map(|t| t.minutes).fold(f64::INFINITY, f64::min);
        if closest <= limit {
            allowed
                .extend(accepting(role).filter(|t| t.minutes <= closest + RESUSCITATION_MARGIN_MIN).copied());
        }
    } else {
        allowed.extend(accepting(role).filter(|t| t.minutes <= limit).copied());
    }
    if allowed.len() == start
        && let Some(nearest) = nearest(accepting(role))
    {
        allowed.push(Allowed { over_limit: nearest.minutes > limit, ..*nearest });
    }
}

/// The nearest; equally near, the one listed first in the instance.
fn nearest<'a>(among: impl Iterator<Item = &'a Allowed>) -> Option<&'a Allowed> {
    among.min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.site.cmp(&b.site)))
}

/// The site that each group goes to when every site is open and nothing is off, by zone × pathways + pathway.
pub(super) fn usual_sites(instance: &Instance) -> Vec<Option<u32>> {
    let masks = Masks::of(instance);
    let mut usual = Vec::with_capacity(instance.zones.len() * instance.pathways.len());
    for zone in &instance.zones {
        for (p, pathway) in instance.pathways.iter().enumerate() {
            let best = |by: usize| {
                zone.times
                    .iter()
                    .filter(|t| masks.able[t.site] >> by & 1 == 1)
                    .min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.site.cmp(&b.site)))
            };
            let own = best(p);
            let chosen = match pathway.kind {
                PathwayKind::StandIn(other) if own.is_none_or(|t| t.minutes > pathway.limit_min) => {
                    best(other)
                }
                _ => own,
            };
            usual.push(chosen.map(|t| t.site as u32));
        }
    }
    usual
}

/// Site, minutes, estimated, and what it takes to send them there.
type Answer = (usize, f64, bool, LeastBad);

/// The least bad for patients whom nobody accepts: an able site asked to take them after all, else the nearest open
/// emergency department, else whoever is nearest and not closed, else by great circle.
fn least_bad(instance: &Instance, zone: &Zone, able: &dyn Fn(usize) -> bool) -> Option<Answer> {
    let in_reach = |test: &dyn Fn(usize) -> bool| {
        zone.times
            .iter()
            .filter(|t| test(t.site))
            .min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.site.cmp(&b.site)))
            .map(|t| (t.site, t.minutes, t.estimated))
    };
    let staffed = |s: usize| instance.sites[s].cap_per_h > 0.0;
    let not_closed = |s: usize| instance.sites[s].status != Status::Closed;
    let open = |s: usize| instance.sites[s].status == Status::Open && !instance.sites[s].able.is_empty();
    let with = |found: Option<(usize, f64, bool)>, how| found.map(|(s, m, e)| (s, m, e, how));
    with(in_reach(&|s| able(s) && not_closed(s) && staffed(s)), LeastBad::AskToTakeAfterAll)
        .or_else(|| with(in_reach(&|s| open(s) && staffed(s)), LeastBad::NearestOpenDepartment))
        .or_else(|| with(in_reach(&|s| not_closed(s)), LeastBad::NearestOfAny))
        .or_else(|| {
            let from = zone.place?;
            let rule = super::estimate::EstimateRule::default();
            let near = |test: &dyn Fn(usize) -> bool| {
                (0..instance.sites.len())
                    .filter(|s| test(*s))
                    .filter_map(|s| Some((s, rule.minutes(from, instance.sites[s].place?))))
                    .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
            };
            near(&|s| able(s) && not_closed(s) && staffed(s))
                .or_else(|| near(&|s| open(s) && staffed(s)))
                .map(|(s, m)| (s, m, true, LeastBad::ByGreatCircle))
        })
}
