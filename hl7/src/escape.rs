//! Escape sequences: how delimiters, line breaks and odd bytes travel inside a field.
//!
//! Promises: text without escapes is borrowed; formatting that cannot be shown is dropped, line breaks are kept;
//! anything that is no escape after all (a Windows path, a lone backslash) stays as it was written. Work and output
//! are linear in the input. Called by every `text()`; proved by the tables below and a fuzz target.

use crate::{Charset, Delimiters};
use std::borrow::Cow;

/// No `\.sp\` or `\.sk\` may ask for more.
const REPEAT_MAX: usize = 64;

/// The text of `raw`: escapes resolved, then the character set decoded. Line ends inside become `\n`.
pub(crate) fn unescape<'a>(raw: &'a [u8], delimiters: Delimiters, charset: Charset) -> Cow<'a, str> {
    match memchr::memchr2(delimiters.escape, b'\r', raw) {
        None => charset.decode(raw),
        Some(first) => {
            let plain = unescaped_bytes(raw, first, delimiters);
            match charset.decode(&plain) {
                Cow::Owned(text) => Cow::Owned(text),
                Cow::Borrowed(text) => Cow::Owned(text.to_owned()),
            }
        }
    }
}

/// As [`unescape`], leaving bytes as bytes; `first` is where the first escape or line end stands.
fn unescaped_bytes(raw: &[u8], first: usize, delimiters: Delimiters) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    let mut next = Some(first);
    while let Some(mark) = next {
        out.extend_from_slice(raw.get(at..mark).unwrap_or_default());
        at = mark + 1;
        let after = raw.get(at..).unwrap_or_default();
        if raw.get(mark) == Some(&b'\r') && delimiters.escape != b'\r' {
            out.push(b'\n');
            at += usize::from(after.first() == Some(&b'\n'));
        } else {
            at += sequence(after, delimiters, &mut out);
        }
        let rest = raw.get(at..).unwrap_or_default();
        next = memchr::memchr2(delimiters.escape, b'\r', rest).map(|i| at + i);
    }
    out.extend_from_slice(raw.get(at..).unwrap_or_default());
    out
}

/// Resolves the sequence that starts after an escape character and says how many bytes it took, the closing escape
/// among them; 0 when it is none, and then the escape character itself is text.
fn sequence(after: &[u8], delimiters: Delimiters, out: &mut Vec<u8>) -> usize {
    let known = memchr::memchr(delimiters.escape, after).and_then(|end| {
        let body = after.get(..end)?;
        resolve(body, delimiters, out).then_some(end + 1)
    });
    known.unwrap_or_else(|| {
        out.push(delimiters.escape);
        0
    })
}

/// Writes what the sequence stands for; false when it is not known.
fn resolve(body: &[u8], delimiters: Delimiters, out: &mut Vec<u8>) -> bool {
    match body {
        b"F" => out.push(delimiters.field),
        b"S" => out.push(delimiters.component),
        b"T" => out.push(delimiters.subcomponent),
        b"R" => out.push(delimiters.repetition),
        b"E" => out.push(delimiters.escape),
        b"P" => out.push(delimiters.truncation),
        b"H" | b"N" => {}
        [b'.', command @ ..] => return formatting(command, out),
        [b'X' | b'x', digits @ ..] => return hexadecimal(digits, out),
        // Switches to another character set (ISO 2022): the bytes that follow are shown as they come.
        [b'C', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) => {}
        [b'M', digits @ ..] if matches!(digits.len(), 4 | 6) && digits.iter().all(u8::is_ascii_hexdigit) => {}
        _ => return false,
    }
    true
}

/// Formatting commands of the FT type (HL7 v2 chapter 2, "formatted text"): those that break lines or leave blanks
/// do so, indents and fills are dropped.
fn formatting(command: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((name, number)) = command.split_at_checked(2) else { return false };
    let number = number.strip_prefix(b"+").unwrap_or(number);
    if !number.iter().all(|b| b.is_ascii_digit() || *b == b'-' || *b == b' ') {
        return false;
    }
    let times = std::str::from_utf8(number).ok().and_then(|t| t.trim().parse::<usize>().ok());
    let times = times.unwrap_or(1).min(REPEAT_MAX);
    match name.to_ascii_lowercase().as_slice() {
        b"br" | b"ce" => out.push(b'\n'),
        b"sp" => out.resize(out.len() + times, b'\n'),
        b"sk" => out.resize(out.len() + times, b' '),
        b"in" | b"ti" | b"fi" | b"nf" => {}
        _ => return false,
    }
    true
}

