//! 10,000 small random instances against brute force: every subset of sites for L1, a slow and simple solver for L2, L3.
//!
//! Always: no site's excess and no value differs by more than 1e-9. The rules of the arcs are written here a second
//! time, from the format's text. A planner that stops at its first cut, and one whose caps are a little wrong, must fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod random;

use planning::diverts::{Instance, PathwayKind, Plan, Reach, Site, Status, plan};
use random::{fail, instance, seeds};

/// The planner, or one with a fault.
#[derive(Clone, Copy, PartialEq)]
enum Planted {
    Nothing,
    /// Only the worst level is made as small as can be; the others are left where it put them.
    OnlyFirstLevel,
    /// L2 a little above the best.
    SlackTravel,
}

/// A group as the brute force sees it.
struct Group {
    zone: usize,
    pathway: usize,
    demand: f64,
    /// Site, minutes.
    arcs: Vec<(usize, f64)>,
}

/// The rules of the format, written a second time.
fn naive_arcs(instance: &Instance, zone: usize, pathway: usize) -> Vec<(usize, f64)> {
    let accepts = |s: &Site, p: usize| {
        let open = match s.status {
            Status::Open => !s.off.contains(p),
            Status::Divert => instance.pathways[p].id == "RES",
            Status::Closed => false,
        };
        open && s.able.contains(p) && s.cap_per_h > 0.0
    };
    let list = |p: usize| -> Vec<(usize, f64)> {
        let times = instance.zones[zone].times.iter().map(|t| (t.site, t.minutes));
        times.filter(|(s, _)| accepts(&instance.sites[*s], p)).collect()
    };
    let limit = instance.pathways[pathway].limit_min;
    let mut sites = list(pathway);
    if let PathwayKind::StandIn(other) = instance.pathways[pathway].kind
        && sites.iter().all(|(_, t)| *t > limit)
    {
        sites = list(other);
    }
    let nearest = sites.iter().copied().min_by(|a, b| (a.1, a.0).partial_cmp(&(b.1, b.0)).unwrap());
    let Some(nearest) = nearest else { return Vec::new() };
    if nearest.1 > limit {
        return vec![nearest];
    }
    let most = if instance.pathways[pathway].id == "RES" { nearest.1 + 3.0 } else { limit };
    sites.retain(|(_, t)| *t <= most);
    sites
}

fn groups(instance: &Instance, seed: u64) -> Vec<Group> {
    let reach = Reach::of(instance);
    let mut groups = Vec::new();
    for zone in 0..instance.zones.len() {
        for pathway in 0..instance.pathways.len() {
            let demand = instance.zones[zone].demand[pathway];
            let mut arcs = naive_arcs(instance, zone, pathway);
            let mut theirs: Vec<(usize, f64)> =
                reach.allowed(zone, pathway).iter().map(|a| (a.site, a.minutes)).collect();
            theirs.sort_by_key(|a| a.0);
            arcs.sort_by_key(|a| a.0);
            if arcs.is_empty() {
                // Nobody accepts them: the planner's least bad site, one at most, is taken as given.
                arcs = theirs;
                assert!(arcs.len() <= 1);
            } else if arcs != theirs {
                fail(seed, &format!("zone {zone}, pathway {pathway}: {theirs:?} instead of {arcs:?}"));
            }
            if demand > 0.0 && !arcs.is_empty() {
                groups.push(Group { zone, pathway, demand, arcs });
            }
        }
    }
    groups
}

/// The smallest excess of each site, the largest first, by trying every subset of sites.
fn excess_by_subsets(instance: &Instance, groups: &[Group], planted: Planted) -> Vec<f64> {
    let n = instance.sites.len();
    let capacity = |j: usize| instance.sites[j].cap_per_h;
    let tolerated = |j: usize| instance.sites[j].tolerated_load(instance.target_load);
    let mut excess = vec![0.0; n];
    let mut fixed = 0u32;
    loop {
        let mut worst = (1e-11, 0u32);
        for set in 1u32..1 << n {
            let within = |j: usize| set >> j & 1 == 1;
            let free: f64 = (0..n).filter(|j| within(*j) && fixed >> j & 1 == 0).map(capacity).sum();
            if free == 0.0 || (0..n).any(|j| within(j) && capacity(j) == 0.0) {
                continue;
            }
            let demand: f64 =
                groups.iter().filter(|g| g.arcs.iter().all(|a| within(a.0))).map(|g| g.demand).sum();
            let base: f64 =
                (0..n).filter(|j| within(*j)).map(|j| instance.sites[j].base_per_h(instance.horizon_h)).sum();
            let room: f64 =
                (0..n).filter(|j| within(*j)).map(|j| capacity(j) * (tolerated(j) + excess[j])).sum();
            let needed = (demand + base - room) / free;
            if needed > worst.0 {
                worst = (needed, set);
            }
        }
        if worst.1 == 0 {
            return excess;
        }
        for (j, excess) in excess.iter_mut().enumerate() {
            if worst.1 >> j & 1 == 1 && fixed >> j & 1 == 0 {
                *excess = worst.0;
                fixed |= 1 << j;
            }
        }
        if planted == Planted::OnlyFirstLevel {
            (0..n).filter(|j| fixed >> j & 1 == 0 && capacity(*j) > 0.0).for_each(|j| excess[j] = worst.0);
            return excess;
        }
    }
}

