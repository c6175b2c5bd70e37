//! Shift cards: two people, one print, one use; a card that was photographed is found out; its secret is nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common::{Answer, words};
use crate::fixture::Hospital;
use crate::staff_room::{Browser, FROM, later, now, number, place, staff, with_people};
use access::Role;
use access::devices::DeviceKind;
use access::people::Scope;
use access::secrets::{Hashed, Secret128, Typed, hashed_letters};
use access::sign_in::Attempt;
use access::sign_in::cards::{Holder, Intent, WRONG_PINS_MAX, hashed, qr_text};
use access::sign_in::passphrase::{Costs, Stored};
use basics::Person;
use http::{Method, StatusCode};
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const PIN: &str = "40718263";

const TESS: [(&str, &str); 7] = [
    ("number", "t7"),
    ("name", "Tess Vane"),
    ("role", "ward clinician"),
    ("site", "Northgate General"),
    ("ward", "amu"),
    ("ends", "20:00"),
    ("contact", "agency"),
];

fn hospital() -> Hospital {
    let hospital = Hospital::full();
    with_people(&hospital);
    hospital
}

fn secret() -> Secret128 {
    Secret128::new([9; 16])
}

/// A card for Tess whose secret the test knows: card 1.
fn issued(hospital: &Hospital) {
    let access = hospital.room.access();
    let holder = Holder {
        number: number("T7"),
        name: Person::new("Tess Vane").unwrap(),
        roles: [Role::WardClinician].into(),
        scope: Scope::Places(vec![place("Northgate General", Some("AMU"))]),
        contact: "agency".to_owned(),
    };
    let ask = Intent::Ask { holder, shift_ends: now(hospital).plus_seconds(8 * 3_600) };
    access.submit(ask, &staff("E1"), now(hospital)).unwrap();
    let pin = Stored::new(&Typed::new(PIN), [9; 16], Costs::TRIAL).unwrap();
    let issue = Intent::Issue { card: 1, secret: hashed(&secret()), pin };
    access.submit(issue, &staff("C1"), now(hospital)).unwrap();
}

fn shown(pin: &str) -> Attempt {
    Attempt::Card { text: Typed::new(qr_text(&secret()).as_str()), pin: Typed::new(pin) }
}

/// A ward terminal that is enrolled.
fn terminal(hospital: &Hospital) -> Browser {
    let browser = Browser::new(hospital);
    let enrol = access::devices::Intent::Enrol {
        device: browser.key(),
        label: "AMU terminal 3".to_owned(),
        kind: DeviceKind::Terminal,
        place: None,
        owner: None,
    };
    hospital.room.access().submit(enrol, &staff("I1"), now(hospital)).unwrap();
    browser
}

fn pins(pin: &'static str, again: &'static str) -> [(&'static str, &'static str); 2] {
    [("pin", pin), ("pin_again", again)]
}

