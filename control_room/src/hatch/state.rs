//! How the hatch stands after so many entries of the book: a part of the index's state, so that it is committed with them.
//!
//! Always: a function of the entries alone. Never: a clock compared.

use crate::Intent;
use basics::{EntryNumber, FeedName, Moment};
use serde::{Deserialize, Serialize};

/// Decisions about the hatch that are shown, the newest.
const DEEDS_MAX: usize = 50;

/// Somebody closed the hatch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// The entry: messages with a larger number came after it. 0 while it could not be recorded.
    pub entry: EntryNumber,
    /// When.
    pub at: Moment,
    /// Initials or name.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What was decided about the hatch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum HatchWhat {
    /// Feeds were closed.
    Closed,
    /// Feeds were opened.
    Opened,
    /// Messages were admitted.
    Admitted,
    /// Messages were turned away.
    TurnedAway,
}

/// A decision about the hatch, for people to read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HatchDeed {
    /// The entry that keeps it.
    pub entry: EntryNumber,
    /// When.
    pub at: Moment,
    /// Initials or name.
    pub by: String,
    /// What.
    pub what: HatchWhat,
    /// The feeds; none named: all.
    pub feeds: Vec<FeedName>,
    /// How many messages were admitted or turned away.
    pub messages: u64,
    /// Why.
    pub reason: String,
}

/// An admission under way: it goes on where it stopped, whenever the program is killed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Admitting {
    /// The entry of the decision.
    pub entry: EntryNumber,
    /// The feed.
    pub feed: FeedName,
    /// The last message applied.
    pub after: EntryNumber,
    /// Messages applied.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// What waits of one feed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Apart {
    /// The feed.
    pub feed: FeedName,
    /// Messages that wait.
    pub waiting: u64,
    /// When the first of them was received.
    pub first: Option<Moment>,
    /// The last of them, and when it was received.
    pub last: Option<(EntryNumber, Moment)>,
    /// Messages turned away.
    pub turned_away: u64,
}

/// What still waits of a feed: how many, when the first was received, the last and when it was.
pub type Left = (u64, Option<Moment>, Option<(EntryNumber, Moment)>);

/// How the hatch stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct HatchState {
    /// Closed for every feed that is not named below.
    pub all: Option<Closing>,
    /// Feeds that stand otherwise than `all`, by name: closed, or (`None`) open.
    feeds: Vec<(FeedName, Option<Closing>)>,
    /// What waits, by feed.
    apart: Vec<Apart>,
    /// The admission under way.
    pub admitting: Option<Admitting>,
    /// What was decided, the oldest first.
    pub deeds: Vec<HatchDeed>,
}

impl HatchState {
    /// Who closed the hatch for a feed, when it is closed.
    pub fn closing(&self, feed: &FeedName) -> Option<&Closing> {
        match self.feeds.iter().find(|(name, _)| name == feed) {
            Some((_, closing)) => closing.as_ref(),
            None => self.all.as_ref(),
        }
    }

    /// Whether a message of this feed that comes now is kept apart: the hatch is closed for it, or something of it waits.
    pub fn holds(&self, feed: &FeedName) -> bool {
        self.closing(feed).is_some() || self.apart(feed).is_some_and(|apart| apart.waiting > 0)
    }

    /// What waits of a feed.
    pub fn apart(&self, feed: &FeedName) -> Option<&Apart> {
        self.apart.iter().find(|apart| apart.feed == *feed)
    }

    /// Messages that wait, of all feeds.
    pub fn waiting(&self) -> u64 {
        self.apart.iter().map(|apart| apart.waiting).sum()
    }

    /// Every feed of which something is to be said, by name.
    pub fn named(&self) -> Vec<FeedName> {
        let mut names: Vec<FeedName> = self.apart.iter().map(|apart| apart.feed.clone()).collect();
        names
            .extend(self.feeds.iter().filter(|(_, closing)| closing.is_some()).map(|(name, _)| name.clone()));
        names.sort();
        names.dedup();
        names
    }

