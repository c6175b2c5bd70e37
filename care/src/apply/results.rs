//! Results, orders and documents: corrections replace by number, and a status never goes back.

use super::{
    DOCUMENTS_MAX, OBSERVATIONS_MAX, ORDERS_MAX, REPORTS_MAX, RESULTS_MAX, drop_oldest, newest_first,
    not_older,
};
use crate::news2::parameter_of;
use crate::{
    Cite, DiagnosticReport, DocumentReference, Observation, OrderStatus, PatientRecord, ResultStatus,
    ServiceRequest,
};

/// How far a result has come. Corrected, cancelled and withdrawn are told apart by time alone.
fn rank(status: ResultStatus) -> u8 {
    match status {
        ResultStatus::Registered => 0,
        ResultStatus::Preliminary => 1,
        ResultStatus::Final => 2,
        ResultStatus::Corrected => 3,
        ResultStatus::Cancelled | ResultStatus::Withdrawn => 4,
    }
}

/// Whether a word with status `new` from `cite` replaces one with status `old`: never a preliminary over a final,
/// however late it comes; a final over a correction or a withdrawal only when it is newer.
fn replaces(old: ResultStatus, known: Option<&Cite>, new: ResultStatus, cite: &Cite) -> bool {
    let (old_rank, new_rank) = (rank(old), rank(new));
    if new_rank <= 1 && old_rank >= 2 {
        return false;
    }
    match new_rank.cmp(&old_rank) {
        std::cmp::Ordering::Less => known.is_none_or(|k| cite.at > k.at),
        std::cmp::Ordering::Equal => not_older(known, cite),
        // A further status with an older time is still further: clocks of laboratories differ by seconds.
        std::cmp::Ordering::Greater => true,
    }
}

/// A result that a report names belongs in that report, whichever of the two came first; a vital sign is shown on the
/// chart as well.
pub(super) fn observation(record: &mut PatientRecord, told: &Observation, cite: &Cite) {
    let mut held = false;
    for report in record.reports.iter_mut().filter(|r| names(r, &told.id)) {
        hold(report, told, cite);
        held = true;
    }
    let list = &mut record.observations;
    let on_chart = parameter_of(&told.code, &told.name).is_some()
        || list.iter().any(|known| same_observation(known, told));
    if held && !on_chart {
        return;
    }
    match list.iter_mut().find(|known| same_observation(known, told)) {
        Some(known) => supersede(known, told, cite, None),
        None => list.push(Observation { cite: Some(cite.clone()), ..told.clone() }),
    }
    newest_first(list, OBSERVATIONS_MAX, |o| o.at.or(o.cite.as_ref().map(|c| c.at)));
}

fn same_observation(a: &Observation, b: &Observation) -> bool {
    if !a.id.is_empty() || !b.id.is_empty() {
        // Components of one FHIR observation share its id.
        return a.id == b.id && a.code == b.code && a.name == b.name;
    }
    a.at == b.at && a.code == b.code && a.name == b.name
}

fn names(report: &DiagnosticReport, id: &str) -> bool {
    !id.is_empty() && (report.awaited.iter().any(|a| a == id) || report.results.iter().any(|r| r.id == id))
}

impl PatientRecord {
    /// Whether a report names this result, which comes by itself.
    pub fn awaits(&self, id: &str) -> bool {
        self.reports.iter().any(|report| names(report, id))
    }
}

fn hold(report: &mut DiagnosticReport, told: &Observation, cite: &Cite) {
    let room = report.results.len() < RESULTS_MAX;
    let came_with = report.cite.clone();
    match report.results.iter_mut().find(|known| same_observation(known, told)) {
        Some(known) => supersede(known, told, cite, came_with.as_ref()),
        None if room => {
            report.results.push(Observation { cite: Some(cite.clone()), ..told.clone() });
            // In the order in which the report names them.
            let awaited = &report.awaited;
            report.results.sort_by_key(|r| awaited.iter().position(|id| *id == r.id));
        }
        None => {}
    }
}

