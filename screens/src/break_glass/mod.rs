//! `GET`, `POST /break-glass/{patient}`: seeing one patient outside one's rights: what it means, why, and then their page.
//!
//! Always: sealed and on the disk before the way to the patient is shown; where that cannot be, the glass stays shut, and the
//! page says how care goes on without it. Never: more of the patient before than a search shows; a form for who needs none.
//! Reached from the page that says "outside your rights"; proved by `tests/break_glass.rs`.

pub mod told;

use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::doors::place_of;
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::patient_address;
use crate::ward_list::page::born;
use access::Patient;
use access::break_glass::{Intent, MINUTES, Reason};
use access::people::{Place, Spot};
use access::rights::{Answer, Right};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use care::{PatientKey, PatientRecord};
use control_room::Recording;
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "break_glass/page.html")]
struct BreakGlassPage {
    layout: Layout,
    refused: Option<String>,
    /// Nothing can be recorded: said before anybody types.
    frozen: Option<String>,
    key: u64,
    /// As far as a search shows it.
    named: Option<Named>,
    minutes: i64,
    until: String,
    /// Its place in the list, as it is offered, whether it was chosen.
    reasons: Vec<(usize, String, bool)>,
    words: String,
}

/// Whom a search would show, and where.
struct Named {
    name: String,
    born: String,
    nhs: String,
    place: String,
}

/// `GET /break-glass/{patient}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(patient): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let record = record(look, &patient)?;
        if !needed(look, &record)? {
            return GoTo(patient_address(record.key)).into_page();
        }
        Html(page(look, &record, &Typed::default(), None)).into_page()
    })
    .await
}

/// `POST /break-glass/{patient}`: `reason` is its place in the list, `words` what was typed.
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(patient): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let record = record(look, &patient)?;
        // Pressed twice, or theirs by now: they are where they want to be.
        if !needed(look, &record)? {
            return GoTo(patient_address(record.key)).into_page();
        }
        match break_it(look, &record, &typed) {
            Ok(()) => GoTo(format!("{}?done=glass", patient_address(record.key))).into_page(),
            Err(mishap) => {
                let (why, status) = stays_shut(look, &record, mishap)?;
                FormAgain { page: page(look, &record, &typed, Some(why)), status }.into_page()
            }
        }
    })
    .await
}

fn record(look: &Look<'_>, patient: &str) -> Result<Arc<PatientRecord>, Mishap> {
    let key = PatientKey(patient.parse().map_err(|_| Mishap::no_patient())?);
    let record = look.screens().room.patient(key).map_err(Mishap::room("see where this patient lies"))?;
    record.ok_or_else(Mishap::no_patient)
}

/// Whether this patient opens to them by broken glass alone, and none is broken yet.
fn needed(look: &Look<'_>, record: &PatientRecord) -> Result<bool, Mishap> {
    // Where nobody has to sign in every record is open.
    let Some(visitor) = look.visit.visitor() else { return Ok(false) };
    let (spot, patient) = (place_of(record), Some(Patient(record.key.0)));
    let asked = (Right::Look, "/patients/{key}");
    match look.access().may(Some(visitor), asked, (&spot, patient), look.now) {
        Answer::Allowed { .. } => Ok(false),
        Answer::NeedsBreakGlass(_) => Ok(true),
        Answer::Refused(words) => Err(Mishap::NotYours(words)),
    }
}

/// Sealed and synced once this returns.
fn break_it(look: &Look<'_>, record: &PatientRecord, typed: &Typed) -> Result<(), Mishap> {
    let chosen = typed.number("reason").and_then(|number| usize::try_from(number).ok());
    let reason = chosen.and_then(|number| Reason::ALL.into_iter().nth(number.checked_sub(1)?));
    let reason = reason.ok_or_else(|| Mishap::Refused("Choose the reason that comes nearest.".to_owned()))?;
    let device = look.visit.door.device;
    let device = device.ok_or_else(|| Mishap::SignIn("Sign in on this browser first.".to_owned()))?;
    let intent = Intent::Break {
        patient: Patient(record.key.0),
        place: place(&place_of(record)),
        reason,
        words: typed.text("words").to_owned(),
        device,
        from: look.visit.door.from.clone(),
    };
    look.admit("break the glass", intent)?;
    look.saw([record.key]);
    Ok(())
}

