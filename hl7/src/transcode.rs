//! Turning messages whose character set hides delimiters into UTF-8 before they are cut into fields.
//!
//! In UTF-16, Big5, GB 18030, Shift JIS and ISO 2022 a byte of a letter can look like `|` or `^`, so that cutting
//! first would tear names apart. Promises: what needs no conversion is borrowed; the bytes received stay what they
//! were, since this makes a copy. Called before `Message::parse` wherever bytes come from outside; proved by
//! RELIABILITY test 16.

use crate::message::trim_start;
use crate::segment::nth;
use crate::{Charset, Delimiters};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// The message in bytes that [`crate::Message::parse`] can cut: the same ones, unless their character set hides
/// delimiters; then a copy in UTF-8 whose MSH-18 says so. At most three times the length.
pub fn readable(bytes: &[u8]) -> Cow<'_, [u8]> {
    if let Some(text) = wide(bytes) {
        return Cow::Owned(text.into_bytes());
    }
    let header = trim_start(bytes);
    if !header.starts_with(b"MSH") {
        return Cow::Borrowed(bytes);
    }
    let line = memchr::memchr2(b'\r', b'\n', header).and_then(|end| header.get(..end)).unwrap_or(header);
    let Some(delimiters) = Delimiters::declared(line) else { return Cow::Borrowed(bytes) };
    let Some(encoding) = nth(line, delimiters.field, 17).and_then(|field| charset(field, delimiters)) else {
        return Cow::Borrowed(bytes);
    };
    let text = encoding.decode_without_bom_handling(header).0.into_owned().into_bytes();
    Cow::Owned(with_declaration(&text, delimiters.field, b"UNICODE UTF-8"))
}

/// The first character set in MSH-18 (any repetition) that hides delimiters.
pub(crate) fn charset(field: &[u8], delimiters: Delimiters) -> Option<&'static Encoding> {
    field.split(|&b| b == delimiters.repetition || b == delimiters.component).take(8).find_map(|name| {
        match Charset::named(name) {
            Charset::Known(e) if Charset::Known(e).hides_delimiters() => Some(e),
            _ => None,
        }
    })
}

/// `message` with MSH-18 replaced.
fn with_declaration(message: &[u8], separator: u8, name: &[u8]) -> Vec<u8> {
    let line_end = memchr::memchr2(b'\r', b'\n', message).unwrap_or(message.len());
    let (line, rest) = message.split_at_checked(line_end).unwrap_or((message, &[]));
    let mut out = Vec::with_capacity(message.len() + name.len());
    for (i, field) in line.split(|&b| b == separator).enumerate() {
        if i > 0 {
            out.push(separator);
        }
        out.extend_from_slice(if i == 17 { name } else { field });
    }
    out.extend_from_slice(rest);
    out
}

/// The text of UTF-16 or UTF-32, told by a byte order mark or by zeros around "MSH"; `None` for anything else.
fn wide(bytes: &[u8]) -> Option<String> {
    let (skip, width, big_endian) = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => (4, 4, false),
        [0, 0, 0xFE, 0xFF, ..] => (4, 4, true),
        [0xFF, 0xFE, ..] => (2, 2, false),
        [0xFE, 0xFF, ..] => (2, 2, true),
        [b'M', 0, 0, 0, b'S', 0, ..] => (0, 4, false),
        [0, 0, 0, b'M', 0, 0, ..] => (0, 4, true),
        [b'M', 0, b'S', 0, ..] => (0, 2, false),
        [0, b'M', 0, b'S', ..] => (0, 2, true),
        _ => return None,
    };
    let body = bytes.get(skip..)?;
    let unit = |chunk: &[u8]| {
        let add = |n: u32, &b: &u8| (n << 8) | u32::from(b);
        if big_endian { chunk.iter().fold(0, add) } else { chunk.iter().rev().fold(0, add) }
    };
    let units = body.chunks(width).map(unit);
    Some(if width == 4 {
        units.map(|u| char::from_u32(u).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        let halves = units.map(|u| u16::try_from(u).unwrap_or(u16::MAX));
        char::decode_utf16(halves).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn message(charset: &str) -> String {
        format!("MSH|^~\\&|A|||||||||||||||{charset}\rPID|1||7||功能^許^~犯\r")
    }

    #[test]
    fn names_survive_sets_that_hide_delimiters() {
        for (name, encoding) in [
            ("BIG-5", encoding_rs::BIG5),
            ("GB 18030-2000", encoding_rs::GB18030),
            ("~ISO IR87", encoding_rs::ISO_2022_JP),
            ("SHIFT_JIS", encoding_rs::SHIFT_JIS),
        ] {
            let text =
                message(name).replace('犯', "表").replace('許', if name == "BIG-5" { "許" } else { "ソ" });
            let text = if name == "BIG-5" { text.replace('表', "蓋") } else { text };
            let (bytes, _, failed) = encoding.encode(&text);
            assert!(!failed, "{name}");
            let utf8 = readable(&bytes);
            let read = Message::parse(&utf8).expect("readable");
            let expected = Message::parse(text.as_bytes()).map(|_| ());
            assert!(expected.is_err(), "the declared set has to be converted first");
            assert_eq!(read.text("PID-5").as_deref(), Some("功能"), "{name}");
            assert_eq!(read.charset(), Charset::Utf8);
        }
    }

    #[test]
    fn wide_characters_are_read() {
        let text = message("UNICODE UTF-16");
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xFF, 0xFE][..], &little].concat();
        let four: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        for bytes in [little, big, marked, four] {
            let utf8 = readable(&bytes);
            let read = Message::parse(&utf8).expect("readable");
            assert_eq!(read.text("PID-5.2").as_deref(), Some("許"));
        }
    }

    #[test]
    fn what_needs_no_conversion_is_borrowed() {
        for bytes in [&b"MSH|^~\\&|A\rPID|1"[..], b"", b"\xFF", b"MSH", b"MSH|^~\\&||||||||||||||||8859/1"] {
            assert!(matches!(readable(bytes), Cow::Borrowed(_)));
        }
    }
}
