//! Encounter: a stay, attendance or visit as it stands, with its status stated outright.
//!
//! Called by `fhir`; proved by the census test.

use super::datatypes::{Coding, Concept, Meta, Period, Reference, words_of};
use super::lenient::{Many, Raw, Text, object};
use super::places::whereabouts;
use super::reader::{Here, Reader};
use care::{EncounterClass, EncounterStatus, EncounterStep, Location, Move, ProblemKind, Update, What};

object!(Encounter {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    class "class": Many<Coding<'a>>,
    subject "subject": Reference<'a>,
    service "serviceType": Many<Concept<'a>>,
    participant "participant": Many<Participant<'a>>,
    period "period": Period<'a>,
    reason "reasonCode": Many<Concept<'a>>,
    reason_reference "reasonReference": Many<Reference<'a>>,
    hospitalization "hospitalization": Hospitalization<'a>,
    location "location": Many<Lying<'a>>,
});

object!(Participant { kind "type": Many<Concept<'a>>, individual "individual": Reference<'a> });

object!(Hospitalization { disposition "dischargeDisposition": Concept<'a>, destination "destination": Reference<'a> });

object!(Lying {
    location "location": Reference<'a>,
    status "status": Text<'a>,
    period "period": Period<'a>,
});

pub(super) fn encounter(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(encounter) = reader.read::<Encounter<'_>>(part) else { return };
    let here = reader.here(part, &encounter.id, encounter.contained);
    let Some(about) = reader.subject(&here, "subject", &encounter.subject) else { return };
    let status = status(encounter.status.as_str());
    if status.is_none() {
        let text = "The status of this stay is not known, so it neither opens nor ends one.";
        reader.problem(ProblemKind::Imperfect, &here, "status", text);
    }
    let mut step = EncounterStep::new(step_of(status));
    step.status = status;
    step.visit = (!here.key.is_empty()).then(|| here.key.clone());
    step.class = encounter.class.iter().find_map(|c| class(c.code.as_str()));
    times(reader, &here, &encounter, &mut step);
    let place = place(reader, &here, &encounter, status);
    let field = if status == Some(EncounterStatus::Planned) {
        &mut step.pending_location
    } else {
        &mut step.location
    };
    *field = place.map_or(Update::Keep, Update::Set);
    let told = |words: String| if words.is_empty() { Update::Keep } else { Update::Set(words) };
    step.reason = told(reason(reader, &here, &encounter));
    step.service = told(words_of(&encounter.service));
    step.attending = told(person_of(reader, &here, &encounter, &["ATND"]));
    step.consultant = told(person_of(reader, &here, &encounter, &["CON", "consultant"]));
    let after = &encounter.hospitalization;
    let destination = after.disposition.words();
    step.discharge_to =
        told(if destination.is_empty() { reader.name_of(&here, &after.destination) } else { destination });
    let cite = reader.cite(&encounter.meta, None);
    reader.push(&about, &cite, What::Encounter(Box::new(step)));
}

/// R4's statuses, and R5's where they differ.
fn status(word: &str) -> Option<EncounterStatus> {
    Some(match word.to_ascii_lowercase().as_str() {
        "planned" => EncounterStatus::Planned,
        "arrived" | "triaged" | "in-progress" => EncounterStatus::InProgress,
        "onleave" | "on-hold" => EncounterStatus::OnLeave,
        "finished" | "completed" | "discharged" => EncounterStatus::Finished,
        "cancelled" | "entered-in-error" | "discontinued" => EncounterStatus::Cancelled,
        _ => return None,
    })
}

fn step_of(status: Option<EncounterStatus>) -> Move {
    match status {
        Some(EncounterStatus::Planned) => Move::Preadmit,
        Some(EncounterStatus::InProgress) => Move::Admit,
        Some(EncounterStatus::Finished) => Move::Discharge,
        Some(EncounterStatus::Cancelled) => Move::CancelAdmit,
        Some(EncounterStatus::OnLeave) | None => Move::Amend,
    }
}

