//! How long the selection of a list takes, and how near the usual order comes to the best one:
//! `cargo run --release -p planning --example measure_selection`. Prints one figure a line.
//!
//! Processor time of one thread, the best of several runs; a list of 600 in 81 sessions sharing two limits, as in a day of
//! three hospitals; then 30 random lists of 200, seeded, twice: made like a hospital's day (each session of one kind, with one to
//! three lengths and 40 to 70 % of its minutes left, as the known list of the tests has them), and of unrelated bookings that
//! fill their sessions three times over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use planning::clinics::{Booking, Class, Effort, Instance, Proof, Session, SharedLimit, Use, exact, greedy};
use rustix::time::{ClockId, clock_gettime};

fn seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn list() -> Instance {
    let sessions = (0..81).map(|n| Session { name: format!("Session {n:02}"), minutes: 180 }).collect();
    let shared = [("Laboratory", 115), ("CT", 26)];
    let shared = shared.map(|(name, units)| SharedLimit { name: name.to_owned(), units }).to_vec();
    let booking = |n: usize| Booking {
        id: format!("B{n:03}"),
        session: n * 7 % 81,
        class: Class::ALL.get(n * 5 % 4).copied().unwrap_or(Class::D),
        doable: !n.is_multiple_of(9),
        minutes: 15 + 5 * (n * 11 % 10) as u32,
        uses: vec![Use { limit: n % 2, units: 1 + (n % 3) as u32 }],
        slack_days: n.is_multiple_of(4).then_some((n % 30) as i32),
        cancelled_before: u32::from(n.is_multiple_of(10)),
        waited_weeks: (n * 13 % 60) as u32,
    };
    Instance { name: "measured".to_owned(), sessions, shared, bookings: (0..600).map(booking).collect() }
}

fn best_of(runs: u32, mut what: impl FnMut()) -> f64 {
    (0..runs).fold(f64::INFINITY, |best, _| {
        let begin = seconds();
        what();
        best.min(seconds() - begin)
    })
}

/// Random lists whose seed is given: 20 sessions of a day, two shared limits that are too small for everybody.
fn random_list(seed: u64) -> Instance {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % n
    };
    let sessions = (0..20).map(|n| Session { name: format!("Session {n:02}"), minutes: 150 }).collect();
    let shared = [("Laboratory", 60), ("CT", 20)];
    let shared = shared.map(|(name, units)| SharedLimit { name: name.to_owned(), units }).to_vec();
    let bookings = (0..200)
        .map(|n| {
            let class = Class::ALL.get(below(4) as usize).copied().unwrap_or(Class::D);
            let mut uses = Vec::new();
            for limit in 0..2 {
                if below(2) == 0 {
                    uses.push(Use { limit, units: 1 + below(3) as u32 });
                }
            }
            Booking {
                id: format!("B{n:03}"),
                session: below(20) as usize,
                class,
                doable: below(8) != 0,
                minutes: 10 + 5 * below(10) as u32,
                uses,
                slack_days: (below(4) == 0).then_some(below(30) as i32),
                cancelled_before: u32::from(below(10) == 0),
                waited_weeks: below(60) as u32,
            }
        })
        .collect();
    Instance { name: format!("random {seed}"), sessions, shared, bookings }
}

/// A kind of session: its class with a second one now and then, its lengths in minutes, the limit that each booking takes of.
struct KindOf {
    class: Class,
    second: Class,
    minutes: &'static [u32],
    limit: Option<usize>,
    units_max: u64,
    of_hundred: u64,
}

/// Shares and lengths as in a day of three hospitals: a quarter A, a fifth B, a sixth C, the rest D.
const KINDS: [KindOf; 8] = [
    KindOf {
        class: Class::A,
        second: Class::A,
        minutes: &[90, 120, 240],
        limit: Some(0),
        units_max: 3,
        of_hundred: 16,
    },
    KindOf {
        class: Class::A,
        second: Class::B,
        minutes: &[30, 20],
        limit: None,
        units_max: 0,
        of_hundred: 20,
    },
    KindOf {
        class: Class::B,
        second: Class::A,
        minutes: &[120, 180, 90],
        limit: Some(0),
        units_max: 3,
        of_hundred: 8,
    },
    KindOf {
        class: Class::B,
        second: Class::C,
        minutes: &[15, 20],
        limit: None,
        units_max: 0,
        of_hundred: 12,
    },
    KindOf {
        class: Class::C,
        second: Class::B,
        minutes: &[20, 30],
        limit: Some(1),
        units_max: 1,
        of_hundred: 10,
    },
    KindOf {
        class: Class::C,
        second: Class::D,
        minutes: &[90, 60, 120],
        limit: Some(0),
        units_max: 2,
        of_hundred: 6,
    },
    KindOf {
        class: Class::D,
        second: Class::C,
        minutes: &[20, 15, 30],
        limit: None,
        units_max: 0,
        of_hundred: 22,
    },
    KindOf {
        class: Class::D,
        second: Class::C,
        minutes: &[60, 90],
        limit: Some(0),
        units_max: 2,
        of_hundred: 6,
    },
];

