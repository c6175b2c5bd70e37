//! Asking the router as a browser would, without a network.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub async fn get(router: &Router, address: &str) -> Answer {
    send(router, Request::get(address).header(header::HOST, "lifeboat.test").body(Body::empty()).unwrap())
        .await
}

pub async fn get_with_cookie(router: &Router, address: &str, cookie: &str) -> Answer {
    let request = Request::get(address).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    send(router, request).await
}

/// A form as a browser without scripts sends it, from our own page.
pub async fn post(router: &Router, address: &str, fields: &[(&str, &str)]) -> Answer {
    post_from(router, address, "http://lifeboat.test", fields).await
}

pub async fn post_from(router: &Router, address: &str, origin: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encoded(v))).collect();
    let request = Request::post(address)
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    send(router, request).await
}

/// A form with a file, as a browser without scripts sends it.
pub async fn post_file(
    router: &Router,
    address: &str,
    fields: &[(&str, &str)],
    (field, file_name, bytes): (&str, &str, &[u8]),
) -> Answer {
    const EDGE: &str = "----edge4711";
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    let head = format!(
        "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\n\
         Content-Type: text/html\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
    let request = Request::post(address)
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .body(Body::from(body))
        .unwrap();
    send(router, request).await
}

pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The words of a page as a reader sees them: tags dropped, entities read, each block on a line of its own.
pub fn words(html: &str) -> String {
    let body =
        html.split_once("<main").map_or(html, |(_, rest)| rest.split_once('>').map_or(rest, |(_, r)| r));
    let body = body.split_once("</main>").map_or(body, |(main, _)| main);
    let mut out = String::new();
    let mut rest = body;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(text);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if ["p", "div", "h1", "h2", "h3", "li", "tr", "dt", "section", "article", "summary", "table", "form"]
            .contains(&name.as_str())
        {
            out.push('\n');
        } else if ["td", "th", "dd", "option", "a", "strong", "span"].contains(&name.as_str()) {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
    let plain = out
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let lines = plain.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}
