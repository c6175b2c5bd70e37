//! What home, the incident page and the wallboard show first: mode of the day in ten seconds.
//!
//! Plain values made from the book for one moment. Called by screens and the public page's maker; proved by
//! `tests/life.rs`, `tests/sitreps.rs`.

use crate::action_cards::cards_board;
use crate::declare::{Incident, Level, Nature, Stage};
use crate::roles::{Holder, Post, RoleKey};
use crate::systems::StateCounts;
use crate::{IncidentBook, IncidentId, Person, Stamp};
use basics::{EntryNumber, Moment, SiteId};

/// One incident at a glance.
#[derive(Clone, PartialEq, Debug)]
pub struct IncidentBoard {
    /// Its number.
    pub id: IncidentId,
    /// What people call it.
    pub name: String,
    /// "EXERCISE", or nothing: stands across every page of it.
    pub watermark: Option<&'static str>,
    /// Real or an exercise.
    pub nature: Nature,
    /// Its level.
    pub level: Level,
    /// Its stage.
    pub stage: Stage,
    /// Why it was opened.
    pub reason: String,
    /// Hospitals affected; empty for all.
    pub sites: Vec<SiteId>,
    /// When and by whom it was opened, declared, ended.
    pub opened: Stamp,
    /// When it was declared.
    pub declared: Option<Stamp>,
    /// When it was ended.
    pub ended: Option<Stamp>,
    /// Seconds since it was declared, or opened.
    pub elapsed_seconds: i64,
    /// The strategic commander.
    pub strategic: Option<Holder>,
    /// The tactical commander.
    pub tactical: Option<Holder>,
    /// The last METHANE report: when, by whom, and what it says.
    pub methane: Option<(Stamp, crate::methane::Methane)>,
    /// The next sitrep's time; a draft that waits is named by its number.
    pub sitrep_due: Option<Moment>,
    /// Seconds by which the sitrep is late; 0 when it is not.
    pub sitrep_late_seconds: i64,
    /// The draft that waits for approval.
    pub sitrep_waiting: Option<u32>,
    /// Steps overdue on all cards.
    pub overdue_steps: usize,
    /// Roles that nobody holds.
    pub unheld: usize,
    /// Steps done, of all steps in this phase.
    pub steps_done: (usize, usize),
    /// Decisions whose review is due.
    pub reviews_due: usize,
    /// Shifts that have ended or end within [`SHIFT_WARNING_MINUTES`] without a handover.
    pub shifts_ending: Vec<ShiftEnding>,
    /// How many systems are in which state on its ground.
    pub systems: StateCounts,
    /// The last entry that the book holds.
    pub last_entry: EntryNumber,
}

/// Somebody whose shift is over, or nearly.
#[derive(Clone, PartialEq, Debug)]
pub struct ShiftEnding {
    /// The post.
    pub post: Post,
    /// In words.
    pub title: String,
    /// Who.
    pub person: Person,
    /// When it ends or ended.
    pub ends: Moment,
    /// Whether it is over.
    pub over: bool,
}

/// People are warned so long before a shift ends, in minutes.
pub const SHIFT_WARNING_MINUTES: i64 = 30;

/// Everything at a glance.
#[derive(Clone, PartialEq, Debug)]
pub struct HomeBoard {
    /// Running incidents: real ones first, the newest first.
    pub running: Vec<IncidentBoard>,
    /// How many have ended.
    pub ended: usize,
    /// "EXERCISE" while nothing but exercises run.
    pub watermark: Option<&'static str>,
    /// A sentence while the clock cannot be trusted.
    pub clock_doubt: Option<String>,
    /// The last entry and its time.
    pub last: Option<(EntryNumber, Moment)>,
}

/// One incident at `now`.
pub fn incident_board(book: &IncidentBook, incident: &Incident, now: Moment) -> IncidentBoard {
    let now = book.now(now);
    let cards = cards_board(book, incident, now);
    let commander = |role| {
        let post = RoleKey::new(role).map(Post::trust);
        post.and_then(|post| incident.roles.holder(&post)).cloned()
    };
    let sitrep_due = incident.sitreps.next_due().filter(|_| incident.running());
    let mut systems = StateCounts::default();
    for (id, _) in book.systems.all() {
        systems.add(book.systems.state(incident.ground(), id));
    }
    IncidentBoard {
        id: incident.id,
        name: incident.name.clone(),
        watermark: incident.watermark(),
        nature: incident.nature,
        level: incident.level,
        stage: incident.stage,
        reason: incident.reason.clone(),
        sites: incident.sites.clone(),
        opened: incident.opened.clone(),
        declared: incident.declared.clone(),
        ended: incident.ended.clone(),
        elapsed_seconds: incident.elapsed_seconds(now),
        strategic: commander("strategic-commander"),
        tactical: commander("tactical-commander"),
        methane: incident.methane.current().cloned(),
        sitrep_due,
        sitrep_late_seconds: sitrep_due.map_or(0, |due| now.seconds_since(due).max(0)),
        sitrep_waiting: incident.sitreps.waiting().map(|s| s.number),
        overdue_steps: cards.overdue,
        unheld: cards.unheld,
        steps_done: cards.done,
        reviews_due: incident.decisions.all().iter().filter(|d| d.review_due(now)).count(),
        shifts_ending: shifts_ending(incident, now),
        systems,
        last_entry: book.last_entry,
    }
}

/// Who should hand over: the longest overdue first.
pub fn shifts_ending(incident: &Incident, now: Moment) -> Vec<ShiftEnding> {
    let mut ending: Vec<ShiftEnding> = Vec::new();
    for (post, posting) in incident.roles.all() {
        let Some(holder) = &posting.holder else { continue };
        if holder.shift_ends.seconds_since(now) <= SHIFT_WARNING_MINUTES * 60 {
            ending.push(ShiftEnding {
                post: post.clone(),
                title: post.words(incident),
                person: holder.person.clone(),
                ends: holder.shift_ends,
                over: holder.shift_ends <= now,
            });
        }
    }
    ending.sort_by_key(|e| e.ends);
    ending
}

/// Everything at `now`, by the machine's clock.
pub fn home_board(book: &IncidentBook, now: Moment) -> HomeBoard {
    let mut running: Vec<IncidentBoard> = book.running().map(|i| incident_board(book, i, now)).collect();
    running.sort_by_key(|i| (i.nature != Nature::Real, i.stage != Stage::Declared));
    HomeBoard {
        ended: book.incidents.len() - running.len(),
        running,
        watermark: book.watermark(),
        clock_doubt: book.clock_doubt(now),
        last: (book.last_entry.0 > 0).then_some((book.last_entry, book.last_at)),
    }
}
