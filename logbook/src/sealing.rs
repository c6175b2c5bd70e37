//! Encrypting and decrypting entries: one key per segment, one nonce per entry and attempt, never the same pair twice.
//!
//! A segment's key comes from the book's key and the segment's random salt, and only the loggist that made the
//! segment ever writes to it; within it the nonce is the entry's number and the attempt, which goes up whenever
//! sealed entries had to be given up (disk full). So a pair of key and nonce never meets two plaintexts.

use crate::chain::{Bound, entry_seal};
use crate::format::{ENTRY_EXTRA_BYTES, EntryHeader, TAG_BYTES};
use crate::keys::{Keys, derive};
use crate::walker::RawEntry;
use basics::{BookName, Moment};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use zeroize::Zeroizing;

/// The key of one book, from which its segments' keys are derived.
#[derive(Clone)]
pub(crate) struct BookKey {
    key: Zeroizing<[u8; 32]>,
    book: BookName,
}

impl BookKey {
    pub fn of(keys: &Keys, book: &BookName) -> Self {
        Self { key: keys.derive(&format!("book:{book}")), book: book.clone() }
    }

    pub fn segment(&self, salt: &[u8; 32]) -> SegmentCipher {
        let key = derive(&*self.key, Some(salt), b"lifeboat segment");
        SegmentCipher { cipher: ChaCha20Poly1305::new((&*key).into()), book: self.book.clone() }
    }
}

/// Seals and opens the entries of one segment.
#[derive(Clone)]
pub(crate) struct SegmentCipher {
    cipher: ChaCha20Poly1305,
    book: BookName,
}

fn nonce(number: u64, attempt: u32) -> Nonce {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    let [i, j, k, l] = attempt.to_le_bytes();
    Nonce::from([a, b, c, d, e, f, g, h, i, j, k, l])
}

impl SegmentCipher {
    /// Appends the sealed entry to `out` and returns its seal. `parts` together are at most `BODY_BYTES_MAX`.
    /// `None` when the cipher refused, which it does only for lengths that cannot occur.
    pub fn seal(
        &self,
        out: &mut Vec<u8>,
        previous: &[u8; 32],
        number: u64,
        attempt: u32,
        (kind, at): (u16, Moment),
        parts: &[&[u8]],
    ) -> Option<[u8; 32]> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let header = EntryHeader { body_bytes: u32::try_from(length).ok()?, kind, at };
        out.reserve(length + ENTRY_EXTRA_BYTES);
        out.extend_from_slice(&header.bytes());
        let start = out.len();
        parts.iter().for_each(|part| out.extend_from_slice(part));
        let (bound, bound_bytes) =
            Bound { previous, number, attempt, header: &header, book: self.book.as_str() }.bytes();
        let body = out.get_mut(start..)?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(number, attempt), bound.get(..bound_bytes)?, body.into())
            .ok()?;
        out.extend_from_slice(&tag);
        let seal = entry_seal(previous, number, attempt, &header.bytes(), out.get(start..)?);
        out.extend_from_slice(&seal);
        Some(seal)
    }

    /// The body, or `None` when anything bound to it is not as it was sealed.
    pub fn open(&self, raw: &RawEntry<'_>) -> Option<Vec<u8>> {
        let (sealed, tag) = raw.sealed.split_at_checked(raw.sealed.len().checked_sub(TAG_BYTES)?)?;
        let mut body = sealed.to_vec();
        let (bound, bound_bytes) = Bound {
            previous: &raw.previous,
            number: raw.number,
            attempt: raw.attempt,
            header: &raw.header,
            book: self.book.as_str(),
        }
        .bytes();
        let tag = Tag::try_from(tag).ok()?;
        self.cipher
            .decrypt_inout_detached(
                &nonce(raw.number, raw.attempt),
                bound.get(..bound_bytes)?,
                body.as_mut_slice().into(),
                &tag,
            )
            .ok()?;
        Some(body)
    }
}
