//! The life of an incident: standby, declared, and how it ends; its level; real or an exercise.
//!
//! Always: several incidents may run at once, each with its own number; an exercise stays one for ever. Never: a
//! second running incident of the same name, which is how a declaration pressed twice would look.
//! Called through `book::decide`; proved by `tests/life.rs`.

use crate::action_cards::Cards;
use crate::book::Asked;
use crate::decisions::Decisions;
use crate::log::Kind;
use crate::methane::{Methane, Reports};
use crate::roles::Roles;
use crate::sitreps::Sitreps;
use crate::wording::{self, Wording};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};

/// How much of the trust must change what it does (NHS England's EPRR framework, 2022).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Level {
    /// Services are disrupted below acceptable levels; special arrangements are needed.
    BusinessContinuity,
    /// The trust cannot deliver critical services, or patients may have been harmed.
    Critical,
    /// Serious harm or numbers that need special arrangements with others.
    Major,
}

impl Level {
    /// Every level, the lowest first.
    pub const ALL: [Self; 3] = [Self::BusinessContinuity, Self::Critical, Self::Major];

    /// "major incident".
    pub fn words(self) -> &'static str {
        match self {
            Self::BusinessContinuity => "business continuity incident",
            Self::Critical => "critical incident",
            Self::Major => "major incident",
        }
    }
}

/// Where an incident is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stage {
    /// Be ready.
    Standby,
    /// It is on.
    Declared,
    /// It is over.
    StoodDown,
    /// It never was, or was declared in error.
    Cancelled,
}

impl Stage {
    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standby => "Standby",
            Self::Declared => "Declared",
            Self::StoodDown => "Stood down",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// Whether it is real.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Nature {
    /// It is.
    Real,
    /// It is practice: watermarked on every page, print, message and alert.
    Exercise,
}

/// One incident with all that belongs to it alone.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What people call it.
    pub name: String,
    /// Real or an exercise; never changes.
    pub nature: Nature,
    /// Its level now.
    pub level: Level,
    /// Its stage now.
    pub stage: Stage,
    /// Hospitals affected; none named means all of them.
    pub sites: Vec<SiteId>,
    /// Why it was opened.
    pub reason: String,
    /// When and by whom it was opened.
    pub opened: Stamp,
    /// Whether it was on standby first.
    pub began_on_standby: bool,
    /// When and by whom it was declared.
    pub declared: Option<Stamp>,
    /// When and by whom it was stood down or cancelled; `None` while it runs.
    pub ended: Option<Stamp>,
    /// Why it was ended.
    pub ended_because: String,
    /// Every change of stage or level: when, and in words.
    pub steps: Vec<(Stamp, String)>,
    /// The opening report and its corrections.
    pub methane: Reports,
    /// Who holds which role.
    pub roles: Roles,
    /// Its action cards and what was done of them.
    pub cards: Cards,
    /// Its decisions.
    pub decisions: Decisions,
    /// Its situation reports.
    pub sitreps: Sitreps,
}

impl Incident {
    /// On standby or declared.
    pub fn running(&self) -> bool {
        matches!(self.stage, Stage::Standby | Stage::Declared)
    }

    /// On which ground its systems and hospitals stand.
    pub fn ground(&self) -> Ground {
        match self.nature {
            Nature::Real => Ground::Real,
            Nature::Exercise => Ground::Exercise(self.id),
        }
    }

    /// Seconds since it was declared, or opened when it was not; until it ended.
    pub fn elapsed_seconds(&self, now: Moment) -> i64 {
        let from = self.declared.as_ref().unwrap_or(&self.opened).at;
        self.ended.as_ref().map_or(now, |s| s.at).seconds_since(from).max(0)
    }

