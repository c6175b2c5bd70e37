//! Observation: vital signs and results, each component on its own line, the figures as sent.
//!
//! Called by `fhir`, and by `reports` for the observations that a report holds.

use super::datatypes::{Annotation, Concept, LOINC, Meta, Period, Quantity, Range, Ratio, Reference, notes};
use super::lenient::{Many, Number, Raw, Text, Truth, object};
use super::reader::{Here, Reader};
use crate::words::{line, running, unit};
use basics::Moment;
use care::{AbnormalFlag, Observation, ProblemKind, ResultStatus, Value, What};

/// Most components of one observation.
const COMPONENTS_MAX: usize = 200;

object!(Observed {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    status "status": Text<'a>,
    category "category": Many<Concept<'a>>,
    code "code": Concept<'a>,
    subject "subject": Reference<'a>,
    effective "effectiveDateTime": Text<'a>,
    instant "effectiveInstant": Text<'a>,
    period "effectivePeriod": Period<'a>,
    issued "issued": Text<'a>,
    quantity "valueQuantity": Quantity<'a>,
    concept "valueCodeableConcept": Concept<'a>,
    string "valueString": Text<'a>,
    truth "valueBoolean": Truth,
    integer "valueInteger": Number<'a>,
    range "valueRange": Range<'a>,
    ratio "valueRatio": Ratio<'a>,
    samples "valueSampledData": Raw<'a>,
    time "valueTime": Text<'a>,
    date "valueDateTime": Text<'a>,
    span "valuePeriod": Period<'a>,
    absent "dataAbsentReason": Concept<'a>,
    interpretation "interpretation": Many<Concept<'a>>,
    note "note": Many<Annotation<'a>>,
    reference "referenceRange": Many<ReferenceRange<'a>>,
    component "component": Many<Component<'a>>,
    members "hasMember": Many<Reference<'a>>,
});

object!(Component {
    code "code": Concept<'a>,
    quantity "valueQuantity": Quantity<'a>,
    concept "valueCodeableConcept": Concept<'a>,
    string "valueString": Text<'a>,
    truth "valueBoolean": Truth,
    integer "valueInteger": Number<'a>,
    range "valueRange": Range<'a>,
    ratio "valueRatio": Ratio<'a>,
    samples "valueSampledData": Raw<'a>,
    time "valueTime": Text<'a>,
    date "valueDateTime": Text<'a>,
    span "valuePeriod": Period<'a>,
    absent "dataAbsentReason": Concept<'a>,
    interpretation "interpretation": Many<Concept<'a>>,
    reference "referenceRange": Many<ReferenceRange<'a>>,
});

object!(ReferenceRange {
    low "low": Quantity<'a>,
    high "high": Quantity<'a>,
    kind "type": Concept<'a>,
    text "text": Text<'a>,
});

/// The value of an observation or of a component: the same names in both.
macro_rules! value_of {
    ($from:expr) => {{
        let from = $from;
        if !from.quantity.is_empty() {
            Some(Value::Quantity { figure: from.quantity.figure(), unit: unit(from.quantity.unit()) })
        } else if !from.concept.is_empty() {
            Some(Value::Coded(from.concept.words()))
        } else if !from.string.is_empty() {
            Some(Value::Text(running(from.string.as_str())))
        } else if let Some(said) = from.truth.said {
            Some(Value::Coded(if said { "Yes" } else { "No" }.to_owned()))
        } else if !from.integer.figure().is_empty() {
            Some(Value::Quantity { figure: from.integer.figure().to_owned(), unit: String::new() })
        } else {
            rarer(&from.range, &from.ratio, from.samples, [&from.time, &from.date], &from.span)
        }
    }};
}

fn rarer(
    range: &Range<'_>,
    ratio: &Ratio<'_>,
    samples: Raw<'_>,
    times: [&Text<'_>; 2],
    span: &Period<'_>,
) -> Option<Value> {
    let figures = range.figures();
    if !figures.is_empty() {
        return Some(Value::Quantity { figure: figures, unit: unit(range.unit()) });
    }
    let words = ratio.words();
    if !words.is_empty() {
        return Some(Value::Text(words));
    }
    if let Some(time) = times.into_iter().find(|t| !t.is_empty()) {
        return Some(Value::Text(line(time.as_str())));
    }
    if !span.start.is_empty() || !span.end.is_empty() {
        return Some(Value::Text(line(&format!("{} to {}", span.start.as_str(), span.end.as_str()))));
    }
    samples.get().map(|_| Value::Text("A curve: see the message.".to_owned()))
}

pub(super) fn observation(reader: &mut Reader<'_, '_>, part: usize) {
    if reader.reported.contains(&part) {
        return;
    }
    let Some(observed) = reader.read::<Observed<'_>>(part) else { return };
    let here = reader.here(part, &observed.id, observed.contained);
    let Some(about) = reader.subject(&here, "subject", &observed.subject) else { return };
    let at = time(reader, &here, &observed);
    let issued = super::reader::exact(observed.issued.as_str(), reader.rules);
    let lines = lines(reader, &here, &observed, at);
    let cite = reader.cite(&observed.meta, issued.or(at));
    for told in lines {
        reader.push(&about, &cite, What::Observation(Box::new(told)));
    }
}

/// The lines of an observation that a report holds, and whether it is a vital sign, which is shown on its own too.
pub(super) fn held<'a>(reader: &mut Reader<'a, '_>, part: usize) -> Option<(Vec<Observation>, bool)> {
    let observed = reader.read::<Observed<'a>>(part)?;
    let here = reader.here(part, &observed.id, observed.contained);
    let at = time(reader, &here, &observed);
    let vital = observed.category.iter().any(|c| c.is_any(&["vital-signs"]));
    Some((lines(reader, &here, &observed, at), vital))
}

