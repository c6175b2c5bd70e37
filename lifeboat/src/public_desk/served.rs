//! An edition as it is answered with: every header and the compressed bytes made beforehand.
//!
//! Called by the public's door; proved by the tests below and by `tests/public_page.rs`.

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use public_page::Edition;
use public_page::store::{CACHE, content_type};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;

/// Smaller files are not worth compressing, in bytes.
const COMPRESS_BYTES_MIN: usize = 512;
/// What a browser may do with a page: show it, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Every file of an edition, ready.
#[derive(Default)]
pub struct Served {
    files: HashMap<String, File>,
}

struct File {
    plain: Variant,
    gzip: Option<Variant>,
}

struct Variant {
    headers: HeaderMap,
    tag: HeaderValue,
    bytes: Bytes,
}

impl Served {
    /// Makes headers and compressed bytes of every file.
    pub fn of(edition: &Edition) -> Self {
        let mut files = HashMap::with_capacity(edition.files.len());
        for (path, bytes) in &edition.files {
            let plain = Variant::new(path, bytes.clone(), None);
            let gzip = (bytes.len() >= COMPRESS_BYTES_MIN).then(|| compressed(bytes)).flatten();
            let gzip = gzip.filter(|small| small.len() < bytes.len());
            let gzip = gzip.map(|small| Variant::new(path, small, Some("gzip")));
            files.insert(path.clone(), File { plain, gzip });
        }
        Self { files }
    }
}

impl Variant {
    fn new(path: &str, bytes: Vec<u8>, encoding: Option<&'static str>) -> Self {
        let digest: String = Sha256::digest(&bytes).iter().take(12).map(|b| format!("{b:02x}")).collect();
        let tag =
            HeaderValue::from_str(&format!("\"{digest}\"")).unwrap_or_else(|_| HeaderValue::from_static(""));
        let mut headers = HeaderMap::with_capacity(10);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Self { headers, tag, bytes: Bytes::from(bytes) }
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// The answer to a question, whatever it is.
pub fn answer<B>(served: &Served, request: &Request<B>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refused = words(StatusCode::METHOD_NOT_ALLOWED, "This page can only be read.");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    if served.files.is_empty() {
        let mut wait =
            words(StatusCode::SERVICE_UNAVAILABLE, "The page is being made. Try again in a moment.");
        wait.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        return wait;
    }
    let path = match request.uri().path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(file) = served.files.get(path) else {
        return words(
            StatusCode::NOT_FOUND,
            "There is no such page. The newest update is at the first page: /",
        );
    };
    let variant = match &file.gzip {
        Some(gzip) if takes_gzip(request.headers()) => gzip,
        _ => &file.plain,
    };
    let unchanged = has_it(request.headers(), &variant.tag);
    let mut response = Response::new(Full::new(if unchanged { Bytes::new() } else { variant.bytes.clone() }));
    *response.headers_mut() = variant.headers.clone();
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response
}

fn words(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|choice| {
            let mut parts = choice.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            let refused = parts.any(|part| {
                part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            });
            named && !refused
        })
    })
}

fn has_it(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or("\"\"");
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|t| t == "*" || t.strip_prefix("W/").unwrap_or(t) == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use http_body_util::BodyExt;
    use std::io::Read;

    fn served() -> Served {
        let long = "All services are open. ".repeat(100);
        let files = [("index.html", long.as_str()), ("summary.json", "{}")];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec();
        Served::of(&Edition { exercise: false, withdrawn: 0, files })
    }

    fn ask(method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Response<Full<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        answer(&served(), &request.body(()).unwrap())
    }

    async fn body(response: Response<Full<Bytes>>) -> Vec<u8> {
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test]
    async fn a_file_is_answered_whole_compressed_or_not_at_all() {
        let plain = ask(Method::GET, "/", &[]);
        assert_eq!(plain.status(), StatusCode::OK);
        assert_eq!(plain.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let tag = plain.headers()[header::ETAG].to_str().unwrap().to_owned();
        let text = body(plain).await;
        let gzip = ask(Method::GET, "/index.html?x=1", &[(header::ACCEPT_ENCODING, "br, gzip;q=0.8")]);
        assert_eq!(gzip.headers()[header::CONTENT_ENCODING], "gzip");
        let other_tag = gzip.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_ne!(tag, other_tag);
        let small = body(gzip).await;
        let mut back = Vec::new();
        GzDecoder::new(small.as_slice()).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        for (seen, status) in [(tag.as_str(), 304), (&format!("W/{tag}"), 304), ("*", 304), (&other_tag, 200)]
        {
            let again = ask(Method::GET, "/", &[(header::IF_NONE_MATCH, seen)]);
            assert_eq!(again.status().as_u16(), status, "{seen}");
            assert_eq!(body(again).await.is_empty(), status == 304);
        }
        let refused = ask(Method::GET, "/", &[(header::ACCEPT_ENCODING, "gzip;q=0")]);
        assert!(!refused.headers().contains_key(header::CONTENT_ENCODING));
    }

    #[test]
    fn nothing_else_is_there() {
        let paths = ["/wards", "/../index.html", "/%2e%2e/x", "/live", "//", "/index.html/", "/log", "/mode"];
        for path in paths {
            let status = ask(Method::GET, path, &[]).status();
            // "//" is the first page under another name.
            assert_eq!(status.as_u16(), if path == "//" { 200 } else { 404 }, "{path}");
        }
        let post = ask(Method::POST, "/", &[]);
        assert_eq!(
            (post.status().as_u16(), &post.headers()[header::ALLOW]),
            (405, &HeaderValue::from_static("GET, HEAD"))
        );
        let empty = answer(&Served::default(), &Request::builder().uri("/").body(()).unwrap());
        assert_eq!(empty.status().as_u16(), 503);
    }
}
