//! Counts that add up to the patient, whatever people do in whatever order; and shares that recognise nobody.

use crate::desk::{Desk, considered, decision, key};
use basics::Zone;
use care::clinics::wanted::{Decisions, Door, Rebooking, Telling};
use care::clinics::{
    Arrival, CallOutcome, Choice, Class, Intent, NoticeState, Place, Told, ToldHow, counts, shares,
};
use care::notices::Channel;
use proptest::prelude::*;

/// One thing that somebody tries.
fn tried(desk: &Desk, what: u8, n: u64, other: u64) -> Intent {
    let both = [considered(n, Class::C), considered(other, Class::B)];
    match what {
        0 => decision(Choice::Postpone, &both, desk.seen()).into(),
        1 => decision(Choice::Keep, &both[..1], desk.seen()).into(),
        2 => Decisions::Undo { keys: vec![key(n)], why: "why".to_owned(), seen: desk.seen() }.into(),
        3 => decision(Choice::Postpone, &[considered(n + 20, Class::A)], desk.seen()).into(),
        4 if desk.picture().handled(&key(n)).is_some() => {
            Telling::Queue { notices: vec![desk.notice(&[n], Channel::Sms)] }.into()
        }
        5 => Telling::Report {
            receipts: vec![(u32::try_from(other).unwrap(), NoticeState::Failed("x".to_owned()))],
        }
        .into(),
        6 => {
            Telling::Report { receipts: vec![(u32::try_from(other).unwrap(), NoticeState::Delivered)] }.into()
        }
        7 => Telling::Speak {
            keys: vec![key(n), key(other)],
            how: ToldHow::Call,
            outcome: if other.is_multiple_of(2) { CallOutcome::Spoke } else { CallOutcome::NoAnswer },
            number: String::new(),
            note: String::new(),
        }
        .into(),
        8 => {
            let start = desk.now.plus_seconds(86_400);
            let place = Place { key: key(n), slot: None, start, list: String::new() };
            Rebooking::Rebook { places: vec![place], late_known: true }.into()
        }
        9 => Rebooking::UndoRebooking { key: key(n), why: "why".to_owned() }.into(),
        10 => Telling::Withdraw { numbers: vec![u32::try_from(other).unwrap()], why: "x".to_owned() }.into(),
        _ => Door::Arrive {
            key: key(n),
            booking: considered(n, Class::C).booking,
            arrival: if other.is_multiple_of(2) { Arrival::Seen } else { Arrival::ToldAndHome },
            note: String::new(),
        }
        .into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn postponed_is_always_rebooked_and_outstanding(
        deeds in prop::collection::vec((0u8..12, 1u64..6, 1u64..6, prop::bool::ANY), 1..60)
    ) {
        let mut desk = Desk::new();
        let zone = Zone::london();
        for (what, n, other, anna) in deeds {
            let who = if anna { "Anna Bell" } else { "Omar Reed" };
            let intent = tried(&desk, what, n, other);
            let before = desk.picture().clone();
            let done = desk.submit(who, intent);
            if done.is_err() {
                prop_assert_eq!(&before, desk.picture(), "what is refused changes nothing");
            }
            let counts = counts(desk.picture(), &zone);
            prop_assert!(counts.all.adds_up(), "{:?}", counts.all);
            prop_assert!(counts.by_day.iter().all(|d| d.tally.adds_up()));
            let sum: u32 = counts.by_service.values().map(|t| t.postponed).sum();
            prop_assert_eq!(sum, counts.all.postponed);
            // Told a thing only when it was not known already, as far as anybody could know then.
            if what == 4 && done.is_ok() && before.handled(&key(n)).is_some() {
                let said = |t: &Told| (t.message, t.new_start);
                let known = before.handled(&key(n)).and_then(|h| h.last_told().map(said));
                prop_assert_ne!(known, desk.handled(n).told.last().map(said), "told twice");
            }
        }
    }
}

#[test]
fn small_groups_are_put_together_and_the_unknown_stand_apart() {
    let people = (0..40).map(|n| match n {
        0..20 => ("English", n < 10),
        20..26 => ("Polish", n < 23),
        26..29 => ("Welsh", true),
        29 => ("Twi", false),
        _ => ("", false),
    });
    let shares = shares(people);
    let names: Vec<(&str, u32, u32)> =
        shares.groups.iter().map(|g| (g.name.as_str(), g.booked, g.postponed)).collect();
    assert_eq!(
        names,
        [("English", 20, 10), ("Polish", 6, 3), ("Smaller groups together", 4, 3), ("Not recorded", 10, 0)]
    );
    assert_eq!(shares.groups[0].percent(), Some(50));
    assert_eq!((shares.all.booked, shares.all.postponed), (40, 16));
}
