//! DiagnosticReport and ServiceRequest: results with their report, and what is still waited for.
//!
//! Always: observations of the same entry stand inside their report; of those that come apart the report
//! names the keys, so that whoever keeps the record can put them there too. Called by `fhir`.

use super::datatypes::{
    Annotation, Attachment, Concept, LOINC, Meta, Named, Narrative, Period, Reference, notes, plain, words_of,
};
use super::documents;
use super::lenient::{Many, Raw, Text, Truth, object};
use super::observations;
use super::reader::{Here, Reader};
use crate::words::running;
use care::{About, Cite, DiagnosticReport, Observation, OrderStatus, ProblemKind, ServiceRequest, What};

object!(Report {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    text "text": Narrative<'a>,
    based_on "basedOn": Many<Reference<'a>>,
    status "status": Text<'a>,
    code "code": Concept<'a>,
    category "category": Many<Concept<'a>>,
    subject "subject": Reference<'a>,
    effective "effectiveDateTime": Text<'a>,
    period "effectivePeriod": Period<'a>,
    issued "issued": Text<'a>,
    result "result": Many<Reference<'a>>,
    conclusion "conclusion": Text<'a>,
    conclusion_code "conclusionCode": Many<Concept<'a>>,
    forms "presentedForm": Many<Attachment<'a>>,
});

object!(Order {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    identifier "identifier": Many<Named<'a>>,
    status "status": Text<'a>,
    intent "intent": Text<'a>,
    priority "priority": Text<'a>,
    forbidden "doNotPerform": Truth,
    category "category": Many<Concept<'a>>,
    code "code": Concept<'a>,
    subject "subject": Reference<'a>,
    authored "authoredOn": Text<'a>,
    requester "requester": Reference<'a>,
    reason "reasonCode": Many<Concept<'a>>,
    note "note": Many<Annotation<'a>>,
});

object!(Requested { requester "requester": Reference<'a> });

pub(super) fn report(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(report) = reader.read::<Report<'_>>(part) else { return };
    let here = reader.here(part, &report.id, report.contained);
    let Some(about) = reader.subject(&here, "subject", &report.subject) else { return };
    let name = match report.code.words() {
        words if words.is_empty() => words_of(&report.category),
        words => words,
    };
    let collected = match reader.moment(&here, "effectiveDateTime", &report.effective) {
        None => reader.moment(&here, "effectivePeriod.start", &report.period.start),
        at => at,
    };
    let reported = reader.moment(&here, "issued", &report.issued);
    let cite = reader.cite(&report.meta, reported.or(collected));
    let (results, awaited) = results(reader, &here, &report, (&about, &cite));
    let based_on = report.based_on.first();
    let placer = based_on.map(|r| reader.key_of_reference(r.reference.as_str())).unwrap_or_default();
    let requester = based_on.and_then(|r| reader.find(&here, r)).map(|raw| {
        let requested: Requested<'_> = serde_json::from_str(raw).unwrap_or_default();
        reader.name_of(&here, &requested.requester)
    });
    let status = observations::status(report.status.as_str());
    let told = DiagnosticReport {
        id: here.key.clone(),
        placer,
        code: report.code.code_of(LOINC),
        name: if name.is_empty() { "Report".to_owned() } else { name },
        status,
        collected,
        reported,
        text: text(&report, results.is_empty()),
        results,
        awaited,
        requester: requester.unwrap_or_default(),
        cite: None,
    };
    for (index, form) in report.forms.iter().enumerate().take(20) {
        if let Some(mut document) = documents::attached(form, &told.name).filter(|d| d.text.is_empty()) {
            document.id = documents::numbered(&here.key, index);
            document.part = u32::try_from(part).unwrap_or(u32::MAX);
            document.status = status;
            document.at = reported.or(collected);
            reader.push(&about, &cite, What::Document(Box::new(document)));
        }
    }
    reader.push(&about, &cite, What::Report(Box::new(told)));
}

/// The report's results, and the keys of those that come by themselves.
fn results<'a>(
    reader: &mut Reader<'a, '_>,
    here: &Here<'a>,
    report: &Report<'a>,
    (about, cite): (&About, &Cite),
) -> (Vec<Observation>, Vec<String>) {
    let (mut results, mut awaited) = (Vec::new(), Vec::new());
    for reference in report.result.iter() {
        let reference_text = reference.reference.as_str();
        if reference_text.starts_with('#') {
            if let Some(raw) = reader.find(here, reference) {
                results.extend(observations::contained(reader, here, raw));
            }
            continue;
        }
        let Some(part) = reader.item_of(reference_text) else {
            awaited.push(reader.key_of_reference(reference_text));
            continue;
        };
        if reader.items.get(part).is_none_or(|item| item.kind != "Observation") {
            continue;
        }
        let Some((lines, vital)) = observations::held(reader, part) else { continue };
        if vital {
            for told in &lines {
                reader.push(about, cite, What::Observation(Box::new(told.clone())));
            }
        }
        reader.reported.insert(part);
        results.extend(lines);
    }
    awaited.retain(|key| !key.is_empty());
    (results, awaited)
}

/// Conclusion, its codes and the text forms, each once; the resource's own narrative where nothing else is there.
fn text(report: &Report<'_>, bare: bool) -> String {
    let mut parts: Vec<String> = vec![running(report.conclusion.as_str())];
    parts.push(words_of(&report.conclusion_code));
    parts.extend(report.forms.iter().take(5).filter_map(|f| documents::attached(f, "")).map(|d| d.text));
    let mut kept: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|p| !p.is_empty()) {
        if !kept.iter().any(|k| k.contains(&part)) {
            kept.push(part);
        }
    }
    if kept.is_empty() && bare {
        return plain(report.text.div.as_str());
    }
    running(&kept.join("\n"))
}

