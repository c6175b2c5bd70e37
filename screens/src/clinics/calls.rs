//! `GET`, `POST /clinics/calls`: whom a person must ring, with numbers, what to say, and one press for what came of it.
//!
//! Always: whoever is booked soonest first, with how often it was tried; the script asks who it is before anything is said.

use super::row::Patient;
use super::{Place, Question, board, decide, key_of};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::clinics::wanted::Telling;
use care::clinics::{BookingKey, CallOutcome, Preference, ToldHow};
use care::notices::{Channel, Format, Language};
use control_room::{NoticePlan, ToCall};

/// People shown on one page; the rest are counted.
const SHOWN_MAX: usize = 30;

#[derive(Template)]
#[template(path = "clinics/calls.html")]
struct CallsPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    calls: Vec<Call>,
    on_wards: usize,
    total: usize,
    door: String,
}

struct Call {
    patient: Patient,
    keys: Vec<String>,
    bookings: Vec<(String, String)>,
    numbers: Vec<(String, String)>,
    why: String,
    attempts: u32,
    on_ward: bool,
    script: Vec<String>,
    language: String,
}

/// `GET /clinics/calls`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", &asked.site, "/clinics/calls")?;
        Ok(Html(page(look, place, None)?))
    })
    .await
}

fn page(look: &Look<'_>, place: Place, refused: Option<String>) -> Result<CallsPage, Mishap> {
    let room = &look.screens().room;
    let plan: NoticePlan = room
        .clinic_notices(place.on.ground, place.site.as_ref(), look.now)
        .map_err(Mishap::room("plan calls"))?;
    Ok(CallsPage {
        links: board::links(&place),
        refused,
        total: plan.calls.len(),
        on_wards: plan.calls.iter().filter(|c| c.on_ward).count(),
        calls: plan.calls.iter().take(SHOWN_MAX).map(|c| call(look, &place, c)).collect(),
        door: place.address("/clinics/door", ""),
        layout: Layout::of_incident(look, "Calls to make", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

fn call(look: &Look<'_>, place: &Place, call: &ToCall) -> Call {
    let bookings = call.bookings.iter().map(|(key, handled)| {
        let booking = &handled.booking;
        let message = handled.to_tell().map_or("", care::notices::Message::word);
        let words = format!("{}, {}: {message}", look.zone().clinical(booking.start), booking.list());
        (place.booking_address(key), words)
    });
    Call {
        patient: Patient::new(look, &call.record),
        keys: call.bookings.iter().map(|(key, _)| key.text()).collect(),
        bookings: bookings.collect(),
        numbers: call.numbers.iter().map(|n| (n.clone(), n.replace(' ', ""))).collect(),
        why: call.why.clone(),
        attempts: call.attempts,
        on_ward: call.on_ward,
        script: call.script.iter().map(|p| p.text().to_owned()).collect(),
        language: call.record.language.clone().unwrap_or_default(),
    }
}

/// `POST /clinics/calls`: `outcome` is `spoke`, `no-answer`, `wrong`; with `prefer` the patient's wishes.
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = || Place::new(look, typed.text("incident"), "", typed.text("site"), "/clinics/calls");
        look.answered(decided(look, &place()?, &typed), |why| page(look, place()?, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let keys: Vec<BookingKey> = typed.all("booking").map(key_of).collect::<Result<_, _>>()?;
    look.saw(keys.iter().map(|key| key.patient));
    let (outcome, done) = match typed.text("outcome") {
        "spoke" => (CallOutcome::Spoke, "clinic-spoke"),
        "no-answer" => (CallOutcome::NoAnswer, "clinic-no-answer"),
        "wrong" => (CallOutcome::WrongNumber, "clinic-no-answer"),
        _ => return Err(Mishap::Refused("Choose what came of it.".to_owned())),
    };
    let how = if typed.text("ward").is_empty() { ToldHow::Call } else { ToldHow::Ward };
    let first = keys.first().map(|key| key.patient);
    let intent = Telling::Speak {
        keys,
        how,
        outcome,
        number: typed.text("number").to_owned(),
        note: typed.text("note").to_owned(),
    };
    decide(look, place, "note a call", intent, &who)?;
    if let (Some(patient), Some(preference)) = (first, preference(typed)) {
        // The same wish again is no news, and no fault.
        match decide(look, place, "note a wish", Telling::Prefer { patient, preference }, &who) {
            Ok(_) | Err(Mishap::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    let to = typed.text("back");
    let to = if to == "door" { "/clinics/door" } else { "/clinics/calls" };
    Ok(Signed { to: crate::action_cards::step::with_done(&place.address(to, ""), done), who })
}

/// How the patient said they wish to be told; `None` when the form says nothing of it.
fn preference(typed: &Typed) -> Option<Preference> {
    let channel = match typed.text("prefer") {
        "sms" => Some(Channel::Sms),
        "email" => Some(Channel::Email),
        "letter" => Some(Channel::Letter),
        "phone" => Some(Channel::Phone),
        _ => None,
    };
    let language = match typed.text("language") {
        "welsh" => Some(Language::Welsh),
        "english" => Some(Language::English),
        _ => None,
    };
    let format = match typed.text("format") {
        "large" => Format::LargePrint,
        "easy" => Format::EasyRead,
        _ => Format::Standard,
    };
    let number = Some(typed.trimmed("confirmed")).filter(|n| !n.is_empty()).map(|n| basics::tidy(n, 60));
    let said = channel.is_some() || language.is_some() || format != Format::Standard || number.is_some();
    said.then_some(Preference { channel, language, format, number })
}
