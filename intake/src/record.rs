//! The way from a door to the record: hand bytes over, be told when they are durable.
//!
//! The doors know this trait alone, so that tests can put a record behind them that fails, waits or lies. The one
//! real implementation is the control room's.

use basics::{EntryNumber, FeedName, Moment};
use control_room::{ControlRoom, Fault, Heard, Receipt, ReportRefused};

/// What is called once the bytes are durable, or certainly will not be.
pub type Done = Box<dyn FnOnce(Result<Kept, NotKept>) + Send + 'static>;

/// The bytes are on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Where in the feed book.
    pub entry: EntryNumber,
    /// The same bytes had been kept before; `entry` is theirs.
    pub duplicate: bool,
    /// For strict feeds: whether the message could be understood.
    pub understood: Option<bool>,
}

/// The bytes were not kept; in words for the sender's log, without patient data.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotKept(pub String);

/// What came of a neighbour's report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is in the record as that entry.
    Kept(EntryNumber),
    /// It says nothing that is not known.
    NothingNewer,
}

/// Why a neighbour's report was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotTaken {
    /// The report is at fault; a sentence for its sender.
    Report(String),
    /// The record is.
    NotKept(NotKept),
}

/// A record that can be handed bytes.
pub trait Record: Clone + Send + Sync + 'static {
    /// Keeps `bytes` as received by `feed` at `at`, and calls `done` once they are durable, from any thread.
    fn receive(&self, feed: &FeedName, bytes: Vec<u8>, at: Moment, done: Done);

    /// Keeps all of `messages` in one commit, and returns once they are durable; the receipts are in their order.
    fn receive_batch(&self, feed: &FeedName, messages: Vec<(Vec<u8>, Moment)>) -> Result<Vec<Kept>, NotKept>;

    /// Takes a neighbour's report; blocks until it is durable.
    fn hear_neighbour(&self, _name: &str, _report: &[u8], _at: Moment) -> Result<Taken, NotTaken> {
        Err(NotTaken::NotKept(NotKept("this record takes no reports".to_owned())))
    }

    /// Tells how many connections a feed has now.
    fn note_connections(&self, _feed: &FeedName, _connections: u32) {}
}

impl Record for ControlRoom {
    fn receive(&self, feed: &FeedName, bytes: Vec<u8>, at: Moment, done: Done) {
        ControlRoom::receive(self, feed, bytes, at, move |result| {
            done(result.map(kept).map_err(not_kept));
        });
    }

    fn receive_batch(&self, feed: &FeedName, messages: Vec<(Vec<u8>, Moment)>) -> Result<Vec<Kept>, NotKept> {
        let receipts = ControlRoom::receive_batch(self, feed, messages).map_err(not_kept)?;
        Ok(receipts.into_iter().map(kept).collect())
    }

    fn hear_neighbour(&self, name: &str, report: &[u8], at: Moment) -> Result<Taken, NotTaken> {
        match self.incident().hear_neighbour(name, report, at) {
            Ok(Heard::Kept(entry)) => Ok(Taken::Kept(entry)),
            Ok(Heard::NothingNewer) => Ok(Taken::NothingNewer),
            Err(ReportRefused::Report(why)) => Err(NotTaken::Report(why)),
            Err(ReportRefused::Fault(fault)) => Err(NotTaken::NotKept(not_kept(fault))),
        }
    }

    fn note_connections(&self, feed: &FeedName, connections: u32) {
        ControlRoom::note_connections(self, feed, connections);
    }
}

fn kept(receipt: Receipt) -> Kept {
    Kept { entry: receipt.entry, duplicate: receipt.duplicate, understood: receipt.understood }
}

fn not_kept(fault: Fault) -> NotKept {
    NotKept(fault.to_string())
}
