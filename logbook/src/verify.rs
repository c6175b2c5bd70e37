//! Checking a whole folder of books: every byte, every link, every signature, and heads that others kept.
//!
//! Needs only the verifying key; with the data key every body is decrypted as well. Reports the first fault of each
//! book by file and entry. Older files put back are consistent in themselves: only a head kept elsewhere shows them,
//! which is why heads are handed in. Called by `lifeboat verify`; proved by tests tampering, bit_flips and verifier.

use crate::disk::{Disk, RealDisk};
use crate::format::{Head, Names};
use crate::heads::read_file;
use crate::index::damage;
use crate::keys::Keys;
use crate::recovery::{Segment, Tail, ordinals};
use crate::sealing::BookKey;
use crate::walker::{Place, Walker};
use crate::{Fault, Seal};
use basics::{BookName, EntryNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the verifier has in hand.
#[derive(Clone, Copy)]
pub enum VerifyWith<'a> {
    /// Both keys: bodies are decrypted and authenticated too.
    Keys(&'a Keys),
    /// The site's verifying key alone: chain, headers and heads.
    VerifyingKey(&'a [u8; 32]),
}

impl VerifyWith<'_> {
    fn verifying_key(&self) -> [u8; 32] {
        match self {
            Self::Keys(keys) => keys.verifying_key(),
            Self::VerifyingKey(key) => **key,
        }
    }
}

/// One thing that is not as it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// The first entry concerned, where the flaw lies in entries.
    pub entry: Option<EntryNumber>,
    /// What was found.
    pub what: String,
}

/// Bytes after the last whole commit: a write that power or a kill interrupted. Opening the book sets them aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unfinished {
    /// The segment.
    pub file: PathBuf,
    /// Where they begin.
    pub offset: u64,
    /// How many, without zeros at the end.
    pub bytes: u64,
}

/// What was found about one book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookVerdict {
    /// The book.
    pub book: BookName,
    /// Entries that are whole, chained and in order.
    pub entries: u64,
    /// Bytes of segment files read.
    pub bytes: u64,
    /// Segment files.
    pub segments: u32,
    /// Signed heads in the heads file.
    pub heads: u64,
    /// The seal of the last whole entry; zeros when there is none.
    pub seal: Seal,
    /// Whole entries that no signed head covers yet: 0 for a book that was closed.
    pub after_last_head: u64,
    /// An interrupted write at the end.
    pub unfinished: Option<Unfinished>,
    /// The first flaw.
    pub flaw: Option<Flaw>,
}

impl BookVerdict {
    /// Nothing flawed, nothing unfinished.
    pub fn is_clean(&self) -> bool {
        self.flaw.is_none() && self.unfinished.is_none()
    }
}

/// What was found in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Every book of which a file or a head exists.
    pub books: Vec<BookVerdict>,
    /// Tails that were set aside when books were opened: kept for whoever investigates, no part of any book.
    pub set_aside: Vec<PathBuf>,
}

impl Verdict {
    /// Whether every book is clean.
    pub fn is_clean(&self) -> bool {
        self.books.iter().all(BookVerdict::is_clean)
    }

    /// The first flaw of the first flawed book.
    pub fn flaw(&self) -> Option<&Flaw> {
        self.books.iter().find_map(|book| book.flaw.as_ref())
    }
}

/// Verifies every book in `dir`, also against `external_heads` that witnesses kept. Reads only. `Err` only when the
/// folder itself cannot be listed.
pub fn verify(dir: &Path, with: VerifyWith<'_>, external_heads: &[Head]) -> Result<Verdict, Fault> {
    verify_on(&RealDisk, dir, with, external_heads)
}

/// Verifies one book in `dir`. Reads only. Beside a writer the end may look unfinished.
pub fn verify_book(dir: &Path, book: &BookName, with: VerifyWith<'_>) -> BookVerdict {
    Check::new(&RealDisk, dir, book.clone(), with).run(&[])
}

pub(crate) fn verify_on(
    disk: &dyn Disk,
    dir: &Path,
    with: VerifyWith<'_>,
    external_heads: &[Head],
) -> Result<Verdict, Fault> {
    let mut listed = disk.list(dir).map_err(|e| Fault::io("list", dir, e))?;
    listed.sort_unstable();
    let mut books: BTreeSet<BookName> =
        listed.iter().filter_map(|name| Names::book_of(Names::stem_of(name)?)).collect();
    books.extend(external_heads.iter().map(|head| head.book.clone()));
    let set_aside =
        listed.iter().filter(|name| name.starts_with("torn-")).map(|name| dir.join(name)).collect();
    let one = |book| Check::new(disk, dir, book, with).run(external_heads);
    Ok(Verdict { books: books.into_iter().map(one).collect(), set_aside })
}

