//! Reads a drill line by line: the beginning, the times, the steps and what is expected.
//!
//! Always refuses what it does not know; never guesses at a word. Called by `Scenario::parse`.

use super::region;
use super::response;
use super::words::{self, Line};
use super::{Act, Expectation, Feed, FeedSeen, Scenario, Seen, Step, Told, Unreadable, Who};
use basics::{Moment, PartialDate, Zone};
use std::collections::BTreeMap;

/// Reads the whole text of a drill.
pub(super) fn scenario(file: &str, text: &str) -> Result<Scenario, Unreadable> {
    Reading::new(file).read(text)
}

struct Reading {
    scenario: Scenario,
    now: Moment,
    started: bool,
    zone: Zone,
    /// A `sends raw` whose lines are still coming.
    raw: Option<(usize, String, String, Vec<u8>)>,
}

impl Reading {
    fn new(file: &str) -> Self {
        Self {
            scenario: Scenario {
                file: file.to_owned(),
                title: String::new(),
                start: Moment::default(),
                feeds: Vec::new(),
                people: BTreeMap::new(),
                staff: BTreeMap::new(),
                hospitals: Vec::new(),
                neighbours: Vec::new(),
                places: Vec::new(),
                zones: Vec::new(),
                no_way_without: Vec::new(),
                steps: Vec::new(),
            },
            now: Moment::default(),
            started: false,
            zone: Zone::london(),
            raw: None,
        }
    }

