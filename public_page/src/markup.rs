//! HTML and XML that cannot be broken by what people write.
//!
//! Always: markup itself is known when the program is built (`&'static str`); everything else goes through `text`,
//! which escapes. There is no third way in. Used by every file of the folder; proved by the table below and by
//! `tests/page.rs` with script text in every field.

/// A document as it grows.
#[derive(Default, Debug)]
pub struct Markup(String);

impl Markup {
    /// Markup that stands in the program's own source.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words, safe between tags and within double quotes.
    pub fn text(&mut self, words: &str) -> &mut Self {
        for c in words.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\t' | '\n' => self.0.push(c),
                // What XML 1.0 does not allow, written as a reference either.
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
                c => self.0.push(c),
            }
        }
        self
    }

    /// `<tag>words</tag>`, with the tags as they stand in the source.
    pub fn wrap(&mut self, open: &'static str, words: &str, close: &'static str) -> &mut Self {
        self.raw(open).text(words).raw(close)
    }

    /// The bytes.
    pub fn bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_write_becomes_markup() {
        for (words, want) in [
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("A&E", "A&amp;E"),
            ("a\u{0}\u{1b}b\u{ffff}", "ab"),
        ] {
            let mut markup = Markup::default();
            markup.text(words);
            assert_eq!(String::from_utf8(markup.bytes()).unwrap(), want);
        }
    }
}
