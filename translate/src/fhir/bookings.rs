//! Appointment: who is to come where, when, and to whom.
//!
//! Called by `fhir`.

use super::datatypes::{Concept, Meta, Reference, words_of};
use super::lenient::{Many, Number, Raw, Text, object};
use super::places::whereabouts;
use super::reader::{Here, Reader, Whom};
use crate::words::{line, running};
use care::{About, AppointmentStatus, ProblemKind, What};

object!(Booking {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    cancelled "cancelationReason": Concept<'a>,
    service "serviceType": Many<Concept<'a>>,
    speciality "specialty": Many<Concept<'a>>,
    kind "appointmentType": Concept<'a>,
    reason "reasonCode": Many<Concept<'a>>,
    description "description": Text<'a>,
    start "start": Text<'a>,
    end "end": Text<'a>,
    minutes "minutesDuration": Number<'a>,
    created "created": Text<'a>,
    comment "comment": Text<'a>,
    instruction "patientInstruction": Text<'a>,
    participant "participant": Many<Participant<'a>>,
    subject "subject": Reference<'a>,
});

object!(Participant { actor "actor": Reference<'a>, status "status": Text<'a> });

pub(super) fn appointment(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(booking) = reader.read::<Booking<'_>>(part) else { return };
    let here = reader.here(part, &booking.id, booking.contained);
    let Some(status) = status(booking.status.as_str()) else {
        let text = "This is proposed or waits for a place; it is no booking, so it is not shown.";
        return reader.problem(ProblemKind::Imperfect, &here, "status", text);
    };
    let mut told = care::Appointment { id: here.key.clone(), status, ..care::Appointment::default() };
    let people = participants(reader, &here, &booking, &mut told);
    if people.is_empty() {
        let text = "It names no patient who can be found, so this appointment is lost.";
        return reader.problem(ProblemKind::PartLost, &here, "participant", text);
    }
    describe(reader, &here, &booking, &mut told);
    let cite = reader.cite(&booking.meta, None);
    for about in people {
        reader.push(&about, &cite, What::Appointment(Box::new(told.clone())));
    }
}

/// `None` for what is not booked.
fn status(word: &str) -> Option<AppointmentStatus> {
    Some(match word.to_ascii_lowercase().as_str() {
        "proposed" | "waitlist" => return None,
        "arrived" | "checked-in" => AppointmentStatus::Arrived,
        "fulfilled" => AppointmentStatus::Completed,
        "cancelled" => AppointmentStatus::Cancelled,
        "noshow" => AppointmentStatus::DidNotAttend,
        "entered-in-error" => AppointmentStatus::Deleted,
        _ => AppointmentStatus::Booked,
    })
}

fn participants<'a>(
    reader: &mut Reader<'a, '_>,
    here: &Here<'a>,
    booking: &Booking<'a>,
    told: &mut care::Appointment,
) -> Vec<About> {
    let mut people = Vec::new();
    let actors = booking.participant.iter().take(50).map(|p| &p.actor);
    for actor in actors.chain([&booking.subject]) {
        let key = reader.key_of_reference(actor.reference.as_str());
        let of_item = reader.item_of(actor.reference.as_str()).and_then(|part| reader.items.get(part));
        let kind =
            of_item.map(|item| item.kind.clone()).or_else(|| key.split_once('/').map(|(k, _)| k.to_owned()));
        match kind.as_deref().unwrap_or(actor.kind.as_str()) {
            "Practitioner" | "PractitionerRole" if told.clinician.is_empty() => {
                told.clinician = reader.name_of(here, actor);
            }
            "Location" => {
                if told.clinic.is_empty() {
                    told.clinic = reader.name_of(here, actor);
                }
                told.site = told.site.take().or_else(|| whereabouts(reader, here, &[actor])?.site);
            }
            "HealthcareService" if told.clinic.is_empty() => told.clinic = reader.name_of(here, actor),
            "Patient" | "" => {
                if let Whom::Patient(identifiers) = reader.subject_of(here, actor) {
                    people.push(About { identifiers });
                }
            }
            _ => {}
        }
    }
    people
}

fn describe<'a>(
    reader: &mut Reader<'a, '_>,
    here: &Here<'a>,
    booking: &Booking<'a>,
    told: &mut care::Appointment,
) {
    told.start = reader.moment(here, "start", &booking.start);
    let end = reader.moment(here, "end", &booking.end);
    let lasts = match (told.start, end) {
        (Some(start), Some(end)) => u32::try_from(end.seconds_since(start) / 60).ok(),
        _ => None,
    };
    told.minutes = booking.minutes.figure().parse().ok().or(lasts);
    let services = [words_of(&booking.service), words_of(&booking.speciality), booking.kind.words()];
    told.service = services.into_iter().find(|s| !s.is_empty()).unwrap_or_default();
    let reasons = [words_of(&booking.reason), line(booking.description.as_str())];
    told.reason = reasons.into_iter().find(|r| !r.is_empty()).unwrap_or_default();
    let cancelled = booking.cancelled.words();
    let cancelled = if cancelled.is_empty() { cancelled } else { format!("Cancelled: {cancelled}") };
    let notes = [cancelled, running(booking.comment.as_str()), running(booking.instruction.as_str())];
    told.note = notes.into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("\n");
}
