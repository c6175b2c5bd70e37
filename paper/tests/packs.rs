//! A fictional ward's pack, read back: every sheet identified, nothing missing, nothing cut, nothing misread.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::sample;

use basics::Zone;
use care::{MedicationRequest, PatientKey};
use paper::{Fault, Press, SheetKind, read_sheet_code};
use std::path::Path;
use std::sync::Arc;

fn words(pack: &care::ward_pack::WardPack) -> Vec<String> {
    let press = Press::new().unwrap();
    press.ward_pack_words(pack, &Zone::london()).iter().map(|page| page.join("\n")).collect()
}

/// One line, single spaces: how a reader's eye joins wrapped lines.
fn joined(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_sample_ward_prints_word_for_word() {
    let pages = words(&sample::ward());
    let mut shown = String::new();
    for (n, page) in pages.iter().enumerate() {
        shown.push_str(&format!("==== page {} ====\n{page}\n", n + 1));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ward.txt");
    if std::env::var_os("LIFEBOAT_BLESS").is_some() {
        std::fs::write(&path, &shown).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (got, want)) in shown.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, want, "line {} of tests/golden/ward.txt; LIFEBOAT_BLESS=1 rewrites it", n + 1);
    }
    assert_eq!(shown.lines().count(), expected.lines().count());
}

#[test]
fn every_page_says_whose_it_is_and_how_old_its_data_are() {
    let pack = sample::ward();
    let press = Press::new().unwrap();
    let done = press.ward_pack(&pack, &Zone::london()).unwrap();
    let pages = words(&pack);
    assert_eq!(done.pages as usize, pages.len());
    for sheet in &done.sheets {
        assert_eq!(read_sheet_code(&sheet.code).as_deref(), Some(sheet.code.as_str()));
        let record = pack.patients.iter().find(|r| Some(r.key) == sheet.patient);
        for page in sheet.page..sheet.page + sheet.pages {
            let text = joined(&pages[page as usize - 1]);
            let mut wanted = vec![
                format!("{} of {} in the pack", page, done.pages),
                "Data as at 12-May-2017 17:01".to_owned(),
                "4 minutes old when made".to_owned(),
                format!("{}-{}-{}", &sheet.code[..4], &sheet.code[4..8], &sheet.code[8..]),
                "COTE1".to_owned(),
            ];
            if let Some(record) = record {
                if let Some(name) = record.name.as_ref().filter(|n| n.family.is_ascii()) {
                    wanted.push(name.banner());
                }
                wanted
                    .push(record.birth_date.map_or("Born Not recorded".to_owned(), |d| format!("Born {d}")));
                wanted.push(
                    record.nhs_number().map_or("NHS No. Not recorded".to_owned(), |n| format!("NHS No. {n}")),
                );
                wanted.push("Bed".to_owned());
            }
            for want in wanted {
                assert!(text.contains(&want), "page {page} lacks {want:?}: {text}");
            }
        }
    }
    let kinds: Vec<_> =
        done.sheets.iter().filter(|s| s.patient == Some(PatientKey(1))).map(|s| s.kind).collect();
    assert_eq!(kinds, [SheetKind::Summary, SheetKind::Observations, SheetKind::Medicines, SheetKind::Slips]);
}

#[test]
fn nothing_of_a_long_record_is_lost() {
    let mut long = sample::fredrica();
    for n in 0..80 {
        long.medications.push(sample::medicine(
            &format!("Testamab-{n}"),
            "1 mg",
            "oral",
            "once a day",
            Some(24.0),
        ));
        long.reports[1].results.push(sample::observation(
            &format!("Analyte{n}"),
            "1.10",
            "g/L",
            "",
            "2017-05-12T06:10:00Z",
            None,
        ));
        long.allergies
            .list
            .push(care::AllergyIntolerance { substance: format!("Substance{n}"), ..Default::default() });
    }
    long.reports[0].text = (0..400).map(|n| format!("Line{n} of a long report\n")).collect();
    let text = words(&sample::pack(vec![long])).join(" ");
    for n in 0..80 {
        for what in [format!("Testamab-{n}\n"), format!("Analyte{n}\n"), format!("Substance{n}\n")] {
            assert!(text.contains(&what), "{what} is missing");
        }
    }
    assert!(text.contains("more lines of allergies: see the summary"));
    assert!(text.contains("Line200 of a long report") && text.contains("more characters, not printed here"));
}

#[test]
fn a_list_past_its_ceiling_says_how_many_are_missing() {
    let mut long = sample::fredrica();
    for n in 0..200 {
        long.reports[1].results.push(sample::observation(
            &format!("Analyte{n}"),
            "1",
            "",
            "",
            "2017-05-12T06:10:00Z",
            None,
        ));
    }
    let text = words(&sample::pack(vec![long])).join(" ");
    assert!(joined(&text).contains("and 57 more tests, not printed"), "no count of what is missing");
}

