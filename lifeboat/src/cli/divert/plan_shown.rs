//! A divert plan as JSON for scripts and as text for people.
//!
//! Always: the keys of `best_known` in a divert instance mean the same here; indices are those of the instance's lists,
//! with names beside them. The keys are in docs/guides/command_line.md and are only ever added to.

use crate::table;
use planning::diverts::{Flow, Help, Instance, Plan, Planner, Summary};
use serde::Serialize;

/// Moves shown to people before "and n more".
const MOVES_SHOWN: usize = 25;

#[derive(Serialize)]
#[allow(non_snake_case)]
pub struct PlanLine<'a> {
    instance: &'a str,
    L0: f64,
    groups: usize,
    arcs: usize,
    over_limit_groups: usize,
    L1_excess_levels: &'a [f64],
    L2: f64,
    L3: f64,
    proved: bool,
    cut: Vec<&'a str>,
    cuts: Vec<CutLine<'a>>,
    nearest_rule: SummaryLine,
    plan_L2: SummaryLine,
    plan_L3: SummaryLine,
    before: Option<BeforeLine>,
    help: Vec<HelpLine>,
    unserved: Vec<UnservedLine>,
    notes: &'a [String],
    sites: Vec<SiteLine<'a>>,
    moves: Vec<MoveLine<'a>>,
    flows: Vec<FlowLine<'a>>,
}

#[derive(Serialize)]
struct CutLine<'a> {
    s: f64,
    sites: Vec<&'a str>,
    n_sites: usize,
    groups: usize,
    demand_per_h: f64,
    words: &'a str,
}

#[derive(Serialize)]
struct SummaryLine {
    mean_travel: f64,
    weighted: f64,
    moved_per_h: f64,
    split_groups: usize,
    max_excess: f64,
    max_load: f64,
    sites_over_tolerated: usize,
    sites_over_1: usize,
}

/// The plan without the changes asked about.
#[derive(Serialize)]
#[allow(non_snake_case)]
struct BeforeLine {
    L1_excess_levels: Vec<f64>,
    L2: f64,
    L3: f64,
}

#[derive(Serialize)]
struct HelpLine {
    site: usize,
    nurses: u32,
    capacity_per_h: f64,
    relieves_per_h: f64,
    saves_min_per_h: f64,
    words: String,
}

#[derive(Serialize)]
struct UnservedLine {
    zone: usize,
    pathway: usize,
    per_h: f64,
    words: String,
}

#[derive(Serialize)]
struct SiteLine<'a> {
    site: usize,
    name: &'a str,
    tolerated_load: f64,
    excess: f64,
    load_nearest: f64,
    load_planned: f64,
    ambulances_now_per_h: f64,
    ambulances_nearest_per_h: f64,
    ambulances_planned_per_h: f64,
    room_saves_min: f64,
}

#[derive(Serialize)]
struct MoveLine<'a> {
    from: &'a str,
    to: &'a str,
    per_h: f64,
}

#[derive(Serialize)]
struct FlowLine<'a> {
    zone: usize,
    pathway: &'a str,
    site: usize,
    site_name: &'a str,
    per_h: f64,
    minutes: f64,
    over_limit: bool,
    estimated: bool,
    as_now: bool,
}

/// All of a plan, as one object.
pub fn line<'a>(
    planner: &'a Planner,
    before: Option<&Plan>,
    help: &[Help],
    notes: &'a [String],
) -> PlanLine<'a> {
    let (instance, plan) = (planner.instance(), planner.plan());
    PlanLine {
        instance: &instance.name,
        L0: plan.l0,
        groups: plan.groups,
        arcs: plan.arcs,
        over_limit_groups: plan.over_limit_groups,
        L1_excess_levels: &plan.excess_levels,
        L2: plan.l2,
        L3: plan.l3,
        proved: plan.proved,
        cut: plan.cuts.iter().map(|c| c.words.as_str()).collect(),
        cuts: cuts(instance, plan),
        nearest_rule: summary(&plan.nearest),
        plan_L2: summary(&plan.least_travel),
        plan_L3: summary(&plan.planned),
        before: before.map(|p| BeforeLine { L1_excess_levels: p.excess_levels.clone(), L2: p.l2, L3: p.l3 }),
        help: help.iter().map(|h| help_line(instance, h)).collect(),
        unserved: plan
            .unserved
            .iter()
            .map(|u| UnservedLine {
                zone: u.zone,
                pathway: u.pathway,
                per_h: u.per_h,
                words: u.words(instance),
            })
            .collect(),
        notes,
        sites: sites(instance, plan),
        moves: plan
            .moves
            .iter()
            .map(|m| MoveLine { from: site(instance, m.from), to: site(instance, m.to), per_h: m.per_h })
            .collect(),
        flows: plan.flows.iter().map(|f| flow(instance, f)).collect(),
    }
}

fn cuts<'a>(instance: &'a Instance, plan: &'a Plan) -> Vec<CutLine<'a>> {
    plan.cuts
        .iter()
        .map(|cut| CutLine {
            s: cut.excess,
            sites: cut.sites.iter().map(|s| site(instance, *s)).collect(),
            n_sites: cut.sites.len(),
            groups: cut.groups,
            demand_per_h: cut.demand_per_h,
            words: &cut.words,
        })
        .collect()
}

fn summary(of: &Summary) -> SummaryLine {
    SummaryLine {
        mean_travel: of.mean_travel_min,
        weighted: of.weighted_min,
        moved_per_h: of.moved_per_h,
        split_groups: of.split_groups,
        max_excess: of.max_excess,
        max_load: of.max_load,
        sites_over_tolerated: of.sites_over_tolerated,
        sites_over_1: of.sites_over_full,
    }
}

