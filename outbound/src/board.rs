//! The queue as people see it: counts by state, the oldest, the next attempt, the last error in words.
//!
//! Always: every open message is counted in exactly one state; what waits for a person is listed until a person has
//! decided. Called by the screens and `lifeboat outbox`; proved by `tests/faults.rs`.

use crate::ledger::Ledger;
use crate::outgoing::Way;
use crate::state::{Item, StateKind};
use basics::{EntryNumber, Moment};
use std::collections::BTreeMap;

/// The whole outbox at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OutboxBoard {
    /// As at this moment.
    pub as_at: Moment,
    /// One for each gateway, as configured.
    pub gateways: Vec<GatewayBoard>,
    /// How many in each state, all gateways together; states nobody is in are left out.
    pub counts: BTreeMap<StateKind, usize>,
    /// Messages for which no gateway is configured any more.
    pub without_gateway: usize,
    /// Open messages (all that are not done with), and the ceiling.
    pub open: usize,
    /// The most that may be open.
    pub open_max: usize,
    /// Why nothing can be recorded and so nothing is sent; `None` when all is well.
    pub halted: Option<String>,
}

/// One gateway at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GatewayBoard {
    /// Its name.
    pub name: String,
    /// What it carries.
    pub carries: Vec<Way>,
    /// How many in each state.
    pub counts: BTreeMap<StateKind, usize>,
    /// When the message was taken on that waits longest.
    pub oldest_queued_at: Option<Moment>,
    /// When it will be tried next; `None` when nothing waits.
    pub next_attempt: Option<Moment>,
    /// What went wrong last, in words.
    pub last_error: Option<(Moment, String)>,
    /// Until when it is left alone after failures, and why.
    pub resting_until: Option<(Moment, String)>,
    /// Being handed over or asked about now.
    pub in_flight: usize,
    /// Requests in the last minute, and the most there may be.
    pub last_minute: usize,
    /// The most there may be.
    pub per_minute_max: u32,
}

/// Which messages to list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemFilter {
    /// Only these states; empty for all open ones.
    pub states: Vec<StateKind>,
    /// After this message; for the next page.
    pub after: Option<EntryNumber>,
    /// At most so many.
    pub items_max: usize,
}

impl Default for ItemFilter {
    fn default() -> Self {
        Self { states: Vec::new(), after: None, items_max: 200 }
    }
}

impl Ledger {
    pub fn board(&mut self, at: Moment, open_max: usize, halted: Option<String>) -> OutboxBoard {
        let mut counts: BTreeMap<StateKind, usize> = BTreeMap::new();
        for ((_, kind), count) in self.counts.iter().filter(|(_, count)| **count > 0) {
            *counts.entry(*kind).or_default() += count;
        }
        let without_gateway = self.items.values().filter(|item| item.lane.is_none()).count();
        let gateways = (0..self.lanes.len()).filter_map(|lane| self.gateway_board(lane, at)).collect();
        OutboxBoard { as_at: at, gateways, counts, without_gateway, open: self.items.len(), open_max, halted }
    }

    fn gateway_board(&mut self, number: usize, at: Moment) -> Option<GatewayBoard> {
        let lane = self.lanes.get_mut(number)?;
        let counts = self.counts.iter().filter(|((of, _), count)| *of == Some(number) && **count > 0);
        Some(GatewayBoard {
            name: lane.setup.name.clone(),
            carries: lane.setup.carries.clone(),
            counts: counts.map(|((_, kind), count)| (*kind, *count)).collect(),
            oldest_queued_at: lane
                .oldest_queued()
                .and_then(|n| self.items.get(&n))
                .map(|item| item.queued_at),
            next_attempt: lane.next_due(at),
            last_error: lane.last_error.clone(),
            resting_until: lane.rest.until().cloned(),
            in_flight: lane.in_flight,
            last_minute: lane.limit.taken_in_last_minute(at),
            per_minute_max: lane.setup.per_minute_max,
        })
    }

    pub fn list(&self, filter: &ItemFilter) -> Vec<Item> {
        let from = filter.after.map_or(0, |after| after.0 + 1);
        let wanted = |item: &&Item| filter.states.is_empty() || filter.states.contains(&item.state.kind());
        self.items
            .range(from..)
            .map(|(_, item)| item)
            .filter(wanted)
            .take(filter.items_max)
            .cloned()
            .collect()
    }
}
