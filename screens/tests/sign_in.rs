//! Getting in, out and back in, through the pages as a browser without scripts sends them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;
use crate::office;

use access::alarms::Alarm;
use access::secrets::{Secret128, Typed};
use access::sign_in::cards;
use access::sign_in::credentials::{INVITATION, Intent as Credentials};
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::totp::TotpSecret;
use access::{By, Role};
use basics::SiteId;
use common::{Answer, words};
use control_room::Preparation;
use fixture::{Hospital, now};
use http::StatusCode;
use office::{Browser, PASSPHRASE, fresh_code, number, office, staff};
use screens::handed::DemoPerson;
use screens::{DemoControls, DemoState, Screens, routes};
use std::sync::Arc;

/// A hospital with patients and people, its doors shut.
fn shut() -> Hospital {
    let hospital = Hospital::full();
    office(&hospital);
    hospital
}

/// Comes to the sign-in page, and signs in by passphrase and code.
async fn signs_in(hospital: &Hospital, browser: &mut Browser, n: &str, back: &str) -> Answer {
    browser.get("/sign-in").await;
    let code = fresh_code(&hospital.room, n, now());
    let fields = [("number", n), ("passphrase", PASSPHRASE), ("code", code.as_str()), ("back", back)];
    browser.post("/sign-in/passphrase", &fields).await
}

fn led_to(answer: &Answer, address: &str) {
    let read = words(&answer.text());
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, address), "{read}");
}

/// An invitation for a newcomer; its code as printed.
fn invited(hospital: &Hospital, n: &str, name: &str) -> String {
    let access = hospital.room.access();
    let account = office::account(name, Role::WardClinician, Some("AMU"));
    let join = access::people::Intent::Join { number: number(n), account };
    access.submit(join, &staff("A1"), now()).unwrap();
    let code = access.fresh_code().unwrap();
    let until = now().plus_seconds(86_400);
    let invite = Credentials::Invite { people: vec![(number(n), code.hashed(INVITATION))], until };
    access.submit(invite, &staff("A1"), now()).unwrap();
    code.printed().to_string()
}

const PIN: &str = "40718263";

/// A shift card for somebody without an account; what its square code says.
fn card(hospital: &Hospital, n: &str, name: &str) -> String {
    let access = hospital.room.access();
    let account = office::account(name, Role::WardClinician, Some("AMU"));
    let holder = cards::Holder {
        number: number(n),
        name: account.name,
        roles: account.roles,
        scope: account.scope,
        contact: String::new(),
    };
    let ask = cards::Intent::Ask { holder, shift_ends: now().plus_seconds(8 * 3600) };
    access.submit(ask, &staff("E1"), now()).unwrap();
    let card = access.read(|book| book.cards.newest().next().unwrap().0);
    let secret = Secret128::new([9; 16]);
    let pin = Stored::new(&Typed::new(PIN), [3; 16], Costs::TRIAL).unwrap();
    let issue = cards::Intent::Issue { card, secret: cards::hashed(&secret), pin };
    access.submit(issue, &staff("C1"), now()).unwrap();
    cards::qr_text(&secret).to_string()
}

