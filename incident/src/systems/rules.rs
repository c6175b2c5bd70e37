//! What may be said of a system, and what becomes of the picture.

use super::{
    DEPENDS_MAX, HISTORY_MAX, Listing, REPORTS_MAX, Report, SYSTEMS_MAX, SystemId, SystemState, Systems,
};
use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// These systems are listed, or listed anew with other words.
    Listed { systems: Vec<(SystemId, Listing)> },
    /// A system is no longer part of the picture.
    Retired { system: SystemId, reason: String },
    /// A system is in this state.
    StateTold {
        ground: Ground,
        system: SystemId,
        state: SystemState,
        note: String,
        /// Since when it is so, where that is known to lie before the telling.
        since: Option<Moment>,
    },
    /// A system must be done without in another way than was listed.
    WorkaroundTold { system: SystemId, workaround: String },
    /// Somebody reported something.
    Reported {
        ground: Ground,
        number: u32,
        site: SiteId,
        system: Option<SystemId>,
        what: String,
        contact: String,
    },
    /// A report was dealt with.
    ReportSettled { ground: Ground, number: u32, how: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// List systems: new ones get a number, known ones (same site and name) the new words. Others stay.
    List { systems: Vec<Listing> },
    /// Take a system out of the picture.
    Retire { system: SystemId, reason: String },
    /// Say how a system is. `seen`: the state that the writer's page showed.
    TellState {
        ground: Ground,
        system: SystemId,
        state: SystemState,
        seen: SystemState,
        note: String,
        since: Option<Moment>,
    },
    /// Say what to do without it.
    TellWorkaround { system: SystemId, workaround: String },
    /// Report what one sees.
    Report { ground: Ground, site: SiteId, system: Option<SystemId>, what: String, contact: String },
    /// Deal with a report: in words; its system's state is told apart.
    SettleReport { ground: Ground, number: u32, how: String },
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
    /// No such system.
    #[error("this system is not listed; import it, or choose one from the board")]
    NoSuchSystem,
    /// No such hospital.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
    /// Nothing would change.
    #[error("these systems are listed so already")]
    ListedAlready,
    /// Somebody was faster.
    #[error(
        "{by} set {system} to “{state}” at {at} (entry {entry}) while you wrote; look again, then set it"
    )]
    ChangedMeanwhile { system: String, by: String, state: &'static str, at: String, entry: u64 },
    /// Out of infected without a word.
    #[error("{0} is infected: say who checked that it is clean, and how")]
    CleanBySayingSo(String),
    /// In a state that needs a word.
    #[error("say in a few words what is wrong with {0}, so that others know what to expect")]
    NoteMissing(String),
    /// Since the future.
    #[error("“since” lies ahead; give the time at which it began")]
    SinceAhead,
    /// No such report.
    #[error("there is no report {0}")]
    NoReport(u32),
    /// Settled already.
    #[error("{by} dealt with report {number} at {at}: {how}")]
    SettledAlready { number: u32, by: String, at: String, how: String },
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let systems = &asked.book.systems;
    let fact = match intent {
        Intent::List { systems: listed } => Fact::Listed { systems: list(asked, listed)? },
        Intent::Retire { system, reason } => {
            systems.listing(system).ok_or(Refusal::NoSuchSystem)?;
            Fact::Retired { system, reason: wording::note("the reason", &reason)? }
        }
        Intent::TellState { ground, system, state, seen, note, since } => {
            asked.ground(ground)?;
            let note = wording::note_or_empty("the note", &note)?;
            may_be_told(asked, ground, system, (state, seen), &note)?;
            if since.is_some_and(|since| since > asked.at) {
                return Err(Refusal::SinceAhead);
            }
            Fact::StateTold { ground, system, state, note, since }
        }
        Intent::TellWorkaround { system, workaround } => {
            systems.listing(system).ok_or(Refusal::NoSuchSystem)?;
            Fact::WorkaroundTold { system, workaround: wording::note("what to do without it", &workaround)? }
        }
        Intent::Report { ground, site, system, what, contact } => {
            asked.ground(ground)?;
            if !asked.book.hospitals.known(&site) {
                return Err(Refusal::NoSuchSite(site));
            }
            if system.is_some_and(|id| systems.listing(id).is_none()) {
                return Err(Refusal::NoSuchSystem);
            }
            let count = systems.reports(ground).len() + 1;
            wording::at_most("reports", count, REPORTS_MAX)?;
            let what = wording::note("what you see", &what)?;
            let contact = wording::line_or_empty("where you are", &contact)?;
            let number = u32::try_from(count).unwrap_or(u32::MAX);
            Fact::Reported { ground, number, site, system, what, contact }
        }
        Intent::SettleReport { ground, number, how } => {
            let report = systems.reports(ground).iter().find(|r| r.number == number);
            let report = report.ok_or(Refusal::NoReport(number))?;
            if let Some((stamp, how)) = &report.settled {
                let (by, at) = (stamp.by.to_string(), asked.say(stamp.at));
                return Err(Refusal::SettledAlready { number, by, at, how: how.clone() });
            }
            Fact::ReportSettled { ground, number, how: wording::note("how it was dealt with", &how)? }
        }
    };
    Ok(vec![fact])
}

