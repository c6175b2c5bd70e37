//! Rules of public updates: who may write, approve and withdraw, and why not.
//!
//! Always: approved by a second person, in the revision that they read. Called through `book::decide`; proved by
//! `tests/public_updates.rs`.

use super::{Content, DRAFTS_MAX, NEXT_HOURS_MAX, PublicUpdate, Standing, UPDATES_MAX};
use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::SiteId;
use serde::{Deserialize, Serialize};

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// An update was drafted, or written anew.
    Drafted { ground: Ground, number: u32, revision: u32, content: Content },
    /// It is public.
    Approved { ground: Ground, number: u32, revision: u32 },
    /// It is public no longer.
    Withdrawn { ground: Ground, number: u32, reason: String },
    /// A draft was given up.
    Discarded { ground: Ground, number: u32, reason: String },
}

/// What can be wanted. `revision`: what the person's page showed.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Draft an update.
    Draft { ground: Ground, content: Content },
    /// Write a draft anew.
    Edit { ground: Ground, number: u32, revision: u32, content: Content },
    /// Make it public.
    Approve { ground: Ground, number: u32, revision: u32 },
    /// Take it back: one person is enough, for what is wrong must go at once.
    Withdraw { ground: Ground, number: u32, reason: String },
    /// Give a draft up.
    Discard { ground: Ground, number: u32, reason: String },
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
    /// No such update.
    #[error("there is no public update {0}")]
    NoUpdate(u32),
    /// A hospital that the trust does not have.
    #[error("there is no hospital called {0}; choose from the trust's list")]
    NoSuchSite(SiteId),
    /// Another revision.
    #[error("{by} changed update {number} at {at}: it is at revision {revision} now. Read it, then go on")]
    ChangedMeanwhile { number: u32, by: String, at: String, revision: u32 },
    /// No second person.
    #[error("you wrote in update {0}: somebody else must read and approve it before the public sees it")]
    OwnWords(u32),
    /// Not a draft any more.
    #[error("update {number} was {how} by {by} at {at}; {instead}")]
    NotADraft { number: u32, how: &'static str, by: String, at: String, instead: &'static str },
    /// Nothing to take back.
    #[error("update {0} is a draft, the public never saw it; give it up instead")]
    NeverPublic(u32),
    /// A promise that cannot be kept, or is too far off.
    #[error(
        "promise the next update for a time after now and within {NEXT_HOURS_MAX} hours, or say that this is the last"
    )]
    NextUpdate,
    /// Its time passed while it waited.
    #[error(
        "the time that update {0} promises for the next one has passed while it waited; change it, then approve"
    )]
    PromiseGone(u32),
    /// Nothing would change.
    #[error("the draft says this already")]
    Same,
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let updates = &asked.book.public_updates;
    let fact = match intent {
        Intent::Draft { ground, content } => {
            asked.ground(ground)?;
            let content = checked(asked, content)?;
            let count = updates.all(ground).len() + 1;
            wording::at_most("public updates", count, UPDATES_MAX)?;
            wording::at_most("drafts that wait", updates.drafts(ground).count() + 1, DRAFTS_MAX)?;
            let number = u32::try_from(count).unwrap_or(u32::MAX);
            Fact::Drafted { ground, number, revision: 1, content }
        }
        Intent::Edit { ground, number, revision, content } => {
            let draft = draft_of(asked, ground, number, Some(revision))?;
            let content = checked(asked, content)?;
            if content == draft.content {
                return Err(Refusal::Same);
            }
            Fact::Drafted { ground, number, revision: draft.revision + 1, content }
        }
        Intent::Approve { ground, number, revision } => {
            let draft = draft_of(asked, ground, number, Some(revision))?;
            if draft.writers.iter().any(|writer| writer.same(asked.who)) {
                return Err(Refusal::OwnWords(number));
            }
            if draft.content.next_update.is_some_and(|at| at <= asked.at) {
                return Err(Refusal::PromiseGone(number));
            }
            Fact::Approved { ground, number, revision }
        }
        Intent::Withdraw { ground, number, reason } => {
            let update = updates.update(ground, number).ok_or(Refusal::NoUpdate(number))?;
            match &update.standing {
                Standing::Approved(_) => {}
                Standing::Draft => return Err(Refusal::NeverPublic(number)),
                Standing::Withdrawn { .. } | Standing::Discarded(_) => return Err(ended(asked, update)),
            }
            Fact::Withdrawn { ground, number, reason: wording::note("the reason", &reason)? }
        }
        Intent::Discard { ground, number, reason } => {
            draft_of(asked, ground, number, None)?;
            Fact::Discarded { ground, number, reason: wording::note("the reason", &reason)? }
        }
    };
    Ok(vec![fact])
}

