//! What may be done with cards: adopting a set, issuing it to a running incident, ticking steps and unticking them.

use super::{ActionCard, Cards, Completion, Phase, Step, StepKey, phase_began};
use crate::book::Asked;
use crate::declare::{Incident, NotThere};
use crate::log::Kind;
use crate::roles::{Post, RoleKey};
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Stamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Cards in a set.
pub const CARDS_MAX: usize = 120;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// This set of cards is given to every incident opened from now on.
    LibraryAdopted { cards: Vec<ActionCard> },
    /// A running incident was given the set in the library.
    Issued { incident: IncidentId },
    /// A step was done; a step that comes again may be done often.
    StepDone { incident: IncidentId, post: Post, step: StepKey, note: String },
    /// A step does not apply here.
    StepNotNeeded { incident: IncidentId, post: Post, step: StepKey, reason: String },
    /// A step is open again: it was ticked in error, or must be done anew.
    StepReopened { incident: IncidentId, post: Post, step: StepKey, reason: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Use this set of cards from the next incident on.
    AdoptLibrary { cards: Vec<ActionCard> },
    /// Give a running incident the set in the library.
    Issue { incident: IncidentId },
    /// Tick a step.
    Done { incident: IncidentId, post: Post, step: StepKey, note: String },
    /// Set a step aside, with a reason.
    NotNeeded { incident: IncidentId, post: Post, step: StepKey, reason: String },
    /// Open a step again, with a reason.
    Reopen { incident: IncidentId, post: Post, step: StepKey, reason: String },
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
    /// Nothing would change.
    #[error("these are the cards in use already")]
    SameCards,
    /// No cards at all.
    #[error("there is no card in this set; check the folder of action cards")]
    NoCards,
    /// Two cards for one role.
    #[error("two cards are for the role “{0}”; keep one")]
    TwoCards(String),
    /// No such card.
    #[error("there is no action card for “{0}” in this incident")]
    NoCard(String),
    /// No such step.
    #[error("the card “{card}” has no step {number} under “{phase}”")]
    NoStep { card: String, phase: &'static str, number: u16 },
    /// The phase has not begun.
    #[error("“{phase}” has not begun; its steps can be ticked when it has")]
    NotYet { phase: &'static str },
    /// Done already.
    #[error("{by} ticked this step at {at} (entry {entry}); open it again first if it must be done anew")]
    DoneAlready { by: String, at: String, entry: u64 },
    /// Open already.
    #[error("this step is open; there is nothing to open again")]
    OpenAlready,
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::AdoptLibrary { cards } => {
            well_formed(&cards)?;
            if *asked.book.cards_in_use == cards {
                return Err(Refusal::SameCards);
            }
            Fact::LibraryAdopted { cards }
        }
        Intent::Issue { incident } => {
            let found = asked.running(incident)?;
            if found.cards.cards == asked.book.cards_in_use {
                return Err(Refusal::SameCards);
            }
            Fact::Issued { incident }
        }
        Intent::Done { incident, post, step, note } => {
            let (found, post, stepped) = step_of(asked, incident, post, step)?;
            let again = matches!(stepped.target, Some(super::Target::Every { .. }));
            not_done_already(asked, found, &post, step, again)?;
            Fact::StepDone { incident, post, step, note: wording::note_or_empty("the note", &note)? }
        }
        Intent::NotNeeded { incident, post, step, reason } => {
            let (found, post, _) = step_of(asked, incident, post, step)?;
            not_done_already(asked, found, &post, step, false)?;
            Fact::StepNotNeeded { incident, post, step, reason: wording::note("the reason", &reason)? }
        }
        Intent::Reopen { incident, post, step, reason } => {
            let (found, post, _) = step_of(asked, incident, post, step)?;
            if found.cards.completion(&post, step).is_none() {
                return Err(Refusal::OpenAlready);
            }
            Fact::StepReopened { incident, post, step, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

fn well_formed(cards: &[ActionCard]) -> Result<(), Refusal> {
    if cards.is_empty() {
        return Err(Refusal::NoCards);
    }
    wording::at_most("action cards", cards.len(), CARDS_MAX)?;
    let mut seen: BTreeSet<&RoleKey> = BTreeSet::new();
    match cards.iter().find(|card| !seen.insert(&card.role)) {
        Some(twice) => Err(Refusal::TwoCards(twice.role.words())),
        None => Ok(()),
    }
}

fn step_of<'a>(
    asked: &Asked<'a>,
    incident: IncidentId,
    post: Post,
    key: StepKey,
) -> Result<(&'a Incident, Post, &'a Step), Refusal> {
    let found = asked.incident(incident)?;
    let post = Post { place: wording::line_or_empty("the place", &post.place)?, ..post };
    let card = found.cards.card(&post.role).ok_or_else(|| Refusal::NoCard(post.role.words()))?;
    let step = card.step(key).ok_or_else(|| Refusal::NoStep {
        card: card.title.clone(),
        phase: key.phase.heading(),
        number: key.number,
    })?;
    if phase_began(found, key.phase).is_none() && key.phase != Phase::Standby {
        return Err(Refusal::NotYet { phase: key.phase.heading() });
    }
    let posts: BTreeSet<&Post> = found.cards.completions().map(|((post, _), _)| post).collect();
    if !posts.contains(&post) {
        wording::at_most("posts with cards", posts.len() + 1, crate::roles::POSTS_MAX)?;
    }
    Ok((found, post, step))
}

fn not_done_already(
    asked: &Asked<'_>,
    incident: &Incident,
    post: &Post,
    step: StepKey,
    again: bool,
) -> Result<(), Refusal> {
    match incident.cards.completion(post, step) {
        Some(c) if !again => Err(Refusal::DoneAlready {
            by: c.stamp.by.to_string(),
            at: asked.say(c.stamp.at),
            entry: c.stamp.entry.0,
        }),
        _ => Ok(()),
    }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    if let Fact::LibraryAdopted { cards } = fact {
        book.cards_in_use = Arc::new(cards);
        return;
    }
    let library = book.cards_in_use.clone();
    let Some(found) = fact.incident().and_then(|id| book.incidents.get_mut(&id)) else { return };
    let cards = &mut found.cards;
    match fact {
        Fact::LibraryAdopted { .. } => {}
        Fact::Issued { .. } => issue(cards, library),
        Fact::StepDone { post, step, note, .. } => {
            let times = cards.completion(&post, step).map_or(0, |c| c.times) + 1;
            let completion = Completion { stamp: stamp.clone(), done: true, note, times };
            cards.completions.insert((post, step), completion);
        }
        Fact::StepNotNeeded { post, step, reason, .. } => {
            let completion = Completion { stamp: stamp.clone(), done: false, note: reason, times: 0 };
            cards.completions.insert((post, step), completion);
        }
        Fact::StepReopened { post, step, .. } => {
            cards.completions.remove(&(post, step));
        }
    }
}

/// New cards: a step that was done stays done where the new card has the same words in the same phase.
fn issue(cards: &mut Cards, library: Arc<Vec<ActionCard>>) {
    let old = std::mem::replace(cards, Cards::issued(library));
    for ((post, key), completion) in old.completions.iter() {
        let text = old.card(&post.role).and_then(|card| card.step(*key)).map(|step| &step.text);
        let steps = cards.card(&post.role).map_or(&[][..], |card| card.steps(key.phase));
        let place = steps.iter().position(|step| Some(&step.text) == text);
        if let Some(number) = place.and_then(|at| u16::try_from(at + 1).ok()) {
            let key = StepKey { phase: key.phase, number };
            cards.completions.insert((post.clone(), key), completion.clone());
        }
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let step = |id: &IncidentId, post: &Post, key: &StepKey| {
            let incident = book.incident(*id);
            let post_words = incident.map_or_else(|| post.role.words(), |i| post.words(i));
            let card = incident.and_then(|i| i.cards.card(&post.role));
            let text = card.and_then(|c| c.step(*key)).map_or("", |s| s.text.as_str());
            format!("{post_words}, {} {}: {text}", key.phase.heading().to_lowercase(), key.number)
        };
        match self {
            Self::LibraryAdopted { cards } => {
                format!(
                    "{} are in use from the next incident on",
                    wording::counted(cards.len(), "action card", "action cards")
                )
            }
            Self::Issued { .. } => "The action cards now in use were issued to this incident".to_owned(),
            Self::StepDone { incident, post, step: key, note } => {
                let note = if note.is_empty() { String::new() } else { format!(" ({note})") };
                format!("Done: {}{note}", step(incident, post, key))
            }
            Self::StepNotNeeded { incident, post, step: key, reason } => {
                format!("Not needed: {}. {reason}", step(incident, post, key).trim_end_matches('.'))
            }
            Self::StepReopened { incident, post, step: key, reason } => {
                format!("Open again: {}. {reason}", step(incident, post, key).trim_end_matches('.'))
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Card
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::LibraryAdopted { .. } => None,
            Self::Issued { incident }
            | Self::StepDone { incident, .. }
            | Self::StepNotNeeded { incident, .. }
            | Self::StepReopened { incident, .. } => Some(*incident),
        }
    }
}
