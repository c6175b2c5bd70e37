//! Finding an entry from a few letters, typed badly at 3 a.m.
//!
//! Every word of the question must be in an entry: whole, begun, mistyped (one letter in four to seven, two in more;
//! two letters swapped count as one), or as part of a number. Always: bounded, whatever is asked and however many are
//! listed: at most `WORDS_MAX` words of `WORD_BYTES_MAX` bytes, and one pass over the words of the directory for each.
//! Called by `board`; proved by `tests/directory.rs` and the bench ("directory").

use super::{DirectoryEntry, DirectoryId};
use std::collections::BTreeMap;
use std::ops::Bound;

/// Words of a question that count.
pub const WORDS_MAX: usize = 5;
/// Longest word that is kept, in bytes.
const WORD_BYTES_MAX: usize = 32;
/// Words of one entry that can be found.
const ENTRY_WORDS_MAX: usize = 80;
/// While a word finds so many entries as it is typed, nobody is asked whether it was mistyped.
const ENOUGH: usize = 12;

const EXACT: u32 = 80;
const BEGUN: u32 = 60;
const INSIDE: u32 = 30;
const MISTYPED: u32 = 20;

/// Every word of the directory with the entries that hold it.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    by_word: BTreeMap<Box<str>, Holders>,
    /// Words of digits alone: most words of a directory, and no letters are ever looked for among them.
    by_number: BTreeMap<Box<str>, Holders>,
}

#[derive(Clone, Debug, Default)]
struct Holders {
    /// Which letters and digits occur in the word, a bit each: tells most mistyped words apart without comparing them.
    letters: u64,
    /// Which entries, and how much the word counts there.
    entries: Vec<(DirectoryId, u8)>,
}

/// The words of a text, folded: small letters without marks; digits of a number together.
fn words(text: &str, out: &mut Vec<String>) {
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ') || ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                word.truncate(basics::clip(&word, WORD_BYTES_MAX).len());
                out.push(std::mem::take(&mut word));
            }
        } else if c.is_ascii() {
            word.push(c.to_ascii_lowercase());
        } else if let Some(plain) = basics::folded(c) {
            word.push_str(plain);
        } else {
            word.extend(c.to_lowercase());
        }
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).take(WORD_BYTES_MAX).collect()
}

fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |seen, byte| {
        seen | match byte {
            b'a'..=b'z' => 1 << (byte - b'a'),
            b'0'..=b'9' => 1 << (26 + byte - b'0'),
            _ => 1 << (36 + byte % 28),
        }
    })
}

/// The words by which an entry is found, and how much each counts.
fn of_entry(entry: &DirectoryEntry) -> Vec<(String, u8)> {
    let site = entry.site.as_ref().map_or("", basics::SiteId::as_str);
    let role = entry.role.as_ref().map_or("", crate::RoleKey::as_str);
    let mut out: Vec<(String, u8)> = Vec::new();
    let mut add = |text: &str, counts: u8| {
        let mut found = Vec::new();
        words(text, &mut found);
        out.extend(found.into_iter().map(|word| (word, counts)));
    };
    add(&entry.name, 4);
    add(&entry.title, 3);
    add(role, 3);
    add(&entry.place, 2);
    for (_, number) in &entry.numbers {
        add(&digits(number), 2);
        if number.contains('@') {
            add(number, 1);
        }
    }
    add(&entry.location, 1);
    add(site, 1);
    add(&entry.notes, 1);
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|(word, _)| seen.insert(word.clone()));
    out.truncate(ENTRY_WORDS_MAX);
    out
}

impl Words {
    pub(super) fn add(&mut self, id: DirectoryId, entry: &DirectoryEntry) {
        for (word, counts) in of_entry(entry) {
            let letters = letters(&word);
            let holders = self.of_mut(&word).entry(word.into()).or_default();
            holders.letters = letters;
            let place = holders.entries.partition_point(|(other, _)| *other < id);
            holders.entries.insert(place, (id, counts));
        }
    }

    pub(super) fn remove(&mut self, id: DirectoryId, entry: &DirectoryEntry) {
        for (word, _) in of_entry(entry) {
            let words = self.of_mut(&word);
            if let Some(holders) = words.get_mut(word.as_str()) {
                holders.entries.retain(|(other, _)| *other != id);
                if holders.entries.is_empty() {
                    words.remove(word.as_str());
                }
            }
        }
    }

    fn of_mut(&mut self, word: &str) -> &mut BTreeMap<Box<str>, Holders> {
        if is_number(word) { &mut self.by_number } else { &mut self.by_word }
    }

    /// Entries that hold every word of the question, with how well they fit. `last` is the highest number given.
    pub(super) fn find(&self, question: &str, last: u32) -> Vec<(DirectoryId, u32)> {
        let mut asked = Vec::new();
        words(question, &mut asked);
        // "020 7946 0018" is one number.
        if !asked.is_empty() && asked.iter().all(|word| is_number(word)) {
            asked = vec![digits(question)];
        }
        asked.truncate(WORDS_MAX);
        let size = last as usize + 1;
        let mut total: Vec<u32> = Vec::new();
        for (nth, word) in asked.iter().enumerate() {
            let best = self.one(word, size);
            if nth == 0 {
                total = best;
                continue;
            }
            for (sum, score) in total.iter_mut().zip(best) {
                *sum = if *sum == 0 || score == 0 { 0 } else { *sum + score };
            }
        }
        let found = total.into_iter().enumerate().filter(|(_, score)| *score > 0);
        found.map(|(id, score)| (DirectoryId(u32::try_from(id).unwrap_or(u32::MAX)), score)).collect()
    }

