//! `GET /patients/{key}`: the banner fixed at the top, then allergies, medicines, results, and all the rest.
//!
//! Always: one patient only; exactly one of the four allergy headings; every section says "as at", its age, and the
//! entry it comes from; nothing is blank. Never: a withdrawn result shown as a result; a medicine's dose cut short.

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, or_not_recorded, patient_address, ward_address};
use crate::parts::{SectionHead, Stamp};
use crate::patient::banner::{Banner, banner};
use crate::patient::history::{
    AppointmentLine, ConditionLine, DocumentLine, EncounterLine, OrderLine, appointments, conditions,
    documents, encounters, orders,
};
use crate::patient::medicines::{DoseLine, MedicineLine, NextDue, doses, medicines};
use crate::patient::person::{PersonPart, person};
use crate::patient::results::{REPORTS_OPEN, ReportPart, reports};
use crate::patient::signs::{SignLine, newest, signs_address};
use crate::ward_list::page::{Tag, allergy_tag, flag_tag};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use care::ward_list::WardKey;
use care::{AllergyKnowledge, PatientKey, PatientRecord};

#[derive(Template)]
#[template(path = "patient/page.html")]
struct PatientPage {
    layout: Layout,
    banner: Banner,
    sheets: String,
    ward: Option<(String, String)>,
    merged: Option<String>,
    glass: Vec<String>,
    sections: Sections,
    allergy_heading: &'static str,
    allergy_class: &'static str,
    allergy_advice: &'static str,
    allergies: Vec<AllergyLine>,
    flags: Vec<FlagLine>,
    medicines: Vec<MedicineLine>,
    stopped: Vec<MedicineLine>,
    doses: Vec<DoseLine>,
    doses_more: usize,
    reports: Vec<ReportPart>,
    older: Vec<ReportPart>,
    reports_more: usize,
    signs: Vec<SignLine>,
    signs_kept: usize,
    signs_address: String,
    orders: Vec<OrderLine>,
    orders_done: usize,
    conditions: Vec<ConditionLine>,
    documents: Vec<DocumentLine>,
    encounters: Vec<EncounterLine>,
    appointments: Vec<AppointmentLine>,
    person: PersonPart,
}

struct Sections {
    allergies: SectionHead,
    flags: SectionHead,
    medicines: SectionHead,
    reports: SectionHead,
    signs: SectionHead,
    orders: SectionHead,
    conditions: SectionHead,
    documents: SectionHead,
    encounters: SectionHead,
    appointments: SectionHead,
    person: SectionHead,
}

struct AllergyLine {
    substance: String,
    words: Vec<String>,
    as_at: Stamp,
    entry: Option<u64>,
}

struct FlagLine {
    tag: Tag,
    active: bool,
    as_at: Stamp,
    entry: Option<u64>,
}

/// `GET /patients/{key}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(key): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let key = PatientKey(key.parse().map_err(|_| Mishap::no_patient())?);
        let room = &look.screens().room;
        let record = room.patient(key).map_err(Mishap::room("read this patient's record"))?;
        let record = record.ok_or_else(Mishap::no_patient)?;
        Ok(Html(page(look, key, &record)))
    })
    .await
}

fn page(look: &Look<'_>, asked: PatientKey, r: &PatientRecord) -> PatientPage {
    let ward = ward_now(r);
    let banner = banner(look, r);
    let topics = format!("patient:{},patient:{}", r.key.0, asked.0);
    let (active, stopped) = medicines(look, r);
    let (doses, doses_more) = doses(look, r);
    let (mut reports, reports_more) = reports(look, r);
    let older = reports.split_off(REPORTS_OPEN.min(reports.len()));
    let (orders, orders_done) = orders(look, r);
    let signs = newest(look, r);
    PatientPage {
        layout: Layout::of_site(look, banner.name.clone(), Here::Nowhere, ward.as_ref().map(|w| &w.site))
            .live(topics),
        sheets: format!("{}/sheets.pdf", patient_address(r.key)),
        ward: ward.as_ref().map(|w| (ward_address(w), format!("{} {}", w.site, w.ward))),
        merged: (r.key != asked).then(|| {
            format!(
                "Record {} was merged into this one, record {}: they are the same person.",
                asked.0, r.key.0
            )
        }),
        glass: crate::break_glass::told::for_patient(look, r.key),
        sections: sections(look, r, active.len(), stopped.len(), orders.len(), signs.len()),
        allergy_heading: r.allergies.knowledge.heading(),
        allergy_class: allergy_tag(r.allergies.knowledge, &[]).class,
        allergy_advice: allergy_advice(r.allergies.knowledge),
        allergies: allergies(look, r),
        flags: flags(look, r),
        medicines: active,
        stopped,
        doses,
        doses_more,
        reports,
        older,
        reports_more,
        signs_kept: signs.iter().map(|s| s.kept).sum(),
        signs_address: signs_address(r.key, None),
        signs,
        orders,
        orders_done,
        conditions: conditions(look, r),
        documents: documents(look, r),
        encounters: encounters(look, r),
        appointments: appointments(look, r),
        person: person(r),
        banner,
    }
}

