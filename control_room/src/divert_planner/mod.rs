//! The planner of ambulance diverts, run on the board as it stands: plans, what-ifs, and advice to one crew.
//!
//! Always: on a thread of its own and with a ceiling of time, so that no page waits for it for ever; at most two at
//! once; a plan goes to people as a proposal through the incident book, with the figures it rests on and where its
//! travel times come from. Never: a plan put in force here. Called by screens and the program; proved by
//! `tests/divert_planner.rs`.

mod crew;
mod travel;
mod what_if;

pub use crew::CrewAdvice;
pub use travel::{TableGap, fill_table};
pub use what_if::WhatIf;

use crate::{IncidentReceipt, IncidentRefused, IncidentRoom};
use basics::{Moment, SiteId};
use incident::diverts::{self, Built, DivertSite, Pathway, Proposal, Wait};
use incident::{Ground, Person};
use planning::diverts::{HelpRule, Instance, Planner};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Planners that may run at once.
pub const AT_ONCE_MAX: usize = 2;
/// How long a person waits for a plan before being told that it takes too long.
pub const WAIT_MS_MAX: u64 = 20_000;
/// Changes asked about at once.
pub const WHAT_IFS_MAX: usize = 20;

/// The region that is planned for, as its file says.
#[derive(Clone, Debug)]
pub struct Region {
    /// Zones, sites, demand and travel times of a usual day.
    pub instance: Instance,
    /// Where it was read from.
    pub file: String,
    /// Where its travel times come from, in words.
    pub times: String,
    /// How many of them are estimates.
    pub estimated: usize,
    /// What people must know of it.
    pub notes: Vec<String>,
    /// When it was read.
    pub read_at: Moment,
}

/// What was thought out: a proposal that nobody has put yet.
#[derive(Clone, Debug)]
pub struct Thought {
    /// The plan.
    pub proposal: Proposal,
    /// The plan without the changes asked about.
    pub as_it_is: Option<Proposal>,
    /// What people must know of it.
    pub notes: Vec<String>,
}

/// Why there is no plan: a sentence for the person.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PlannerRefused {
    /// No region is set up.
    #[error(
        "there is no region to plan for: name its file in lifeboat.toml ([diverts] region) and start Lifeboat again"
    )]
    NoRegion,
    /// It cannot be used.
    #[error("the region cannot be planned for: {0}")]
    Trouble(String),
    /// The planner does not take it.
    #[error(transparent)]
    Planning(#[from] planning::diverts::Refusal),
    /// What is asked about is not there.
    #[error("{0}")]
    Asked(String),
    /// Two are being made.
    #[error("two plans are being made already; try again in a few seconds")]
    Busy,
    /// Too slow.
    #[error("the plan takes longer than {} seconds; go by the plan in force, or by the nearest open site", WAIT_MS_MAX / 1000)]
    TooSlow,
    /// It broke.
    #[error("the planner stopped with a fault; go by the plan in force, or by the nearest open site")]
    Broke,
    /// The book does not take it.
    #[error(transparent)]
    Book(#[from] IncidentRefused),
}

#[derive(Default)]
enum Held {
    #[default]
    None,
    Trouble(String),
    Ready(Arc<Region>),
}

/// The planner; cheap to clone.
#[derive(Clone, Default)]
pub struct DivertPlanner(Arc<Inner>);

#[derive(Default)]
struct Inner {
    held: RwLock<Held>,
    /// When and why the region could not be read anew, since it last was.
    failed: RwLock<Option<(Moment, String)>>,
    again: tokio::sync::Notify,
    running: AtomicUsize,
}

impl std::fmt::Debug for DivertPlanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DivertPlanner").finish_non_exhaustive()
    }
}

impl DivertPlanner {
    /// The region could not be read anew: the one that is there stays, and pages say since when it could not.
    pub fn could_not(&self, why: String, at: Moment) {
        let held = matches!(&*self.0.held.read().unwrap_or_else(PoisonError::into_inner), Held::Ready(_));
        if held {
            *self.0.failed.write().unwrap_or_else(PoisonError::into_inner) = Some((at, why));
        } else {
            self.set(Err(why));
        }
    }

