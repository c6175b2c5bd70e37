//! On which terms a door speaks TLS: 1.3 and 1.2 by ring's suites, and whose certificates it takes.
//!
//! Always: the certificate of the house's own authority is the only one that counts, and time is the program's own clock.
//! Never: a sender taken for another because both were given certificates: the name must be theirs.

use super::authority::is_of_sender;
use super::{Authority, ServerPapers};
use crate::failure::Failure;
use basics::Clock;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
};
use std::sync::Arc;
use std::time::Duration;

/// The pages' door: a certificate is asked for, since feeds may be posted by one, and nobody needs any.
///
/// # Errors
/// The authority cannot be used.
pub fn of_pages(
    authority: &Authority,
    papers: Arc<ServerPapers>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, Failure> {
    let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots()?, provider())
        .allow_unauthenticated()
        .build()
        .map_err(|e| unusable(&e.to_string()))?;
    let mut config = config(verifier, papers, clock)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A feed's own door: senders of that name alone.
///
/// # Errors
/// The authority cannot be used.
pub fn of_feed(
    authority: &Authority,
    papers: Arc<ServerPapers>,
    clock: Arc<dyn Clock>,
    sender: &str,
) -> Result<Arc<ServerConfig>, Failure> {
    let chain = WebPkiClientVerifier::builder_with_provider(authority.roots()?, provider())
        .build()
        .map_err(|e| unusable(&e.to_string()))?;
    let verifier = Arc::new(NamedSender { chain, name: sender.to_owned() });
    Ok(Arc::new(config(verifier, papers, clock)?))
}

fn config(
    verifier: Arc<dyn ClientCertVerifier>,
    papers: Arc<ServerPapers>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, Failure> {
    Ok(ServerConfig::builder_with_details(provider(), Arc::new(HouseTime(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(&e.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(papers))
}

fn unusable(why: &str) -> Failure {
    Failure::failed(format!("TLS cannot be used with this authority: {why}"))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The program's clock, as TLS asks for it.
struct HouseTime(Arc<dyn Clock>);

impl std::fmt::Debug for HouseTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HouseTime")
    }
}

impl TimeProvider for HouseTime {
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from(self.0.now().milliseconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// Takes whoever the authority gave a certificate of that name.
#[derive(Debug)]
struct NamedSender {
    chain: Arc<dyn ClientCertVerifier>,
    name: String,
}

impl ClientCertVerifier for NamedSender {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        match is_of_sender(end_entity, &self.name) {
            true => Ok(verified),
            false => Err(Error::InvalidCertificate(CertificateError::NotValidForName)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
