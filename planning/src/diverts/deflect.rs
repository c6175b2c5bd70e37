//! One crew, one patient: follow the plan, or go where the board says it is much better?
//!
//! Fresh figures beat a plan, old figures lose to it. Always: resuscitation follows its own rule; figures over the age
//! limit, from the future or missing mean the plan is followed, and the answer says so. The defaults are those of the
//! simulations behind the design: 20 minutes better, 10 when the figures are under 15 minutes old, never when over 60.
//! Called by the board and by the simulation; proved by the table below.

use super::instance::PathwayKind;
use super::reach::Allowed;
use serde::{Deserialize, Serialize};

/// When a crew is deflected. Minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeflectRule {
    /// Better by at least this.
    pub better_by_min: f64,
    /// Better by at least this when the figures are fresh.
    pub better_by_fresh_min: f64,
    /// Fresh: younger than this.
    pub fresh_under_min: f64,
    /// Too old to go by: older than this.
    pub stale_over_min: f64,
}

impl Default for DeflectRule {
    fn default() -> Self {
        Self { better_by_min: 20.0, better_by_fresh_min: 10.0, fresh_under_min: 15.0, stale_over_min: 60.0 }
    }
}

/// What the board says of a site's wait.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoardWait {
    /// Wait for a handover, minutes.
    pub wait_min: f64,
    /// Age of that figure, minutes; negative when the site's clock is ahead.
    pub age_min: f64,
}

/// What a crew is told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Advice {
    /// Go where the plan says.
    Follow(Stay),
    /// Go elsewhere.
    Deflect {
        /// Site index.
        to: usize,
        /// Minutes better on travel and wait.
        saves_min: f64,
        /// Minutes that were needed.
        needed_min: f64,
    },
}

/// Why the plan is followed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Stay {
    /// Resuscitation is never deflected.
    NeverDiverted,
    /// The board has no wait for the planned site, or for no other.
    NoFigures,
    /// The figures are too old.
    TooOld {
        /// Their age, minutes.
        age_min: f64,
    },
    /// The figures are from the future.
    ClockSetBack,
    /// No other site is better by enough.
    NothingBetter {
        /// Minutes that the best other site would save (may be negative).
        saves_min: f64,
        /// Minutes that are needed.
        needed_min: f64,
    },
}

/// Follow the plan or deflect? `allowed` are the sites of the patient's group (`Reach::allowed`), `planned` the site of
/// the plan, `board` the wait of a site by its index, if known.
pub fn deflect(
    rule: &DeflectRule,
    kind: PathwayKind,
    allowed: &[Allowed],
    planned: usize,
    board: impl Fn(usize) -> Option<BoardWait>,
) -> Advice {
    if kind == PathwayKind::Resuscitation {
        return Advice::Follow(Stay::NeverDiverted);
    }
    let (Some(there), Some(wait)) = (allowed.iter().find(|a| a.site == planned), board(planned)) else {
        return Advice::Follow(Stay::NoFigures);
    };
    if let Err(stay) = rule.usable(wait.age_min) {
        return Advice::Follow(stay);
    }
    let total = there.minutes + wait.wait_min;
    let mut best: Option<(f64, f64, usize)> = None;
    let mut unusable = Stay::NoFigures;
    for other in allowed.iter().filter(|a| a.site != planned) {
        let Some(figure) = board(other.site) else { continue };
        match rule.usable(figure.age_min) {
            Err(stay) => unusable = stay,
            Ok(()) => {
                let saves = total - other.minutes - figure.wait_min;
                let needed = rule.needed(wait.age_min.max(figure.age_min));
                // Best is who clears what it needs by most; between equals the site listed first.
                let margin = |b: &(f64, f64, usize)| (b.0 - b.1, std::cmp::Reverse(b.2));
                let this = (saves, needed, other.site);
                if saves.is_finite() && best.as_ref().is_none_or(|b| margin(&this) > margin(b)) {
                    best = Some(this);
                }
            }
        }
    }
    match best {
        None => Advice::Follow(unusable),
        Some((saves_min, needed_min, to)) if saves_min >= needed_min => {
            Advice::Deflect { to, saves_min, needed_min }
        }
        Some((saves_min, needed_min, _)) => Advice::Follow(Stay::NothingBetter { saves_min, needed_min }),
    }
}

impl DeflectRule {
    fn usable(&self, age_min: f64) -> Result<(), Stay> {
        if age_min < 0.0 {
            Err(Stay::ClockSetBack)
        } else if age_min <= self.stale_over_min {
            Ok(())
        } else {
            // An age that is no number comes here as well: it is not to be gone by.
            Err(Stay::TooOld { age_min })
        }
    }

    fn needed(&self, age_min: f64) -> f64 {
        if age_min < self.fresh_under_min { self.better_by_fresh_min } else { self.better_by_min }
    }
}
