//! Who broke the glass, on the pages themselves: a banner for whoever broke it, a line for the ward for a day.
//!
//! Always: the name, until when, and why as chosen; the line stays for a day after, so that whoever comes back from days off
//! within it reads it too. Never: what was typed, which is for the privacy officer. Called by the patient's pages and the ward
//! list; proved by `tests/break_glass.rs`.

use crate::desk::Look;
use access::break_glass::{Broken, ward_words};
use access::{AccessBook, By, Patient};
use basics::{Moment, Zone};
use care::PatientKey;
use care::ward_list::WardList;
use std::collections::BTreeMap;

/// For so long the ward reads of it, in seconds.
const TOLD_SECONDS: i64 = 86_400;
/// Breaks of the last day that are looked through.
const NEWEST_MAX: usize = 5_000;
/// Lines on one page; the review list has all.
const LINES_MAX: usize = 40;

/// A line of the ward list.
pub struct Line {
    /// For whom.
    pub name: String,
    /// Their page, while they are on the list.
    pub address: Option<String>,
    /// "Anna Bell (10482) sees this patient by breaking the glass, until 15:02: an emergency …".
    pub words: String,
}

/// "Glass broken by you until 15:02", on each page of that patient while it is open.
pub fn by_you(look: &Look<'_>, key: PatientKey) -> Option<String> {
    let visitor = look.visit.visitor()?;
    let until = look.access().read(|book| {
        let open = book.glass.open_for(&visitor.number, Patient(key.0), look.now);
        open.map(|broken| broken.until)
    })?;
    Some(format!("Glass broken by you until {}", look.zone().hour_minute(until)))
}

/// Who broke the glass for this patient within a day.
pub fn for_patient(look: &Look<'_>, key: PatientKey) -> Vec<String> {
    look.access().read(|book| {
        let theirs = recent(book, look.now).filter(|broken| broken.patient == Patient(key.0));
        theirs.take(LINES_MAX).map(|broken| words(book, broken, look.zone(), look.now)).collect()
    })
}

/// Who broke the glass within a day for somebody on this ward, or who lay there then.
pub fn for_ward(look: &Look<'_>, list: &WardList) -> Vec<Line> {
    let here: BTreeMap<Patient, &str> = list
        .rows
        .iter()
        .filter_map(|row| row.patient.as_ref())
        .map(|patient| (Patient(patient.key.0), patient.name.as_str()))
        .collect();
    let lay_here = |broken: &Broken| {
        let place = broken.place.as_ref();
        place.is_some_and(|place| place.site == list.key.site && place.ward.as_ref() == Some(&list.key.ward))
    };
    look.access().read(|book| {
        recent(book, look.now)
            .filter(|broken| here.contains_key(&broken.patient) || lay_here(broken))
            .take(LINES_MAX)
            .map(|broken| {
                let name = here.get(&broken.patient);
                Line {
                    name: name.map_or_else(
                        || format!("Somebody who is not on this list now (record {})", broken.patient.0),
                        |name| (*name).to_owned(),
                    ),
                    address: name.map(|_| crate::names::patient_address(PatientKey(broken.patient.0))),
                    words: words(book, broken, look.zone(), look.now),
                }
            })
            .collect()
    })
}

/// The newest first. A break after `at` is of a clock that was set back since; it is told too.
fn recent(book: &AccessBook, at: Moment) -> impl Iterator<Item = &Broken> {
    let newest = book.glass.newest().take(NEWEST_MAX);
    newest.filter(move |broken| at.seconds_since(broken.stamp.at) < TOLD_SECONDS)
}

fn words(book: &AccessBook, broken: &Broken, zone: &Zone, at: Moment) -> String {
    if broken.open(at) {
        return ward_words(book, broken, zone);
    }
    format!(
        "{} saw this patient by breaking the glass, until {}: {}",
        book.name(&By::Staff(broken.who.clone())),
        zone.clinical(broken.until),
        broken.reason.words()
    )
}
