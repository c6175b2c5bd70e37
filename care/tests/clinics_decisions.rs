//! Decisions about bookings: who may decide what, class A by two people, of two at once the second is told, undo until told.

use crate::desk::{Desk, considered, decision, key};
use basics::EntryNumber;
use care::clinics::wanted::{DecisionRefusal, Decisions};
use care::clinics::{Choice, Class, Refusal};
use care::notices::Channel;

fn refused(result: Result<EntryNumber, Refusal>) -> DecisionRefusal {
    match result {
        Err(Refusal::Decisions(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn class_a_is_postponed_by_two_people_and_never_in_bulk() {
    let mut desk = Desk::new();
    let a = considered(1, Class::A);
    let both = [a.clone(), considered(2, Class::C)];
    assert_eq!(refused(desk.decide("Anna Bell", Choice::Postpone, &both)), DecisionRefusal::ClassAInBulk(1));
    desk.decide("Anna Bell", Choice::Postpone, std::slice::from_ref(&a)).unwrap();
    assert!(!desk.handled(1).postponed(), "one person is not two");
    assert!(desk.handled(1).to_tell().is_none(), "and nobody is told");
    // The same person, however they write their name.
    assert_eq!(
        refused(desk.decide("anna bell", Choice::Postpone, std::slice::from_ref(&a))),
        DecisionRefusal::SamePerson("Anna Bell".to_owned())
    );
    desk.decide("Omar Reed", Choice::Postpone, &[a]).unwrap();
    let decision = desk.handled(1).decision.clone().unwrap();
    assert_eq!(decision.first.map(|p| p.to_string()), Some("Anna Bell".to_owned()));
    assert!(desk.handled(1).postponed());
}

#[test]
fn a_list_that_counts_as_c_today_is_still_class_a_once_it_was() {
    let mut desk = Desk::new();
    let given = Decisions::Escalate {
        booking: considered(1, Class::A),
        clinician: "Dr Lee, 01632 960 222".to_owned(),
        due: desk.now.plus_seconds(3_600),
        note: String::new(),
        seen: EntryNumber(0),
    };
    desk.submit("Anna Bell", given).unwrap();
    // The same booking shown as class C, together with another.
    let both = [considered(1, Class::C), considered(2, Class::C)];
    assert_eq!(refused(desk.decide("Anna Bell", Choice::Postpone, &both)), DecisionRefusal::ClassAInBulk(1));
    let c = Decisions::Escalate {
        booking: considered(3, Class::C),
        clinician: "Dr Lee".to_owned(),
        due: desk.now,
        note: String::new(),
        seen: EntryNumber(9),
    };
    assert_eq!(refused(desk.submit("Anna Bell", c)), DecisionRefusal::NotClassA);
}

#[test]
fn of_two_who_decide_at_once_the_second_is_told_and_nothing_of_theirs_is_done() {
    let mut desk = Desk::new();
    let (one, two) = (considered(1, Class::C), considered(2, Class::C));
    let page = desk.seen();
    desk.submit("Anna Bell", decision(Choice::Keep, std::slice::from_ref(&one), page)).unwrap();
    let late = desk.submit("Omar Reed", decision(Choice::Postpone, &[two, one], page));
    let DecisionRefusal::Meanwhile { who, what, .. } = refused(late) else { panic!() };
    assert_eq!((who.as_str(), what.as_str()), ("Anna Bell", "Kept: no pathology"));
    assert!(desk.picture().handled(&key(2)).is_none(), "nothing of the second list was done");
    assert!(desk.handled(1).kept());
}

#[test]
fn what_was_told_is_not_undone_in_silence() {
    let mut desk = Desk::new();
    desk.postpone(&[1, 2]);
    let undo = |desk: &Desk, n| Decisions::Undo {
        keys: vec![key(n)],
        why: "imaging works again".to_owned(),
        seen: desk.seen(),
    };
    let intent = undo(&desk, 1);
    desk.submit("Anna Bell", intent).unwrap();
    assert!(desk.handled(1).decision.is_none() && desk.handled(1).to_tell().is_none());
    desk.send(&[2], Channel::Sms).unwrap();
    let intent = undo(&desk, 2);
    assert!(matches!(refused(desk.submit("Anna Bell", intent)), DecisionRefusal::Told(_)));
    // Kept instead: then they are told that it goes ahead.
    desk.decide("Anna Bell", Choice::Keep, &[considered(2, Class::C)]).unwrap();
    assert_eq!(desk.handled(2).to_tell(), Some(care::notices::Message::GoingAhead));
    // And that is not undone in silence either: they still believe the first notice.
    let intent = undo(&desk, 2);
    assert!(matches!(refused(desk.submit("Anna Bell", intent)), DecisionRefusal::Told(_)));
}

#[test]
fn a_second_postponement_is_signed_off() {
    let mut desk = Desk::new();
    let mut again = considered(1, Class::C);
    again.booking.cancelled_before = 1;
    assert_eq!(
        refused(desk.decide("Anna Bell", Choice::Postpone, std::slice::from_ref(&again))),
        DecisionRefusal::SecondPostponement(1)
    );
    let Decisions::Decide { bookings, choice, reason, seen, .. } =
        decision(Choice::Postpone, &[again], desk.seen())
    else {
        panic!()
    };
    let signed = Decisions::Decide { bookings, choice, reason, signed_off: "Dr Lee".to_owned(), seen };
    desk.submit("Anna Bell", signed).unwrap();
    assert_eq!(desk.handled(1).decision.as_ref().unwrap().signed_off, "Dr Lee");
}

#[test]
fn what_is_practised_changes_nothing_that_is_so() {
    let mut desk = Desk::new();
    desk.practice = Some(3);
    desk.postpone(&[1]);
    assert!(desk.handled(1).postponed());
    assert!(desk.book.picture(None).handled(&key(1)).is_none());
}

#[test]
fn a_refusal_says_what_to_do() {
    let mut desk = Desk::new();
    for (intent, words) in [
        (decision(Choice::Keep, &[], EntryNumber(0)), "No booking was chosen"),
        (
            Decisions::Undo { keys: vec![key(1)], why: "x".to_owned(), seen: EntryNumber(0) },
            "Nothing was decided",
        ),
        (Decisions::TurnDown { key: key(1), reason: "x".to_owned() }, "Nothing was decided"),
    ] {
        let said = refused(desk.submit("Anna Bell", intent)).to_string();
        assert!(said.starts_with(words), "{said}");
    }
    desk.postpone(&[1]);
    let twice = desk.decide("Omar Reed", Choice::Postpone, &[considered(1, Class::C)]);
    assert!(matches!(refused(twice), DecisionRefusal::Already { .. }));
}
