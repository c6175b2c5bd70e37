//! The feeds board: who sends, how much, how long ago, and who has fallen silent.
//!
//! What was applied is counted by the follower and survives in the index; connections, rates and refusals of the last
//! hour live here. Silence is measured in time that passed, not in the difference of two clock readings: when the
//! machine's clock is put back, the time already waited still counts, and a feed is not thought alive for 400 days.

use crate::index::Tally;
use crate::{FeedBoard, FeedSetup};
use basics::{EntryNumber, FeedName, Moment};
use care::ward_pack::SilentFeed;
use std::collections::{BTreeMap, VecDeque};

/// Minutes of history.
const MINUTES: usize = 60;
/// Feeds shown that nobody configured.
const FEEDS_MAX: usize = 200;

/// All feeds.
#[derive(Default)]
pub struct Feeds {
    feeds: BTreeMap<FeedName, Feed>,
    /// The clock's last reading.
    observed: Option<Moment>,
    /// The last entry that the tallies count.
    counted: EntryNumber,
}

struct Feed {
    tally: Tally,
    /// Kept, counted when the sender is answered; runs ahead of the tally by the queue.
    kept: u64,
    last_received: Option<Moment>,
    duplicates: u64,
    connections: u32,
    /// Minute since 1970, messages; in the order of arrival, bounded.
    minutes: VecDeque<(i64, u32)>,
    /// Milliseconds without a message; `None` when none ever came.
    quiet_ms: Option<i64>,
    /// When a message came since the clock was last read.
    heard: Option<Moment>,
    silent: bool,
}

impl Feed {
    fn new(name: FeedName) -> Self {
        Self {
            tally: Tally::new(name),
            kept: 0,
            last_received: None,
            duplicates: 0,
            connections: 0,
            minutes: VecDeque::new(),
            quiet_ms: None,
            heard: None,
            silent: true,
        }
    }
}

impl Feeds {
    fn feed(&mut self, name: &FeedName) -> Option<&mut Feed> {
        if self.feeds.len() >= FEEDS_MAX && !self.feeds.contains_key(name) {
            return None;
        }
        Some(self.feeds.entry(name.clone()).or_insert_with(|| Feed::new(name.clone())))
    }

    /// A configured feed is shown before its first message.
    pub fn expect(&mut self, name: &FeedName) {
        self.feed(name);
    }

    /// Whether the feed is configured, or a message ever came by it.
    pub fn knows(&self, name: &FeedName) -> bool {
        self.feeds.contains_key(name)
    }

