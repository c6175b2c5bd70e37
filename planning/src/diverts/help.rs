//! What would help: what a little more capacity at a site is worth to the whole region.
//!
//! Always: worth is measured by solving again with the added capacity, not guessed from a slope: patients an hour who
//! would no longer have to be taken over somebody's tolerated load. Where nobody is over, it is travel saved.
//! Called by `Planner::help`; proved against planning from cold in `tests/what_if.rs`.

// Indices are ranks and sites of the problem that is handed in.
#![allow(clippy::indexing_slicing)]

use super::ground::Problem;
use super::instance::Instance;
use super::levels::at_tolerated;
use super::network::{Network, UNITS_PER_MINUTE, UNITS_PER_PATIENT};
use super::planner::Solved;
use serde::{Deserialize, Serialize};

/// How staff become capacity. A local assumption, to be set by those who know their department.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HelpRule {
    /// Nurses offered at a time.
    pub nurses: u32,
    /// Nurses that staff one more majors place round the clock of a shift.
    pub nurses_per_place: f64,
    /// Sites listed at most.
    pub sites_max: usize,
}

impl Default for HelpRule {
    fn default() -> Self {
        Self { nurses: 2, nurses_per_place: 2.0, sites_max: 10 }
    }
}

/// What more staff at a site would be worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Help {
    /// Site index.
    pub site: usize,
    /// Nurses added.
    pub nurses: u32,
    /// Capacity that they add, patients an hour.
    pub capacity_per_h: f64,
    /// Patients an hour who would no longer be over anybody's tolerated load.
    pub relieves_per_h: f64,
    /// At most this much weighted travel saved, minutes an hour (by the site's price).
    pub saves_min_per_h: f64,
}

/// The most useful sites first: by relief, then by travel, then by name.
pub(super) fn help(instance: &Instance, problem: &Problem, solved: &Solved, rule: &HelpRule) -> Vec<Help> {
    let capacity_per_h = f64::from(rule.nurses) / rule.nurses_per_place.max(0.1) / instance.service_h;
    let mut network = solved.least.fork();
    network.cap = at_tolerated(&problem.rules);
    let over = overflow(&mut network);
    let held_up: Vec<usize> = solved.cuts.iter().flat_map(|c| c.sites.iter().copied()).collect();
    let mut offers = Vec::new();
    for rank in 0..problem.rules.len() {
        let relieves = if held_up.contains(&rank) {
            over - with_more(&mut network, rank, capacity_per_h * problem.rules[rank].tolerated)
        } else {
            0
        };
        let room = capacity_per_h * (problem.rules[rank].tolerated);
        let help = Help {
            site: problem.ground.laid.order.sites[rank],
            nurses: rule.nurses,
            capacity_per_h,
            relieves_per_h: relieves as f64 / UNITS_PER_PATIENT,
            saves_min_per_h: solved.least.price[rank] as f64 / UNITS_PER_MINUTE * room,
        };
        if problem.rules[rank].cap_per_h > 0.0 && (help.relieves_per_h > 1e-6 || help.saves_min_per_h > 1e-6)
        {
            offers.push(help);
        }
    }
    // The sort keeps the order of names among equals.
    offers.sort_by(|a, b| {
        b.relieves_per_h.total_cmp(&a.relieves_per_h).then(b.saves_min_per_h.total_cmp(&a.saves_min_per_h))
    });
    offers.truncate(rule.sites_max);
    offers
}

/// Patients who cannot be within anybody's cap, in units: the same whatever the flow was before.
fn overflow(network: &mut Network) -> i64 {
    network.push().into_iter().map(|s| network.load[s] - network.cap[s]).sum()
}

/// The overflow with more room at one site, which is then taken back.
fn with_more(network: &mut Network, rank: usize, room_per_h: f64) -> i64 {
    let before = network.cap[rank];
    network.cap[rank] = before + (room_per_h * UNITS_PER_PATIENT) as i64;
    let over = overflow(network);
    network.cap[rank] = before;
    over
}
