//! Four check words after sixteen: they find every mistake in up to four words, and name the one word that is wrong.
//!
//! A Reed-Solomon code over GF(1024), a word being one of its letters. Any two rows of words that fit differ in at least
//! five places, so a single wrong word has one remedy only, and two or three wrong ones are never taken for one. The
//! remedy is proposed to a person, never taken silently. Proved by the tests below.

use basics::words::WORDS;

/// Words of a share before its check words, and these.
pub(crate) const DATA_WORDS: usize = 16;
pub(crate) const CHECK_WORDS: usize = 4;
/// All words of a share.
pub(crate) const ALL_WORDS: usize = DATA_WORDS + CHECK_WORDS;

/// (x + 1)(x + 2)(x + 4)(x + 8) without its leading 1: 1, 2, 4 and 8 are the first powers of the field's generator 2.
const GENERATOR: [u16; CHECK_WORDS] = [15, 54, 120, 64];

/// What one slip explains.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mend {
    /// Another word belongs at this place (from 0).
    Other(usize, u16),
    /// These two have changed places.
    Swapped(usize, usize),
    /// This word is missing at this place.
    Missing(usize, u16),
    /// The word at this place is one too many.
    Extra(usize),
}

/// The product modulo x¹⁰ + x³ + 1, without tables.
fn times(a: u16, b: u16) -> u16 {
    let (mut a, mut product) = (a, 0);
    for n in 0..10 {
        product ^= a & 0u16.wrapping_sub(b >> n & 1);
        a = (a << 1) ^ (0x409 & 0u16.wrapping_sub(a >> 9 & 1));
    }
    product
}

/// The check words of these words.
pub(crate) fn check(words: &[u16]) -> [u16; CHECK_WORDS] {
    let mut rest = [0u16; CHECK_WORDS];
    for word in words {
        let [first, second, third, fourth] = rest;
        let back = word ^ first;
        let [a, b, c, d] = GENERATOR.map(|factor| times(back, factor));
        rest = [second ^ a, third ^ b, fourth ^ c, d];
    }
    rest
}

/// Whether these are as many words as a share has, and fit together.
pub(crate) fn fit(words: &[u16]) -> bool {
    words.len() == ALL_WORDS
        && words.split_at_checked(DATA_WORDS).is_some_and(|(data, checks)| check(data) == checks)
}

/// The one slip that explains why these words do not fit, if one does. `unknown`: the place (from 0) of a word that is not
/// on the list, whose number then does not count.
pub(crate) fn mend(words: &[u16], unknown: Option<usize>) -> Option<Mend> {
    let places = |unknown: Option<usize>| match unknown {
        Some(place) => place..place + 1,
        None => 0..words.len(),
    };
    if words.len() == ALL_WORDS {
        let other = places(unknown).find_map(|place| {
            let right = (0..WORDS).find(|word| fit(&changed(words, |all| set(all, place, *word))))?;
            Some(Mend::Other(place, right))
        });
        return other.or_else(|| {
            let pairs = (0..ALL_WORDS).flat_map(|a| (a + 1..ALL_WORDS).map(move |b| (a, b)));
            pairs
                .filter(|_| unknown.is_none())
                .find(|(a, b)| fit(&changed(words, |all| all.swap(*a, *b))))
                .map(|(a, b)| Mend::Swapped(a, b))
        });
    }
    if words.len() == ALL_WORDS + 1 {
        return places(unknown)
            .find(|place| fit(&changed(words, |all| _ = all.remove(*place))))
            .map(Mend::Extra);
    }
    if words.len() + 1 != ALL_WORDS || unknown.is_some() {
        return None;
    }
    (0..ALL_WORDS).find_map(|place| {
        let right = (0..WORDS).find(|word| fit(&changed(words, |all| all.insert(place, *word))))?;
        Some(Mend::Missing(place, right))
    })
}

fn changed(words: &[u16], change: impl FnOnce(&mut Vec<u16>)) -> Vec<u16> {
    let mut all = words.to_vec();
    change(&mut all);
    all
}

fn set(words: &mut [u16], place: usize, word: u16) {
    if let Some(at) = words.get_mut(place) {
        *at = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seed: u64) -> Vec<u16> {
        let mut state = seed;
        let mut words: Vec<u16> = (0..DATA_WORDS)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as u16 % WORDS
            })
            .collect();
        words.extend(check(&words));
        words
    }

    #[test]
    fn the_field_and_the_generator_are_what_they_should_be() {
        let mut seen = [false; WORDS as usize];
        let (mut power, mut order) = (1u16, 0);
        while !std::mem::replace(&mut seen[usize::from(power)], true) {
            power = times(power, 2);
            order += 1;
        }
        assert_eq!((power, order), (1, 1023), "2 generates every number but nought");
        let mut polynomial = vec![1u16];
        for root in [1, 2, 4, 8] {
            let mut longer = vec![0; polynomial.len() + 1];
            for (n, factor) in polynomial.iter().enumerate() {
                longer[n] ^= factor;
                longer[n + 1] ^= times(*factor, root);
            }
            polynomial = longer;
        }
        assert_eq!(polynomial[1..], GENERATOR);
    }

    #[test]
    fn every_single_slip_is_found_and_named() {
        let right = row(7);
        assert!(fit(&right));
        for place in 0..ALL_WORDS {
            let typed =
                changed(&right, |all| set(all, place, (right[place] + 1 + 31 * place as u16) % WORDS));
            assert!(mend(&typed, None) == Some(Mend::Other(place, right[place])), "place {place}");
            let unread = changed(&right, |all| set(all, place, 0));
            assert!(mend(&unread, Some(place)) == Some(Mend::Other(place, right[place])));
            let short = changed(&right, |all| _ = all.remove(place));
            match mend(&short, None) {
                Some(Mend::Missing(at, word)) => {
                    assert_eq!(changed(&short, |all| all.insert(at, word)), right)
                }
                _ => panic!("the word missing at {place} was not found"),
            }
            let long = changed(&right, |all| all.insert(place, 5));
            assert!(matches!(mend(&long, None), Some(Mend::Extra(_))), "place {place}");
        }
        let turned = changed(&right, |all| all.swap(3, 4));
        assert!(mend(&turned, None) == Some(Mend::Swapped(3, 4)));
    }

    #[test]
    fn two_three_and_four_wrong_words_are_never_taken_for_fewer() {
        let right = row(11);
        for places in [vec![0, 1], vec![4, 17], vec![2, 9, 19], vec![0, 5, 10, 15]] {
            let wrong = changed(&right, |all| {
                places.iter().for_each(|place| set(all, *place, (right[*place] + 77) % WORDS));
            });
            assert!(!fit(&wrong));
            assert!(places.len() > 3 || mend(&wrong, None).is_none(), "{places:?}");
        }
        assert!(mend(&right[..10], None).is_none() && mend(&[], None).is_none());
    }
}
