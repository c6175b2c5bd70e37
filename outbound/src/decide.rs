//! What follows from an answer: the one place where it is decided whether a message may be sent again.
//!
//! Pure. Always: "again" follows only from an answer that the gateway certainly does not have the message; an unknown
//! outcome is never sent again before the gateway was asked, or a person decided, or the configuration says for this
//! gateway that twice is better than never. Called by `courier`; proved by `simulation`.

use crate::gateway::{Blame, Handed, Progress, Told};
use crate::ledger::{Ledger, later};
use crate::note::{Accepted, Arrived, Deferred, Ended, Note, WHY_BYTES_MAX};
use crate::pace::backoff;
use crate::state::{InDoubt, State};
use basics::{EntryNumber, Moment, clip};

impl Ledger {
    /// What is to be recorded after handing over `number` by gateway number `lane`.
    pub fn after_handing(
        &mut self,
        lane: usize,
        number: EntryNumber,
        handed: Handed,
        reports: bool,
        at: Moment,
    ) -> Note {
        let Self { lanes, items, chance, .. } = self;
        let attempts = items.get(&number.0).map_or(0, |item| item.attempts);
        let Some(lane) = lanes.get_mut(lane) else {
            return Note::Doubted(Deferred {
                number,
                why: String::new(),
                wait_ms: 0,
                gateway_at_fault: false,
            });
        };
        let patience = lane.setup.patience.clone();
        match handed {
            Handed::Accepted { gateway_id } => {
                lane.rest.passed();
                let gateway_id = plain(&gateway_id);
                Note::Accepted(Accepted { number, gateway_id, will_report: reports })
            }
            Handed::Refused { why } => {
                lane.rest.passed();
                Note::Refused(Ended { number, why: plain(&why) })
            }
            Handed::NotNow { why, wait_ms, blame: Blame::Gateway } => {
                let why = plain(&why);
                lane.rest.failed(&why, at, wait_ms.is_some(), wait_ms, &patience, chance);
                let wait_ms = backoff(1, patience.retry_first_ms, patience.retry_ms_max, None, chance);
                Note::Deferred(Deferred { number, why, wait_ms, gateway_at_fault: true })
            }
            Handed::NotNow { why, wait_ms, blame: Blame::Message } => {
                lane.rest.passed();
                let why = plain(&why);
                if attempts + 1 >= patience.attempts_max {
                    let why = format!("given up after {} attempts; the last answer: {why}", attempts + 1);
                    return Note::Refused(Ended { number, why });
                }
                let (first, most) = (patience.retry_first_ms, patience.retry_ms_max);
                let wait_ms = backoff(attempts + 1, first, most, wait_ms, chance);
                Note::Deferred(Deferred { number, why, wait_ms, gateway_at_fault: false })
            }
            Handed::Unknown { why } => {
                let why = plain(&why);
                lane.rest.failed(&why, at, false, None, &patience, chance);
                let wait_ms = patience.settle_ms;
                Note::Doubted(Deferred { number, why, wait_ms, gateway_at_fault: false })
            }
        }
    }

    /// What is to be recorded after asking about `number`; `None` when nothing new is known: then the next question is
    /// already set.
    pub fn after_asking(
        &mut self,
        lane: usize,
        number: EntryNumber,
        told: Told,
        reports: bool,
        at: Moment,
    ) -> Option<Note> {
        let state = self.items.get(&number.0)?.state.clone();
        let Self { lanes, chance, .. } = self;
        let patience = match lanes.get_mut(lane) {
            Some(lane) => {
                match &told {
                    Told::NotNow { why, wait_ms } => {
                        let patience = &lane.setup.patience;
                        lane.rest.failed(&plain(why), at, wait_ms.is_some(), *wait_ms, patience, chance);
                    }
                    _ => lane.rest.passed(),
                }
                lane.setup.patience.clone()
            }
            None => return None,
        };
        match state {
            State::Doubtful { never_seen, .. } => {
                if let Told::Accepted { gateway_id, .. } = told {
                    let gateway_id = plain(&gateway_id);
                    return Some(Note::Accepted(Accepted { number, gateway_id, will_report: reports }));
                }
                self.about_a_doubt(lane, number, told, never_seen, &patience, at)
            }
            State::Sent { gateway_id, .. } => self.about_a_delivery(number, told, gateway_id, &patience, at),
            _ => None,
        }
    }

    fn about_a_doubt(
        &mut self,
        lane: usize,
        number: EntryNumber,
        told: Told,
        never_seen: u8,
        patience: &crate::pace::Patience,
        at: Moment,
    ) -> Option<Note> {
        let again = |why: &str| {
            let why = why.to_owned();
            Some(Note::Deferred(Deferred { number, why, wait_ms: 1, gateway_at_fault: false }))
        };
        match told {
            Told::Accepted { .. } => None,
            Told::SafeToRepeat => again("the outcome was unknown; the receiver keeps only one of two"),
            Told::NeverSeen if never_seen + 1 >= patience.never_seen_min => {
                again("the outcome was unknown; the gateway says it never had it")
            }
            Told::NeverSeen => {
                let due = later(at, patience.settle_ms);
                self.set(number.0, State::Doubtful { due, never_seen: never_seen + 1 }, at);
                None
            }
            Told::CannotBeAsked => {
                let in_doubt = self.lanes.get(lane).map_or(InDoubt::Hold, |lane| lane.setup.in_doubt);
                let last = self.items.get(&number.0).and_then(|item| item.last_error.clone());
                let why = last.map_or_else(|| "the outcome is unknown".to_owned(), |(_, why)| why);
                match in_doubt {
                    InDoubt::Hold => Some(Note::PerhapsSent(Ended { number, why })),
                    InDoubt::SendAgain => {
                        again("the outcome was unknown; the configuration says: send again")
                    }
                }
            }
            Told::NotNow { why, wait_ms } => {
                self.complain(number.0, &plain(&why), at);
                let wait = patience.settle_ms.max(wait_ms.unwrap_or(0).min(3_600_000));
                self.set(number.0, State::Doubtful { due: later(at, wait), never_seen }, at);
                None
            }
        }
    }

    fn about_a_delivery(
        &mut self,
        number: EntryNumber,
        told: Told,
        gateway_id: String,
        patience: &crate::pace::Patience,
        at: Moment,
    ) -> Option<Note> {
        match told {
            Told::Accepted { progress: Progress::Delivered, .. } => {
                return Some(Note::Delivered(Arrived { number, by: None }));
            }
            Told::Accepted { progress: Progress::Failed { why }, .. } => {
                return Some(Note::Failed(Ended { number, why: plain(&why) }));
            }
            Told::CannotBeAsked => {
                self.no_more_questions(number.0);
                return None;
            }
            Told::Accepted { .. } | Told::NeverSeen | Told::SafeToRepeat | Told::NotNow { .. } => {}
        }
        let item = self.items.get_mut(&number.0)?;
        item.asked += 1;
        let (asked, since) = (item.asked, item.changed_at);
        if patience.asked_long_enough(since, at) {
            self.no_more_questions(number.0);
            return None;
        }
        let (first, most) = (patience.delivery_first_ms, patience.delivery_ms_max);
        let wait = backoff(asked + 1, first, most, None, &mut self.chance);
        self.set(number.0, State::Sent { gateway_id, ask_due: later(at, wait) }, at);
        None
    }
}

/// A gateway's words, made fit to be shown: one line, no control characters, not too long.
fn plain(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clip(line.trim(), WHY_BYTES_MAX).to_owned()
}
