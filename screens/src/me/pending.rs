//! Secrets of phones that are being added: between the page that shows one and the code that proves it.
//!
//! Always: bound to the session that asked, for ten minutes; so many at most, the oldest forgotten first. Never: in a cookie,
//! a form or on the disk; in `Debug`. After a restart people scan again. Held by the desk; proved by the tests below.

use access::secrets::Hashed;
use access::sign_in::totp::TotpSecret;
use basics::Moment;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a secret waits for its code, in seconds.
pub const HELD_SECONDS_MAX: i64 = 600;
/// Secrets that wait at once.
const HELD_MAX: usize = 512;

/// What waits for a code.
#[derive(Default)]
pub struct Pending(Mutex<BTreeMap<Hashed, Held>>);

struct Held {
    secret: TotpSecret,
    since: Moment,
}

impl Held {
    fn holds(&self, at: Moment) -> bool {
        (0..=HELD_SECONDS_MAX).contains(&at.seconds_since(self.since))
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(…)")
    }
}

impl Pending {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Hashed, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The secret that waits for this session.
    pub fn of(&self, session: &Hashed, at: Moment) -> Option<TotpSecret> {
        self.held().get(session).filter(|held| held.holds(at)).map(|held| held.secret.clone())
    }

    /// The same, or a fresh one that waits from now on: a page that is loaded again shows the same picture.
    ///
    /// # Errors
    /// What `fresh` could not do.
    pub fn of_or<E>(
        &self,
        session: Hashed,
        at: Moment,
        fresh: impl FnOnce() -> Result<TotpSecret, E>,
    ) -> Result<TotpSecret, E> {
        let mut all = self.held();
        if let Some(held) = all.get(&session).filter(|held| held.holds(at)) {
            return Ok(held.secret.clone());
        }
        let secret = fresh()?;
        all.retain(|_, held| held.holds(at));
        if all.len() >= HELD_MAX {
            let oldest = all.iter().min_by_key(|(_, held)| held.since).map(|(session, _)| *session);
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
        }
        all.insert(session, Held { secret: secret.clone(), since: at });
        Ok(secret)
    }

    /// It was proved, and stands in the access book now.
    pub fn forget(&self, session: &Hashed) {
        self.held().remove(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u32) -> Hashed {
        Hashed::of("session", &n.to_le_bytes())
    }

    fn give(byte: u8) -> impl FnOnce() -> Result<TotpSecret, ()> {
        move || Ok(TotpSecret::new([byte; 20]))
    }

    #[test]
    fn a_secret_waits_ten_minutes_for_its_own_session() {
        let (pending, at) = (Pending::default(), Moment::from_milliseconds(1_800_000_000_000));
        let first = pending.of_or(session(1), at, give(1)).unwrap();
        let again = pending.of_or(session(1), at.plus_seconds(599), give(2)).unwrap();
        assert!(first == again, "the picture that was scanned still counts");
        assert!(pending.of(&session(2), at).is_none(), "nobody else's");
        assert!(pending.of(&session(1), at.plus_seconds(601)).is_none());
        assert!(
            pending.of(&session(1), at.plus_seconds(-1)).is_none(),
            "a clock put back makes nothing last"
        );
        let later = pending.of_or(session(1), at.plus_seconds(601), give(3)).unwrap();
        assert!(later == TotpSecret::new([3; 20]));
        pending.forget(&session(1));
        assert!(pending.of(&session(1), at.plus_seconds(601)).is_none());
        assert_eq!(format!("{pending:?}"), "Pending(…)");
    }

    #[test]
    fn there_are_never_more_than_fit_and_the_oldest_goes_first() {
        let (pending, at) = (Pending::default(), Moment::from_milliseconds(1_800_000_000_000));
        for n in 0..600u32 {
            let now = at.plus_seconds(i64::from(n) / 10);
            pending.of_or(session(n), now, give(1)).unwrap();
        }
        assert_eq!(pending.held().len(), HELD_MAX);
        let now = at.plus_seconds(60);
        assert!(pending.of(&session(599), now).is_some() && pending.of(&session(0), now).is_none());
    }
}
