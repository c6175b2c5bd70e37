//! What people see of the hatch: who closed it, what waits, and every message that was kept apart.

use crate::hatch::{ApartItem, Closing, HatchDeed, TURNED_AWAY_AT_ONCE_MAX};
use crate::{ControlRoom, Fault, Intent, Refusal, Refused};
use basics::{EntryNumber, FeedName, Moment};
use std::collections::BTreeMap;

/// A closing that is in force in memory alone, because the record does not take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotRecorded {
    /// Who, when and why.
    pub closing: Closing,
    /// The feeds; none named: all.
    pub feeds: Vec<FeedName>,
    /// Why it could not be recorded; for the log, not for people.
    pub why: String,
}

/// One feed at the hatch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedHatch {
    /// Its name.
    pub feed: FeedName,
    /// Who closed the hatch for it; `None` when it is open, or open again and something of it still waits.
    pub closing: Option<Closing>,
    /// Messages that wait.
    pub waiting: u64,
    /// When the first of them was received.
    pub first: Option<Moment>,
    /// When the last of them was received.
    pub last: Option<Moment>,
    /// The entry of the last of them.
    pub last_entry: Option<EntryNumber>,
    /// Messages turned away for good.
    pub turned_away: u64,
    /// Messages admitted of so many, while an admission runs.
    pub admitting: Option<(u64, u64)>,
    /// What comes now is kept apart.
    pub held: bool,
}

/// The hatch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HatchBoard {
    /// It is closed for at least one feed: who closed it first, when and why.
    pub closed: Option<Closing>,
    /// It is closed for every feed, also those not heard of yet, unless they were opened one by one.
    pub all: bool,
    /// Known feeds that are closed, of which something waits, or of which something was turned away; by name.
    pub feeds: Vec<FeedHatch>,
    /// Messages that wait, of all feeds.
    pub waiting: u64,
    /// When the first of them was received.
    pub first: Option<Moment>,
    /// When the last of them was received.
    pub last: Option<Moment>,
    /// A closing that could not be recorded.
    pub not_recorded: Option<NotRecorded>,
    /// What was decided, the newest first.
    pub deeds: Vec<HatchDeed>,
}

impl HatchBoard {
    /// Whether nothing is closed and nothing waits.
    pub fn idle(&self) -> bool {
        self.closed.is_none() && self.waiting == 0 && self.not_recorded.is_none()
    }

    /// One feed, when there is something to say of it.
    pub fn feed(&self, feed: &FeedName) -> Option<&FeedHatch> {
        self.feeds.iter().find(|one| one.feed == *feed)
    }
}

/// Which messages to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApartFilter {
    /// Only this feed's.
    pub feed: Option<FeedName>,
    /// Those turned away instead of those that wait.
    pub turned_away: bool,
    /// Only entries after this one: for paging.
    pub after: Option<EntryNumber>,
    /// At most so many, oldest first; 0 means `ApartFilter::ITEMS_MAX`.
    pub limit: usize,
}

impl ApartFilter {
    /// Most messages listed at once.
    pub const ITEMS_MAX: usize = 10_000;
}

/// Messages that were kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApartList {
    /// Those asked for, oldest first.
    pub items: Vec<ApartItem>,
    /// How many there are of each kind of message, whatever the page: "ADT^A01", 17; the most first.
    pub kinds: Vec<(String, u64)>,
    /// How many there are in all, whatever the page.
    pub total: u64,
}

impl ControlRoom {
    /// How the hatch stands. A closing counts from the moment it was pressed, whether or not the index has come there.
    pub fn hatch(&self) -> HatchBoard {
        let shared = &self.0.shared;
        let state = shared.hatch_state();
        let not_recorded = shared.not_recorded();
        let mut names = state.named();
        let everything = state.all.is_some() || not_recorded.as_ref().is_some_and(|n| n.feeds.is_empty());
        if everything {
            names.extend(shared.feeds().names());
        }
        names.extend(not_recorded.iter().flat_map(|n| n.feeds.iter().cloned()));
        names.sort();
        names.dedup();
        let one = |feed: FeedName| {
            let pressed = not_recorded.as_ref().filter(|n| n.feeds.is_empty() || n.feeds.contains(&feed));
            let closing = state.closing(&feed).or(pressed.map(|n| &n.closing)).cloned();
            let apart = state.apart(&feed);
            FeedHatch {
                held: closing.is_some() || state.holds(&feed),
                closing,
                waiting: apart.map_or(0, |a| a.waiting),
                first: apart.and_then(|a| a.first),
                last: apart.and_then(|a| a.last).map(|(_, at)| at),
                last_entry: apart.and_then(|a| a.last).map(|(entry, _)| entry),
                turned_away: apart.map_or(0, |a| a.turned_away),
                admitting: state.admitting.as_ref().filter(|a| a.feed == feed).map(|a| (a.done, a.total)),
                feed,
            }
        };
        let feeds: Vec<FeedHatch> = names.into_iter().map(one).filter(FeedHatch::worth_a_line).collect();
        HatchBoard {
            closed: state.oldest_closing().or(not_recorded.as_ref().map(|n| &n.closing)).cloned(),
            all: everything,
            waiting: state.waiting(),
            first: feeds.iter().filter_map(|f| f.first).min(),
            last: feeds.iter().filter_map(|f| f.last).max(),
            feeds,
            not_recorded,
            deeds: state.deeds.iter().rev().cloned().collect(),
        }
    }

