//! Cuts a list (CSV) into messages: its heading and one row each, so that every row is kept, told and found by itself.
//!
//! Always: each row that is not empty is in exactly one message, as its bytes were; a row ends where the table's reader
//! says so (`cuts`), so that a quotation mark that nobody closed costs its own row alone. Never: a look at
//! what a column means, a formula evaluated. Called by imports of files and by the page for lists; proved by the table below
//! and by `intake/tests/rows.rs`.

use super::{Cuts, Limits, TableFault, cuts};

/// The rows of a list, each under its heading.
///
/// # Errors
/// It is no table: too long, no text, no heading that can be read.
pub fn rows(bytes: &[u8]) -> Result<Rows<'_>, TableFault> {
    let mut rest = cuts(bytes, Limits::LIST)?;
    let heading = rest.next().ok_or(TableFault::Empty)?;
    // Under a heading that cannot be read no row could be either.
    heading.row()?;
    Ok(Rows { heading: heading.bytes, rest })
}

/// See [`rows`].
#[derive(Debug)]
pub struct Rows<'a> {
    heading: &'a [u8],
    rest: Cuts<'a>,
}

/// A row as a message, or the line of one that is longer than any row.
pub enum Found {
    /// The heading and the row.
    Row(Vec<u8>),
    /// The line on which it begins, from 1.
    TooLong(usize),
}

/// Longest row, in bytes: far above any that could be read, far below what the record keeps.
const ROW_BYTES_MAX: usize = 16 << 20;

impl Iterator for Rows<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let cut = self.rest.next()?;
        if cut.bytes.len() > ROW_BYTES_MAX {
            return Some(Found::TooLong(cut.line));
        }
        let mut message = Vec::with_capacity(self.heading.len() + cut.bytes.len() + 2);
        message.extend_from_slice(self.heading);
        message.extend_from_slice(b"\r\n");
        message.extend_from_slice(cut.bytes);
        Some(Found::Row(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let word = |found| match found {
            Found::Row(row) => String::from_utf8(row).unwrap(),
            Found::TooLong(line) => format!("line {line}"),
        };
        rows(text.as_bytes()).unwrap().map(word).collect()
    }

    #[test]
    fn every_row_comes_under_its_heading() {
        for (text, wanted) in [
            ("a,b\n1,2\n3,4", vec!["a,b\r\n1,2", "a,b\r\n3,4"]),
            ("\u{feff}a;b\r\n\r\n1;\"x\r\ny\"\r\n;;\r\n2;z\r\n", vec!["a;b\r\n1;\"x\r\ny\"", "a;b\r\n2;z"]),
            (
                "a,b\r1,\"say \"\"no\n\"\"\"\r2,5\" tube\r3,c",
                vec!["a,b\r\n1,\"say \"\"no\n\"\"\"", "a,b\r\n2,5\" tube", "a,b\r\n3,c"],
            ),
            ("a,b\n1, \"x\ny\" \n2,\"\"\n3,z", vec!["a,b\r\n1, \"x\ny\" ", "a,b\r\n2,\"\"", "a,b\r\n3,z"]),
            ("a,b\n1,O\"\"Brien\n2,c", vec!["a,b\r\n1,O\"\"Brien", "a,b\r\n2,c"]),
            ("a,b\n1,\"never closed\n2,c", vec!["a,b\r\n1,\"never closed", "a,b\r\n2,c"]),
            ("\"a\nx\",b\n1,2", vec!["\"a\nx\",b\r\n1,2"]),
            ("a\tb\n", vec![]),
        ] {
            assert_eq!(messages(text), wanted, "{text:?}");
        }
        let long = format!("a,b\n1,{}\n2,c", "x".repeat(ROW_BYTES_MAX));
        assert_eq!(messages(&long), ["line 2", "a,b\r\n2,c"]);
    }

    #[test]
    fn what_is_no_table_is_not_cut() {
        for (bytes, wanted) in [
            (&b""[..], TableFault::Empty),
            (b"\xff\xfea\x00\n\x00", TableFault::Wide),
            (b"a,b\n1\x00,2", TableFault::NotText),
            (b"a,\"b\n1,2", TableFault::OpenQuote(1)),
        ] {
            assert_eq!(rows(bytes).unwrap_err(), wanted, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
