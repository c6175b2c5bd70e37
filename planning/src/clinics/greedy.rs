//! The default: one booking after another in the order of need, each kept if there is still room for it.
//!
//! Always: class first, then the tightest clock, earlier cancellations, the longer wait, and among equals a lottery that
//! nobody can choose and everybody can repeat. Who does not fit is passed over and the next one tried (backfill). In class A
//! alone one makes room where two or more others of class A then fit: a few long bookings must not keep out many. Never: the
//! order in which people were booked; somebody whose clock runs out within a week put aside for looser clocks. Called for every list; proved by
//! `tests/clinics_known.rs` and `tests/clinics_brute_force.rs`.

use super::instance::{Booking, Class, Instance};
use super::refusal::Refusal;
use super::selection::Selection;
use std::cmp::Reverse;

/// Keeps bookings in the order of need.
///
/// # Errors
/// An instance that breaks its rules.
pub fn greedy(instance: &Instance) -> Result<Selection, Refusal> {
    instance.check()?;
    let order = by_need(instance);
    let first = order.partition_point(|index| class_of(instance, *index) == Some(Class::A));
    let (of_class_a, others) = order.split_at_checked(first).unwrap_or((&[], &order));
    let mut selection = in_order(instance, of_class_a);
    make_room(instance, of_class_a, &mut selection);
    others.iter().for_each(|index| selection.offer(instance, *index));
    Ok(selection)
}

fn class_of(instance: &Instance, index: usize) -> Option<Class> {
    instance.bookings.get(index).map(|booking| booking.class)
}

/// Most bookings that are offered again while room is made: a list far beyond any hospital's stays quick.
const OFFERS_MAX: usize = 2_000_000;

/// Whoever has so many days left on their clock can be booked again in time.
const TIME_TO_REBOOK_DAYS: i32 = 7;

/// Lets one make room where two or more others then fit, whoever is needed least first, until nobody can.
fn make_room(instance: &Instance, of_class_a: &[usize], selection: &mut Selection) {
    let mut offers = 0;
    let mut changed = true;
    while changed && offers < OFFERS_MAX {
        changed = false;
        for out in of_class_a.iter().rev() {
            let Some(booking) = instance.bookings.get(*out) else { continue };
            let kept = selection.outcomes.get(*out).is_some_and(|outcome| outcome.is_kept());
            if !kept || offers >= OFFERS_MAX {
                continue;
            }
            let mut tried = selection.clone();
            tried.take_back(instance, *out);
            // A clock that leaves no time to book again makes room for a tighter one alone.
            let may =
                |other: &Booking| booking.clock() >= TIME_TO_REBOOK_DAYS || other.clock() <= booking.clock();
            let pressed = |index: &usize| instance.bookings.get(*index).is_some_and(may);
            let waiting = of_class_a.iter().copied().filter(|index| *index != *out && tried.waits(*index));
            let mut waiting: Vec<usize> = waiting.filter(pressed).collect();
            // Who needs least room first, and among those who is needed most: so that the most fit.
            waiting.sort_by_key(|index| instance.bookings.get(*index).map(|b| (b.minutes, b.units())));
            offers += waiting.len() + 1;
            waiting.iter().for_each(|index| tried.offer(instance, *index));
            if tried.kept.of(Class::A) > selection.kept.of(Class::A) {
                tried.offer(instance, *out);
                *selection = tried;
                changed = true;
            }
        }
    }
}

/// Keeps bookings in the order in which they are listed: only to compare with.
///
/// # Errors
/// An instance that breaks its rules.
pub fn first_come(instance: &Instance) -> Result<Selection, Refusal> {
    instance.check()?;
    let order: Vec<usize> = (0..instance.bookings.len()).collect();
    Ok(in_order(instance, &order))
}

pub(super) fn in_order(instance: &Instance, order: &[usize]) -> Selection {
    let mut selection = Selection::none_of(instance);
    for index in order {
        selection.offer(instance, *index);
    }
    selection
}

/// Indices of bookings, who comes first first.
pub(super) fn by_need(instance: &Instance) -> Vec<usize> {
    let mut order: Vec<(usize, &Booking)> = instance.bookings.iter().enumerate().collect();
    order.sort_by_cached_key(|(_, b)| {
        (
            b.class,
            b.clock(),
            Reverse(b.cancelled_before),
            Reverse(b.waited_weeks),
            lot(&instance.name, &b.id),
            b.id.clone(),
        )
    });
    order.into_iter().map(|(index, _)| index).collect()
}

/// A booking's lot: FNV-1a over the list's name and the booking's, then mixed so that near names lie far apart.
fn lot(list: &str, id: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    for byte in list.bytes().chain([0]).chain(id.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}
