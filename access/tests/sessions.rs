//! Sessions: bound to their device, locked when idle or when somebody else comes, ended at once by whoever may.

use crate::office::{Office, PASSPHRASE, WARD_ADDRESS, device, number, own, tablet, terminal};
use access::alarms::Alarm;
use access::devices;
use access::secrets::{Hashed, Typed};
use access::sessions::{Check, Intent, Kind, Refusal, Revoke};
use access::sign_in::Again;
use access::{By, NotYours, Role};
use basics::EntryNumber;

fn signed_in(office: &mut Office, n: &str, on: Hashed, from: &str) -> Hashed {
    office.later(30);
    let attempt = office.attempt(n);
    office.sign_in(&attempt, on, from).unwrap()
}

fn out(office: &Office, session: &Hashed, on: Hashed, from: &str) -> String {
    match office.check(session, on, from) {
        Check::Out(Some(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::Sessions(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn revoke(office: &mut Office, who: &str, what: Revoke) -> Result<EntryNumber, access::Refusal> {
    office.submit(who, Intent::Revoke { what, why: "stolen".to_owned() })
}

/// What the program does when a session is shown elsewhere.
fn end_elsewhere(office: &mut Office, session: Hashed, on: Hashed, from: &str) -> String {
    let Check::Elsewhere(words) = office.check(&session, on, from) else { panic!("it was let in") };
    let end = Intent::EndElsewhere { session, device: on, from: from.to_owned() };
    office.submit_now(By::Lifeboat, end).unwrap();
    words
}

#[test]
fn a_session_is_long_on_ones_own_device_and_short_on_others() {
    let mut office = Office::set_up();
    for (on, kind, hours) in [
        (terminal(), Kind::Shared, 13),
        (tablet(), Kind::Shared, 13),
        (own(), Kind::Own, 7 * 24),
        (device("a phone from home"), Kind::Visiting, 1),
    ] {
        let session = signed_in(&mut office, "N1", on, WARD_ADDRESS);
        let found = office.book.sessions.session(&session).unwrap();
        assert_eq!((found.kind, found.ends.seconds_since(office.now)), (kind, hours * 3_600));
    }
    // Anna's own tablet is nobody else's.
    let session = signed_in(&mut office, "N2", own(), WARD_ADDRESS);
    assert_eq!(office.book.sessions.session(&session).unwrap().kind, Kind::Visiting);
}

#[test]
fn a_stolen_session_is_refused_and_ended_and_its_owner_is_told_why() {
    let mut office = Office::set_up();
    let session = signed_in(&mut office, "N1", tablet(), WARD_ADDRESS);
    let thief = device("a thief's laptop");
    let words = end_elsewhere(&mut office, session, thief, "203.0.113.9");
    assert!(words.contains("belongs to another device"), "{words}");
    // Whoever shows it next, owner or thief, is out.
    let words = out(&office, &session, tablet(), WARD_ADDRESS);
    assert!(
        words.contains("a device that is not enrolled (203.0.113.9)") && words.contains("Sign in again"),
        "{words}"
    );
    let raised = office.book.alarms.newest().next().unwrap();
    assert!(matches!(&raised.alarm, Alarm::SessionElsewhere { number: n, .. } if *n == number("N1")));
}

#[test]
fn a_session_from_another_address_is_ended_where_the_device_stays_in_its_place() {
    let mut office = Office::set_up();
    // A tablet is carried about.
    let roams = signed_in(&mut office, "N1", tablet(), WARD_ADDRESS);
    assert!(matches!(office.check(&roams, tablet(), "10.1.9.1"), Check::In(_)));
    for (on, n) in [(terminal(), "N1"), (device("a phone from home"), "N2")] {
        let session = signed_in(&mut office, n, on, WARD_ADDRESS);
        let words = end_elsewhere(&mut office, session, on, "203.0.113.9");
        assert!(words.contains("began at the address 10.1.4.7, and this is 203.0.113.9"), "{words}");
        assert!(out(&office, &session, on, WARD_ADDRESS).contains("in case it was stolen"));
    }
}

#[test]
fn a_screen_left_alone_is_locked_and_opened_again_by_the_passphrase_alone() {
    let mut office = Office::set_up();
    let session = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    office.later(590);
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::In(_)));
    office.activity.note(session, &office.book, office.now);
    office.later(590);
    assert!(
        matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::In(_)),
        "it was used meanwhile"
    );
    office.later(30);
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::Locked(_)));
    let held = Again::look_up(&office.book, session).unwrap();
    assert!(held.verify(&Typed::new("somebody else's words")).is_none());
    let again = held.verify(&Typed::new(PASSPHRASE)).unwrap();
    // Not on another device, and by nobody else.
    let elsewhere = Intent::Resume { again, device: tablet(), in_place_of: None };
    assert_eq!(refused(office.submit_now(By::Staff(number("N1")), elsewhere)), Refusal::OtherDevice);
    let again = held.verify(&Typed::new(PASSPHRASE)).unwrap();
    let other = Intent::Resume { again, device: terminal(), in_place_of: None };
    assert_eq!(refused(office.submit_now(By::Staff(number("N2")), other)), Refusal::NotSelf);
    let again = held.verify(&Typed::new(PASSPHRASE)).unwrap();
    let resume = Intent::Resume { again, device: terminal(), in_place_of: None };
    office.submit_now(By::Staff(number("N1")), resume).unwrap();
    assert!(matches!(office.check(&session, terminal(), WARD_ADDRESS), Check::In(_)));
    // On a device that nobody enrolled it is over.
    let phone = device("a phone from home");
    let visiting = signed_in(&mut office, "N1", phone, WARD_ADDRESS);
    office.later(700);
    assert!(out(&office, &visiting, phone, WARD_ADDRESS).contains("left alone"));
}

