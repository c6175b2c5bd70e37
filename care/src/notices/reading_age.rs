//! How old a reader must be: the Flesch–Kincaid grade, plus the five years at which the first grade begins.
//!
//! Kincaid, Fishburne, Rogers and Chissom, Derivation of new readability formulas for Navy enlisted personnel, 1975: 0.39 words a
//! sentence + 11.8 syllables a word − 15.59. Counted by Flesch's rules: a figure or an abbreviation is a word of one syllable; a
//! full stop, question mark, exclamation mark, colon or semicolon ends a sentence, and so does the end of a line (a list). The
//! NHS content guide aims for 9 to 11 (service-manual.nhs.uk, content, health literacy and style guide). It is a check on
//! long words and sentences and no more; nothing but readers can say whether a notice is understood. Never: a figure for Welsh, for
//! which the formula was not made. Called by `compose`; proved by `tests/notices.rs`.

use super::Language;
use super::syllables::syllables;

/// Reading age in years, rounded up, so that 11 means no more than 11; `None` when it is not measured: any language but English,
/// or no words.
pub fn reading_age(text: &str, language: Language) -> Option<u8> {
    if language != Language::English {
        return None;
    }
    let (mut words, mut sentences, mut spoken) = (0u32, 0u32, 0u32);
    for line in text.lines() {
        let mut open = false;
        for token in line.split_whitespace().filter(|token| token.contains(char::is_alphanumeric)) {
            words += 1;
            spoken += if is_word(token) { syllables(token) } else { 1 };
            open = true;
            if ends_sentence(token) {
                sentences += 1;
                open = false;
            }
        }
        sentences += u32::from(open);
    }
    if words == 0 {
        return None;
    }
    let (words, sentences) = (f64::from(words), f64::from(sentences.max(1)));
    let grade = 0.39 * words / sentences + 11.8 * f64::from(spoken) / words - 15.59;
    let age = (grade + 5.0).ceil().clamp(5.0, 99.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(age as u8)
}

/// Letters, and neither an abbreviation, a figure nor an address.
fn is_word(token: &str) -> bool {
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
    let abbreviation = bare.len() > 1 && bare.chars().all(|c| c.is_ascii_uppercase() || c == '&');
    !abbreviation
        && !bare.contains(['@', '/', '.'])
        && !bare.contains(|c: char| c.is_ascii_digit())
        && bare.contains(char::is_alphabetic)
}

fn ends_sentence(token: &str) -> bool {
    let closing = |c: char| matches!(c, ')' | '"' | '\'' | '\u{2019}' | '\u{201d}' | ']');
    token.trim_end_matches(closing).ends_with(['.', '!', '?', ':', ';'])
}
