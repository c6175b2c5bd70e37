//! A shift card on paper: the whole text of it, and that it can be read back from the file.

use basics::{Moment, Zone};
use paper::{Letterhead, Press, ShiftCard};

fn head() -> Letterhead {
    Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-07-14T15:05:00Z").unwrap(),
        watermark: None,
        record: String::new(),
    }
}

fn card() -> ShiftCard {
    ShiftCard {
        number: 7,
        name: "Tess Vane".into(),
        staff_number: "T7".into(),
        roles: "ward clinician".into(),
        place: "AMU at Northgate General".into(),
        shift_ends: Moment::parse_rfc3339("2026-07-14T19:00:00Z").unwrap(),
        asked_by: "Eve Dale".into(),
        issued_by: "Cora Lane".into(),
        code: "LIFEBOAT:CARD:0123456789ABCDEFGHJKMNPQRS".into(),
        letters: "0123456789ABCDEFGHJKMNPQRS".into(),
    }
}

/// As people read it out: lines and runs joined, also where a line ended at a hyphen.
fn read(pages: &[Vec<String>]) -> String {
    let text = pages.concat().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "-")
}

const GOLDEN: &str = "Northgate and Southmere Hospitals Shift card 7 Printed 14-Jul-2026 16:05 One copy, for its holder alone \
     Northgate and Southmere Hospitals Lifeboat, shift card 7 Tess Vane Staff number T7 ward clinician AMU at Northgate General \
     Shift ends 14-Jul-2026 20:00 01234 56789 ABCDE FGHJK MNPQR S Good for signing in once. At the sign-in choose “Shift card”, \
     scan the square or type the letters, then your PIN of 8 digits. Screen locked? The PIN opens it again. Never write it on \
     this card. Lost, photographed, or “used already”? Tell Eve Dale or Cora Lane at once: they make it void, and everybody it \
     let in is signed out. Shift over? Tear it up. Cut along the marks and hand the card to its holder, to nobody else. Look at \
     their staff card or another proof of who they are. Printed once: it cannot be printed again. Did the printer jam? Make \
     this card void in Lifeboat and issue another. Take away every copy: the printer's tray, its memory of jobs, this rest of \
     the page. Shift card 7 · page 1 of 1 Lifeboat";

#[test]
fn the_card_says_for_whom_until_when_and_what_to_do_when_it_is_lost() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let pages = press.shift_card_words(&card(), &head(), &zone);
    assert_eq!(pages.len(), 1);
    assert_eq!(read(&pages), GOLDEN);
    let pdf = press.shift_card(&card(), &head(), &zone).unwrap();
    assert!(pdf.pdf.starts_with(b"%PDF") && pdf.pages == 1);
    assert_eq!(pdf, press.shift_card(&card(), &head(), &zone).unwrap(), "equal cards give equal files");
    assert_eq!(format!("{:?}", card()), "ShiftCard(7, …)");
    // The planted fault: a card of somebody else reads otherwise.
    let other = ShiftCard { name: "Tess Vance".into(), ..card() };
    assert_ne!(read(&press.shift_card_words(&other, &head(), &zone)), GOLDEN);
}

#[test]
fn an_exercise_is_marked_on_the_card_itself() {
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let marked = Letterhead { watermark: Some("EXERCISE".into()), ..head() };
    let text = read(&press.shift_card_words(&card(), &marked, &zone));
    // On what is cut out, between its title and the holder's name.
    assert!(text.contains("shift card 7 EXERCISE Tess Vane"), "{text}");
    assert!(press.shift_card(&card(), &marked, &zone).unwrap().pdf.starts_with(b"%PDF"));
}
