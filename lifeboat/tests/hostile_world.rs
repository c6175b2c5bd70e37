//! RELIABILITY tests 5, 15 and 20 through the real program: a disk that is really full, bodies made to hurt or to call
//! home, and names from messages that point out of the folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{
    PROGRAM, Server, adt, eventually, lost_or_doubled, ok, person, strace, torture, write_messages,
};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The disk of test 5, in MiB: the book's first steps, the index and a pack fit, and little more.
const DISK_MB: u32 = 24;
/// What each filling leaves behind for good, in MiB: the messages that were still kept, and what the book writes ahead.
const EACH_FILLING_MB: u32 = 6;

/// Runs the program on a disk of its own, in memory, of that size; `None`, said aloud, where the system forbids it.
fn on_a_small_disk(data: &Path, disk_mb: u32) -> Option<Command> {
    let allowed = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        println!("no disk can be mounted here, skipped: the full disk");
        return None;
    }
    fs::create_dir_all(data).unwrap();
    let script =
        format!("mount -t tmpfs -o size={disk_mb}m tmpfs '{}' && exec '{PROGRAM}' \"$@\"", data.display());
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script, "sh"]);
    Some(command)
}

/// A long message: the book writes ahead of itself, and a few dozen of these use that up.
fn long(number: u64) -> String {
    format!("{}\nNTE|1||{}", person(number), "x".repeat(60_000))
}

/// Writes until the disk is full; gives the file that stands in the way.
fn fill(folder: &Path) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    for piece in [1 << 20, 4096, 1] {
        let bytes = vec![7; piece];
        while file.write_all(&bytes).is_ok() {}
    }
    ballast
}

/// Test 5.
#[test]
fn a_full_disk_acknowledges_nothing_it_cannot_keep_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let rounds = if torture() { 30 } else { 2 };
    let Some(disk) = on_a_small_disk(&data, DISK_MB + (rounds - 2) * EACH_FILLING_MB) else { return };
    let server = Server::start_under(&data, "", disk);
    let mut sender = server.sender();
    // A life before the disk is full: there is something to read.
    let (mut kept, mut refused, mut number): (Vec<u64>, _, _) = ((1..=50).collect(), Vec::new(), 50);
    assert!(kept.iter().all(|n| sender.send(&person(*n)) == Some(format!("AA|{n}"))));
    for round in 0..rounds as usize {
        let ballast = fill(&server.path(&data));
        while refused.len() < 20 * (round + 1) {
            number += 1;
            let msa = sender.send(&long(number)).expect("the connection broke");
            match msa.split('|').next() {
                Some("AA") => kept.push(number),
                Some("AE") => refused.push(number),
                _ => panic!("message {number} was answered {msa}"),
            }
            assert!(number < 1_000_000, "the disk was never full");
        }
        let (status, page) = server.http("GET / HTTP/1.1", b"");
        assert_eq!(status, 200, "boards stay readable");
        assert!(page.to_lowercase().contains("full"), "the page says nothing of it");
        let (status, found) = server.http(&format!("GET /find?q=K{:07} HTTP/1.1", kept[0]), b"");
        assert!(status == 200 && found.contains("ZZKILL"), "{status}");
        // Somebody makes room: recording goes on by itself.
        fs::remove_file(ballast).unwrap();
        eventually("recording goes on", || {
            number += 1;
            let msa = sender.send(&long(number)).expect("the connection broke");
            let taken = msa == format!("AA|{number}");
            if taken {
                kept.push(number)
            } else {
                refused.push(number)
            }
            taken
        });
        let newest = format!("GET /find?q=K{:07} HTTP/1.1", kept[kept.len() - 1]);
        eventually("the newest is found", || server.http(&newest, b"").1.contains("ZZKILL"));
    }
    println!("{} kept, {} refused", kept.len(), refused.len());
    // The plug is pulled; what lies on the disk then is what is judged.
    server.signal("-STOP");
    let copy = dir.path().join("copy");
    common::copy_folder(&server.path(&data), &copy);
    server.kill();
    assert_eq!(lost_or_doubled(&copy, &kept), (vec![], vec![]));
    ok(&["verify", "--data", copy.to_str().unwrap()], 0);
    // The planted bug: a program that answers AA to what there is no room for.
    kept.extend(&refused);
    assert_eq!(lost_or_doubled(&copy, &kept).0, refused, "the checker sees nothing");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bodies made to hurt, or to make whoever reads them call that address; each with its headers, and whether it must be
