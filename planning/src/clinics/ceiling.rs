//! What no choice can keep, by counting alone: for lists on which the search comes to its ceiling.
//!
//! Always: each class as if it were alone, the shortest bookings first, against each session's minutes and each limit by
//! itself; so never less than the optimum keeps. Called by `exact`; proved through it by `tests/clinics_brute_force.rs`.

use super::instance::{Booking, Class, Instance};
use super::selection::Counts;

/// How many of each class could be kept if the others were not there.
pub fn ceiling(instance: &Instance) -> Counts {
    Counts(Class::ALL.map(|class| of_class(instance, class)))
}

fn of_class(instance: &Instance, class: Class) -> u32 {
    let of_class = || instance.bookings.iter().filter(move |b| b.doable && b.class == class);
    let mut minutes: Vec<Vec<u32>> = vec![Vec::new(); instance.sessions.len()];
    for booking in of_class() {
        if let Some(session) = minutes.get_mut(booking.session) {
            session.push(booking.minutes);
        }
    }
    let in_sessions: u32 =
        minutes.into_iter().zip(&instance.sessions).map(|(m, s)| fitting(m, s.minutes)).sum();
    let units = |booking: &Booking, limit: usize| {
        booking.uses.iter().find(|u| u.limit == limit).map_or(0, |u| u.units)
    };
    let in_limit = |limit: usize, most: u32| fitting(of_class().map(|b| units(b, limit)).collect(), most);
    let in_limits = instance.shared.iter().enumerate().map(|(limit, shared)| in_limit(limit, shared.units));
    in_limits.fold(in_sessions, u32::min)
}

/// How many of the sizes fit, the smallest first.
fn fitting(mut sizes: Vec<u32>, most: u32) -> u32 {
    sizes.sort_unstable();
    let mut left = most;
    let mut count = 0;
    for size in sizes {
        if size > left {
            break;
        }
        left -= size;
        count += 1;
    }
    count
}
