//! The running of an incident on the screen: declare, METHANE, roles, decisions, hospitals, stand-down; a page for each
//! incident that shows first what a tired person looks for first.
//!
//! Always: a form that is not taken comes back with everything that was typed and why at its top; two people who decide
//! at once see each other's decision before the second one counts. Never: a rule of its own; those are `incident`'s.
//! Called by `routes`; proved by `tests/incident.rs`, `tests/decisions.rs`.

pub mod decide;
pub mod decisions;
pub mod declare;
pub mod glance;
pub mod hospitals;
pub mod list;
pub mod methane;
pub mod page;
pub mod post;
pub mod roles;
pub mod stage;
pub mod stand_down;
pub mod times;

use crate::desk::Look;
use crate::forms::Typed;
use crate::mishap::Mishap;
use incident::{Incident, IncidentBook, IncidentId, Level, Stage};

/// Reads one incident's part of the book; 404 when there is none of that number.
pub fn with_incident<T>(
    look: &Look<'_>,
    id: u32,
    read: impl FnOnce(&IncidentBook, &Incident) -> T,
) -> Result<T, Mishap> {
    let found = look.incidents(|book| book.incident(IncidentId(id)).map(|incident| read(book, incident)));
    found.ok_or_else(|| Mishap::NotFound {
        what: format!("There is no incident {id}."),
        next: "Choose one from the list of incidents.",
    })
}

/// The level as a form sends it.
pub fn level_value(level: Level) -> &'static str {
    match level {
        Level::BusinessContinuity => "business-continuity",
        Level::Critical => "critical",
        Level::Major => "major",
    }
}

/// What a level means, for whoever has to choose at 3 a.m. (NHS England's EPRR framework, 2022, in our words).
fn level_hint(level: Level) -> &'static str {
    match level {
        Level::BusinessContinuity => "Services are disrupted; special arrangements get us through",
        Level::Critical => "We cannot deliver critical services, or patients may have been harmed",
        Level::Major => "Serious harm, or more than we can manage without others",
    }
}

/// The level that was chosen.
fn level_of(typed: &Typed) -> Result<Level, Mishap> {
    let chosen = Level::ALL.into_iter().find(|level| level_value(*level) == typed.text("level"));
    chosen.ok_or_else(|| Mishap::Refused("Choose how grave it is first.".to_owned()))
}

/// One level to choose.
pub struct LevelChoice {
    pub value: &'static str,
    pub words: String,
    pub hint: &'static str,
    pub chosen: bool,
}

/// Every level, the gravest first.
fn levels(chosen: &str) -> Vec<LevelChoice> {
    let choice = |level: Level| LevelChoice {
        value: level_value(level),
        words: crate::names::capital(level.words()),
        hint: level_hint(level),
        chosen: level_value(level) == chosen,
    };
    Level::ALL.into_iter().rev().map(choice).collect()
}

/// A hospital to tick.
pub struct SiteChoice {
    pub name: String,
    pub chosen: bool,
}

/// The style sheet's tag for a stage.
pub fn stage_tag(stage: Stage) -> &'static str {
    match stage {
        Stage::Standby => "amber",
        Stage::Declared => "red",
        Stage::StoodDown | Stage::Cancelled => "grey",
    }
}
