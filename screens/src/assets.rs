//! Style sheets, scripts and pictures: carried in the program, so that a page needs nothing from anywhere else.
//!
//! Each is asked for with a mark of its contents, so a browser may keep it for ever and still never shows an old one.
//! Vendored files keep their licences beside them in `screens/assets`.

use crate::desk::{Desk, Look, Visit};
use crate::mishap::Mishap;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::header;

#[derive(rust_embed::RustEmbed)]
#[folder = "assets"]
struct Files;

/// The address of an asset, with the mark of its contents.
pub fn address(file: &str) -> String {
    format!("/assets/{file}?v={}", mark(file).unwrap_or_default())
}

/// The first eight hexadecimal digits of the file's SHA-256.
fn mark(file: &str) -> Option<String> {
    let hash = Files::get(file)?.metadata.sha256_hash();
    Some(hash.iter().take(4).map(|b| format!("{b:02x}")).collect())
}

/// `GET /assets/{file}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(file): Path<String>) -> Response {
    let Some(found) = Files::get(&file) else {
        return desk.page(visit, |_: &Look<'_>| Err::<Response, _>(Mishap::no_page())).await;
    };
    let mut response = Response::new(Body::from(found.data.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(media_type(&file)));
    headers
        .insert(header::CACHE_CONTROL, http::HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}
