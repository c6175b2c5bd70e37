//! How many slips of the finger lie between two words, up to a ceiling.

/// Longest word that is compared, in bytes.
const BYTES_MAX: usize = super::words::WORD_BYTES_MAX;

/// Bits for the letters a to z and, folded into six more, everything else.
pub fn letters(word: &str) -> u32 {
    word.bytes().fold(0, |bits, b| {
        bits | match b {
            b'a'..=b'z' => 1 << (b - b'a'),
            other => 1 << (26 + other % 6),
        }
    })
}

/// The restricted Damerau–Levenshtein distance of two words, if it is at most `slips_max` (0 to 3); bytes count as
/// letters, and a word longer than the ceiling has no neighbours.
pub fn distance_at_most(a: &str, b: &str, slips_max: u8) -> Option<u8> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > slips_max as usize || a.len() > BYTES_MAX || b.len() > BYTES_MAX {
        return None;
    }
    let mut before = [0u8; BYTES_MAX + 1];
    let mut above = [0u8; BYTES_MAX + 1];
    for (j, cell) in above.iter_mut().enumerate() {
        *cell = j as u8;
    }
    let mut last_a = 0;
    for (i, &x) in a.iter().enumerate() {
        let mut row = [u8::MAX; BYTES_MAX + 1];
        let mut left = i as u8 + 1;
        let mut best = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        let mut last_b = 0;
        for (j, &y) in b.iter().enumerate() {
            let at = |line: &[u8; BYTES_MAX + 1], k: usize| line.get(k).copied().unwrap_or(u8::MAX);
            let mut cell = (at(&above, j) + u8::from(x != y)).min(left + 1).min(at(&above, j + 1) + 1);
            if i > 0 && j > 0 && x == last_b && last_a == y {
                cell = cell.min(at(&before, j - 1) + 1);
            }
            if let Some(target) = row.get_mut(j + 1) {
                *target = cell;
            }
            left = cell;
            best = best.min(cell);
            last_b = y;
        }
        if best > slips_max.saturating_add(1) {
            return None;
        }
        before = above;
        above = row;
        last_a = x;
    }
    above.get(b.len()).copied().filter(|d| *d <= slips_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, slips_max, want) in [
            ("smith", "smith", 2, Some(0)),
            ("smith", "smyth", 1, Some(1)),
            ("smith", "simth", 1, Some(1)),
            ("smith", "smithe", 1, Some(1)),
            ("katherine", "catherine", 2, Some(1)),
            ("fredrica", "frederika", 2, Some(2)),
            ("smith", "jones", 2, None),
            ("abc", "abcdef", 2, None),
            ("", "a", 1, Some(1)),
        ] {
            assert_eq!(distance_at_most(a, b, slips_max), want, "{a} {b}");
            assert_eq!(distance_at_most(b, a, slips_max), want, "{b} {a}");
        }
    }

    /// The textbook's whole table, to check the bounded one.
    fn plain(a: &[u8], b: &[u8]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut cell = (d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(d[i - 1][j] + 1)
                        .min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        cell = cell.min(d[i - 2][j - 2] + 1);
                    }
                    cell
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest::proptest! {
        #[test]
        fn bounded_equals_the_whole_table(a in "[a-d]{0,9}", b in "[a-d]{0,9}", slips_max in 0u8..=3) {
            let want = plain(a.as_bytes(), b.as_bytes());
            let want = (want <= slips_max as usize).then_some(want as u8);
            proptest::prop_assert_eq!(distance_at_most(&a, &b, slips_max), want);
        }
    }
}
