//! The incident book as a picture: everything that was recorded about every incident, folded in the order of entries.
//!
//! `decide` answers what a person wants done with facts or a refusal; the caller seals the facts as one entry and then
//! hands that entry to `fold`. Always: the same entries in the same order give the same picture; `decide` changes
//! nothing; what is practised in an exercise stays on its own ground. Never: a clock read, an order taken from a clock.
//! Called by the control room; proved by `tests/life.rs`, `tests/replay.rs`.

use crate::action_cards::ActionCard;
use crate::declare::{Incident, NotThere, Stage};
use crate::directory::Directory;
use crate::diverts::Diverts;
use crate::evidence::Evidence;
use crate::hospitals::Hospitals;
use crate::log::Log;
use crate::messages::Messages;
use crate::public_updates::PublicUpdates;
use crate::systems::Systems;
use crate::{Fact, Ground, IncidentId, Intent, Person, Refusal, Stamp};
use basics::{EntryNumber, Moment, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One person's act, as it is sealed: one entry, one number in the log.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Act {
    /// Who.
    pub by: Person,
    /// What thereby became so; never empty.
    pub facts: Vec<Fact>,
}

/// Everything recorded, as boards and rules see it.
#[derive(Clone, Debug)]
pub struct IncidentBook {
    /// The zone that the hospital's clocks show; not recorded.
    pub zone: Zone,
    /// The last entry folded.
    pub last_entry: EntryNumber,
    /// What the clock said at the last entry.
    pub last_at: Moment,
    /// Every incident, ended ones too.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// The action cards that the next incident is given.
    pub cards_in_use: Arc<Vec<ActionCard>>,
    /// The trust's hospitals, on each ground.
    pub hospitals: Hospitals,
    /// Every IT system, on each ground.
    pub systems: Systems,
    /// What the public is told, on each ground.
    pub public_updates: PublicUpdates,
    /// Ambulance diverts, on each ground.
    pub diverts: Diverts,
    /// People, roles and places, and which telephones work.
    pub directory: Directory,
    /// Evidence that is kept.
    pub evidence: Evidence,
    /// Messages and roll-calls.
    pub messages: Messages,
    /// Every entry as a line.
    pub log: Log,
}

impl IncidentBook {
    /// Nothing recorded yet; times are said as `zone`'s clocks show them.
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            last_entry: EntryNumber(0),
            last_at: Moment::default(),
            incidents: BTreeMap::new(),
            cards_in_use: Arc::default(),
            hospitals: Hospitals::default(),
            systems: Systems::default(),
            public_updates: PublicUpdates::default(),
            diverts: Diverts::default(),
            directory: Directory::default(),
            evidence: Evidence::default(),
            messages: Messages::default(),
            log: Log::default(),
        }
    }

    /// An incident, running or ended.
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// Incidents on standby or declared, the newest first.
    pub fn running(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values().rev().filter(|i| i.running())
    }

    /// What stands across pages that belong to no single incident: "EXERCISE" while nothing but exercises run.
    pub fn watermark(&self) -> Option<&'static str> {
        let mut running = self.running().peekable();
        running.peek()?;
        running.all(|i| i.ground() != Ground::Real).then_some("EXERCISE")
    }

    /// The moment that boards count from: never before the last entry, so that a clock that was set back hides no
    /// overdue step. A clock that ran ahead for a while does no lasting harm: the next entry puts it right.
    pub fn now(&self, clock: Moment) -> Moment {
        clock.max(self.last_at)
    }

    /// A sentence while the clock reads earlier than the last entry by more than a minute; else nothing.
    pub fn clock_doubt(&self, clock: Moment) -> Option<String> {
        let behind = self.last_at.seconds_since(clock);
        (self.last_entry.0 > 0 && behind > CLOCK_BEHIND_SECONDS_MAX).then(|| {
            format!(
                "The clock reads {} before the last entry ({}). Entries keep their order; do not trust countdowns \
                 until the clock is right.",
                crate::wording::duration(behind),
                self.zone.clinical(self.last_at)
            )
        })
    }

    /// A moment in words beside `now`: the time alone on the same day, else with its date.
    pub fn say(&self, at: Moment, now: Moment) -> String {
        if self.zone.date(at) == self.zone.date(now) {
            self.zone.hour_minute(at)
        } else {
            self.zone.clinical(at)
        }
    }
}

/// A clock may lag behind the last entry by so much before people are told, in seconds.
const CLOCK_BEHIND_SECONDS_MAX: i64 = 60;

/// A question to the rules: the picture as it is, who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The picture.
    pub book: &'a IncidentBook,
    /// Who asks.
    pub who: &'a Person,
    /// When.
    pub at: Moment,
}

