//! What nobody has to remember about diverts: those who answer for one are asked before it expires, and its end is noted.
//!
//! Always: on every ground, as Lifeboat's own entries, each once; a person who was faster is no fault. Called by the
//! program every few seconds; proved by `tests/divert_planner.rs`.

use super::{IncidentRefused, IncidentRoom};
use basics::Moment;
use incident::diverts::{Due, Intent, due};
use incident::{Ground, Person};
use std::collections::BTreeSet;

/// Entries written in one round.
const ROUND_MAX: usize = 100;

impl IncidentRoom {
    /// Records what is due about diverts at `at`; how many entries.
    ///
    /// # Errors
    /// The book cannot be written.
    pub fn tend_diverts(&self, at: Moment) -> Result<usize, IncidentRefused> {
        let wanted: Vec<Intent> = self.read(|book| {
            let own = book.incidents.values().map(incident::Incident::ground);
            let grounds: BTreeSet<Ground> = own.chain([Ground::Real]).collect();
            let on = |ground: Ground| {
                due(book, ground, at).into_iter().map(move |due| match due {
                    Due::Ask { divert, .. } => Intent::AskBeforeExpiry { ground, number: divert },
                    Due::Expired { divert } => Intent::NoteExpiry { ground, number: divert },
                })
            };
            grounds.into_iter().flat_map(on).take(ROUND_MAX).collect()
        });
        let mut written = 0;
        for intent in wanted {
            match self.submit(intent, &Person::lifeboat(), at) {
                Ok(_) => written += 1,
                // Somebody renewed or ended it meanwhile.
                Err(IncidentRefused::Refusal(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(written)
    }
}
