//! How long one more crew would wait at each site: reckoned from its figures and from the crews counted there since.
//!
//! The same rule as in the simulation (`planning::diverts::reckoned_wait_min`). Always: figures that are too old are
//! marked, and a site whose region file does not say what it takes has no wait rather than a guessed one. Called by the
//! board's page and by the advice to one crew; proved by `tests/divert_waits.rs`.

use super::{DivertSite, FiguresTold};
use crate::wording::{counted, duration};
use crate::{Ground, IncidentBook};
use basics::{Moment, SiteId};
use planning::diverts::{BoardWait, Instance, Known, WAIT_MIN_MAX, reckoned_wait_min};
use std::collections::BTreeMap;

/// The wait of one more crew at a site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// In minutes; `MINUTES_MAX` and more is a day.
    pub minutes: u32,
    /// Age of the figures it rests on, in seconds.
    pub age_seconds: i64,
    /// They are too old to go by.
    pub stale: bool,
    /// Crews counted there since the figures.
    pub crews_since: u32,
}

impl Wait {
    /// The longest wait that is told, in minutes.
    pub const MINUTES_MAX: u32 = WAIT_MIN_MAX as u32;

    /// "about 35 minutes for one more crew, reckoned from figures 12 minutes old".
    pub fn words(&self) -> String {
        let wait = if self.minutes >= Self::MINUTES_MAX {
            "a day or more".to_owned()
        } else {
            format!("about {}", duration(i64::from(self.minutes) * 60))
        };
        let since = match self.crews_since {
            0 => String::new(),
            crews => format!(" and {} since", counted(crews as usize, "crew", "crews")),
        };
        let old = if self.stale { ", too old to go by" } else { "" };
        format!(
            "{wait} for one more crew, reckoned from figures {} old{since}{old}",
            duration(self.age_seconds)
        )
    }

    /// For the planner's deflect rule.
    pub fn board(&self) -> BoardWait {
        BoardWait { wait_min: f64::from(self.minutes), age_min: self.age_seconds as f64 / 60.0 }
    }
}

/// The wait at every site that has told figures and of which the region's file says what it takes.
pub fn waits(
    book: &IncidentBook,
    ground: Ground,
    region: &Instance,
    clock: Moment,
) -> BTreeMap<SiteId, Wait> {
    let (diverts, now) = (&book.diverts, book.now(clock));
    let there = diverts.on(ground);
    let one = |site: &DivertSite| {
        let told = there.figures(&site.site)?;
        let takes_per_h = takes_per_h(region, site, told)?;
        let since: Vec<f64> =
            there.moved.arrivals(&site.site, told.as_at, now).map(|at| minutes(told.as_at, at)).collect();
        let known = Known { at_min: 0.0, over: f64::from(told.figures.waiting), takes_per_h };
        let wait = reckoned_wait_min(&known, minutes(told.as_at, now), since.iter().copied());
        let wait = Wait {
            minutes: wait.round().clamp(0.0, WAIT_MIN_MAX) as u32,
            age_seconds: now.seconds_since(told.as_at).max(0),
            stale: diverts.rules.stale(told.as_at, now),
            crews_since: u32::try_from(since.len()).unwrap_or(u32::MAX),
        };
        Some((site.site.clone(), wait))
    };
    diverts.sites().iter().filter_map(one).collect()
}

fn minutes(from: Moment, to: Moment) -> f64 {
    to.seconds_since(from) as f64 / 60.0
}

/// Patients an hour that it takes: by its staffed places when it told them, else as on the region's file.
fn takes_per_h(region: &Instance, site: &DivertSite, told: &FiguresTold) -> Option<f64> {
    let of_file = region.sites.iter().find(|s| s.name.eq_ignore_ascii_case(site.site.as_str()))?;
    match told.figures.staffed {
        Some(places) if of_file.servers > 0.0 => {
            Some(f64::from(places) * of_file.cap_per_h / of_file.servers)
        }
        Some(places) => Some(f64::from(places) / region.service_h.max(0.1)),
        None => Some(of_file.cap_per_h),
    }
}
