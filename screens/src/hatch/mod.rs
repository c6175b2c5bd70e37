//! The hatch: closing feeds in one action when an attack is suspected, and looking through what came afterwards.
//!
//! Always: closing is one press, because it can be undone; opening, admitting and turning away are asked once more, in
//! plain words; every page says that the hatch is closed and how much waits. Never: a message's content on these pages:
//! its kind, time and size alone, and a link to it word for word.
//! Called by the router and the frame of every page; proved by `tests/hatch.rs`.

pub mod feed;
pub mod page;
mod sure;

use crate::desk::Look;
use crate::names::thousands;
use basics::{FeedName, Moment};
use control_room::HatchBoard;

/// What every page says of the hatch: "Hatch closed since 14:02 by Anna Bell: 312 messages kept apart". `None` while it is
/// open and nothing waits.
pub fn standing(look: &Look<'_>, hatch: &HatchBoard) -> Option<String> {
    if hatch.idle() {
        return None;
    }
    let apart = format!("{} kept apart", messages(hatch.waiting));
    let Some(closed) = &hatch.closed else { return Some(format!("Hatch open again: {apart}")) };
    let which = if hatch.all { String::new() } else { format!(" for {}", names(&closed_feeds(hatch))) };
    let unrecorded = if hatch.not_recorded.is_some() { ", NOT RECORDED YET" } else { "" };
    Some(format!(
        "Hatch closed{which} since {} by {}{unrecorded}: {apart}",
        clock(look, closed.at),
        closed.by
    ))
}

/// The feeds for which the hatch is closed.
fn closed_feeds(hatch: &HatchBoard) -> Vec<FeedName> {
    hatch.feeds.iter().filter(|feed| feed.closing.is_some()).map(|feed| feed.feed.clone()).collect()
}

/// "pas", "pas and pathology", "5 feeds".
fn names(feeds: &[FeedName]) -> String {
    match feeds {
        [] => "all feeds".to_owned(),
        [one] => one.to_string(),
        [one, other] => format!("{one} and {other}"),
        more => format!("{} feeds", more.len()),
    }
}

/// "1 message", "1,312 messages".
fn messages(n: u64) -> String {
    if n == 1 { "1 message".to_owned() } else { format!("{} messages", thousands(n)) }
}

/// "14:02" today, "13-Jul-2026 14:02" on another day.
fn clock(look: &Look<'_>, at: Moment) -> String {
    let zone = look.zone();
    if zone.date(at) == zone.date(look.now) { zone.hour_minute(at) } else { zone.clinical(at) }
}

/// `/hatch/{feed}`
pub fn feed_address(feed: &FeedName) -> String {
    format!("/hatch/{}", crate::names::encoded(feed.as_str()))
}
