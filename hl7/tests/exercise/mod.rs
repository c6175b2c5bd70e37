//! Reads everything there is to read in hostile bytes and checks what must hold of it.
//!
//! Promises: a panic here is a fault of the crate; the bounds are on work and size, never on time. Used by the mutation
//! test (RELIABILITY test 9), the corpus test and, included by path, by every fuzz target.

#![allow(dead_code)]

use basics::{Moment, Zone};
use bytes::BytesMut;
use hl7::mllp::{Deframer, Limits, Received};
use hl7::{AckCode, Delimiters, Document, Message, Piece, Timestamp};

/// No text may be longer than its bytes by more: one byte becomes at most a three-byte character, and `\.sp64\` in six
/// bytes is 64 lines.
const GROWTH_MAX: usize = 11;

/// Opens bytes as a message and reads every part of it; returns whether it was readable.
pub fn message(bytes: &[u8]) -> bool {
    answers(bytes);
    let copy = hl7::readable(bytes);
    assert!(copy.len() <= bytes.len() * 3 + 64, "a readable copy grew beyond its bound");
    let Ok(message) = Message::parse(&copy) else { return false };
    let mut reads = 0usize;
    let mut end = 0usize;
    let origin = copy.as_ptr() as usize;
    for segment in message.segments() {
        let start = segment.raw().as_ptr() as usize - origin;
        assert!(start >= end && !segment.raw().is_empty(), "segments overlap, go back or are empty");
        end = start + segment.raw().len();
        assert!(matches!(segment.name().len(), 0 | 3), "a name of another length");
        let fields = segment.fields_count();
        assert!(fields <= segment.raw().len() + 1);
        assert!(segment.field(fields + 1).is_empty() && segment.field(usize::MAX).is_empty());
        // Finding field n walks the segment: enough of a huge one is read, so that work stays linear.
        for n in 0..=fields.min(200) {
            let field = segment.field(n);
            reads += 1;
            assert!(field.full_text().len() <= field.raw().len() * GROWTH_MAX, "text outgrew its bytes");
            for repetition in field.repetitions().take(50) {
                for component in repetition.components().take(50) {
                    let text = component.text();
                    assert!(text.len() <= component.raw().len() * GROWTH_MAX, "text outgrew its bytes");
                    assert!(!component.is_null() || text.is_empty());
                    Timestamp::parse(&text);
                    component.subcomponent(2).text();
                    reads += 1;
                }
            }
        }
    }
    assert!(end <= copy.len());
    assert!(reads <= copy.len() * 3 + 64 * (message.segments_count() + 1), "more parts than bytes");
    for path in ["MSH-9.2", "PID-3(2).4.1", "OBX(3)-5", "PV1-3"] {
        message.text(path);
    }
    assert_eq!(message.header().index(), 0);
    message.segment("PID");
    documents(&message);
    true
}

fn documents(message: &Message<'_>) {
    const BYTES_MAX: usize = 1 << 20;
    for segment in message.segments().filter(|s| s.name() == "OBX").take(20) {
        if let Ok(document) = Document::decode(segment.field(5), BYTES_MAX) {
            assert!(document.bytes.len() <= BYTES_MAX && document.mime.contains('/'));
        }
    }
}

/// Answers bytes, readable or not, and checks that the answer can be read and names them.
fn answers(bytes: &[u8]) {
    let at = Moment::from_milliseconds(1_772_000_000_000);
    let answer = hl7::acknowledgement(bytes, AckCode::AE, "could | not ^ be kept", "L1", at, &Zone::utc());
    let Ok(read) = Message::parse(&answer) else {
        // Only a header whose own MSH-18 asks for conversion is answered by such a one.
        let unconverted = Message::parse(&hl7::readable(&answer)).map(|m| m.segments_count());
        assert_eq!(unconverted, Ok(2), "an answer nobody can read: {}", String::from_utf8_lossy(&answer));
        return;
    };
    let msa = read.segment("MSA").map(|s| s.field(2).raw());
    assert_eq!(msa, Some(hl7::control_id(bytes)), "an answer that names another message");
}

