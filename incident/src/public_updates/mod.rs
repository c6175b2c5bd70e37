//! What the public is told: drafted by one person, approved by another, withdrawn by anybody at once, never changed.
//!
//! Always: what stands in public was approved in that very revision by somebody who wrote none of it; the state of each
//! hospital is part of what is approved; the time promised for the next update stays until it is kept. Never: a draft,
//! or the words of a withdrawn update, on a [`PublicBoard`]; an exercise's update among real ones; a name of staff.
//! Called through `book::decide`, read by `public_page`; proved by `tests/public_updates.rs`.

mod board;
mod rules;

pub use board::{Latest, PublicBoard, Published, Spoken};
pub(crate) use rules::fold;
pub use rules::{Fact, Intent, Refusal, decide};

use crate::hospitals::ServiceState;
use crate::wording::{self, Wording};
use crate::{Ground, IncidentBook, Person, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Updates on one ground, drafts and withdrawn ones too.
pub const UPDATES_MAX: usize = 5_000;
/// Drafts that may wait on one ground.
pub const DRAFTS_MAX: usize = 10;
/// Sentences under "what to do", and under "what not to come for".
pub const SENTENCES_MAX: usize = 12;
/// Other places to go.
pub const ALTERNATIVES_MAX: usize = 15;
/// Services whose state one update tells, over all hospitals.
pub const SERVICES_MAX: usize = 120;
/// All text of one update, in bytes: what keeps the page light on a crowded network.
pub const CONTENT_BYTES_MAX: usize = 14_000;
/// The next update may be promised so far ahead, in hours.
pub const NEXT_HOURS_MAX: i64 = 72;

/// What people read, in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Words {
    /// One plain sentence: what is happening.
    pub sentence: String,
    /// What to do, a sentence each.
    pub do_this: Vec<String>,
    /// What not to come for, a few words each.
    pub not_for: Vec<String>,
}

/// Somewhere else to go.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Alternative {
    /// "Whipps Green urgent treatment centre".
    pub name: String,
    /// "minor injuries"; may be empty.
    pub good_for: String,
    /// "every day 8am to 10pm"; never empty, so that nobody stands before a locked door.
    pub hours: String,
    /// Where it is or its telephone number; may be empty.
    pub contact: String,
}

/// One service of one hospital, as the public is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceNotice {
    /// The hospital.
    pub site: SiteId,
    /// The service.
    pub service: String,
    /// What it can do.
    pub state: ServiceState,
    /// How long people wait, in minutes; `None` when not said.
    pub wait_minutes: Option<u32>,
    /// "Walk-ins only"; may be empty.
    pub note: String,
}

/// All that one update says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// In English.
    pub english: Words,
    /// In Welsh, when somebody wrote it; the Welsh page else shows the English and says so.
    pub welsh: Option<Words>,
    /// Other places to go.
    pub alternatives: Vec<Alternative>,
    /// The state of each hospital's services.
    pub services: Vec<ServiceNotice>,
    /// When the public hears more; `None` when this is the last update.
    pub next_update: Option<Moment>,
}

impl Content {
    /// Tidied and within the ceilings.
    pub(crate) fn checked(self) -> Result<Self, Wording> {
        wording::at_most("other places to go", self.alternatives.len(), ALTERNATIVES_MAX)?;
        wording::at_most("services in one update", self.services.len(), SERVICES_MAX)?;
        let mut alternatives = Vec::with_capacity(self.alternatives.len());
        for place in self.alternatives {
            alternatives.push(Alternative {
                name: wording::line("the name of another place to go", &place.name)?,
                good_for: wording::line_or_empty("what another place is good for", &place.good_for)?,
                hours: wording::line("the opening hours of another place", &place.hours)?,
                contact: wording::line_or_empty("where another place is", &place.contact)?,
            });
        }
        let mut services = Vec::with_capacity(self.services.len());
        for told in self.services {
            services.push(ServiceNotice {
                service: wording::line("the service", &told.service)?,
                note: wording::line_or_empty("the note beside a service", &told.note)?,
                ..told
            });
        }
        let welsh = self.welsh.filter(|words| *words != Words::default());
        let checked = Self {
            english: self.english.checked()?,
            welsh: welsh.map(Words::checked).transpose()?,
            alternatives,
            services,
            next_update: self.next_update,
        };
        let bytes = checked.bytes();
        if bytes > CONTENT_BYTES_MAX {
            return Err(Wording::TooLong { what: "the whole update", bytes, bytes_max: CONTENT_BYTES_MAX });
        }
        Ok(checked)
    }

