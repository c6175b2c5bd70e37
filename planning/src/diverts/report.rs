//! From flows to what people read: values of the levels, effects on each site, moves, comparisons.
//!
//! Always: values are computed from the instance's own numbers and the flows, not from the solver's prices, so that they
//! can be checked by hand. Called by `planner`; proved by `tests/best_known.rs`, which holds summaries to those of others.

// Indices are groups, arcs and ranks of the problem that the flows were made for.
#![allow(clippy::indexing_slicing)]

use super::cuts::Cut;
use super::ground::{Ground, Problem};
use super::instance::Instance;
use super::network::{Network, UNITS_PER_MINUTE, UNITS_PER_PATIENT};
use super::plan::{Flow, Move, Plan, SiteEffect, Summary};
use super::planner::Solved;
use std::collections::BTreeMap;
use std::ops::Range;

/// A flow below this many patients an hour is rounding; it is shown with the group's largest.
const DUST_PER_H: f64 = 1e-9;
/// Levels closer than this are one.
const SAME_LEVEL: f64 = 1e-9;
/// A load this much over a bound is over it.
const OVER: f64 = 1e-9;

/// The plan for people.
pub(super) fn report(instance: &Instance, problem: &Problem, solved: &Solved) -> Plan {
    let ground = &*problem.ground;
    let least = tally(instance, ground, &solved.least);
    let planned = tally(instance, ground, &solved.stable);
    let nearest = Tally::of(instance, ground, |group| one(ground.nearest[group]), |_, demand| demand);
    let (l0, over_limit_groups) = lateness(instance, ground);
    Plan {
        l0,
        groups: ground.keys.len(),
        arcs: ground.shape.site.len(),
        over_limit_groups,
        excess_levels: levels(instance, solved),
        cuts: cuts(instance, problem, solved),
        l2: least.weighted,
        l3: planned.weighted + planned.charged,
        flows: flows(instance, ground, &solved.stable),
        sites: effects(instance, problem, solved, &nearest, &planned),
        moves: planned.moves(instance),
        unserved: ground.reach.unserved().to_vec(),
        nearest: nearest.summary(instance),
        least_travel: least.summary(instance),
        planned: planned.summary(instance),
        proved: !solved.least.exhausted() && !solved.stable.exhausted(),
    }
}

fn tally(instance: &Instance, ground: &Ground, network: &Network) -> Tally {
    let held = |group| network.held(group);
    Tally::of(instance, ground, held, |arc, demand| network.patients(ground, arc, demand))
}

fn one(arc: u32) -> Range<usize> {
    arc as usize..arc as usize + 1
}

impl Network {
    /// Patients an hour on an arc: the demand itself where the whole group is on it, not the demand rounded to units.
    fn patients(&self, ground: &Ground, arc: usize, demand: f64) -> f64 {
        match self.flow[arc] {
            0 => 0.0,
            flow if flow == ground.supply[ground.shape.group_of(arc)] => demand,
            flow => flow as f64 / UNITS_PER_PATIENT,
        }
    }
}

/// The plan's lines by zone, pathway and site.
fn flows(instance: &Instance, ground: &Ground, network: &Network) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::with_capacity(ground.keys.len() + ground.keys.len() / 64);
    // `group_of` goes by zone and pathway, so that nothing needs sorting but the few groups on several sites.
    for group in ground.group_of.iter().filter_map(|g| g.checked_sub(1)) {
        let group = group as usize;
        let (zone, pathway) = ground.keys[group];
        let demand = instance.zones[zone].demand[pathway];
        let start = flows.len();
        let first = ground.shape.of(group).start;
        for arc in network.held(group).filter(|a| network.flow[*a] > 0) {
            let to = ground.reach.allowed(zone, pathway)[arc - first];
            flows.push(Flow {
                zone,
                pathway,
                site: to.site,
                per_h: network.patients(ground, arc, demand),
                minutes: to.minutes,
                over_limit: to.over_limit,
                estimated: to.estimated,
                as_now: ground.stays[arc],
            });
        }
        if flows.len() > start + 1 {
            sweep_dust(&mut flows, start);
            flows[start..].sort_unstable_by_key(|f| f.site);
        }
    }
    flows
}

