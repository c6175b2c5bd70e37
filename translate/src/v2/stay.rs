//! EVN, PV1, PV2: the step that a trigger names, and where it leads.

use super::reading::{clinician, coded_field, moment_field, text_field, words_field};
use super::{Family, Reader};
use crate::words::line;
use care::{EncounterClass, EncounterStep, Location, Move, Update, What};
use hl7::{Field, Segment};

/// The step of a trigger; `None` for triggers that say nothing about a stay.
fn step_of(trigger: &str) -> Option<Move> {
    Some(match trigger {
        "A01" | "A04" => Move::Admit,
        "A02" | "A06" | "A07" => Move::Transfer,
        "A03" => Move::Discharge,
        "A05" | "A14" => Move::Preadmit,
        // A42, A44, A45 and A50 move or renumber a visit first; then they tell of it as any update does.
        "A08" | "A42" | "A44" | "A45" | "A50" | "A54" | "A55" | "A61" | "A62" => Move::Amend,
        "A09" => Move::Depart,
        "A10" => Move::Arrive,
        // A23 deletes a visit's record: the admission never was.
        "A11" | "A23" => Move::CancelAdmit,
        "A12" => Move::CancelTransfer,
        "A13" => Move::CancelDischarge,
        "A15" => Move::PendTransfer,
        "A16" => Move::PendDischarge,
        "A17" => Move::Swap,
        // A53 takes a return from leave back, A52 a leave.
        "A21" | "A53" => Move::Leave,
        "A22" | "A52" => Move::Return,
        "A25" | "A26" | "A32" | "A33" => Move::CancelOther,
        "A27" | "A38" => Move::CancelPreadmit,
        "A31" | "A60" => Move::Mention,
        _ => return None,
    })
}

pub(super) fn pv1(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let step = match reader.family {
        Family::Movement => step_of(&reader.trigger),
        Family::Orders | Family::Documents => Some(Move::Mention),
        _ => None,
    };
    let Some(step) = step else { return };
    if reader.group.about.is_none() {
        return;
    }
    let mut told = EncounterStep::new(step);
    told.class = class(&segment.field(2), &reader.trigger);
    told.visit = visit(segment);
    told.location = location(reader, segment, 3);
    told.prior_location = value(location(reader, segment, 6));
    told.temporary_location = location(reader, segment, 11);
    told.pending_location = location(reader, segment, 42);
    told.admitted = moment_update(reader, segment, 44);
    told.discharged = moment_update(reader, segment, 45);
    told.attending = clinician_update(segment, 7);
    told.consultant = clinician_update(segment, 9);
    told.service = words_update(segment, 10);
    told.discharge_to = discharge_to(segment);
    match reader.trigger.as_str() {
        _ if reader.family != Family::Movement => {}
        "A25" => told.expected_discharge = Update::Clear,
        "A26" => told.pending_location = Update::Clear,
        "A33" if told.temporary_location == Update::Keep => told.temporary_location = Update::Clear,
        "A32" if told.temporary_location == Update::Keep => {
            if let Some(before) = value(location(reader, segment, 43)) {
                told.temporary_location = Update::Set(before);
            }
        }
        _ => {}
    }
    reader.group.step = Some(told);
}

pub(super) fn pv2(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let reason = words_update(segment, 3);
    let expected = moment_update(reader, segment, 9);
    let cancels = reader.family == Family::Movement && reader.trigger == "A25";
    if let Some(step) = reader.group.step.as_mut() {
        step.reason = reason;
        if !cancels && expected != Update::Keep {
            step.expected_discharge = expected;
        }
    }
}

/// A17: a bed that one of the two leaves out is the one that the other says to have left (PV1-6).
pub(super) fn swap(reader: &mut Reader<'_>) {
    if reader.code != "ADT" || reader.trigger != "A17" {
        return;
    }
    let mut steps = reader.out.facts.iter_mut().filter_map(|fact| match &mut fact.what {
        What::Encounter(step) if step.step == Move::Swap => Some(step),
        _ => None,
    });
    let (first, second) = (steps.next(), steps.next());
    let told = match (first, second) {
        (Some(one), Some(other)) => {
            let left = (one.prior_location.clone(), other.prior_location.clone());
            for (step, theirs) in [(&mut *one, left.1), (&mut *other, left.0)] {
                if let (Update::Keep, Some(bed)) = (&step.location, theirs) {
                    step.location = Update::Set(bed);
                }
            }
            one.location != Update::Keep || other.location != Update::Keep
        }
        _ => true,
    };
    if !told {
        let text = "It swaps two patients' beds and names neither, so both stay where they were.";
        reader.out.problem(care::ProblemKind::PartLost, "PV1-3", text);
    }
}

