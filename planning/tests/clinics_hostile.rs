//! Lists that nobody books, made to make the search work for ever: it ends after counted steps and says what it does not
//! know.
//!
//! Always: never worse than the greedy choice, never above what it says no choice can exceed, and no more steps than the
//! effort, one step's overhang, and a little for each booking and session once the effort was used up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod random;

use planning::clinics::{
    Booking, Class, Counts, Effort, Instance, Limits, Optimum, Proof, Session, SharedLimit, Use, exact,
    greedy,
};
use random::clinics;

/// Bookings of which no two take the same, in so many sessions that share all eight limits.
fn distinct(bookings: u32, sessions: u32) -> Instance {
    let shared = |limit: usize| SharedLimit {
        name: format!("Limit {limit}"),
        units: Limits::UNITS_MAX - limit as u32,
    };
    let session = |n| Session { name: format!("Session {n}"), minutes: Limits::SESSION_MINUTES_MAX };
    let booking = |n: u32| Booking {
        id: format!("B{n:05}"),
        session: (n % sessions) as usize,
        class: Class::ALL[(n / sessions) as usize % 4],
        doable: true,
        minutes: 1 + n * 7_919 % Limits::MINUTES_MAX,
        uses: (0..Limits::SHARED_MAX)
            .map(|limit| Use { limit, units: 1 + n * (9_973 + 131 * limit as u32) % Limits::USE_MAX })
            .collect(),
        slack_days: None,
        cancelled_before: 0,
        waited_weeks: n % 50,
    };
    Instance {
        name: "nobody's day".to_owned(),
        sessions: (0..sessions).map(session).collect(),
        shared: (0..Limits::SHARED_MAX).map(shared).collect(),
        bookings: (0..bookings).map(booking).collect(),
    }
}

fn solved(instance: &Instance, effort: Effort) -> Optimum {
    let optimum = exact(instance, effort).unwrap();
    let overhang = 4 * effort.labels_max as u64;
    let late = 200 * instance.bookings.len() as u64 + 4_000 * instance.sessions.len() as u64;
    let most = effort.steps_max + overhang + late;
    assert!(optimum.steps <= most, "{} steps of {most}: {effort:?}", optimum.steps);
    let now = greedy(instance).unwrap().kept;
    assert!(optimum.selection.kept >= now, "{:?} is worse than {now:?}", optimum.selection.kept);
    if let Proof::AtMost(at_most) = optimum.proof {
        assert!(at_most > optimum.selection.kept, "{at_most:?} would prove it");
    }
    optimum
}

#[test]
fn one_session_of_thousands_of_sizes_ends() {
    let instance = distinct(4_000, 1);
    for effort in [
        Effort { steps_max: 2_000_000, labels_max: 100_000 },
        Effort { steps_max: 0, labels_max: 100_000 },
        Effort { steps_max: 300_000, labels_max: 7 },
    ] {
        let optimum = solved(&instance, effort);
        assert!(matches!(optimum.proof, Proof::AtMost(_)), "nobody can prove this: {effort:?}");
    }
}

#[test]
fn sessions_of_thousands_of_choices_are_put_together_in_counted_steps() {
    // Few bookings a session: each is worked out whole, and putting two of them together is what would never end.
    for (bookings, sessions) in [(48, 3), (600, 40), (20_000, 1_000)] {
        let instance = distinct(bookings, sessions);
        let mut scarce = instance.clone();
        scarce.shared.iter_mut().for_each(|limit| limit.units = 40_000);
        for effort in [
            Effort { steps_max: 2_000_000, labels_max: 100_000 },
            Effort { steps_max: 1_000, labels_max: 100_000 },
        ] {
            solved(&instance, effort);
            solved(&scarce, effort);
        }
    }
}

#[test]
fn a_search_that_hurries_never_claims_more_than_the_whole_one_found() {
    let mut cut = 0;
    for seed in 0..12 {
        let instance = clinics::list(seed);
        let best = exact(&instance, Effort::default()).unwrap();
        assert_eq!(best.proof, Proof::Optimal);
        let efforts = [0, 500, 5_000, 50_000]
            .into_iter()
            .flat_map(|steps_max| [10, 1_000, 100_000].map(|labels_max| Effort { steps_max, labels_max }));
        for effort in efforts {
            let hurried = solved(&instance, effort);
            let kept: Counts = hurried.selection.kept;
            assert!(kept <= best.selection.kept, "list {seed}: {kept:?}");
            match hurried.proof {
                Proof::Optimal => assert_eq!(kept, best.selection.kept, "list {seed}, {effort:?}"),
                Proof::AtMost(most) => {
                    cut += 1;
                    assert!(most >= best.selection.kept, "list {seed}, {effort:?}: {most:?}");
                }
            }
        }
    }
    assert!(cut > 20, "{cut} searches were cut short; that proves little");
}
