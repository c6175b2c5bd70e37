//! The bytes of the record: segment headers, commit headers, entry headers, heads. Frozen: see docs/formats/logbook.md.
//!
//! Integers are little-endian. Every reserved byte is zero and checked, so that no bit of a file is without meaning.
//! Parsing never allocates by a length it read and never panics; proved by the bit-flip and arbitrary-bytes tests.

use crate::entry::Seal;
use basics::{BookName, Moment};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

pub(crate) const SEGMENT_HEADER_BYTES: usize = 320;
pub(crate) const COMMIT_HEADER_BYTES: usize = 64;
pub(crate) const ENTRY_HEADER_BYTES: usize = 16;
pub(crate) const TAG_BYTES: usize = 16;
pub(crate) const SEAL_BYTES: usize = 32;
/// What an entry adds to its body's length.
pub(crate) const ENTRY_EXTRA_BYTES: usize = ENTRY_HEADER_BYTES + TAG_BYTES + SEAL_BYTES;
pub(crate) const HEAD_BYTES: usize = 256;

const SEGMENT_MAGIC: &[u8; 8] = b"LBSEGM01";
pub(crate) const COMMIT_MAGIC: &[u8; 8] = b"LBCOMMIT";
const HEAD_MAGIC: &[u8; 8] = b"LBHEAD01";
const SIGNED_SEGMENT_BYTES: usize = SEGMENT_HEADER_BYTES - 64;
const SIGNED_HEAD_BYTES: usize = HEAD_BYTES - 64;

/// `N` bytes at `at`, or `None` past the end.
pub(crate) fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    take(bytes, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    take(bytes, at).map(u64::from_le_bytes)
}

pub(crate) fn zeros(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

fn put_name(out: &mut Vec<u8>, book: &BookName) {
    let name = book.as_str().as_bytes();
    out.push(u8::try_from(name.len()).unwrap_or(0));
    out.extend_from_slice(name);
    out.resize(out.len() + BookName::BYTES_MAX - name.len().min(BookName::BYTES_MAX), 0);
}

fn name_at(bytes: &[u8], at: usize) -> Option<BookName> {
    let length = usize::from(*bytes.get(at)?);
    let field = bytes.get(at + 1..at + 1 + BookName::BYTES_MAX)?;
    let (name, rest) = field.split_at_checked(length)?;
    let text = std::str::from_utf8(name).ok()?;
    let book = BookName::new(text)?;
    (book.as_str() == text && zeros(Some(rest))).then_some(book)
}

fn sign(out: &mut Vec<u8>, signing: &SigningKey) {
    let signature = signing.sign(out);
    out.extend_from_slice(&signature.to_bytes());
}

fn signed_by(bytes: &[u8], signed_bytes: usize, key: &[u8; 32]) -> bool {
    let (Ok(key), Some(signature)) = (VerifyingKey::from_bytes(key), take::<64>(bytes, signed_bytes)) else {
        return false;
    };
    bytes
        .get(..signed_bytes)
        .is_some_and(|message| key.verify_strict(message, &Signature::from_bytes(&signature)).is_ok())
}

/// The first 320 bytes of a segment file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SegmentHeader {
    pub ordinal: u32,
    pub first: u64,
    pub at: Moment,
    pub salt: [u8; 32],
    /// The link at which the segment before ended; zeros for the first.
    pub previous_link: [u8; 32],
    /// The seal of the book's last entry so far; zeros when there is none.
    pub previous_seal: [u8; 32],
    pub key: [u8; 32],
    pub book: BookName,
}

impl SegmentHeader {
    pub fn signed(&self, signing: &SigningKey) -> Vec<u8> {
        let mut out = Vec::with_capacity(SEGMENT_HEADER_BYTES);
        out.extend_from_slice(SEGMENT_MAGIC);
        out.extend_from_slice(&self.ordinal.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.at.milliseconds().to_le_bytes());
        for part in [&self.salt, &self.previous_link, &self.previous_seal, &self.key] {
            out.extend_from_slice(part);
        }
        put_name(&mut out, &self.book);
        out.resize(SIGNED_SEGMENT_BYTES, 0);
        sign(&mut out, signing);
        out
    }

