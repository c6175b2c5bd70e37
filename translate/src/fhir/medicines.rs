//! MedicationRequest, MedicationStatement, MedicationAdministration: what is prescribed, taken and given.
//!
//! Never: a proposal, a plan or an instruction not to give shown as a prescription. Called by `fhir`.

use super::datatypes::{Annotation, Concept, Meta, Period, Reference, notes, words_of};
use super::dosage::{self, Dosage};
use super::lenient::{Many, Raw, Text, Truth, object};
use super::reader::{Here, Reader};
use crate::words::line;
use care::{MedicationAdministration, MedicationRequest, MedicationStatus, ProblemKind, What};

/// RxNorm and dm+d are both sent; dm+d is SNOMED CT's.
const PREFERRED: &str = "https://dmd.nhs.uk";

object!(Request {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    intent "intent": Text<'a>,
    forbidden "doNotPerform": Truth,
    medicine "medicationCodeableConcept": Concept<'a>,
    medicine_reference "medicationReference": Reference<'a>,
    subject "subject": Reference<'a>,
    authored "authoredOn": Text<'a>,
    requester "requester": Reference<'a>,
    reason "reasonCode": Many<Concept<'a>>,
    reason_reference "reasonReference": Many<Reference<'a>>,
    dosage "dosageInstruction": Many<Dosage<'a>>,
    dispense "dispenseRequest": Dispense<'a>,
    // MedicationStatement's own names for the same.
    taken "dosage": Many<Dosage<'a>>,
    effective "effectiveDateTime": Text<'a>,
    effective_period "effectivePeriod": Period<'a>,
    source "informationSource": Reference<'a>,
    based_on "basedOn": Many<Reference<'a>>,
});

object!(Dispense { validity "validityPeriod": Period<'a> });

object!(Administration {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    status_reason "statusReason": Many<Concept<'a>>,
    medicine "medicationCodeableConcept": Concept<'a>,
    medicine_reference "medicationReference": Reference<'a>,
    subject "subject": Reference<'a>,
    effective "effectiveDateTime": Text<'a>,
    effective_period "effectivePeriod": Period<'a>,
    request "request": Reference<'a>,
    dosage "dosage": Dosage<'a>,
    note "note": Many<Annotation<'a>>,
});

pub(super) fn request(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(request) = reader.read::<Request<'_>>(part) else { return };
    let here = reader.here(part, &request.id, request.contained);
    if request.forbidden.yes() {
        let text = "An instruction not to give a medicine cannot be shown; read it in the message.";
        return reader.problem(ProblemKind::PartLost, &here, "doNotPerform", text);
    }
    if matches!(request.intent.as_str(), "proposal" | "plan" | "option") {
        let text = "This is proposed or planned, not prescribed, so it is not shown.";
        return reader.problem(ProblemKind::Imperfect, &here, "intent", text);
    }
    let Some(status) = status(reader, &here, request.status.as_str()) else { return };
    let Some(mut told) = prescription(reader, &here, &request, &request.dosage) else { return };
    told.status = status;
    told.prescriber = reader.name_of(&here, &request.requester);
    let authored = reader.moment(&here, "authoredOn", &request.authored);
    if told.start.is_none() {
        let valid =
            reader.moment(&here, "dispenseRequest.validityPeriod.start", &request.dispense.validity.start);
        told.start = valid.or(authored);
    }
    finish(reader, &here, &request, told);
}

pub(super) fn statement(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(statement) = reader.read::<Request<'_>>(part) else { return };
    let here = reader.here(part, &statement.id, statement.contained);
    let prescribed = |r: &Reference<'_>| r.reference.as_str().contains("MedicationRequest/");
    if statement.based_on.iter().any(prescribed) {
        let text = "It repeats a prescription, which is shown in its place.";
        return reader.problem(ProblemKind::Imperfect, &here, "basedOn", text);
    }
    if statement.status.as_str() == "not-taken" {
        let text = "The patient does not take this medicine, so it is not shown.";
        return reader.problem(ProblemKind::Imperfect, &here, "status", text);
    }
    let Some(status) = status(reader, &here, statement.status.as_str()) else { return };
    let Some(mut told) = prescription(reader, &here, &statement, &statement.taken) else { return };
    told.status = status;
    told.prescriber = reader.name_of(&here, &statement.source);
    let note = "Reported as taken; not a prescription.";
    told.dosage_text =
        if told.dosage_text.is_empty() { note.to_owned() } else { format!("{}; {note}", told.dosage_text) };
    if told.start.is_none() {
        let since = reader.moment(&here, "effectiveDateTime", &statement.effective);
        told.start =
            since.or_else(|| super::reader::exact(statement.effective_period.start.as_str(), reader.rules));
        told.end = reader.moment(&here, "effectivePeriod.end", &statement.effective_period.end);
    }
    // A reported medicine is never due.
    told.interval_hours = None;
    finish(reader, &here, &statement, told);
}

fn finish<'a>(reader: &mut Reader<'a, '_>, here: &Here<'a>, request: &Request<'a>, told: MedicationRequest) {
    let Some(about) = reader.subject(here, "subject", &request.subject) else { return };
    let cite = reader.cite(&request.meta, None);
    reader.push(&about, &cite, What::Medication(Box::new(told)));
}

/// `None` for what is not yet a prescription.
fn status(reader: &mut Reader<'_, '_>, here: &Here<'_>, word: &str) -> Option<MedicationStatus> {
    Some(match word.to_ascii_lowercase().as_str() {
        "active" => MedicationStatus::Active,
        "on-hold" | "intended" => MedicationStatus::OnHold,
        "completed" => MedicationStatus::Completed,
        "stopped" | "ended" => MedicationStatus::Stopped,
        "cancelled" => MedicationStatus::Cancelled,
        "entered-in-error" => MedicationStatus::EnteredInError,
        "draft" => {
            let text = "This is a draft, so it is not shown.";
            reader.problem(ProblemKind::Imperfect, here, "status", text);
            return None;
        }
        _ => {
            // A prescription left out does more harm than one too many on the chart, which the ward checks.
            let text = "The sender does not say whether this is active; it is shown as active.";
            reader.problem(ProblemKind::Imperfect, here, "status", text);
            MedicationStatus::Active
        }
    })
}

fn prescription<'a>(
    reader: &mut Reader<'a, '_>,
    here: &Here<'a>,
    request: &Request<'a>,
    instructions: &[Dosage<'a>],
) -> Option<MedicationRequest> {
    let (code, mut medicine, form) = medicine(reader, here, &request.medicine, &request.medicine_reference);
    if medicine.is_empty() {
        let text = "The medicine is named by a reference that cannot be followed; read the message.";
        reader.problem(ProblemKind::PartLost, here, "medicationReference", text);
        "Medicine not named in the message".clone_into(&mut medicine);
    }
    let told = dosage::told(instructions);
    let mut indication = words_of(&request.reason);
    if indication.is_empty() {
        let named = request.reason_reference.iter().take(3);
        let named =
            named.map(|r| reader.coded(here, r, super::datatypes::SNOMED).1).filter(|w| !w.is_empty());
        indication = line(&named.collect::<Vec<_>>().join(", "));
    }
    let (mut start, mut end) = (None, None);
    if let Some(bounds) = dosage::bounds(instructions) {
        start = reader.moment(here, "dosageInstruction.timing.repeat.boundsPeriod.start", &bounds.start);
        end = reader.moment(here, "dosageInstruction.timing.repeat.boundsPeriod.end", &bounds.end);
    }
    Some(MedicationRequest {
        id: here.key.clone(),
        code,
        medicine,
        dose: told.dose,
        route: told.route,
        form,
        frequency: told.frequency,
        interval_hours: told.interval_hours,
        as_required: told.as_required,
        indication,
        dosage_text: told.text,
        start,
        end,
        ..MedicationRequest::default()
    })
}

/// Code, words and form; the words empty when nothing names it.
fn medicine<'a>(
    reader: &Reader<'a, '_>,
    here: &Here<'a>,
    concept: &Concept<'a>,
    reference: &Reference<'a>,
) -> (String, String, String) {
    let words = concept.words();
    if !words.is_empty() {
        return (concept.code_of(PREFERRED), words, String::new());
    }
    reader.coded(here, reference, PREFERRED)
}

