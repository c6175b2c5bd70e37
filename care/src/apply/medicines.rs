//! Medicines and doses: a dose finds its prescription whichever of the two comes first.

use super::{ADMINISTRATIONS_MAX, MEDICATIONS_MAX, drop_oldest, newest_first, not_older};
use crate::{Cite, MedicationAdministration, MedicationRequest, MedicationStatus, PatientRecord};

pub(super) fn request(record: &mut PatientRecord, request: &MedicationRequest, cite: &Cite) {
    let mut told = MedicationRequest { cite: Some(cite.clone()), ..request.clone() };
    let doses = record.administrations.iter().filter(|dose| dose.given && belongs(&told, dose));
    if let Some(dose) = doses.max_by_key(|dose| dose.at).filter(|dose| dose.at > request.last_given) {
        told.last_given = dose.at;
        told.last_given_dose.clone_from(&dose.dose);
    }
    match record.medications.iter_mut().find(|known| same(known, request)) {
        Some(known) if not_older(known.cite.as_ref(), cite) => {
            if known.last_given > told.last_given {
                told.last_given = known.last_given;
                told.last_given_dose = std::mem::take(&mut known.last_given_dose);
            }
            keep_what_was_left_out(&mut told, known);
            *known = told;
        }
        Some(known) => {
            if told.last_given > known.last_given {
                known.last_given = told.last_given;
                known.last_given_dose = told.last_given_dose;
            }
        }
        None => record.medications.push(told),
    }
    drop_oldest(&mut record.medications, MEDICATIONS_MAX, |m| m.status != MedicationStatus::Active);
}

/// A stop or a change of status often names the prescription and nothing else: what was known of it stands.
fn keep_what_was_left_out(told: &mut MedicationRequest, known: &mut MedicationRequest) {
    let keep = |new: &mut String, old: &mut String| {
        if new.is_empty() {
            *new = std::mem::take(old);
        }
    };
    let whole = !told.dose.is_empty() || !told.dosage_text.is_empty() || !told.frequency.is_empty();
    keep(&mut told.medicine, &mut known.medicine);
    keep(&mut told.code, &mut known.code);
    keep(&mut told.prescriber, &mut known.prescriber);
    keep(&mut told.indication, &mut known.indication);
    told.start = told.start.or(known.start);
    if whole {
        return;
    }
    keep(&mut told.dose, &mut known.dose);
    keep(&mut told.route, &mut known.route);
    keep(&mut told.form, &mut known.form);
    keep(&mut told.frequency, &mut known.frequency);
    keep(&mut told.dosage_text, &mut known.dosage_text);
    told.interval_hours = told.interval_hours.or(known.interval_hours);
    told.as_required |= known.as_required;
}

fn same(a: &MedicationRequest, b: &MedicationRequest) -> bool {
    if !a.id.is_empty() || !b.id.is_empty() {
        return a.id == b.id;
    }
    a.medicine.eq_ignore_ascii_case(&b.medicine) && a.start == b.start
}

pub(super) fn administration(record: &mut PatientRecord, dose: &MedicationAdministration, cite: &Cite) {
    let told = MedicationAdministration { cite: Some(cite.clone()), ..dose.clone() };
    match record.administrations.iter_mut().find(|known| same_dose(known, dose)) {
        Some(known) if not_older(known.cite.as_ref(), cite) => *known = told,
        Some(_) => return,
        None => record.administrations.push(told),
    }
    newest_first(&mut record.administrations, ADMINISTRATIONS_MAX, |d| d.at);
    let Some(index) = prescription_of(record, dose) else { return };
    let (medications, doses) = (&mut record.medications, &record.administrations);
    let Some(medication) = medications.get_mut(index) else { return };
    // Worked out afresh, so that a dose that turns out not to have been given stops counting.
    let last = doses.iter().filter(|d| d.given && belongs(medication, d)).max_by_key(|d| d.at);
    match last {
        Some(last) if last.at >= medication.last_given || !dose.given => {
            medication.last_given = last.at;
            medication.last_given_dose.clone_from(&last.dose);
        }
        None if !dose.given && medication.last_given == dose.at => medication.last_given = None,
        _ => {}
    }
}

fn same_dose(a: &MedicationAdministration, b: &MedicationAdministration) -> bool {
    if !a.id.is_empty() && !b.id.is_empty() {
        return a.id == b.id;
    }
    a.request == b.request && a.at == b.at && a.medicine.eq_ignore_ascii_case(&b.medicine)
}

/// By the key that the dose names; else by the medicine's name, if exactly one active prescription bears it.
fn prescription_of(record: &PatientRecord, dose: &MedicationAdministration) -> Option<usize> {
    let mut found = record.medications.iter().enumerate().filter(|(_, m)| belongs(m, dose));
    let (index, _) = found.next()?;
    found.next().is_none().then_some(index)
}

fn belongs(medication: &MedicationRequest, dose: &MedicationAdministration) -> bool {
    if !dose.request.is_empty() {
        return medication.id == dose.request;
    }
    medication.status == MedicationStatus::Active
        && !dose.medicine.is_empty()
        && medication.medicine.eq_ignore_ascii_case(&dose.medicine)
}
