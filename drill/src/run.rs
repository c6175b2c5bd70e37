//! The trust's day in real time: messages are made when their moment comes and sent, each feed by its own sender.
//!
//! Always in each feed's own order; a feed that is cut holds its messages back and catches up later. Never reads the
//! machine's clock: it is handed one. The demo and the journey tests call `run`.

use crate::ledger::Ledger;
use crate::orders::{Orders, Progress};
use crate::sender::{Patience, Sender};
use crate::{Outgoing, Trust};
use basics::{Clock, FeedName};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Messages that a feed may hold back before the making of new ones waits.
const HELD_BACK_MAX: usize = 20_000;

/// Where each feed is sent.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Address of the MLLP listener of each feed. A feed without one is not sent.
    pub feeds: BTreeMap<FeedName, SocketAddr>,
    /// How patient the senders are.
    pub patience: Patience,
}

impl Targets {
    /// Every feed of the trust to one address each, in the order of `Trust::feeds`.
    pub fn new(addresses: impl IntoIterator<Item = (FeedName, SocketAddr)>) -> Self {
        Self { feeds: addresses.into_iter().collect(), patience: Patience::default() }
    }
}

/// Runs the trust until orders say stop, or until the stream ends (`Trust::quiet`). The trust's messages are due when
/// `clock` reaches their moment; give it the clock by whose `now` the trust was started. Returns the trust, for its
/// truth; messages not yet acknowledged when stopped are lost with the senders.
pub async fn run(
    mut trust: Trust,
    targets: Targets,
    clock: Arc<dyn Clock>,
    mut orders: watch::Receiver<Orders>,
    ledger: Arc<Ledger>,
    progress: Arc<Progress>,
) -> Trust {
    let mut senders = JoinSet::new();
    let mut queues: BTreeMap<FeedName, mpsc::Sender<Outgoing>> = BTreeMap::new();
    for (feed, address) in &targets.feeds {
        let (queue, received) = mpsc::channel(HELD_BACK_MAX);
        queues.insert(feed.clone(), queue);
        let sender = Sender::new(feed.clone(), *address, targets.patience);
        senders.spawn(sender.deliver_all(
            received,
            orders.clone(),
            Arc::clone(&ledger),
            Arc::clone(&progress),
        ));
    }
    let burst_total = trust.burst_left() as u64;
    while let Some(message) = trust.next() {
        if !wait_until_due(&message, &*clock, &mut orders).await {
            break;
        }
        progress.note_burst(burst_total.saturating_sub(trust.burst_left() as u64), burst_total);
        if ledger.held_before(&message) {
            continue;
        }
        if let Some(queue) = queues.get(&message.feed) {
            let stopped = stop(&mut orders);
            tokio::select! {
                sent = queue.send(message) => if sent.is_err() { break },
                () = stopped => break,
            }
        }
    }
    drop(queues);
    while senders.join_next().await.is_some() {}
    trust
}

/// Waits for the message's moment. False when orders say stop.
async fn wait_until_due(message: &Outgoing, clock: &dyn Clock, orders: &mut watch::Receiver<Orders>) -> bool {
    loop {
        if orders.borrow().stopped {
            return false;
        }
        let wait_ms = message.at.milliseconds().saturating_sub(clock.now().milliseconds());
        let Ok(wait_ms @ 1..) = u64::try_from(wait_ms) else { return true };
        // In short steps, so that a clock that is moved by hand is noticed.
        let wait = tokio::time::sleep(Duration::from_millis(wait_ms.min(1_000)));
        tokio::select! { () = wait => {}, changed = orders.changed() => if changed.is_err() { return false } }
    }
}

async fn stop(orders: &mut watch::Receiver<Orders>) {
    while !orders.borrow_and_update().stopped {
        if orders.changed().await.is_err() {
            return;
        }
    }
}
