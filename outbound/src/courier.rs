//! The courier: the loop that takes messages out of the outbox and hands them to their gateways.
//!
//! One round for each gateway, so that a slow one holds up nobody else. Always: claimed on the disk, then handed over,
//! then the outcome recorded, tried until it is; an answer that does not come in time, and an adapter that fails, are
//! unknown outcomes. A full disk ends nothing: nothing is claimed until there is room. When asked to close it claims
//! no more, waits for what is in flight, and leaves the rest to the next start. Reads no clock: one is handed. Called
//! by `lifeboat serve`; proved by `tests/faults.rs` and `tests/kill.rs`.

use crate::gateway::{Gateway, Handed, Parcel, Question, Told};
use crate::note::{Arrived, Note};
use crate::outbox::Outbox;
use crate::refusal::Fault;
use basics::{Clock, EntryNumber, Moment};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Longest pause before the clock is looked at again: a handed clock may be moved meanwhile.
const PAUSE_MS_MAX: u64 = 1_000;
/// Pause before the record is tried again after it refused.
const RECORD_AGAIN_MS: u64 = 500;

/// Takes messages out of the outbox and hands them to their gateways.
pub struct Courier {
    outbox: Outbox,
    gateways: Vec<Arc<dyn Gateway>>,
    clock: Arc<dyn Clock>,
    pause_ms_max: u64,
}

impl Courier {
    /// `gateways` by the names that the outbox's setup gives them; one that it does not name is never used.
    pub fn new(outbox: Outbox, gateways: Vec<Arc<dyn Gateway>>, clock: Arc<dyn Clock>) -> Self {
        Self { outbox, gateways, clock, pause_ms_max: PAUSE_MS_MAX }
    }

    /// Looks at the clock again after at most so many milliseconds: for clocks that run faster than ours.
    pub fn look_every(mut self, ms_max: u64) -> Self {
        self.pause_ms_max = ms_max.max(1);
        self
    }

    /// Works until `closing` says true (or its giver is gone).
    pub async fn run(self, closing: watch::Receiver<bool>) {
        let mut rounds = JoinSet::new();
        for gateway in self.gateways {
            let Some(lane) = self.outbox.lane(gateway.name()) else {
                tracing::warn!(gateway = gateway.name(), "no setup names this gateway; it is not used");
                continue;
            };
            let (outbox, clock) = (self.outbox.clone(), Arc::clone(&self.clock));
            let round = Round { outbox, gateway, lane, clock, pause_ms_max: self.pause_ms_max };
            rounds.spawn(round.work(closing.clone()));
        }
        while let Some(ended) = rounds.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a gateway's round ended unexpectedly; its messages wait for the next start");
            }
        }
    }
}

/// One gateway's round.
#[derive(Clone)]
struct Round {
    outbox: Outbox,
    gateway: Arc<dyn Gateway>,
    lane: usize,
    clock: Arc<dyn Clock>,
    pause_ms_max: u64,
}

impl Round {
    async fn work(self, mut closing: watch::Receiver<bool>) {
        let (in_flight_max, answer_ms_max) = self.outbox.with(|ledger| {
            let setup = ledger.lanes.get(self.lane).map(|lane| &lane.setup);
            setup.map_or((1, 20_000), |setup| (setup.in_flight_max.max(1), setup.answer_ms_max.max(1)))
        });
        let (mut flights, mut news) = (JoinSet::new(), self.outbox.news());
        while !*closing.borrow() && !self.outbox.is_stopped() {
            while flights.try_join_next().is_some() {}
            news.mark_unchanged();
            let slots = in_flight_max.saturating_sub(flights.len());
            let at = self.clock.now();
            let turn = self.outbox.plan(self.lane, slots, at);
            let idle = turn.expired.is_empty() && turn.send.is_empty() && turn.ask.is_empty();
            for number in turn.expired {
                self.expire(number, at).await;
            }
            let refused = self.claim_and_send(turn.send, answer_ms_max, at, &mut flights).await;
            for (number, question) in turn.ask {
                let round = self.clone();
                flights.spawn(async move { round.ask(number, question, answer_ms_max).await });
            }
            if !idle && !refused {
                continue;
            }
            let pause = match turn.again {
                _ if refused => RECORD_AGAIN_MS,
                Some(again) => {
                    let due = again.milliseconds().saturating_sub(at.milliseconds());
                    u64::try_from(due).unwrap_or(0).clamp(1, self.pause_ms_max)
                }
                None => self.pause_ms_max,
            };
            tokio::select! {
                _ = flights.join_next(), if !flights.is_empty() => {}
                // The giver of news is the outbox, which this round holds: it cannot be gone.
                _ = news.changed(), if !refused => {}
                () = sleep(Duration::from_millis(pause)) => {}
                changed = closing.changed() => if changed.is_err() { break },
            }
        }
        // What is in flight may still end well; what does not is in doubt at the next start, and asked about.
        let wait = Duration::from_millis(answer_ms_max + RECORD_AGAIN_MS);
        let landing = async { while flights.join_next().await.is_some() {} };
        if timeout(wait, landing).await.is_err() {
            tracing::warn!(
                gateway = self.gateway.name(),
                "handing over was cut off; asked about at the next start"
            );
        }
    }