/// The ward where the patient lies now.
pub fn ward_now(r: &PatientRecord) -> Option<WardKey> {
    let location = r.current_encounter()?.location.as_ref()?;
    Some(WardKey { site: location.site.clone()?, ward: location.ward.clone()? })
}

fn sections(
    look: &Look<'_>,
    r: &PatientRecord,
    active: usize,
    stopped: usize,
    outstanding: usize,
    signs: usize,
) -> Sections {
    let at = &r.as_at;
    let active_flags = r.flags.iter().filter(|f| f.active).count();
    Sections {
        allergies: look.section(
            "allergies",
            "Allergies",
            listed(r.allergies.list.len()),
            at.allergies.as_ref(),
        ),
        flags: look.section("alerts", "Alerts", format!("{active_flags} active"), at.flags.as_ref()),
        medicines: look.section(
            "medicines",
            "Medicines",
            format!("{active} active, {stopped} stopped"),
            at.medications.as_ref(),
        ),
        reports: look.section(
            "results",
            "Results",
            counted(r.reports.len(), "report", "reports"),
            at.reports.as_ref(),
        ),
        signs: look.section(
            "signs",
            "Vital signs and observations",
            counted(signs, "kind", "kinds"),
            at.observations.as_ref(),
        ),
        orders: look.section("orders", "Orders outstanding", listed(outstanding), at.orders.as_ref()),
        conditions: look.section(
            "conditions",
            "Conditions",
            listed(r.conditions.len()),
            at.conditions.as_ref(),
        ),
        documents: look.section("documents", "Documents", listed(r.documents.len()), at.documents.as_ref()),
        encounters: look.section(
            "stays",
            "Stays and visits",
            listed(r.encounters.len()),
            at.encounters.as_ref(),
        ),
        appointments: look.section(
            "appointments",
            "Appointments",
            listed(r.appointments.len()),
            at.appointments.as_ref(),
        ),
        person: look.section("person", "Person and contacts", String::new(), at.who()),
    }
}

/// How long a list is.
fn listed(n: usize) -> String {
    if n == 0 { "none listed".to_owned() } else { n.to_string() }
}

fn allergies(look: &Look<'_>, r: &PatientRecord) -> Vec<AllergyLine> {
    let mut list: Vec<_> = r.allergies.list.iter().collect();
    list.sort_by_key(|a| std::cmp::Reverse(a.severity));
    list.into_iter()
        .map(|a| AllergyLine {
            substance: if a.substance.is_empty() { a.code.clone() } else { a.substance.clone() },
            words: [
                a.severity.map(|s| format!("Severity: {}", format!("{s:?}").to_lowercase())),
                Some(format!("Reaction: {}", or_not_recorded(Some(&a.reaction)).to_lowercase_first())),
                (!a.category.is_empty()).then(|| a.category.clone()),
                (!a.verification.is_empty()).then(|| a.verification.clone()),
            ]
            .into_iter()
            .flatten()
            .collect(),
            as_at: look.stamp_fact(a.cite.as_ref()),
            entry: a.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}

/// What to do when no substance can be listed.
fn allergy_advice(knowledge: AllergyKnowledge) -> &'static str {
    match knowledge {
        AllergyKnowledge::Known => {
            "No substance is named. Ask the patient or their relatives before giving anything."
        }
        AllergyKnowledge::NoneKnown => {
            "Somebody recorded that there are none known. Ask again before giving anything new."
        }
        AllergyKnowledge::NotRecorded | AllergyKnowledge::Unavailable => {
            "This does not mean that there are none. Ask the patient or their relatives before giving anything."
        }
    }
}

fn flags(look: &Look<'_>, r: &PatientRecord) -> Vec<FlagLine> {
    r.flags
        .iter()
        .map(|f| FlagLine {
            tag: flag_tag(f.kind, &f.text),
            active: f.active,
            as_at: look.stamp_fact(f.cite.as_ref()),
            entry: f.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}

/// "Not recorded" inside a sentence reads "not recorded"; what a sender wrote stays as sent.
trait LowercaseFirst {
    fn to_lowercase_first(self) -> String;
}

impl LowercaseFirst for String {
    fn to_lowercase_first(self) -> String {
        if self == "Not recorded" { "not recorded".to_owned() } else { self }
    }
}
