//! Invitations: one page each with all that its person needs, no code on another's page, and hostile names printed as they are.

use basics::{Moment, Zone};
use paper::{Invitation, Letterhead, Press};

fn head() -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap(),
        watermark: None,
        record: String::new(),
    }
}

fn letter(number: &str, name: &str, code: &str) -> Invitation {
    Invitation {
        name: name.into(),
        number: number.into(),
        roles: "ward clinician".into(),
        places: "AMU at Northgate General".into(),
        code: code.into(),
        until: Moment::parse_rfc3339("2026-05-26T13:00:00Z").unwrap(),
        address: "https://lifeboat.northgate.example".into(),
        whom: "Alex Rowe (ext 4021)".into(),
    }
}

#[test]
fn each_person_has_a_page_of_their_own_with_all_they_need() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let letters = [
        letter("N1", "Anna Bell", "ABCD-EFGH-JKMN-PQRS"),
        letter("N2", "=cmd|'/C calc'!A0 <b>", "2222-3333-4444-5555"),
    ];
    let pages = press.invitations_words(&letters, &head(), &zone);
    assert_eq!(pages.len(), 2);
    let text = pages[0].join(" ");
    for wanted in [
        "Anna Bell",
        "N1",
        "ABCD-EFGH-JKMN-PQRS",
        "26-May-2026",
        "https://lifeboat.northgate.example/sign-in",
        "Alex Rowe (ext 4021)",
        "page 1 of 1",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is missing: {text}");
    }
    assert!(!text.contains("2222-3333"), "{text}");
    let other = pages[1].join(" ");
    assert!(other.contains("=cmd|'/C calc'!A0 <b>") && !other.contains("ABCD-EFGH"), "{other}");
    assert_eq!(press.invitations(&letters, &head(), &zone).unwrap().pages, 2);
    assert!(press.invitations(&[], &head(), &zone).is_err());
    assert_eq!(format!("{:?}", letters[0]), "Invitation(N1, …)");
}

#[test]
fn without_an_address_the_letter_says_whom_to_ask() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let letter = Invitation { address: String::new(), ..letter("N1", "Anna Bell", "ABCD-EFGH-JKMN-PQRS") };
    let text = press.invitations_words(&[letter], &head(), &zone).concat().join(" ");
    assert!(text.contains("at the address that your site manager gives out"), "{text}");
}
