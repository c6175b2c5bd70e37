//! Reading a table that somebody made in a spreadsheet: comma, semicolon or tab, quotes or none, UTF-8 or Windows-1252; and
//! writing one (`cell`, `line`).
//!
//! Always: each row keeps the number of its line, so that a refused row can be found; a file past its ceilings is
//! refused as a whole, with the ceiling. Never: a formula evaluated, a field trusted. RFC 4180 with generosity: where a row
//! ends is said by `cuts` alone. Called by imports (systems, directory, bookings); proved by the tables below.

mod cuts;
mod rows;
mod written;

pub use cuts::{Cut, Cuts, cuts};
pub use rows::{Found, Rows, rows};
pub use written::{cell, line, meant};

use std::borrow::Cow;

/// Ceilings of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes_max: usize,
    /// Rows after the heading.
    pub rows_max: usize,
    /// Columns.
    pub columns_max: usize,
    /// Bytes of one field.
    pub field_bytes_max: usize,
}

impl Limits {
    /// What fits every import of the house.
    pub const USUAL: Self =
        Self { bytes_max: 4 << 20, rows_max: 20_000, columns_max: 64, field_bytes_max: 8_000 };
    /// What fits the longest lists: six weeks of a large trust's bookings, many times over.
    pub const LIST: Self =
        Self { bytes_max: 256 << 20, rows_max: 500_000, columns_max: 120, field_bytes_max: 8_000 };
}

/// A table: its heading and its rows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// The first row that is not empty.
    pub heading: Vec<String>,
    /// Every further row that is not empty.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// Its fields, without the white space around them.
    pub fields: Vec<String>,
}

impl Row {
    /// The field of that column; empty when the row is shorter.
    pub fn field(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }
}

/// A row that an import refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedRow {
    /// Its line in the file.
    pub line: usize,
    /// The row, shortened.
    pub row: String,
    /// Why, and what to mend.
    pub why: String,
}

/// A file that cannot be read as a table.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TableFault {
    /// Too long.
    #[error("the file has {bytes} bytes; at most {bytes_max} are read. Split it")]
    TooLong { bytes: usize, bytes_max: usize },
    /// Too many rows.
    #[error("the file has more than {0} rows; split it")]
    TooManyRows(usize),
    /// Too many columns.
    #[error("line {line} has more than {columns_max} columns; is this a table?")]
    TooManyColumns { line: usize, columns_max: usize },
    /// A field without an end.
    #[error("line {0}: a quotation mark is opened there and never closed")]
    OpenQuote(usize),
    /// A field past its ceiling.
    #[error("line {line}: a field has more than {bytes_max} bytes; is a quotation mark missing?")]
    LongField { line: usize, bytes_max: usize },
    /// No text.
    #[error("this is not a text file; save the sheet as CSV")]
    NotText,
    /// Text of two bytes a letter.
    #[error("this is a text file in UTF-16 (a spreadsheet's “Unicode text”); save the sheet as “CSV UTF-8”")]
    Wide,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// The letters of a table's bytes, in whichever of the two ways they were written.
pub fn text(bytes: &[u8], limits: Limits) -> Result<Cow<'_, str>, TableFault> {
    Ok(letters(checked(bytes, limits)?))
}

/// A file that may be a table, without its byte order mark.
fn checked(bytes: &[u8], limits: Limits) -> Result<&[u8], TableFault> {
    if bytes.len() > limits.bytes_max {
        return Err(TableFault::TooLong { bytes: bytes.len(), bytes_max: limits.bytes_max });
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(TableFault::Wide);
    }
    if bytes.contains(&0) {
        return Err(TableFault::NotText);
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

fn letters(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // British Excel writes "CSV" in Windows-1252; every byte means something there.
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Reads a table, whole or not at all.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Table, TableFault> {
    let text = text(bytes, limits)?;
    let mut table = Table::default();
    for cut in Cuts::of(text.as_bytes(), limits) {
        let row = cut.row()?;
        if row.fields.iter().all(String::is_empty) {
            continue;
        }
        if table.heading.is_empty() {
            table.heading = row.fields;
        } else if table.rows.len() == limits.rows_max {
            return Err(TableFault::TooManyRows(limits.rows_max));
        } else {
            table.rows.push(row);
        }
    }
    if table.heading.is_empty() { Err(TableFault::Empty) } else { Ok(table) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Result<Vec<Vec<String>>, TableFault> {
        let table = read(text, Limits { rows_max: 3, columns_max: 4, field_bytes_max: 30, bytes_max: 300 })?;
        Ok(std::iter::once(table.heading).chain(table.rows.into_iter().map(|r| r.fields)).collect())
    }

    #[test]
    fn tables_of_every_spreadsheet_are_read() {
        for (text, want) in [
            (&b"a,b\r\n1,2\r\n"[..], vec![vec!["a", "b"], vec!["1", "2"]]),
            (b"\xef\xbb\xbfa;b\n\"x;\"\"y\"\"\";2", vec![vec!["a", "b"], vec!["x;\"y\"", "2"]]),
            (b"a\tb\n 1 \t\" 2\n3 \"\n", vec![vec!["a", "b"], vec!["1", "2\n3"]]),
            (b"a,b\n\n,\nM\xfcller,\x96", vec![vec!["a", "b"], vec!["Müller", "–"]]),
            (b"a,b\r1\r2,", vec![vec!["a", "b"], vec!["1"], vec!["2", ""]]),
            (b"name\n5\" tube", vec![vec!["name"], vec!["5\" tube"]]),
            (b"name\nO\"\"Brien\nx", vec![vec!["name"], vec!["O\"\"Brien"], vec!["x"]]),
            (b"\"a;\nb\";c\n1;2", vec![vec!["a;\nb", "c"], vec!["1", "2"]]),
        ] {
            let want: Vec<Vec<String>> =
                want.into_iter().map(|row| row.into_iter().map(str::to_owned).collect()).collect();
            assert_eq!(rows(text), Ok(want), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        for (text, want) in [
            (&b""[..], TableFault::Empty),
            (b"\n \n", TableFault::Empty),
            (b"a\x00b", TableFault::NotText),
            (b"\xff\xfea\x00,\x00b\x00", TableFault::Wide),
            (b"a\nb\n\"c\nd", TableFault::OpenQuote(3)),
            (b"a\nb\nc\nd\ne", TableFault::TooManyRows(3)),
            (b"a,b\n1,2,3,4,5", TableFault::TooManyColumns { line: 2, columns_max: 4 }),
            (b"a\n0123456789012345678901234567890", TableFault::LongField { line: 2, bytes_max: 30 }),
            (&[b'x'; 301], TableFault::TooLong { bytes: 301, bytes_max: 300 }),
        ] {
            assert_eq!(rows(text), Err(want), "{}", String::from_utf8_lossy(text));
        }
    }
}
