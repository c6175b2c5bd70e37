//! The instance as the network sees it, kept from plan to plan where nothing changed.
//!
//! Always: groups in the order of planning (zones by name), arcs in the order of sites by name; costs in whole units.
//! Groups whose pathway is accepted by the same sites as before are copied, not worked out again. Called by `planner`.

// Indices come from `Instance::check` and from the order made of the same instance.
#![allow(clippy::indexing_slicing)]

use super::instance::{Current, CurrentFlow, Instance, PathwaySet};
use super::levels::SiteRule;
use super::network::{Shape, cost_units, units};
use super::reach::{Laid, Reach, usual_sites};
use std::sync::Arc;

/// Everything about an instance that planning needs.
#[derive(Debug, Clone)]
pub struct Problem {
    pub ground: Arc<Ground>,
    pub now: Arc<Now>,
    /// What each site already holds, in units, by rank.
    pub base: Vec<i64>,
    /// What each site may carry, by rank.
    pub rules: Vec<SiteRule>,
}

/// Groups and arcs.
#[derive(Debug, Clone)]
pub struct Ground {
    pub laid: Arc<Laid>,
    pub reach: Reach,
    /// Zone and pathway of each group.
    pub keys: Vec<(usize, usize)>,
    /// Zone × pathways + pathway → group + 1, or 0.
    pub group_of: Vec<u32>,
    pub shape: Arc<Shape>,
    /// Cost of each arc (L2), and with the charge for leaving the current site (L3).
    pub cost: Arc<Vec<i64>>,
    pub stable_cost: Arc<Vec<i64>>,
    pub supply: Arc<Vec<i64>>,
    /// Minutes of each arc.
    pub minutes: Vec<f64>,
    /// True for arcs to a current site.
    pub stays: Vec<bool>,
    /// The current site (index) of each group, if it has one.
    pub current: Vec<Option<usize>>,
    /// The arc to the nearest accepting site of each group; equally near, to the one listed first.
    pub nearest: Vec<u32>,
}

impl Problem {
    /// The problem of a checked instance; `old` is that of the same zones, pathways and sites before a change.
    pub fn of(instance: &Instance, old: Option<&Self>) -> Self {
        let now = match old {
            Some(old) if old.now.holds_for(instance) => old.now.clone(),
            _ => Arc::new(Now::of(instance)),
        };
        let laid = old.map_or_else(|| Arc::new(Laid::of(instance)), |old| old.ground.laid.clone());
        let before = old.filter(|old| Arc::ptr_eq(&old.now, &now));
        let same = before.map_or(PathwaySet::NONE, |old| old.ground.reach.unchanged(instance));
        let ground = match before {
            Some(old) if same.iter().count() == instance.pathways.len() => old.ground.clone(),
            Some(old) => Arc::new(Ground::of(instance, laid.clone(), &now, Some((&old.ground, same)))),
            None => Arc::new(Ground::of(instance, laid.clone(), &now, None)),
        };
        let sites = &laid.order.sites;
        Self {
            base: sites.iter().map(|s| units(instance.sites[*s].base_per_h(instance.horizon_h))).collect(),
            rules: sites.iter().map(|s| rule(instance, *s)).collect(),
            ground,
            now,
        }
    }
}

/// What a site may carry, by its index.
fn rule(instance: &Instance, site: usize) -> SiteRule {
    let site = &instance.sites[site];
    SiteRule { cap_per_h: site.cap_per_h, tolerated: site.tolerated_load(instance.target_load) }
}

/// Arcs while they are being collected.
#[derive(Default)]
struct Arcs {
    first: Vec<u32>,
    site: Vec<u32>,
    cost: Vec<i64>,
    stable: Vec<i64>,
    minutes: Vec<f64>,
    stays: Vec<bool>,
}