/// One book being checked.
struct Check<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    names: Names,
    with: VerifyWith<'a>,
    key: [u8; 32],
    /// Seals that heads promise: size → (seal, whose head, and whether it is the book's own).
    promised: BTreeMap<u64, Vec<(Seal, PathBuf)>>,
    verdict: BookVerdict,
}

impl<'a> Check<'a> {
    fn new(disk: &'a dyn Disk, dir: &'a Path, book: BookName, with: VerifyWith<'a>) -> Self {
        let verdict = BookVerdict {
            book: book.clone(),
            entries: 0,
            bytes: 0,
            segments: 0,
            heads: 0,
            seal: Seal::default(),
            after_last_head: 0,
            unfinished: None,
            flaw: None,
        };
        let names = Names::of(&book);
        Self { disk, dir, names, with, key: with.verifying_key(), promised: BTreeMap::new(), verdict }
    }

    fn run(mut self, external: &[Head]) -> BookVerdict {
        // The entries are walked even when a head is flawed, so that the verdict says how much is whole; the first
        // flaw reported is the one in entries, since it names one.
        let heads = self.heads(external);
        let entries = self.entries();
        let flaw = entries.and_then(|()| self.beyond_the_end()).and(heads);
        self.verdict.flaw = flaw.err().map(flaw_of);
        self.verdict
    }

    /// Reads the book's heads and takes note of what each promises.
    fn heads(&mut self, external: &[Head]) -> Result<(), Fault> {
        let path = self.dir.join(self.names.heads());
        let own = read_file(self.disk, &path)?;
        self.verdict.heads = own.len() as u64;
        let mut outcome = Ok(());
        for head in own {
            let head = match head {
                Ok(head) if head.key == self.key && head.book == self.verdict.book => head,
                Ok(_) => {
                    outcome = outcome.and(Err(Fault::damaged(
                        &path,
                        None,
                        "it holds a head of another book or site",
                    )));
                    continue;
                }
                Err(what) => {
                    outcome = outcome.and(Err(Fault::damaged(&path, None, what)));
                    continue;
                }
            };
            self.promised.entry(head.size).or_default().push((head.seal, path.clone()));
            self.verdict.after_last_head = head.size;
        }
        for head in external.iter().filter(|head| head.book == self.verdict.book) {
            let what = "a head kept elsewhere is not signed by this site";
            if head.key != self.key || !head.is_signed() {
                outcome = outcome.and(Err(Fault::damaged(&path, None, what)));
                continue;
            }
            self.promised
                .entry(head.size)
                .or_default()
                .push((head.seal, PathBuf::from("a head kept elsewhere")));
        }
        outcome
    }

    fn entries(&mut self) -> Result<(), Fault> {
        let last_head = std::mem::take(&mut self.verdict.after_last_head);
        let outcome = self.segments();
        self.verdict.after_last_head = self.verdict.entries.saturating_sub(last_head);
        outcome
    }

    fn segments(&mut self) -> Result<(), Fault> {
        let found = ordinals(self.disk, self.dir, &self.names)?;
        let last = found.last().copied();
        let mut before: Option<(Place, PathBuf)> = None;
        for ordinal in found {
            let path = self.dir.join(self.names.segment(ordinal));
            let book = self.verdict.book.clone();
            let segment = Segment::open(self.disk, path, (&book, ordinal, Some(&self.key)), false)?;
            self.verdict.segments += 1;
            self.takes_up(&segment, before.as_ref())?;
            let end = self.segment(&segment, Some(ordinal) == last)?;
            before = Some((end, segment.path.clone()));
        }
        Ok(())
    }

    /// The header must take up exactly where the segment before ended.
    fn takes_up(&self, segment: &Segment, before: Option<&(Place, PathBuf)>) -> Result<(), Fault> {
        let header = &segment.header;
        let due = self.verdict.entries + 1;
        if let Some((end, path)) = before.filter(|_| header.first > due) {
            let _ = end;
            return Err(Fault::damaged(path, Some(due), "the segment ends before this entry"));
        }
        let link = before.map_or([0; 32], |(end, _)| end.link);
        if header.first != due || header.previous_link != link || header.previous_seal != self.verdict.seal.0
        {
            return Err(Fault::damaged(
                &segment.path,
                Some(due),
                "its header does not take up where the book stands",
            ));
        }
        Ok(())
    }

