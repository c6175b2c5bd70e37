//! The fields of a public update as a form has them, and back: what was typed is never lost, a line is a sentence.

use crate::forms::Typed;
use basics::{Moment, SiteId, Zone};
use incident::hospitals::ServiceState;
use incident::public_updates::{Alternative, Content, ServiceNotice, Words};
use incident::{Ground, IncidentBook};

/// Empty rows offered beyond those that hold something.
const SPARE_ROWS: usize = 2;
/// Rows read from a form: more than an update may hold, so that the rule refuses, not the reader.
const ROWS_MAX: usize = 200;
/// Choices of "in so long", in minutes, with their words.
const WAITS: [(i64, &str); 7] = [
    (30, "in 30 minutes"),
    (60, "in 1 hour"),
    (120, "in 2 hours"),
    (240, "in 4 hours"),
    (480, "in 8 hours"),
    (720, "in 12 hours"),
    (1440, "in 24 hours"),
];

/// The words of one language.
#[derive(Clone, Default)]
pub struct WordFields {
    /// What is happening.
    pub sentence: String,
    /// What to do, a sentence a line.
    pub do_this: String,
    /// What not to come for, a line each.
    pub not_for: String,
}

/// Another place to go.
#[derive(Clone, Default)]
pub struct PlaceRow {
    /// Its number in the form, from 1.
    pub n: usize,
    pub name: String,
    pub good_for: String,
    pub hours: String,
    pub contact: String,
}

/// A service of a hospital.
#[derive(Clone, Default)]
pub struct ServiceRow {
    /// Its number in the form, from 1.
    pub n: usize,
    pub site: String,
    pub service: String,
    /// "open", "reduced", "closed", or empty: not mentioned.
    pub state: String,
    pub wait: String,
    pub note: String,
    /// Hospital and service stand fixed in the form.
    pub known: bool,
}

/// A choice of a list.
pub struct Choice {
    pub value: String,
    pub words: String,
    pub chosen: bool,
}

/// Everything that a draft's form holds.
#[derive(Clone, Default)]
pub struct Fields {
    pub english: WordFields,
    pub welsh: WordFields,
    pub places: Vec<PlaceRow>,
    pub services: Vec<ServiceRow>,
    /// Minutes, "at" or "last".
    pub next: String,
    /// "16:30", for "at".
    pub next_time: String,
}

impl Fields {
    /// A form that shows `content`, with the hospitals' other services at hand.
    pub fn of(content: &Content, book: &IncidentBook, ground: Ground, now: Moment) -> Self {
        let words = |words: &Words| WordFields {
            sentence: words.sentence.clone(),
            do_this: words.do_this.join("\n"),
            not_for: words.not_for.join("\n"),
        };
        let mut fields = Self {
            english: words(&content.english),
            welsh: content.welsh.as_ref().map(words).unwrap_or_default(),
            ..Self::default()
        };
        fields.places = content
            .alternatives
            .iter()
            .map(|place| PlaceRow {
                n: 0,
                name: place.name.clone(),
                good_for: place.good_for.clone(),
                hours: place.hours.clone(),
                contact: place.contact.clone(),
            })
            .collect();
        fields.services = content
            .services
            .iter()
            .map(|told| ServiceRow {
                n: 0,
                site: told.site.to_string(),
                service: told.service.clone(),
                state: told.state.word().to_owned(),
                wait: told.wait_minutes.map(|wait| wait.to_string()).unwrap_or_default(),
                note: told.note.clone(),
                known: true,
            })
            .collect();
        for hospital in book.hospitals.board(ground) {
            for service in &hospital.services {
                let (site, name) = (hospital.site.to_string(), service.name.clone());
                if !fields.services.iter().any(|row| row.site == site && row.service == name) {
                    fields.services.push(ServiceRow {
                        site,
                        service: name,
                        known: true,
                        ..ServiceRow::default()
                    });
                }
            }
        }
        match content.next_update {
            None => fields.next = "last".to_owned(),
            Some(at) => {
                let minutes = at.seconds_since(now) / 60;
                if at.seconds_since(now) % 60 == 0 && WAITS.iter().any(|(wait, _)| *wait == minutes) {
                    fields.next = minutes.to_string();
                } else {
                    fields.next = "at".to_owned();
                    fields.next_time = book.zone.hour_minute(at);
                }
            }
        }
        fields.spare()
    }

