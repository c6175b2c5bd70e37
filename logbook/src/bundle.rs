//! Shipping a stretch of a book, sealed as it is, to another site that keeps it as a witness.
//!
//! A bundle carries the segments' headers, the entries exactly as they lie in the book, and a head signed for its last
//! entry. The witness needs only the sender's verifying key: it can prove the book whole but read nothing in it. It
//! takes a bundle all or not at all; what it has already is compared and not kept twice; what contradicts it is a
//! fork, and both signed heads are kept as proof. Called by `sites` and the command line; proved by test forks.

use crate::chain::segment_link;
use crate::disk::{Disk, DiskFile, RealDisk, read_full_at, read_whole, write_all_at};
use crate::entry::Seal;
use crate::fork::ForkProof;
use crate::format::{
    COMMIT_HEADER_BYTES, CommitHeader, HEAD_BYTES, Head, Names, SEGMENT_HEADER_BYTES, SegmentHeader, take,
};
use crate::heads::HeadsFile;
use crate::index::damage;
use crate::keys::Keys;
use crate::recovery::{Segment, ordinals, recover};
use crate::walker::{Place, RawEntry, Walker};
use crate::{COMMIT_BYTES_MAX, Fault};
use basics::{BookName, EntryNumber, Moment};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"LBBUND01";
/// Magic 8, first entry 8, last entry 8, length of the blocks 8; then a head.
const PREFACE_BYTES: usize = 32 + HEAD_BYTES;
/// A commit of a bundle is ended once it holds this many bytes.
const COMMIT_WISH_BYTES: usize = 1 << 20;

/// What a bundle says about itself, once verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    /// First entry.
    pub from: EntryNumber,
    /// Last entry.
    pub to: EntryNumber,
    /// The sender's signed head for exactly the last entry.
    pub head: Head,
}

/// What a witness took from a bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The bundle's head, now kept.
    pub head: Head,
    /// Entries that were new.
    pub new: u64,
    /// Entries that were held already, and agreed.
    pub known: u64,
}

/// Writes entries `from` to `to` (both included) of a book to `out`; returns the head that vouches for them. `at` is
/// now and stands in that head.
pub fn export(
    dir: &Path,
    book: &BookName,
    keys: &Keys,
    (from, to): (EntryNumber, EntryNumber),
    at: Moment,
    out: &mut impl Write,
) -> Result<Head, Fault> {
    export_with((dir, &RealDisk), book, keys, (from, to), at, out)
}

/// The same from any disk.
pub(crate) fn export_with(
    (dir, disk): (&Path, &dyn Disk),
    book: &BookName,
    keys: &Keys,
    (from, to): (EntryNumber, EntryNumber),
    at: Moment,
    out: &mut impl Write,
) -> Result<Head, Fault> {
    let none = Fault::NoSuchEntries { from, to };
    if from.0 == 0 || to < from {
        return Err(none);
    }
    let names = Names::of(book);
    let mut blocks = Blocks { out: Vec::new(), commit: None, seal: None, from: from.0, to: to.0 };
    let mut segments = Vec::new();
    for ordinal in ordinals(disk, dir, &names)? {
        let path = dir.join(names.segment(ordinal));
        segments.push(Segment::open(disk, path, (book, ordinal, Some(&keys.verifying_key())), false)?);
    }
    // Begins with every segment whose first entry is `from` (empty ones are links of the chain too), else with the
    // one that holds it, whose header gives the salt.
    let begin = segments
        .iter()
        .position(|s| s.header.first == from.0)
        .or_else(|| segments.iter().rposition(|s| s.header.first < from.0))
        .ok_or(Fault::NoSuchEntries { from, to })?;
    for segment in segments.iter().skip(begin).take_while(|s| s.header.first <= to.0) {
        blocks.segment(segment)?;
    }
    let Some(seal) = blocks.seal else { return Err(none) };
    let head = Head::sign(book, to.0, Seal(seal), at, &keys.signing());
    let mut preface = Vec::with_capacity(PREFACE_BYTES);
    preface.extend_from_slice(MAGIC);
    for number in [from.0, to.0, blocks.out.len() as u64] {
        preface.extend_from_slice(&number.to_le_bytes());
    }
    preface.extend_from_slice(&head.to_bytes());
    let path = Path::new("the bundle");
    out.write_all(&preface).map_err(|e| Fault::io("write", path, e))?;
    out.write_all(&blocks.out).map_err(|e| Fault::io("write", path, e))?;
    Ok(head)
}