pub(super) fn administration(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(dose) = reader.read::<Administration<'_>>(part) else { return };
    let here = reader.here(part, &dose.id, dose.contained);
    let Some(about) = reader.subject(&here, "subject", &dose.subject) else { return };
    let (_, medicine, _) = medicine(reader, &here, &dose.medicine, &dose.medicine_reference);
    if medicine.is_empty() && dose.request.reference.is_empty() {
        let text = "It names neither a medicine nor a prescription, so this dose is lost.";
        return reader.problem(ProblemKind::PartLost, &here, "medicationReference", text);
    }
    let (given, remark) = match dose.status.as_str() {
        "completed" => (true, ""),
        "in-progress" => (true, "Being given"),
        "stopped" => (true, "Stopped before it was finished"),
        "on-hold" => (true, "Interrupted"),
        "not-done" => (false, "Not given"),
        "entered-in-error" => (false, "Entered in error"),
        _ => (false, "Not known whether it was given"),
    };
    let reason = words_of(&dose.status_reason);
    let parts = [remark.to_owned(), reason, notes(&dose.note)];
    let at = match reader.moment(&here, "effectiveDateTime", &dose.effective) {
        None => reader.moment(&here, "effectivePeriod.start", &dose.effective_period.start),
        at => at,
    };
    let amount = dosage::dose(&dose.dosage);
    let told = MedicationAdministration {
        id: here.key.clone(),
        request: reader.key_of_reference(dose.request.reference.as_str()),
        medicine,
        dose: if amount.is_empty() { line(dose.dosage.text.as_str()) } else { amount },
        route: dose.dosage.route.words(),
        at,
        given,
        note: parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": "),
        cite: None,
    };
    let cite = reader.cite(&dose.meta, at);
    reader.push(&about, &cite, What::Administration(told));
}
