//! A fact changes a record: the one place where what senders say becomes what the ward reads.
//!
//! Always: facts applied in the same order give the same record; every list is bounded (the feed book has the rest);
//! of two words about the same thing the one with the newer source time stands, whichever came first. Never: an older
//! status over a newer one (a late preliminary over a final), a withdrawn result shown as if it still stood.
//! Called by `control_room`'s index; proved by the tables here and by `translate`'s play of a whole feed.

mod alerts;
mod allergies;
mod bookings;
mod medicines;
mod person;
mod results;
mod stays;

use crate::{Cite, Fact, PatientRecord, Update, What};
use basics::Moment;

/// Most encounters kept in a record; finished ones go first, oldest first.
pub const ENCOUNTERS_MAX: usize = 40;
/// Most places kept in an encounter's history.
pub const PLACES_MAX: usize = 60;
/// Most vital signs and single observations kept, newest.
pub const OBSERVATIONS_MAX: usize = 300;
/// Most reports kept, newest.
pub const REPORTS_MAX: usize = 200;
/// Most results kept within one report.
pub const RESULTS_MAX: usize = 300;
/// Most administrations kept, newest.
pub const ADMINISTRATIONS_MAX: usize = 300;
/// Most prescriptions kept; ended ones go first.
pub const MEDICATIONS_MAX: usize = 200;
/// Most orders kept; completed ones go first.
pub const ORDERS_MAX: usize = 200;
/// Most documents kept, newest.
pub const DOCUMENTS_MAX: usize = 200;
/// Most appointments kept, those furthest in the past go first.
pub const APPOINTMENTS_MAX: usize = 200;
/// Most diagnoses kept; inactive ones go first.
pub const CONDITIONS_MAX: usize = 200;
/// Most allergies kept: far above any real list.
pub const ALLERGIES_MAX: usize = 200;
/// Most alerts kept; inactive ones go first.
pub const FLAGS_MAX: usize = 100;
/// Most identifiers kept, newest.
pub const IDENTIFIERS_MAX: usize = 60;
/// Most contacts, other names and telephone numbers kept.
pub const CONTACTS_MAX: usize = 20;

impl PatientRecord {
    /// Applies a fact about this patient: what it says, and the identifiers it came under.
    pub fn apply_fact(&mut self, fact: &Fact) {
        self.note_identifiers(&fact.about.identifiers, &fact.cite, fact.what.tells_number_in_use());
        self.apply(&fact.what, &fact.cite);
    }

    /// Applies what is said. Merges, unmerges, renumberings and moves concern two records and are done by the keeper of
    /// the records (see `identity` and `moves`); here they only count as news.
    pub fn apply(&mut self, what: &What, cite: &Cite) {
        match what {
            What::Person(demographics) => person::apply(self, demographics, cite),
            What::Contacts(contacts) => person::contacts(self, contacts, cite),
            What::Contact(contact) => person::contact(self, contact),
            What::Merge { .. }
            | What::Unmerge { .. }
            | What::Renumber { .. }
            | What::MoveNumbers { .. }
            | What::MoveVisit { .. } => {}
            What::RenumberVisit { prior, visit } => stays::renumber(self, prior, visit, cite),
            What::Encounter(step) => stays::apply(self, step, cite),
            What::Allergies(all) => allergies::snapshot(self, all, cite),
            What::Allergy(one) => allergies::one(self, one, cite),
            What::AllergyRemoved(one) => allergies::removed(self, one, cite),
            What::Flag(flag) => alerts::flag(self, flag, cite),
            What::Condition(condition) => alerts::condition(self, condition, cite),
            What::Medication(request) => medicines::request(self, request, cite),
            What::Administration(dose) => medicines::administration(self, dose, cite),
            What::Observation(observation) => results::observation(self, observation, cite),
            What::Report(report) => results::report(self, report, cite),
            What::Order(order) => results::order(self, order, cite),
            What::Document(document) => results::document(self, document, cite),
            What::Appointment(appointment) => bookings::appointment(self, appointment, cite),
            What::Listed(listing) => bookings::listing(self, listing, cite),
        }
        self.touch(what, cite);
    }

    fn touch(&mut self, what: &What, cite: &Cite) {
        let times = &mut self.as_at;
        let section = match what {
            // Else a message that is older than the list's import would count for less than the list.
            What::Person(said) if said.only_fills => &mut times.listed,
            What::Person(_)
            | What::Contacts(_)
            | What::Contact(_)
            | What::Merge { .. }
            | What::Unmerge { .. }
            | What::Renumber { .. }
            | What::MoveNumbers { .. } => &mut times.person,
            What::MoveVisit { .. } | What::RenumberVisit { .. } => &mut times.encounters,
            // A mention in passing says nothing new about the stay.
            What::Encounter(step) if step.step == crate::Move::Mention => &mut times.any,
            What::Encounter(_) => &mut times.encounters,
            What::Allergies(_) | What::Allergy(_) | What::AllergyRemoved(_) => &mut times.allergies,
            What::Flag(_) => &mut times.flags,
            What::Condition(_) => &mut times.conditions,
            What::Medication(_) | What::Administration(_) => &mut times.medications,
            What::Observation(_) => &mut times.observations,
            What::Report(_) => &mut times.reports,
            What::Order(_) => &mut times.orders,
            What::Document(_) => &mut times.documents,
            What::Appointment(_) | What::Listed(_) => &mut times.appointments,
        };
        newest(section, cite);
        newest(&mut times.any, cite);
    }
}

fn newest(slot: &mut Option<Cite>, cite: &Cite) {
    match slot {
        Some(known) if known.at > cite.at => {}
        Some(known) if known == cite => {}
        _ => *slot = Some(cite.clone()),
    }
}

/// Whether a word from `cite` is at least as new as what `known` came from.
fn not_older(known: Option<&Cite>, cite: &Cite) -> bool {
    known.is_none_or(|k| cite.at >= k.at)
}

/// Applies an update; when it comes from an older source time it only fills a gap.
fn blend<T: Clone>(target: &mut Option<T>, update: &Update<T>, newer: bool) {
    if newer {
        update.clone().apply(target);
    } else if let (Update::Set(value), None) = (update, &*target) {
        *target = Some(value.clone());
    }
}

/// Newest first, those without a time last, at most `max` of them.
fn newest_first<T>(list: &mut Vec<T>, max: usize, when: impl Fn(&T) -> Option<Moment>) {
    list.sort_by_key(|item| std::cmp::Reverse(when(item)));
    list.truncate(max);
}

/// Drops from the front those that `spent` allows first, then the oldest, until `max` are left.
fn drop_oldest<T>(list: &mut Vec<T>, max: usize, spent: impl Fn(&T) -> bool) {
    while list.len() > max {
        let index = list.iter().position(&spent).unwrap_or(0);
        list.remove(index);
    }
}