    /// `None` unless every byte is as it must be and the header's own key signed it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..SEGMENT_HEADER_BYTES)?;
        let header = Self {
            ordinal: u32_at(bytes, 8)?,
            first: u64_at(bytes, 16)?,
            at: Moment::from_milliseconds(i64::from_le_bytes(take(bytes, 24)?)),
            salt: take(bytes, 32)?,
            previous_link: take(bytes, 64)?,
            previous_seal: take(bytes, 96)?,
            key: take(bytes, 128)?,
            book: name_at(bytes, 160)?,
        };
        let fixed =
            bytes.starts_with(SEGMENT_MAGIC) && zeros(bytes.get(12..16)) && zeros(bytes.get(201..256));
        (fixed && header.first > 0 && signed_by(bytes, SIGNED_SEGMENT_BYTES, &header.key)).then_some(header)
    }
}

/// The 64 bytes before the entries of one commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CommitHeader {
    pub payload_bytes: u32,
    pub entries: u32,
    pub first: u64,
    pub attempt: u32,
    pub previous_link: [u8; 32],
}

impl CommitHeader {
    pub fn bytes(&self) -> [u8; COMMIT_HEADER_BYTES] {
        let mut out = [0; COMMIT_HEADER_BYTES];
        let parts: [(usize, &[u8]); 6] = [
            (0, COMMIT_MAGIC),
            (8, &self.payload_bytes.to_le_bytes()),
            (12, &self.entries.to_le_bytes()),
            (16, &self.first.to_le_bytes()),
            (24, &self.attempt.to_le_bytes()),
            (32, &self.previous_link),
        ];
        for (at, part) in parts {
            if let Some(field) = out.get_mut(at..at + part.len()) {
                field.copy_from_slice(part);
            }
        }
        out
    }

    /// `None` unless it is a commit header whose numbers can be true at all.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..COMMIT_HEADER_BYTES)?;
        let header = Self {
            payload_bytes: u32_at(bytes, 8)?,
            entries: u32_at(bytes, 12)?,
            first: u64_at(bytes, 16)?,
            attempt: u32_at(bytes, 24)?,
            previous_link: take(bytes, 32)?,
        };
        let least = u64::from(header.entries) * ENTRY_EXTRA_BYTES as u64;
        let possible = header.entries > 0
            && u64::from(header.payload_bytes) >= least
            && header.payload_bytes as usize <= crate::COMMIT_BYTES_MAX
            && header.first > 0
            && header.first.checked_add(u64::from(header.entries)).is_some();
        (bytes.starts_with(COMMIT_MAGIC) && zeros(bytes.get(28..32)) && possible).then_some(header)
    }
}

/// The 16 bytes before an entry's encrypted body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct EntryHeader {
    pub body_bytes: u32,
    pub kind: u16,
    pub at: Moment,
}

impl EntryHeader {
    pub fn bytes(&self) -> [u8; ENTRY_HEADER_BYTES] {
        let [a, b, c, d] = self.body_bytes.to_le_bytes();
        let [k, l] = self.kind.to_le_bytes();
        let [m, n, o, p, q, r, s, t] = self.at.milliseconds().to_le_bytes();
        [a, b, c, d, k, l, 0, 0, m, n, o, p, q, r, s, t]
    }

    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let header = Self {
            body_bytes: u32_at(bytes, 0)?,
            kind: u16::from_le_bytes(take(bytes, 4)?),
            at: Moment::from_milliseconds(i64::from_le_bytes(take(bytes, 8)?)),
        };
        (zeros(bytes.get(6..8)) && header.body_bytes as usize <= crate::BODY_BYTES_MAX).then_some(header)
    }

    /// Header, body, tag and seal together.
    pub fn whole_bytes(&self) -> usize {
        ENTRY_EXTRA_BYTES + self.body_bytes as usize
    }
}

/// A signed statement: this book held `size` entries, the last of them with this seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The book.
    pub book: BookName,
    /// How many entries the book held.
    pub size: u64,
    /// The seal of the last of them; zeros for an empty book.
    pub seal: Seal,
    /// When the loggist received the last of them (or opened the book, when empty).
    pub at: Moment,
    /// The site's verifying key.
    pub key: [u8; 32],
    /// Ed25519 over the first 192 bytes of the head's encoding.
    pub signature: [u8; 64],
}

