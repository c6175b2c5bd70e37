//! The summary's figures: vital signs and results by test, newest first; reports in their own words.
//!
//! Always: the figure exactly as sent, its unit, range and time; preliminary and corrected are said in words; withdrawn
//! results are not shown as results. Never: colour alone for an abnormal value. Called by `summary`.

use crate::flow::{Flow, Table};
use crate::leaf::Style;
use crate::summary::{BODY, NOTE, STRONG, age};
use crate::words;
use crate::wrap::Rich;
use basics::{Moment, Zone};
use care::{Observation, PatientRecord, ResultStatus, Value};
use std::collections::HashMap;

/// Tests and vital signs listed at most; further ones are counted.
const TESTS_MAX: usize = 150;
/// Reports printed in full at most; further ones are named.
const REPORTS_MAX: usize = 12;
/// Earlier values beside the newest.
const EARLIER: usize = 3;
/// Text results longer than this are printed with the reports.
const SHORT_CHARS_MAX: usize = 80;

/// One value with what its report says of it.
struct Found<'a> {
    observation: &'a Observation,
    at: Option<Moment>,
    status: ResultStatus,
}

/// All values of one test, newest first.
struct Test<'a> {
    values: Vec<Found<'a>>,
}

fn by_test<'a>(found: impl Iterator<Item = Found<'a>>) -> Vec<Test<'a>> {
    let mut order: Vec<Test<'a>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for value in found {
        let o = value.observation;
        let key =
            if o.code.is_empty() { ("", o.name.as_str()) } else { (o.system.as_str(), o.code.as_str()) };
        let place = *places.entry(key).or_insert(order.len());
        match order.get_mut(place) {
            Some(test) => test.values.push(value),
            None => order.push(Test { values: vec![value] }),
        }
    }
    for test in &mut order {
        test.values.sort_by_key(|v| std::cmp::Reverse(v.at));
    }
    order
}

fn shown(status: ResultStatus) -> bool {
    !matches!(status, ResultStatus::Withdrawn | ResultStatus::Cancelled)
}

fn is_long(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Text(t)) if t.contains('\n') || t.chars().count() > SHORT_CHARS_MAX)
}

/// The vital signs.
pub(crate) fn vital_signs(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.heading("Vital signs", &age(flow.house(), record.as_at.observations.as_ref()));
    let found = record.observations.iter().filter(|o| shown(o.status)).map(|o| Found {
        observation: o,
        at: o.at,
        status: o.status,
    });
    tests(flow, &by_test(found), "No vital signs recorded", false);
}

/// The latest results.
pub(crate) fn results(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.heading("Latest results", &age(flow.house(), record.as_at.reports.as_ref()));
    let found = record.reports.iter().filter(|r| shown(r.status)).flat_map(|report| {
        report.results.iter().filter(|o| shown(o.status) && !is_long(o.value.as_ref())).map(|o| Found {
            observation: o,
            at: o.at.or(report.collected).or(report.reported),
            status: if o.status == ResultStatus::Final { report.status } else { o.status },
        })
    });
    tests(flow, &by_test(found), "No results recorded", true);
}

/// The table of tests; vital signs come without ranges and are not flagged by their senders.
fn tests(flow: &mut Flow<'_>, tests: &[Test<'_>], none: &str, ranges: bool) {
    if tests.is_empty() {
        flow.say(&Rich::of(none, BODY));
        return flow.end_section();
    }
    let clock = Clock { zone: flow.house().zone, made: flow.house().pack.as_at };
    let columns = if ranges {
        vec![("Test", 2.1), ("Newest", 1.65), ("Flag", 1.3), ("Range", 0.95), ("Taken", 1.2), ("Before", 2.6)]
    } else {
        vec![("Sign", 2.1), ("Newest", 1.65), ("Taken", 1.2), ("Before", 4.85)]
    };
    let rows = tests.iter().take(TESTS_MAX).filter_map(|test| row(&clock, test, ranges)).collect();
    flow.table(&Table { columns, rows, row_min: 0.0 });
    more(flow, tests.len().saturating_sub(TESTS_MAX), "tests");
    flow.end_section();
}

fn more(flow: &mut Flow<'_>, count: usize, what: &str) {
    if count > 0 {
        flow.say(&Rich::of(&format!("… and {count} more {what}, not printed: see the record"), STRONG));
    }
}

