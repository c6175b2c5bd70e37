//! The alert at the top of divert pages: what changed and who has not acknowledged it, for eyes and, if wanted, ears.
//!
//! Always: seen without a script; the sound plays only after somebody at that screen switched it on, and says nothing
//! that the page does not show. Used by the board, the list and a site's page.

use super::Place;
use crate::desk::Look;
use crate::names::encoded;
use crate::parts::Stamp;
use incident::diverts::{Stage, Unacknowledged};

/// Changes shown at once.
const SHOWN_MAX: usize = 3;

/// The alert.
pub struct Alert {
    /// The newest entry that sites must hear of; the script compares it with the one it knew.
    pub newest: u64,
    /// Changes that somebody has not acknowledged, the newest first: those that are shown at once.
    pub changes: Vec<Changed>,
    /// Older ones, folded: so that the board stays on the first screen.
    pub older: Vec<Changed>,
    /// Requests that wait for an answer: address, words, since.
    pub requests: Vec<(String, String, Stamp)>,
}

/// A change that somebody has not acknowledged.
pub struct Changed {
    pub what: String,
    pub since: Stamp,
    /// Site, its page's address.
    pub sites: Vec<(String, String)>,
}

impl Alert {
    /// Everything on that ground.
    pub fn of(look: &Look<'_>, place: &Place, unacknowledged: &[Unacknowledged]) -> Self {
        let now = look.incident_now();
        let (newest, requests) = look.incidents(|book| {
            let there = book.diverts.on(place.ground);
            let waits = there.live(now).filter(|d| d.stage(now) == Stage::Requested);
            let requests = waits.map(|d| {
                let silent: Vec<&str> =
                    d.receivers.iter().filter(|r| r.answer.is_none()).map(|r| r.site.as_str()).collect();
                let waiting = if silent.is_empty() {
                    "waits to be authorised".to_owned()
                } else {
                    format!("waits for {}", silent.join(", "))
                };
                let words = format!("{}: {waiting}", crate::names::capital(&d.words()));
                (format!("/diverts/{}{}", d.number, place.query()), words, look.stamp(d.requested.at))
            });
            (there.alerted_at().0, requests.collect())
        });
        let changed = |c: &Unacknowledged| Changed {
            what: c.what.clone(),
            since: look.stamp(now.plus_seconds(-c.waiting_seconds)),
            sites: c
                .sites
                .iter()
                .map(|s| (s.to_string(), format!("/diverts/sites/{}{}", encoded(s.as_str()), place.query())))
                .collect(),
        };
        let mut changes: Vec<Changed> = unacknowledged.iter().rev().map(changed).collect();
        let older = changes.split_off(changes.len().min(SHOWN_MAX));
        Self { newest, changes, older, requests }
    }
}
