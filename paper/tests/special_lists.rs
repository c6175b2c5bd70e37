//! Special lists on paper: everybody is on them, what presses stands out, and an empty one says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{Moment, Zone};
use paper::{Letterhead, Press, SpecialListLine, SpecialListSheet};

fn head() -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-05-12T06:00:00Z").unwrap(),
        watermark: None,
        record: String::new(),
    }
}

fn line(n: usize) -> SpecialListLine {
    SpecialListLine {
        due: if n == 0 { "OVERDUE since 11-May-2026".into() } else { format!("{n}-Jun-2026 08:00") },
        pressing: n == 0,
        name: format!("EXAMPLE{n}, Fredrica (Mrs)"),
        born: "14-Jul-1945".into(),
        nhs_number: "999 123 4567".into(),
        because: "Renal unit: Haemodialysis".into(),
        note: String::new(),
        phone: "07700 900123".into(),
        site: "Northgate General".into(),
    }
}

#[test]
fn everybody_is_on_the_sheet_and_an_empty_list_says_so() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let full = SpecialListSheet {
        name: "Dialysis".into(),
        why: "a missed session endangers life within days".into(),
        count: "28 people: 1 overdue".into(),
        as_at: "Data as at 12-May-2026 05:00".into(),
        silent: "Silent: pathology since 12-May-2026 04:10.".into(),
        rows: (0..28).map(line).collect(),
    };
    let empty =
        SpecialListSheet { name: "Insulin".into(), count: "Nobody".into(), ..SpecialListSheet::default() };
    let pages = press.special_lists_words(&[full.clone(), empty], &head(), &zone);
    let all = pages.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for n in 0..28 {
        assert!(all.contains(&format!("EXAMPLE{n}, Fredrica")), "{n} is missing");
    }
    for want in [
        "Special list · Dialysis",
        "OVERDUE since 11-May-2026",
        "28 people: 1 overdue",
        "Nobody is known",
        "Data as at 12-May-2026 05:00",
        "Silent: pathology since 12-May-2026 04:10.",
    ] {
        assert!(all.contains(want), "{want:?} is missing:\n{all}");
    }
    let rendered = press.special_lists(&[full], &head(), &zone).unwrap();
    assert!(rendered.pages >= 2 && rendered.pdf.starts_with(b"%PDF"));
}
