//! One thing that changed on the board, or that somebody wonders about.
//!
//! Always: all changes are taken or none. Called by `Planner::replan` (it happened) and `Planner::what_if` (it might).

use super::instance::{Current, Instance, Limits, Status};
use super::refusal::Refusal;

/// A change to an instance. Sites and pathways by index.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The site takes nobody.
    Close(usize),
    /// The site goes on a whole-site divert.
    Divert(usize),
    /// The site is open again, with everything on.
    Open(usize),
    /// The site loses a pathway.
    Lose {
        /// Site.
        site: usize,
        /// Pathway.
        pathway: usize,
    },
    /// The site has a pathway back.
    Regain {
        /// Site.
        site: usize,
        /// Pathway.
        pathway: usize,
    },
    /// New figures from the site; what is `None` stays.
    Figures {
        /// Site.
        site: usize,
        /// Capacity, patients an hour.
        cap_per_h: Option<f64>,
        /// Ambulance patients waiting.
        queue: Option<f64>,
        /// Walk-ins, patients an hour.
        walkin_per_h: Option<f64>,
    },
    /// This many minutes more are allowed on every pathway but resuscitation.
    MoreMinutes(f64),
    /// Another plan is in force.
    InForce(Current),
}

/// Makes the changes; on a refusal the instance is as before.
///
/// # Errors
/// A site or pathway that does not exist, or a figure that cannot be.
pub fn apply(instance: &mut Instance, changes: &[Change]) -> Result<(), Refusal> {
    let before = (instance.sites.clone(), instance.pathways.clone(), instance.current.clone());
    let result = changes.iter().try_for_each(|change| one(instance, change)).and_then(|()| {
        super::read::check_small(instance)?;
        super::read::check_current(instance)
    });
    if result.is_err() {
        (instance.sites, instance.pathways, instance.current) = before;
    }
    result
}

fn one(instance: &mut Instance, change: &Change) -> Result<(), Refusal> {
    match change {
        Change::Close(site) => the(instance, *site)?.status = Status::Closed,
        Change::Divert(site) => the(instance, *site)?.status = Status::Divert,
        Change::Open(site) => {
            let site = the(instance, *site)?;
            site.status = Status::Open;
            site.off = super::PathwaySet::NONE;
        }
        Change::Lose { site, pathway } => {
            known(instance, *pathway)?;
            the(instance, *site)?.off.insert(*pathway);
        }
        Change::Regain { site, pathway } => {
            known(instance, *pathway)?;
            the(instance, *site)?.off.remove(*pathway);
        }
        Change::Figures { site, cap_per_h, queue, walkin_per_h } => {
            let site = the(instance, *site)?;
            site.cap_per_h = cap_per_h.unwrap_or(site.cap_per_h);
            site.queue = queue.unwrap_or(site.queue);
            site.walkin_per_h = walkin_per_h.unwrap_or(site.walkin_per_h);
        }
        Change::MoreMinutes(more) => {
            if !more.is_finite() || more.abs() > Limits::MINUTES_MAX {
                return Err(Refusal::wrong(
                    "the time allowed",
                    format!("{more} minutes more cannot be planned with"),
                ));
            }
            let usual = |p: &&mut super::Pathway| p.kind != super::PathwayKind::Resuscitation;
            instance.pathways.iter_mut().filter(usual).for_each(|p| p.limit_min += more);
        }
        Change::InForce(current) => instance.current = current.clone(),
    }
    Ok(())
}

fn the(instance: &mut Instance, site: usize) -> Result<&mut super::Site, Refusal> {
    let sites = instance.sites.len();
    let none = || Refusal::wrong("a change", format!("there is no site {site}; there are {sites}, from 0"));
    instance.sites.get_mut(site).ok_or_else(none)
}

fn known(instance: &Instance, pathway: usize) -> Result<(), Refusal> {
    match instance.pathways.get(pathway) {
        Some(_) => Ok(()),
        None => Err(Refusal::wrong("a change", format!("there is no pathway {pathway}"))),
    }
}
