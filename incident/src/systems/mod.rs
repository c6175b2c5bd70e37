//! Every IT system of every site: working, degraded, infected, isolated on purpose, or unknown.
//!
//! Infected and switched off as a precaution are told apart, for in 2017 nobody could (34 and 46 trusts). Always: a
//! state says since when, by whom and what to do instead; a system that nobody has spoken of is unknown, never
//! working; every change stays in the history. Never: a system called clean without saying who checked it.
//! Called through `book::decide`; proved by `tests/systems.rs`.

mod board;
mod rules;
mod sheet;

pub use crate::csv::{RefusedRow, SheetFault};
pub use board::{HistoryStretch, Neighbour, SiteSystems, StateCounts, SystemTile, SystemsBoard};
pub(crate) use rules::fold;
pub use rules::{Fact, Intent, Refusal, decide};
pub use sheet::{Columns, HEADING, ImportReport, read_sheet, write_sheet};

use crate::{Ground, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A system's number, given when it was first listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SystemId(pub u32);

/// How a system is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum SystemState {
    /// As it should.
    Working,
    /// Slow, or in part.
    Degraded,
    /// Attacked: its data and its screens cannot be trusted.
    Infected,
    /// Healthy as far as is known, and switched off on purpose.
    Isolated,
    /// Nobody has said.
    #[default]
    Unknown,
}

impl SystemState {
    /// Every state, the worst first.
    pub const ALL: [Self; 5] = [Self::Infected, Self::Isolated, Self::Degraded, Self::Unknown, Self::Working];

    /// The words on a tile.
    pub fn words(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Degraded => "degraded",
            Self::Infected => "infected",
            Self::Isolated => "isolated on purpose",
            Self::Unknown => "unknown",
        }
    }

    /// Its place in [`SystemState::ALL`]: the worst first.
    pub fn rank(self) -> usize {
        Self::ALL.iter().position(|state| *state == self).unwrap_or(Self::ALL.len())
    }
}

/// A system as an inventory lists it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// The hospital; `None` when it serves the whole trust.
    pub site: Option<SiteId>,
    /// Its name, one of its kind at its site.
    pub name: String,
    /// Who looks after it, and how to reach them.
    pub owner: String,
    /// What to do without it.
    pub workaround: String,
    /// Names of systems that it needs, at its own site or the trust's.
    pub depends_on: Vec<String>,
    /// In which order it is to be brought back, 1 first; `None` when nobody has said.
    pub recovery_order: Option<u32>,
}

impl Listing {
    /// "Pathology, Northgate General".
    pub fn words(&self) -> String {
        match &self.site {
            Some(site) => format!("{}, {site}", self.name),
            None => self.name.clone(),
        }
    }

    pub(crate) fn key(&self) -> (Option<SiteId>, String) {
        (self.site.clone(), self.name.to_lowercase())
    }
}

/// What was last said of a system on one ground, and before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// How it is.
    pub state: SystemState,
    /// When it came to be so, as far as people say; `None` while nobody has.
    pub since: Option<Moment>,
    /// When, by whom and in which entry it was last told.
    pub told: Option<Stamp>,
    /// What was said with it.
    pub note: String,
    /// Every state before and now: when it was told, and which; in the order of entries.
    pub history: Vec<(Stamp, SystemState, String)>,
}

/// What somebody on a ward reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Its number on this ground, from 1.
    pub number: u32,
    /// When and by whom.
    pub stamp: Stamp,
    /// Where they are.
    pub site: SiteId,
    /// Which system, as listed; `None` when they could not find it.
    pub system: Option<SystemId>,
    /// What they see, in their words.
    pub what: String,
    /// Where in the building, and how to reach them.
    pub contact: String,
    /// When and by whom it was dealt with, and how; `None` while it waits.
    pub settled: Option<(Stamp, String)>,
}

#[derive(Clone, Debug, Default)]
struct OnGround {
    standings: BTreeMap<SystemId, Standing>,
    reports: Vec<Report>,
}

/// Every system.
#[derive(Clone, Debug, Default)]
pub struct Systems {
    listed: BTreeMap<SystemId, Listing>,
    names: BTreeMap<(Option<SiteId>, String), SystemId>,
    retired: BTreeMap<SystemId, Stamp>,
    grounds: BTreeMap<Ground, OnGround>,
}

/// Systems of one trust.
pub const SYSTEMS_MAX: usize = 3_000;
/// Staff reports on one ground.
pub const REPORTS_MAX: usize = 50_000;
/// States remembered for one system; older ones stay in the log.
pub const HISTORY_MAX: usize = 2_000;
/// Dependencies of one system.
pub const DEPENDS_MAX: usize = 60;

impl Systems {
    /// A system as it is listed; `None` when it never was, or was retired.
    pub fn listing(&self, id: SystemId) -> Option<&Listing> {
        self.listed.get(&id).filter(|_| !self.retired.contains_key(&id))
    }

    /// Every system listed, retired ones left out, in the order of their numbers.
    pub fn all(&self) -> impl Iterator<Item = (SystemId, &Listing)> {
        self.listed.iter().filter(|(id, _)| !self.retired.contains_key(id)).map(|(id, l)| (*id, l))
    }

    /// The system of that name at that site, or of the trust; capitals do not count.
    pub fn find(&self, site: Option<&SiteId>, name: &str) -> Option<SystemId> {
        let name = name.to_lowercase();
        let of = |site: Option<SiteId>| {
            self.names.get(&(site, name.clone())).copied().filter(|id| !self.retired.contains_key(id))
        };
        of(site.cloned()).or_else(|| of(None))
    }

    /// How a system stands on that ground.
    pub fn standing(&self, ground: Ground, id: SystemId) -> Standing {
        self.grounds.get(&ground).and_then(|g| g.standings.get(&id)).cloned().unwrap_or_default()
    }

    /// The state of a system on that ground, without its history.
    pub fn state(&self, ground: Ground, id: SystemId) -> SystemState {
        self.grounds.get(&ground).and_then(|g| g.standings.get(&id)).map_or(SystemState::Unknown, |s| s.state)
    }

    /// What staff reported on that ground, the oldest first.
    pub fn reports(&self, ground: Ground) -> &[Report] {
        self.grounds.get(&ground).map_or(&[], |g| &g.reports)
    }

    /// An exercise begins with every system unknown.
    pub(crate) fn begin(&mut self, ground: Ground) {
        self.grounds.entry(ground).or_default();
    }
}
