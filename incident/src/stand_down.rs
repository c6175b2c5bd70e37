//! The end of an incident: what is still open, and standing down knowing it.
//!
//! Always: whoever stands down has seen what is left; a stand-down in error is undone by resuming, on the record.
//! Called through `book::decide`; proved by `tests/life.rs`.

use crate::action_cards;
use crate::book::Asked;
use crate::declare::{self, Incident, NotThere, Stage};
use crate::log::Kind;
use crate::systems::SystemState;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Stamp};
use basics::Moment;
use serde::{Deserialize, Serialize};

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// It is over. `open`: what was left, in words, as the person saw it.
    StoodDown { incident: IncidentId, reason: String, open: Vec<String> },
    /// It was not over after all.
    Resumed { incident: IncidentId, reason: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Stand down. `despite_open`: the person has read what is left and stands down all the same.
    StandDown { incident: IncidentId, reason: String, despite_open: bool },
    /// Take it up again.
    Resume { incident: IncidentId, reason: String },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident to act in.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// It never was declared.
    #[error("“{0}” was never declared; cancel it instead")]
    NeverDeclared(String),
    /// Something is left.
    #[error("still open: {}. Settle it, or tick that you stand down knowing this", .0.join("; "))]
    StillOpen(Vec<String>),
    /// It runs.
    #[error("“{0}” is running; there is nothing to resume")]
    Running(String),
    /// Another of that name runs.
    #[error("another incident called “{0}” is running; go on with that one")]
    SameName(String),
}

/// What is left of an incident, in words, the gravest first.
pub fn still_open(book: &IncidentBook, incident: &Incident, now: Moment) -> Vec<String> {
    let mut open = Vec::new();
    let board = book.systems.board(incident.ground());
    let counts = board.counts;
    let not_working = counts.infected + counts.isolated + counts.degraded;
    if not_working > 0 {
        let words =
            [SystemState::Infected, SystemState::Isolated, SystemState::Degraded].map(SystemState::words);
        let systems = wording::counted(not_working, "system", "systems");
        open.push(format!("{systems} {}", words.join(", or ")));
    }
    let shut: usize = book
        .hospitals
        .board(incident.ground())
        .iter()
        .flat_map(|hospital| &hospital.services)
        .filter(|service| service.state != crate::hospitals::ServiceState::Open)
        .count();
    if shut > 0 {
        open.push(format!("{} reduced or closed", wording::counted(shut, "service", "services")));
    }
    if !board.waiting.is_empty() {
        let reports = wording::counted(board.waiting.len(), "staff report", "staff reports");
        open.push(format!("{reports} not dealt with"));
    }
    let diverts = crate::diverts::board(book, incident.ground(), now).diverts.len();
    if diverts > 0 {
        open.push(format!("{} asked for or in force", wording::counted(diverts, "divert", "diverts")));
    }
    let overdue = action_cards::cards_board(book, incident, now).overdue;
    if overdue > 0 {
        open.push(format!("{} overdue on action cards", wording::counted(overdue, "step", "steps")));
    }
    let reviews = incident.decisions.all().iter().filter(|d| d.review_due(book.now(now))).count();
    if reviews > 0 {
        open.push(format!("{} due for review", wording::counted(reviews, "decision", "decisions")));
    }
    if incident.sitreps.waiting().is_some() {
        open.push("a sitrep waits for approval".to_owned());
    }
    if let Some(roll_call) = book.messages.roll_call(incident.id) {
        let roll = crate::messages::roll_call::roll_board(roll_call, now);
        let number = roll_call.id.0;
        if roll.need_help > 0 {
            let people = wording::counted(roll.need_help, "person needs", "people need");
            open.insert(0, format!("{people} help (roll-call {number})"));
        }
        if roll.unaccounted > 0 {
            let people = wording::counted(roll.unaccounted, "person", "people");
            open.push(format!("{people} unaccounted for in roll-call {number}"));
        }
    }
    let ground = incident.ground();
    let drafts = book.public_updates.drafts(ground).count();
    if drafts > 0 {
        open.push(format!("{} unapproved", wording::counted(drafts, "public update", "public updates")));
    }
    if let Some(at) = book.public_updates.board(book, ground).next_update {
        open.push(format!("the public was promised an update by {}", book.say(at, now)));
    }
    open
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::StandDown { incident, reason, despite_open } => {
            let found = asked.running(incident)?;
            if found.stage == Stage::Standby {
                return Err(Refusal::NeverDeclared(found.name.clone()));
            }
            let reason = wording::note("the reason", &reason)?;
            let open = still_open(asked.book, found, asked.at);
            if !open.is_empty() && !despite_open {
                return Err(Refusal::StillOpen(open));
            }
            Fact::StoodDown { incident, reason, open }
        }
        Intent::Resume { incident, reason } => {
            let found = asked.incident(incident)?;
            if found.running() {
                return Err(Refusal::Running(found.name.clone()));
            }
            let name = found.name.to_lowercase();
            if asked.book.running().any(|other| other.name.to_lowercase() == name) {
                return Err(Refusal::SameName(found.name.clone()));
            }
            wording::at_most("running incidents", asked.book.running().count() + 1, declare::RUNNING_MAX)?;
            Fact::Resumed { incident, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let step = (stamp.clone(), fact.line(book));
    match fact {
        Fact::StoodDown { incident, reason, .. } => declare::change(book, incident, step, |i| {
            i.stage = Stage::StoodDown;
            i.ended = Some(stamp.clone());
            i.ended_because = reason;
        }),
        Fact::Resumed { incident, .. } => declare::change(book, incident, step, |i| {
            i.stage = if i.declared.is_some() { Stage::Declared } else { Stage::Standby };
            i.ended = None;
            i.ended_because.clear();
        }),
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let name = |id: &IncidentId| book.incident(*id).map_or_else(|| id.to_string(), |i| i.name.clone());
        match self {
            Self::StoodDown { incident, reason, open } if open.is_empty() => {
                format!("{} stood down. {reason}", name(incident))
            }
            Self::StoodDown { incident, reason, open } => {
                format!("{} stood down. {reason} Still open: {}", name(incident), open.join("; "))
            }
            Self::Resumed { incident, reason } => format!("{} resumed. {reason}", name(incident)),
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Stage
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::StoodDown { incident, .. } | Self::Resumed { incident, .. } => Some(*incident),
        }
    }
}