fn checked(asked: &Asked<'_>, content: Content) -> Result<Content, Refusal> {
    let content = content.checked()?;
    if let Some(told) = content.services.iter().find(|told| !asked.book.hospitals.known(&told.site)) {
        return Err(Refusal::NoSuchSite(told.site.clone()));
    }
    let ahead = |at: basics::Moment| (1..=NEXT_HOURS_MAX * 3600).contains(&at.seconds_since(asked.at));
    if content.next_update.is_some_and(|at| !ahead(at)) {
        return Err(Refusal::NextUpdate);
    }
    Ok(content)
}

fn draft_of<'a>(
    asked: &Asked<'a>,
    ground: Ground,
    number: u32,
    revision: Option<u32>,
) -> Result<&'a PublicUpdate, Refusal> {
    let update = asked.book.public_updates.update(ground, number).ok_or(Refusal::NoUpdate(number))?;
    if update.standing != Standing::Draft {
        return Err(ended(asked, update));
    }
    if revision.is_some_and(|seen| seen != update.revision) {
        let (by, at) = (update.written.by.to_string(), asked.say(update.written.at));
        return Err(Refusal::ChangedMeanwhile { number, by, at, revision: update.revision });
    }
    Ok(update)
}

fn ended(asked: &Asked<'_>, update: &PublicUpdate) -> Refusal {
    let (how, stamp, instead) = match &update.standing {
        Standing::Draft => ("written", &update.written, "approve it, or give it up"),
        Standing::Approved(stamp) => ("approved", stamp, "draft a new one, or withdraw it"),
        Standing::Withdrawn { withdrawn, .. } => ("withdrawn", withdrawn, "draft a new one"),
        Standing::Discarded(stamp) => ("given up", stamp, "draft a new one"),
    };
    let (by, at) = (stamp.by.to_string(), asked.say(stamp.at));
    Refusal::NotADraft { number: update.number, how, by, at, instead }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let (ground, number) = fact.which();
    let updates = book.public_updates.grounds.entry(ground).or_default();
    if let Fact::Drafted { revision: 1, content, .. } = fact {
        updates.push(PublicUpdate {
            number,
            revision: 1,
            content,
            writers: vec![stamp.by.clone()],
            written: stamp.clone(),
            standing: Standing::Draft,
        });
        return;
    }
    let Some(update) = updates.iter_mut().rev().find(|update| update.number == number) else { return };
    match fact {
        Fact::Drafted { revision, content, .. } => {
            (update.revision, update.content, update.written) = (revision, content, stamp.clone());
            if !update.writers.iter().any(|writer| writer.same(&stamp.by)) {
                update.writers.push(stamp.by.clone());
            }
        }
        Fact::Approved { .. } => update.standing = Standing::Approved(stamp.clone()),
        Fact::Withdrawn { reason, .. } => {
            if let Standing::Approved(approved) = &update.standing {
                let (approved, withdrawn) = (approved.clone(), stamp.clone());
                update.standing = Standing::Withdrawn { approved, withdrawn, reason };
            }
        }
        Fact::Discarded { .. } => update.standing = Standing::Discarded(stamp.clone()),
    }
}

impl Fact {
    fn which(&self) -> (Ground, u32) {
        match self {
            Self::Drafted { ground, number, .. }
            | Self::Approved { ground, number, .. }
            | Self::Withdrawn { ground, number, .. }
            | Self::Discarded { ground, number, .. } => (*ground, *number),
        }
    }

    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let (ground, number) = self.which();
        let mark = ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
        let said = match self {
            Self::Drafted { revision, content, .. } => {
                format!("drafted, revision {revision}: “{}”", content.english.sentence)
            }
            Self::Approved { revision, .. } => {
                let content = book.public_updates.update(ground, number).map(|u| &u.content);
                let sentence = content.map_or("", |c| c.english.sentence.as_str());
                let next = content.and_then(|c| c.next_update).map_or_else(
                    || "No further update is promised".to_owned(),
                    |at| format!("Next update by {}", book.zone.clinical(at)),
                );
                format!("approved and public (revision {revision}): “{sentence}” {next}")
            }
            Self::Withdrawn { reason, .. } => format!("withdrawn. {reason}"),
            Self::Discarded { reason, .. } => format!("given up as a draft. {reason}"),
        };
        format!("{mark}Public update {number} {said}")
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::PublicUpdate
    }

    /// Its incident: an exercise's, or none.
    pub fn incident(&self) -> Option<IncidentId> {
        match self.which().0 {
            Ground::Exercise(id) => Some(id),
            Ground::Real => None,
        }
    }
}