    /// "EXERCISE", or nothing.
    pub fn watermark(&self) -> Option<&'static str> {
        self.ground().watermark()
    }

    /// "EXERCISE major incident", "critical incident".
    pub fn words(&self) -> String {
        match self.watermark() {
            Some(mark) => format!("{mark} {}", self.level.words()),
            None => self.level.words().to_owned(),
        }
    }
}

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// An incident was opened, on standby or declared at once.
    Opened {
        /// Its number.
        incident: IncidentId,
        /// What people call it.
        name: String,
        /// Its level.
        level: Level,
        /// Real or an exercise.
        nature: Nature,
        /// Declared at once, without standby.
        declared: bool,
        /// Why.
        reason: String,
        /// Hospitals affected; empty for all.
        sites: Vec<SiteId>,
        /// The opening report, where it came with the declaration.
        methane: Option<Methane>,
    },
    /// Standby became a declaration.
    Declared {
        /// Which.
        incident: IncidentId,
        /// Its level from now on.
        level: Level,
        /// Why.
        reason: String,
    },
    /// Its level changed.
    LevelChanged {
        /// Which.
        incident: IncidentId,
        /// Its level from now on.
        level: Level,
        /// Why.
        reason: String,
    },
    /// Other hospitals are affected than was thought.
    SitesChanged {
        /// Which.
        incident: IncidentId,
        /// Hospitals affected; empty for all.
        sites: Vec<SiteId>,
        /// Why.
        reason: String,
    },
    /// It was called off.
    Cancelled {
        /// Which.
        incident: IncidentId,
        /// Why.
        reason: String,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
pub enum Intent {
    /// Open an incident.
    Open {
        /// What people shall call it: "Cyber attack 12 May".
        name: String,
        /// Its level.
        level: Level,
        /// Real or an exercise.
        nature: Nature,
        /// Declare at once; otherwise standby.
        declared: bool,
        /// Why.
        reason: String,
        /// Hospitals affected; empty for all.
        sites: Vec<SiteId>,
        /// The opening report, where there is one already.
        methane: Option<Methane>,
    },
    /// Declare an incident that is on standby.
    Declare {
        /// Which.
        incident: IncidentId,
        /// Its level.
        level: Level,
        /// Why.
        reason: String,
    },
    /// Raise or lower its level.
    ChangeLevel {
        /// Which.
        incident: IncidentId,
        /// Its level from now on.
        level: Level,
        /// Why.
        reason: String,
    },
    /// Name the hospitals affected.
    ChangeSites {
        /// Which.
        incident: IncidentId,
        /// Hospitals affected; empty for all.
        sites: Vec<SiteId>,
        /// Why.
        reason: String,
    },
    /// Call it off.
    Cancel {
        /// Which.
        incident: IncidentId,
        /// Why.
        reason: String,
    },
}

/// The incident is not there to act in.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotThere {
    /// No incident has that number.
    #[error("there is no {0}; choose one from the list of incidents")]
    NoSuch(IncidentId),
    /// It is over.
    #[error("“{name}” was {how} at {at} by {by}; open a new incident if this is a new one")]
    Ended {
        /// Its name.
        name: String,
        /// "stood down" or "cancelled".
        how: &'static str,
        /// When.
        at: String,
        /// By whom.
        by: String,
    },
    /// It is real, or not there.
    #[error("{0} is no exercise; what happens in it is recorded as real")]
    NoExercise(IncidentId),
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident to act in.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// It runs already.
    #[error(
        "“{name}” is open already: {by} opened it at {at} (entry {entry}). Go on with that one, or give this another name"
    )]
    SameName {
        /// The name.
        name: String,
        /// Who opened it.
        by: String,
        /// When.
        at: String,
        /// Its entry.
        entry: u64,
    },
    /// It is declared already.
    #[error(
        "“{name}” was declared already, by {by} at {at} (entry {entry}). Change its level if that is meant"
    )]
    DeclaredAlready {
        /// The name.
        name: String,
        /// Who declared it.
        by: String,
        /// When.
        at: String,
        /// Its entry.
        entry: u64,
    },
    /// Nothing would change.
    #[error("it is a {0} already")]
    LevelAlready(&'static str),
    /// Nothing would change.
    #[error("these hospitals are named already")]
    SitesAlready,
    /// A hospital that the trust does not have.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
}

