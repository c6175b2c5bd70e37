//! The outbox in memory: a fold of its book, and the plan of what to do next.
//!
//! Pure: handed notes and the time. Always: a message is in exactly one state; one that is being worked on is in no
//! queue; whatever was being handed over when the program ended is in doubt when it starts again. Done messages leave
//! only their reference behind, so that being asked twice is still noticed. Called by `outbox`; proved by
//! `simulation` (any order of answers, crashes and clocks) and `tests/kill.rs`.

use crate::gateway::{Parcel, Question, Reference};
use crate::lane::Lane;
use crate::note::{Note, Settlement};
use crate::outgoing::{Outgoing, OutgoingId, Route};
use crate::pace::Chance;
use crate::refusal::Refusal;
use crate::state::{Item, OutboxSetup, Planted, State, StateKind};
use basics::{EntryNumber, Moment};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(crate) struct Ledger {
    key: Zeroizing<[u8; 32]>,
    pub lanes: Vec<Lane>,
    pub items: BTreeMap<u64, Item>,
    ids: HashMap<Reference, Known>,
    reserved: HashSet<Reference>,
    pub counts: BTreeMap<(Option<usize>, StateKind), usize>,
    pub chance: Chance,
    latest: Option<Moment>,
    open_max: usize,
    planted: Planted,
}

/// What is remembered of a message for ever.
#[derive(Clone, Copy)]
struct Known {
    number: u64,
    print: u64,
    /// How it ended; `None` while it is open.
    ended: Option<StateKind>,
}

/// What there is to do for one gateway now. Everything named here is marked as being worked on.
#[derive(Default, Debug)]
pub(crate) struct Turn {
    /// To be recorded as expired.
    pub expired: Vec<EntryNumber>,
    /// To be claimed and handed over.
    pub send: Vec<Parcel>,
    /// To be asked about.
    pub ask: Vec<(EntryNumber, Question)>,
    /// When to look again; `None`: when something new is queued.
    pub again: Option<Moment>,
}

impl Ledger {
    pub fn new(setup: OutboxSetup, key: Zeroizing<[u8; 32]>) -> Self {
        Self {
            key,
            chance: Chance::new(setup.seed),
            open_max: setup.open_max,
            planted: setup.planted,
            lanes: setup.gateways.into_iter().map(Lane::new).collect(),
            items: BTreeMap::new(),
            ids: HashMap::new(),
            reserved: HashSet::new(),
            counts: BTreeMap::new(),
            latest: None,
        }
    }

