//! The certificate of optimality, checked after random figures, pushes and pulls; and with a fault planted.
//!
//! A flow under caps is the cheapest there is exactly when prices exist such that nobody would gain by moving and no
//! site with room has a price. The network keeps such prices; here they are held to it.

use super::{Network, STEPS_MAX, Shape};
use std::sync::Arc;

fn number(state: &mut u64, below: u64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 33) % below) as i64
}

fn random(seed: u64) -> (Network, u64) {
    let mut state = seed.wrapping_mul(77) + 5;
    let sites = 2 + number(&mut state, 6) as usize;
    let groups = 1 + number(&mut state, 25) as usize;
    let (mut first, mut site, mut cost, mut supply) = (vec![0u32], Vec::new(), Vec::new(), Vec::new());
    for _ in 0..groups {
        for s in 0..sites {
            if number(&mut state, 3) > 0 {
                site.push(s as u32);
                cost.push(number(&mut state, 50));
            }
        }
        if site.len() as u32 == first[first.len() - 1] {
            site.push(0);
            cost.push(1);
        }
        first.push(site.len() as u32);
        supply.push(1 + number(&mut state, 40));
    }
    let base: Vec<i64> = (0..sites).map(|_| number(&mut state, 30)).collect();
    let cap: Vec<i64> = (0..sites).map(|_| number(&mut state, 300)).collect();
    let shape = Arc::new(Shape::new(first, site, sites));
    (Network::new(shape, Arc::new(cost), Arc::new(supply), base, cap), state)
}

/// What is wrong with flows or prices.
fn faults(network: &Network, base: &[i64], stuck: &[usize]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut load = base.to_vec();
    for group in 0..network.shape.groups() {
        let arcs = network.shape.of(group);
        if network.flow[arcs.clone()].iter().sum::<i64>() != network.supply[group] {
            wrong.push(format!("group {group} is not whole"));
        }
        let least = arcs.clone().map(|a| network.dear(a)).min().unwrap_or(0);
        for arc in arcs {
            load[network.site(arc)] += network.flow[arc];
            if network.flow[arc] < 0 {
                wrong.push(format!("arc {arc} has less than nobody"));
            }
            if network.flow[arc] > 0 && network.dear(arc) > least {
                wrong.push(format!("group {group} would gain by leaving arc {arc}"));
            }
        }
    }
    for (site, load) in load.iter().enumerate() {
        if *load != network.load[site] {
            wrong.push(format!("site {site} holds {load} and says {}", network.load[site]));
        }
        if *load > network.cap[site] && !stuck.contains(&site) {
            wrong.push(format!("site {site} is over its cap"));
        }
        if network.price[site] < 0 || (*load < network.cap[site] && network.price[site] != 0) {
            wrong.push(format!("site {site} has room and the price {}", network.price[site]));
        }
    }
    wrong
}

fn check(seed: u64, spoil: impl Fn(&mut Network)) -> Vec<String> {
    let (mut network, mut state) = random(seed);
    let mut base = network.load.clone();
    (0..network.shape.groups()).for_each(|g| network.place(g));
    let mut wrong = Vec::new();
    for round in 0..6 {
        let stuck = network.push();
        network.pull();
        spoil(&mut network);
        wrong.extend(
            faults(&network, &base, &stuck).into_iter().map(|w| format!("seed {seed}, round {round}: {w}")),
        );
        match round % 3 {
            0 => {
                let other: Vec<i64> = base.iter().map(|_| number(&mut state, 40)).collect();
                network.rebase(&base, &other);
                base = other;
            }
            1 => network.cap.iter_mut().for_each(|cap| *cap = number(&mut state, 300)),
            _ => {
                let cost = network.cost.iter().map(|_| number(&mut state, 50)).collect();
                network.reprice(Arc::new(cost));
            }
        }
    }
    wrong
}

#[test]
fn every_flow_is_whole_within_caps_and_proved_cheapest_by_its_prices() {
    for seed in 0..5_000 {
        assert_eq!(check(seed, |_| ()), Vec::<String>::new());
    }
}

#[test]
fn a_planted_price_and_a_lost_patient_are_found() {
    let dearer = |n: &mut Network| n.price[0] += 7;
    let lost = |n: &mut Network| {
        if let Some(flow) = n.flow.iter_mut().find(|f| **f > 0) {
            *flow -= 1;
        }
    };
    assert!((0..50).any(|seed| !check(seed, dearer).is_empty()));
    assert!((0..50).all(|seed| !check(seed, lost).is_empty()));
}

#[test]
fn the_same_answer_comes_from_a_copy_without_heaps() {
    for seed in 0..200 {
        let (mut network, _) = random(seed);
        (0..network.shape.groups()).for_each(|g| network.place(g));
        network.push();
        let mut copy = network.fork();
        for cap in 0..network.cap.len() {
            network.cap[cap] += 3;
            copy.cap[cap] += 3;
        }
        assert_eq!(network.push(), copy.push(), "seed {seed}");
        network.pull();
        copy.pull();
        let cost = |n: &Network| n.flow.iter().zip(n.cost.iter()).map(|(f, c)| f * c).sum::<i64>();
        assert_eq!(cost(&network), cost(&copy), "seed {seed}");
    }
}

#[test]
fn a_spent_budget_of_steps_ends_the_work_with_everybody_still_somewhere() {
    for seed in 0..200 {
        let (mut network, _) = random(seed);
        (0..network.shape.groups()).for_each(|g| network.place(g));
        network.steps = STEPS_MAX;
        let over = (0..network.cap.len()).filter(|s| network.load[*s] > network.cap[*s]).count();
        assert_eq!(network.push().len(), over, "seed {seed}");
        network.pull();
        assert!(network.exhausted() && network.steps == STEPS_MAX);
        for group in 0..network.shape.groups() {
            assert_eq!(network.flow[network.shape.of(group)].iter().sum::<i64>(), network.supply[group]);
        }
    }
}