/// Incidents that may run at once.
pub const RUNNING_MAX: usize = 20;
/// Incidents in one book, ended ones too.
pub const INCIDENTS_MAX: usize = 5_000;

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::Open { name, level, nature, declared, reason, sites, methane } => {
            let name = wording::line("the incident's name", &name)?;
            let reason = wording::note("the reason", &reason)?;
            not_running_already(asked, &name)?;
            known_sites(asked, &sites)?;
            let methane = methane.map(Methane::checked).transpose()?;
            let last = asked.book.incidents.last_key_value().map_or(0, |(id, _)| id.0);
            let incident = IncidentId(last + 1);
            Fact::Opened { incident, name, level, nature, declared, reason, sites, methane }
        }
        Intent::Declare { incident, level, reason } => {
            let found = asked.running(incident)?;
            if let Some(declared) = &found.declared {
                return Err(Refusal::DeclaredAlready {
                    name: found.name.clone(),
                    by: declared.by.to_string(),
                    at: asked.say(declared.at),
                    entry: declared.entry.0,
                });
            }
            Fact::Declared { incident, level, reason: wording::note("the reason", &reason)? }
        }
        Intent::ChangeLevel { incident, level, reason } => {
            if asked.running(incident)?.level == level {
                return Err(Refusal::LevelAlready(level.words()));
            }
            Fact::LevelChanged { incident, level, reason: wording::note("the reason", &reason)? }
        }
        Intent::ChangeSites { incident, sites, reason } => {
            if asked.running(incident)?.sites == sites {
                return Err(Refusal::SitesAlready);
            }
            known_sites(asked, &sites)?;
            Fact::SitesChanged { incident, sites, reason: wording::note("the reason", &reason)? }
        }
        Intent::Cancel { incident, reason } => {
            asked.running(incident)?;
            Fact::Cancelled { incident, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

fn not_running_already(asked: &Asked<'_>, name: &str) -> Result<(), Refusal> {
    wording::at_most("running incidents", asked.book.running().count() + 1, RUNNING_MAX)?;
    wording::at_most("incidents", asked.book.incidents.len() + 1, INCIDENTS_MAX)?;
    let lower = name.to_lowercase();
    match asked.book.running().find(|i| i.name.to_lowercase() == lower) {
        None => Ok(()),
        Some(twin) => Err(Refusal::SameName {
            name: twin.name.clone(),
            by: twin.opened.by.to_string(),
            at: asked.say(twin.opened.at),
            entry: twin.opened.entry.0,
        }),
    }
}

fn known_sites(asked: &Asked<'_>, sites: &[SiteId]) -> Result<(), Refusal> {
    let unknown = sites.iter().find(|site| !asked.book.hospitals.known(site));
    unknown.map_or(Ok(()), |site| Err(Refusal::NoSuchSite(site.clone())))
}

/// What becomes of the picture.
pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let words = fact.line(book);
    let step = (stamp.clone(), words);
    match fact {
        Fact::Opened { incident, name, level, nature, declared, reason, sites, methane } => {
            let mut opened = Incident {
                id: incident,
                name,
                nature,
                level,
                stage: if declared { Stage::Declared } else { Stage::Standby },
                sites,
                reason,
                opened: stamp.clone(),
                began_on_standby: !declared,
                declared: declared.then(|| stamp.clone()),
                ended: None,
                ended_because: String::new(),
                steps: vec![step],
                methane: Reports::default(),
                roles: Roles::default(),
                cards: Cards::issued(book.cards_in_use.clone()),
                decisions: Decisions::default(),
                sitreps: Sitreps::begun(stamp.at),
            };
            opened.methane.add_opening(stamp, methane);
            book.hospitals.begin(opened.ground());
            book.systems.begin(opened.ground());
            book.incidents.insert(incident, opened);
        }
        Fact::Declared { incident, level, .. } => change(book, incident, step, |i| {
            i.stage = Stage::Declared;
            i.level = level;
            i.declared = Some(stamp.clone());
        }),
        Fact::LevelChanged { incident, level, .. } => change(book, incident, step, |i| i.level = level),
        Fact::SitesChanged { incident, sites, .. } => change(book, incident, step, |i| i.sites = sites),
        Fact::Cancelled { incident, reason } => change(book, incident, step, |i| {
            i.stage = Stage::Cancelled;
            i.ended = Some(stamp.clone());
            i.ended_because = reason;
        }),
    }
}

/// Changes an incident and notes the step.
pub(crate) fn change(
    book: &mut IncidentBook,
    incident: IncidentId,
    step: (Stamp, String),
    what: impl FnOnce(&mut Incident),
) {
    if let Some(found) = book.incidents.get_mut(&incident) {
        what(found);
        found.steps.push(step);
    }
}

fn of_sites(sites: &[SiteId]) -> String {
    if sites.is_empty() {
        return "every hospital".to_owned();
    }
    sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ")
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let name = |id: &IncidentId| book.incident(*id).map_or_else(|| id.to_string(), |i| i.name.clone());
        match self {
            Self::Opened { name, level, nature, declared, reason, sites, .. } => {
                let exercise = if *nature == Nature::Exercise { "EXERCISE " } else { "" };
                let what = if *declared { "declared" } else { "on standby" };
                format!("{exercise}{} {what}: {name} ({}). {reason}", capital(level.words()), of_sites(sites))
            }
            Self::Declared { incident, level, reason } => {
                format!("{} declared: {}. {reason}", capital(level.words()), name(incident))
            }
            Self::LevelChanged { incident, level, reason } => {
                format!("{} is now a {}. {reason}", name(incident), level.words())
            }
            Self::SitesChanged { incident, sites, reason } => {
                format!("{} now affects {}. {reason}", name(incident), of_sites(sites))
            }
            Self::Cancelled { incident, reason } => format!("{} cancelled. {reason}", name(incident)),
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Stage
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Opened { incident, .. }
            | Self::Declared { incident, .. }
            | Self::LevelChanged { incident, .. }
            | Self::SitesChanged { incident, .. }
            | Self::Cancelled { incident, .. } => Some(*incident),
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