    /// The name of a message outside the house.
    pub fn reference(&self, id: &OutgoingId) -> Reference {
        let mut reference = [0; 16];
        // A key of any length is good for HMAC; there is no other way for this to fail.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.key) {
            mac.update(id.as_str().as_bytes());
            let bytes = mac.finalize().into_bytes();
            reference.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        }
        Reference::new(reference)
    }

    /// Which gateway carries this route.
    pub fn lane_for(&self, route: &Route) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.setup.serves(route))
    }

    pub fn lane_named(&self, name: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.setup.name == name)
    }

    /// Checks a message and keeps its place; `Some` when exactly this one is already known.
    pub fn reserve(&mut self, outgoing: &Outgoing, at: Moment) -> Result<Option<EntryNumber>, Refusal> {
        outgoing.check(at)?;
        let reference = self.reference(&outgoing.id);
        if let Some(known) = self.ids.get(&reference) {
            let number = EntryNumber(known.number);
            return match known.print == fingerprint(outgoing) {
                true => Ok(Some(number)),
                false => Err(Refusal::SameIdOtherMessage(number)),
            };
        }
        if self.lane_for(&outgoing.route).is_none() {
            return Err(Refusal::NoGateway(outgoing.route.way()));
        }
        if self.items.len() + self.reserved.len() >= self.open_max {
            return Err(Refusal::Full { open: self.items.len(), open_max: self.open_max });
        }
        if !self.reserved.insert(reference) {
            return Err(Refusal::SameIdTwice);
        }
        Ok(None)
    }

    /// Where the message of that id stands, and what went wrong last; `None` when it was never queued.
    pub fn standing(&self, id: &OutgoingId) -> Option<(StateKind, String)> {
        let known = self.ids.get(&self.reference(id))?;
        match self.items.get(&known.number) {
            Some(item) => {
                let why = item.last_error.as_ref().map_or_else(String::new, |(_, why)| why.clone());
                Some((item.state.kind(), why))
            }
            None => Some((known.ended?, String::new())),
        }
    }

    /// The entry of the message of that id; `None` when it was never queued.
    pub fn number(&self, id: &OutgoingId) -> Option<EntryNumber> {
        self.ids.get(&self.reference(id)).map(|known| EntryNumber(known.number))
    }

    pub fn unreserve(&mut self, id: &OutgoingId) {
        let reference = self.reference(id);
        self.reserved.remove(&reference);
    }

    /// Marks a message as being worked on by a person, where its state allows that.
    pub fn take_for_person(
        &mut self,
        number: EntryNumber,
        allowed: impl Fn(&Item) -> bool,
    ) -> Result<(), Refusal> {
        let item = self.items.get_mut(&number.0).ok_or(Refusal::NoSuchMessage(number))?;
        if item.busy {
            return Err(Refusal::InFlight(number));
        }
        if !allowed(item) {
            return Err(Refusal::WrongState { number, state: item.state.kind().words() });
        }
        self.take(number.0);
        Ok(())
    }

    /// Takes a message out of its queue while it is worked on.
    fn take(&mut self, number: u64) -> Option<&Item> {
        let item = self.items.get_mut(&number)?;
        if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.take_out(item);
        }
        item.busy = true;
        Some(item)
    }

    /// Puts it back as it was: what was meant to be done was not.
    pub fn release(&mut self, number: EntryNumber) {
        if let Some(item) = self.items.get_mut(&number.0) {
            item.busy = false;
            if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
                lane.put(item);
            }
        }
    }

    /// Gives a message another state.
    pub fn set(&mut self, number: u64, state: State, at: Moment) {
        let Some(mut item) = self.items.remove(&number) else { return };
        if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.take_out(&item);
        }
        self.count(item.lane, item.state.kind(), false);
        // Questions go to the gateway that had the message; everything else to the one that carries its route now.
        item.lane = match (&state, &item.gateway) {
            (State::Claimed | State::Doubtful { .. } | State::Sent { .. }, Some(name)) => {
                self.lane_named(name)
            }
            _ => self.lane_for(&item.outgoing.route),
        };
        if item.state.kind() != state.kind() {
            item.changed_at = at;
        }
        item.perhaps_left |=
            matches!(state, State::Doubtful { .. } | State::PerhapsSent | State::Sent { .. } | State::Failed);
        item.state = state;
        item.busy = item.state == State::Claimed;
        self.count(item.lane, item.state.kind(), true);
        if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.put(&item);
        }
        self.items.insert(number, item);
    }

    /// Done with: only its count and its reference stay.
    fn done(&mut self, number: u64, kind: StateKind) {
        let Some(item) = self.items.remove(&number) else { return };
        if let Some(known) = self.ids.get_mut(&item.reference) {
            known.ended = Some(kind);
        }
        if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.take_out(&item);
        }
        self.count(item.lane, item.state.kind(), false);
        self.count(item.lane, kind, true);
    }

    fn count(&mut self, lane: Option<usize>, kind: StateKind, more: bool) {
        let count = self.counts.entry((lane, kind)).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
    }

    /// Notes an error of a message and of its gateway.
    pub fn complain(&mut self, number: u64, why: &str, at: Moment) {
        let Some(item) = self.items.get_mut(&number) else { return };
        item.last_error = Some((at, why.to_owned()));
        if let Some(lane) = item.lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.last_error = Some((at, why.to_owned()));
        }
    }

    /// Takes a recorded note to heart. `entry` is its own number, `at` its own moment.
    pub fn apply(&mut self, note: &Note, entry: EntryNumber, at: Moment) {
        match note {
            Note::Queued(outgoing) => self.queued(outgoing, entry, at),
            Note::Claimed(claimed) => self.claimed(claimed.number.0, &claimed.gateway, at),
            Note::Accepted(accepted) => self.accepted(accepted, at),
            Note::Deferred(deferred) => {
                let number = deferred.number.0;
                if let Some(item) = self.items.get_mut(&number) {
                    item.attempts += u32::from(!deferred.gateway_at_fault);
                }
                self.complain(number, &deferred.why, at);
                let due = later(at, deferred.wait_ms);
                self.set(number, State::Queued { due: Some(due) }, at);
            }
            Note::Doubted(doubted) => {
                self.complain(doubted.number.0, &doubted.why, at);
                let due = later(at, doubted.wait_ms);
                self.set(doubted.number.0, State::Doubtful { due, never_seen: 0 }, at);
            }
            Note::Refused(ended) => self.ended(ended.number.0, &ended.why, State::Refused, at),
            Note::PerhapsSent(ended) => self.ended(ended.number.0, &ended.why, State::PerhapsSent, at),
            Note::Failed(ended) => self.ended(ended.number.0, &ended.why, State::Failed, at),
            Note::Delivered(arrived) => self.done(arrived.number.0, StateKind::Delivered),
            Note::Expired(expired) => self.set(expired.number.0, State::Expired, at),
            Note::Cancelled(decided) => self.done(decided.number.0, StateKind::Cancelled),
            Note::Settled(settled) => match settled.settlement {
                Settlement::CountAsSent => self.done(settled.number.0, StateKind::Sent),
                Settlement::Close => self.done(settled.number.0, StateKind::Closed),
                Settlement::SendAgain { valid_until } => {
                    if let Some(item) = self.items.get_mut(&settled.number.0) {
                        item.valid_until = valid_until;
                        item.attempts = 0;
                        // A later question is about the new attempt, not the old one.
                        item.claimed_at = None;
                    }
                    self.set(settled.number.0, State::Queued { due: None }, at);
                }
            },
        }
    }

    fn queued(&mut self, outgoing: &Outgoing, entry: EntryNumber, at: Moment) {
        let reference = self.reference(&outgoing.id);
        self.reserved.remove(&reference);
        self.ids.insert(reference, Known { number: entry.0, print: fingerprint(outgoing), ended: None });
        let lane = self.lane_for(&outgoing.route);
        let item = Item {
            number: entry,
            reference,
            valid_until: outgoing.valid_until,
            outgoing: Arc::new(outgoing.clone()),
            state: State::Queued { due: None },
            queued_at: at,
            changed_at: at,
            claimed_at: None,
            attempts: 0,
            last_error: None,
            perhaps_left: false,
            lane,
            gateway: None,
            busy: false,
            asked: 0,
        };
        self.count(lane, StateKind::Queued, true);
        if let Some(lane) = lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.put(&item);
        }
        self.items.insert(entry.0, item);
    }

    fn claimed(&mut self, number: u64, gateway: &str, at: Moment) {
        if let Some(item) = self.items.get_mut(&number) {
            item.gateway = Some(gateway.to_owned());
            item.claimed_at.get_or_insert(at);
            item.asked = 0;
        }
        self.set(number, State::Claimed, at);
    }

    fn accepted(&mut self, accepted: &crate::note::Accepted, at: Moment) {
        let number = accepted.number.0;
        if !accepted.will_report {
            return self.done(number, StateKind::Sent);
        }
        let lane = self.items.get(&number).and_then(|item| item.gateway.as_deref());
        let lane = lane.and_then(|name| self.lane_named(name)).and_then(|lane| self.lanes.get(lane));
        let first_ms = lane.map_or(60_000, |lane| lane.setup.patience.delivery_first_ms);
        if let Some(item) = self.items.get_mut(&number) {
            item.asked = 0;
        }
        let state = State::Sent { gateway_id: accepted.gateway_id.clone(), ask_due: later(at, first_ms) };
        self.set(number, state, at);
    }

    fn ended(&mut self, number: u64, why: &str, state: State, at: Moment) {
        self.complain(number, why, at);
        self.set(number, state, at);
    }

    /// Nobody asks any more whether it arrived: it counts as sent.
    pub fn no_more_questions(&mut self, number: u64) {
        self.done(number, StateKind::Sent);
    }

    /// After the book was read: whatever was being handed over is in doubt, what the clock says is put right, and what
    /// was taken in the last minute counts against the limit. Gives those whose gateway is no longer there to be asked.
    pub fn awake(&mut self, at: Moment) -> Vec<EntryNumber> {
        self.latest = Some(at);
        let open: Vec<u64> = self
            .items
            .values()
            .filter(|item| item.state == State::Claimed)
            .map(|item| item.number.0)
            .collect();
        for number in open {
            match self.planted {
                Planted::TakesDoubtForSent => self.done(number, StateKind::Sent),
                Planted::TakesDoubtForUnsent => self.set(number, State::Queued { due: None }, at),
                Planted::Nothing | Planted::ClaimsInMemory => {
                    let settle = self.lane_of(number).map_or(60_000, |lane| lane.setup.patience.settle_ms);
                    self.complain(number, "Lifeboat ended while this was being handed over", at);
                    self.set(number, State::Doubtful { due: later(at, settle), never_seen: 0 }, at);
                }
            }
        }
        let sent_and_silent: Vec<u64> = self
            .items
            .values()
            .filter(|item| matches!(item.state, State::Sent { .. }))
            .filter(|item| {
                let asked_for = item.lane.and_then(|lane| self.lanes.get(lane));
                asked_for.is_none_or(|lane| lane.setup.patience.asked_long_enough(item.changed_at, at))
            })
            .map(|item| item.number.0)
            .collect();
        sent_and_silent.into_iter().for_each(|number| self.no_more_questions(number));
        self.bring_waits_near(at);
        let orphan = |item: &&Item| matches!(item.state, State::Doubtful { .. }) && item.lane.is_none();
        self.items.values().filter(orphan).map(|item| item.number).collect()
    }

    /// While the book is read: a message handed over a moment before the program ended counts against the limit now.
    pub fn remember_pace(&mut self, note: &Note, at: Moment) {
        if let Note::Claimed(claimed) = note
            && let Some(lane) = self.lane_named(&claimed.gateway).and_then(|lane| self.lanes.get_mut(lane))
        {
            lane.limit.room(at);
            lane.limit.take(at);
        }
    }

    fn lane_of(&self, number: u64) -> Option<&Lane> {
        self.items.get(&number).and_then(|item| item.lane).and_then(|lane| self.lanes.get(lane))
    }

    /// The clock may have been put back while the program was off: no wait is longer than the longest wait there is.
    fn bring_waits_near(&mut self, at: Moment) {
        for lane in 0..self.lanes.len() {
            let Some(this) = self.lanes.get(lane) else { continue };
            let patience = &this.setup.patience;
            let longest =
                patience.retry_ms_max.max(patience.delivery_ms_max).max(patience.settle_ms).max(3_600_000);
            let near = later(at, longest);
            for number in this.timed() {
                self.move_due(number, |due| due.min(near));
            }
        }
    }

    fn move_due(&mut self, number: u64, to: impl Fn(Moment) -> Moment) {
        let Some(item) = self.items.get(&number) else { return };
        let (state, since) = (item.state.clone(), item.changed_at);
        let moved = match state {
            State::Queued { due: Some(due) } => State::Queued { due: Some(to(due)) },
            State::Doubtful { due, never_seen } => State::Doubtful { due: to(due), never_seen },
            State::Sent { gateway_id, ask_due } => State::Sent { gateway_id, ask_due: to(ask_due) },
            other => other,
        };
        self.set(number, moved, since);
    }

    /// Takes note of the time. When the clock was put back, every wait moves with it.
    pub fn tick(&mut self, at: Moment) {
        let latest = self.latest.replace(at).unwrap_or(at);
        let back = latest.milliseconds() - at.milliseconds();
        if back <= 0 {
            return;
        }
        for lane in 0..self.lanes.len() {
            let Some(this) = self.lanes.get_mut(lane) else { continue };
            this.limit.shift(back);
            this.rest.shift(back);
            for number in this.timed() {
                self.move_due(number, |due| Moment::from_milliseconds(due.milliseconds() - back));
            }
        }
    }

    /// What there is to do for gateway number `lane`, with hands for `slots` more.
    pub fn plan(&mut self, lane: usize, slots: usize, at: Moment) -> Turn {
        self.tick(at);
        let mut turn = Turn::default();
        let Some(this) = self.lanes.get(lane) else { return turn };
        let (expired, waited) = (this.expired(at), this.waited(at));
        for number in expired {
            if self.take(number).is_some() {
                turn.expired.push(EntryNumber(number));
            }
        }
        for number in waited {
            if self.items.get(&number).is_some_and(|item| !item.busy) {
                self.set(number, State::Queued { due: None }, at);
            }
        }
        let Some(this) = self.lanes.get_mut(lane) else { return turn };
        let most = slots.min(this.limit.room(at));
        let most = this.rest.allows(most, at);
        let mut numbers = this.doubts_due(at, most);
        let doubts = numbers.len();
        numbers.extend(this.next(most - doubts));
        let sends = numbers.len();
        numbers.extend(this.deliveries_due(at, most - sends));
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(item) = self.take(number) else { continue };
            if (doubts..sends).contains(&place) {
                turn.send.push(item.parcel());
            } else {
                turn.ask.push((item.number, item.question()));
            }
            if let Some(this) = self.lanes.get_mut(lane) {
                this.limit.take(at);
                this.rest.begun();
                this.in_flight += 1;
            }
        }
        turn.again = self.lanes.get_mut(lane).and_then(|this| this.next_due(at));
        turn
    }

    /// One that `plan` gave is over, whatever came of it.
    pub fn landed(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.in_flight = lane.in_flight.saturating_sub(1);
            lane.rest.undecided();
        }
    }
}

impl Item {
    pub(crate) fn parcel(&self) -> Parcel {
        Parcel {
            number: self.number,
            reference: self.reference,
            outgoing: Arc::clone(&self.outgoing),
            queued_at: self.queued_at,
            valid_until: self.valid_until,
        }
    }

    fn question(&self) -> Question {
        let gateway_id = match &self.state {
            State::Sent { gateway_id, .. } => Some(gateway_id.clone()),
            _ => None,
        };
        let since = self.claimed_at.unwrap_or(self.queued_at);
        Question { reference: self.reference, gateway_id, since }
    }
}

pub(crate) fn later(at: Moment, wait_ms: u64) -> Moment {
    Moment::from_milliseconds(at.milliseconds().saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX)))
}

/// What two messages of one id must share to be the same: to whom, and what it says.
fn fingerprint(outgoing: &Outgoing) -> u64 {
    let mut hash = Sha256::new();
    for text in
        [outgoing.route.way().words(), outgoing.route.to(), &outgoing.words.subject, &outgoing.words.body]
    {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let mut print = [0; 8];
    print.iter_mut().zip(hash.finalize()).for_each(|(place, byte)| *place = byte);
    u64::from_le_bytes(print)
}
