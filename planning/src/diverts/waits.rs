//! How long one more crew would wait at a department, reckoned from what was last known of it.
//!
//! From the moment the figures were true every arrival adds one; while crews wait, the department takes them in at its
//! rate, and when none waits walk-ins take what falls free. Crews on the road count as if they were there. Always: a
//! department of which nobody knows what it takes has the longest wait. One rule for the board of a real day and for the
//! simulation that a policy was tried in. Called by `incident::diverts` and `drill`; proved by the table below.

/// The longest wait that is reckoned, in minutes: a day.
pub const WAIT_MIN_MAX: f64 = 1_440.0;

/// What is known of a department at some moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// When it was so, in minutes of any clock.
    pub at_min: f64,
    /// Crews waiting to hand over, less the places that nobody holds.
    pub over: f64,
    /// Patients an hour that it takes.
    pub takes_per_h: f64,
}

/// Minutes that one more crew would wait. `arrivals`: when each crew that was sent since arrives, soonest first, on the
/// same clock as `now_min`; those still to come are on the road.
pub fn reckoned_wait_min(known: &Known, now_min: f64, arrivals: impl Iterator<Item = f64>) -> f64 {
    let takes_per_min = known.takes_per_h / 60.0;
    // What is no number takes nobody either.
    if takes_per_min.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        return WAIT_MIN_MAX;
    }
    let taken_in =
        |over: f64, minutes: f64| if over > 0.0 { (over - minutes * takes_per_min).max(0.0) } else { over };
    let (mut over, mut at_min, mut on_the_road) = (known.over, known.at_min, 0.0);
    for arrives in arrivals {
        if arrives > now_min {
            on_the_road += 1.0;
        } else {
            over = taken_in(over, (arrives - at_min).max(0.0)) + 1.0;
            at_min = at_min.max(arrives);
        }
    }
    over = taken_in(over, (now_min - at_min).max(0.0));
    ((over + on_the_road + 1.0).max(0.0) / takes_per_min).min(WAIT_MIN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_carried_forward_by_the_crews_sent_since() {
        // A department that takes 6 an hour, one every ten minutes; three wait.
        let check = |over: f64, takes_per_h: f64, now: f64, arrivals: &[f64], wanted: f64| {
            let wait =
                reckoned_wait_min(&Known { at_min: 0.0, over, takes_per_h }, now, arrivals.iter().copied());
            assert!((wait - wanted).abs() < 1e-9, "{over} {takes_per_h} {now} {arrivals:?}: {wait}");
        };
        // The fourth to go in.
        check(3.0, 6.0, 0.0, &[], 40.0);
        check(3.0, 6.0, 20.0, &[], 20.0);
        check(3.0, 6.0, 20.0, &[15.0, 25.0], 40.0);
        check(3.0, 6.0, 30.0, &[], 10.0);
        // Free places take those on the road first.
        check(-2.0, 6.0, 10.0, &[], 0.0);
        check(-2.0, 6.0, 10.0, &[12.0, 13.0], 10.0);
        // Figures of a clock that is ahead: nothing is taken in yet.
        check(3.0, 6.0, -5.0, &[], 40.0);
        // Nobody knows what it takes.
        check(3.0, 0.0, 10.0, &[], WAIT_MIN_MAX);
        check(3.0, f64::NAN, 10.0, &[], WAIT_MIN_MAX);
    }
}
