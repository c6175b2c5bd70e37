//! Evidence: the photo of a ransom screen, kept as it came, so that police and investigators can rely on it.
//!
//! The file itself lies sealed beside the book; the book says what it is, how long, and its SHA-256, so that one changed
//! byte is found. What kind of file it is is judged by its bytes, never by its name. Always: every piece says who
//! brought it, when, and what it shows. Never: a file opened, run or understood. Called through `book::decide`; the
//! control room keeps the files; proved by `tests/evidence.rs`.

use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Stamp};
use serde::{Deserialize, Serialize};

/// What a file looks like from its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum FileKind {
    Png,
    Jpeg,
    Gif,
    WebP,
    Heic,
    Pdf,
    Text,
    /// Anything else, and everything that looks like two things at once.
    Other,
}

impl FileKind {
    /// "PNG picture".
    pub fn words(self) -> &'static str {
        match self {
            Self::Png => "PNG picture",
            Self::Jpeg => "JPEG picture",
            Self::Gif => "GIF picture",
            Self::WebP => "WebP picture",
            Self::Heic => "HEIC picture",
            Self::Pdf => "PDF document",
            Self::Text => "plain text",
            Self::Other => "file of another kind",
        }
    }

    /// The ending that a download gets.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Heic => "heic",
            Self::Pdf => "pdf",
            Self::Text => "txt",
            Self::Other => "bin",
        }
    }

    /// What a file looks like. A picture with a second file inside (a polyglot) is of no kind at all.
    pub fn of(bytes: &[u8]) -> Self {
        let found = Self::by_its_beginning(bytes);
        if found != Self::Other && holds_another(found, bytes) { Self::Other } else { found }
    }

    fn by_its_beginning(bytes: &[u8]) -> Self {
        let box_type = bytes.get(4..12).unwrap_or_default();
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            _ if box_type.starts_with(b"ftyp")
                && [&b"heic"[..], b"heix", b"mif1"].iter().any(|b| box_type.ends_with(b)) =>
            {
                Self::Heic
            }
            _ if !bytes.is_empty() && plain_text(bytes) => Self::Text,
            _ => Self::Other,
        }
    }
}

fn plain_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
}

/// Whether the beginning of another kind of file, or of a page or script, stands somewhere inside.
fn holds_another(kind: FileKind, bytes: &[u8]) -> bool {
    const MARKS: [(&[u8], Option<FileKind>); 9] = [
        (b"PK\x03\x04", None),
        (b"%PDF-", Some(FileKind::Pdf)),
        (b"MZ\x90\x00", None),
        (b"\x7fELF", None),
        (b"<script", None),
        (b"<html", None),
        (b"<!DOCTYPE", None),
        (b"<svg", None),
        (b"<?php", None),
    ];
    MARKS.iter().any(|(mark, own)| *own != Some(kind) && memchr::memmem::find(bytes, mark).is_some())
}

/// One piece of evidence as the book has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// Its number within the incident, from 1.
    pub number: u32,
    /// What it shows, in words.
    pub shows: String,
    /// Where it was taken or found.
    pub found_at: String,
    /// The name of the file as it came; shown, never used.
    pub file_name: String,
    /// What it looks like.
    pub kind: FileKind,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of the file as it came, in 64 hexadecimal digits.
    pub sha256: String,
}

/// Evidence of one incident.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pieces: std::collections::BTreeMap<IncidentId, Vec<(Stamp, Piece)>>,
}

/// Pieces of one incident.
pub const PIECES_MAX: usize = 2_000;
/// Longest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 20 << 20;

impl Evidence {
    /// An incident's pieces, the oldest first.
    pub fn of_incident(&self, incident: IncidentId) -> &[(Stamp, Piece)] {
        self.pieces.get(&incident).map_or(&[], Vec::as_slice)
    }

