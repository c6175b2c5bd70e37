//! Where the hatch is closed: at once in memory, then in the record; and what is done while the record does not take it.
//!
//! From the press until the closing is sealed the index stands still. When it cannot be sealed (the disk full, the record
//! frozen) the index goes on standing still, nothing more is taken from the feeds concerned (the disk takes nothing
//! anyway; their senders are told to send again), and the closing is tried again every second. So whatever is in the book
//! before the closing's entry was there before it could be closed, and live and rebuild agree.

use crate::entries::{self, SignedIntent, intent_body};
use crate::hatch::{Closing, HatchState, NotRecorded};
use crate::room::{Shared, lock};
use crate::{Fault, Intent, Refusal, Refused};
use basics::{EntryNumber, FeedName, Moment};
use logbook::Sealed;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Between two looks while a closing is on its way to the disk.
const ON_ITS_WAY: Duration = Duration::from_millis(5);
/// Between two tries to record a closing.
const AGAIN: Duration = Duration::from_secs(1);

/// Sealed decisions remembered until the index has them, and after, should it be made again; people make few.
const AHEAD_MAX: usize = 200;

/// What of the hatch is not in the index yet.
#[derive(Default)]
pub struct HatchDesk {
    /// One closing or opening after another.
    one: Mutex<()>,
    /// Pressed, not sealed.
    unrecorded: Mutex<Option<Unrecorded>>,
    /// The index stands still.
    pauses: AtomicBool,
    /// The record did not take the closing.
    failed: AtomicBool,
    /// Sealed, not yet applied.
    ahead: Mutex<Vec<(EntryNumber, Moment, SignedIntent)>>,
}

struct Unrecorded {
    signed: SignedIntent,
    at: Moment,
    why: Option<Fault>,
}

impl HatchDesk {
    /// Sealed decisions about the hatch that the index may not have applied yet are shown all the same.
    pub fn note_ahead(&self, entry: EntryNumber, at: Moment, signed: &SignedIntent) {
        if matches!(signed.intent, Intent::CloseHatch { .. } | Intent::OpenHatch { .. }) {
            let mut ahead = lock(&self.ahead);
            ahead.push((entry, at, signed.clone()));
            let surplus = ahead.len().saturating_sub(AHEAD_MAX);
            ahead.drain(..surplus);
        }
    }
}

impl Shared {
    /// Whether the index stands still because a closing is not sealed yet.
    pub fn hatch_pauses(&self) -> bool {
        self.hatch.pauses.load(Ordering::SeqCst)
    }

    /// Whether a closing is in force that the record did not take.
    pub fn closing_failed(&self) -> bool {
        self.hatch.failed.load(Ordering::SeqCst)
    }

    /// How long the follower rests before it looks again; `None` when it may go on.
    pub fn hatch_rest(&self) -> Option<Duration> {
        self.hatch_pauses().then(|| if self.closing_failed() { AGAIN } else { ON_ITS_WAY })
    }

    /// Why nothing is taken from a feed: it was closed, and that could not be recorded.
    pub fn refused_by_hatch(&self, feed: &FeedName) -> Option<Fault> {
        if !self.closing_failed() {
            return None;
        }
        let unrecorded = lock(&self.hatch.unrecorded);
        let pressed = unrecorded.as_ref()?;
        covers(&pressed.signed.intent, feed).then(|| pressed.why.clone()).flatten()
    }

    /// A closing that could not be recorded is tried again. `None`: there is none.
    pub fn record_closing(&self) -> Option<Result<Sealed, Fault>> {
        let one = lock(&self.hatch.one);
        self.record(&one)
    }

    fn record(&self, _one: &MutexGuard<'_, ()>) -> Option<Result<Sealed, Fault>> {
        let (signed, at) = lock(&self.hatch.unrecorded).as_ref().map(|u| (u.signed.clone(), u.at))?;
        let sealed = intent_body(&signed).and_then(|body| self.append(entries::INTENT, &body, at));
        match &sealed {
            Ok(sealed) => {
                self.hatch.note_ahead(sealed.number, at, &signed);
                self.forget_unrecorded();
            }
            Err(fault) => {
                if let Some(unrecorded) = &mut *lock(&self.hatch.unrecorded) {
                    unrecorded.why = Some(fault.clone());
                }
                self.hatch.failed.store(true, Ordering::SeqCst);
            }
        }
        self.wake();
        Some(sealed)
    }

