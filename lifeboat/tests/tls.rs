//! TLS of Lifeboat's own through the real program: pages by a pinned authority, a redirect for the rest, feeds by certificate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{PROGRAM, adt, json_lines, ok, refused};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

type Papers = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A running program with one feed, "pas"; killed when the test forgets it.
struct House {
    child: Child,
    config: String,
    folder: PathBuf,
    /// "https", "127.0.0.1:…" of the pages, and the feed's listener.
    scheme: String,
    web: String,
    feed: String,
    said: String,
}

impl House {
    fn start(folder: &Path, web: &str, feed: &str) -> Self {
        let path = folder.join("lifeboat.toml");
        let text = format!(
            "data = \"record\"\ntrust = \"Northgate (test)\"\n[web]\nlisten = \"127.0.0.1:0\"\n{web}\n[[feeds]]\n\
             name = \"pas\"\nlisten = \"127.0.0.1:0\"\n{feed}\n"
        );
        std::fs::write(&path, text).unwrap();
        let config = path.to_str().unwrap().to_owned();
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--config", &config]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.env_remove("LIFEBOAT_DATA").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || lines.next().expect("the server ended before it was up").unwrap();
        let (first, second) = (next(), next());
        let (scheme, web) = first.rsplit_once("://").unwrap();
        let scheme = scheme.rsplit(' ').next().unwrap().to_owned();
        let feed = second.split_whitespace().nth(4).unwrap().to_owned();
        let said = if scheme == "https" { next() } else { String::new() };
        Self { child, config, folder: folder.to_owned(), scheme, web: web.trim().to_owned(), feed, said }
    }

    fn ca(&self, arguments: &[&str]) -> String {
        ok(&[&["ca"][..], arguments, &["--config", self.config.as_str()]].concat(), 0)
    }

    /// Its authority, as a device was told of it.
    fn roots(&self) -> Arc<RootCertStore> {
        let pem = self.ca(&["show", "--pem"]);
        roots(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
    }

    /// A certificate that it issued to a sender of that name.
    fn issued(&self, name: &str) -> Papers {
        let out = self.folder.join("issued");
        std::fs::create_dir_all(&out).unwrap();
        self.ca(&["issue", name, "--out", out.to_str().unwrap()]);
        let key = out.join(format!("{name}.key"));
        assert_eq!(
            std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
            0o600,
            "a key is its owner's alone"
        );
        let certificate = std::fs::read(out.join(format!("{name}.crt"))).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(&certificate).unwrap()];
        (chain, PrivateKeyDer::from_pem_slice(&std::fs::read(key).unwrap()).unwrap())
    }

    /// The pages' answer to a request over TLS, with its head; an error when the greeting failed.
    fn https(
        &self,
        roots: Arc<RootCertStore>,
        shown: Option<Papers>,
        request: &str,
        body: &str,
    ) -> std::io::Result<String> {
        let mut stream = line(&self.web, roots, shown)?;
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n",
            self.web
        );
        let kind = if request.contains("/feeds/") {
            "application/hl7-v2+er7"
        } else {
            "application/x-www-form-urlencoded"
        };
        stream.write_all(format!("{head}Content-Type: {kind}\r\n\r\n{body}").as_bytes())?;
        heard(&mut stream, |_| false)
    }

    /// The answer to one message over MLLP and TLS; empty when the sender was not heard.
    fn mllp(&self, roots: Arc<RootCertStore>, shown: Option<Papers>, id: &str) -> String {
        let Ok(mut stream) = line(&self.feed, roots, shown) else { return String::new() };
        let message = adt("A01", id, "100", "ZZTLS", "3").replace('\n', "\r");
        if stream.write_all(format!("\u{b}{message}\u{1c}\r").as_bytes()).is_err() {
            return String::new();
        }
        heard(&mut stream, |bytes| bytes.ends_with(b"\x1C\r")).unwrap_or_default()
    }

    /// The answer to a plain request.
    fn plain(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.web).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.web).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line over TLS; the greeting is ended when this returns.
