//! The divert board: every site by pathway with its figures and their age, every divert with its time left, who was moved.
//!
//! Always: what is old says so; what nobody told is "not told", never open by silence in words; the same numbers on a
//! screen, on paper and over a radio. Called by screens, paper, the sitrep and the debrief; proved by `tests/diverts.rs`.

use super::agreement::{Divert, Receiver, Stage};
use super::moved::FromTo;
use super::pathway::{Pathway, Standing, named};
use super::proposal::{Proposed, Settled, Shown};
use super::{FiguresTold, OnGround};
use crate::wording::{counted, duration};
use crate::{Ground, IncidentBook};
use basics::{EntryNumber, Moment, SiteId};

/// One site and pathway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// Which pathway.
    pub pathway: Pathway,
    /// How the site stands to it; `None` when it does not take such patients on any day.
    pub standing: Option<Standing>,
    /// Why.
    pub reason: String,
    /// The divert behind it.
    pub divert: Option<u32>,
    /// Seconds until that divert expires.
    pub left_seconds: Option<i64>,
    /// Nobody has told how it stands.
    pub not_told: bool,
}

/// One site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteRow {
    /// Which.
    pub site: SiteId,
    /// Who runs it.
    pub trust: String,
    /// Every pathway, in the order of the board.
    pub cells: Vec<Cell>,
    /// Its figures.
    pub figures: Option<FiguresTold>,
    /// Age of the figures, in seconds.
    pub age_seconds: Option<i64>,
    /// The figures are too old to go by.
    pub stale: bool,
    /// Load under the plan in force, thousandths (1,000 is full).
    pub load_milli: Option<u32>,
    /// Load that it should not exceed.
    pub tolerated_milli: Option<u32>,
    /// Patients brought here who would have gone elsewhere.
    pub received: u32,
    /// Patients brought elsewhere who would have come here.
    pub sent: u32,
    /// What neighbours' feeds say of it: never confirmed, never gone by.
    pub feeds: Vec<FeedLine>,
}

/// What a neighbour's feed says of a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedLine {
    /// The feed's name.
    pub feed: String,
    /// What it says.
    pub words: String,
    /// Its age, in seconds.
    pub age_seconds: i64,
    /// It is older than figures may be.
    pub stale: bool,
}

/// One divert that is asked for or in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DivertRow {
    /// The divert.
    pub divert: Divert,
    /// Asked for or in force.
    pub stage: Stage,
    /// Seconds until it expires or lapses.
    pub left_seconds: i64,
    /// It is time to ask whether it is renewed.
    pub ask_now: bool,
    /// It is in force and for some pathway nobody who consented takes it any more.
    pub without_receiver: bool,
    /// In words: what is so, and the answers of the receivers.
    pub words: Vec<String>,
}

/// The plan to be shown beside the board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRow {
    /// Its number.
    pub number: u32,
    /// How it is to be shown.
    pub shown: Shown,
    /// In words.
    pub words: String,
    /// A mark when travel times are estimates.
    pub estimate_mark: Option<String>,
}

/// A change that some site has not acknowledged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unacknowledged {
    /// Its entry.
    pub entry: EntryNumber,
    /// In words.
    pub what: String,
    /// For how long, in seconds.
    pub waiting_seconds: i64,
    /// Who has not.
    pub sites: Vec<SiteId>,
}

/// What a person, or a sender of messages, must do now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Due {
    /// Ask these people whether the divert is renewed.
    Ask {
        /// Which divert.
        divert: u32,
        /// Whom.
        whom: Vec<String>,
    },
    /// Put on record that its time ran out.
    Expired {
        /// Which divert.
        divert: u32,
    },
}

/// The board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DivertBoard {
    /// "EXERCISE", or nothing.
    pub watermark: Option<&'static str>,
    /// As at.
    pub now: Moment,
    /// The same, as the ward's clock says it.
    pub as_at: String,
    /// Doubt about the clock, in words.
    pub clock_doubt: Option<String>,
    /// Every site.
    pub sites: Vec<SiteRow>,
    /// Diverts asked for or in force, the newest first.
    pub diverts: Vec<DivertRow>,
    /// The plan in force, then the newest that waits.
    pub plans: Vec<PlanRow>,
    /// Patients moved, by pair of sites, the most first.
    pub moved: Vec<FromTo>,
    /// Patients moved in all.
    pub moved_total: u32,
    /// Crews who went to a site in spite of its divert.
    pub overrides: usize,
    /// Changes that wait for somebody's acknowledgement, the oldest first.
    pub unacknowledged: Vec<Unacknowledged>,
    /// What must be done now.
    pub due: Vec<Due>,
}

