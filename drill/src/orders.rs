//! What the person running the exercise may do to the feeds, and what they see of them.
//!
//! Orders are states, not events: a sender that looks late still sees the last of them. Always per feed or for all.
//! Called by the demo's attack button and by drills; obeyed by `Sender`.

use basics::FeedName;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// How the feeds shall be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Orders {
    /// All feeds are silent.
    pub all_cut: bool,
    /// These are silent.
    pub cut: BTreeSet<FeedName>,
    /// On being cut, systems die with a few corrupted messages.
    pub last_words: bool,
    /// Lines stand but nothing is sent.
    pub paused: bool,
    /// For good.
    pub stopped: bool,
}

impl Orders {
    /// Whether this feed is silent by order.
    pub fn is_cut(&self, feed: &FeedName) -> bool {
        self.all_cut || self.cut.contains(feed)
    }
}

/// Which feeds an order is about.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Which {
    All,
    Feed(FeedName),
}

/// The hand on the switches.
#[derive(Clone, Debug)]
pub struct Controls(watch::Sender<Orders>);

impl Default for Controls {
    fn default() -> Self {
        Self::new()
    }
}

impl Controls {
    /// All feeds up.
    pub fn new() -> Self {
        Self(watch::Sender::new(Orders::default()))
    }

    /// The end that senders watch.
    pub fn orders(&self) -> watch::Receiver<Orders> {
        self.0.subscribe()
    }

    /// The attack: feeds fall silent; with `last_words`, after a burst of corrupted messages.
    pub fn cut(&self, which: &Which, last_words: bool) {
        self.0.send_modify(|orders| {
            orders.last_words = last_words;
            match which {
                Which::All => orders.all_cut = true,
                Which::Feed(feed) => {
                    orders.cut.insert(feed.clone());
                }
            }
        });
    }

    /// The systems are back; what was held up is sent at a throttled rate. `All` restores single feeds too.
    pub fn restore(&self, which: &Which) {
        self.0.send_modify(|orders| match which {
            Which::All => {
                orders.all_cut = false;
                orders.cut.clear();
            }
            Which::Feed(feed) => {
                orders.cut.remove(feed);
            }
        });
    }

    /// Holds everything, or lets it go again.
    pub fn pause(&self, paused: bool) {
        self.0.send_modify(|orders| orders.paused = paused);
    }

    /// Ends the sending for good.
    pub fn stop(&self) {
        self.0.send_modify(|orders| orders.stopped = true);
    }

    /// How the feeds are ordered to be now.
    pub fn now(&self) -> Orders {
        self.0.borrow().clone()
    }
}

/// What one feed has done so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct FeedProgress {
    pub acknowledged: u64,
    pub resent: u64,
    pub rejected: u64,
    /// Made but not yet taken up for sending.
    pub queued: usize,
    pub connected: bool,
    /// Why a message was sent again last.
    pub last_trouble: &'static str,
}

/// What all feeds have done so far; shared between the senders and whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    feeds: Mutex<BTreeMap<FeedName, FeedProgress>>,
    burst: Mutex<(u64, u64)>,
}

impl Progress {
    /// Each feed's figures, by name.
    pub fn feeds(&self) -> BTreeMap<FeedName, FeedProgress> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Messages acknowledged over all feeds.
    pub fn acknowledged_total(&self) -> u64 {
        self.feeds().values().map(|feed| feed.acknowledged).sum()
    }

    /// How much of the initial picture (everybody already in a bed) has been handed to the senders: done, total.
    pub fn burst(&self) -> (u64, u64) {
        *self.burst.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note_burst(&self, done: u64, total: u64) {
        *self.burst.lock().unwrap_or_else(PoisonError::into_inner) = (done, total);
    }

    pub(crate) fn acknowledged(&self, feed: &FeedName) {
        self.change(feed, |p| p.acknowledged += 1);
    }

    pub(crate) fn rejected(&self, feed: &FeedName) {
        self.change(feed, |p| p.rejected += 1);
    }

    pub(crate) fn resent(&self, feed: &FeedName, why: &'static str) {
        self.change(feed, |p| {
            p.resent += 1;
            p.last_trouble = why;
        });
    }

    pub(crate) fn queued(&self, feed: &FeedName, queued: usize) {
        self.change(feed, |p| p.queued = queued);
    }

    pub(crate) fn connected(&self, feed: &FeedName, connected: bool) {
        self.change(feed, |p| p.connected = connected);
    }

    fn change(&self, feed: &FeedName, how: impl FnOnce(&mut FeedProgress)) {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        how(feeds.entry(feed.clone()).or_default());
    }
}
