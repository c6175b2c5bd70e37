//! A divert tried before it is used: crews, handover queues and walk-ins simulated under one policy after another.
//!
//! Always: the same instance, order and seed give the same figures to the last digit; every policy meets the same people in
//! the same runs; nothing here is a forecast for a named hospital (`docs/divert_simulation.md` states the assumptions).
//! Called by `lifeboat divert simulate` and by the figures of xtask bench. Proved by `tests/divert_simulation.rs`: priority
//! Erlang-C, conservation, common random numbers, the seed, and a planted bug for each.

pub mod board;
pub mod callers;
pub mod capacity_draw;
pub mod department;
pub mod erlang;
pub mod plot;
pub mod policy;
pub mod results;
pub mod world;

pub use capacity_draw::capacities_drawn;
pub use department::Planted;
pub use policy::Policy;
pub use results::{Mean, PolicyResult, SiteResult};

use board::Board;
use callers::{Caller, Demand, Hours, SiteDemand, everybody};
use department::Capacity;
use planning::diverts::{DeflectRule, Instance, Plan, Refusal, Site};
use policy::{Routes, Tables};
use results::Tally;
use world::{Ended, World, conserved};

/// More runs than this add nothing.
pub const RUNS_MAX: u32 = 10_000;

/// The longest divert that is simulated.
pub const DIVERT_H_MAX: f64 = 336.0;

/// The oldest board.
pub const DATA_AGE_MIN_MAX: f64 = 1_440.0;

/// A run is given up when its last ambulance still waits this much after the divert.
const AFTER_H_MAX: f64 = 48.0;

/// More places than any department has.
const PLACES_MAX: f64 = 10_000.0;

/// What to simulate.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// Runs of each policy, 1 to [`RUNS_MAX`].
    pub runs: u32,
    /// Hours of divert, above 0 and at most [`DIVERT_H_MAX`].
    pub divert_h: f64,
    /// Age of what the board says of other departments, in minutes, 0 to [`DATA_AGE_MIN_MAX`].
    pub data_age_min: f64,
    /// The seed.
    pub seed: u64,
    /// When a crew is deflected.
    pub rule: DeflectRule,
    /// The policies, in the order in which they are shown.
    pub policies: Vec<Policy>,
    /// A bug put in on purpose; `Nothing` but in tests.
    pub planted: Planted,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            runs: 40,
            divert_h: 12.0,
            data_age_min: 30.0,
            seed: 1,
            rule: DeflectRule::default(),
            policies: Policy::ALL.to_vec(),
            planted: Planted::Nothing,
        }
    }
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Simulated {
    /// The instance's name.
    pub name: String,
    /// What was asked for.
    pub order: Order,
    /// Each policy, in the order asked for.
    pub policies: Vec<PolicyResult>,
}

impl Simulated {
    /// A policy's result, if it was asked for.
    pub fn of(&self, policy: Policy) -> Option<&PolicyResult> {
        self.policies.iter().find(|r| r.policy == policy)
    }
}

/// Why nothing was simulated, or why what was simulated must not be believed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The planner does not take the instance.
    #[error("the planner does not take the instance: {0}")]
    Instance(#[from] Refusal),
    /// A figure of the order is out of its range.
    #[error("{what} must be {range}")]
    Order {
        /// Which figure.
        what: &'static str,
        /// Its range in words.
        range: String,
    },
    /// The simulation broke its own rules; never believed, never shown.
    #[error("the simulation of \"{policy}\" is at fault in run {run} (seed {seed}): {what}")]
    Broken {
        /// The policy in words.
        policy: &'static str,
        /// The run, from 0.
        run: u32,
        /// The seed.
        seed: u64,
        /// What is amiss.
        what: String,
    },
}

