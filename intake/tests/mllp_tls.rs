//! The MLLP listener over TLS: a sender with the right certificate is answered in order, everybody else is not heard at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{Behaviour, Running, framed, message, run};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Papers = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// An authority of its own.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate of that authority for that name.
fn papers(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> Papers {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    (vec![certificate.der().clone()], key.into())
}

fn roots(authority: &CertifiedIssuer<'static, KeyPair>) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    Arc::new(roots)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A listener that takes senders of that authority; of any, and of none, when `everybody` (the planted bug).
async fn listener(authority: &CertifiedIssuer<'static, KeyPair>, everybody: bool) -> Running {
    let (chain, key) = papers(authority, "localhost");
    let builder =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = if everybody {
        builder.with_no_client_auth().with_single_cert(chain, key)
    } else {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots(authority), provider()).build().unwrap();
        builder.with_client_cert_verifier(verifier).with_single_cert(chain, key)
    };
    let config = Arc::new(config.unwrap());
    run(Behaviour::Honest, |door| door.tls = Some(config)).await
}

/// A sender that knows that authority and shows these papers.
async fn sender(
    running: &Running,
    authority: &CertifiedIssuer<'static, KeyPair>,
    shown: Option<Papers>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(authority));
    let config = match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let stream = TcpStream::connect(running.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Everything that comes back on one message; nothing when the sender was not heard.
async fn answer(connected: std::io::Result<TlsStream<TcpStream>>, count: usize) -> String {
    let Ok(mut stream) = connected else { return String::new() };
    let all: Vec<u8> = (0..count).flat_map(|n| framed(&message(&format!("m{n}")))).collect();
    if stream.write_all(&all).await.is_err() {
        return String::new();
    }
    let mut heard = Vec::new();
    let reading = async {
        // Frames are counted, since the listener keeps the line open.
        while heard.windows(2).filter(|end| **end == *b"\x1C\r").count() < count {
            match stream.read_buf(&mut heard).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reading).await.expect("neither an answer nor an end came");
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_certificate_is_answered_in_order_and_a_stranger_s_is_not_heard() {
    let (house, stranger) = (authority(), authority());
    let running = listener(&house, false).await;
    let right = sender(&running, &house, Some(papers(&house, "pas.feed.lifeboat"))).await;
    let text = answer(right, 50).await;
    let codes: Vec<&str> = text.split('\r').filter(|line| line.starts_with("MSA|")).collect();
    let wanted: Vec<String> = (0..50).map(|n| format!("MSA|AA|m{n}")).collect();
    assert_eq!(codes, wanted, "{text}");
    assert_eq!(running.trial.kept().len(), 50);
    let wrong = sender(&running, &house, Some(papers(&stranger, "pas.feed.lifeboat"))).await;
    assert_eq!(answer(wrong, 1).await, "", "a certificate of another authority");
    assert_eq!(answer(sender(&running, &house, None).await, 1).await, "", "no certificate at all");
    // Plain MLLP is not taken for a greeting.
    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(&framed(&message("plain"))).await.unwrap();
    let mut heard = Vec::new();
    let _ = plain.read_to_end(&mut heard).await;
    assert!(!String::from_utf8_lossy(&heard).contains("MSA"));
    assert_eq!(running.trial.kept().len(), 50, "nothing of theirs was kept");
    // A listener that asks nobody for a certificate would be seen.
    let open = listener(&house, true).await;
    assert!(answer(sender(&open, &house, None).await, 1).await.contains("MSA|AA|m0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_only_hold_the_line_keep_no_laboratory_out() {
    let house = authority();
    let (chain, key) = papers(&house, "localhost");
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(&house), provider()).build().unwrap();
    let builder =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap());
    let running = run(Behaviour::Honest, |door| {
        door.tls = Some(config);
        door.limits.connections_max = 16;
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(TcpStream::connect(running.address).await.unwrap());
    }
    let right = sender(&running, &house, Some(papers(&house, "pas.feed.lifeboat"))).await;
    assert!(answer(right, 1).await.contains("MSA|AA|m0"));
    drop(idle);
}
