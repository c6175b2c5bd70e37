//! Many messages into the outbox at once: one commit, and where one of them is at fault each is asked for alone.
//!
//! Always: one that is at fault holds up nobody else; whoever is not in the answer was not judged and is asked for again
//! later. Never: one queued twice, whatever was cut off before: its id says so. Called by both messengers, whose tests prove it.

use basics::Moment;
use outbound::{Outbox, Outgoing, Refusal, Refused};

/// What became of asking for one of them.
pub enum Fared {
    /// It is in the outbox, from now on or already.
    Queued,
    /// It never will be, as it is.
    Refused(Refusal),
}

/// Queues what stands ready. Those of whom nothing can be said now, because the outbox is full or cannot be written, are left
/// out. Blocks.
pub fn queue<T>(outbox: &Outbox, ready: Vec<(T, Outgoing)>, now: Moment) -> Vec<(T, Fared)> {
    if ready.is_empty() {
        return Vec::new();
    }
    let all = ready.iter().map(|(_, outgoing)| outgoing.clone()).collect();
    match outbox.queue(all, now) {
        Ok(_) => ready.into_iter().map(|(of, _)| (of, Fared::Queued)).collect(),
        Err(Refused::Fault(fault)) => {
            tracing::error!(%fault, "messages could not be queued; they wait");
            Vec::new()
        }
        Err(Refused::Refusal(_)) => each_alone(outbox, ready, now),
    }
}

fn each_alone<T>(outbox: &Outbox, ready: Vec<(T, Outgoing)>, now: Moment) -> Vec<(T, Fared)> {
    let mut judged = Vec::with_capacity(ready.len());
    for (of, outgoing) in ready {
        match outbox.queue(vec![outgoing], now) {
            Ok(_) | Err(Refused::Refusal(Refusal::SameIdOtherMessage(_))) => judged.push((of, Fared::Queued)),
            Err(Refused::Refusal(Refusal::Full { .. })) => break,
            Err(Refused::Refusal(refusal)) => judged.push((of, Fared::Refused(refusal))),
            Err(Refused::Fault(fault)) => {
                tracing::error!(%fault, "a message could not be queued; it waits, and those behind it");
                break;
            }
        }
    }
    judged
}