/// Gives flows too small to mean anything to the largest of the group.
fn sweep_dust(flows: &mut Vec<Flow>, start: usize) {
    let mut own = flows.split_off(start);
    let dust: f64 = own.iter().map(|f| f.per_h).filter(|x| *x < DUST_PER_H).sum();
    if own.iter().any(|f| f.per_h >= DUST_PER_H) {
        own.retain(|f| f.per_h >= DUST_PER_H);
        if let Some(largest) = own.iter_mut().max_by(|a, b| a.per_h.total_cmp(&b.per_h)) {
            largest.per_h += dust;
        }
    }
    flows.append(&mut own);
}

/// A way of sending patients, added up in the order of planning, so that the sums do not depend on the order of a file.
struct Tally {
    patients: f64,
    travel: f64,
    weighted: f64,
    /// Charge for leaving current sites, weighted minutes an hour.
    charged: f64,
    moved: f64,
    split: usize,
    /// Patients an hour of each site (index), and its load.
    ambulances: Vec<f64>,
    load: Vec<f64>,
    /// From × sites + to → patients an hour who go elsewhere than now.
    between: BTreeMap<usize, f64>,
}

impl Tally {
    /// `held` are the arcs of a group that may have patients, `patients` how many an hour, given the group's demand.
    fn of(
        instance: &Instance,
        ground: &Ground,
        held: impl Fn(usize) -> Range<usize>,
        patients: impl Fn(usize, f64) -> f64,
    ) -> Self {
        let sites = instance.sites.len();
        let mut tally = Self {
            patients: 0.0,
            travel: 0.0,
            weighted: 0.0,
            charged: 0.0,
            moved: 0.0,
            split: 0,
            ambulances: vec![0.0; sites],
            load: Vec::new(),
            between: BTreeMap::new(),
        };
        for (group, (zone, pathway)) in ground.keys.iter().enumerate() {
            let demand = instance.zones[*zone].demand[*pathway];
            let weight = instance.pathways[*pathway].weight;
            let mut used = 0;
            for arc in held(group) {
                let x = patients(arc, demand);
                if x == 0.0 {
                    continue;
                }
                used += usize::from(x >= DUST_PER_H);
                let to = ground.laid.order.sites[ground.shape.site[arc] as usize];
                tally.patients += x;
                tally.travel += x * ground.minutes[arc];
                tally.weighted += x * weight * ground.minutes[arc];
                tally.ambulances[to] += x;
                if !ground.stays[arc] {
                    tally.moved += x;
                    tally.charged += x * weight * instance.switch_penalty_min;
                    if let Some(from) = ground.current[group] {
                        *tally.between.entry(from * sites + to).or_default() += x;
                    }
                }
            }
            tally.split += usize::from(used > 1);
        }
        tally.load = loads(instance, &tally.ambulances);
        tally
    }

    fn moves(&self, instance: &Instance) -> Vec<Move> {
        let sites = instance.sites.len();
        let dusted = self.between.iter().filter(|(_, per_h)| **per_h >= DUST_PER_H);
        let mut moves: Vec<Move> =
            dusted.map(|(k, per_h)| Move { from: k / sites, to: k % sites, per_h: *per_h }).collect();
        moves.sort_by(|a, b| b.per_h.total_cmp(&a.per_h).then((a.from, a.to).cmp(&(b.from, b.to))));
        moves
    }

    fn summary(&self, instance: &Instance) -> Summary {
        let over = |site: usize| self.load[site] - instance.sites[site].tolerated_load(instance.target_load);
        let sites = 0..instance.sites.len();
        Summary {
            mean_travel_min: if self.patients > 0.0 { self.travel / self.patients } else { 0.0 },
            weighted_min: self.weighted,
            moved_per_h: self.moved,
            split_groups: self.split,
            max_excess: sites.clone().map(over).fold(0.0, f64::max),
            max_load: self.load.iter().copied().fold(0.0, f64::max),
            sites_over_tolerated: sites.clone().filter(|s| over(*s) > OVER).count(),
            sites_over_full: sites.filter(|s| self.load[*s] > 1.0 + OVER).count(),
        }
    }
}

