//! Who the patient is: names, numbers, dates, and the people to ring.
//!
//! Always: a list of bookings only fills what nobody told, whenever it was read in, and adds the telephone numbers that
//! nobody knew, for whoever must be told is rung under all of them. Never: a list's word over a message's.

use super::{CONTACTS_MAX, IDENTIFIERS_MAX, blend, not_older};
use crate::fact::Demographics;
use crate::patient::Telecom;
use crate::problems::folded;
use crate::{Cite, Contact, Identifier, PatientRecord, PersonName, Update};

impl PatientRecord {
    /// Keeps identifiers that the patient came under: newer ones in front, behind those of an older message, and those
    /// of a word that does not say which are `in_use` (see [`crate::What::tells_number_in_use`]).
    pub fn note_identifiers(&mut self, identifiers: &[Identifier], cite: &Cite, in_use: bool) {
        // The usual case by far: all known, the newest already in front.
        if identifiers.iter().all(|i| self.identifiers.contains(i)) && !self.out_of_order(identifiers) {
            return;
        }
        let newer = in_use && not_older(self.as_at.person.as_ref(), cite);
        for identifier in identifiers.iter().rev() {
            let known = self.identifiers.iter().position(|i| i == identifier);
            if newer {
                if let Some(index) = known {
                    self.identifiers.remove(index);
                }
                self.identifiers.insert(0, identifier.clone());
            } else if known.is_none() {
                self.identifiers.push(identifier.clone());
            }
        }
        self.identifiers.truncate(IDENTIFIERS_MAX);
    }

    /// Whether a number just given stands behind another of its kind and assigner.
    fn out_of_order(&self, identifiers: &[Identifier]) -> bool {
        identifiers.iter().any(|given| {
            self.identifiers
                .iter()
                .find(|i| i.kind == given.kind && i.assigner == given.assigner)
                .is_some_and(|front| !identifiers.contains(front))
        })
    }
}

pub(super) fn apply(record: &mut PatientRecord, said: &Demographics, cite: &Cite) {
    let newer = !said.only_fills && not_older(record.as_at.person.as_ref(), cite);
    name(record, said, newer);
    blend(&mut record.birth_date, &said.birth_date, newer);
    blend(&mut record.sex, &said.sex, newer);
    died(record, &said.died, newer);
    blend(&mut record.address, &said.address, newer);
    telecoms(record, said, newer);
    blend(&mut record.language, &said.language, newer);
    blend(&mut record.interpreter_needed, &said.interpreter_needed, newer);
    blend(&mut record.religion, &said.religion, newer);
    blend(&mut record.ethnicity, &said.ethnicity, newer);
    blend(&mut record.gp, &said.gp, newer);
    blend(&mut record.gp_practice, &said.gp_practice, newer);
}

/// A message's numbers take the place of those that messages told before; what lists added stays behind them.
fn telecoms(record: &mut PatientRecord, said: &Demographics, newer: bool) {
    if said.telecoms.is_empty() {
        return;
    }
    let listed = std::mem::take(&mut record.telecoms_listed);
    let known = std::mem::take(&mut record.telecoms);
    let (mut added, told): (Vec<Telecom>, Vec<Telecom>) =
        known.into_iter().partition(|t| listed.contains(&t.value));
    let told = if said.only_fills {
        added.extend(said.telecoms.iter().cloned());
        told
    } else if newer || told.is_empty() {
        said.telecoms.clone()
    } else {
        told
    };
    record.telecoms = told.into_iter().take(CONTACTS_MAX).collect();
    for telecom in added {
        let dials = dialled(&telecom.value);
        let known = record.telecoms.iter().any(|known| dialled(&known.value) == dials);
        if !known && record.telecoms.len() < CONTACTS_MAX {
            record.telecoms_listed.push(telecom.value.clone());
            record.telecoms.push(telecom);
        }
    }
}

/// What a number is compared by: its digits without the country and the zeros in front, which spreadsheets lose; of a mail
/// address its small letters.
fn dialled(value: &str) -> String {
    if value.contains('@') {
        return value.trim().to_lowercase();
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let abroad = value.trim_start().starts_with('+') || digits.starts_with("00");
    let national = digits.trim_start_matches('0');
    let national = national.strip_prefix("44").filter(|_| abroad).unwrap_or(national);
    match national.trim_start_matches('0') {
        "" => folded(value),
        national => national.to_owned(),
    }
}

/// A death stays told, with the better known moment, until a newer message says otherwise.
fn died(record: &mut PatientRecord, said: &Update<Option<basics::Moment>>, newer: bool) {
    match (said, record.died) {
        (Update::Set(None), Some(Some(_))) => {}
        _ => blend(&mut record.died, said, newer),
    }
}

/// A former name stays findable among the other names.
fn name(record: &mut PatientRecord, said: &Demographics, newer: bool) {
    if let Update::Set(given) = &said.name {
        match record.name.take() {
            Some(known) if known == *given => record.name = Some(known),
            Some(known) if newer => {
                keep_other(record, &known);
                record.name = Some(given.clone());
            }
            Some(known) => {
                // A list writes capitals, leaves out titles and second names: that is no other name.
                let other = !said.only_fills || !same_person_name(&known, given);
                record.name = Some(known);
                if other {
                    keep_other(record, given);
                }
            }
            None => record.name = Some(given.clone()),
        }
    } else {
        blend(&mut record.name, &said.name, newer);
    }
    for other in &said.other_names {
        keep_other(record, other);
    }
}

/// The same family name, and the same first name as far as both have one.
fn same_person_name(a: &PersonName, b: &PersonName) -> bool {
    let first = |name: &PersonName| name.given.first().map(|given| folded(given));
    folded(&a.family) == folded(&b.family)
        && (first(a) == first(b) || a.given.is_empty() || b.given.is_empty())
}

fn keep_other(record: &mut PatientRecord, name: &PersonName) {
    let empty = name.family.is_empty() && name.given.is_empty();
    if empty || record.name.as_ref() == Some(name) || record.other_names.contains(name) {
        return;
    }
    record.other_names.insert(0, name.clone());
    record.other_names.truncate(CONTACTS_MAX);
}

pub(super) fn contacts(record: &mut PatientRecord, contacts: &[Contact], cite: &Cite) {
    if not_older(record.as_at.person.as_ref(), cite) || record.contacts.is_empty() {
        record.contacts = contacts.iter().take(CONTACTS_MAX).cloned().collect();
    }
}

pub(super) fn contact(record: &mut PatientRecord, told: &Contact) {
    let same = |known: &Contact| {
        known.name == told.name
            && (known.relationship == told.relationship
                || known.relationship.is_empty()
                || told.relationship.is_empty())
    };
    let room = record.contacts.len() < CONTACTS_MAX;
    match record.contacts.iter_mut().find(|known| same(known)) {
        Some(known) => {
            let (next_of_kin, relationship) = (known.next_of_kin, known.relationship.clone());
            *known = told.clone();
            known.next_of_kin |= next_of_kin;
            if known.relationship.is_empty() {
                known.relationship = relationship;
            }
        }
        None if room => record.contacts.push(told.clone()),
        None => {}
    }
}
