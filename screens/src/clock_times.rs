//! Times as people write them on a form: "since 14:05" is a time that has passed, "next at 14:05" one to come.

use basics::{Moment, Zone};

/// The last moment at which the clock showed "14:05", or "2026-07-14T14:05" as a date box sends it; `None` for what is
/// no time.
pub fn past(zone: &Zone, now: Moment, text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Some((date, time)) = text.split_once(['T', ' ']) {
        let mut parts = date.split('-');
        let mut civil = zone.civil(now);
        civil.year = parts.next()?.parse().ok()?;
        civil.month = parts.next()?.parse().ok()?;
        civil.day = parts.next()?.parse().ok()?;
        (civil.hour, civil.minute) = clock(time)?;
        (civil.second, civil.millisecond) = (0, 0);
        return zone.moment(civil);
    }
    let (hour, minute) = clock(text)?;
    // Today, else the day before by its date.
    [0, -1].into_iter().find_map(|days| on_day(zone, now, days, hour, minute).filter(|at| *at <= now))
}

/// The next moment at which the clock shows "14:05"; `None` for what is no time.
pub fn coming(zone: &Zone, now: Moment, text: &str) -> Option<Moment> {
    let (hour, minute) = clock(text.trim())?;
    [0, 1].into_iter().find_map(|days| on_day(zone, now, days, hour, minute).filter(|at| *at > now))
}

/// That time so many days from today, by the calendar: a day on which the clocks change is no exception.
fn on_day(zone: &Zone, now: Moment, days: i64, hour: i8, minute: i8) -> Option<Moment> {
    let mut noon = zone.civil(now);
    (noon.hour, noon.minute, noon.second, noon.millisecond) = (12, 0, 0, 0);
    let mut civil = zone.civil(zone.moment(noon)?.plus_seconds(days * 86_400));
    (civil.hour, civil.minute, civil.second, civil.millisecond) = (hour, minute, 0, 0);
    zone.moment(civil)
}

fn clock(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let (hour, minute) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_day_is_the_last_that_the_clock_showed() {
        let zone = Zone::london();
        let now = Moment::parse_rfc3339("2026-07-14T15:05:00Z").unwrap();
        for (text, want) in [
            ("16:05", Some("14-Jul-2026 16:05")),
            ("9:30", Some("14-Jul-2026 09:30")),
            ("16:06", Some("13-Jul-2026 16:06")),
            ("2026-07-12T08:15", Some("12-Jul-2026 08:15")),
            ("2026-07-12 08:15", Some("12-Jul-2026 08:15")),
            ("24:00", None),
            ("2026-13-01T00:00", None),
            ("noon", None),
            ("", None),
        ] {
            assert_eq!(past(&zone, now, text).map(|at| zone.clinical(at)).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_promised_time_is_the_next_that_the_clock_shows() {
        let zone = Zone::london();
        for (now, text, want) in [
            ("2026-07-14T15:05:00Z", "16:06", Some("14-Jul-2026 16:06")),
            ("2026-07-14T15:05:00Z", "16:05", Some("15-Jul-2026 16:05")),
            ("2026-07-14T15:05:00Z", "0.30", Some("15-Jul-2026 00:30")),
            ("2026-10-24T22:30:00Z", "09:00", Some("25-Oct-2026 09:00")),
            ("2026-07-14T15:05:00Z", "later", None),
        ] {
            let now = Moment::parse_rfc3339(now).unwrap();
            assert_eq!(coming(&zone, now, text).map(|at| zone.clinical(at)).as_deref(), want, "{text}");
        }
    }
}
