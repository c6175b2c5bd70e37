//! Each hospital of the trust: which services are open, reduced or closed, and how long people wait.
//!
//! Always: every state says since when and who said so; an exercise has states of its own. Never: a hospital that the
//! trust does not have. Called through `book::decide`; proved by `tests/systems.rs`.

use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a service can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ServiceState {
    /// As usual.
    Open,
    /// Less than usual.
    Reduced,
    /// Nothing.
    Closed,
}

impl ServiceState {
    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reduced => "reduced",
            Self::Closed => "closed",
        }
    }
}

/// Services that a form offers; others may be named.
pub const SERVICES_SUGGESTED: [&str; 10] = [
    "Emergency department",
    "Urgent treatment centre",
    "Outpatients",
    "Operations",
    "Maternity",
    "Children",
    "Imaging",
    "Blood tests",
    "Pharmacy",
    "Visiting",
];

/// A service of a hospital as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What it can do.
    pub state: ServiceState,
    /// How long people wait now, in minutes; `None` when not said.
    pub wait_minutes: Option<u32>,
    /// Why, or what is meant: "walk-ins only".
    pub note: String,
    /// When the state last changed.
    pub since: Moment,
    /// When and by whom it was last told.
    pub told: Stamp,
}

/// One hospital on one ground.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HospitalBoard {
    /// Which.
    pub site: SiteId,
    /// Its services, in the order of their names.
    pub services: Vec<Service>,
    /// Open when every service is, closed when every one is, else reduced; `None` while nothing was told.
    pub overall: Option<ServiceState>,
    /// When anything was last told.
    pub told: Option<Moment>,
}

/// The trust's hospitals.
#[derive(Clone, Debug, Default)]
pub struct Hospitals {
    sites: Vec<SiteId>,
    services: BTreeMap<(Ground, SiteId), BTreeMap<String, Service>>,
}

/// Hospitals of one trust.
pub const SITES_MAX: usize = 60;
/// Services of one hospital.
pub const SERVICES_MAX: usize = 60;
/// Longest wait that is believed, in minutes: two weeks.
pub const WAIT_MINUTES_MAX: u32 = 20_160;

impl Hospitals {
    /// The trust's hospitals, in the order in which they were listed.
    pub fn sites(&self) -> &[SiteId] {
        &self.sites
    }

    /// Whether the trust has that hospital.
    pub fn known(&self, site: &SiteId) -> bool {
        self.sites.contains(site)
    }

    /// One service.
    pub fn service(&self, ground: Ground, site: &SiteId, service: &str) -> Option<&Service> {
        self.services.get(&(ground, site.clone()))?.get(&key(service))
    }

    /// Every hospital on that ground.
    pub fn board(&self, ground: Ground) -> Vec<HospitalBoard> {
        self.sites.iter().map(|site| self.hospital(ground, site)).collect()
    }

    fn hospital(&self, ground: Ground, site: &SiteId) -> HospitalBoard {
        let services: Vec<Service> = self
            .services
            .get(&(ground, site.clone()))
            .map_or_else(Vec::new, |services| services.values().cloned().collect());
        let all = |state| services.iter().all(|s| s.state == state);
        let overall = match services.is_empty() {
            true => None,
            false if all(ServiceState::Open) => Some(ServiceState::Open),
            false if all(ServiceState::Closed) => Some(ServiceState::Closed),
            false => Some(ServiceState::Reduced),
        };
        // The newest by entry, not by clock.
        let told = services.iter().map(|s| &s.told).max_by_key(|told| told.entry).map(|told| told.at);
        HospitalBoard { site: site.clone(), services, overall, told }
    }

    /// An exercise begins with nothing told.
    pub(crate) fn begin(&mut self, _ground: Ground) {}
}

