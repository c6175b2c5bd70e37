//! Sheets that somebody made in a spreadsheet: the table's own reader is `basics`', here is what imports say of a sheet.
//!
//! Called by imports (systems, directory); proved by their tests.

pub use basics::csv::{Limits, RefusedRow, Row, Table, TableFault, line, meant, read, text};

/// The file as a whole cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SheetFault {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableFault),
    /// It has no column of names.
    #[error("the first row must name the columns; “name” is missing. Known columns: {0}")]
    NoName(String),
}