    /// One piece.
    pub fn piece(&self, incident: IncidentId, number: u32) -> Option<&(Stamp, Piece)> {
        self.of_incident(incident).iter().find(|(_, piece)| piece.number == number)
    }
}

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// A piece of evidence was kept.
    Kept { incident: IncidentId, piece: Piece },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Keep a piece; its number is given by the rules. The file lies in the store already.
    Keep { incident: IncidentId, piece: Piece },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// No file.
    #[error("choose a file first; an empty one proves nothing")]
    Empty,
    /// Too long.
    #[error(
        "the file is longer than 20 MB; take a smaller picture, or keep the original safe and say here where it is"
    )]
    TooLong,
    /// Kept already.
    #[error("this very file is kept already as evidence {number}: {shows}")]
    KeptAlready { number: u32, shows: String },
    /// The hash is none.
    #[error("the file's hash could not be made; try again")]
    Hash,
}

/// The rules. Evidence may come after the stand-down.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let Intent::Keep { incident, piece } = intent;
    asked.incident(incident)?;
    let kept = asked.book.evidence.of_incident(incident);
    wording::at_most("pieces of evidence", kept.len() + 1, PIECES_MAX)?;
    if piece.bytes == 0 {
        return Err(Refusal::Empty);
    }
    if piece.bytes > FILE_BYTES_MAX {
        return Err(Refusal::TooLong);
    }
    if piece.sha256.len() != 64 || !piece.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Refusal::Hash);
    }
    if let Some((_, same)) = kept.iter().find(|(_, same)| same.sha256 == piece.sha256) {
        return Err(Refusal::KeptAlready { number: same.number, shows: same.shows.clone() });
    }
    let piece = Piece {
        number: u32::try_from(kept.len() + 1).unwrap_or(u32::MAX),
        shows: wording::note("what it shows", &piece.shows)?,
        found_at: wording::line_or_empty("where it was taken", &piece.found_at)?,
        file_name: wording::plain_line(&piece.file_name, wording::LINE_BYTES_MAX),
        ..piece
    };
    Ok(vec![Fact::Kept { incident, piece }])
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let Fact::Kept { incident, piece } = fact;
    book.evidence.pieces.entry(incident).or_default().push((stamp.clone(), piece));
}

impl Fact {
    /// In words.
    pub fn line(&self, _: &IncidentBook) -> String {
        let Self::Kept { piece, .. } = self;
        let found = if piece.found_at.is_empty() { String::new() } else { format!(", {}", piece.found_at) };
        format!(
            "Evidence {} kept: {}{found}. {}, {} bytes, SHA-256 {}",
            piece.number,
            piece.shows,
            piece.kind.words(),
            piece.bytes,
            piece.sha256
        )
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Note
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        let Self::Kept { incident, .. } = self;
        Some(*incident)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say_and_two_things_at_once_are_nothing() {
        let png = b"\x89PNG\r\n\x1a\n....".to_vec();
        let with = |more: &[u8]| [png.as_slice(), more].concat();
        for (bytes, want) in [
            (png.clone(), FileKind::Png),
            (b"\xff\xd8\xff\xe0....".to_vec(), FileKind::Jpeg),
            (b"GIF89a....".to_vec(), FileKind::Gif),
            (b"RIFF....WEBPVP8 ".to_vec(), FileKind::WebP),
            (b"\0\0\0\x18ftypheic....".to_vec(), FileKind::Heic),
            (b"%PDF-1.7\n".to_vec(), FileKind::Pdf),
            (b"Your files are encrypted\n".to_vec(), FileKind::Text),
            (b"<html><script>alert(1)</script>".to_vec(), FileKind::Other),
            (b"MZ\x90\x00....".to_vec(), FileKind::Other),
            (b"".to_vec(), FileKind::Other),
            (with(b"PK\x03\x04 a jar"), FileKind::Other),
            (with(b"%PDF-1.4 a document"), FileKind::Other),
            (with(b"<script>alert(1)</script>"), FileKind::Other),
            (b"GIF89a/*<svg onload=alert(1)>*/".to_vec(), FileKind::Other),
        ] {
            assert_eq!(FileKind::of(&bytes), want, "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
