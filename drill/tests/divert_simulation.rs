//! The divert simulation held against what must be true of it: queueing theory, conservation, the same people for every
//! policy, the seed; and each of these checks against a bug put in on purpose. Then the policies against each other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use drill::divert_simulation::board::Board;
use drill::divert_simulation::callers::{Demand, Hours, SiteDemand, everybody};
use drill::divert_simulation::department::{Capacity, Urgency};
use drill::divert_simulation::world::{Choice, Dispatch, World, conserved};
use drill::divert_simulation::{
    Fault, Order, Planted, Policy, Simulated, capacities_drawn, erlang, simulate,
};
use planning::diverts::{Instance, read_instance};
use std::path::PathBuf;

fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some_and(|v| v == "1")
}

fn shared(name: &str) -> Option<Instance> {
    let data = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    match std::fs::read(data.join("divert").join(name)) {
        Ok(bytes) => Some(read_instance(&bytes).unwrap()),
        Err(_) => {
            println!("shared data absent, skipped: {name}");
            None
        }
    }
}

/// A small region of four departments, one of them on divert with half its capacity; plainly invented.
fn region() -> Instance {
    let site = |name: &str, lon: f64, status: &str, cap: f64, usual: f64| {
        let (walk_ins, places) = (cap * 0.38, (cap * 2.5).round());
        format!(
            r#"{{"name": "{name}", "lat": 51.5, "lon": {lon}, "caps": ["RES", "GEN"], "status": "{status}", "off": [],
            "cap_per_h": {cap}, "usual_cap_per_h": {usual}, "servers": {places}, "walkin_per_h": {walk_ins},
            "usual_walkin_per_h": {}, "background_per_h": 0.1, "queue": 0.4, "usual_load": 0.85}}"#,
            usual * 0.38
        )
    };
    let sites = [
        site("Ashcombe", -0.1, "open", 3.6, 3.6),
        site("Brackley Road", -0.05, "divert", 2.0, 4.0),
        site("Coldharbour", 0.0, "open", 4.0, 4.0),
        site("Dunmore", 0.1, "open", 7.0, 7.0),
    ];
    let zone = |name: &str, general: f64, times: [f64; 4]| {
        let times: Vec<String> = times.iter().enumerate().map(|(site, t)| format!("[{site}, {t}]")).collect();
        format!(
            r#"{{"name": "{name}", "lat": 51.5, "lon": 0, "demand": [0.08, {general}], "times": [{}]}}"#,
            times.join(",")
        )
    };
    let zones = [
        zone("North", 1.5, [7.0, 12.0, 18.0, 30.0]),
        zone("Market", 1.6, [13.0, 6.0, 11.0, 26.0]),
        zone("Quay", 1.6, [20.0, 13.0, 7.0, 20.0]),
        zone("Moor", 1.9, [32.0, 25.0, 19.0, 8.0]),
    ];
    let json = format!(
        r#"{{"name": "region", "format": "lifeboat-divert-instance/1", "horizon_h": 4, "target_load": 0.92, "switch_penalty_min": 2,
        "service_h": 2.5, "pathways": [{{"id": "RES", "name": "peri-arrest", "limit_min": 30, "weight": 5}},
        {{"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}}], "sites": [{}], "zones": [{}]}}"#,
        sites.join(","),
        zones.join(",")
    );
    read_instance(json.as_bytes()).unwrap()
}

fn small(planted: Planted) -> Result<Simulated, Fault> {
    simulate(&region(), &Order { runs: 6, seed: 5, planted, ..Order::default() }, &mut |_, _| {})
}

#[test]
fn every_policy_meets_the_same_people() {
    let simulated = small(Planted::Nothing).unwrap();
    assert_eq!(simulated.policies.len(), 5);
    for result in &simulated.policies {
        assert_eq!(result.met, simulated.policies[0].met, "{:?}", result.policy);
        assert_eq!(result.ambulances, simulated.policies[0].ambulances, "{:?}", result.policy);
    }
    let mut runs = simulated.policies[0].met.clone();
    runs.sort_unstable();
    runs.dedup();
    assert_eq!(runs.len(), 6, "each run has people of its own");
}

#[test]
fn a_planted_bug_is_found_and_nothing_is_shown() {
    for (planted, wanted) in [
        (Planted::ForgetsOne, "handed over 0, in a queue 0"),
        (Planted::ArrivesTwice, "arrived 2 times"),
        (Planted::OwnDice, "other people"),
    ] {
        let Err(fault) = small(planted) else { panic!("{planted:?} was not noticed") };
        assert!(matches!(fault, Fault::Broken { seed: 5, .. }), "{planted:?}: {fault}");
        assert!(fault.to_string().contains(wanted), "{planted:?}: {fault}");
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_seed_others() {
    let again = small(Planted::Nothing).unwrap();
    assert_eq!(small(Planted::Nothing).unwrap(), again);
    let other = simulate(&region(), &Order { runs: 6, seed: 6, ..Order::default() }, &mut |_, _| {}).unwrap();
    assert_ne!(other.policies[0].wait_min, again.policies[0].wait_min);
    // A policy's figures do not hang on which others were asked for.
    let order = Order { runs: 6, seed: 5, policies: vec![Policy::Plan], ..Order::default() };
    let alone = simulate(&region(), &order, &mut |_, _| {}).unwrap();
    assert_eq!(alone.of(Policy::Plan), again.of(Policy::Plan));
}

#[test]
fn progress_reaches_its_end() {
    let mut heard = Vec::new();
    simulate(&region(), &Order { runs: 2, divert_h: 1.0, ..Order::default() }, &mut |done, of| {
        heard.push((done, of))
    })
    .unwrap();
    assert_eq!(heard, (1..=10).map(|done| (done, 10)).collect::<Vec<_>>());
}

#[test]
fn an_order_out_of_range_is_refused_in_words() {
    let check = |order: Order, wanted: &str| {
        let Err(refused) = simulate(&region(), &order, &mut |_, _| {}) else {
            panic!("not refused: {wanted}")
        };
        let refused = refused.to_string();
        assert!(refused.contains(wanted), "{refused}");
    };
    check(Order { runs: 0, ..Order::default() }, "the number of runs must be 1 to 10000");
    check(Order { divert_h: f64::NAN, ..Order::default() }, "the hours of divert must be");
    check(Order { data_age_min: -1.0, ..Order::default() }, "the age of the board must be");
    check(Order { policies: vec![], ..Order::default() }, "at least one");
    let mut broken = region();
    broken.sites[0].cap_per_h = f64::NAN;
    assert!(matches!(simulate(&broken, &Order::default(), &mut |_, _| {}), Err(Fault::Instance(_))));
}

#[test]
fn a_department_that_takes_nobody_forgets_nobody() {
    let mut region = region();
    for site in &mut region.sites {
        (site.cap_per_h, site.servers) = (0.0, 0.0);
    }
    let order = Order { runs: 2, divert_h: 2.0, ..Order::default() };
    let simulated = simulate(&region, &order, &mut |_, _| {}).unwrap();
    let none = simulated.of(Policy::NoDivert).unwrap();
    assert!(none.unfinished > 0, "they wait to the end, and are counted");
}

/// Everybody to the only department there is.
struct ToTheOnly;

impl Dispatch for ToTheOnly {
    fn choose(&self, _group: usize, _split: f64, _board: &Board) -> Option<Choice> {
        Some(Choice { site: 0, travel_min: 10.0, deflected: false })
    }

    fn urgency(&self, _group: usize) -> Urgency {
        Urgency::Ambulance
    }
}

/// Mean wait of ambulances at one department, simulated and by the formula, in minutes.
fn waits(capacity: Capacity, ambulances_per_h: f64, walk_ins_per_h: f64, planted: Planted) -> (f64, f64) {
    let patients = if torture() { 8e6 } else { 8e5 };
    let divert_h = patients / (ambulances_per_h + walk_ins_per_h);
    let own = SiteDemand {
        walk_ins_per_h,
        usual_places: capacity.places,
        usual_load: 0.9,
        ..SiteDemand::default()
    };
    let demand = Demand { groups: vec![ambulances_per_h], sites: vec![own] };
    let people = everybody(&demand, Hours { divert_h, after_h_max: 100.0 }, 11, 0);
    let mut world = World::new(&[capacity], divert_h * 60.0, Board::new(1, 0.0), planted);
    world.play(&people, &ToTheOnly, (divert_h + 100.0) * 60.0);
    let ended = world.end();
    assert_eq!(conserved(&ended), Ok(()), "seed 11, {capacity:?}");
    // Settled: after the first twentieth.
    let settled = ended.journeys.iter().filter(|j| j.called_min > divert_h * 3.0);
    let waits: Vec<f64> = settled.filter_map(|j| j.wait_min(ended.end_min)).collect();
    let formula = erlang::waits_min(capacity, &[ambulances_per_h, walk_ins_per_h]).expect("a load below 1");
    (waits.iter().sum::<f64>() / waits.len() as f64, formula[0])
}

/// Places, patients an hour it takes, ambulances and walk-ins an hour: a small, a usual, a large and a nearly full one.
const DEPARTMENTS: [(usize, f64, f64, f64); 5] =
    [(1, 1.0, 0.4, 0.3), (5, 2.0, 0.7, 0.9), (10, 4.0, 1.9, 1.5), (18, 7.4, 4.2, 2.4), (11, 4.5, 3.4, 0.7)];

#[test]
fn ambulance_waits_agree_with_the_priority_erlang_c_formula() {
    for (places, per_h, ambulances, walk_ins) in DEPARTMENTS {
        let (simulated, formula) = waits(Capacity::of(places, per_h), ambulances, walk_ins, Planted::Nothing);
        let off = (simulated / formula - 1.0).abs();
        println!(
            "{places} places: {simulated:.2} min simulated, {formula:.2} by the formula, {:.1} % off",
            off * 100.0
        );
        assert!(
            off <= 0.05,
            "{places} places (seed 11): {simulated} min simulated, {formula} by the formula"
        );
    }
}

#[test]
fn the_formula_finds_a_department_that_lets_walk_ins_in_first() {
    let (simulated, formula) = waits(Capacity::of(10, 4.0), 1.9, 1.5, Planted::WalkInsFirst);
    assert!(simulated > formula * 1.05, "{simulated} {formula}");
}

fn beside_nearest_open(simulated: &Simulated) -> (f64, f64, f64) {
    let (nearest, best) =
        (simulated.of(Policy::NearestOpen).unwrap(), simulated.of(Policy::PlanAndDeflect).unwrap());
    (
        best.wait_min.mean / nearest.wait_min.mean,
        best.worst_site().wait_min / nearest.worst_site().wait_min,
        best.travel_min.mean - nearest.travel_min.mean,
    )
}

#[test]
fn a_plan_looks_after_the_neighbours_and_deflecting_more() {
    let simulated = simulate(&region(), &Order { runs: 40, ..Order::default() }, &mut |_, _| {}).unwrap();
    let wait = |policy| simulated.of(policy).unwrap().wait_min.mean;
    let waits = Policy::ALL.map(|p| (p.key(), wait(p)));
    assert!(wait(Policy::PlanAndDeflect) < wait(Policy::Plan), "seed 1: {waits:?}");
    assert!(wait(Policy::Plan) < wait(Policy::NearestOpen), "seed 1: {waits:?}");
    assert!(simulated.of(Policy::Plan).unwrap().deflected == 0.0);
    assert!(simulated.of(Policy::PlanAndDeflect).unwrap().deflected > 0.0);
}

#[test]
fn in_london_plan_and_deflect_meets_its_figures() {
    let Some(london) = shared("london_150.json") else { return };
    let order = Order { runs: if torture() { 40 } else { 12 }, ..Order::default() };
    let simulated = simulate(&london, &order, &mut |_, _| {}).unwrap();
    let (mean, worst, travel) = beside_nearest_open(&simulated);
    println!(
        "london_150, {} runs: {mean:.3} of the mean wait, {worst:.3} of the worst, {travel:+.2} min",
        order.runs
    );
    // Twelve runs say less than forty; the figures asked for are those of the full size.
    let (mean_max, worst_max) = if torture() { (0.41, 0.34) } else { (0.5, 0.45) };
    assert!(mean <= mean_max && worst <= worst_max && travel <= 1.3, "seed 1: {mean} {worst} {travel}");
}

#[test]
fn in_every_draw_of_capacities_plan_and_deflect_is_better() {
    let Some(london) = shared("london_150.json") else { return };
    let (draws, runs) = if torture() { (8, 40) } else { (2, 6) };
    let policies = vec![Policy::NearestOpen, Policy::PlanAndDeflect];
    for draw in 1..=draws {
        let order = Order { runs, policies: policies.clone(), ..Order::default() };
        let simulated = simulate(&capacities_drawn(&london, draw), &order, &mut |_, _| {}).unwrap();
        let (mean, worst, _) = beside_nearest_open(&simulated);
        println!("draw {draw}: {mean:.3} of the mean wait, {worst:.3} of the worst");
        assert!(mean < 1.0 && worst < 1.0, "draw {draw}, seed 1: {mean} {worst}");
    }
}
