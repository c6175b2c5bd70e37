//! The sheet with the square code by which a tablet or terminal is enrolled: on the screen, and in big type on paper.
//!
//! Always: what the device will be, until when the code is good, and the same code in letters for what has no camera. Never:
//! shown a second time; whoever loses it makes another.

use super::list::described;
use super::pending::Wanted;
use crate::desk::{Html, IntoPage, Look};
use crate::handed::Screens;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::parts::qr::Qr;
use access::secrets::Code;
use askama::Template;
use axum::response::Response;
use http::{HeaderMap, Uri, header};

#[derive(Template)]
#[template(path = "devices/code.html")]
struct CodePage {
    layout: Layout,
    label: String,
    words: String,
    qr: Option<Qr>,
    /// "https://lifeboat.example/enrol/"
    stem: String,
    letters: String,
    until: String,
    authority: Option<String>,
    /// The address is good on this machine alone.
    local: bool,
}

/// The fingerprint of the certificate authority that the tablet should be shown, in words. The seam for the transport: it
/// alone knows its certificates. When it hands its words over with [`Screens`], return them here; the sheet prints them.
fn authority_words(_: &Screens) -> Option<String> {
    None
}

/// By which name this browser reached Lifeboat: "lifeboat.example:8443".
pub(super) fn host(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let said = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let text = said.or(uri.authority().map(http::uri::Authority::as_str))?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    (!text.is_empty() && text.len() <= 255 && text.bytes().all(plain)).then(|| text.to_owned())
}

fn local(host: &str) -> bool {
    let name = host
        .strip_prefix('[')
        .map_or_else(|| host.split(':').next().unwrap_or(""), |rest| rest.split(']').next().unwrap_or(""));
    name == "localhost" || name == "::1" || name.starts_with("127.")
}

/// Opens an enrolment and shows its code, once.
pub(super) fn sheet(
    look: &Look<'_>,
    wanted: Wanted,
    code: &Code,
    host: Option<String>,
) -> Result<Response, Mishap> {
    let host = host.ok_or_else(|| {
        Mishap::Refused(
            "This browser did not say by which address it reached Lifeboat, so no code can lead there. Open Lifeboat by its \
             name and try again."
                .to_owned(),
        )
    })?;
    let scheme = if look.visit.door.secure { "https" } else { "http" };
    let (stem, letters) = (format!("{scheme}://{host}/enrol/"), code.printed().to_string());
    let owner = wanted.owner.as_ref().map(|number| look.access().read(|book| book.people.name(number)));
    let (label, words) =
        (wanted.label.clone(), described(wanted.kind.words(), wanted.place.as_ref(), owner.as_deref()));
    let until = look.desk.enrolments().open(code, wanted, look.now).map_err(Mishap::Refused)?;
    Html(CodePage {
        layout: Layout::new(look, format!("Enrol {label}"), Here::Nowhere),
        qr: Qr::new(&format!("{stem}{letters}"), "Square code that opens the enrolment of this device"),
        local: local(&host),
        until: look.zone().clinical(until),
        authority: authority_words(look.screens()),
        label,
        words,
        stem,
        letters,
    })
    .into_page()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_leads_a_tablet_nowhere_is_known() {
        for (host, is) in [
            ("localhost:8080", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("lifeboat.example", false),
            ("10.1.4.7:8080", false),
            ("[fd00::1]:8080", false),
        ] {
            assert_eq!(local(host), is, "{host}");
        }
    }

    #[test]
    fn only_an_address_is_taken_for_one() {
        for (said, want) in [
            ("lifeboat.example:8443", Some("lifeboat.example:8443")),
            ("a b", None),
            ("x/y", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, http::HeaderValue::from_str(said).unwrap());
            assert_eq!(host(&headers, &Uri::from_static("/devices")).as_deref(), want, "{said}");
        }
    }
}