/// The blocks of a bundle being written: 'S' and a segment header, 'C' and a commit.
struct Blocks {
    out: Vec<u8>,
    commit: Option<(CommitHeader, Vec<u8>)>,
    seal: Option<[u8; 32]>,
    from: u64,
    to: u64,
}

impl Blocks {
    fn segment(&mut self, segment: &Segment) -> Result<(), Fault> {
        let mut header = [0; SEGMENT_HEADER_BYTES];
        read_full_at(&*segment.file, &mut header, 0).map_err(|e| Fault::io("read", &segment.path, e))?;
        self.out.push(b'S');
        self.out.extend_from_slice(&header);
        let mut walker = Walker::new(segment.file.clone(), segment.start(), segment.length()?, true);
        while let Some(raw) = walker.next().map_err(|stop| damage(segment, stop))? {
            if raw.number >= self.from && raw.number <= self.to {
                self.entry(&raw)?;
            }
            if raw.number >= self.to {
                self.seal = Some(raw.seal);
                break;
            }
        }
        self.flush();
        Ok(())
    }

    fn entry(&mut self, raw: &RawEntry<'_>) -> Result<(), Fault> {
        let other_attempt = self.commit.as_ref().is_some_and(|(header, _)| header.attempt != raw.attempt);
        let long =
            self.commit.as_ref().is_some_and(|(_, bytes)| bytes.len() + raw.sealed.len() > COMMIT_WISH_BYTES);
        if other_attempt || long {
            self.flush();
        }
        let (header, bytes) = self.commit.get_or_insert_with(|| {
            let header = CommitHeader {
                payload_bytes: 0,
                entries: 0,
                first: raw.number,
                attempt: raw.attempt,
                previous_link: raw.previous,
            };
            (header, Vec::new())
        });
        bytes.extend_from_slice(&raw.header.bytes());
        bytes.extend_from_slice(raw.sealed);
        bytes.extend_from_slice(&raw.seal);
        header.entries += 1;
        header.payload_bytes = bytes.len() as u32;
        Ok(())
    }

    fn flush(&mut self) {
        if let Some((header, bytes)) = self.commit.take() {
            self.out.push(b'C');
            self.out.extend_from_slice(&header.bytes());
            self.out.extend_from_slice(&bytes);
        }
    }
}

/// Bytes in memory as a file to walk.
struct InMemory(Vec<u8>);

impl DiskFile for InMemory {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        Ok(length)
    }
    fn write_at(&self, _: &[u8], _: u64) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// A piece of a verified bundle, ready to be laid into a witnessed book.
struct Piece {
    segment: SegmentHeader,
    header: Vec<u8>,
    /// Whether entries before the bundle lie in this segment too.
    continues: bool,
    /// Offset of each entry, its number and its link; then the end.
    commits: Vec<u8>,
    entries: Vec<(u64, [u8; 32])>,
}

struct Verified {
    bundle: Bundle,
    pieces: Vec<Piece>,
    /// The link that the first entry follows.
    previous_link: [u8; 32],
}

/// Verifies a bundle by itself: signed by `key`, whole, chained from its first entry to its head.
pub fn verify_bundle(bundle: &Path, key: &[u8; 32]) -> Result<Bundle, Fault> {
    read_bundle(bundle, key).map(|verified| verified.bundle)
}

