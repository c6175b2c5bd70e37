//! Every word of every name once, with the patients who bear it.
//!
//! Words never leave: a word that nobody bears any more has nobody behind it. Bearers are kept sorted, so that the
//! same patients always give the same answers.

use super::similar::{distance_at_most, letters};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// A word's number.
pub type WordId = u32;

/// The words and their bearers.
#[derive(Default)]
pub struct Vocabulary {
    sorted: BTreeMap<Arc<str>, WordId>,
    words: Vec<Arc<str>>,
    /// Which letters each word has: a quick sieve before any distance is reckoned.
    letters: Vec<u32>,
    bearers: Vec<Vec<u32>>,
}

impl Vocabulary {
    /// The word's number, a new one if it is new.
    pub fn intern(&mut self, word: &str) -> WordId {
        if let Some(id) = self.sorted.get(word) {
            return *id;
        }
        let id = self.words.len() as WordId;
        let word: Arc<str> = word.into();
        self.letters.push(letters(&word));
        self.words.push(word.clone());
        self.bearers.push(Vec::new());
        self.sorted.insert(word, id);
        id
    }

    /// The word's number, if anybody ever bore it.
    pub fn id(&self, word: &str) -> Option<WordId> {
        self.sorted.get(word).copied()
    }

    /// The word.
    pub fn word(&self, id: WordId) -> &str {
        self.words.get(id as usize).map_or("", |w| w)
    }

    /// Slots of the patients who bear the word, ascending.
    pub fn bearers(&self, id: WordId) -> &[u32] {
        self.bearers.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// Adds a bearer.
    pub fn add(&mut self, id: WordId, slot: u32) {
        if let Some(bearers) = self.bearers.get_mut(id as usize) {
            if bearers.last().is_none_or(|last| *last < slot) {
                bearers.push(slot);
            } else if let Err(at) = bearers.binary_search(&slot) {
                bearers.insert(at, slot);
            }
        }
    }

    /// Takes a bearer away.
    pub fn remove(&mut self, id: WordId, slot: u32) {
        if let Some(bearers) = self.bearers.get_mut(id as usize)
            && let Ok(at) = bearers.binary_search(&slot)
        {
            bearers.remove(at);
        }
    }

    /// Words that begin so, in alphabetical order, the word itself first.
    pub fn beginning(&self, start: &str) -> impl Iterator<Item = WordId> {
        self.sorted
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(move |(word, _)| word.starts_with(start))
            .map(|(_, id)| *id)
    }

    /// Words spelt nearly like `word` (or beginning nearly so), the nearest first, with their distance; at most
    /// `words_max`. Words of three to five letters may differ by one slip, longer ones by two; a slip is a letter
    /// wrong, missing, too many, or two swapped (Damerau and Levenshtein's restricted distance). The first letter may
    /// differ too.
    pub fn similar(&self, word: &str, words_max: usize) -> Vec<(u8, WordId)> {
        let slips_max: u8 = match word.len() {
            0..=2 => return Vec::new(),
            3..=5 => 1,
            _ => 2,
        };
        let own = letters(word);
        let mut found = Vec::new();
        for (id, theirs) in self.letters.iter().enumerate() {
            // Each slip brings at most one letter that the other word lacks.
            if (own & !theirs).count_ones() > u32::from(slips_max) {
                continue;
            }
            let Some(other) = self.words.get(id) else { continue };
            let whole = if (theirs & !own).count_ones() <= u32::from(slips_max) {
                distance_at_most(word, other, slips_max)
            } else {
                None
            };
            // A word still being typed is compared with as much of the other; that ranks after whole words.
            let begun = || {
                let start = basics::clip(other, word.len());
                (word.len() >= 4 && start.len() < other.len())
                    .then(|| distance_at_most(word, start, slips_max - 1 + u8::from(slips_max == 1)))
                    .flatten()
                    .map(|d| d + 2)
            };
            if let Some(distance) = whole.filter(|d| *d > 0).or_else(begun)
                && self.bearers.get(id).is_some_and(|b| !b.is_empty())
            {
                found.push((distance, id as WordId));
            }
        }
        found.sort_unstable();
        found.truncate(words_max);
        found
    }

    /// Gives back room that growth left unused.
    pub fn shrink(&mut self) {
        for bearers in &mut self.bearers {
            bearers.shrink_to_fit();
        }
        self.words.shrink_to_fit();
        self.letters.shrink_to_fit();
        self.bearers.shrink_to_fit();
    }
}
