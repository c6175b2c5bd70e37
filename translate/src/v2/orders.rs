//! ORC groups: an order with its observations, or a prescription with its parts. Which it is shows in its segments.

use super::reading::{clinician, coded_field, moment, moment_field, number, text_field};
use super::{Family, Reader, alerts, documents, medicines, results};
use crate::words::running;
use basics::Moment;
use care::{OrderStatus, ServiceRequest, What};
use hl7::Segment;

/// An observation with its remarks.
pub(super) struct Observed<'m> {
    pub segment: Segment<'m>,
    pub notes: Vec<String>,
}

/// The segments of one order.
#[derive(Default)]
pub(super) struct OrderGroup<'m> {
    pub orc: Option<Segment<'m>>,
    pub obr: Option<Segment<'m>>,
    pub observations: Vec<Observed<'m>>,
    pub notes: Vec<String>,
    pub rxo: Option<Segment<'m>>,
    pub rxe: Option<Segment<'m>>,
    pub rxd: Option<Segment<'m>>,
    pub rxr: Option<Segment<'m>>,
    pub rxc: Vec<Segment<'m>>,
    pub rxa: Vec<Segment<'m>>,
    pub tq1: Option<Segment<'m>>,
}

impl OrderGroup<'_> {
    fn is_medicine(&self) -> bool {
        self.rxo.is_some() || self.rxe.is_some() || self.rxd.is_some() || !self.rxa.is_empty()
    }
}

/// Most remarks kept with one observation or order.
const NOTES_MAX: usize = 400;

pub(super) fn segment<'m>(reader: &mut Reader<'m>, segment: Segment<'m>) {
    let admission = reader.family == Family::Movement;
    if !matches!(reader.family, Family::Orders | Family::Documents | Family::Movement)
        || reader.group.about.is_none()
    {
        return;
    }
    match segment.name() {
        "OBX" if reader.order.as_ref().is_none_or(|o| o.obr.is_none() && !o.is_medicine()) => {
            if reader.document.is_some() {
                documents::content(reader, &segment);
            } else {
                loose(reader, &segment);
            }
        }
        "NTE" if reader.order.is_none() => documents::note(reader, &segment),
        _ if admission => {}
        _ => grouped(reader, segment),
    }
}

fn grouped<'m>(reader: &mut Reader<'m>, segment: Segment<'m>) {
    let opens = match segment.name() {
        "ORC" => true,
        // A second examination of the same order.
        "OBR" => reader.order.as_ref().is_some_and(|o| o.obr.is_some()),
        _ => false,
    };
    if opens {
        let obr = segment.name() == "OBR";
        let placer = if obr { reader.order.as_ref().and_then(|o| o.orc) } else { None };
        finish(reader);
        reader.order = Some(OrderGroup { orc: placer, ..OrderGroup::default() });
    }
    let group = reader.order.get_or_insert_with(OrderGroup::default);
    match segment.name() {
        "ORC" => group.orc = Some(segment),
        "OBR" => group.obr = Some(segment),
        "OBX" => group.observations.push(Observed { segment, notes: Vec::new() }),
        "NTE" => {
            let text = running(&segment.field(3).full_text());
            let notes = match group.observations.last_mut() {
                Some(last) => &mut last.notes,
                None => &mut group.notes,
            };
            if !text.is_empty() && notes.len() < NOTES_MAX {
                notes.push(text);
            }
        }
        "TQ1" => group.tq1 = Some(segment),
        "RXO" => group.rxo = Some(segment),
        "RXE" => group.rxe = Some(segment),
        "RXD" => group.rxd = Some(segment),
        "RXR" => group.rxr = Some(segment),
        "RXC" => group.rxc.push(segment),
        "RXA" => group.rxa.push(segment),
        _ => {}
    }
}

/// An observation outside any order: an alert or a measurement told with an admission.
fn loose(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if let Some(flag) = alerts::observed(segment, reader) {
        reader.group.others.push(What::Flag(flag));
    } else if let Some(mut observation) = results::observation(reader, segment, &[], None) {
        observation.id.clear();
        observation.at = observation.at.or(Some(reader.times.told));
        reader.group.others.push(What::Observation(Box::new(observation)));
    }
}

