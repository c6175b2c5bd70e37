//! Getting in: each way, what counts once, clocks that are wrong, and one sentence for all that is wrong.

use crate::office::{
    Office, PASSPHRASE, WARD_ADDRESS, attempt_with, number, own, phone, recovery, step, terminal,
};
use access::alarms::Alarm;
use access::devices::DeviceStanding;
use access::secrets::{Code, Typed};
use access::sessions::Check;
use access::sign_in::credentials::{self, INVITATION};
use access::sign_in::passkeys::{Passkey, PasskeyProof};
use access::sign_in::{Attempt, Verdict, WRONG, Way};

#[test]
fn passphrase_and_code_let_in_and_a_code_counts_once() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    let session = office.sign_in(&attempt, terminal(), WARD_ADDRESS).unwrap();
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert_eq!((standing.account.name.as_str(), standing.newcomer), ("Anna Bell", false));
    assert_eq!(office.book.devices.standing(&terminal(), &number("N1")), DeviceStanding::Known);
    // The same code again, by somebody who looked over her shoulder.
    assert_eq!(office.sign_in(&attempt, own(), "10.9.9.9"), Err(WRONG.to_owned()));
    office.later(30);
    let attempt = office.attempt("N1");
    office.sign_in(&attempt, terminal(), WARD_ADDRESS).unwrap();
}

#[test]
fn of_two_who_are_as_quick_with_one_code_the_second_is_refused() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    // Both are verified before either is sealed.
    let (Verdict::Proven(one), Verdict::Proven(two)) = (office.verify(&attempt), office.verify(&attempt))
    else {
        panic!()
    };
    let mut open = |proven, token| {
        let opening = access::sessions::Opening {
            proven,
            session: crate::office::token(token),
            device: terminal(),
            from: String::new(),
            lengths: access::sessions::Lengths::default(),
            in_place_of: None,
        };
        office.submit_now(access::By::Staff(number("N1")), access::sessions::Intent::Open(Box::new(opening)))
    };
    open(one, 1).unwrap();
    let refused = open(two, 2).unwrap_err().to_string();
    assert!(refused.contains("used already"), "{refused}");
}

#[test]
fn whatever_is_wrong_is_refused_in_one_sentence() {
    let mut office = Office::set_up();
    let code = phone("N1").code(step(office.now));
    let mut said = Vec::new();
    for attempt in [
        attempt_with("NOBODY", PASSPHRASE, code),
        attempt_with("N1", "rivet lantern opal dram", code),
        attempt_with("N1", PASSPHRASE, (code + 1) % 1_000_000),
        attempt_with("R1", PASSPHRASE, code),
        Attempt::Recovery {
            number: number("N1"),
            passphrase: Typed::new(PASSPHRASE),
            code: Typed::new(recovery("N2", 0).printed().as_str()),
        },
        Attempt::Invitation { number: number("N1"), code: Typed::new(recovery("N1", 0).printed().as_str()) },
        Attempt::Card {
            text: Typed::new("LIFEBOAT:CARD:00000000000000000000000000"),
            pin: Typed::new("40718263"),
        },
        Attempt::Passkey { proof: PasskeyProof { id: vec![1, 2, 3], counter: 5 } },
    ] {
        said.push(office.sign_in(&attempt, terminal(), WARD_ADDRESS).unwrap_err());
    }
    assert!(said.iter().all(|words| words == WRONG), "{said:?}");
    assert!(WRONG.contains("shift card"), "and says what to do");
}