/// The board as it stands; `clock` is what the clock says.
pub fn board(book: &IncidentBook, ground: Ground, clock: Moment) -> DivertBoard {
    let (diverts, now) = (&book.diverts, book.now(clock));
    let there = diverts.on(ground);
    let moved = there.moved.from_to();
    let in_force = diverts.plan_in_force(ground);
    let waiting = there.proposals.iter().rev().find(|p| p.settled == Settled::Waiting);
    let plan_row = |p: &Proposed| PlanRow {
        number: p.number,
        shown: p.shown(&diverts.rules, there.changed_at, now),
        words: p.words(&diverts.rules, there.changed_at, now),
        estimate_mark: p.plan.estimate_mark(),
    };
    let changes = there.changes.iter().map(|change| Unacknowledged {
        entry: change.stamp.entry,
        what: change.what.clone(),
        waiting_seconds: now.seconds_since(change.stamp.at).max(0),
        sites: change.waiting().cloned().collect(),
    });
    DivertBoard {
        watermark: ground.watermark(),
        now,
        as_at: book.zone.clinical(now),
        clock_doubt: book.clock_doubt(clock),
        sites: site_rows(book, ground, in_force, &moved, now),
        diverts: there.live(now).map(|d| divert_row(book, ground, d, now)).collect(),
        plans: in_force.into_iter().chain(waiting).map(plan_row).collect(),
        moved_total: moved.iter().map(|row| row.patients).sum(),
        moved,
        overrides: there.overrides.len(),
        unacknowledged: changes.filter(|c| !c.sites.is_empty()).collect(),
        due: due(book, ground, clock),
    }
}

/// What must be done now about diverts: asked before expiry, or put on record after it.
pub fn due(book: &IncidentBook, ground: Ground, clock: Moment) -> Vec<Due> {
    let now = book.now(clock);
    let ask_seconds = i64::from(book.diverts.rules.ask_before_minutes) * 60;
    let mut due = Vec::new();
    for divert in &book.diverts.on(ground).diverts {
        match divert.stage(now) {
            Stage::Active if divert.expiry_asked.is_none() && divert.left_seconds(now) <= ask_seconds => {
                due.push(Due::Ask { divert: divert.number, whom: divert.asked_before_expiry() });
            }
            Stage::Expired if divert.over.is_none() => due.push(Due::Expired { divert: divert.number }),
            _ => {}
        }
    }
    due
}

fn site_rows(
    book: &IncidentBook,
    ground: Ground,
    plan: Option<&Proposed>,
    moved: &[FromTo],
    now: Moment,
) -> Vec<SiteRow> {
    let there = book.diverts.on(ground);
    let row = |site: &super::DivertSite| {
        let id = &site.site;
        let effect = plan.and_then(|p| {
            let named = |name: &String| name.eq_ignore_ascii_case(id.as_str());
            let place = p.plan.sites.iter().position(named)?;
            p.plan.effects.iter().find(|e| usize::from(e.site) == place)
        });
        let told = there.figures(id).cloned();
        let sum = |by: fn(&FromTo) -> &SiteId| {
            moved.iter().filter(|row| by(row) == id).map(|row| row.patients).sum()
        };
        SiteRow {
            site: id.clone(),
            trust: site.trust.clone(),
            cells: Pathway::ALL.into_iter().map(|p| cell(there, site, p, now)).collect(),
            age_seconds: told.as_ref().map(|t| now.seconds_since(t.as_at).max(0)),
            stale: told.as_ref().is_some_and(|t| book.diverts.rules.stale(t.as_at, now)),
            figures: told,
            load_milli: effect.map(|e| e.load_milli),
            tolerated_milli: effect.map(|e| e.tolerated_milli),
            received: sum(|row| &row.to),
            sent: sum(|row| &row.from),
            feeds: feed_lines(book, there, id, now),
        }
    };
    book.diverts.sites().iter().map(row).collect()
}

fn feed_lines(book: &IncidentBook, there: &OnGround, site: &SiteId, now: Moment) -> Vec<FeedLine> {
    let line = |(feed, told): (&str, &super::FeedTold)| FeedLine {
        feed: feed.to_owned(),
        words: told.says.sentence(),
        age_seconds: now.seconds_since(told.says.as_at).max(0),
        stale: book.diverts.rules.stale(told.says.as_at, now),
    };
    there.feeds_of(site).map(line).collect()
}

