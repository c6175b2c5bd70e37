//! How long the selection of a list takes: `cargo run --release -p planning --example measure_clinics`.
//!
//! Processor time of one thread, the best of several runs; a list of 600 in 81 sessions sharing two limits, as in a day of
//! three hospitals.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use planning::clinics::{Booking, Class, Effort, Instance, Session, SharedLimit, Use, exact, greedy};
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

fn main() {
    let list = list();
    let now = greedy(&list).expect("a list within the rules");
    let best = exact(&list, Effort::default()).expect("a list within the rules");
    println!("greedy {:?}, optimum {:?}, {:?}", now.kept, best.selection.kept, best.proof);
    println!("greedy {:.2} ms", best_of(20, || drop(greedy(&list))) * 1e3);
    println!("optimum {:.1} ms", best_of(5, || drop(exact(&list, Effort::default()))) * 1e3);
}
