//! A moment on the hospital's time line, and the zone its clocks show.
//!
//! Moments are UTC milliseconds; a `Zone` turns them into what the ward's clock says and back. Nothing here reads a
//! clock.

use crate::PartialDate;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Moment(i64);

impl Moment {
    /// From milliseconds since 1970 (UTC).
    pub fn from_milliseconds(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970 (UTC).
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// This moment moved by whole seconds, staying in range.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1000)
    }

    /// Reads RFC 3339 ("2026-03-07T14:22:00Z", offsets allowed); `None` when it is not that.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// RFC 3339 in UTC, seconds precision, for machines: "2026-03-07T14:22:00Z".
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Err(_) => "out of range".to_owned(),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// The time zone that the hospital's clocks show; Europe/London unless configured otherwise.
#[derive(Clone, Debug)]
pub struct Zone {
    tz: TimeZone,
    /// When what is read was heard; settles which of two readings a repeated hour has.
    heard: Option<Moment>,
}

/// A sender's clock may be ahead of ours by so much, in seconds.
const AHEAD_SECONDS_MAX: i64 = 300;
/// How far back a repeated hour may lie for a message that is heard now, in seconds.
const REPEATED_SECONDS_MAX: i64 = 26 * 3600;

impl Zone {
    /// The zone named so in the tz database that is built in; `None` for an unknown name.
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(|tz| Self { tz, heard: None })
    }

    /// Europe/London, or UTC if the built-in database lacked it.
    pub fn london() -> Self {
        Self::named("Europe/London").unwrap_or(Self { tz: TimeZone::UTC, heard: None })
    }

    /// UTC.
    pub fn utc() -> Self {
        Self { tz: TimeZone::UTC, heard: None }
    }

    /// This zone for reading times that were heard at `heard`, on the day on which the clocks went back: the hour
    /// that was repeated is then read as its second run, unless that lies in the future. News of the second run that
    /// is read as of the first would count as an hour old, and the ward would see none of it for an hour. `None` on
    /// all other days, when this zone serves as it is.
    pub fn heard_at(&self, heard: Moment) -> Option<Self> {
        let offset = |at: Moment| {
            let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            self.tz.to_offset(at)
        };
        let went_back = offset(heard) < offset(heard.plus_seconds(-REPEATED_SECONDS_MAX));
        went_back.then(|| Self { tz: self.tz.clone(), heard: Some(heard) })
    }

    /// The moment at which this zone's clocks show the given civil time. Of an hour that is repeated when the clocks
    /// go back the earlier reading is taken, unless `heard_at` says more; an hour that is skipped is moved on. `None`
    /// when the numbers are no date or time.
    pub fn moment(&self, civil: Civil) -> Option<Moment> {
        let Civil { year, month, day, hour, minute, second, millisecond } = civil;
        let nanos = i32::from(millisecond).checked_mul(1_000_000)?;
        let dt = DateTime::new(year, month, day, hour, minute, second, nanos).ok()?;
        let readings = self.tz.to_ambiguous_zoned(dt);
        if let Some(heard) = self.heard.filter(|_| readings.is_ambiguous()) {
            let second = Moment(readings.clone().later().ok()?.timestamp().as_millisecond());
            if second <= heard.plus_seconds(AHEAD_SECONDS_MAX) {
                return Some(second);
            }
        }
        Some(Moment(readings.compatible().ok()?.timestamp().as_millisecond()))
    }

    /// What this zone's clocks show at `at`.
    pub fn civil(&self, at: Moment) -> Civil {
        let t = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let d = self.tz.to_datetime(t);
        Civil {
            year: d.year(),
            month: d.month(),
            day: d.day(),
            hour: d.hour(),
            minute: d.minute(),
            second: d.second(),
            millisecond: d.millisecond(),
        }
    }

    /// The calendar date at `at`.
    pub fn date(&self, at: Moment) -> PartialDate {
        let c = self.civil(at);
        PartialDate::from_numbers(c.year, Some(c.month), Some(c.day)).unwrap_or_default()
    }

    /// Clinical date and time: "14-Jul-1945 16:05".
    pub fn clinical(&self, at: Moment) -> String {
        format!("{} {}", self.date(at), self.hour_minute(at))
    }

    /// Clinical time alone: "16:05".
    pub fn hour_minute(&self, at: Moment) -> String {
        let c = self.civil(at);
        format!("{:02}:{:02}", c.hour, c.minute)
    }
}

pub use civil::Civil;

mod civil {
    /// A reading of a wall clock: year, month 1–12, day 1–31, hour 0–23, minute, second, millisecond.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    #[allow(missing_docs)]
    pub struct Civil {
        pub year: i16,
        pub month: i8,
        pub day: i8,
        pub hour: i8,
        pub minute: i8,
        pub second: i8,
        pub millisecond: i16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_an_hour_ahead() {
        let zone = Zone::london();
        let noon = Moment::parse_rfc3339("2026-07-01T12:00:00Z").unwrap_or_default();
        assert_eq!(zone.clinical(noon), "01-Jul-2026 13:00");
        assert_eq!(zone.moment(zone.civil(noon)), Some(noon));
        assert_eq!(noon.rfc3339(), "2026-07-01T12:00:00Z");
    }

    #[test]
    fn a_repeated_hour_is_read_by_when_it_was_heard() {
        let zone = Zone::london();
        let at = |text: &str| Moment::parse_rfc3339(text).unwrap_or_default();
        // The clocks go back at 01:00 UTC on 25-Oct-2026; 01:30 is shown twice, at 00:30 and at 01:30 UTC.
        let shown = zone.civil(at("2026-10-25T01:30:00Z"));
        for (heard, read) in [
            ("2026-10-25T00:30:05Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T01:29:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-25T01:30:05Z", "2026-10-25T01:30:00Z"),
            ("2026-10-25T12:00:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let told = zone.heard_at(at(heard));
            assert_eq!(told.as_ref().unwrap_or(&zone).moment(shown), Some(at(read)), "heard at {heard}");
        }
        // Other days need no second thought, the one on which the clocks go forward among them.
        for heard in ["2026-07-01T12:00:00Z", "2026-03-29T02:30:00Z", "2026-10-27T12:00:00Z"] {
            assert!(zone.heard_at(at(heard)).is_none(), "{heard}");
        }
    }
}
