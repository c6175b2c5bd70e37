//! RXO, RXE, RXD, RXR, RXC, TQ1: prescriptions; RXA: doses given.

use super::Reader;
use super::orders::{OrderGroup, requester};
use super::reading::{coded_field, moment, moment_field, place, text_field, words_field};
use crate::words::{dose, form, line, timing};
use care::{MedicationAdministration, MedicationRequest, MedicationStatus, ProblemKind, What};
use hl7::Segment;

pub(super) fn finish(reader: &mut Reader<'_>, group: &OrderGroup<'_>) {
    let (placer, filler) = super::orders::numbers(group);
    // The prescriber's number is the one that doses refer to; a pharmacy's own comes second.
    let id = if placer.is_empty() { filler } else { placer };
    if group.rxe.is_some() || group.rxo.is_some() || (group.rxd.is_some() && group.rxa.is_empty()) {
        prescription(reader, group, &id);
    }
    for rxa in &group.rxa {
        administration(reader, group, rxa, &id);
    }
}

fn prescription(reader: &mut Reader<'_>, group: &OrderGroup<'_>, id: &str) {
    let mut request = MedicationRequest { id: id.to_owned(), ..MedicationRequest::default() };
    // What the pharmacy encoded (RXE) over what was asked for (RXO) over what was dispensed (RXD).
    if let Some(rxe) = group.rxe.as_ref() {
        encoded(&mut request, rxe);
        if request.id.is_empty() {
            request.id = text_field(rxe, 15);
        }
    }
    if let Some(rxo) = group.rxo.as_ref() {
        asked(&mut request, rxo);
    }
    if let Some(rxd) = group.rxd.as_ref() {
        dispensed(&mut request, rxd);
    }
    if request.medicine.is_empty() {
        request.medicine = group
            .rxc
            .iter()
            .map(|rxc| words_field(rxc, 2))
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" + ");
    }
    let anchor = group.rxe.as_ref().or(group.rxo.as_ref()).or(group.rxd.as_ref()).or(group.orc.as_ref());
    if request.medicine.is_empty() && request.id.is_empty() {
        let place = anchor.map(|s| place(s, 2)).unwrap_or_default();
        let text = "The prescription names no medicine, so it is lost.";
        return reader.out.problem(ProblemKind::PartLost, &place, text);
    }
    if let Some(rxr) = group.rxr.as_ref() {
        request.route = words_field(rxr, 1);
    }
    when(reader, group, &mut request);
    request.prescriber = requester(group);
    if request.prescriber.is_empty() {
        let of = |s: Option<&Segment<'_>>, n: usize| s.map(|s| super::reading::clinician(s.field(n).first()));
        request.prescriber =
            of(group.rxe.as_ref(), 13).or_else(|| of(group.rxo.as_ref(), 14)).unwrap_or_default();
    }
    request.status = status(group);
    if request.status == MedicationStatus::Stopped && request.end.is_none() {
        request.end = Some(reader.times.told);
    }
    if !group.notes.is_empty() && request.dosage_text.is_empty() {
        request.dosage_text = line(&group.notes.join("; "));
    }
    reader.group.others.push(What::Medication(Box::new(request)));
}

/// RXE: 2 give code, 3 to 5 amount and unit, 6 form, 7 instructions.
fn encoded(request: &mut MedicationRequest, rxe: &Segment<'_>) {
    let give = coded_field(rxe, 2);
    request.code = give.code;
    request.medicine = give.words;
    request.dose = amount(rxe, 3, 4, 5);
    request.form = form(&words_field(rxe, 6));
    request.dosage_text = instructions(rxe, 7);
    let indication = words_field(rxe, 27);
    request.indication = indication;
}

/// RXO: 1 asked code, 2 to 4 amount and unit, 5 form, 7 instructions, 20 indication.
fn asked(request: &mut MedicationRequest, rxo: &Segment<'_>) {
    let wanted = coded_field(rxo, 1);
    let fill = |slot: &mut String, text: String| {
        if slot.is_empty() {
            *slot = text;
        }
    };
    fill(&mut request.code, wanted.code);
    fill(&mut request.medicine, wanted.words);
    fill(&mut request.dose, amount(rxo, 2, 3, 4));
    fill(&mut request.form, form(&words_field(rxo, 5)));
    fill(&mut request.dosage_text, instructions(rxo, 7));
    fill(&mut request.indication, words_field(rxo, 20));
}

/// RXD: 2 code, 12 total daily dose, 9 notes.
fn dispensed(request: &mut MedicationRequest, rxd: &Segment<'_>) {
    let given = coded_field(rxd, 2);
    if request.medicine.is_empty() {
        request.code = given.code;
        request.medicine = given.words;
    }
    if request.form.is_empty() {
        request.form = form(&words_field(rxd, 6));
    }
    if request.id.is_empty() {
        request.id = text_field(rxd, 7);
    }
}

/// "500 mg", "1-2 tablet(s)".
fn amount(segment: &Segment<'_>, low: usize, high: usize, unit: usize) -> String {
    let (low, high) = (text_field(segment, low), text_field(segment, high));
    let unit = words_or_code(segment, unit);
    match (low.is_empty(), high.is_empty()) {
        (true, true) => String::new(),
        (false, false) if low != high => {
            let (low, high) = (crate::words::figure(&low), crate::words::figure(&high));
            let unit = crate::words::dose_unit(&unit);
            line(&format!("{low}-{high} {unit}"))
        }
        (true, false) => dose(&high, &unit),
        _ => dose(&low, &unit),
    }
}

