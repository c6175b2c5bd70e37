//! One gateway's queue: who goes next, who waits until when, who is to be asked about.
//!
//! Pure. Always: the urgent before the routine before the bulk, and among equals the older first; doubts before new
//! messages, questions about delivery last. Called by `ledger`; proved by its tests.

use crate::outgoing::Urgency;
use crate::pace::{RateLimit, Rest};
use crate::state::{GatewaySetup, Item, State};
use basics::Moment;
use std::collections::BTreeSet;

pub(crate) struct Lane {
    pub setup: GatewaySetup,
    pub limit: RateLimit,
    pub rest: Rest,
    pub last_error: Option<(Moment, String)>,
    pub in_flight: usize,
    ready: BTreeSet<(Urgency, u64)>,
    waiting: BTreeSet<(i64, u64)>,
    doubts: BTreeSet<(i64, u64)>,
    deliveries: BTreeSet<(i64, u64)>,
    expiries: BTreeSet<(i64, u64)>,
    queued: BTreeSet<u64>,
}

impl Lane {
    pub fn new(setup: GatewaySetup) -> Self {
        Self {
            limit: RateLimit::new(setup.per_minute_max),
            rest: Rest::default(),
            last_error: None,
            in_flight: 0,
            setup,
            ready: BTreeSet::new(),
            waiting: BTreeSet::new(),
            doubts: BTreeSet::new(),
            deliveries: BTreeSet::new(),
            expiries: BTreeSet::new(),
            queued: BTreeSet::new(),
        }
    }

    pub fn put(&mut self, item: &Item) {
        let number = item.number.0;
        match &item.state {
            State::Queued { due } => {
                match due {
                    None => self.ready.insert((item.outgoing.urgency, number)),
                    Some(due) => self.waiting.insert((due.milliseconds(), number)),
                };
                self.expiries.insert((item.valid_until.milliseconds(), number));
                self.queued.insert(number);
            }
            State::Doubtful { due, .. } => drop(self.doubts.insert((due.milliseconds(), number))),
            State::Sent { ask_due, .. } => drop(self.deliveries.insert((ask_due.milliseconds(), number))),
            _ => {}
        }
    }

    pub fn take_out(&mut self, item: &Item) {
        let number = item.number.0;
        match &item.state {
            State::Queued { due } => {
                match due {
                    None => self.ready.remove(&(item.outgoing.urgency, number)),
                    Some(due) => self.waiting.remove(&(due.milliseconds(), number)),
                };
                self.expiries.remove(&(item.valid_until.milliseconds(), number));
                self.queued.remove(&number);
            }
            State::Doubtful { due, .. } => drop(self.doubts.remove(&(due.milliseconds(), number))),
            State::Sent { ask_due, .. } => drop(self.deliveries.remove(&(ask_due.milliseconds(), number))),
            _ => {}
        }
    }

    /// Those whose validity has passed.
    pub fn expired(&self, at: Moment) -> Vec<u64> {
        up_to(&self.expiries, at)
    }

    /// Those whose wait is over.
    pub fn waited(&self, at: Moment) -> Vec<u64> {
        up_to(&self.waiting, at)
    }

    /// Doubts that may be asked about now.
    pub fn doubts_due(&self, at: Moment, most: usize) -> Vec<u64> {
        self.doubts
            .iter()
            .take_while(|(due, _)| *due <= at.milliseconds())
            .map(|(_, n)| *n)
            .take(most)
            .collect()
    }

    /// The next to be handed over.
    pub fn next(&self, most: usize) -> Vec<u64> {
        self.ready.iter().map(|(_, number)| *number).take(most).collect()
    }

    /// Sent ones that may be asked about now.
    pub fn deliveries_due(&self, at: Moment, most: usize) -> Vec<u64> {
        let due = self.deliveries.iter().take_while(|(due, _)| *due <= at.milliseconds());
        due.map(|(_, number)| *number).take(most).collect()
    }

    /// Everyone in this lane who waits for a time.
    pub fn timed(&self) -> Vec<u64> {
        [&self.waiting, &self.doubts, &self.deliveries].into_iter().flatten().map(|(_, n)| *n).collect()
    }

    /// The one queued longest.
    pub fn oldest_queued(&self) -> Option<u64> {
        self.queued.first().copied()
    }

    /// The earliest moment at which something may be done here; `None` when nothing waits.
    pub fn next_due(&mut self, at: Moment) -> Option<Moment> {
        let now = at.milliseconds();
        let first = |set: &BTreeSet<(i64, u64)>| set.first().map(|(due, _)| *due);
        let ready = (!self.ready.is_empty()).then_some(now);
        let wanted = [ready, first(&self.waiting), first(&self.doubts), first(&self.deliveries)];
        let mut earliest = wanted.into_iter().flatten().min()?;
        earliest = earliest.max(now + self.limit.wait_ms(at) as i64);
        if let Some((until, _)) = self.rest.until() {
            earliest = earliest.max(until.milliseconds());
        }
        let earliest = first(&self.expiries).map_or(earliest, |expiry| earliest.min(expiry));
        Some(Moment::from_milliseconds(earliest.max(now)))
    }
}

fn up_to(set: &BTreeSet<(i64, u64)>, at: Moment) -> Vec<u64> {
    set.iter().take_while(|(due, _)| *due <= at.milliseconds()).map(|(_, number)| *number).collect()
}
