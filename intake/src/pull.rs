//! Pulling over HTTP: one request, one answer, every ceiling named. For servers that Lifeboat asks.
//!
//! Always: an answer is read to a ceiling and no further, and within a time; certificates are checked against roots built
//! into the program or those that the hospital names. Never: a redirect followed, a proxy guessed from the environment,
//! or a name and password in an address. Called by `osrm` and by the program for neighbours' reports; proved by
//! `tests/pull.rs`, over real sockets.

use ::http::{Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT_MS_MAX: u64 = 8_000;

/// Ceilings of one pull.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PullLimits {
    /// Largest answer.
    pub answer_bytes_max: usize,
    /// Longest wait for the whole answer.
    pub wait_ms_max: u64,
}

/// Why nothing was pulled: a sentence for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PullFault {
    /// The address cannot be used.
    #[error("the address {address} cannot be used: {why}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The certificates to trust cannot be read.
    #[error("the certificates to trust cannot be read: {0}")]
    Certificates(String),
    /// No connection, or it broke.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// The host asked.
        host: String,
        /// The innermost reason.
        why: String,
    },
    /// It answered with something else than 200.
    #[error("{host} answered {status}")]
    Status {
        /// The host asked.
        host: String,
        /// What it answered.
        status: u16,
    },
    /// The answer was too large or was cut short.
    #[error("the answer of {host} was cut short or is larger than {bytes_max} bytes")]
    TooLarge {
        /// The host asked.
        host: String,
        /// The ceiling.
        bytes_max: usize,
    },
    /// It took too long.
    #[error("{host} has not answered within {seconds} seconds")]
    TooSlow {
        /// The host asked.
        host: String,
        /// The ceiling.
        seconds: u64,
    },
}

/// A client for pulls; cheap to clone.
#[derive(Clone)]
pub struct Puller {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Puller {
    /// `ca_pem`: the certificates to trust instead of the public ones, for a server inside the hospital.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub fn new(ca_pem: Option<&[u8]>) -> Result<Self, PullFault> {
        let fault = |e: &dyn std::fmt::Display| PullFault::Certificates(e.to_string());
        let mut roots = RootCertStore::empty();
        match ca_pem {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    roots.add(certificate.map_err(|e| fault(&e))?).map_err(|e| fault(&e))?;
                }
                if roots.is_empty() {
                    return Err(fault(&"there is none in the file"));
                }
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| fault(&e))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(Duration::from_millis(CONNECT_MS_MAX)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).retry_canceled_requests(false).build(connector);
        Ok(Self { client })
    }

    /// The answer's bytes.
    ///
    /// # Errors
    /// A sentence that names the host.
    pub async fn get(&self, address: &str, limits: PullLimits) -> Result<Bytes, PullFault> {
        let uri = checked(address)?;
        let host = uri.host().unwrap_or_default().to_owned();
        let wait = Duration::from_millis(limits.wait_ms_max);
        match tokio::time::timeout(wait, self.answer(uri, &host, limits)).await {
            Ok(answer) => answer,
            Err(_) => Err(PullFault::TooSlow { host, seconds: limits.wait_ms_max.div_ceil(1000) }),
        }
    }

    async fn answer(&self, uri: Uri, host: &str, limits: PullLimits) -> Result<Bytes, PullFault> {
        let unreachable = |why: &dyn std::error::Error| PullFault::Unreachable {
            host: host.to_owned(),
            why: innermost(why),
        };
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri;
        let agent = ::http::HeaderValue::from_static("lifeboat");
        request.headers_mut().insert(header::USER_AGENT, agent);
        let response = self.client.request(request).await.map_err(|e| unreachable(&e))?;
        let (head, body) = response.into_parts();
        if head.status != StatusCode::OK {
            return Err(PullFault::Status { host: host.to_owned(), status: head.status.as_u16() });
        }
        let bytes_max = limits.answer_bytes_max;
        let body = Limited::new(body, bytes_max).collect().await;
        let cut = |_| PullFault::TooLarge { host: host.to_owned(), bytes_max };
        Ok(body.map_err(cut)?.to_bytes())
    }
}

/// Whether an address is one that can be asked: http or https, a host, no user in it.
///
/// # Errors
/// What is wrong with it.
pub fn checked(address: &str) -> Result<Uri, PullFault> {
    let fault = |why| PullFault::Address { address: address.chars().take(200).collect(), why };
    let uri: Uri = address.parse().map_err(|_| fault("it is not an address"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if !authority.as_str().contains('@') => Ok(uri),
        (Some("http" | "https"), _) => Err(fault("it must not hold a user or a password")),
        _ => Err(fault("it must begin with http:// or https://")),
    }
}

/// The last cause of an error: the one that tells people something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
