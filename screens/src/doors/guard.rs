//! The guard: asked at every request, before its page is made.
//!
//! Always: a browser without a secret of its own is given one; what is asked again by itself (a live page) keeps no session
//! awake. A stranger who asks for a page is led to the sign-in and back; a form of theirs is refused. Never: a page made to
//! find out whether it may be shown.

use super::{Door, cookies, spot};
use crate::desk::{Desk, Look, Visit};
use crate::mishap::Mishap;
use crate::view::own_address;
use access::Patient;
use access::people::Spot;
use access::rights::{Answer, Right};
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use control_room::{AccessRoom, Visit as Session};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Lets a request through to its page, or says why not.
pub async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (mut door, fresh) = at_the_door(&desk, &parts);
    let path = RawPathParams::from_request_parts(&mut parts, &()).await;
    let named: BTreeMap<String, String> = path.map_or_else(
        |_| BTreeMap::new(),
        |path| path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    );
    let answer = if door.shut && !door.address.is_empty() {
        let (desk, asked) = (desk.clone(), door.clone());
        tokio::task::spawn_blocking(move || may(&desk, &asked, &named))
            .await
            .unwrap_or_else(|_| Err(Mishap::fault("see whether this page is yours", "the guard panicked")))
    } else {
        Ok((Answer::Allowed { broken: None }, None))
    };
    if let Ok((Answer::Allowed { broken }, _)) = &answer {
        door.broken = *broken;
    }
    let (secure, headers) = (door.secure, parts.headers.clone());
    parts.extensions.insert(door.clone());
    let visit = Visit::of(&parts);
    let mut response = match answer {
        Ok((Answer::Allowed { .. }, _)) => next.run(Request::from_parts(parts, body)).await,
        Ok(refused) => turn_away(desk, visit, &headers, refused).await,
        Err(mishap) => desk.page(visit, |_: &Look<'_>| Err::<Response, _>(mishap)).await,
    };
    if let Some(token) = fresh {
        cookies::keep_device(response.headers_mut(), token.as_str(), secure);
    }
    response
}

/// Whether the page is theirs, and whom it shows.
fn may(
    desk: &Desk,
    door: &Door,
    named: &BTreeMap<String, String>,
) -> Result<(Answer, Option<Patient>), Mishap> {
    let access = desk.screens().room.access();
    let right = if door.form { Right::Do } else { Right::Look };
    let wanted = (right, door.address.as_str());
    let now = desk.screens().clock.now();
    let visitor = door.visitor.as_deref();
    let bounded = access
        .forms
        .rights
        .group(&door.address)
        .is_some_and(|group| group.within != access::people::Within::Trust || !group.glass.is_empty());
    let (spot, patient) = match bounded && visitor.is_some() {
        true => spot::spot(desk, &door.address, named)?,
        false => (Spot::Trust, None),
    };
    Ok((access.may(visitor, wanted, (&spot, patient), now), patient))
}

/// Who is there. With a new secret for a browser that has none.
fn at_the_door(desk: &Desk, parts: &http::request::Parts) -> (Door, Option<control_room::Token>) {
    let access = desk.screens().room.access();
    let mut door = Door {
        shut: access.read(|book| !book.people.is_empty()),
        from: from(parts),
        address: parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned(),
        secure: parts.extensions.get::<crate::handed::Transport>().is_some(),
        form: !matches!(parts.method, Method::GET | Method::HEAD),
        ..Door::default()
    };
    if !door.shut {
        return (door, None);
    }
    let fresh = match cookies::device(&parts.headers) {
        Some(shown) => {
            door.device = Some(AccessRoom::device_of(shown.as_str()));
            None
        }
        None => access.fresh_token().ok(),
    };
    door.tokens = cookies::sessions(&parts.headers);
    if let (Some(device), Some(shown)) = (door.device, door.tokens.first()) {
        let (session, at) = (shown.session(), desk.screens().clock.now());
        let found = match by_itself(&parts.headers, &door.address) {
            true => access.glance(&session, &device, &door.from, at),
            false => access.visit(&session, &device, &door.from, at),
        };
        match found {
            Session::In(visitor) => door.visitor = Some(visitor),
            Session::Locked { number, .. } => door.locked = Some(number),
            Session::Out(why) => door.why_out = why,
        }
    }
    (door, fresh)
}

/// A live page asks again by itself: that is no sign of anybody at the screen. The wallboard hangs where nobody presses
/// anything, and shows no patient: it is never locked while it hangs.
fn by_itself(headers: &HeaderMap, address: &str) -> bool {
    let htmx = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    address == "/live"
        || address != "/wallboard" && htmx("hx-request") == "true" && htmx("hx-trigger") == "live"
}

/// The network address; of IPv6 the /64, because telephones change the rest as they please.
fn from(parts: &http::request::Parts) -> String {
    let address =
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(a)| a.ip().to_canonical());
    match address {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Says no: to the sign-in and back, to the glass, or a page that says whose it is.
async fn turn_away(
    desk: Desk,
    visit: Visit,
    headers: &HeaderMap,
    (answer, patient): (Answer, Option<Patient>),
) -> Response {
    let door = &visit.door;
    if door.visitor.is_none() && !door.form {
        let page = if door.locked.is_some() { "/switch" } else { "/sign-in" };
        let back = match headers.get("hx-current-url").and_then(|value| value.to_str().ok()) {
            Some(url) => path_of(url).to_owned(),
            None => visit.address.clone(),
        };
        let to = match own_address(&back) {
            "/" => page.to_owned(),
            back => format!("{page}?back={}", crate::names::encoded(back)),
        };
        // What a script asked for is led there whole, not put into a part of its page.
        if headers.contains_key("hx-request") {
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            if let Ok(value) = HeaderValue::from_str(&to) {
                response.headers_mut().insert("hx-redirect", value);
            }
            return response;
        }
        return Redirect::to(&to).into_response();
    }
    // A page that stays live and may be seen no longer, as when an hour of broken glass is over, does not stand on: its
    // reader is led to the same address, which says why.
    if headers.contains_key("hx-request") && !door.form {
        let mut response = StatusCode::FORBIDDEN.into_response();
        if let Ok(value) = HeaderValue::from_str(own_address(&visit.address)) {
            response.headers_mut().insert("hx-redirect", value);
        }
        return response;
    }
    let mishap = match answer {
        Answer::NeedsBreakGlass(words) => Mishap::BreakGlass { words, patient },
        Answer::Refused(words) if door.visitor.is_none() => Mishap::SignIn(words),
        Answer::Refused(words) => Mishap::NotYours(words),
        // Allowed is let through.
        Answer::Allowed { .. } => Mishap::no_page(),
    };
    desk.page(visit, |_: &Look<'_>| Err::<Response, _>(mishap)).await
}

/// Path and query of a whole address.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn the_path_of_an_address() {
        for (url, path) in
            [("http://lifeboat:8080/wards?x=1", "/wards?x=1"), ("https://lifeboat", "/"), ("/find", "/find")]
        {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
