//! Telling patients: nobody twice, nobody forgotten, whatever failed, was merged, or changed in between.

use crate::desk::{Desk, considered, key};
use care::clinics::wanted::{Rebooking, Telling, TellingRefusal};
use care::clinics::{CallOutcome, Choice, Class, Knows, NoticeState, Place, Refusal, ToldHow};
use care::notices::{Channel, Message};

fn report(number: u32, state: NoticeState) -> Telling {
    Telling::Report { receipts: vec![(number, state)] }
}

#[test]
fn nobody_is_told_twice() {
    let mut desk = Desk::new();
    desk.postpone(&[1, 2]);
    let notice = desk.notice(&[1, 2], Channel::Sms);
    desk.submit("Omar Reed", Telling::Queue { notices: vec![notice.clone()] }).unwrap();
    // The same form sent again, and one that speaks of a booking twice.
    let again = desk.submit("Omar Reed", Telling::Queue { notices: vec![notice] });
    assert_eq!(again, Err(Refusal::Telling(TellingRefusal::Changed(1))));
    desk.postpone(&[3]);
    let twice = vec![desk.notice(&[3], Channel::Sms), desk.notice(&[3], Channel::Email)];
    let both = desk.submit("Omar Reed", Telling::Queue { notices: twice });
    assert_eq!(both, Err(Refusal::Telling(TellingRefusal::Changed(1))));
    assert_eq!(desk.picture().notices.len(), 1);
    assert!(desk.handled(1).to_tell().is_none() && desk.handled(3).to_tell() == Some(Message::Postponed));
}

#[test]
fn a_gateway_that_took_it_and_then_failed_leaves_the_patient_untold() {
    let mut desk = Desk::new();
    desk.postpone(&[1]);
    let number = desk.send(&[1], Channel::Sms).unwrap();
    desk.submit("Lifeboat", report(number, NoticeState::Sent)).unwrap();
    assert!(desk.handled(1).may_come(), "sent is not heard");
    desk.submit("Lifeboat", report(number, NoticeState::Failed("no such number".to_owned()))).unwrap();
    assert_eq!(desk.handled(1).failed(), Some("no such number"));
    assert_eq!(desk.handled(1).to_tell(), Some(Message::Postponed));
    // An older word that comes late takes nothing back.
    let late = desk.submit("Lifeboat", report(number, NoticeState::Sent));
    assert_eq!(late, Err(Refusal::Telling(TellingRefusal::NothingNew)));
    // Delivered after all: some gateways say so.
    desk.submit("Lifeboat", report(number, NoticeState::Delivered)).unwrap();
    assert!(desk.handled(1).reached() && !desk.handled(1).may_come());
}

#[test]
fn a_call_that_reached_them_is_proof_and_one_that_did_not_is_counted() {
    let mut desk = Desk::new();
    desk.postpone(&[1]);
    let call = |outcome| Telling::Speak {
        keys: vec![key(1)],
        how: ToldHow::Call,
        outcome,
        number: "01632 960 001".to_owned(),
        note: String::new(),
    };
    desk.submit("Omar Reed", call(CallOutcome::NoAnswer)).unwrap();
    desk.submit("Omar Reed", call(CallOutcome::WrongNumber)).unwrap();
    assert_eq!(desk.handled(1).attempts, 2);
    assert!(desk.handled(1).may_come());
    desk.submit("Omar Reed", call(CallOutcome::Spoke)).unwrap();
    assert!(desk.handled(1).reached());
    let again = desk.submit("Omar Reed", call(CallOutcome::Spoke));
    assert_eq!(again, Err(Refusal::Telling(TellingRefusal::NothingToTell)));
}

#[test]
fn what_is_to_be_told_follows_what_is_so() {
    let mut desk = Desk::new();
    desk.postpone(&[1]);
    let tomorrow = desk.now.plus_seconds(3 * 86_400);
    let place = Place { key: key(1), slot: None, start: tomorrow, list: String::new() };
    // Rebooked before anybody was told: one notice says both.
    desk.submit("Anna Bell", Rebooking::Rebook { places: vec![place], late_known: false }).unwrap();
    assert_eq!(desk.handled(1).to_tell(), Some(Message::PostponedNewDate));
    desk.send(&[1], Channel::Letter).unwrap();
    assert_eq!(desk.handled(1).knows(), Knows::Rebooked(tomorrow));
    assert_eq!(desk.handled(1).to_tell(), None);
    // Told of a postponement first, then of the new time.
    desk.postpone(&[2]);
    desk.send(&[2], Channel::Sms).unwrap();
    let place = Place { key: key(2), slot: None, start: tomorrow, list: String::new() };
    desk.submit("Anna Bell", Rebooking::Rebook { places: vec![place], late_known: false }).unwrap();
    assert_eq!(desk.handled(2).to_tell(), Some(Message::Rebooked));
    // Never told anything of a booking that is kept.
    desk.decide("Anna Bell", Choice::Keep, &[considered(3, Class::C)]).unwrap();
    assert_eq!(desk.handled(3).to_tell(), None);
}

