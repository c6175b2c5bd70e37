//! What people sign in by: each their own, never left without a way in, nothing of it in `Debug`.

use crate::office::{Office, PASSPHRASE, number, phone, recovery, step};
use access::secrets::Typed;
use access::sign_in::credentials::{Intent, RECOVERY, Refusal};
use access::sign_in::passphrase::{Costs, Stored};
use basics::EntryNumber;

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::Credentials(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn stored() -> Stored {
    Stored::new(&Typed::new(PASSPHRASE), [7; 16], Costs::TRIAL).unwrap()
}

#[test]
fn nobody_sets_anothers_passphrase_or_adds_to_anothers_keys() {
    let mut office = Office::set_up();
    let (mine, secret) = (number("N1"), phone("N1"));
    for who in ["A1", "N2", "I1"] {
        let set = Intent::SetPassphrase { number: mine.clone(), stored: stored() };
        assert!(matches!(refused(office.submit(who, set)), Refusal::NotYours(_)), "{who}");
        let code = secret.code(step(office.now.plus_seconds(60)));
        let (number, secret, label) = (mine.clone(), secret.clone(), "x".to_owned());
        let add = Intent::AddAuthenticator { number, label, secret, code, next_code: None };
        assert!(matches!(refused(office.submit(who, add)), Refusal::NotYours(_)), "{who}");
        let codes = (0..10).map(|i| recovery("N1", i).hashed(RECOVERY)).collect();
        let make = Intent::MakeRecoveryCodes { number: mine.clone(), codes };
        assert!(matches!(refused(office.submit(who, make)), Refusal::NotYours(_)), "{who}");
    }
    // An administrator only takes away.
    office.submit("A1", Intent::RemoveAuthenticator { number: mine.clone(), authenticator: 1 }).unwrap();
    let gone = Intent::RemoveAuthenticator { number: mine, authenticator: 1 };
    assert_eq!(refused(office.submit("A1", gone)), Refusal::Gone);
}

#[test]
fn nobody_takes_their_own_last_way_in() {
    let mut office = Office::set_up();
    let phone = Intent::RemoveAuthenticator { number: number("N1"), authenticator: 1 };
    office.submit("N1", phone).unwrap();
    // Recovery codes are left; without them it would be the last.
    let mut office = Office::new();
    let set = Intent::SetPassphrase { number: number("N1"), stored: stored() };
    office.submit("N1", set).unwrap();
    assert!(office.book.credentials(&number("N1")).still_to_do().is_some());
    let passkey = access::sign_in::passkeys::Passkey {
        id: vec![1],
        public_key: vec![1],
        counter: 0,
        label: "key".to_owned(),
    };
    office.submit("N1", Intent::AddPasskey { number: number("N1"), passkey }).unwrap();
    let remove = Intent::RemovePasskey { number: number("N1"), id: vec![1] };
    assert_eq!(refused(office.submit("N1", remove)), Refusal::LastWay);
}

#[test]
fn a_phone_is_added_by_a_code_that_it_shows() {
    let mut office = Office::new();
    let add = |office: &Office, ahead: i64, next: bool| {
        let secret = phone("N1");
        let now = office.now.plus_seconds(60 + ahead);
        let code = secret.code(step(if next { now.plus_seconds(-30) } else { now }));
        let next_code = next.then(|| secret.code(step(now)));
        Intent::AddAuthenticator { number: number("N1"), label: "phone".to_owned(), secret, code, next_code }
    };
    let wrong = add(&office, 900, false);
    assert_eq!(refused(office.submit("N1", wrong)), Refusal::CodeWrong);
    let days = add(&office, 2 * 86_400, true);
    let words = refused(office.submit("N1", days)).to_string();
    assert!(words.contains("2 days 0 h ahead of Lifeboat's"), "{words}");
    let both = add(&office, 900, true);
    office.submit("N1", both).unwrap();
    assert_eq!(office.book.credentials(&number("N1")).authenticators[0].drift_steps, 30);
}

#[test]
fn a_new_invitation_takes_everything_else_away() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    let session = office.sign_in(&attempt, crate::office::terminal(), "10.1.4.7").unwrap();
    let code = recovery("N1", 77).hashed(access::sign_in::credentials::INVITATION);
    let until = office.now.plus_seconds(3 * 86_400);
    let invite = |n: &str| Intent::Invite { people: vec![(number(n), code)], until };
    assert!(matches!(refused(office.submit("I1", invite("N1"))), Refusal::NotYours(_)));
    assert_eq!(refused(office.submit("A1", invite("A1"))), Refusal::Oneself);
    assert_eq!(refused(office.submit("A1", invite("N77"))), Refusal::NoAccount(number("N77")));
    office.submit("A1", invite("N1")).unwrap();
    let mine = office.book.credentials(&number("N1"));
    assert!(!mine.complete() && mine.passphrase.is_none() && mine.recovery.is_empty());
    assert!(office.book.sessions.session(&session).is_none());
    assert_eq!(
        mine.invitation.as_ref().unwrap().told.by,
        access::By::Staff(number("A1")),
        "she sees by whom"
    );
}

#[test]
fn nothing_secret_stands_in_the_books_debug_words() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    office.sign_in(&attempt, crate::office::terminal(), "10.1.4.7").unwrap();
    let words = format!("{:?} {:?} {attempt:?}", office.book, office.acts);
    let letters = phone("N1").letters().replace(' ', "");
    // As text, as letters, and as numbers in a row.
    for secret in
        [PASSPHRASE, &letters, "78, 49, 1, 1, 1, 1", "7, 7, 7, 7, 7", recovery("N1", 0).printed().as_str()]
    {
        assert!(!words.contains(secret), "{secret} is shown");
    }
    // Planted: a phone's secret shown as a row of numbers would be found.
    let mut shown = [1u8; 20];
    shown[..2].copy_from_slice(b"N1");
    assert!(format!("{shown:?}").contains("78, 49, 1, 1, 1, 1"));
}
