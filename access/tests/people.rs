//! Accounts: who may open, change and close them; an administrator always stays.

use crate::office::{Office, account, number, site, terminal, ward};
use access::people::{Intent, Refusal, Scope};
use access::{By, NotYours, Role};
use basics::EntryNumber;

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::People(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_account_is_made_once_at_the_console_and_is_an_administrators() {
    let mut office = Office::empty();
    let begin = |roles: &[Role]| Intent::Begin {
        number: number("A1"),
        account: account("Alex Rowe", roles, Scope::Trust),
    };
    let by_staff = office.submit("A1", begin(&[Role::Administrator]));
    assert_eq!(refused(by_staff), Refusal::ConsoleOnly);
    let nurse = office.submit_as(By::Lifeboat, begin(&[Role::ReadOnly]));
    assert_eq!(refused(nurse), Refusal::FirstIsAdministrator);
    office.submit_as(By::Lifeboat, begin(&[Role::Administrator])).unwrap();
    let twice = office.submit_as(By::Lifeboat, begin(&[Role::Administrator]));
    assert_eq!(refused(twice), Refusal::Begun);
}

#[test]
fn only_administrators_change_accounts_and_others_are_told_whom_to_ask() {
    let mut office = Office::new();
    let join =
        Intent::Join { number: number("N9"), account: account("Kim Lark", &[Role::ReadOnly], Scope::Trust) };
    let refusal = refused(office.submit("C1", join.clone()));
    let Refusal::NotYours(NotYours::Roles { whom, .. }) = &refusal else { panic!("{refusal:?}") };
    assert_eq!(whom, "Alex Rowe (ext 4021) or Ada Finch (ext 4021)");
    office.submit("A2", join.clone()).unwrap();
    assert!(matches!(refused(office.submit("A1", join)), Refusal::NumberTaken { .. }));
}

#[test]
fn the_last_administrator_cannot_be_taken_away() {
    let mut office = Office::new();
    let close = |n: &str| Intent::Close { number: number(n), why: "left".to_owned() };
    let less = account("Alex Rowe", &[Role::ReadOnly], Scope::Trust);
    // Neither by oneself,
    assert_eq!(refused(office.submit("A1", close("A1"))), Refusal::OneSelf("Ada Finch".to_owned()));
    let change = Intent::Change { number: number("A1"), account: less.clone() };
    assert_eq!(refused(office.submit("A1", change)), Refusal::OneSelf("Ada Finch".to_owned()));
    office.submit("A1", close("A2")).unwrap();
    // nor by the last one, nor at the console, in any way.
    for who in [By::Staff(number("A1")), By::Lifeboat] {
        let mut ends = account("Alex Rowe", &[Role::Administrator], Scope::Trust);
        ends.valid_until = Some(office.now.plus_seconds(86_400));
        for intent in [
            close("A1"),
            Intent::Change { number: number("A1"), account: less.clone() },
            Intent::Change { number: number("A1"), account: ends.clone() },
            Intent::Import { rows: vec![(number("A1"), less.clone())] },
        ] {
            let refusal = refused(office.submit_as(who.clone(), intent));
            assert_eq!(refusal, Refusal::LastAdministrator("Alex Rowe (A1)".to_owned()));
            assert!(refusal.to_string().contains("key shares"), "{refusal}");
        }
    }
    // An import that makes another one is fine.
    let rows = vec![
        (number("A1"), less),
        (number("N1"), account("Anna Bell", &[Role::Administrator], Scope::Trust)),
    ];
    office.submit_as(By::Lifeboat, Intent::Import { rows }).unwrap();
}

#[test]
fn a_closed_account_loses_its_sessions_and_its_ways_in() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    let session = office.sign_in(&attempt, terminal(), "10.1.4.7").unwrap();
    office.submit("A1", Intent::Close { number: number("N1"), why: "left in May".to_owned() }).unwrap();
    let access::sessions::Check::Out(Some(words)) = office.check(&session, terminal(), "10.1.4.7") else {
        panic!()
    };
    assert!(words.contains("Alex Rowe") && words.contains("left in May"), "{words}");
    office.later(60);
    let attempt = office.attempt("N1");
    assert!(office.sign_in(&attempt, terminal(), "10.1.4.7").is_err());
    office.submit("A1", Intent::Reopen { number: number("N1"), why: "back".to_owned() }).unwrap();
    assert!(!office.book.credentials(&number("N1")).complete(), "she is invited anew");
    assert!(office.book.people.listed(&number("N1")).unwrap().closed.is_none());
}

#[test]
fn an_account_is_kept_whole_or_refused_with_what_to_mend() {
    let mut office = Office::new();
    let join = |account| Intent::Join { number: number("N9"), account };
    let plain = account("Kim Lark", &[Role::WardClinician], ward("Northgate General", "AMU"));
    let mut none = plain.clone();
    none.roles.clear();
    assert!(matches!(refused(office.submit("A1", join(none))), Refusal::NoRole(_)));
    let mut nowhere = plain.clone();
    nowhere.scope = Scope::Places(vec![]);
    assert_eq!(refused(office.submit("A1", join(nowhere))), Refusal::NoPlace("Kim Lark".to_owned()));
    let mut temporary = plain.clone();
    temporary.temporary = true;
    assert_eq!(refused(office.submit("A1", join(temporary.clone()))), Refusal::NoEnd);
    temporary.valid_until = Some(office.now.plus_seconds(-60));
    assert_eq!(refused(office.submit("A1", join(temporary.clone()))), Refusal::Ended);
    temporary.valid_until = Some(office.now.plus_seconds(400 * 86_400));
    assert_eq!(refused(office.submit("A1", join(temporary))), Refusal::NoEnd);
    office.submit("A1", join(plain.clone())).unwrap();
    let same = Intent::Change { number: number("N9"), account: plain };
    assert_eq!(refused(office.submit("A1", same)), Refusal::Same);
    let site = account("Kim Lark", &[Role::WardClinician], site("Northgate General"));
    office.submit("A1", Intent::Change { number: number("N9"), account: site }).unwrap();
}
