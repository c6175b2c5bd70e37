//! L1: how far over its tolerated load each site must go, the worst as little as possible, then the next.
//!
//! A discrete Newton search on the level of excess: push everybody within caps at the level so far; whoever is stuck
//! names a closed set of sites (the minimum cut) whose patients can go nowhere else; the level that this set needs is
//! exact arithmetic; repeat. The last set is the bottleneck: its sites are fixed, the others start from nothing again.
//! Always: levels fall from cut to cut and every cut proves its level. Bounded: each level fixes at least one site.
//! Called by `planner`; proved by brute force over site subsets (`tests/brute_force.rs`).

// Indices are ranks of sites and groups of the network that is handed in.
#![allow(clippy::indexing_slicing)]

use super::network::{Network, UNITS_PER_PATIENT};

/// What a site may carry: capacity K in patients an hour, and tolerated load.
#[derive(Debug, Clone, Copy)]
pub struct SiteRule {
    pub cap_per_h: f64,
    pub tolerated: f64,
}

/// A bottleneck, in ranks of sites.
#[derive(Debug, Clone)]
pub struct RankedCut {
    /// Excess over the tolerated load.
    pub excess: f64,
    /// Sites fixed by it.
    pub sites: Vec<usize>,
    /// Groups that can reach no site outside, and their patients in units.
    pub groups: Vec<usize>,
    pub demand: i64,
}

/// Rounding of caps to whole units may leave this much stuck: 1e-9 patients an hour.
const DUST: i64 = 1_000;
/// Steps of the search for one level; a handful is usual.
const ROUNDS_MAX: usize = 500;

/// Sets the network's caps to the smallest excesses and returns the cuts, the largest excess first.
pub fn lift(network: &mut Network, rules: &[SiteRule]) -> Vec<RankedCut> {
    let mut fixed = vec![false; rules.len()];
    let mut cuts = Vec::new();
    // Each round fixes at least one site, so that there are at most as many as sites.
    for _ in 0..=rules.len() {
        for (site, rule) in rules.iter().enumerate().filter(|(site, _)| !fixed[*site]) {
            network.cap[site] = rule.cap_units(0.0);
        }
        let Some((excess, set)) = level(network, rules, &fixed) else { break };
        cuts.push(fix(network, rules, &mut fixed, excess, &set));
    }
    cuts
}

/// The caps without any excess: what the region could take if nobody were over.
pub fn at_tolerated(rules: &[SiteRule]) -> Vec<i64> {
    rules.iter().map(|rule| rule.cap_units(0.0)).collect()
}

impl SiteRule {
    /// Room for patients at this excess, rounded up; a site without capacity is not capped, as nobody is sent there
    /// unless they can go nowhere else.
    fn cap_units(&self, excess: f64) -> i64 {
        if self.cap_per_h <= 0.0 {
            return i64::MAX / 4;
        }
        (self.cap_per_h * (self.tolerated + excess) * UNITS_PER_PATIENT).ceil() as i64
    }
}

/// The smallest common excess of the free sites in need of any, and the set that needs it.
fn level(network: &mut Network, rules: &[SiteRule], fixed: &[bool]) -> Option<(f64, Vec<usize>)> {
    let mut found: Option<(f64, Vec<usize>)> = None;
    for _ in 0..ROUNDS_MAX {
        let stuck = without_dust(network);
        if stuck.is_empty() || network.exhausted() {
            break;
        }
        let mut reached = vec![false; rules.len()];
        let mut best: Option<(f64, Vec<usize>)> = None;
        let mut sources = vec![true; rules.len()];
        for site in stuck {
            if !sources[site] {
                continue;
            }
            let set = network.reach_of(site);
            let needed = needed(network, rules, fixed, &set);
            for member in &set {
                reached[*member] = true;
                // Whoever is in the set of another reaches no more than that other; a tighter set shows next round.
                sources[*member] = false;
            }
            match needed {
                Some(needed) if best.as_ref().is_none_or(|(level, _)| needed > *level) => {
                    best = Some((needed, set))
                }
                Some(_) => {}
                // Only fixed sites: what is left over is rounding.
                None => network.cap[site] = network.load[site],
            }
        }
        let Some((excess, set)) = best else { continue };
        for site in (0..rules.len()).filter(|s| reached[*s] && !fixed[*s]) {
            network.cap[site] = network.cap[site].max(rules[site].cap_units(excess));
        }
        found = Some((excess, set));
    }
    found
}

/// Pushes; what is stuck by less than rounding is let be.
fn without_dust(network: &mut Network) -> Vec<usize> {
    let mut stuck = network.push();
    stuck.retain(|site| {
        let over = network.load[*site] - network.cap[*site];
        if over <= DUST {
            network.cap[*site] += over;
        }
        over > DUST
    });
    stuck
}

/// The excess that a closed set needs; none when all of it is fixed.
fn needed(network: &Network, rules: &[SiteRule], fixed: &[bool], set: &[usize]) -> Option<f64> {
    let mut spoken_for = 0i64;
    let mut room = 0.0;
    let mut capacity = 0.0;
    for site in set {
        spoken_for += network.load[*site];
        if fixed[*site] {
            spoken_for -= network.cap[*site];
        } else {
            room += rules[*site].cap_per_h * rules[*site].tolerated;
            capacity += rules[*site].cap_per_h;
        }
    }
    (capacity > 0.0).then(|| (spoken_for as f64 / UNITS_PER_PATIENT - room) / capacity)
}

/// Fixes the free sites of a set at their excess, so that their caps together are exactly what they hold.
fn fix(
    network: &mut Network,
    rules: &[SiteRule],
    fixed: &mut [bool],
    excess: f64,
    set: &[usize],
) -> RankedCut {
    let free: Vec<usize> = set.iter().copied().filter(|s| !fixed[*s]).collect();
    for site in &free {
        network.cap[*site] = rules[*site].cap_units(excess);
        fixed[*site] = true;
    }
    // Rounding up may have left a unit of room; taken off where it is unused, so that the set is exactly full.
    for site in &free {
        let slack = network.cap[*site] - network.load[*site];
        if (0..=DUST).contains(&slack) {
            network.cap[*site] = network.load[*site];
        }
    }
    let inside = |g: usize| network.shape.of(g).all(|a| set.contains(&(network.shape.site[a] as usize)));
    let touches = |g: usize| network.shape.of(g).any(|a| free.contains(&(network.shape.site[a] as usize)));
    let groups: Vec<usize> = (0..network.shape.groups()).filter(|g| touches(*g) && inside(*g)).collect();
    let demand = groups.iter().map(|g| network.supply[*g]).sum();
    RankedCut { excess, sites: free, groups, demand }
}
