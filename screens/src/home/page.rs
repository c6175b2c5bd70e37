//! `GET /`: the incident that runs or the button to declare one, mode, feeds, record, packs, tray; ten seconds to know
//! where one stands.
//!
//! Always: a silent feed is marked by colour, shape and word; a frozen record says "use paper".

use crate::desk::{Desk, Html, Look, Visit};
use crate::feeds::row::FeedRow;
use crate::handed::{DemoState, PackState};
use crate::incident::glance::Glance;
use crate::layout::{Here, Layout, mode_class, recording};
use crate::names::{counted, thousands};
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control_room::{Mode, Recording};

/// What the page shows.
#[derive(Template)]
#[template(path = "home/page.html")]
struct HomePage {
    layout: Layout,
    mode: &'static str,
    mode_class: &'static str,
    mode_words: String,
    mode_since: Option<Stamp>,
    mode_by: String,
    mode_reason: String,
    running: Vec<Glance>,
    hatch: Option<Hatch>,
    feeds: Vec<FeedRow>,
    feeds_words: String,
    trouble: Option<Trouble>,
    record: Mark,
    record_words: String,
    entries: String,
    head: String,
    patients: String,
    packs: Mark,
    packs_words: String,
    oldest_pack: Option<Stamp>,
    tray: Mark,
    demo: Option<Demo>,
}

/// Lifeboat itself cannot go on: what to do, before anything else.
struct Trouble {
    heading: &'static str,
    words: String,
    steps: &'static [&'static str],
}

/// The hatch is closed, or something still waits at it.
struct Hatch {
    words: String,
    reason: String,
    waits: bool,
    first: Stamp,
    last: Stamp,
}

struct Demo {
    attacked: bool,
    since: Option<Stamp>,
    words: String,
}

/// `GET /`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> HomePage {
    let room = &look.screens().room;
    let board = room.mode();
    let status = room.status();
    let totals = room.totals();
    let (record, record_words) = record(look, &status.recording);
    let packs = packs(look);
    HomePage {
        layout: Layout::new(look, "Home", Here::Home).live("all"),
        mode: board.mode.word(),
        mode_class: if doubtful(look, board.mode) { "standby" } else { mode_class(board.mode) },
        mode_words: standing(look, board.mode),
        mode_since: board.since.map(|at| look.stamp(at)),
        mode_by: board.by,
        mode_reason: board.reason,
        running: look.incidents(|book| book.running().map(|i| Glance::new(look, book, i)).collect()),
        hatch: hatch(look),
        feeds_words: feeds_words(look),
        feeds: look.feeds.iter().map(|f| FeedRow::new(look, f)).collect(),
        trouble: trouble(look, &status.recording),
        record,
        record_words,
        entries: thousands(status.book_size),
        head: status.head,
        patients: thousands(totals.patients),
        packs: packs.mark,
        packs_words: packs.words,
        oldest_pack: packs.oldest,
        tray: tray(look),
        demo: look.screens().demo.as_ref().map(|d| demo(look, d.state())),
    }
}

fn hatch(look: &Look<'_>) -> Option<Hatch> {
    let board = look.screens().room.hatch();
    crate::hatch::standing(look, &board).map(|words| Hatch {
        words,
        reason: board.closed.as_ref().map(|closing| closing.reason.clone()).unwrap_or_default(),
        waits: board.waiting > 0,
        first: look.stamp_maybe(board.first),
        last: look.stamp_maybe(board.last),
    })
}

/// Normal is what somebody set; silent feeds, a record that stands still or a declared incident say otherwise (hazard:
/// false all-clear).
fn doubtful(look: &Look<'_>, mode: Mode) -> bool {
    mode == Mode::Normal && (look.feeds.iter().any(|f| f.silent) || !recording(look) || declared(look))
}

/// A real incident is declared, and is not standby or an exercise.
fn declared(look: &Look<'_>) -> bool {
    let real =
        |i: &incident::Incident| i.ground() == incident::Ground::Real && i.stage == incident::Stage::Declared;
    look.incidents(|book| book.running().any(real))
}

/// The mode's words, or what speaks against them and what to do about it.
fn standing(look: &Look<'_>, mode: Mode) -> String {
    if !doubtful(look, mode) {
        return mode_words(mode).to_owned();
    }
    if !recording(look) {
        return "Lifeboat itself keeps nothing new: what you read here is growing older. What to do stands at \
                the top of this page."
            .to_owned();
    }
    if look.feeds.iter().all(|f| f.last_received.is_none()) {
        return "No feed has sent anything yet, so there is nobody to show. Look at Feeds and tray, and at the \
                senders' settings."
            .to_owned();
    }
    let silent = look.feeds.iter().filter(|f| f.silent).count();
    if silent == 0 {
        return "An incident is declared, and every feed still speaks. If the hospital's computers cannot be trusted, \
                change the mode to downtime and work from these pages and from paper."
            .to_owned();
    }
    let who = if silent == look.feeds.len() {
        "Every feed has fallen silent".to_owned()
    } else {
        format!("{silent} of {} feeds have fallen silent", look.feeds.len())
    };
    format!(
        "{who}: what you read here is growing older. Ring IT. If the hospital's computers cannot be trusted, \
         change the mode to downtime and work from these pages and from paper."
    )
}