fn may_be_told(
    asked: &Asked<'_>,
    ground: Ground,
    system: SystemId,
    (state, seen): (SystemState, SystemState),
    note: &str,
) -> Result<(), Refusal> {
    let listing = asked.book.systems.listing(system).ok_or(Refusal::NoSuchSystem)?;
    let now = asked.book.systems.standing(ground, system);
    if now.state != seen
        && let Some(told) = &now.told
    {
        return Err(Refusal::ChangedMeanwhile {
            system: listing.words(),
            by: told.by.to_string(),
            state: now.state.words(),
            at: asked.say(told.at),
            entry: told.entry.0,
        });
    }
    if !note.is_empty() {
        return Ok(());
    }
    match state {
        _ if now.state == SystemState::Infected && state != SystemState::Infected => {
            Err(Refusal::CleanBySayingSo(listing.words()))
        }
        SystemState::Degraded | SystemState::Infected | SystemState::Isolated => {
            Err(Refusal::NoteMissing(listing.words()))
        }
        SystemState::Working | SystemState::Unknown => Ok(()),
    }
}

fn list(asked: &Asked<'_>, listed: Vec<Listing>) -> Result<Vec<(SystemId, Listing)>, Refusal> {
    let systems = &asked.book.systems;
    let mut next = systems.listed.last_key_value().map_or(0, |(id, _)| id.0);
    let mut out: Vec<(SystemId, Listing)> = Vec::new();
    let mut seen = BTreeSet::new();
    for listing in listed {
        let listing = checked(asked, listing)?;
        if !seen.insert(listing.key()) {
            continue;
        }
        let known = systems.names.get(&listing.key()).copied();
        let same = known.is_some_and(|id| systems.listing(id) == Some(&listing));
        if same {
            continue;
        }
        let id = known.unwrap_or_else(|| {
            next += 1;
            SystemId(next)
        });
        out.push((id, listing));
    }
    if out.is_empty() {
        return Err(Refusal::ListedAlready);
    }
    wording::at_most("systems", next as usize, SYSTEMS_MAX)?;
    Ok(out)
}

