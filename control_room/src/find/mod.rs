//! Find a patient: one box for names in any order, misspelt or half typed, and numbers, and dates of birth.
//!
//! Everything lies in memory and is kept up to date by the follower: each word of every name once, with its bearers;
//! identifiers in order; each patient's words. Always: exact before begun before misspelt before former, patients
//! who are in now before all others, then by name. Work has a ceiling, so that one letter typed over a million
//! patients answers as fast as a whole name. Never: a merged record shown as a person of its own.
//! Called by `ControlRoom::find`; proved by the tables here and `tests/find.rs`.

mod numbers;
mod question;
mod similar;
mod vocabulary;
pub mod words;

pub use numbers::Numbers;
pub use question::Question;

use crate::How;
use basics::PartialDate;
use care::{Identifier, PersonName};
use std::collections::{BTreeSet, HashMap};
use vocabulary::{Vocabulary, WordId};

/// A patient's row in the index: rows are numbered from 0 in the order of their making.
pub type Slot = u32;

/// Most candidates ranked for one question.
const CANDIDATES_MAX: usize = 1_000;
/// Most bearers looked at for one question.
const VISITS_MAX: usize = 6_000;
/// Most patients in the hospital looked at for one question: more than any trust has beds.
const CURRENT_MAX: usize = 20_000;
/// Most words with a given beginning walked for one question.
const WALKED_MAX: usize = 2_000;
/// Most misspelt words taken for one word typed.
const SIMILAR_MAX: usize = 48;
/// Marks a patient's word that belongs to a former or other name.
const FORMER: WordId = 1 << 31;

/// What the index needs to know of a patient.
#[derive(Clone, Debug, Default)]
pub struct Bearer<'a> {
    /// The name now.
    pub name: Option<&'a PersonName>,
    /// Former and other names.
    pub other_names: &'a [PersonName],
    /// All identifiers.
    pub identifiers: &'a [Identifier],
    /// Date of birth.
    pub born: Option<PartialDate>,
    /// In a bed or department now.
    pub current: bool,
    /// The row of the record this one was merged into.
    pub merged_into: Option<Slot>,
}

/// One candidate, ordered as people want to see them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// Whose row.
    pub slot: Slot,
    /// How.
    pub how: How,
    /// Slips of the finger, for order among the similar.
    slips: u8,
}

/// The index.
#[derive(Default)]
pub struct FindIndex {
    vocabulary: Vocabulary,
    /// Identifiers in order.
    pub numbers: Numbers,
    /// Each patient's words: `starts` and `counts` point into `pool`.
    pool: Vec<WordId>,
    starts: Vec<u32>,
    counts: Vec<u8>,
    born: Vec<u32>,
    current: BTreeSet<Slot>,
    merged: HashMap<Slot, Slot>,
}

impl FindIndex {
    /// Notes a patient, or what changed about one.
    pub fn note(&mut self, slot: Slot, bearer: &Bearer<'_>) {
        let at = slot as usize;
        if self.starts.len() <= at {
            self.starts.resize(at + 1, 0);
            self.counts.resize(at + 1, 0);
            self.born.resize(at + 1, 0);
        }
        self.note_words(slot, bearer);
        for identifier in bearer.identifiers {
            self.numbers.add(identifier, slot);
        }
        if let Some(born) = self.born.get_mut(at) {
            *born = bearer.born.map_or(0, date_code);
        }
        if bearer.current {
            self.current.insert(slot)
        } else {
            self.current.remove(&slot)
        };
        match bearer.merged_into {
            Some(into) => self.merged.insert(slot, into),
            None => self.merged.remove(&slot),
        };
    }

    /// Notes that `slot`'s record stands under that of `into`.
    pub fn link(&mut self, slot: Slot, into: Slot) {
        self.merged.insert(slot, into);
    }

