//! From the board to the planner and back: an instance of the region as it stands now, and a proposal from its plan.
//!
//! A region (`planning::diverts::Instance`, read from its file) brings zones, demand, travel times and a usual day; the
//! board brings who takes what now, queues and staffed places. Always: figures that are missing or too old are named and
//! those of a usual day stand in for them. Called by the control room; proved by `tests/divert_plans.rs`.

use super::pathway::{Pathway, Standing};
use super::proposal::{Effect, FiguresUsed, FlowLine, MoveLine, Proposal};
use super::sites::Figures;
use crate::{Ground, IncidentBook};
use basics::{EntryNumber, Moment, SiteId};
use planning::diverts::{Current, CurrentFlow, Instance, PathwayKind, Plan, Site, Status};
use std::collections::BTreeMap;

/// The region as it stands, ready to be planned for.
#[derive(Clone, PartialEq, Debug)]
pub struct Built {
    /// For the planner.
    pub instance: Instance,
    /// The figures used.
    pub figures: Vec<FiguresUsed>,
    /// Sites on the board whose figures are missing or too old.
    pub without_figures: Vec<SiteId>,
    /// Sites of the region that the board does not have: planned as the region's file says.
    pub not_on_board: Vec<String>,
    /// Sites on the board that the region's file does not have: not planned for.
    pub not_in_region: Vec<SiteId>,
    /// Codes of pathways that the board does not know: planned as the region's file says.
    pub pathways_unknown: Vec<String>,
    /// The last entry that was known.
    pub seen: EntryNumber,
}

/// The region as the board has it at `now`.
pub fn build(book: &IncidentBook, ground: Ground, region: &Instance, now: Moment) -> Built {
    let now = book.now(now);
    let codes: Vec<Option<Pathway>> = region.pathways.iter().map(|p| Pathway::of_code(&p.id)).collect();
    let unknown = region.pathways.iter().zip(&codes).filter(|(_, code)| code.is_none());
    let mut built = Built {
        pathways_unknown: unknown.map(|(p, _)| p.id.clone()).collect(),
        instance: region.clone(),
        figures: Vec::new(),
        without_figures: Vec::new(),
        not_on_board: Vec::new(),
        not_in_region: Vec::new(),
        seen: book.last_entry,
    };
    let own = catchments(region);
    let by_name: BTreeMap<String, SiteId> =
        book.diverts.sites().iter().map(|s| (s.site.as_str().to_lowercase(), s.site.clone())).collect();
    let in_region: Vec<String> = region.sites.iter().map(|s| s.name.to_lowercase()).collect();
    for (name, site) in &by_name {
        if !in_region.contains(name) {
            built.not_in_region.push(site.clone());
        }
    }
    let mut sites = std::mem::take(&mut built.instance.sites);
    for (site, own_per_h) in sites.iter_mut().zip(own) {
        match by_name.get(&site.name.to_lowercase()) {
            Some(id) => overlay(book, (ground, id, now), site, (&codes, own_per_h, region), &mut built),
            None => built.not_on_board.push(site.name.clone()),
        }
    }
    built.instance.sites = sites;
    built.instance.current = current(book, ground, region);
    built
}

/// Ambulances an hour that each site has on a usual day, everybody to the nearest able one.
fn catchments(region: &Instance) -> Vec<f64> {
    let mut own = vec![0.0; region.sites.len()];
    for zone in &region.zones {
        for (pathway, demand) in zone.demand.iter().enumerate() {
            let able = zone.times.iter().filter(|t| {
                region.sites.get(t.site).is_some_and(|s| s.able.contains(pathway) && s.cap_per_h > 0.0)
            });
            let nearest = able.min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.site.cmp(&b.site)));
            if let Some(sum) = nearest.and_then(|t| own.get_mut(t.site)) {
                *sum += demand;
            }
        }
    }
    own
}

fn overlay(
    book: &IncidentBook,
    (ground, id, now): (Ground, &SiteId, Moment),
    site: &mut Site,
    (codes, own_per_h, region): (&[Option<Pathway>], f64, &Instance),
    built: &mut Built,
) {
    let there = book.diverts.on(ground);
    let mut all_closed = true;
    for (index, pathway) in codes.iter().enumerate() {
        let Some(pathway) = pathway else { continue };
        // What the board says a site is not made for, it is not sent; the file may be older.
        if book.diverts.site(id).is_ok_and(|listed| !listed.able.contains(pathway)) {
            site.able.remove(index);
        }
        let standing = there.standing(id, *pathway, now);
        all_closed &= standing == Standing::Closed || !site.able.contains(index);
        // Resuscitation goes to whoever is able, whatever else is switched off.
        let resuscitation = region.pathways.get(index).is_some_and(|p| p.kind == PathwayKind::Resuscitation);
        if standing.takes() || resuscitation { site.off.remove(index) } else { site.off.insert(index) }
    }
    site.status = if all_closed { Status::Closed } else { Status::Open };
    let fresh = there.figures.get(id).filter(|told| !book.diverts.rules.stale(told.as_at, now));
    match fresh {
        Some(told) => {
            let Figures { waiting, staffed, .. } = told.figures;
            site.queue = f64::from(waiting);
            if let Some(places) = staffed {
                let places = f64::from(places);
                let of_place = if site.servers > 0.0 {
                    site.cap_per_h / site.servers
                } else {
                    1.0 / region.service_h.max(0.1)
                };
                (site.cap_per_h, site.servers) = (places * of_place, places);
            }
            built.figures.push(FiguresUsed { site: id.clone(), waiting, staffed, as_at: told.as_at });
        }
        None if all_closed => {}
        None => built.without_figures.push(id.clone()),
    }
    if there.refuses(id, now) {
        // Who has refused keeps its own patients; room for more is not to be reckoned with.
        let spoken_for = site.base_per_h(region.horizon_h.max(0.1)) + own_per_h;
        let just_enough = spoken_for / site.tolerated_load(region.target_load).max(0.1);
        site.cap_per_h = site.cap_per_h.min(just_enough);
    }
}

