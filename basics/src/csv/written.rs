//! Writing a table for a spreadsheet: the one way in which a cell leaves the house.
//!
//! Always: each cell quoted (RFC 4180); one that a spreadsheet would take for a formula has an apostrophe before it, for its
//! words may come from a hostile message. Never: a number spoilt by that. `meant` reads back exactly what `cell` was given.
//! Called by whoever writes CSV; proved by the tables below.

/// Signs at the beginning of a cell that spreadsheets act upon.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell: quoted, and nothing that a spreadsheet would work out.
pub fn cell(text: &str) -> String {
    let guard = if acts(text) && !is_number(text) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// A row, with its end.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A field as it was meant, without the apostrophe that `cell` or a careful person put before it.
pub fn meant(field: &str) -> &str {
    field.strip_prefix('\'').filter(|rest| acts(rest)).unwrap_or(field)
}

/// Apostrophes before the sign count too: else one that was meant could not be told from the guard when it is read back.
fn acts(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_SIGNS)
}

/// "-3" and "-0.5" are what they say; with anything more it may be a formula.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].iter().all(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::{Limits, read};

    #[test]
    fn no_cell_is_a_formula_and_each_is_read_back_as_it_was() {
        for (text, written) in [
            ("Ward 3", "\"Ward 3\""),
            ("", "\"\""),
            ("O'Brien, \"Pat\"", "\"O'Brien, \"\"Pat\"\"\""),
            ("=HYPERLINK(\"http://x\",\"Open\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"Open\"\")\""),
            ("+447700900123", "\"'+447700900123\""),
            ("+44 7700 900123", "\"'+44 7700 900123\""),
            ("-2+3+cmd|' /C calc'!A0", "\"'-2+3+cmd|' /C calc'!A0\""),
            ("@SUM(A1:A9)", "\"'@SUM(A1:A9)\""),
            ("\t=1+1", "\"'\t=1+1\""),
            ("\r=1+1", "\"'\r=1+1\""),
            ("'=1+1", "\"''=1+1\""),
            ("'tis", "\"'tis\""),
            // Numbers stay numbers; words that look like some do not.
            ("-3", "\"-3\""),
            ("-0.5", "\"-0.5\""),
            ("-", "\"'-\""),
            ("-inf", "\"'-inf\""),
            ("-1e5", "\"'-1e5\""),
            ("-1-1", "\"'-1-1\""),
            ("-1.2.3", "\"'-1.2.3\""),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
            let bare = written.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap();
            assert_eq!(meant(&bare.replace("\"\"", "\"")), text, "{text:?}");
        }
        // What a person typed so, because a spreadsheet asked for it.
        assert_eq!(meant("'=x"), "=x");
        assert_eq!(meant("'twas"), "'twas");
    }

    #[test]
    fn a_line_is_read_back_by_the_houses_own_reader() {
        let cells = ["a,b", "say \"no\"", "two\nlines", "=1", "-4"];
        let text = line(["1", "2", "3", "4", "5"]) + &line(cells);
        let table = read(text.as_bytes(), Limits::USUAL).unwrap();
        let fields: Vec<&str> = table.rows.iter().flat_map(|row| &row.fields).map(|f| meant(f)).collect();
        assert_eq!(fields, cells);
    }
}
