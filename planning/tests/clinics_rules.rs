//! What the selection refuses, each with what is wanted instead; what-if; and the order of the default choice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::clinics::{
    Booking, Change, Class, Counts, Effort, Instance, Outcome, Proof, Session, SharedLimit, Use, apply,
    exact, greedy,
};

fn booking(id: &str, class: Class) -> Booking {
    Booking {
        id: id.to_owned(),
        session: 0,
        class,
        doable: true,
        minutes: 30,
        uses: vec![Use { limit: 0, units: 1 }],
        slack_days: None,
        cancelled_before: 0,
        waited_weeks: 0,
    }
}

/// One session of 60 minutes, 10 laboratory tests, the bookings given.
fn clinic(bookings: Vec<Booking>) -> Instance {
    Instance {
        name: "Tuesday".to_owned(),
        sessions: vec![Session { name: "Northgate/Clinic 1".to_owned(), minutes: 60 }],
        shared: vec![SharedLimit { name: "Laboratory".to_owned(), units: 10 }],
        bookings,
    }
}

fn kept(instance: &Instance) -> String {
    let choice = greedy(instance).unwrap();
    let kept = instance.bookings.iter().zip(&choice.outcomes).filter(|(_, o)| o.is_kept());
    kept.map(|(b, _)| b.id.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn need_comes_before_the_order_of_booking() {
    let with = |id: &str, class, slack_days, cancelled_before, waited_weeks| Booking {
        slack_days,
        cancelled_before,
        waited_weeks,
        ..booking(id, class)
    };
    for (bookings, wanted) in [
        (
            vec![
                with("d", Class::D, None, 9, 99),
                with("c", Class::C, None, 0, 0),
                with("a", Class::A, None, 0, 0),
            ],
            "c a",
        ),
        (
            vec![
                with("x", Class::B, None, 9, 99),
                with("y", Class::B, Some(9), 0, 0),
                with("z", Class::B, Some(-2), 0, 0),
            ],
            "y z",
        ),
        (
            vec![
                with("x", Class::B, Some(3), 0, 99),
                with("y", Class::B, Some(3), 1, 0),
                with("z", Class::B, Some(3), 2, 0),
            ],
            "y z",
        ),
        (
            vec![
                with("x", Class::D, None, 1, 3),
                with("y", Class::D, None, 1, 5),
                with("z", Class::D, None, 1, 4),
            ],
            "y z",
        ),
    ] {
        assert_eq!(kept(&clinic(bookings)), wanted);
    }
}

#[test]
fn the_lottery_is_drawn_anew_for_each_list_and_the_same_each_time() {
    let list = |name: &str| Instance {
        name: name.to_owned(),
        ..clinic((0..6).map(|n| booking(&format!("B{n}"), Class::D)).collect())
    };
    assert_eq!(kept(&list("Tuesday")), kept(&list("Tuesday")));
    let draws: std::collections::BTreeSet<String> =
        (0..40).map(|n| kept(&list(&format!("day {n}")))).collect();
    assert!(draws.len() > 10, "{draws:?}");
}

#[test]
fn whoever_is_not_kept_is_told_why() {
    let mut bookings: Vec<Booking> = ["a", "b", "c", "d", "e"].map(|id| booking(id, Class::A)).to_vec();
    bookings[1].doable = false;
    bookings[2].uses[0].units = 11;
    (bookings[3].class, bookings[3].minutes) = (Class::B, 40);
    // Passed over is not forgotten: the next one that fits is kept.
    (bookings[4].class, bookings[4].minutes) = (Class::C, 20);
    let instance = clinic(bookings);
    let choice = greedy(&instance).unwrap();
    assert_eq!(
        choice.outcomes,
        [Outcome::Kept, Outcome::Blocked, Outcome::NoUnits(0), Outcome::NoMinutes, Outcome::Kept]
    );
    assert_eq!(
        (choice.kept, choice.blocked(&instance), choice.let_go(&instance)),
        (Counts([1, 0, 1, 0]), Counts([1, 0, 0, 0]), Counts([1, 1, 0, 0]))
    );
    assert_eq!((choice.minutes_left, choice.units_left), (vec![10], vec![8]));
    // The optimum finds a reason for everybody too.
    assert_eq!(exact(&instance, Effort::default()).unwrap().selection.outcomes[3], Outcome::NoMinutes);
}

#[test]
fn what_if_asks_about_minutes_tests_slots_and_staff() {
    let mut bookings: Vec<Booking> = (0..6).map(|n| booking(&format!("B{n}"), Class::C)).collect();
    bookings.iter_mut().for_each(|b| b.uses[0].units = 3);
    let instance = clinic(bookings);
    let with = |changes: &[Change]| {
        let mut asked = instance.clone();
        apply(&mut asked, changes).unwrap();
        exact(&asked, Effort::default()).unwrap().selection.kept.of(Class::C)
    };
    assert_eq!(with(&[]), 2);
    assert_eq!(with(&[Change::Minutes { session: 0, minutes: 90 }]), 3);
    assert_eq!(with(&[Change::Staff { session: None, percent: 300 }]), 3);
    assert_eq!(with(&[Change::Staff { session: Some(0), percent: 50 }]), 1);
    assert_eq!(with(&[Change::Units { limit: 0, units: 5 }]), 1);
    let both = [Change::Staff { session: None, percent: 300 }, Change::Units { limit: 0, units: 15 }];
    assert_eq!(with(&both), 5);
}

#[test]
fn a_change_that_cannot_be_leaves_everything_as_it_was() {
    let mut instance = clinic(vec![booking("a", Class::A)]);
    let before = instance.clone();
    for (change, wanted) in [
        (Change::Minutes { session: 1, minutes: 5 }, "a change: there is no session 1"),
        (Change::Units { limit: 9, units: 5 }, "a change: there is no shared limit 9"),
        (Change::Staff { session: Some(4), percent: 50 }, "a change: there is no session 4"),
        (
            Change::Staff { session: None, percent: 1_001 },
            "a change: 1001 % of the staff cannot be; up to 1000 % are taken",
        ),
        (
            Change::Minutes { session: 0, minutes: 100_001 },
            "session Northgate/Clinic 1: 100001 minutes cannot be; from 0 to 100000 are taken",
        ),
    ] {
        let changes = [Change::Minutes { session: 0, minutes: 7 }, change];
        assert_eq!(apply(&mut instance, &changes).unwrap_err().to_string(), wanted);
        assert_eq!(instance, before);
    }
    assert_eq!(instance.session_named("northgate/clinic 1"), Ok(0));
    assert_eq!(
        instance.session_named("clinic").unwrap_err().to_string(),
        "there is no session called clinic. Did you mean Northgate/Clinic 1?"
    );
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let damaged = |damage: &dyn Fn(&mut Instance)| {
        let mut instance = clinic(vec![booking("a", Class::A), booking("b", Class::B)]);
        damage(&mut instance);
        let told = greedy(&instance).unwrap_err();
        assert_eq!(exact(&instance, Effort::default()).unwrap_err(), told);
        told.to_string()
    };
    type Damage = dyn Fn(&mut Instance);
    let cases: [(&Damage, &str); 12] = [
        (&|i| i.bookings[1].id = "a".to_owned(), "two bookings are called a; each needs a name of its own"),
        (&|i| i.bookings[1].id.clear(), "bookings: one has no name; each needs one"),
        (&|i| i.bookings[1].session = 1, "booking b: its session 1 does not exist"),
        (&|i| i.bookings[1].minutes = 0, "booking b: 0 minutes cannot be; from 1 to 1440 are taken"),
        (&|i| i.bookings[1].minutes = 1_441, "booking b: 1441 minutes cannot be; from 1 to 1440 are taken"),
        (&|i| i.bookings[1].uses[0].limit = 1, "booking b: the shared limit 1 does not exist"),
        (
            &|i| i.bookings[1].uses[0].units = 10_001,
            "booking b: 10001 units of a shared limit cannot be; from 0 to 10000 are taken",
        ),
        (
            &|i| {
                let one = i.bookings[1].uses[0];
                i.bookings[1].uses.push(one)
            },
            "booking b: it uses one shared limit in two places; add them up",
        ),
        (
            &|i| i.bookings[1].slack_days = Some(-20_001),
            "booking b: its slack is more than 50 years; give days",
        ),
        (
            &|i| i.bookings[1].waited_weeks = 2_081,
            "booking b: 2081 weeks waited cannot be; from 0 to 2080 are taken",
        ),
        (
            &|i| i.shared[0].units = 1_000_001,
            "shared limit Laboratory: 1000001 units cannot be; from 0 to 1000000 are taken",
        ),
        (
            &|i| i.shared = vec![i.shared[0].clone(); 9],
            "9 shared limits are more than the 8 that are selected from at once; split the list by day or site",
        ),
    ];
    for (damage, wanted) in cases {
        assert_eq!(damaged(damage), wanted);
    }
}

#[test]
fn an_empty_list_keeps_nobody() {
    let nothing = Instance::default();
    assert_eq!(greedy(&nothing).unwrap().kept.sum(), 0);
    assert_eq!(exact(&nothing, Effort::default()).unwrap().selection.kept.sum(), 0);
}

/// A crowd that defies the search: it ends all the same, no worse than the default, and says what it does not know.
#[test]
fn the_largest_list_ends() {
    let mut instance = Instance { name: "six weeks".to_owned(), ..Instance::default() };
    for limit in 0..8 {
        instance.shared.push(SharedLimit { name: format!("Limit {limit}"), units: 7_919 });
    }
    for session in 0..60 {
        instance.sessions.push(Session { name: format!("Session {session}"), minutes: 9_973 });
    }
    for number in 0..12_000usize {
        instance.bookings.push(Booking {
            session: number % 60,
            class: Class::ALL[number % 4],
            minutes: 1 + (number * 7_907 % 211) as u32,
            uses: (0..8).map(|limit| Use { limit, units: (number * (limit + 3) % 17) as u32 }).collect(),
            ..booking(&format!("B{number}"), Class::A)
        });
    }
    let optimum = exact(&instance, Effort { steps_max: 200_000, labels_max: 2_000 }).unwrap();
    let now = greedy(&instance).unwrap();
    assert!(optimum.selection.kept >= now.kept);
    let Proof::AtMost(most) = optimum.proof else { panic!("{:?} is no proof", optimum.proof) };
    println!("{:?}, greedy {:?}, at most {most:?}", optimum.selection.kept, now.kept);
    assert!(most.of(Class::A) < 2 * now.kept.of(Class::A), "{most:?}");
}

#[test]
fn one_of_class_a_makes_room_for_two_but_not_when_its_own_clock_runs_out() {
    let with = |id: &str, class, minutes, slack_days, waited_weeks| Booking {
        minutes,
        slack_days,
        waited_weeks,
        ..booking(id, class)
    };
    for (class, clock, others, wanted) in [
        // An hour without a clock, longest waited: two half hours fit in its place.
        (Class::A, None, None, "two three"),
        // A week and more leaves time to book again.
        (Class::A, Some(7), None, "two three"),
        // Less does not, but for clocks that are tighter still: those came first anyway.
        (Class::A, Some(6), None, "one"),
        (Class::A, Some(6), Some(5), "two three"),
        // Other classes stand in the order of need alone.
        (Class::B, None, None, "one"),
    ] {
        let bookings = vec![
            with("one", class, 60, clock, 40),
            with("two", class, 30, others, 1),
            with("three", class, 30, others, 2),
        ];
        assert_eq!(kept(&clinic(bookings)), wanted, "{class:?} {clock:?}");
    }
}