/// Splits bytes and checks that nothing is lost or doubled; returns how many messages there were.
pub fn split(bytes: &[u8]) -> usize {
    let between = |b: &u8| {
        matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C | 0x1C | 0x1A | 0 | 0xEF | 0xBB | 0xBF)
    };
    let origin = bytes.as_ptr() as usize;
    let (mut from, mut messages) = (0, 0);
    for piece in hl7::split(bytes) {
        let start = piece.bytes().as_ptr() as usize - origin;
        let skipped = &bytes[from..start];
        assert!(skipped.iter().all(between), "bytes were lost between pieces: {skipped:?}");
        assert!(!piece.bytes().is_empty());
        from = start + piece.bytes().len();
        messages += usize::from(matches!(piece, Piece::Message(_)));
    }
    assert!(bytes[from..].iter().all(between), "bytes were lost at the end");
    messages
}

/// Sends bytes through the deframer in parts whose sizes the first byte decides; what comes out is what went in.
pub fn deframer(bytes: &[u8]) {
    let step = usize::from(bytes.first().copied().unwrap_or(0) % 16) + 1;
    let limits = Limits { frame_bytes_max: 4096, end_mark_alone: step.is_multiple_of(2) };
    let mut deframer = Deframer::new(limits);
    let mut buffer = BytesMut::new();
    let mut out = 0usize;
    let mut take = |received: Received| match received {
        Received::Message(b) | Received::Unfinished(b) => {
            assert!(b.len() <= limits.frame_bytes_max + 3, "a frame outgrew its budget");
            out += b.len();
        }
        Received::Stray(b) => {
            assert!(!b.is_empty());
            out += b.len();
        }
    };
    for part in bytes.chunks(step) {
        buffer.extend_from_slice(part);
        loop {
            match deframer.next(&mut buffer) {
                Ok(Some(received)) => take(received),
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(buffer.len() <= limits.frame_bytes_max + 4, "the buffer outgrew its budget");
    }
    while let Ok(Some(received)) = deframer.finish(&mut buffer) {
        take(received);
    }
    let marks = bytes.iter().filter(|b| matches!(b, 0x0B | 0x1C | b'\r' | b'\n' | b' ' | b'\t' | 0)).count();
    assert!(out <= bytes.len() && out + marks >= bytes.len(), "{out} of {} bytes came out", bytes.len());
}

/// Reads bytes as a timestamp; what is read is written and read back the same.
pub fn timestamp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(read) = Timestamp::parse(&text) {
        let again = Timestamp::parse(&read.to_string());
        assert_eq!(again, Some(read), "{text}");
        assert!(read.date().is_some());
        read.moment(&Zone::utc());
    }
}

/// Escapes bytes as text under odd delimiters; it reads back the same and cannot end a field.
pub fn escape(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    if text == "\"\"" {
        return;
    }
    for header in ["MSH|^~\\&|X|||||||||||||||UTF-8", "MSH$%*:;$X$$$$$$$$$$$$$$$UTF-8"] {
        let delimiters = Message::parse(header.as_bytes()).map(|m| m.delimiters()).unwrap_or_default();
        let written = hl7::escape(&text, delimiters);
        let mut raw = header.as_bytes().to_vec();
        raw.extend_from_slice(b"\rZZZ");
        raw.push(delimiters.field);
        raw.extend_from_slice(&written);
        let message = Message::parse(&raw).expect("what was built is readable");
        let field = message.segment("ZZZ").expect("ZZZ").field(1);
        assert_eq!(field.text(), text, "{header}");
    }
    hl7::escape(&text, Delimiters::default());
}

/// Reads bytes as OBX-5 of a result.
pub fn document(bytes: &[u8]) {
    let mut raw = b"MSH|^~\\&|X\rOBX|1|ED|||".to_vec();
    raw.extend_from_slice(bytes);
    if let Ok(message) = Message::parse(&raw) {
        documents(&message);
    }
}

/// Everything above.
pub fn all(bytes: &[u8]) {
    message(bytes);
    split(bytes);
    deframer(bytes);
    timestamp(bytes);
    escape(bytes);
    document(bytes);
}
