//! Days and times of lists as people write them: what is read, and what is refused by the name of its column.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::What;
use common::{received, rules};
use translate::any;

/// The booking's start, or why its row was refused.
fn start(headings: &str, fields: &str) -> String {
    let list = format!("booking id;NHS number;clinic;{headings}\nT1;999 000 0018;Eye;{fields}\n");
    let told = any(list.as_bytes(), &received(1), &rules(Zone::london()));
    for fact in told.facts {
        if let What::Appointment(booking) = fact.what {
            return booking.start.unwrap().rfc3339();
        }
    }
    told.problems[0].text.strip_prefix("Row refused: ").unwrap().to_owned()
}

#[test]
fn british_and_iso_spellings_are_read_with_or_without_a_time() {
    // In summer, so that a time read as UTC would show.
    for written in [
        "12/10/2026 08:30",
        "12-OCT-2026 08:30",
        "12-Oct-2026 08:30:00",
        "12.10.2026 08.30",
        "12 Oct 2026 08:30",
        "12th October 2026, 8:30 am",
        "Mon 12/10/2026 0830",
        "Monday, 12 October 2026 at 8.30am",
        "October 12, 2026 08:30",
        "12OCT2026 08:30",
        "2026-10-12T08:30",
        "2026-10-12 08:30",
        "2026-10-12T08:30:00.000",
        "2026/10/12 08:30",
        "20261012 0830",
        "2026-10-12T07:30:00Z",
        "2026-10-12T08:30+01:00",
        "2026-10-12T09:30:00+0200",
        "12/10/2026\u{a0}08:30 hrs",
    ] {
        for heading in ["start", "date and time", "appointment date", "date", "appointment time"] {
            assert_eq!(start(heading, written), "2026-10-12T07:30:00Z", "{written:?} under {heading:?}");
        }
    }
}

#[test]
fn day_and_time_may_stand_in_two_columns_whatever_their_headings_promise() {
    for (headings, fields) in [
        ("date;time", "12/10/2026;08:30"),
        ("date;time", "12-OCT-2026;8.30"),
        // A spreadsheet's bare day has midnight, its bare time one of its first days.
        ("date;time", "12/10/2026 00:00;08:30"),
        ("date;time", "2026-10-12T00:00:00;30/12/1899 08:30:00"),
        ("date;time", "2026-10-11T23:00:00Z;08:30"),
        ("appointment date;appointment time", "12/10/2026;08:30"),
        ("date;start time", "12/10/2026;8:30 am"),
        ("start;time", "12/10/2026;0830"),
        ("date;time", "12/10/2026;08.30.00"),
        ("start;date;time", "12/10/2026 08:30;;"),
    ] {
        assert_eq!(start(headings, fields), "2026-10-12T07:30:00Z", "{headings} {fields}");
    }
    for (time, wanted) in [("1pm", "12:00"), ("12:15 pm", "11:15"), ("12.15am", "23:15"), ("23:59", "22:59")]
    {
        assert!(
            start("date;time", &format!("12/10/2026;{time}")).ends_with(&format!("T{wanted}:00Z")),
            "{time}"
        );
    }
}

#[test]
fn what_could_be_meant_in_two_ways_is_refused_with_its_column() {
    let not_read = "“When” cannot be read";
    for (written, wanted) in [
        ("10/13/2026 08:30", "“When” has the month before the day; if the whole list is written so"),
        ("10-13-2026", "“When” has the month before the day"),
        ("12/10/26 08:30", "“When” has a year of two digits; write four"),
        ("12-OCT-26 08:30", "“When” has a year of two digits"),
        ("46307.354", "“When” is a spreadsheet's bare number"),
        ("46307", "“When” is a spreadsheet's bare number"),
        ("31/04/2026 08:30", "“When” is no day of the calendar"),
        ("32/10/2026", "“When” is no day of the calendar"),
        ("2026-13-01T08:30", "“When” is no day of the calendar"),
        ("12/10/2026 08:30-09:00", not_read),
        ("12/10/2026 25:00", not_read),
        ("12/10/2026 08:60", not_read),
        ("12/10/2026 13:00 pm", not_read),
        ("12/10/2026 8.3", not_read),
        ("12/10/2026 0.35", not_read),
        ("12/10/2026 AM", not_read),
        ("12/Foo/2026", not_read),
        ("2026-10-12T08:30+99:00", not_read),
        ("08:30Z", not_read),
        ("=NOW()", not_read),
        ("to be told", not_read),
        ("Łódź 12", not_read),
        ("12/10/2026", "it says no time of day under “When”"),
        ("09:40", "it says no day under “When”"),
        ("", "it says no day under “When”"),
    ] {
        let list = format!("booking id;NHS number;clinic;When\nT1;999 000 0018;Eye;{written}\n");
        let mut rules = rules(Zone::london());
        rules.columns.insert("when".to_owned(), translate::Column::Start);
        let told = any(list.as_bytes(), &received(1), &rules);
        assert!(told.facts.is_empty(), "{written}");
        let why = told.problems[0].text.strip_prefix("Row refused: ").unwrap();
        assert!(why.starts_with(wanted), "{written:?}: {why}");
        assert!(written.is_empty() || !why.contains(written), "{why}");
    }
    let two = start("date;time", "12/10/2026;");
    assert!(two.starts_with("it says no time of day under “date” or “time”"), "{two}");
}

proptest::proptest! {
    #[test]
    fn no_cell_causes_a_panic(cell in "([0-9]{1,5}|[/.:TZ +-]|am|pm|oct|monday|th|\\PC){0,12}") {
        let cell = cell.replace([';', '"'], " ");
        let _ = start("start;date", &format!("{cell};{cell}"));
    }
}