    /// Whether it is closed for any feed.
    pub fn any_closed(&self) -> bool {
        self.all.is_some() || self.feeds.iter().any(|(_, closing)| closing.is_some())
    }

    /// The oldest closing that is in force.
    pub fn oldest_closing(&self) -> Option<&Closing> {
        let named = self.feeds.iter().filter_map(|(_, closing)| closing.as_ref());
        self.all.iter().chain(named).min_by_key(|closing| closing.entry)
    }

    /// Whether it is closed for all of these (none named: for every feed there is or may come).
    pub fn closed_for_all_of(&self, feeds: &[FeedName]) -> bool {
        if feeds.is_empty() {
            return self.all.is_some() && self.feeds.iter().all(|(_, closing)| closing.is_some());
        }
        feeds.iter().all(|feed| self.closing(feed).is_some())
    }

    /// Whether it is open for all of these (none named: for every feed).
    pub fn open_for_all_of(&self, feeds: &[FeedName]) -> bool {
        if feeds.is_empty() {
            !self.any_closed()
        } else {
            feeds.iter().all(|feed| self.closing(feed).is_none())
        }
    }

    /// Takes a closing or an opening in; whatever else a decision is, it is not taken in here.
    pub fn decide(&mut self, entry: EntryNumber, at: Moment, by: &str, intent: &Intent) {
        match intent {
            Intent::CloseHatch { feeds, reason } => {
                let closing = Closing { entry, at, by: by.to_owned(), reason: reason.clone() };
                self.close(feeds, &closing);
                self.note(HatchDeed::of(&closing, HatchWhat::Closed, feeds, 0));
            }
            Intent::OpenHatch { feeds, reason } => {
                self.open(feeds);
                let opening = Closing { entry, at, by: by.to_owned(), reason: reason.clone() };
                self.note(HatchDeed::of(&opening, HatchWhat::Opened, feeds, 0));
            }
            _ => {}
        }
    }

    /// Feeds that are closed already keep who closed them first.
    pub fn close(&mut self, feeds: &[FeedName], closing: &Closing) {
        if feeds.is_empty() {
            self.all.get_or_insert_with(|| closing.clone());
            self.feeds.retain(|(_, own)| own.is_some());
            return;
        }
        for feed in feeds {
            if self.closing(feed).is_none() {
                self.set(feed, Some(closing.clone()));
            }
        }
    }

    fn open(&mut self, feeds: &[FeedName]) {
        if feeds.is_empty() {
            self.all = None;
            self.feeds.clear();
            return;
        }
        for feed in feeds {
            if self.all.is_some() {
                self.set(feed, None);
            } else {
                self.feeds.retain(|(name, _)| name != feed);
            }
        }
    }

    fn set(&mut self, feed: &FeedName, closing: Option<Closing>) {
        self.feeds.retain(|(name, _)| name != feed);
        self.feeds.push((feed.clone(), closing));
        self.feeds.sort_by(|(one, _), (other, _)| one.cmp(other));
    }

    /// Notes what was decided.
    pub fn note(&mut self, deed: HatchDeed) {
        self.deeds.push(deed);
        let surplus = self.deeds.len().saturating_sub(DEEDS_MAX);
        self.deeds.drain(..surplus);
    }

    /// One message more waits.
    pub fn keep(&mut self, feed: &FeedName, entry: EntryNumber, at: Moment) {
        let apart = self.apart_to_change(feed);
        apart.waiting += 1;
        apart.first.get_or_insert(at);
        apart.last = Some((entry, at));
    }

    /// Messages of a feed wait no longer; `left` says how many still do, when the first came, which is the last.
    pub fn let_go(&mut self, feed: &FeedName, left: Left, turned_away: u64) {
        let apart = self.apart_to_change(feed);
        (apart.waiting, apart.first, apart.last) = left;
        apart.turned_away += turned_away;
        self.apart.retain(|apart| apart.waiting > 0 || apart.turned_away > 0);
    }