/// Results that came before the report which names them move into it.
fn gather(report: &mut DiagnosticReport, observations: &mut Vec<Observation>) {
    if report.awaited.is_empty() {
        return;
    }
    for came in observations.iter().filter(|o| names(report, &o.id)).cloned().collect::<Vec<_>>() {
        if let Some(cite) = came.cite.clone() {
            hold(report, &came, &cite);
        }
    }
    observations.retain(|o| !names(report, &o.id) || parameter_of(&o.code, &o.name).is_some());
}

/// A result within a report that has no citation of its own came with the report.
fn supersede(known: &mut Observation, told: &Observation, cite: &Cite, report: Option<&Cite>) {
    if !replaces(known.status, known.cite.as_ref().or(report), told.status, cite) {
        return;
    }
    let kept = known.value.take();
    *known = Observation { cite: Some(cite.clone()), ..told.clone() };
    if known.value.is_none() && known.status == ResultStatus::Withdrawn {
        // What was withdrawn stays readable as such.
        known.value = kept;
    }
}

pub(super) fn report(record: &mut PatientRecord, told: &DiagnosticReport, cite: &Cite) {
    progress(&mut record.orders, told);
    match record.reports.iter_mut().find(|known| same_report(known, told)) {
        Some(known) => {
            merge_report(known, told, cite);
            gather(known, &mut record.observations);
        }
        None => {
            let mut told = DiagnosticReport { cite: Some(cite.clone()), ..told.clone() };
            told.results.truncate(RESULTS_MAX);
            told.awaited.truncate(RESULTS_MAX);
            gather(&mut told, &mut record.observations);
            record.reports.push(told);
        }
    }
    newest_first(&mut record.reports, REPORTS_MAX, |r| {
        r.reported.or(r.collected).or(r.cite.as_ref().map(|c| c.at))
    });
}

fn same_report(a: &DiagnosticReport, b: &DiagnosticReport) -> bool {
    if !a.id.is_empty() || !b.id.is_empty() {
        // A filler number may cover several examinations (two OBR of one order).
        return a.id == b.id && (a.code == b.code || a.code.is_empty() || b.code.is_empty());
    }
    a.code == b.code && a.name == b.name && a.collected == b.collected
}

fn merge_report(known: &mut DiagnosticReport, told: &DiagnosticReport, cite: &Cite) {
    let came_with = known.cite.clone();
    for id in &told.awaited {
        if !known.awaited.contains(id) && known.awaited.len() < RESULTS_MAX {
            known.awaited.push(id.clone());
        }
    }
    for result in &told.results {
        let room = known.results.len() < RESULTS_MAX;
        match known
            .results
            .iter_mut()
            .find(|k| k.code == result.code && k.name == result.name && k.id == result.id)
        {
            Some(old) => supersede(old, result, cite, came_with.as_ref()),
            None if room => {
                known.results.push(Observation { cite: Some(cite.clone()), ..result.clone() });
            }
            None => {}
        }
    }
    if !replaces(known.status, known.cite.as_ref(), told.status, cite) {
        return;
    }
    known.status = told.status;
    if told.status == ResultStatus::Withdrawn && told.results.is_empty() {
        known.results.iter_mut().for_each(|r| r.status = ResultStatus::Withdrawn);
    }
    for (old, new) in [
        (&mut known.placer, &told.placer),
        (&mut known.code, &told.code),
        (&mut known.name, &told.name),
        (&mut known.text, &told.text),
        (&mut known.requester, &told.requester),
    ] {
        if !new.is_empty() {
            old.clone_from(new);
        }
    }
    known.collected = told.collected.or(known.collected);
    known.reported = told.reported.or(known.reported);
    known.cite = Some(cite.clone());
}