    fn note_words(&mut self, slot: Slot, bearer: &Bearer<'_>) {
        let mut ids: Vec<WordId> = Vec::with_capacity(8);
        let names = bearer.name.into_iter().map(|n| (n, 0));
        for (name, mark) in names.chain(bearer.other_names.iter().map(|n| (n, FORMER))) {
            for text in std::iter::once(&name.family).chain(&name.given) {
                for word in words::words(text) {
                    let id = self.vocabulary.intern(&word);
                    if !ids.iter().any(|known| known & !FORMER == id) && ids.len() < 60 {
                        ids.push(id | mark);
                    }
                }
            }
        }
        let before: Vec<WordId> = self.words_of(slot).to_vec();
        if before == ids {
            return;
        }
        for id in before.iter().filter(|id| !ids.iter().any(|now| now & !FORMER == **id & !FORMER)) {
            self.vocabulary.remove(id & !FORMER, slot);
        }
        for id in &ids {
            self.vocabulary.add(id & !FORMER, slot);
        }
        let at = slot as usize;
        let start = if ids.len() <= before.len() {
            self.starts.get(at).copied().unwrap_or(0) as usize
        } else {
            let start = self.pool.len();
            self.pool.resize(start + ids.len(), 0);
            start
        };
        if let Some(room) = self.pool.get_mut(start..start + ids.len()) {
            room.copy_from_slice(&ids);
        }
        if let (Some(s), Some(c)) = (self.starts.get_mut(at), self.counts.get_mut(at)) {
            (*s, *c) = (start as u32, ids.len() as u8);
        }
    }

    fn words_of(&self, slot: Slot) -> &[WordId] {
        let at = slot as usize;
        let (Some(start), Some(count)) = (self.starts.get(at), self.counts.get(at)) else { return &[] };
        let start = *start as usize;
        self.pool.get(start..start + *count as usize).unwrap_or(&[])
    }

    /// The row that stands for `slot` after all merges.
    pub fn survivor(&self, slot: Slot) -> Slot {
        let mut at = slot;
        for _ in 0..care::identity::CHAIN_MAX {
            match self.merged.get(&at) {
                Some(next) if *next != slot => at = *next,
                _ => break,
            }
        }
        at
    }

    /// Gives back room that growth left unused; for after a bulk load.
    pub fn settle(&mut self) {
        self.numbers.merge();
        self.vocabulary.shrink();
        self.pool.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.counts.shrink_to_fit();
        self.born.shrink_to_fit();
    }

    /// The best hits for a question, at most `limit`; how many there are at least; whether there are more. Numbers
    /// only propose: the caller checks them against the record.
    pub fn find(&self, question: &Question, limit: usize) -> (Vec<Hit>, usize, bool) {
        let mut gathered = Gathered::default();
        if let Some(number) = &question.whole_number {
            self.by_number(number, &mut gathered);
        }
        if !question.numbers.is_empty() && !question.names.is_empty() {
            self.by_number_and_name(question, &mut gathered);
        } else if !question.names.is_empty() {
            self.by_name(question, limit, &mut gathered);
        } else if let Some(born) = question.born {
            self.by_birth(born, &mut gathered);
        }
        let total = gathered.hits.len();
        let mut hits: Vec<Hit> = gathered
            .hits
            .iter()
            .map(|(slot, (how, slips))| Hit { slot: *slot, how: *how, slips: *slips })
            .collect();
        let more = gathered.capped || hits.len() > limit;
        self.keep_best(&mut hits, limit);
        (hits, total, more)
    }

    /// Keeps the best `limit` hits, in order. Only those few are sorted in full.
    fn keep_best(&self, hits: &mut Vec<Hit>, limit: usize) {
        let before = |a: &Hit, b: &Hit| {
            let key = |hit: &Hit| (hit.how, hit.slips);
            key(a)
                .cmp(&key(b))
                .then_with(|| self.current.contains(&b.slot).cmp(&self.current.contains(&a.slot)))
                .then_with(|| self.by_words(a.slot, b.slot))
                .then(a.slot.cmp(&b.slot))
        };
        if hits.len() > limit {
            hits.select_nth_unstable_by(limit, before);
            hits.truncate(limit);
        }
        hits.sort_unstable_by(before);
    }

    fn by_words(&self, a: Slot, b: Slot) -> std::cmp::Ordering {
        let text = |slot| self.words_of(slot).iter().map(|id| self.vocabulary.word(id & !FORMER));
        text(a).cmp(text(b))
    }

    fn take(&self, slot: Slot, how: How, slips: u8, gathered: &mut Gathered) {
        let stands = self.survivor(slot);
        let how = if stands == slot { how } else { How::Former };
        let best = gathered.hits.entry(stands).or_insert((how, slips));
        *best = (*best).min((how, slips));
    }

    fn by_number(&self, number: &str, gathered: &mut Gathered) {
        for (whole, slot) in self.numbers.beginning(number) {
            if gathered.full() {
                break;
            }
            self.take(slot, if whole { How::Exact } else { How::Prefix }, 0, gathered);
        }
    }