pub(super) fn order(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(order) = reader.read::<Order<'_>>(part) else { return };
    let here = reader.here(part, &order.id, order.contained);
    let draft = order.status.as_str() == "draft";
    if draft
        || order.forbidden.yes()
        || matches!(order.intent.as_str(), "proposal" | "plan" | "option" | "directive")
    {
        let text = "This is not ordered (a draft, proposal or plan, or an instruction not to do it), so it is not shown.";
        return reader.problem(ProblemKind::Imperfect, &here, "intent", text);
    }
    let Some(about) = reader.subject(&here, "subject", &order.subject) else { return };
    let name = match order.code.words() {
        words if words.is_empty() => words_of(&order.category),
        words => words,
    };
    let reason = words_of(&order.reason);
    let remarks = notes(&order.note);
    let told = ServiceRequest {
        placer: here.key.clone(),
        filler: filler(&order),
        code: order.code.code_of(LOINC),
        name: if name.is_empty() { "Order".to_owned() } else { name },
        status: match order.status.as_str() {
            "completed" => OrderStatus::Completed,
            "revoked" | "entered-in-error" => OrderStatus::Cancelled,
            _ => OrderStatus::Requested,
        },
        urgent: matches!(order.priority.as_str(), "urgent" | "asap" | "stat"),
        requested: reader.moment(&here, "authoredOn", &order.authored),
        requester: reader.name_of(&here, &order.requester),
        note: [reason, remarks].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n"),
        cite: None,
    };
    let cite = reader.cite(&order.meta, None);
    reader.push(&about, &cite, What::Order(Box::new(told)));
}

/// The filler's number (HL7 table 0203: FILL), by which a laboratory's own messages name the order.
fn filler(order: &Order<'_>) -> String {
    let numbered = order.identifier.iter().find(|i| i.kind.is_any(&["FILL"]));
    numbered.map(|i| crate::words::line(i.value.as_str())).unwrap_or_default()
}
