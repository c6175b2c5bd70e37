//! The log: every entry of the book as a line, searched and filtered.
//!
//! Always: a line for every entry, in the order of entries, numbered as in the book; a corrected line shows by which
//! entry it was corrected. Never: a line taken out or changed. A million lines are searched in a tenth of a second.
//! Called by `book::fold` and by boards; proved by `tests/decisions.rs`.

use crate::{Fact, IncidentBook, IncidentId, Person, Stamp};
use basics::{EntryNumber, Moment};
use memchr::memmem;
use std::collections::BTreeMap;

/// What kind of thing a line tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A free entry.
    Note,
    /// A decision or its review.
    Decision,
    /// A correction.
    Correction,
    /// The incident's own life.
    Stage,
    /// A METHANE report.
    Methane,
    /// Who holds which role.
    Role,
    /// An action card's step.
    Card,
    /// An IT system.
    System,
    /// A hospital's services.
    Hospital,
    /// A sitrep.
    Sitrep,
    /// Ambulance diverts.
    Divert,
    /// The directory.
    Directory,
    /// Messages and roll-call.
    Message,
    /// What the public is told.
    PublicUpdate,
}

impl Kind {
    /// Every kind, in the order of a filter.
    pub const ALL: [Self; 14] = [
        Self::Note,
        Self::Decision,
        Self::Correction,
        Self::Stage,
        Self::Methane,
        Self::Role,
        Self::Card,
        Self::System,
        Self::Hospital,
        Self::Sitrep,
        Self::Divert,
        Self::Directory,
        Self::Message,
        Self::PublicUpdate,
    ];

    /// The word in a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "Entry",
            Self::Decision => "Decision",
            Self::Correction => "Correction",
            Self::Stage => "Incident",
            Self::Methane => "METHANE",
            Self::Role => "Role",
            Self::Card => "Action card",
            Self::System => "System",
            Self::Hospital => "Hospital",
            Self::Sitrep => "Sitrep",
            Self::Divert => "Divert",
            Self::Directory => "Directory",
            Self::Message => "Message",
            Self::PublicUpdate => "Public update",
        }
    }
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number: the entry's.
    pub entry: EntryNumber,
    /// What the clock said.
    pub at: Moment,
    /// Who signed.
    pub by: Person,
    /// The incident; `None` for what belongs to none.
    pub incident: Option<IncidentId>,
    /// What kind.
    pub kind: Kind,
    /// What it says; several lines for a decision.
    pub text: Box<str>,
    /// The clock read earlier than at the line before.
    pub clock_went_back: bool,
    /// The entry that corrects this one, the newest.
    pub corrected_by: Option<EntryNumber>,
}

impl Line {
    pub(crate) fn of(book: &IncidentBook, stamp: &Stamp, facts: &[Fact], clock_went_back: bool) -> Self {
        let said: Vec<String> = facts.iter().map(|fact| fact.line(book)).collect();
        let first = facts.first();
        Self {
            entry: stamp.entry,
            at: stamp.at,
            by: stamp.by.clone(),
            incident: facts.iter().find_map(Fact::incident),
            kind: first.map_or(Kind::Note, Fact::kind),
            text: said.join("\n").into(),
            clock_went_back,
            corrected_by: None,
        }
    }
}

/// Every line, and its text again in small letters for the search.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: Vec<Line>,
    /// Small letters of every line with its writer, each ended by a zero byte, which no text holds.
    hay: Vec<u8>,
    /// Where each line's small letters end.
    ends: Vec<usize>,
    /// Lines by incident: indexes into `lines`.
    by_incident: BTreeMap<IncidentId, Vec<u32>>,
}

/// Which lines to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Words that must all be there, in any order, as parts of words too; capitals do not count.
    pub words: String,
    /// Only this incident's, and what belongs to none.
    pub incident: Option<IncidentId>,
    /// Only these kinds; empty for all.
    pub kinds: Vec<Kind>,
    /// Only what this person signed.
    pub by: Option<Person>,
    /// Only lines whose clock time is not before.
    pub from: Option<Moment>,
    /// Only lines whose clock time is not after.
    pub until: Option<Moment>,
    /// Only entries before this one: for paging, the newest first.
    pub before: Option<EntryNumber>,
    /// At most so many lines; 0 means `Filter::LINES_MAX`.
    pub limit: usize,
}

impl Filter {
    /// Most lines listed at once.
    pub const LINES_MAX: usize = 500;
    /// Words of a search; more are left out.
    pub const WORDS_MAX: usize = 12;
}

/// Lines found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogBoard {
    /// The newest first.
    pub lines: Vec<Line>,
    /// How many lines the filter matches in all.
    pub matching: usize,
    /// Lines in the log.
    pub total: usize,
    /// There are older ones that match.
    pub more: bool,
}

impl Log {
    /// Lines in the log.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Every line, the oldest first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The line of an entry.
    pub fn line(&self, entry: EntryNumber) -> Option<&Line> {
        let at = self.lines.binary_search_by_key(&entry, |line| line.entry).ok()?;
        self.lines.get(at)
    }

