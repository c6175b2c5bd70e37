//! One crew, one patient: where the plan sends them, and whether fresh figures say that another site is much better.
//!
//! Fresh figures beat a plan, old figures lose to it (`planning::diverts::deflect`). Always: resuscitation goes to the
//! closest; without a plan in force the nearest site that takes them is the plan; the crew may override. Called by the
//! page of the plan; proved by `tests/divert_planner.rs`.

use super::{DivertPlanner, PlannerRefused};
use crate::IncidentRoom;
use basics::{Moment, SiteId};
use incident::Ground;
use incident::diverts::{self, Shown};
use planning::diverts::{Advice, DeflectRule, Instance, Reach, deflect};

/// Where one crew should go.
#[derive(Clone, PartialEq, Debug)]
pub struct CrewAdvice {
    /// What the crew is told, with the reason.
    pub words: String,
    /// The site to go to.
    pub site: String,
    /// Minutes of travel.
    pub travel_minutes: u32,
    /// The travel time is an estimate.
    pub estimated: bool,
    /// It goes elsewhere than the plan says.
    pub deflected: bool,
    /// Which plan it rests on, in words.
    pub plan: String,
}

impl DivertPlanner {
    /// Where a crew at a zone with such a patient should go now. `zone` by its name, `pathway` by the file's code.
    pub fn advise(
        &self,
        room: &IncidentRoom,
        ground: Ground,
        (zone, pathway): (&str, &str),
        at: Moment,
    ) -> Result<CrewAdvice, PlannerRefused> {
        let region = self.region()?;
        let built = room.read(|book| diverts::build(book, ground, &region.instance, at));
        let instance = &built.instance;
        let zone_at = instance.zones.iter().position(|z| z.name.eq_ignore_ascii_case(zone.trim()));
        let zone_at = zone_at.ok_or_else(|| {
            PlannerRefused::Asked(format!(
                "there is no zone called “{zone}” in the region; choose one of its list"
            ))
        })?;
        let pathway_at = instance.pathway_coded(pathway)?;
        let reach = Reach::of(instance);
        let allowed = reach.allowed(zone_at, pathway_at);
        let Some(nearest) = allowed.iter().min_by(|a, b| a.minutes.total_cmp(&b.minutes)) else {
            return Err(PlannerRefused::Asked(format!(
                "no site takes that from {zone} now: go to the nearest emergency department and tell control"
            )));
        };
        let (planned, plan) = room.read(|book| planned(book, ground, instance, (zone, pathway), at));
        let planned = planned.filter(|site| allowed.iter().any(|a| a.site == *site)).unwrap_or(nearest.site);
        let waits = room.read(|book| diverts::waits(book, ground, &region.instance, at));
        let board = |site: usize| {
            let name = SiteId::new(&instance.sites.get(site)?.name)?;
            waits
                .iter()
                .find(|(known, _)| known.as_str().eq_ignore_ascii_case(name.as_str()))
                .map(|(_, w)| w.board())
        };
        let kind = instance
            .pathways
            .get(pathway_at)
            .map(|p| p.kind)
            .unwrap_or(planning::diverts::PathwayKind::Usual);
        let advice = deflect(&DeflectRule::default(), kind, allowed, planned, board);
        let to = match advice {
            Advice::Deflect { to, .. } => to,
            Advice::Follow(_) => planned,
        };
        let there = allowed.iter().find(|a| a.site == to).unwrap_or(nearest);
        Ok(CrewAdvice {
            words: advice.words(instance, planned),
            site: instance.sites.get(to).map_or_else(String::new, |s| s.name.clone()),
            travel_minutes: there.minutes.round().clamp(0.0, 1_440.0) as u32,
            estimated: there.estimated,
            deflected: to != planned,
            plan,
        })
    }
}

/// The site of the plan in force for that group, and the plan in words.
fn planned(
    book: &incident::IncidentBook,
    ground: Ground,
    instance: &Instance,
    (zone, pathway): (&str, &str),
    at: Moment,
) -> (Option<usize>, String) {
    let nearest = "No plan is in force: the nearest site that takes them".to_owned();
    let Some(proposed) = book.diverts.plan_in_force(ground) else { return (None, nearest) };
    let there = book.diverts.on(ground);
    let now = book.now(at);
    let words = proposed.words(&book.diverts.rules, there.changed_at, now);
    if proposed.shown(&book.diverts.rules, there.changed_at, now) == Shown::Past {
        return (None, nearest);
    }
    let plan = &proposed.plan;
    let same =
        |name: Option<&String>, wanted: &str| name.is_some_and(|n| n.eq_ignore_ascii_case(wanted.trim()));
    let line = plan
        .flows
        .iter()
        .filter(|f| {
            same(plan.zones.get(f.zone as usize), zone)
                && same(plan.pathways.get(usize::from(f.pathway)), pathway)
        })
        .max_by_key(|f| f.per_h_micro);
    let name = line.and_then(|f| plan.sites.get(usize::from(f.site)));
    let site = name.and_then(|n| instance.sites.iter().position(|s| s.name.eq_ignore_ascii_case(n)));
    (site, words)
}
