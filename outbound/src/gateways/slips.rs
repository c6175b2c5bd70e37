//! Printed slips for runners: the way out that needs no network at all.
//!
//! A slip handed over lies on the shelf, ready for the print room to press (the pressing belongs to `paper`). The shelf
//! is memory; the truth is the outbox's book, from which it is filled again at every start, so that a slip is neither
//! lost nor laid down twice. A slip is done when a runner has taken it (`Outbox::slip_taken`). Proved by
//! `tests/contract.rs`.

use crate::gateway::{Blame, Doing, Gateway, Handed, Parcel, Progress, Question, Reference, Told};
use crate::outbox::Outbox;
use basics::{EntryNumber, Moment};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A slip, ready to be pressed on paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    /// The message's number in the outbox: printed on it, and what a runner reads out.
    pub number: EntryNumber,
    /// The same slip printed twice has the same reference.
    pub reference: Reference,
    /// Where it is to be taken.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text; lines as written.
    pub body: String,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was asked for.
    pub queued_at: Moment,
    /// After this it misleads: printed on it.
    pub valid_until: Moment,
    /// Watermarked as an exercise.
    pub exercise: bool,
}

/// Where slips wait for the print room. Clones share it.
#[derive(Clone, Default)]
pub struct SlipShelf {
    slips: Arc<Mutex<BTreeMap<Reference, Slip>>>,
}

impl SlipShelf {
    /// Most slips that may wait.
    pub const SLIPS_MAX: usize = 5_000;

    /// Slips that wait, in the order in which they were asked for.
    pub fn waiting(&self) -> Vec<Slip> {
        let mut slips: Vec<Slip> = self.lock().values().cloned().collect();
        slips.sort_by_key(|slip| slip.number);
        slips
    }

    /// Makes the shelf hold exactly what the outbox says is waiting: at the start, and after a runner took one.
    pub fn match_with(&self, outbox: &Outbox) {
        let waiting = outbox.slips_waiting();
        *self.lock() = waiting.iter().map(|item| (item.reference, of_parcel(&item.parcel()))).collect();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Reference, Slip>> {
        self.slips.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The adapter.
pub struct Slips {
    name: String,
    shelf: SlipShelf,
}

impl Slips {
    /// Lays slips on `shelf`.
    pub fn new(name: &str, shelf: SlipShelf) -> Self {
        Self { name: name.to_owned(), shelf }
    }

    fn put(&self, parcel: &Parcel) -> Handed {
        let mut slips = self.shelf.lock();
        if slips.len() >= SlipShelf::SLIPS_MAX && !slips.contains_key(&parcel.reference) {
            let why = format!("{} slips wait to be taken; no more fit on the shelf", SlipShelf::SLIPS_MAX);
            return Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway };
        }
        slips.insert(parcel.reference, of_parcel(parcel));
        Handed::Accepted { gateway_id: parcel.reference.to_string() }
    }
}

impl Gateway for Slips {
    fn name(&self) -> &str {
        &self.name
    }

    fn hand_over<'a>(&'a self, parcel: &'a Parcel, _: Moment) -> Doing<'a, Handed> {
        Box::pin(std::future::ready(self.put(parcel)))
    }

    fn ask<'a>(&'a self, question: &'a Question, _: Moment) -> Doing<'a, Told> {
        let there = self.shelf.lock().contains_key(&question.reference);
        let told = match (there, &question.gateway_id) {
            (false, None) => Told::NeverSeen,
            _ => Told::Accepted { gateway_id: question.reference.to_string(), progress: Progress::OnItsWay },
        };
        Box::pin(std::future::ready(told))
    }

    /// A runner does.
    fn reports_delivery(&self) -> bool {
        true
    }
}

fn of_parcel(parcel: &Parcel) -> Slip {
    let outgoing = &parcel.outgoing;
    Slip {
        number: parcel.number,
        reference: parcel.reference,
        to: outgoing.route.to().to_owned(),
        subject: parcel.subject(),
        body: parcel.body(),
        asked_by: outgoing.asked_by.clone(),
        queued_at: parcel.queued_at,
        valid_until: parcel.valid_until,
        exercise: outgoing.exercise,
    }
}
