//! `GET /who`, `POST /who`: who is at this screen, remembered by the browser and put on every form.
//!
//! Always: whoever decides something signs it, and the form shows as whom before it is sent. Never: a proof of who it
//! is; what is remembered here saves typing, nothing more.
//! Read by every page through `Visit`; proved by `tests/who.rs`.

use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted};
use crate::headers::cookie;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::view::own_address;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use incident::Person;
use serde::Deserialize;

const COOKIE: &str = "lifeboat_who";
/// Longer than any shift: whoever comes next is asked again.
const REMEMBERED_SECONDS: u32 = 14 * 60 * 60;

/// Who this browser says is at the screen.
pub fn remembered(headers: &HeaderMap) -> Option<Person> {
    Person::new(&read(cookie(headers, COOKIE)?)?)
}

/// Puts the cookie on an answer: `None` forgets who it was.
pub fn remember(response: &mut Response, who: Option<&Person>) {
    let set = match who {
        Some(person) => {
            let value = written(person.as_str());
            format!("{COOKIE}={value}; Path=/; Max-Age={REMEMBERED_SECONDS}; HttpOnly; SameSite=Strict")
        }
        None => format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"),
    };
    if let Ok(value) = HeaderValue::from_str(&set) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// A name as hexadecimal digits: a cookie's value may hold little else safely.
fn written(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read(value: &str) -> Option<String> {
    let digits = value.as_bytes();
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

/// After a form that somebody signed: the next page, and the name kept for the next form.
pub struct Signed {
    /// Where to look next: "/log?done=entry".
    pub to: String,
    /// Who signed.
    pub who: Person,
}

impl IntoPage for Signed {
    fn into_page(self) -> Result<Response, Mishap> {
        let mut response = Redirect::to(&self.to).into_response();
        remember(&mut response, Some(&self.who));
        Ok(response)
    }
}

#[derive(Template)]
#[template(path = "who/page.html")]
struct WhoPage {
    layout: Layout,
    back: String,
}

/// `?back=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    back: String,
}

/// `GET /who`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let back = own_address(&asked.back).to_owned();
        Ok(Html(WhoPage { layout: Layout::new(look, "Who is at this screen?", Here::Nowhere), back }))
    })
    .await
}

/// The form; an empty name forgets who it was.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WhoForm {
    by: String,
    back: String,
}

/// `POST /who`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<WhoForm>) -> Response {
    desk.page(visit, move |_: &Look<'_>| {
        let form = form?;
        let mut response = Redirect::to(own_address(&form.back)).into_response();
        remember(&mut response, Person::new(&form.by).as_ref());
        Ok(response)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_its_cookie() {
        for name in ["Anna Bell", "Ørjan; Path=/", "\"quoted\"", "Siân"] {
            let mut response = Response::default();
            remember(&mut response, Person::new(name).as_ref());
            let set = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
            let (pair, _) = set.split_once(';').unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(http::header::COOKIE, HeaderValue::from_str(pair).unwrap());
            assert_eq!(remembered(&headers), Person::new(name));
        }
        for odd in ["", "4", "zz", "ff", "4a4", "0a0d"] {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::COOKIE, HeaderValue::from_str(&format!("{COOKIE}={odd}")).unwrap());
            assert_eq!(remembered(&headers), None, "{odd}");
        }
    }
}
