//! The demonstration as a user starts it: the real program, on a free port, in a folder of its own.
//!
//! It is killed when the test forgets it. Pages can also be asked for without a browser, as a printer or a script would.

use crate::common::command;
use crate::driver::pause;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest wait for the program to be up and its hospitals to have reported in.
const UP_WAIT_MS_MAX: u64 = 180_000;
/// Longest wait for one answer without a browser.
const ANSWER_WAIT_MS_MAX: u64 = 120_000;
/// How often a page is asked for until the index has read what was heard.
const READ_ASKS_MAX: u32 = 1_200;

/// A running `lifeboat demo`.
pub struct Demo {
    child: Child,
    /// "127.0.0.1:40123".
    pub web: String,
    /// Where the public reads.
    pub public: String,
}

impl Demo {
    /// Starts it on that folder; returns once its pages are served and the hospitals have reported in. Its attack
    /// silences the feeds and plays nothing besides.
    pub fn start(data: &Path) -> Self {
        Self::start_at(data, 0)
    }

    /// The same, whose attack plays so many minutes of its day in one.
    pub fn start_at(data: &Path, pace: u32) -> Self {
        Self::started(data, &["--open-doors", "--pace", &pace.to_string()])
    }

    /// With its doors shut, as `lifeboat demo` starts for a new user.
    pub fn start_shut(data: &Path) -> Self {
        Self::started(data, &["--pace", "0"])
    }

    fn started(data: &Path, more: &[&str]) -> Self {
        let mut demo = command(&["demo", "--quick", "--port", "0", "--data", data.to_str().unwrap()]);
        demo.args(more);
        demo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = demo.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut started = Self { child, web: String::new(), public: String::new() };
        let (tell, told) = mpsc::channel();
        // A thread of its own keeps the pipe empty for as long as the program says anything.
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        loop {
            let line = told.recv_timeout(Duration::from_millis(UP_WAIT_MS_MAX)).expect("the demo came up");
            if let Some((before, address)) = line.split_once("http://") {
                let place = if before.contains("public") { &mut started.public } else { &mut started.web };
                address.trim().clone_into(place);
            }
            if line.contains("have reported in") {
                return started;
            }
        }
    }

    /// "http://127.0.0.1:40123/wards" for "/wards".
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.web)
    }

    /// Pulls the plug: SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Status and body of `GET path`.
    pub fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.web), b"")
    }

    /// Whoever is not signed in is led to the sign-in, with nothing of the page.
    pub fn says_nothing_to_strangers(&self, path: &str) {
        let (status, page) = self.get(path);
        assert!(status == 303 && page.is_empty(), "{status}: {}", String::from_utf8_lossy(&page));
    }

    /// Asks until the page at `path` says `words`: an answer to a search does not change by itself.
    pub async fn says(&self, path: &str, words: &str) {
        for _ in 0..READ_ASKS_MAX {
            let (_, page) = self.get(path);
            if String::from_utf8_lossy(&page).contains(words) {
                return;
            }
            pause().await;
        }
        panic!("{path} never said {words}");
    }

    /// Gives a message to the feed "pas" at the HTTP door; it must be acknowledged.
    pub fn hear(&self, message: &str) {
        let body = message.replace('\n', "\r");
        let head = format!(
            "POST /feeds/pas/hl7 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/hl7-v2+er7; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            self.web,
            body.len()
        );
        let (status, answer) = self.ask(&head, body.as_bytes());
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(status == 200 && answer.contains("MSA|AA"), "{status}: {answer}");
    }

    fn ask(&self, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.web).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(ANSWER_WAIT_MS_MAX))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        let status = String::from_utf8_lossy(&answer).split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, body)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An admission (A01) or a change (A08) of an invented person on the surgical unit of a hospital of the demonstration.
pub fn adt(trigger: &str, id: &str, number: u32, family: &str, given: &str, reason: &str) -> String {
    let (nhs, bed) = (nhs_number(number), 90 + number);
    format!(
        "MSH|^~\\&|WVPAS|BRN|LIFEBOAT|WVH|20260302100000||ADT^{trigger}|BROWSER{id}|P|2.4||||||UNICODE UTF-8\n\
         EVN|{trigger}|20260302100000\n\
         PID|1||W9{number:05}^^^WVH^MR~{nhs}^^^NHS^NH||{family}^{given}||19450714|F\n\
         PV1|1|I|SAU^Bay 9^Bed {bed}^BRN|||||||||||||||V9{number:05}^^^VISIT|||||||||||||||||||||||||20260302100000\n\
         PV2|||^{reason}"
    )
}

/// An NHS number from 999 whose check digit is right, at or after that number.
fn nhs_number(number: u32) -> String {
    (0..)
        .find_map(|step| {
            let nine = format!("99999{:04}", number * 10 + step);
            let sum: u32 =
                nine.bytes().zip((2..=10).rev()).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
            let check = (11 - sum % 11) % 11;
            (check < 10).then(|| format!("{nine}{check}"))
        })
        .unwrap()
}