/// refused. One that merely names an address may be kept: it is a message like any other.
fn bombs(home: &str) -> Vec<(&'static str, Vec<u8>, bool)> {
    const FHIR: &str = "POST /feeds/pas/fhir HTTP/1.1\r\nContent-Type: application/fhir+json";
    const XML: &str = "POST /feeds/pas/fhir HTTP/1.1\r\nContent-Type: application/fhir+xml";
    const ER7: &str = "POST /feeds/pas/hl7 HTTP/1.1\r\nContent-Type: application/hl7-v2+er7";
    const PACKED: &str =
        "POST /feeds/pas/hl7 HTTP/1.1\r\nContent-Type: application/hl7-v2+er7\r\nContent-Encoding: gzip";
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let laughs = format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]><x>&l9;</x>");
    let external =
        format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"http://{home}/e\">]><x>&e;</x>");
    let remote = format!("<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"http://{home}/x.dtd\"><x/>");
    let refers = format!(
        "{{\"resourceType\":\"Observation\",\"subject\":{{\"reference\":\"http://{home}/Patient/1\"}},\"meta\":{{\"profile\":[\"http://{home}/p\"]}}}}"
    );
    let pointer =
        format!("{}\rOBX|1|RP|X||http://{home}/picture^A^B^C||||||F", person(1).replace('\n', "\r"));
    vec![
        (XML, laughs.clone().into_bytes(), true),
        (FHIR, laughs.into_bytes(), true),
        (XML, external.clone().into_bytes(), true),
        (FHIR, external.into_bytes(), true),
        (XML, remote.into_bytes(), true),
        (FHIR, "[".repeat(200_000).into_bytes(), true),
        (FHIR, format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)).into_bytes(), true),
        (PACKED, gzip(&vec![b'M'; 200 << 20]), true),
        (PACKED, gzip(&gzip(&vec![b'M'; 200 << 20])), false),
        (FHIR, refers.into_bytes(), false),
        (ER7, pointer.into_bytes(), false),
    ]
}

/// Whether anything went out: a connection in strace's log, or one that arrived.
fn called_home(log: &Path, home: &TcpListener) -> Vec<String> {
    let log = fs::read_to_string(log).unwrap();
    let out =
        |line: &&str| ["connect(", "sendto(", "sendmsg(", "sendmmsg("].iter().any(|call| line.contains(call));
    let abroad = |line: &&str| line.contains("sin_port") || line.contains("sin6_port");
    let mut found: Vec<String> = log.lines().filter(out).filter(abroad).map(str::to_owned).collect();
    home.set_nonblocking(true).unwrap();
    found.extend(home.accept().map(|(_, peer)| format!("{peer} called")));
    found
}

/// Test 15.
#[test]
#[allow(clippy::disallowed_methods)]
fn bodies_made_to_hurt_are_refused_and_nothing_calls_home() {
    let Some(mut trace) = strace() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    let home = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = home.local_addr().unwrap().to_string();
    let calls = ["-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"];
    trace.args(calls).arg(&log).arg(PROGRAM);
    let server = Server::start_under(&dir.path().join("data"), "", trace);
    for (number, (head, body, refuse)) in bombs(&address).into_iter().enumerate() {
        let begun = std::time::Instant::now();
        let (status, answer) = server.http(head, &body);
        let took = begun.elapsed();
        println!("body {number}: {status} in {took:?}");
        assert!(!refuse || (400..500).contains(&status), "body {number}: {status} {answer}");
        assert!(status < 500, "body {number}: {status} {answer}");
        assert!(!torture() || !refuse || took.as_millis() < 100, "body {number} took {took:?}");
    }
    // What was kept has been read, and the packs have been looked at, by the time that this is shown.
    eventually("the message was read", || {
        server.http("GET /find?q=K0000001 HTTP/1.1", b"").1.contains("ZZKILL")
    });
    server.kill();
    assert_eq!(called_home(&log, &home), Vec::<String>::new());
    // The planted bug: a program that opens what it was sent.
    let mut trace = strace().unwrap();
    let (host, port) = address.split_once(':').unwrap();
    trace.args(calls).arg(&log).args(["bash", "-c", &format!("exec 3<>/dev/tcp/{host}/{port}")]);
    assert!(trace.stdin(Stdio::null()).status().unwrap().success());
    assert_eq!(called_home(&log, &home).len(), 2, "the checker sees nothing");
}

