//! A file of messages, cut into its messages.
//!
//! Files come as batches (FHS, BHS, BTS, FTS), as messages parted by blank lines or by nothing, and as recordings of
//! framed connections. Promises: each piece is a slice of the file, in order; every byte that is not a line end, a
//! blank, a frame mark, a byte order mark or an end-of-file mark between pieces is in exactly one piece; what is no
//! message comes as a stray, so that a person sees it. Called by file import; proved by a property test.

use crate::Delimiters;
use crate::message::{trim_end, trim_start};

/// A part of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    /// A message, from its MSH to its last segment, without trailing line ends.
    Message(&'a [u8]),
    /// One line of a batch's envelope: FHS, BHS, BTS or FTS.
    Envelope(&'a [u8]),
    /// Something else, for the tray.
    Stray(&'a [u8]),
}

impl<'a> Piece<'a> {
    /// The bytes, whatever they are.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Message(b) | Self::Envelope(b) | Self::Stray(b) => b,
        }
    }
}

/// The pieces of a file, in order; see [`Piece`]. UTF-16 and UTF-32 files go through [`crate::readable`] first.
pub fn split(bytes: &[u8]) -> Pieces<'_> {
    let framed = memchr::memchr2(0x0B, 0x1C, bytes).is_some();
    Pieces { rest: bytes, framed, separator: b'|' }
}

/// The iterator of [`split`].
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    /// Whether frame marks occur at all; if not they need not be looked for.
    framed: bool,
    /// Of the header seen last, to recognise the trailers that belong to it.
    separator: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Message,
    Envelope,
    Other,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = skip_marks(self.rest);
            if rest.is_empty() {
                self.rest = rest;
                return None;
            }
            let opening = self.opening(rest);
            if opening != Opening::Other
                && let Some(&separator) = rest.get(3)
                && separator.is_ascii_punctuation()
            {
                self.separator = separator;
            }
            let end = self.end_of_piece(rest, opening);
            let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            self.rest = after;
            let piece = trim_end(piece);
            if !piece.is_empty() {
                return Some(match opening {
                    Opening::Message => Piece::Message(piece),
                    Opening::Envelope => Piece::Envelope(piece),
                    Opening::Other => Piece::Stray(piece),
                });
            }
        }
    }
}

impl Pieces<'_> {
    fn opening(&self, line: &[u8]) -> Opening {
        let known = |b: &u8| *b == b'|' || *b == self.separator;
        match line {
            [b'M', b'S', b'H', b'|', ..] => Opening::Message,
            [b'M', b'S', b'H', ..] if Delimiters::declared(line).is_some() => Opening::Message,
            [b'F' | b'B', b'H', b'S', b'|', ..] => Opening::Envelope,
            [b'F' | b'B', b'H', b'S', ..] if Delimiters::declared(line).is_some() => Opening::Envelope,
            [b'F' | b'B', b'T', b'S', rest @ ..]
                if rest.first().is_none_or(|b| known(b) || matches!(b, b'\r' | b'\n' | 0x1C)) =>
            {
                Opening::Envelope
            }
            _ => Opening::Other,
        }
    }

    /// Where the piece that opens `rest` ends: an envelope at its line's end, a framed message at the end of its
    /// frame, anything else where the next header or envelope opens.
    fn end_of_piece(&self, rest: &[u8], opening: Opening) -> usize {
        let mut at = 0;
        // Up to here nothing but marks was found, with nothing opening after them: a long run of marks is looked
        // through once, not once for each of its lines.
        let mut known_until = 0;
        while let Some(mark) = self.next_mark(rest, at) {
            let after = rest.get(mark + 1..).unwrap_or_default();
            let ends = match rest.get(mark) {
                Some(0x1C) => matches!(after.first(), None | Some(b'\r' | b'\n' | 0x0B)),
                Some(0x0B) => after.starts_with(b"MSH"),
                _ if opening == Opening::Envelope => true,
                _ if mark < known_until => false,
                _ => {
                    let next_line = skip_marks(after);
                    known_until = rest.len() - next_line.len();
                    self.opening(next_line) != Opening::Other
                }
            };
            if ends {
                return mark;
            }
            at = mark + 1;
        }
        rest.len()
    }

    fn next_mark(&self, rest: &[u8], at: usize) -> Option<usize> {
        let tail = rest.get(at..)?;
        let found = if self.framed {
            tail.iter().position(|b| matches!(b, b'\r' | b'\n' | 0x0B | 0x1C))
        } else {
            memchr::memchr2(b'\r', b'\n', tail)
        };
        found.map(|i| at + i)
    }
}

