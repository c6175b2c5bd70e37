//! The way to an S3-compatible store: `object_store` over the house's own HTTP client, with ring.
//!
//! Always: every request has a ceiling in time; certificates are checked against roots built into the program, or the
//! ones the hospital names. Never: a second HTTP client or TLS library, credentials guessed from the environment or
//! from a cloud's own address. Called by `public_desk`; proved by `tests/public_page.rs` against a server that checks
//! every signature.

use crate::config::PublicPage;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_MS_MAX: u64 = 8_000;
/// Longest wait for the answer to one request.
const ANSWER_MS_MAX: u64 = 30_000;
/// Largest answer read, in bytes: a listing of a thousand objects is a fifth of this.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Retries of one request, within [`RETRY_MS_MAX`]; after that the whole push is tried again later.
const RETRIES_MAX: usize = 2;
/// Longest time spent on one request and its retries.
const RETRY_MS_MAX: u64 = 60_000;

/// The store that the configuration names, or a sentence why it cannot be used. Opens no connection.
pub fn store(page: &PublicPage) -> Result<Option<Arc<dyn ObjectStore>>, String> {
    let Some(part) = &page.store else { return Ok(None) };
    let secret = page.secret()?;
    let line = Line::new(page.certificates()?.as_deref())?;
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(200),
        max_backoff: Duration::from_secs(5),
        base: 2.0,
    };
    let made = AmazonS3Builder::new()
        .with_endpoint(&part.endpoint)
        .with_bucket_name(&part.bucket)
        .with_region(&part.region)
        .with_access_key_id(&part.access_key)
        .with_secret_access_key(secret.as_str())
        .with_allow_http(true)
        .with_virtual_hosted_style_request(false)
        // One request an object: not every store understands many at once.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig {
            backoff,
            max_retries: RETRIES_MAX,
            retry_timeout: Duration::from_millis(RETRY_MS_MAX),
        })
        .with_http_connector(line)
        .build()
        .map_err(|e| format!("public_page.store cannot be used: {e}"))?;
    if part.prefix.is_empty() {
        return Ok(Some(Arc::new(made)));
    }
    Ok(Some(Arc::new(PrefixStore::new(made, part.prefix.as_str()))))
}

/// The house's HTTP client, as `object_store` wants it.
#[derive(Clone)]
struct Line {
    client: Client<HttpsConnector<Tcp>, HttpRequestBody>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    fn new(ca_pem: Option<&[u8]>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        match ca_pem {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    let certificate = certificate.map_err(|e| format!("the store's ca_file: {e}"))?;
                    roots.add(certificate).map_err(|e| format!("the store's ca_file: {e}"))?;
                }
                if roots.is_empty() {
                    return Err("the store's ca_file holds no certificate".to_owned());
                }
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_millis(CONNECT_MS_MAX)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { client })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.client.request(request).await.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Interrupted };
            HttpError::new(kind, error)
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body: Bytes = body.map_err(|e| HttpError::new_boxed(HttpErrorKind::Interrupted, e))?.to_bytes();
        let body = http_body_util::Full::new(body).map_err(|never| match never {});
        Ok(HttpResponse::from_parts(head, HttpResponseBody::new(body)))
    }
}

#[async_trait::async_trait]
impl HttpService for Line {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asked = tokio::time::timeout(Duration::from_millis(ANSWER_MS_MAX), self.ask(request)).await;
        asked.unwrap_or_else(|late| Err(HttpError::new(HttpErrorKind::Timeout, late)))
    }
}

impl HttpConnector for Line {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
