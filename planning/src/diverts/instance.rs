//! What the planner is told: pathways, sites with their figures, zones with their demand and travel times.
//!
//! Always: plain numbers with their units in the names; places are indices into the instance's own lists. Never: a
//! hospital known by name, or a threshold that is not in here. Built by `read_instance` from the format of
//! `docs/formats/divert_instance.md`, or by `incident` from its board; `Instance::check` holds either to the same rules.

use super::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// What no instance may exceed; beyond it is a mistake, not a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits;

impl Limits {
    /// Sites.
    pub const SITES_MAX: usize = 1_000;
    /// Zones.
    pub const ZONES_MAX: usize = 50_000;
    /// Pathways.
    pub const PATHWAYS_MAX: usize = 16;
    /// Travel times over all zones.
    pub const TIMES_MAX: usize = 5_000_000;
    /// Minutes of one travel time or limit: a day.
    pub const MINUTES_MAX: f64 = 1_440.0;
    /// Weight of a pathway.
    pub const WEIGHT_MAX: f64 = 100.0;
    /// Patients an hour, over all zones and sites together.
    pub const PATIENTS_PER_H_MAX: f64 = 1_000_000.0;
}

/// A set of pathways, by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PathwaySet(u64);

impl PathwaySet {
    /// No pathway.
    pub const NONE: Self = Self(0);

    /// True when `pathway` is in the set.
    pub fn contains(self, pathway: usize) -> bool {
        pathway < 64 && self.0 >> pathway & 1 == 1
    }

    /// Adds `pathway`; indices from 64 on are ignored (`Limits::PATHWAYS_MAX` is lower).
    pub fn insert(&mut self, pathway: usize) {
        if pathway < 64 {
            self.0 |= 1 << pathway;
        }
    }

    /// Takes `pathway` out.
    pub fn remove(&mut self, pathway: usize) {
        if pathway < 64 {
            self.0 &= !(1 << pathway);
        }
    }

    /// True for the empty set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The indices in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |p| self.contains(*p))
    }
}

impl FromIterator<usize> for PathwaySet {
    fn from_iter<I: IntoIterator<Item = usize>>(pathways: I) -> Self {
        let mut set = Self::NONE;
        pathways.into_iter().for_each(|p| set.insert(p));
        set
    }
}

/// How a pathway chooses among sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathwayKind {
    /// Any accepting site within the time limit.
    Usual,
    /// Never diverted: the closest able site, or one at most 3 minutes further.
    Resuscitation,
    /// As usual, but when no accepting site is within the limit, sites that accept the pathway of this index stand in
    /// (major trauma: the nearest trauma unit).
    StandIn(usize),
}

/// A pathway: patients who need the same of a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pathway {
    /// Short code: `RES`, `GEN`, `STR`.
    pub id: String,
    /// In words.
    pub name: String,
    /// Time limit from scene to site, minutes.
    pub limit_min: f64,
    /// Weight of a minute of travel.
    pub weight: f64,
    /// How it chooses.
    pub kind: PathwayKind,
}

/// What a site says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Takes what it is able to and has not switched off.
    Open,
    /// On a whole-site divert: resuscitation only.
    Divert,
    /// Takes nobody.
    Closed,
}

/// A place on the globe, WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinates {
    /// Latitude, −90 to 90.
    pub lat: f64,
    /// Longitude, −180 to 180.
    pub lon: f64,
}

/// An emergency department.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its name on the board.
    pub name: String,
    /// The organisation that runs it, if known.
    pub trust: Option<String>,
    /// Postcode, if known: travel-time matrices may name sites by it.
    pub postcode: Option<String>,
    /// Where it is, if known.
    pub place: Option<Coordinates>,
    /// Pathways it is built and staffed for.
    pub able: PathwaySet,
    /// Pathways it has switched off for now.
    pub off: PathwaySet,
    /// What it says of itself.
    pub status: Status,
    /// Majors patients (ambulance and walk-in) an hour it can take now.
    pub cap_per_h: f64,
    /// The same on a usual day.
    pub usual_cap_per_h: f64,
    /// Staffed majors places.
    pub servers: f64,
    /// Walk-in majors patients an hour now.
    pub walkin_per_h: f64,
    /// The same on a usual day.
    pub usual_walkin_per_h: f64,
    /// Ambulance patients an hour from outside the instance's zones.
    pub background_per_h: f64,
    /// Ambulance patients waiting at the start.
    pub queue: f64,
    /// Load on a usual day (1 = full).
    pub usual_load: f64,
}

