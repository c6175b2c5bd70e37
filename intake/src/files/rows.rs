//! Cuts a list (CSV) into messages: its heading and one row each, so that every row is kept, told and found by itself.
//!
//! Always: each row that is not empty is in exactly one message, as its bytes were; quotes are followed as the table's
//! reader follows them. Never: a look at what a column means.

/// The rows of a list, each under its heading.
pub fn rows(bytes: &[u8]) -> Rows<'_> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut rows = Rows { heading: &[], parts: b',', rest: bytes };
    // Whichever of the three stands most often in the first line parts its columns.
    let first =
        bytes.split(|b| matches!(b, b'\n' | b'\r')).find(|line| !blank(line, b' ')).unwrap_or_default();
    let count = |part: u8| first.iter().filter(|b| **b == part).count();
    rows.parts = [b',', b';', b'\t'].into_iter().rev().max_by_key(|part| count(*part)).unwrap_or(b',');
    rows.heading = rows.cut().unwrap_or_default();
    rows
}

/// See [`rows`].
pub struct Rows<'a> {
    heading: &'a [u8],
    parts: u8,
    rest: &'a [u8],
}

impl<'a> Rows<'a> {
    /// The next row that is not empty, without its end.
    fn cut(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = self.end();
            let (row, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
            self.rest = rest.get(1..).unwrap_or_default();
            if !blank(row, self.parts) {
                return Some(row);
            }
        }
        None
    }

    /// Where the first row of the rest ends. A quotation mark counts only at the beginning of a field.
    fn end(&self) -> usize {
        let (mut begins, mut quoted) = (true, false);
        for (at, byte) in self.rest.iter().enumerate() {
            match byte {
                b'"' if quoted => quoted = false,
                // Two marks within quotes are one: the second opens them again.
                b'"' if begins || self.rest.get(at.wrapping_sub(1)) == Some(&b'"') => quoted = true,
                b'\n' | b'\r' if !quoted => return at,
                _ => {}
            }
            begins = !quoted && (*byte == self.parts || begins && *byte == b' ');
        }
        self.rest.len()
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let row = self.cut()?;
        let mut message = Vec::with_capacity(self.heading.len() + row.len() + 2);
        message.extend_from_slice(self.heading);
        message.extend_from_slice(b"\r\n");
        message.extend_from_slice(row);
        Some(message)
    }
}

/// Nothing but blanks and what parts columns.
fn blank(row: &[u8], parts: u8) -> bool {
    row.iter().all(|b| b.is_ascii_whitespace() || *b == parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        rows(text.as_bytes()).map(|row| String::from_utf8(row).unwrap()).collect()
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
            ("a,b\n1,\"never closed\n2,c", vec!["a,b\r\n1,\"never closed\n2,c"]),
            ("a\tb\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(cut(text), wanted, "{text:?}");
        }
    }
}