fn key(service: &str) -> String {
    service.to_lowercase()
}

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// These are the trust's hospitals.
    Listed { sites: Vec<SiteId> },
    /// A service is in this state.
    ServiceTold {
        ground: Ground,
        site: SiteId,
        service: String,
        state: ServiceState,
        wait_minutes: Option<u32>,
        note: String,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// List the trust's hospitals; those already listed stay.
    List { sites: Vec<SiteId> },
    /// Say what a service can do.
    TellService {
        ground: Ground,
        site: SiteId,
        service: String,
        state: ServiceState,
        wait_minutes: Option<u32>,
        note: String,
    },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such exercise.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// Nothing would change.
    #[error("these hospitals are listed already")]
    ListedAlready,
    /// A hospital that the trust does not have.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
    /// Not believed.
    #[error("a wait of {0} minutes is not believable; give minutes, at most {WAIT_MINUTES_MAX}")]
    Wait(u32),
    /// A closed or reduced service needs a word.
    #[error("say in a few words why {service} is {state}, or what people can still come for")]
    NoteMissing { service: String, state: &'static str },
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let hospitals = &asked.book.hospitals;
    let fact = match intent {
        Intent::List { sites } => {
            let mut new: Vec<SiteId> = Vec::new();
            for site in sites {
                if !hospitals.known(&site) && !new.contains(&site) {
                    new.push(site);
                }
            }
            if new.is_empty() {
                return Err(Refusal::ListedAlready);
            }
            let all: Vec<SiteId> = hospitals.sites.iter().cloned().chain(new).collect();
            wording::at_most("hospitals", all.len(), SITES_MAX)?;
            Fact::Listed { sites: all }
        }
        Intent::TellService { ground, site, service, state, wait_minutes, note } => {
            asked.ground(ground)?;
            if !hospitals.known(&site) {
                return Err(Refusal::NoSuchSite(site));
            }
            let service = wording::line("the service", &service)?;
            let note = wording::note_or_empty("the note", &note)?;
            if let Some(wait) = wait_minutes.filter(|wait| *wait > WAIT_MINUTES_MAX) {
                return Err(Refusal::Wait(wait));
            }
            if note.is_empty() && state != ServiceState::Open {
                return Err(Refusal::NoteMissing { service, state: state.word() });
            }
            let there = hospitals.services.get(&(ground, site.clone()));
            if !there.is_some_and(|services| services.contains_key(&key(&service))) {
                wording::at_most("services", there.map_or(0, BTreeMap::len) + 1, SERVICES_MAX)?;
            }
            Fact::ServiceTold { ground, site, service, state, wait_minutes, note }
        }
    };
    Ok(vec![fact])
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Listed { sites } => book.hospitals.sites = sites,
        Fact::ServiceTold { ground, site, service: name, state, wait_minutes, note } => {
            let services = book.hospitals.services.entry((ground, site)).or_default();
            let before = services.get(&key(&name));
            let since = before.filter(|s| s.state == state).map_or(stamp.at, |s| s.since);
            let told = stamp.clone();
            services.insert(key(&name), Service { name, state, wait_minutes, note, since, told });
        }
    }
}

/// The hospital that a sheet's field names; empty, "all" or "trust" mean the whole trust. The error says what to write.
pub(crate) fn site_named(book: &IncidentBook, field: &str) -> Result<Option<SiteId>, String> {
    let tidied = wording::plain_line(field, wording::LINE_BYTES_MAX);
    if ["", "all", "all sites", "trust", "trust-wide"].contains(&tidied.to_lowercase().as_str()) {
        return Ok(None);
    }
    let known = |site: &&SiteId| site.as_str().eq_ignore_ascii_case(&tidied);
    book.hospitals.sites().iter().find(known).cloned().map(Some).ok_or_else(|| {
        let names: Vec<&str> = book.hospitals.sites().iter().map(SiteId::as_str).collect();
        let tidied = basics::tidy(&tidied, 60);
        format!("there is no hospital called “{tidied}”; write one of: {}", names.join(", "))
    })
}

impl Fact {
    /// In words.
    pub fn line(&self, _: &IncidentBook) -> String {
        match self {
            Self::Listed { sites } => {
                let names: Vec<&str> = sites.iter().map(SiteId::as_str).collect();
                format!("The trust's hospitals: {}", names.join(", "))
            }
            Self::ServiceTold { ground, site, service, state, wait_minutes, note } => {
                let mark = ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
                let wait = wait_minutes.map_or_else(String::new, |m| format!(", wait {m} min"));
                let note = if note.is_empty() { String::new() } else { format!(". {note}") };
                format!("{mark}{site}: {service} is {}{wait}{note}", state.word())
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Hospital
    }

    /// Its incident: an exercise's, or none.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::ServiceTold { ground: Ground::Exercise(id), .. } => Some(*id),
            _ => None,
        }
    }
}
