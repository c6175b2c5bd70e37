//! The page by which devices learn to trust: every word with its number, every address, on one page.

use basics::{Moment, Zone};
use paper::{AuthorityPage, Letterhead, Press};

fn head() -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap(),
        watermark: None,
        record: String::new(),
    }
}

/// An invented authority with so many words.
fn page(words: u16) -> AuthorityPage {
    AuthorityPage {
        name: "Lifeboat 2026-05-12 Northgate and Southmere Hospitals".into(),
        words: (0..words).map(|n| basics::words::word(n * 51 % 1024).to_owned()).collect(),
        sha256: ["AB"; 32].join(":"),
        certificate: "http://lifeboat.northgate.example:8480/authority.crt".into(),
        pages: "https://lifeboat.northgate.example:8480".into(),
    }
}

#[test]
fn the_page_says_what_to_fetch_what_to_compare_and_when_to_stop() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let pages = press.authority_page_words(&page(12), &head(), &zone);
    assert_eq!(pages.len(), 1, "one page to put up");
    let words = &pages[0];
    for (n, word) in page(12).words.iter().enumerate() {
        let at = words.iter().position(|text| text == word).unwrap_or_else(|| panic!("{word} is missing"));
        assert_eq!(words[at - 1], (n + 1).to_string(), "{word}");
    }
    let text = words.join(" ");
    for wanted in
        ["http://lifeboat.northgate.example:8480/authority.crt", "If they are others: stop", "12-May-2026"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let pdf = press.authority_page(&page(12), &head(), &zone).unwrap();
    assert!(pdf.pdf.starts_with(b"%PDF") && pdf.pages == 1);
    // A page that is too long for one would be seen.
    assert!(
        press
            .authority_page_words(&AuthorityPage { sha256: "AB:".repeat(4_000), ..page(12) }, &head(), &zone)
            .len()
            > 1
    );
}
