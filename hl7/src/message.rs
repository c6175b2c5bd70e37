//! One HL7 v2 message, opened over the bytes that were received.
//!
//! Promises: one pass finds the segments, the rest is read when asked for; segment ends may be CR, LF or CRLF, blank
//! lines cost nothing, and a line that is plainly no segment is the rest of the text that a stray line end cut; two
//! messages in one are refused rather than mixed. Called by `translate` and `intake`; proved by the tests below, the
//! corpus test and the fuzz targets.

use crate::segment::{Context, Segment, names_a_segment, nth};
use crate::{Charset, Delimiters};
use std::borrow::Cow;

/// Larger messages are refused.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Messages of more segments are refused.
pub const SEGMENTS_MAX: usize = 100_000;

/// Why bytes are not read as a message. Each sentence can be shown to the person who clears the tray.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// Nothing but blanks.
    #[error("There is nothing in it.")]
    Empty,
    /// Does not open with MSH.
    #[error("It does not begin with an MSH segment, so it is no HL7 v2 message or only a part of one.")]
    NoHeader,
    /// Opens with FHS or BHS: has to be split first.
    #[error("It is a batch of messages; import it as a file.")]
    Batch,
    /// MSH-1 or MSH-2 cannot be delimiters.
    #[error("Its delimiters (MSH-1 and MSH-2) cannot be right: MSH-2 may be missing.")]
    BadDelimiters,
    /// A second MSH inside.
    #[error("It holds more than one message; import it as a file.")]
    SeveralMessages,
    /// In a character set in which delimiters cannot be told from letters: [`crate::readable`] has to come first.
    #[error("Its character set has to be converted to UTF-8 before it can be read.")]
    NeedsConversion,
    /// Above [`MESSAGE_BYTES_MAX`].
    #[error("It is {bytes} bytes long; {bytes_max} is the most that is read.")]
    TooBig {
        /// Its length.
        bytes: usize,
        /// The ceiling.
        bytes_max: usize,
    },
    /// Above [`SEGMENTS_MAX`].
    #[error("It has more than {segments_max} segments.")]
    TooManySegments {
        /// The ceiling.
        segments_max: usize,
    },
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

/// A message, borrowed from the bytes received.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    spans: Vec<Span>,
    context: Context,
}

impl<'a> Message<'a> {
    /// Opens `bytes` as one message. Blanks, a byte order mark or a start-of-frame before MSH, and an end-of-frame
    /// after the last segment, are tolerated.
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, Unreadable> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(Unreadable::TooBig { bytes: bytes.len(), bytes_max: MESSAGE_BYTES_MAX });
        }
        let bytes = trim_end(trim_start(bytes));
        let delimiters = match bytes {
            [b'M', b'S', b'H', ..] => Delimiters::declared(bytes).ok_or(Unreadable::BadDelimiters)?,
            [b'F' | b'B', b'H', b'S', b'|', ..] => return Err(Unreadable::Batch),
            [] => return Err(Unreadable::Empty),
            _ => return Err(Unreadable::NoHeader),
        };
        let spans = spans(bytes, delimiters.field)?;
        let context = Context { delimiters, charset: Charset::Undeclared };
        let mut message = Message { bytes, spans, context };
        message.context.charset = declared_charset(message.header().raw(), delimiters)?;
        Ok(message)
    }

    /// The delimiters it declares.
    pub fn delimiters(&self) -> Delimiters {
        self.context.delimiters
    }

    /// The character set it declares (MSH-18, first repetition).
    pub fn charset(&self) -> Charset {
        self.context.charset
    }

    /// The bytes it was opened over, without what surrounds the message.
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many segments there are.
    pub fn segments_count(&self) -> usize {
        self.spans.len()
    }

    /// All segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> {
        self.spans.iter().zip(0..).map(|(&span, index)| self.at(span, index))
    }

    /// The first segment so named.
    pub fn segment(&self, name: &str) -> Option<Segment<'a>> {
        let name: [u8; 3] = name.as_bytes().try_into().ok()?;
        let separator = self.context.delimiters.field;
        let found = self.spans.iter().position(|span| match self.bytes.get(span.start as usize..) {
            Some([a, b, c, rest @ ..]) => {
                [*a, *b, *c] == name && (span.end - span.start == 3 || rest.first() == Some(&separator))
            }
            _ => false,
        })?;
        self.spans.get(found).map(|&span| self.at(span, u32::try_from(found).unwrap_or(u32::MAX)))
    }

    /// The MSH segment.
    pub fn header(&self) -> Segment<'a> {
        self.at(self.spans.first().copied().unwrap_or(Span { start: 0, end: 0 }), 0)
    }

    /// Text by its place: `PID-5.1`, `PID-3(2).4`, `OBX(3)-5`, `PID-3.4.2`. Without a component it is the first;
    /// without a repetition the first. `None` when the path is none, or nothing is there.
    pub fn text(&self, path: &str) -> Option<Cow<'a, str>> {
        crate::path::text(self, path)
    }

    fn at(&self, span: Span, index: u32) -> Segment<'a> {
        let raw = self.bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
        Segment { raw, context: self.context, index }
    }
}

