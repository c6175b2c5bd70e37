//! The default: one booking after another in the order of need, each kept if there is still room for it.
//!
//! Always: class first, then the tightest clock, earlier cancellations, the longer wait, and among equals a lottery that
//! nobody can choose and everybody can repeat. Who does not fit is passed over and the next one tried (backfill). Never:
//! the order in which people were booked. Called for every list; proved by `tests/clinics_known.rs`.

use super::instance::{Booking, Instance};
use super::refusal::Refusal;
use super::selection::Selection;
use std::cmp::Reverse;

/// Keeps bookings in the order of need.
///
/// # Errors
/// An instance that breaks its rules.
pub fn greedy(instance: &Instance) -> Result<Selection, Refusal> {
    instance.check()?;
    Ok(in_order(instance, &by_need(instance)))
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
            b.slack_days.unwrap_or(i32::MAX),
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