fn read_bundle(path: &Path, key: &[u8; 32]) -> Result<Verified, Fault> {
    let bad = |entry: Option<u64>, what: &str| Fault::damaged(path, entry, what);
    // A bundle is held in memory whole; longer books are shipped in several.
    let bytes =
        read_whole(&RealDisk, path, 4 * COMMIT_BYTES_MAX as u64).map_err(|e| Fault::io("read", path, e))?;
    let number = |at| take(&bytes, at).map_or(0, u64::from_le_bytes);
    let (from, to, length) = (number(8), number(16), number(24));
    let head = bytes.get(32..PREFACE_BYTES).and_then(Head::from_bytes);
    let Some(head) = head.filter(|_| bytes.starts_with(MAGIC)) else {
        return Err(bad(None, "it is not a bundle, or its head is not signed"));
    };
    if head.key != *key {
        return Err(bad(None, "another site signed it"));
    }
    if from == 0 || to < from || head.size != to || bytes.len() as u64 != PREFACE_BYTES as u64 + length {
        return Err(bad(None, "its numbers do not agree with its head and its length"));
    }
    let blocks = bytes.get(PREFACE_BYTES..).unwrap_or_default();
    let mut state =
        Unpacking { path, head: &head, next: from, link: None, pieces: Vec::new(), previous: [0; 32] };
    let mut at = 0;
    while let Some(tag) = blocks.get(at) {
        at += 1 + match tag {
            b'S' => state.segment(blocks.get(at + 1..).unwrap_or_default())?,
            b'C' => state.commit(blocks.get(at + 1..).unwrap_or_default())?,
            _ => return Err(bad(Some(state.next), "a block of unknown kind")),
        };
    }
    if state.next != to + 1 || state.link != Some(head.seal.0) {
        return Err(bad(Some(state.next), "its entries do not end where its head says"));
    }
    let (pieces, previous_link) = (state.pieces, state.previous);
    Ok(Verified {
        bundle: Bundle { from: EntryNumber(from), to: EntryNumber(to), head },
        pieces,
        previous_link,
    })
}

struct Unpacking<'a> {
    path: &'a Path,
    head: &'a Head,
    next: u64,
    link: Option<[u8; 32]>,
    pieces: Vec<Piece>,
    previous: [u8; 32],
}

impl Unpacking<'_> {
    fn bad(&self, what: &str) -> Fault {
        Fault::damaged(self.path, Some(self.next), what)
    }

    fn segment(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let header =
            SegmentHeader::parse(bytes).filter(|h| h.key == self.head.key && h.book == self.head.book);
        let Some(segment) = header else {
            return Err(self.bad("a segment's header is not whole or not signed"));
        };
        let continues = self.pieces.is_empty() && segment.first < self.next;
        if let Some(before) = self.pieces.last() {
            let in_order = segment.ordinal == before.segment.ordinal + 1 && segment.first == self.next;
            if !in_order || self.link != Some(segment.previous_link) {
                return Err(self.bad("a segment does not follow the one before"));
            }
        } else if !continues && segment.first != self.next {
            return Err(self.bad("the first segment begins after the first entry"));
        }
        let header = bytes.get(..SEGMENT_HEADER_BYTES).unwrap_or_default().to_vec();
        if !continues {
            self.link = Some(segment_link(&header));
        }
        if self.pieces.is_empty() {
            self.previous = segment.previous_link;
        }
        self.pieces.push(Piece { segment, header, continues, commits: Vec::new(), entries: Vec::new() });
        Ok(SEGMENT_HEADER_BYTES)
    }

    fn commit(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let Some(header) = CommitHeader::parse(bytes) else { return Err(self.bad("a commit is not whole")) };
        let length = COMMIT_HEADER_BYTES + header.payload_bytes as usize;
        let Some(commit) = bytes.get(..length) else { return Err(self.bad("a commit is cut short")) };
        let first_of_all = self.link.is_none();
        let link = *self.link.get_or_insert(header.previous_link);
        if first_of_all {
            self.previous = header.previous_link;
        }
        let place = Place { offset: 0, number: self.next, link, attempt: 0, left: 0, payload: 0 };
        let mut walker = Walker::new(Arc::new(InMemory(commit.to_vec())), place, length as u64, true);
        let mut entries = Vec::new();
        loop {
            match walker.next() {
                Ok(Some(raw)) => entries.push((raw.number, raw.seal)),
                Ok(None) => break,
                Err(crate::walker::Stop::Broken { number, what }) => {
                    return Err(Fault::damaged(self.path, Some(number), what));
                }
                Err(crate::walker::Stop::Disk(e)) => return Err(Fault::io("read", self.path, e)),
            }
        }
        let place = walker.place();
        (self.next, self.link) = (place.number, Some(place.link));
        let Some(piece) = self.pieces.last_mut() else {
            return Err(Fault::damaged(self.path, None, "a commit comes before any segment"));
        };
        piece.commits.extend_from_slice(commit);
        piece.entries.extend(entries);
        Ok(length)
    }
}

