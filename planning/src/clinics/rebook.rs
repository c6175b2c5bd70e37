//! Who of the postponed is given which room: earliest due date first.
//!
//! Always: whoever is due first gets the earliest room that is left, which keeps the greatest lateness least (Jackson
//! 1955); a place is given once; the same people in another order get the same. Never: more places given than there are.
//! Called by `care`'s rebooking, list by list; proved by `planning/tests/clinics_rebook.rs`.

use super::Class;

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last day that is safe, counted from any fixed day.
    pub latest: i64,
    /// Of two due on one day the stricter class comes first.
    pub class: Class,
    /// Then whoever was to come earlier, by any clock.
    pub planned: i64,
}

/// For each who waits, the index of the room given; `None` when nothing is left. `rooms`: the places of
/// each, in the order of time.
pub fn assign(dues: &[Due], rooms: &[u32]) -> Vec<Option<usize>> {
    let mut order: Vec<(usize, &Due)> = dues.iter().enumerate().collect();
    order.sort_by_key(|(index, due)| (due.latest, due.class, due.planned, *index));
    let places = rooms
        .iter()
        .enumerate()
        .flat_map(|(index, places)| std::iter::repeat_n(index, usize::try_from(*places).unwrap_or(0)));
    let mut given = vec![None; dues.len()];
    for ((index, _), room) in order.into_iter().zip(places) {
        if let Some(place) = given.get_mut(index) {
            *place = Some(room);
        }
    }
    given
}