    fn bytes(&self) -> usize {
        let words =
            |w: &Words| w.sentence.len() + w.do_this.iter().chain(&w.not_for).map(String::len).sum::<usize>();
        let place = |a: &Alternative| a.name.len() + a.good_for.len() + a.hours.len() + a.contact.len();
        let told = |s: &ServiceNotice| s.site.as_str().len() + s.service.len() + s.note.len();
        words(&self.english)
            + self.welsh.as_ref().map_or(0, words)
            + self.alternatives.iter().map(place).sum::<usize>()
            + self.services.iter().map(told).sum::<usize>()
    }
}

impl Words {
    fn checked(self) -> Result<Self, Wording> {
        let sentences = |what: &'static str, all: Vec<String>| -> Result<Vec<String>, Wording> {
            wording::at_most(what, all.len(), SENTENCES_MAX)?;
            let mut out = Vec::with_capacity(all.len());
            for text in all {
                let tidied = wording::line_or_empty(what, &text)?;
                out.extend((!tidied.is_empty()).then_some(tidied));
            }
            Ok(out)
        };
        Ok(Self {
            sentence: wording::line("the sentence that says what is happening", &self.sentence)?,
            do_this: sentences("sentences of what to do", self.do_this)?,
            not_for: sentences("lines of what not to come for", self.not_for)?,
        })
    }
}

/// One update, from its first draft on.
#[derive(Clone, PartialEq, Debug)]
pub struct PublicUpdate {
    /// Its number on its ground, from 1, given when it was first drafted.
    pub number: u32,
    /// Its revision, from 1.
    pub revision: u32,
    /// What it says.
    pub content: Content,
    /// Everybody who wrote a revision of it; none of them approves it.
    pub writers: Vec<Person>,
    /// When and by whom it was last written.
    pub written: Stamp,
    /// Where it stands.
    pub standing: Standing,
}

/// Where an update stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Standing {
    /// Nobody outside sees it.
    Draft,
    /// It is public.
    Approved(Stamp),
    /// It was public; its words are no longer.
    Withdrawn {
        /// When it became public.
        approved: Stamp,
        /// When it was withdrawn.
        withdrawn: Stamp,
        /// Why; kept in the log, not shown to the public.
        reason: String,
    },
    /// It was given up and never was public.
    Discarded(Stamp),
}

/// Every update, on each ground.
#[derive(Clone, Debug, Default)]
pub struct PublicUpdates {
    grounds: BTreeMap<Ground, Vec<PublicUpdate>>,
}

impl PublicUpdates {
    /// Every update of a ground in the order of their numbers.
    pub fn all(&self, ground: Ground) -> &[PublicUpdate] {
        self.grounds.get(&ground).map_or(&[], Vec::as_slice)
    }

    /// One update.
    pub fn update(&self, ground: Ground, number: u32) -> Option<&PublicUpdate> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.all(ground).get(at)
    }

    /// Drafts that wait for a second person, the oldest first.
    pub fn drafts(&self, ground: Ground) -> impl Iterator<Item = &PublicUpdate> {
        self.all(ground).iter().filter(|u| u.standing == Standing::Draft)
    }
}

/// A draft to begin with: the last public words, the hospitals as the boards have them now (without the notes, which
/// were written for staff), and the next update in an hour.
pub fn begin(book: &IncidentBook, ground: Ground, now: Moment) -> Content {
    let before = book.public_updates.board(book, ground);
    let mut content = before.latest.published().map(|p| p.content.clone()).unwrap_or_default();
    content.services = Vec::new();
    for hospital in book.hospitals.board(ground) {
        content.services.extend(hospital.services.iter().map(|service| ServiceNotice {
            site: hospital.site.clone(),
            service: service.name.clone(),
            state: service.state,
            wait_minutes: service.wait_minutes,
            note: String::new(),
        }));
    }
    content.services.truncate(SERVICES_MAX);
    content.next_update = Some(now.plus_seconds(3600));
    content
}
