//! An incident at a glance, the same on home, on its own page and on the wall: who commands, how long, what is due next,
//! what is overdue.
//!
//! Always: a time that has passed says "late" in a word and a shape; nobody in command says so. Proved by
//! `tests/incident.rs`.

use super::stage_tag;
use crate::desk::Look;
use crate::layout::{Beside, address_of};
use crate::names::{capital, counted};
use crate::parts::{Level, Mark, Stamp};
use basics::Moment;
use incident::boards::{IncidentBoard, incident_board};
use incident::roles::Holder;
use incident::wording::duration;
use incident::{Incident, IncidentBook, Stage};

/// One incident at a glance.
pub struct Glance {
    /// Its page.
    pub address: String,
    /// What people call it.
    pub name: String,
    /// "Major incident", "EXERCISE critical incident".
    pub words: String,
    /// "Declared".
    pub stage: &'static str,
    /// The style sheet's tag for the stage.
    pub stage_tag: &'static str,
    /// Hospitals affected, in words.
    pub sites: String,
    /// "EXERCISE", or nothing.
    pub watermark: Option<&'static str>,
    /// "3 h 20 min".
    pub elapsed: String,
    /// "Declared", "On standby since", "Stood down".
    pub since_words: &'static str,
    /// When it was declared, or opened, or ended.
    pub since: Stamp,
    /// The strategic commander.
    pub strategic: Commander,
    /// The tactical commander.
    pub tactical: Commander,
    /// The next sitrep.
    pub sitrep: Promise,
    /// The next public update.
    pub public_update: Promise,
    /// Steps overdue, with a shape and a word.
    pub overdue: Mark,
    /// "12 of 140 steps done".
    pub steps: String,
    /// Where all cards are, once that page is there.
    pub cards_address: Option<String>,
    /// "2 infected, 40 working".
    pub systems: String,
    /// What else waits for somebody, the gravest first.
    pub waiting: Vec<Mark>,
}

/// Who commands.
pub struct Commander {
    /// "Strategic commander".
    pub title: &'static str,
    /// Who; `None` when nobody does.
    pub name: Option<String>,
    /// How to reach them.
    pub contact: String,
    /// "until 22:00".
    pub shift: String,
    /// Where the role is taken or handed over.
    pub address: String,
}

/// A time that was promised.
pub struct Promise {
    /// "Next sitrep due".
    pub what: &'static str,
    /// When; late when it has passed.
    pub at: Stamp,
    /// Whether it has passed.
    pub late: bool,
    /// What else is to be said: a draft waits.
    pub note: String,
}

/// Minutes before a promised time at which it turns amber.
const SOON_MINUTES: i64 = 10;

impl Glance {
    /// One incident now.
    pub fn new(look: &Look<'_>, book: &IncidentBook, incident: &Incident) -> Self {
        let now = book.now(look.now);
        let board = incident_board(book, incident, now);
        let (since_words, since) = since(&board);
        let address = format!("/incidents/{}", board.id.0);
        Self {
            name: board.name.clone(),
            words: capital(&incident.words()),
            stage: board.stage.word(),
            stage_tag: stage_tag(board.stage),
            sites: sites(incident),
            watermark: board.watermark,
            elapsed: duration(board.elapsed_seconds),
            since_words,
            since: Stamp::new(since, now, look.zone()),
            strategic: commander(book, &address, "Strategic commander", &board.strategic, now),
            tactical: commander(book, &address, "Tactical commander", &board.tactical, now),
            sitrep: sitrep(look, &board, now),
            public_update: public_update(look, book, incident, now),
            overdue: overdue(board.overdue_steps),
            steps: format!("{} of {} steps of this phase done", board.steps_done.0, board.steps_done.1),
            cards_address: address_of(Beside::Cards).map(|cards| format!("{cards}?incident={}", board.id.0)),
            systems: board.systems.words(),
            waiting: waiting(book, &board, now),
            address,
        }
    }
}

