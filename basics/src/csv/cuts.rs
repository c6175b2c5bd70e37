//! Where one row of a table ends and the next begins: the one place that follows quotation marks over line ends.
//!
//! Always: each row that is not empty is in exactly one cut, as its bytes are; a mark counts at the beginning of a field
//! alone ("O"Brien" is text); a quoted field may hold line ends. Never: a mark that nobody closed swallows what follows:
//! over line ends it must be closed before the field is too long, before a line that has all columns, and right before the
//! next field; else its row ends with its line and is `open`. Called by `read`, by `intake`'s cutting into messages and by
//! `translate`'s lists, so that all three see the same rows.

use super::{Limits, Row, TableFault, checked, letters};

/// A row as it stands in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut<'a> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its bytes, without the line end.
    pub bytes: &'a [u8],
    /// A quotation mark is opened in it and not closed.
    pub open: bool,
    part: u8,
    limits: Limits,
}

/// The rows of a file that hold more than signs, one after another.
#[derive(Clone, Debug)]
pub struct Cuts<'a> {
    rest: &'a [u8],
    line: usize,
    signs: Signs,
    limits: Limits,
}

/// The rows of a file. Of `limits`, the rows' number is for whoever counts them.
///
/// # Errors
/// The file is too long, or no text.
pub fn cuts(bytes: &[u8], limits: Limits) -> Result<Cuts<'_>, TableFault> {
    Ok(Cuts::of(checked(bytes, limits)?, limits))
}

impl<'a> Cuts<'a> {
    pub(super) fn of(bytes: &'a [u8], limits: Limits) -> Self {
        let signs = Signs { part: None, line_parts: usize::MAX, field_bytes_max: limits.field_bytes_max };
        let mut cuts = Self { rest: bytes, line: 1, signs, limits };
        // Whichever of the three stands most often in the first row, outside quotes, parts its columns.
        let mut first = cuts.clone();
        let mut counts = [0; PARTS.len()];
        while let Some(cut) = first.cut(|byte| {
            for (count, part) in counts.iter_mut().zip(PARTS) {
                *count += usize::from(byte == part);
            }
        }) {
            if !cut.is_blank() {
                break;
            }
            counts = [0; PARTS.len()];
        }
        let (parts, part) = counts.into_iter().zip(PARTS).rev().max_by_key(|(n, _)| *n).unwrap_or((0, b','));
        cuts.signs.part = Some(part);
        if parts >= LINE_PARTS_MIN {
            cuts.signs.line_parts = parts;
        }
        cuts
    }

    fn cut(&mut self, outside_quotes: impl FnMut(u8)) -> Option<Cut<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let End { at, open } = end(self.rest, self.signs, outside_quotes);
        let (bytes, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, &[]));
        let part = self.signs.part.unwrap_or(b',');
        let cut = Cut { line: self.line, bytes, open, part, limits: self.limits };
        self.line += line_ends(bytes) + 1;
        self.rest = rest.strip_prefix(b"\r\n").or(rest.get(1..)).unwrap_or_default();
        Some(cut)
    }
}

impl<'a> Iterator for Cuts<'a> {
    type Item = Cut<'a>;

    fn next(&mut self) -> Option<Cut<'a>> {
        loop {
            let cut = self.cut(|_| {})?;
            if !cut.is_blank() {
                return Some(cut);
            }
        }
    }
}

impl Cut<'_> {
    /// Nothing but white space and signs that part columns or quote nothing.
    fn is_blank(&self) -> bool {
        let nothing = |b: &u8| b.is_ascii_whitespace() || *b == b'"' || PARTS.contains(b);
        !self.open && self.bytes.iter().all(nothing)
    }

    /// Its fields.
    ///
    /// # Errors
    /// A quotation mark that nobody closed, a field or a number of columns past the ceiling.
    pub fn row(&self) -> Result<Row, TableFault> {
        let Self { line, limits: Limits { columns_max, field_bytes_max, .. }, .. } = *self;
        if self.open {
            return Err(TableFault::OpenQuote(line));
        }
        let text = letters(self.bytes);
        let mut rest = text.chars().peekable();
        let mut fields = Vec::new();
        loop {
            if fields.len() == columns_max {
                return Err(TableFault::TooManyColumns { line, columns_max });
            }
            let field = field(&mut rest, char::from(self.part));
            if field.len() > field_bytes_max {
                return Err(TableFault::LongField { line, bytes_max: field_bytes_max });
            }
            fields.push(field.trim().to_owned());
            if rest.next().is_none() {
                return Ok(Row { line, fields });
            }
        }
    }
}

