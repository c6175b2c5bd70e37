//! What queueing theory says a wait should be, where it can say so: the yardstick that the simulation is held against.
//!
//! For Poisson arrivals, exponential stays of one mean and `c` places with non-preemptive priority (A. Cobham, 1954; the
//! chance of waiting is A. K. Erlang's, 1917), the mean wait of class k is `C / (c mu (1 - r_{k-1}) (1 - r_k))`, where
//! `r_k` is the load of the classes up to k. Applies where the load of all classes is below 1 and things have settled;
//! elsewhere it answers `None`. Called by the tests and the figures.

use super::department::Capacity;

/// The chance that somebody who comes must wait (Erlang C), for `places` and an offered load of `erlangs`.
///
/// `None` when the load is not below the number of places.
pub fn chance_of_waiting(places: usize, erlangs: f64) -> Option<f64> {
    let c = places as f64;
    if !erlangs.is_finite() || erlangs < 0.0 || erlangs >= c {
        return None;
    }
    // Erlang B by its recursion, which stays exact where factorials would overflow.
    let mut blocked = 1.0;
    for place in 1..=places {
        blocked = erlangs * blocked / (place as f64 + erlangs * blocked);
    }
    let load = erlangs / c;
    Some(blocked / (1.0 - load + load * blocked))
}

/// Mean minutes of waiting of each class, the most urgent first, for arrivals of `per_h` patients an hour in each.
pub fn waits_min(capacity: Capacity, per_h: &[f64]) -> Option<Vec<f64>> {
    let takes = capacity.per_h();
    let all: f64 = per_h.iter().sum();
    let must_wait = chance_of_waiting(capacity.places, all * capacity.stay_min / 60.0)?;
    let (mut before, mut waits) = (0.0, Vec::with_capacity(per_h.len()));
    for class in per_h {
        let upto = before + class / takes;
        waits.push(60.0 * must_wait / (takes * (1.0 - before) * (1.0 - upto)));
        before = upto;
    }
    Some(waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One place: the chance of waiting is the load. Two places, one erlang: 1/3 (any textbook's table).
    #[test]
    fn the_formula_gives_the_textbooks_figures() {
        let near = |got: Option<f64>, wanted: f64| got.is_some_and(|g| (g - wanted).abs() < 1e-6);
        assert!(near(chance_of_waiting(1, 0.7), 0.7));
        assert!(near(chance_of_waiting(2, 1.0), 1.0 / 3.0));
        assert!(near(chance_of_waiting(10, 8.0), 0.409_180));
        assert_eq!(chance_of_waiting(2, 2.0), None);
        assert_eq!(chance_of_waiting(0, 0.0), None);
    }

    /// Whatever the order, the work that waits is the same (Kleinrock's conservation law).
    #[test]
    fn priority_only_moves_the_waiting_from_one_to_another() {
        let capacity = Capacity::of(10, 4.0);
        let together = waits_min(capacity, &[3.4]).and_then(|w| w.first().copied()).unwrap();
        let rates = [0.2, 1.6, 1.6];
        let parted = waits_min(capacity, &rates).unwrap();
        let mean: f64 = parted.iter().zip(rates).map(|(w, r)| w * r).sum::<f64>() / 3.4;
        assert!((mean - together).abs() < 1e-9, "{mean} {together}");
        assert!(parted.is_sorted());
    }
}