#[tokio::test]
async fn every_way_in_leads_in_and_on_to_where_they_wanted_to_go() {
    let hospital = shut();
    let router = hospital.router();
    let mut nurse = Browser::new(&router);
    // A page that is not for strangers leads to the sign-in and back.
    let away = nurse.get("/wards/Northgate%20General/AMU").await;
    led_to(&away, "/sign-in?back=%2Fwards%2FNorthgate%2520General%2FAMU");
    let form = nurse.get(away.header("location")).await.text();
    assert!(form.contains("name=\"back\" value=\"/wards/Northgate%20General/AMU\""), "{form}");
    for attribute in
        ["autocomplete=\"username\"", "autocomplete=\"current-password\"", "autocomplete=\"one-time-code\""]
    {
        assert!(form.contains(attribute), "{attribute}");
    }
    let ward = "/wards/Northgate%20General/AMU";
    led_to(&signs_in(&hospital, &mut nurse, "N1", ward).await, ward);
    assert!(nurse.get(ward).await.text().contains("SMITH"));
    // With a recovery code, on another browser; the code counts once.
    let code = office::recovery("N1", 3).printed().to_string();
    let fields = [("number", "n1"), ("passphrase", PASSPHRASE), ("code", code.as_str()), ("back", "/wards")];
    let mut other = Browser::new(&router);
    other.get("/sign-in/recovery").await;
    led_to(&other.post("/sign-in/recovery", &fields).await, "/wards");
    let again = other.post("/sign-in/recovery", &fields).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    // By a shift card.
    let text = card(&hospital, "T7", "Tess Underhill");
    let mut temp = Browser::new(&router);
    temp.get("/sign-in/card").await;
    led_to(&temp.post("/sign-in/card", &[("card", &text), ("pin", PIN), ("back", ward)]).await, ward);
    assert_eq!(temp.get(ward).await.status, StatusCode::OK);
    // Other ways there are not.
    assert_eq!(temp.get("/sign-in/window").await.status, StatusCode::NOT_FOUND);
    assert_eq!(temp.post("/sign-in/window", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whatever_is_wrong_is_said_in_one_sentence_and_no_secret_comes_back() {
    let hospital = shut();
    let mut browser = Browser::new(&hospital.router());
    browser.get("/sign-in").await;
    let code = fresh_code(&hospital.room, "N1", now());
    let mut said = Vec::new();
    for (number, passphrase, code) in [
        ("N1", "wrong-passphrase-here", code.as_str()),
        ("N1", PASSPHRASE, "000001"),
        ("Z9", PASSPHRASE, code.as_str()),
        ("N2", PASSPHRASE, code.as_str()),
    ] {
        let fields = [("number", number), ("passphrase", passphrase), ("code", code), ("back", "/wards")];
        let answer = browser.post("/sign-in/passphrase", &fields).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{number}");
        let html = answer.text();
        assert!(html.contains(&format!("value=\"{number}\"")), "the number is kept");
        assert!(html.contains("name=\"back\" value=\"/wards\""));
        assert!(!html.contains(passphrase) && !html.contains(code), "a secret came back: {html}");
        said.push(words(&html).replace(number, "…"));
    }
    assert!(said[0].contains("That does not fit"), "{}", said[0]);
    assert!(said.iter().all(|one| *one == said[0]), "{said:#?}");
    // The same for cards and invitations: nothing typed comes back.
    let answer = browser.post("/sign-in/card", &[("card", "ABCDEFGHJK"), ("pin", PIN)]).await.text();
    assert!(answer.contains("That does not fit") && !answer.contains("ABCDEFGHJK") && !answer.contains(PIN));
    let typed = office::recovery("X", 1).printed().to_string();
    let answer = browser.post("/sign-in/invitation", &[("number", "N1"), ("code", &typed)]).await.text();
    assert!(answer.contains("That does not fit") && !answer.contains(&typed));
}

#[tokio::test]
async fn a_card_shown_twice_is_refused_with_its_first_use_and_alarmed() {
    let hospital = shut();
    let router = hospital.router();
    let text = card(&hospital, "T7", "Tess Underhill");
    let mut first = Browser::terminal(&router);
    led_to(&first.post("/sign-in/card", &[("card", &text), ("pin", PIN)]).await, "/");
    let mut second = Browser::new(&router);
    second.get("/sign-in/card").await;
    let answer = second.post("/sign-in/card", &[("card", &text), ("pin", PIN)]).await;
    let read = words(&answer.text());
    assert!(read.contains("This card was used already") && read.contains("AMU terminal 3"), "{read}");
    let alarmed = |alarm: &Alarm| matches!(alarm, Alarm::CardShownAgain { .. });
    assert!(hospital.room.access().read(|book| book.alarms.newest().any(|raised| alarmed(&raised.alarm))));
}

#[tokio::test]
async fn too_many_wrong_tries_must_wait_and_are_told_until_when() {
    let hospital = shut();
    let mut browser = Browser::new(&hospital.router());
    browser.get("/sign-in").await;
    let fields = [("number", "N1"), ("passphrase", "never the right one"), ("code", "000001")];
    let mut last = browser.post("/sign-in/passphrase", &fields).await;
    for _ in 0..20 {
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert_eq!(last.header("retry-after"), "");
        last = browser.post("/sign-in/passphrase", &fields).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u32>().unwrap() > 0);
    let read = words(&last.text());
    assert!(read.contains("Too many wrong tries") && read.contains("Try again at 16:"), "{read}");
    // At a terminal where she signed in before, she gets in at once.
    office::signed_in_at_terminal(&hospital.room, "N1");
    let mut terminal = Browser::terminal(&hospital.router());
    led_to(&signs_in(&hospital, &mut terminal, "N1", "/").await, "/");
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so() {
    let hospital = shut();
    let mut browser = Browser::new(&hospital.router());
    let code = fresh_code(&hospital.room, "N1", now());
    let fields = [("number", "N1"), ("passphrase", PASSPHRASE), ("code", code.as_str())];
    let answer = browser.post("/sign-in/passphrase", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(words(&answer.text()).contains("cookies are switched off"));
    // The cookie came with that answer: the second try is through.
    led_to(&browser.post("/sign-in/passphrase", &fields).await, "/");
}

#[tokio::test]
async fn at_a_terminal_people_take_turns_and_each_opens_their_own_again() {
    let hospital = shut();
    let mut terminal = Browser::terminal(&hospital.router());
    led_to(&signs_in(&hospital, &mut terminal, "N1", "/").await, "/");
    led_to(&signs_in(&hospital, &mut terminal, "E1", "/").await, "/");
    let page = terminal.get("/switch?back=/wards").await.text();
    let read = words(&page);
    assert!(read.contains("Anna Bell (N1)") && read.contains("Eve Dale (E1)"), "{read}");
    assert!(read.contains("In use now.") && read.contains("Locked "), "{read}");
    let key = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let wrong = [("session", key.as_str()), ("secret", "not hers at all"), ("back", "/wards")];
    let right = [("session", key.as_str()), ("secret", PASSPHRASE), ("back", "/wards")];
    let refused = terminal.post("/switch", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(!refused.text().contains("not hers at all"));
    led_to(&terminal.post("/switch", &right).await, "/wards");
    assert!(words(&terminal.get("/me").await.text()).contains("Anna Bell"));
    // Locked by hand: every page leads to the switch, and that leads nowhere else.
    let locked = terminal.post("/switch", &[("deed", "lock"), ("back", "/wards")]).await;
    led_to(&locked, "/switch?done=locked&back=%2Fwards");
    led_to(&terminal.get("/wards").await, "/switch?back=%2Fwards");
    let page = terminal.get("/switch?back=%2Fwards").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("Northgate General"), "nothing of what was open is shown");
    // Another browser sees none of it, and holds no key to it.
    let mut stranger = Browser::new(&hospital.router());
    led_to(&stranger.get("/switch").await, "/sign-in");
    let refused = stranger.post("/switch", &right).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn signing_out_ends_ones_own_session_and_takes_nobody_elses_into_use() {
    let hospital = shut();
    let mut terminal = Browser::terminal(&hospital.router());
    signs_in(&hospital, &mut terminal, "E1", "/").await;
    let eve = terminal.cookies["lifeboat_sessions"].clone();
    signs_in(&hospital, &mut terminal, "N1", "/").await;
    let before = terminal.clone();
    led_to(&terminal.post("/sign-out", &[]).await, "/sign-in?done=signed-out");
    assert_eq!(terminal.cookies["lifeboat_sessions"], eve, "only the locked one is remembered");
    led_to(&terminal.get("/wards").await, "/switch?back=%2Fwards");
    // What was stolen from the browser before is worth nothing.
    let mut stolen = before;
    assert_eq!(stolen.get("/wards").await.status, StatusCode::SEE_OTHER);
    let mut alone = Browser::new(&hospital.router());
    signs_in(&hospital, &mut alone, "C1", "/").await;
    alone.post("/sign-out", &[]).await;
    assert!(!alone.cookies.contains_key("lifeboat_sessions"));
    led_to(&alone.get("/wards").await, "/sign-in?back=%2Fwards");
}

#[tokio::test]
async fn a_session_shown_by_another_device_is_ended_and_both_are_told() {
    let hospital = shut();
    let mut nurse = Browser::new(&hospital.router());
    signs_in(&hospital, &mut nurse, "N1", "/").await;
    let mut thief = Browser::new(&hospital.router());
    thief.get("/sign-in").await;
    thief.cookies.insert("lifeboat_sessions".to_owned(), nurse.cookies["lifeboat_sessions"].clone());
    assert_eq!(thief.get("/wards").await.status, StatusCode::SEE_OTHER);
    led_to(&nurse.get("/wards").await, "/sign-in?back=%2Fwards");
    let read = words(&nurse.get("/sign-in?back=%2Fwards").await.text());
    assert!(read.contains("was ended, in case it was stolen"), "{read}");
}

#[tokio::test]
async fn nobody_is_led_off_the_site() {
    let hospital = shut();
    for back in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "/sign-in"]
    {
        let mut browser = Browser::new(&hospital.router());
        led_to(&signs_in(&hospital, &mut browser, "C1", back).await, "/");
        let page = browser.get(&format!("/me?back={}", common::encoded(back))).await.text();
        assert!(!page.contains("evil.example\""), "{back}: {page}");
    }
}

/// What authenticators read, as bytes again.
fn from_letters(letters: &str) -> TotpSecret {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for c in letters.chars().filter(|c| !c.is_whitespace()) {
        held = (held << 5) | u32::try_from(alphabet.find(c).unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
            held &= (1 << bits) - 1;
        }
    }
    TotpSecret::new(bytes.try_into().unwrap())
}

fn letters_of(page: &str) -> String {
    page.split("my-letters\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_newcomer_is_led_through_passphrase_phone_and_recovery_codes() {
    let hospital = shut();
    let code = invited(&hospital, "N7", "Ines Falk");
    let mut browser = Browser::new(&hospital.router());
    browser.get("/sign-in/invitation").await;
    let fields = [("number", "N7"), ("code", code.as_str()), ("back", "/wards")];
    led_to(&browser.post("/sign-in/invitation", &fields).await, "/me");
    assert_eq!(browser.get("/wards").await.status, StatusCode::FORBIDDEN, "first things first");
    let read = words(&browser.get("/me").await.text());
    assert!(read.contains("Welcome") && read.contains("Choose a passphrase"), "{read}");
    for (new, again, why) in [
        ("too short", "too short", "Too short"),
        ("Ines Falk of the ward", "Ines Falk of the ward", "your name"),
        ("kettle orchid ramp sail", "kettle orchid ramp sale", "not the same"),
    ] {
        let answer = browser.post("/me/passphrase", &[("new", new), ("again", again)]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{new}");
        let html = answer.text();
        assert!(words(&html).contains(why) && !html.contains(new), "{new}: {html}");
    }
    let mine = "kettle orchid ramp sail";
    let kept = browser.post("/me/passphrase", &[("new", mine), ("again", mine)]).await;
    led_to(&kept, "/me/phone?done=passphrase-kept");
    let page = browser.get("/me/phone").await.text();
    let letters = letters_of(&page);
    assert!(page.contains("<svg class=\"qr\"") && letters.len() == 39, "{letters}");
    assert_eq!(letters_of(&browser.get("/me/phone").await.text()), letters, "the picture stays");
    assert!(!browser.cookies.values().any(|value| value.contains(&letters.replace(' ', ""))));
    let secret = from_letters(&letters);
    let wrong = browser.post("/me/phone", &[("code", "12345"), ("label", "blue phone")]).await.text();
    assert!(words(&wrong).contains("six digits") && wrong.contains("value=\"blue phone\""));
    assert_eq!(letters_of(&wrong), letters);
    let shown = format!("{:06}", secret.code(office::step(now())));
    let added = browser.post("/me/phone", &[("code", &shown), ("label", "blue phone")]).await;
    led_to(&added, "/me/recovery?done=phone-added");
    assert_eq!(browser.get("/wards").await.status, StatusCode::OK, "set up: everything of theirs is open");
    let codes = browser.post("/me/recovery", &[]).await.text();
    let first = codes.split("<li class=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(codes.matches("<li class=\"code\">").count(), 10);
    assert!(!browser.get("/me").await.text().contains(&first), "shown once");
    let mut other = Browser::new(&hospital.router());
    other.get("/sign-in").await;
    let fields = [("number", "N7"), ("passphrase", mine), ("code", first.as_str())];
    led_to(&other.post("/sign-in/recovery", &fields).await, "/");
    let mut third = Browser::new(&hospital.router());
    third.get("/sign-in").await;
    let fields = [("number", "N7"), ("code", code.as_str())];
    let spent = third.post("/sign-in/invitation", &fields).await;
    assert_eq!(spent.status, StatusCode::UNAUTHORIZED, "an invitation counts once");
}

#[tokio::test]
async fn a_screen_left_open_changes_nothing_without_the_passphrase() {
    let hospital = shut();
    let mut nurse = Browser::new(&hospital.router());
    signs_in(&hospital, &mut nurse, "N1", "/").await;
    let old = letters_of(&nurse.get("/me/phone").await.text());
    // Somebody uses the screen now and then, so that it is not locked; the proof grows old all the same.
    hospital.clock.set(now().plus_seconds(400));
    nurse.get("/wards").await;
    hospital.clock.set(now().plus_seconds(700));
    let page = nurse.get("/me/passphrase").await.text();
    assert!(page.contains("Your passphrase as it is now"), "{page}");
    let new = "kettle orchid ramp sail";
    let fields = [("new", new), ("again", new), ("now", "a guess at it all")];
    let refused = nurse.post("/me/passphrase", &fields).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nurse.post("/me/recovery", &[]).await.status, StatusCode::UNAUTHORIZED);
    let gone = nurse.post("/me/remove-phone", &[("phone", "1")]).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    // The picture of before is more than ten minutes old.
    let late = nurse.post("/me/phone", &[("code", "123456"), ("label", "x"), ("now", PASSPHRASE)]).await;
    assert!(words(&late.text()).contains("more than ten minutes old"));
    assert_ne!(letters_of(&late.text()), old);
    let fields = [("new", new), ("again", new), ("now", PASSPHRASE)];
    led_to(&nurse.post("/me/passphrase", &fields).await, "/me?done=passphrase-kept");
    // Proved a moment ago: the last way in is still not taken away by a slip, and sessions elsewhere are ended.
    let mut away = Browser::new(&hospital.router());
    away.get("/sign-in").await;
    let code = office::recovery("N1", 1).printed().to_string();
    let fields = [("number", "N1"), ("passphrase", new), ("code", code.as_str())];
    led_to(&away.post("/sign-in/recovery", &fields).await, "/");
    let page = nurse.get("/me").await.text();
    assert_eq!(page.matches("name=\"session\"").count(), 1, "{page}");
    led_to(&nurse.post("/me/end-others", &[]).await, "/me?done=sessions-ended");
    assert_eq!(away.get("/wards").await.status, StatusCode::SEE_OTHER);
    assert_eq!(nurse.get("/wards").await.status, StatusCode::OK);
}

/// Words that only who works here may read.
fn told(html: &str) -> Vec<&'static str> {
    let inside = ["SMITH", "OKONKWO", "Fredrica", "AMU", "COTE1", "Northgate General", "Ransom notes"];
    inside.into_iter().filter(|word| html.contains(word)).collect()
}

#[tokio::test]
async fn strangers_are_told_nothing_on_any_page() {
    let hospital = Hospital::full();
    let sites = ["Northgate General", "Southmere Community"].into_iter().filter_map(SiteId::new).collect();
    let cards = control_room::shipped_action_cards().unwrap();
    hospital.room.incident().prepare(Preparation { cards, hospitals: sites }, now()).unwrap();
    let router = hospital.router();
    let fields = [("level", "critical"), ("reason", "Ransom notes on ED screens"), ("by", "Anna Bell")];
    let declared = common::post(&router, "/incidents/declare", &fields).await;
    led_to(&declared, "/incidents/1?done=opened");
    for page in ["/incidents/1", "/wards", "/patients/1"] {
        assert!(!told(&common::get(&router, page).await.text()).is_empty(), "{page}: there to be found");
    }
    office(&hospital);
    let mut addresses: Vec<String> =
        routes().into_iter().filter(|route| route.get).map(|route| concrete(route.address)).collect();
    addresses.extend(["/nowhere", "/wards/x", "/sign-in/demo", "/sign-in/card"].map(str::to_owned));
    let mut stranger = Browser::new(&router);
    for address in addresses.iter().filter(|address| !address.starts_with("/assets")) {
        let answer = stranger.get(address).await;
        // The page may say the address that was asked for.
        assert_eq!(told(&answer.text().replace(address, "")), Vec::<&str>::new(), "{address}");
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{address}");
        let posted = stranger.post(address, &[("by", "X"), ("number", "N1")]).await;
        assert_eq!(told(&posted.text().replace(address, "")), Vec::<&str>::new(), "{address}");
    }
}

/// An address of each pattern: those that a stranger could guess.
fn concrete(pattern: &str) -> String {
    let site = pattern.replace("{site}", "Northgate%20General").replace("{ward}", "AMU");
    let mut address = String::new();
    for (n, part) in site.split('{').enumerate() {
        match (n, part.split_once('}')) {
            (0, _) | (_, None) => address.push_str(part),
            (_, Some((_, rest))) => {
                address.push('1');
                address.push_str(rest);
            }
        }
    }
    address
}

#[tokio::test]
async fn the_doors_pages_work_where_there_is_nothing_yet() {
    let hospital = Hospital::empty();
    let router = hospital.router();
    let mut browser = Browser::new(&router);
    let open = browser.get("/sign-in").await;
    assert_eq!(open.status, StatusCode::OK);
    assert!(words(&open.text()).contains("Nobody has to sign in yet"));
    assert_eq!(browser.post("/sign-in/passphrase", &[("number", "N1")]).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    office(&hospital);
    for way in ["", "/passphrase", "/card", "/invitation", "/recovery"] {
        let page = browser.get(&format!("/sign-in{way}")).await;
        assert_eq!(page.status, StatusCode::OK, "{way}");
        assert!(words(&page.text()).contains("Everything lost?"), "{way}");
    }
    assert!(words(&browser.get("/way-back").await.text()).contains("two of the three key shares"));
    led_to(&browser.get("/switch").await, "/sign-in");
}

/// A demonstration that hands over one of its people.
struct Stage(DemoPerson);

impl DemoControls for Stage {
    fn state(&self) -> DemoState {
        DemoState { attacked: false, since: None, words: "Nothing here is real.".to_owned() }
    }
    fn attack(&self) {}
    fn restore(&self) {}
    fn people(&self) -> Vec<DemoPerson> {
        vec![self.0.clone()]
    }
}

fn pressed(n: &str) -> DemoPerson {
    DemoPerson {
        number: number(n),
        name: "Dana Quill".to_owned(),
        role: "control room".to_owned(),
        place: "the whole trust".to_owned(),
        passphrase: Typed::new(PASSPHRASE),
        authenticators: vec![office::phone(n)],
    }
}

#[tokio::test]
async fn one_press_signs_in_a_ready_made_person_and_nobody_else_anywhere_else() {
    let hospital = shut();
    let mut account = office::account("Dana Quill", Role::ControlRoom, None);
    account.contact = DemoPerson::CONTACT.to_owned();
    let join = access::people::Intent::Join { number: number("D30"), account };
    hospital.room.access().submit(join, &By::Lifeboat, now()).unwrap();
    office::give(hospital.room.access(), "D30");
    let with = |demo: Option<Arc<dyn DemoControls>>| screens::router(Screens { demo, ..hospital.screens() });
    let stage = with(Some(Arc::new(Stage(pressed("D30")))));
    let mut browser = Browser::new(&stage);
    let page = words(&browser.get("/sign-in").await.text());
    assert!(page.contains("This is a demonstration") && page.contains("Dana Quill"), "{page}");
    // One code was used when the phone was added; each press takes another.
    led_to(&browser.post("/sign-in/demo", &[("number", "D30"), ("back", "/wards")]).await, "/wards");
    assert!(words(&browser.get("/me").await.text()).contains("Dana Quill"));
    led_to(&browser.post("/sign-in/demo", &[("number", "D30")]).await, "/");
    for n in ["N1", "", "D31"] {
        let answer = browser.post("/sign-in/demo", &[("number", n)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{n}");
    }
    // An account that does not say that it is of a demonstration; and a hospital that is none.
    let real_person = with(Some(Arc::new(Stage(pressed("C1")))));
    let real = with(None);
    for (router, n) in [(&real_person, "C1"), (&real, "D30")] {
        let mut browser = Browser::new(router);
        assert!(!browser.get("/sign-in").await.text().contains("/sign-in/demo"), "{n}");
        let answer = browser.post("/sign-in/demo", &[("number", n)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{n}");
    }
}
