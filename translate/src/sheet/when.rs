//! When a cell of a list says that something is: a day, a time of day, or both, as people in Britain and ISO 8601 write it.
//!
//! Always: the day before the month, four digits for the year; what could be meant in two ways is refused with what to
//! write instead. Never: a guess, or the cell's own words in a reason. Called by `row`; proved by `tests/sheet_times.rs`.

use basics::{Moment, PartialDate, Zone};

/// What one cell says of when; what it says nothing of is `None`.
#[derive(Clone, Copy, Default)]
pub(super) struct When {
    pub day: Option<PartialDate>,
    /// Hour and minute.
    pub time: Option<(i8, i8)>,
    /// The very moment, when the cell says how far its clock is from UTC; `day` and `time` are then the hospital's own.
    pub moment: Option<Moment>,
}

pub(super) const NOT_READ: &str =
    "cannot be read; write 2026-03-12 08:30 or 12/03/2026 08:30, day before month";
const MONTH_FIRST: &str = "has the month before the day; if the whole list is written so, its other dates are read wrong: save it with the day first";
const SHORT_YEAR: &str = "has a year of two digits; write four";
const SERIAL: &str =
    "is a spreadsheet's bare number; give its column the format of a date before the list is saved";
const NO_SUCH_DAY: &str = "is no day of the calendar";

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a cell.
///
/// # Errors
/// Why not, to be put behind the column's name.
pub(super) fn read(text: &str, zone: &Zone) -> Result<When, &'static str> {
    let plain: String = text.chars().map(|c| if c.is_whitespace() || c == ',' { ' ' } else { c }).collect();
    let (civil, offset) = without_offset(plain.trim());
    let civil = civil.to_ascii_lowercase();
    let words: Vec<&str> = civil.split_whitespace().collect();
    let (day, used) = day_in_front(&words)?;
    let rest: Vec<&str> = words.iter().skip(used).copied().filter(|word| *word != "at").collect();
    let time = match rest.is_empty() {
        true => None,
        false => Some(clock(&rest.join(" ")).ok_or(NOT_READ)?),
    };
    let told = When { day, time, moment: None };
    match (offset, day, time) {
        (None, ..) => Ok(told),
        (Some(offset), Some(day), Some((hour, minute))) => {
            let whole = format!("{}T{hour:02}:{minute:02}:00{offset}", day.iso());
            let moment = Moment::parse_rfc3339(&whole).ok_or(NOT_READ)?;
            let own = zone.civil(moment);
            let day = PartialDate::from_numbers(own.year, Some(own.month), Some(own.day));
            Ok(When { day, time: Some((own.hour, own.minute)), moment: Some(moment) })
        }
        (Some(_), ..) => Err(NOT_READ),
    }
}

/// ISO 8601 with a `T`: its halves parted by a space, and how far from UTC it is. Elsewhere "09:00-09:30" is no offset.
fn without_offset(text: &str) -> (String, Option<String>) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let half = (1..bytes.len()).find(|at| {
        matches!(bytes.get(*at), Some(b'T' | b't')) && digit(at - 1) && digit(at + 1) && (0..4).all(digit)
    });
    let Some((day, time)) = half.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) else {
        return (text.to_owned(), None);
    };
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    let offset = match offset {
        "" => None,
        "Z" | "z" => Some("Z".to_owned()),
        // RFC 3339 parts hours and minutes.
        short if short.len() == 5 && !short.contains(':') => {
            short.split_at_checked(3).map(|(hours, minutes)| format!("{hours}:{minutes}"))
        }
        whole => Some(whole.to_owned()),
    };
    (format!("{day} {time}"), offset)
}

/// The day that the words begin with, and how many of them say it.
fn day_in_front(words: &[&str]) -> Result<(Option<PartialDate>, usize), &'static str> {
    let named = words.first().is_some_and(|word| begins(&WEEKDAYS, word).is_some());
    let skipped = usize::from(named);
    let Some(first) = words.get(skipped) else { return Ok((None, 0)) };
    if let Some(parts) = parts(first)? {
        return Ok((Some(day(parts)?), skipped + 1));
    }
    if let Some([a, b, c]) = words.get(skipped..skipped + 3)
        && [a, b, c].iter().all(|word| !word.contains([':', '.']))
        && (number(ordinal(a), 2).is_some() || month_named(a).is_some())
        && (number(ordinal(b), 2).is_some() || month_named(b).is_some())
    {
        return Ok((Some(day([a, b, c])?), skipped + 3));
    }
    if named { Err(NOT_READ) } else { Ok((None, 0)) }
}

