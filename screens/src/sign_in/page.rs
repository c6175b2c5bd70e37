//! `GET /sign-in`, `GET /sign-in/{way}`, `POST /sign-in/{way}`: four ways in, each a short form.
//!
//! Always: the first field that is empty is ready to be typed into; a session of somebody else at this screen is locked, not
//! ended, when the next one signs in.

use super::answer::{NO_COOKIE, Why, let_in, way_back};
use super::demo::{self, Row};
use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::StaffNumber;
use access::secrets::Typed;
use access::sign_in::Attempt;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

/// A way in that has a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Passphrase and the code of a phone.
    Passphrase,
    /// Shift card and PIN.
    Card,
    /// For the first time.
    Invitation,
    /// Passphrase and a recovery code.
    Recovery,
}

/// Each with its part of the address and what people call it.
const WAYS: [(Way, &str, &str); 4] = [
    (Way::Passphrase, "passphrase", "Passphrase and code"),
    (Way::Card, "card", "Shift card and PIN"),
    (Way::Invitation, "invitation", "Invitation: my first time"),
    (Way::Recovery, "recovery", "Recovery code: my phone is lost"),
];

impl Way {
    fn read(part: &str) -> Option<Self> {
        WAYS.iter().find(|(_, known, _)| *known == part).map(|(way, ..)| *way)
    }
}

/// A link to a way.
struct Tab {
    part: &'static str,
    words: &'static str,
    here: bool,
}

#[derive(Template)]
#[template(path = "sign_in/page.html")]
struct SignInPage {
    layout: Layout,
    way: Way,
    tabs: Vec<Tab>,
    /// There are no accounts: every page is open.
    open: bool,
    /// Who is in already.
    inside: Option<String>,
    /// A session at this screen is locked.
    locked: bool,
    why_out: Option<String>,
    why: Option<String>,
    kept: Kept,
    demonstration: bool,
    people: Vec<Row>,
}

/// What stays on the page when a try failed.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The staff number.
    pub number: String,
    /// Where they wanted to go.
    pub back: String,
    /// Two codes were typed.
    pub two_codes: bool,
}

/// `?back=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    back: String,
}

/// `GET /sign-in`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, Way::Passphrase, kept(&asked), None)))).await
}

/// `GET /sign-in/{way}`
pub async fn show_way(
    State(desk): State<Desk>,
    visit: Visit,
    Path(way): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let way = Way::read(&way).ok_or_else(Mishap::no_page)?;
        Ok(Html(page(look, way, kept(&asked), None)))
    })
    .await
}

fn kept(asked: &Question) -> Kept {
    Kept { back: way_back(&asked.back).to_owned(), ..Kept::default() }
}

fn page(look: &Look<'_>, way: Way, kept: Kept, why: Option<String>) -> SignInPage {
    let door = &look.visit.door;
    let tab = |(this, part, words): (Way, &'static str, &'static str)| Tab { part, words, here: this == way };
    SignInPage {
        layout: Layout::new(look, "Sign in", Here::Nowhere).still(),
        way,
        tabs: WAYS.map(tab).into_iter().collect(),
        open: !door.shut,
        inside: door.visitor.as_ref().map(|visitor| visitor.account.name.to_string()),
        locked: door.locked.is_some(),
        why_out: door.why_out.clone(),
        why,
        kept,
        demonstration: look.screens().demo.is_some(),
        people: demo::rows(look),
    }
}

/// Everything that a form of the door may send. Not `Debug`: most of it is secret.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignInForm {
    number: String,
    passphrase: String,
    code: String,
    next_code: String,
    card: String,
    pin: String,
    back: String,
}

/// `POST /sign-in/{way}`
pub async fn take(
    State(desk): State<Desk>,
    visit: Visit,
    Path(way): Path<String>,
    Posted(form): Posted<SignInForm>,
) -> Response {
    desk.page(visit, move |look| {
        if way == "demo" {
            let form = form?;
            return demo::take(look, &form.number, way_back(&form.back));
        }
        let way = Way::read(&way).ok_or_else(Mishap::no_page)?;
        tried(look, way, form?)
    })
    .await
}

fn tried(look: &Look<'_>, way: Way, form: SignInForm) -> Result<Response, Mishap> {
    let number = StaffNumber::new(&form.number);
    let kept = Kept {
        number: number.as_ref().map_or_else(String::new, ToString::to_string),
        back: way_back(&form.back).to_owned(),
        two_codes: !form.next_code.trim().is_empty(),
    };
    // What is no staff number is nobody's, and costs as much time as anybody's.
    let number = number.or_else(|| StaffNumber::new("UNKNOWN")).ok_or_else(Mishap::no_page)?;
    let attempt = attempt(way, number, form);
    // Whoever comes for the first time sets up how they get in before anything else.
    let to = if way == Way::Invitation { "/me".to_owned() } else { kept.back.clone() };
    through(look, (way, kept), &attempt, &to)
}

fn attempt(way: Way, number: StaffNumber, form: SignInForm) -> Attempt {
    let SignInForm { passphrase, code, next_code, card, pin, .. } = form;
    let (passphrase, code) = (Typed::new(passphrase), Typed::new(code));
    match way {
        Way::Passphrase => {
            let next_code = (!next_code.trim().is_empty()).then(|| Typed::new(next_code));
            Attempt::Passphrase { number, passphrase, code, next_code }
        }
        Way::Recovery => Attempt::Recovery { number, passphrase, code },
        Way::Card => Attempt::Card { text: Typed::new(card), pin: Typed::new(pin) },
        Way::Invitation => Attempt::Invitation { number, code },
    }
}

/// Through the door, or the page again with why not.
///
/// # Errors
/// A fault: nothing can be recorded.
pub fn through(
    look: &Look<'_>,
    (way, kept): (Way, Kept),
    attempt: &Attempt,
    to: &str,
) -> Result<Response, Mishap> {
    let door = &look.visit.door;
    if !door.shut {
        return Html(page(look, way, kept, None)).into_page();
    }
    let why = match door.at_door() {
        None => Why::said(NO_COOKIE, StatusCode::BAD_REQUEST),
        Some(at) => match look.access().sign_in(attempt, &at, look.now) {
            Ok(signed) => return Ok(let_in(look, &signed, to)),
            Err(not_in) => Why::of(look, not_in)?,
        },
    };
    again(look, (way, kept), &why)
}

/// The page once more, with why nobody is in yet.
///
/// # Errors
/// A page that cannot be filled.
pub fn again(look: &Look<'_>, (way, kept): (Way, Kept), why: &Why) -> Result<Response, Mishap> {
    let response = Html(page(look, way, kept, Some(why.words.clone()))).into_page()?;
    Ok(why.on(response))
}
