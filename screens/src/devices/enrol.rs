//! `GET`, `POST /enrol/{code}`: what a tablet shows that opened its square code, and the button that enrols it.
//!
//! Always: in the name of whoever made the code, by the rules as they are at that moment; the browser is known from then on by
//! its own cookie. A code whose enrolment was refused or could not be recorded is as good as before; a device whose answer was
//! lost on the way is told that it is enrolled. Never: a revoked device under its old secret; a browser enrolled without a
//! press of the button, for cameras and messengers open addresses by themselves.

use super::list::{described, words};
use super::pending::NoGood;
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::doors::{barred, cookies};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::devices::Intent;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use control_room::AccessRoom;
use http::StatusCode;

#[derive(Template)]
#[template(path = "devices/enrol.html")]
struct EnrolPage {
    layout: Layout,
    /// Why this code enrols nothing.
    why: Option<String>,
    /// What the device is, once it is enrolled.
    done: Option<String>,
    /// What it will be.
    wanted: Option<Offered>,
}

struct Offered {
    code: String,
    label: String,
    words: String,
    by: String,
    until: String,
}

fn page(look: &Look<'_>, code: &str) -> Result<Response, Mishap> {
    let enrolments = look.desk.enrolments();
    let layout = Layout::new(look, "Enrol this device", Here::Nowhere);
    let empty = EnrolPage { layout, why: None, done: None, wanted: None };
    if let Some(label) = look.visit.door.device.and_then(|device| enrolments.used_by(code, &device)) {
        return Html(EnrolPage { done: Some(label), ..empty }).into_page();
    }
    let (wanted, until) = match enrolments.shown(code, look.now) {
        Ok(found) => found,
        Err(no_good) => return refused(look, &no_good),
    };
    if let Some(words) = already(look) {
        return FormAgain { page: EnrolPage { why: Some(words), ..empty }, status: StatusCode::CONFLICT }
            .into_page();
    }
    let owner = wanted.owner.as_ref().map(|number| look.access().read(|book| book.people.name(number)));
    let offered = Offered {
        code: crate::names::encoded(code),
        words: described(wanted.kind.words(), wanted.place.as_ref(), owner.as_deref()),
        label: wanted.label,
        by: wanted.by_name,
        until: look.zone().hour_minute(until),
    };
    Html(EnrolPage { wanted: Some(offered), ..empty }).into_page()
}

fn refused(look: &Look<'_>, no_good: &NoGood) -> Result<Response, Mishap> {
    let status = match no_good {
        NoGood::Slip(_) | NoGood::Unknown => StatusCode::NOT_FOUND,
        NoGood::Used { .. } | NoGood::Expired { .. } | NoGood::Withdrawn { .. } => StatusCode::GONE,
    };
    let layout = Layout::new(look, "This code enrols nothing", Here::Nowhere);
    let why = Some(no_good.words(look.zone()));
    FormAgain { page: EnrolPage { layout, why, done: None, wanted: None }, status }.into_page()
}

/// What is said where this browser is an enrolled device already.
fn already(look: &Look<'_>) -> Option<String> {
    look.access().read(|book| {
        let device = book.devices.enrolled(look.visit.door.device.as_ref()?)?;
        Some(format!(
            "This device is {} already ({}). If it is to be another, IT revokes it first; then open the code once more.",
            device.label,
            words(book, device)
        ))
    })
}

/// `GET /enrol/{code}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(code): Path<String>) -> Response {
    desk.page(visit, move |look| page(look, &code)).await
}

/// `POST /enrol/{code}`
pub async fn set(State(desk): State<Desk>, visit: Visit, Path(code): Path<String>) -> Response {
    desk.page(visit, move |look| enrolled(look, &code)).await
}

fn enrolled(look: &Look<'_>, code: &str) -> Result<Response, Mishap> {
    let enrolments = look.desk.enrolments();
    let door = &look.visit.door;
    if let Err(no_good @ (NoGood::Slip(_) | NoGood::Unknown)) = enrolments.shown(code, look.now) {
        return refused(look, &no_good);
    }
    let here = format!("/enrol/{}", crate::names::encoded(code));
    let Some(own) = door.device else {
        return Err(Mishap::Refused(
            "This browser keeps no cookies, and so it cannot be known again. Allow cookies for Lifeboat, leave private \
             browsing, and open the code once more; it is still good."
                .to_owned(),
        ));
    };
    if enrolments.used_by(code, &own).is_some() || already(look).is_some() {
        return page(look, code);
    }
    // What was revoked stays revoked: the browser is given a new secret.
    let revoked = look.access().read(|book| book.devices.device(&own).is_some());
    let fresh = match revoked {
        true => Some(look.access().fresh_token().map_err(Mishap::room("make this device a new secret"))?),
        false => None,
    };
    let device = fresh.as_ref().map_or(own, |token| AccessRoom::device_of(token.as_str()));
    let wanted = match enrolments.take(code, device, look.now) {
        Ok(wanted) => wanted,
        Err(no_good) => return refused(look, &no_good),
    };
    let by = wanted.by;
    let (label, kind, place, owner) = (wanted.label, wanted.kind, wanted.place, wanted.owner);
    let intent = Intent::Enrol { device, label, kind, place, owner };
    if let Err(why) = look.access().submit(intent, &by, look.now) {
        enrolments.give_back(code, &device);
        return Err(barred("enrol this device")(why));
    }
    let mut response = Redirect::to(&here).into_response();
    if let Some(token) = fresh {
        cookies::keep_device(response.headers_mut(), token.as_str(), door.secure);
    }
    Ok(response)
}