fn since(board: &IncidentBoard) -> (&'static str, Moment) {
    match (&board.ended, &board.declared) {
        (Some(ended), _) if board.stage == Stage::Cancelled => ("Cancelled", ended.at),
        (Some(ended), _) => ("Stood down", ended.at),
        (None, Some(declared)) => ("Declared", declared.at),
        (None, None) => ("On standby since", board.opened.at),
    }
}

/// Hospitals affected.
pub fn sites(incident: &Incident) -> String {
    if incident.sites.is_empty() {
        return "every hospital".to_owned();
    }
    incident.sites.iter().map(basics::SiteId::as_str).collect::<Vec<_>>().join(", ")
}

fn commander(
    book: &IncidentBook,
    incident: &str,
    title: &'static str,
    holder: &Option<Holder>,
    now: Moment,
) -> Commander {
    let role = title.to_lowercase().replace(' ', "-");
    let shift = |holder: &Holder| {
        let over = if holder.shift_ends <= now { "shift ended" } else { "until" };
        format!("{over} {}", book.say(holder.shift_ends, now))
    };
    Commander {
        title,
        name: holder.as_ref().map(|h| h.person.to_string()),
        contact: holder.as_ref().map_or_else(String::new, |h| h.contact.clone()),
        shift: holder.as_ref().map_or_else(String::new, shift),
        address: format!("{incident}/post?role={role}"),
    }
}

/// A promised time, judged.
fn judged(look: &Look<'_>, at: Moment, now: Moment) -> (Stamp, bool) {
    let stamp = Stamp::new(at, now, look.zone());
    let left = at.seconds_since(now);
    match () {
        () if left < 0 => (stamp.warned(Level::Red, "Late"), true),
        () if left <= SOON_MINUTES * 60 => (stamp.warned(Level::Amber, "Soon"), false),
        () => (stamp, false),
    }
}

fn sitrep(look: &Look<'_>, board: &IncidentBoard, now: Moment) -> Promise {
    let none = || (Stamp::never("none promised"), false);
    let (at, late) = board.sitrep_due.map_or_else(none, |at| judged(look, at, now));
    let note = board.sitrep_waiting.map_or_else(String::new, |n| format!("Draft {n} waits for approval"));
    Promise { what: "Next sitrep due", at, late, note }
}

fn public_update(look: &Look<'_>, book: &IncidentBook, incident: &Incident, now: Moment) -> Promise {
    let promised = book.public_updates.next_update(incident.ground()).filter(|_| incident.running());
    let none = || (Stamp::never("none promised"), false);
    let (at, late) = promised.map_or_else(none, |at| judged(look, at, now));
    let drafts = book.public_updates.drafts(incident.ground()).count();
    let note = match drafts {
        0 => String::new(),
        n => format!("{} for approval", counted(n, "draft waits", "drafts wait")),
    };
    Promise { what: "Next public update due", at, late, note }
}

fn overdue(steps: usize) -> Mark {
    match steps {
        0 => Mark::new(Level::Good, "No step overdue"),
        n => Mark::new(Level::Red, format!("{} overdue", counted(n, "step", "steps"))),
    }
}

fn waiting(book: &IncidentBook, board: &IncidentBoard, now: Moment) -> Vec<Mark> {
    let mut waiting = Vec::new();
    for ending in &board.shifts_ending {
        let (level, words) = if ending.over { (Level::Red, "ended") } else { (Level::Amber, "ends") };
        let at = book.say(ending.ends, now);
        let said = format!("{}: {}'s shift {words} at {at}, hand over", ending.title, ending.person);
        waiting.push(Mark::new(level, said));
    }
    if board.reviews_due > 0 {
        let said = format!("{} due for review", counted(board.reviews_due, "decision", "decisions"));
        waiting.push(Mark::new(Level::Red, said));
    }
    if board.unheld > 0 && matches!(board.stage, Stage::Standby | Stage::Declared) {
        let said = format!("{} that nobody holds", counted(board.unheld, "role", "roles"));
        waiting.push(Mark::new(Level::Amber, said));
    }
    waiting
}