/// `\Xhh…\`: bytes of the message's own character set; CR, LF and CRLF among them are line breaks.
fn hexadecimal(digits: &[u8], out: &mut Vec<u8>) -> bool {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let mut after_return = false;
    for pair in digits.chunks_exact(2) {
        let byte = pair.iter().fold(0u8, |n, &d| (n << 4) | nibble(d));
        match byte {
            b'\n' if after_return => {}
            b'\r' => out.push(b'\n'),
            other => out.push(other),
        }
        after_return = byte == b'\r';
    }
    true
}

/// The value of a hexadecimal digit; 0 for any other byte.
pub(crate) fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// `text` as it has to be written into a field: delimiters escaped, line breaks as `\.br\`, other control characters
/// as `\Xhh\`. Where the delimiters know no escape character, a blank stands in for what cannot be written.
pub fn escape(text: &str, delimiters: Delimiters) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut after_return = false;
    for &b in text.as_bytes() {
        let line_feed_of_pair = after_return && b == b'\n';
        after_return = b == b'\r';
        if line_feed_of_pair {
            continue;
        }
        let d = delimiters;
        let name: Option<&[u8]> = match b {
            _ if b == d.escape => Some(b"E"),
            _ if b == d.field => Some(b"F"),
            _ if b == d.component => Some(b"S"),
            _ if b == d.repetition => Some(b"R"),
            _ if b == d.subcomponent => Some(b"T"),
            b'\r' | b'\n' => Some(b".br"),
            _ => None,
        };
        match name {
            Some(_) if d.escape == d.field => out.push(b' '),
            Some(name) => {
                out.push(d.escape);
                out.extend_from_slice(name);
                out.push(d.escape);
            }
            None if b < b' ' || b == 0x7F => {
                if d.escape == d.field {
                    out.push(b' ');
                } else {
                    out.push(d.escape);
                    out.extend_from_slice(format!("X{b:02X}").as_bytes());
                    out.push(d.escape);
                }
            }
            None => out.push(b),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        assert_eq!(unescape(raw.as_bytes(), Delimiters::default(), Charset::Undeclared), expected, "{raw}");
    }

    #[test]
    fn escapes_show_what_they_stand_for() {
        check(r"A\F\B\S\C\T\D\R\E\E\F", r"A|B^C&D~E\F");
        check(r"line one\.br\line two", "line one\nline two");
        check(r"a\.sp2\b\.sk3\c\.in+4\d\.BR\e", "a\n\nb   cd\ne");
        check(r"\H\bold\N\ plain", "bold plain");
        check(r"M\XC3BC\ller", "Müller");
        check(r"M\XC3\\XBC\ller", "Müller");
        check(r"a\X0D0A\b\X0D\c\X0a\d", "a\nb\nc\nd");
        check(r"\C2842\x\M2442\y", "xy");
        check("a\r\nb\rc\nd", "a\nb\nc\nd");
        check(r"50\P\", "50#");
    }

    #[test]
    fn what_is_no_escape_stays_as_written() {
        for raw in [
            r"C:\temp\new",
            r"\",
            r"a\",
            r"\\",
            r"\Zlocal\",
            r"\XABC\",
            r"\XGG\",
            r"\.zz\",
            r"\.\",
            r"\\srv\x",
        ] {
            check(raw, raw);
        }
        check(r"C:\temp\F\x", r"C:\temp|x");
    }

    #[test]
    fn an_escape_cannot_ask_for_a_flood() {
        check(r"\.sp99999999999999999999\", "\n");
        assert_eq!(unescape(br"\.sp9999\", Delimiters::default(), Charset::Undeclared).len(), REPEAT_MAX);
    }

    #[test]
    fn what_is_escaped_reads_back_the_same() {
        for text in [r"A|B^C&D~E\F", "one\ntwo", "tab\there", "Ünïcode \u{1F600}", r"\F\", ""] {
            let raw = escape(text, Delimiters::default());
            assert!(!raw.contains(&b'|') && !raw.contains(&b'\r') && !raw.contains(&b'\n'));
            assert_eq!(unescape(&raw, Delimiters::default(), Charset::Utf8), text);
        }
    }
}