/// Past everything that may stand between pieces.
fn skip_marks(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = trim_start(bytes);
        match bytes {
            [0x1C | 0x1A | 0, rest @ ..] => bytes = rest,
            _ => return bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "MSH|^~\\&|A\rPID|1";
    const B: &str = "MSH|^~\\&|B\nPID|2\n\nPV1|1|x y";

    fn check(file: &str, expected: &[&str]) {
        let pieces: Vec<String> = split(file.as_bytes())
            .map(|piece| {
                let letter = match piece {
                    Piece::Message(_) => 'M',
                    Piece::Envelope(_) => 'E',
                    Piece::Stray(_) => 'S',
                };
                format!("{letter}:{}", String::from_utf8_lossy(piece.bytes()))
            })
            .collect();
        assert_eq!(pieces, expected, "{file:?}");
    }

    #[test]
    fn files_of_every_kind_come_apart_at_their_messages() {
        let (ma, mb) = (format!("M:{A}"), format!("M:{B}"));
        for between in [
            "\r",
            "\n",
            "\n\n",
            "\r\n\r\n",
            "\u{1c}\r\u{b}",
            "\r\u{1c}\r\n\u{b}",
            "\u{1c}\u{b}",
            "\r\u{1a}\n",
            "\u{b}",
        ] {
            check(&format!("{A}{between}{B}\r"), &[&ma, &mb]);
        }
        check(
            &format!("\u{feff}FHS|^~\\&|x\rBHS|^~\\&|y\r{A}\r{A}\rBTS|2\rFTS|1\r"),
            &["E:FHS|^~\\&|x", "E:BHS|^~\\&|y", &ma, &ma, "E:BTS|2", "E:FTS|1"],
        );
        check(&format!("hello\nthere\n{A}\nBTS\nnoise\n"), &["S:hello\nthere", &ma, "E:BTS", "S:noise"]);
        check(&format!("\u{b}{A}\r\u{1c}\rjunk\r\u{b}{A}\r\u{1c}\r"), &[&ma, "S:junk", &ma]);
        check("MSH|EPIC|broken\rPID|1\rMSH|^~\\&|B", &["M:MSH|EPIC|broken\rPID|1", "M:MSH|^~\\&|B"]);
        check("MSH - message header\nMSH.9 is the type", &["S:MSH - message header\nMSH.9 is the type"]);
        check("", &[]);
        check(" \r\n\u{b}\u{1c}\r", &[]);
    }

    fn significant(bytes: &[u8]) -> Vec<u8> {
        let between = [b' ', b'\t', b'\r', b'\n', 0x0B, 0x0C, 0x1C, 0x1A, 0, 0xEF, 0xBB, 0xBF];
        bytes.iter().copied().filter(|b| !between.contains(b)).collect()
    }

    proptest! {
        #[test]
        fn nothing_in_a_file_is_lost_or_doubled(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("MSH|^~\\&|A"), Just("MSH"), Just("PID|1"), Just("\r"), Just("\n"), Just("\n\n"), Just("FHS|^~\\&"),
                    Just("BTS|1"), Just("\u{b}"), Just("\u{1c}"), Just("\u{1c}\r"), Just(" "), Just("text"), Just("\u{feff}"),
                    Just("MSH$%~\\&$"), Just("FTS$2"), Just("\0"), Just("MSH|X|"),
                ], 0..40)
        ) {
            let file = parts.concat();
            let bytes = file.as_bytes();
            let joined: Vec<u8> = split(bytes).flat_map(|p| p.bytes().to_vec()).collect();
            prop_assert_eq!(significant(&joined), significant(bytes));
            let mut from = bytes.as_ptr() as usize;
            for piece in split(bytes) {
                let start = piece.bytes().as_ptr() as usize;
                prop_assert!(start >= from && !piece.bytes().is_empty());
                from = start + piece.bytes().len();
            }
        }
    }
}