/// Site and ward names that lead elsewhere when they are taken for paths.
const PATHS: [&str; 20] = [
    "../../outside",
    "..",
    ".",
    "/etc/passwd",
    "../../../../../../../../tmp/outside",
    "..\\..\\outside",
    "C:\\outside",
    "a/../../outside",
    "./outside",
    "//outside",
    "outside\u{0}.pdf",
    "..%2F..%2Foutside",
    "%2e%2e%2foutside",
    "..\u{2044}..\u{2044}outside",
    "\u{ff0e}\u{ff0e}/outside",
    "~/outside",
    "$HOME/outside",
    "-outside",
    ".hidden",
    "con.pdf:stream",
];

/// Every path below a folder.
fn everything(dir: &Path) -> Vec<PathBuf> {
    let (mut all, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            all.push(entry.path());
        }
    }
    all.sort();
    all
}

/// What lies anywhere else than as a plain PDF directly in `out`, and was not there before.
fn astray(root: &Path, before: &[PathBuf], out: &Path) -> Vec<PathBuf> {
    let pdf = |path: &PathBuf| path.extension().is_some_and(|e| e == "pdf") && path.is_file();
    let mut new = everything(root);
    new.retain(|path| !before.contains(path) && path != out && !(path.parent() == Some(out) && pdf(path)));
    new
}

/// Test 20.
#[test]
fn no_name_from_a_message_leads_out_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("a/b/c");
    let (data, out) = (root.join("data"), root.join("out/packs"));
    fs::create_dir_all(root.join("out")).unwrap();
    let file = dir.path().join("paths.hl7");
    let name = |text: &str| text.replace('\\', "\\E\\");
    let messages: Vec<String> = (0..PATHS.len())
        .flat_map(|n| {
            [(PATHS[n], "AMU"), ("Northgate General", PATHS[n]), (PATHS[n], PATHS[(n * 7 + 3) % PATHS.len()])]
        })
        .enumerate()
        .map(|(n, (site, ward))| {
            adt("A01", &n.to_string(), &(100 + n).to_string(), "ZZPATH", "3")
                .replace("|AMU^^3^Northgate General|", &format!("|{}^^3^{}|", name(ward), name(site)))
        })
        .collect();
    write_messages(&file, &messages);
    let data_text = data.to_str().unwrap();
    common::lifeboat(&["import", file.to_str().unwrap(), "--feed", "pas", "--data", data_text]);
    // Once to warm everything that Lifeboat itself keeps in its data folder; then the packs a person asks for.
    ok(&["packs", "--out", out.to_str().unwrap(), "--data", data_text], 0);
    fs::remove_dir_all(&out).unwrap();
    let before = everything(dir.path());
    ok(&["packs", "--out", out.to_str().unwrap(), "--data", data_text], 0);
    assert_eq!(astray(dir.path(), &before, &out), Vec::<PathBuf>::new());
    let written = everything(&out);
    assert!(written.len() >= 30, "{} packs prove little: {written:?}", written.len());
    // The same names served: the packs that are kept ready lie in their own folder, under names of Lifeboat's making.
    let server = Server::start(&data, "");
    eventually("the packs lie ready", || everything(&data.join("packs")).len() >= written.len());
    server.kill();
    let kept = data.join("packs");
    let stray: Vec<PathBuf> = astray(dir.path(), &before, &out)
        .into_iter()
        .filter(|path| !path.starts_with(&data) || (path.starts_with(&kept) && path.parent() != Some(&kept)))
        .collect();
    assert_eq!(stray, [data.with_extension("toml")], "the configuration alone, which this test wrote");
    // The planted bug: a program that takes a ward's name for a file's.
    fs::write(out.join("../../outside.pdf"), "%PDF").unwrap();
    fs::create_dir_all(out.join("etc")).unwrap();
    assert_eq!(astray(dir.path(), &before, &out).iter().filter(|p| !p.starts_with(&data)).count(), 3);
}