impl Ground {
    fn of(instance: &Instance, laid: Arc<Laid>, now: &Now, old: Option<(&Self, PathwaySet)>) -> Self {
        let reach = Reach::ordered(instance, &laid, old.map(|(ground, same)| (&ground.reach, same)));
        let pathways = instance.pathways.len();
        let mut ground = Self {
            reach,
            keys: Vec::new(),
            group_of: vec![0; instance.zones.len() * pathways],
            shape: Arc::default(),
            cost: Arc::default(),
            stable_cost: Arc::default(),
            supply: Arc::default(),
            minutes: Vec::new(),
            stays: Vec::new(),
            current: Vec::new(),
            nearest: Vec::new(),
            laid,
        };
        let mut arcs = Arcs { first: vec![0], ..Arcs::default() };
        let mut supply = Vec::new();
        for k in 0..ground.laid.order.zones.len() {
            let zone = ground.laid.order.zones[k];
            for pathway in 0..pathways {
                let patients = units(instance.zones[zone].demand[pathway]);
                if patients == 0 || ground.reach.allowed(zone, pathway).is_empty() {
                    continue;
                }
                let start = arcs.site.len();
                let copied = old.filter(|(_, same)| same.contains(pathway)).and_then(|(old, _)| {
                    let there = old.group_of[zone * pathways + pathway].checked_sub(1)? as usize;
                    arcs.copy(old, there);
                    Some(old.nearest[there] - old.shape.first[there])
                });
                let nearest = copied.unwrap_or_else(|| {
                    arcs.add(
                        instance,
                        now,
                        &ground.laid,
                        ground.reach.allowed(zone, pathway),
                        (zone, pathway),
                    )
                });
                ground.nearest.push(start as u32 + nearest);
                arcs.first.push(arcs.site.len() as u32);
                supply.push(patients);
                ground.current.push(now.first(zone, pathway));
                ground.keys.push((zone, pathway));
                ground.group_of[zone * pathways + pathway] = ground.keys.len() as u32;
            }
        }
        ground.shape = Arc::new(Shape::new(arcs.first, arcs.site, instance.sites.len()));
        ground.cost = Arc::new(arcs.cost);
        ground.stable_cost = Arc::new(arcs.stable);
        ground.minutes = arcs.minutes;
        ground.stays = arcs.stays;
        ground.supply = Arc::new(supply);
        ground
    }

    /// The group of the same zone and pathway here, for a group of another ground of the same zones and pathways.
    pub fn same_group(&self, key: (usize, usize), pathways: usize) -> Option<usize> {
        (*self.group_of.get(key.0 * pathways + key.1)? as usize).checked_sub(1)
    }
}

impl Arcs {
    fn copy(&mut self, old: &Ground, group: usize) {
        let arcs = old.shape.of(group);
        self.site.extend_from_slice(&old.shape.site[arcs.clone()]);
        self.cost.extend_from_slice(&old.cost[arcs.clone()]);
        self.stable.extend_from_slice(&old.stable_cost[arcs.clone()]);
        self.minutes.extend_from_slice(&old.minutes[arcs.clone()]);
        self.stays.extend_from_slice(&old.stays[arcs]);
    }

    /// Adds a group's arcs; which of them leads to the nearest site.
    fn add(
        &mut self,
        instance: &Instance,
        now: &Now,
        laid: &Laid,
        allowed: &[super::Allowed],
        (zone, pathway): (usize, usize),
    ) -> u32 {
        let weight = instance.pathways[pathway].weight;
        let charge = cost_units(weight * instance.switch_penalty_min);
        let mut nearest = (f64::INFINITY, usize::MAX, 0);
        for (k, to) in (0u32..).zip(allowed) {
            let stays = now.holds(zone, pathway, to.site);
            let cost = cost_units(weight * to.minutes);
            self.site.push(laid.order.rank[to.site]);
            self.cost.push(cost);
            self.stable.push(if stays { cost } else { cost + charge });
            self.minutes.push(to.minutes);
            self.stays.push(stays);
            if (to.minutes, to.site) < (nearest.0, nearest.1) {
                nearest = (to.minutes, to.site, k);
            }
        }
        nearest.2
    }
}

/// Where each group goes now, and what that was worked out from.
#[derive(Debug, Clone)]
pub struct Now {
    pathways: usize,
    limits: Vec<f64>,
    given: Vec<CurrentFlow>,
    usual: Vec<Option<u32>>,
}

impl Now {
    fn of(instance: &Instance) -> Self {
        Self {
            pathways: instance.pathways.len(),
            limits: limits(instance),
            given: given(instance),
            usual: usual_sites(instance),
        }
    }

    /// True when limits and the plan in force are those that this was made for.
    fn holds_for(&self, instance: &Instance) -> bool {
        self.limits == limits(instance) && self.given == given(instance)
    }

    fn given(&self, zone: usize, pathway: usize) -> &[CurrentFlow] {
        if self.given.is_empty() {
            return &[];
        }
        let from = self.given.partition_point(|f| (f.zone, f.pathway) < (zone, pathway));
        let to = self.given.partition_point(|f| (f.zone, f.pathway) <= (zone, pathway));
        &self.given[from..to]
    }

    fn holds(&self, zone: usize, pathway: usize, site: usize) -> bool {
        match self.given(zone, pathway) {
            [] => self.usual[zone * self.pathways + pathway] == Some(site as u32),
            given => given.iter().any(|f| f.site == site),
        }
    }

    fn first(&self, zone: usize, pathway: usize) -> Option<usize> {
        match self.given(zone, pathway) {
            [] => self.usual[zone * self.pathways + pathway].map(|s| s as usize),
            given => given.first().map(|f| f.site),
        }
    }
}

fn limits(instance: &Instance) -> Vec<f64> {
    instance.pathways.iter().map(|p| p.limit_min).collect()
}

fn given(instance: &Instance) -> Vec<CurrentFlow> {
    let mut given = match &instance.current {
        Current::Nearest => Vec::new(),
        Current::Given(flows) => flows.clone(),
    };
    given.sort_unstable();
    given
}
