//! What people write, checked: short lines and longer notes, printable, never empty where something is needed.
//!
//! Always: nothing is cut off in silence; what is too long is refused with its ceiling, so that the writer shortens it.
//! Never: control characters, or the marks that turn the direction of writing and let text pose as other text.
//! Called by every module's `decide`; proved by the table below.

/// What was written cannot be kept as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wording {
    /// Nothing printable.
    #[error("{0} is missing: write it in a few words")]
    Empty(&'static str),
    /// Too long.
    #[error("{what} is {bytes} bytes long; keep it under {bytes_max}")]
    TooLong {
        /// What was written.
        what: &'static str,
        /// Its length, in bytes.
        bytes: usize,
        /// The ceiling, in bytes.
        bytes_max: usize,
    },
    /// Too many of them.
    #[error("{count} {what} are too many; {count_max} can be kept at once")]
    TooMany {
        /// Of what, in the plural.
        what: &'static str,
        /// How many.
        count: usize,
        /// The ceiling.
        count_max: usize,
    },
}

/// Ceiling of a name, title or place, in bytes.
pub const LINE_BYTES_MAX: usize = 200;
/// Ceiling of a note, reason or log entry, in bytes.
pub const NOTE_BYTES_MAX: usize = 8_000;

/// One line of text that must be there: white space and control characters become single spaces.
pub fn line(what: &'static str, text: &str) -> Result<String, Wording> {
    let tidied = line_or_empty(what, text)?;
    if tidied.is_empty() { Err(Wording::Empty(what)) } else { Ok(tidied) }
}

/// One line of text that may be left empty.
pub fn line_or_empty(what: &'static str, text: &str) -> Result<String, Wording> {
    fits(what, text, LINE_BYTES_MAX)?;
    Ok(plain_line(text, LINE_BYTES_MAX))
}

/// One printable line of at most `bytes_max` bytes: for text whose length was checked already.
pub(crate) fn plain_line(text: &str, bytes_max: usize) -> String {
    let plain: String = text.chars().filter(|c| !turns_direction(*c)).collect();
    basics::tidy(&plain, bytes_max)
}

/// Text of several lines that must be there.
pub fn note(what: &'static str, text: &str) -> Result<String, Wording> {
    let tidied = note_or_empty(what, text)?;
    if tidied.is_empty() { Err(Wording::Empty(what)) } else { Ok(tidied) }
}

/// Text of several lines that may be left empty: each line tidied, no more than one empty line in a row.
pub fn note_or_empty(what: &'static str, text: &str) -> Result<String, Wording> {
    fits(what, text, NOTE_BYTES_MAX)?;
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.split(['\n', '\u{2028}', '\u{2029}']) {
        let tidied = plain_line(line, NOTE_BYTES_MAX);
        if tidied.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(&tidied);
    }
    Ok(out)
}

/// Refuses more than `count_max` of something.
pub fn at_most(what: &'static str, count: usize, count_max: usize) -> Result<(), Wording> {
    if count > count_max { Err(Wording::TooMany { what, count, count_max }) } else { Ok(()) }
}

fn fits(what: &'static str, text: &str, bytes_max: usize) -> Result<(), Wording> {
    let bytes = text.trim().len();
    if bytes > bytes_max { Err(Wording::TooLong { what, bytes, bytes_max }) } else { Ok(()) }
}

/// Marks that reverse or embed directions of writing, and the byte order mark: they show nothing and disguise text.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// "1 step", "3 steps": a count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// "40 seconds", "5 minutes", "3 h 20 min", "2 days 4 h": a length of time in words; nothing negative.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if seconds < 60 => counted(seconds as usize, "second", "seconds"),
        () if minutes < 60 => counted(minutes as usize, "minute", "minutes"),
        () if hours < 48 && minutes % 60 == 0 => format!("{hours} h"),
        () if hours < 48 => format!("{hours} h {} min", minutes % 60),
        () => format!("{days} days {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_tidied_or_refused_but_never_cut() {
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        for (text, want) in [
            ("  Switchboard\tdown\r\n", Ok("Switchboard down".to_owned())),
            ("pay \u{202e}won", Ok("pay won".to_owned())),
            ("\u{0}\u{200e}", Err(Wording::Empty("the name"))),
            (&long, Err(Wording::TooLong { what: "the name", bytes: 201, bytes_max: 200 })),
        ] {
            assert_eq!(line("the name", text), want, "{text:?}");
        }
        for (text, want) in [
            ("one\r\n\r\n\r\n two \nthree", "one\n\ntwo\nthree"),
            ("\n\n", ""),
            ("a\u{0}b\u{1b}[31m", "a b [31m"),
        ] {
            assert_eq!(note_or_empty("the note", text), Ok(want.to_owned()), "{text:?}");
        }
        assert!(note("the note", &"y".repeat(NOTE_BYTES_MAX + 1)).is_err());
        assert!(note("the note", " \n ").is_err());
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (seconds, want) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (3599, "59 minutes"),
            (7200, "2 h"),
            (12_000, "3 h 20 min"),
            (3 * 86_400, "3 days 0 h"),
        ] {
            assert_eq!(duration(seconds), want);
        }
    }
}
