//! Where a crew goes under each policy: a table made once from the instance and its plan, and the deflect rule on top.
//!
//! Always: only sites that accept the patient now (`planning`'s own reach), except under `NoDivert`, which sends everybody
//! where they would go without diverts; resuscitation goes where the planner lets it and is never deflected. Called by
//! `divert_simulation::simulate`; proved by the tables below and by `tests/divert_simulation.rs`.

use super::board::Board;
use super::department::Urgency;
use super::world::{Choice, Dispatch};
use planning::diverts::{
    Advice, Allowed, BoardWait, DeflectRule, Instance, PathwayKind, PathwaySet, Plan, Reach, Site, Status,
    deflect, great_circle_km,
};

/// A way of running a divert.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Policy {
    /// No divert: everybody to the nearest department that is not closed, even where it can take less.
    NoDivert,
    /// Each crew to the nearest department that accepts its patient.
    NearestOpen,
    /// All that a diverted department would have had to the department nearest to it.
    NearestNeighbour,
    /// The plan, made once when the divert begins.
    Plan,
    /// The plan, and a crew sent elsewhere when the board says that it is much better.
    PlanAndDeflect,
}

impl Policy {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::NoDivert, Self::NearestOpen, Self::NearestNeighbour, Self::Plan, Self::PlanAndDeflect];

    /// For scripts; never changed.
    pub fn key(self) -> &'static str {
        match self {
            Self::NoDivert => "no_divert",
            Self::NearestOpen => "nearest_open",
            Self::NearestNeighbour => "nearest_neighbour",
            Self::Plan => "plan",
            Self::PlanAndDeflect => "plan_and_deflect",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoDivert => "No divert",
            Self::NearestOpen => "Nearest open",
            Self::NearestNeighbour => "All to one neighbour",
            Self::Plan => "Plan",
            Self::PlanAndDeflect => "Plan and deflect",
        }
    }

    /// Its place among [`Policy::ALL`].
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|p| *p == self).unwrap_or(0)
    }
}

/// One of the sites that a group is taken to: `upto` is the share of the group that goes here or to one before it.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Way {
    upto: f64,
    site: usize,
    minutes: f64,
}

#[derive(Clone, PartialEq, Debug)]
struct Group {
    kind: PathwayKind,
    ways: Vec<Way>,
    allowed: Vec<Allowed>,
}

/// What a crew of each group is told; groups are numbered zone × pathways + pathway.
#[derive(Clone, PartialEq, Debug)]
pub struct Routes {
    groups: Vec<Group>,
    deflecting: Option<DeflectRule>,
}

impl Routes {
    /// The table of a policy.
    pub fn of(policy: Policy, tables: &Tables, rule: DeflectRule) -> Self {
        let deflecting = (policy == Policy::PlanAndDeflect).then_some(rule);
        Self { groups: (0..tables.groups()).map(|g| tables.group(policy, g)).collect(), deflecting }
    }
}

impl Dispatch for Routes {
    fn choose(&self, group: usize, split: f64, board: &Board) -> Option<Choice> {
        let group = self.groups.get(group)?;
        let way = group.ways.iter().find(|way| split < way.upto).or(group.ways.last())?;
        let planned = Choice { site: way.site, travel_min: way.minutes, deflected: false };
        let Some(rule) = &self.deflecting else { return Some(planned) };
        let waits =
            |site| Some(BoardWait { wait_min: board.reckoned_wait_min(site), age_min: board.age_min() });
        match deflect(rule, group.kind, &group.allowed, way.site, waits) {
            Advice::Deflect { to, .. } => {
                let there = group.allowed.iter().find(|a| a.site == to)?;
                Some(Choice { site: to, travel_min: there.minutes, deflected: true })
            }
            Advice::Follow(_) => Some(planned),
        }
    }

    fn urgency(&self, group: usize) -> Urgency {
        match self.groups.get(group).map(|g| g.kind) {
            Some(PathwayKind::Resuscitation) => Urgency::Resuscitation,
            _ => Urgency::Ambulance,
        }
    }
}