impl Site {
    /// Patients an hour already spoken for: queue over the horizon, walk-ins, ambulances from elsewhere.
    pub fn base_per_h(&self, horizon_h: f64) -> f64 {
        self.queue / horizon_h + self.walkin_per_h + self.background_per_h
    }

    /// True when it takes this pathway now. `kind` is the pathway's.
    pub fn accepts(&self, pathway: usize, kind: PathwayKind) -> bool {
        let willing = match self.status {
            Status::Open => !self.off.contains(pathway),
            Status::Divert => kind == PathwayKind::Resuscitation,
            Status::Closed => false,
        };
        willing && self.able.contains(pathway) && self.cap_per_h > 0.0
    }

    /// The load it should not exceed: `target` when it is affected, else at least its usual load.
    pub fn tolerated_load(&self, target: f64) -> f64 {
        if self.status != Status::Open || !self.off.is_empty() { target } else { target.max(self.usual_load) }
    }
}

/// Minutes from a zone to a site.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TravelTime {
    /// Index of the site.
    pub site: usize,
    /// Minutes from scene to site.
    pub minutes: f64,
    /// True when it is a great-circle estimate, not a road time.
    pub estimated: bool,
}

/// A zone: where patients are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// The ambulance service, if known.
    pub service: Option<String>,
    /// Its centre, if known.
    pub place: Option<Coordinates>,
    /// Ambulance patients an hour, by pathway index.
    pub demand: Vec<f64>,
    /// Sites that can be reached, each once, in any order.
    pub times: Vec<TravelTime>,
}

/// One part of the plan that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CurrentFlow {
    /// Zone index.
    pub zone: usize,
    /// Pathway index.
    pub pathway: usize,
    /// Site index.
    pub site: usize,
}

/// What is in force now, which L3 leaves only for a gain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Current {
    /// No plan yet: the nearest site of each group with every site open and nothing off.
    #[default]
    Nearest,
    /// A plan: the sites of each group. Groups not named fall back on the nearest.
    Given(Vec<CurrentFlow>),
}

/// All that the planner is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// For headings.
    pub name: String,
    /// Horizon, hours, over which a queue is spread.
    pub horizon_h: f64,
    /// Tolerated load of an affected site, and the least of any.
    pub target_load: f64,
    /// Charge for leaving the current site, minutes.
    pub switch_penalty_min: f64,
    /// Hours that one patient takes one staffed place.
    pub service_h: f64,
    /// Pathways, at most 16.
    pub pathways: Vec<Pathway>,
    /// Sites, at most 1,000.
    pub sites: Vec<Site>,
    /// Zones, at most 50,000.
    pub zones: Vec<Zone>,
    /// What is in force now.
    pub current: Current,
}

impl Instance {
    /// Holds the instance to its rules: finite, not negative, within `Limits`, indices that exist.
    ///
    /// # Errors
    /// The first rule broken, with the site or zone named.
    pub fn check(&self) -> Result<(), Refusal> {
        super::read::check(self)
    }

    /// The index of the site with this name; upper and lower case are one.
    ///
    /// # Errors
    /// No site of that name, or several.
    pub fn site_named(&self, name: &str) -> Result<usize, Refusal> {
        let wanted = name.trim().to_lowercase();
        let mut found = self.sites.iter().enumerate().filter(|(_, s)| s.name.to_lowercase() == wanted);
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) => Err(Refusal::SiteTwice { name: name.to_owned() }),
            (None, _) => Err(Refusal::NoSuchSite { name: name.to_owned(), near: self.nearly(&wanted) }),
        }
    }

    /// The index of the pathway with this code.
    ///
    /// # Errors
    /// No pathway of that code.
    pub fn pathway_coded(&self, id: &str) -> Result<usize, Refusal> {
        self.pathways.iter().position(|p| p.id.eq_ignore_ascii_case(id.trim())).ok_or_else(|| {
            Refusal::NoSuchPathway {
                id: id.to_owned(),
                known: self.pathways.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// Names that hold the wanted text, for "did you mean".
    fn nearly(&self, wanted: &str) -> String {
        let near: Vec<&str> = self
            .sites
            .iter()
            .filter(|s| !wanted.is_empty() && s.name.to_lowercase().contains(wanted))
            .map(|s| s.name.as_str())
            .take(5)
            .collect();
        if near.is_empty() { String::new() } else { format!(" Did you mean {}?", near.join(" or ")) }
    }
}
