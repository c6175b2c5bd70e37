//! Random clinics from a seed: small ones with everything that can happen in them, and lists of a hospital's kinds.
//!
//! Always: the same seed gives the same instance. Minutes come in fives, so that ties and exact fits happen often.
#![allow(dead_code)]

use super::Chance;
use planning::clinics::{Booking, Class, Instance, Session, SharedLimit, Use};

fn pick<'a, T>(chance: &mut Chance, list: &'a [T]) -> &'a T {
    &list[chance.below(list.len())]
}

/// Up to 4 sessions, 3 shared limits and 11 bookings.
pub fn small(seed: u64) -> Instance {
    let mut chance = Chance::of(seed);
    let sessions: Vec<Session> = (0..1 + chance.below(4))
        .map(|n| Session { name: format!("Session {n}"), minutes: chance.below(20) as u32 * 5 })
        .collect();
    let shared: Vec<SharedLimit> = (0..chance.below(4))
        .map(|n| SharedLimit { name: format!("Limit {n}"), units: chance.below(9) as u32 })
        .collect();
    let crowd = 1 + chance.below(11);
    let bookings = (0..crowd).map(|n| booking(&mut chance, n, sessions.len(), shared.len())).collect();
    Instance { name: format!("random {seed}"), sessions, shared, bookings }
}

fn booking(chance: &mut Chance, number: usize, sessions: usize, shared: usize) -> Booking {
    let uses = (0..shared)
        .map(|limit| Use { limit, units: if chance.one_in(3) { 0 } else { chance.below(4) as u32 } })
        .collect();
    Booking {
        id: format!("B{number:02}"),
        session: chance.below(sessions),
        class: *pick(chance, &Class::ALL),
        doable: !chance.one_in(8),
        minutes: 5 + chance.below(10) as u32 * 5,
        uses,
        slack_days: chance.one_in(2).then(|| chance.below(30) as i32 - 5),
        cancelled_before: chance.below(3) as u32,
        waited_weeks: chance.below(4) as u32 * 10,
    }
}

/// A list of 200 of a hospital's kinds: sessions of one kind, at 40 to 70 % of what was booked, tests and slots scarce.
pub fn list(seed: u64) -> Instance {
    let mut chance = Chance::of(seed);
    // Class, minutes, laboratory tests, CT slots.
    let kinds = [
        (Class::A, &[180, 240, 300][..], 2, 0),
        (Class::A, &[240][..], 1, 0),
        (Class::A, &[20][..], 0, 0),
        (Class::B, &[20, 30][..], 0, 1),
        (Class::B, &[15][..], 0, 0),
        (Class::C, &[30][..], 0, 1),
        (Class::C, &[90, 120, 150][..], 2, 0),
        (Class::D, &[20, 30][..], 0, 0),
        (Class::D, &[15, 20][..], 0, 0),
    ];
    let mut instance = Instance {
        name: format!("list {seed}"),
        sessions: (0..27).map(|n| Session { name: format!("Session {n:02}"), minutes: 0 }).collect(),
        shared: ["Laboratory", "CT"].map(|name| SharedLimit { name: name.to_owned(), units: 0 }).to_vec(),
        bookings: Vec::new(),
    };
    for number in 0..200 {
        let session = chance.below(27);
        let (class, minutes, tests, slots) = kinds[session % kinds.len()];
        let class = if class > Class::B && chance.one_in(8) { Class::B } else { class };
        let minutes = *pick(&mut chance, minutes);
        instance.sessions[session].minutes += minutes;
        instance.shared[0].units += tests;
        instance.shared[1].units += slots;
        let uses = [(0, tests), (1, slots)]
            .map(|(limit, units)| Use { limit, units })
            .into_iter()
            .filter(|u| u.units > 0);
        instance.bookings.push(Booking {
            id: format!("B{number:03}"),
            session,
            class,
            doable: !chance.one_in(10),
            minutes,
            uses: uses.collect(),
            slack_days: chance.one_in(4).then(|| chance.below(28) as i32),
            cancelled_before: u32::from(chance.one_in(10)),
            waited_weeks: chance.below(60) as u32,
        });
    }
    for session in &mut instance.sessions {
        session.minutes = session.minutes * (40 + chance.below(31) as u32) / 100;
    }
    instance.shared.iter_mut().for_each(|l| l.units = l.units * 35 / 100);
    instance
}
