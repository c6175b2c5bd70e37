//! What ambulance control knows: the departments' board, always so many minutes old, and its own crews, which it knows now.
//!
//! Always: the board says nothing that happened less than its age ago; the wait it reckons is carried forward from then by
//! the crews that control itself has sent since. When the divert begins everybody knows how it stands. Called by the
//! `world`, read by policies that deflect; proved by the table below.

use planning::diverts::{Known, reckoned_wait_min};
use std::collections::VecDeque;

pub use planning::diverts::WAIT_MIN_MAX;

/// What is known of a department at some moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Seen {
    /// Crews waiting to hand over.
    pub crews_waiting: usize,
    /// Places that nobody holds.
    pub free: usize,
    /// Patients an hour that it takes.
    pub takes_per_h: f64,
}

/// The board of departments as others see it.
#[derive(Clone, Debug)]
pub struct Board {
    age_min: f64,
    now_min: f64,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, Default)]
struct Line {
    seen: Seen,
    /// What happened since, oldest first.
    newer: VecDeque<(f64, Seen)>,
    /// When crews that control sent arrive, soonest first; those that had arrived when the board was true are gone.
    sent: VecDeque<f64>,
}

impl Board {
    /// A board of so many sites that is always `age_min` minutes old.
    pub fn new(sites: usize, age_min: f64) -> Self {
        Self { age_min: age_min.max(0.0), now_min: 0.0, lines: vec![Line::default(); sites] }
    }

    /// Minutes that what it says is old; less at the very beginning of a divert, when everybody knew.
    pub fn age_min(&self) -> f64 {
        self.age_min.min(self.now_min.max(0.0))
    }

    /// What it says of a site.
    pub fn of(&self, site: usize) -> Seen {
        self.lines.get(site).map(|line| line.seen).unwrap_or_default()
    }

    /// The newest that was written of a site, which nobody elsewhere sees yet.
    pub(super) fn newest(&self, site: usize) -> Seen {
        self.lines.get(site).map_or_else(Seen::default, |l| l.newer.back().map_or(l.seen, |n| n.1))
    }

    /// Minutes that one more crew would wait at a site, reckoned from the board and the crews sent there since.
    pub fn reckoned_wait_min(&self, site: usize) -> f64 {
        let Some(line) = self.lines.get(site) else { return WAIT_MIN_MAX };
        let over = line.seen.crews_waiting as f64 - line.seen.free as f64;
        let at_min = self.now_min - self.age_min();
        let known = Known { at_min, over, takes_per_h: line.seen.takes_per_h };
        reckoned_wait_min(&known, self.now_min, line.sent.iter().copied())
    }

    /// A department's own line, which others see once it is as old as the board.
    pub(super) fn write(&mut self, site: usize, now_min: f64, seen: Seen) {
        if let Some(line) = self.lines.get_mut(site) {
            line.newer.push_back((now_min, seen));
        }
    }

    /// Control has sent a crew that arrives then.
    pub(super) fn send(&mut self, site: usize, arrives_min: f64) {
        if let Some(line) = self.lines.get_mut(site) {
            let place = line.sent.partition_point(|other| *other <= arrives_min);
            line.sent.insert(place, arrives_min);
        }
    }

    /// The divert begins, with a telephone call to every site: the board is true now.
    pub(super) fn begins(&mut self) {
        for line in &mut self.lines {
            if let Some((_, seen)) = line.newer.pop_back() {
                line.seen = seen;
            }
            line.newer.clear();
        }
    }

    /// It is now this late.
    pub(super) fn turn_to(&mut self, now_min: f64) {
        self.now_min = now_min;
        let true_at = now_min - self.age_min();
        for line in &mut self.lines {
            while let Some((_, seen)) = line.newer.pop_front_if(|(at, _)| *at <= true_at) {
                line.seen = seen;
            }
            while line.sent.pop_front_if(|arrives| *arrives <= true_at).is_some() {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A department that takes 6 an hour, one every ten minutes.
    fn board(age_min: f64) -> Board {
        let mut board = Board::new(1, age_min);
        board.write(0, 0.0, Seen { crews_waiting: 3, free: 0, takes_per_h: 6.0 });
        board.begins();
        board
    }

    #[test]
    fn nobody_sees_what_is_younger_than_the_board() {
        let mut board = board(30.0);
        board.write(0, 40.0, Seen { crews_waiting: 9, free: 0, takes_per_h: 6.0 });
        for (now, crews, age) in [(0.0, 3, 0.0), (20.0, 3, 20.0), (69.0, 3, 30.0), (70.0, 9, 30.0)] {
            board.turn_to(now);
            assert_eq!((board.of(0).crews_waiting, board.age_min()), (crews, age), "at {now}");
        }
        assert_eq!(board.newest(0).crews_waiting, 9);
    }

    #[test]
    fn a_wait_is_carried_forward_by_what_control_itself_sent() {
        let check = |now: f64, sent: &[f64], wanted: f64| {
            let mut board = board(30.0);
            sent.iter().for_each(|arrives| board.send(0, *arrives));
            board.turn_to(now);
            assert!(
                (board.reckoned_wait_min(0) - wanted).abs() < 1e-9,
                "{now} {sent:?}: {}",
                board.reckoned_wait_min(0)
            );
        };
        // Three wait and this one: the fourth to go in.
        check(0.0, &[], 40.0);
        // After twenty minutes two of them are in; one on the road counts, and one that arrived five minutes ago.
        check(20.0, &[], 20.0);
        check(20.0, &[25.0], 30.0);
        check(20.0, &[15.0, 25.0], 40.0);
        // All are in, and walk-ins have taken the places.
        check(30.0, &[], 10.0);
        check(30.0, &[29.0], 20.0);
    }

    #[test]
    fn free_places_take_those_on_the_road_first() {
        let mut board = Board::new(2, 30.0);
        board.write(0, 0.0, Seen { crews_waiting: 0, free: 2, takes_per_h: 6.0 });
        board.begins();
        board.turn_to(10.0);
        assert_eq!(board.reckoned_wait_min(0), 0.0);
        [12.0, 13.0].iter().for_each(|arrives| board.send(0, *arrives));
        assert_eq!(board.reckoned_wait_min(0), 10.0);
        assert_eq!(board.reckoned_wait_min(1), WAIT_MIN_MAX, "nobody knows what it takes");
    }
}