/// What may come before MSH: blanks, line ends, a start-of-frame, a byte order mark.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    loop {
        match bytes {
            [b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => {
                bytes = rest
            }
            _ => return bytes,
        }
    }
}

/// What may come after the last segment: line ends, an end-of-frame, an end-of-file mark.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n' | 0x1C | 0x1A | 0x0B] = bytes {
        bytes = rest;
    }
    bytes
}

/// One pass over the line ends. `bytes` is at most [`MESSAGE_BYTES_MAX`] long, so that places fit 32 bits.
fn spans(bytes: &[u8], separator: u8) -> Result<Vec<Span>, Unreadable> {
    let mut spans: Vec<Span> = Vec::with_capacity(16);
    let mut start = 0;
    let mut after_return = true;
    for end in memchr::memchr2_iter(b'\r', b'\n', bytes).chain(std::iter::once(bytes.len())) {
        let mut line = bytes.get(start..end).unwrap_or_default();
        while let [b' ' | b'\t' | 0x0B, rest @ ..] = line {
            line = rest;
        }
        if !line.is_empty() {
            let is_new = spans.is_empty()
                || names_a_segment(line, separator)
                || (after_return && resembles_a_segment(line, separator));
            if is_new {
                if !spans.is_empty() && line.starts_with(b"MSH") && line.get(3) == Some(&separator) {
                    return Err(Unreadable::SeveralMessages);
                }
                if spans.len() >= SEGMENTS_MAX {
                    return Err(Unreadable::TooManySegments { segments_max: SEGMENTS_MAX });
                }
                spans.push(Span { start: place(end - line.len()), end: place(end) });
            } else if let Some(last) = spans.last_mut() {
                last.end = place(end);
            }
            after_return = false;
        }
        after_return |= bytes.get(end) == Some(&b'\r');
        start = end + 1;
    }
    Ok(spans)
}