/// A random day: 27 sessions of one kind each, 200 bookings, the two limits as scarce as on the known list.
fn random_day(seed: u64) -> Instance {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % n
    };
    let mut kinds: Vec<(&KindOf, usize)> = Vec::new();
    for _ in 0..27 {
        let mut at = below(100);
        let kind = KINDS.iter().find(|kind| {
            let found = at < kind.of_hundred;
            at = at.saturating_sub(kind.of_hundred);
            found
        });
        let lengths = match below(100) {
            0..54 => 1,
            54..94 => 2,
            _ => 3,
        };
        let kind = kind.unwrap_or(&KINDS[6]);
        kinds.push((kind, kind.minutes.len().min(lengths)));
    }
    let mut planned = vec![0u32; kinds.len()];
    let bookings: Vec<Booking> = (0..200)
        .map(|n| {
            let session = below(27) as usize;
            let (kind, lengths) = kinds[session];
            let minutes = kind.minutes[below(lengths as u64) as usize];
            planned[session] += minutes;
            let class = if below(5) == 0 { kind.second } else { kind.class };
            let uses = kind.limit.map(|limit| Use { limit, units: 1 + below(kind.units_max) as u32 });
            Booking {
                id: format!("B{n:03}"),
                session,
                class,
                doable: below(5) != 0,
                minutes,
                uses: uses.into_iter().collect(),
                slack_days: (below(4) == 0).then_some(below(30) as i32),
                cancelled_before: u32::from(below(10) == 0),
                waited_weeks: below(60) as u32,
            }
        })
        .collect();
    let left = |planned: u32, tenths: u64| (planned * tenths as u32 / 10).max(15);
    let sessions = planned
        .iter()
        .enumerate()
        .map(|(n, minutes)| Session {
            name: format!("Session {n:02}"),
            minutes: left(*minutes, 4 + below(4)),
        })
        .collect();
    let shared = [("Laboratory", 38), ("CT", 9)];
    let shared = shared.map(|(name, units)| SharedLimit { name: name.to_owned(), units }).to_vec();
    Instance { name: format!("day {seed}"), sessions, shared, bookings }
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure\t{name}\t{value:.4}\t{unit}");
}

/// The classes that the usual order keeps, of a hundred that the best keeps, over 30 lists.
fn nearness(which: &str, list: fn(u64) -> Instance) {
    let mut kept = [[0u32; 4]; 2];
    let mut proved = 0;
    for seed in 1..=30 {
        let list = list(seed);
        let usual = greedy(&list).expect("a list within the rules");
        let best = exact(&list, Effort::default()).expect("a list within the rules");
        proved += u32::from(best.proof == Proof::Optimal);
        for (of, counts) in kept.iter_mut().zip([usual.kept, best.selection.kept]) {
            of.iter_mut().zip(Class::ALL).for_each(|(sum, class)| *sum += counts.of(class));
        }
    }
    let [usual, best] = kept;
    for ((usual, best), name) in usual.into_iter().zip(best).zip(["a", "b", "c", "d"]) {
        let percent = 100.0 * f64::from(usual) / f64::from(best.max(1));
        figure(&format!("{which}_greedy_of_optimum_{name}"), percent, "%");
    }
    figure(&format!("{which}_optima_proved_of_30"), f64::from(proved), "");
}

fn main() {
    let list = list();
    let now = greedy(&list).expect("a list within the rules");
    let best = exact(&list, Effort::default()).expect("a list within the rules");
    println!("greedy {:?}, optimum {:?}, {:?}", now.kept, best.selection.kept, best.proof);
    figure("greedy_ms", best_of(20, || drop(greedy(&list))) * 1e3, "ms");
    figure("optimum_ms", best_of(5, || drop(exact(&list, Effort::default()))) * 1e3, "ms");
    nearness("day", random_day);
    nearness("crowded", random_list);
}
