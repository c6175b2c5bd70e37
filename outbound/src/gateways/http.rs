//! One small HTTP client for every gateway that speaks it: one request, one answer, every ceiling named.
//!
//! Always: says whether the request can have reached the gateway, because everything that follows hangs on that; an
//! answer is read to a ceiling and no further; certificates are checked against roots built into the program, or the
//! ones the hospital names. Never: a request repeated by itself, a redirect followed, a proxy guessed from the
//! environment. Called by `notify` and `webhook`; proved by `tests/contract.rs`.

use crate::Fault;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Largest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Longest wait for a connection.
const CONNECT_MS_MAX: u64 = 8_000;
/// Unused connections are kept so long.
const IDLE_MS_MAX: u64 = 20_000;

pub(super) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// What became of a request.
pub(super) enum Reply {
    /// An answer, whole.
    Answered(Answer),
    /// It certainly never reached the gateway.
    NeverLeft(String),
    /// It may have; there was no whole answer.
    Lost(String),
}

pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON, if it is that.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// `Retry-After` in seconds, as milliseconds. (A date there is not honoured: clocks differ on the day.)
    pub fn retry_after_ms(&self) -> Option<u64> {
        let text = self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse::<u64>().ok().map(|seconds| seconds.min(86_400) * 1_000)
    }
}

impl HttpClient {
    /// `ca_pem`: the certificates to trust instead of the public ones; for a gateway inside the hospital.
    pub fn new(gateway: &str, ca_pem: Option<&[u8]>) -> Result<Self, Fault> {
        let fault = |why: String| Fault::Setup { gateway: gateway.to_owned(), why };
        let mut roots = RootCertStore::empty();
        match ca_pem {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    let certificate = certificate.map_err(|e| fault(format!("its certificate file: {e}")))?;
                    roots.add(certificate).map_err(|e| fault(format!("its certificate file: {e}")))?;
                }
                if roots.is_empty() {
                    return Err(fault("its certificate file holds no certificate".to_owned()));
                }
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| fault(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_millis(CONNECT_MS_MAX)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_millis(IDLE_MS_MAX))
            .pool_timer(hyper_util::rt::TokioTimer::new())
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self { client })
    }

    /// One request, one answer.
    pub async fn send(&self, method: Method, url: &str, headers: HeaderMap, body: Vec<u8>) -> Reply {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        match url.parse::<Uri>() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(e) => return Reply::NeverLeft(format!("the address cannot be used: {e}")),
        }
        let response = match self.client.request(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Reply::NeverLeft(format!("no connection: {}", innermost(&error)));
            }
            Err(error) => {
                return Reply::Lost(format!(
                    "the connection broke before an answer came: {}",
                    innermost(&error)
                ));
            }
        };
        let (head, body) = response.into_parts();
        match Limited::new(body, ANSWER_BYTES_MAX).collect().await {
            Ok(body) => {
                Reply::Answered(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
            }
            Err(error) => Reply::Lost(format!("the answer ({}) was cut short: {error}", head.status)),
        }
    }
}

/// Whether an address is one that requests can go to: http or https, a host, no user or fragment in it.
pub(super) fn base_url(gateway: &str, url: &str) -> Result<String, Fault> {
    let fault = |why: &str| Fault::Setup { gateway: gateway.to_owned(), why: format!("its address {why}") };
    let uri: Uri = url.parse().map_err(|_| fault("is not an address"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.as_str().contains('@') => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        (Some("http" | "https"), _) => Err(fault("must not hold a user or a password")),
        _ => Err(fault("must begin with https://")),
    }
}

/// The last cause of an error: the one that tells people something.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