/// HL7 v3 ActCode, and the words that systems write instead.
fn class(code: &str) -> Option<EncounterClass> {
    Some(match code.to_ascii_uppercase().as_str() {
        "" => return None,
        "IMP" | "ACUTE" | "NONAC" | "OBSENC" | "INPATIENT" | "I" => EncounterClass::Inpatient,
        "EMER" | "EMERGENCY" | "E" => EncounterClass::Emergency,
        "AMB" | "VR" | "HH" | "FLD" | "OUTPATIENT" | "AMBULATORY" | "O" => EncounterClass::Outpatient,
        "SS" | "DAYTIME" | "DAYCASE" | "D" => EncounterClass::DayCase,
        "PRENC" | "P" => EncounterClass::Preadmission,
        _ => EncounterClass::Other,
    })
}

fn times(reader: &mut Reader<'_, '_>, here: &Here<'_>, encounter: &Encounter<'_>, step: &mut EncounterStep) {
    let start = reader.moment(here, "period.start", &encounter.period.start);
    let end = reader.moment(here, "period.end", &encounter.period.end);
    // The start of a planned stay is a plan.
    if let Some(start) = start.filter(|_| step.status != Some(EncounterStatus::Planned)) {
        step.admitted = Update::Set(start);
    }
    match (step.status, end) {
        (Some(EncounterStatus::Finished), Some(end)) => step.discharged = Update::Set(end),
        // An end that lies ahead of an open stay is the expected one.
        (Some(EncounterStatus::InProgress | EncounterStatus::OnLeave), Some(end))
            if end > reader.received.received =>
        {
            step.expected_discharge = Update::Set(end);
        }
        _ => {}
    }
}

/// Of an open stay the places that are active or not said to be over; else the last.
fn place<'a>(
    reader: &Reader<'a, '_>,
    here: &Here<'a>,
    encounter: &Encounter<'a>,
    status: Option<EncounterStatus>,
) -> Option<Location> {
    let all = || encounter.location.iter().rev().take(50);
    let active: Vec<&Reference<'a>> =
        all().filter(|l| l.status.as_str() == "active").map(|l| &l.location).collect();
    if !active.is_empty() {
        return whereabouts(reader, here, &active);
    }
    let current = |l: &&Lying<'a>| l.status.is_empty() && l.period.end.is_empty();
    let unsaid: Vec<&Reference<'a>> = all().filter(current).map(|l| &l.location).collect();
    if !unsaid.is_empty() {
        return whereabouts(reader, here, &unsaid);
    }
    let open = matches!(status, Some(EncounterStatus::InProgress | EncounterStatus::OnLeave));
    let wanted = |l: &&Lying<'a>| match l.status.as_str() {
        "planned" | "reserved" => status == Some(EncounterStatus::Planned),
        _ => !open,
    };
    let last: Vec<&Reference<'a>> = all().filter(wanted).map(|l| &l.location).take(1).collect();
    whereabouts(reader, here, &last)
}

fn reason<'a>(reader: &Reader<'a, '_>, here: &Here<'a>, encounter: &Encounter<'a>) -> String {
    let words = words_of(&encounter.reason);
    if !words.is_empty() {
        return words;
    }
    let named =
        encounter.reason_reference.iter().take(3).map(|r| reader.coded(here, r, super::datatypes::SNOMED).1);
    crate::words::line(&named.filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", "))
}

fn person_of<'a>(
    reader: &Reader<'a, '_>,
    here: &Here<'a>,
    encounter: &Encounter<'a>,
    roles: &[&str],
) -> String {
    let has_role = |p: &&Participant<'a>| p.kind.iter().any(|k| k.is_any(roles));
    let person = encounter.participant.iter().find(has_role);
    person.map(|p| reader.name_of(here, &p.individual)).unwrap_or_default()
}
