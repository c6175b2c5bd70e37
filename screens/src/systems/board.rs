//! `GET /systems`: the board. What somebody must look at stands first: reports that wait, then what is not working.
//!
//! Always: it says how many systems it shows of how many, and on which ground. What is working or unknown takes one line,
//! so that a trust of thousands still finds the three that are infected.

use super::ground::OnGround;
use super::state::{StateMark, class, read};
use super::strip::HistoryStrip;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::Moment;
use incident::IncidentBook;
use incident::systems::{Neighbour, Report, SystemId, SystemState, SystemTile, SystemsBoard};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "systems/board.html")]
struct BoardPage {
    layout: Layout,
    on: OnGround,
    counts: Vec<StateMark>,
    total: usize,
    shown: usize,
    sites: Vec<Site>,
    waiting: Vec<ReportLine>,
    recovery: Vec<RecoveryLine>,
    recovery_more: usize,
    choices: Vec<(String, bool)>,
    states: Vec<(&'static str, &'static str, bool)>,
    filtered: bool,
}

struct Site {
    name: String,
    counts: String,
    report: String,
    tiles: Vec<Tile>,
    quiet: Vec<Tile>,
}

/// One system on a page.
pub struct Tile {
    /// Its page.
    pub address: String,
    /// Its name.
    pub name: String,
    /// The style sheet's name of its state.
    pub class: &'static str,
    /// Its state.
    pub mark: StateMark,
    /// Since when.
    pub since: Option<Stamp>,
    /// Who told, in which entry.
    pub told: Option<(String, u64)>,
    /// What was said.
    pub note: String,
    /// What to do without it.
    pub workaround: String,
    /// Who looks after it.
    pub owner: String,
    /// What it needs that is not working.
    pub held_up_by: Vec<Link>,
    /// What needs it.
    pub needed_by: Vec<Link>,
    /// What it needs.
    pub needs: Vec<Link>,
    /// In which order it is brought back.
    pub order: Option<u32>,
    /// Its history.
    pub strip: Option<HistoryStrip>,
}

/// Another system beside this one.
pub struct Link {
    /// Its page; empty when it is listed nowhere.
    pub address: String,
    /// Its name.
    pub name: String,
    /// Its state in words.
    pub state: &'static str,
}

/// A report of somebody on a ward.
pub struct ReportLine {
    /// Its page.
    pub address: String,
    /// Its number.
    pub number: u32,
    /// When it came.
    pub at: Stamp,
    /// Who wrote it.
    pub by: String,
    /// Where.
    pub site: String,
    /// Which system, as listed.
    pub system: String,
    /// What they see.
    pub what: String,
    /// Where to reach them.
    pub contact: String,
    /// When and by whom it was dealt with, and how.
    pub settled: Option<(Stamp, String, String)>,
}

struct RecoveryLine {
    order: Option<u32>,
    name: String,
    address: String,
    mark: StateMark,
}

/// Systems listed in the order of recovery at most; the rest are counted.
const RECOVERY_MAX: usize = 40;

/// `?incident=&site=&state=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    site: String,
    state: String,
}

/// `GET /systems`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked)?))).await
}

/// The address of a system's page.
pub fn address(id: SystemId, query: &str) -> String {
    format!("/systems/{}{query}", id.0)
}

impl Tile {
    /// A system as a page shows it.
    pub fn new(look: &Look<'_>, query: &str, now: Moment, tile: &SystemTile) -> Self {
        let link = |n: &Neighbour| Link {
            address: n.id.map_or_else(String::new, |id| address(id, query)),
            name: n.name.clone(),
            state: if n.id.is_some() { n.state.words() } else { "listed nowhere" },
        };
        let links = |all: &[Neighbour]| all.iter().map(link).collect::<Vec<_>>();
        Self {
            address: address(tile.id, query),
            name: tile.name.clone(),
            class: class(tile.standing.state),
            mark: StateMark::new(tile.standing.state),
            since: tile.standing.since.map(|at| look.stamp(at)),
            told: tile.standing.told.as_ref().map(|t| (t.by.to_string(), t.entry.0)),
            note: tile.standing.note.clone(),
            workaround: tile.workaround.clone(),
            owner: tile.owner.clone(),
            held_up_by: links(&tile.held_up_by),
            needed_by: links(&tile.needed_by),
            needs: links(&tile.needs),
            order: tile.recovery_order,
            strip: HistoryStrip::new(&tile.history, now, look.zone()),
        }
    }
}