impl<'a> Asked<'a> {
    /// The incident of that number, running or ended.
    pub fn incident(&self, id: IncidentId) -> Result<&'a Incident, NotThere> {
        self.book.incident(id).ok_or(NotThere::NoSuch(id))
    }

    /// The incident of that number if it is on standby or declared.
    pub fn running(&self, id: IncidentId) -> Result<&'a Incident, NotThere> {
        let incident = self.incident(id)?;
        if incident.running() {
            return Ok(incident);
        }
        let ended = incident.ended.as_ref();
        Err(NotThere::Ended {
            name: incident.name.clone(),
            how: if incident.stage == Stage::Cancelled { "cancelled" } else { "stood down" },
            at: ended.map_or_else(String::new, |s| self.say(s.at)),
            by: ended.map_or_else(String::new, |s| s.by.to_string()),
        })
    }

    /// That ground, if it is there to stand on: an exercise must have been opened as one.
    pub fn ground(&self, ground: Ground) -> Result<(), NotThere> {
        match ground {
            Ground::Real => Ok(()),
            Ground::Exercise(id) if self.incident(id)?.ground() == ground => Ok(()),
            Ground::Exercise(id) => Err(NotThere::NoExercise(id)),
        }
    }

    /// A moment in words.
    pub fn say(&self, at: Moment) -> String {
        self.book.say(at, self.at)
    }
}

/// What would become so if `who` did this now: the facts to seal as one entry, or why not. Changes nothing.
pub fn decide(book: &IncidentBook, intent: Intent, who: &Person, at: Moment) -> Result<Vec<Fact>, Refusal> {
    fn wrapped<F: Into<Fact>, R: Into<Refusal>>(decided: Result<Vec<F>, R>) -> Result<Vec<Fact>, Refusal> {
        decided.map(|facts| facts.into_iter().map(Into::into).collect()).map_err(Into::into)
    }
    let asked = Asked { book, who, at };
    match intent {
        Intent::Declare(intent) => wrapped(crate::declare::decide(&asked, intent)),
        Intent::Methane(intent) => wrapped(crate::methane::decide(&asked, intent)),
        Intent::Roles(intent) => wrapped(crate::roles::decide(&asked, intent)),
        Intent::ActionCards(intent) => wrapped(crate::action_cards::decide(&asked, intent)),
        Intent::Decisions(intent) => wrapped(crate::decisions::decide(&asked, intent)),
        Intent::Hospitals(intent) => wrapped(crate::hospitals::decide(&asked, intent)),
        Intent::Systems(intent) => wrapped(crate::systems::decide(&asked, intent)),
        Intent::Sitreps(intent) => wrapped(crate::sitreps::decide(&asked, intent)),
        Intent::PublicUpdates(intent) => wrapped(crate::public_updates::decide(&asked, intent)),
        Intent::Diverts(crate::diverts::Intent::TellPlan { ground, number, site, salt }) => {
            crate::diverts::tell(&asked, ground, (number, site, salt))
        }
        Intent::Diverts(intent) => wrapped(crate::diverts::decide(&asked, intent)),
        Intent::Directory(intent) => wrapped(crate::directory::decide(&asked, intent)),
        Intent::Messages(intent) => wrapped(crate::messages::decide(&asked, intent)),
        Intent::Evidence(intent) => wrapped(crate::evidence::decide(&asked, intent)),
        Intent::StandDown(intent) => wrapped(crate::stand_down::decide(&asked, intent)),
    }
}

/// Takes note of a sealed entry. Entries are folded once each, in the order of their numbers.
pub fn fold(book: &mut IncidentBook, entry: EntryNumber, at: Moment, act: Act) {
    let stamp = Stamp { entry, at, by: act.by };
    let went_back = book.last_entry.0 > 0 && at < book.last_at;
    book.last_entry = entry;
    book.last_at = at;
    // The line is told before the fact takes effect, so that it can say what was before.
    let line = crate::log::Line::of(book, &stamp, &act.facts, went_back);
    book.log.add(line);
    for fact in act.facts {
        apply(book, &stamp, fact);
    }
}

fn apply(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Declare(fact) => crate::declare::fold(book, stamp, fact),
        Fact::Methane(fact) => crate::methane::fold(book, stamp, fact),
        Fact::Roles(fact) => crate::roles::fold(book, stamp, fact),
        Fact::ActionCards(fact) => crate::action_cards::fold(book, stamp, fact),
        Fact::Decisions(fact) => crate::decisions::fold(book, stamp, fact),
        Fact::Hospitals(fact) => crate::hospitals::fold(book, stamp, fact),
        Fact::Systems(fact) => crate::systems::fold(book, stamp, fact),
        Fact::Sitreps(fact) => crate::sitreps::fold(book, stamp, fact),
        Fact::PublicUpdates(fact) => crate::public_updates::fold(book, stamp, fact),
        Fact::Diverts(fact) => crate::diverts::fold(book, stamp, fact),
        Fact::Directory(fact) => crate::directory::fold(book, stamp, fact),
        Fact::Messages(fact) => crate::messages::fold(book, stamp, fact),
        Fact::Evidence(fact) => crate::evidence::fold(book, stamp, fact),
        Fact::StandDown(fact) => crate::stand_down::fold(book, stamp, fact),
    }
}
