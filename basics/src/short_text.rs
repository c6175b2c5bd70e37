//! Text kept short and printable: no control characters, no run of spaces, never cut inside a character.

/// Trims, turns control characters and runs of white space into one space, and keeps at most `bytes_max` bytes.
pub fn tidy(text: &str, bytes_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(bytes_max));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > bytes_max {
            break;
        }
    }
    let kept = clip(&out, bytes_max).trim_end().len();
    out.truncate(kept);
    out
}

/// The longest start of `text` of at most `bytes_max` bytes that ends between characters.
pub fn clip(text: &str, bytes_max: usize) -> &str {
    let end = text.floor_char_boundary(bytes_max);
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_keeps_words_and_drops_the_rest() {
        for (text, bytes_max, want) in [
            ("  Ward \t 4\r\n", 80, "Ward 4"),
            ("\u{0}\u{7}", 80, ""),
            ("Łódź", 3, "Łó".get(..2).unwrap_or("")),
            ("abcdef", 3, "abc"),
        ] {
            assert_eq!(tidy(text, bytes_max), want, "{text:?}");
        }
    }
}
