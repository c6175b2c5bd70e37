//! `lifeboat outbox`: the messages that are to leave the house: what waits, what is in doubt, what a person must decide.
//!
//! Reads the book alone and changes nothing, so that it works beside a running server, and without one. The
//! gateways' rests and rates are in the running program's memory; here they are as a start would find them.

use super::Place;
use crate::clock::SystemClock;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{json, keys, table};
use basics::{Clock, EntryNumber};
use control_room::ControlRoom;
use outbound::{Item, ItemFilter, Outbox, OutboxBoard, State};
use serde::Serialize;
use std::collections::BTreeMap;

/// Messages read at a time.
const PAGE: usize = 100_000;

#[derive(clap::Args)]
pub struct OutboxArgs {
    /// JSON lines: first the counts, then one object a message
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BoardLine {
    as_at: String,
    counts: BTreeMap<outbound::StateKind, usize>,
    open: usize,
    without_gateway: usize,
    gateways: Vec<GatewayLine>,
}

#[derive(Serialize)]
struct GatewayLine {
    name: String,
    counts: BTreeMap<outbound::StateKind, usize>,
    oldest_queued_at: Option<String>,
    last_error: Option<String>,
}

#[derive(Serialize)]
struct MessageLine<'a> {
    number: u64,
    way: outbound::Way,
    to: &'a str,
    state: outbound::StateKind,
    needs_a_person: bool,
    urgency: outbound::Urgency,
    why: &'a str,
    asked_by: &'a str,
    queued_at: String,
    valid_until: String,
    next_attempt: Option<String>,
    attempts: u32,
    last_error: Option<&'a str>,
    exercise: bool,
}

pub fn run(place: Place, args: OutboxArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let folder = ControlRoom::book_dir(&config.data);
    if !folder.is_dir() {
        return Err(Failure::failed(format!("there is no record at {}", config.data.display())));
    }
    let keys = keys::open(&config, false, keys::Patience::GiveUp)?;
    let now = SystemClock::default().now();
    let filter = ItemFilter { items_max: PAGE, ..ItemFilter::default() };
    let (board, items) = Outbox::look(&folder, &keys, config.outbound.setup(0), &filter, now)
        .map_err(|fault| Failure::failed(fault.to_string()))?;
    if args.json {
        json::line(&board_line(&board));
        items.iter().for_each(|item| json::line(&line(item)));
    } else {
        let zone = &config.zone;
        let rows: Vec<Vec<String>> = items.iter().map(|item| row(item, &|at| zone.clinical(at))).collect();
        table::print(&["Message", "Queued", "To", "State", "Why", "Last error"], &rows);
        let counts: Vec<String> =
            board.counts.iter().map(|(kind, count)| format!("{count} {}", kind.words())).collect();
        table::put(&if counts.is_empty() { "The outbox is empty".to_owned() } else { counts.join(", ") });
    }
    let stuck = items.iter().any(|item| item.state.kind().needs_a_person());
    Ok(if stuck { Ending::NeedsAPerson } else { Ending::Fine })
}

fn board_line(board: &OutboxBoard) -> BoardLine {
    let gateways = board.gateways.iter().map(|gateway| GatewayLine {
        name: gateway.name.clone(),
        counts: gateway.counts.clone(),
        oldest_queued_at: gateway.oldest_queued_at.map(|at| at.rfc3339()),
        last_error: gateway.last_error.as_ref().map(|(_, why)| why.clone()),
    });
    BoardLine {
        as_at: board.as_at.rfc3339(),
        counts: board.counts.clone(),
        open: board.open,
        without_gateway: board.without_gateway,
        gateways: gateways.collect(),
    }
}

fn line(item: &Item) -> MessageLine<'_> {
    let EntryNumber(number) = item.number;
    let next = match &item.state {
        State::Queued { due } => due.or(Some(item.queued_at)),
        State::Doubtful { due, .. } => Some(*due),
        _ => None,
    };
    MessageLine {
        number,
        way: item.outgoing.route.way(),
        to: item.outgoing.route.to(),
        state: item.state.kind(),
        needs_a_person: item.state.kind().needs_a_person(),
        urgency: item.outgoing.urgency,
        why: &item.outgoing.why,
        asked_by: &item.outgoing.asked_by,
        queued_at: item.queued_at.rfc3339(),
        valid_until: item.valid_until.rfc3339(),
        next_attempt: next.map(|at| at.rfc3339()),
        attempts: item.attempts,
        last_error: item.last_error.as_ref().map(|(_, why)| why.as_str()),
        exercise: item.outgoing.exercise,
    }
}

fn row(item: &Item, shown: &dyn Fn(basics::Moment) -> String) -> Vec<String> {
    vec![
        item.number.to_string(),
        shown(item.queued_at),
        item.outgoing.route.to().to_owned(),
        item.state.kind().words().to_owned(),
        item.outgoing.why.clone(),
        item.last_error.as_ref().map(|(_, why)| why.clone()).unwrap_or_default(),
    ]
}
