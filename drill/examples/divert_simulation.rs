//! The divert simulation's figures, one a line: `figure<TAB>name<TAB>value<TAB>unit`.
//!
//! Called by `xtask bench` with the instance to simulate (`london_150.json`). Always: the seed is the default one of
//! `lifeboat divert simulate`, so that anybody can repeat what is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use drill::divert_simulation::department::Capacity;
use drill::divert_simulation::{Order, Policy, Simulated, capacities_drawn, erlang, simulate};
use planning::diverts::{Instance, PathwayKind, plan, read_instance};

fn main() {
    let path = std::env::args().nth(1).expect("the instance's file");
    let instance = read_instance(&std::fs::read(path).expect("the file")).expect("an instance");
    let simulated = simulate(&instance, &Order::default(), &mut |_, _| {}).expect("a simulation");
    for policy in &simulated.policies {
        let key = policy.policy.key();
        figure(&format!("{key}_wait_min"), policy.wait_min.mean);
        figure(&format!("{key}_worst_min"), policy.worst_site().wait_min);
        figure(&format!("{key}_travel_min"), policy.travel_min.mean);
    }
    let (mean, worst, travel) = beside_nearest_open(&simulated);
    figure("mean_ratio", mean);
    figure("worst_ratio", worst);
    figure("travel_more_min", travel);
    let order = Order { policies: vec![Policy::NearestOpen, Policy::PlanAndDeflect], ..Order::default() };
    let (mut better, mut highest) = (0_u32, 0.0_f64);
    for draw in 1..=8 {
        let drawn =
            simulate(&capacities_drawn(&instance, draw), &order, &mut |_, _| {}).expect("a simulation");
        let (mean, worst, _) = beside_nearest_open(&drawn);
        better += u32::from(mean < 1.0 && worst < 1.0);
        highest = highest.max(mean);
    }
    figure("draws_better", f64::from(better));
    figure("draws_mean_ratio_highest", highest);
    figure("erlang_off", erlang_off(&instance));
}

fn figure(name: &str, value: f64) {
    println!("figure\t{name}\t{value}\t");
}

fn beside_nearest_open(simulated: &Simulated) -> (f64, f64, f64) {
    let nearest = simulated.of(Policy::NearestOpen).expect("asked for");
    let best = simulated.of(Policy::PlanAndDeflect).expect("asked for");
    (
        best.wait_min.mean / nearest.wait_min.mean,
        best.worst_site().wait_min / nearest.worst_site().wait_min,
        best.travel_min.mean - nearest.travel_min.mean,
    )
}

/// How far the plan's waits are from the priority Erlang-C formula, as a share, over all departments where it applies:
/// two weeks a run, so that they settle; a load under 0.9; ambulances that wait (resuscitation goes straight in).
fn erlang_off(instance: &Instance) -> f64 {
    let order = Order { divert_h: 336.0, runs: 100, policies: vec![Policy::Plan], ..Order::default() };
    let simulated = simulate(instance, &order, &mut |_, _| {}).expect("a simulation");
    let planned = plan(instance).expect("a plan");
    let is_resuscitation =
        |p: usize| instance.pathways.get(p).is_some_and(|p| p.kind == PathwayKind::Resuscitation);
    let (mut got, mut formula) = (0.0, 0.0);
    for ((number, site), result) in
        instance.sites.iter().enumerate().zip(&simulated.policies.first().expect("one policy").sites)
    {
        let of = |wanted: bool| -> f64 {
            let flows =
                planned.flows.iter().filter(|f| f.site == number && is_resuscitation(f.pathway) == wanted);
            flows.map(|f| f.per_h).sum()
        };
        let (straight_in, waiting) = (of(true), of(false));
        let capacity = Capacity::of(site.servers.round() as usize, site.cap_per_h);
        let ambulances = straight_in + waiting + site.background_per_h;
        if waiting <= 0.0 || ambulances + site.walkin_per_h >= 0.9 * site.cap_per_h {
            continue;
        }
        let Some(waits) = erlang::waits_min(capacity, &[ambulances, site.walkin_per_h]) else { continue };
        got += result.wait_min * result.ambulances;
        formula += waits.first().copied().unwrap_or(0.0) * waiting * order.divert_h;
    }
    (got / formula - 1.0).abs()
}
