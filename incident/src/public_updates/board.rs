//! What the public may know: approved updates and nothing else. All that the public page is ever handed.
//!
//! Always: built from approved updates alone, in the order of approval. Never: a draft, words that were withdrawn, a
//! reason written for the log, a name of staff. Called by `public_page` and the screens; proved by
//! `tests/public_updates.rs`.

use super::{Content, PublicUpdates, Standing};
use crate::{Ground, IncidentBook};
use basics::{EntryNumber, Moment, Zone};

/// All that the public page is handed.
#[derive(Clone, Debug)]
pub struct PublicBoard {
    /// Real, or one exercise.
    pub ground: Ground,
    /// The zone that the public's clocks show.
    pub zone: Zone,
    /// What holds now.
    pub latest: Latest,
    /// When the public was promised to hear more; stands until an update keeps it, even when its update was withdrawn.
    pub next_update: Option<Moment>,
    /// Everything that was ever public, the newest first, what holds now included.
    pub history: Vec<Spoken>,
}

/// What holds now.
#[derive(Clone, PartialEq, Debug)]
pub enum Latest {
    /// Nothing was published yet.
    Nothing,
    /// This.
    Update(Box<Published>),
    /// The newest update was withdrawn. What was said before it was superseded, and does not come back by itself.
    Withdrawn {
        /// Its number.
        number: u32,
        /// When it became public.
        published_at: Moment,
        /// When it was withdrawn.
        withdrawn_at: Moment,
    },
}

impl Latest {
    /// The update that holds, if one does.
    pub fn published(&self) -> Option<&Published> {
        if let Self::Update(published) = self { Some(published) } else { None }
    }
}

/// An approved update.
#[derive(Clone, PartialEq, Debug)]
pub struct Published {
    /// Its number.
    pub number: u32,
    /// The entry of its approval: the order of updates.
    pub entry: EntryNumber,
    /// When it became public.
    pub at: Moment,
    /// What it says.
    pub content: Content,
}

/// One line of the public history.
#[derive(Clone, PartialEq, Debug)]
pub enum Spoken {
    /// An update.
    Update(Box<Published>),
    /// That there was one, without its words.
    Withdrawn {
        /// Its number.
        number: u32,
        /// When it became public.
        published_at: Moment,
        /// When it was withdrawn.
        withdrawn_at: Moment,
    },
}

impl PublicBoard {
    /// A board on which nothing was said yet.
    pub fn empty(ground: Ground, zone: Zone) -> Self {
        Self { ground, zone, latest: Latest::Nothing, next_update: None, history: Vec::new() }
    }

    /// Whether the promised time has passed without an update.
    pub fn late(&self, now: Moment) -> bool {
        self.next_update.is_some_and(|at| now > at)
    }
}

impl PublicUpdates {
    /// When the public was promised to hear more; the same as on the board, without making the board.
    pub fn next_update(&self, ground: Ground) -> Option<Moment> {
        let promised = self.all(ground).iter().filter_map(|update| match &update.standing {
            Standing::Draft | Standing::Discarded(_) => None,
            Standing::Approved(by) => Some((by.entry, update.content.next_update)),
            Standing::Withdrawn { approved, .. } => Some((approved.entry, update.content.next_update)),
        });
        promised.max_by_key(|(entry, _)| *entry).and_then(|(_, next)| next)
    }

    /// What the public may know of that ground.
    pub fn board(&self, book: &IncidentBook, ground: Ground) -> PublicBoard {
        let mut spoken: Vec<(EntryNumber, Option<Moment>, Spoken)> = Vec::new();
        for update in self.all(ground) {
            let number = update.number;
            let (entry, line) = match &update.standing {
                Standing::Draft | Standing::Discarded(_) => continue,
                Standing::Approved(by) => {
                    let content = update.content.clone();
                    (
                        by.entry,
                        Spoken::Update(Box::new(Published { number, entry: by.entry, at: by.at, content })),
                    )
                }
                Standing::Withdrawn { approved, withdrawn, .. } => {
                    let (published_at, withdrawn_at) = (approved.at, withdrawn.at);
                    (approved.entry, Spoken::Withdrawn { number, published_at, withdrawn_at })
                }
            };
            spoken.push((entry, update.content.next_update, line));
        }
        // By entry, not by clock: a clock that was set back must not bring an old update to the front.
        spoken.sort_by_key(|(entry, _, _)| std::cmp::Reverse(*entry));
        let next_update = spoken.first().and_then(|(_, next, _)| *next);
        let history: Vec<Spoken> = spoken.into_iter().map(|(_, _, line)| line).collect();
        let latest = match history.first() {
            None => Latest::Nothing,
            Some(Spoken::Update(published)) => Latest::Update(published.clone()),
            Some(Spoken::Withdrawn { number, published_at, withdrawn_at }) => Latest::Withdrawn {
                number: *number,
                published_at: *published_at,
                withdrawn_at: *withdrawn_at,
            },
        };
        PublicBoard { ground, zone: book.zone.clone(), latest, next_update, history }
    }
}