    /// Walks one segment; returns where it ends.
    fn segment(&mut self, segment: &Segment, is_last: bool) -> Result<Place, Fault> {
        let length = segment.length()?;
        self.verdict.bytes += length;
        let cipher = match self.with {
            VerifyWith::Keys(keys) => {
                Some(BookKey::of(keys, &self.verdict.book).segment(&segment.header.salt))
            }
            VerifyWith::VerifyingKey(_) => None,
        };
        let mut walker = Walker::new(segment.file.clone(), segment.start(), length, true);
        let mut whole = segment.start();
        let broken = loop {
            match walker.next() {
                Ok(Some(raw)) => {
                    if cipher.as_ref().is_some_and(|cipher| cipher.open(&raw).is_none()) {
                        let what = "the entry is not as it was sealed";
                        break Some(Fault::damaged(&segment.path, Some(raw.number), what));
                    }
                    let (number, seal) = (raw.number, Seal(raw.seal));
                    self.kept_promises(&segment.path, number, seal)?;
                    if walker.place().left == 0 {
                        whole = walker.place();
                        (self.verdict.entries, self.verdict.seal) = (number, seal);
                    }
                }
                Ok(None) => break None,
                Err(stop) => break Some(damage(segment, stop)),
            }
        };
        let Some(fault) = broken.or(self.not_zeros(segment, whole.offset, length, is_last)?) else {
            return Ok(whole);
        };
        if is_last && self.may_be_unfinished(segment, whole, length)? {
            return Ok(whole);
        }
        Err(fault)
    }

    fn kept_promises(&self, path: &Path, number: u64, seal: Seal) -> Result<(), Fault> {
        let promised = self.promised.get(&number).into_iter().flatten();
        match promised.into_iter().find(|(promise, _)| *promise != seal) {
            None => Ok(()),
            Some((_, whose)) => {
                let what = format!("{} gives this entry another seal", whose.display());
                Err(Fault::damaged(path, Some(number), what))
            }
        }
    }

    /// After the last commit only zeros may follow, and only in the last segment.
    fn not_zeros(
        &self,
        segment: &Segment,
        from: u64,
        length: u64,
        is_last: bool,
    ) -> Result<Option<Fault>, Fault> {
        if from == length {
            return Ok(None);
        }
        let what =
            if is_last { "bytes follow the last commit" } else { "bytes follow the segment's last commit" };
        let zeros = is_last && Tail::read(segment, from, length)?.bytes.is_empty();
        Ok((!zeros).then(|| Fault::damaged(&segment.path, Some(self.verdict.entries + 1), what)))
    }

    /// A broken end of the last segment is an interrupted write, unless a head or a later commit shows otherwise.
    fn may_be_unfinished(&mut self, segment: &Segment, whole: Place, length: u64) -> Result<bool, Fault> {
        let promised = self.promised.keys().next_back().is_some_and(|size| *size > self.verdict.entries);
        let tail = Tail::read(segment, whole.offset, length)?;
        if promised || tail.commit_after(whole.number).is_some() {
            return Ok(false);
        }
        let bytes = tail.bytes.len() as u64;
        self.verdict.unfinished =
            Some(Unfinished { file: segment.path.clone(), offset: whole.offset, bytes });
        Ok(true)
    }

    /// Heads that speak of more entries than there are.
    fn beyond_the_end(&self) -> Result<(), Fault> {
        let entries = self.verdict.entries;
        let Some((size, heads)) = self.promised.range(entries + 1..).next() else { return Ok(()) };
        let whose = heads.first().map(|(_, whose)| whose.display().to_string()).unwrap_or_default();
        let what = format!(
            "the book ends with entry {entries}, but {whose} speaks of {size}: older files were put back, or files are missing"
        );
        let file = self.dir.join(self.names.segment(self.verdict.segments.max(1)));
        Err(Fault::damaged(&file, Some(entries + 1), what))
    }
}

fn flaw_of(fault: Fault) -> Flaw {
    match fault {
        Fault::Damaged { file, entry, what } => Flaw { file, entry, what },
        Fault::Io { doing, path, source } => {
            Flaw { file: path, entry: None, what: format!("could not {doing} it: {source}") }
        }
        other => Flaw { file: PathBuf::new(), entry: None, what: other.to_string() },
    }
}
