//! 1,024 short English words for what people read aloud and type: key shares, passphrases, fingerprints.
//!
//! Always: each word stands for ten bits, its place in the list; the list never changes, for words lie printed in safes.
//! No two words are within one slip of the hand (a letter more, less, other, or two changed over), no two begin with the
//! same four letters, and none is a number, a day or a month. Called by `logbook` and wherever a fingerprint is shown;
//! proved by the tests below.

use std::sync::LazyLock;

/// How many words there are.
pub const WORDS: u16 = 1024;
/// Bits that one word stands for.
pub const WORD_BITS: u32 = 10;
/// Letters from the first that are enough to know a word.
const LETTERS_ENOUGH: usize = 4;
/// Slips of the hand at which a word is still proposed.
const SLIPS_MAX: usize = 2;

static LIST: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("words/list.txt").lines().collect());

/// The word of that place; places of 1,024 and more begin again at 0.
pub fn word(place: u16) -> &'static str {
    LIST.get(usize::from(place % WORDS)).copied().unwrap_or_default()
}

/// The place of a word as a person types it: in any case, and from four letters on also its beginning alone.
pub fn word_place(typed: &str) -> Option<u16> {
    let typed = typed.to_lowercase();
    let enough = typed.chars().count() >= LETTERS_ENOUGH;
    let place = LIST.iter().position(|word| *word == typed || enough && word.starts_with(&typed))?;
    u16::try_from(place).ok()
}

/// Words of the list that may have been meant, the likeliest first; at most `words_max`, none further off than two slips.
pub fn words_like(typed: &str, words_max: usize) -> Vec<&'static str> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(32).collect();
    let mut near: Vec<(usize, &str)> = LIST
        .iter()
        .map(|word| (slips(&typed, &word.chars().collect::<Vec<char>>()), *word))
        .filter(|(slips, _)| *slips <= SLIPS_MAX)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, word)| word).take(words_max).collect()
}

/// The first `count` words of these bytes, ten bits each from the highest bit on; bits that are missing count as 0.
pub fn in_words(bytes: &[u8], count: usize) -> Vec<&'static str> {
    let bit = |n: usize| bytes.get(n / 8).is_some_and(|byte| byte >> (7 - n % 8) & 1 == 1);
    let bits = WORD_BITS as usize;
    (0..count)
        .map(|at| word((at * bits..(at + 1) * bits).fold(0, |place, n| place << 1 | u16::from(bit(n)))))
        .collect()
}

/// How many letters were left out, put in, put in another's place or changed over with their neighbour.
fn slips(a: &[char], b: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least =
                (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let changed_over = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if changed_over && x != y {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn distance(a: &str, b: &str) -> usize {
        slips(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    /// Pairs of a list that a slip of the hand, or their first letters, could confuse.
    fn confused(list: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for (n, a) in list.iter().enumerate() {
            for b in &list[..n] {
                if distance(a, b) < 2 || a[..4] == b[..4] {
                    found.push(format!("{a} {b}"));
                }
            }
        }
        found
    }

    #[test]
    fn the_list_holds_words_that_nobody_confuses() {
        assert_eq!(LIST.len(), usize::from(WORDS));
        assert!(LIST.is_sorted(), "a person looks a word up");
        let whole =
            |word: &&str| (4..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(LIST.iter().all(whole));
        assert_eq!(LIST.iter().collect::<BTreeSet<_>>().len(), LIST.len());
        assert_eq!(confused(&LIST), Vec::<String>::new());
    }

    #[test]
    fn a_list_with_two_words_alike_is_found() {
        let mut list = LIST.clone();
        list[700] = "harbuor";
        assert_eq!(confused(&list), ["harbuor harbour"]);
    }

    #[test]
    fn the_list_never_changes() {
        // FNV-1a over the words, each with a line end: words that lie printed in a safe must mean the same for ever.
        let sum = LIST
            .iter()
            .flat_map(|word| word.bytes().chain([b'\n']))
            .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(sum, FROZEN, "{sum:#018x}");
    }
    const FROZEN: u64 = 0x8d9d_80a3_0b01_f13b;

    #[test]
    fn distances_are_slips_of_the_hand() {
        for (a, b, want) in [
            ("harbour", "harbour", 0),
            ("harbour", "harbor", 1),
            ("harbour", "habrour", 1),
            ("harbour", "harbourr", 1),
            ("lemon", "melon", 2),
            ("", "acorn", 5),
            ("acorn", "", 5),
        ] {
            assert_eq!(distance(a, b), want, "{a} {b}");
        }
    }

    #[test]
    fn a_word_is_known_as_people_type_it() {
        for (typed, want) in [
            ("harbour", Some("harbour")),
            ("HARBOUR", Some("harbour")),
            ("harb", Some("harbour")),
            ("har", None),
            ("harbourx", None),
            ("", None),
        ] {
            assert_eq!(word_place(typed).map(word), want, "{typed}");
        }
        for place in 0..WORDS {
            assert_eq!(word_place(word(place)), Some(place));
        }
        assert_eq!(words_like("harbor", 3)[0], "harbour");
        assert_eq!(words_like("xqxqxqxq", 3), Vec::<&str>::new());
        assert!(words_like(&"a".repeat(100_000), 3).is_empty(), "and no long text costs time");
    }

    #[test]
    fn bytes_become_words_ten_bits_at_a_time() {
        assert_eq!(in_words(&[0, 0x40, 0x3f, 0xff], 3), [word(1), word(3), word(1023)]);
        assert_eq!(in_words(&[], 2), [word(0), word(0)]);
    }
}
