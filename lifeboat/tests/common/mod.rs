//! Running the real program: its commands, its server, and a sender that speaks MLLP to it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

pub mod ceremony;

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

/// The folder of test data that nobody on this project wrote; `None`, and a line that says so, where it is absent.
pub fn shared_data(what: &str) -> Option<PathBuf> {
    let fallback = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let dir = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(|| PathBuf::from(fallback), PathBuf::from);
    let path = dir.join(what);
    if path.exists() {
        return Some(path);
    }
    println!("shared data absent, skipped: {what}");
    None
}

pub fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some()
}

/// The program with these arguments, in a clean environment.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_remove("LIFEBOAT_DATA")
        .env_remove("LIFEBOAT_CONFIG")
        .env_remove("LIFEBOAT_PASSPHRASE");
    command
}

pub fn lifeboat(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Runs it, demands that exit code, gives stdout.
pub fn ok(arguments: &[&str], code: i32) -> String {
    let output = lifeboat(arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "lifeboat {arguments:?}\n{out}\n{err}");
    out.into_owned()
}

/// Runs it, demands that exit code, gives stderr.
pub fn refused(arguments: &[&str], code: i32) -> String {
    let output = lifeboat(arguments);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "lifeboat {arguments:?}\n{err}");
    err
}

pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// A file of HL7 messages, each with CR line ends.
pub fn write_messages(path: &Path, messages: &[String]) {
    std::fs::write(path, messages.iter().map(|m| m.replace('\n', "\r")).collect::<Vec<_>>().join("\r\n\r\n"))
        .unwrap();
}

/// An ADT message about an invented person.
pub fn adt(trigger: &str, id: &str, mrn: &str, family: &str, bed: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|NG|LB|LBF|20260302100000||ADT^{trigger}|{id}|P|2.4\nEVN|{trigger}|20260302100000\n\
         PID|1||{mrn}^^^NG^MR||{family}^Ada||19450714|F\nPV1|1|I|AMU^^{bed}^Northgate General||||||||||||||||V{mrn}||||||||||||||||||||||||\
         |20260302100000"
    )
}

/// A server that is killed when the test forgets it.
pub struct Server {
    pub child: Child,
    /// The server's own process, also where it runs under another program.
    process: String,
    pub web: String,
    pub feeds: BTreeMap<String, String>,
}

impl Server {
    /// Starts `serve` on that data directory with one feed, "pas", on free ports; `extra` goes into the feed's block.
    pub fn start(dir: &Path, extra: &str) -> Self {
        Self::start_under(dir, extra, Command::new(PROGRAM))
    }

    /// The same under another program (strace).
    pub fn start_under(dir: &Path, extra: &str, command: Command) -> Self {
        Self::up(Self::spawn(dir, extra, command), dir)
    }

    /// Starts it and does not wait until it is up: it may wait for its keys.
    pub fn spawn(dir: &Path, extra: &str, mut command: Command) -> Child {
        let config = dir.with_extension("toml");
        let text = format!(
            "data = {:?}\ntrust = \"Northgate (test)\"\n[web]\nlisten = \"127.0.0.1:0\"\n[[feeds]]\nname = \"pas\"\n\
             listen = \"127.0.0.1:0\"\n{extra}\n",
            dir.to_str().unwrap()
        );
        std::fs::write(&config, text).unwrap();
        command.args(["serve", "--config", config.to_str().unwrap()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.env_remove("LIFEBOAT_DATA").spawn().unwrap()
    }

    /// Waits until it is up.
    pub fn up(mut child: Child, dir: &Path) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || lines.next().expect("the server ended before it was up").unwrap();
        let web = next().rsplit("http://").next().unwrap().trim().to_owned();
        let line = next();
        let words: Vec<&str> = line.split_whitespace().collect();
        let feeds = BTreeMap::from([(words[1].to_owned(), words[4].to_owned())]);
        // Through the process's own root: under `unshare` the folder is a disk that nobody else sees.
        let lock = seen_by(child.id(), &dir.join("lock"));
        let process = std::fs::read_to_string(lock).unwrap().trim().to_owned();
        Self { child, process, web, feeds }
    }

    /// Where that path of the server's is found from here.
    pub fn path(&self, path: &Path) -> PathBuf {
        seen_by(self.child.id(), path)
    }

    pub fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.process]).stderr(Stdio::null()).status().unwrap();
    }

    /// Pulls the plug.
    pub fn kill(mut self) {
        self.signal("-KILL");
        self.child.wait().unwrap();
    }

    /// Asks it to stop and gives its exit code.
    pub fn stop(mut self) -> i32 {
        self.signal("-TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    pub fn sender(&self) -> Sender {
        Sender::to(&self.feeds["pas"]).expect("no connection to the feed's listener")
    }

    /// The body of a page, or of whatever else the web side answers.
    pub fn http(&self, request: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.web).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "{request}\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.web,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }
}

