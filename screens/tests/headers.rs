//! Every address carries the security headers; no page holds anything inline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use common::{get, post};
use fixture::Hospital;
use http::StatusCode;
use screens::{POLICY, Transport, routes};

/// An address that can be asked for, from each route's pattern. A new parameter must be named here.
pub fn concrete(pattern: &str) -> String {
    let known = [
        ("{site}", "Northgate%20General"),
        ("{ward}", "AMU"),
        ("{key}", "1"),
        ("{index}", "0"),
        ("{code}", "K7Q2"),
        ("{id}", "1"),
        ("{number}", "1"),
        ("{incident}", "1"),
        ("{report}", "1"),
        ("{system}", "1"),
        ("{role}", "site-manager"),
        ("{entry}", "1"),
        ("{file}", "lifeboat.css"),
        ("{feed}", "pas"),
        ("{deed}", "again"),
        ("{person}", "0"),
        ("{link}", "AAAAAQAAAAA"),
        ("{sheet}", "wall.pdf"),
        ("{name}", "Dialysis"),
        ("{way}", "passphrase"),
        ("{patient}", "1"),
    ];
    let address = known.iter().fold(pattern.to_owned(), |a, (name, value)| a.replace(name, value));
    assert!(!address.contains('{'), "no example for a part of {pattern}");
    address
}

/// What is wrong with a page under the strict content policy; empty when nothing is.
fn inline_content(html: &str) -> Vec<String> {
    let lower = html.to_lowercase();
    let mut found = Vec::new();
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or("");
        if tag.starts_with("style") || (tag.starts_with("script") && !tag.contains("src=\"/assets/")) {
            found.push(tag.to_owned());
        }
        // Quoted values are taken out first: a patient may be called anything.
        let names: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        if names.split_whitespace().any(|n| (n.starts_with("on") && n.ends_with('=')) || n == "style=") {
            found.push(tag.to_owned());
        }
        if tag.contains("\"javascript:")
            || tag.contains("\"data:")
            || tag.contains("\"http:")
            || tag.contains("\"https:")
        {
            found.push(tag.to_owned());
        }
    }
    found
}

#[tokio::test]
async fn every_route_carries_the_headers_and_nothing_inline() {
    let hospital = Hospital::full();
    let router = hospital.router();
    for route in routes() {
        let address = concrete(route.address);
        let mut answers = Vec::new();
        // The live stream never ends, so only its refusal is asked for here.
        if route.get {
            answers.push(get(&router, &address).await);
        }
        if route.post {
            answers.push(post(&router, &address, &[("by", "X"), ("message", "MSH|^~\\&|<b>")]).await);
        }
        assert!(route.get || route.post, "{} takes nothing", route.address);
        for answer in answers {
            let policy = answer.header("content-security-policy");
            assert!(policy == POLICY || policy.contains("sandbox"), "{address}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{address}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{address}");
            if route.address == "/assets/{file}" {
                assert!(answer.header("cache-control").contains("immutable"));
            } else {
                assert_eq!(answer.header("cache-control"), "no-store", "{address}");
            }
            if answer.header("content-type").starts_with("text/html") {
                assert_eq!(inline_content(&answer.text()), Vec::<String>::new(), "{address}");
            }
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{address}");
        }
    }
    assert_eq!(get(&router, "/nowhere").await.header("content-security-policy"), POLICY);
}

/// What an answer says of TLS: the header, and whether its cookie is kept to it.
async fn says_of_tls(router: &axum::Router) -> (String, bool) {
    let page = get(router, "/wards").await;
    let switched = post(router, "/view", &[("night", "on")]).await;
    let kept = switched.header("set-cookie").split("; ").any(|part| part == "Secure");
    (page.header("strict-transport-security").to_owned(), kept)
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_alone_where_they_came_by_it_and_only_there() {
    let router = Hospital::full().router();
    assert_eq!(says_of_tls(&router).await, (String::new(), false), "in clear they could never come back");
    let by_tls = router.layer(axum::Extension(Transport::Tls));
    assert_eq!(says_of_tls(&by_tls).await, ("max-age=15552000".to_owned(), true));
}

#[test]
fn the_policy_allows_own_things_only() {
    assert!(POLICY.starts_with("default-src 'none'"));
    for word in ["unsafe", "data:", "http", "*", "blob"] {
        assert!(!POLICY.contains(word), "{word}");
    }
}

#[test]
fn planted_inline_content_is_found() {
    for planted in [
        "<p style=\"color:red\">",
        "<script>x</script>",
        "<img src=\"/a\" onerror=\"x\">",
        "<style>p{}</style>",
        "<a href=\"javascript:x\">",
        "<script src=\"https://cdn.example/x.js\">",
    ] {
        assert!(!inline_content(planted).is_empty(), "{planted}");
    }
    assert!(inline_content("<p title=\"onerror=x style=y\">").is_empty());
}

#[test]
fn templates_never_switch_escaping_off() {
    fn templates(dir: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                templates(&path, found);
            } else if path.extension().is_some_and(|e| e == "html") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    templates(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 15);
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let squeezed: String = text.split_whitespace().collect();
        for word in ["|safe", "{%autoescape", "|escape(\"none", "{%filter"] {
            assert!(!squeezed.contains(word), "{} holds {word}", path.display());
        }
    }
}
