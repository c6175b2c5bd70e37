//! Lists from a spreadsheet (CSV): clinics' appointments and theatre cases, one a row; or people on a treatment.
//!
//! Always: a row is listed or refused with its line and the reason; rows = listed + refused; a row that cannot be read costs
//! no other. About a booking that messages spoke of, and about who a patient is, it only fills gaps. Never: a formula
//! evaluated, a date guessed, a patient's data in a reason. The kept message is the heading and one row, or a whole file. Described in
//! `docs/formats/bookings_sheet.md`; called by `any`, and by the command line to check a file before it is read in.

mod columns;
mod map;
mod row;
mod when;

pub use columns::{Column, Headings, Mapping};
pub use map::{ColumnFault, ColumnMap, ColumnProposal, MappedColumn, SAMPLES_MAX};

use crate::{FeedRules, Received, Translation};
use basics::csv::{self, Cut, Cuts, Limits, Row, TableFault};
use care::{Cite, Fact, ProblemKind};
use std::collections::BTreeMap;

/// What a list may have.
pub const LIMITS: Limits = Limits::LIST;

/// What kind of message it counts as.
pub const TYPE: &str = "Bookings sheet";

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

/// Translates a list, or the heading with one row of it; `None`: it is something else. A table whose essential columns are
/// neither recognised nor confirmed is told as such, and waits for a person.
pub(crate) fn translate_list(bytes: &[u8], received: &Received, rules: &FeedRules) -> Option<Translation> {
    let begin = Begin::of(bytes)?;
    if mapping(&begin.heading, rules).missing().is_empty() {
        return Some(translate(bytes, received, rules));
    }
    begin.looks_like_a_list().then(|| {
        let why = map::unconfirmed(&begin.heading, rules);
        Translation { message_type: TYPE.to_owned(), ..Translation::not_understood("heading", &why) }
    })
}

/// What each column of a list holds: as a person confirmed it for this heading, else as it is recognised.
fn mapping(heading: &[String], rules: &FeedRules) -> Mapping {
    match rules.column_maps.iter().find(|map| map.fits(heading)) {
        Some(map) => Mapping::confirmed(map),
        None => Mapping::of(heading, &rules.columns),
    }
}

/// The beginning of what may be a list.
struct Begin {
    /// The first row; a heading may hold a line end within quotes.
    heading: Vec<String>,
    /// The cells of the row under it.
    cells: Option<usize>,
}

impl Begin {
    fn of(bytes: &[u8]) -> Option<Self> {
        let begin = bytes.get(..bytes.len().min(HEADING_BYTES_MAX))?;
        let mut cuts = csv::cuts(begin, LIMITS).ok()?;
        let heading = cuts.next()?.row().ok()?.fields;
        let cells = cuts.next().map(|cut| cut.row().map_or(0, |row| row.fields.len()));
        // A heading that ends with what was looked at may go on.
        let whole = begin.len() == bytes.len() || cells.is_some();
        whole.then_some(Self { heading, cells })
    }

    /// A table with as many columns as a list needs, and with words above them. HL7 without its header, markup and prose
    /// are none.
    fn looks_like_a_list(&self) -> bool {
        let word = |name: &&String| !name.is_empty() && !name.contains(['|', '<', '{']);
        self.heading.iter().filter(word).count() >= COLUMNS_MIN
            && self.heading.iter().all(|name| !name.contains(['|', '<', '{']))
            && self.cells.is_some_and(|cells| cells >= COLUMNS_MIN)
    }
}

/// A booking's number, its time, a patient and a clinic.
const COLUMNS_MIN: usize = 4;

/// Longest heading looked at, in bytes.
const HEADING_BYTES_MAX: usize = 16 << 10;

/// A list that can be read row by row.
struct List<'a> {
    mapping: Mapping,
    columns: usize,
    rows: Cuts<'a>,
}