/// A result moves the order that it answers.
fn progress(orders: &mut [ServiceRequest], report: &DiagnosticReport) {
    let answered = |o: &&mut ServiceRequest| answers(report, o);
    for order in orders.iter_mut().filter(answered) {
        order.status = further(order.status, reported_status(report.status));
    }
}

fn answers(report: &DiagnosticReport, order: &ServiceRequest) -> bool {
    let numbered = !order.placer.is_empty() && order.placer == report.placer
        || !order.filler.is_empty() && order.filler == report.id;
    // One placer number may cover several examinations.
    numbered && (order.code.is_empty() || report.code.is_empty() || order.code == report.code)
}

fn reported_status(status: ResultStatus) -> OrderStatus {
    match status {
        ResultStatus::Registered => OrderStatus::InProgress,
        ResultStatus::Preliminary => OrderStatus::Partial,
        ResultStatus::Final | ResultStatus::Corrected => OrderStatus::Completed,
        ResultStatus::Cancelled | ResultStatus::Withdrawn => OrderStatus::Cancelled,
    }
}

fn further(a: OrderStatus, b: OrderStatus) -> OrderStatus {
    let rank = |s| match s {
        OrderStatus::Requested => 0,
        OrderStatus::InProgress => 1,
        OrderStatus::Partial => 2,
        OrderStatus::Cancelled => 3,
        OrderStatus::Completed => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

pub(super) fn order(record: &mut PatientRecord, told: &ServiceRequest, cite: &Cite) {
    let mut told = ServiceRequest { cite: Some(cite.clone()), ..told.clone() };
    let reported = record.reports.iter().filter(|r| answers(r, &told)).map(|r| reported_status(r.status));
    told.status = reported.fold(told.status, further);
    match record.orders.iter_mut().find(|known| same_order(known, &told)) {
        Some(known) => update_order(known, told, cite),
        None => record.orders.push(told),
    }
    drop_oldest(&mut record.orders, ORDERS_MAX, |o| !o.status.outstanding());
}

fn same_order(a: &ServiceRequest, b: &ServiceRequest) -> bool {
    let numbered =
        !a.placer.is_empty() && a.placer == b.placer || !a.filler.is_empty() && a.filler == b.filler;
    numbered && (a.code == b.code || a.code.is_empty() || b.code.is_empty())
}

fn update_order(known: &mut ServiceRequest, told: ServiceRequest, cite: &Cite) {
    let newer = not_older(known.cite.as_ref(), cite);
    let cancelled = told.status == OrderStatus::Cancelled && newer;
    known.status = if cancelled { told.status } else { further(known.status, told.status) };
    for (old, new) in [
        (&mut known.placer, told.placer),
        (&mut known.filler, told.filler),
        (&mut known.code, told.code),
        (&mut known.name, told.name),
        (&mut known.requester, told.requester),
        (&mut known.note, told.note),
    ] {
        if !new.is_empty() && (newer || old.is_empty()) {
            *old = new;
        }
    }
    known.urgent |= told.urgent;
    known.requested = known.requested.or(told.requested);
    if newer {
        known.cite = told.cite;
    }
}

pub(super) fn document(record: &mut PatientRecord, told: &DocumentReference, cite: &Cite) {
    let list = &mut record.documents;
    match list
        .iter_mut()
        .find(|known| !known.id.is_empty() && known.id == told.id && known.title == told.title)
    {
        Some(known) if replaces(known.status, known.cite.as_ref(), told.status, cite) => {
            let bare = told.text.is_empty() && told.bytes == 0;
            if bare {
                // A cancellation or change of status carries no content: what was filed stays, with its new status.
                known.status = told.status;
            } else {
                *known = DocumentReference { cite: Some(cite.clone()), ..told.clone() };
            }
        }
        Some(_) => {}
        None => list.push(DocumentReference { cite: Some(cite.clone()), ..told.clone() }),
    }
    newest_first(list, DOCUMENTS_MAX, |d| d.at.or(d.cite.as_ref().map(|c| c.at)));
}
