//! What somebody typed into the one search box: names, numbers, a date of birth, a bed, or some of each.

use super::words::{number, words};
use basics::PartialDate;

/// Longest question read, in bytes.
pub const QUESTION_BYTES_MAX: usize = 200;

/// A question taken apart. The same characters may be read in several ways; all of them are tried.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// Words of names.
    pub names: Vec<String>,
    /// Everything as one number ("999 123 4567"), when it could be one: letters and digits, upper case.
    pub whole_number: Option<String>,
    /// Single words that hold a digit and may be (the beginning of) a number beside a name.
    pub numbers: Vec<String>,
    /// A date of birth, as precise as it was typed; a year alone too.
    pub born: Option<PartialDate>,
    /// All words, for beds: "amu", "3".
    pub place: Vec<String>,
}

impl Question {
    /// Reads a question.
    pub fn read(text: &str) -> Self {
        let text = basics::clip(text, QUESTION_BYTES_MAX);
        let mut parts: Vec<&str> = text.split([' ', ',', '\t', '\n']).filter(|p| !p.is_empty()).collect();
        let mut question = Self { place: words(text), ..Self::default() };
        let everything = number(text);
        let digits = everything.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 2 && digits * 2 >= everything.len() {
            question.whole_number = Some(everything);
        }
        question.born = take_date(&mut parts);
        for part in parts {
            if part.bytes().any(|b| b.is_ascii_digit()) {
                let number = number(part);
                if number.len() >= 2 {
                    question.numbers.push(number);
                }
            } else {
                question.names.extend(words(part));
            }
        }
        question
    }

    /// Nothing that could be looked for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
            && self.whole_number.is_none()
            && self.numbers.is_empty()
            && self.born.is_none()
            && self.place.is_empty()
    }
}

/// Takes the parts that make a date out of `parts`.
fn take_date(parts: &mut Vec<&str>) -> Option<PartialDate> {
    for at in 0..parts.len() {
        // "14 Jul 1945" in three parts.
        if let (Some(day), Some(month), Some(year)) = (parts.get(at), parts.get(at + 1), parts.get(at + 2))
            && let Some(date) = month_number(month).and_then(|m| date(year, m, day))
        {
            parts.drain(at..at + 3);
            return Some(date);
        }
        if let Some(date) = parts.get(at).and_then(|part| one_part(part)) {
            parts.remove(at);
            return Some(date);
        }
    }
    // A year alone only narrows names down; alone it is rather the beginning of a number.
    if parts.len() > 1 {
        let year = |part: &&str| part.len() == 4 && matches!(part.parse::<i16>(), Ok(1890..=2100));
        let at = parts.iter().position(year)?;
        let date = parts.get(at).and_then(|part| PartialDate::parse_iso(part));
        parts.remove(at);
        return date;
    }
    None
}

/// "14/07/1945", "14-Jul-1945", "14.7.1945", "1945-07-14", "14Jul1945".
fn one_part(part: &str) -> Option<PartialDate> {
    let pieces: Vec<&str> = part.split(['/', '-', '.']).collect();
    if let [a, b, c] = pieces.as_slice() {
        let month = b.parse::<i8>().ok().or_else(|| month_number(b))?;
        return if a.len() == 4 { date(a, month, c) } else { date(c, month, a) };
    }
    let (Some(day), Some(rest)) = (part.get(..2), part.get(2..)) else { return None };
    let (month, year) = rest.split_at_checked(rest.len().checked_sub(4)?)?;
    date(year, month_number(month)?, day)
}

fn date(year: &str, month: i8, day: &str) -> Option<PartialDate> {
    if year.len() != 4 {
        return None;
    }
    PartialDate::from_numbers(year.parse().ok()?, Some(month), Some(day.parse().ok()?))
}

fn month_number(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = text.get(..3)?.to_ascii_lowercase();
    if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    MONTHS.iter().position(|m| *m == start).map(|at| at as i8 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_taken_apart() {
        for (text, names, whole, born) in [
            ("Smith", "smith", None, None),
            ("smith, Fredrica", "smith fredrica", None, None),
            ("999 123 4567", "", Some("9991234567"), None),
            ("14/07/1945", "", Some("14071945"), Some("1945-07-14")),
            ("jones 14-Jul-1945", "jones", None, Some("1945-07-14")),
            ("jones 14 July 1945", "jones", None, Some("1945-07-14")),
            ("1945-07-14", "", Some("19450714"), Some("1945-07-14")),
            ("14jul1945", "", Some("14JUL1945"), Some("1945-07-14")),
            ("smith 1945", "smith", None, Some("1945")),
            ("1945", "", Some("1945"), None),
            ("RN0042", "", Some("RN0042"), None),
            ("AMU 3", "amu", None, None),
        ] {
            let q = Question::read(text);
            assert_eq!(q.names.join(" "), names, "{text}");
            assert_eq!(q.whole_number.as_deref(), whole, "{text}");
            assert_eq!(q.born.map(PartialDate::iso).as_deref(), born, "{text}");
        }
        assert!(Question::read(" , ").is_empty());
        assert_eq!(Question::read("AMU Bed 3").place, ["amu", "bed", "3"]);
    }
}
