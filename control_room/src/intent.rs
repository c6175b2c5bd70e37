//! A person's decisions about the record: sealed in the feed book before they take effect, so that a rebuild knows
//! them too. Each names who made it.

use crate::Mode;
use basics::{EntryNumber, FeedName};
use serde::{Deserialize, Serialize};

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Intent {
    /// Take a message out of the tray: somebody dealt with it.
    ClearTray {
        /// The entry that keeps the message.
        entry: EntryNumber,
        /// Why; never empty.
        reason: String,
    },
    /// Read one message of the tray again with today's rules.
    ReplayTray {
        /// The entry that keeps the message.
        entry: EntryNumber,
    },
    /// Read every message of one feed's tray, or of all, again with today's rules.
    ReplayAll {
        /// The feed; `None` for all.
        feed: Option<FeedName>,
    },
    /// The hospital is now in this mode.
    SetMode {
        /// The mode.
        mode: Mode,
        /// Why; may be empty.
        reason: String,
    },
    /// Somebody looked at what a feed's locations mean and found it right: from this entry on this map is the feed's,
    /// whatever the configuration says.
    ConfirmLocations {
        /// The feed.
        feed: FeedName,
        /// What its locations mean. Places that the feed itself named (FHIR Location) are kept beside it.
        map: translate::LocationMap,
    },
    /// Somebody looked at what the columns of a list hold and found it right: from this entry on lists of this feed under
    /// the same headings are read so, in place of what would be recognised. Maps of other headings stay.
    ConfirmColumns {
        /// The feed.
        feed: FeedName,
        /// What its columns hold.
        map: translate::ColumnMap,
    },
    /// The hatch is closed: messages of these feeds that come after this entry are kept, and kept apart.
    CloseHatch {
        /// The feeds; none named: every feed, also those not heard of yet.
        feeds: Vec<FeedName>,
        /// Why; never empty.
        reason: String,
    },
    /// The hatch is open again. A feed of which something still waits is kept apart until that is admitted or turned away.
    OpenHatch {
        /// The feeds; none named: every feed.
        feeds: Vec<FeedName>,
        /// Why; never empty.
        reason: String,
    },
    /// What was kept apart of a feed is applied, in the order in which it came, before anything after this entry.
    AdmitKept {
        /// The feed.
        feed: FeedName,
        /// Up to and with this message; `None`: everything before this entry.
        up_to: Option<EntryNumber>,
        /// Why; never empty.
        reason: String,
    },
    /// Messages that were kept apart are never applied. They stay in the book.
    TurnAway {
        /// The entries that keep them; at most `TURNED_AWAY_AT_ONCE_MAX`.
        entries: Vec<EntryNumber>,
        /// Why; never empty.
        reason: String,
    },
}

/// An intent that cannot be: a sentence for the person who made it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The entry is not in the tray.
    #[error("entry {0} is not in the tray: it was understood, cleared or never there")]
    NotInTray(EntryNumber),
    /// There is nothing to replay.
    #[error("there is nothing in the tray to replay")]
    NothingToReplay,
    /// A reason is needed.
    #[error("say in a few words why this message can be cleared")]
    ReasonMissing,
    /// Nobody signed.
    #[error("give your initials or name, so that others know who decided")]
    NobodySigned,
    /// There is no such feed.
    #[error("there is no feed called {0}")]
    NoSuchFeed(FeedName),
    /// The map that was confirmed is more than is kept.
    #[error("a location map may have {0} bytes; leave out wards and places that are not used")]
    MapTooLong(usize),
    /// The columns that were confirmed make no list of bookings.
    #[error("{0}")]
    Columns(translate::ColumnFault),
    /// The feed has enough maps.
    #[error(
        "a feed may have {0} sorts of lists; confirm one of those again, or read this list in under another feed"
    )]
    TooManyColumnMaps(usize),
    /// The mode is that already.
    #[error("the mode is {} already", .0.word())]
    ModeAlready(Mode),
    /// The hatch is closed for these feeds.
    #[error("the hatch is closed for these feeds already")]
    HatchClosedAlready,
    /// The hatch is open for these feeds.
    #[error(
        "the hatch is open for these feeds already; what is kept apart waits to be admitted or turned away"
    )]
    HatchOpenAlready,
    /// A reason is needed.
    #[error("say in a few words why: somebody will read it tomorrow and has to understand it")]
    HatchReasonMissing,
    /// Nothing of this feed waits.
    #[error("nothing of feed {0} is kept apart: it was admitted or turned away already")]
    NothingKeptApart(FeedName),
    /// This message does not wait.
    #[error("message {0} is not kept apart any more: it was admitted or turned away, or it never was")]
    NotKeptApart(EntryNumber),
    /// An admission is under way.
    #[error("messages are just being admitted; wait until that is done, then look again")]
    AdmissionRuns,
    /// No message was chosen.
    #[error("tick the messages that are to be turned away first")]
    NoneChosen,
    /// Too many messages at once.
    #[error("turn away at most {0} messages at once")]
    TooManyAtOnce(usize),
    /// Too long.
    #[error("keep the reason under {0} bytes")]
    TooLong(usize),
}

/// Most sorts of lists of one feed whose columns are confirmed.
pub const COLUMN_MAPS_MAX: usize = 50;

/// Largest location map, in bytes of JSON.
pub const MAP_BYTES_MAX: usize = 256 << 10;

/// Longest reason or name, in bytes.
pub const REASON_BYTES_MAX: usize = 2000;