fn cell(there: &OnGround, site: &super::DivertSite, pathway: Pathway, now: Moment) -> Cell {
    let able = site.able.contains(&pathway);
    let standing = able.then(|| there.standing(&site.site, pathway, now));
    let told = there.standings.get(&(site.site.clone(), pathway));
    let divert = (standing == Some(Standing::Divert))
        .then(|| there.active(now).find(|d| d.from == site.site && d.pathways.contains(&pathway)))
        .flatten();
    let reason =
        divert.map_or_else(|| told.map_or_else(String::new, |t| t.reason.clone()), |d| d.reason.clone());
    Cell {
        pathway,
        standing,
        reason,
        divert: divert.map(|d| d.number),
        left_seconds: divert.map(|d| d.left_seconds(now)),
        not_told: able && told.is_none() && divert.is_none(),
    }
}

fn divert_row(book: &IncidentBook, ground: Ground, divert: &Divert, now: Moment) -> DivertRow {
    let stage = divert.stage(now);
    let left_seconds = divert.left_seconds(now);
    let active = stage == Stage::Active;
    let without_receiver = book.diverts.uncovered(ground, divert, now).filter(|_| active);
    let mut words = vec![match &divert.authorised {
        Some(by) => format!(
            "{} diverts {} until {} ({} left), authorised by {} and {}",
            divert.from,
            named(&divert.pathways),
            book.say(divert.until, now),
            duration(left_seconds),
            by.executive,
            by.commander
        ),
        None => format!(
            "{} asks to divert {}; the request lapses at {}",
            divert.from,
            named(&divert.pathways),
            book.say(divert.until, now)
        ),
    }];
    words.extend(divert.receivers.iter().map(Receiver::words));
    if let Some(pathway) = without_receiver {
        words.push(format!("Nobody takes {} any more: end it or ask another site", pathway.words()));
    }
    let without_receiver = without_receiver.is_some();
    let ask = i64::from(book.diverts.rules.ask_before_minutes) * 60;
    let ask_now = active && left_seconds <= ask;
    DivertRow { divert: divert.clone(), stage, left_seconds, ask_now, without_receiver, words }
}

/// The board as plain lines that can be read out over a radio or a telephone: one site or divert a line.
pub fn radio_list(board: &DivertBoard) -> Vec<String> {
    let mut lines = Vec::new();
    let mark = board.watermark.map_or_else(String::new, |mark| format!("{mark} {mark} {mark}. "));
    lines.push(format!("{mark}Divert list as at {}.", board.as_at));
    lines.extend(board.clock_doubt.clone());
    let in_force: Vec<&DivertRow> = board.diverts.iter().filter(|d| d.stage == Stage::Active).collect();
    lines.push(match in_force.len() {
        0 => "No divert is in force.".to_owned(),
        count => format!("{} in force.", counted(count, "divert", "diverts")),
    });
    for row in in_force {
        let to: Vec<&str> = row.divert.consenting().map(SiteId::as_str).collect();
        let to = if to.is_empty() { "nobody: ask control".to_owned() } else { to.join(" or ") };
        lines.push(format!(
            "{}: do not take {}. Go to {to}. {} left.",
            row.divert.from,
            named(&row.divert.pathways),
            duration(row.left_seconds)
        ));
    }
    lines.push("Resuscitation is never diverted: the closest department that can take it.".to_owned());
    lines.extend(board.sites.iter().map(radio_site));
    let total = counted(board.moved_total as usize, "patient", "patients");
    lines.push(format!("Moved so far: {total}."));
    lines.push("End of list.".to_owned());
    lines
}

fn radio_site(row: &SiteRow) -> String {
    let mut groups: Vec<(Standing, Vec<Pathway>)> = Vec::new();
    for cell in row.cells.iter().filter(|c| !c.not_told) {
        let Some(standing) = cell.standing else { continue };
        match groups.iter_mut().find(|(s, _)| *s == standing) {
            Some((_, pathways)) => pathways.push(cell.pathway),
            None => groups.push((standing, vec![cell.pathway])),
        }
    }
    let not_told: Vec<Pathway> = row.cells.iter().filter(|c| c.not_told).map(|c| c.pathway).collect();
    let mut said: Vec<String> = groups
        .iter()
        .map(|(standing, pathways)| format!("{} for {}", standing.word(), named(pathways)))
        .collect();
    if groups.is_empty() {
        said.push("has told nothing, taken to be open".to_owned());
    } else if !not_told.is_empty() {
        said.push(format!("has told nothing of {}", named(&not_told)));
    }
    let figures = match (&row.figures, row.age_seconds) {
        (Some(told), Some(age)) if row.stale => {
            format!("{}, but that is {} old", told.figures.words(), duration(age))
        }
        (Some(told), Some(age)) => format!("{}, {} ago", told.figures.words(), duration(age)),
        _ => "no figures".to_owned(),
    };
    format!("{}: {}. {figures}.", row.site, said.join("; "))
}
