//! Times as people write them on a form: "14:30" is the next time the hospital's clock shows it.

use basics::{Moment, Zone};

/// The next moment at which the clock shows "14:30", "9:05" or "0905"; `None` for what is no time.
pub fn next_at(zone: &Zone, now: Moment, text: &str) -> Option<Moment> {
    let digits: String = text.trim().chars().filter(char::is_ascii_digit).collect();
    let plain = text.trim().chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.');
    if !plain || !(3..=4).contains(&digits.len()) {
        return None;
    }
    let (hour, minute) = digits.split_at(digits.len() - 2);
    let mut civil = zone.civil(now);
    (civil.hour, civil.minute, civil.second, civil.millisecond) =
        (hour.parse().ok()?, minute.parse().ok()?, 0, 0);
    let today = zone.moment(civil)?;
    if today > now {
        return Some(today);
    }
    // Tomorrow by its date, not by 24 hours: the clocks may change in between.
    let date = zone.civil(today.plus_seconds(DAY_SECONDS + HOUR_SECONDS * i64::from(civil.hour < 2)));
    (civil.year, civil.month, civil.day) = (date.year, date.month, date.day);
    zone.moment(civil)
}

const DAY_SECONDS: i64 = 86_400;
const HOUR_SECONDS: i64 = 3_600;

/// A moment from a date and time box: "2026-07-14T13:00".
pub fn local(zone: &Zone, text: &str) -> Option<Moment> {
    let (date, time) = text.trim().split_once('T')?;
    let mut parts = date.split('-').chain(time.split(':'));
    let mut civil = zone.civil(Moment::default());
    civil.year = parts.next()?.parse().ok()?;
    civil.month = parts.next()?.parse().ok()?;
    civil.day = parts.next()?.parse().ok()?;
    civil.hour = parts.next()?.parse().ok()?;
    civil.minute = parts.next()?.parse().ok()?;
    (civil.second, civil.millisecond) = (0, 0);
    zone.moment(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_next_that_the_clock_shows() {
        let zone = Zone::london();
        let now = Moment::parse_rfc3339("2026-07-14T15:05:00Z").unwrap();
        for (text, want) in [
            ("16:30", Some("14-Jul-2026 16:30")),
            ("1630", Some("14-Jul-2026 16:30")),
            ("16.30", Some("14-Jul-2026 16:30")),
            ("16:05", Some("15-Jul-2026 16:05")),
            ("9:00", Some("15-Jul-2026 09:00")),
            ("00:15", Some("15-Jul-2026 00:15")),
            ("24:00", None),
            ("9", None),
            ("soon", None),
            ("in 30", None),
            ("", None),
        ] {
            let got = next_at(&zone, now, text).map(|at| zone.clinical(at));
            assert_eq!(got.as_deref(), want, "{text}");
        }
        // The night on which the clocks go back, and the one on which they go forward.
        for (now, text, want) in [
            ("2026-10-24T12:00:00Z", "09:00", "25-Oct-2026 09:00"),
            ("2026-10-24T00:30:00Z", "01:15", "25-Oct-2026 01:15"),
            ("2026-03-28T23:30:00Z", "08:00", "29-Mar-2026 08:00"),
        ] {
            let now = Moment::parse_rfc3339(now).unwrap();
            assert_eq!(next_at(&zone, now, text).map(|at| zone.clinical(at)).as_deref(), Some(want));
        }
        assert_eq!(
            local(&zone, "2026-07-14T13:00").map(|at| zone.clinical(at)).as_deref(),
            Some("14-Jul-2026 13:00")
        );
        for odd in ["", "2026-07-14", "2026-13-01T00:00", "xTy"] {
            assert_eq!(local(&zone, odd), None, "{odd}");
        }
    }
}
