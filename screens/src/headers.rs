//! The headers that every answer carries, and the check that a form came from our own page.
//!
//! Always: own scripts, styles and images only, nothing inline, no framing, nothing kept by caches except our assets.
//! Referrers stay within the site but are sent there: with `no-referrer` browsers would send `Origin: null` with our
//! own forms, and the check below would refuse them. Over TLS browsers are told to come by it alone, and every cookie is
//! marked for it; in clear neither is said, for a browser that was told so finds no way back.
//! Proved by `tests/headers.rs`, over every route.

use crate::desk::{Desk, Look, Visit};
use crate::handed::Transport;
use crate::mishap::Mishap;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri};

/// The content security policy of every answer.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// How long a browser comes by TLS alone: half a year, so that it forgets one day what was switched off.
const BY_TLS_ALONE: &str = "max-age=15552000";

/// Puts the headers on, and turns away a form that another site sent.
pub async fn guard(State(desk): State<Desk>, visit: Visit, request: Request, next: Next) -> Response {
    let by_tls = request.extensions().get::<Transport>() == Some(&Transport::Tls);
    let foreign = request.method() == Method::POST && !own_form(request.headers(), request.uri());
    let mut response = if foreign {
        desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::Foreign)).await
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if by_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(BY_TLS_ALONE));
        keep_cookies_to_tls(headers);
    }
    response
}

/// Marks every cookie that is set so that the browser never sends it in clear.
fn keep_cookies_to_tls(headers: &mut HeaderMap) {
    let marked = |set: &HeaderValue| {
        let text = set.to_str().ok().filter(|text| !text.split(';').any(|part| part.trim() == "Secure"))?;
        HeaderValue::from_str(&format!("{text}; Secure")).ok()
    };
    let cookies: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|set| marked(set).unwrap_or_else(|| set.clone()))
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Whether a form was sent from a page of ours. Browsers say where a form comes from; what says nothing at all is no
/// browser, and so no page of another site can have made it send.
fn own_form(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("unreadable"));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).or(uri.authority().map(http::uri::Authority::as_str));
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && origin_host == host
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_is_kept_to_tls_and_marked_once() {
        let mut headers = HeaderMap::new();
        for set in ["a=1; Path=/; HttpOnly", "b=2; Secure; Path=/", "c=Secure; Path=/"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(set));
        }
        keep_cookies_to_tls(&mut headers);
        let sets: Vec<&str> =
            headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(
            sets,
            ["a=1; Path=/; HttpOnly; Secure", "b=2; Secure; Path=/", "c=Secure; Path=/; Secure"]
        );
    }

    #[test]
    fn only_our_own_forms_are_taken() {
        for (pairs, own) in [
            (&[("host", "lifeboat:8080"), ("origin", "http://lifeboat:8080")][..], true),
            (&[("host", "lifeboat:8080"), ("origin", "http://evil.example")], false),
            (&[("host", "lifeboat:8080"), ("origin", "null")], false),
            (&[("host", "lifeboat:8080"), ("origin", "http://lifeboat:8081")], false),
            (&[("host", "lifeboat"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "lifeboat"), ("sec-fetch-site", "cross-site")], false),
            (&[("host", "lifeboat"), ("sec-fetch-site", "same-site"), ("origin", "http://lifeboat")], false),
            (&[("host", "lifeboat")], true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(own_form(&headers, &Uri::from_static("/mode")), own, "{pairs:?}");
        }
    }
}
