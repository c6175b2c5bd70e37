//! The sheets of a key ceremony: every word is there with its number, on one page with what to do; no secret on the
//! instructions.

use basics::{Moment, Zone};
use paper::{KeyInstructions, KeyShareSheet, Letterhead, Press};

fn head() -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap(),
        watermark: None,
        record: "acorn tulip harbour walnut zebra lantern canyon meadow".into(),
    }
}

/// Twenty words as a ceremony makes them; invented, and no share of anything.
fn words() -> Vec<String> {
    (0..20).map(|n| basics::words::word(n * 51 % 1024).to_owned()).collect()
}

fn share() -> KeyShareSheet {
    KeyShareSheet {
        number: 2,
        many: 3,
        needed: 2,
        ceremony: words()[..2].join(" "),
        words: words(),
        code: format!("LIFEBOAT:SHARE:{}", words().join(" ").to_uppercase()),
        fingerprint: head().record,
        record: "/var/lib/lifeboat on lifeboat-1".into(),
        data: "/var/lib/lifeboat".into(),
    }
}

fn instructions() -> KeyInstructions {
    KeyInstructions {
        many: 3,
        needed: 2,
        ceremony: share().ceremony,
        fingerprint: head().record,
        verifying_key: "ab".repeat(32),
        record: share().record,
        data: "/var/lib/lifeboat".into(),
        ways: vec!["Slot 1: a passphrase.".into(), "Slot 2: 2 of 3 shares.".into()],
    }
}

#[test]
fn a_share_is_one_page_with_every_word_numbered_and_what_to_do() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let pages = press.key_share_words(&share(), &head(), &zone);
    assert_eq!(pages.len(), 1, "whoever takes it out of the safe holds all there is");
    let page = &pages[0];
    for (n, word) in words().iter().enumerate() {
        let at = page
            .iter()
            .position(|text| text == word)
            .unwrap_or_else(|| panic!("{word} is missing: {page:?}"));
        assert_eq!(page[at - 1], (n + 1).to_string(), "{word}");
    }
    let text = page.join(" ");
    for wanted in [
        "Key share 2 of 3",
        "Any 2 of the 3 sheets",
        "lifeboat keys unseal --shares --data /var/lib/lifeboat",
        &head().record,
        "/var/lib/lifeboat on lifeboat-1",
        "Where to keep it",
        "12-May-2026",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let pdf = press.key_share(&share(), &head(), &zone).unwrap();
    assert!(pdf.pdf.starts_with(b"%PDF") && pdf.pages == 1);
    assert_eq!(format!("{:?}", share()), "KeyShareSheet(2 of 3, …)");
}

/// Words of the share, beyond the ceremony's two, that a text gives away.
fn given_away(text: &str) -> Vec<String> {
    let own = |word: &&String| text.split(|c: char| !c.is_alphabetic()).any(|part| part == word.as_str());
    let harmless = head().record;
    words()[2..].iter().filter(own).filter(|word| !harmless.contains(word.as_str())).cloned().collect()
}

#[test]
fn the_instructions_hold_no_secret() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let pages = press.key_instructions_words(&instructions(), &head(), &zone);
    let text = pages.concat().join(" ");
    assert_eq!(given_away(&text), Vec::<String>::new());
    for wanted in
        ["holds no secret", "lifeboat seal", "replace shares", "Slot 2: 2 of 3 shares.", &"ab".repeat(32)]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(pages.len() <= 2, "{} pages", pages.len());
    assert!(press.key_instructions(&instructions(), &head(), &zone).unwrap().pdf.starts_with(b"%PDF"));
    // The planted fault: instructions that name a way in by the words that open it.
    let mut telling = instructions();
    telling.ways.push(words().join(" "));
    let pages = press.key_instructions_words(&telling, &head(), &zone);
    assert!(!given_away(&pages.concat().join(" ")).is_empty(), "the planted fault went unseen");
}
