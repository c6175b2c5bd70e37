//! Up to which entry somebody has looked at the alarms about access: in the server's memory, so that what is new stands out.
//!
//! Never: a part of the record; after a restart the alarms of the last day are new once more. Held by the desk.

use access::StaffNumber;
use basics::EntryNumber;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// People remembered: far more than those whose page it is.
const PEOPLE_MAX: usize = 2_000;

/// Who has looked how far. One for the whole program.
#[derive(Default)]
pub struct AlarmsSeen(Mutex<BTreeMap<StaffNumber, EntryNumber>>);

impl AlarmsSeen {
    fn seen(&self) -> MutexGuard<'_, BTreeMap<StaffNumber, EntryNumber>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to which entry of the access book they have looked; `None` for who never did.
    pub fn up_to(&self, who: &StaffNumber) -> Option<EntryNumber> {
        self.seen().get(who).copied()
    }

    /// They looked at all alarms up to that entry.
    pub fn note(&self, who: &StaffNumber, entry: EntryNumber) {
        let mut seen = self.seen();
        if seen.len() >= PEOPLE_MAX && !seen.contains_key(who) {
            seen.clear();
        }
        seen.insert(who.clone(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_remembered_for_each_and_bounded() {
        let seen = AlarmsSeen::default();
        let who = |n: usize| StaffNumber::new(&format!("N{n}")).unwrap();
        seen.note(&who(1), EntryNumber(7));
        assert_eq!((seen.up_to(&who(1)), seen.up_to(&who(2))), (Some(EntryNumber(7)), None));
        (0..3 * PEOPLE_MAX).for_each(|n| seen.note(&who(n), EntryNumber(9)));
        assert!(seen.seen().len() <= PEOPLE_MAX);
    }
}
