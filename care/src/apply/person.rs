//! Who the patient is: names, numbers, dates, and the people to ring.

use super::{CONTACTS_MAX, IDENTIFIERS_MAX, blend, not_older};
use crate::fact::Demographics;
use crate::{Cite, Contact, Identifier, PatientRecord, PersonName, Update};

impl PatientRecord {
    /// Keeps identifiers that the patient came under: newer ones in front, those of an older message behind.
    pub fn note_identifiers(&mut self, identifiers: &[Identifier], cite: &Cite) {
        // The usual case by far: all known, the newest already in front.
        if identifiers.iter().all(|i| self.identifiers.contains(i)) && !self.out_of_order(identifiers) {
            return;
        }
        let newer = not_older(self.as_at.person.as_ref(), cite);
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
    let newer = not_older(record.as_at.person.as_ref(), cite);
    name(record, said, newer);
    blend(&mut record.birth_date, &said.birth_date, newer);
    blend(&mut record.sex, &said.sex, newer);
    died(record, &said.died, newer);
    blend(&mut record.address, &said.address, newer);
    if !said.telecoms.is_empty() && (newer || record.telecoms.is_empty()) {
        record.telecoms = said.telecoms.iter().take(CONTACTS_MAX).cloned().collect();
    }
    blend(&mut record.language, &said.language, newer);
    blend(&mut record.interpreter_needed, &said.interpreter_needed, newer);
    blend(&mut record.religion, &said.religion, newer);
    blend(&mut record.ethnicity, &said.ethnicity, newer);
    blend(&mut record.gp, &said.gp, newer);
    blend(&mut record.gp_practice, &said.gp_practice, newer);
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
                record.name = Some(known);
                keep_other(record, given);
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