    fn by_number_and_name(&self, question: &Question, gathered: &mut Gathered) {
        let asked = self.asked(question, true);
        let Some(number) = question.numbers.first() else { return };
        for (_, slot) in self.numbers.beginning(number).take(VISITS_MAX) {
            if let Some((how, slips)) = self.judge(slot, &asked, question.born) {
                self.take(slot, how.max(How::Prefix), slips, gathered);
            }
        }
    }

    fn by_birth(&self, born: PartialDate, gathered: &mut Gathered) {
        let code = date_code(born);
        for (slot, theirs) in self.born.iter().enumerate() {
            if same_birth(code, *theirs) {
                if gathered.full() {
                    break;
                }
                self.take(slot as Slot, How::Exact, 0, gathered);
            }
        }
    }

    fn by_name(&self, question: &Question, limit: usize, gathered: &mut Gathered) {
        for misspelt in [false, true] {
            if misspelt && gathered.hits.len() >= limit {
                return;
            }
            let asked = self.asked(question, misspelt);
            // Whoever is in the hospital now is looked at first and completely.
            for slot in self.current.iter().take(CURRENT_MAX) {
                if let Some((how, slips)) = self.judge(*slot, &asked, question.born) {
                    self.take(*slot, how, slips, gathered);
                }
            }
            if !misspelt {
                self.in_full(&asked, question.born, gathered);
            }
            let Some(rarest) = asked.iter().min_by_key(|a| self.cost(a)) else { return };
            self.walk(rarest, &asked, question.born, gathered);
        }
    }

    /// Whoever bears all words exactly, however common each is: the shortest list is looked up in the others.
    fn in_full(&self, asked: &[Asked], born: Option<PartialDate>, gathered: &mut Gathered) {
        let lists: Option<Vec<&[Slot]>> =
            asked.iter().map(|one| one.exact.map(|id| self.vocabulary.bearers(id))).collect();
        let Some(shortest) = lists.iter().flatten().min_by_key(|list| list.len()).filter(|_| asked.len() > 1)
        else {
            return;
        };
        for slot in *shortest {
            if gathered.full() {
                return;
            }
            if lists.iter().flatten().all(|list| list.binary_search(slot).is_ok())
                && let Some((how, slips)) = self.judge(*slot, asked, born)
            {
                self.take(*slot, how, slips, gathered);
            }
        }
    }

    /// Looks at the bearers of one word, and of those that begin so or are spelt nearly so, within the ceilings.
    fn walk(&self, one: &Asked, all: &[Asked], born: Option<PartialDate>, gathered: &mut Gathered) {
        let begun = self.vocabulary.beginning(&one.word).take(WALKED_MAX);
        let similar = one.similar.iter().map(|(id, _)| *id);
        let mut visits = 0;
        for id in begun.chain(similar) {
            for slot in self.vocabulary.bearers(id) {
                visits += 1;
                if visits > VISITS_MAX || gathered.full() {
                    gathered.capped = true;
                    return;
                }
                if let Some((how, slips)) = self.judge(*slot, all, born) {
                    self.take(*slot, how, slips, gathered);
                }
            }
        }
    }

    /// About how many bearers `walk` would look at, up to the ceiling.
    fn cost(&self, asked: &Asked) -> usize {
        let mut cost = 0;
        let similar = asked.similar.iter().map(|(id, _)| *id);
        for id in self.vocabulary.beginning(&asked.word).take(WALKED_MAX).chain(similar) {
            cost += 1 + self.vocabulary.bearers(id).len();
            if cost > VISITS_MAX {
                break;
            }
        }
        cost
    }

    fn asked(&self, question: &Question, misspelt: bool) -> Vec<Asked> {
        let one = |word: &String| {
            let similar = if misspelt { self.vocabulary.similar(word, SIMILAR_MAX) } else { Vec::new() };
            let mut similar: Vec<(WordId, u8)> = similar.into_iter().map(|(d, id)| (id, d)).collect();
            similar.sort_unstable();
            Asked { word: word.clone(), exact: self.vocabulary.id(word), similar }
        };
        question.names.iter().map(one).collect()
    }

    /// How a patient answers to all words asked for: as the worst of them does.
    fn judge(&self, slot: Slot, asked: &[Asked], born: Option<PartialDate>) -> Option<(How, u8)> {
        if let Some(born) = born
            && !same_birth(date_code(born), self.born.get(slot as usize).copied().unwrap_or(0))
        {
            return None;
        }
        let words = self.words_of(slot);
        let mut worst = (How::Exact, 0);
        for one in asked {
            let best = words.iter().filter_map(|id| self.judge_word(*id, one)).min()?;
            worst = worst.max(best);
        }
        Some(worst)
    }

