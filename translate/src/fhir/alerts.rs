//! Condition and Flag: diagnoses, and the alerts that stand beside the name.
//!
//! Called by `fhir`.

use super::datatypes::{Coding, Concept, Meta, Period, Reference, SNOMED, words_of};
use super::lenient::{Many, Raw, Text, object};
use super::reader::Reader;
use crate::words::alert_kind;
use care::{FlagKind, ProblemKind, What};

object!(Condition {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    clinical "clinicalStatus": Concept<'a>,
    verification "verificationStatus": Concept<'a>,
    code "code": Concept<'a>,
    category "category": Many<Concept<'a>>,
    subject "subject": Reference<'a>,
    onset "onsetDateTime": Text<'a>,
    onset_period "onsetPeriod": Period<'a>,
    abated "abatementDateTime": Text<'a>,
});

object!(Flag {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    category "category": Many<Concept<'a>>,
    code "code": Concept<'a>,
    subject "subject": Reference<'a>,
    period "period": Period<'a>,
});

pub(super) fn condition(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(condition) = reader.read::<Condition<'_>>(part) else { return };
    let here = reader.here(part, &condition.id, condition.contained);
    let Some(about) = reader.subject(&here, "subject", &condition.subject) else { return };
    let text = match condition.code.words() {
        words if words.is_empty() => words_of(&condition.category),
        words => words,
    };
    if text.is_empty() {
        return reader.problem(
            ProblemKind::PartLost,
            &here,
            "code",
            "The problem has neither code nor words.",
        );
    }
    let verification = condition.verification.status().to_ascii_lowercase();
    let wrong = matches!(verification.as_str(), "entered-in-error" | "refuted");
    let active = match condition.clinical.status().to_ascii_lowercase().as_str() {
        "active" | "recurrence" | "relapse" => true,
        "" | "unknown" => condition.abated.is_empty(),
        _ => false,
    };
    let kind = match verification.as_str() {
        "entered-in-error" => "Entered in error",
        "refuted" => "Refuted",
        "provisional" | "differential" | "unconfirmed" => "Working",
        _ => "",
    };
    let onset = match reader.moment(&here, "onsetDateTime", &condition.onset) {
        None => reader.moment(&here, "onsetPeriod.start", &condition.onset_period.start),
        onset => onset,
    };
    let told = care::Condition {
        id: here.key.clone(),
        code: condition.code.code_of(SNOMED),
        text,
        active: active && !wrong,
        onset,
        kind: kind.to_owned(),
        cite: None,
    };
    let cite = reader.cite(&condition.meta, None);
    reader.push(&about, &cite, What::Condition(told));
}

pub(super) fn flag(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(flag) = reader.read::<Flag<'_>>(part) else { return };
    let here = reader.here(part, &flag.id, flag.contained);
    let Some(about) = reader.subject(&here, "subject", &flag.subject) else { return };
    let category = words_of(&flag.category);
    let text = match flag.code.words() {
        words if words.is_empty() => category.clone(),
        words => words,
    };
    if text.is_empty() {
        return reader.problem(ProblemKind::PartLost, &here, "code", "The alert has neither code nor words.");
    }
    let of = |concept: &Concept<'_>| {
        let by_code = |c: &Coding<'_>| alert_kind(c.code.as_str(), c.display.as_str());
        concept.coding.iter().find_map(by_code).or_else(|| alert_kind("", concept.text.as_str()))
    };
    let kind = of(&flag.code).or_else(|| flag.category.iter().find_map(of)).unwrap_or(FlagKind::Other);
    let since = reader.moment(&here, "period.start", &flag.period.start);
    let until = reader.moment(&here, "period.end", &flag.period.end);
    // An alert without a status stands: a hidden alert does more harm than an old one.
    let stands = matches!(flag.status.as_str(), "active" | "");
    let told = care::Flag {
        kind,
        code: flag.code.code_of(SNOMED),
        text,
        active: stands && until.is_none_or(|end| end > reader.received.received),
        since,
        cite: None,
    };
    let cite = reader.cite(&flag.meta, None);
    reader.push(&about, &cite, What::Flag(told));
}