    /// What was typed.
    pub fn typed(typed: &Typed) -> Self {
        let words = |prefix: &str| WordFields {
            sentence: typed.text(&format!("{prefix}sentence")).to_owned(),
            do_this: typed.text(&format!("{prefix}do_this")).to_owned(),
            not_for: typed.text(&format!("{prefix}not_for")).to_owned(),
        };
        let field = |name: &str, n: usize| typed.text(&format!("{name}_{n}")).to_owned();
        let place = |n| PlaceRow {
            n,
            name: field("place_name", n),
            good_for: field("place_for", n),
            hours: field("place_hours", n),
            contact: field("place_contact", n),
        };
        let service = |n| ServiceRow {
            n,
            site: field("site", n),
            service: field("service", n),
            state: field("state", n),
            wait: field("wait", n),
            note: field("note", n),
            known: field("known", n) == "yes",
        };
        let filled = |row: &PlaceRow| {
            ![&row.name, &row.good_for, &row.hours, &row.contact].iter().all(|t| t.trim().is_empty())
        };
        Self {
            english: words(""),
            welsh: words("cy_"),
            places: (1..=ROWS_MAX).map(place).filter(filled).collect(),
            services: (1..=ROWS_MAX)
                .map(service)
                .filter(|row| row.known || !row.service.trim().is_empty() || !row.note.trim().is_empty())
                .collect(),
            next: typed.trimmed("next").to_owned(),
            next_time: typed.trimmed("next_time").to_owned(),
        }
        .spare()
    }

    /// Numbers the rows and adds empty ones.
    fn spare(mut self) -> Self {
        self.places.resize_with(self.places.len() + SPARE_ROWS, PlaceRow::default);
        self.services.resize_with(self.services.len() + SPARE_ROWS, ServiceRow::default);
        self.places.iter_mut().enumerate().for_each(|(n, row)| row.n = n + 1);
        self.services.iter_mut().enumerate().for_each(|(n, row)| row.n = n + 1);
        self
    }

    /// The content that the form means, or a sentence why it means none.
    pub fn content(&self, now: Moment, zone: &Zone) -> Result<Content, String> {
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let words = |fields: &WordFields| Words {
            sentence: fields.sentence.clone(),
            do_this: lines(&fields.do_this),
            not_for: lines(&fields.not_for),
        };
        let some = |fields: &WordFields| {
            ![&fields.sentence, &fields.do_this, &fields.not_for].iter().all(|text| text.trim().is_empty())
        };
        let empty = |row: &&PlaceRow| {
            [&row.name, &row.good_for, &row.hours, &row.contact].iter().all(|text| text.trim().is_empty())
        };
        let place = |row: &PlaceRow| Alternative {
            name: row.name.clone(),
            good_for: row.good_for.clone(),
            hours: row.hours.clone(),
            contact: row.contact.clone(),
        };
        let mut services = Vec::new();
        for row in &self.services {
            services.extend(row.notice()?);
        }
        Ok(Content {
            english: words(&self.english),
            welsh: some(&self.welsh).then(|| words(&self.welsh)),
            alternatives: self.places.iter().filter(|row| !empty(row)).map(place).collect(),
            services,
            next_update: self.next_update(now, zone)?,
        })
    }