fn row(clock: &Clock<'_>, test: &Test<'_>, ranges: bool) -> Option<Vec<Rich>> {
    let small = Style::plain(8.5);
    let newest = test.values.first()?;
    let o = newest.observation;
    let name = if o.name.trim().is_empty() { &o.code } else { &o.name };
    let mut value = Rich::of(&value_words(o), Style::bold(9.0));
    if !o.note.trim().is_empty() {
        value.next_line(NOTE).lines(&o.note, Style::soft(7.8));
    }
    let flag = o.abnormal.map_or("", words::abnormal);
    let mut marks = Rich::of(flag, Style::bold(8.5));
    let status = words::status(newest.status);
    if !status.is_empty() {
        marks.next_line(small).say(status, Style::bold(7.8));
    }
    let mut before = Rich::default();
    for earlier in test.values.iter().skip(1).take(EARLIER) {
        if !before.is_empty() {
            before.say("; ", small);
        }
        before.say(&bare(earlier.observation), small);
        before.say(&format!(" ({})", clock.when(earlier.at)), Style::soft(8.0));
    }
    let left = test.values.len().saturating_sub(1 + EARLIER);
    if left > 0 {
        before.say(&format!("; {left} earlier"), Style::soft(8.0));
    }
    if before.is_empty() {
        before.say("None", Style::soft(8.0));
    }
    let taken = Rich::of(&clock.when(newest.at), small);
    let name = Rich::of(words::or_not_recorded(name), small);
    if !ranges {
        if !flag.is_empty() || !status.is_empty() {
            value.say("   ", small).say(flag, STRONG).say(" ", small).say(status, Style::bold(7.8));
        }
        return Some(vec![name, value, taken, before]);
    }
    let range = if o.range.trim().is_empty() { "None sent" } else { &o.range };
    Some(vec![name, value, marks, Rich::of(range, small), taken, before])
}

fn value_words(o: &Observation) -> String {
    match &o.value {
        None => "No value".to_owned(),
        Some(Value::Quantity { figure, unit }) => {
            format!("{figure} {}", unit_words(unit)).trim_end().to_owned()
        }
        Some(value) => value.shown(),
    }
}

/// Units as a ward reads them; others stay as sent.
fn unit_words(unit: &str) -> &str {
    match unit {
        "Cel" => "°C",
        "10*9/L" => "×10⁹/L",
        "10*12/L" => "×10¹²/L",
        "umol/L" => "µmol/L",
        "mm[Hg]" => "mmHg",
        other => other,
    }
}

fn bare(o: &Observation) -> String {
    match &o.value {
        Some(Value::Quantity { figure, .. }) => figure.clone(),
        Some(value) => value.shown(),
        None => "no value".to_owned(),
    }
}

/// The hospital's clock, and when the pack was made.
struct Clock<'a> {
    zone: &'a Zone,
    made: Moment,
}

impl Clock<'_> {
    /// "12-May 07:10", with its year when that is not the year of the pack.
    fn when(&self, at: Option<Moment>) -> String {
        let Some(at) = at else { return "Time not recorded".to_owned() };
        let full = self.zone.date(at).to_string();
        let date = match full.rsplit_once('-') {
            Some((day, _)) if self.zone.civil(at).year == self.zone.civil(self.made).year => day,
            _ => full.as_str(),
        };
        format!("{date}\u{a0}{}", self.zone.hour_minute(at))
    }
}

/// Reports in words, each with its head line, and the documents that stay on the screen.
pub(crate) fn reports(flow: &mut Flow<'_>, record: &PatientRecord) {
    let zone = flow.house().zone;
    let worded: Vec<_> = record
        .reports
        .iter()
        .filter(|r| shown(r.status))
        .filter(|r| !r.text.trim().is_empty() || r.results.iter().any(|o| is_long(o.value.as_ref())))
        .collect();
    if worded.is_empty() && record.documents.is_empty() {
        return;
    }
    flow.heading("Reports and documents", &age(flow.house(), record.as_at.reports.as_ref()));
    for report in worded.iter().take(REPORTS_MAX) {
        let mut rich = Rich::of(words::or_not_recorded(&report.name), STRONG);
        rich.say(&format!("   {}", words::moment(zone, report.collected.or(report.reported))), BODY);
        let status = words::status(report.status);
        if !status.is_empty() {
            rich.say(&format!("   {status}"), STRONG);
        }
        rich.next_line(BODY).lines(&report.text, Style::plain(9.0));
        for o in report.results.iter().filter(|o| shown(o.status) && is_long(o.value.as_ref())) {
            rich.next_line(BODY).say(&format!("{}: ", o.name), STRONG);
            rich.lines(&value_words(o), Style::plain(9.0));
        }
        flow.say(&rich);
        flow.gap(3.0);
    }
    more(flow, worded.len().saturating_sub(REPORTS_MAX), "reports");
    for document in record.documents.iter().filter(|d| shown(d.status)).take(REPORTS_MAX) {
        let mut rich = Rich::of("Document ", BODY);
        rich.say(words::or_not_recorded(&document.title), STRONG);
        rich.say(&format!("   {}", words::moment(zone, document.at)), BODY);
        rich.say(if document.text.is_empty() { "   (on screen only)" } else { "" }, NOTE);
        rich.next_line(BODY).lines(&document.text, Style::plain(9.0));
        flow.say(&rich);
    }
    more(flow, record.documents.len().saturating_sub(REPORTS_MAX), "documents");
    flow.end_section();
}
