//! Measures the planner on the instances named: `measure_diverts FILE.json...`; or writes the least-travel problem (L2,
//! with the caps that L1 found) of one for another solver: `measure_diverts problem FILE.json > problem.txt`.
//!
//! Prints `figure<TAB>name<TAB>value<TAB>unit`, one thread, in its time on
//! the processor; medians of rounds, means over changes. Cold is everything between a checked
//! instance and a plan that can be shown; changed is the next plan after one site went on divert, lost a pathway,
//! closed, or sent new figures, each from the plan before. Called by `xtask bench`.
#![allow(clippy::print_stdout)]

use planning::diverts::{Change, Instance, Planner, Status, plan, read_instance};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::hint::black_box;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, path] = arguments.as_slice()
        && what == "problem"
    {
        return problem(&read_instance(&std::fs::read(path)?)?);
    }
    for path in arguments {
        let name = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".json").to_owned();
        let bytes = std::fs::read(&path)?;
        let rounds = if bytes.len() > 1_000_000 { 7 } else { 21 };
        let read = timed(rounds, || read_instance(&bytes).map(drop))?;
        let instance = read_instance(&bytes)?;
        let cold = timed(rounds, || plan(&instance).map(|p| drop(black_box(p))))?;
        let changed = changed(&instance, rounds)?;
        println!("figure\t{name}_read_ms\t{read:.3}\tms");
        println!("figure\t{name}_cold_ms\t{cold:.3}\tms");
        for (what, times) in ["figures", "lost_pathway", "divert", "open"].iter().zip(&changed) {
            println!("figure\t{name}_changed_{what}_ms\t{:.3}\tms", mean(times));
        }
        let all: Vec<f64> = changed.concat();
        println!("figure\t{name}_changed_ms\t{:.3}\tms", mean(&all));
    }
    Ok(())
}

/// `sites S groups G value V`, then a line of room for each site, then for each group its demand and its arcs as
/// `site cost`: patients in millionths an hour, costs in hundredths of a weighted minute, both whole.
fn problem(instance: &Instance) -> Result<(), Box<dyn Error>> {
    let planner = Planner::new(instance.clone())?;
    let plan = planner.plan();
    let (mut lines, mut groups) = (String::new(), 0);
    for (site, effect) in instance.sites.iter().zip(&plan.sites) {
        let room =
            site.cap_per_h * (effect.tolerated_load + effect.excess) - site.base_per_h(instance.horizon_h);
        lines.push_str(&format!("{}\n", (room * 1e6 + 1e-3).ceil().max(0.0)));
    }
    for (zone, z) in instance.zones.iter().enumerate() {
        for (pathway, (demand, p)) in z.demand.iter().zip(&instance.pathways).enumerate() {
            if *demand > 0.0 {
                groups += 1;
                lines.push_str(&format!("{}", (demand * 1e6).round()));
                for to in planner.reach().allowed(zone, pathway) {
                    lines.push_str(&format!(" {} {}", to.site, (to.minutes * p.weight * 100.0).round()));
                }
                lines.push('\n');
            }
        }
    }
    print!("sites {} groups {groups} value {}\n{lines}", instance.sites.len(), plan.l2);
    Ok(())
}

/// Milliseconds of each re-plan after one site changed, over some sites and kinds of change.
fn changed(instance: &Instance, rounds: usize) -> Result<[Vec<f64>; 4], Box<dyn Error>> {
    let open: Vec<usize> = (0..instance.sites.len())
        .filter(|s| instance.sites.get(*s).is_some_and(|s| s.status == Status::Open && s.off.is_empty()))
        .collect();
    let mut planner = Planner::new(instance.clone())?;
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds {
        let Some(site) = open.get(round * open.len() / rounds).copied() else { continue };
        let queue = |more: f64| Change::Figures {
            site,
            cap_per_h: None,
            queue: instance.sites.get(site).map(|s| s.queue + more),
            walkin_per_h: None,
        };
        let changes =
            [queue(2.0), Change::Lose { site, pathway: 1 }, Change::Divert(site), Change::Open(site)];
        for (change, times) in changes.into_iter().zip(&mut times) {
            let begun = spent_ms();
            black_box(planner.replan(&[change])?);
            times.push(spent_ms() - begun);
        }
        planner.replan(&[queue(0.0)])?;
    }
    Ok(times)
}

fn timed<E>(rounds: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begun = spent_ms();
        work()?;
        times.push(spent_ms() - begun);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(rounds / 2).copied().unwrap_or(0.0))
}

/// Milliseconds that this thread has had a processor, so that other work on the machine does not count.
fn spent_ms() -> f64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    spent.tv_sec as f64 * 1e3 + spent.tv_nsec as f64 / 1e6
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len().max(1) as f64
}
