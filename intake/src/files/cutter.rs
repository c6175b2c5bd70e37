//! Cuts a file into its messages, a few megabytes at a time.
//!
//! Always: pieces come in the file's order, each byte of the file in at most one piece, bytes that belong to no
//! message in a stray piece; a piece is never longer than the limit, and the buffer little longer than the longest.

use crate::BodyLimits;
use crate::json::{Scan, scan};
use crate::unpack::Unpacked;
use std::io::{self, Read};

/// Read ahead this far before cutting.
const CHUNK_BYTES: usize = 2 << 20;

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// An HL7 message, a FHIR bundle or a resource.
    Message,
    /// A line of an HL7 batch's envelope.
    Envelope,
    /// Anything else.
    Stray,
}

/// What a file holds, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// HL7 v2, or nothing that is known: what is no message comes as a stray.
    Hl7,
    /// HL7 v2 in UTF-16 or UTF-32, which has to be converted before it can be cut.
    Hl7Wide,
    /// One JSON value a line.
    Ndjson,
    /// JSON values, each over as many lines as it likes.
    Json,
}

pub(super) struct Cutter {
    reader: Unpacked,
    buffer: Vec<u8>,
    /// Read ahead until the buffer holds so many bytes.
    target: usize,
    ended: bool,
    content: Content,
    limits: BodyLimits,
}

/// What to hand on to whoever asked.
pub(super) type Take<'a> = &'a mut dyn FnMut(Cut, &[u8]) -> io::Result<()>;

impl Cutter {
    pub(super) fn new(reader: Unpacked, limits: &BodyLimits) -> io::Result<Self> {
        let mut cutter = Self {
            reader,
            buffer: Vec::new(),
            target: CHUNK_BYTES,
            ended: false,
            content: Content::Hl7,
            limits: *limits,
        };
        cutter.fill()?;
        cutter.content = sniff(&cutter.buffer);
        Ok(cutter)
    }

    /// Bytes taken from the file so far, as stored.
    pub(super) fn bytes_taken(&self) -> u64 {
        self.reader.bytes_taken()
    }

    /// Hands on the pieces that are complete; `false` after the last.
    pub(super) fn round(&mut self, take: Take<'_>) -> io::Result<bool> {
        self.fill()?;
        let used = match self.content {
            Content::Hl7 => self.hl7(take)?,
            Content::Hl7Wide => self.hl7_wide(take)?,
            Content::Ndjson => self.ndjson(take)?,
            Content::Json => self.json(take)?,
        };
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..used);
        // A piece that does not fit needs more room; twice as much each time keeps the work in proportion.
        self.target = if used == 0 { self.target * 2 } else { CHUNK_BYTES.max(self.buffer.len() * 2) };
        if self.buffer.len() > self.limits.message_bytes_max {
            let bytes_max = self.limits.message_bytes_max;
            let why =
                format!("it holds a message of more than {bytes_max} bytes, which the record cannot keep");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        Ok(true)
    }

    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.target.saturating_sub(self.buffer.len());
        if wanted > 0 && !self.ended {
            let read = self.reader.by_ref().take(wanted as u64).read_to_end(&mut self.buffer)?;
            self.ended = read < wanted;
        }
        Ok(())
    }

    fn hl7(&self, take: Take<'_>) -> io::Result<usize> {
        // Until the file has ended the last two pieces are held back: more bytes may belong to them.
        let held = if self.ended { 0 } else { 2 };
        let count =
            if held == 0 { usize::MAX } else { hl7::split(&self.buffer).count().saturating_sub(held) };
        let mut pieces = hl7::split(&self.buffer);
        for piece in pieces.by_ref().take(count) {
            give(piece, take)?;
        }
        Ok(match pieces.next() {
            Some(next) => (next.bytes().as_ptr() as usize).saturating_sub(self.buffer.as_ptr() as usize),
            None => 0,
        })
    }

    fn hl7_wide(&mut self, take: Take<'_>) -> io::Result<usize> {
        if !self.ended {
            return Ok(0);
        }
        let text = hl7::readable(&self.buffer);
        let mut pieces = hl7::split(&text);
        let first = pieces.next();
        match (first, pieces.next()) {
            // One message stays as it was sent, byte for byte.
            (Some(hl7::Piece::Message(_)), None) => take(Cut::Message, &self.buffer)?,
            _ => hl7::split(&text).try_for_each(|piece| give(piece, take))?,
        }
        Ok(self.buffer.len())
    }

    fn ndjson(&self, take: Take<'_>) -> io::Result<usize> {
        let mut from = 0;
        while let Some(rest) = self.buffer.get(from..).filter(|rest| !rest.is_empty()) {
            let end = match memchr::memchr(b'\n', rest) {
                Some(end) => end,
                None if self.ended => rest.len(),
                None => break,
            };
            let line = rest.get(..end).unwrap_or(rest).trim_ascii();
            if !line.is_empty() {
                take(if line.starts_with(b"{") { Cut::Message } else { Cut::Stray }, line)?;
            }
            from = (from + end + 1).min(self.buffer.len());
        }
        Ok(from)
    }

    fn json(&self, take: Take<'_>) -> io::Result<usize> {
        let mut from = 0;
        loop {
            let rest = self.buffer.get(from..).unwrap_or_default();
            let blank = blank_bytes(rest);
            from += blank;
            let rest = rest.get(blank..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(from);
            }
            match scan(rest, self.limits.json_depth_max) {
                Scan::Ends(end) => {
                    take(Cut::Message, rest.get(..end).unwrap_or(rest))?;
                    from += end;
                }
                _ if !self.ended => return Ok(from),
                // Cut off, too deep, or no JSON after all: a person looks at all that is left.
                _ => {
                    take(Cut::Stray, rest)?;
                    return Ok(self.buffer.len());
                }
            }
        }
    }
}

