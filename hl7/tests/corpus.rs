//! Every message of the shared data is read or refused for a reason, its bytes exact; the feed's fields are what a
//! plain reading of the same bytes gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod exercise;

use hl7::{Message, Piece, Unreadable};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

fn shared_data() -> Option<PathBuf> {
    let folder = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}

fn files_under(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files_under(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_corpus_message_is_read_or_refused() {
    let Some(data) = shared_data() else {
        return println!("shared data absent, skipped: every_corpus_message_is_read_or_refused");
    };
    let mut files = Vec::new();
    files_under(&data.join("hl7v2"), &mut files);
    let (mut messages, mut strays, mut read) = (0, 0, 0);
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let bytes = hl7::readable(&bytes);
        exercise::split(&bytes);
        exercise::deframer(&bytes);
        for piece in hl7::split(&bytes) {
            exercise::message(piece.bytes());
            let Piece::Message(message) = piece else {
                strays += 1;
                continue;
            };
            messages += 1;
            match Message::parse(message) {
                Ok(opened) => {
                    assert_eq!(opened.raw(), message, "the raw bytes are the piece");
                    read += 1;
                }
                Err(why) => refused.entry(why.to_string()).or_default().push(path.display().to_string()),
            }
        }
    }
    println!(
        "{} files: {messages} messages, {read} read, {strays} other pieces; refused: {refused:#?}",
        files.len()
    );
    assert!(messages >= 1500, "only {messages} messages were found");
    assert!(read * 100 >= messages * 99, "{read} of {messages} read");
}

fn feed(data: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(data.join("feed/northgate.hl7.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_feed_reads_as_its_bytes_say() {
    let Some(data) = shared_data() else {
        return println!("shared data absent, skipped: the_feed_reads_as_its_bytes_say");
    };
    let bytes = feed(&data);
    let pieces: Vec<Piece<'_>> = hl7::split(&bytes).collect();
    assert_eq!(pieces.len(), 18_440);
    for (n, piece) in pieces.iter().enumerate() {
        let Piece::Message(raw) = piece else { panic!("piece {n} is no message") };
        let message = Message::parse(raw).unwrap_or_else(|why: Unreadable| panic!("message {n}: {why}"));
        compare(&message, std::str::from_utf8(raw).unwrap());
        if n % 50 == 0 {
            assert!(exercise::message(raw));
        }
    }
    // The whole file again as frames, cut at an odd size.
    let mut frames = Vec::new();
    for piece in &pieces {
        frames.extend_from_slice(&hl7::mllp::frame(piece.bytes()).unwrap());
    }
    let again: Vec<Piece<'_>> = hl7::split(&frames).collect();
    assert_eq!(again, pieces, "a recording of frames splits into the same messages");
    let mut deframer = hl7::mllp::Deframer::new(hl7::mllp::Limits::default());
    let mut buffer = bytes::BytesMut::new();
    let mut expected = pieces.iter();
    for part in frames.chunks(1009) {
        buffer.extend_from_slice(part);
        while let Some(received) = deframer.next(&mut buffer).unwrap() {
            let hl7::mllp::Received::Message(content) = received else { panic!("{received:?}") };
            assert_eq!(Some(&content[..]), expected.next().map(|p| p.bytes()));
        }
    }
    assert!(expected.next().is_none());
}

/// The plain reading: cut at CR, then `|`, then `~`, then `^`.
fn compare(message: &Message<'_>, raw: &str) {
    let lines: Vec<&str> = raw.split('\r').filter(|l| !l.is_empty()).collect();
    assert_eq!(message.segments_count(), lines.len());
    for (segment, line) in message.segments().zip(lines) {
        let fields: Vec<&str> = line.split('|').collect();
        assert_eq!(segment.name(), fields[0]);
        let shift = usize::from(fields[0] == "MSH");
        assert_eq!(segment.fields_count(), fields.len() - 1 + shift);
        for (i, expected) in fields.iter().enumerate().skip(1 + shift) {
            let field = segment.field(i + shift);
            assert_eq!(field.raw(), expected.as_bytes(), "{}-{}", fields[0], i + shift);
            let first = expected.split('~').next().unwrap();
            for (j, part) in first.split('^').enumerate() {
                assert_eq!(field.component(j + 1).raw(), part.as_bytes());
                if !part.contains('\\') {
                    assert_eq!(field.component(j + 1).text(), part);
                }
            }
        }
    }
}
