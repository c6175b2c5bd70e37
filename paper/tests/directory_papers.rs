//! The directory and runners' slips on paper: what is read from them, and that nothing is lost in silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{Moment, Zone};
use incident::directory::{DialRow, DirectoryEntry, DirectoryId, EntryBoard, EntryKind, Route, RouteState};
use paper::{DirectorySheet, Letterhead, Press, RunnerSlip};

fn head(watermark: Option<&str>) -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: "Cyber attack".into(),
        printed: Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap(),
        watermark: watermark.map(str::to_owned),
        record: "incident book up to entry 9".into(),
    }
}

fn entry(n: u32) -> EntryBoard {
    let dial =
        |route, number: &str, state| DialRow { route, number: number.into(), state, note: String::new() };
    EntryBoard {
        id: DirectoryId(n),
        entry: DirectoryEntry {
            kind: if n.is_multiple_of(3) { EntryKind::Role } else { EntryKind::Person },
            name: format!("Entry {n}"),
            location: "level 2".into(),
            ..DirectoryEntry::default()
        },
        dial: vec![
            dial(Route::Mobile, "07700 900123", RouteState::Working),
            dial(Route::Switchboard, "0", RouteState::Down),
        ],
        held: Vec::new(),
        on_duty_until: None,
    }
}

#[test]
fn every_entry_stands_on_the_wall_and_on_the_cards_with_the_moment_of_printing() {
    let press = Press::new().unwrap();
    let entries: Vec<EntryBoard> = (1..=90).map(entry).collect();
    let routes = ["Northgate General: switchboard down".to_owned()];
    for sheet in [DirectorySheet::Wall, DirectorySheet::Cards] {
        let pages = press.directory_words(sheet, &entries, &routes, &head(Some("EXERCISE")), &Zone::london());
        let text = pages.concat().join(" ");
        for n in 1..=90 {
            assert!(text.contains(&format!("Entry {n}")), "{sheet:?}: entry {n} is missing");
        }
        assert!(text.contains("(down)") && text.contains("switchboard down"), "{text}");
        assert!(pages.iter().all(|page| page.join(" ").contains("12-May-2026")), "each page is dated");
        assert!(pages.iter().all(|page| page.join(" ").contains("EXERCISE")));
        let pdf = press.directory(sheet, &entries, &routes, &head(None), &Zone::london()).unwrap();
        assert!(pdf.pdf.starts_with(b"%PDF") && pdf.pages as usize == pages.len());
    }
}

#[test]
fn the_pocket_card_is_one_page_and_counts_what_it_leaves_out() {
    let press = Press::new().unwrap();
    let few: Vec<EntryBoard> = (1..=20).map(entry).collect();
    let many: Vec<EntryBoard> = (1..=400).map(entry).collect();
    let words = |entries: &[EntryBoard]| {
        let pages = press.directory_words(DirectorySheet::Pocket, entries, &[], &head(None), &Zone::london());
        assert_eq!(pages.len(), 1);
        pages.concat().join(" ")
    };
    assert!(!words(&few).contains("found no room"));
    let text = words(&many);
    assert!(text.contains("more entries found no room"), "{text}");
    assert_eq!(text.matches("Printed").count(), 4, "each quarter is dated");
    words(&[]);
}

#[test]
fn a_slip_says_where_what_and_until_when_and_is_never_cut() {
    let press = Press::new().unwrap();
    let slip = |n: u64, text: &str| RunnerSlip {
        number: n,
        to: format!("Ward {n}: nurse in charge"),
        text: text.into(),
        asked_by: "Sam".into(),
        asked_at: Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap(),
        valid_until: Moment::parse_rfc3339("2026-05-12T20:00:00Z").unwrap(),
        exercise: n == 1,
    };
    let long = "A long sentence that a runner carries. ".repeat(60);
    let slips: Vec<RunnerSlip> =
        (1..=9).map(|n| slip(n, if n == 5 { &long } else { "Switch it off." })).collect();
    let pages = press.runner_slips_words(&slips, &head(None), &Zone::london());
    let text = pages.concat().join(" ");
    for n in 1..=9 {
        assert!(text.contains(&format!("Ward {n}: nurse in charge")), "slip {n}: {text}");
    }
    assert_eq!(text.matches("EXERCISE EXERCISE EXERCISE").count(), 1);
    assert_eq!(text.matches("runner carries").count(), 60);
    assert!(text.contains("do not act on it after 12-May-2026 21:00"), "{text}");
    assert!(press.runner_slips(&slips, &head(None), &Zone::london()).unwrap().pdf.starts_with(b"%PDF"));
    assert!(press.runner_slips(&[], &head(None), &Zone::london()).is_err(), "nothing to print is said");
}