/// The plan in force, as places in the region's lists; the nearest where there is none.
fn current(book: &IncidentBook, ground: Ground, region: &Instance) -> Current {
    let Some(plan) = book.diverts.plan_in_force(ground).map(|proposed| &proposed.plan) else {
        return Current::Nearest;
    };
    let places = |names: Vec<&str>| -> BTreeMap<String, usize> {
        names.into_iter().enumerate().map(|(index, name)| (name.to_lowercase(), index)).collect()
    };
    let zones = places(region.zones.iter().map(|z| z.name.as_str()).collect());
    let sites = places(region.sites.iter().map(|s| s.name.as_str()).collect());
    let pathways = places(region.pathways.iter().map(|p| p.id.as_str()).collect());
    let found = |names: &[String], places: &BTreeMap<String, usize>, index: usize| {
        names.get(index).and_then(|name| places.get(&name.to_lowercase())).copied()
    };
    let mut flows: Vec<CurrentFlow> = plan
        .flows
        .iter()
        .filter_map(|line| {
            Some(CurrentFlow {
                zone: found(&plan.zones, &zones, line.zone as usize)?,
                pathway: found(&plan.pathways, &pathways, usize::from(line.pathway))?,
                site: found(&plan.sites, &sites, usize::from(line.site))?,
            })
        })
        .collect();
    flows.sort();
    flows.dedup();
    if flows.is_empty() { Current::Nearest } else { Current::Given(flows) }
}

fn milli(value: f64) -> u32 {
    if value.is_finite() { (value * 1000.0).round().clamp(0.0, f64::from(u32::MAX)) as u32 } else { u32::MAX }
}

fn micro(value: f64) -> u32 {
    (value * 1e6).round().clamp(0.0, f64::from(u32::MAX)) as u32
}

fn small(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

/// Sites whose figures the plan lacks: on the board without fresh ones, or not on the board and yet sent ambulances.
fn without_figures(built: &Built, plan: &Plan) -> Vec<SiteId> {
    let mut without = built.without_figures.clone();
    for effect in plan.sites.iter().filter(|e| e.ambulances_planned_per_h > 0.0) {
        let name = built.instance.sites.get(effect.site).map(|s| &s.name);
        let unlisted = name.filter(|name| built.not_on_board.contains(*name));
        without.extend(unlisted.and_then(|name| SiteId::new(name)));
    }
    without
}

/// The plan as something to be accepted, changed or refused.
pub fn propose(built: &Built, plan: &Plan) -> Proposal {
    let instance = &built.instance;
    let (mut all, mut estimated) = (0.0, 0.0);
    for flow in &plan.flows {
        all += flow.per_h;
        estimated += if flow.estimated { flow.per_h } else { 0.0 };
    }
    Proposal {
        region: instance.name.clone(),
        seen: built.seen,
        zones: instance.zones.iter().map(|z| z.name.clone()).collect(),
        pathways: instance.pathways.iter().map(|p| p.id.clone()).collect(),
        sites: instance.sites.iter().map(|s| s.name.clone()).collect(),
        flows: plan
            .flows
            .iter()
            .map(|f| FlowLine {
                zone: u32::try_from(f.zone).unwrap_or(u32::MAX),
                pathway: u8::try_from(f.pathway).unwrap_or(u8::MAX),
                site: small(f.site),
                per_h_micro: micro(f.per_h),
                estimated: f.estimated,
            })
            .collect(),
        moves: plan
            .moves
            .iter()
            .map(|m| MoveLine { from: small(m.from), to: small(m.to), per_h_milli: milli(m.per_h) })
            .collect(),
        effects: plan
            .sites
            .iter()
            .map(|e| Effect {
                site: small(e.site),
                tolerated_milli: milli(e.tolerated_load),
                load_milli: milli(e.load_planned),
                nearest_milli: milli(e.load_nearest),
                now_per_h_milli: milli(e.ambulances_now_per_h),
                planned_per_h_milli: milli(e.ambulances_planned_per_h),
            })
            .collect(),
        figures: built.figures.clone(),
        without_figures: without_figures(built, plan),
        estimated_milli: if all > 0.0 { milli(estimated / all) } else { 0 },
        travel_tenths: milli(plan.planned.mean_travel_min / 100.0),
        nearest_travel_tenths: milli(plan.nearest.mean_travel_min / 100.0),
        reasons: plan.cuts.iter().map(|cut| cut.words.clone()).collect(),
        unserved: plan.unserved.iter().map(|u| u.words(instance)).collect(),
        proved: plan.proved,
        ..Proposal::default()
    }
}