fn help_line(instance: &Instance, help: &Help) -> HelpLine {
    HelpLine {
        site: help.site,
        nurses: help.nurses,
        capacity_per_h: help.capacity_per_h,
        relieves_per_h: help.relieves_per_h,
        saves_min_per_h: help.saves_min_per_h,
        words: help.words(instance),
    }
}

fn sites<'a>(instance: &'a Instance, plan: &Plan) -> Vec<SiteLine<'a>> {
    plan.sites
        .iter()
        .map(|effect| SiteLine {
            site: effect.site,
            name: site(instance, effect.site),
            tolerated_load: effect.tolerated_load,
            excess: effect.excess,
            load_nearest: effect.load_nearest,
            load_planned: effect.load_planned,
            ambulances_now_per_h: effect.ambulances_now_per_h,
            ambulances_nearest_per_h: effect.ambulances_nearest_per_h,
            ambulances_planned_per_h: effect.ambulances_planned_per_h,
            room_saves_min: effect.room_saves_min,
        })
        .collect()
}

fn flow<'a>(instance: &'a Instance, flow: &Flow) -> FlowLine<'a> {
    FlowLine {
        zone: flow.zone,
        pathway: instance.pathways.get(flow.pathway).map_or("", |p| p.id.as_str()),
        site: flow.site,
        site_name: site(instance, flow.site),
        per_h: flow.per_h,
        minutes: flow.minutes,
        over_limit: flow.over_limit,
        estimated: flow.estimated,
        as_now: flow.as_now,
    }
}

fn site(instance: &Instance, index: usize) -> &str {
    instance.sites.get(index).map_or("", |s| s.name.as_str())
}

/// The plan for a person at a terminal: what is wrong first, then what it does, then why.
pub fn human(planner: &Planner, before: Option<&Plan>, help: &[Help], notes: &[String]) {
    let (instance, plan) = (planner.instance(), planner.plan());
    let say = |line: &str| line.split('\n').for_each(table::put);
    for unserved in &plan.unserved {
        say(&format!("NOBODY TAKES: {}", plain(&unserved.words(instance))));
    }
    if plan.over_limit_groups > 0 {
        say(&format!(
            "{} groups have no accepting site within their time limit and go to the nearest that accepts",
            plan.over_limit_groups
        ));
    }
    notes.iter().for_each(|note| say(&format!("note: {}", plain(note))));
    if !plan.proved {
        say("note: the search was cut short; the plan is whole but not proved to be the best");
    }
    if let Some(before) = before {
        say(&format!("as asked: {}; as it is now: {}", levels(plan), levels(before)));
    }
    effects(instance, plan);
    moves(instance, plan);
    say("");
    compared("everybody to the nearest", &plan.nearest);
    compared("the plan", &plan.planned);
    if plan.cuts.is_empty() {
        say("no site needs to be over its tolerated load");
    }
    plan.cuts.iter().for_each(|cut| say(&format!("why: {}", plain(&cut.words))));
    help.iter().take(5).for_each(|h| say(&format!("would help: {}", plain(&h.words(instance)))));
    say(&format!(
        "excess {}; least travel {:.1}, plan {:.1} weighted minutes an hour",
        levels(plan),
        plan.l2,
        plan.l3
    ));
}

fn levels(plan: &Plan) -> String {
    let levels: Vec<String> = plan.excess_levels.iter().map(|s| format!("{:.2} %", s * 100.0)).collect();
    levels.join(", ")
}

fn effects(instance: &Instance, plan: &Plan) {
    let percent = |load: f64| format!("{:.0} %", load * 100.0);
    let rows: Vec<Vec<String>> = plan
        .sites
        .iter()
        .filter(|s| s.ambulances_now_per_h > 0.0 || s.ambulances_planned_per_h > 0.0)
        .map(|s| {
            vec![
                site(instance, s.site).to_owned(),
                format!("{:.2}", s.ambulances_now_per_h),
                format!("{:.2}", s.ambulances_nearest_per_h),
                format!("{:.2}", s.ambulances_planned_per_h),
                percent(s.load_nearest),
                percent(s.load_planned),
                percent(s.tolerated_load),
                if s.excess > 0.0 { format!("{:.1} % over", s.excess * 100.0) } else { String::new() },
            ]
        })
        .collect();
    let headings = [
        "Site",
        "Usually /h",
        "Nearest /h",
        "Plan /h",
        "Load nearest",
        "Load plan",
        "Tolerated",
        "Unavoidable",
    ];
    table::print(&headings, &rows);
}

fn moves(instance: &Instance, plan: &Plan) {
    if plan.moves.is_empty() {
        table::put("nobody goes elsewhere than usual");
        return;
    }
    table::put("");
    let rows: Vec<Vec<String>> = plan
        .moves
        .iter()
        .take(MOVES_SHOWN)
        .map(|m| {
            vec![
                site(instance, m.from).to_owned(),
                site(instance, m.to).to_owned(),
                format!("{:.2}", m.per_h),
            ]
        })
        .collect();
    table::print(&["From", "To", "Patients /h"], &rows);
    if plan.moves.len() > MOVES_SHOWN {
        table::put(&format!("and {} smaller ones", plan.moves.len() - MOVES_SHOWN));
    }
}

fn compared(what: &str, of: &Summary) {
    table::put(&format!(
        "{what}: travel {:.1} min on average, {:.1} patients an hour elsewhere than usual, {} sites over their tolerated \
         load, the fullest at {:.0} %",
        of.mean_travel_min,
        of.moved_per_h,
        of.sites_over_tolerated,
        of.max_load * 100.0
    ));
}

/// Names come from files: no control characters reach a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
