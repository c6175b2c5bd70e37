//! A date of which the day, or the day and the month, may be unknown: births are often known by year alone.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar date; month and day may be missing. Ordered by what is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct PartialDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl PartialDate {
    /// `None` when the numbers are no date of the Gregorian calendar, or a day comes without a month.
    pub fn from_numbers(year: i16, month: Option<i8>, day: Option<i8>) -> Option<Self> {
        if day.is_some() && month.is_none() {
            return None;
        }
        jiff::civil::Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        (year > 0).then_some(Self { year, month, day })
    }

    /// Reads ISO 8601: "1945-07-14", "1945-07" or "1945".
    pub fn parse_iso(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '-');
        let year = parts.next()?;
        if year.len() != 4 {
            return None;
        }
        let number = |p: Option<&str>| match p {
            None => Some(None),
            Some(t) if t.len() == 2 => t.parse::<i8>().ok().map(Some),
            Some(_) => None,
        };
        Self::from_numbers(year.parse().ok()?, number(parts.next())?, number(parts.next())?)
    }

    /// ISO 8601, as precise as it is known.
    pub fn iso(self) -> String {
        match (self.month, self.day) {
            (Some(m), Some(d)) => format!("{:04}-{m:02}-{d:02}", self.year),
            (Some(m), None) => format!("{:04}-{m:02}", self.year),
            _ => format!("{:04}", self.year),
        }
    }

    /// Year, month 1–12, day 1–31.
    pub fn numbers(self) -> (i16, Option<i8>, Option<i8>) {
        (self.year, self.month, self.day)
    }

    /// Days from this date to `on`, negative when `on` is earlier; `None` when either is not known to the day.
    pub fn days_until(self, on: PartialDate) -> Option<i64> {
        let days = on.civil()?.duration_since(self.civil()?).as_hours() / 24;
        Some(days)
    }

    /// The date so many days later; a date that is not known to the day stays as it is.
    pub fn plus_days(self, days: u32) -> Self {
        let later = |date: jiff::civil::Date| date.checked_add(jiff::Span::new().days(i64::from(days))).ok();
        let Some(date) = self.civil().and_then(later) else { return self };
        Self { year: date.year(), month: Some(date.month()), day: Some(date.day()) }
    }

    /// The day of the week, 0 for Monday to 6 for Sunday; `None` when the date is not known to the day.
    pub fn weekday(self) -> Option<usize> {
        usize::try_from(self.civil()?.weekday().to_monday_zero_offset()).ok()
    }

    fn civil(self) -> Option<jiff::civil::Date> {
        jiff::civil::Date::new(self.year, self.month?, self.day?).ok()
    }

    /// Whole years from this date to `on`; `None` when not enough is known to say, or `on` is earlier.
    pub fn years_until(self, on: PartialDate) -> Option<u16> {
        let mut years = on.year.checked_sub(self.year)?;
        if let (Some(m), Some(om)) = (self.month, on.month) {
            let (d, od) = (self.day.unwrap_or(1), on.day.unwrap_or(1));
            if (om, od) < (m, d) {
                years -= 1;
            }
        }
        u16::try_from(years).ok()
    }
}

impl fmt::Display for PartialDate {
    /// Clinical form: "14-Jul-1945", "Jul-1945" or "1945".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = self
            .month
            .and_then(|m| usize::try_from(m).ok())
            .and_then(|m| MONTHS.get(m.checked_sub(1)?))
            .copied();
        match (month, self.day) {
            (Some(m), Some(d)) => write!(f, "{d:02}-{m}-{}", self.year),
            (Some(m), None) => write!(f, "{m}-{}", self.year),
            _ => write!(f, "{}", self.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_as_precisely_as_known() {
        for (iso, shown) in [
            ("1945-07-14", Some("14-Jul-1945")),
            ("1945-07", Some("Jul-1945")),
            ("1945", Some("1945")),
            ("1945-02-30", None),
            ("45-02-03", None),
        ] {
            assert_eq!(PartialDate::parse_iso(iso).map(|d| d.to_string()).as_deref(), shown, "{iso}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let date = |iso: &str| PartialDate::parse_iso(iso).unwrap_or_default();
        for (from, days, to) in [
            ("2024-02-28", 2, "2024-03-01"),
            ("2023-02-28", 2, "2023-03-02"),
            ("2026-03-28", 2, "2026-03-30"),
            ("2025-12-31", 1, "2026-01-01"),
            ("2026-05-12", 0, "2026-05-12"),
        ] {
            assert_eq!(date(from).plus_days(days), date(to), "{from}");
            assert_eq!(date(from).days_until(date(to)), Some(i64::from(days)), "{from}");
            assert_eq!(date(to).days_until(date(from)), Some(-i64::from(days)), "{from}");
        }
        assert_eq!(date("2026-05").days_until(date("2026-05-12")), None);
        assert_eq!((date("2026-05").plus_days(3), date("2026-05").weekday()), (date("2026-05"), None));
        assert_eq!((date("2026-05-11").weekday(), date("2017-05-14").weekday()), (Some(0), Some(6)));
    }

    #[test]
    fn age_counts_birthdays() {
        let born = PartialDate::parse_iso("1945-07-14").unwrap_or_default();
        for (on, years) in [("2017-07-13", 71), ("2017-07-14", 72)] {
            assert_eq!(PartialDate::parse_iso(on).and_then(|on| born.years_until(on)), Some(years));
        }
    }
}
