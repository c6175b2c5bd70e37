//! The fixed words of the page in English and Welsh (Fluent), and times as the public says them.
//!
//! Always: both languages hold the same words, else nothing is pressed; "5:30pm on 12 May 2017", never "17:30Z".
//! The update's own words are people's. Called by `page` and the feeds; proved by `tests/page.rs`.

use crate::WordsFault;
use basics::{Moment, Zone};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::cell::RefCell;

/// A language of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// English.
    English,
    /// Welsh.
    Welsh,
}

impl Language {
    /// "en" or "cy".
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Welsh => "cy",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../words/en.ftl"),
            Self::Welsh => include_str!("../words/cy.ftl"),
        }
    }
}

/// The words of one language.
pub struct Words {
    /// Which.
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
    missing: RefCell<Option<String>>,
}

impl Words {
    /// Read from the program.
    pub fn read(language: Language) -> Result<Self, WordsFault> {
        let fault = |what: String| WordsFault { language: language.code(), what };
        let id = language.code().parse().map_err(|e| fault(format!("{e:?}")))?;
        let source = FluentResource::try_new(language.source().to_owned());
        let resource = source.map_err(|(_, errors)| fault(format!("{errors:?}")))?;
        let mut bundle = FluentBundle::new(vec![id]);
        // The marks of isolation are for mixed directions of writing; both languages run from left to right.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).map_err(|errors| fault(format!("{errors:?}")))?;
        Ok(Self { language, bundle, missing: RefCell::new(None) })
    }

    /// The first word that was asked for and is not there or could not be filled in.
    pub fn missing(&self) -> Option<String> {
        self.missing.borrow().clone()
    }

    /// A word.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A word with what it speaks of.
    pub fn with(&self, key: &str, filled: &[(&'static str, &str)]) -> String {
        let filled = filled.iter().map(|(name, value)| (*name, FluentValue::from((*value).to_owned())));
        self.format(key, FluentArgs::from_iter(filled))
    }

    /// A word with a number.
    pub fn count(&self, key: &str, n: u32) -> String {
        self.format(key, FluentArgs::from_iter([("n", FluentValue::from(n))]))
    }

    fn format(&self, key: &str, args: FluentArgs<'_>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            self.missing.borrow_mut().get_or_insert_with(|| format!("“{key}” is missing"));
            return String::new();
        };
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if let Some(error) = errors.first() {
            self.missing.borrow_mut().get_or_insert_with(|| format!("“{key}”: {error}"));
        }
        said
    }

    /// "5:30pm on 12 May 2017", "midday on …": as NHS web pages write times.
    pub fn time(&self, at: Moment, zone: &Zone) -> String {
        let c = zone.civil(at);
        let clock = match (c.hour, c.minute) {
            (0, 0) => self.say("midnight"),
            (12, 0) => self.say("noon"),
            (hour, minute) => {
                let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
                let time = if minute == 0 { twelve.to_string() } else { format!("{twelve}:{minute:02}") };
                self.with(if hour < 12 { "am" } else { "pm" }, &[("time", &time)])
            }
        };
        let month = self.say(&format!("month-{}", c.month));
        let (day, year) = (c.day.to_string(), c.year.to_string());
        self.with("day-time", &[("time", &clock), ("day", &day), ("month", &month), ("year", &year)])
    }

    /// "45 minutes", "3 hours": whole hours, rounded up, from two hours on.
    pub fn wait(&self, minutes: u32) -> String {
        let length = if minutes < 120 {
            self.count("minutes", minutes)
        } else {
            self.count("hours-wait", minutes.div_ceil(60))
        };
        self.with("wait", &[("wait", &length)])
    }
}

/// RFC 3339 with the zone's own offset and never a `Z`, as CAP 1.2 asks (section 3.3.2): "2017-05-12T17:30:00+01:00".
pub fn offset_time(at: Moment, zone: &Zone) -> String {
    let c = zone.civil(at);
    let read_as_utc = Zone::utc().moment(c).unwrap_or(at);
    let offset_minutes = read_as_utc.seconds_since(at) / 60;
    let sign = if offset_minutes > 0 { '+' } else { '-' };
    let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{hours:02}:{minutes:02}",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}
