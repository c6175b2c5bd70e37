//! `lifeboat divert simulate INSTANCE.json`: policies side by side, as a table and a picture.
//!
//! Always: the same file, figures and seed give the same answer; the assumptions are those of docs/divert_simulation.md.

use super::super::progress;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::table::{harmless, put};
use drill::divert_simulation::{Fault, Order, Policy, PolicyResult, Simulated, plot, simulate};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct SimulateArgs {
    /// The region, its sites and its zones, as a divert instance
    instance: PathBuf,
    /// Runs of each policy; every policy meets the same patients in the same run
    #[arg(long, default_value_t = 40, value_name = "N")]
    runs: u32,
    /// Hours that the divert lasts
    #[arg(long, default_value_t = 12.0, value_name = "HOURS")]
    hours: f64,
    /// Minutes that the board of other departments is old
    #[arg(long, default_value_t = 30.0, value_name = "MINUTES")]
    data_age: f64,
    /// Another seed, other patients
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the picture goes (default: INSTANCE.simulation.svg in the current folder; with --json none)
    #[arg(long, value_name = "FILE", conflicts_with = "no_plot")]
    plot: Option<PathBuf>,
    /// No picture
    #[arg(long)]
    no_plot: bool,
    /// JSON lines, one object a policy
    #[arg(long)]
    json: bool,
}

pub fn run(args: SimulateArgs) -> Result<Ending, Failure> {
    let instance = super::instance(&args.instance)?;
    let order = Order {
        runs: args.runs,
        divert_h: args.hours,
        data_age_min: args.data_age,
        seed: args.seed,
        ..Order::default()
    };
    let bar = progress::entries("simulating");
    let simulated = simulate(&instance, &order, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let simulated = simulated.map_err(|fault| match fault {
        Fault::Order { .. } => Failure::usage(fault.to_string()),
        Fault::Instance(_) | Fault::Broken { .. } => Failure::failed(fault.to_string()),
    })?;
    let picture = picture(&args);
    if let Some(path) = &picture {
        std::fs::write(path, plot::svg(&simulated))
            .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
    }
    if args.json {
        simulated.policies.iter().for_each(|result| crate::json::line(&PolicyLine::of(&simulated, result)));
    } else {
        show(&simulated, picture.as_deref());
    }
    Ok(Ending::Fine)
}

fn picture(args: &SimulateArgs) -> Option<PathBuf> {
    let usual = || {
        let stem = args.instance.file_stem().map_or_else(|| "divert".into(), |s| s.to_string_lossy());
        PathBuf::from(format!("{stem}.simulation.svg"))
    };
    match &args.plot {
        Some(path) => Some(path.clone()),
        None if args.no_plot || args.json => None,
        None => Some(usual()),
    }
}

fn show(simulated: &Simulated, picture: Option<&Path>) {
    let order = &simulated.order;
    put(&format!(
        "{}: {} h of divert, {} runs, board {} min old, seed {}; {:.0} ambulances a run",
        harmless(&simulated.name),
        order.divert_h,
        order.runs,
        order.data_age_min,
        order.seed,
        simulated.policies.first().map_or(0.0, |p| p.ambulances),
    ));
    put("");
    let headings = [
        "policy",
        "mean wait",
        "worst site",
        "its wait",
        "over 15",
        "over 45",
        "travel",
        "moved",
        "deflected",
        "crew hours lost",
        "walk-ins waiting",
    ];
    let rows: Vec<Vec<String>> = simulated.policies.iter().map(row).collect();
    crate::table::print(&headings, &rows);
    put("");
    put(
        "Minutes; waits are from arrival to handover, means over all runs, ± half a 95 % interval. Over 15 and 45: share",
    );
    put(
        "of ambulances that wait longer. Moved: taken elsewhere than on a usual day. Deflected: elsewhere than the plan.",
    );
    for result in &simulated.policies {
        tell_what_was_left(result);
    }
    if let Some(words) = in_short(simulated) {
        put("");
        put(&words);
    }
    put("A model, not a forecast: read the differences between policies (docs/divert_simulation.md).");
    if let Some(path) = picture {
        put(&format!("Picture: {}", path.display()));
    }
}

fn row(result: &PolicyResult) -> Vec<String> {
    let worst = result.worst_site();
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    vec![
        result.policy.words().to_owned(),
        format!("{:.1} ± {:.1}", result.wait_min.mean, result.wait_min.give_or_take),
        worst.name,
        format!("{:.0}", worst.wait_min),
        percent(result.over_15),
        percent(result.over_45),
        format!("{:.1}", result.travel_min.mean),
        percent(result.moved),
        percent(result.deflected),
        format!("{:.0}", result.crew_hours_lost),
        format!("{:.0}", result.walk_ins_at_end),
    ]
}

fn tell_what_was_left(result: &PolicyResult) {
    let words = result.policy.words();
    if result.nowhere > 0 {
        put(&format!(
            "{words}: nobody takes {} ambulances of all runs; see the unserved groups of the plan.",
            result.nowhere
        ));
    }
    if result.unfinished > 0 {
        put(&format!(
            "{words}: {} ambulances of all runs still waited two days after the divert; they count with that wait.",
            result.unfinished
        ));
    }
}

fn in_short(simulated: &Simulated) -> Option<String> {
    let nearest = simulated.of(Policy::NearestOpen)?;
    let best = simulated.of(Policy::PlanAndDeflect)?;
    let beside = Beside::of(best, nearest);
    Some(format!(
        "Plan and deflect: {:.0} % of the mean wait of nearest open, {:.0} % of its worst site's, for {:+.1} min of travel.",
        beside.wait_ratio? * 100.0,
        beside.worst_site_wait_ratio? * 100.0,
        beside.travel_more_min
    ))
}

/// A policy beside nearest open, in the same runs; a ratio is `null` when nobody waits under nearest open.
#[derive(Serialize)]
struct Beside {
    wait_ratio: Option<f64>,
    worst_site_wait_ratio: Option<f64>,
    travel_more_min: f64,
}

impl Beside {
    fn of(result: &PolicyResult, nearest: &PolicyResult) -> Self {
        let ratio = |this: f64, other: f64| (other > 0.0).then(|| this / other);
        Self {
            wait_ratio: ratio(result.wait_min.mean, nearest.wait_min.mean),
            worst_site_wait_ratio: ratio(result.worst_site().wait_min, nearest.worst_site().wait_min),
            travel_more_min: result.travel_min.mean - nearest.travel_min.mean,
        }
    }
}

/// What `--json` prints for a policy. The keys are those of the guide.
#[derive(Serialize)]
struct PolicyLine<'s> {
    instance: &'s str,
    runs: u32,
    hours: f64,
    data_age_min: f64,
    seed: u64,
    policy: &'static str,
    ambulances: f64,
    handover_wait_min: f64,
    handover_wait_give_or_take_min: f64,
    worst_site: String,
    worst_site_wait_min: f64,
    travel_min: f64,
    over_15_share: f64,
    over_45_share: f64,
    moved_share: f64,
    deflected_share: f64,
    outside_wait_min: f64,
    crew_hours_lost: f64,
    crews_waiting_max: f64,
    walk_ins_waiting_at_end: f64,
    unfinished: u64,
    nowhere: u64,
    beside_nearest_open: Option<Beside>,
    wait_by_hour_min: &'s [f64],
    sites: Vec<SiteLine<'s>>,
}

