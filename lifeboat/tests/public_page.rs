//! The public page of a running Lifeboat: approved words are where people read them, soon and whole, whatever fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::s3;

use common::{Server, eventually};
use s3::Store;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Sends a form as a browser does; the place to which it leads.
fn post(web: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encoded(v))).collect();
    let body = body.join("&");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {web}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (head, body) = ask(web, &head);
    let location = head.lines().find_map(|line| line.strip_prefix("location: "));
    location.map_or_else(|| panic!("{path}: {head}\n{body}"), str::to_owned)
}

fn ask(address: &str, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.to_owned(), body.to_owned())
}

fn get(address: &str, path: &str, more: &str) -> (String, String) {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n"))
}

/// Drafts and approves an update; gives its number.
fn publish(server: &Server, sentence: &str) -> u32 {
    let fields = [
        ("ground", "real"),
        ("by", "Cara Dean"),
        ("sentence", sentence),
        ("next", "60"),
        ("do_this", "Come."),
    ];
    let to = post(&server.web, "/public-updates/draft", &fields);
    let number: u32 = to.split(['/', '?']).nth(2).unwrap().parse().unwrap();
    let fields = [("ground", "real"), ("revision", "1"), ("by", "Anna Bell")];
    post(&server.web, &format!("/public-updates/{number}/approve"), &fields);
    number
}

fn withdraw(server: &Server, number: u32) {
    let fields = [("ground", "real"), ("reason", "wrong"), ("by", "Ben Cole")];
    post(&server.web, &format!("/public-updates/{number}/withdraw"), &fields);
}

/// A Lifeboat whose public page goes to a folder, a store and its own door.
fn start(dir: &Path, store: Option<&Store>) -> (Server, String) {
    let secret = dir.with_extension("secret");
    std::fs::write(&secret, format!("{}\n", s3::SECRET)).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut extra = format!(
        "[public_page]\naddress = \"https://updates.example\"\npublic_web = \"{port}\"\nfolder = {:?}\n",
        dir.with_extension("www").to_str().unwrap()
    );
    if let Some(store) = store {
        extra += &format!(
            "[public_page.store]\nendpoint = \"http://{}\"\nbucket = \"updates\"\nregion = \"{}\"\n\
             access_key = \"{}\"\nsecret_file = {:?}\n",
            store.address,
            s3::REGION,
            s3::ACCESS,
            secret.to_str().unwrap()
        );
    }
    (Server::start(dir, &extra), port.to_string())
}

fn folder(dir: &Path) -> String {
    std::fs::read_to_string(dir.with_extension("www").join("current/index.html")).unwrap_or_default()
}

/// What a reader of the store's first page sees; every link of it that leads into an edition must lead somewhere.
fn read_store(store: &Store) -> String {
    let page = store.text("index.html").unwrap_or_default();
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if link.starts_with("editions/") {
            assert!(store.text(link).is_some(), "the first page leads to {link}, which is not there");
        }
    }
    page
}

#[test]
fn what_is_approved_is_read_everywhere_and_what_is_withdrawn_is_gone() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let store = Store::start();
    let (server, public) = start(&dir, Some(&store));
    eventually("the first edition stands", || get(&public, "/", "").0.starts_with("HTTP/1.1 200"));
    let number = publish(&server, "Our <script>computers</script> are not working.");
    let said = "Our &lt;script&gt;computers";
    eventually("the door says it", || get(&public, "/", "").1.contains(said));
    eventually("the folder says it", || folder(&dir).contains(said));
    eventually("the store says it", || read_store(&store).contains(said));
    let own = dir.join("public_page/real/current/index.html");
    eventually("the data directory has it", || std::fs::read_to_string(&own).is_ok_and(|t| t.contains(said)));
    let object = store.state.objects.lock().unwrap().get("index.html").cloned().unwrap();
    assert_eq!(object.content_type, "text/html; charset=utf-8");
    assert!(object.cache_control.contains("max-age=10"), "{}", object.cache_control);
    eventually("the screens say so", || {
        let page = server.http("GET /public-updates HTTP/1.1", b"").1;
        page.matches(">There<").count() == 3 && page.contains("3 places")
    });
    withdraw(&server, number);
    eventually("the door has forgotten it", || !get(&public, "/history.html", "").1.contains(said));
    eventually("the folder has forgotten it", || !folder(&dir).contains(said));
    eventually("no object holds it", || {
        let objects = store.state.objects.lock().unwrap();
        objects.values().all(|object| !String::from_utf8_lossy(&object.bytes).contains(said))
    });
    assert_eq!(store.state.badly_signed.load(Ordering::SeqCst), 0);
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_push_that_fails_is_said_and_made_again_also_after_a_pulled_plug() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let store = Store::start();
    let (server, _) = start(&dir, Some(&store));
    publish(&server, "First word.");
    eventually("it stands", || read_store(&store).contains("First word."));
    // The line breaks in the middle of the next push.
    store.break_after(5, true);
    publish(&server, "Second word.");
    eventually("the fault is on the screen", || {
        server.http("GET /public-updates HTTP/1.1", b"").1.contains("being tried again")
    });
    eventually("the folder does not wait for the store", || folder(&dir).contains("Second word."));
    assert!(read_store(&store).contains("First word."), "the old edition is whole");
    store.mend();
    eventually("it goes on by itself", || read_store(&store).contains("Second word."));
    // The plug is pulled while the store is away; the next start brings what was approved.
    store.break_after(4, false);
    publish(&server, "Third word.");
    eventually("the fault is on the screen again", || {
        server.http("GET /public-updates HTTP/1.1", b"").1.contains("being tried again")
    });
    server.kill();
    assert!(read_store(&store).contains("Second word."), "the old edition is whole");
    store.mend();
    let (server, public) = start(&dir, Some(&store));
    eventually("the store has it after a start", || read_store(&store).contains("Third word."));
    eventually("the door too", || get(&public, "/", "").1.contains("Third word."));
    drop(server);
}