impl ReportLine {
    /// A report as a page shows it.
    pub fn new(look: &Look<'_>, book: &IncidentBook, query: &str, report: &Report) -> Self {
        let listing = report.system.and_then(|id| book.systems.listing(id));
        Self {
            address: format!("/systems/reports/{}{query}", report.number),
            number: report.number,
            at: look.stamp(report.stamp.at),
            by: report.stamp.by.to_string(),
            site: report.site.to_string(),
            system: listing.map_or_else(String::new, |l| l.name.clone()),
            what: report.what.clone(),
            contact: report.contact.clone(),
            settled: report
                .settled
                .as_ref()
                .map(|(s, how)| (look.stamp(s.at), s.by.to_string(), how.clone())),
        }
    }
}

fn page(look: &Look<'_>, asked: &Question) -> Result<BoardPage, Mishap> {
    let on = OnGround::new(look, &asked.incident, "/systems")?;
    Ok(look.incidents(|book| {
        let board = book.systems.board(on.ground);
        let now = book.now(look.now);
        let state = read(&asked.state);
        let sites = sites(look, &on, &board, now, &asked.site, state);
        let shown = sites.iter().map(|s| s.tiles.len() + s.quiet.len()).sum();
        let count = |s: SystemState| {
            let c = &board.counts;
            match s {
                SystemState::Working => c.working,
                SystemState::Degraded => c.degraded,
                SystemState::Infected => c.infected,
                SystemState::Isolated => c.isolated,
                SystemState::Unknown => c.unknown,
            }
        };
        let mut choices: Vec<(String, bool)> = vec![("Whole trust".to_owned(), asked.site == "Whole trust")];
        choices.extend(book.hospitals.sites().iter().map(|s| (s.to_string(), asked.site == s.as_str())));
        BoardPage {
            layout: Layout::of_incident(look, "Systems", Beside::Systems).on(on.ground),
            counts: SystemState::ALL
                .into_iter()
                .filter(|s| count(*s) > 0)
                .map(|s| StateMark::counted(s, count(s)))
                .collect(),
            total: board.counts.total(),
            shown,
            sites,
            waiting: board.waiting.iter().map(|r| ReportLine::new(look, book, &on.query, r)).collect(),
            recovery: recovery(book, &board, &on),
            recovery_more: board.recovery.len().saturating_sub(RECOVERY_MAX),
            choices,
            states: SystemState::ALL.map(|s| (class(s), s.words(), Some(s) == state)).into(),
            filtered: !asked.site.is_empty() || state.is_some(),
            on,
        }
    }))
}

fn sites(
    look: &Look<'_>,
    on: &OnGround,
    board: &SystemsBoard,
    now: Moment,
    site: &str,
    state: Option<SystemState>,
) -> Vec<Site> {
    let mut out = Vec::new();
    for found in &board.sites {
        let name = found.site.as_ref().map_or_else(|| "Whole trust".to_owned(), ToString::to_string);
        if !site.is_empty() && name != site {
            continue;
        }
        let wanted = found.tiles.iter().filter(|t| state.is_none_or(|s| s == t.standing.state));
        let (quiet, loud): (Vec<&SystemTile>, Vec<&SystemTile>) =
            wanted.partition(|t| matches!(t.standing.state, SystemState::Working | SystemState::Unknown));
        if quiet.is_empty() && loud.is_empty() {
            continue;
        }
        let tile = |t: &SystemTile| Tile::new(look, &on.query, now, t);
        out.push(Site {
            report: if found.site.is_some() { report_address(&on.query, &name) } else { String::new() },
            name,
            counts: format!("{}: {}", counted(found.tiles.len(), "system", "systems"), found.counts.words()),
            tiles: loud.into_iter().map(tile).collect(),
            quiet: quiet.into_iter().map(tile).collect(),
        });
    }
    out
}

/// What is not working, in the order in which it is brought back; where nobody has said the order, it is left out.
fn recovery(book: &IncidentBook, board: &SystemsBoard, on: &OnGround) -> Vec<RecoveryLine> {
    let line = |id: &SystemId| {
        let listing = book.systems.listing(*id)?;
        let state = book.systems.state(on.ground, *id);
        let told = state != SystemState::Unknown;
        (told && listing.recovery_order.is_some()).then(|| RecoveryLine {
            order: listing.recovery_order,
            name: listing.words(),
            address: address(*id, &on.query),
            mark: StateMark::new(state),
        })
    };
    board.recovery.iter().filter_map(line).take(RECOVERY_MAX).collect()
}

/// The address of the report form with a site filled in.
fn report_address(query: &str, site: &str) -> String {
    let sign = if query.is_empty() { '?' } else { '&' };
    format!("/systems/report{query}{sign}site={}", encoded(site))
}
