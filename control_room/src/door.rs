//! The door: a message comes in, is sealed in the book, and only then is its sender answered.
//!
//! Always: the answer leaves after `fdatasync` returned for the first copy of the message; a second copy that comes
//! while the first is on its way waits for it, and is told no if it fails. Never: an answer before that; a message
//! refused because it is not understood.
//! Called by `intake` through `ControlRoom::receive`; proved by `tests/duplicates.rs` and `tests/disk.rs`.

use crate::duplicates::{Duplicates, Earlier, MessageKey, Naming, judge, same};
use crate::entries::{MESSAGE_BYTES_MAX, RECEIVED, received_header};
use crate::follower::Fresh;
use crate::room::Shared;
use crate::{Fault, Receipt};
use basics::{EntryNumber, FeedName, Moment};
use std::collections::HashMap;
use std::sync::Arc;

/// Whoever waits for a receipt.
pub type Done = Box<dyn FnOnce(Result<Receipt, Fault>) + Send>;

/// Messages in one commit of an import.
const BATCH_MESSAGES_MAX: usize = 4_000;
/// Bytes in one commit of an import.
const BATCH_BYTES_MAX: usize = 32 << 20;

/// What the door remembers.
#[derive(Default)]
pub struct Door {
    /// Messages kept.
    pub memory: Duplicates,
    /// Messages on their way to the disk, by id and content.
    flying: HashMap<(u64, u64), Flying>,
    flying_ids: HashMap<u64, u32>,
}

struct Flying {
    feed: FeedName,
    bytes: Arc<Vec<u8>>,
    also: Vec<Done>,
}

/// What the door decides about a message.
enum Verdict {
    /// The same is on its way; this one waits with it.
    Waits,
    /// The same is kept in this entry.
    Kept(EntryNumber),
    /// New; whether its id came before with other bytes.
    New(bool, Done),
}

/// A message with all that is needed to keep it.
struct Arrival {
    feed: FeedName,
    bytes: Arc<Vec<u8>>,
    at: Moment,
    key: MessageKey,
}