impl<'a> List<'a> {
    fn of(bytes: &'a [u8], rules: &FeedRules) -> Result<Self, TableFault> {
        let mut rows = csv::cuts(bytes, LIMITS)?;
        let heading = rows.next().ok_or(TableFault::Empty)?.row()?.fields;
        Ok(Self { mapping: mapping(&heading, rules), columns: heading.len(), rows })
    }

    /// One row's fields; a row that cannot be read costs nobody else's.
    fn row(&self, cut: &Cut<'_>) -> Result<Row, String> {
        let row = cut.row().map_err(|fault| match fault {
            TableFault::OpenQuote(_) => {
                "a quotation mark is opened in it and never closed; what follows is read from the next line on"
                    .to_owned()
            }
            TableFault::LongField { bytes_max, .. } => format!("a cell of it has more than {bytes_max} bytes"),
            TableFault::TooManyColumns { columns_max, .. } => {
                format!("it has more than {columns_max} cells")
            }
            other => other.to_string(),
        })?;
        if row.fields.iter().skip(self.columns).any(|field| !field.is_empty()) {
            return Err("it has more cells than the list has columns, so that some stand under the wrong heading; put quotation marks around a cell with a comma".to_owned());
        }
        Ok(row)
    }
}

/// What would become of a file, row by row; nothing is kept.
///
/// # Errors
/// The file is no table at all.
pub fn check_sheet(bytes: &[u8], received: &Received, rules: &FeedRules) -> Result<Checked, TableFault> {
    let list = List::of(bytes, rules)?;
    let mapping = list.mapping.clone();
    let mut checked = Checked { mapping, rows: 0, listed: 0, refused: Vec::new(), notes: Vec::new() };
    let mut numbers = BTreeMap::new();
    for cut in list.rows.clone() {
        if checked.rows == LIMITS.rows_max {
            return Err(TableFault::TooManyRows(LIMITS.rows_max));
        }
        checked.rows += 1;
        let line = cut.line;
        let read = match list.row(&cut).and_then(|row| row::read(&list.mapping, &row, received, rules)) {
            Ok(read) => read,
            Err(why) => {
                checked.refused.push(RowNote { line, why });
                continue;
            }
        };
        checked.listed += 1;
        checked.notes.extend(read.odd.into_iter().map(|why| RowNote { line, why }));
        if read.booking.is_empty() {
            continue;
        }
        if let Some(before) = numbers.insert(read.booking, line) {
            let why = format!("its number stands in line {before} already; the later row counts");
            checked.notes.push(RowNote { line, why });
        }
    }
    Ok(checked)
}

fn translate(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    let list = match List::of(bytes, rules) {
        Ok(list) => list,
        Err(fault) => return Translation::not_understood("table", &fault.to_string()),
    };
    let mut out = Translation { message_type: TYPE.to_owned(), ..Translation::default() };
    let mut rows = 0;
    for cut in list.rows.clone() {
        rows += 1;
        if rows > LIMITS.rows_max {
            let fault = TableFault::TooManyRows(LIMITS.rows_max);
            out.problem(ProblemKind::NotUnderstood, "table", &fault.to_string());
            break;
        }
        translate_row(&mut out, &list, &cut, received, rules);
    }
    if rows == 0 {
        out.problem(ProblemKind::NotUnderstood, "table", "There is no row under the heading.");
    }
    out
}

fn translate_row(
    out: &mut Translation,
    list: &List<'_>,
    cut: &Cut<'_>,
    received: &Received,
    rules: &FeedRules,
) {
    let cite = Cite {
        entry: received.entry,
        at: received.received,
        received: received.received,
        feed: received.feed.clone(),
    };
    let place = format!("line {}", cut.line);
    match list.row(cut).and_then(|row| row::read(&list.mapping, &row, received, rules)) {
        Ok(read) => {
            for what in read.facts {
                out.facts.push(Fact { about: read.about.clone(), cite: cite.clone(), what });
            }
            for text in read.odd {
                out.problem(ProblemKind::Imperfect, &place, &text);
            }
        }
        Err(why) => out.problem(ProblemKind::NotUnderstood, &place, &format!("Row refused: {why}")),
    }
}