    /// A message was kept just now, as that entry. The follower may have been quicker than this call: what its tally
    /// counts already is not counted again.
    pub fn kept(&mut self, name: &FeedName, at: Moment, entry: EntryNumber) {
        let counted = entry <= self.counted;
        let Some(feed) = self.feed(name) else { return };
        feed.kept += u64::from(!counted);
        feed.last_received = Some(at);
        feed.quiet_ms = Some(0);
        feed.heard = Some(at);
        let minute = at.milliseconds().div_euclid(60_000);
        match feed.minutes.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => feed.minutes.push_back((minute, 1)),
        }
        if feed.minutes.len() > MINUTES * 2 {
            feed.minutes.pop_front();
        }
    }

    /// A message came that was kept already: the sender is alive.
    pub fn duplicate(&mut self, name: &FeedName) {
        if let Some(feed) = self.feed(name) {
            feed.duplicates += 1;
            feed.quiet_ms = Some(0);
        }
    }

    /// How many connections a feed has now.
    pub fn connections(&mut self, name: &FeedName, connections: u32) {
        if let Some(feed) = self.feed(name) {
            feed.connections = connections;
        }
    }

    /// What the index says up to that entry; at opening (`now` given) it is also all that is known of the past.
    pub fn applied(&mut self, tallies: &[Tally], to: EntryNumber, opening_at: Option<Moment>) {
        self.counted = to;
        for tally in tallies {
            let Some(feed) = self.feed(&tally.feed) else { continue };
            feed.tally = tally.clone();
            feed.kept = feed.kept.max(tally.received + tally.kept_twice);
            if let (Some(now), Some(last), None) = (opening_at, tally.last_received, feed.last_received) {
                feed.last_received = Some(last);
                feed.quiet_ms = Some((now.milliseconds() - last.milliseconds()).max(0));
            }
        }
    }

    /// The index is empty again.
    pub fn forget_applied(&mut self) {
        for (name, feed) in &mut self.feeds {
            feed.tally = Tally::new(name.clone());
        }
    }

    /// Reads the clock; gives the feeds that fell silent or were heard again. Called every few seconds, so that a jump
    /// of the clock costs no more than that.
    pub fn tick(&mut self, now: Moment, setup: &dyn Fn(&FeedName) -> u32) -> Vec<FeedName> {
        let before = self.observed.replace(now).unwrap_or(now);
        let passed = (now.milliseconds() - before.milliseconds()).max(0);
        let mut flipped = Vec::new();
        for (name, feed) in &mut self.feeds {
            // Heard since the last look: only what passed after that counts, not a jump of the clock before it.
            match (feed.heard.take(), &mut feed.quiet_ms) {
                (Some(at), quiet) => *quiet = Some((now.milliseconds() - at.milliseconds()).clamp(0, passed)),
                (None, Some(quiet)) => *quiet = quiet.saturating_add(passed),
                (None, None) => {}
            }
            let silent = feed.quiet_ms.is_none_or(|q| q > i64::from(setup(name)) * 1000);
            if silent != feed.silent {
                flipped.push(name.clone());
            }
            feed.silent = silent;
        }
        flipped
    }

    /// The board.
    pub fn board(&self, now: Moment, setup: &dyn Fn(&FeedName) -> FeedSetup) -> Vec<FeedBoard> {
        let this_minute = now.milliseconds().div_euclid(60_000);
        let one = |(name, feed): (&FeedName, &Feed)| {
            let rules = setup(name);
            let in_minute = |back: i64| {
                feed.minutes.iter().filter(|(m, _)| *m == this_minute - back).map(|(_, count)| count).sum()
            };
            let tally = &feed.tally;
            FeedBoard {
                name: name.clone(),
                site: rules.site,
                last_received: feed.last_received,
                last_source_time: tally.last_source_time,
                received: feed.kept,
                understood: tally.understood,
                in_tray: tally.in_tray,
                cleared: tally.cleared,
                duplicates: feed.duplicates + tally.kept_twice,
                same_id_other_bytes: tally.same_id_other_bytes,
                rate_per_minute: (0..MINUTES as i64).rev().map(in_minute).collect(),
                queue: feed.kept.saturating_sub(tally.received + tally.kept_twice),
                silent: feed.silent,
                silent_after_seconds: rules.silent_after_seconds,
                authenticated: rules.authenticated,
                connections: feed.connections,
                held: false,
                kept_apart: tally.kept_apart,
                turned_away: tally.turned_away,
                last_shown: tally.last_shown,
            }
        };
        self.feeds.iter().map(one).collect()
    }

    /// When the newest message that pages show of any feed that `counts` was received; of a feed that is `held` at the
    /// hatch, only what was let in.
    pub fn shown_as_at(
        &self,
        counts: &dyn Fn(&FeedName) -> bool,
        held: &dyn Fn(&FeedName) -> bool,
    ) -> Option<Moment> {
        let newest = |(name, feed): (&FeedName, &Feed)| {
            if held(name) { feed.tally.last_shown } else { feed.last_received }
        };
        self.feeds.iter().filter(|(name, _)| counts(name)).filter_map(newest).max()
    }

    /// Those that `counts`, which are held at the hatch, by name, with when the last message was shown.
    pub fn kept_apart(&self, counts: &dyn Fn(&FeedName) -> bool) -> Vec<SilentFeed> {
        let held = self.feeds.iter().filter(|(name, _)| counts(name));
        held.map(|(name, feed)| SilentFeed { name: name.clone(), since: feed.tally.last_shown }).collect()
    }

    /// Every feed known, by name.
    pub fn names(&self) -> Vec<FeedName> {
        self.feeds.keys().cloned().collect()
    }

    /// Those that `counts` of which nothing comes any more, by name.
    pub fn silent(&self, counts: &dyn Fn(&FeedName) -> bool) -> Vec<SilentFeed> {
        let silent = self.feeds.iter().filter(|(name, feed)| feed.silent && counts(name));
        silent.map(|(name, feed)| SilentFeed { name: name.clone(), since: feed.last_received }).collect()
    }

    /// Duplicates answered at the door since this room was opened.
    pub fn duplicates(&self) -> u64 {
        self.feeds.values().map(|f| f.duplicates).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(feeds: &Feeds, feed: &FeedName) -> (u64, u64) {
        let one = feeds.feeds.get(feed).unwrap();
        (one.kept, one.kept.saturating_sub(one.tally.received))
    }

    #[test]
    fn a_follower_quicker_than_the_answer_leaves_no_message_waiting_for_ever() {
        let (feed, at) = (FeedName::new("pas").unwrap(), Moment::from_milliseconds(0));
        let mut feeds = Feeds::default();
        let mut tally = Tally::new(feed.clone());
        feeds.kept(&feed, at, EntryNumber(1));
        assert_eq!(board(&feeds, &feed), (1, 1), "kept, not yet shown");
        tally.received = 2;
        feeds.applied(&[tally.clone()], EntryNumber(2), None);
        feeds.kept(&feed, at, EntryNumber(2));
        assert_eq!(board(&feeds, &feed), (2, 0), "the second was applied before its sender was answered");
        feeds.kept(&feed, at, EntryNumber(3));
        assert_eq!(board(&feeds, &feed), (3, 1));
        tally.received = 3;
        feeds.applied(&[tally], EntryNumber(3), None);
        assert_eq!(board(&feeds, &feed), (3, 0));
    }
}
