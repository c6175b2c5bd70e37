//! What if: other session minutes, laboratory tests, CT slots, staff.
//!
//! Always: all changes are taken or none; the instance as it is stays beside the one asked about. Called before
//! `greedy` and `exact`; proved by `tests/clinics_rules.rs`.

use super::instance::{Instance, Limits};
use super::refusal::Refusal;

/// Something that may change, or did. Sessions and limits by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The session has so many minutes.
    Minutes {
        /// Session.
        session: usize,
        /// Minutes.
        minutes: u32,
    },
    /// Of the shared limit there are so many.
    Units {
        /// Shared limit.
        limit: usize,
        /// Units.
        units: u32,
    },
    /// So many of a hundred minutes can be staffed, of one session or of all.
    Staff {
        /// The session; `None` for all.
        session: Option<usize>,
        /// Per cent of today's minutes: 50 for half the staff, 200 for twice as many.
        percent: u32,
    },
}

/// Most that staff may become of today's.
const PERCENT_MAX: u32 = 1_000;

/// Makes the changes, in their order; on a refusal the instance is as before.
///
/// # Errors
/// A session or limit that does not exist, or a figure that cannot be.
pub fn apply(instance: &mut Instance, changes: &[Change]) -> Result<(), Refusal> {
    let before = (instance.sessions.clone(), instance.shared.clone());
    let result = changes
        .iter()
        .try_for_each(|change| one(instance, change))
        .and_then(|()| instance.check_capacities());
    if result.is_err() {
        (instance.sessions, instance.shared) = before;
    }
    result
}

fn one(instance: &mut Instance, change: &Change) -> Result<(), Refusal> {
    let none = |what, index: usize| Refusal::wrong("a change", format!("there is no {what} {index}"));
    match change {
        Change::Minutes { session, minutes } => {
            let found = instance.sessions.get_mut(*session);
            found.ok_or_else(|| none("session", *session))?.minutes = *minutes;
        }
        Change::Units { limit, units } => {
            let found = instance.shared.get_mut(*limit);
            found.ok_or_else(|| none("shared limit", *limit))?.units = *units;
        }
        Change::Staff { percent, .. } if *percent > PERCENT_MAX => {
            let what = format!("{percent} % of the staff cannot be; up to {PERCENT_MAX} % are taken");
            return Err(Refusal::wrong("a change", what));
        }
        Change::Staff { session: Some(session), percent } => {
            let found = instance.sessions.get_mut(*session);
            scale(&mut found.ok_or_else(|| none("session", *session))?.minutes, *percent);
        }
        Change::Staff { session: None, percent } => {
            instance.sessions.iter_mut().for_each(|s| scale(&mut s.minutes, *percent));
        }
    }
    Ok(())
}

/// Whole minutes, never more than can be worked.
fn scale(minutes: &mut u32, percent: u32) {
    let scaled = u64::from(*minutes) * u64::from(percent) / 100;
    *minutes = u32::try_from(scaled).unwrap_or(u32::MAX).min(Limits::SESSION_MINUTES_MAX);
}