/// Plans, then plays every policy in every run; `told` hears how many of how many runs are done.
pub fn simulate(
    instance: &Instance,
    order: &Order,
    told: &mut dyn FnMut(u64, u64),
) -> Result<Simulated, Fault> {
    check(order)?;
    let plan = planning::diverts::plan(instance)?;
    let stage = Stage::set(instance, order, &plan);
    let names: Vec<String> = instance.sites.iter().map(|s| s.name.clone()).collect();
    let mut tallies: Vec<(Routes, Tally)> = order
        .policies
        .iter()
        .map(|p| {
            (Routes::of(*p, &stage.tables, order.rule), Tally::new(*p, names.len(), order.divert_h * 60.0))
        })
        .collect();
    let total = u64::from(order.runs) * order.policies.len() as u64;
    let mut done = 0;
    for run in 0..order.runs {
        let people = stage.people(u64::from(run));
        for (number, (routes, tally)) in tallies.iter_mut().enumerate() {
            let ended = if order.planted == Planted::OwnDice {
                stage.play(&stage.people(u64::from(run) + 1_000_000 * number as u64), routes)
            } else {
                stage.play(&people, routes)
            };
            let policy = order.policies.get(number).map_or("", |p| p.words());
            conserved(&ended).map_err(|what| Fault::Broken { policy, run, seed: order.seed, what })?;
            tally.add(&ended, &|group| stage.tables.usual_site(group));
            done += 1;
            told(done, total);
        }
    }
    let policies = tallies.into_iter().map(|(_, tally)| tally.result(&names)).collect();
    let simulated = Simulated { name: instance.name.clone(), order: order.clone(), policies };
    all_met_the_same(&simulated)?;
    Ok(simulated)
}

/// Common random numbers: each run's people are the same under all policies.
fn all_met_the_same(simulated: &Simulated) -> Result<(), Fault> {
    let Some(first) = simulated.policies.first() else { return Ok(()) };
    for other in &simulated.policies {
        let differ = first.met.iter().zip(&other.met).position(|(a, b)| a != b);
        if let Some(run) = differ {
            return Err(Fault::Broken {
                policy: other.policy.words(),
                run: u32::try_from(run).unwrap_or(u32::MAX),
                seed: simulated.order.seed,
                what: "it met other people than the first policy did".to_owned(),
            });
        }
    }
    Ok(())
}

fn check(order: &Order) -> Result<(), Fault> {
    let within = |value: f64, low: f64, high: f64| value.is_finite() && value >= low && value <= high;
    let fault = |what, range: String| Err(Fault::Order { what, range });
    if !(1..=RUNS_MAX).contains(&order.runs) {
        return fault("the number of runs", format!("1 to {RUNS_MAX}"));
    }
    if !within(order.divert_h, 0.25, DIVERT_H_MAX) {
        return fault("the hours of divert", format!("from a quarter to {DIVERT_H_MAX}"));
    }
    if !within(order.data_age_min, 0.0, DATA_AGE_MIN_MAX) {
        return fault("the age of the board", format!("0 to {DATA_AGE_MIN_MAX} minutes"));
    }
    if order.policies.is_empty() {
        return fault("the list of policies", "at least one".to_owned());
    }
    Ok(())
}

/// Everything that all runs share.
struct Stage<'i> {
    tables: Tables<'i>,
    demand: Demand,
    usual: Vec<Capacity>,
    now: Vec<Capacity>,
    order: &'i Order,
}

impl<'i> Stage<'i> {
    fn set(instance: &'i Instance, order: &'i Order, plan: &'i Plan) -> Self {
        let capacities = |of: &dyn Fn(&Site) -> Capacity| instance.sites.iter().map(of).collect::<Vec<_>>();
        let now = capacities(&|site| Capacity::of(places(site, instance.service_h), site.cap_per_h));
        let usual = capacities(&|site| usual_capacity(site, instance.service_h));
        let sites = instance.sites.iter().zip(&usual).map(|(site, usual)| SiteDemand {
            outside_per_h: site.background_per_h,
            walk_ins_per_h: site.walkin_per_h,
            usual_places: usual.places,
            usual_load: site.usual_load,
            crews_waiting: site.queue,
        });
        let pathways = instance.pathways.len();
        let groups = instance
            .zones
            .iter()
            .flat_map(|z| (0..pathways).map(|p| z.demand.get(p).copied().unwrap_or(0.0)));
        let demand = Demand { groups: groups.collect(), sites: sites.collect() };
        Self { tables: Tables::of(instance, plan), demand, usual, now, order }
    }