/// What all policies are made from: who accepts now, who would without diverts, who on a usual day, and the plan.
#[derive(Clone, Debug)]
pub struct Tables<'i> {
    instance: &'i Instance,
    now: Reach,
    undiverted: Reach,
    usual: Reach,
    plan: &'i Plan,
}

impl<'i> Tables<'i> {
    /// From an instance that is sound and its plan.
    pub fn of(instance: &'i Instance, plan: &'i Plan) -> Self {
        let reach = |change: &dyn Fn(&mut Site)| {
            let mut changed = instance.clone();
            changed.sites.iter_mut().for_each(change);
            Reach::of(&changed)
        };
        let undiverted = reach(&|site| {
            // Who is closed, or has nobody to work there, stays so: that is no divert.
            site.off = PathwaySet::NONE;
            if site.status == Status::Divert {
                site.status = Status::Open;
            }
        });
        let usual = reach(&|site| {
            site.off = PathwaySet::NONE;
            site.status = Status::Open;
            site.cap_per_h = site.cap_per_h.max(site.usual_cap_per_h);
        });
        Self { instance, now: Reach::of(instance), undiverted, usual, plan }
    }

    /// The site of a group on a usual day.
    pub fn usual_site(&self, group: usize) -> Option<usize> {
        let (zone, pathway) = self.place(group);
        nearest(self.usual.allowed(zone, pathway)).map(|a| a.site)
    }

    fn groups(&self) -> usize {
        self.instance.zones.len() * self.instance.pathways.len()
    }

    fn place(&self, group: usize) -> (usize, usize) {
        let pathways = self.instance.pathways.len().max(1);
        (group / pathways, group % pathways)
    }

    fn group(&self, policy: Policy, group: usize) -> Group {
        let (zone, pathway) = self.place(group);
        let allowed = self.now.allowed(zone, pathway);
        let kind = self.instance.pathways.get(pathway).map_or(PathwayKind::Usual, |p| p.kind);
        let single = |to: Option<&Allowed>| -> Vec<Way> {
            to.map(|a| Way { upto: 1.0, site: a.site, minutes: a.minutes }).into_iter().collect()
        };
        let ways = match policy {
            Policy::NoDivert => single(nearest(self.undiverted.allowed(zone, pathway))),
            Policy::NearestOpen => single(nearest(allowed)),
            Policy::NearestNeighbour => single(self.neighbour(group, kind, allowed)),
            Policy::Plan | Policy::PlanAndDeflect => self.planned(zone, pathway),
        };
        Group { kind, ways, allowed: allowed.to_vec() }
    }

    /// The usual site if it accepts, else the accepting site nearest to it as the crow flies.
    fn neighbour<'a>(&self, group: usize, kind: PathwayKind, allowed: &'a [Allowed]) -> Option<&'a Allowed> {
        let usual = self.usual_site(group);
        if kind == PathwayKind::Resuscitation || allowed.iter().any(|a| Some(a.site) == usual) {
            return nearest(allowed);
        }
        let place = |site: usize| self.instance.sites.get(site).and_then(|s| s.place);
        let from = usual.and_then(place);
        let away_km = |to: &Allowed| match from.zip(place(to.site)) {
            Some((from, there)) => great_circle_km(from, there),
            None => f64::INFINITY,
        };
        let order = |a: &&Allowed, b: &&Allowed| {
            away_km(a).total_cmp(&away_km(b)).then(a.minutes.total_cmp(&b.minutes)).then(a.site.cmp(&b.site))
        };
        allowed.iter().min_by(order)
    }

    fn planned(&self, zone: usize, pathway: usize) -> Vec<Way> {
        let flows = self.plan.flows_of(zone, pathway);
        let total: f64 = flows.iter().map(|f| f.per_h).sum();
        let mut upto = 0.0;
        let mut ways = Vec::with_capacity(flows.len());
        for flow in flows.iter().filter(|f| f.per_h > 0.0) {
            upto += flow.per_h / total;
            ways.push(Way { upto, site: flow.site, minutes: flow.minutes });
        }
        ways
    }
}

