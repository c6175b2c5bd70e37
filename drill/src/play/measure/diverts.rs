//! How plans stand, whom they were told to, and what the debrief says of diverts.

use super::Seen;
use crate::play::respond::accepted_at;
use crate::scenario::response::{DivertSought, PlanStands};
use basics::Moment;
use incident::diverts::{Proposal, Shown, debrief};
use incident::{Ground, IncidentBook};

pub(super) fn of_plan(book: &IncidentBook, ground: Ground, what: &DivertSought, at: Moment) -> Seen {
    let now = book.now(at);
    let on = book.diverts.on(ground);
    let plan = |number: u32| on.proposal(number).map_err(|refusal| refusal.to_string());
    match what {
        DivertSought::Plan(number, wanted) => {
            let found = plan(*number)?;
            let shown = found.shown(&book.diverts.rules, on.changed_at, now);
            let stands = match shown {
                Shown::Waiting => PlanStands::Proposed,
                Shown::Current | Shown::InForceGaps => PlanStands::Current,
                Shown::InForceOvertaken | Shown::InForceOldFigures => PlanStands::Overtaken,
                Shown::Past => PlanStands::Past,
            };
            if stands == *wanted {
                let settled = accepted_at(book, ground, *number).and_then(|entry| book.log.line(entry));
                return Ok(settled.map_or(found.stamp.at, |line| line.at));
            }
            Err(found.words(&book.diverts.rules, on.changed_at, now))
        }
        DivertSought::Told(number, site) => {
            let told = plan(*number)?.told.iter().find(|told| told.site == *site);
            told.map(|told| told.stamp.at).ok_or_else(|| format!("{site} was not told of plan {number}"))
        }
        DivertSought::Acknowledged(number, site) => {
            let entry = accepted_at(book, ground, *number);
            let change = on.changes.iter().find(|change| Some(change.stamp.entry) == entry);
            let stamp = change.and_then(|change| change.acknowledged.get(site));
            stamp.map(|stamp| stamp.at).ok_or_else(|| format!("{site} has not acknowledged plan {number}"))
        }
        DivertSought::Lighter(number, than, site) => {
            let (new, old) = (plan(*number)?, plan(*than)?);
            let (of_new, of_old) = (brought(&new.plan, site.as_str()), brought(&old.plan, site.as_str()));
            if of_new < of_old {
                return Ok(new.stamp.at);
            }
            Err(format!("plan {number} brings {of_new} thousandths an hour to {site}, plan {than} {of_old}"))
        }
        DivertSought::Debrief(words) => {
            let lines = debrief(book, ground, now);
            if lines.iter().any(|line| line.contains(words.as_str())) {
                return Ok(at);
            }
            Err(format!("the debrief says: {}", lines.join("; ")))
        }
    }
}

/// Thousandths of a patient an hour that a plan brings to a site by ambulance.
fn brought(plan: &Proposal, site: &str) -> u32 {
    let own = |index: u16| plan.sites.get(usize::from(index)).is_some_and(|name| name == site);
    plan.effects.iter().filter(|e| own(e.site)).map(|e| e.planned_per_h_milli).sum()
}