    fn next_update(&self, now: Moment, zone: &Zone) -> Result<Option<Moment>, String> {
        match self.next.as_str() {
            "last" => Ok(None),
            "at" => {
                let why = || {
                    format!(
                        "“{}” is no time: write the next update as hours and minutes, 16:30.",
                        self.next_time
                    )
                };
                let (hour, minute) = self.next_time.split_once([':', '.']).ok_or_else(why)?;
                let mut civil = zone.civil(now);
                civil.hour = hour.trim().parse().map_err(|_| why())?;
                civil.minute = minute.trim().parse().map_err(|_| why())?;
                (civil.second, civil.millisecond) = (0, 0);
                let at = zone.moment(civil).ok_or_else(why)?;
                if at > now {
                    return Ok(Some(at));
                }
                // The next time that the clock shows it: by the date, for a day may have 23 hours or 25.
                let tomorrow = zone.civil(now.plus_seconds(26 * 3600));
                let tomorrow = if (tomorrow.day, tomorrow.month) == (civil.day, civil.month) {
                    tomorrow
                } else {
                    zone.civil(at.plus_seconds(24 * 3600))
                };
                (civil.year, civil.month, civil.day) = (tomorrow.year, tomorrow.month, tomorrow.day);
                zone.moment(civil).map(Some).ok_or_else(why)
            }
            minutes => {
                let minutes: i64 = minutes.parse().map_err(|_| {
                    "Say when the public hears more, or that this is the last update.".to_owned()
                })?;
                Ok(Some(now.plus_seconds(minutes.clamp(0, 100_000) * 60)))
            }
        }
    }

    /// The list under "when the public hears more".
    pub fn waits(&self) -> Vec<Choice> {
        let choice = |value: String, words: &str| Choice {
            chosen: self.next == value,
            value,
            words: words.to_owned(),
        };
        let mut all: Vec<Choice> =
            WAITS.iter().map(|(wait, words)| choice(wait.to_string(), words)).collect();
        all.push(choice("at".to_owned(), "at the time written beside this"));
        all.push(choice("last".to_owned(), "not at all: this is the last update"));
        all
    }
}

impl ServiceRow {
    fn notice(&self) -> Result<Option<ServiceNotice>, String> {
        let state = [ServiceState::Open, ServiceState::Reduced, ServiceState::Closed]
            .into_iter()
            .find(|state| state.word() == self.state);
        let (Some(state), false) = (state, self.service.trim().is_empty()) else { return Ok(None) };
        let site = SiteId::new(&self.site)
            .ok_or_else(|| format!("Choose the hospital of the service “{}”.", self.service.trim()))?;
        let wait_minutes = match self.wait.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                format!("“{text}” is no wait: write it for {} as minutes alone, 240.", self.service.trim())
            })?),
        };
        let (service, note) = (self.service.clone(), self.note.clone());
        Ok(Some(ServiceNotice { site, service, state, wait_minutes, note }))
    }

    /// The states to choose from.
    pub fn states(&self) -> Vec<Choice> {
        [("", "not mentioned"), ("open", "open"), ("reduced", "reduced"), ("closed", "closed")]
            .map(|(value, words)| Choice {
                value: value.to_owned(),
                words: words.to_owned(),
                chosen: self.state == value,
            })
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    fn next(choice: &str, time: &str, now: &str) -> Result<Option<Moment>, String> {
        let fields = Fields { next: choice.to_owned(), next_time: time.to_owned(), ..Fields::default() };
        fields.next_update(at(now), &Zone::london())
    }

    #[test]
    fn the_next_update_is_the_next_time_that_the_clock_shows() {
        for (choice, time, now, want) in [
            ("60", "", "2026-07-14T15:05:00Z", Some("2026-07-14T16:05:00Z")),
            ("at", "16:30", "2026-07-14T15:05:00Z", Some("2026-07-14T15:30:00Z")),
            ("at", "9.15", "2026-07-14T15:05:00Z", Some("2026-07-15T08:15:00Z")),
            // The clocks go back on 25 October 2026, and forward on 28 March 2027.
            ("at", "16:00", "2026-10-24T15:30:00Z", Some("2026-10-25T16:00:00Z")),
            ("at", "23:30", "2026-10-24T22:45:00Z", Some("2026-10-25T23:30:00Z")),
            ("at", "00:30", "2027-03-27T23:45:00Z", Some("2027-03-28T00:30:00Z")),
            ("last", "16:30", "2026-07-14T15:05:00Z", None),
        ] {
            assert_eq!(next(choice, time, now), Ok(want.map(at)), "{choice} {time} at {now}");
        }
        for odd in ["", "25:00", "12", "x:y", "12:61", "-1:00"] {
            assert!(next("at", odd, "2026-07-14T15:05:00Z").unwrap_err().contains("16:30"), "{odd}");
        }
        assert!(next("", "", "2026-07-14T15:05:00Z").is_err());
    }
}
