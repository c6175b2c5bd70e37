//! What a door has seen: counts for the feeds' page, the log and the tests. Never patient data.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! tallies {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts of one listener, growing while it runs.
        #[derive(Debug, Default)]
        pub struct Tallies {
            $($(#[$doc])* pub(crate) $name: AtomicU64,)*
        }

        /// The counts at one moment.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Tally {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Tallies {
            /// The counts now.
            pub fn now(&self) -> Tally {
                Tally { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

tallies! {
    /// Connections accepted.
    connections_accepted,
    /// Connections refused because their address is not on the list.
    peers_refused,
    /// Connections closed to make room for newer ones.
    connections_evicted,
    /// Connections closed because a frame, or the first frame, took too long.
    connections_too_slow,
    /// Frames received whole.
    messages,
    /// Frames answered as kept.
    kept,
    /// Frames that had been received before, byte for byte.
    duplicates,
    /// Frames that could not be kept: storage failed or stopped.
    storage_failed,
    /// Frames kept but answered as unsupported (AR, CR).
    unsupported,
    /// Frames kept but answered as an error in a strict feed.
    strict_failures,
    /// Frames that never ended.
    unfinished,
    /// Frames over their budget.
    too_big,
    /// Bytes between frames that belong to none.
    rubbish_bytes,
}

pub(crate) fn count(tally: &AtomicU64, by: u64) {
    tally.fetch_add(by, Ordering::Relaxed);
}
