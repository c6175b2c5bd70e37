//! What nobody has to remember about diverts: those who answer for one are asked before it expires, its end is noted, and
//! an accepted plan is told to the sites.
//!
//! Always: on every ground, as Lifeboat's own entries, each once; a person who was faster is no fault. Called by the
//! program every few seconds; proved by `tests/divert_planner.rs`.

use super::{IncidentRefused, IncidentRoom};
use basics::Moment;
use incident::diverts::{Due, Intent, ToTell, due, to_tell};
use incident::{Ground, IncidentBook, Person};
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
            let on = |ground: Ground| {
                due(book, ground, at).into_iter().map(move |due| match due {
                    Due::Ask { divert, .. } => Intent::AskBeforeExpiry { ground, number: divert },
                    Due::Expired { divert } => Intent::NoteExpiry { ground, number: divert },
                })
            };
            grounds(book).into_iter().flat_map(on).take(ROUND_MAX).collect()
        });
        let mut written = self.tell_plans(at)?;
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

    /// Tells the sites of accepted plans, and takes an answer to such a message as the site's acknowledgement.
    fn tell_plans(&self, at: Moment) -> Result<usize, IncidentRefused> {
        let wanted: Vec<(Ground, ToTell)> = self.read(|book| {
            let on = |ground: Ground| to_tell(book, ground, at).into_iter().map(move |due| (ground, due));
            grounds(book).into_iter().flat_map(on).take(ROUND_MAX).collect()
        });
        let mut written = 0;
        for (ground, due) in wanted {
            let (intent, who) = match due {
                ToTell::Tell { number, site } => {
                    let salt = self.message_salt()?;
                    (Intent::TellPlan { ground, number, site, salt }, Person::lifeboat())
                }
                ToTell::Heard { change, site, by } => (Intent::Acknowledge { ground, change, site }, by),
            };
            match self.submit(intent, &who, at) {
                Ok(_) => written += 1,
                // Another was faster, or the plan is overtaken; the page of the plan says who was not told.
                Err(IncidentRefused::Refusal(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(written)
    }
}

/// Every ground there is.
fn grounds(book: &IncidentBook) -> BTreeSet<Ground> {
    book.incidents.values().map(incident::Incident::ground).chain([Ground::Real]).collect()
}