/// What a mode means for whoever reads it.
pub fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "The hospital's own systems run. Lifeboat listens and keeps a copy.",
        Mode::Standby => "Something is suspected. Be ready: know where the packs are.",
        Mode::Downtime => {
            "The hospital's own systems are down. Work from these pages and from paper; check the age of what you read."
        }
        Mode::Recovery => {
            "Systems are coming back. What was written on paper goes back in, patient by patient."
        }
        Mode::Exercise => "This is practice. Nothing here is real.",
    }
}

fn feeds_words(look: &Look<'_>) -> String {
    let silent = look.feeds.iter().filter(|f| f.silent).count();
    let all = counted(look.feeds.len(), "feed", "feeds");
    if silent == 0 { all } else { format!("{all}, {silent} silent") }
}

fn record(look: &Look<'_>, recording: &Recording) -> (Mark, String) {
    match recording {
        Recording::Recording => (
            Mark::new(Level::Good, "Recording"),
            "Every message received is kept and synced to disk before its sender is answered.".to_owned(),
        ),
        Recording::Full { since } => (
            Mark::new(Level::Red, "Disk full"),
            format!(
                "Nothing new is recorded since {}. Use the paper log. Recording goes on by itself when there is room.",
                look.zone().clinical(*since)
            ),
        ),
        Recording::Frozen { since, why } => (
            Mark::new(Level::Red, "Frozen"),
            format!(
                "Recording stopped at {}: {why}. Use the paper log. What was recorded can still be read.",
                look.zone().clinical(*since)
            ),
        ),
    }
}

/// What to do while nothing new is kept.
fn trouble(look: &Look<'_>, recording: &Recording) -> Option<Trouble> {
    let since = |at: &basics::Moment| look.zone().clinical(*at);
    match recording {
        Recording::Recording => None,
        Recording::Full { since: at } => Some(Trouble {
            heading: "Disk full: nothing new is recorded",
            words: format!("Since {} Lifeboat keeps no new message and takes no decision.", since(at)),
            steps: &[
                "Keep a paper log from now on, with times and initials.",
                "Print the ward packs: the newest ones lie ready.",
                "Ring whoever looks after Lifeboat: the disk needs room. Nothing of the record may be deleted.",
                "Once there is room, recording goes on by itself; senders send again what was not taken.",
            ],
        }),
        Recording::Frozen { since: at, .. } => Some(Trouble {
            heading: "Record frozen: nothing new is recorded",
            words: format!(
                "At {} the disk did not keep what was written. Lifeboat stopped rather than guess.",
                since(at)
            ),
            steps: &[
                "Keep a paper log from now on, with times and initials.",
                "Print the ward packs: the newest ones lie ready.",
                "Ring whoever looks after Lifeboat: the disk must be looked at, then Lifeboat started again.",
                "What was acknowledged before is kept and can still be read here; check its age.",
            ],
        }),
    }
}

struct Packs {
    mark: Mark,
    words: String,
    oldest: Option<Stamp>,
}

fn packs(look: &Look<'_>) -> Packs {
    let shelf = look.screens().shelf.shelf();
    let failed = shelf.iter().filter(|p| matches!(p.state, PackState::Failed(_))).count();
    let printable = shelf.iter().filter(|p| p.pages > 0).count();
    let mark = if failed > 0 {
        Mark::new(Level::Red, format!("{failed} failed"))
    } else if printable == 0 {
        Mark::new(Level::Amber, "None made yet")
    } else if printable < shelf.len() {
        Mark::new(Level::Amber, "Being made")
    } else {
        Mark::new(Level::Good, "Ready")
    };
    let pages: u64 = shelf.iter().map(|p| u64::from(p.pages)).sum();
    Packs {
        mark,
        words: format!(
            "{printable} of {} ward packs ready to print, {} pages",
            shelf.len(),
            thousands(pages)
        ),
        oldest: shelf.iter().filter(|p| p.pages > 0).map(|p| p.made_at).min().map(|at| look.stamp(at)),
    }
}

fn tray(look: &Look<'_>) -> Mark {
    let counts = look.screens().room.tray_counts();
    match counts.total {
        0 => Mark::new(Level::Good, "Tray empty"),
        n if counts.not_understood == 0 => {
            Mark::new(Level::Amber, format!("{} understood in part wait in the tray", thousands(n)))
        }
        n => Mark::new(Level::Amber, format!("{} in the tray wait for a person", thousands(n))),
    }
}

fn demo(look: &Look<'_>, state: DemoState) -> Demo {
    Demo { attacked: state.attacked, since: state.since.map(|at| look.stamp(at)), words: state.words }
}