/// A field up to what parts it from the next, which is left.
fn field(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, parts: char) -> String {
    let mut field = String::new();
    while rest.next_if_eq(&' ').is_some() {}
    if rest.next_if_eq(&'"').is_some() {
        while let Some(c) = rest.next() {
            if c != '"' {
                field.push(c);
            } else if rest.next_if_eq(&'"').is_some() {
                field.push('"');
            } else {
                break;
            }
        }
    }
    while let Some(c) = rest.next_if(|c| *c != parts) {
        field.push(c);
    }
    field
}

const PARTS: [u8; 3] = [b',', b';', b'\t'];

/// With so many signs between columns, a line within quotes that has as many is a row that was swallowed; with fewer it may
/// be an address.
const LINE_PARTS_MIN: usize = 5;

/// What the end of a row is told by.
#[derive(Clone, Copy, Debug)]
struct Signs {
    /// What parts columns; any of `PARTS` while that is not known.
    part: Option<u8>,
    /// A line within quotes that has so many of them is a row.
    line_parts: usize,
    field_bytes_max: usize,
}

impl Signs {
    fn parts(self, byte: u8) -> bool {
        self.part.map_or_else(|| PARTS.contains(&byte), |part| part == byte)
    }
}

struct End {
    at: usize,
    open: bool,
}

/// Where the first row ends; `outside_quotes` is handed each byte that is not quoted.
fn end(bytes: &[u8], signs: Signs, mut outside_quotes: impl FnMut(u8)) -> End {
    let mut at = 0;
    let mut begins = true;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return End { at, open: false },
            b'"' if begins => match quoted(bytes, at, signs) {
                Ok(closed) => {
                    begins = false;
                    at = closed;
                }
                Err(line_end) => return End { at: line_end, open: true },
            },
            byte => {
                begins = signs.parts(*byte) || (begins && *byte == b' ');
                outside_quotes(*byte);
            }
        }
        at += 1;
    }
    End { at: bytes.len(), open: false }
}

/// Where the field that is quoted from `from` on is closed; else where the line ends on which it was opened.
fn quoted(bytes: &[u8], from: usize, signs: Signs) -> Result<usize, usize> {
    let mut line_end = None;
    let mut parts = 0;
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => {
                let mut after = bytes.get(at + 1..).unwrap_or_default().iter().skip_while(|b| **b == b' ');
                let well = after.next().is_none_or(|b| signs.parts(*b) || matches!(b, b'\n' | b'\r'));
                // Over line ends, a mark in the midst of text is far likelier to open a field of another row.
                return line_end.filter(|_| !well).map_or(Ok(at), Err);
            }
            b'\n' | b'\r' => {
                // Each letter may be a mark, written twice.
                let long = at - from > signs.field_bytes_max.saturating_mul(2) + 1;
                if long || (line_end.is_some() && parts >= signs.line_parts) {
                    return Err(line_end.unwrap_or(at));
                }
                line_end = line_end.or(Some(at));
                parts = 0;
            }
            byte => parts += usize::from(signs.parts(*byte)),
        }
        at += 1;
    }
    Err(line_end.unwrap_or(bytes.len()))
}

