//! A sender's clock, held against the hour at which its word came.
//!
//! Always: no word counts from a later moment than it was received, so that a clock that runs ahead keeps no later news out;
//! what came one after the other stays in that order. A clock that is further ahead than clocks wander is told once a message,
//! so that somebody sets it. Never: news lost for its time. Called by `v2` and `fhir` for every word; proved by
//! `tests/clocks.rs`.

use crate::{Received, Translation};
use basics::Moment;
use care::ProblemKind;

/// Clocks that nobody looks after wander by minutes; further ahead than this is a clock set wrong, or the wrong zone.
const WANDERING_SECONDS_MAX: i64 = 5 * 60;

/// By how many minutes the clock of a sender is ahead that says `said` in what came at `received`; `None` when by no more
/// than clocks wander.
pub fn clock_ahead_minutes(said: Moment, received: Moment) -> Option<i64> {
    let ahead = said.seconds_since(received);
    (ahead > WANDERING_SECONDS_MAX).then_some(ahead / 60)
}

impl Received {
    /// The moment from which a word counts that says it is from `said`: never later than it came.
    pub(crate) fn no_later(&self, said: Moment) -> Moment {
        said.min(self.received)
    }
}

impl Translation {
    /// Says that the sender's clock is ahead, where it is. Once a message, whatever else in it is dated so.
    pub(crate) fn note_clock(&mut self, said: Moment, received: &Received, place: &str) {
        let Some(minutes) = clock_ahead_minutes(said, received.received) else { return };
        let ahead = match minutes {
            ..=180 => format!("{minutes} minutes"),
            181..=2_880 => format!("{} hours", minutes / 60),
            _ => format!("{} days", minutes / 1_440),
        };
        let text = format!(
            "The sender's clock is {ahead} ahead: this counts from when it was received. Ask whoever runs the system to set \
             its clock, and which zone its times are in."
        );
        self.problem(ProblemKind::Imperfect, place, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_wanders_is_let_be_and_one_that_is_wrong_is_not() {
        let received = Moment::from_milliseconds(1_800_000_000_000);
        for (seconds, minutes) in
            [(-3_600, None), (0, None), (300, None), (301, Some(5)), (3_600, Some(60)), (86_400, Some(1_440))]
        {
            assert_eq!(clock_ahead_minutes(received.plus_seconds(seconds), received), minutes, "{seconds}");
        }
    }
}