#[test]
fn a_phone_that_is_twenty_minutes_off_costs_two_codes_once() {
    let mut office = Office::set_up();
    let shown = |office: &Office, seconds: i64| phone("N1").code(step(office.now.plus_seconds(seconds)));
    let one = attempt_with("N1", PASSPHRASE, shown(&office, 1_200));
    assert_eq!(office.sign_in(&one, terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
    let (first, then) = (shown(&office, 1_200), shown(&office, 1_230));
    office.later(30);
    let Attempt::Passphrase { number, passphrase, code, .. } = attempt_with("N1", PASSPHRASE, first) else {
        panic!()
    };
    let next_code = Some(Typed::new(format!("{then:06}")));
    let both = Attempt::Passphrase { number, passphrase, code, next_code };
    office.sign_in(&both, terminal(), WARD_ADDRESS).unwrap();
    let mine = &office.book.credentials(&crate::office::number("N1")).authenticators[0];
    assert_eq!(mine.drift_words().unwrap(), "The clock of my phone is 20 minutes ahead of Lifeboat's.");
    office.later(3_600);
    let one = attempt_with("N1", PASSPHRASE, shown(&office, 1_200));
    office.sign_in(&one, terminal(), WARD_ADDRESS).unwrap();
}

#[test]
fn a_phone_that_is_two_days_off_is_told_so_and_the_other_ways_work() {
    let mut office = Office::set_up();
    let days = -2 * 86_400;
    let (first, then) = (
        phone("N1").code(step(office.now.plus_seconds(days))),
        phone("N1").code(step(office.now.plus_seconds(days + 30))),
    );
    office.later(30);
    let both = |passphrase: &str| Attempt::Passphrase {
        number: number("N1"),
        passphrase: Typed::new(passphrase),
        code: Typed::new(format!("{first:06}")),
        next_code: Some(Typed::new(format!("{then:06}"))),
    };
    let words = office.sign_in(&both(PASSPHRASE), terminal(), WARD_ADDRESS).unwrap_err();
    assert_eq!(
        words,
        "The clock of your phone is 2 days 0 h behind Lifeboat's. One of the two is wrong: compare both with a clock on \
         the wall. Until that is mended, get in with a passkey, one of your recovery codes, or a shift card from two \
         people."
    );
    // Who does not know the passphrase learns nothing of the clock.
    assert_eq!(
        office.sign_in(&both("something else entirely"), terminal(), WARD_ADDRESS),
        Err(WRONG.to_owned())
    );
    let way = Attempt::Recovery {
        number: number("N1"),
        passphrase: Typed::new(PASSPHRASE),
        code: Typed::new(recovery("N1", 3).printed().as_str()),
    };
    office.sign_in(&way, terminal(), WARD_ADDRESS).unwrap();
}

#[test]
fn a_lost_authenticator_is_made_good_by_a_recovery_code_once() {
    let mut office = Office::set_up();
    let printed = recovery("N1", 3).printed().to_lowercase();
    let way = |code: &str| Attempt::Recovery {
        number: number("N1"),
        passphrase: Typed::new(PASSPHRASE),
        code: Typed::new(code),
    };
    // A slip is found before a try is made of it.
    let (first, rest) = printed.split_at(1);
    let slips = ["2", "3", "4", "5"].map(|other| office.verify(&way(&format!("{other}{rest}"))));
    let found = slips.iter().filter(|verdict| matches!(verdict, Verdict::Slip(_))).count();
    assert!(found >= 3, "{slips:?} beside {first}");
    // Nobody learns from it who has an invitation.
    let invitation = |n: &str| Attempt::Invitation { number: number(n), code: Typed::new("ABCD") };
    assert!(["N1", "NOBODY"].iter().all(|n| matches!(office.verify(&invitation(n)), Verdict::Slip(_))));
    let session = office.sign_in(&way(&printed), terminal(), WARD_ADDRESS).unwrap();
    assert!(matches!(office.book.sessions.session(&session).unwrap().way, Way::PassphraseAndRecovery { .. }));
    assert_eq!(office.sign_in(&way(&printed), terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
    assert_eq!(office.book.credentials(&number("N1")).recovery.len(), 9);
    // She takes the lost phone off and adds another.
    let remove = credentials::Intent::RemoveAuthenticator { number: number("N1"), authenticator: 1 };
    office.submit("N1", remove).unwrap();
    let secret = access::sign_in::totp::TotpSecret::new([9; 20]);
    let code = secret.code(step(office.now.plus_seconds(60)));
    let label = "new phone".to_owned();
    let add =
        credentials::Intent::AddAuthenticator { number: number("N1"), label, secret, code, next_code: None };
    office.submit("N1", add).unwrap();
    assert_eq!(
        office.book.credentials(&number("N1")).authenticators[0].number,
        2,
        "no number is given twice"
    );
}

#[test]
fn an_invitation_opens_ones_own_page_and_nothing_else() {
    let mut office = Office::new();
    let code = Code::new(&[5; 10]);
    let invite = credentials::Intent::Invite {
        people: vec![(number("N1"), code.hashed(INVITATION))],
        until: office.now.plus_seconds(7 * 86_400),
    };
    office.submit("A1", invite).unwrap();
    let way = Attempt::Invitation { number: number("N1"), code: Typed::new(code.printed().as_str()) };
    let session = office.sign_in(&way, terminal(), WARD_ADDRESS).unwrap();
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert!(standing.newcomer);
    assert!(office.sign_in(&way, terminal(), WARD_ADDRESS).is_err(), "it lets in once");
    office.give_credentials("N1");
    let Check::In(standing) = office.check(&session, terminal(), WARD_ADDRESS) else { panic!() };
    assert!(!standing.newcomer, "set up, and in, without signing in again");
}

#[test]
fn an_invitation_that_ran_out_says_so_to_its_owner_alone() {
    let mut office = Office::new();
    let code = Code::new(&[5; 10]);
    let until = office.now.plus_seconds(86_400);
    let invite = credentials::Intent::Invite { people: vec![(number("N1"), code.hashed(INVITATION))], until };
    office.submit("A1", invite).unwrap();
    office.later(2 * 86_400);
    let way =
        |code: &Code| Attempt::Invitation { number: number("N1"), code: Typed::new(code.printed().as_str()) };
    let words = office.sign_in(&way(&code), terminal(), WARD_ADDRESS).unwrap_err();
    assert!(words.contains("ran out at 13-May-2026") && words.contains("administrator"), "{words}");
    assert_eq!(office.sign_in(&way(&Code::new(&[6; 10])), terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
}

#[test]
fn a_passkey_lets_in_and_a_copy_of_it_is_refused_and_alarmed() {
    let mut office = Office::set_up();
    let passkey =
        Passkey { id: vec![1; 32], public_key: vec![2; 77], counter: 4, label: "blue key".to_owned() };
    let add = credentials::Intent::AddPasskey { number: number("N1"), passkey: passkey.clone() };
    office.submit("N1", add).unwrap();
    let taken = credentials::Intent::AddPasskey { number: number("N2"), passkey };
    let refused = office.submit("N2", taken).unwrap_err().to_string();
    assert!(refused.contains("already"), "an id belongs to one person: {refused}");
    let way = |counter| Attempt::Passkey { proof: PasskeyProof { id: vec![1; 32], counter } };
    office.sign_in(&way(5), own(), "10.2.0.9").unwrap();
    let words = office.sign_in(&way(5), terminal(), WARD_ADDRESS).unwrap_err();
    assert!(words.contains("may be a copy"), "{words}");
    let alarm = office.book.alarms.newest().next().unwrap();
    assert!(matches!(alarm.alarm, Alarm::PasskeyCopied { .. }));
    let said = alarm.words(&office.book, &basics::Zone::london());
    assert!(said.contains("Anna Bell (N1)") && said.contains("AMU terminal 3"), "{said}");
    office.sign_in(&way(6), own(), "10.2.0.9").unwrap();
}

#[test]
fn an_account_that_ran_out_is_told_so_after_the_proof_alone() {
    let mut office = Office::set_up();
    let mut anna = office.book.people.listed(&number("N1")).unwrap().account.clone();
    anna.valid_until = Some(office.now.plus_seconds(3_600));
    office.submit("A1", access::people::Intent::Change { number: number("N1"), account: anna }).unwrap();
    office.later(2 * 3_600);
    let attempt = office.attempt("N1");
    let words = office.sign_in(&attempt, terminal(), WARD_ADDRESS).unwrap_err();
    assert!(words.contains("ran out at") && words.contains("Alex Rowe"), "{words}");
    let wrong = attempt_with("N1", "not her passphrase", 0);
    assert_eq!(office.sign_in(&wrong, terminal(), WARD_ADDRESS), Err(WRONG.to_owned()));
}