/// The three parts of a day written in one word; `None` for a word that is something else.
fn parts(word: &str) -> Result<Option<[&str; 3]>, &'static str> {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let signs = word.matches(['/', '-', '.']).count();
    if word.contains(':') || (signs == 0 && digits && word.len() < 5) {
        return Ok(None);
    }
    let three = |a: usize, b: usize| Some([word.get(..a)?, word.get(a..b)?, word.get(b..)?]);
    if digits && word.len() == 8 {
        return Ok(three(4, 6));
    }
    let decimal = |(whole, rest): (&str, &str)| number(whole, 6).is_some() && number(rest, 20).is_some();
    let long = word.split_once('.').is_some_and(|halves| halves.0.len() > 2 && decimal(halves));
    if digits || long {
        return Err(SERIAL);
    }
    if signs == 0 {
        // "12oct2026"
        let letters = word.find(|c: char| c.is_ascii_alphabetic());
        let year = letters.and_then(|at| word.get(at..)?.find(|c: char| c.is_ascii_digit()).map(|n| at + n));
        let found = letters.zip(year).and_then(|(a, b)| three(a, b));
        return Ok(found.filter(|[day, month, _]| number(day, 2).is_some() && month_named(month).is_some()));
    }
    let mut each = word.split(['/', '-', '.']);
    match (each.next(), each.next(), each.next(), each.next()) {
        (Some(a), Some(b), Some(c), None) => Ok(Some([a, b, c])),
        // "8.30" is a time.
        _ if signs == 1 && word.contains('.') => Ok(None),
        _ => Err(NOT_READ),
    }
}

/// A day from its parts: year, month, day, or day, month, year; a month by name may stand before the day.
fn day([a, b, c]: [&str; 3]) -> Result<PartialDate, &'static str> {
    let year = |text: &str| number(text, 4).filter(|_| text.len() == 4);
    let month = |text: &str| number(text, 2).or_else(|| month_named(text));
    let in_month = |text: &str| number(ordinal(text), 2);
    let (year, month, day) = match (year(a), year(c)) {
        (Some(year), _) => (year, month(b), in_month(c)),
        (None, Some(year)) if month_named(a).is_some() => (year, month_named(a), in_month(b)),
        (None, Some(year)) => (year, month(b), in_month(a)),
        (None, None) if c.len() == 2 && number(c, 2).is_some() => return Err(SHORT_YEAR),
        (None, None) => return Err(NOT_READ),
    };
    let (month, day) = month.zip(day).ok_or(NOT_READ)?;
    if (13..=31).contains(&month) && (1..=12).contains(&day) && c.len() == 4 {
        return Err(MONTH_FIRST);
    }
    let small = |n: i16| i8::try_from(n).ok();
    PartialDate::from_numbers(year, small(month), small(day)).ok_or(NO_SUCH_DAY)
}

/// "08:30", "8.30", "0830", "08:30:00", "8:30 pm", "8am", "0830 hrs".
pub(super) fn clock(text: &str) -> Option<(i8, i8)> {
    let text = text.trim().to_ascii_lowercase();
    let text = ["hours", "hrs", "hr", "h"].iter().find_map(|end| text.strip_suffix(*end)).unwrap_or(&text);
    let half = [("am", 0), ("a.m.", 0), ("pm", 12), ("p.m.", 12)];
    let half = half.iter().find_map(|(end, add)| Some((text.strip_suffix(*end)?, *add)));
    let (figures, after) = half.map_or((text, None), |(figures, add)| (figures, Some(add)));
    let figures = figures.trim();
    let sign = if figures.contains(':') { ':' } else { '.' };
    let mut parts = figures.split(sign);
    let (hour, minute) = match (parts.next()?, parts.next()) {
        (both, None) if both.len() == 4 => both.split_at_checked(2)?,
        (hour, None) if after.is_some() => (hour, "00"),
        (hour, minute) => (hour, minute?),
    };
    // A spreadsheet's "0.35" is a third of a day.
    if sign == '.' && hour == "0" {
        return None;
    }
    let two = |text: &str| text.len() == 2 && number(text, 2).is_some();
    let second = parts.next().is_none_or(|second| {
        let (whole, rest) = second.split_once('.').unwrap_or((second, "0"));
        two(whole) && number(rest, 9).is_some()
    });
    if !second || parts.next().is_some() || !two(minute) {
        return None;
    }
    let hour = match (number(hour, 2)?, after) {
        (hour @ 0..=23, None) => hour,
        (hour @ 1..=12, Some(add)) => hour % 12 + add,
        _ => return None,
    };
    let minute = number(minute, 2).filter(|minute| *minute <= 59)?;
    Some((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?))
}

/// Digits alone, at most so many; of a long fraction only that it is one.
fn number(text: &str, most: usize) -> Option<i16> {
    let digits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i16::MAX))
}

fn ordinal(text: &str) -> &str {
    ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(*end)).unwrap_or(text)
}

fn month_named(text: &str) -> Option<i16> {
    begins(&MONTHS, text).and_then(|at| i16::try_from(at + 1).ok())
}

/// Which name the word is, written out or shortened to three letters or more.
fn begins(names: &[&str], word: &str) -> Option<usize> {
    let word = word.strip_suffix('.').unwrap_or(word);
    (word.len() >= 3).then(|| names.iter().position(|name| name.starts_with(word))).flatten()
}