fn give(piece: hl7::Piece<'_>, take: Take<'_>) -> io::Result<()> {
    match piece {
        hl7::Piece::Message(bytes) => take(Cut::Message, bytes),
        hl7::Piece::Envelope(bytes) => take(Cut::Envelope, bytes),
        hl7::Piece::Stray(bytes) => take(Cut::Stray, bytes),
    }
}

/// Blanks and a byte order mark, which may stand between JSON values.
fn blank_bytes(bytes: &[u8]) -> usize {
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    mark + bytes.iter().skip(mark).take_while(|b| b.is_ascii_whitespace()).count()
}

/// What the first bytes of a file show.
pub(super) fn sniff(bytes: &[u8]) -> Content {
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'M', 0, b'S', 0, ..] | [0, b'M', 0, b'S', ..])
    {
        return Content::Hl7Wide;
    }
    let start = bytes.get(blank_bytes(bytes)..).unwrap_or_default();
    if start.starts_with(b"[") && matches!(start.get(1).copied(), Some(b'{' | b' ' | b'\r' | b'\n' | b'\t')) {
        return Content::Json;
    }
    let mut lines = start.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty()).take(8);
    let mut line_before_is_value = false;
    let opens_json = start.starts_with(b"{");
    // Two lines that each open an object are NDJSON, even where a line before them is broken; in one pretty-printed
    // object an opening brace is followed by a quote.
    for line in lines.by_ref() {
        let is_value = line.starts_with(b"{");
        if is_value && line_before_is_value {
            return Content::Ndjson;
        }
        line_before_is_value = is_value && line.len() > 1;
    }
    if opens_json { Content::Json } else { Content::Hl7 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack;

    fn cut(bytes: &[u8]) -> Vec<String> {
        let limits = BodyLimits::for_files();
        let reader = unpack::reader(io::Cursor::new(bytes.to_vec()), &limits).unwrap();
        let mut cutter = Cutter::new(reader, &limits).unwrap();
        let mut pieces = Vec::new();
        let mut take = |cut: Cut, bytes: &[u8]| {
            let letter = match cut {
                Cut::Message => 'M',
                Cut::Envelope => 'E',
                Cut::Stray => 'S',
            };
            pieces.push(format!("{letter}:{}", String::from_utf8_lossy(bytes)));
            Ok(())
        };
        while cutter.round(&mut take).unwrap() {}
        pieces
    }

    #[test]
    fn a_file_is_what_its_bytes_show() {
        for (text, expected) in [
            ("MSH|^~\\&|A\rPID|1\r", vec!["M:MSH|^~\\&|A\rPID|1"]),
            ("x\nMSH|^~\\&|A\rPID|1\r", vec!["S:x", "M:MSH|^~\\&|A\rPID|1"]),
            ("{\"a\":1}\n{\"b\":2}\n", vec!["M:{\"a\":1}", "M:{\"b\":2}"]),
            ("{\"a\":\n{\"b\":2}\nx\n", vec!["M:{\"a\":", "M:{\"b\":2}", "S:x"]),
            ("{\n \"a\": {\n}\n}\n", vec!["M:{\n \"a\": {\n}\n}"]),
            ("\u{feff}{\"a\":1}{\"b\":2}", vec!["M:{\"a\":1}", "M:{\"b\":2}"]),
            ("{\"a\":1} tail", vec!["M:{\"a\":1}", "S:tail"]),
            ("[{\"a\":1}]", vec!["M:[{\"a\":1}]"]),
            ("nothing known", vec!["S:nothing known"]),
            ("", vec![]),
            (" \r\n", vec![]),
        ] {
            assert_eq!(cut(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn files_longer_than_the_buffer_come_out_whole() {
        let filler = "x".repeat(3000);
        let message = |n: usize| format!("MSH|^~\\&|A|B|C|D|||ADT^A01|{n}|P|2.4\rNTE|1||{filler}");
        let file: Vec<String> = (0..5000).map(message).collect();
        let pieces = cut(file.join("\n\n").as_bytes());
        assert_eq!(pieces.len(), 5000);
        assert!(pieces.iter().zip(&file).all(|(piece, sent)| piece.strip_prefix("M:") == Some(sent)));
        let long = format!("MSH|^~\\&|A\rOBX|1|ED|||{}", "y".repeat(9 << 20));
        let pieces = cut(format!("{long}\r{long}\rMSH|^~\\&|B\r").as_bytes());
        assert_eq!(pieces.iter().map(String::len).collect::<Vec<_>>(), [long.len() + 2, long.len() + 2, 12]);
        let value = format!("{{\"resourceType\":\"Binary\",\"data\":\"{}\"}}", "z".repeat(7 << 20));
        assert_eq!(cut(format!("{value}\n{value}\n").as_bytes()).len(), 2);
    }

    #[test]
    fn wide_characters_are_cut_too() {
        let wide = |text: &str| -> Vec<u8> {
            [0xFEFFu16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        let one = wide("MSH|^~\\&|A\rPID|1\r");
        assert_eq!(cut(&one).len(), 1);
        assert_eq!(
            cut(&wide("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rPID|2\r")),
            ["M:MSH|^~\\&|A\rPID|1", "M:MSH|^~\\&|B\rPID|2"]
        );
    }
}