    /// How well each entry fits one word; 0 for not at all.
    fn one(&self, word: &str, size: usize) -> Vec<u32> {
        let mut best = vec![0u32; size];
        let mut found = 0;
        let words = if is_number(word) { &self.by_number } else { &self.by_word };
        let mut take = |holders: &Holders, score: u32| {
            for (id, counts) in &holders.entries {
                if let Some(slot) = best.get_mut(id.0 as usize) {
                    found += usize::from(*slot == 0);
                    *slot = (*slot).max(score + u32::from(*counts));
                }
            }
        };
        for (other, holders) in words.range::<str, _>((Bound::Included(word), Bound::Unbounded)) {
            if !other.starts_with(word) {
                break;
            }
            take(holders, if other.len() == word.len() { EXACT } else { BEGUN });
        }
        if word.len() >= 3 {
            let needle = memchr::memmem::Finder::new(word.as_bytes());
            let asked = letters(word);
            for (other, holders) in words {
                let may = holders.letters & asked == asked && other.len() > word.len();
                if may && needle.find(other.as_bytes()).is_some_and(|at| at > 0) {
                    take(holders, INSIDE);
                }
            }
        }
        if found < ENOUGH {
            self.mistyped(word, |holders| {
                for (id, counts) in &holders.entries {
                    if let Some(slot) = best.get_mut(id.0 as usize) {
                        *slot = (*slot).max(MISTYPED + u32::from(*counts));
                    }
                }
            });
        }
        best
    }

    fn mistyped(&self, word: &str, mut take: impl FnMut(&Holders)) {
        // A mistyped digit is another number, not the same one.
        let allowed: u32 = match word.len() {
            _ if word.bytes().any(|b| b.is_ascii_digit()) => return,
            0..=3 => return,
            4..=7 => 1,
            _ => 2,
        };
        let asked = letters(word);
        for (other, holders) in &self.by_word {
            let long_enough = other.len() + allowed as usize >= word.len();
            if long_enough
                && (asked & !holders.letters).count_ones() <= allowed
                && begins_within(word.as_bytes(), other.as_bytes(), allowed)
            {
                take(holders);
            }
        }
    }
}

/// Whether `word` is, but for `allowed` letters added, left out, exchanged or swapped, the beginning of `other`.
fn begins_within(word: &[u8], other: &[u8], allowed: u32) -> bool {
    const ROOM: usize = WORD_BYTES_MAX + 1;
    // Letters of `other` beyond the reach of the question's length do not matter.
    let reach = (word.len() + allowed as usize).min(other.len()).min(WORD_BYTES_MAX);
    let other = other.get(..reach).unwrap_or(other);
    let (mut before, mut last, mut row) = ([0u32; ROOM], [0u32; ROOM], [0u32; ROOM]);
    for (slot, n) in last.iter_mut().zip(0u32..) {
        *slot = n;
    }
    let mut above: Option<u8> = None;
    for (n, letter) in (1u32..).zip(word.iter().take(WORD_BYTES_MAX)) {
        let mut left = n;
        let mut smallest = n;
        if let Some(first) = row.first_mut() {
            *first = n;
        }
        let mut beside: Option<u8> = None;
        for (column, theirs) in other.iter().enumerate() {
            let at = |line: &[u32; ROOM], column: usize| line.get(column).copied().unwrap_or(u32::MAX / 2);
            let mut cost = (at(&last, column) + u32::from(letter != theirs))
                .min(at(&last, column + 1) + 1)
                .min(left + 1);
            if column > 0 && above == Some(*theirs) && beside == Some(*letter) {
                cost = cost.min(at(&before, column - 1) + 1);
            }
            if let Some(slot) = row.get_mut(column + 1) {
                *slot = cost;
            }
            (left, beside, smallest) = (cost, Some(*theirs), smallest.min(cost));
        }
        if smallest > allowed {
            return false;
        }
        above = Some(*letter);
        (before, last) = (last, row);
    }
    last.iter().take(other.len() + 1).any(|cost| *cost <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_words_are_known_by_their_beginning() {
        for (word, other, allowed, want) in [
            ("pathlo", "pathology", 1, true),
            ("ptahology", "pathology", 1, true),
            ("pathologgy", "pathology", 2, true),
            ("smiht", "smith", 1, true),
            ("smith", "smythe", 1, true),
            ("quill", "mills", 1, false),
            ("anaesthetist", "anesthetist", 2, true),
            ("manager", "matron", 1, false),
            ("wardd", "ward", 1, true),
        ] {
            assert_eq!(begins_within(word.as_bytes(), other.as_bytes(), allowed), want, "{word} {other}");
        }
    }
}