/// A unit's code is what people read ("mg"); the words may be "milligram".
fn words_or_code(segment: &Segment<'_>, n: usize) -> String {
    let unit = coded_field(segment, n);
    if unit.code.is_empty() { unit.words } else { unit.code }
}

fn instructions(segment: &Segment<'_>, n: usize) -> String {
    let all: Vec<String> = segment
        .field(n)
        .repetitions()
        .take(10)
        .map(|r| super::reading::coded(r).words)
        .filter(|w| !w.is_empty())
        .collect();
    line(&all.join("; "))
}

/// TQ1, else the quantity/timing of RXE-1 or ORC-7.
fn when(reader: &Reader<'_>, group: &OrderGroup<'_>, request: &mut MedicationRequest) {
    let rules = reader.rules;
    let mut code = String::new();
    if let Some(tq1) = group.tq1.as_ref() {
        code = pattern(tq1, 3, 1);
        request.start = moment_field(tq1, 7, rules);
        request.end = moment_field(tq1, 8, rules);
        let words = [11, 10].into_iter().map(|n| text_field(tq1, n)).find(|t| !t.is_empty());
        if let (Some(words), true) = (words, request.dosage_text.is_empty()) {
            request.dosage_text = words;
        }
    }
    for (segment, n) in [(group.rxe.as_ref(), 1), (group.orc.as_ref(), 7)] {
        let Some(field) = segment.map(|s| s.field(n)).filter(|f| !f.is_empty()) else { continue };
        if code.is_empty() {
            code = line(&field.component(2).subcomponent(1).text());
        }
        request.start = request.start.or_else(|| moment(field.component(4), rules));
        request.end = request.end.or_else(|| moment(field.component(5), rules));
    }
    let timing = timing(&code);
    request.frequency = timing.words;
    request.interval_hours = timing.interval_hours;
    request.as_required = timing.as_required;
}

fn pattern(segment: &Segment<'_>, n: usize, component: usize) -> String {
    line(&segment.field(n).component(component).subcomponent(1).text())
}

/// ORC-1 and ORC-5.
fn status(group: &OrderGroup<'_>) -> MedicationStatus {
    let Some(orc) = group.orc.as_ref() else { return MedicationStatus::Active };
    match text_field(orc, 1).to_ascii_uppercase().as_str() {
        "CA" | "OC" | "CR" => return MedicationStatus::Cancelled,
        "DC" | "OD" | "DR" => return MedicationStatus::Stopped,
        "HD" | "OH" | "HR" => return MedicationStatus::OnHold,
        "DE" => return MedicationStatus::EnteredInError,
        _ => {}
    }
    match text_field(orc, 5).to_ascii_uppercase().as_str() {
        "CA" => MedicationStatus::Cancelled,
        "DC" => MedicationStatus::Stopped,
        "CM" => MedicationStatus::Completed,
        "HD" => MedicationStatus::OnHold,
        _ => MedicationStatus::Active,
    }
}

/// RXA: 3 start, 4 end, 5 what, 6 and 7 how much, 9 notes, 18 refusal reason, 20 completion (CP, PA, RE, NA), 21 action.
fn administration(reader: &mut Reader<'_>, group: &OrderGroup<'_>, rxa: &Segment<'_>, id: &str) {
    let medicine = words_field(rxa, 5);
    let at = moment_field(rxa, 3, reader.rules).or_else(|| moment_field(rxa, 4, reader.rules));
    if medicine.is_empty() && id.is_empty() {
        let text = "The dose names neither medicine nor prescription, so it is lost.";
        return reader.out.problem(ProblemKind::PartLost, &place(rxa, 5), text);
    }
    if at.is_none() {
        let text = "The dose has no time, so that it cannot count as the last one given.";
        reader.out.problem(ProblemKind::PartLost, &place(rxa, 3), text);
    }
    let completion = text_field(rxa, 20).to_ascii_uppercase();
    let refused = words_field(rxa, 18);
    let deleted = text_field(rxa, 21).eq_ignore_ascii_case("D");
    let given = !matches!(completion.as_str(), "RE" | "NA") && refused.is_empty() && !deleted;
    let amount = text_field(rxa, 6);
    // 999 is HL7's "amount not recorded".
    let amount = if amount == "999" { String::new() } else { amount };
    let mut notes: Vec<String> =
        [words_field(rxa, 9), refused].into_iter().filter(|n| !n.is_empty()).collect();
    if deleted {
        notes.push("Record of this dose was withdrawn".to_owned());
    }
    reader.group.others.push(What::Administration(MedicationAdministration {
        id: String::new(),
        request: id.to_owned(),
        medicine,
        dose: dose(&amount, &words_or_code(rxa, 7)),
        route: group.rxr.as_ref().map(|rxr| words_field(rxr, 1)).unwrap_or_default(),
        at,
        given,
        note: notes.join("; "),
        cite: None,
    }));
}