/// PV1-19; else the alternate visit number PV1-50.
fn visit(segment: &Segment<'_>) -> Option<String> {
    [19, 50].into_iter().map(|n| text_field(segment, n)).find(|number| !number.is_empty())
}

/// PV1-2: table 0004 and the words that systems write instead. A06 and A07 say by themselves what the patient became.
fn class(field: &Field<'_>, trigger: &str) -> Option<EncounterClass> {
    let word = line(&field.text()).to_ascii_uppercase();
    let class = match word.as_str() {
        "I" | "IP" | "IMP" | "ACUTE" | "NONAC" | "B" | "OBSENC" => Some(EncounterClass::Inpatient),
        "E" | "ED" | "EMER" | "AE" | "A&E" => Some(EncounterClass::Emergency),
        "O" | "OP" | "AMB" | "R" | "S" | "SS" | "C" => Some(EncounterClass::Outpatient),
        "D" | "DC" => Some(EncounterClass::DayCase),
        "P" | "PRENC" => Some(EncounterClass::Preadmission),
        "" | "N" => None,
        other => Some(class_by_word(other)),
    };
    match (class, trigger) {
        (None, "A06") => Some(EncounterClass::Inpatient),
        (None, "A07") => Some(EncounterClass::Outpatient),
        (class, _) => class,
    }
}

fn class_by_word(word: &str) -> EncounterClass {
    const WORDS: [(&str, EncounterClass); 8] = [
        ("INPAT", EncounterClass::Inpatient),
        ("EMERG", EncounterClass::Emergency),
        ("ACCIDENT", EncounterClass::Emergency),
        ("OUTPAT", EncounterClass::Outpatient),
        ("DAY", EncounterClass::DayCase),
        ("PREADM", EncounterClass::Preadmission),
        ("PRE-ADM", EncounterClass::Preadmission),
        ("OBSTET", EncounterClass::Inpatient),
    ];
    WORDS.iter().find(|(start, _)| word.starts_with(start)).map_or(EncounterClass::Other, |(_, class)| *class)
}

/// A PL field through the feed's map. What names neither ward nor bed counts as not said.
pub(super) fn location(reader: &Reader<'_>, segment: &Segment<'_>, n: usize) -> Update<Location> {
    let field = segment.field(n);
    if field.is_empty() {
        return Update::Keep;
    }
    if field.is_null() {
        return Update::Clear;
    }
    let texts: Vec<_> = field.first().components().take(11).map(super::reading::head).collect();
    let parts: Vec<&str> = texts.iter().map(String::as_str).collect();
    match reader.rules.locations.locate(&parts, reader.rules.site.as_ref()) {
        Some(location) => Update::Set(location),
        None => Update::Keep,
    }
}

fn value<T>(update: Update<T>) -> Option<T> {
    match update {
        Update::Set(value) => Some(value),
        _ => None,
    }
}

fn moment_update(reader: &mut Reader<'_>, segment: &Segment<'_>, n: usize) -> Update<basics::Moment> {
    let field = segment.field(n);
    if field.is_null() {
        return Update::Clear;
    }
    match moment_field(segment, n, reader.rules) {
        Some(at) => Update::Set(at),
        None => {
            if !field.is_empty() {
                let text = "This is no date and time.";
                reader.out.problem(care::ProblemKind::Imperfect, &super::reading::place(segment, n), text);
            }
            Update::Keep
        }
    }
}

fn clinician_update(segment: &Segment<'_>, n: usize) -> Update<String> {
    let field = segment.field(n);
    if field.is_null() {
        return Update::Clear;
    }
    let name = clinician(field.first());
    if name.is_empty() { Update::Keep } else { Update::Set(name) }
}

fn words_update(segment: &Segment<'_>, n: usize) -> Update<String> {
    let field = segment.field(n);
    if field.is_null() {
        return Update::Clear;
    }
    let words = words_field(segment, n);
    if words.is_empty() { Update::Keep } else { Update::Set(words) }
}

/// PV1-37, the place discharged to; else PV1-36, how.
fn discharge_to(segment: &Segment<'_>) -> Update<String> {
    let place = coded_field(segment, 37).words;
    if !place.is_empty() {
        return Update::Set(place);
    }
    words_update(segment, 36)
}