    fn read(mut self, text: &str) -> Result<Scenario, Unreadable> {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(content) = line.trim_start().strip_prefix('|').filter(|_| self.raw.is_some()) {
                let bytes = words::bytes(content).map_err(|why| self.wrong(number, why))?;
                if let Some((.., message)) = self.raw.as_mut() {
                    message.extend_from_slice(&bytes);
                    message.push(b'\r');
                }
                continue;
            }
            self.end_raw();
            let split = words::split(line).map_err(|why| self.wrong(number, why))?;
            if split.is_empty() {
                continue;
            }
            let mut line = Line::new(line.trim(), split);
            self.line(number, &mut line).map_err(|why| self.wrong(number, why))?;
        }
        self.end_raw();
        if self.scenario.title.is_empty() {
            return Err(self.wrong(1, "a drill begins with: drill \"what it shows\"".to_owned()));
        }
        if self.scenario.steps.is_empty() {
            return Err(self.wrong(1, "nothing happens in this drill".to_owned()));
        }
        Ok(self.scenario)
    }

    fn wrong(&self, line: usize, why: String) -> Unreadable {
        Unreadable { file: self.scenario.file.clone(), line, why }
    }

    fn end_raw(&mut self) {
        if let Some((line, text, feed, bytes)) = self.raw.take() {
            self.scenario.steps.push(Step { line, text, at: self.now, act: Act::Raw { feed, bytes } });
        }
    }

    fn line(&mut self, number: usize, line: &mut Line) -> Result<(), String> {
        match line.peek() {
            "drill" => {
                line.word()?;
                self.scenario.title = line.value()?;
                line.end()
            }
            "start" => {
                line.word()?;
                let text = line.value()?;
                let at = Moment::parse_rfc3339(&text);
                self.now = at.ok_or_else(|| format!("{text} is no time; write 2026-03-02T08:00:00Z"))?;
                (self.scenario.start, self.started) = (self.now, true);
                line.end()
            }
            "feed" => {
                line.word()?;
                let feed = feed(line)?;
                self.scenario.feeds.push(feed);
                Ok(())
            }
            "person" => {
                line.word()?;
                let (name, who) = person(line)?;
                self.scenario.people.insert(name, who);
                Ok(())
            }
            "staff" => {
                line.word()?;
                let (name, full) = (line.word()?, line.value()?);
                let person = incident::Person::new(&full).ok_or_else(|| format!("{full} is no name"))?;
                self.scenario.staff.insert(name, person);
                line.end()
            }
            "hospital" | "neighbour" => {
                let own = line.word()? == "hospital";
                let hospital = response::hospital(line)?;
                let list = if own { &mut self.scenario.hospitals } else { &mut self.scenario.neighbours };
                list.push(hospital);
                line.end()
            }
            "place" => {
                line.word()?;
                let place = region::place(line)?;
                self.scenario.places.push(place);
                line.end()
            }
            "zone" => {
                line.word()?;
                let zone = region::zone(line)?;
                self.scenario.zones.push(zone);
                line.end()
            }
            "no-way-without" => {
                line.word()?;
                while !line.is_done() {
                    let system = line.value()?;
                    self.scenario.no_way_without.push(system);
                }
                Ok(())
            }
            _ => self.step(number, line),
        }
    }

    fn step(&mut self, number: usize, line: &mut Line) -> Result<(), String> {
        if !self.started {
            return Err("give the time first: start 2026-03-02T08:00:00Z".to_owned());
        }
        if let Some(at) = self.time(line)? {
            if at < self.now {
                return Err("time runs backwards here".to_owned());
            }
            self.now = at;
        }
        let (text, at) = (line.text().to_owned(), self.now);
        if line.peek_at(1) == "sends" && line.peek_at(2) == "raw" {
            let feed = self.known_feed(&line.word()?)?;
            self.raw = Some((number, text, feed, Vec::new()));
            return Ok(());
        }
        let act = self.act(line)?;
        line.end()?;
        if let Act::Simulate { minutes, .. } = &act {
            self.now = self.now.plus_seconds(i64::from(*minutes) * 60);
        }
        self.scenario.steps.push(Step { line: number, text, at, act });
        Ok(())
    }

    /// `08:30` on the clock of the day of the start, `+20m`, `+2h` after the line before, `+1d 08:30` on the next day.
    fn time(&self, line: &mut Line) -> Result<Option<Moment>, String> {
        let first = line.peek().to_owned();
        if let Some(after) = first.strip_prefix('+') {
            line.word()?;
            if let Some(days) = after.strip_suffix('d') {
                let days: i64 = days.parse().map_err(|_| format!("{first} is no time"))?;
                let clock = line.word()?;
                return self.clock(&clock, days).map(Some);
            }
            return Ok(Some(self.now.plus_seconds(words::minutes(after)? * 60)));
        }
        if first.len() == 5 && first.as_bytes().get(2) == Some(&b':') {
            line.word()?;
            return self.clock(&first, 0).map(Some);
        }
        Ok(None)
    }

    fn clock(&self, text: &str, days: i64) -> Result<Moment, String> {
        let wrong = || format!("{text} is no time of day; write 08:30");
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let mut civil = self.zone.civil(self.scenario.start.plus_seconds(days * 86_400));
        civil.hour = hour.parse().map_err(|_| wrong())?;
        civil.minute = minute.parse().map_err(|_| wrong())?;
        (civil.second, civil.millisecond) = (0, 0);
        self.zone.moment(civil).ok_or_else(wrong)
    }

    fn known_feed(&self, name: &str) -> Result<String, String> {
        match self.scenario.feeds.iter().any(|feed| feed.name == name) {
            true => Ok(name.to_owned()),
            false => Err(format!("there is no feed {name}; name it first: feed {name} site \"…\"")),
        }
    }

    fn known_person(&self, name: String) -> Result<String, String> {
        match self.scenario.people.contains_key(&name) {
            true => Ok(name),
            false => Err(format!("nobody is called {name}; name them first: person {name} family \"…\"")),
        }
    }

    fn known_staff(&self, name: String) -> Result<incident::Person, String> {
        let known = self.scenario.staff.get(&name).cloned();
        known.ok_or_else(|| format!("nobody on duty is called {name}; name them first: staff {name} \"…\""))
    }

    fn which(&self, line: &mut Line) -> Result<Option<String>, String> {
        match line.word()?.as_str() {
            "all" => Ok(None),
            feed => self.known_feed(feed).map(Some),
        }
    }

    fn act(&mut self, line: &mut Line) -> Result<Act, String> {
        let first = line.word()?;
        Ok(match first.as_str() {
            "wait" => Act::Wait,
            "inject" => Act::Inject { name: line.word()?, text: line.value()? },
            name if self.scenario.staff.contains_key(name) => {
                let who = self.known_staff(name.to_owned())?;
                Act::Deed(Box::new(response::deed(line, who, |name| self.known_staff(name))?))
            }
            "simulate" => {
                let minutes =
                    u32::try_from(words::minutes(&line.word()?)?).map_err(|_| "too long".to_owned())?;
                line.keyword("seed")?;
                Act::Simulate { minutes, seed: line.number()? }
            }
            "cut" => Act::Cut { feed: self.which(line)? },
            "restore" => Act::Restore { feed: self.which(line)? },
            "reopen" => Act::Reopen,
            "kill" => Act::Kill,
            "rebuild" => Act::Rebuild,
            "reconfigure" => Act::Reconfigure { feed: feed(line)? },
            "replay" => {
                line.keyword("tray")?;
                Act::ReplayTray { feed: self.which(line)? }
            }
            "clear" => {
                line.keyword("tray")?;
                line.keyword("because")?;
                Act::ClearTray { reason: line.value()? }
            }
            "expect" => Act::Expect { what: self.expectation(line)? },
            "gateway" => {
                line.keyword("answers")?;
                Act::GatewayAnswers
            }
            feed => {
                let feed =
                    self.known_feed(feed).map_err(|why| format!("{feed} is no step and no feed ({why})"))?;
                match line.word()?.as_str() {
                    "repeats" => Act::Repeat { feed },
                    "books" => {
                        let (bookings, days, seed) = response::books(line)?;
                        Act::Books { feed, bookings, days, seed }
                    }
                    "sends" => Act::Send { feed, message: Box::new(self.message(line)?) },
                    other => return Err(format!("a feed sends or repeats; it cannot {other}")),
                }
            }
        })
    }

    fn message(&self, line: &mut Line) -> Result<Told, String> {
        let mut told = Told { trigger: line.word()?, ..Told::default() };
        told.who = self.known_person(line.word()?)?;
        while !line.is_done() {
            let word = line.word()?;
            match word.as_str() {
                "visit" => told.visit = line.value()?,
                "class" => told.class = line.value()?,
                "bed" => told.bed = line.value()?,
                "from" => told.from = line.value()?,
                "id" => told.id = line.value()?,
                "family" => told.family = line.value()?,
                "charset" => told.charset = line.value()?,
                "happened" => {
                    let clock = line.word()?;
                    told.happened = Some(self.clock(&clock, 0)?);
                }
                "nkda" => told.allergies.push("NKDA".to_owned()),
                "allergy" => told.allergies.push(line.value()?),
                "alert" => told.alerts.push(line.value()?),
                "ended" => told.alerts.push(format!("-{}", line.value()?)),
                "and" | "prior" => told.other = self.known_person(line.word()?)?,
                "other-bed" => told.other_bed = line.value()?,
                "control" => told.control = line.value()?,
                "medicine" => told.medicine = line.values(5)?,
                "result" => told.result = line.values(6)?,
                other => return Err(format!("a message has no {other}")),
            }
        }
        Ok(told)
    }

    fn expectation(&self, line: &mut Line) -> Result<Expectation, String> {
        let word = line.word()?;
        if let Some(what) = response::sought(&word, line)? {
            return Ok(Expectation::Response(response::Measured { what, within: response::within(line)? }));
        }
        Ok(match word.as_str() {
            "ward" | "pack" => {
                let (site, ward) = (line.value()?, line.value()?);
                let verb = line.word()?;
                if verb == "age" {
                    let minutes =
                        u32::try_from(words::minutes(&line.word()?)?).map_err(|_| "too long".to_owned())?;
                    return Ok(Expectation::WardAge { site, ward, minutes });
                }
                let has = match verb.as_str() {
                    "has" => true,
                    "lacks" => false,
                    other => return Err(format!("a {word} has, lacks or is of an age; not {other}")),
                };
                let banner = line.value()?;
                let bed = if line.take("in") { Some(line.value()?) } else { None };
                Expectation::Ward { pack: word == "pack", site, ward, banner, bed, has }
            }
            "patient" => {
                let who = self.known_person(line.word()?)?;
                let not = line.take("not");
                Expectation::Patient { who, what: self.seen(line)?, not }
            }
            "feed" => {
                let feed = self.known_feed(&line.word()?)?;
                Expectation::FeedState { feed, what: feed_seen(line)? }
            }
            "truth" => Expectation::Truth,
            "tray" => Expectation::Tray { count: line.number()? },
            "find" => {
                let text = line.value()?;
                line.keyword("gives")?;
                Expectation::Found { text, banner: line.value()? }
            }
            "accounts" => {
                line.keyword("balance")?;
                Expectation::AccountsBalance
            }
            "nothing" => {
                line.keyword("lost")?;
                Expectation::NothingLost
            }
            other => return Err(format!("nothing is known of {other} to expect; see drills/README.md")),
        })
    }

    fn seen(&self, line: &mut Line) -> Result<Seen, String> {
        let word = line.word()?;
        Ok(match word.as_str() {
            "banner" => Seen::Banner(line.value()?),
            "nhs" => Seen::Nhs(line.value()?),
            "born" => Seen::Born(line.value()?),
            "at" => {
                Seen::At { site: line.value()?, ward: line.value()?, room: line.value()?, bed: line.value()? }
            }
            "gone" => Seen::NotInHospital,
            "allergy" => Seen::Allergy(line.value()?),
            "heading" => Seen::AllergyHeading(line.value()?),
            "flag" => Seen::Flag(line.value()?),
            "medicine" => Seen::Medicine { name: line.value()?, dose: line.value()? },
            "last-given" => {
                let clock = line.word()?;
                Seen::LastGiven(self.clock(&clock, 0)?)
            }
            "result" => Seen::Result { name: line.value()?, value: line.value()? },
            "merged" => {
                line.keyword("into")?;
                Seen::MergedInto(self.known_person(line.word()?)?)
            }
            "alone" => Seen::NotMerged,
            "died" => Seen::Died,
            "on-leave" => Seen::OnLeave,
            other => return Err(format!("a patient is not known to have {other}")),
        })
    }
}

