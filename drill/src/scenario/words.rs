//! A line of a drill as words: quoted or bare, comments left out; and the few values they stand for.

use thiserror::Error;

/// Why a drill could not be read, and where.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}:{line}: {why}")]
pub struct Unreadable {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// In words.
    pub why: String,
}

/// The words of a line, taken one after another.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    words: Vec<String>,
    next: usize,
}

impl Line {
    pub fn new(text: &str, words: Vec<String>) -> Self {
        Self { text: text.to_owned(), words, next: 0 }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The word to come; empty at the end.
    pub fn peek(&self) -> &str {
        self.peek_at(0)
    }

    pub fn peek_at(&self, further: usize) -> &str {
        self.words.get(self.next + further).map_or("", String::as_str)
    }

    pub fn word(&mut self) -> Result<String, String> {
        let word = self.words.get(self.next).cloned().ok_or("the line ends too soon")?;
        self.next += 1;
        Ok(word)
    }

    /// A word that stands for a value.
    pub fn value(&mut self) -> Result<String, String> {
        self.word()
    }

    pub fn values(&mut self, count: usize) -> Result<Vec<String>, String> {
        (0..count).map(|_| self.word()).collect()
    }

    pub fn number(&mut self) -> Result<u64, String> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("{word} is no number"))
    }

    pub fn keyword(&mut self, wanted: &str) -> Result<(), String> {
        let word = self.word()?;
        if word == wanted { Ok(()) } else { Err(format!("{wanted} belongs here, not {word}")) }
    }

    /// Takes the word if it is this one.
    pub fn take(&mut self, wanted: &str) -> bool {
        let there = self.peek() == wanted;
        self.next += usize::from(there);
        there
    }

    pub fn is_done(&self) -> bool {
        self.next >= self.words.len()
    }

    pub fn end(&self) -> Result<(), String> {
        match self.words.get(self.next) {
            Some(word) => Err(format!("{word} is one word too many")),
            None => Ok(()),
        }
    }
}

/// Words parted by spaces; "quoted ones" keep theirs; `#` begins a comment.
pub(super) fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with('#') {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').ok_or("a quotation mark is missing")?;
            let (word, after) = quoted.split_at(end);
            words.push(word.to_owned());
            rest = after.strip_prefix('"').unwrap_or(after).trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            words.push(word.to_owned());
            rest = after.trim_start();
        }
    }
    Ok(words)
}

/// `90m`, `2h`: minutes.
pub(super) fn minutes(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text} is no length of time; write 20m or 2h");
    let number = |digits: &str| digits.parse::<i64>().map_err(|_| wrong());
    let minutes = match (text.strip_suffix('m'), text.strip_suffix('h')) {
        (Some(minutes), _) => number(minutes)?,
        (_, Some(hours)) => number(hours)?.saturating_mul(60),
        _ => return Err(wrong()),
    };
    if (0..=1_000_000).contains(&minutes) { Ok(minutes) } else { Err(wrong()) }
}

/// A line of a raw message: UTF-8, with `\xNN` for any other byte and `\\` for a backslash.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before.as_bytes());
        if let Some(hex) = after.strip_prefix("\\x") {
            let digits = hex.get(..2).ok_or("two hexadecimal digits follow \\x")?;
            out.push(u8::from_str_radix(digits, 16).map_err(|_| format!("\\x{digits} is no byte"))?);
            rest = hex.get(2..).unwrap_or("");
        } else if let Some(after) = after.strip_prefix("\\\\") {
            out.push(b'\\');
            rest = after;
        } else {
            return Err("a backslash is written \\\\, any other byte \\xNN".to_owned());
        }
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}
