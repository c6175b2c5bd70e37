//! `GET /patients/{key}/documents/{index}`: a document's bytes, to be saved and opened by the reader's own program.
//!
//! Never shown inside a page, whatever the sender calls it: a document may carry scripts. Only types on a short list
//! keep their name; everything else leaves as plain bytes.

use crate::desk::{Desk, Visit};
use crate::mishap::Mishap;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use care::PatientKey;
use http::{HeaderValue, header};

/// `GET /patients/{key}/documents/{index}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path((key, index)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let unknown = || Mishap::NotFound {
            what: "This patient's record has no such document.".to_owned(),
            next: "It may have been withdrawn by its sender. Go back to the patient and look at Documents.",
        };
        let key_number: u64 = key.parse().map_err(|_| unknown())?;
        let number: usize = index.parse().map_err(|_| unknown())?;
        let found = look
            .screens()
            .room
            .document(PatientKey(key_number), number)
            .map_err(Mishap::room("read that document"))?;
        let (mime, bytes) = found.ok_or_else(unknown)?;
        look.saw_by_key([PatientKey(key_number)]);
        let (mime, extension) = safe_type(&mime);
        let mut response = Response::new(Body::from(bytes));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
        let name = format!("attachment; filename=\"document-{key_number}-{number}.{extension}\"");
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).map_err(|e| Mishap::fault("name the document", e))?,
        );
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
        );
        Ok(response)
    })
    .await
}

fn safe_type(mime: &str) -> (&'static str, &'static str) {
    match mime.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "application/pdf" => ("application/pdf", "pdf"),
        "application/rtf" | "text/rtf" => ("application/rtf", "rtf"),
        "text/plain" => ("text/plain; charset=utf-8", "txt"),
        "image/png" => ("image/png", "png"),
        "image/jpeg" => ("image/jpeg", "jpg"),
        "image/tiff" => ("image/tiff", "tiff"),
        _ => ("application/octet-stream", "bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::safe_type;

    #[test]
    fn active_content_leaves_as_plain_bytes() {
        for (mime, served) in [
            ("text/html", "application/octet-stream"),
            ("image/svg+xml", "application/octet-stream"),
            ("Application/PDF; name=x", "application/pdf"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(safe_type(mime).0, served, "{mime}");
        }
    }
}