fn place(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A line after CR that opens with a short word and a separator is somebody's odd segment ("pid|", "ZPI1|"), to be
/// reported as such; any other is text that went on.
fn resembles_a_segment(line: &[u8], separator: u8) -> bool {
    let word = line.iter().take(6).take_while(|b| b.is_ascii_alphanumeric()).count();
    (2..=5).contains(&word) && line.get(word) == Some(&separator)
}

/// MSH-18, read before anything else since everything else depends on it.
fn declared_charset(header: &[u8], delimiters: Delimiters) -> Result<Charset, Unreadable> {
    let field = nth(header, delimiters.field, 17).unwrap_or_default();
    if field.is_empty() {
        return Ok(Charset::Undeclared);
    }
    let first = nth(field, delimiters.repetition, 0).unwrap_or_default();
    let first = nth(first, delimiters.component, 0).unwrap_or_default();
    let charset = Charset::named(first);
    if charset.hides_delimiters()
        || (field.len() > first.len() && crate::transcode::charset(field, delimiters).is_some())
    {
        return Err(Unreadable::NeedsConversion);
    }
    Ok(charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "MSH|^~\\&|LAB|NG|LB|NG|20260302||ORU^R01|7|P|2.4";

    #[test]
    fn line_ends_of_any_kind_give_the_same_segments() {
        for end in ["\r", "\n", "\r\n", "\r\r", "\n\n", "\r\n\r\n", "\n  "] {
            let text =
                format!("\u{feff}\u{b} \n{HEAD}{end}PID|1||77{end}OBX|1|ST|K||5.1{end}ZXX|9{end}\u{1c}\r");
            let message = Message::parse(text.as_bytes()).expect("readable");
            let names: Vec<_> = message.segments().map(|s| s.name()).collect();
            assert_eq!(names, ["MSH", "PID", "OBX", "ZXX"], "{end:?}");
            assert_eq!(message.text("PID-3").as_deref(), Some("77"));
            assert_eq!(message.text("ZXX-1").as_deref(), Some("9"));
            assert_eq!(message.segment("OBX").map(|s| s.index()), Some(2));
        }
    }

    #[test]
    fn a_line_end_inside_text_does_not_cut_it() {
        let text =
            format!("{HEAD}\nOBX|1|TX|R||No evidence of\n malignancy.\n\nSee A&E notes||||||F\nNTE|1||x");
        let message = Message::parse(text.as_bytes()).expect("readable");
        assert_eq!(message.segments_count(), 3);
        assert_eq!(message.text("OBX-5").as_deref(), Some("No evidence of\n malignancy.\n\nSee A&E notes"));
        assert_eq!(message.text("OBX-11").as_deref(), Some("F"));
    }

    #[test]
    fn an_odd_segment_stands_alone() {
        let text = format!("{HEAD}\rPID|1||77\rpid|2||78\rPV1|1|I");
        let message = Message::parse(text.as_bytes()).expect("readable");
        let names: Vec<_> = message.segments().map(|s| s.name()).collect();
        assert_eq!(names, ["MSH", "PID", "", "PV1"]);
    }

    #[test]
    fn header_fields_are_numbered_as_the_standard_does() {
        let message = Message::parse(HEAD.as_bytes()).expect("readable");
        let header = message.header();
        assert_eq!(header.field(1).text(), "|");
        assert_eq!(header.field(2).text(), "^~\\&");
        assert_eq!(header.field(3).text(), "LAB");
        assert_eq!(header.field(9).component(2).text(), "R01");
        assert_eq!(header.field(12).text(), "2.4");
        assert_eq!((header.fields_count(), header.field(13).is_empty()), (12, true));
        assert!(header.field(0).is_empty() && header.field(usize::MAX).is_empty());
    }

    #[test]
    fn parts_are_told_apart_empty_from_null() {
        let text = format!("{HEAD}\rPID|1||9~8^^^NHS&2.16&ISO^NH~||A&E^\"\"^||\"\"");
        let message = Message::parse(text.as_bytes()).expect("readable");
        let pid = message.segment("PID").expect("PID");
        let ids: Vec<_> = pid.field(3).repetitions().map(|r| r.text().into_owned()).collect();
        assert_eq!(ids, ["9", "8", ""]);
        let second = pid.field(3).repetitions().nth(1).expect("second");
        assert_eq!(second.component(4).text(), "NHS&2.16&ISO");
        assert_eq!(second.component(4).subcomponent(1).text(), "NHS");
        assert_eq!(second.components().count(), 5);
        assert_eq!(pid.field(5).text(), "A&E");
        assert!(pid.field(5).component(2).is_null() && pid.field(5).component(3).is_empty());
        assert!(pid.field(7).is_null() && !pid.field(7).is_empty() && pid.field(7).text().is_empty());
        assert!(pid.field(6).is_empty() && pid.field(6).repetitions().next().is_none());
    }

    #[test]
    fn free_text_keeps_stray_delimiters() {
        let text = format!("{HEAD}\rOBX|1|TX|R||10^3 cells~second line\\.br\\third");
        let message = Message::parse(text.as_bytes()).expect("readable");
        let field = message.segment("OBX").expect("OBX").field(5);
        assert_eq!(field.full_text(), "10^3 cells\nsecond line\nthird");
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_reason() {
        for (text, reason) in [
            ("", Unreadable::Empty),
            (" \r\n\u{1c}\r", Unreadable::Empty),
            ("PID|1", Unreadable::NoHeader),
            ("FHS|^~\\&|", Unreadable::Batch),
            ("MSH", Unreadable::BadDelimiters),
            ("MSH|EPIC|X", Unreadable::BadDelimiters),
            ("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rPID|2", Unreadable::SeveralMessages),
            ("MSH|^~\\&||||||||||||||||BIG-5\r", Unreadable::NeedsConversion),
        ] {
            assert_eq!(Message::parse(text.as_bytes()).map(|_| ()), Err(reason), "{text:?}");
        }
        let many = format!("{HEAD}\r{}", "ZZZ|\r".repeat(SEGMENTS_MAX));
        let refused = Message::parse(many.as_bytes()).map(|_| ());
        assert_eq!(refused, Err(Unreadable::TooManySegments { segments_max: SEGMENTS_MAX }));
    }
}