#[tokio::test]
async fn two_people_make_a_card_and_one_alone_cannot() {
    let hospital = hospital();
    let router = hospital.router();
    let mut eve = Browser::of(&hospital, "E1");
    assert!(
        eve.get(&router, "/shift-cards").await.text().contains("value=\"20:00\""),
        "the end of this shift"
    );
    let asked = eve.post(&router, "/shift-cards", &TESS).await;
    assert_eq!(asked.header("location"), "/shift-cards/1?done=card-asked", "{}", words(&asked.text()));
    let said = words(&eve.get(&router, "/shift-cards/1").await.text());
    for text in
        ["Tess Vane (T7)", "ward clinician, AMU at Northgate General", "a second person must issue it"]
    {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(!said.contains("Issue the card"), "{said}");
    // The form sent all the same: the rule says it once more.
    let alone = eve.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await;
    assert_eq!(alone.status, StatusCode::CONFLICT);
    assert!(
        words(&alone.text()).contains("Eve Dale (E1) asked for this card; a second person must issue it")
    );

    let mut cora = Browser::of(&hospital, "C1");
    assert!(
        words(&cora.get(&router, "/shift-cards").await.text())
            .contains("To be issued, by a second person: 1")
    );
    for (pin, again, says) in [
        (PIN, "40718264", "The two PINs are not the same"),
        ("4071826", "4071826", "A PIN has 8 digits"),
        ("14071945", "14071945", "Others will try this PIN first"),
    ] {
        let refused = cora.post(&router, "/shift-cards/1/issue", &pins(pin, again)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{says}");
        assert!(words(&refused.text()).contains(says), "{says}: {}", words(&refused.text()));
        assert!(!refused.text().contains(pin), "no PIN on a page");
    }
    let done = cora.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await;
    assert_eq!(done.header("location"), "/shift-cards/1?done=card-issued", "{}", words(&done.text()));
    let card = hospital.room.access().read(|book| book.cards.card(1).unwrap().clone());
    assert!(card.issued.as_ref().unwrap().pin.fits(&Typed::new(PIN)));
    let again = cora.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await;
    assert!(words(&again.text()).contains("issued already"), "{}", words(&again.text()));
}

#[tokio::test]
async fn what_no_card_may_be_is_refused_with_what_was_typed() {
    let hospital = hospital();
    let router = hospital.router();
    let mut eve = Browser::of(&hospital, "E1");
    for (field, value, says) in [
        ("role", "administrator", "No card makes somebody administrator"),
        ("role", "", "at least one role"),
        ("site", "*", "no wider reach than your own"),
        ("site", "Southmere Community", "no wider reach than your own"),
        ("ward", "AMUU", "There is no ward “AMUU”"),
        ("ends", "teatime", "as a time of day"),
        ("ends", "06:30", "within 13 hours"),
        ("number", "E1", "for themselves"),
        ("name", "", "the holder's name"),
    ] {
        let fields: Vec<(&str, &str)> = TESS
            .into_iter()
            .filter(|(name, _)| !(field == "site" && *name == "ward"))
            .map(|(name, old)| (name, if name == field { value } else { old }))
            .collect();
        let refused = eve.post(&router, "/shift-cards", &fields).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{says}: {}", words(&refused.text()));
        let said = words(&refused.text()).replace('’', "'");
        assert!(said.contains(says), "{says}: {said}");
        assert!(refused.text().contains("value=\"agency\""), "what was typed is there");
    }
    assert_eq!(hospital.room.access().read(|book| book.cards.newest().count()), 0);
    let mut nurse = Browser::of(&hospital, "N1");
    assert_eq!(nurse.get(&router, "/shift-cards").await.status, StatusCode::FORBIDDEN);
    assert_eq!(nurse.post(&router, "/shift-cards", &TESS).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_print_is_handed_out_once_to_whoever_issued_it() {
    const PDF: &str = "/shift-cards/1/card.pdf";
    let hospital = hospital();
    let router = hospital.router();
    let (mut eve, mut cora) = (Browser::of(&hospital, "E1"), Browser::of(&hospital, "C1"));
    assert_eq!(cora.get(&router, PDF).await.status, StatusCode::NOT_FOUND);
    eve.post(&router, "/shift-cards", &TESS).await;
    assert_eq!(cora.get(&router, PDF).await.status, StatusCode::CONFLICT, "not issued yet");
    cora.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await;
    assert!(
        words(&cora.get(&router, "/shift-cards/1").await.text())
            .contains("Once, from this screen, until 16:10")
    );
    // Whoever asked for it, the same person elsewhere, and what only looks ahead, get nothing and spend nothing.
    let mut elsewhere = Browser::of(&hospital, "C1");
    assert_eq!(eve.get(&router, PDF).await.status, StatusCode::CONFLICT);
    assert_eq!(elsewhere.get(&router, PDF).await.status, StatusCode::CONFLICT);
    assert_eq!(cora.asks_with(&router, Method::HEAD, PDF, &[]).await.status, StatusCode::CONFLICT);
    let ahead = cora.asks_with(&router, Method::GET, PDF, &[("sec-purpose", "prefetch;prerender")]).await;
    assert_eq!(ahead.status, StatusCode::CONFLICT);
    let pdf = cora.get(&router, PDF).await;
    assert!(pdf.body.starts_with(b"%PDF"), "{}", pdf.status);
    assert_eq!((pdf.header("content-type"), pdf.header("cache-control")), ("application/pdf", "no-store"));
    let second = cora.get(&router, PDF).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(words(&second.text()).contains("Make this card void and ask for another"));
    assert!(!words(&cora.get(&router, "/shift-cards/1").await.text()).contains("Print it now"));

    // Five minutes later it is forgotten; so is the print of a card that was made void.
    for (wait, void) in [(300, false), (0, true)] {
        let asked = eve.post(&router, "/shift-cards", &TESS).await;
        let card = asked.header("location").split('?').next().unwrap().to_owned();
        let done = cora.post(&router, &format!("{card}/issue"), &pins(PIN, PIN)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
        later(&hospital, wait);
        if void {
            let void = cora.post(&router, &format!("{card}/void"), &[("why", "the printer jammed")]).await;
            assert_eq!(void.header("location"), format!("{card}?done=card-void"));
        }
        assert_eq!(
            cora.get(&router, &format!("{card}/card.pdf")).await.status,
            StatusCode::CONFLICT,
            "{wait}"
        );
    }
}

/// A square code photographed and used twice: that of a card. That of an enrolment is in `devices.rs`.
#[tokio::test]
async fn a_card_used_twice_is_refused_with_when_and_where_and_its_alarm_is_shown() {
    let hospital = hospital();
    let router = hospital.router();
    issued(&hospital);
    let mut admin = Browser::of(&hospital, "A1");
    let quiet = words(&admin.get(&router, "/access-alarms").await.text());
    assert!(quiet.contains("0 alarms") && quiet.contains("No alarm about access was raised"), "{quiet}");
    let mut ward = terminal(&hospital);
    ward.tries(&hospital, &shown(PIN)).unwrap();
    assert_eq!(ward.get(&router, "/wards").await.status, StatusCode::OK);
    later(&hospital, 300);
    let mut thief = Browser::new(&hospital);
    let refused = thief.tries(&hospital, &shown(PIN)).unwrap_err().to_string();
    assert!(
        refused.contains("14-Jul-2026 16:05") && refused.contains("AMU terminal 3 (10.1.4.7)"),
        "{refused}"
    );

    let list = words(&admin.get(&router, "/devices").await.text());
    assert!(list.contains("1 new alarm about access"), "{list}");
    let alarms = admin.get(&router, "/access-alarms").await;
    let said = words(&alarms.text());
    for text in [
        "1 alarm, 1 new to you",
        "A shift card was shown twice",
        "14-Jul-2026 16:10: shift card 1 was shown a second time",
        "It was first used at 14-Jul-2026 16:05 on AMU terminal 3 (10.1.4.7)",
        "make the card void now",
    ] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(said.contains(FROM) && alarms.text().contains("href=\"/shift-cards/1\""));
    let once_more = words(&admin.get(&router, "/access-alarms").await.text());
    assert!(once_more.contains("1 alarm, 0 new to you"), "{once_more}");
    // New to each by themselves; where they cannot open the card, no link leads there.
    let mut privacy = Browser::of(&hospital, "P1");
    let theirs = privacy.get(&router, "/access-alarms").await.text();
    assert!(words(&theirs).contains("1 alarm, 1 new to you") && !theirs.contains("href=\"/shift-cards/1\""));

    // The first was not its holder: void, and that session is over at its next request.
    let mut eve = Browser::of(&hospital, "E1");
    let page = words(&eve.get(&router, "/shift-cards/1").await.text());
    assert!(
        page.contains("Used 14-Jul-2026 16:05 on AMU terminal 3") && page.contains("shown a second time")
    );
    let void = eve.post(&router, "/shift-cards/1/void", &[("why", "photographed")]).await;
    assert_eq!(void.header("location"), "/shift-cards/1?done=card-void");
    assert_eq!(ward.get(&router, "/wards").await.status, StatusCode::SEE_OTHER);
    let refused = thief.tries(&hospital, &shown(PIN)).unwrap_err().to_string();
    assert!(refused.contains("used already"), "{refused}");
}

#[tokio::test]
async fn five_wrong_pins_make_a_card_void_and_each_is_an_alarm() {
    let hospital = hospital();
    let router = hospital.router();
    issued(&hospital);
    let mut ward = terminal(&hospital);
    for n in 0..WRONG_PINS_MAX {
        let pin = format!("9182736{n}");
        assert!(ward.tries(&hospital, &shown(&pin)).is_err());
    }
    let right = ward.tries(&hospital, &shown(PIN)).unwrap_err().to_string();
    assert!(right.contains("void"), "{right}");
    let mut eve = Browser::of(&hospital, "E1");
    let page = words(&eve.get(&router, "/shift-cards/1").await.text());
    for text in ["Void since", "its PIN was wrong 5 times", "Alarms about this card: 5"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let mut admin = Browser::of(&hospital, "A1");
    let alarms = words(&admin.get(&router, "/access-alarms").await.text());
    assert!(
        alarms.contains("5 alarms, 5 new to you") && alarms.contains("Wrong PIN at a shift card"),
        "{alarms}"
    );
}

/// Whether a card's secret stands in these bytes: its letters, as they are printed or typed, or its sixteen bytes.
fn holds(bytes: &[u8], secret: &Hashed) -> bool {
    let mut run = String::new();
    let mut found = false;
    for byte in bytes.iter().chain(b"!") {
        match byte {
            b if b.is_ascii_alphanumeric() => run.push(char::from(*b)),
            b' ' | b'-' | b'_' | b'.' | b'\n' | b'\r' => {}
            _ => {
                found |= (0..(run.len() + 1).saturating_sub(26))
                    .any(|at| hashed_letters("card", &run[at..at + 26]) == Some(*secret));
                run.clear();
            }
        }
    }
    let raw = bytes.windows(16).filter(|window| window.iter().any(|b| *b != window[0]));
    found || raw.map(|window| hashed(&Secret128::new(window.try_into().unwrap()))).any(|hash| hash == *secret)
}

/// What the program logged while [`LISTENING`].
static HEARD: Mutex<String> = Mutex::new(String::new());
static LISTENING: AtomicBool = AtomicBool::new(false);

struct Listener;

struct Fields;

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if LISTENING.load(Ordering::SeqCst) {
            let mut heard = HEARD.lock().unwrap();
            writeln!(heard, "{field}={value:?};").unwrap();
        }
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut Fields);
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields);
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

fn files(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

fn said_by(answer: &Answer) -> Vec<u8> {
    let mut all = answer.body.clone();
    for (name, value) in &answer.headers {
        all.extend_from_slice(name.as_str().as_bytes());
        all.extend_from_slice(b": ");
        all.extend_from_slice(value.as_bytes());
        all.push(b'\n');
    }
    all
}

#[tokio::test]
async fn a_cards_secret_and_pin_stand_in_no_page_log_or_file() {
    tracing::subscriber::set_global_default(Listener).unwrap();
    LISTENING.store(true, Ordering::SeqCst);
    let hospital = Hospital::empty();
    with_people(&hospital);
    let router = hospital.router();
    let (mut eve, mut cora) = (Browser::of(&hospital, "E1"), Browser::of(&hospital, "C1"));
    let mut written = vec![
        ("asked".to_owned(), said_by(&eve.post(&router, "/shift-cards", &TESS).await)),
        ("issued".to_owned(), said_by(&cora.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await)),
        ("refused".to_owned(), said_by(&cora.post(&router, "/shift-cards/1/issue", &pins(PIN, PIN)).await)),
        ("misprinted".to_owned(), said_by(&eve.get(&router, "/shift-cards/1/card.pdf").await)),
    ];
    let pdf = cora.get(&router, "/shift-cards/1/card.pdf").await;
    assert!(pdf.body.starts_with(b"%PDF"), "the secret is on this paper, and nowhere else");
    for address in ["/shift-cards", "/shift-cards/1", "/access-alarms", "/shift-cards/1/card.pdf"] {
        for browser in [&mut eve, &mut cora] {
            written.push((address.to_owned(), said_by(&browser.get(&router, address).await)));
        }
    }
    let card = hospital.room.access().read(|book| book.cards.card(1).unwrap().clone());
    let kept = card.issued.as_ref().unwrap().secret;
    written.push(("the picture's words".to_owned(), format!("{card:?}").into_bytes()));
    files(hospital.data_dir(), &mut written);
    LISTENING.store(false, Ordering::SeqCst);
    let heard = HEARD.lock().unwrap().clone();
    written.push(("the log".to_owned(), heard.into_bytes()));
    assert!(written.iter().filter(|(_, bytes)| !bytes.is_empty()).count() > 15, "everything is looked at");
    for (what, bytes) in &written {
        assert!(!holds(bytes, &kept), "the card's secret stands in {what}");
        assert!(!bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes()), "the PIN stands in {what}");
    }

    // The planted faults: a page that shows the letters, a file with the bytes, a log line that tells them.
    let known = hashed(&secret());
    let letters = secret().letters().to_lowercase();
    let page = format!("<p>Type {} {}</p>", &letters[..5], &letters[5..]);
    assert!(holds(page.as_bytes(), &known), "letters in groups");
    let mixed = Secret128::new([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    let file: Vec<u8> = (0..40).collect();
    assert!(holds(&file, &hashed(&mixed)), "sixteen bytes");
    HEARD.lock().unwrap().clear();
    LISTENING.store(true, Ordering::SeqCst);
    tracing::error!(card = letters.as_str(), "planted");
    LISTENING.store(false, Ordering::SeqCst);
    assert!(holds(HEARD.lock().unwrap().as_bytes(), &known), "a log line");
}