    /// Messages that were kept apart: those that wait, or those that were turned away.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn kept_apart(&self, filter: &ApartFilter) -> Result<ApartList, Fault> {
        let limit =
            if filter.limit == 0 { ApartFilter::ITEMS_MAX } else { filter.limit.min(ApartFilter::ITEMS_MAX) };
        let after = filter.after.unwrap_or_default();
        self.ask(|shared| {
            let mut list = ApartList::default();
            let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
            shared.pool.reader()?.apart(EntryNumber(0), &mut |item| {
                let wanted = filter.feed.as_ref().is_none_or(|f| *f == item.feed)
                    && item.turned_away.is_some() == filter.turned_away;
                if wanted {
                    list.total += 1;
                    *kinds.entry(item.message_type.clone()).or_default() += 1;
                    if item.entry > after && list.items.len() < limit {
                        list.items.push(item);
                    }
                }
                true
            })?;
            list.kinds = kinds.into_iter().collect();
            list.kinds.sort_by(|(_, one), (_, other)| other.cmp(one));
            Ok(list)
        })
    }

    /// How many messages of a feed wait up to and with an entry.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn count_apart(&self, feed: &FeedName, up_to: EntryNumber) -> Result<u64, Fault> {
        self.ask(|shared| {
            let mut count = 0;
            shared.pool.reader()?.apart(EntryNumber(0), &mut |item| {
                let there = item.entry <= up_to;
                count += u64::from(there && item.feed == *feed && item.turned_away.is_none());
                there
            })?;
            Ok(count)
        })
    }

    /// One message that was kept apart, whether it waits or was turned away; `None` when it was admitted or never was.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn apart_item(&self, entry: EntryNumber) -> Result<Option<ApartItem>, Fault> {
        self.ask(|shared| {
            let mut found = None;
            shared.pool.reader()?.apart(EntryNumber(entry.0.saturating_sub(1)), &mut |item| {
                found = Some(item).filter(|item| item.entry == entry);
                false
            })?;
            Ok(found)
        })
    }
}

impl ControlRoom {
    /// Whether a decision about the hatch can be.
    pub(crate) fn check_at_hatch(&self, intent: &Intent) -> Result<(), Refused> {
        match intent {
            Intent::CloseHatch { feeds, reason } | Intent::OpenHatch { feeds, reason } => {
                self.check_feeds_of_hatch(feeds, reason)
            }
            Intent::AdmitKept { feed, up_to, reason } => self.check_admission(feed, *up_to, reason),
            Intent::TurnAway { entries, reason } => self.check_turning_away(entries, reason),
            _ => Ok(()),
        }
    }

    fn check_feeds_of_hatch(&self, feeds: &[FeedName], reason: &str) -> Result<(), Refused> {
        given(reason)?;
        let known = self.0.shared.feeds().names();
        match feeds.iter().find(|feed| !known.contains(feed)) {
            Some(strange) => Err(Refusal::NoSuchFeed(strange.clone()).into()),
            None => Ok(()),
        }
    }

    fn check_admission(
        &self,
        feed: &FeedName,
        up_to: Option<EntryNumber>,
        reason: &str,
    ) -> Result<(), Refused> {
        given(reason)?;
        self.no_admission_runs()?;
        if let Some(entry) = up_to {
            self.waits(entry)?;
        }
        // The index may not have come to what was kept a moment ago; then nothing is admitted, and nothing is lost.
        match self.hatch().feed(feed) {
            Some(apart) if apart.waiting > 0 => Ok(()),
            _ => Err(Refusal::NothingKeptApart(feed.clone()).into()),
        }
    }

    fn check_turning_away(&self, entries: &[EntryNumber], reason: &str) -> Result<(), Refused> {
        given(reason)?;
        self.no_admission_runs()?;
        if entries.is_empty() {
            return Err(Refusal::NoneChosen.into());
        }
        if entries.len() > TURNED_AWAY_AT_ONCE_MAX {
            return Err(Refusal::TooManyAtOnce(TURNED_AWAY_AT_ONCE_MAX).into());
        }
        entries.iter().try_for_each(|entry| self.waits(*entry))
    }

    fn no_admission_runs(&self) -> Result<(), Refused> {
        let runs = self.0.shared.memory().state.hatch.admitting.is_some();
        if runs { Err(Refusal::AdmissionRuns.into()) } else { Ok(()) }
    }

    fn waits(&self, entry: EntryNumber) -> Result<(), Refused> {
        match self.apart_item(entry)? {
            Some(item) if item.turned_away.is_none() => Ok(()),
            _ => Err(Refusal::NotKeptApart(entry).into()),
        }
    }

    /// After a decision to turn messages away took effect: somebody else may have been quicker and admitted them.
    pub(crate) fn were_turned_away(&self, entries: &[EntryNumber]) -> Result<(), Refused> {
        for entry in entries {
            if self.apart_item(*entry)?.is_none_or(|item| item.turned_away.is_none()) {
                return Err(Refusal::NotKeptApart(*entry).into());
            }
        }
        Ok(())
    }
}

fn given(reason: &str) -> Result<(), Refused> {
    if reason.trim().is_empty() { Err(Refusal::HatchReasonMissing.into()) } else { Ok(()) }
}

impl FeedHatch {
    fn worth_a_line(&self) -> bool {
        self.held || self.turned_away > 0
    }
}