#[test]
fn a_notice_planned_before_somebody_decided_otherwise_is_not_sent() {
    let mut desk = Desk::new();
    desk.postpone(&[1]);
    let notice = desk.notice(&[1], Channel::Sms);
    desk.decide("Anna Bell", Choice::Keep, &[considered(1, Class::C)]).unwrap();
    let sent = desk.submit("Omar Reed", Telling::Queue { notices: vec![notice] });
    assert_eq!(sent, Err(Refusal::Telling(TellingRefusal::Changed(1))));
    assert!(desk.picture().notices.is_empty());
}

#[test]
fn what_ceased_to_be_so_before_it_left_is_withdrawn_as_if_it_had_never_been_queued() {
    let mut desk = Desk::new();
    let still_so = |desk: &Desk, number: u32| {
        let said = &desk.picture().notice(number).unwrap().planned.bookings;
        said.iter().all(|b| desk.picture().handled(&b.key).unwrap().still_so(b))
    };
    let withdraw = |number| Telling::Withdraw { numbers: vec![number], why: "it is no longer so".to_owned() };
    desk.postpone(&[1, 2, 3]);
    let first = desk.send(&[1], Channel::Sms).unwrap();
    let second = desk.send(&[2], Channel::Sms).unwrap();
    assert!(still_so(&desk, first) && still_so(&desk, second));
    desk.decide("Anna Bell", Choice::Keep, &[considered(1, Class::C)]).unwrap();
    assert!(!still_so(&desk, first) && still_so(&desk, second));
    assert_eq!(desk.handled(1).to_tell(), Some(Message::GoingAhead), "it may still leave");
    desk.submit("Lifeboat", withdraw(first)).unwrap();
    let kept = desk.handled(1);
    assert_eq!((kept.knows(), kept.to_tell(), kept.failed()), (Knows::AsBooked, None, None));
    assert!(!kept.may_come());
    // Once is enough; what left is not withdrawn; and nothing that was withdrawn arrives.
    let again = desk.submit("Lifeboat", withdraw(first));
    assert_eq!(again, Err(Refusal::Telling(TellingRefusal::NothingNew)));
    desk.submit("Lifeboat", report(second, NoticeState::Sent)).unwrap();
    let late = desk.submit("Lifeboat", withdraw(second));
    assert_eq!(late, Err(Refusal::Telling(TellingRefusal::NothingNew)));
    let sent = desk.submit("Lifeboat", report(first, NoticeState::Sent));
    assert_eq!(sent, Err(Refusal::Telling(TellingRefusal::NothingNew)));
    // Postponed again, it is a notice again and no call.
    desk.postpone(&[1]);
    assert_eq!((desk.handled(1).to_tell(), desk.handled(1).failed()), (Some(Message::Postponed), None));
    // A new date that changed before the text left.
    let rebook = |day: &str| {
        let start = basics::Moment::parse_rfc3339(&format!("2026-05-{day}T13:30:00Z")).unwrap();
        let place = Place { key: key(3), slot: None, start, list: "Dermatology".to_owned() };
        Rebooking::Rebook { places: vec![place], late_known: true }
    };
    desk.submit("Omar Reed", rebook("20")).unwrap();
    let dated = desk.send(&[3], Channel::Sms).unwrap();
    assert!(still_so(&desk, dated));
    // A number that failed once is still known after something was withdrawn.
    desk.submit("Lifeboat", report(dated, NoticeState::Failed("no such number".to_owned()))).unwrap();
    assert_eq!(desk.handled(3).failed(), Some("no such number"));
    let again = desk.send(&[3], Channel::Sms).unwrap();
    desk.submit("Lifeboat", withdraw(again)).unwrap();
    assert_eq!(desk.handled(3).failed(), Some("no such number"));
}