/// Nobody says anything, and the page says itself that it is late.
#[test]
fn a_promise_that_passes_is_called_late_by_the_page_itself() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let (server, public) = start(&dir, None);
    let fields = [("ground", "real"), ("by", "Cara Dean"), ("sentence", "More soon."), ("next", "1")];
    post(&server.web, "/public-updates/draft", &fields);
    let fields = [("ground", "real"), ("revision", "1"), ("by", "Anna Bell")];
    post(&server.web, "/public-updates/1/approve", &fields);
    eventually("it is public", || get(&public, "/", "").1.contains("More soon."));
    assert!(!get(&public, "/", "").1.contains("class=\"callout late\""), "late before its time");
    eventually("the door says late", || get(&public, "/", "").1.contains("class=\"callout late\""));
    eventually("the folder too", || folder(&dir).contains("class=\"callout late\""));
    assert!(server.http("GET /public-updates HTTP/1.1", b"").1.contains("Late by"));
    assert_eq!(server.stop(), 0);
}

/// Killed at whatever moment of a push: the folder shows one whole edition, and the next start the newest.
#[test]
fn a_kill_in_the_middle_of_a_push_leaves_a_whole_edition() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    for round in 0..4 {
        let (server, _) = start(&dir, None);
        let word = format!("Round {round} is over.");
        publish(&server, &word);
        // No wait: the push may have any of its steps behind it.
        for _ in 0..round * 40 {
            std::thread::yield_now();
        }
        server.kill();
        let current = dir.with_extension("www").join("current");
        if current.exists() {
            let read = |path: &str| std::fs::read_to_string(current.join(path)).unwrap();
            let (first, machine) = (read("index.html"), read("summary.json"));
            let shown = (0..=round).rev().find(|n| first.contains(&format!("Round {n} is over.")));
            let told = (0..=round).rev().find(|n| machine.contains(&format!("Round {n} is over.")));
            assert_eq!(shown, told, "the first page and the machines' file are of two editions");
        }
        let (server, _) = start(&dir, None);
        eventually("the newest stands", || folder(&dir).contains(&word));
        assert_eq!(server.stop(), 0);
    }
}

#[test]
fn the_public_door_answers_the_page_and_nothing_of_the_staffs() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let (server, public) = start(&dir, None);
    eventually("the first edition stands", || get(&public, "/", "").0.starts_with("HTTP/1.1 200"));
    for path in
        ["/wards", "/log", "/public-updates", "/live?topics=all", "/feeds/pas/hl7", "/assets/lifeboat.css"]
    {
        assert!(get(&public, path, "").0.starts_with("HTTP/1.1 404"), "{path}");
    }
    let post =
        format!("POST /mode HTTP/1.1\r\nHost: {public}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert!(ask(&public, &post).0.starts_with("HTTP/1.1 405"));
    let (head, body) = get(&public, "/", "");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    assert!(head.contains("content-type: text/html; charset=utf-8") && body.contains("<!doctype html>"));
    let (again, none) = get(&public, "/", &format!("If-None-Match: {tag}\r\n"));
    assert!(again.starts_with("HTTP/1.1 304") && none.is_empty(), "{again}");
    let (gzip, small) = get(&public, "/", "Accept-Encoding: gzip\r\n");
    assert!(gzip.contains("content-encoding: gzip") && small.len() < body.len());
    let head_only = format!("HEAD / HTTP/1.1\r\nHost: {public}\r\nConnection: close\r\n\r\n");
    let (head, nothing) = ask(&public, &head_only);
    assert!(head.contains(&format!("content-length: {}", body.len())) && nothing.is_empty(), "{head}");
    // The staff's pages do not serve the public's, and an exercise's page is nowhere here.
    assert_eq!(server.http("GET /atom.xml HTTP/1.1", b"").0, 404);
    assert_eq!(server.stop(), 0);
}

/// Who never finishes asking holds nobody up: places are taken back, and the next visitor is answered.
#[test]
fn dawdlers_lose_their_places_and_others_are_answered() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let extra = format!("[public_page]\npublic_web = \"{port}\"\nconnections_max = 16\n");
    let server = Server::start(&dir, &extra);
    let public = port.to_string();
    eventually("the first edition stands", || get(&public, "/", "").0.starts_with("HTTP/1.1 200"));
    let dawdlers: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(&public).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
            stream
        })
        .collect();
    let (head, _) = get(&public, "/", "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(server.http("GET / HTTP/1.1", b"").0, 200);
    drop(dawdlers);
    assert_eq!(server.stop(), 0);
}
