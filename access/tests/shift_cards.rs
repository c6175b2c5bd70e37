//! Shift cards: two people, one shift, one use; a card that was photographed is found out.

use crate::office::{Office, WARD_ADDRESS, device, number, site, tablet, terminal, ward};
use access::alarms::Alarm;
use access::people::Scope;
use access::secrets::{Secret128, Typed};
use access::sessions::Check;
use access::sign_in::Again;
use access::sign_in::cards::{Holder, Intent, Refusal, WRONG_PINS_MAX, hashed, qr_text};
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::{Attempt, WRONG};
use access::{By, Role};
use basics::{EntryNumber, Person, Zone};

const PIN: &str = "40718263";

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::Cards(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn holder(n: &str) -> Holder {
    Holder {
        number: number(n),
        name: Person::new("Tess Vane").unwrap(),
        roles: [Role::WardClinician].into(),
        scope: ward("Northgate General", "AMU"),
        contact: "agency".to_owned(),
    }
}

fn ask(office: &Office, n: &str) -> Intent {
    Intent::Ask { holder: holder(n), shift_ends: office.now.plus_seconds(8 * 3_600) }
}

fn issue(card: u32) -> Intent {
    let pin = Stored::new(&Typed::new(PIN), [9; 16], Costs::TRIAL).unwrap();
    Intent::Issue { card, secret: hashed(&secret(card)), pin }
}

fn secret(card: u32) -> Secret128 {
    Secret128::new([card as u8; 16])
}

fn shown(card: u32, pin: &str) -> Attempt {
    Attempt::Card { text: Typed::new(qr_text(&secret(card)).as_str()), pin: Typed::new(pin) }
}

/// With a card for an agency nurse.
fn issued() -> Office {
    let mut office = Office::set_up();
    let intent = ask(&office, "T7");
    office.submit("E1", intent).unwrap();
    office.submit("C1", issue(1)).unwrap();
    office
}

#[test]
fn a_card_is_made_by_two_people_for_one_shift_and_lets_in_once() {
    let mut office = Office::set_up();
    let intent = ask(&office, "T7");
    office.submit("E1", intent).unwrap();
    assert_eq!(
        office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS),
        Err(WRONG.to_owned()),
        "not issued yet"
    );
    assert!(
        matches!(refused(office.submit("E1", issue(1))), Refusal::SamePerson(_)),
        "one person is not two"
    );
    office.submit("C1", issue(1)).unwrap();
    assert!(matches!(refused(office.submit("A1", issue(1))), Refusal::Already { .. }));
    assert_eq!(office.sign_in(&shown(1, "40718264"), terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
    let session = office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap();
    let ends = office.book.cards.card(1).unwrap().shift_ends;
    assert_eq!(office.book.sessions.session(&session).unwrap().ends, ends, "a session ends with the shift");
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert_eq!(standing.account.roles_words(), "ward clinician");
    // Typed by hand, in small letters, it is the same card.
    let typed = Attempt::Card { text: Typed::new(secret(1).letters().to_lowercase()), pin: Typed::new(PIN) };
    assert!(office.sign_in(&typed, tablet(), WARD_ADDRESS).unwrap_err().contains("used already"));
}

#[test]
fn a_card_used_twice_is_refused_and_alarmed_with_when_and_where() {
    let mut office = issued();
    office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap();
    let first = Zone::london().clinical(office.now);
    office.later(1_200);
    // Photographed over a shoulder; with or without the PIN.
    for pin in [PIN, "00000000"] {
        let words = office.sign_in(&shown(1, pin), device("somebody's phone"), "203.0.113.9").unwrap_err();
        assert!(words.contains(&first) && words.contains("AMU terminal 3 (10.1.4.7)"), "{words}");
        assert!(words.contains("Cora Lane"), "and whom to tell: {words}");
        let raised = office.book.alarms.newest().next().unwrap().clone();
        assert!(matches!(raised.alarm, Alarm::CardShownAgain { card: 1, .. }), "{raised:?}");
        let said = raised.words(&office.book, &Zone::london());
        assert!(said.contains("203.0.113.9") && said.contains(&first), "{said}");
    }
    // The first was not its holder: the card is made void, and that session ends.
    office.submit("E2", Intent::Void { card: 1, why: "photographed".to_owned() }).unwrap();
    assert_eq!(office.book.sessions.on(&terminal(), office.now).count(), 0);
}

#[test]
fn whoever_guesses_a_pin_has_five_tries_and_is_noticed_at_the_first() {
    let mut office = issued();
    for n in 0..WRONG_PINS_MAX {
        let pin = format!("9182736{n}");
        assert_eq!(office.sign_in(&shown(1, &pin), terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
        assert!(matches!(
            office.book.alarms.newest().next().unwrap().alarm,
            Alarm::CardGuessed { card: 1, .. }
        ));
    }
    let words = office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap_err();
    assert!(words.contains("void") && words.contains("Two people can print another"), "{words}");
    // The sixth try was no guess any more.
    let guessed =
        office.book.alarms.newest().filter(|r| matches!(r.alarm, Alarm::CardGuessed { .. })).count();
    assert_eq!(guessed, WRONG_PINS_MAX as usize);
}

#[test]
fn no_card_reaches_further_than_those_who_made_it() {
    let mut office = Office::set_up();
    let with = |change: &dyn Fn(&mut Holder)| {
        let mut holder = holder("T7");
        change(&mut holder);
        holder
    };
    let shift_ends = office.now.plus_seconds(8 * 3_600);
    let mut asks = |who: &str, holder: Holder| office.submit(who, Intent::Ask { holder, shift_ends });
    let trust = with(&|h| h.scope = Scope::Trust);
    assert_eq!(refused(asks("E1", trust)), Refusal::TooWide("Northgate General".to_owned()));
    for role in [Role::Administrator, Role::It, Role::PrivacyOfficer] {
        let powerful = with(&|h| h.roles = [role, Role::Loggist].into());
        assert_eq!(refused(asks("C1", powerful)), Refusal::Role(role.words()));
    }
    assert_eq!(refused(asks("E1", with(&|h| h.number = number("E1")))), Refusal::Oneself);
    assert!(matches!(refused(asks("N1", holder("T7"))), Refusal::NotYours(_)));
    // Nobody's own account is changed by a card, and no administrator comes in by one.
    for (n, role) in [("N2", Role::WardClinician), ("A2", Role::ControlRoom)] {
        let other = with(&|h| (h.number, h.roles) = (number(n), [role].into()));
        assert!(matches!(refused(asks("C1", other)), Refusal::OwnAccount(_)), "{n}");
    }
    let long = Intent::Ask { holder: holder("T7"), shift_ends: office.now.plus_seconds(20 * 3_600) };
    assert_eq!(refused(office.submit("E1", long)), Refusal::Shift);
    // The second person's reach counts too.
    let south = with(&|h| h.scope = site("Southmere"));
    office.submit("C1", Intent::Ask { holder: south, shift_ends }).unwrap();
    assert!(matches!(refused(office.submit("E1", issue(1))), Refusal::TooWide(_)));
}

#[test]
fn somebody_who_lost_everything_gets_in_by_a_card_within_their_own_account() {
    let mut office = Office::new();
    let nurse = Holder { number: number("N1"), name: Person::new("Anna Bell").unwrap(), ..holder("N1") };
    let shift_ends = office.now.plus_seconds(8 * 3_600);
    office.submit("E1", Intent::Ask { holder: nurse, shift_ends }).unwrap();
    office.submit("E2", issue(1)).unwrap();
    office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap();
    let account = &office.book.people.listed(&number("N1")).unwrap().account;
    assert!(!account.temporary && account.valid_until.is_none(), "her account is as it was");
}

#[test]
fn the_shift_over_the_card_and_its_account_are_over() {
    let mut office = issued();
    let session = office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap();
    office.later(9 * 3_600);
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::Out(Some(_))));
    let mut late = issued();
    late.later(9 * 3_600);
    let words = late.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap_err();
    assert!(words.contains("shift of this card ended"), "{words}");
    // Asked for in the evening, issued in the morning: too late.
    let mut slow = Office::set_up();
    let intent = Intent::Ask { holder: holder("T7"), shift_ends: slow.now.plus_seconds(12 * 3_600) };
    slow.submit("E1", intent).unwrap();
    slow.later(12 * 3_600 + 60);
    assert_eq!(refused(slow.submit("C1", issue(1))), Refusal::TooLate);
}

#[test]
fn a_locked_screen_is_opened_again_by_the_pin() {
    let mut office = issued();
    let session = office.sign_in(&shown(1, PIN), terminal(), WARD_ADDRESS).unwrap();
    office.later(1_200);
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::Locked(_)));
    let held = Again::look_up(&office.book, session).unwrap();
    assert!(held.verify(&Typed::new("11223344")).is_none());
    let again = held.verify(&Typed::new(PIN)).unwrap();
    let resume = access::sessions::Intent::Resume { again, device: terminal(), in_place_of: None };
    office.submit_now(By::Staff(number("T7")), resume).unwrap();
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::In(_)));
}
