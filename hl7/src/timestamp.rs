//! HL7's dates and times: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+-ZZZZ]`.
//!
//! Promises: says how precise the sender was and never makes a time up; a date whose time is nonsense is still that
//! date; anything that is no date of the calendar is none. Called by `translate`; proved by the tables below and a
//! fuzz target.

use basics::{Civil, Moment, PartialDate, Zone};
use std::fmt;

/// How much of a timestamp was said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A date, or a date and time, as a sender wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timestamp {
    civil: Civil,
    precision: Precision,
    offset_minutes: Option<i16>,
}

/// Longer text is no timestamp.
const TEXT_BYTES_MAX: usize = 40;

impl Timestamp {
    /// Reads HL7's form, and ISO 8601's (`2026-03-02T14:05:00Z`) since senders use it; blanks around it do not
    /// matter. `None` for anything that is no date.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX || !text.is_ascii() {
            return None;
        }
        let plain = plain_digits(text)?;
        let (clock, offset) = split_offset(&plain);
        let (digits, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
        let pair = |from: usize| -> Option<i8> { digits.get(from..from + 2)?.parse().ok() };
        if digits.len() < 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year: i16 = digits.get(..4)?.parse().ok()?;
        let (month, day) = (pair(4), pair(6));
        PartialDate::from_numbers(year, month, day)?;
        let mut civil = Civil {
            year,
            month: month.unwrap_or(1),
            day: day.unwrap_or(1),
            hour: 0,
            minute: 0,
            second: 0,
            millisecond: 0,
        };
        let precision = match digits.len() {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 | 12 | 14 => time(&mut civil, [pair(8), pair(10), pair(12)], fraction),
            _ => return None,
        };
        Some(Self { civil, precision, offset_minutes: offset })
    }

    /// The moment `at` as that zone's clocks show it, to the second, with its offset from UTC.
    pub fn at(at: Moment, zone: &Zone) -> Self {
        let mut civil = zone.civil(at);
        let ahead_s = Zone::utc().moment(civil).map_or(0, |shown| shown.seconds_since(at));
        civil.millisecond = 0;
        Self { civil, precision: Precision::Second, offset_minutes: i16::try_from(ahead_s / 60).ok() }
    }

    /// How much of it was said.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The moment it names; the sender's own offset wins over `zone`. A date alone is its midnight (see
    /// [`Timestamp::precision`]); less than a date is none.
    pub fn moment(self, zone: &Zone) -> Option<Moment> {
        if self.precision < Precision::Day {
            return None;
        }
        match self.offset_minutes {
            Some(offset) => Some(Zone::utc().moment(self.civil)?.plus_seconds(-60 * i64::from(offset))),
            None => zone.moment(self.civil),
        }
    }

    /// The date it names, as precise as it was said.
    pub fn date(self) -> Option<PartialDate> {
        let month = (self.precision >= Precision::Month).then_some(self.civil.month);
        let day = (self.precision >= Precision::Day).then_some(self.civil.day);
        PartialDate::from_numbers(self.civil.year, month, day)
    }
}

/// HL7's form, as precise as it was said, with the offset if there is one.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil;
        write!(f, "{:04}", c.year)?;
        let parts = [c.month, c.day, c.hour, c.minute, c.second];
        let count = match self.precision {
            Precision::Year => 0,
            Precision::Month => 1,
            Precision::Day => 2,
            Precision::Hour => 3,
            Precision::Minute => 4,
            Precision::Second => 5,
        };
        for part in parts.iter().take(count) {
            write!(f, "{part:02}")?;
        }
        if c.millisecond > 0 {
            write!(f, ".{:03}", c.millisecond)?;
        }
        if let Some(offset) = self.offset_minutes {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs();
            write!(f, "{sign}{:02}{:02}", minutes / 60, minutes % 60)?;
        }
        Ok(())
    }
}

/// Sets the time of day and says how precise it is; a time that is none leaves the date alone.
fn time(civil: &mut Civil, pairs: [Option<i8>; 3], fraction: &str) -> Precision {
    let [hour, minute, second] = pairs;
    let (h, m, s) = (hour.unwrap_or(0), minute.unwrap_or(0), second.unwrap_or(0));
    if !(0..24).contains(&h) || !(0..60).contains(&m) || !(0..=60).contains(&s) {
        return Precision::Day;
    }
    // A leap second is shown as the last second before it.
    (civil.hour, civil.minute, civil.second) = (h, m, s.min(59));
    if second.is_some() {
        let mut scale = 100;
        for digit in fraction.bytes().take(3) {
            if !digit.is_ascii_digit() {
                break;
            }
            civil.millisecond += i16::from(digit - b'0') * scale;
            scale /= 10;
        }
        Precision::Second
    } else if minute.is_some() {
        Precision::Minute
    } else {
        Precision::Hour
    }
}

