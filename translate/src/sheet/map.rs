//! What each column of a list holds, as a person confirms it once: proposed from the headings with three samples each,
//! edited, kept, and from then on used for every list under the same headings in place of what would be recognised.
//!
//! Always: one column for one thing; a map without a booking's number, its time, a patient and a clinic is refused. Never:
//! a map used for a list with other headings, or with the same ones in another order. Kept by `control_room` (the decision
//! `ConfirmColumns` of `docs/formats/feed_book.md`); proved by `tests/sheet_columns.rs`.

use super::columns::{Column, Headings, Mapping, folded};
use super::{LIMITS, mapping};
use crate::FeedRules;
use basics::csv::{self, TableFault};
use serde::{Deserialize, Serialize};

/// What the columns of one sort of list hold, in the list's order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ColumnMap {
    /// The columns.
    pub columns: Vec<MappedColumn>,
}

/// One column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Its heading, as the list writes it.
    pub heading: String,
    /// What it holds; `None`: it is not used.
    pub holds: Option<Column>,
}

/// A map that cannot be used; a sentence for the person who made it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ColumnFault {
    /// Something that a list of bookings needs has no column.
    #[error("no column is taken for {}; a list of bookings needs it", names(.0))]
    Missing(Vec<Column>),
    /// One thing in two columns.
    #[error("two columns are taken for {}; choose one", .0.name())]
    Twice(Column),
    /// More columns than a list may have.
    #[error("a list may have {0} columns")]
    TooMany(usize),
    /// A heading past its ceiling.
    #[error("a heading may have {0} bytes")]
    LongHeading(usize),
}

/// Columns by name, for a sentence.
pub(super) fn names(columns: &[Column]) -> String {
    columns.iter().map(|c| c.name()).collect::<Vec<_>>().join(", ")
}

impl ColumnMap {
    /// What would be recognised of a heading, as a proposal.
    pub fn proposed(heading: &[String], own: &Headings) -> Self {
        let mapping = Mapping::of(heading, own);
        let holds = |index: usize| mapping.holds(index);
        let column = |(index, heading): (usize, &String)| MappedColumn {
            heading: heading.clone(),
            holds: holds(index),
        };
        Self { columns: heading.iter().enumerate().map(column).collect() }
    }

    /// Says what the column at `index` holds; whichever held it before is then not used. False: there is no such column.
    pub fn hold(&mut self, index: usize, holds: Option<Column>) -> bool {
        if index >= self.columns.len() {
            return false;
        }
        for (at, column) in self.columns.iter_mut().enumerate() {
            if at == index {
                column.holds = holds;
            } else if column.holds == holds {
                column.holds = None;
            }
        }
        true
    }

    /// Whether it is the map of lists with this heading: the same words in the same order; capitals and signs do not count.
    pub fn fits(&self, heading: &[String]) -> bool {
        self.columns.len() == heading.len()
            && self.columns.iter().zip(heading).all(|(column, name)| folded(&column.heading) == folded(name))
    }

    /// Whether both are maps of the same lists.
    pub fn replaces(&self, other: &Self) -> bool {
        let heading: Vec<String> = other.columns.iter().map(|column| column.heading.clone()).collect();
        self.fits(&heading)
    }

    /// What a list of bookings cannot do without and no column holds.
    pub fn missing(&self) -> Vec<Column> {
        Mapping::confirmed(self).missing()
    }

    /// Whether it can be used.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), ColumnFault> {
        if self.columns.len() > LIMITS.columns_max {
            return Err(ColumnFault::TooMany(LIMITS.columns_max));
        }
        if self.columns.iter().any(|column| column.heading.len() > HEADING_BYTES_MAX) {
            return Err(ColumnFault::LongHeading(HEADING_BYTES_MAX));
        }
        let mut held: Vec<Column> = self.columns.iter().filter_map(|column| column.holds).collect();
        held.sort_unstable();
        let twice = held.iter().zip(held.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((twice, _)) = twice {
            return Err(ColumnFault::Twice(*twice));
        }
        let missing = self.missing();
        if missing.is_empty() { Ok(()) } else { Err(ColumnFault::Missing(missing)) }
    }
}

/// Longest heading of a map, in bytes.
const HEADING_BYTES_MAX: usize = 400;

/// Sample values shown of a column.
pub const SAMPLES_MAX: usize = 3;
/// Longest sample, in bytes.
const SAMPLE_BYTES_MAX: usize = 60;
/// Rows looked at for samples.
const SAMPLE_ROWS_MAX: usize = 200;

/// What a person is asked to confirm about a list. The samples are patients' data, for the screen alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ColumnProposal {
    /// The confirmed map of these headings, else what is recognised.
    pub map: ColumnMap,
    /// Whether the map was confirmed before.
    pub confirmed: bool,
    /// For each column, its first values that differ.
    pub samples: Vec<Vec<String>>,
}

impl ColumnProposal {
    /// The proposal for a list, or for the heading with one row of it.
    ///
    /// # Errors
    /// It is no table.
    pub fn of(bytes: &[u8], rules: &FeedRules) -> Result<Self, TableFault> {
        let heading = csv::cuts(bytes, LIMITS)?.next().ok_or(TableFault::Empty)?.row()?.fields;
        let known = rules.column_maps.iter().find(|map| map.fits(&heading));
        let map = known.cloned().unwrap_or_else(|| ColumnMap::proposed(&heading, &rules.columns));
        let samples = vec![Vec::new(); heading.len()];
        let mut proposal = Self { map, confirmed: known.is_some(), samples };
        proposal.see(bytes);
        Ok(proposal)
    }

    /// Takes samples from another message under the same heading: rows are kept one by one. False: its heading is another.
    pub fn see(&mut self, bytes: &[u8]) -> bool {
        let Ok(mut cuts) = csv::cuts(bytes, LIMITS) else { return false };
        let heading = cuts.next().and_then(|cut| cut.row().ok());
        if !heading.is_some_and(|heading| self.map.fits(&heading.fields)) {
            return false;
        }
        for row in cuts.take(SAMPLE_ROWS_MAX).filter_map(|cut| cut.row().ok()) {
            for (samples, field) in self.samples.iter_mut().zip(&row.fields) {
                let value = basics::tidy(field, SAMPLE_BYTES_MAX);
                if samples.len() < SAMPLES_MAX && !value.is_empty() && !samples.contains(&value) {
                    samples.push(value);
                }
            }
        }
        true
    }
}

/// What is said of a list of which nobody has confirmed what its columns hold.
pub(super) fn unconfirmed(heading: &[String], rules: &FeedRules) -> String {
    format!(
        "It looks like a list, but no column is taken for: {}. Confirm what its columns hold, or name them in the feed's columns, and replay it.",
        names(&mapping(heading, rules).missing())
    )
}