/// The nearest; of equally near ones the one listed first.
fn nearest(allowed: &[Allowed]) -> Option<&Allowed> {
    allowed.iter().min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.site.cmp(&b.site)))
}

#[cfg(test)]
mod tests {
    use super::super::board::Seen;
    use super::super::region_of_three;
    use super::*;

    /// The site of each group under a policy: zone West (resuscitation, general), then zone East.
    fn sites(policy: Policy) -> Vec<usize> {
        let instance = region_of_three();
        let plan = planning::diverts::plan(&instance).unwrap();
        let tables = Tables::of(&instance, &plan);
        let routes = Routes::of(policy, &tables, DeflectRule::default());
        let board = Board::new(3, 0.0);
        (0..4).map(|group| routes.choose(group, 0.0, &board).unwrap().site).collect()
    }

    #[test]
    fn each_policy_sends_where_its_name_says() {
        // The middle department (1) is on divert; the western (0) is nearer to it, the eastern (2) nearer to zone East.
        assert_eq!(sites(Policy::NoDivert), [0, 0, 1, 1]);
        assert_eq!(sites(Policy::NearestOpen), [0, 0, 1, 2]);
        assert_eq!(sites(Policy::NearestNeighbour), [0, 0, 1, 0]);
    }

    #[test]
    fn a_closed_department_gets_nobody_under_any_policy() {
        let mut instance = region_of_three();
        instance.sites[1].status = Status::Closed;
        let plan = planning::diverts::plan(&instance).unwrap();
        let tables = Tables::of(&instance, &plan);
        let board = Board::new(3, 0.0);
        for policy in Policy::ALL {
            let routes = Routes::of(policy, &tables, DeflectRule::default());
            let sites = (0..4).filter_map(|group| routes.choose(group, 0.5, &board));
            assert!(sites.clone().count() == 4 && sites.map(|c| c.site).all(|s| s != 1), "{policy:?}");
        }
        assert_eq!(tables.usual_site(3), Some(1), "on a usual day it is open");
    }

    #[test]
    fn a_crew_is_deflected_by_the_board_and_resuscitation_never() {
        let instance = region_of_three();
        let plan = planning::diverts::plan(&instance).unwrap();
        let tables = Tables::of(&instance, &plan);
        let routes = Routes::of(Policy::PlanAndDeflect, &tables, DeflectRule::default());
        let mut board = Board::new(3, 0.0);
        let calm = Seen { crews_waiting: 0, free: 2, takes_per_h: 6.0 };
        (0..3).for_each(|site| board.write(site, 0.0, calm));
        board.begins();
        let planned = routes.choose(3, 0.0, &board).unwrap();
        assert!(!planned.deflected);
        board.write(planned.site, 1.0, Seen { crews_waiting: 9, free: 0, ..calm });
        board.turn_to(1.0);
        let sent = routes.choose(3, 0.0, &board).unwrap();
        assert!(sent.deflected && sent.site != planned.site && sent.site != 1, "{sent:?}");
        assert!(!routes.choose(2, 0.0, &board).unwrap().deflected);
        assert_eq!((routes.urgency(2), routes.urgency(3)), (Urgency::Resuscitation, Urgency::Ambulance));
    }

    #[test]
    fn a_split_group_goes_to_each_site_in_its_share() {
        let instance = region_of_three();
        let mut plan = planning::diverts::plan(&instance).unwrap();
        let flow = *plan.flows_of(1, 1).first().unwrap();
        plan.flows.retain(|f| (f.zone, f.pathway) != (1, 1));
        plan.flows.extend([(0, 1.0), (2, 3.0)].map(|(site, per_h)| planning::diverts::Flow {
            site,
            per_h,
            ..flow
        }));
        let tables = Tables::of(&instance, &plan);
        let routes = Routes::of(Policy::Plan, &tables, DeflectRule::default());
        let board = Board::new(3, 0.0);
        let site = |split| routes.choose(3, split, &board).unwrap().site;
        assert_eq!([0.0, 0.24, 0.26, 0.999].map(site), [0, 0, 2, 2]);
        assert_eq!(routes.choose(99, 0.5, &board), None);
    }
}
