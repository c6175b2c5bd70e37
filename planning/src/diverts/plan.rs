//! What the planner gives back: flows, how good they are, why they can be no better, and what they do to each site.
//!
//! Always: plain numbers in patients an hour and minutes, indices into the instance's own lists; everything an executive
//! needs to accept or refuse a proposal. Never a time or a name of a person: `incident` adds those. Made by `report`.

use super::cuts::Cut;
use serde::{Deserialize, Serialize};

/// A plan and its proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// L0: patients an hour times the part of the limit by which they are late.
    pub l0: f64,
    /// Groups (zone and pathway with demand).
    pub groups: usize,
    /// Allowed pairs of group and site.
    pub arcs: usize,
    /// Groups whose only accepting site is beyond the limit.
    pub over_limit_groups: usize,
    /// L1: distinct levels of excess over the tolerated load, falling; ends with 0 when some site has none.
    pub excess_levels: Vec<f64>,
    /// What holds each level up, in the same order (without the last 0).
    pub cuts: Vec<Cut>,
    /// L2: least weighted travel under the caps, weighted minutes an hour.
    pub l2: f64,
    /// L3: the same with the charge for leaving the current site; `flows` attain it.
    pub l3: f64,
    /// The plan: who goes where, by zone, pathway and site.
    pub flows: Vec<Flow>,
    /// What it does to each site, in the instance's order.
    pub sites: Vec<SiteEffect>,
    /// Patients who go elsewhere than now, by pair of sites, the largest first.
    pub moves: Vec<Move>,
    /// Groups that nobody accepts.
    pub unserved: Vec<Unserved>,
    /// Everybody to the nearest accepting site, for comparison.
    pub nearest: Summary,
    /// Least travel (L2).
    pub least_travel: Summary,
    /// The plan (L3).
    pub planned: Summary,
    /// False when the budget of steps ran out: whole and safe to read, but not proved to be the best.
    pub proved: bool,
}

/// One line of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Zone index.
    pub zone: usize,
    /// Pathway index.
    pub pathway: usize,
    /// Site index.
    pub site: usize,
    /// Patients an hour.
    pub per_h: f64,
    /// Travel, minutes.
    pub minutes: f64,
    /// Beyond the pathway's limit.
    pub over_limit: bool,
    /// The travel time is an estimate.
    pub estimated: bool,
    /// Where they go now as well.
    pub as_now: bool,
}

/// What the plan does to a site. Loads: 1 = full.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SiteEffect {
    /// Site index.
    pub site: usize,
    /// Load it should not exceed.
    pub tolerated_load: f64,
    /// Excess over it that could not be avoided (L1).
    pub excess: f64,
    /// Load when everybody goes to the nearest accepting site.
    pub load_nearest: f64,
    /// Load under the plan.
    pub load_planned: f64,
    /// Ambulance patients an hour of the zones now (the current sites).
    pub ambulances_now_per_h: f64,
    /// The same when everybody goes to the nearest accepting site.
    pub ambulances_nearest_per_h: f64,
    /// The same under the plan.
    pub ambulances_planned_per_h: f64,
    /// Weighted minutes an hour that room for one more patient an hour would save (the site's price in L2).
    pub room_saves_min: f64,
}

/// Patients who go elsewhere than now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Site index they go to now.
    pub from: usize,
    /// Site index of the plan.
    pub to: usize,
    /// Patients an hour.
    pub per_h: f64,
}

/// Why nobody takes a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyUnserved {
    /// The zone has no travel time to any site.
    NoTravelTimes,
    /// No site that the zone has a travel time to is able.
    NobodyAble,
    /// These sites (indices) are able and have closed, diverted or switched it off, or have no staffed capacity.
    AllRefuse(Vec<usize>),
}

/// What sending them to the least bad site takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeastBad {
    /// It is able but has diverted this pathway: ask it to take them after all.
    AskToTakeAfterAll,
    /// It is the nearest open department, though not made for this pathway.
    NearestOpenDepartment,
    /// It is the nearest that is not closed.
    NearestOfAny,
    /// Nearest by great circle, as there is no travel time.
    ByGreatCircle,
}

/// A group that nobody accepts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unserved {
    /// Zone index.
    pub zone: usize,
    /// Pathway index.
    pub pathway: usize,
    /// Patients an hour.
    pub per_h: f64,
    /// The reason.
    pub why: WhyUnserved,
    /// Site index, minutes and what it takes; the plan's flows send the group there. None: no site at all.
    pub least_bad: Option<(usize, f64, LeastBad)>,
}

/// A way of sending patients, in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Mean travel of a patient, minutes.
    pub mean_travel_min: f64,
    /// Weighted travel, minutes an hour.
    pub weighted_min: f64,
    /// Patients an hour who go elsewhere than now.
    pub moved_per_h: f64,
    /// Groups that go to more than one site.
    pub split_groups: usize,
    /// Largest excess over a tolerated load.
    pub max_excess: f64,
    /// Largest load of a site.
    pub max_load: f64,
    /// Sites over their tolerated load.
    pub sites_over_tolerated: usize,
    /// Sites over 1.
    pub sites_over_full: usize,
}

impl Plan {
    /// The lines of one group, one a site.
    pub fn flows_of(&self, zone: usize, pathway: usize) -> &[Flow] {
        let key = (zone, pathway);
        let from = self.flows.partition_point(|f| (f.zone, f.pathway) < key);
        let to = self.flows.partition_point(|f| (f.zone, f.pathway) <= key);
        self.flows.get(from..to).unwrap_or(&[])
    }
}
