//! Appointments: one row a booking, replaced by the newest word about it. Beside them what services' own lists say.

use super::{APPOINTMENTS_MAX, not_older};
use crate::special_lists::{LISTINGS_MAX, Listing};
use crate::{Appointment, AppointmentStatus, Cite, PatientRecord};

pub(super) fn appointment(record: &mut PatientRecord, appointment: &Appointment, cite: &Cite) {
    let told = Appointment { cite: Some(cite.clone()), ..appointment.clone() };
    let same = |known: &&mut Appointment| !known.id.is_empty() && known.id == appointment.id;
    match record.appointments.iter_mut().find(same) {
        Some(known) if only_listed(&told, known) => fill(known, told),
        // A message knows what a list did not say, however late the message is read.
        Some(known) if only_listed(known, &told) || not_older(known.cite.as_ref(), cite) => {
            replace(known, told);
        }
        Some(_) => {}
        None => record.appointments.push(told),
    }
    record.appointments.sort_by_key(|a| a.start);
    while record.appointments.len() > APPOINTMENTS_MAX {
        record.appointments.remove(0);
    }
}

/// A list without a word about the state is no news of a booking that a message spoke of: it may be days old.
fn only_listed(told: &Appointment, known: &Appointment) -> bool {
    told.status == AppointmentStatus::Listed && known.status != AppointmentStatus::Listed
}

/// What a list says of a booking that messages know: only what they left out.
fn fill(known: &mut Appointment, listed: Appointment) {
    let cite = known.cite.clone();
    let said = std::mem::replace(known, listed);
    replace(known, said);
    known.cite = cite;
}

/// A cancellation often leaves the details out: what was known of the booking stands.
fn replace(known: &mut Appointment, mut told: Appointment) {
    let keep = |new: &mut String, old: &mut String| {
        if new.is_empty() {
            *new = std::mem::take(old);
        }
    };
    keep(&mut told.clinic, &mut known.clinic);
    keep(&mut told.clinician, &mut known.clinician);
    keep(&mut told.service, &mut known.service);
    keep(&mut told.reason, &mut known.reason);
    keep(&mut told.priority, &mut known.priority);
    keep(&mut told.note, &mut known.note);
    told.start = told.start.or(known.start);
    told.minutes = told.minutes.or(known.minutes);
    told.site = told.site.or_else(|| known.site.take());
    told.referred = told.referred.or(known.referred);
    told.faster_diagnosis_from = told.faster_diagnosis_from.or(known.faster_diagnosis_from);
    told.cancer_treatment_from = told.cancer_treatment_from.or(known.cancer_treatment_from);
    told.cancelled_before = told.cancelled_before.or(known.cancelled_before);
    *known = told;
}

/// One row a list; a list that was made earlier takes nothing back, in whatever order they are read in.
pub(super) fn listing(record: &mut PatientRecord, listing: &Listing, cite: &Cite) {
    let told = Listing { cite: Some(cite.clone()), ..listing.clone() };
    let room = record.listings.len() < LISTINGS_MAX;
    match record.listings.iter_mut().find(|known| known.list == told.list) {
        Some(known) if not_older(known.cite.as_ref(), cite) => *known = told,
        Some(_) => {}
        None if room => record.listings.push(told),
        None => {}
    }
}
