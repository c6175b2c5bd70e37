//! Letters to patients, read back: each whole, with its own pages, and nobody's on the back of somebody else's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use care::notices::{self, Booking, Channel, Draft, Fields, Format, Language, Message, Notice, Paragraph};
use paper::{Fault, LETTERS_MAX, Letter, LetterHead, Press};

fn notice(format: Format, language: Language) -> Notice {
    let files = notices::shipped().iter().map(|(name, text)| (*name, text.as_bytes()));
    let templates = notices::read_all(files).unwrap();
    let fields = Fields {
        hospital: "Northgate General Hospital".into(),
        phone: "020 7946 0000".into(),
        hours: "8am to 8pm, every day".into(),
        name: "Mrs Example".into(),
        hear_by: "30 May".into(),
        bookings: vec![Booking {
            date: "Tuesday 12 May".into(),
            time: "10:30am".into(),
            clinic: "Clinic 4, level 2".into(),
            ..Booking::default()
        }],
        ..Fields::default()
    };
    let draft = Draft { message: Message::Postponed, channel: Channel::Letter, language, format, fields };
    notices::compose(&templates, &draft).unwrap()
}

fn letter(n: usize, notice: &Notice) -> Letter {
    Letter {
        to: format!("Mrs Fredrica Example {n}\n{n} Example Street\nNorthgate\nNG1 1AA"),
        date: "11 May 2026".into(),
        reference: format!("LB-{n:05}"),
        subject: notice.subject.clone(),
        body: notice.paragraphs.clone(),
        language: notice.language,
        large_print: notice.format == Format::LargePrint,
    }
}

fn head(watermark: Option<&str>) -> LetterHead {
    LetterHead {
        hospital: "Northgate General Hospital".into(),
        sender: ["Appointments team", "1 Hospital Road", "Northgate NG1 2ZZ", "020 7946 0000"]
            .map(str::to_owned)
            .into(),
        signed: "The appointments team".into(),
        watermark: watermark.map(str::to_owned),
        both_sides: false,
    }
}