/// A path as that process sees it. Its root is hidden from all but root, since it leaves no core; then it sees what we do.
fn seen_by(process: u32, path: &Path) -> PathBuf {
    let its_own = PathBuf::from(format!("/proc/{process}/root{}", path.display()));
    if its_own.exists() { its_own } else { path.to_owned() }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-KILL");
            let _ = self.child.wait();
        }
    }
}

/// Waits until `done` says so, looking often, for at most two minutes.
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..2_400 {
        if done() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    panic!("it never came to be: {what}");
}

/// A folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else if kind.is_file() {
            // A killed program leaves its socket, which nobody copies.
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A message about a person of its own, so that what is kept can be counted.
pub fn person(number: u64) -> String {
    format!(
        "MSH|^~\\&|PAS|NG|LB|LBF|20260302100000||ADT^A28|{number}|P|2.4\nEVN|A28|20260302100000\n\
         PID|1||K{number:07}^^^NG^MR||ZZKILL^Number{number}||19450714|F"
    )
}

/// Hospital numbers of `person`s that were acknowledged and are missing, and those that are there twice.
pub fn lost_or_doubled(data: &Path, acknowledged: &[u64]) -> (Vec<u64>, Vec<String>) {
    counted(&ok(&["patients", "--json", "--data", data.to_str().unwrap()], 0), acknowledged)
}

/// The same of a record that opens by that passphrase.
pub fn lost_or_doubled_with(phrase: &str, data: &Path, acknowledged: &[u64]) -> (Vec<u64>, Vec<String>) {
    let output = ceremony::with_phrase(phrase, &["patients", "--json", "--data", data.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    counted(&String::from_utf8_lossy(&output.stdout), acknowledged)
}

fn counted(patients: &str, acknowledged: &[u64]) -> (Vec<u64>, Vec<String>) {
    let mut held: BTreeMap<String, u32> = BTreeMap::new();
    for patient in json_lines(patients) {
        for mrn in patient["mrns"].as_array().unwrap() {
            *held.entry(mrn.as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let lost = acknowledged.iter().copied().filter(|n| !held.contains_key(&format!("K{n:07}"))).collect();
    (lost, held.into_iter().filter(|(_, times)| *times > 1).map(|(mrn, _)| mrn).collect())
}

/// strace, where it is installed; where not, that is said.
pub fn strace() -> Option<Command> {
    let there = Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("strace absent, skipped");
    }
    there.then(|| Command::new("strace"))
}

/// A sender over one connection.
pub struct Sender(TcpStream);

impl Sender {
    pub fn to(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        Some(Self(stream))
    }

    /// Sends one message; gives its answer's MSA segment, `None` when the connection is gone.
    pub fn send(&mut self, message: &str) -> Option<String> {
        let framed = [b"\x0B", message.replace('\n', "\r").as_bytes(), b"\x1C\r"].concat();
        self.0.write_all(&framed).ok()?;
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\x1C\r") {
            match self.0.read(&mut byte) {
                Ok(1) => answer.push(byte[0]),
                _ => return None,
            }
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        Some(answer.split("MSA").nth(1)?.split('\r').next()?.trim_start_matches('|').to_owned())
    }
}
