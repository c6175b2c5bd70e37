//! Names and questions brought to one form, so that "O'Brien", "O’BRIEN" and "obrien" are one word.
//!
//! Always: lower case, Latin letters without their marks, apostrophes dropped, everything else that is no letter or
//! digit parts words. Never more than `WORDS_MAX` words, none longer than `WORD_BYTES_MAX`.

/// Most words taken from one name or question.
pub const WORDS_MAX: usize = 12;

/// Longest word kept, in bytes.
pub const WORD_BYTES_MAX: usize = 32;

/// The words of `text` in order.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if is_apostrophe(c) || ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        if c.is_alphanumeric() {
            push_folded(&mut word, c);
        } else if !word.is_empty() {
            push_word(&mut out, &mut word);
        }
        if out.len() >= WORDS_MAX {
            return out;
        }
    }
    if !word.is_empty() {
        push_word(&mut out, &mut word);
    }
    out
}

fn push_word(out: &mut Vec<String>, word: &mut String) {
    let kept = basics::clip(word, WORD_BYTES_MAX).len();
    word.truncate(kept);
    out.push(std::mem::take(word));
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ')
}

fn push_folded(word: &mut String, c: char) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    match basics::folded(c) {
        Some(plain) => word.push_str(plain),
        None => word.extend(c.to_lowercase()),
    }
}

/// Letters and digits alone, upper case: how numbers are compared ("999 123 4567", "rn-0042").
pub fn number(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_to_one_form() {
        for (text, want) in [
            ("O'Brien", "obrien"),
            ("O’BRIEN", "obrien"),
            ("Smith-Jones", "smith jones"),
            ("Łukasz  Żółć", "lukasz zolc"),
            ("Müller, Jürgen", "muller jurgen"),
            ("Nguyễn Thị", "nguyen thi"),
            ("Strauß", "strauss"),
            ("Ζωή", "ζωή"),
            ("e\u{301}lan", "elan"),
            (" -- ", ""),
        ] {
            assert_eq!(words(text).join(" "), want, "{text}");
        }
    }
}
