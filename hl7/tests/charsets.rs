//! RELIABILITY test 16: names in every character set of MSH-18 show right, and the bytes stay exact.
//!
//! The bytes are written out by hand from the published tables, so that no encoder checks itself. Planted bug: a
//! reader that takes everything for UTF-8.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use hl7::Message;

const NAMES: [(&str, &[u8], &str); 34] = [
    ("", b"Smith", "Smith"),
    ("ASCII", b"Smith", "Smith"),
    ("8859/1", b"M\xFCller-S\xF8ren", "Müller-Søren"),
    ("8859/2", b"\xA3ukasz \xAF\xF3\xB3\xE6", "Łukasz Żółć"),
    ("8859/3", b"\xD8or\xF8o \xA1", "Ĝorĝo Ħ"),
    ("8859/4", b"\xD3\xBAni\xF1\xB9", "Ķēniņš"),
    ("8859/5", b"\xB8\xD2\xD0\xDD\xDE\xD2\xD0", "Иванова"),
    ("8859/6", b"\xE5\xCD\xE5\xCF", "محمد"),
    ("8859/7", b"\xC3\xE9\xFE\xF1\xE3\xEF\xF2", "Γιώργος"),
    ("8859/8", b"\xEB\xE4\xEF", "כהן"),
    ("8859/9", b"\xDEahin \xD0", "Şahin Ğ"),
    ("8859/10", b"\xDE\xF3r\xF0ur", "Þórður"),
    ("8859/11", b"\xCA\xC1", "สม"),
    ("8859/13", b"\xDEemait\xEB", "Žemaitė"),
    ("8859/14", b"\xD0yn \xFE", "Ŵyn ŷ"),
    ("8859/15", b"\xBCuvre \xA6 \xA4", "Œuvre Š €"),
    ("8859/16", b"\xAAtefan \xFE", "Ștefan ț"),
    ("ISO-8859-1", b"M\xFCller", "Müller"),
    ("iso8859-15", b"\xA4", "€"),
    ("WINDOWS-1252", b"O\x92Brien", "O’Brien"),
    ("CP1250", b"\x8Aime", "Šime"),
    ("UNICODE UTF-8", b"M\xC3\xBCller \xE5\xBC\xA0", "Müller 张"),
    ("UTF-8^MULTIBYTE", b"M\xC3\xBCller", "Müller"),
    ("UNICODE UTF-8", b"M\xFCller", "Müller"),
    ("", b"M\xC3\xBCller", "Müller"),
    ("", b"O\x92Brien M\xFCller", "O’Brien Müller"),
    ("ASCII", b"M\xC3\xBCller", "Müller"),
    ("ASCII", b"M\xFCller", "Müller"),
    ("NOSUCHSET", b"M\xFCller", "Müller"),
    ("KS X 1001", b"\xB1\xE8\xC3\xB6", "김철"),
    // From here on letters hide delimiters: 0x5C is a backslash, 0x7C a bar, 0x5E a caret.
    ("GB 18030-2000", b"\xD5\xC5\xCE\xB0\x8A\x7C", "张伟妡"),
    ("BIG-5", b"\xB3\x5C\xA5\x5C\xBB\x5C", "許功蓋"),
    ("~ISO IR87", b"\x1B$B;3ED\x1B(B", "山田"),
    ("SHIFT_JIS", b"\x83\x5C\x95\x5C", "ソ表"),
];

fn sent(charset: &str, name: &[u8]) -> Vec<u8> {
    let mut bytes = format!("MSH|^~\\&|A|||||||||||||||{charset}\rPID|1||7||").into_bytes();
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(b"^Ann^\"\"||19450714\r");
    bytes
}

/// Which of the names a reader gets wrong; a reader gives the family name and what follows it.
fn wrong(reader: impl Fn(&[u8]) -> Option<(String, String)>) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    for (charset, name, expected) in NAMES {
        let bytes = sent(charset, name);
        let before = bytes.clone();
        if reader(&bytes) != Some((expected.to_owned(), "Ann".to_owned())) {
            wrong.push(expected);
        }
        assert_eq!(bytes, before, "reading changed the bytes");
    }
    wrong
}

#[test]
fn names_in_every_character_set_show_right() {
    let found = wrong(|bytes| {
        let copy = hl7::readable(bytes);
        let message = Message::parse(&copy).ok()?;
        assert_eq!(message.text("PID-7").as_deref(), Some("19450714"));
        Some((message.text("PID-5.1")?.into_owned(), message.text("PID-5.2")?.into_owned()))
    });
    assert_eq!(found, Vec::<&str>::new());
}

#[test]
fn the_check_finds_a_reader_that_takes_everything_for_utf_8() {
    let found = wrong(|bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut parts = text.split('\r').nth(1)?.split('|').nth(5)?.split('^');
        Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
    });
    assert!(found.len() > 20, "the planted bug was not found: {found:?}");
}

#[test]
fn where_bytes_need_no_conversion_a_field_is_the_bytes_received() {
    for (charset, name, _) in NAMES {
        let bytes = sent(charset, name);
        if let Ok(message) = Message::parse(&bytes) {
            let field = message.segment("PID").unwrap().field(5);
            assert_eq!(field.component(1).raw(), name);
        }
    }
}

#[test]
fn wide_files_are_read() {
    let text = "MSH|^~\\&|A|||||||||||||||UNICODE UTF-16\rPID|1||7||Müller “Ann”^许\r";
    let bytes: Vec<u8> =
        [0xFFu8, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let copy = hl7::readable(&bytes);
    let message = Message::parse(&copy).unwrap();
    assert_eq!(message.text("PID-5.1").as_deref(), Some("Müller “Ann”"));
    assert_eq!(message.text("PID-5.2").as_deref(), Some("许"));
}