#[test]
fn an_absurd_name_does_not_push_the_page_away() {
    let mut r = sample::fredrica();
    r.name = Some(sample::person(&"Longname ".repeat(400), "Fredrica", "Mrs"));
    r.identifiers[1].value = "9".repeat(5_000);
    let pages = words(&sample::pack(vec![r]));
    assert!(pages.len() < 20, "{} pages", pages.len());
    for page in pages.iter().filter(|p| !p.contains("Ward census")) {
        assert!(
            joined(page).contains("LONGNAME LONGNAME") && joined(page).contains("more characters"),
            "{page}"
        );
        assert!(joined(page).contains("NHS No. 999 100 0011"));
    }
}

#[test]
fn doses_are_bold_labelled_whole_and_safely_written() {
    let mut r = sample::fredrica();
    let awkward = "250 micrograms in 50 mL sodium chloride 0.9 % over 20 minutes then .5 mg hourly";
    r.medications = vec![MedicationRequest {
        id: "x".to_owned(),
        ..sample::medicine("Testolol", awkward, "iv", "as charted", None)
    }];
    let text = joined(&words(&sample::pack(vec![r])).join(" "));
    assert!(
        text.contains(
            "Dose 250 micrograms in 50 mL sodium chloride 0.9 % over 20 minutes then 0.5 mg hourly"
        ),
        "{text}"
    );
    for page in words(&sample::ward()) {
        for bad in ["mcg", "2.50 mg", "1.0 g", " .5"] {
            assert!(!page.contains(bad), "{bad} in {page}");
        }
    }
}

#[test]
fn children_get_no_score_and_are_told_why() {
    let pages = words(&sample::ward());
    let child: Vec<_> =
        pages.iter().filter(|p| p.contains("ACHTERBERG") && p.contains("Observation chart")).collect();
    assert_eq!(child.len(), 1);
    assert!(
        child[0].contains("without scores")
            && joined(child[0]).contains("NEWS2 is not for patients under 16")
    );
}

#[test]
fn allergies_stand_under_one_of_four_headings_on_summary_and_chart() {
    for (key, heading) in [
        (1, "Known allergies"),
        (2, "No known allergies"),
        (3, "Allergies unavailable"),
        (4, "Allergies not recorded"),
    ] {
        let pack = sample::ward();
        let done = Press::new().unwrap().ward_pack(&pack, &Zone::london()).unwrap();
        let pages = words(&pack);
        for sheet in done.sheets.iter().filter(|s| s.patient == Some(PatientKey(key))) {
            if matches!(sheet.kind, SheetKind::Summary | SheetKind::Medicines) {
                assert!(
                    pages[sheet.page as usize - 1].lines().any(|l| l == heading),
                    "{heading} on {:?}",
                    sheet.kind
                );
            }
        }
    }
}

#[test]
fn the_dead_and_the_exercise_are_marked_on_every_page() {
    let mut pack = sample::ward();
    pack.watermark = Some("EXERCISE".to_owned());
    for page in words(&pack) {
        assert!(page.contains("EXERCISE: not for patient care"));
        if page.contains("VANDERSTEEN") && !page.contains("Ward census") {
            assert!(page.contains("DECEASED 12-May-2017 04:10"), "{page}");
        }
    }
}

#[test]
fn silent_feeds_stand_on_the_census_and_are_marked_on_every_sheet() {
    let silent = |name: &str, since: Option<&str>| care::ward_pack::SilentFeed {
        name: basics::FeedName::new(name).unwrap(),
        since: since.map(|at| basics::Moment::parse_rfc3339(at).unwrap()),
    };
    let mut pack = sample::ward();
    for page in words(&pack) {
        assert!(!page.to_lowercase().contains("silent"), "{page}");
    }
    pack.silent = vec![silent("pathology", Some("2017-05-12T12:55:00Z")), silent("pharmacy", None)];
    let pages = words(&pack);
    let census = joined(&pages[0]);
    for said in [
        "pathology, nothing since 12-May-2017 13:55 (3 hours 10 minutes)",
        "pharmacy, nothing ever received",
        "ask before you rely on it",
        // The age of what the others told stands beside it.
        "Data as at 12-May-2017 17:01",
    ] {
        assert!(census.contains(said), "{said}: {census}");
    }
    for page in &pages {
        assert!(joined(page).contains("Feeds silent: pathology, pharmacy"), "{page}");
    }
    let press = Press::new().unwrap();
    let one = press.patient_sheets(&pack, PatientKey(1), &Zone::london()).unwrap();
    assert!(one.pages > 0);
    // However many, and whatever they are called: a mark, and a list that says how many it leaves out.
    pack.silent = (0..40).map(|n| silent(&format!("feed-with-a-long-name-{n:02}"), None)).collect();
    pack.list.name = "A ward with a name that goes on and on".repeat(3);
    let pages = words(&pack);
    assert!(joined(&pages[0]).contains("and 28 more feeds"), "{}", pages[0]);
    assert!(pages.iter().all(|page| joined(page).contains("40 feeds silent")));
    // A blank form holds nothing that could be missing.
    let blank = press.blank_forms(&pack, &Zone::london()).unwrap();
    pack.silent.clear();
    assert_eq!(blank.pdf, press.blank_forms(&pack, &Zone::london()).unwrap().pdf);
}