/// Takes a bundle into the witnessed book in `dir` (a folder of its own for each sender; nobody records there).
/// `key` is the sender's verifying key as it was agreed beforehand. `Gap`: ask for the entries between. `Forked`:
/// nothing was taken, and both heads were kept in the book's `.forks` file.
pub fn import(bundle: &Path, dir: &Path, key: &[u8; 32]) -> Result<Imported, Fault> {
    let verified = read_bundle(bundle, key)?;
    let Bundle { from, to, head } = verified.bundle.clone();
    let names = Names::of(&head.book);
    RealDisk.create_dir(dir).map_err(|e| Fault::io("make the folder", dir, e))?;
    let lock_path = dir.join(names.lock());
    let lock = RealDisk.lock(&lock_path).map_err(|e| Fault::io("lock", &lock_path, e))?;
    let _lock = lock.ok_or(Fault::InUse(lock_path))?;
    let mut heads = HeadsFile::open(&RealDisk, dir, &names)?;
    let held = recover(&RealDisk, dir, (&head.book, &names, key), heads.last.as_ref())?;
    if from.0 > held.size + 1 {
        return Err(Fault::Gap { wanted: EntryNumber(held.size + 1), starts: from });
    }
    let mut witness = Witness { dir, names: &names, segments: held.segments, size: held.size };
    if let Some(entry) = witness.differs(&verified)? {
        let held_head = heads.last.clone().unwrap_or_else(|| head.clone());
        let proof = ForkProof { held: held_head, shown: head, entry: EntryNumber(entry) };
        keep_proof(dir, &names, &proof)?;
        return Err(Fault::Forked(Box::new(proof)));
    }
    for piece in &verified.pieces {
        witness.take(piece)?;
    }
    if heads.last.as_ref().is_none_or(|last| last.size < head.size) {
        heads.append(head.clone())?;
    }
    let new = to.0.saturating_sub(held.size);
    Ok(Imported { head, new, known: to.0 + 1 - from.0 - new })
}

/// The proofs of forks that were kept beside a witnessed book: pairs of heads.
fn keep_proof(dir: &Path, names: &Names, proof: &ForkProof) -> Result<(), Fault> {
    let path = dir.join(names.forks());
    let mut bytes = match read_whole(&RealDisk, &path, 64 << 20) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Fault::io("read", &path, e)),
    };
    bytes.extend_from_slice(&proof.held.to_bytes());
    bytes.extend_from_slice(&proof.shown.to_bytes());
    crate::disk::put_whole(&RealDisk, &path, &bytes).map_err(|e| Fault::io("write", &path, e))
}

struct Witness<'a> {
    dir: &'a Path,
    names: &'a Names,
    segments: Vec<Segment>,
    size: u64,
}

