//! Action cards: who does what next, in numbered steps with time targets.
//!
//! An emergency planner edits the cards as plain text (`docs/formats/action_cards.md`); the cards that are in use are
//! sealed in the book, so that a step that was ticked always means the words that were on the card. An incident
//! keeps the cards with which it was opened until somebody issues new ones to it. Always: a step that is done names
//! who did it and when; undoing it is another line, never a rubbing out.
//! Called through `book::decide`; proved by `tests/cards.rs`.

mod format;
mod progress;
mod rules;
mod shipped;

pub use format::{CARD_BYTES_MAX, CardFault, CardsFault, parse, read_all};
pub use progress::{CardBoard, CardsBoard, Due, StepRow, card_board, cards_board, posts_expected};
pub(crate) use rules::fold;
pub use rules::{Fact, Intent, Refusal, decide};
pub use shipped::shipped;

use crate::Stamp;
use crate::declare::{Incident, Stage};
use crate::roles::{Post, RoleKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where in the running of an incident a role stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Tier {
    /// Sets the aims ("gold").
    Strategic,
    /// Decides how ("silver").
    Tactical,
    /// Does it ("bronze").
    Operational,
    /// Helps the others: loggist, runners.
    Support,
}

impl Tier {
    /// The word on a card.
    pub fn word(self) -> &'static str {
        match self {
            Self::Strategic => "strategic",
            Self::Tactical => "tactical",
            Self::Operational => "operational",
            Self::Support => "support",
        }
    }
}

/// How many people hold the card at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum HeldAt {
    /// One in the whole trust.
    Trust,
    /// One at each affected hospital.
    EachHospital,
    /// One on each ward that takes it.
    EachWard,
}

/// When a step should be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Target {
    /// Within so many minutes of the phase's beginning.
    Within {
        /// Minutes, 1 to 10,080.
        minutes: u32,
    },
    /// Again and again, at most so many minutes apart.
    Every {
        /// Minutes, 1 to 10,080.
        minutes: u32,
    },
}

impl Target {
    /// As a card says it: "within 10 min", "every 2 h".
    pub fn words(self) -> String {
        let length = |minutes: u32| {
            if minutes.is_multiple_of(60) { format!("{} h", minutes / 60) } else { format!("{minutes} min") }
        };
        match self {
            Self::Within { minutes } => format!("within {}", length(minutes)),
            Self::Every { minutes } => format!("every {}", length(minutes)),
        }
    }
}

/// The parts of a card.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Phase {
    /// What to do on standby.
    Standby,
    /// What to do once it is declared.
    Declared,
    /// What to do when it is over.
    StandDown,
}

impl Phase {
    /// In their order.
    pub const ALL: [Self; 3] = [Self::Standby, Self::Declared, Self::StandDown];

    /// The heading on a card.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Standby => "Standby",
            Self::Declared => "Declared",
            Self::StandDown => "Stand down",
        }
    }

    /// The phase of an incident at this stage; a cancelled one is stood down from as well.
    pub fn of(stage: Stage) -> Self {
        match stage {
            Stage::Standby => Self::Standby,
            Stage::Declared => Self::Declared,
            Stage::StoodDown | Stage::Cancelled => Self::StandDown,
        }
    }
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// By when.
    pub target: Option<Target>,
}

/// One role's card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActionCard {
    /// The role's key.
    pub role: RoleKey,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub tier: Tier,
    /// How many hold it.
    pub held: HeldAt,
    /// Where its holder works from.
    pub base: String,
    /// To whom its holder reports.
    pub reports_to: String,
    /// What the role is for, in a sentence.
    pub purpose: String,
    /// Steps on standby, in order; numbered from 1.
    pub standby: Vec<Step>,
    /// Steps once declared.
    pub declared: Vec<Step>,
    /// Steps at stand-down.
    pub stand_down: Vec<Step>,
}

impl ActionCard {
    /// The steps of a phase.
    pub fn steps(&self, phase: Phase) -> &[Step] {
        match phase {
            Phase::Standby => &self.standby,
            Phase::Declared => &self.declared,
            Phase::StandDown => &self.stand_down,
        }
    }

    /// One step, numbered from 1.
    pub fn step(&self, key: StepKey) -> Option<&Step> {
        self.steps(key.phase).get(usize::from(key.number).checked_sub(1)?)
    }
}

/// Which step of a card.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct StepKey {
    /// The part of the card.
    pub phase: Phase,
    /// Its number there, from 1.
    pub number: u16,
}

/// What became of a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// When and by whom; the last time, for a step that comes again.
    pub stamp: Stamp,
    /// True when it was done; false when it does not apply here.
    pub done: bool,
    /// What was noted.
    pub note: String,
    /// How often it was done.
    pub times: u32,
}

/// The cards of one incident and what was done of them.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    cards: Arc<Vec<ActionCard>>,
    completions: BTreeMap<(Post, StepKey), Completion>,
}

impl Cards {
    pub(crate) fn issued(cards: Arc<Vec<ActionCard>>) -> Self {
        Self { cards, completions: BTreeMap::new() }
    }

    /// Every card.
    pub fn all(&self) -> &[ActionCard] {
        &self.cards
    }

    /// One role's card.
    pub fn card(&self, role: &RoleKey) -> Option<&ActionCard> {
        self.cards.iter().find(|c| c.role == *role)
    }

    /// What became of a step; `None` while it is open.
    pub fn completion(&self, post: &Post, step: StepKey) -> Option<&Completion> {
        self.completions.get(&(post.clone(), step))
    }

    pub(crate) fn completions(&self) -> impl Iterator<Item = (&(Post, StepKey), &Completion)> {
        self.completions.iter()
    }
}

/// When a phase began, for counting time targets.
pub(crate) fn phase_began(incident: &Incident, phase: Phase) -> Option<&Stamp> {
    match phase {
        Phase::Standby => incident.began_on_standby.then_some(&incident.opened),
        Phase::Declared => incident.declared.as_ref(),
        Phase::StandDown => incident.ended.as_ref(),
    }
}