impl Shared {
    /// Keeps a message; `done` is called once, after it is durable.
    pub fn receive(self: &Arc<Self>, feed: &FeedName, bytes: Vec<u8>, at: Moment, done: Done) {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return done(Err(Fault::TooLarge { bytes: bytes.len(), bytes_max: MESSAGE_BYTES_MAX }));
        }
        // The hatch was closed and the disk takes nothing: nothing may come into the book before that closing.
        if let Some(fault) = self.refused_by_hatch(feed) {
            return done(Err(fault));
        }
        let key = MessageKey::of(&self.place.sums, feed, &bytes);
        let arrival = Arrival { feed: feed.clone(), bytes: Arc::new(bytes), at, key };
        match self.judge(&arrival, done) {
            Ok((Verdict::Waits, _)) => self.feeds().duplicate(feed),
            Ok((Verdict::Kept(entry), Some(done))) => {
                self.feeds().duplicate(feed);
                done(Ok(self.receipt(&arrival, entry, true, false)));
            }
            Ok((Verdict::New(same_id, done), _)) => self.seal(arrival, same_id, done),
            Ok((Verdict::Kept(_), None)) => {}
            Err((fault, done)) => done(Err(fault)),
        }
    }

    fn receipt(&self, arrival: &Arrival, entry: EntryNumber, duplicate: bool, same_id: bool) -> Receipt {
        let understood = self.strict(&arrival.feed).then(|| {
            let told = self.translate(&arrival.feed, &arrival.bytes, entry, arrival.at);
            told.outcome() == translate::Outcome::Understood
        });
        Receipt { entry, duplicate, same_id_other_bytes: same_id, understood }
    }

    /// Decides what a message is, and if it is new, notes that it is on its way.
    #[allow(clippy::type_complexity)]
    fn judge(&self, arrival: &Arrival, done: Done) -> Result<(Verdict, Option<Done>), (Fault, Done)> {
        let key = arrival.key;
        let mut older = Vec::new();
        if !self.door().memory.complete() {
            match self.pool.reader().and_then(|reader| reader.seen(key.id)) {
                Ok(found) => older = found,
                // The index may be just being made again. What it would know is noticed when it is applied.
                Err(fault) => tracing::warn!(%fault, "duplicates are looked for in memory alone"),
            }
        }
        let mut not = None;
        loop {
            let mut door = self.door();
            if let Some(flying) = door.flying.get_mut(&(key.id, key.content))
                && flying.feed == arrival.feed
                && flying.bytes == arrival.bytes
            {
                flying.also.push(done);
                return Ok((Verdict::Waits, None));
            }
            let mut earlier = older.clone();
            earlier.append(&mut door.memory.known(key.id, EntryNumber(u64::MAX)));
            earlier.sort_unstable();
            earlier.dedup();
            let judged = match judge(key, &earlier) {
                // Compared already: it only looks the same.
                Earlier::Perhaps(entry) if not == Some(entry) && key.naming == Naming::Identified => {
                    Earlier::SameIdOtherBytes
                }
                Earlier::Perhaps(entry) if not == Some(entry) => Earlier::None,
                other => other,
            };
            let Earlier::Perhaps(entry) = judged else {
                let in_flight = key.naming == Naming::Identified && door.flying_ids.contains_key(&key.id);
                let same_id = judged == Earlier::SameIdOtherBytes || in_flight;
                let flying =
                    Flying { feed: arrival.feed.clone(), bytes: arrival.bytes.clone(), also: Vec::new() };
                door.flying.insert((key.id, key.content), flying);
                *door.flying_ids.entry(key.id).or_default() += 1;
                drop(door);
                self.note_in_flight(true);
                return Ok((Verdict::New(same_id, done), None));
            };
            drop(door);
            match self.entry(entry) {
                Ok(Some(kept)) if same(key, (&arrival.feed, &arrival.bytes, arrival.at), &kept) => {
                    return Ok((Verdict::Kept(entry), Some(done)));
                }
                Ok(_) => not = Some(entry),
                Err(fault) => return Err((fault, done)),
            }
        }
    }

    fn seal(self: &Arc<Self>, arrival: Arrival, same_id: bool, done: Done) {
        let understood = self.strict(&arrival.feed).then(|| {
            let told = self.translate(&arrival.feed, &arrival.bytes, EntryNumber(0), arrival.at);
            told.outcome() == translate::Outcome::Understood
        });
        let header = received_header(&arrival.feed);
        let (shared, bytes, at) = (self.clone(), arrival.bytes.clone(), arrival.at);
        let landed = move |result: Result<logbook::Sealed, logbook::Fault>| {
            let result = result.map(|sealed| Receipt {
                entry: sealed.number,
                duplicate: false,
                same_id_other_bytes: same_id,
                understood,
            });
            shared.landed(&arrival, result.map_err(Fault::from), done);
        };
        self.with_loggist(landed, |loggist, landed| {
            loggist.submit_parts(RECEIVED, &[&header, &bytes], at, landed);
        });
    }

    /// The message is durable, or is not: answers all who wait. Runs on the loggist's thread.
    fn landed(&self, arrival: &Arrival, result: Result<Receipt, Fault>, done: Done) {
        let key = arrival.key;
        let mut door = self.door();
        if let Ok(receipt) = &result {
            door.memory.note(key, receipt.entry, self.applied_entry());
        }
        let flying = door.flying.remove(&(key.id, key.content));
        if let Some(count) = door.flying_ids.get_mut(&key.id) {
            *count -= 1;
            if *count == 0 {
                door.flying_ids.remove(&key.id);
            }
        }
        drop(door);
        self.note_in_flight(false);
        if let Ok(receipt) = &result {
            self.feeds().kept(&arrival.feed, arrival.at, receipt.entry);
            let (feed, bytes) = (arrival.feed.clone(), arrival.bytes.clone());
            let fresh = Fresh { at: arrival.at, feed, bytes, key };
            self.hand_over(receipt.entry, fresh);
        }
        for also in flying.into_iter().flat_map(|f| f.also) {
            also(result.clone().map(|receipt| Receipt {
                duplicate: true,
                same_id_other_bytes: false,
                ..receipt
            }));
        }
        done(result);
    }

    /// Keeps many messages, a few thousand in one commit; returns when all are durable. When a commit fails, the
    /// messages after it are not kept and the fault is returned: send the whole again, what was kept is a duplicate.
    pub fn receive_batch(
        self: &Arc<Self>,
        feed: &FeedName,
        messages: Vec<(Vec<u8>, Moment)>,
    ) -> Result<Vec<Receipt>, Fault> {
        let mut receipts = Vec::with_capacity(messages.len());
        let mut some = Vec::new();
        let mut bytes = 0;
        for (message, at) in messages {
            bytes += message.len();
            some.push((message, at));
            if some.len() >= BATCH_MESSAGES_MAX || bytes >= BATCH_BYTES_MAX {
                receipts.extend(self.receive_some(feed, std::mem::take(&mut some))?);
                bytes = 0;
            }
        }
        receipts.extend(self.receive_some(feed, some)?);
        Ok(receipts)
    }

    fn receive_some(
        self: &Arc<Self>,
        feed: &FeedName,
        messages: Vec<(Vec<u8>, Moment)>,
    ) -> Result<Vec<Receipt>, Fault> {
        if let Some(fault) = self.refused_by_hatch(feed) {
            return Err(fault);
        }
        let (answer, answers) = std::sync::mpsc::channel();
        let count = messages.len();
        let header = received_header(feed);
        let mut new = Vec::with_capacity(count);
        let mut bodies = Vec::with_capacity(count);
        for (i, (bytes, at)) in messages.into_iter().enumerate() {
            let answer = answer.clone();
            let done: Done = Box::new(move |result| drop(answer.send((i, result))));
            if bytes.len() > MESSAGE_BYTES_MAX {
                done(Err(Fault::TooLarge { bytes: bytes.len(), bytes_max: MESSAGE_BYTES_MAX }));
                continue;
            }
            let key = MessageKey::of(&self.place.sums, feed, &bytes);
            let arrival = Arrival { feed: feed.clone(), bytes: Arc::new(bytes), at, key };
            match self.judge(&arrival, done) {
                Ok((Verdict::Waits, _)) => self.feeds().duplicate(feed),
                Ok((Verdict::Kept(entry), done)) => {
                    self.feeds().duplicate(feed);
                    done.into_iter().for_each(|d| d(Ok(self.receipt(&arrival, entry, true, false))));
                }
                Ok((Verdict::New(same_id, done), _)) => {
                    let mut body = Vec::with_capacity(header.len() + arrival.bytes.len());
                    body.extend_from_slice(&header);
                    body.extend_from_slice(&arrival.bytes);
                    bodies.push((RECEIVED, body, at));
                    new.push((arrival, same_id, done));
                }
                Err((fault, done)) => done(Err(fault)),
            }
        }
        drop(answer);
        let sealed = self.append_batch(bodies);
        self.landed_batch(new, sealed);
        let mut receipts: Vec<Option<Receipt>> = vec![None; count];
        for (i, result) in answers {
            if let Some(place) = receipts.get_mut(i) {
                *place = Some(result?);
            }
        }
        receipts.into_iter().map(|receipt| receipt.ok_or(Fault::Closed)).collect()
    }

    fn landed_batch(&self, new: Vec<(Arrival, bool, Done)>, sealed: Result<Vec<logbook::Sealed>, Fault>) {
        let mut sealed = sealed.map(Vec::into_iter);
        for (arrival, same_id, done) in new {
            let result = match &mut sealed {
                Ok(all) => all.next().ok_or(Fault::Closed),
                Err(fault) => Err(fault.clone()),
            };
            let result = result.map(|sealed| {
                let mut receipt = self.receipt(&arrival, sealed.number, false, same_id);
                receipt.entry = sealed.number;
                receipt
            });
            self.landed(&arrival, result, done);
        }
    }
}