    /// Lines of one incident after an entry, the oldest first.
    pub fn of_incident(&self, incident: IncidentId, after: EntryNumber) -> impl Iterator<Item = &Line> {
        let indexes = self.by_incident.get(&incident).map_or(&[][..], Vec::as_slice);
        let from = indexes
            .partition_point(|at| self.lines.get(*at as usize).is_some_and(|line| line.entry <= after));
        indexes.iter().skip(from).filter_map(|at| self.lines.get(*at as usize))
    }

    /// The newest lines of an incident and of what belongs to none, the newest first: for the foot of a page, without
    /// going through the whole log.
    pub fn latest(&self, incident: IncidentId, limit: usize) -> Vec<&Line> {
        let of = |line: &&Line| line.incident.is_none_or(|id| id == incident);
        self.lines.iter().rev().filter(of).take(limit.min(Filter::LINES_MAX)).collect()
    }

    pub(crate) fn add(&mut self, line: Line) {
        let index = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        if let Some(incident) = line.incident {
            self.by_incident.entry(incident).or_default().push(index);
        }
        push_small(&mut self.hay, &line.text);
        self.hay.push(b' ');
        push_small(&mut self.hay, line.by.as_str());
        self.hay.push(0);
        self.ends.push(self.hay.len());
        self.lines.push(line);
    }

    pub(crate) fn corrected(&mut self, entry: EntryNumber, by: EntryNumber) {
        if let Ok(at) = self.lines.binary_search_by_key(&entry, |line| line.entry)
            && let Some(line) = self.lines.get_mut(at)
        {
            line.corrected_by = Some(by);
        }
    }

    /// The lines that a filter lets through, the newest first.
    pub fn board(&self, filter: &Filter) -> LogBoard {
        let limit = if filter.limit == 0 { Filter::LINES_MAX } else { filter.limit.min(Filter::LINES_MAX) };
        let mut words: Vec<Vec<u8>> =
            filter.words.split_whitespace().take(Filter::WORDS_MAX).map(small).collect();
        words.retain(|word| !word.contains(&0));
        // The longest word is the rarest, as a rule: it is looked for first.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let mut board = LogBoard { total: self.lines.len(), ..LogBoard::default() };
        let mut page: Vec<u32> = Vec::new();
        let mut take = |index: usize| {
            let Some(line) = self.lines.get(index) else { return };
            if !lets_through(filter, line) {
                return;
            }
            board.matching += 1;
            if filter.before.is_none_or(|before| line.entry < before) {
                page.push(u32::try_from(index).unwrap_or(u32::MAX));
            }
        };
        match words.split_first() {
            Some((first, rest)) => self.search(first, rest, &mut take),
            None => (0..self.lines.len()).for_each(&mut take),
        }
        board.more = page.len() > limit;
        let newest = page.iter().rev().take(limit);
        board.lines = newest.filter_map(|index| self.lines.get(*index as usize)).cloned().collect();
        board
    }

    /// Tells every line that holds `first` and all of `rest`.
    fn search(&self, first: &[u8], rest: &[Vec<u8>], found: &mut impl FnMut(usize)) {
        let finder = memmem::Finder::new(first);
        let rest: Vec<_> = rest.iter().map(memmem::Finder::new).collect();
        let (mut from, mut line) = (0, 0);
        while let Some(at) = self.hay.get(from..).and_then(|hay| finder.find(hay)) {
            let at = from + at;
            // Lines between two hits are skipped by halving, those near by one step.
            while self.ends.get(line).is_some_and(|end| *end <= at) {
                line += 1;
                if self.ends.get(line).is_some_and(|end| *end <= at) {
                    line += self.ends.get(line..).map_or(0, |ends| ends.partition_point(|end| *end <= at));
                }
            }
            let begin = line.checked_sub(1).and_then(|l| self.ends.get(l)).copied().unwrap_or(0);
            let Some(end) = self.ends.get(line).copied() else { return };
            let text = self.hay.get(begin..end).unwrap_or_default();
            if rest.iter().all(|word| word.find(text).is_some()) {
                found(line);
            }
            from = end;
        }
    }
}

fn lets_through(filter: &Filter, line: &Line) -> bool {
    let incident = filter.incident.is_none_or(|id| line.incident.is_none_or(|of| of == id));
    let kind = filter.kinds.is_empty() || filter.kinds.contains(&line.kind);
    let by = filter.by.as_ref().is_none_or(|by| line.by.same(by));
    let from = filter.from.is_none_or(|from| line.at >= from);
    incident && kind && by && from && filter.until.is_none_or(|until| line.at <= until)
}

fn small(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    push_small(&mut out, text);
    out
}

fn push_small(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        out.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
        return;
    }
    let mut buffer = [0; 4];
    for c in text.chars().flat_map(char::to_lowercase) {
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
}
