//! Where one JSON value ends and the next begins, without understanding either.
//!
//! Always: looks at brackets and strings alone, in one pass, at any depth up to the ceiling; never decides whether a
//! value is good FHIR (`translate` does, after the bytes are kept). Used by `http` and `files`.

/// What a scan from the start of a value found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scan {
    /// The value ends before this offset.
    Ends(usize),
    /// The bytes end before the value does.
    Unfinished,
    /// It is nested deeper than the ceiling.
    TooDeep,
    /// It begins with neither `{` nor `[`, or closes what it did not open.
    NotAValue,
}

/// Scans the object or list that begins at the first byte of `bytes`.
pub fn scan(bytes: &[u8], depth_max: usize) -> Scan {
    let mut depth = 0usize;
    let mut at = 0usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_max {
                    return Scan::TooDeep;
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return if at == 0 { Scan::NotAValue } else { Scan::Ends(at + 1) };
                }
            }
            b'"' if depth > 0 => match string_end(bytes, at + 1) {
                Some(end) => at = end,
                None => return Scan::Unfinished,
            },
            _ if depth == 0 => return Scan::NotAValue,
            _ => {}
        }
        at += 1;
    }
    Scan::Unfinished
}

/// The offset of the quote that ends the string whose text begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(b'"') => return Some(at),
            _ => at += 2,
        }
    }
}

/// `text` as a JSON string, quotes included.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || c == '<' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_their_brackets_do() {
        for (text, want) in [
            (r#"{"a":1} {"b":2}"#, Scan::Ends(7)),
            (r#"{"a":"}\"{"}x"#, Scan::Ends(12)),
            (r#"{"a":"\\"}"#, Scan::Ends(10)),
            (r#"{"a":[{},[]]}"#, Scan::Ends(13)),
            (r#"{"a":"#, Scan::Unfinished),
            (r#"{"a":"x"#, Scan::Unfinished),
            (r#"{"a":"x\"#, Scan::Unfinished),
            ("", Scan::Unfinished),
            ("x", Scan::NotAValue),
            ("}", Scan::NotAValue),
            ("[[[[[]]]]]", Scan::TooDeep),
        ] {
            assert_eq!(scan(text.as_bytes(), 4), want, "{text}");
        }
    }

    #[test]
    fn text_is_quoted_so_that_it_stays_text() {
        assert_eq!(quoted("a\"b\\\n\u{1}<"), "\"a\\\"b\\\\\\n\\u0001\\u003c\"");
    }
}