/// Says what the group read so far means.
pub(super) fn finish(reader: &mut Reader<'_>) {
    let Some(group) = reader.order.take() else { return };
    if group.is_medicine() {
        medicines::finish(reader, &group);
    } else if matches!(reader.code.as_str(), "ORU" | "OUL" | "ORF" | "MDM") {
        results::finish(reader, &group);
    } else if group.orc.is_some() || group.obr.is_some() {
        order(reader, &group);
    }
}

fn order(reader: &mut Reader<'_>, group: &OrderGroup<'_>) {
    let (placer, filler) = numbers(group);
    let code = group.obr.as_ref().map(|obr| coded_field(obr, 4)).unwrap_or_default();
    if placer.is_empty() && filler.is_empty() {
        let anchor = group.orc.as_ref().or(group.obr.as_ref());
        let place = anchor.map(|s| super::reading::place(s, 2)).unwrap_or_default();
        let kind = care::ProblemKind::Imperfect;
        reader.out.problem(
            kind,
            &place,
            "The order has no number, so that its result cannot be matched to it.",
        );
        if code.words.is_empty() {
            return;
        }
    }
    let requested = requested(reader, group);
    reader.group.others.push(What::Order(Box::new(ServiceRequest {
        placer,
        filler,
        code: code.code,
        name: code.words,
        status: order_status(group),
        urgent: urgent(group),
        requested,
        requester: requester(group),
        note: group.notes.join("\n"),
        cite: None,
    })));
}

/// Placer and filler number: of the examination where it has its own, else of the order.
pub(super) fn numbers(group: &OrderGroup<'_>) -> (String, String) {
    let of = |obr: usize, orc: usize| {
        let own = group.obr.as_ref().map(|s| number(s, obr)).unwrap_or_default();
        if own.is_empty() { group.orc.as_ref().map(|s| number(s, orc)).unwrap_or_default() } else { own }
    };
    (of(2, 2), of(3, 3))
}

fn requested(reader: &Reader<'_>, group: &OrderGroup<'_>) -> Option<Moment> {
    let rules = reader.rules;
    let orc = group.orc.as_ref().and_then(|orc| moment_field(orc, 9, rules));
    orc.or_else(|| group.obr.as_ref().and_then(|obr| moment_field(obr, 6, rules))).or(Some(reader.times.told))
}

pub(super) fn requester(group: &OrderGroup<'_>) -> String {
    let of = |s: Option<&Segment<'_>>, n: usize| s.map(|s| clinician(s.field(n).first())).unwrap_or_default();
    let name = of(group.orc.as_ref(), 12);
    if name.is_empty() { of(group.obr.as_ref(), 16) } else { name }
}

/// ORC-1 (table 0119) says what is done, ORC-5 (table 0038) how it stands.
fn order_status(group: &OrderGroup<'_>) -> OrderStatus {
    let Some(orc) = group.orc.as_ref() else { return OrderStatus::Requested };
    let control = text_field(orc, 1).to_ascii_uppercase();
    let status = text_field(orc, 5).to_ascii_uppercase();
    match control.as_str() {
        "CA" | "OC" | "CR" | "DC" | "OD" | "DR" | "UA" | "OE" => return OrderStatus::Cancelled,
        _ => {}
    }
    match status.as_str() {
        "CA" | "DC" | "ER" | "RP" => OrderStatus::Cancelled,
        "CM" => OrderStatus::Completed,
        "A" => OrderStatus::Partial,
        "IP" | "SC" => OrderStatus::InProgress,
        _ if control == "OK" => OrderStatus::InProgress,
        _ => OrderStatus::Requested,
    }
}

/// TQ1-9, OBR-27.6, ORC-7.6 or OBR-5: S (stat), A (as soon as possible).
fn urgent(group: &OrderGroup<'_>) -> bool {
    let said = |segment: Option<&Segment<'_>>, field: usize, component: usize| {
        segment.is_some_and(|s| {
            let text = s.field(field).component(component).text().trim().to_ascii_uppercase();
            matches!(text.as_str(), "S" | "A" | "STAT" | "ASAP" | "URGENT" | "U" | "EMERGENCY")
        })
    };
    said(group.tq1.as_ref(), 9, 1)
        || said(group.obr.as_ref(), 27, 6)
        || said(group.orc.as_ref(), 7, 6)
        || said(group.obr.as_ref(), 5, 1)
}

/// First moment among the fields given.
pub(super) fn first_moment(reader: &Reader<'_>, segment: &Segment<'_>, fields: &[usize]) -> Option<Moment> {
    fields.iter().find_map(|n| moment(segment.field(*n).component(1), reader.rules))
}
