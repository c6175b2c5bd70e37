//! Messages at the hatch while entries are applied: kept apart when they come, admitted in the feed's order, or turned
//! away. Never: applied while something older of the same feed waits.

use super::{Applier, Message};
use crate::Fault;
use crate::hatch::{Admitting, ApartItem, Closing, HatchDeed, HatchWhat, Left, TurnedAway};
use crate::index::Planted;
use basics::{EntryNumber, FeedName, Moment};

/// A person admits what was kept apart of a feed.
pub struct Admission {
    /// The decision's entry.
    pub entry: EntryNumber,
    /// When.
    pub at: Moment,
    /// Initials or name.
    pub by: String,
    /// The feed.
    pub feed: FeedName,
    /// Up to this entry; `None`: everything before the decision.
    pub up_to: Option<EntryNumber>,
    /// Why.
    pub reason: String,
}

impl Applier<'_> {
    /// Keeps a message apart: nothing of it is filed, not even the places it names.
    pub(super) fn keep_apart(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        let Message { number, at, feed, bytes, .. } = *message;
        let message_type = self.shared.translate(feed, bytes, number, at).message_type;
        let item = ApartItem {
            entry: number,
            feed: feed.clone(),
            received: at,
            message_type,
            bytes: bytes.len() as u64,
            turned_away: None,
        };
        self.writer.set_apart(number, Some(&item))?;
        self.writer.state.hatch.keep(feed, number, at);
        self.tally(feed).kept_apart += 1;
        Ok(())
    }

    /// Applies at most `messages_max` messages that were kept apart; gives whether the admission is done. Until it is, the
    /// index stands before the decision's entry, so whatever came after it waits.
    pub fn admit(&mut self, admission: &Admission, messages_max: usize) -> Result<bool, Fault> {
        let Admission { entry, feed, .. } = admission;
        let up_to = admission.up_to.unwrap_or(*entry).min(*entry);
        let begun = self.writer.state.hatch.admitting.clone().filter(|begun| begun.entry == *entry);
        let after = begun.as_ref().map_or(EntryNumber(0), |begun| begun.after);
        let mut due = self.writer.waiting_apart(feed, after, up_to)?;
        if self.shared.place.planted == Some(Planted::AdmitsBackwards) {
            due.reverse();
        }
        let mut admitting = begun.unwrap_or_else(|| Admitting {
            entry: *entry,
            feed: feed.clone(),
            after,
            done: 0,
            total: due.len() as u64,
        });
        for (number, _) in due.iter().take(messages_max) {
            let kept = self.shared.entry(*number)?;
            let kept = kept.ok_or_else(|| Fault::damaged("a message kept apart is not in the book"))?;
            self.writer.set_apart(*number, None)?;
            let tally = self.tally(feed);
            tally.kept_apart = tally.kept_apart.saturating_sub(1);
            self.understand(*number, kept.at, feed, &kept.bytes)?;
            admitting.after = *number;
            admitting.done += 1;
        }
        let left = self.left_of(feed)?;
        self.writer.state.hatch.let_go(feed, left, 0);
        if due.len() > messages_max {
            self.writer.state.hatch.admitting = Some(admitting);
            return Ok(false);
        }
        self.writer.state.hatch.admitting = None;
        if admitting.done > 0 {
            let signed = Closing {
                entry: *entry,
                at: admission.at,
                by: admission.by.clone(),
                reason: admission.reason.clone(),
            };
            let feeds = std::slice::from_ref(feed);
            self.writer.state.hatch.note(HatchDeed::of(&signed, HatchWhat::Admitted, feeds, admitting.done));
        }
        self.batch.mode = true;
        self.note_let_in(feed);
        self.writer.state.applied = *entry;
        self.writer.state.applied_at = admission.at;
        Ok(true)
    }

    /// Messages turned away stay where they are, marked, and are never applied. What does not wait is left alone.
    pub(super) fn turn_away(&mut self, signed: &Closing, entries: &[EntryNumber]) -> Result<(), Fault> {
        let mut feeds: Vec<(FeedName, u64)> = Vec::new();
        for entry in entries {
            let Some(item) = self.writer.apart(*entry)?.filter(|item| item.turned_away.is_none()) else {
                continue;
            };
            let by = TurnedAway { by: signed.by.clone(), at: signed.at, reason: signed.reason.clone() };
            let feed = item.feed.clone();
            self.writer.set_apart(*entry, Some(&ApartItem { turned_away: Some(by), ..item }))?;
            let tally = self.tally(&feed);
            tally.kept_apart = tally.kept_apart.saturating_sub(1);
            tally.turned_away += 1;
            match feeds.iter_mut().find(|(known, _)| *known == feed) {
                Some((_, count)) => *count += 1,
                None => feeds.push((feed, 1)),
            }
        }
        let messages = feeds.iter().map(|(_, count)| count).sum();
        for (feed, count) in &feeds {
            let left = self.left_of(feed)?;
            self.writer.state.hatch.let_go(feed, left, *count);
            self.note_let_in(feed);
        }
        let names: Vec<FeedName> = feeds.into_iter().map(|(feed, _)| feed).collect();
        if !names.is_empty() {
            self.writer.state.hatch.note(HatchDeed::of(signed, HatchWhat::TurnedAway, &names, messages));
        }
        self.batch.mode = true;
        Ok(())
    }

    /// Sheets that name the feed as kept apart are printed again once it flows.
    fn note_let_in(&mut self, feed: &FeedName) {
        if !self.writer.state.hatch.holds(feed) {
            self.batch.let_in.push(feed.clone());
        }
    }

    /// What still waits of a feed.
    fn left_of(&self, feed: &FeedName) -> Result<Left, Fault> {
        let left = self.writer.waiting_apart(feed, EntryNumber(0), EntryNumber(i64::MAX as u64))?;
        Ok((left.len() as u64, left.first().map(|(_, at)| *at), left.last().copied()))
    }
}