#[derive(Serialize)]
struct SiteLine<'s> {
    name: &'s str,
    ambulances: f64,
    handover_wait_min: f64,
}

impl<'s> PolicyLine<'s> {
    fn of(simulated: &'s Simulated, result: &'s PolicyResult) -> Self {
        let worst = result.worst_site();
        let site = |s: &'s drill::divert_simulation::SiteResult| SiteLine {
            name: &s.name,
            ambulances: s.ambulances,
            handover_wait_min: s.wait_min,
        };
        Self {
            instance: &simulated.name,
            runs: simulated.order.runs,
            hours: simulated.order.divert_h,
            data_age_min: simulated.order.data_age_min,
            seed: simulated.order.seed,
            policy: result.policy.key(),
            ambulances: result.ambulances,
            handover_wait_min: result.wait_min.mean,
            handover_wait_give_or_take_min: result.wait_min.give_or_take,
            worst_site: worst.name,
            worst_site_wait_min: worst.wait_min,
            travel_min: result.travel_min.mean,
            over_15_share: result.over_15,
            over_45_share: result.over_45,
            moved_share: result.moved,
            deflected_share: result.deflected,
            outside_wait_min: result.outside_wait_min,
            crew_hours_lost: result.crew_hours_lost,
            crews_waiting_max: result.crews_waiting_max,
            walk_ins_waiting_at_end: result.walk_ins_at_end,
            unfinished: result.unfinished,
            nowhere: result.nowhere,
            beside_nearest_open: simulated.of(Policy::NearestOpen).map(|nearest| Beside::of(result, nearest)),
            wait_by_hour_min: &result.by_hour,
            sites: result.sites.iter().map(site).collect(),
        }
    }
}
