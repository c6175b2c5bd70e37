//! `GET /access-record`, `/access-record/patients/{key}`, `/access-record/people/{number}`: who looked at whom, the newest
//! first, by person, patient, days, and broken glass alone.
//!
//! Always: a patient is asked for by a number of theirs and shown by the number of their record; how far back was read, and a
//! way further back. Never: a search by a patient's name: it would show other people's. Looking up who saw one patient is
//! itself a look at that patient.

use super::figures::Figures;
use super::{LookLine, overdue};
use crate::desk::{Desk, Html, Look, Visit};
use crate::doors::barred;
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded, thousands};
use access::looks::{Limits, Question};
use access::{Patient, StaffNumber};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{Civil, EntryNumber, Moment, PartialDate};
use care::PatientKey;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Lines on one page.
const LINES_MAX: usize = 100;
/// Looks read for one page; “further back” reads on.
const SCANNED_MAX: u64 = 500_000;
/// People offered when a name is several people's.
const PEOPLE_MAX: usize = 12;

/// `?person=&patient=&from=&to=&broken=&before=`
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Typed {
    person: String,
    patient: String,
    from: String,
    to: String,
    broken: String,
    before: String,
}

#[derive(Template)]
#[template(path = "access_record/search.html")]
struct SearchPage {
    layout: Layout,
    title: String,
    /// Where the form leads: what the page is about stays fixed.
    address: String,
    of_person: bool,
    of_patient: bool,
    typed: Typed,
    /// What could not be understood of the question.
    why: Option<String>,
    /// Number and name of people whom a name could mean.
    people: Vec<(String, String)>,
    /// Other numbers under which the same patient's record was or is kept.
    also: Vec<u64>,
    lines: Vec<LookLine>,
    scanned: String,
    earlier: Option<String>,
    /// On the first page alone.
    figures: Option<Figures>,
    to_review: usize,
    late: usize,
}

/// `GET /access-record`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(typed): Asked<Typed>) -> Response {
    desk.page(visit, move |look| {
        let mut page = Asking::new("/access-record".to_owned(), "Who saw whom".to_owned());
        page.person(look, &typed.person);
        page.patient(look, &typed.patient)?;
        Ok(Html(page.answered(look, typed)?))
    })
    .await
}

/// `GET /access-record/patients/{key}`
pub async fn of_patient(
    State(desk): State<Desk>,
    visit: Visit,
    Path(key): Path<String>,
    Asked(typed): Asked<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let key = PatientKey(key.parse().map_err(|_| no_record())?);
        let address = format!("/access-record/patients/{}", key.0);
        let mut page = Asking::new(address, format!("Who saw the patient of record {}", key.0));
        page.question.patient = Some(Patient(key.0));
        page.fixed.1 = true;
        page.also = also(look, key)?;
        page.person(look, &typed.person);
        let page = page.answered(look, typed)?;
        look.saw([key]);
        Ok(Html(page))
    })
    .await
}

/// `GET /access-record/people/{number}`
pub async fn of_person(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(typed): Asked<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let number = StaffNumber::new(&number).ok_or_else(|| Mishap::NotFound {
            what: "That is no staff number.".to_owned(),
            next: "Ask for the person by name on “Who saw whom”.",
        })?;
        let name = look.access().read(|book| book.people.name(&number));
        let mut page = Asking::new(super::person_address(&number), format!("Whom {name} saw"));
        page.question.who = Some(number);
        page.fixed.0 = true;
        page.patient(look, &typed.patient)?;
        Ok(Html(page.answered(look, typed)?))
    })
    .await
}

fn no_record() -> Mishap {
    Mishap::NotFound {
        what: "That is no number of a record.".to_owned(),
        next: "Ask for the patient by NHS number or hospital number on “Who saw whom”.",
    }
}

/// Numbers of the other records that are the same person.
fn also(look: &Look<'_>, key: PatientKey) -> Result<Vec<u64>, Mishap> {
    let record = look.screens().room.patient(key).map_err(Mishap::room("see what was merged"))?;
    let Some(record) = record else { return Ok(Vec::new()) };
    let mut all: BTreeSet<u64> = record.merged_from.iter().map(|key| key.0).collect();
    all.insert(record.key.0);
    all.remove(&key.0);
    Ok(all.into_iter().collect())
}

/// A question as it comes together.
struct Asking {
    address: String,
    title: String,
    question: Question,
    /// Person and patient are given by the address.
    fixed: (bool, bool),
    why: Option<String>,
    people: Vec<(String, String)>,
    also: Vec<u64>,
}

impl Asking {
    fn new(address: String, title: String) -> Self {
        let (question, fixed) = (Question::default(), (false, false));
        Self { address, title, question, fixed, why: None, people: Vec::new(), also: Vec::new() }
    }

