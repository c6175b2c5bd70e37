//! The log on paper, read back: every number, time and initial, nothing cut, the book's head on each page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{EntryNumber, Moment, Zone};
use incident::log::{Kind, Line};
use incident::{IncidentId, Person};
use paper::{Letterhead, LogSheet, Press};

fn at(minutes: i64) -> Moment {
    Moment::parse_rfc3339("2026-07-14T12:00:00Z").unwrap().plus_seconds(minutes * 60)
}

fn line(entry: u64, kind: Kind, text: &str) -> Line {
    Line {
        entry: EntryNumber(entry),
        at: at(i64::try_from(entry).unwrap()),
        by: Person::new("Anna Bell").unwrap(),
        incident: Some(IncidentId(1)),
        kind,
        text: text.into(),
        clock_went_back: false,
        corrected_by: None,
    }
}

fn letterhead(watermark: Option<&str>) -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".to_owned(),
        incident: "Cyber attack, critical incident".to_owned(),
        printed: at(500),
        watermark: watermark.map(str::to_owned),
        record: "incident book 400 · 0123456789abcdef".to_owned(),
    }
}

fn sheet<'a>(lines: &'a [Line], name: &'a dyn Fn(IncidentId) -> String) -> LogSheet<'a> {
    LogSheet {
        lines,
        total: 400,
        seal: "feed".repeat(16).leak(),
        incident: name,
        name_incidents: true,
        filter: "Every entry",
    }
}

fn words(lines: &[Line], watermark: Option<&str>) -> Vec<String> {
    let name = |id: IncidentId| format!("Incident {}", id.0);
    let pages =
        Press::new().unwrap().log_words(&sheet(lines, &name), &letterhead(watermark), &Zone::london());
    pages.iter().map(|page| page.join("\n").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_page_says_the_head_of_the_book_its_number_and_that_it_is_practice() {
    let lines: Vec<Line> =
        (1..=200).map(|n| line(n, Kind::Note, "Bleeps work, switchboard does not")).collect();
    let pages = words(&lines, Some("EXERCISE"));
    assert!(pages.len() > 3);
    for (n, page) in pages.iter().enumerate() {
        for want in [
            format!("page {} of {}", n + 1, pages.len()),
            "incident book 400 · 0123456789abcdef".to_owned(),
            "EXERCISE".to_owned(),
            "Printed 14-Jul-2026 21:20".to_owned(),
        ] {
            assert!(page.contains(&want), "page {n} lacks {want:?}: {page}");
        }
    }
    let all = pages.join(" ");
    assert_eq!(all.matches("Bleeps work").count(), 200);
    assert!(
        all.contains("200 entries printed, of 400 in the book") && all.contains(&"feed".repeat(16)[..20])
    );
    let name = |id: IncidentId| id.to_string();
    let pdf = Press::new().unwrap().log(&sheet(&lines, &name), &letterhead(None), &Zone::london()).unwrap();
    assert!(pdf.pdf.starts_with(b"%PDF-") && pdf.pages as usize == pages.len());
}

#[test]
fn decisions_corrections_and_gaps_are_marked_and_no_word_is_cut() {
    let long: String = (0..3000).map(|n| format!("w{n} ")).collect();
    let mut wrong = line(3, Kind::Note, "Bed 4");
    wrong.corrected_by = Some(EntryNumber(9));
    let mut back = line(12, Kind::Note, "After the clock was set");
    back.clock_went_back = true;
    let lines = [line(1, Kind::Stage, "Declared"), wrong, line(4, Kind::Decision, &long), back];
    let all = words(&lines, None).join(" ");
    for want in [
        "CORRECTED BY ENTRY 9. As it was written: Bed 4",
        "DECISION",
        "1 left out before",
        "7 left out before",
        "the numbers are the order",
        "AB",
        "Anna Bell",
        "14-Jul-2026",
    ] {
        assert!(all.contains(want), "{want}: {}", &all[..400]);
    }
    for n in [0, 1500, 2999] {
        assert!(all.contains(&format!("w{n} ")), "w{n} is lost");
    }
    assert!(!all.contains("more characters"));
    assert!(words(&[], None)[0].contains("No entry fits"));
}
