//! How this browser wants its pages: night mode, single-key shortcuts. Kept in cookies, for no patient and no person.

use crate::desk::Visit;
use crate::forms::Posted;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use serde::Deserialize;

/// The switch's form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Switches {
    night: String,
    keys: String,
    back: String,
}

/// `POST /view`
pub async fn set(_visit: Visit, Posted(form): Posted<Switches>) -> Response {
    let form = form.unwrap_or_default();
    let mut response = Redirect::to(own_address(&form.back)).into_response();
    for (name, value) in [("lifeboat_night", form.night.as_str()), ("lifeboat_keys", form.keys.as_str())] {
        let set = match value {
            "on" => format!("{name}=on; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"),
            "off" => format!("{name}=off; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"),
            _ => continue,
        };
        if let Ok(value) = http::HeaderValue::from_str(&set) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

/// Only an address of this site: a path that begins with one slash and names no other host.
pub fn own_address(back: &str) -> &str {
    // Browsers drop tabs and the like from an address before they read it: "/<tab>/evil.example" is another host.
    let printable = back.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    let plain = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    if plain && printable { back } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_address;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        for (back, goes) in [
            ("/patients/3", "/patients/3"),
            ("//evil.example/x", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{b}/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_address(back), goes, "{back}");
        }
    }
}