impl Witness<'_> {
    /// The first entry on which the bundle and the book differ; `None` when they agree where they overlap or touch.
    fn differs(&self, verified: &Verified) -> Result<Option<u64>, Fault> {
        let from = verified.bundle.from.0;
        let shown = |number: u64| {
            verified.pieces.iter().flat_map(|p| &p.entries).find(|(n, _)| *n == number).map(|(_, seal)| *seal)
        };
        let mut shown_entries = verified.pieces.iter().flat_map(|p| &p.entries).peekable();
        for segment in &self.segments {
            let mut walker = Walker::new(segment.file.clone(), segment.start(), segment.length()?, false);
            while let Some(raw) = walker.next().map_err(|stop| damage(segment, stop))? {
                if raw.number + 1 == from && shown(from).is_some() && self.first_link(verified) != raw.seal {
                    return Ok(Some(raw.number));
                }
                if let Some((_, seal)) = shown_entries.next_if(|(number, _)| *number == raw.number)
                    && *seal != raw.seal
                {
                    return Ok(Some(raw.number));
                }
            }
        }
        // Headers are links of the chain too: a segment held under the same ordinal must be the same segment.
        let other = verified.pieces.iter().find(|piece| {
            let held = self.segments.iter().find(|s| s.header.ordinal == piece.segment.ordinal);
            held.is_some_and(|held| held.link != segment_link(&piece.header))
        });
        Ok(other.map(|piece| piece.segment.first))
    }

    /// The seal that the bundle's first entry follows.
    fn first_link(&self, verified: &Verified) -> [u8; 32] {
        match verified.pieces.first() {
            Some(piece) if !piece.continues => piece.segment.previous_seal,
            _ => verified.previous_link,
        }
    }

    /// Lays what is new of a piece behind what is held, and syncs it.
    fn take(&mut self, piece: &Piece) -> Result<(), Fault> {
        let known = self.segments.iter().any(|s| s.header.ordinal == piece.segment.ordinal);
        if !known {
            self.begin(piece)?;
        }
        let last_held = self.size;
        let fresh = piece.entries.iter().any(|(number, _)| *number > last_held);
        let Some(segment) = self.segments.iter().find(|s| s.header.ordinal == piece.segment.ordinal) else {
            return Ok(());
        };
        if !fresh {
            return Ok(());
        }
        let bytes = commits_after(piece, last_held);
        let end = segment.length()?;
        write_all_at(&*segment.file, &bytes, end).map_err(|e| Fault::io("write", &segment.path, e))?;
        segment.file.sync_data().map_err(|e| Fault::io("sync", &segment.path, e))?;
        self.size = piece.entries.last().map_or(self.size, |(number, _)| *number);
        Ok(())
    }

    fn begin(&mut self, piece: &Piece) -> Result<(), Fault> {
        let path = self.dir.join(self.names.segment(piece.segment.ordinal));
        if piece.segment.ordinal as usize != self.segments.len() + 1 {
            return Err(Fault::damaged(
                &path,
                Some(piece.segment.first),
                "segments before it are missing; ask for them",
            ));
        }
        crate::disk::put_whole(&RealDisk, &path, &piece.header).map_err(|e| Fault::io("write", &path, e))?;
        let about = (&piece.segment.book, piece.segment.ordinal, Some(&piece.segment.key));
        self.segments.push(Segment::open(&RealDisk, path, about, true)?);
        Ok(())
    }
}

/// A piece's commits with the entries up to `held` left out.
fn commits_after(piece: &Piece, held: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(header) = piece.commits.get(at..).and_then(CommitHeader::parse) {
        let end = at + COMMIT_HEADER_BYTES + header.payload_bytes as usize;
        let commit = piece.commits.get(at..end).unwrap_or_default();
        let last = header.first + u64::from(header.entries) - 1;
        if header.first > held {
            out.extend_from_slice(commit);
        } else if last > held {
            out.extend_from_slice(&cut(commit, header, held));
        }
        at = end;
    }
    out
}

/// One commit with the entries up to `held` left out.
fn cut(commit: &[u8], header: CommitHeader, held: u64) -> Vec<u8> {
    let mut at = COMMIT_HEADER_BYTES;
    let mut link = header.previous_link;
    for _ in header.first..=held {
        let Some(entry) = commit.get(at..).and_then(crate::format::EntryHeader::parse) else {
            return Vec::new();
        };
        at += entry.whole_bytes();
        link = take(commit, at - 32).unwrap_or_default();
    }
    let payload = commit.get(at..).unwrap_or_default();
    let shorter = CommitHeader {
        payload_bytes: payload.len() as u32,
        entries: header.entries - (held + 1 - header.first) as u32,
        first: held + 1,
        attempt: header.attempt,
        previous_link: link,
    };
    [shorter.bytes().as_slice(), payload].concat()
}
