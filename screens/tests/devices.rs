//! Devices: enrolled by a code that is good once, revoked with everybody on it; a code that was photographed makes no second one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common::words;
use crate::fixture::Hospital;
use crate::staff_room::{Browser, later, now, number, staff, with_people};
use access::devices::{Device, DeviceKey, DeviceKind};
use access::secrets::Code;
use control_room::Visit;
use http::StatusCode;

const TABLET: [(&str, &str); 4] =
    [("label", "AMU tablet 1"), ("kind", "tablet"), ("site", "northgate general"), ("ward", "amu")];

fn hospital() -> Hospital {
    let hospital = Hospital::full();
    with_people(&hospital);
    hospital
}

/// The code on the sheet, as it is printed.
fn code_on(page: &str) -> String {
    let rest = page.split("/enrol/</span>").nth(1).unwrap_or_else(|| panic!("no code: {page}"));
    rest.chars().take(19).collect()
}

fn enrolled(hospital: &Hospital, key: &DeviceKey) -> Option<Device> {
    hospital.room.access().read(|book| book.devices.enrolled(key).cloned())
}

/// How many devices are called so.
fn called(hospital: &Hospital, label: &str) -> usize {
    hospital.room.access().read(|book| book.devices.all().filter(|(_, device)| device.label == label).count())
}

fn hex(key: &DeviceKey) -> String {
    key.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn enrol(hospital: &Hospital, browser: &Browser, label: &str) {
    let enrol = access::devices::Intent::Enrol {
        device: browser.key(),
        label: label.to_owned(),
        kind: DeviceKind::Terminal,
        place: None,
        owner: None,
    };
    hospital.room.access().submit(enrol, &staff("I1"), now(hospital)).unwrap();
}

/// A square code photographed and used twice: that of an enrolment. That of a card is in `shift_cards.rs`.
#[tokio::test]
async fn an_enrolment_code_that_was_photographed_makes_one_device() {
    let hospital = hospital();
    let router = hospital.router();
    let mut it = Browser::of(&hospital, "I1");
    let sheet = it.post(&router, "/devices/new/code", &TABLET).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", words(&sheet.text()));
    let said = words(&sheet.text());
    for text in
        ["Enrol AMU tablet 1", "Shared tablet, AMU at Northgate General", "Good until 14-Jul-2026 16:20"]
    {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(sheet.text().contains("<svg") && sheet.text().contains("http://lifeboat.test/enrol/"));
    let code = code_on(&sheet.text());
    let address = format!("/enrol/{code}");

    let mut tablet = Browser::new(&hospital);
    let offered = words(&tablet.get(&router, &address).await.text());
    for text in ["Is this AMU tablet 1?", "Shared tablet, AMU at Northgate General", "Ivan Pike (I1)"] {
        assert!(offered.contains(text), "{text}: {offered}");
    }
    assert_eq!(enrolled(&hospital, &tablet.key()), None, "looking enrols nothing");
    let done = tablet.post(&router, &address, &[]).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, address.as_str()));
    let device = enrolled(&hospital, &tablet.key()).unwrap();
    assert_eq!((device.label.as_str(), device.kind), ("AMU tablet 1", DeviceKind::Tablet));
    assert_eq!(device.enrolled.by, staff("I1"), "in the name of whoever made the code");
    // The answer was lost on the way, and somebody presses once more: it is told that all is well.
    for answer in [tablet.get(&router, &address).await, tablet.post(&router, &address, &[]).await] {
        assert_eq!(answer.status, StatusCode::OK);
        assert!(words(&answer.text()).contains("This device is AMU tablet 1"), "{}", words(&answer.text()));
    }

    // Photographed over a shoulder.
    later(&hospital, 60);
    let mut other = Browser::new(&hospital);
    for answer in [other.get(&router, &address).await, other.post(&router, &address, &[]).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        let said = words(&answer.text());
        assert!(
            said.contains("used already, at 14-Jul-2026 16:05") && said.contains("AMU tablet 1"),
            "{said}"
        );
        assert!(said.contains("tell IT at once"), "{said}");
    }
    assert_eq!((enrolled(&hospital, &other.key()), called(&hospital, "AMU tablet 1")), (None, 1));
    // The planted fault: a door that lets a code count twice is seen by the same count.
    enrol(&hospital, &other, "AMU tablet 1");
    assert_eq!(called(&hospital, "AMU tablet 1"), 2, "the planted fault went unseen");
}

