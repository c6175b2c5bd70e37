//! Orders, conditions, documents, stays and appointments, as lines of the patient page.

use crate::desk::Look;
use crate::names::{class_word, or_not_recorded, patient_address};
use crate::parts::Stamp;
use crate::paste::facts::place;
use crate::patient::results::status_word;
use care::{Encounter, EncounterStatus, OrderStatus, PatientRecord, ResultStatus};

/// An order that is still waited for.
pub struct OrderLine {
    /// What was asked for.
    pub name: String,
    /// "Requested", "Some results are back".
    pub status: &'static str,
    /// Marked urgent.
    pub urgent: bool,
    /// When.
    pub requested: Stamp,
    /// Who asked.
    pub requester: String,
    /// Remarks.
    pub note: String,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// Outstanding orders, and how many others are kept.
pub fn orders(look: &Look<'_>, r: &PatientRecord) -> (Vec<OrderLine>, usize) {
    let lines: Vec<OrderLine> = r
        .orders
        .iter()
        .filter(|o| o.status.outstanding())
        .map(|o| OrderLine {
            name: or_not_recorded(Some(if o.name.is_empty() { &o.code } else { &o.name })),
            status: match o.status {
                OrderStatus::InProgress => "In progress",
                OrderStatus::Partial => "Some results are back",
                _ => "Requested",
            },
            urgent: o.urgent,
            requested: look.stamp_maybe(o.requested),
            requester: or_not_recorded(Some(&o.requester)),
            note: o.note.clone(),
            entry: o.cite.as_ref().map(|c| c.entry.0),
        })
        .collect();
    let done = r.orders.len() - lines.len();
    (lines, done)
}

/// A problem or diagnosis.
pub struct ConditionLine {
    /// In words.
    pub text: String,
    /// "Working", "Final"; empty when not said.
    pub kind: String,
    /// It still stands.
    pub active: bool,
    /// Since when: a date, for nobody knows the hour.
    pub onset: String,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// Active ones first.
pub fn conditions(look: &Look<'_>, r: &PatientRecord) -> Vec<ConditionLine> {
    let mut list: Vec<_> = r.conditions.iter().collect();
    list.sort_by_key(|c| !c.active);
    list.into_iter()
        .map(|c| ConditionLine {
            text: or_not_recorded(Some(if c.text.is_empty() { &c.code } else { &c.text })),
            kind: c.kind.clone(),
            active: c.active,
            onset: c.onset.map_or("Not recorded".to_owned(), |at| look.zone().date(at).to_string()),
            entry: c.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}

/// A letter, scan or text.
pub struct DocumentLine {
    /// Its title.
    pub title: String,
    /// Media type and size; empty for text held on the page.
    pub kind: String,
    /// Where its bytes can be taken from; `None` for text.
    pub address: Option<String>,
    /// The text, when it is text.
    pub text: String,
    /// "Preliminary"; `None` when final.
    pub status: Option<&'static str>,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Stamp,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// Documents; the number in a document's address is its place in the record, so withdrawn ones are skipped, not
/// counted away.
pub fn documents(look: &Look<'_>, r: &PatientRecord) -> Vec<DocumentLine> {
    r.documents
        .iter()
        .enumerate()
        .filter(|(_, d)| d.status != ResultStatus::Withdrawn)
        .map(|(i, d)| DocumentLine {
            title: or_not_recorded(Some(&d.title)),
            kind: if d.bytes > 0 {
                format!("{}, {} kB", d.mime, d.bytes.div_ceil(1024))
            } else {
                String::new()
            },
            address: (d.bytes > 0).then(|| format!("{}/documents/{i}", patient_address(r.key))),
            text: d.text.clone(),
            status: status_word(d.status),
            author: or_not_recorded(Some(&d.author)),
            at: look.stamp_maybe(d.at),
            entry: d.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}

/// A stay, attendance or visit.
pub struct EncounterLine {
    /// "Inpatient".
    pub class: &'static str,
    /// "In progress".
    pub status: &'static str,
    /// Visit number.
    pub visit: String,
    /// Where.
    pub place: String,
    /// Theatre, X-ray.
    pub temporary: Option<String>,
    /// Expected next place.
    pub pending: Option<String>,
    /// Admitted.
    pub admitted: Stamp,
    /// Discharged; `None` while not.
    pub discharged: Option<Stamp>,
    /// Expected discharge.
    pub expected: Option<Stamp>,
    /// Reason, service, consultant, attending.
    pub details: Vec<(&'static str, String)>,
    /// Places before, newest first.
    pub places: Vec<(Stamp, String)>,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// Newest first.
pub fn encounters(look: &Look<'_>, r: &PatientRecord) -> Vec<EncounterLine> {
    r.encounters.iter().rev().map(|e| encounter(look, e)).collect()
}

fn encounter(look: &Look<'_>, e: &Encounter) -> EncounterLine {
    let details = [
        ("Reason", &e.reason),
        ("Service", &e.service),
        ("Consultant", &e.consultant),
        ("Attending", &e.attending),
        ("Discharged to", &e.discharge_to),
    ];
    EncounterLine {
        class: class_word(e.class),
        status: match e.status {
            EncounterStatus::Planned => "Expected",
            EncounterStatus::InProgress => "In progress",
            EncounterStatus::OnLeave => "On leave, bed kept",
            EncounterStatus::Finished => "Finished",
            EncounterStatus::Cancelled => "Cancelled",
        },
        visit: or_not_recorded(e.visit.as_deref()),
        place: e.location.as_ref().map_or("Not recorded".to_owned(), place),
        temporary: e.temporary_location.as_ref().map(place),
        pending: e.pending_location.as_ref().map(place),
        admitted: look.stamp_maybe(e.admitted),
        discharged: e.discharged.map(|at| look.stamp(at)),
        expected: e.expected_discharge.map(|at| look.stamp(at)),
        details: details.into_iter().filter_map(|(k, v)| Some((k, v.clone()?))).collect(),
        places: e.places.iter().rev().map(|(at, l)| (look.stamp(*at), place(l))).collect(),
        entry: e.cite.as_ref().map(|c| c.entry.0),
    }
}

/// An appointment.
pub struct AppointmentLine {
    /// When.
    pub start: Stamp,
    /// "Booked".
    pub status: &'static str,
    /// Clinic, clinician, service.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// The next ones first, then those past.
pub fn appointments(look: &Look<'_>, r: &PatientRecord) -> Vec<AppointmentLine> {
    let mut list: Vec<_> = r.appointments.iter().collect();
    list.sort_by_key(|a| {
        let start = a.start.map_or(i64::MAX, basics::Moment::milliseconds);
        let past = start < look.now.milliseconds();
        (past, if past { -start } else { start })
    });
    list.into_iter()
        .map(|a| AppointmentLine {
            start: look.stamp_maybe(a.start),
            status: a.status.word(),
            what: [&a.clinic, &a.clinician, &a.service]
                .into_iter()
                .filter(|t| !t.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            reason: or_not_recorded(Some(&a.reason)),
            entry: a.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}