    /// When and why the region could not be read anew, since it last was.
    pub fn failed(&self) -> Option<(Moment, String)> {
        self.0.failed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wants the region and its travel times read again; whoever reads it hears of it at once or, if busy, next.
    pub fn ask_again(&self) {
        self.0.again.notify_one();
    }

    /// Returns once somebody wants the region read again.
    pub async fn asked_again(&self) {
        self.0.again.notified().await;
    }

    /// The region to plan for from now on, or why there is none.
    pub fn set(&self, region: Result<Region, String>) {
        let held = match region {
            Ok(region) => Held::Ready(Arc::new(region)),
            Err(why) => Held::Trouble(why),
        };
        *self.0.held.write().unwrap_or_else(PoisonError::into_inner) = held;
        *self.0.failed.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The region, if there is one.
    pub fn region(&self) -> Result<Arc<Region>, PlannerRefused> {
        match &*self.0.held.read().unwrap_or_else(PoisonError::into_inner) {
            Held::None => Err(PlannerRefused::NoRegion),
            Held::Trouble(why) => Err(PlannerRefused::Trouble(why.clone())),
            Held::Ready(region) => Ok(Arc::clone(region)),
        }
    }

    /// The wait of one more crew at each site, as the simulation reckons it; none without a region.
    pub fn waits(&self, room: &IncidentRoom, ground: Ground, at: Moment) -> BTreeMap<SiteId, Wait> {
        let Ok(region) = self.region() else { return BTreeMap::new() };
        room.read(|book| diverts::waits(book, ground, &region.instance, at))
    }

    /// Plans for the board as it stands, with what is asked about. Blocks until it is done or takes too long.
    pub fn think(
        &self,
        room: &IncidentRoom,
        ground: Ground,
        asked: &[WhatIf],
        at: Moment,
    ) -> Result<Thought, PlannerRefused> {
        let region = self.region()?;
        if asked.len() > WHAT_IFS_MAX {
            return Err(PlannerRefused::Asked(format!(
                "at most {WHAT_IFS_MAX} changes can be asked about at once"
            )));
        }
        let (built, as_at) = room.read(|book| {
            (diverts::build(book, ground, &region.instance, at), book.zone.clinical(region.read_at))
        });
        let asked = asked.to_vec();
        let times = format!("{}, as of {as_at}", region.times);
        self.on_a_thread(move || thought(&region, &built, (&asked, &times)))?
    }

    /// Plans, and puts the plan to people.
    pub fn propose(
        &self,
        room: &IncidentRoom,
        ground: Ground,
        (asked, instead_of, reason): (&[WhatIf], Option<u32>, String),
        who: &Person,
        at: Moment,
    ) -> Result<IncidentReceipt, PlannerRefused> {
        let plan = Box::new(self.think(room, ground, asked, at)?.proposal);
        let intent = diverts::Intent::Propose { ground, plan, instead_of, reason };
        Ok(room.submit(intent, who, at)?)
    }

    fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PlannerRefused> {
        let place = Place::take(&self.0).ok_or(PlannerRefused::Busy)?;
        let (done, told) = sync_channel(1);
        let thread = std::thread::Builder::new().name("divert planner".to_owned()).spawn(move || {
            let made = work();
            drop(place);
            // Whoever asked may have gone away.
            let _ = done.send(made);
        });
        thread.map_err(|_| PlannerRefused::Busy)?;
        told.recv_timeout(Duration::from_millis(WAIT_MS_MAX)).map_err(|why| match why {
            RecvTimeoutError::Timeout => PlannerRefused::TooSlow,
            RecvTimeoutError::Disconnected => PlannerRefused::Broke,
        })
    }
}

/// A place among the planners that run; given back when dropped, also by a planner that panics.
struct Place(Arc<Inner>);

impl Place {
    fn take(inner: &Arc<Inner>) -> Option<Self> {
        let free = |running: usize| (running < AT_ONCE_MAX).then_some(running + 1);
        inner.running.fetch_update(Ordering::AcqRel, Ordering::Acquire, free).ok()?;
        Some(Self(Arc::clone(inner)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

fn thought(
    region: &Region,
    built: &Built,
    (asked, times): (&[WhatIf], &str),
) -> Result<Thought, PlannerRefused> {
    let as_it_is = Planner::new(built.instance.clone())?;
    let put = |planner: &Planner, asked: &[WhatIf]| {
        let help = planner.help(&HelpRule::default());
        Proposal {
            help: help.iter().map(|h| h.words(planner.instance())).collect(),
            times: times.to_owned(),
            asked: asked.iter().map(WhatIf::words).collect(),
            ..diverts::propose(built, planner.plan())
        }
    };
    let notes = notes(region, built, as_it_is.plan().over_limit_groups);
    if asked.is_empty() {
        return Ok(Thought { proposal: put(&as_it_is, asked), as_it_is: None, notes });
    }
    let mut changes = Vec::new();
    for what in asked {
        changes.extend(what.changes(&built.instance)?);
    }
    let then = as_it_is.what_if(&changes)?;
    Ok(Thought { proposal: put(&then, asked), as_it_is: Some(put(&as_it_is, &[])), notes })
}

fn notes(region: &Region, built: &Built, over_limit: usize) -> Vec<String> {
    let mut notes = region.notes.clone();
    let names = |sites: &[SiteId]| sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    if !built.not_on_board.is_empty() {
        notes.push(format!(
            "Not on the board, planned with the file's own figures: {}",
            built.not_on_board.join(", ")
        ));
    }
    if !built.not_in_region.is_empty() {
        notes.push(format!(
            "On the board but not in the region's file, not planned for: {}",
            names(&built.not_in_region)
        ));
    }
    if !built.pathways_unknown.is_empty() {
        notes.push(format!(
            "Pathways that the board does not know, planned as the file says: {}",
            built.pathways_unknown.join(", ")
        ));
    }
    if over_limit > 0 {
        notes.push(format!(
            "{over_limit} groups of patients have no site that takes them within their time limit; they go to the nearest that does"
        ));
    }
    notes
}

/// The sites of a region, to be listed on the board.
pub fn sites_of(instance: &Instance) -> Vec<DivertSite> {
    let micro = |degrees: f64| (degrees * 1e6).round() as i32;
    let site = |site: &planning::diverts::Site| {
        let mut able: Vec<Pathway> = site
            .able
            .iter()
            .filter_map(|index| Pathway::of_code(&instance.pathways.get(index)?.id))
            .collect();
        able.sort();
        able.dedup();
        Some(DivertSite {
            site: SiteId::new(&site.name)?,
            trust: site.trust.clone().unwrap_or_default(),
            able,
            latitude_micro: site.place.map(|place| micro(place.lat)),
            longitude_micro: site.place.map(|place| micro(place.lon)),
        })
    };
    instance.sites.iter().filter_map(site).filter(|site| !site.able.is_empty()).collect()
}