/// Line ends in a row's fields: "\r\n" is one.
fn line_ends(bytes: &[u8]) -> usize {
    let pairs = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() - pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, bytes, and "open" where a mark is not closed.
    fn cut<'a>(text: &'a str) -> Vec<(usize, &'a str, bool)> {
        let limits = Limits { field_bytes_max: 20, ..Limits::USUAL };
        let word = |cut: Cut<'a>| (cut.line, std::str::from_utf8(cut.bytes).unwrap(), cut.open);
        cuts(text.as_bytes(), limits).unwrap().map(word).collect()
    }

    #[test]
    fn a_row_ends_where_its_line_does_unless_a_field_is_quoted() {
        for (text, want) in [
            ("a,b\n1,2\r\n\r\n;,\"\"\n3,4", vec![(1, "a,b", false), (2, "1,2", false), (5, "3,4", false)]),
            (
                "a,b\n1,\"x\r\ny\"\n2,z",
                vec![(1, "a,b", false), (2, "1,\"x\r\ny\"", false), (4, "2,z", false)],
            ),
            (
                "\"a\nb\";c\r1; \"x\n\" \r2;z",
                vec![(1, "\"a\nb\";c", false), (3, "1; \"x\n\" ", false), (5, "2;z", false)],
            ),
            // A mark within a field is text, one or two of them.
            (
                "a,b\nO\"Brien,1\nO\"\"Brien,2\n5\",\"6\"\"\"",
                vec![
                    (1, "a,b", false),
                    (2, "O\"Brien,1", false),
                    (3, "O\"\"Brien,2", false),
                    (4, "5\",\"6\"\"\"", false),
                ],
            ),
            (
                "a,b\n\"x\"y\",1\n\"x\" y,2",
                vec![(1, "a,b", false), (2, "\"x\"y\",1", false), (3, "\"x\" y,2", false)],
            ),
            ("", vec![]),
            ("\n \n;;\n", vec![]),
        ] {
            assert_eq!(cut(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_mark_that_nobody_closed_costs_its_own_row_alone() {
        for (text, want) in [
            // To the end of the file.
            ("a,b\n1,\"x\n2,y", vec![(1, "a,b", false), (2, "1,\"x", true), (3, "2,y", false)]),
            ("a,b\n1,\"x", vec![(1, "a,b", false), (2, "1,\"x", true)]),
            ("a,b\n1,x\n\"", vec![(1, "a,b", false), (2, "1,x", false), (3, "\"", true)]),
            // To the next field that is quoted.
            (
                "a,b\n1,\"x\n2,\"y\"\n3,z",
                vec![(1, "a,b", false), (2, "1,\"x", true), (3, "2,\"y\"", false), (4, "3,z", false)],
            ),
            // Past the longest field, after another that holds a line end.
            (
                "a,b\n\"p\nq\",\"x\n2222222222,y\n3333333333,y\n4444444444,y\n5444444444,y\n6,\"z\"",
                vec![
                    (1, "a,b", false),
                    (2, "\"p\nq\",\"x", true),
                    (4, "2222222222,y", false),
                    (5, "3333333333,y", false),
                    (6, "4444444444,y", false),
                    (7, "5444444444,y", false),
                    (8, "6,\"z\"", false),
                ],
            ),
        ] {
            assert_eq!(cut(text), want, "{text:?}");
        }
    }

    #[test]
    fn signs_within_quotes_part_no_columns() {
        for (text, want) in
            [("\"a,b,c\";d\n1;2", 2), ("\"a\n;;;\",b\n1,2", 2), ("a\tb,c\td\n1\t2\t3", 3), ("a b\n1;2", 1)]
        {
            let row = cuts(text.as_bytes(), Limits::USUAL).unwrap().last().unwrap().row().unwrap();
            assert_eq!(row.fields.len(), want, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_has_all_columns_is_no_part_of_a_field() {
        let text = "a,b,c,d,e,f\n1,\"x,2,3,4,5\n2,y,2,3,4,5\n3,tube 5\",2,3,4,5\n4,\"1, High Road,\nTown, Shire, Land\",2,3,4,5";
        let want = [
            (1, "a,b,c,d,e,f", false),
            (2, "1,\"x,2,3,4,5", true),
            (3, "2,y,2,3,4,5", false),
            (4, "3,tube 5\",2,3,4,5", false),
            (5, "4,\"1, High Road,\nTown, Shire, Land\",2,3,4,5", false),
        ];
        let limits = Limits::USUAL;
        let seen: Vec<(usize, &[u8], bool)> =
            cuts(text.as_bytes(), limits).unwrap().map(|cut| (cut.line, cut.bytes, cut.open)).collect();
        assert_eq!(seen, want.map(|(line, row, open)| (line, row.as_bytes(), open)));
    }

    proptest::proptest! {
        #[test]
        fn every_byte_is_in_one_row_and_a_row_by_itself_is_the_same(text in "[a\",;\n\r ]{0,60}") {
            let limits = Limits { field_bytes_max: 8, ..Limits::USUAL };
            let text = format!("a,a,a\n{text}");
            let cuts: Vec<Cut<'_>> = super::cuts(text.as_bytes(), limits).unwrap().collect();
            let letters = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'a').count();
            let kept: usize = cuts.iter().map(|cut| letters(cut.bytes)).sum();
            proptest::prop_assert_eq!(kept, letters(text.as_bytes()));
            for cut in cuts.iter().skip(1) {
                let open = matches!(cut.row(), Err(TableFault::OpenQuote(_)));
                proptest::prop_assert_eq!(open, cut.open);
                let alone = [b"a,a,a\r\n", cut.bytes].concat();
                let again: Vec<Cut<'_>> = super::cuts(&alone, limits).unwrap().skip(1).collect();
                let same = again.iter().map(|c| (c.bytes, c.open)).collect::<Vec<_>>();
                proptest::prop_assert_eq!(same, vec![(cut.bytes, cut.open)]);
            }
        }
    }
}
