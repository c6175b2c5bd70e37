//! The hatch: when an attack is suspected, feeds are closed in one action, so that a poisoned feed cannot spoil the records.
//!
//! What arrives afterwards is received, sealed and acknowledged as ever, and kept apart until a person admits it or turns
//! it away. The closing is an entry of the feed book, between the messages: those with a smaller number came before it,
//! those with a larger one after it, whatever any clock says. So a rebuild from the book keeps apart exactly what the
//! running program did. A feed that was closed flows again only when nothing of it waits any more: so nothing older is
//! ever laid over something newer of the same feed.
//!
//! Always: every message of a feed is applied in the feed's own order, or turned away by name, or waits; closing works at
//! once, in memory, when the record takes nothing, and says so. Never: a message lost or refused because the hatch is
//! closed; one that was turned away applied, now or after a rebuild.
//! Called by the follower (`state`), by `submit` and the door (`desk`) and by screens (`boards`); proved by
//! `tests/hatch.rs` and `tests/kill_hatch.rs`.

mod boards;
mod desk;
mod state;

pub use boards::{ApartFilter, ApartList, FeedHatch, HatchBoard, NotRecorded};
pub(crate) use desk::HatchDesk;
pub(crate) use state::{Admitting, HatchState, Left};
pub use state::{Closing, HatchDeed, HatchWhat};

use basics::{EntryNumber, FeedName, Moment};
use serde::{Deserialize, Serialize};

/// Most messages turned away by one decision.
pub const TURNED_AWAY_AT_ONCE_MAX: usize = 1_000;

/// One message that was kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApartItem {
    /// The entry that keeps its bytes.
    pub entry: EntryNumber,
    /// The feed it came by.
    pub feed: FeedName,
    /// When.
    pub received: Moment,
    /// "ADT^A01", "Bundle"; empty when not even that could be read.
    pub message_type: String,
    /// Its size.
    pub bytes: u64,
    /// Turned away for good; `None` while it waits.
    pub turned_away: Option<TurnedAway>,
}

/// Who turned a message away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TurnedAway {
    /// Initials or name.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}