    /// By staff number, or part of a name where it is one person's.
    fn person(&mut self, look: &Look<'_>, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let number = StaffNumber::new(text);
        let known = |number: &StaffNumber| look.access().read(|book| book.people.listed(number).is_some());
        if let Some(number) = number.filter(known) {
            self.question.who = Some(number);
            return;
        }
        let wanted = text.to_lowercase();
        let found: Vec<(StaffNumber, String)> = look.access().read(|book| {
            let all = book.people.all();
            let named = all.filter(|(_, l)| l.account.name.as_str().to_lowercase().contains(&wanted));
            named.take(PEOPLE_MAX).map(|(number, _)| (number.clone(), book.people.name(number))).collect()
        });
        match found.as_slice() {
            [(number, _)] => self.question.who = Some(number.clone()),
            [] => self.wrong(format!("Nobody with an account is called “{text}” or has that staff number.")),
            _ => {
                self.wrong(format!("“{text}” could be several people: choose one below."));
                self.people = found
                    .iter()
                    .map(|(number, name)| (super::person_address(number), name.clone()))
                    .collect();
            }
        }
    }

    /// By NHS or hospital number, or the number of the record.
    fn patient(&mut self, look: &Look<'_>, text: &str) -> Result<(), Mishap> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let room = &look.screens().room;
        let plain = text.to_lowercase();
        let record: Option<u64> = plain.strip_prefix("record").map_or(plain.as_str(), str::trim).parse().ok();
        let key = match (plain.starts_with("record"), record) {
            (true, Some(number)) => Some(PatientKey(number)),
            (true, None) => None,
            (false, _) => room.find_exact(text).map_err(Mishap::room("find the patient by number"))?,
        };
        match key {
            Some(key) => {
                self.question.patient = Some(Patient(key.0));
                self.also = also(look, key)?;
                look.saw([key]);
            }
            None => self.wrong(
                "No patient, or more than one, bears that number. Write the NHS number, the hospital number, or “record 17”. \
                 Names are not searched here: they would show you other people."
                    .to_owned(),
            ),
        }
        Ok(())
    }

    fn wrong(&mut self, why: String) {
        self.why.get_or_insert(why);
    }

    fn days(&mut self, look: &Look<'_>, typed: &Typed) {
        for (text, upto) in [(&typed.from, false), (&typed.to, true)] {
            if text.trim().is_empty() {
                continue;
            }
            match day(look, text, upto) {
                Some(at) if upto => self.question.until = Some(at),
                Some(at) => self.question.from = Some(at),
                None => self.wrong(format!("“{text}” is no day; write it as 2026-05-12.")),
            }
        }
    }

    fn answered(mut self, look: &Look<'_>, typed: Typed) -> Result<SearchPage, Mishap> {
        self.days(look, &typed);
        self.question.broken = !typed.broken.is_empty();
        let before = typed.before.parse().ok().map(EntryNumber);
        let by = look.visitor()?.by();
        let limits = Limits { scanned_max: SCANNED_MAX, found_max: LINES_MAX };
        // What was not understood is asked again, not answered with everything.
        let found = match self.why {
            Some(_) => control_room::LooksFound::default(),
            None => look
                .access()
                .search_looks(&by, &self.question, before, (limits, look.now))
                .map_err(barred("search the looks"))?,
        };
        let (to_review, late) = look.access().read(|book| {
            let waiting: Vec<_> = book.glass.to_review().collect();
            (waiting.len(), waiting.iter().filter(|broken| overdue(look, broken)).count())
        });
        let first = before.is_none() && !self.fixed.0 && !self.fixed.1;
        let asked = self.question.patient;
        Ok(SearchPage {
            layout: Layout::new(look, self.title.clone(), Here::Nowhere).still(),
            earlier: found.earlier.map(|entry| self.further_back(&typed, entry)),
            lines: found.found.iter().map(|found| LookLine::new(look, found, asked)).collect(),
            scanned: format!(
                "{} among {} that were read",
                counted(found.found.len(), "look", "looks"),
                thousands(found.scanned)
            ),
            figures: if first { Some(Figures::new(look)?) } else { None },
            title: self.title,
            address: self.address,
            of_person: self.fixed.0,
            of_patient: self.fixed.1,
            typed,
            why: self.why,
            people: self.people,
            also: self.also,
            to_review,
            late,
        })
    }

    /// The same question before an entry.
    fn further_back(&self, typed: &Typed, entry: EntryNumber) -> String {
        let fields = [
            ("person", typed.person.as_str()),
            ("patient", typed.patient.as_str()),
            ("from", typed.from.as_str()),
            ("to", typed.to.as_str()),
            ("broken", typed.broken.as_str()),
        ];
        let asked = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let asked: String = asked.map(|(name, value)| format!("{name}={}&", encoded(value))).collect();
        format!("{}?{asked}before={}", self.address, entry.0)
    }
}

/// The first moment of a day by the hospital's clocks; of the day after for `upto`.
fn day(look: &Look<'_>, text: &str, upto: bool) -> Option<Moment> {
    let day = PartialDate::parse_iso(text.trim())?;
    let day = if upto { day.plus_days(1) } else { day };
    let (year, Some(month), Some(day)) = day.numbers() else { return None };
    look.zone().moment(Civil { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 })
}