#[tokio::test]
async fn a_code_that_ran_out_was_guessed_or_taken_back_enrols_nothing() {
    let hospital = hospital();
    let router = hospital.router();
    let mut it = Browser::of(&hospital, "I1");
    let mut tablet = Browser::new(&hospital);
    let guess = Code::new(&[1; 10]).printed().to_string();
    for (code, says) in [(guess.as_str(), "not known here"), ("K7Q2", "16 letters and digits")] {
        let answer = tablet.post(&router, &format!("/enrol/{code}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{code}");
        assert!(words(&answer.text()).contains(says), "{}", words(&answer.text()));
    }
    let taken_back = code_on(&it.post(&router, "/devices/new/code", &TABLET).await.text());
    let list = it.get(&router, "/devices").await.text();
    assert!(
        words(&list).contains("Waiting for their device: 1")
            && words(&list).contains("code good until 16:20")
    );
    assert!(!list.contains(&taken_back), "the list does not show the code");
    let number = list.split("name=\"number\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let back = it.post(&router, "/devices/waiting/withdraw", &[("number", number)]).await;
    assert_eq!(back.header("location"), "/devices?done=device-withdrawn");
    let again = it.post(&router, "/devices/waiting/withdraw", &[("number", number)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let ran_out = code_on(&it.post(&router, "/devices/new/code", &TABLET).await.text());
    later(&hospital, 900);
    for (code, says) in [(taken_back, "was taken back at"), (ran_out, "ran out at 14-Jul-2026 16:20")] {
        let answer = tablet.post(&router, &format!("/enrol/{code}"), &[]).await;
        assert_eq!(answer.status, StatusCode::GONE, "{says}");
        assert!(words(&answer.text()).contains(says), "{}", words(&answer.text()));
    }
    assert_eq!(enrolled(&hospital, &tablet.key()), None);
}

#[tokio::test]
async fn what_the_rules_refuse_is_said_before_a_code_is_made_and_once_more_on_the_tablet() {
    let hospital = hospital();
    let router = hospital.router();
    let mut it = Browser::of(&hospital, "I1");
    for (fields, says) in [
        (
            [("label", "Anna’s tablet"), ("kind", "own"), ("owner", ""), ("site", "")],
            "Say whose device it is",
        ),
        (
            [("label", "Anna’s tablet"), ("kind", "own"), ("owner", "N77"), ("site", "")],
            "no open account N77",
        ),
        ([("label", " "), ("kind", "terminal"), ("owner", ""), ("site", "")], "The label is missing"),
        (
            [("label", "x"), ("kind", "terminal"), ("owner", ""), ("site", "Westgate")],
            "no hospital of this trust",
        ),
    ] {
        let answer = it.post(&router, "/devices/new/code", &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{says}");
        let said = words(&answer.text());
        assert!(said.contains(says), "{says}: {said}");
        assert!(answer.text().contains(fields[0].1.trim()), "what was typed is there");
    }
    // Whoever made the code is gone when it is used: nothing is enrolled, and the code is not spent by that.
    let code = code_on(&it.post(&router, "/devices/new/code", &TABLET).await.text());
    let close = access::people::Intent::Close { number: number("I1"), why: "left".to_owned() };
    hospital.room.access().submit(close, &staff("A1"), now(&hospital)).unwrap();
    let mut tablet = Browser::new(&hospital);
    let refused = tablet.post(&router, &format!("/enrol/{code}"), &[]).await;
    assert!([StatusCode::CONFLICT, StatusCode::FORBIDDEN].contains(&refused.status), "{}", refused.status);
    assert_eq!(enrolled(&hospital, &tablet.key()), None);
    assert_eq!(tablet.get(&router, &format!("/enrol/{code}")).await.status, StatusCode::OK);
    // A browser without cookies could never be known again.
    let forgetful = Browser::forgetful().post(&router, &format!("/enrol/{code}"), &[]).await;
    assert_eq!(forgetful.status, StatusCode::CONFLICT);
    assert!(words(&forgetful.text()).contains("keeps no cookies"), "{}", words(&forgetful.text()));
}

#[tokio::test]
async fn a_revoked_devices_session_ends_at_the_next_request_and_its_secret_is_never_taken_again() {
    let hospital = hospital();
    let router = hospital.router();
    let mut terminal = Browser::new(&hospital);
    enrol(&hospital, &terminal, "AMU terminal 3");
    terminal.signs_in(&hospital, "N1");
    assert_eq!(terminal.get(&router, "/wards").await.status, StatusCode::OK);
    let mut it = Browser::of(&hospital, "I1");
    let page = format!("/devices/{}", hex(&terminal.key()));
    let said = words(&it.get(&router, &page).await.text());
    for text in ["AMU terminal 3", "Known on it: 1 person", "Anna Bell (N1)", "1 signed in on it now"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    let without = it.post(&router, &format!("{page}/revoke"), &[("why", " ")]).await;
    assert_eq!(without.status, StatusCode::CONFLICT);
    assert_eq!(terminal.get(&router, "/wards").await.status, StatusCode::OK);
    let revoked = it.post(&router, &format!("{page}/revoke"), &[("why", "stolen")]).await;
    assert_eq!(revoked.header("location"), format!("{page}?done=device-revoked"));

    let out = terminal.get(&router, "/wards").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(out.header("location").starts_with("/sign-in"), "{}", out.header("location"));
    let access = hospital.room.access();
    let visit = access.visit(&terminal.session(), &terminal.key(), crate::staff_room::FROM, now(&hospital));
    assert!(matches!(&visit, Visit::Out(Some(why)) if why.contains("stolen")), "{visit:?}");
    let list = words(&it.get(&router, "/devices").await.text());
    assert!(list.contains("Revoked devices (1)") && list.contains("by Ivan Pike (I1): stolen"), "{list}");

    // Found again: by a new code, under a new secret.
    let code = code_on(&it.post(&router, "/devices/new/code", &TABLET).await.text());
    let old = terminal.key();
    let done = terminal.post(&router, &format!("/enrol/{code}"), &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    assert_ne!(terminal.key(), old);
    assert!(enrolled(&hospital, &terminal.key()).is_some() && enrolled(&hospital, &old).is_none());
}

#[tokio::test]
async fn this_very_browser_is_enrolled_by_who_may_and_no_other_without_its_code() {
    let hospital = hospital();
    let router = hospital.router();
    let mut admin = Browser::of(&hospital, "A1");
    let page = format!("/devices/{}", hex(&admin.key()));
    assert!(words(&admin.get(&router, "/devices").await.text()).contains("Not enrolled"));
    assert!(words(&admin.get(&router, &page).await.text()).contains("Enrol this browser"));
    let other = format!("/devices/{}/enrol", hex(&Browser::new(&hospital).key()));
    let fields = [("label", "Control room 1"), ("kind", "terminal")];
    let refused = admin.post(&router, &other, &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(words(&refused.text()).contains("another browser"), "{}", words(&refused.text()));
    let done = admin.post(&router, &format!("{page}/enrol"), &fields).await;
    assert_eq!(done.header("location"), format!("{page}?done=device-enrolled"), "{}", words(&done.text()));
    let list = words(&admin.get(&router, "/devices").await.text());
    assert!(list.contains("1 device enrolled") && list.contains("Control room 1: Ward terminal"), "{list}");
    let code = code_on(&admin.post(&router, "/devices/new/code", &TABLET).await.text());
    let already = admin.post(&router, &format!("/enrol/{code}"), &[]).await;
    assert_eq!(already.status, StatusCode::CONFLICT);
    assert!(words(&already.text()).contains("is Control room 1 already"), "{}", words(&already.text()));
    // The page is not everybody's.
    let mut nurse = Browser::of(&hospital, "N1");
    assert_eq!(nurse.get(&router, "/devices").await.status, StatusCode::FORBIDDEN);
    assert_eq!(nurse.post(&router, "/devices/new/code", &TABLET).await.status, StatusCode::FORBIDDEN);
    assert_eq!(called(&hospital, "AMU tablet 1"), 0);
}