fn line(
    address: &str,
    roots: Arc<RootCertStore>,
    shown: Option<Papers>,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let mut connection =
        ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1").unwrap()).unwrap();
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}

/// Reads until it is enough or the other side has ended; an error only where nothing came before.
fn heard(stream: &mut impl Read, enough: impl Fn(&[u8]) -> bool) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut some = [0u8; 4096];
    while !enough(&bytes) {
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&some[..read]),
            Err(error) if bytes.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn roots(certificate: CertificateDer<'static>) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    Arc::new(roots)
}

/// An authority of somebody else, and a certificate of it that holds what a sender of "pas" would show.
fn stranger() -> (Arc<RootCertStore>, Papers) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["pas.feed.lifeboat".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    (roots(authority.der().clone()), (vec![certificate.der().clone()], key.into()))
}

/// The value of a header of an answer; empty when it has none.
fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(had, _)| had.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

#[test]
fn pages_come_to_whoever_pins_the_authority_and_plain_requests_are_sent_to_https() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::start(dir.path(), "tls = \"own\"", "");
    assert_eq!(house.scheme, "https");
    let page = house.https(house.roots(), None, "GET /wards", "").unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Northgate (test)"), "{page}");
    assert_eq!(header(&page, "strict-transport-security"), "max-age=15552000");
    let switched = house.https(house.roots(), None, "POST /view", "night=on").unwrap();
    assert!(header(&switched, "set-cookie").ends_with("; Secure"), "{switched}");
    // Whoever knows another authority sees no page.
    assert!(house.https(stranger().0, None, "GET /wards", "").is_err());
    // In clear there is the way to https, and the authority's certificate.
    let sent_on = house.plain("GET /wards?x=1");
    assert!(sent_on.starts_with("HTTP/1.1 308"), "{sent_on}");
    assert_eq!(header(&sent_on, "location"), format!("https://{}/wards?x=1", house.web));
    assert_eq!(header(&sent_on, "strict-transport-security"), "", "in clear it would count for nothing");
    let fetched = house.plain("GET /authority.crt");
    assert_eq!(fetched.split("\r\n\r\n").nth(1).unwrap().trim(), house.ca(&["show", "--pem"]).trim());
    let by_tls = house.https(house.roots(), None, "GET /authority.crt", "").unwrap();
    assert_eq!(header(&by_tls, "content-type"), "application/x-x509-ca-cert");
    // The words that are printed at the start are those of the page.
    let shown = json_lines(&house.ca(&["show", "--json"]));
    let words = shown[0]["words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 12);
    assert!(house.said.contains(words), "{}: {words}", house.said);
    let pdf = dir.path().join("page.pdf");
    house.ca(&["page", "--out", pdf.to_str().unwrap()]);
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF"));
    let again = ["ca", "page", "--out", pdf.to_str().unwrap(), "--config", house.config.as_str()];
    assert!(refused(&again, 1).contains("could not write"), "never over a file");
}

#[test]
fn a_configuration_without_the_line_stays_in_clear_and_says_nothing_of_tls() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::start(dir.path(), "", "");
    assert_eq!(house.scheme, "http");
    let page = house.plain("GET /wards");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert_eq!(header(&page, "strict-transport-security"), "");
    assert!(!dir.path().join("record/authority").exists());
}

