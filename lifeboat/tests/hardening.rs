//! The fences round a running Lifeboat: what the service file denies it, what it denies itself, and whom it calls at its start.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{PROGRAM, Server, adt, eventually, strace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Highest exposure, in tenths, that `systemd-analyze security` may find (0 to 100; below 20 it says "OK").
const EXPOSURE_TENTHS_MAX: u32 = 15;

fn unit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/lifeboat.service")
}

/// What systemd makes of that service file, in tenths; `None`, said aloud, where systemd is not there.
fn exposure_tenths(unit: &Path) -> Option<u32> {
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(unit)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        println!("systemd-analyze absent, skipped: the service's exposure");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let Some(level) = text.lines().rev().find_map(|line| line.split_once("exposure level for")) else {
        println!("this systemd-analyze reads no files, skipped: {text}");
        return None;
    };
    let number = level.1.split_whitespace().nth(1).unwrap();
    let (whole, tenth) = number.split_once('.').unwrap();
    Some(whole.parse::<u32>().unwrap() * 10 + tenth.parse::<u32>().unwrap())
}

#[test]
fn the_service_file_is_as_closed_as_systemd_can_tell() {
    let Some(found) = exposure_tenths(&unit()) else { return };
    assert!(found <= EXPOSURE_TENTHS_MAX, "{found} tenths");
    // A service file without its fences is seen.
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("lifeboat.service");
    std::fs::write(&open, "[Service]\nExecStart=/usr/bin/lifeboat serve\n").unwrap();
    assert!(exposure_tenths(&open).unwrap() > EXPOSURE_TENTHS_MAX);
}

/// The calls of a group of systemd's, and of the groups in it.
fn group(name: &str) -> BTreeSet<String> {
    let output =
        Command::new("systemd-analyze").args(["syscall-filter", "--no-pager", name]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut calls = BTreeSet::new();
    for word in text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if word.starts_with('@') {
            calls.extend(group(word));
        } else {
            calls.insert(word.to_owned());
        }
    }
    calls
}

/// What the service file's filter lets through.
fn let_through(unit: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(unit).unwrap();
    let mut calls = BTreeSet::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (denied, words) = line.strip_prefix('~').map_or((false, line), |rest| (true, rest));
        for word in words.split_whitespace() {
            let these = if word.starts_with('@') { group(word) } else { BTreeSet::from([word.to_owned()]) };
            if denied {
                calls.retain(|call| !these.contains(call));
            } else {
                calls.extend(these);
            }
        }
    }
    calls
}

/// The names of the calls in a log of strace, those that the kernel refused as unknown left out.
fn called(log: &str) -> BTreeSet<String> {
    let call = |line: &str| {
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let name = line.split_once('(')?.0;
        (!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            .then(|| name.to_owned())
    };
    log.lines().filter(|line| !line.contains("ENOSYS")).filter_map(call).collect()
}

/// Connections to the network that a log of strace holds; a name server's too.
fn calls_out(log: &str) -> Vec<String> {
    log.lines()
        .filter(|line| line.contains("connect(") && line.contains("AF_INET"))
        .map(str::to_owned)
        .collect()
}

/// A life of a server under strace: it starts, hears a message, shows a page, stops. The log of its calls.
fn lived(filter: &str) -> Option<String> {
    let mut trace = strace()?;
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    trace.args(["-f", "-e", filter, "-o"]).arg(&log).arg(PROGRAM);
    let server = Server::start_under(&dir.path().join("data"), "", trace);
    assert!(server.sender().send(&adt("A01", "1", "100", "ZZFENCE", "3")).unwrap().starts_with("AA"));
    eventually("the page shows the patient", || {
        server.http("GET /find?q=ZZFENCE HTTP/1.1", b"").1.contains("ZZFENCE")
    });
    server.stop();
    Some(std::fs::read_to_string(log).unwrap())
}

#[test]
fn a_start_calls_nobody_when_the_configuration_names_nobody() {
    let Some(log) = lived("trace=connect") else { return };
    assert_eq!(calls_out(&log), Vec::<String>::new());
    let planted =
        "77 connect(9, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"192.0.2.1\")}, 16) = 0";
    assert_eq!(calls_out(planted).len(), 1, "the checker would see one");
}

#[test]
fn the_service_s_filter_lets_through_what_a_life_needs() {
    if Command::new("systemd-analyze").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("systemd-analyze absent, skipped: the service's filter");
        return;
    }
    let Some(log) = lived("trace=all") else { return };
    let allowed = let_through(&unit());
    // Begun by strace itself; and what SQLite does for root alone, to whom the service never belongs.
    let outside = BTreeSet::from(["execve", "fchown", "fchown32"].map(str::to_owned));
    let denied: Vec<String> =
        called(&log).into_iter().filter(|call| !allowed.contains(call) && !outside.contains(call)).collect();
    assert_eq!(denied, Vec::<String>::new());
    assert!(!allowed.contains("mount") && !allowed.contains("ptrace"), "the filter denies something");
}

#[test]
fn a_running_lifeboat_is_confined_and_does_its_work() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data, "");
    assert!(server.sender().send(&adt("A01", "1", "100", "ZZFENCE", "3")).unwrap().starts_with("AA"));
    eventually("a pack lies on the disk", || {
        std::fs::read_dir(data.join("packs"))
            .is_ok_and(|d| d.flatten().any(|e| e.path().extension().is_some_and(|x| x == "pack")))
    });
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let may_gain = status.lines().find_map(|line| line.strip_prefix("NoNewPrivs:")).map(str::trim);
    assert_eq!(may_gain, Some("1"), "no program that it starts could gain rights");
    assert_eq!(server.stop(), 0);
}