fn checked(asked: &Asked<'_>, listing: Listing) -> Result<Listing, Refusal> {
    if let Some(site) = listing.site.as_ref().filter(|site| !asked.book.hospitals.known(site)) {
        return Err(Refusal::NoSuchSite(site.clone()));
    }
    wording::at_most("dependencies", listing.depends_on.len(), DEPENDS_MAX)?;
    let mut depends_on = Vec::with_capacity(listing.depends_on.len());
    for name in &listing.depends_on {
        depends_on.push(wording::line("a system that it needs", name)?);
    }
    Ok(Listing {
        name: wording::line("the system's name", &listing.name)?,
        owner: wording::line_or_empty("the owner", &listing.owner)?,
        workaround: wording::note_or_empty("what to do without it", &listing.workaround)?,
        depends_on,
        ..listing
    })
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let systems: &mut Systems = &mut book.systems;
    match fact {
        Fact::Listed { systems: listed } => {
            for (id, listing) in listed {
                systems.retired.remove(&id);
                systems.names.insert(listing.key(), id);
                systems.listed.insert(id, listing);
            }
        }
        Fact::Retired { system, .. } => {
            systems.retired.insert(system, stamp.clone());
        }
        Fact::StateTold { ground, system, state, note, since } => {
            let on = systems.grounds.entry(ground).or_default();
            let standing = on.standings.entry(system).or_default();
            if standing.state != state || standing.since.is_none() || since.is_some() {
                standing.since = Some(since.unwrap_or(stamp.at));
            }
            standing.state = state;
            standing.told = Some(stamp.clone());
            standing.note.clone_from(&note);
            standing.history.push((stamp.clone(), state, note));
            if standing.history.len() > HISTORY_MAX {
                standing.history.remove(0);
            }
        }
        Fact::WorkaroundTold { system, workaround } => {
            if let Some(listing) = systems.listed.get_mut(&system) {
                listing.workaround = workaround;
            }
        }
        Fact::Reported { ground, number, site, system, what, contact } => {
            let stamp = stamp.clone();
            let report = Report { number, stamp, site, system, what, contact, settled: None };
            systems.grounds.entry(ground).or_default().reports.push(report);
        }
        Fact::ReportSettled { ground, number, how } => {
            let reports = &mut systems.grounds.entry(ground).or_default().reports;
            if let Some(report) = reports.iter_mut().find(|r| r.number == number) {
                report.settled = Some((stamp.clone(), how));
            }
        }
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let name = |id: &SystemId| {
            book.systems.listed.get(id).map_or_else(|| format!("system {}", id.0), Listing::words)
        };
        let mark = |ground: &Ground| ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
        match self {
            Self::Listed { systems } => {
                let few: Vec<String> = systems.iter().take(10).map(|(_, l)| l.words()).collect();
                let more = if systems.len() > few.len() { " …" } else { "" };
                format!(
                    "{} listed: {}{more}",
                    wording::counted(systems.len(), "system", "systems"),
                    few.join("; ")
                )
            }
            Self::Retired { system, reason } => format!("{} is no longer listed. {reason}", name(system)),
            Self::StateTold { ground, system, state, note, since } => {
                let was = book.systems.standing(*ground, *system).state.words();
                let since =
                    since.map_or_else(String::new, |at| format!(" since {}", book.zone.hour_minute(at)));
                let note = if note.is_empty() { String::new() } else { format!(". {note}") };
                format!("{}{} is {}{since} (was {was}){note}", mark(ground), name(system), state.words())
            }
            Self::WorkaroundTold { system, workaround } => format!("Without {}: {workaround}", name(system)),
            Self::Reported { ground, number, site, system, what, contact } => {
                let about = system.as_ref().map_or_else(String::new, |id| format!(" about {}", name(id)));
                let contact = if contact.is_empty() { String::new() } else { format!(" ({contact})") };
                format!("{}Report {number} from {site}{contact}{about}: {what}", mark(ground))
            }
            Self::ReportSettled { ground, number, how } => {
                format!("{}Report {number} dealt with: {how}", mark(ground))
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::System
    }

    /// Its incident: an exercise's, or none.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::StateTold { ground: Ground::Exercise(id), .. }
            | Self::Reported { ground: Ground::Exercise(id), .. }
            | Self::ReportSettled { ground: Ground::Exercise(id), .. } => Some(*id),
            _ => None,
        }
    }
}