#[test]
fn a_feed_that_requires_a_certificate_hears_nobody_without_the_right_one() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::start(dir.path(), "tls = \"own\"", "tls = \"required\"");
    let (right, of_another_feed) = (house.issued("pas"), house.issued("lab"));
    let again =
        ["ca", "issue", "pas", "--out", dir.path().join("issued").to_str().unwrap()].map(str::to_owned);
    let again: Vec<&str> =
        again.iter().map(String::as_str).chain(["--config", house.config.as_str()]).collect();
    assert!(refused(&again, 1).contains("could not write"), "a key is never written over another");
    let shown = |papers: &Papers| Some((papers.0.clone(), papers.1.clone_key()));
    for (papers, heard) in
        [(shown(&right), true), (shown(&of_another_feed), false), (Some(stranger().1), false), (None, false)]
    {
        let answer = house.mllp(house.roots(), papers, "m1");
        assert_eq!(answer.contains("MSA|AA|m1"), heard, "{answer}");
    }
    // The same by HTTP, from a machine that is on the list.
    let message = adt("A01", "m2", "100", "ZZTLS", "3").replace('\n', "\r");
    for (papers, status) in [(shown(&right), "200"), (shown(&of_another_feed), "403"), (None, "403")] {
        let answer = house.https(house.roots(), papers, "POST /feeds/pas/hl7", &message).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    let feeds = house.https(house.roots(), None, "GET /feeds", "").unwrap();
    assert!(!feeds.contains("Unauthenticated feed"), "its sender proves who it is");
    let listed = json_lines(&house.ca(&["show", "--json"]));
    let names: Vec<&str> =
        listed.iter().filter(|l| l["kind"] == "issued").map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["pas", "lab"]);
}

#[test]
fn a_feed_of_nobody_is_called_unauthenticated_and_one_of_listed_machines_is_not() {
    for (feed, named) in [("", true), ("peers = [\"127.0.0.1\"]", false)] {
        let dir = tempfile::tempdir().unwrap();
        let house = House::start(dir.path(), "", feed);
        assert_eq!(house.plain("GET /feeds").contains("Unauthenticated feed"), named, "{feed:?}");
    }
}

#[test]
fn hundreds_that_say_nothing_are_cut_off_and_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::start(dir.path(), "tls = \"own\"", "");
    let roots = house.roots();
    let idle: Vec<TcpStream> = (0..700).map(|_| TcpStream::connect(&house.web).unwrap()).collect();
    let page = house.https(roots, None, "GET /wards", "").unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(house.plain("GET /").starts_with("HTTP/1.1 308"));
    // Each loses its line in the end: the first by newcomers, the last by the clock.
    for mut silent in [idle.first().unwrap(), idle.last().unwrap()] {
        silent.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let ended = silent.read(&mut [0u8; 1]);
        assert!(
            matches!(ended, Ok(0)) || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
}

/// Files below a folder that hold a private key of this kind, as it is or as text.
fn with_a_key_in_clear(folder: &Path) -> Vec<String> {
    // The head of every PKCS#8 key on the curve P-256, and the same in base64.
    let head = [
        0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    ];
    let hex: String = head.iter().map(|byte| format!("{byte:02x}")).collect();
    let forms = [head.to_vec(), b"MIGHAgEAMBMGByqGSM49".to_vec(), b"PRIVATE KEY".to_vec(), hex.into_bytes()];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found.extend(with_a_key_in_clear(&path));
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            if forms.iter().any(|form| bytes.windows(form.len()).any(|w| w == form)) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn no_file_of_the_record_holds_a_private_key_in_clear_and_the_authority_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::start(dir.path(), "tls = \"own\"", "tls = \"required\"");
    let before = house.ca(&["show", "--pem"]);
    house.https(house.roots(), None, "GET /wards", "").unwrap();
    assert_eq!(with_a_key_in_clear(&dir.path().join("record")), Vec::<String>::new());
    // A key that was handed to a sender is one, and is seen.
    house.issued("pas");
    assert_eq!(with_a_key_in_clear(&dir.path().join("issued")).len(), 1);
    assert!(house.ca(&["renew"]).contains("within half a minute"));
    drop(house);
    let house = House::start(dir.path(), "tls = \"own\"", "tls = \"required\"");
    assert_eq!(house.ca(&["show", "--pem"]), before, "devices need not learn anew");
}