fn loads(instance: &Instance, ambulances: &[f64]) -> Vec<f64> {
    let load = |(site, taken): (&super::Site, &f64)| {
        let all = site.base_per_h(instance.horizon_h) + taken;
        // Without capacity a load is no number; it is shown as none, and nobody is sent there who can go elsewhere.
        if site.cap_per_h > 0.0 { all / site.cap_per_h } else { 0.0 }
    };
    instance.sites.iter().zip(ambulances).map(load).collect()
}

fn lateness(instance: &Instance, ground: &Ground) -> (f64, usize) {
    let mut late = 0.0;
    let mut groups = 0;
    for (group, (zone, pathway)) in ground.keys.iter().enumerate() {
        let arcs = ground.shape.of(group);
        let limit = instance.pathways[*pathway].limit_min;
        // Beyond the limit there is only ever one arc.
        if arcs.len() == 1 && ground.minutes[arcs.start] > limit {
            groups += 1;
            late += instance.zones[*zone].demand[*pathway] * (ground.minutes[arcs.start] - limit) / limit;
        }
    }
    (late, groups)
}

fn levels(instance: &Instance, solved: &Solved) -> Vec<f64> {
    let mut levels: Vec<f64> = solved.cuts.iter().map(|c| c.excess).collect();
    levels.dedup_by(|later, earlier| (*later - *earlier).abs() < SAME_LEVEL);
    let lifted: usize = solved.cuts.iter().map(|c| c.sites.len()).sum();
    if lifted < instance.sites.len() {
        levels.push(0.0);
    }
    levels
}

fn cuts(instance: &Instance, problem: &Problem, solved: &Solved) -> Vec<Cut> {
    solved
        .cuts
        .iter()
        .map(|cut| {
            let mut sites: Vec<usize> =
                cut.sites.iter().map(|s| problem.ground.laid.order.sites[*s]).collect();
            sites.sort_unstable();
            let sum = |what: &dyn Fn(usize) -> f64| sites.iter().map(|s| what(*s)).sum::<f64>();
            let distinct = |mut of: Vec<usize>| {
                of.sort_unstable();
                of.dedup();
                of
            };
            let mut cut = Cut {
                excess: cut.excess,
                groups: cut.groups.len(),
                pathways: distinct(cut.groups.iter().map(|g| problem.ground.keys[*g].1).collect()),
                zones: distinct(cut.groups.iter().map(|g| problem.ground.keys[*g].0).collect()),
                demand_per_h: cut.demand as f64 / UNITS_PER_PATIENT,
                spoken_for_per_h: sum(&|s| instance.sites[s].base_per_h(instance.horizon_h)),
                room_per_h: sum(&|s| {
                    instance.sites[s].cap_per_h * instance.sites[s].tolerated_load(instance.target_load)
                }),
                words: String::new(),
                sites,
            };
            cut.words = super::words::cut(instance, &cut);
            cut
        })
        .collect()
}

fn effects(
    instance: &Instance,
    problem: &Problem,
    solved: &Solved,
    nearest: &Tally,
    planned: &Tally,
) -> Vec<SiteEffect> {
    let mut now = vec![0.0; instance.sites.len()];
    for (group, (zone, pathway)) in problem.ground.keys.iter().enumerate() {
        if let Some(site) = problem.ground.current[group] {
            now[site] += instance.zones[*zone].demand[*pathway];
        }
    }
    let mut excess = vec![0.0; instance.sites.len()];
    for cut in &solved.cuts {
        for rank in &cut.sites {
            excess[problem.ground.laid.order.sites[*rank]] = cut.excess;
        }
    }
    let price = |network: &Network, site: usize| {
        network.price[problem.ground.laid.order.rank[site] as usize] as f64 / UNITS_PER_MINUTE
    };
    (0..instance.sites.len())
        .map(|site| SiteEffect {
            site,
            tolerated_load: instance.sites[site].tolerated_load(instance.target_load),
            excess: excess[site],
            load_nearest: nearest.load[site],
            load_planned: planned.load[site],
            ambulances_now_per_h: now[site],
            ambulances_nearest_per_h: nearest.ambulances[site],
            ambulances_planned_per_h: planned.ambulances[site],
            room_saves_min: price(&solved.least, site),
        })
        .collect()
}
