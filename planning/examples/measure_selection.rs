//! How long the selection of a list takes, and how near the usual order comes to the best one:
//! `cargo run --release -p planning --example measure_selection`. Prints one figure a line.
//!
//! Processor time of one thread, the best of several runs; a list of 600 in 81 sessions sharing two limits, as in a day of
//! three hospitals; then 30 random lists of 200, seeded.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

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

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure\t{name}\t{value:.4}\t{unit}");
}

/// The classes that the usual order keeps, of a hundred that the best keeps, over all lists.
fn nearness() {
    let mut kept = [[0u32; 4]; 2];
    let mut proved = 0;
    for seed in 1..=30 {
        let list = random_list(seed);
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
        figure(&format!("greedy_of_optimum_{name}"), percent, "%");
    }
    figure("optima_proved_of_30", f64::from(proved), "");
}

fn main() {
    let list = list();
    let now = greedy(&list).expect("a list within the rules");
    let best = exact(&list, Effort::default()).expect("a list within the rules");
    println!("greedy {:?}, optimum {:?}, {:?}", now.kept, best.selection.kept, best.proof);
    figure("greedy_ms", best_of(20, || drop(greedy(&list))) * 1e3, "ms");
    figure("optimum_ms", best_of(5, || drop(exact(&list, Effort::default()))) * 1e3, "ms");
    nearness();
}
