//! OBR, OBX, NTE of results: reports, vital signs, and documents that come as results.

use super::orders::{Observed, OrderGroup, first_moment, numbers, requester};
use super::reading::{Coded, coded, coded_field, place, text_field};
use super::{Reader, documents};
use crate::words::{line, running};
use care::{AbnormalFlag, DiagnosticReport, Observation, ProblemKind, ResultStatus, Value, What};
use hl7::Segment;

pub(super) fn finish(reader: &mut Reader<'_>, group: &OrderGroup<'_>) {
    let Some(obr) = group.obr.as_ref() else { return };
    if reader.code == "MDM" && group.observations.is_empty() {
        // The order that a document answers, named before it.
        return;
    }
    let name = coded_field(obr, 4);
    let status = report_status(group, obr);
    let collected = first_moment(reader, obr, &[7]);
    let mut results: Vec<Observation> = Vec::with_capacity(group.observations.len());
    let mut documents_found = 0;
    for observed in &group.observations {
        if documents::is_document(&observed.segment) {
            documents_found += 1;
            documents::of_result(reader, group, observed, &name, status);
        } else if let Some(mut told) = observation(reader, &observed.segment, &observed.notes, Some(&name)) {
            if text_field(&observed.segment, 11).is_empty() {
                told.status = status;
            }
            join_lines(&mut results, told);
        }
    }
    if !results.is_empty() && results.iter().all(is_vital) {
        for mut sign in results {
            // OBX-4 counts within one message; it is no key of a measurement.
            sign.id.clear();
            sign.at = sign.at.or(collected).or(Some(reader.times.told));
            reader.group.others.push(What::Observation(Box::new(sign)));
        }
        // The set itself answers the order for it.
        if group.orc.is_some() && !numbers(group).0.is_empty() {
            report(reader, group, obr, name, status, Vec::new(), true);
        }
        return;
    }
    if results.is_empty() && documents_found > 0 && group.notes.is_empty() {
        return;
    }
    report(reader, group, obr, name, status, results, false);
}

fn report(
    reader: &mut Reader<'_>,
    group: &OrderGroup<'_>,
    obr: &Segment<'_>,
    name: Coded,
    status: ResultStatus,
    results: Vec<Observation>,
    only_progress: bool,
) {
    let (placer, filler) = numbers(group);
    let id = if filler.is_empty() { placer.clone() } else { filler.clone() };
    if only_progress {
        let order = care::ServiceRequest {
            placer,
            filler,
            code: name.code,
            name: name.words,
            status: care::OrderStatus::Completed,
            requested: first_moment(reader, obr, &[6, 7]),
            ..care::ServiceRequest::default()
        };
        reader.group.others.push(What::Order(Box::new(order)));
        return;
    }
    let empty = name.words.is_empty() && results.is_empty() && group.notes.is_empty();
    if empty {
        let text = "The report has neither a name nor a result.";
        return reader.out.problem(ProblemKind::PartLost, &place(obr, 4), text);
    }
    let collected = first_moment(reader, obr, &[7]);
    reader.group.others.push(What::Report(Box::new(DiagnosticReport {
        id,
        placer,
        code: name.code,
        name: name.words,
        status,
        collected,
        reported: first_moment(reader, obr, &[22]).or(Some(reader.times.told)),
        results,
        awaited: Vec::new(),
        text: running(&group.notes.join("\n")),
        requester: requester(group),
        cite: None,
    })));
}

/// Consecutive lines of one text are one result.
fn join_lines(results: &mut Vec<Observation>, told: Observation) {
    if let (Some(last), Some(Value::Text(more))) = (results.last_mut(), &told.value)
        && last.code == told.code
        && last.name == told.name
        && last.id == told.id
        && let Some(Value::Text(text)) = last.value.as_mut()
    {
        if text.len() + more.len() < crate::words::TEXT_BYTES_MAX {
            text.push('\n');
            text.push_str(more);
        }
        if !told.note.is_empty() {
            last.note = running(&format!("{}\n{}", last.note, told.note));
        }
        return;
    }
    results.push(told);
}

/// Measured at the bedside: by NEWS2's parameters and the other signs that a chart holds.
fn is_vital(o: &Observation) -> bool {
    const MORE: [&str; 15] = [
        "8462-4",
        "85354-9",
        "8478-0",
        "9269-2",
        "29463-7",
        "3141-9",
        "8302-2",
        "39156-5",
        "72514-3",
        "38208-5",
        "88331-8",
        "1104051000000101",
        "2339-0",
        "41653-7",
        "35088-4",
    ];
    const NAMES: [&str; 8] = [
        "diastolic blood pressure",
        "diastolic bp",
        "blood pressure",
        "news2 score",
        "news2",
        "news score",
        "body weight",
        "pain score",
    ];
    care::news2::parameter_of(&o.code, &o.name).is_some()
        || MORE.contains(&o.code.as_str())
        || NAMES.iter().any(|known| o.name.eq_ignore_ascii_case(known))
}