    fn forget_unrecorded(&self) {
        *lock(&self.hatch.unrecorded) = None;
        self.hatch.failed.store(false, Ordering::SeqCst);
        self.hatch.pauses.store(false, Ordering::SeqCst);
    }

    /// Closes the hatch: in memory from this moment on, then in the record.
    ///
    /// # Errors
    /// `Refused::Refusal` when it is closed already. `Refused::Fault` when the record does not take it: it is closed all
    /// the same, in memory alone.
    pub fn close_hatch(&self, signed: SignedIntent, at: Moment) -> Result<Sealed, Refused> {
        let one = lock(&self.hatch.one);
        if let Some(Err(fault)) = self.record(&one) {
            // An older closing still waits: both are one now.
            if let Some(unrecorded) = &mut *lock(&self.hatch.unrecorded) {
                widen(&mut unrecorded.signed.intent, &signed.intent);
            }
            return Err(fault.into());
        }
        if let Intent::CloseHatch { feeds, .. } = &signed.intent
            && self.hatch_state().closed_for_all_of(feeds)
        {
            return Err(Refusal::HatchClosedAlready.into());
        }
        *lock(&self.hatch.unrecorded) = Some(Unrecorded { signed, at, why: None });
        self.hatch.pauses.store(true, Ordering::SeqCst);
        Ok(self.record(&one).unwrap_or(Err(Fault::Closed))?)
    }

    /// Opens the hatch for feeds. A closing that could never be recorded is forgotten.
    ///
    /// # Errors
    /// `Refused::Refusal` when it is open already, `Refused::Fault` when the record does not take it.
    pub fn open_hatch(&self, signed: SignedIntent, at: Moment) -> Result<Sealed, Refused> {
        let one = lock(&self.hatch.one);
        if let Some(Err(fault)) = self.record(&one) {
            self.forget_unrecorded();
            self.wake();
            return Err(fault.into());
        }
        if let Intent::OpenHatch { feeds, .. } = &signed.intent
            && self.hatch_state().open_for_all_of(feeds)
        {
            return Err(Refusal::HatchOpenAlready.into());
        }
        let sealed = self.append(entries::INTENT, &intent_body(&signed)?, at)?;
        self.hatch.note_ahead(sealed.number, at, &signed);
        self.wake();
        Ok(sealed)
    }

    /// Whether what comes now by a feed is kept apart.
    pub fn held_feeds(&self) -> impl Fn(&FeedName) -> bool + use<> {
        let state = self.hatch_state();
        let pressed = self.not_recorded().map(|pressed| pressed.feeds);
        move |feed| {
            state.holds(feed)
                || pressed.as_ref().is_some_and(|feeds| feeds.is_empty() || feeds.contains(feed))
        }
    }

    /// How the hatch stands by all that is sealed, also what the index has not applied yet.
    pub fn hatch_state(&self) -> HatchState {
        let ahead = lock(&self.hatch.ahead).clone();
        let memory = self.memory();
        let mut state = memory.state.hatch.clone();
        let applied = memory.state.applied;
        drop(memory);
        for (entry, at, signed) in ahead.iter().filter(|(entry, ..)| *entry > applied) {
            state.decide(*entry, *at, &signed.by, &signed.intent);
        }
        state
    }

    /// A closing that is in force in memory alone: the record did not take it, or has not yet.
    pub fn not_recorded(&self) -> Option<NotRecorded> {
        let unrecorded = lock(&self.hatch.unrecorded);
        let pressed = unrecorded.as_ref()?;
        let Intent::CloseHatch { feeds, reason } = &pressed.signed.intent else { return None };
        let closing = Closing {
            entry: EntryNumber(0),
            at: pressed.at,
            by: pressed.signed.by.clone(),
            reason: reason.clone(),
        };
        let why = pressed.why.as_ref().map(ToString::to_string).unwrap_or_default();
        Some(NotRecorded { closing, feeds: feeds.clone(), why })
    }
}

/// Whether a closing is for this feed.
fn covers(intent: &Intent, feed: &FeedName) -> bool {
    matches!(intent, Intent::CloseHatch { feeds, .. } if feeds.is_empty() || feeds.contains(feed))
}

/// A closing for the feeds of both.
fn widen(pressed: &mut Intent, by: &Intent) {
    if let (Intent::CloseHatch { feeds, .. }, Intent::CloseHatch { feeds: more, .. }) = (pressed, by) {
        if feeds.is_empty() || more.is_empty() {
            feeds.clear();
            return;
        }
        feeds.extend(more.iter().cloned());
        feeds.sort();
        feeds.dedup();
    }
}
