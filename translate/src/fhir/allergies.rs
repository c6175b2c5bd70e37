//! AllergyIntolerance: one allergy, its withdrawal, or the statement that none is known.
//!
//! Never: "no known allergies" shown as an allergy, nor lost because its clinical status is "resolved"; a withdrawn
//! allergy shown. Called by `fhir`.

use super::datatypes::{Annotation, Concept, Meta, Reference, SNOMED, words_of};
use super::lenient::{Many, Raw, Text, object};
use super::reader::Reader;
use care::{AllergyIntolerance, ProblemKind, Severity, What};

object!(Allergy {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    clinical "clinicalStatus": Concept<'a>,
    verification "verificationStatus": Concept<'a>,
    category "category": Many<Text<'a>>,
    criticality "criticality": Text<'a>,
    code "code": Concept<'a>,
    patient "patient": Reference<'a>,
    subject "subject": Reference<'a>,
    onset "onsetDateTime": Text<'a>,
    reaction "reaction": Many<Reaction<'a>>,
    note "note": Many<Annotation<'a>>,
});

object!(Reaction {
    substance "substance": Concept<'a>,
    manifestation "manifestation": Many<Concept<'a>>,
    description "description": Text<'a>,
    severity "severity": Text<'a>,
    onset "onset": Text<'a>,
});

pub(super) fn allergy(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(allergy) = reader.read::<Allergy<'_>>(part) else { return };
    let here = reader.here(part, &allergy.id, allergy.contained);
    let patient = if allergy.patient.reference.is_empty() && allergy.patient.identifier.value.is_empty() {
        &allergy.subject
    } else {
        &allergy.patient
    };
    let Some(about) = reader.subject(&here, "patient", patient) else { return };
    let Some(mut told) = substance(&allergy) else {
        let text = "It names no substance, so this allergy is lost.";
        return reader.problem(ProblemKind::PartLost, &here, "code", text);
    };
    told.onset = reader.moment(&here, "onsetDateTime", &allergy.onset);
    let cite = reader.cite(&allergy.meta, None);
    let verification = allergy.verification.status().to_ascii_lowercase();
    let withdrawn = matches!(verification.as_str(), "entered-in-error" | "refuted");
    let over = matches!(allergy.clinical.status().to_ascii_lowercase().as_str(), "inactive" | "resolved");
    let none_known = told.says_none_known();
    if !matches!(verification.as_str(), "" | "confirmed") {
        told.verification = verification;
    }
    let what =
        if withdrawn || over && !none_known { What::AllergyRemoved(told) } else { What::Allergy(told) };
    reader.push(&about, &cite, what);
}

fn substance(allergy: &Allergy<'_>) -> Option<AllergyIntolerance> {
    let named = std::iter::once(&allergy.code).chain(allergy.reaction.iter().map(|r| &r.substance));
    let code = named.into_iter().find(|c| !c.is_empty())?;
    let mut reactions: Vec<String> = Vec::new();
    for reaction in allergy.reaction.iter().take(10) {
        let shown = words_of(&reaction.manifestation);
        let shown = if shown.is_empty() { crate::words::line(reaction.description.as_str()) } else { shown };
        if !shown.is_empty() && !reactions.contains(&shown) {
            reactions.push(shown);
        }
    }
    Some(AllergyIntolerance {
        code: code.code_of(SNOMED),
        substance: code.words(),
        category: category(&allergy.category),
        severity: severity(allergy),
        reaction: reactions.join(", "),
        ..AllergyIntolerance::default()
    })
}

fn category(list: &[Text<'_>]) -> String {
    let word = |text: &Text<'_>| match text.as_str() {
        "medication" => "Drug",
        "food" => "Food",
        "environment" => "Environment",
        "biologic" => "Biologic",
        _ => "",
    };
    list.iter().map(word).find(|w| !w.is_empty()).unwrap_or_default().to_owned()
}

/// The worst reaction told; high criticality says that the next one may be life-threatening.
fn severity(allergy: &Allergy<'_>) -> Option<Severity> {
    let told = allergy.reaction.iter().filter_map(|r| match r.severity.as_str() {
        "severe" => Some(Severity::Severe),
        "moderate" => Some(Severity::Moderate),
        "mild" => Some(Severity::Mild),
        _ => None,
    });
    let may_be = matches!(allergy.criticality.as_str(), "high" | "CRITH").then_some(Severity::Severe);
    told.chain(may_be).max()
}