/// As `held`, of an observation contained in its report.
pub(super) fn contained<'a>(
    reader: &mut Reader<'a, '_>,
    report: &Here<'a>,
    raw: &'a str,
) -> Vec<Observation> {
    let Ok(observed) = serde_json::from_str::<Observed<'a>>(raw) else { return Vec::new() };
    let key = format!("{}#{}", report.key, observed.id.as_str());
    let here = Here {
        part: report.part,
        path: report.path.clone(),
        kind: report.kind.clone(),
        key: basics::tidy(&key, 200),
        contained: report.contained,
    };
    let at = time(reader, &here, &observed);
    lines(reader, &here, &observed, at)
}

fn time<'a>(reader: &mut Reader<'a, '_>, here: &Here<'a>, observed: &Observed<'a>) -> Option<Moment> {
    for (field, text) in [
        ("effectiveDateTime", &observed.effective),
        ("effectiveInstant", &observed.instant),
        ("effectivePeriod.start", &observed.period.start),
        ("issued", &observed.issued),
    ] {
        if let Some(at) = reader.moment(here, field, text) {
            return Some(at);
        }
    }
    None
}

fn lines<'a>(
    reader: &mut Reader<'a, '_>,
    here: &Here<'a>,
    observed: &Observed<'a>,
    at: Option<Moment>,
) -> Vec<Observation> {
    let status = status(observed.status.as_str());
    let remarks = notes(&observed.note);
    let line_of = |code: &Concept<'_>, value, absent: &Concept<'_>, flag, range| {
        let coding = code.coding_of(LOINC);
        let absent = absent.words();
        let note = match (absent.is_empty(), remarks.is_empty()) {
            (true, _) => remarks.clone(),
            (false, true) => format!("No value: {absent}"),
            (false, false) => format!("No value: {absent}\n{remarks}"),
        };
        Observation {
            id: here.key.clone(),
            code: coding.map(|c| line(c.code.as_str())).unwrap_or_default(),
            system: coding.map(|c| line(c.system.as_str())).unwrap_or_default(),
            name: code.words(),
            value,
            range,
            abnormal: flag,
            status,
            at,
            note,
            cite: None,
        }
    };
    let mut lines: Vec<Observation> = Vec::with_capacity(1 + observed.component.len());
    let value = value_of!(observed);
    // A panel without a value of its own says nothing beside its parts.
    let panel = value.is_none() && (!observed.component.is_empty() || !observed.members.is_empty());
    if !panel {
        let flag = abnormal(&observed.interpretation);
        lines.push(line_of(&observed.code, value, &observed.absent, flag, range(&observed.reference)));
    }
    for component in observed.component.iter().take(COMPONENTS_MAX) {
        let flag = abnormal(&component.interpretation);
        let value = value_of!(component);
        lines.push(line_of(&component.code, value, &component.absent, flag, range(&component.reference)));
    }
    let named = lines.len();
    lines.retain(|l| !l.name.is_empty());
    if lines.len() < named {
        let text = "It does not say what was observed, so it is lost.";
        reader.problem(ProblemKind::PartLost, here, "code", text);
    }
    lines
}

/// FHIR's observation and report statuses.
pub(super) fn status(word: &str) -> ResultStatus {
    match word.to_ascii_lowercase().as_str() {
        "registered" => ResultStatus::Registered,
        "final" | "" => ResultStatus::Final,
        "amended" | "corrected" | "appended" => ResultStatus::Corrected,
        "cancelled" => ResultStatus::Cancelled,
        "entered-in-error" => ResultStatus::Withdrawn,
        // "preliminary", "partial", "unknown" and words of other versions: not relied upon yet.
        _ => ResultStatus::Preliminary,
    }
}

/// HL7 v3 ObservationInterpretation: table 0078, and off the scale of the method.
fn abnormal(list: &[Concept<'_>]) -> Option<AbnormalFlag> {
    let flag = |code: &str| match code {
        "LU" => Some(AbnormalFlag::Low),
        "HU" => Some(AbnormalFlag::High),
        code => crate::v2::abnormal(code),
    };
    list.iter().flat_map(|c| c.coding.iter().map(|c| c.code.as_str()).chain([c.text.as_str()])).find_map(flag)
}

/// The normal range's figures, else its words.
fn range(list: &[ReferenceRange<'_>]) -> String {
    let normal = |r: &&ReferenceRange<'_>| r.kind.is_empty() || r.kind.is_any(&["normal"]);
    let Some(chosen) = list.iter().find(normal).or(list.first()) else { return String::new() };
    let figures = [chosen.low.value.figure(), chosen.high.value.figure()];
    match figures {
        ["", ""] => line(chosen.text.as_str()),
        [low, ""] => format!("≥{low}"),
        ["", high] => format!("≤{high}"),
        [low, high] => format!("{low}–{high}"),
    }
}
