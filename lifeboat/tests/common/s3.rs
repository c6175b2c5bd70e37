//! A small S3-compatible store over a real socket, for one bucket: put, get, head, delete, list; every signature and
//! every body's hash checked. It can be told to break.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub const ACCESS: &str = "LBTEST";
pub const SECRET: &str = "a/secret+of the test";
pub const REGION: &str = "eu-west-2";

#[derive(Clone)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub content_type: String,
    pub cache_control: String,
}

#[derive(Default)]
pub struct State {
    pub objects: Mutex<BTreeMap<String, Object>>,
    /// Requests until it breaks: then it answers 503 to everything, or hangs up.
    pub left: AtomicUsize,
    pub hang_up: Mutex<bool>,
    pub badly_signed: AtomicUsize,
    /// Every request: "PUT index.html".
    pub seen: Mutex<Vec<String>>,
}

pub struct Store {
    pub address: SocketAddr,
    pub state: Arc<State>,
}

impl Store {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { left: AtomicUsize::new(usize::MAX), ..State::default() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { address, state }
    }

    pub fn text(&self, path: &str) -> Option<String> {
        let objects = self.state.objects.lock().unwrap();
        objects.get(path).map(|object| String::from_utf8_lossy(&object.bytes).into_owned())
    }

    /// Breaks after so many more requests.
    pub fn break_after(&self, requests: usize, hang_up: bool) {
        *self.state.hang_up.lock().unwrap() = hang_up;
        self.state.left.store(requests, Ordering::SeqCst);
    }

    pub fn mend(&self) {
        self.state.left.store(usize::MAX, Ordering::SeqCst);
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut parts = line.split_whitespace();
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

fn serve(stream: &TcpStream, state: &State) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let broken =
            state.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err();
        if broken && *state.hang_up.lock().unwrap() {
            return;
        }
        let answer = if broken { fault(503, "SlowDown") } else { answer(&request, state) };
        if { stream }.write_all(&answer).is_err() {
            return;
        }
    }
}

fn answer(request: &Request, state: &State) -> Vec<u8> {
    let key = decoded(request.path.strip_prefix("/updates").unwrap_or("").trim_start_matches('/'));
    state.seen.lock().unwrap().push(format!("{} {key}", request.method));
    if let Err(why) = signed(request) {
        eprintln!("badly signed {} {}: {why}", request.method, request.path);
        state.badly_signed.fetch_add(1, Ordering::SeqCst);
        return fault(403, "SignatureDoesNotMatch");
    }
    let mut objects = state.objects.lock().unwrap();
    let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    match request.method.as_str() {
        "PUT" => {
            let object = Object {
                bytes: request.body.clone(),
                content_type: header("content-type"),
                cache_control: header("cache-control"),
            };
            let tag = tag(&object.bytes);
            objects.insert(key, object);
            head("200 OK", &format!("ETag: {tag}\r\n"), 0)
        }
        "DELETE" => {
            objects.remove(&key);
            head("204 No Content", "", 0)
        }
        "GET" if key.is_empty() => {
            let query: BTreeMap<String, String> = request
                .query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(k, v)| (decoded(k), decoded(v)))
                .collect();
            let prefix = query.get("prefix").cloned().unwrap_or_default();
            let mut xml =
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
            for (key, object) in objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
                xml += &format!(
                    "<Contents><Key>{key}</Key><Size>{}</Size><LastModified>2026-07-14T15:05:00.000Z</LastModified>\
                     <ETag>{}</ETag></Contents>",
                    object.bytes.len(),
                    tag(&object.bytes)
                );
            }
            xml += "</ListBucketResult>";
            let mut out = head("200 OK", "Content-Type: application/xml\r\n", xml.len());
            out.extend_from_slice(xml.as_bytes());
            out
        }
        "GET" => match objects.get(&key) {
            None => fault(404, "NoSuchKey"),
            Some(object) => {
                let more = format!(
                    "ETag: {}\r\nContent-Type: {}\r\nLast-Modified: Tue, 14 Jul 2026 15:05:00 GMT\r\n",
                    tag(&object.bytes),
                    object.content_type
                );
                let mut out = head("200 OK", &more, object.bytes.len());
                out.extend_from_slice(&object.bytes);
                out
            }
        },
        _ => fault(405, "MethodNotAllowed"),
    }
}

fn head(status: &str, more: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\n\r\n").into_bytes()
}

fn fault(status: u16, code: &str) -> Vec<u8> {
    let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    let mut out = head(&format!("{status} {code}"), "Content-Type: application/xml\r\n", xml.len());
    out.extend_from_slice(xml.as_bytes());
    out
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Sha256::digest(bytes)[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).unwrap()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Whether the request bears the signature that AWS Signature Version 4 asks for, over this very body.
fn signed(request: &Request) -> Result<(), String> {
    let header = |name: &str| request.headers.get(name).cloned().ok_or_else(|| format!("no {name}"));
    let authorization = header("authorization")?;
    let part = |name: &str| {
        let at = authorization.find(&format!("{name}=")).ok_or_else(|| format!("no {name}"))?;
        let rest = &authorization[at + name.len() + 1..];
        Ok::<_, String>(rest.split(',').next().unwrap_or("").trim().to_owned())
    };
    let (credential, names, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let at = header("x-amz-date")?;
    let scope = format!("{}/{REGION}/s3/aws4_request", &at[..8]);
    if credential != format!("{ACCESS}/{scope}") {
        return Err(format!("credential {credential}"));
    }
    let body = header("x-amz-content-sha256")?;
    if body != hex(&Sha256::digest(&request.body)) {
        return Err("the body's hash".to_owned());
    }
    for needed in ["host", "x-amz-date", "x-amz-content-sha256"] {
        if !names.split(';').any(|name| name == needed) {
            return Err(format!("{needed} is not signed"));
        }
    }
    let mut query: Vec<&str> = request.query.split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    let mut canonical = format!("{}\n{}\n{}\n", request.method, request.path, query.join("&"));
    for name in names.split(';') {
        canonical += &format!("{name}:{}\n", header(name)?);
    }
    canonical += &format!("\n{names}\n{body}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut key = mac(format!("AWS4{SECRET}").as_bytes(), &at[..8]);
    for step in [REGION, "s3", "aws4_request"] {
        key = mac(&key, step);
    }
    let wanted = hex(&mac(&key, &to_sign));
    if wanted == signature { Ok(()) } else { Err(format!("signature {signature}, wanted {wanted}")) }
}
