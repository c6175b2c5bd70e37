//! The only administrator is gone: two of the three key shares let somebody back in, and everybody hears of it.

use crate::office::{Office, WARD_ADDRESS, account, number, terminal};
use access::alarms::Alarm;
use access::people::Scope;
use access::secrets::{Code, Typed};
use access::sessions::Check;
use access::sign_in::Attempt;
use access::sign_in::credentials::INVITATION;
use access::sign_in::way_back::{Intent, Proof, Refusal};
use access::{By, Role};
use basics::Person;

fn take(proof: Proof, n: &str, name: &str, code: &Code) -> Intent {
    Intent::Take { proof, number: number(n), name: Person::new(name).unwrap(), code: code.hashed(INVITATION) }
}

#[test]
fn two_shares_let_an_administrator_back_in() {
    let mut office = Office::empty();
    let only = account("Alex Rowe", &[Role::Administrator], Scope::Trust);
    office
        .submit_as(By::Lifeboat, access::people::Intent::Begin { number: number("A1"), account: only })
        .unwrap();
    // Alex is gone with phone and passphrase. Ben has no account at all.
    let code = Code::new(&[8; 10]);
    let proof = Proof::two_of_three(3, 1, office.now).unwrap();
    office.submit_as(By::Lifeboat, take(proof, "B7", "Ben Cole", &code)).unwrap();
    let way = Attempt::Invitation { number: number("B7"), code: Typed::new(code.printed().as_str()) };
    let session = office.sign_in(&way, terminal(), WARD_ADDRESS).unwrap();
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert!(standing.newcomer, "first he chooses how to sign in");
    assert!(standing.account.stands_as_administrator());
    let raised = office.book.alarms.newest().next().unwrap();
    assert_eq!(raised.alarm, Alarm::WayBack { number: number("B7"), shares: [1, 3] });
    let said = raised.words(&office.book, &basics::Zone::london());
    assert!(said.contains("Ben Cole (B7)") && said.contains("shares 1 and 3"), "{said}");
}

#[test]
fn one_share_is_not_two_and_an_old_proof_is_none() {
    let mut office = Office::new();
    for (one, other) in [(1, 1), (0, 1), (2, 4), (3, 3)] {
        assert_eq!(Proof::two_of_three(one, other, office.now), None);
    }
    let code = Code::new(&[8; 10]);
    let proof = Proof::two_of_three(1, 2, office.now).unwrap();
    let by_staff = office.submit("A1", take(proof.clone(), "A1", "Alex Rowe", &code));
    assert_eq!(by_staff, Err(access::Refusal::WayBack(Refusal::NotByStaff)));
    let other = office.submit_as(By::Lifeboat, take(proof.clone(), "N1", "Ben Cole", &code));
    assert!(matches!(other, Err(access::Refusal::WayBack(Refusal::OtherName { .. }))), "{other:?}");
    office.later(20 * 60);
    let late = office.submit_as(By::Lifeboat, take(proof, "A1", "Alex Rowe", &code));
    assert_eq!(late, Err(access::Refusal::WayBack(Refusal::Stale)));
}

#[test]
fn a_closed_or_lesser_account_stands_again_with_all_it_had() {
    let mut office = Office::set_up();
    office
        .submit("A1", access::people::Intent::Close { number: number("N1"), why: "left".to_owned() })
        .unwrap();
    let code = Code::new(&[8; 10]);
    let proof = Proof::two_of_three(2, 3, office.now).unwrap();
    office.submit_as(By::Lifeboat, take(proof, "N1", "anna bell", &code)).unwrap();
    let listed = office.book.people.listed(&number("N1")).unwrap();
    assert!(listed.closed.is_none() && listed.account.roles.contains(&Role::WardClinician));
    assert!(listed.account.stands_as_administrator());
}
