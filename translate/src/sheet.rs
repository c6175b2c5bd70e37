//! Lists of bookings from a spreadsheet (CSV): clinics' appointments and theatre cases, one a row.
//!
//! Always: a row is listed or refused with its line and the reason; rows = listed + refused. What a list says counts as of
//! its receipt; about a booking that messages spoke of it only fills gaps. Never: a formula evaluated, a date guessed, a
//! patient's data in a reason. The kept message is the heading and one row, or a whole file. Described in
//! `docs/formats/bookings_sheet.md`; called by `any`, and by the command line to check a file before it is read in.

mod columns;
mod row;
mod when;

pub use columns::{Column, ColumnMap, Mapping};

use crate::{FeedRules, Received, Translation};
use basics::csv::{self, Limits, Row, TableFault};
use care::{Cite, Fact, ProblemKind};
use std::collections::BTreeMap;

/// What a list may have.
pub const LIMITS: Limits =
    Limits { bytes_max: 256 << 20, rows_max: 500_000, columns_max: 120, field_bytes_max: 8_000 };

/// What kind of message it counts as.
const TYPE: &str = "Bookings sheet";

/// A row that a person should look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowNote {
    /// Its line in the file, from 1.
    pub line: usize,
    /// Why, and what to mend; never the patient's data.
    pub why: String,
}

/// What would become of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Which column is taken for what.
    pub mapping: Mapping,
    /// Rows of the file.
    pub rows: usize,
    /// Rows that are listed.
    pub listed: usize,
    /// Rows that are refused.
    pub refused: Vec<RowNote>,
    /// Rows that are listed, with something to look at.
    pub notes: Vec<RowNote>,
}

/// Whether these bytes are a list of bookings: a table whose heading names a booking's number, its time and a patient.
pub fn is_sheet(bytes: &[u8], rules: &FeedRules) -> bool {
    heading(bytes).is_some_and(|heading| Mapping::of(&heading, &rules.columns).missing().is_empty())
}

/// The first row; a heading may hold a line end within quotes.
fn heading(bytes: &[u8]) -> Option<Vec<String>> {
    let begin = bytes.get(..bytes.len().min(HEADING_BYTES_MAX))?;
    let mut cuts = csv::cuts(begin, LIMITS).ok()?;
    let first = cuts.next()?;
    // A heading that ends with what was looked at may go on.
    let whole = begin.len() == bytes.len() || cuts.next().is_some();
    first.row().ok().filter(|_| whole).map(|row| row.fields)
}

/// Longest heading looked at, in bytes.
const HEADING_BYTES_MAX: usize = 16 << 10;

/// What would become of a file, row by row; nothing is kept.
///
/// # Errors
/// The file is no table at all.
pub fn check_sheet(bytes: &[u8], received: &Received, rules: &FeedRules) -> Result<Checked, TableFault> {
    let table = csv::read(bytes, LIMITS)?;
    let mapping = Mapping::of(&table.heading, &rules.columns);
    let rows = table.rows.len();
    let mut checked = Checked { mapping, rows, listed: 0, refused: Vec::new(), notes: Vec::new() };
    let mut numbers = BTreeMap::new();
    for row in &table.rows {
        let read = match row::read(&checked.mapping, row, received, rules) {
            Ok(read) => read,
            Err(why) => {
                checked.refused.push(RowNote { line: row.line, why });
                continue;
            }
        };
        checked.listed += 1;
        checked.notes.extend(read.odd.into_iter().map(|why| RowNote { line: row.line, why }));
        if let Some(line) = numbers.insert(read.booking, row.line) {
            let why = format!("its number stands in line {line} already; the later row counts");
            checked.notes.push(RowNote { line: row.line, why });
        }
    }
    Ok(checked)
}

/// Translates a list, or the heading with one row of it.
pub(crate) fn translate(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    let table = match csv::read(bytes, LIMITS) {
        Ok(table) => table,
        Err(fault) => return Translation::not_understood("table", &fault.to_string()),
    };
    let mapping = Mapping::of(&table.heading, &rules.columns);
    let missing = mapping.missing();
    if !missing.is_empty() {
        let names = missing.iter().map(|c| c.name()).collect::<Vec<_>>().join(", ");
        let text = format!("No column is taken for: {names}. Name them in the feed's columns.");
        return Translation::not_understood("heading", &text);
    }
    let mut out = Translation { message_type: TYPE.to_owned(), ..Translation::default() };
    if table.rows.is_empty() {
        out.problem(ProblemKind::NotUnderstood, "table", "There is no row under the heading.");
    }
    for row in &table.rows {
        translate_row(&mut out, &mapping, row, received, rules);
    }
    out
}

fn translate_row(
    out: &mut Translation,
    mapping: &Mapping,
    row: &Row,
    received: &Received,
    rules: &FeedRules,
) {
    let cite = Cite {
        entry: received.entry,
        at: received.received,
        received: received.received,
        feed: received.feed.clone(),
    };
    match row::read(mapping, row, received, rules) {
        Ok(read) => {
            for what in read.facts {
                out.facts.push(Fact { about: read.about.clone(), cite: cite.clone(), what });
            }
            for text in read.odd {
                out.problem(ProblemKind::Imperfect, &format!("line {}", row.line), &text);
            }
        }
        Err(why) => {
            out.problem(
                ProblemKind::NotUnderstood,
                &format!("line {}", row.line),
                &format!("Row refused: {why}"),
            );
        }
    }
}