/// Which ward is told.
fn place(spot: &Spot) -> Option<Place> {
    match spot {
        Spot::Ward(site, ward) => Some(Place { site: site.clone(), ward: Some(ward.clone()) }),
        Spot::Site(site) => Some(Place { site: site.clone(), ward: None }),
        Spot::Trust | Spot::Nowhere => None,
    }
}

/// Why it was not broken, for the top of the form. What cannot be recorded is not opened; the words say what to do instead.
fn stays_shut(
    look: &Look<'_>,
    record: &PatientRecord,
    mishap: Mishap,
) -> Result<(String, StatusCode), Mishap> {
    match mishap {
        Mishap::CannotRecord { cause } | Mishap::Fault { cause, .. } => {
            let reference = look.desk.reference();
            tracing::error!(reference, cause, "broken glass could not be recorded");
            let words = format!(
                "{} Then call whoever looks after Lifeboat (reference {reference}).",
                without_it(look, record)
            );
            Ok((words, StatusCode::SERVICE_UNAVAILABLE))
        }
        other => look.form_again(other),
    }
}

/// How care goes on while no glass can be broken.
fn without_it(look: &Look<'_>, record: &PatientRecord) -> String {
    let ward = match place_of(record) {
        Spot::Ward(site, ward) if may_find(look) => format!("{ward} at {site}"),
        _ => "the ward where they lie".to_owned(),
    };
    format!(
        "Broken glass cannot be recorded now, so it stays shut and nothing was shown. Do not wait for it: ring {ward} and \
         have somebody who works there read it to you or print this patient's sheets; their own pages work. Their paper \
         pack says the same."
    )
}

/// What is said before anybody types, while the book of access takes nothing.
fn frozen(look: &Look<'_>, record: &PatientRecord) -> Option<String> {
    let opened = look.screens().room.status().opened;
    let (recording, _) = look.access().recording(opened);
    (recording != Recording::Recording).then(|| without_it(look, record))
}

/// Whether a search would show them who lies where.
fn may_find(look: &Look<'_>) -> bool {
    let asked = (Right::Look, "/find");
    look.access().may(look.visit.visitor(), asked, (&Spot::Trust, None), look.now).allowed()
}

fn page(look: &Look<'_>, record: &PatientRecord, typed: &Typed, refused: Option<String>) -> BreakGlassPage {
    let named = may_find(look).then(|| {
        look.saw([record.key]);
        Named {
            name: record
                .name
                .as_ref()
                .map_or_else(|| "NAME NOT RECORDED".to_owned(), care::PersonName::banner),
            born: born(look, record.birth_date),
            nhs: record.nhs_number().map_or_else(|| "Not recorded".to_owned(), |number| number.to_string()),
            place: match place_of(record) {
                Spot::Trust | Spot::Nowhere => "on no ward".to_owned(),
                spot => spot.to_string(),
            },
        }
    });
    let reasons = (1usize..).zip(Reason::ALL);
    BreakGlassPage {
        layout: Layout::new(look, "Break the glass", Here::Nowhere).still(),
        frozen: if refused.is_some() { None } else { frozen(look, record) },
        refused,
        key: record.key.0,
        named,
        minutes: MINUTES,
        until: look.zone().hour_minute(look.now.plus_seconds(MINUTES * 60)),
        reasons: reasons
            .map(|(number, reason)| {
                let chosen = typed.has("reason", &number.to_string());
                (number, crate::names::capital(reason.words()), chosen)
            })
            .collect(),
        words: typed.text("words").to_owned(),
    }
}