    async fn expire(&self, number: EntryNumber, at: Moment) {
        if self.outbox.record(Note::Expired(Arrived { number, by: None }), at).await.is_err() {
            self.outbox.with(|ledger| ledger.release(number));
        }
    }

    /// Whether the record refused a claim: then its message was not sent.
    async fn claim_and_send(
        &self,
        parcels: Vec<Parcel>,
        answer_ms_max: u64,
        at: Moment,
        flights: &mut JoinSet<()>,
    ) -> bool {
        let claims = parcels.iter().map(|parcel| self.outbox.claim(parcel.number, self.gateway.name(), at));
        let mut refused = false;
        let claimed: Vec<Result<(), Fault>> = join_all(claims).await;
        for (parcel, claimed) in parcels.into_iter().zip(claimed) {
            match claimed {
                Ok(()) => {
                    let round = self.clone();
                    flights.spawn(async move { round.hand_over(parcel, answer_ms_max).await });
                }
                Err(fault) => {
                    refused = true;
                    self.outbox.with(|ledger| {
                        ledger.complain(parcel.number.0, &fault.to_string(), at);
                        ledger.release(parcel.number);
                        ledger.landed(self.lane);
                    });
                }
            }
        }
        refused
    }

    async fn hand_over(&self, parcel: Parcel, answer_ms_max: u64) {
        let number = parcel.number;
        let (gateway, at) = (Arc::clone(&self.gateway), self.clock.now());
        let handed = async move { gateway.hand_over(&parcel, at).await };
        let handed = match bounded(handed, answer_ms_max).await {
            Ok(handed) => handed,
            Err(why) => Handed::Unknown { why },
        };
        let at = self.clock.now();
        let reports = self.gateway.reports_delivery();
        let note = self.outbox.with(|ledger| {
            ledger.tick(at);
            ledger.after_handing(self.lane, number, handed, reports, at)
        });
        self.keep(note, at).await;
        self.outbox.with(|ledger| ledger.landed(self.lane));
    }

    async fn ask(&self, number: EntryNumber, question: Question, answer_ms_max: u64) {
        let (gateway, at) = (Arc::clone(&self.gateway), self.clock.now());
        let told = async move { gateway.ask(&question, at).await };
        let told = match bounded(told, answer_ms_max).await {
            Ok(told) => told,
            Err(why) => Told::NotNow { why, wait_ms: None },
        };
        let at = self.clock.now();
        let reports = self.gateway.reports_delivery();
        let note = self.outbox.with(|ledger| {
            ledger.tick(at);
            ledger.after_asking(self.lane, number, told, reports, at)
        });
        if let Some(note) = note {
            self.keep(note, at).await;
        }
        self.outbox.with(|ledger| ledger.landed(self.lane));
    }

    /// An outcome is tried until it is recorded. If the program ends before that, the message is in doubt at the next
    /// start, which is the truth.
    async fn keep(&self, note: Note, at: Moment) {
        while let Err(fault) = self.outbox.record(note.clone(), at).await {
            if self.outbox.is_stopped() {
                tracing::error!(%fault, "an outcome could not be recorded; it is asked about at the next start");
                return;
            }
            sleep(Duration::from_millis(RECORD_AGAIN_MS)).await;
        }
    }
}

/// Runs what an adapter does in a task of its own, so that its panic is an answer too, and for a bounded time.
async fn bounded<T: Send + 'static>(
    doing: impl Future<Output = T> + Send + 'static,
    ms_max: u64,
) -> Result<T, String> {
    let task = tokio::spawn(doing);
    let stop = task.abort_handle();
    match timeout(Duration::from_millis(ms_max), task).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err("the adapter failed while it was being handed over".to_owned()),
        Err(_) => {
            stop.abort();
            Err(format!("no answer within {} s", ms_max.div_ceil(1000)))
        }
    }
}
