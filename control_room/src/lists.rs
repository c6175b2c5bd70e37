//! Lists of bookings that a person brings: what their columns hold, what would become of each row, and then the rows kept.
//!
//! Always: nothing is kept before it was looked at; each row is a message of its own under the list's heading, so that it is
//! told and found by itself; what the columns hold is confirmed once, as a decision in the record. Called by screens and the
//! command line; proved by `tests/lists.rs`.

use crate::{COLUMN_MAPS_MAX, ControlRoom, Fault, Refusal, Refused};
use basics::csv::{self, Found, TableFault};
use basics::{EntryNumber, FeedName, Moment};
use translate::{Checked, ColumnMap, ColumnProposal, FeedRules, Received, check_sheet};

/// The feed of lists that belong to no other.
pub const LISTS_FEED: &str = "bookings";

/// What came of a list that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ListReceipt {
    /// Rows.
    pub rows: usize,
    /// Of these kept before, byte for byte.
    pub duplicates: usize,
    /// Rows longer than any that could be read; these alone are not kept.
    pub too_long: usize,
}

/// Why a list was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ListRefused {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableFault),
    /// The record does not take it; what was kept until then counts as a duplicate when it is sent again.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ControlRoom {
    /// What the columns of a feed's lists hold, as was confirmed; each for lists with its headings.
    pub fn column_maps(&self, feed: &FeedName) -> Vec<ColumnMap> {
        self.0.shared.with_rules(feed, |rules| rules.column_maps.clone())
    }

    /// What a person is asked to confirm about a list of this feed, or about the heading with one row of it.
    ///
    /// # Errors
    /// It is no table; why, in a sentence.
    pub fn propose_columns(&self, feed: &FeedName, bytes: &[u8]) -> Result<ColumnProposal, String> {
        let proposed = |rules: &FeedRules| ColumnProposal::of(bytes, rules);
        self.0.shared.with_rules(feed, proposed).map_err(|fault| fault.to_string())
    }

    /// What would become of each row of a list if its columns held what `map` says; nothing is kept.
    ///
    /// # Errors
    /// It is no table.
    pub fn check_list(
        &self,
        feed: &FeedName,
        bytes: &[u8],
        map: &ColumnMap,
        at: Moment,
    ) -> Result<Checked, TableFault> {
        let mut rules = self.0.shared.with_rules(feed, FeedRules::clone);
        rules.column_maps = vec![map.clone()];
        let received = Received { entry: EntryNumber(0), received: at, feed: feed.clone() };
        check_sheet(bytes, &received, &rules)
    }

    /// Keeps every row of a list and waits until the index has them.
    ///
    /// # Errors
    /// It is no table, or the record does not take it.
    pub fn receive_list(
        &self,
        feed: &FeedName,
        bytes: &[u8],
        at: Moment,
    ) -> Result<ListReceipt, ListRefused> {
        let mut receipt = ListReceipt::default();
        let mut messages = Vec::new();
        for found in csv::rows(bytes)? {
            receipt.rows += 1;
            match found {
                Found::Row(row) => messages.push((row, at)),
                Found::TooLong(_) => receipt.too_long += 1,
            }
        }
        let receipts = self.receive_batch(feed, messages)?;
        receipt.duplicates = receipts.iter().filter(|r| r.duplicate).count();
        if let Some(last) = receipts.iter().map(|r| r.entry).max() {
            self.wait_for(last)?;
        }
        Ok(receipt)
    }

    /// A list may come by a feed that nobody configured, but not by one that nobody heard of: that is a slip of the pen.
    pub(crate) fn check_columns(&self, feed: &FeedName, map: &ColumnMap) -> Result<(), Refused> {
        if feed.as_str() != LISTS_FEED && !self.0.shared.feeds().knows(feed) {
            return Err(Refusal::NoSuchFeed(feed.clone()).into());
        }
        map.check().map_err(Refusal::Columns)?;
        let maps = self.column_maps(feed);
        if maps.len() >= COLUMN_MAPS_MAX && !maps.iter().any(|known| map.replaces(known)) {
            return Err(Refusal::TooManyColumnMaps(COLUMN_MAPS_MAX).into());
        }
        Ok(())
    }
}