#[test]
fn at_a_ward_terminal_whoever_comes_next_locks_the_session_before() {
    let mut office = Office::set_up();
    let annas = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    let attempt = office.attempt("N2");
    let omars = office.sign_in_over(&attempt, terminal(), WARD_ADDRESS, Some(annas)).unwrap();
    assert!(matches!(office.check(&annas, terminal(), WARD_ADDRESS), Check::Locked(_)));
    assert!(matches!(office.check(&omars, terminal(), WARD_ADDRESS), Check::In(_)));
    assert_eq!(office.book.sessions.on(&terminal(), office.now).count(), 2, "both can be switched to");
    // Back to Anna: one passphrase, and Omar's is locked.
    let again = Again::look_up(&office.book, annas).unwrap().verify(&Typed::new(PASSPHRASE)).unwrap();
    let back = Intent::Resume { again, device: terminal(), in_place_of: Some(omars) };
    office.submit_now(By::Staff(number("N1")), back).unwrap();
    assert!(matches!(office.check(&annas, terminal(), WARD_ADDRESS), Check::In(_)));
    assert!(matches!(office.check(&omars, terminal(), WARD_ADDRESS), Check::Locked(_)));
    // A session of another device is never locked from here.
    let there = signed_in(&mut office, "E1", tablet(), WARD_ADDRESS);
    let attempt = office.attempt("C1");
    office.sign_in_over(&attempt, terminal(), WARD_ADDRESS, Some(there)).unwrap();
    assert!(matches!(office.check(&there, tablet(), WARD_ADDRESS), Check::In(_)));
}