impl Head {
    /// Length of a head's encoding, in bytes.
    pub const BYTES: usize = HEAD_BYTES;

    pub(crate) fn sign(book: &BookName, size: u64, seal: Seal, at: Moment, signing: &SigningKey) -> Self {
        let key = signing.verifying_key().to_bytes();
        let mut head = Self { book: book.clone(), size, seal, at, key, signature: [0; 64] };
        head.signature = signing.sign(&head.signed_part()).to_bytes();
        head
    }

    fn signed_part(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES);
        out.extend_from_slice(HEAD_MAGIC);
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&self.at.milliseconds().to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&self.seal.0);
        out.extend_from_slice(&self.key);
        put_name(&mut out, &self.book);
        out.resize(SIGNED_HEAD_BYTES, 0);
        out
    }

    /// The 256 bytes in which a head is stored, shipped and printed.
    pub fn to_bytes(&self) -> [u8; HEAD_BYTES] {
        let mut whole = self.signed_part();
        whole.extend_from_slice(&self.signature);
        take(&whole, 0).unwrap_or([0; HEAD_BYTES])
    }

    /// Reads `to_bytes`; `None` unless every byte is as it must be and the head's own key signed it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let head = Self {
            book: name_at(bytes, 96)?,
            size: u64_at(bytes, 8)?,
            seal: Seal(take(bytes, 32)?),
            at: Moment::from_milliseconds(i64::from_le_bytes(take(bytes, 16)?)),
            key: take(bytes, 64)?,
            signature: take(bytes, SIGNED_HEAD_BYTES)?,
        };
        let exact = bytes.len() == HEAD_BYTES
            && bytes.starts_with(HEAD_MAGIC)
            && zeros(bytes.get(24..32))
            && zeros(bytes.get(137..SIGNED_HEAD_BYTES));
        (exact && head.is_signed()).then_some(head)
    }

    /// Whether its own key signed exactly this.
    pub fn is_signed(&self) -> bool {
        signed_by(&self.to_bytes(), SIGNED_HEAD_BYTES, &self.key)
    }
}

/// The file names of one book within its folder.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    stem: String,
}

impl Names {
    /// Letters a–z, digits and `_` stand for themselves, every other byte becomes `%xx`: no name leaves the folder,
    /// and two books never share a name, not even where the file system ignores case.
    pub fn of(book: &BookName) -> Self {
        let mut stem = String::new();
        for byte in book.as_str().bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'_' => stem.push(char::from(byte)),
                other => stem.push_str(&format!("%{other:02x}")),
            }
        }
        Self { stem }
    }

    pub fn segment(&self, ordinal: u32) -> String {
        format!("{}-{ordinal:08}.segment", self.stem)
    }

    pub fn heads(&self) -> String {
        format!("{}.heads", self.stem)
    }

    pub fn forks(&self) -> String {
        format!("{}.forks", self.stem)
    }

    pub fn lock(&self) -> String {
        format!("{}.lock", self.stem)
    }

    /// Where an unfinished tail of `file` that began at `offset` is set aside.
    pub fn torn(&self, file: &str, offset: u64) -> String {
        format!("torn-{file}-{offset}")
    }

    /// The ordinal when `name` is one of this book's segments.
    pub fn ordinal(&self, name: &str) -> Option<u32> {
        let digits = name.strip_prefix(&self.stem)?.strip_prefix('-')?.strip_suffix(".segment")?;
        (digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
    }

    /// The stem when `name` is a segment or heads file of any book.
    pub fn stem_of(name: &str) -> Option<&str> {
        let stem = match name.strip_suffix(".segment") {
            Some(rest) => {
                let (stem, digits) = rest.rsplit_once('-')?;
                (digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(stem)?
            }
            None => name.strip_suffix(".heads")?,
        };
        let plain = stem.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'%'));
        (plain && !stem.is_empty()).then_some(stem)
    }

    /// The book whose files carry this stem; `None` when no book's could.
    pub fn book_of(stem: &str) -> Option<BookName> {
        let mut bytes = Vec::new();
        let mut rest = stem.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if *first != b'%' {
                bytes.push(*first);
                continue;
            }
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        }
        let book = BookName::new(std::str::from_utf8(&bytes).ok()?)?;
        (Self::of(&book).stem == stem).then_some(book)
    }
}