    fn people(&self, run: u64) -> Vec<Caller> {
        let hours = Hours { divert_h: self.order.divert_h, after_h_max: AFTER_H_MAX };
        everybody(&self.demand, hours, self.order.seed, run)
    }

    fn play(&self, people: &[Caller], routes: &Routes) -> Ended {
        let board = Board::new(self.now.len(), self.order.data_age_min);
        let mut world = World::new(&self.usual, self.order.divert_h * 60.0, board, self.order.planted);
        world.play(people, routes, 0.0);
        world.begins(&self.now);
        world.play(people, routes, (self.order.divert_h + AFTER_H_MAX) * 60.0);
        world.end()
    }
}

/// What a site can do on a usual day: as now when it takes what it usually does, else as many places as its usual
/// number of patients needs.
fn usual_capacity(site: &Site, service_h: f64) -> Capacity {
    let same = (site.usual_cap_per_h - site.cap_per_h).abs() <= 1e-9 * site.cap_per_h.max(1.0);
    let places = if same { places(site, service_h) } else { places_for(site.usual_cap_per_h, service_h) };
    Capacity::of(places, site.usual_cap_per_h)
}

/// The staffed places; where the instance tells none, as many as its patients an hour need.
fn places(site: &Site, service_h: f64) -> usize {
    if site.servers > 0.0 { whole(site.servers) } else { places_for(site.cap_per_h, service_h) }
}

fn places_for(per_h: f64, service_h: f64) -> usize {
    if per_h > 0.0 { whole(per_h * service_h) } else { 0 }
}

fn whole(places: f64) -> usize {
    places.round().clamp(1.0, PLACES_MAX) as usize
}

/// Three departments in a row, the middle one on divert with half its capacity, and a zone beside each end.
#[cfg(test)]
pub(crate) fn region_of_three() -> Instance {
    let json = r#"{"name": "region of three", "format": "lifeboat-divert-instance/1", "horizon_h": 4, "target_load": 0.92,
      "switch_penalty_min": 2, "service_h": 2.5,
      "pathways": [{"id": "RES", "name": "peri-arrest", "limit_min": 30, "weight": 5},
                   {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
      "sites": [
        {"name": "West", "lat": 51.50, "lon": -0.10, "caps": ["RES", "GEN"], "status": "open", "off": [], "cap_per_h": 4,
         "usual_cap_per_h": 4, "servers": 10, "walkin_per_h": 1.6, "usual_walkin_per_h": 1.6, "background_per_h": 0.2,
         "queue": 0.5, "usual_load": 0.9},
        {"name": "Middle", "lat": 51.50, "lon": -0.06, "caps": ["RES", "GEN"], "status": "divert", "off": [], "cap_per_h": 2,
         "usual_cap_per_h": 4, "servers": 5, "walkin_per_h": 0.9, "usual_walkin_per_h": 1.5, "background_per_h": 0,
         "queue": 0.2, "usual_load": 0.8},
        {"name": "East", "lat": 51.50, "lon": 0.05, "caps": ["RES", "GEN"], "status": "open", "off": [], "cap_per_h": 6,
         "usual_cap_per_h": 6, "servers": 15, "walkin_per_h": 2.2, "usual_walkin_per_h": 2.2, "background_per_h": 0,
         "queue": 0, "usual_load": 0.7}],
      "zones": [
        {"name": "Zone West", "lat": 51.5, "lon": -0.1, "demand": [0.1, 1.7], "times": [[0, 8], [1, 14], [2, 30]]},
        {"name": "Zone East", "lat": 51.5, "lon": -0.02, "demand": [0.1, 1.8], "times": [[1, 8], [2, 13], [0, 16]]}]}"#;
    match planning::diverts::read_instance(json.as_bytes()) {
        Ok(instance) => instance,
        Err(refusal) => unreachable!("the region is sound: {refusal}"),
    }
}
