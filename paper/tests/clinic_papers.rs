//! Clinic lists and door lists on paper: everybody is on them, what was decided of each, and an empty one says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{Moment, Zone};
use paper::{ClinicList, ClinicRow, Decided, DoorList, DoorRow, Letterhead, Press};

fn head(watermark: Option<&str>) -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: "Cyber attack".into(),
        printed: Moment::parse_rfc3339("2026-05-12T06:00:00Z").unwrap(),
        watermark: watermark.map(str::to_owned),
        record: "incident book up to entry 9".into(),
    }
}

fn row(n: usize) -> ClinicRow {
    ClinicRow {
        time: format!("{:02}:{:02}", 9 + n / 6, n % 6 * 10),
        name: format!("EXAMPLE{n}, Fredrica (Mrs)"),
        born: "14-Jul-1945".into(),
        nhs_number: "999 123 4567".into(),
        reason: "Review of results".into(),
        problems: "Allergic to penicillin".into(),
        decided: [Decided::Keep, Decided::Postponed, Decided::Escalated, Decided::NotDecided][n % 4],
        decided_note: "told by text".into(),
        class: "B".into(),
        why: "urgent by its kind (rule B)".into(),
        phone: "07700 900123".into(),
    }
}

fn list(rows: Vec<ClinicRow>) -> ClinicList {
    ClinicList {
        clinic: "Clinic 4".into(),
        day: "Tuesday 12 May 2026".into(),
        place: "Level 2, Dr A. Example".into(),
        as_at: "Data as at 12-May-2026 05:00, 2 hours old".into(),
        rows,
    }
}

fn words(pages: Vec<Vec<String>>) -> Vec<String> {
    pages.into_iter().map(|page| page.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_clinics_list_names_everybody_and_what_was_decided() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let lists = [list((0..30).map(row).collect()), list((30..33).map(row).collect())];
    let pages = words(press.clinic_lists_words(&lists, &head(Some("EXERCISE")), &zone));
    assert!(pages.len() > 2);
    let all = pages.join(" ");
    for n in 0..33 {
        assert!(all.contains(&format!("EXAMPLE{n}, Fredrica")), "{n} is missing");
    }
    for want in [
        "30 booked: 8 keep, 8 postponed, 7 escalated, 7 not decided",
        "3 booked: 1 keep, 1 escalated, 1 not decided",
        "Born 14-Jul-1945",
        "NHS No. 999 123 4567",
        "Allergic to penicillin",
        "POSTPONED told by text",
        "Class B urgent by its kind (rule B)",
        "07700 900123",
        "Level 2, Dr A. Example",
    ] {
        assert!(all.contains(want), "{want}: {all}");
    }
    let first: Vec<&String> = pages.iter().take(pages.len() - 1).collect();
    for (n, page) in first.iter().enumerate() {
        assert!(page.contains(&format!("page {} of {}", n + 1, first.len())), "{page}");
    }
    assert!(pages.last().unwrap().contains("page 1 of 1"), "each clinic has its own pages");
    for page in &pages {
        assert!(page.contains("EXERCISE") && page.contains("Clinic 4 · Tuesday 12 May 2026"), "{page}");
        assert!(page.contains("Data as at 12-May-2026 05:00, 2 hours old"), "{page}");
        assert!(page.contains("Printed 12-May-2026 07:00"), "{page}");
    }
    let done = press.clinic_lists(&lists, &head(None), &zone).unwrap();
    assert!(done.pdf.starts_with(b"%PDF-") && done.pages as usize == pages.len());
    assert!(press.clinic_lists(&[], &head(None), &zone).is_err(), "nothing to print is said");
}

#[test]
fn what_is_not_recorded_says_so_and_an_empty_clinic_has_room_to_write() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let all =
        words(press.clinic_lists_words(&[list(vec![ClinicRow::default()])], &head(None), &zone)).join(" ");
    for want in
        ["NAME NOT RECORDED", "Born Not recorded", "NHS No. Not recorded", "None recorded", "Not decided"]
    {
        assert!(all.contains(want), "{want}: {all}");
    }
    let all = words(press.clinic_lists_words(&[list(Vec::new())], &head(None), &zone)).join(" ");
    assert!(all.contains("0 booked") && all.contains("Nobody is known to be booked"), "{all}");
    assert_eq!(all.matches('☐').count(), 12, "lines to write on");
}

#[test]
fn names_of_any_length_and_script_are_printed_whole() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let long = "Wilhelmina ".repeat(30);
    let odd = ClinicRow { name: format!("EXAMPLE, {long}(Mrs)"), ..row(0) };
    let script = ClinicRow { name: "王, 芳".into(), ..row(1) };
    let all = words(press.clinic_lists_words(&[list(vec![odd, script])], &head(None), &zone)).join(" ");
    assert_eq!(all.matches("Wilhelmina").count(), 30);
    assert!(all.contains("[U+738B]") && all.contains("Go by NHS number and date of birth"), "{all}");
    let door = DoorList {
        rows: vec![DoorRow { name: "王, 芳".into(), ..DoorRow::default() }],
        ..DoorList::default()
    };
    let all = words(press.door_list_words(&door, &head(None), &zone)).join(" ");
    assert!(all.contains("[U+738B]") && all.contains("Go by date of birth and time"), "{all}");
}

fn door(n: usize) -> DoorRow {
    DoorRow {
        // In the order of no alphabet.
        name: format!("EXAMPLE{:03}, Fredrica", n * 37 % 101),
        born: format!("{:02}-Jul-1945", n % 28 + 1),
        time: "09:30".into(),
        clinic: "Clinic 4".into(),
        decided: "Postponed, not reached".into(),
        what_to_do: "Say sorry. Take a number to call. New date within two weeks.".into(),
    }
}

#[test]
fn a_door_list_is_in_the_order_of_names_with_a_box_for_each() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let list = DoorList {
        place: "Northgate General, main entrance".into(),
        day: "Tuesday 12 May 2026".into(),
        as_at: "Data as at 12-May-2026 05:00, 2 hours old".into(),
        in_doubt: "Clinics' desk, extension 4021".into(),
        rows: (0..90).map(door).collect(),
    };
    let pages = words(press.door_list_words(&list, &head(Some("EXERCISE")), &zone));
    let all = pages.join(" ");
    assert_eq!(all.matches("Postponed, not reached").count(), 90);
    assert_eq!(all.matches('☐').count(), 93);
    let names: Vec<&str> = all.split("EXAMPLE").skip(1).map(|rest| &rest[..3]).collect();
    assert!(names.len() == 90 && names.is_sorted(), "{names:?}");
    for want in
        ["90 people may come", "Clinics' desk, extension 4021", "seen by a nurse first", "main entrance"]
    {
        assert!(all.contains(want), "{want}: {all}");
    }
    for (n, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("page {} of {}", n + 1, pages.len())), "{page}");
        assert!(page.contains("EXERCISE") && page.contains("2 hours old"), "{page}");
    }
    let done = press.door_list(&list, &head(None), &zone).unwrap();
    assert!(done.pdf.starts_with(b"%PDF-") && done.pages as usize == pages.len());
    let empty = words(press.door_list_words(&DoorList::default(), &head(None), &zone)).join(" ");
    assert!(empty.contains("Nobody is on this list") && empty.matches('☐').count() == 12, "{empty}");
}