    fn judge_word(&self, id: WordId, asked: &Asked) -> Option<(How, u8)> {
        let bare = id & !FORMER;
        let (how, slips) = if asked.exact == Some(bare) {
            (How::Exact, 0)
        } else if self.vocabulary.word(bare).starts_with(&asked.word) {
            (How::Prefix, 0)
        } else {
            let at = asked.similar.binary_search_by_key(&bare, |(id, _)| *id).ok()?;
            (How::Similar, asked.similar.get(at).map_or(0, |(_, slips)| *slips))
        };
        Some(if id & FORMER == 0 { (how, slips) } else { (How::Former, slips) })
    }
}

/// A word asked for.
struct Asked {
    word: String,
    exact: Option<WordId>,
    /// Words spelt nearly so, by number, with their slips.
    similar: Vec<(WordId, u8)>,
}

#[derive(Default)]
struct Gathered {
    hits: HashMap<Slot, (How, u8)>,
    capped: bool,
}

impl Gathered {
    fn full(&mut self) -> bool {
        let full = self.hits.len() >= CANDIDATES_MAX;
        self.capped |= full;
        full
    }
}

/// Year, month and day in one number, parts unknown being 0; 0 is no date.
fn date_code(date: PartialDate) -> u32 {
    let (year, month, day) = date.numbers();
    u32::from(year.unsigned_abs()) << 16
        | u32::from(month.unwrap_or(0).unsigned_abs()) << 8
        | u32::from(day.unwrap_or(0).unsigned_abs())
}

/// Whether two dates agree as far as both are known.
fn same_birth(asked: u32, theirs: u32) -> bool {
    if theirs == 0 || asked >> 16 != theirs >> 16 {
        return false;
    }
    let part = |code: u32, shift: u32| (code >> shift) & 0xff;
    let agrees = |shift| {
        part(asked, shift) == part(theirs, shift) || part(asked, shift) == 0 || part(theirs, shift) == 0
    };
    agrees(8) && agrees(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> FindIndex {
        let mut index = FindIndex::default();
        let name = |family: &str, given: &str| PersonName {
            family: family.into(),
            given: given.split(' ').map(str::to_owned).collect(),
            ..PersonName::default()
        };
        let people = [
            (name("Smith", "Fredrica Jane"), "1945-07-14", true),
            (name("Smythe", "John"), "1950-01-01", false),
            (name("O'Brien", "Siobhán"), "1980-02-03", true),
            (name("Smithson", "Ada"), "1990-12-31", false),
            (name("Jones", "Katherine"), "1971-05-05", false),
        ];
        for (slot, (name, born, current)) in people.iter().enumerate() {
            let born = PartialDate::parse_iso(born);
            let bearer = Bearer { name: Some(name), born, current: *current, ..Bearer::default() };
            index.note(slot as Slot, &bearer);
        }
        let (now, maiden) = (name("Adeyemi", "Grace"), [name("Smith", "Grace")]);
        index.note(5, &Bearer { name: Some(&now), other_names: &maiden, ..Bearer::default() });
        let gone = name("Doe", "Fredrica");
        index.note(6, &Bearer { name: Some(&gone), merged_into: Some(0), ..Bearer::default() });
        index
    }

    #[test]
    fn people_are_found_as_they_are_asked_for() {
        use How::{Exact, Former, Prefix, Similar};
        let index = index();
        let check = |text: &str, want: &[(Slot, How)]| {
            let (hits, ..) = index.find(&Question::read(text), 10);
            let got: Vec<_> = hits.iter().map(|h| (h.slot, h.how)).collect();
            assert_eq!(got, want, "{text}");
        };
        check("smith fredrica", &[(0, Exact)]);
        check("Fredrica SMITH", &[(0, Exact)]);
        check("obrien", &[(2, Exact)]);
        check("siobhan o’brien", &[(2, Exact)]);
        check("fredica smiht", &[(0, Similar)]);
        check("catherine", &[(4, Similar)]);
        check("kath", &[(4, Prefix)]);
        check("doe", &[(0, Former)]);
        check("14/07/1945", &[(0, Exact)]);
        check("smith 1990", &[(3, Prefix)]);
        check("smyth", &[(1, Prefix), (0, Similar), (3, Similar), (5, Former)]);
        check("smith", &[(0, Exact), (3, Prefix), (1, Similar), (5, Former)]);
        check("zzzzzz", &[]);
    }
}
