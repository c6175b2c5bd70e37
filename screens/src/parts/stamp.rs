//! A moment with its age: "14-Jul-2026 16:05 (12 minutes ago)".
//!
//! Always says both; past its limits it turns amber and red and says so in words. The age goes on growing on a page
//! left open: the script counts up from `data-age`, and without a script the page loads itself again.

use super::Level;
use crate::handed::AgeThresholds;
use askama::Template;
use askama::filters::HtmlSafe;
use basics::{Moment, Zone};

/// A moment and its age, or the words "Not recorded".
#[derive(Template, Clone, Debug)]
#[template(path = "parts/stamp.html")]
pub struct Stamp {
    /// RFC 3339, for machines; empty when the moment is not recorded.
    machine: String,
    /// "14-Jul-2026 16:05".
    shown: String,
    /// "12 minutes ago".
    ago: String,
    /// Age in whole seconds when the page was made; negative for the future.
    age_seconds: i64,
    level: Level,
    /// What is wrong with this age, in words; empty when nothing is.
    words: String,
    /// Ages at which the script turns it amber and red; 0 when it never does.
    amber_seconds: u32,
    red_seconds: u32,
}

impl Stamp {
    /// A moment without judgement.
    pub fn new(at: Moment, now: Moment, zone: &Zone) -> Self {
        let age_seconds = now.seconds_since(at);
        Self {
            machine: at.rfc3339(),
            shown: zone.clinical(at),
            ago: spoken_age(age_seconds),
            age_seconds,
            level: Level::Plain,
            words: String::new(),
            amber_seconds: 0,
            red_seconds: 0,
        }
    }

    /// A moment that may be missing: then it says "Not recorded".
    pub fn maybe(at: Option<Moment>, now: Moment, zone: &Zone) -> Self {
        match at {
            Some(at) => Self::new(at, now, zone),
            None => Self::missing(),
        }
    }

    /// No moment at all.
    pub fn missing() -> Self {
        Self::never("Not recorded")
    }

    /// No moment, and why there is none.
    pub fn never(words: &str) -> Self {
        Self {
            machine: String::new(),
            shown: words.to_owned(),
            ago: String::new(),
            age_seconds: 0,
            level: Level::Plain,
            words: String::new(),
            amber_seconds: 0,
            red_seconds: 0,
        }
    }

    /// The same, judged by how old data may be.
    #[must_use]
    pub fn judged(mut self, limits: AgeThresholds) -> Self {
        if self.machine.is_empty() {
            return self;
        }
        self.amber_seconds = limits.amber_seconds;
        self.red_seconds = limits.red_seconds;
        let old = |limit: u32| self.age_seconds >= i64::from(limit);
        (self.level, self.words) = if old(limits.red_seconds) {
            (Level::Red, "Old".to_owned())
        } else if old(limits.amber_seconds) {
            (Level::Amber, "Getting old".to_owned())
        } else {
            (Level::Good, String::new())
        };
        self
    }

    /// The same, with a warning that has its own reason, such as a silent feed.
    #[must_use]
    pub fn warned(mut self, level: Level, words: impl Into<String>) -> Self {
        self.level = level;
        self.words = words.into();
        self
    }

    /// How much attention it asks for.
    pub fn level(&self) -> Level {
        self.level
    }
}

impl HtmlSafe for Stamp {}

/// An age in words: "40 seconds ago", "2 hours 5 minutes ago", "3 days ago", "in 20 minutes". The script in
/// `lifeboat.js` says it with the same rules.
pub fn spoken_age(age_seconds: i64) -> String {
    let span = spoken_span(age_seconds.unsigned_abs());
    if age_seconds < 0 { format!("in {span}") } else { format!("{span} ago") }
}

fn spoken_span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if seconds < 60 {
        counted(seconds, "second")
    } else if minutes < 60 {
        counted(minutes, "minute")
    } else if hours < 6 && minutes % 60 != 0 {
        format!("{} {}", counted(hours, "hour"), counted(minutes % 60, "minute"))
    } else if hours < 48 {
        counted(hours, "hour")
    } else if days < 61 {
        counted(days, "day")
    } else if days < 731 {
        // A month is a twelfth of a year here; from two months on nobody counts the days.
        counted(days * 12 / 365, "month")
    } else {
        counted(days * 100 / 36_525, "year")
    }
}

fn counted(n: u64, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_as_people_say_them() {
        for (seconds, words) in [
            (0, "0 seconds ago"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (720, "12 minutes ago"),
            (3600, "1 hour ago"),
            (7500, "2 hours 5 minutes ago"),
            (6 * 3600 + 60, "6 hours ago"),
            (47 * 3600, "47 hours ago"),
            (3 * 86_400, "3 days ago"),
            (60 * 86_400, "60 days ago"),
            (90 * 86_400, "2 months ago"),
            (2692 * 86_400, "7 years ago"),
            (-1200, "in 20 minutes"),
        ] {
            assert_eq!(spoken_age(seconds), words);
        }
    }

    #[test]
    fn past_its_limits_an_age_says_so_in_words() {
        let limits = AgeThresholds { amber_seconds: 60, red_seconds: 120 };
        let now = Moment::from_milliseconds(1_000_000);
        for (age, level, words) in
            [(59, Level::Good, ""), (60, Level::Amber, "Getting old"), (120, Level::Red, "Old")]
        {
            let stamp = Stamp::new(now.plus_seconds(-age), now, &Zone::london()).judged(limits);
            assert_eq!((stamp.level, stamp.words.as_str()), (level, words), "{age} s");
            assert!(stamp.to_string().contains(words));
        }
    }
}