fn feed(line: &mut Line) -> Result<Feed, String> {
    let mut feed =
        Feed { name: line.value()?, silent_minutes: 15, format: "either".to_owned(), ..Feed::default() };
    while !line.is_done() {
        match line.word()?.as_str() {
            "site" => feed.site = line.value()?,
            "silent" => {
                feed.silent_minutes =
                    u32::try_from(words::minutes(&line.word()?)?).map_err(|_| "too long".to_owned())?;
            }
            "format" => {
                feed.format = line.value()?;
                if !matches!(feed.format.as_str(), "hl7" | "fhir" | "either") {
                    return Err(format!("a format is hl7, fhir or either, not {}", feed.format));
                }
            }
            other => return Err(format!("a feed has no {other}")),
        }
    }
    Ok(feed)
}

fn person(line: &mut Line) -> Result<(String, Who), String> {
    let name = line.value()?;
    let mut who = Who::default();
    while !line.is_done() {
        match line.word()?.as_str() {
            "family" => who.family = line.value()?,
            "given" => who.given.push(line.value()?),
            "prefix" => who.prefix = line.value()?,
            "born" => {
                let text = line.value()?;
                let date = PartialDate::parse_iso(&text);
                who.born = Some(date.ok_or_else(|| format!("{text} is no date; write 1945-07-14"))?);
            }
            "sex" => who.sex = line.value()?,
            "mrn" => who.mrn = line.value()?,
            "nhs" => {
                who.nhs = line.value()?;
                if basics::NhsNumber::parse(&who.nhs).is_none() || !who.nhs.starts_with("999") {
                    return Err(format!(
                        "{} is no NHS number of the test range (999…, with its check digit)",
                        who.nhs
                    ));
                }
            }
            other => return Err(format!("a person has no {other}")),
        }
    }
    if who.mrn.is_empty() {
        return Err("a person needs a hospital number: mrn W1".to_owned());
    }
    Ok((name, who))
}

fn feed_seen(line: &mut Line) -> Result<FeedSeen, String> {
    let word = line.word()?;
    Ok(match word.as_str() {
        "silent" => FeedSeen::Silent,
        "talking" => FeedSeen::Talking,
        "age" => FeedSeen::AgeMinutes(
            u32::try_from(words::minutes(&line.word()?)?).map_err(|_| "too long".to_owned())?,
        ),
        "duplicates" => FeedSeen::Duplicates(line.number()?),
        "same-id-other-bytes" => FeedSeen::SameIdOtherBytes(line.number()?),
        "received" => FeedSeen::Received(line.number()?),
        other => return Err(format!("a feed is not known to be {other}")),
    })
}
