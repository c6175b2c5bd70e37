//! `GET` and `POST /incidents/{id}/methane`: the opening report and its correction.
//!
//! Always: a correction that crosses another one comes back with what the other says beside each heading, so that nobody
//! overwrites in the dark; earlier reports stay and are listed.

use super::declare::signed_as;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::EntryNumber;
use incident::IncidentId;
use incident::methane::{Intent, Methane};

/// One heading of the report as a form shows it.
pub struct Heading {
    pub field: &'static str,
    pub letter: char,
    pub heading: &'static str,
    pub hint: &'static str,
    pub value: String,
    /// What somebody else wrote there meanwhile.
    pub now: String,
}

/// A heading as it is read.
pub struct Said {
    pub letter: char,
    pub heading: &'static str,
    /// Empty when not known yet.
    pub text: String,
}

const FIELDS: [(&str, &str); 7] = [
    ("m_major", "Is it declared, and by whom? “Critical incident declared 14:40 by A Bell”"),
    ("m_exact", "Which sites, buildings, networks? “Newham and Royal London, all PCs on the trust network”"),
    ("m_type", "“Ransomware: screens locked, files renamed”"),
    ("m_hazards", "Present and expected: “spreading between PCs; drug cupboards may lose power”"),
    ("m_access", "Which ways still work? “Direct lines and bleeps work, switchboard down, email dead”"),
    ("m_number", "People affected so far, as far as is known: “about 40 in ED, theatres stopped”"),
    ("m_services", "Told or needed: “ambulance service told 14:50; police needed”"),
];

/// The report as it was typed.
pub fn report(typed: &Typed) -> Methane {
    let text = |field: &str| typed.text(field).trim().to_owned();
    Methane {
        major_incident: text("m_major"),
        exact_location: text("m_exact"),
        incident_type: text("m_type"),
        hazards: text("m_hazards"),
        access: text("m_access"),
        number_of_casualties: text("m_number"),
        emergency_services: text("m_services"),
    }
}

/// The headings as they were typed, beside what somebody else wrote meanwhile.
pub fn headings(typed: &Typed, meanwhile: Option<&Methane>) -> Vec<Heading> {
    let typed = report(typed);
    let now = |at: usize| meanwhile.and_then(|m| m.headings().get(at).map(|h| h.2.to_owned()));
    FIELDS
        .iter()
        .zip(typed.headings())
        .enumerate()
        .map(|(at, ((field, hint), (letter, heading, value)))| Heading {
            field,
            letter,
            heading,
            hint,
            value: value.to_owned(),
            now: now(at).filter(|now| now != value).unwrap_or_default(),
        })
        .collect()
}

/// The report to be read.
pub fn said(report: &Methane) -> Vec<Said> {
    let said =
        |(letter, heading, text): (char, &'static str, &str)| Said { letter, heading, text: text.to_owned() };
    report.headings().into_iter().map(said).collect()
}

#[derive(Template)]
#[template(path = "incident/methane.html")]
struct MethanePage {
    layout: Layout,
    refused: Option<String>,
    id: u32,
    name: String,
    headings: Vec<Heading>,
    /// The report that this form corrects; 0 for none.
    corrects: u64,
    /// Who wrote the current report and when.
    current: Option<(String, Stamp)>,
    /// Somebody changed it while this was typed.
    meanwhile: bool,
    earlier: Vec<(Stamp, String, u64)>,
    earlier_words: String,
}

/// `GET /incidents/{id}/methane`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id, None, None).map(Html)).await
}

/// `POST /incidents/{id}/methane`
pub async fn send(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(send_now(look, id, &typed), |why| page(look, id, Some(typed), Some(why)))
    })
    .await
}

fn send_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let corrects = typed.number("corrects").filter(|n| *n > 0).map(EntryNumber);
    let intent = Intent::Report { incident: IncidentId(id), report: report(typed), corrects };
    look.decide("write the METHANE report", intent, &who)?;
    Ok(Signed { to: format!("/incidents/{id}?done=methane"), who })
}

fn page(
    look: &Look<'_>,
    id: u32,
    typed: Option<Typed>,
    refused: Option<String>,
) -> Result<MethanePage, Mishap> {
    let mut layout = Layout::of_incident(look, "METHANE", Beside::Incident).still();
    if let Some(typed) = &typed {
        signed_as(&mut layout, typed);
    }
    with_incident(look, id, |_, incident| {
        let current = incident.methane.current();
        let entry = current.map_or(0, |(stamp, _)| stamp.entry.0);
        let meanwhile = typed.as_ref().is_some_and(|t| t.number("corrects").unwrap_or(0) != entry);
        let headings = match &typed {
            Some(typed) => headings(typed, current.filter(|_| meanwhile).map(|(_, report)| report)),
            None => filled(current.map(|(_, report)| report)),
        };
        let reports = incident.methane.all();
        let earlier = reports.iter().rev().skip(1);
        MethanePage {
            layout: layout.on(incident.ground()),
            refused,
            id,
            name: incident.name.clone(),
            headings,
            corrects: entry,
            current: current.map(|(stamp, _)| (stamp.by.to_string(), look.stamp(stamp.at))),
            meanwhile,
            earlier: earlier.map(|(s, _)| (look.stamp(s.at), s.by.to_string(), s.entry.0)).collect(),
            earlier_words: counted(reports.len().saturating_sub(1), "earlier report", "earlier reports"),
        }
    })
}

/// The headings filled with what holds now.
fn filled(current: Option<&Methane>) -> Vec<Heading> {
    let mut headings = headings(&Typed::default(), None);
    if let Some(report) = current {
        for (heading, (_, _, text)) in headings.iter_mut().zip(report.headings()) {
            text.clone_into(&mut heading.value);
        }
    }
    headings
}
