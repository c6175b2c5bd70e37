//! Syllables of an English word, counted by its spelling.
//!
//! Rules for what English does as a rule (silent e, endings, pairs of vowels that part), and a short list of words that do
//! otherwise. Where two ways of saying a word are usual the rules may take the longer: a text is then said to be harder, never
//! easier. Called by `reading_age`; proved by the table of `tests/notices.rs`.

/// Words that the rules get wrong.
const KNOWN: [(&str, u32); 48] = [
    ("anxiety", 4),
    ("area", 3),
    ("areas", 3),
    ("business", 2),
    ("carriage", 2),
    ("client", 2),
    ("clients", 2),
    ("create", 2),
    ("created", 3),
    ("cruel", 2),
    ("diet", 2),
    ("evening", 2),
    ("evenings", 2),
    ("everybody", 4),
    ("everyone", 3),
    ("everything", 3),
    ("everywhere", 3),
    ("every", 2),
    ("experience", 4),
    ("eye", 1),
    ("eyes", 1),
    ("fuel", 2),
    ("idea", 3),
    ("ideas", 3),
    ("influence", 3),
    ("marriage", 2),
    ("million", 2),
    ("people", 2),
    ("people's", 2),
    ("poem", 2),
    ("quiet", 2),
    ("react", 2),
    ("rhythm", 2),
    ("ruin", 2),
    ("safety", 2),
    ("science", 2),
    ("society", 4),
    ("somebody", 3),
    ("someone", 2),
    ("something", 2),
    ("sometimes", 2),
    ("somewhere", 2),
    ("therefore", 2),
    ("variety", 4),
    ("wednesday", 2),
    ("wednesdays", 2),
    ("whatever", 3),
    ("wherever", 3),
];

/// Endings that are a syllable of their own and leave the word before them as it is.
const ENDINGS: [(&str, u32); 10] = [
    ("ments", 1),
    ("ment", 1),
    ("nesses", 2),
    ("ness", 1),
    ("less", 1),
    ("fully", 2),
    ("ful", 1),
    ("ings", 1),
    ("ing", 1),
    ("ly", 1),
];

/// Syllables of a word; parts of a hyphenated word are counted each. 1 for what holds no letter.
pub(super) fn syllables(word: &str) -> u32 {
    let lower = word.to_lowercase().replace('\u{2019}', "'");
    lower
        .split('-')
        .map(|part| part.trim_matches(|c: char| !c.is_ascii_alphabetic()))
        .filter(|part| !part.is_empty())
        .map(one)
        .sum::<u32>()
        .max(1)
}

fn one(word: &str) -> u32 {
    if let Some((_, count)) = KNOWN.iter().find(|(known, _)| *known == word) {
        return *count;
    }
    // "didn't", "isn't": the n is a syllable after a consonant.
    if let Some(stem) = word.strip_suffix("n't") {
        return one(stem) + u32::from(!stem.ends_with(vowel));
    }
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    for (ending, count) in ENDINGS {
        if let Some(stem) = letters.strip_suffix(ending)
            && stem.contains(vowel)
        {
            return one(stem) + count;
        }
    }
    let letters: Vec<char> = letters.chars().collect();
    (groups(&letters) + parted(&letters)).saturating_sub(silent(&letters)).max(1)
}

fn vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Whether the letter at `at` sounds as a vowel: not the y of "you" and "player", not the u of "quick".
fn sounds(letters: &[char], at: usize) -> bool {
    let get = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied();
    let (before, after) = (get(at.checked_sub(1)), get(Some(at + 1)));
    match get(Some(at)) {
        Some('y') => !(after.is_some_and(vowel) && before.is_none_or(vowel)),
        Some('u') => before != Some('q'),
        Some(c) => vowel(c),
        None => false,
    }
}

/// Runs of vowels.
fn groups(letters: &[char]) -> u32 {
    let starts = |at: usize| sounds(letters, at) && !(at > 0 && sounds(letters, at - 1));
    let count = (0..letters.len()).filter(|at| starts(*at)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Pairs within a run that are two syllables: "di-al", "peri-od", "vide-o", "actu-al", "try-ing".
fn parted(letters: &[char]) -> u32 {
    let mut more = 0;
    for (at, pair) in letters.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
        let soft = matches!(before, 'c' | 't' | 's' | 'g' | 'x' | 'h');
        more += match (first, second) {
            // "special", "nation", "region" are one sound; "period", "radio", "dial" are two.
            ('i', 'a' | 'o' | 'u') => u32::from(!soft),
            ('e', 'o') | ('y', 'i') => 1,
            ('u', 'a') => u32::from(!matches!(before, 'q' | 'g')),
            _ => 0,
        };
    }
    more
}

/// A silent e at the end, alone or in -es and -ed.
fn silent(letters: &[char]) -> u32 {
    let back = |n: usize| letters.len().checked_sub(n).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
    let consonant = |c: char| c.is_ascii_alphabetic() && !vowel(c);
    // "nurses", "places", "wishes" are said with their e; "times" and "clothes" are not.
    let hisses = |before: char, last: char| {
        matches!(last, 's' | 'x' | 'z' | 'c' | 'g') || (last == 'h' && matches!(before, 's' | 'c'))
    };
    // The place of the letter before the e.
    let before = match (back(2), back(1)) {
        (_, 'e') => 2,
        ('e', 's') if !hisses(back(4), back(3)) => 3,
        ('e', 'd') if !matches!(back(3), 't' | 'd') => 3,
        _ => return 0,
    };
    // "table", "handled": l after a consonant keeps the syllable; "called" does not.
    let keeps = back(before) == 'l' && consonant(back(before + 1)) && !matches!(back(before + 1), 'l' | 'r');
    u32::from(consonant(back(before)) && !keeps && groups(letters) > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_they_are_said() {
        for (count, words) in [
            (
                1,
                "the a be please come day line whole called booked moved times dates two your phone queue safe \
                 you'll don't we're street nurse help who through eyes change bring staff goes clothes worse",
            ),
            (
                2,
                "sorry table people postponed cancelled needed letter doctor number being trying playing going someone \
                 isn't didn't treatment language changes places nurses handled quickly only reply July Tuesday Wednesday \
                 Thursday patient special region useful notice clinic appoint unless settled beyond reading science \
                 moment quiet",
            ),
            (
                3,
                "appointment hospital computers medicines Saturday ambulance idea area telephone radio period dangerous \
                 remember together usual video family anything everyone transported examine",
            ),
            (4, "emergency interpreter January February usually society experience information appropriate"),
            (5, "unfortunately immediately opportunity examination"),
            (3, "face-to-face"),
            (2, "X-ray re-book"),
        ] {
            for word in words.split_whitespace() {
                assert_eq!(syllables(word), count, "{word}");
            }
        }
    }
}
