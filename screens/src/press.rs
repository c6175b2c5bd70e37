//! What the pages print themselves: papers of an incident, inked when somebody asks for them.
//!
//! Always: the letterhead says which incident, when, and up to which entry of the book the paper speaks. Called by the
//! pages of action cards and sitreps; proved by their tests.

use crate::desk::Look;
use crate::mishap::Mishap;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use incident::{Incident, IncidentBook};
use paper::{Letterhead, Rendered};

/// The head and foot of a paper about an incident, or about none.
pub fn letterhead(look: &Look<'_>, book: &IncidentBook, incident: Option<&Incident>) -> Letterhead {
    let watermark = incident.and_then(Incident::watermark).map(str::to_owned);
    Letterhead {
        trust: look.screens().trust.clone(),
        incident: incident.map_or_else(String::new, |i| format!("{}, {}", i.name, i.words())),
        printed: look.now,
        watermark: watermark.or_else(|| look.screens().watermark.clone()),
        record: if book.last_entry.0 > 0 {
            format!("incident book up to entry {}", book.last_entry)
        } else {
            String::new()
        },
    }
}

/// A finished PDF, to be shown by the browser. The file's name holds the moment.
///
/// # Errors
/// `Mishap::NotPrintable` when it could not be laid out or inked.
pub fn pdf(
    look: &Look<'_>,
    rendered: Result<Rendered, paper::Fault>,
    name: &str,
) -> Result<Response, Mishap> {
    let rendered = rendered.map_err(|fault| Mishap::NotPrintable(fault.to_string()))?;
    file(look, rendered.pdf, "application/pdf", "inline", &format!("{name}.pdf"))
}

/// A file to be shown (`inline`) or saved (`attachment`); the moment goes into its name: "sitrep-3.txt" becomes
/// "sitrep-3-14-Jul-2026-16-05.txt".
///
/// # Errors
/// `Mishap::Fault` when the name cannot stand in a header.
pub fn file(
    look: &Look<'_>,
    bytes: Vec<u8>,
    kind: &'static str,
    how: &str,
    name: &str,
) -> Result<Response, Mishap> {
    let stamp = look.zone().clinical(look.now).replace([' ', ':'], "-");
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = HeaderValue::from_str(&format!("{how}; filename=\"{plain}-{stamp}.{ending}\""))
        .map_err(|e| Mishap::fault("name the file", e))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}
