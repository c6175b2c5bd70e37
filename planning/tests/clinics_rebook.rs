//! Rebooking: earliest due date first keeps the greatest lateness least, held against every way of giving the places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use planning::clinics::{Class, Due, assign};

fn due(latest: i64) -> Due {
    Due { latest, class: Class::C, planned: 0 }
}

/// Every way of giving `places` (their days) to `dues`; the least of their greatest lateness.
fn least(dues: &[Due], days: &mut Vec<i64>) -> i64 {
    let Some((first, others)) = dues.split_first() else { return 0 };
    let mut best = i64::MAX;
    for n in 0..days.len() {
        let day = days.remove(n);
        best = best.min((day - first.latest).max(0).max(least(others, days)));
        days.insert(n, day);
    }
    best
}

#[test]
fn the_greatest_lateness_is_the_least_that_can_be() {
    let mut chance: u64 = 1;
    let mut below = |n: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % n
    };
    for _ in 0..300 {
        let dues: Vec<Due> = (0..5).map(|_| due(below(8) as i64)).collect();
        let mut days: Vec<i64> = (0..4).map(|_| below(10) as i64).collect();
        days.sort_unstable();
        let rooms: Vec<u32> = (0..4).map(|_| 2 + below(2) as u32).collect();
        let given = assign(&dues, &rooms);
        let lateness = |n: usize| (days[given[n].unwrap()] - dues[n].latest).max(0);
        let got = (0..dues.len()).map(lateness).max().unwrap();
        let mut places: Vec<i64> =
            days.iter().zip(&rooms).flat_map(|(day, n)| vec![*day; *n as usize]).take(7).collect();
        assert_eq!(got, least(&dues, &mut places), "{dues:?} {days:?} {rooms:?}");
    }
}

#[test]
fn a_place_is_given_once_and_of_equals_the_stricter_class_comes_first() {
    let strict = Due { latest: 5, class: Class::B, planned: 9 };
    let dues = [due(5), strict, due(2)];
    assert_eq!(assign(&dues, &[1, 1]), [None, Some(1), Some(0)]);
    assert_eq!(assign(&dues, &[]), [None, None, None]);
    assert_eq!(assign(&[], &[3]), Vec::<Option<usize>>::new());
}