    fn apart_to_change(&mut self, feed: &FeedName) -> &mut Apart {
        let at = match self.apart.binary_search_by(|apart| apart.feed.cmp(feed)) {
            Ok(at) => at,
            Err(at) => {
                let fresh = Apart { feed: feed.clone(), waiting: 0, first: None, last: None, turned_away: 0 };
                self.apart.insert(at, fresh);
                at
            }
        };
        // The row was found or put there just now.
        #[allow(clippy::indexing_slicing)]
        &mut self.apart[at]
    }
}

impl HatchDeed {
    /// A deed by whoever signed `what`.
    pub fn of(signed: &Closing, what: HatchWhat, feeds: &[FeedName], messages: u64) -> Self {
        let Closing { entry, at, by, reason } = signed.clone();
        Self { entry, at, by, what, feeds: feeds.to_vec(), messages, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(name: &str) -> FeedName {
        FeedName::new(name).unwrap()
    }

    fn at(entry: u64) -> (EntryNumber, Moment) {
        // Later entries bear earlier times: no clock may decide anything.
        (EntryNumber(entry), Moment::from_milliseconds(1_000_000 - entry as i64))
    }

    fn close(state: &mut HatchState, entry: u64, feeds: &[FeedName]) {
        let (number, moment) = at(entry);
        let intent = Intent::CloseHatch { feeds: feeds.to_vec(), reason: "odd results".to_owned() };
        state.decide(number, moment, "Anna Bell", &intent);
    }

    fn open(state: &mut HatchState, entry: u64, feeds: &[FeedName]) {
        let (number, moment) = at(entry);
        let intent = Intent::OpenHatch { feeds: feeds.to_vec(), reason: "looked through".to_owned() };
        state.decide(number, moment, "Anna Bell", &intent);
    }

    #[test]
    fn all_feeds_are_closed_in_one_action_also_those_not_heard_of() {
        let (pas, lab) = (feed("pas"), feed("pathology"));
        let mut state = HatchState::default();
        assert!(!state.holds(&pas) && state.open_for_all_of(&[]));
        close(&mut state, 5, std::slice::from_ref(&lab));
        close(&mut state, 7, &[]);
        assert!(state.holds(&pas) && state.holds(&feed("never-heard-of")) && state.closed_for_all_of(&[]));
        assert_eq!(state.closing(&lab).map(|c| c.entry.0), Some(5), "who closed it first");
        assert_eq!(state.oldest_closing().map(|c| c.entry.0), Some(5));
        open(&mut state, 9, std::slice::from_ref(&pas));
        assert!(!state.holds(&pas) && state.holds(&lab) && !state.closed_for_all_of(&[]));
        close(&mut state, 10, std::slice::from_ref(&pas));
        assert_eq!(state.closing(&pas).map(|c| c.entry.0), Some(10));
        open(&mut state, 11, &[]);
        assert!(!state.holds(&pas) && !state.holds(&lab) && !state.any_closed());
        assert_eq!(state.deeds.len(), 5);
    }

    #[test]
    fn a_feed_that_was_opened_is_held_until_nothing_of_it_waits() {
        let pas = feed("pas");
        let mut state = HatchState::default();
        close(&mut state, 1, &[]);
        state.keep(&pas, at(2).0, at(2).1);
        state.keep(&pas, at(3).0, at(3).1);
        open(&mut state, 4, &[]);
        assert!(state.holds(&pas) && !state.holds(&feed("pathology")));
        state.let_go(&pas, (1, Some(at(3).1), Some(at(3))), 0);
        assert!(state.holds(&pas));
        state.let_go(&pas, (0, None, None), 1);
        assert!(!state.holds(&pas));
        assert_eq!(state.apart(&pas).map(|a| a.turned_away), Some(1));
    }
}