/// Takes the marks of ISO 8601 out, so that one form is left to read; `None` for other characters.
fn plain_digits(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        match c {
            '0'..='9' | '.' | ',' | '+' => out.push(c),
            '-' if i == 4 || (i == 7 && out.len() == 6) => {
                // `2026-03`, but `2026-0500` is a year with an offset, which nobody means otherwise.
                if i == 4 && text.len() == 9 {
                    out.push(c);
                }
            }
            '-' => out.push(c),
            ':' => {}
            'T' | 't' | ' ' if i == 8 || i == 10 => {}
            'Z' | 'z' if i + 1 == text.len() => out.push_str("+0000"),
            ' ' if text.get(i + 1..).is_some_and(|rest| rest.starts_with(['+', '-'])) => {}
            _ => return None,
        }
    }
    Some(out)
}

/// The clock's part and the offset from UTC in minutes, when one is written and is one.
fn split_offset(text: &str) -> (&str, Option<i16>) {
    let Some(place) = text.rfind(['+', '-']) else { return (text, None) };
    let (clock, offset) = text.split_at_checked(place).unwrap_or((text, ""));
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits = offset.trim_start_matches(['+', '-']);
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|t| t.parse::<i16>().ok());
    let minutes = match digits.len() {
        4 => number(0..2)
            .zip(number(2..4))
            .filter(|&(h, m)| h <= 14 && m < 60)
            .map(|(h, m)| sign * (h * 60 + m)),
        2 => number(0..2).filter(|&h| h <= 14).map(|h| sign * h * 60),
        _ => None,
    };
    (clock, minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Option<&str>)>) {
        let zone = Zone::london();
        let read = Timestamp::parse(text)
            .map(|t| (t.date().unwrap_or_default().iso(), t.moment(&zone).map(Moment::rfc3339)));
        let read = read.as_ref().map(|(date, moment)| (date.as_str(), moment.as_deref()));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn timestamps_say_what_was_said() {
        check("1945", Some(("1945", None)));
        check("194507", Some(("1945-07", None)));
        check("19450714", Some(("1945-07-14", Some("1945-07-13T22:00:00Z"))));
        check("2026030214", Some(("2026-03-02", Some("2026-03-02T14:00:00Z"))));
        check("202607021405", Some(("2026-07-02", Some("2026-07-02T13:05:00Z"))));
        check("20260702140559", Some(("2026-07-02", Some("2026-07-02T13:05:59Z"))));
        check("20260702140559.1234+0000", Some(("2026-07-02", Some("2026-07-02T14:05:59Z"))));
        check("20260702140559-0530", Some(("2026-07-02", Some("2026-07-02T19:35:59Z"))));
        check("202607021405+01", Some(("2026-07-02", Some("2026-07-02T13:05:00Z"))));
        check(" 20260702 ", Some(("2026-07-02", Some("2026-07-01T23:00:00Z"))));
        check("2026-07-02", Some(("2026-07-02", Some("2026-07-01T23:00:00Z"))));
        check("2026-07", Some(("2026-07", None)));
        check("2026-07-02T14:05:00Z", Some(("2026-07-02", Some("2026-07-02T14:05:00Z"))));
        check("2026-07-02 14:05:00.5+01:00", Some(("2026-07-02", Some("2026-07-02T13:05:00Z"))));
        check("20260702 1405", Some(("2026-07-02", Some("2026-07-02T13:05:00Z"))));
        check("20260702240000", Some(("2026-07-02", Some("2026-07-01T23:00:00Z"))));
        check("20161231235960+0000", Some(("2016-12-31", Some("2016-12-31T23:59:59Z"))));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "00000000",
            "19450230",
            "194513",
            "1945071",
            "abcd",
            "\"\"",
            "945",
            "+0000",
            "9999999999999999",
            "１９４５",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let zone = Zone::london();
        for text in
            ["2026-07-01T12:00:00Z", "2026-01-01T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
        {
            let at = Moment::parse_rfc3339(text).expect("a moment");
            let written = Timestamp::at(at, &zone).to_string();
            assert_eq!(Timestamp::parse(&written).and_then(|t| t.moment(&zone)), Some(at), "{written}");
        }
        for text in
            ["1945", "194507", "19450714", "2026030214", "202603021405+0100", "20260302140500.120-0530"]
        {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
    }
}
