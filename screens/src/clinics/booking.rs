//! `GET`, `POST /clinics/bookings/{key}`: one booking: who, why, what is decided, told and done, and everything to do next.
//!
//! Always: class A shows who must agree; what the patient knows stands beside what is so.

use super::row::{Patient, Row, marks};
use super::{Place, Question, board, key_of, no_booking};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::{Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use care::clinics::{Class, Knows};

#[derive(Template)]
#[template(path = "clinics/booking.html")]
struct BookingPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    key: String,
    form_address: String,
    row: Row,
    patient: Patient,
    facts: Vec<(&'static str, String)>,
    marks: Vec<Mark>,
    knows: String,
    class_a: bool,
    /// Who asked to postpone class A, and why.
    asked: Option<(String, String)>,
    decided: bool,
    postponed: bool,
    may_undo: bool,
    history: Vec<(Stamp, String, String, u64)>,
    rule_when_decided: Option<String>,
    seen: u64,
    clinician_min: u32,
    typed_reason: String,
    clinician: String,
    note: String,
    signed_off: String,
    list: String,
    rebooking: String,
}

/// `GET /clinics/bookings/{key}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(key): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", "", "/clinics")?;
        Ok(Html(page(look, place, &key, &Typed::default(), None)?))
    })
    .await
}

fn page(
    look: &Look<'_>,
    place: Place,
    key: &str,
    typed: &Typed,
    refused: Option<String>,
) -> Result<BookingPage, Mishap> {
    let room = &look.screens().room;
    let key = key_of(key)?;
    let found = room.booking(place.on.ground, &key).map_err(Mishap::room("read a booking"))?;
    let found = found.ok_or_else(no_booking)?;
    let handled = found.handled.as_ref();
    let zone = look.zone();
    let row = Row::new(look, &place, &found, None);
    let latest = &found.snapshot.latest;
    let start = found.booking.start.map(|at| zone.clinical(at)).unwrap_or_default();
    let mut facts = vec![
        ("When", start),
        ("Clinic", row.list.clone()),
        ("Hospital", row.site.clone()),
        ("Service", found.booking.service.clone()),
        ("Clinician", found.booking.clinician.clone()),
        ("Reason", found.booking.reason.clone()),
        ("Priority", found.booking.priority.clone()),
        ("Make up for it by", format!("{} ({})", latest.day, latest.why)),
        ("Telephone", row.phones.join(", ")),
        ("Its own system says", found.booking.status.word().to_owned()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    let knows = match handled.map(care::clinics::Handled::knows) {
        None | Some(Knows::AsBooked) => "the booking, and nothing else".to_owned(),
        Some(Knows::Postponed) => "that it is postponed".to_owned(),
        Some(Knows::Rebooked(start)) => format!("the new time, {}", zone.clinical(start)),
        Some(Knows::GoesAhead) => "that it goes ahead".to_owned(),
    };
    let name = control_room::ListName::of(&found.booking, zone, found.booking.start.unwrap_or_default());
    let history = handled.map(|h| h.history.as_slice()).unwrap_or_default().iter().rev();
    let told = handled.is_some_and(|h| h.last_told().is_some());
    Ok(BookingPage {
        links: board::links(&place),
        refused,
        form_address: format!("/clinics/bookings/{}", crate::names::encoded(&key.text())),
        key: key.text(),
        patient: Patient::new(look, &found.record),
        marks: marks(look, &found),
        knows,
        class_a: found.verdict.class == Class::A || handled.is_some_and(|h| h.booking.class == Class::A),
        asked: handled.and_then(|h| h.asked.as_ref()).map(|(s, why)| (s.by.to_string(), why.clone())),
        decided: handled.is_some_and(|h| h.decision.is_some()),
        postponed: handled.is_some_and(care::clinics::Handled::postponed),
        may_undo: !told
            && handled.is_some_and(|h| {
                (h.decision.is_some() || h.asked.is_some() || h.escalation.is_some()) && h.rebooked.is_none()
            }),
        history: history
            .map(|l| (look.stamp(l.stamp.at), l.stamp.by.to_string(), l.words.clone(), l.stamp.entry.0))
            .collect(),
        rule_when_decided: handled.and_then(|h| h.decision.as_ref()).map(|d| d.rule.clone()),
        seen: room
            .clinics()
            .read(|book| book.picture(control_room::practice_of(place.on.ground)).last_entry.0),
        clinician_min: room.clinics().forms.rules.thresholds.clinician_within_min,
        typed_reason: typed.text("reason").to_owned(),
        clinician: typed.text("clinician").to_owned(),
        note: typed.text("note").to_owned(),
        signed_off: typed.text("signed_off").to_owned(),
        list: place.list_address(&name),
        rebooking: place.address("/clinics/rebooking", ""),
        facts,
        row,
        layout: Layout::of_incident(look, "Booking", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

/// `POST /clinics/bookings/{key}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(key): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = || Place::new(look, typed.text("incident"), "", "", "/clinics");
        look.answered(decided(look, &place()?, &key, &typed), |why| {
            page(look, place()?, &key, &typed, Some(why))
        })
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, key: &str, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let done = super::deeds::done(look, place, typed, &who)?;
    let to = place.booking_address(&key_of(key)?);
    Ok(Signed { to: crate::action_cards::step::with_done(&to, done), who })
}
