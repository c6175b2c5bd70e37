//! From an instance to a plan, and from a plan to the next when one thing has changed.
//!
//! Always: `replan` gives what planning from cold would give (levels and values equal; flows equally good), in a
//! fraction of the time, because flows and prices are kept and only the groups whose sites or costs changed move anew.
//! Never: a plan kept when the change was refused. Called by the command line, `incident` and the simulation. Proved by
//! `tests/best_known.rs` (values), `tests/replan.rs` (warm equals cold) and `tests/properties.rs`.

// Indices come from `Instance::check` and from the order made of the same instance.
#![allow(clippy::indexing_slicing)]

use super::change::{Change, apply};
use super::ground::{Ground, Problem};
use super::help::{Help, HelpRule};
use super::instance::Instance;
use super::levels::{RankedCut, at_tolerated, lift};
use super::network::Network;
use super::plan::Plan;
use super::reach::Reach;
use super::refusal::Refusal;
use std::sync::Arc;

/// Plans once, from cold.
///
/// # Errors
/// What `Instance::check` refuses. An instance that nobody can serve well is no error: the plan says what is least bad.
pub fn plan(instance: &Instance) -> Result<Plan, Refusal> {
    instance.check()?;
    Ok(solve(instance, None).2)
}

/// A planner that remembers its last plan, so that the next is quick.
#[derive(Debug, Clone)]
pub struct Planner {
    instance: Instance,
    problem: Problem,
    solved: Solved,
    plan: Plan,
}

impl Planner {
    /// Plans from cold and keeps everything.
    ///
    /// # Errors
    /// As `plan`.
    pub fn new(instance: Instance) -> Result<Self, Refusal> {
        instance.check()?;
        let (problem, solved, plan) = solve(&instance, None);
        Ok(Self { instance, problem, solved, plan })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it was made for.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Sites that a group may be taken to, for the deflect rule and the board.
    pub fn reach(&self) -> &Reach {
        &self.problem.ground.reach
    }

    /// Plans again after changes; the old plan stays if a change is refused.
    ///
    /// # Errors
    /// A change that names what does not exist or gives a figure that cannot be.
    pub fn replan(&mut self, changes: &[Change]) -> Result<&Plan, Refusal> {
        apply(&mut self.instance, changes)?;
        let from = (self.problem.clone(), std::mem::take(&mut self.solved));
        (self.problem, self.solved, self.plan) = solve(&self.instance, Some(from));
        Ok(&self.plan)
    }

    /// The plan after changes, while this planner keeps its own.
    ///
    /// # Errors
    /// As `replan`.
    pub fn what_if(&self, changes: &[Change]) -> Result<Self, Refusal> {
        let mut instance = self.instance.clone();
        apply(&mut instance, changes)?;
        let (problem, solved, plan) = solve(&instance, Some((self.problem.clone(), self.solved.clone())));
        Ok(Self { instance, problem, solved, plan })
    }

    /// What more staff would be worth at the sites that hold the region up, the most first.
    pub fn help(&self, rule: &HelpRule) -> Vec<Help> {
        super::help::help(&self.instance, &self.problem, &self.solved, rule)
    }
}

/// Flows and prices, kept for the next plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Solved {
    /// At least travel (L2).
    pub least: Network,
    /// With the charge for leaving (L3).
    pub stable: Network,
    pub cuts: Vec<RankedCut>,
}

/// A change that gives more than this part of the groups other sites is planned from cold: quicker, and no worse.
const FROM_COLD_PART: usize = 4;

/// L0 to L3. With a plan to start from, only what changed is placed anew.
fn solve(instance: &Instance, from: Option<(Problem, Solved)>) -> (Problem, Solved, Plan) {
    let problem = Problem::of(instance, from.as_ref().map(|(old, _)| old));
    let solved = match from {
        Some((old, solved)) if Arc::ptr_eq(&old.ground, &problem.ground) => {
            other_figures(&old, &problem, solved)
        }
        Some((old, solved)) => other_sites(&old.ground, &problem, &solved.least),
        None => from_cold(&problem),
    };
    let plan = super::report::report(instance, &problem, &solved);
    (problem, solved, plan)
}

fn from_cold(problem: &Problem) -> Solved {
    let mut least = network(problem, &problem.ground.cost);
    (0..problem.ground.keys.len()).for_each(|group| least.place(group));
    onwards(problem, least)
}

/// The same groups with the same sites: everything is kept but loads and caps.
fn other_figures(old: &Problem, problem: &Problem, solved: Solved) -> Solved {
    let Solved { mut least, mut stable, .. } = solved;
    least.rebase(&old.base, &problem.base);
    stable.rebase(&old.base, &problem.base);
    let cuts = lift(&mut least, &problem.rules);
    least.pull();
    stable.cap.clone_from(&least.cap);
    stable.push();
    stable.pull();
    Solved { least, stable, cuts }
}

/// Some groups have other sites: they are placed where it is cheapest at the old prices, the others stay.
fn other_sites(old: &Ground, problem: &Problem, before: &Network) -> Solved {
    let ground = &problem.ground;
    let same: Vec<Option<usize>> =
        (0..ground.keys.len()).map(|group| same_arcs(old, ground, group)).collect();
    if same.iter().filter(|s| s.is_none()).count() * FROM_COLD_PART > same.len() {
        return from_cold(problem);
    }
    let mut least = network(problem, &ground.cost);
    least.price.clone_from(&before.price);
    for (group, same) in same.into_iter().enumerate() {
        match same {
            Some(there) => least.copy(group, before, there),
            None => least.place(group),
        }
    }
    onwards(problem, least)
}

/// Levels, least travel, and from there the plan that leaves current sites only for a gain.
fn onwards(problem: &Problem, mut least: Network) -> Solved {
    let cuts = lift(&mut least, &problem.rules);
    least.pull();
    let mut stable = least.fork();
    stable.reprice(problem.ground.stable_cost.clone());
    stable.push();
    stable.pull();
    Solved { least, stable, cuts }
}

fn network(problem: &Problem, cost: &Arc<Vec<i64>>) -> Network {
    let ground = &problem.ground;
    let caps = at_tolerated(&problem.rules);
    Network::new(ground.shape.clone(), cost.clone(), ground.supply.clone(), problem.base.clone(), caps)
}

/// The group of the old ground that has the same patients and the same arcs.
fn same_arcs(old: &Ground, new: &Ground, group: usize) -> Option<usize> {
    let zones = new.laid.order.zones.len().max(1);
    let there = old.same_group(new.keys[group], new.group_of.len() / zones)?;
    let (mine, theirs) = (new.shape.of(group), old.shape.of(there));
    (new.supply[group] == old.supply[there]
        && new.shape.site[mine.clone()] == old.shape.site[theirs.clone()]
        && new.cost[mine] == old.cost[theirs])
        .then_some(there)
}