/// One OBX; `None` when it names nothing and says nothing.
pub(super) fn observation(
    reader: &mut Reader<'_>,
    segment: &Segment<'_>,
    notes: &[String],
    examination: Option<&Coded>,
) -> Option<Observation> {
    let mut name = coded_field(segment, 3);
    let value = value(segment);
    if name.words.is_empty()
        && let (Some(examination), Some(Value::Text(_))) = (examination, &value)
    {
        // Lines of a narrative report without a name of their own are the examination's.
        name = examination.clone();
    }
    if name.words.is_empty() {
        if value.is_some() {
            let text = "The result has no name, so it is lost.";
            reader.out.problem(ProblemKind::PartLost, &place(segment, 3), text);
        }
        return None;
    }
    Some(Observation {
        id: text_field(segment, 4),
        code: name.code,
        system: name.system,
        name: name.words,
        value,
        range: line(&segment.field(7).full_text()),
        abnormal: abnormal(&text_field(segment, 8)),
        status: observation_status(&text_field(segment, 11)),
        at: first_moment(reader, segment, &[14]),
        note: running(&notes.join("\n")),
        cite: None,
    })
}

/// OBX-5 by OBX-2; a type that is missing or wrong is told by the value itself.
fn value(segment: &Segment<'_>) -> Option<Value> {
    let field = segment.field(5);
    if field.is_empty() || field.is_null() {
        return None;
    }
    let unit = {
        let unit = coded_field(segment, 6);
        crate::words::unit(if unit.code.is_empty() { &unit.words } else { &unit.code })
    };
    let kind = text_field(segment, 2).to_ascii_uppercase();
    let value = match kind.as_str() {
        "NM" => Value::Quantity { figure: line(&field.text()), unit },
        "SN" => Value::Quantity { figure: structured_number(segment), unit },
        "CE" | "CWE" | "CNE" | "CF" | "IS" | "ID" => {
            let all: Vec<String> =
                field.repetitions().take(20).map(|r| coded(r).words).filter(|w| !w.is_empty()).collect();
            Value::Coded(all.join(", "))
        }
        _ => {
            let text = running(&field.full_text());
            if !unit.is_empty() && is_figure(&text) {
                Value::Quantity { figure: text, unit }
            } else {
                Value::Text(text)
            }
        }
    };
    let empty = match &value {
        Value::Quantity { figure, .. } => figure.is_empty(),
        Value::Text(text) | Value::Coded(text) => text.is_empty(),
        Value::Attachment { .. } => false,
    };
    (!empty).then_some(value)
}

/// `<^0.5`, `^1^:^128`, `^10^-^20`.
fn structured_number(segment: &Segment<'_>) -> String {
    let field = segment.field(5);
    let part = |n: usize| line(&field.component(n).text());
    [part(1), part(2), part(3), part(4)].concat()
}

/// "4.2", "<0.5", ">= 90".
fn is_figure(text: &str) -> bool {
    let digits = text.trim_start_matches(['<', '>', '=', ' ', '-', '+', '~']);
    !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Table 0078.
pub(crate) fn abnormal(code: &str) -> Option<AbnormalFlag> {
    Some(match code.to_ascii_uppercase().as_str() {
        "N" => AbnormalFlag::Normal,
        "L" | "<" => AbnormalFlag::Low,
        "H" | ">" => AbnormalFlag::High,
        "LL" => AbnormalFlag::CriticalLow,
        "HH" => AbnormalFlag::CriticalHigh,
        "A" => AbnormalFlag::Abnormal,
        "AA" => AbnormalFlag::CriticalAbnormal,
        _ => return None,
    })
}

/// Table 0085.
fn observation_status(code: &str) -> ResultStatus {
    match code.to_ascii_uppercase().as_str() {
        "P" | "R" | "S" | "B" => ResultStatus::Preliminary,
        "C" => ResultStatus::Corrected,
        "X" => ResultStatus::Cancelled,
        "D" | "W" => ResultStatus::Withdrawn,
        "I" | "N" | "O" => ResultStatus::Registered,
        _ => ResultStatus::Final,
    }
}

/// OBR-25 (table 0123); when it is empty, the least finished of the results, or ORC-5.
fn report_status(group: &OrderGroup<'_>, obr: &Segment<'_>) -> ResultStatus {
    match text_field(obr, 25).to_ascii_uppercase().as_str() {
        "P" | "A" | "R" => ResultStatus::Preliminary,
        "C" | "K" => ResultStatus::Corrected,
        "X" => ResultStatus::Cancelled,
        "D" | "W" => ResultStatus::Withdrawn,
        "O" | "I" | "S" => ResultStatus::Registered,
        "" => unsaid_status(group),
        _ => ResultStatus::Final,
    }
}

fn unsaid_status(group: &OrderGroup<'_>) -> ResultStatus {
    let said = |o: &Observed<'_>| {
        let code = text_field(&o.segment, 11);
        (!code.is_empty()).then(|| observation_status(&code))
    };
    let statuses: Vec<ResultStatus> = group.observations.iter().filter_map(said).collect();
    if statuses.contains(&ResultStatus::Preliminary) || statuses.contains(&ResultStatus::Registered) {
        return ResultStatus::Preliminary;
    }
    if statuses.contains(&ResultStatus::Corrected) {
        return ResultStatus::Corrected;
    }
    if !statuses.is_empty() && statuses.iter().all(|s| *s == ResultStatus::Withdrawn) {
        return ResultStatus::Withdrawn;
    }
    let order = group.orc.as_ref().map(|orc| text_field(orc, 5).to_ascii_uppercase()).unwrap_or_default();
    match order.as_str() {
        "A" | "IP" | "SC" if statuses.is_empty() => ResultStatus::Preliminary,
        "CA" => ResultStatus::Cancelled,
        _ => ResultStatus::Final,
    }
}
