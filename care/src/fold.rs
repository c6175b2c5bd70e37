//! One person's several records shown as one: the survivor with everything that came under numbers merged into it.
//!
//! Always: the records themselves stay separate underneath, so that the undoing of a merge loses nothing. Never: an
//! allergy known under any of the numbers left out.
//! Called by `control_room` whenever a patient is shown; proved by the tests here.

use crate::apply::{ADMINISTRATIONS_MAX, DOCUMENTS_MAX, OBSERVATIONS_MAX, REPORTS_MAX};
use crate::problems::folded;
use crate::{AllergyKnowledge, Cite, EncounterStatus, PatientKey, PatientRecord};

impl PatientRecord {
    /// Notes that this record is from now on shown under `survivor`.
    pub fn link_into(&mut self, survivor: PatientKey) {
        self.merged_into = Some(survivor);
    }

    /// Notes that this record is a person of its own again.
    pub fn unlink(&mut self) {
        self.merged_into = None;
    }

    /// Notes that `prior` is from now on shown under this record.
    pub fn adopt(&mut self, prior: PatientKey) {
        if !self.merged_from.contains(&prior) {
            self.merged_from.push(prior);
        }
    }

    /// Notes that `prior` is no longer shown under this record.
    pub fn release(&mut self, prior: PatientKey) {
        self.merged_from.retain(|key| *key != prior);
    }
}

/// The survivor as people should see it, with `merged` (all records merged into it, along chains too) folded in.
pub fn fold(survivor: &PatientRecord, merged: &[PatientRecord]) -> PatientRecord {
    let mut whole = survivor.clone();
    for prior in merged {
        people(&mut whole, prior);
        stays(&mut whole, prior);
        care(&mut whole, prior);
        times(&mut whole, prior);
    }
    if !merged.is_empty() {
        tidy(&mut whole);
    }
    whole
}

fn people(whole: &mut PatientRecord, prior: &PatientRecord) {
    for identifier in &prior.identifiers {
        if !whole.identifiers.contains(identifier) {
            whole.identifiers.push(identifier.clone());
        }
    }
    match (&whole.name, &prior.name) {
        (None, Some(name)) => whole.name = Some(name.clone()),
        (Some(ours), Some(name)) if ours != name && !whole.other_names.contains(name) => {
            whole.other_names.push(name.clone());
        }
        _ => {}
    }
    for name in &prior.other_names {
        if whole.name.as_ref() != Some(name) && !whole.other_names.contains(name) {
            whole.other_names.push(name.clone());
        }
    }
    macro_rules! fill {
        ($($field:ident),*) => { $( if whole.$field.is_none() { whole.$field.clone_from(&prior.$field); } )* };
    }
    fill!(birth_date, sex, died, address, language, interpreter_needed, religion, ethnicity, gp, gp_practice);
    if whole.telecoms.is_empty() {
        whole.telecoms.clone_from(&prior.telecoms);
        whole.telecoms_listed.clone_from(&prior.telecoms_listed);
    }
    for contact in &prior.contacts {
        if !whole.contacts.contains(contact) {
            whole.contacts.push(contact.clone());
        }
    }
}

/// A discharge told under the surviving number ends the stay that was begun under the other.
fn stays(whole: &mut PatientRecord, prior: &PatientRecord) {
    for stay in &prior.encounters {
        let mut stay = stay.clone();
        let ended = whole.encounters.iter().find(|e| {
            e.visit.is_none()
                && e.status == EncounterStatus::Finished
                && e.admitted.is_none()
                && e.stepped_at >= stay.stepped_at
        });
        if stay.is_open()
            && let Some(end) = ended
        {
            stay.status = EncounterStatus::Finished;
            stay.discharged = end.discharged;
            stay.stepped_at = end.stepped_at;
        }
        let known = whole.encounters.iter().any(|e| e.visit.is_some() && e.visit == stay.visit);
        if !known {
            whole.encounters.push(stay);
        }
    }
}

fn care(whole: &mut PatientRecord, prior: &PatientRecord) {
    for allergy in &prior.allergies.list {
        // One code may stand for several substances ("OTHER"): the words tell, or the code where there are none.
        let words = folded(&allergy.substance);
        let told = |a: &crate::AllergyIntolerance| {
            folded(&a.substance) == words && (!words.is_empty() || a.code == allergy.code)
        };
        if !whole.allergies.list.iter().any(told) {
            whole.allergies.list.push(allergy.clone());
        }
    }
    whole.allergies.knowledge = match (whole.allergies.knowledge, prior.allergies.knowledge) {
        _ if !whole.allergies.list.is_empty() => AllergyKnowledge::Known,
        (AllergyKnowledge::Unavailable, _) | (_, AllergyKnowledge::Unavailable) => {
            AllergyKnowledge::Unavailable
        }
        (AllergyKnowledge::NotRecorded, other) => other,
        (ours, _) => ours,
    };
    for flag in &prior.flags {
        let words = folded(&flag.text);
        let told = |f: &crate::Flag| f.active && f.kind == flag.kind && folded(&f.text) == words;
        if !(flag.active && whole.flags.iter().any(told)) {
            whole.flags.push(flag.clone());
        }
    }
    whole.conditions.extend(prior.conditions.iter().cloned());
    whole.medications.extend(prior.medications.iter().cloned());
    whole.administrations.extend(prior.administrations.iter().cloned());
    whole.observations.extend(prior.observations.iter().cloned());
    whole.reports.extend(prior.reports.iter().cloned());
    whole.orders.extend(prior.orders.iter().cloned());
    whole.documents.extend(prior.documents.iter().cloned());
    whole.appointments.extend(prior.appointments.iter().cloned());
    whole.listings.extend(prior.listings.iter().cloned());
}

fn times(whole: &mut PatientRecord, prior: &PatientRecord) {
    macro_rules! newest {
        ($($field:ident),*) => { $( later(&mut whole.as_at.$field, &prior.as_at.$field); )* };
    }
    newest!(
        any,
        person,
        listed,
        encounters,
        allergies,
        flags,
        conditions,
        medications,
        observations,
        reports,
        orders,
        documents,
        appointments
    );
}

fn later(ours: &mut Option<Cite>, theirs: &Option<Cite>) {
    if theirs.as_ref().map(|c| c.at) > ours.as_ref().map(|c| c.at) {
        ours.clone_from(theirs);
    }
}

fn tidy(whole: &mut PatientRecord) {
    use std::cmp::Reverse;
    whole.encounters.sort_by_key(crate::Encounter::began);
    whole.administrations.sort_by_key(|a| Reverse(a.at));
    whole.administrations.truncate(ADMINISTRATIONS_MAX);
    whole.observations.sort_by_key(|o| Reverse(o.at));
    whole.observations.truncate(OBSERVATIONS_MAX);
    whole.reports.sort_by_key(|r| Reverse(r.reported.or(r.collected)));
    whole.reports.truncate(REPORTS_MAX);
    whole.documents.sort_by_key(|d| Reverse(d.at));
    whole.documents.truncate(DOCUMENTS_MAX);
    whole.appointments.sort_by_key(|a| a.start);
}