#[test]
fn feeds_kept_apart_stand_on_the_census_and_are_marked_on_every_sheet() {
    let mut pack = sample::ward();
    for page in words(&pack) {
        assert!(!page.to_lowercase().contains("kept apart"), "{page}");
    }
    pack.apart = vec![care::ward_pack::SilentFeed {
        name: basics::FeedName::new("pathology").unwrap(),
        since: Some(basics::Moment::parse_rfc3339("2017-05-12T12:55:00Z").unwrap()),
    }];
    let pages = words(&pack);
    let census = joined(&pages[0]);
    for said in ["pathology, nothing let in since 12-May-2017 13:55", "ask before you rely on it"] {
        assert!(census.contains(said), "{said}: {census}");
    }
    for page in &pages {
        assert!(joined(page).contains("Feeds kept apart: pathology"), "{page}");
    }
}

#[test]
fn an_empty_ward_an_unknown_age_and_blank_forms_print() {
    let press = Press::new().unwrap();
    let zone = Zone::london();
    let mut pack = sample::pack(Vec::new());
    pack.list.rows.clear();
    pack.data_as_at = None;
    assert_eq!(press.ward_pack(&pack, &zone).unwrap().pages, 1);
    assert!(words(&pack)[0].contains("Age of the data unknown"));
    let blank = press.blank_forms(&pack, &zone).unwrap();
    assert_eq!(blank.pages, 4);
    assert!(blank.sheets.iter().all(|s| s.patient.is_none()));
    assert!(matches!(press.patient_sheets(&pack, PatientKey(9), &zone), Err(Fault::PatientNotInPack)));
}

#[test]
fn one_patients_sheets_come_alone_and_equal_data_give_equal_bytes() {
    let press = Arc::new(Press::new().unwrap());
    let pack = Arc::new(sample::ward());
    let one = press.patient_sheets(&pack, PatientKey(1), &Zone::london()).unwrap();
    assert!(one.sheets.iter().all(|s| s.patient == Some(PatientKey(1))));
    let again: Vec<_> = (0..2)
        .map(|_| {
            let (press, pack) = (Arc::clone(&press), Arc::clone(&pack));
            std::thread::spawn(move || press.patient_sheets(&pack, PatientKey(1), &Zone::london()).unwrap())
        })
        .map(|t| t.join().unwrap())
        .collect();
    assert!(again.iter().all(|r| *r == one), "the same pack gave different bytes");
}

#[test]
fn fonts_are_embedded_and_structure_is_marked() {
    let press = Press::new().unwrap();
    let pdf = press.ward_pack(&sample::ward(), &Zone::london()).unwrap().pdf;
    let has = |needle: &str| pdf.windows(needle.len()).any(|w| w == needle.as_bytes());
    assert!(pdf.starts_with(b"%PDF-1.5"));
    assert!(has("/Lang") && has("en-GB"), "no language");
    assert!(has("/MarkInfo"), "not marked as tagged");
    if let Some(listing) = run("pdffonts", &pdf) {
        let fonts: Vec<&str> = listing.lines().skip(2).collect();
        assert!(
            !fonts.is_empty() && fonts.iter().all(|f| f.contains("DejaVu") && f.contains("yes yes yes")),
            "{listing}"
        );
    }
    if let Some(info) = run("pdfinfo", &pdf) {
        assert!(
            info.contains("Tagged:          yes") && info.contains("Ward pack: Care of the elderly 1"),
            "{info}"
        );
    }
}

#[test]
fn a_name_in_letters_that_cannot_be_printed_says_what_to_go_by_instead() {
    let with_name = |family: &str, given: &str| {
        let mut record = sample::fredrica();
        record.name = Some(sample::person(family, given, "Ms"));
        words(&sample::pack(vec![record])).iter().map(|p| joined(p)).collect::<Vec<_>>()
    };
    for page in with_name("王", "秀英").iter().filter(|p| p.contains("[U+738B]")) {
        assert!(page.contains("Go by NHS number and date of birth"), "{page}");
        assert!(page.contains("NHS No. 999 100 0011") && page.contains("Born 14-Jul-1945"), "{page}");
    }
    assert!(with_name("王", "秀英").iter().any(|p| p.contains("[U+738B], [U+79C0][U+82F1] (Ms)")));
    for (family, given) in
        [("Nguyễn", "Thị Hồng Ánh"), ("العبدالرحمن", "محمد بن سلمان"), ("O'Brien [sic]", "Séamus")]
    {
        assert!(!with_name(family, given).concat().contains("Codes in [brackets]"), "{family}");
    }
}

/// What one of poppler's tools says of a file, complaints too; `None` where they are not installed.
fn run(tool: &str, pdf: &[u8]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.pdf");
    std::fs::write(&path, pdf).unwrap();
    let Ok(output) = std::process::Command::new(tool).arg(&path).output() else {
        println!("{tool} absent, skipped: reading the file back with it");
        return None;
    };
    assert!(output.stderr.is_empty(), "{tool} complains: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
