//! What people write about access, checked, and lengths of time as people say them.
//!
//! Always: what is too long is refused with its ceiling, never cut in silence. Never: marks that turn the direction of
//! writing and let one name pose as another. Called by every module's `decide`; proved by the table below.

use crate::Role;

/// Ceiling of a label, contact or reason, in bytes.
pub const LINE_BYTES_MAX: usize = 200;
/// Ceiling of what is typed when the glass is broken or a break is reviewed, in bytes.
pub const NOTE_BYTES_MAX: usize = 1_000;

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
    #[error("{count} {what} are too many; {count_max} can be kept")]
    TooMany {
        /// Of what, in the plural.
        what: &'static str,
        /// How many.
        count: usize,
        /// The ceiling.
        count_max: usize,
    },
}

/// One line that must be there.
pub fn line(what: &'static str, text: &str, bytes_max: usize) -> Result<String, Wording> {
    let line = line_or_empty(what, text, bytes_max)?;
    if line.is_empty() { Err(Wording::Empty(what)) } else { Ok(line) }
}

/// One line that may be left empty.
pub fn line_or_empty(what: &'static str, text: &str, bytes_max: usize) -> Result<String, Wording> {
    let bytes = text.trim().len();
    if bytes > bytes_max {
        return Err(Wording::TooLong { what, bytes, bytes_max });
    }
    let plain: String = text.chars().filter(|c| !turns_direction(*c)).collect();
    Ok(basics::tidy(&plain, bytes_max))
}

/// Refuses more than `count_max` of something.
pub fn at_most(what: &'static str, count: usize, count_max: usize) -> Result<(), Wording> {
    if count > count_max { Err(Wording::TooMany { what, count, count_max }) } else { Ok(()) }
}

/// Marks that reverse or embed directions of writing, and the byte order mark: they show nothing and disguise text.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// "40 seconds", "5 minutes", "3 h 20 min", "2 days 4 h": a length of time in words; nothing negative.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let counted =
        |n: i64, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if seconds < 60 => counted(seconds, "second", "seconds"),
        () if minutes < 60 => counted(minutes, "minute", "minutes"),
        () if hours < 48 && minutes % 60 == 0 => format!("{hours} h"),
        () if hours < 48 => format!("{hours} h {} min", minutes % 60),
        () => format!("{days} days {} h", hours % 24),
    }
}

/// "administrator", "administrator or IT", "bookings, IT or loggist".
pub fn any_of(roles: &[Role]) -> String {
    match roles {
        [] => "nobody".to_owned(),
        [one] => one.words().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(|role| role.words()).collect();
            format!("{} or {}", first.join(", "), last.words())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_tidied_or_refused_but_never_cut() {
        for (text, want) in [
            ("  Ward\ttablet 3\r\n", Ok("Ward tablet 3".to_owned())),
            ("lleB \u{202e}annA", Ok("lleB annA".to_owned())),
            ("\u{0}\u{200e}", Err(Wording::Empty("the label"))),
            ("0123456789a", Err(Wording::TooLong { what: "the label", bytes: 11, bytes_max: 10 })),
        ] {
            let bytes_max = if text.len() == 11 { 10 } else { 40 };
            assert_eq!(line("the label", text, bytes_max), want, "{text:?}");
        }
    }

    #[test]
    fn lengths_of_time_are_said_as_people_say_them() {
        for (seconds, want) in
            [(-5, "0 seconds"), (1, "1 second"), (3599, "59 minutes"), (7200, "2 h"), (183_600, "2 days 3 h")]
        {
            assert_eq!(duration(seconds), want);
        }
        assert_eq!(any_of(&[Role::Bookings, Role::It, Role::Loggist]), "bookings, IT or loggist");
    }
}