#[test]
fn what_is_revoked_counts_no_more_at_the_next_request() {
    let mut office = Office::set_up();
    let (one, two) = (
        signed_in(&mut office, "N1", terminal(), WARD_ADDRESS),
        signed_in(&mut office, "N1", tablet(), WARD_ADDRESS),
    );
    let three = signed_in(&mut office, "E1", tablet(), WARD_ADDRESS);
    // Oneself, or who may; nobody else.
    let refusal = refused(revoke(&mut office, "N2", Revoke::Person(number("N1"))));
    assert!(matches!(refusal, Refusal::NotYours(NotYours::Roles { .. })));
    revoke(&mut office, "N1", Revoke::Person(number("N1"))).unwrap();
    assert!(
        out(&office, &one, terminal(), WARD_ADDRESS).contains("Anna Bell (N1) ended this session: stolen")
    );
    out(&office, &two, tablet(), WARD_ADDRESS);
    assert!(matches!(office.check(&three, tablet(), WARD_ADDRESS), Check::In(_)));
    // A device, and with it whoever is signed in there.
    office.submit("I1", devices::Intent::Revoke { device: tablet(), why: "lost".to_owned() }).unwrap();
    assert!(out(&office, &three, tablet(), WARD_ADDRESS).contains("the device was revoked: lost"));
    let after = signed_in(&mut office, "E1", tablet(), WARD_ADDRESS);
    assert_eq!(office.book.sessions.session(&after).unwrap().kind, Kind::Visiting);
    // Everything.
    assert!(matches!(refused(revoke(&mut office, "I1", Revoke::Everything)), Refusal::NotYours(_)));
    revoke(&mut office, "C1", Revoke::Everything).unwrap();
    assert_eq!(office.book.sessions.all(office.now).count(), 0);
}

#[test]
fn rights_are_read_anew_at_each_request() {
    let mut office = Office::set_up();
    let session = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    let mut anna = office.book.people.listed(&number("N1")).unwrap().account.clone();
    anna.roles = [Role::ReadOnly].into();
    office.submit("A1", access::people::Intent::Change { number: number("N1"), account: anna }).unwrap();
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert_eq!(standing.account.roles_words(), "read-only");
}

#[test]
fn a_clock_that_jumps_keeps_nobody_in_for_years() {
    let mut office = Office::set_up();
    let session = signed_in(&mut office, "N1", own(), WARD_ADDRESS);
    let now = office.now;
    office.now = now.plus_seconds(-1_800);
    assert!(
        matches!(office.check(&session, own(), WARD_ADDRESS), Check::In(_)),
        "half an hour back harms nobody"
    );
    for seconds in [-400 * 86_400, 10 * 366 * 86_400] {
        office.now = now.plus_seconds(seconds);
        assert!(matches!(office.check(&session, own(), WARD_ADDRESS), Check::Out(Some(_))), "{seconds}");
    }
}

#[test]
fn signing_in_again_on_a_device_takes_the_place_of_the_session_before() {
    let mut office = Office::set_up();
    let first = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    let second = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    assert!(out(&office, &first, terminal(), WARD_ADDRESS).contains("once more"));
    office.submit("N1", Intent::SignOut { session: second }).unwrap();
    assert!(out(&office, &second, terminal(), WARD_ADDRESS).contains("signed out"));
    assert!(matches!(office.check(&crate::office::token(999), terminal(), WARD_ADDRESS), Check::Out(None)));
}

#[test]
fn one_session_is_ended_alone() {
    let mut office = Office::set_up();
    let one = signed_in(&mut office, "N1", terminal(), WARD_ADDRESS);
    let two = signed_in(&mut office, "N1", tablet(), WARD_ADDRESS);
    let refusal = refused(revoke(&mut office, "N2", Revoke::Session(one)));
    assert!(matches!(refusal, Refusal::NotYours(NotYours::Roles { .. })));
    revoke(&mut office, "I1", Revoke::Session(one)).unwrap();
    assert!(
        out(&office, &one, terminal(), WARD_ADDRESS).contains("Ivan Pike (I1) ended this session: stolen")
    );
    assert!(matches!(office.check(&two, tablet(), WARD_ADDRESS), Check::In(_)));
    assert_eq!(refused(revoke(&mut office, "I1", Revoke::Session(one))), Refusal::EndedAlready);
}
