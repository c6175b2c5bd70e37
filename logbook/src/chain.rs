//! The hash chain: each link is SHA-256 over the link before and what it seals.
//!
//! Two kinds of link: a segment's (over its signed header) and an entry's (its `Seal`). Checked without any secret.

use crate::format::{EntryHeader, SEGMENT_HEADER_BYTES};
use sha2::{Digest, Sha256};

/// The link a segment begins with: over its 256 signed header bytes, which hold the link before.
pub(crate) fn segment_link(header: &[u8]) -> [u8; 32] {
    let signed = header.get(..SEGMENT_HEADER_BYTES - 64).unwrap_or_default();
    Sha256::new_with_prefix(b"LBSEGLNK").chain_update(signed).finalize().into()
}

/// The seal of one entry; `sealed` is its encrypted body followed by the tag.
pub(crate) fn entry_seal(
    previous: &[u8; 32],
    number: u64,
    attempt: u32,
    header: &[u8],
    sealed: &[u8],
) -> [u8; 32] {
    let mut fixed = [0u8; 68];
    let parts: [(usize, &[u8]); 5] = [
        (0, b"LBENTRY1"),
        (8, previous),
        (40, &number.to_le_bytes()),
        (48, &attempt.to_le_bytes()),
        (52, header),
    ];
    for (at, part) in parts {
        if let Some(field) = fixed.get_mut(at..at + part.len()) {
            field.copy_from_slice(part);
        }
    }
    Sha256::new_with_prefix(fixed).chain_update(sealed).finalize().into()
}

/// What an entry's encryption vouches for beside the body: its place, its time, its kind, its book, all before it.
pub(crate) struct Bound<'a> {
    pub previous: &'a [u8; 32],
    pub number: u64,
    pub attempt: u32,
    pub header: &'a EntryHeader,
    pub book: &'a str,
}

impl Bound<'_> {
    /// The associated data and its length: at most 8 + 32 + 8 + 4 + 16 + 40 bytes.
    pub fn bytes(&self) -> ([u8; 108], usize) {
        let mut out = [0u8; 108];
        let mut at = 0;
        let parts: [&[u8]; 6] = [
            b"LBBODY01",
            self.previous,
            &self.number.to_le_bytes(),
            &self.attempt.to_le_bytes(),
            &self.header.bytes(),
            self.book.as_bytes(),
        ];
        for part in parts {
            if let Some(field) = out.get_mut(at..at + part.len()) {
                field.copy_from_slice(part);
                at += part.len();
            }
        }
        (out, at)
    }
}