/// Cheapest way to place all groups under the rooms, by Bellman and Ford's shortest chains, one after another.
fn cheapest(rooms: &[f64], groups: &[Group], cost: impl Fn(&Group, usize, f64) -> f64) -> f64 {
    const LITTLE: f64 = 1e-11;
    let n = rooms.len();
    let mut flow: Vec<Vec<f64>> = groups.iter().map(|g| vec![0.0; g.arcs.len()]).collect();
    let mut used = vec![0.0; n];
    let price = |g: usize, a: usize| cost(&groups[g], groups[g].arcs[a].0, groups[g].arcs[a].1);
    for g in 0..groups.len() {
        let mut left = groups[g].demand;
        while left > LITTLE {
            // Distance of each site from group g, and the step by which it was reached.
            let mut dist = vec![f64::INFINITY; n];
            let mut step: Vec<Option<(usize, usize, usize)>> = vec![None; n];
            for (a, (site, _)) in groups[g].arcs.iter().enumerate() {
                dist[*site] = price(g, a);
            }
            for _ in 0..n {
                for (h, group) in groups.iter().enumerate() {
                    for (a, (from, _)) in group.arcs.iter().enumerate().filter(|(a, _)| flow[h][*a] > LITTLE)
                    {
                        for (b, (to, _)) in group.arcs.iter().enumerate() {
                            let further = dist[*from] + price(h, b) - price(h, a);
                            if further < dist[*to] - 1e-12 {
                                dist[*to] = further;
                                step[*to] = Some((h, a, b));
                            }
                        }
                    }
                }
            }
            let open = (0..n).filter(|j| rooms[*j] - used[*j] > LITTLE && dist[*j].is_finite());
            let Some(target) = open.min_by(|a, b| dist[*a].total_cmp(&dist[*b])) else { break };
            let mut chain = Vec::new();
            let mut site = target;
            while let Some((h, a, b)) = step[site] {
                chain.push((h, a, b));
                site = groups[h].arcs[a].0;
                assert!(chain.len() <= n, "a chain that gains nothing");
            }
            let mut amount = left.min(rooms[target] - used[target]);
            amount = chain.iter().fold(amount, |x, (h, a, _)| x.min(flow[*h][*a]));
            let first = groups[g].arcs.iter().position(|a| a.0 == site).unwrap();
            flow[g][first] += amount;
            for (h, a, b) in chain {
                flow[h][a] -= amount;
                flow[h][b] += amount;
            }
            used[target] += amount;
            left -= amount;
        }
    }
    (0..groups.len()).map(|g| (0..flow[g].len()).map(|a| flow[g][a] * price(g, a)).sum::<f64>()).sum()
}

/// Where a group goes when everything is open.
fn usual(instance: &Instance, group: &Group) -> Option<usize> {
    let nearest = |p: usize| {
        let able =
            instance.zones[group.zone].times.iter().filter(|t| instance.sites[t.site].able.contains(p));
        able.min_by(|a, b| (a.minutes, a.site).partial_cmp(&(b.minutes, b.site)).unwrap())
    };
    let pathway = &instance.pathways[group.pathway];
    let own = nearest(group.pathway);
    match pathway.kind {
        PathwayKind::StandIn(other) if own.is_none_or(|t| t.minutes > pathway.limit_min) => nearest(other),
        _ => own,
    }
    .map(|t| t.site)
}

/// What differs between a plan and brute force.
fn differences(instance: &Instance, plan: &Plan, seed: u64, planted: Planted) -> Vec<String> {
    let groups = groups(instance, seed);
    let excess = excess_by_subsets(instance, &groups, planted);
    let mut wrong = Vec::new();
    for (site, excess) in excess.iter().enumerate() {
        let got = plan.sites[site].excess;
        if (got - excess).abs() > 1e-9 {
            wrong.push(format!("excess of site {site}: {got} instead of {excess}"));
        }
    }
    let rooms: Vec<f64> = (0..instance.sites.len())
        .map(|j| {
            let site = &instance.sites[j];
            let load = site.tolerated_load(instance.target_load) + excess[j];
            // A site without capacity takes only those who can go nowhere else.
            let room = site.cap_per_h * load - site.base_per_h(instance.horizon_h);
            if site.cap_per_h > 0.0 { room } else { f64::INFINITY }
        })
        .collect();
    let weight = |g: &Group| instance.pathways[g.pathway].weight;
    let mut l2 = cheapest(&rooms, &groups, |g, _, t| weight(g) * t);
    if planted == Planted::SlackTravel {
        l2 -= 1e-7;
    }
    let charge = |g: &Group, site: usize| if usual(instance, g) == Some(site) { 0.0 } else { 2.0 };
    let l3 = cheapest(&rooms, &groups, |g, site, t| weight(g) * (t + charge(g, site)));
    for (what, got, wanted) in [("L2", plan.l2, l2), ("L3", plan.l3, l3)] {
        if (got - wanted).abs() > 1e-9 * (1.0 + wanted.abs()) {
            wrong.push(format!("{what}: {got} instead of {wanted}"));
        }
    }
    wrong
}

#[test]
fn ten_thousand_random_instances_are_planned_as_brute_force_does() {
    let mut lifted = 0;
    for seed in seeds(10_000) {
        let instance = instance(seed);
        let plan = plan(&instance).unwrap();
        lifted += usize::from(plan.cuts.len() > 1);
        let wrong = differences(&instance, &plan, seed, Planted::Nothing);
        if !wrong.is_empty() {
            fail(seed, &wrong.join("; "));
        }
    }
    println!("{lifted} of them had more than one level");
}

#[test]
fn planted_faults_are_found() {
    for planted in [Planted::OnlyFirstLevel, Planted::SlackTravel] {
        let found = (0..300)
            .filter(|seed| {
                let instance = instance(*seed);
                let plan = plan(&instance).unwrap();
                !differences(&instance, &plan, *seed, planted).is_empty()
            })
            .count();
        assert!(found > 20, "the fault showed in {found} of 300");
    }
}
