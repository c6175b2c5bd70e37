//! One feed in a list, on the home page and on the feeds page.

use crate::desk::Look;
use crate::names::{encoded, thousands};
use crate::parts::{Level, Mark, RatePlot, Stamp};
use control_room::FeedBoard;

/// One feed as shown.
pub struct FeedRow {
    /// Its name.
    pub name: String,
    /// The hospital, or "All sites".
    pub site: String,
    /// Silent, getting old or live: shape, colour, word.
    pub mark: Mark,
    /// The style sheet's name for the mark.
    pub class: &'static str,
    /// When its last message was received.
    pub last: Stamp,
    /// The time that the last message itself carries.
    pub source: Stamp,
    /// By how much that is later than the message came, and what to do about it.
    pub clock: Option<String>,
    /// Messages a minute.
    pub plot: RatePlot,
    /// "12 in the last 60 minutes".
    pub rate: String,
    /// Kept.
    pub received: String,
    /// Understood.
    pub understood: String,
    /// In the tray.
    pub in_tray: u64,
    /// Cleared.
    pub cleared: String,
    /// Duplicates.
    pub duplicates: String,
    /// The same id came again with other bytes.
    pub same_id_other_bytes: String,
    /// Kept, not yet shown.
    pub queue: String,
    /// Connections open.
    pub connections: u32,
    /// The sender proves who it is.
    pub authenticated: bool,
    /// "15 minutes".
    pub silent_after: String,
    /// The tray, this feed's part.
    pub tray_address: String,
    /// "312 kept apart at the hatch"; `None` while it is let in and nothing waits.
    pub apart: Option<String>,
    /// How new what pages show of it is, while it is kept apart.
    pub shown: Stamp,
    /// The hatch, this feed's part.
    pub hatch_address: String,
}

impl FeedRow {
    /// As the board has it.
    pub fn new(look: &Look<'_>, feed: &FeedBoard) -> Self {
        let last = look.stamp_maybe(feed.last_received).judged(look.feed_limits(feed));
        let mark = if feed.held && !feed.silent {
            Mark::new(Level::Amber, "Kept apart")
        } else if feed.silent {
            let word = if feed.last_received.is_some() { "Silent" } else { "Silent, nothing received yet" };
            Mark::new(Level::Red, word)
        } else {
            match last.level() {
                Level::Red => Mark::new(Level::Red, "Nothing new for long"),
                Level::Amber => Mark::new(Level::Amber, "Slow"),
                _ => Mark::new(Level::Good, "Live"),
            }
        };
        Self {
            name: feed.name.to_string(),
            site: feed.site.as_ref().map_or("All sites".to_owned(), ToString::to_string),
            class: mark.level().class(),
            mark,
            last,
            source: look.stamp_maybe(feed.last_source_time),
            clock: feed.clock_ahead_minutes().map(|minutes| {
                format!(
                    "Its clock is {} ahead, so its news counts from when it came. Ask whoever runs it to set it.",
                    ahead(minutes)
                )
            }),
            rate: last_hour(&feed.rate_per_minute),
            plot: RatePlot::new(&feed.rate_per_minute),
            received: thousands(feed.received),
            understood: thousands(feed.understood),
            in_tray: feed.in_tray,
            cleared: thousands(feed.cleared),
            duplicates: thousands(feed.duplicates),
            same_id_other_bytes: thousands(feed.same_id_other_bytes),
            queue: thousands(feed.queue),
            connections: feed.connections,
            authenticated: feed.authenticated,
            silent_after: minutes(feed.silent_after_seconds),
            apart: feed.held.then(|| format!("{} kept apart at the hatch", thousands(feed.kept_apart))),
            shown: look.stamp_maybe(feed.last_shown),
            hatch_address: crate::hatch::feed_address(&feed.name),
            tray_address: format!("/tray?feed={}", encoded(feed.name.as_str())),
        }
    }
}

/// "18 in the last 60 minutes": the minute now running has only begun, so its own count would mislead.
fn last_hour(per_minute: &[u32]) -> String {
    let shown = per_minute.get(per_minute.len().saturating_sub(60)..).unwrap_or(per_minute);
    format!("{} in the last 60 minutes", thousands(shown.iter().map(|n| u64::from(*n)).sum()))
}

fn ahead(minutes: i64) -> String {
    if minutes < 180 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) }
}

fn minutes(seconds: u32) -> String {
    if seconds < 120 { format!("{seconds} seconds") } else { format!("{} minutes", seconds / 60) }
}