fn pages(letters: &[Letter], head: &LetterHead) -> Vec<String> {
    let pages = Press::new().unwrap().letters_words(letters, head);
    pages.iter().map(|page| page.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_standard_letter_is_one_page_with_all_its_words() {
    let notice = notice(Format::Standard, Language::English);
    let pages = pages(&[letter(7, &notice)], &head(None));
    assert_eq!(pages.len(), 1, "{pages:#?}");
    for want in [
        "Mrs Fredrica Example 7 7 Example Street Northgate NG1 1AA",
        "11 May 2026 Our reference: LB-00007",
        "Your appointment on Tuesday 12 May is postponed. Please do not come.",
        "Yours sincerely The appointments team",
        "Page 1 of 1",
    ] {
        assert!(pages[0].contains(want), "{want}: {}", pages[0]);
    }
    for paragraph in &notice.paragraphs {
        let words = paragraph.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(pages[0].contains(&words), "{words}: {}", pages[0]);
    }
    assert!(!pages[0].contains("EXERCISE"));
}

#[test]
fn no_page_holds_the_signature_alone() {
    for (format, language) in
        Format::ALL.into_iter().flat_map(|format| Language::ALL.map(|language| (format, language)))
    {
        let pages = pages(&[letter(7, &notice(format, language))], &head(None));
        let last = pages.last().unwrap();
        assert!(last.split(' ').count() > 25, "{format:?} {language:?}: {last}");
    }
}

#[test]
fn large_print_runs_over_pages_that_say_which_they_are() {
    let notice = notice(Format::LargePrint, Language::English);
    let pages = pages(&[letter(7, &notice), letter(8, &notice)], &head(None));
    assert!(pages.len() >= 4 && pages.len().is_multiple_of(2), "{pages:#?}");
    let each = pages.len() / 2;
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {each}", at % each + 1)), "{page}");
        let whose = if at < each { "LB-00007" } else { "LB-00008" };
        assert!(page.contains(whose), "{page}");
    }
    let all = pages[..each].join(" ");
    for word in notice.paragraphs.iter().flat_map(|p| p.text().split_whitespace()) {
        assert!(all.contains(word), "{word} is lost");
    }
}

#[test]
fn an_exercise_says_so_on_every_page_and_welsh_speaks_welsh() {
    let notice = notice(Format::LargePrint, Language::Welsh);
    let letters = [letter(7, &notice)];
    let pages = pages(&letters, &head(Some("EXERCISE")));
    assert!(pages.len() > 1);
    assert!(pages.iter().all(|page| page.contains("EXERCISE")), "{pages:#?}");
    assert!(pages[0].contains("EXERCISE: not a real letter, do not post"));
    let last = pages.last().unwrap();
    assert!(last.contains(&format!("Tudalen {0} o {0}", pages.len())) && last.contains("Yn gywir"), "{last}");
    assert!(pages[0].contains("Ein cyfeirnod"));
}

#[test]
fn nobodys_letter_begins_on_the_back_of_anothers() {
    let (one, three) =
        (notice(Format::Standard, Language::English), notice(Format::LargePrint, Language::English));
    let letters = [letter(1, &one), letter(2, &three), letter(3, &one)];
    let head = LetterHead { both_sides: true, ..head(None) };
    let pages = pages(&letters, &head);
    assert!(pages.len().is_multiple_of(2));
    for (at, page) in pages.iter().enumerate().filter(|(_, page)| page.contains("Page 1 of")) {
        assert!(at.is_multiple_of(2), "a letter begins on page {}: {page}", at + 1);
    }
    let done = Press::new().unwrap().letters(&letters, &head).unwrap();
    assert_eq!(done.pages as usize, pages.len());
}

#[test]
fn long_names_addresses_and_notices_lose_no_word() {
    let long = Letter {
        to: format!(
            "{}\n{}\nNG1 1AA",
            "Wilhelmina-Constantinople ".repeat(6),
            "The Old Corn Exchange ".repeat(8)
        ),
        date: "11 May 2026".into(),
        subject: "Word ".repeat(60),
        body: (0..60)
            .flat_map(|n| {
                [
                    Paragraph::Heading(format!("Heading {n}")),
                    Paragraph::Text(format!("w{n} {}", "text ".repeat(90))),
                    Paragraph::Bullet(format!("b{n}")),
                ]
            })
            .collect(),
        ..Letter::default()
    };
    let pages = pages(std::slice::from_ref(&long), &LetterHead::default());
    let all = pages.join(" ");
    for n in 0..60 {
        assert!(
            all.contains(&format!("Heading {n} w{n} ")) && all.contains(&format!("b{n} ")),
            "{n}: a heading alone"
        );
    }
    assert_eq!(all.matches("text").count(), 60 * 90);
    assert_eq!(all.matches("Constantinople").count(), 6);
    assert_eq!(all.matches("Corn Exchange").count(), 8);
}

#[test]
fn many_letters_are_one_file_that_is_read_back() {
    let press = Press::new().unwrap();
    let notice = notice(Format::Standard, Language::English);
    let letters: Vec<Letter> = (1..=210).map(|n| letter(n, &notice)).collect();
    let done = press.letters(&letters, &head(None)).unwrap();
    assert!(done.pdf.starts_with(b"%PDF-") && done.pages == 210);
    let marked = |pdf: &[u8]| pdf.windows(14).any(|bytes| bytes == b"StructTreeRoot");
    let few = press.letters(&letters[..3], &head(None)).unwrap();
    assert!(
        marked(&few.pdf) && !marked(&done.pdf),
        "few are marked for those who listen, many are for a printer"
    );
    assert_eq!(done.pdf, press.letters(&letters, &head(None)).unwrap().pdf, "equal letters, equal bytes");
    assert!(matches!(press.letters(&[], &head(None)), Err(Fault::NothingToPrint)));
    let too_many = vec![Letter::default(); LETTERS_MAX + 1];
    let fault = press.letters(&too_many, &head(None)).unwrap_err().to_string();
    assert_eq!(fault, "laying out 20001 letters failed: at most 20000 are printed in one file");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letters.pdf");
    std::fs::write(&path, &done.pdf).unwrap();
    let Ok(output) = std::process::Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output() else {
        return println!("pdftotext absent, skipped: reading the letters back from the file");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    for n in 1..=210 {
        assert!(
            text.contains(&format!("Mrs Fredrica Example {n}\n{n} Example Street\nNorthgate\nNG1 1AA")),
            "{n}"
        );
    }
}
