//! `drills/friday-12-may.drill` from the first ransom note to the debrief, in one piece and through the screens: every
//! deed of the file is clicked and typed into the form that a person would use, every expectation is looked for where a
//! person would look.
//!
//! Always: the file is the one source, so a line that is added there is carried out here or fails loudly; the real
//! `lifeboat serve` runs on a clock that stands where the file puts it (libfaketime), so that promises pass and diverts
//! expire as they did on the day. The forms are in `friday_forms` and `friday_divert_forms`, `friday_plans` and
//! `friday_clinics`, the looking in `friday_sights`.

use crate::common::{PROGRAM, command, eventually, ok};
use crate::driver::{Browser, SOON, pause};
use crate::{friday_clinics, friday_forms, friday_plans, friday_sights};
use basics::{Moment, Zone};
use drill::Scenario;
use drill::scenario::response::What;
use drill::scenario::{Act, Expectation};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const DRILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../drills/friday-12-may.drill");
/// Where Debian and Ubuntu lay the clock that can be put (`xtask/setup.sh test` installs it).
const CLOCKS: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];
/// Longest wait for one answer without a browser.
const ANSWER_WAIT_MS_MAX: u64 = 60_000;

/// The clock that can be put; where a machine must have it (CI), absence is a failure.
pub fn clock_library() -> Option<&'static str> {
    let there = CLOCKS.into_iter().find(|path| Path::new(path).exists());
    if there.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "faketime is not installed");
        println!("faketime absent, skipped: the whole day in a browser");
    }
    there
}

/// The day under way.
pub struct Day<'a> {
    /// The staff's screen.
    pub staff: &'a Browser,
    /// A screen that runs no script: a second commander's, and what the public reads with.
    pub second: &'a Browser,
    /// The file.
    pub scenario: &'a Scenario,
    pub zone: Zone,
    /// Where the clock stands.
    pub at: Moment,
    /// The drill's incident, once it is open.
    pub incident: u32,
    /// Ambulance jobs so far.
    pub jobs: u32,
    /// When each inject came.
    pub injects: BTreeMap<String, Moment>,
    /// What the public has been told, by number: whether it is approved, its sentence, when more is promised.
    pub updates: Vec<(bool, String, Option<Moment>)>,
    /// What must be in the log at the end: the line of the file, who, when, and words of it.
    pub record: Vec<(String, String, String, String)>,
    /// Messages acknowledged.
    pub acknowledged: usize,
    /// The line of the file, for reports.
    pub line: String,
    /// The public's page as it was last looked at in a browser.
    pub last_page: RefCell<String>,
    server: Option<Server>,
    dir: PathBuf,
    library: &'static str,
    held: Vec<(String, Vec<u8>)>,
    cut: bool,
}

/// Runs the whole of it in the new folder `dir`.
pub async fn from_the_first_ransom_note_to_the_debrief(
    staff: &Browser,
    second: &Browser,
    (phone, widths): (&Browser, (u64, u64)),
    dir: &Path,
    library: &'static str,
) {
    let text = std::fs::read_to_string(DRILL).unwrap();
    let scenario = Scenario::parse("drills/friday-12-may.drill", &text).unwrap_or_else(|why| panic!("{why}"));
    let mut day = Day {
        staff,
        second,
        scenario: &scenario,
        zone: Zone::london(),
        at: scenario.start,
        incident: 0,
        jobs: 0,
        injects: BTreeMap::new(),
        updates: Vec::new(),
        record: Vec::new(),
        acknowledged: 0,
        line: String::new(),
        last_page: RefCell::default(),
        server: None,
        dir: dir.to_owned(),
        library,
        held: Vec::new(),
        cut: false,
    };
    day.configure();
    day.start();
    day.region_is_read().await;
    for step in &scenario.steps {
        day.line = format!("{}:{}: {}", scenario.file, step.line, step.text);
        day.put_clock(step.at);
        println!("{}", day.line);
        day.step(&step.act).await;
        friday_sights::the_public_reads_the_truth(&day).await;
    }
    friday_sights::every_step_is_on_the_record(&day).await;
    friday_sights::the_debrief_tells_the_day(&day).await;
    friday_plans::stand_whole(&day, phone, widths).await;
    friday_clinics::stand_whole(&day, phone, widths).await;
    day.proved_elsewhere();
}

impl Day<'_> {
    /// The address of a page.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.as_ref().expect("the server runs").web)
    }

    /// The clock as the hospital's clocks show it: "13:42".
    pub fn clock(&self, at: Moment) -> String {
        self.zone.hour_minute(at)
    }

    /// The folder that the public's page of this exercise is pushed to.
    pub fn public_folder(&self, ground: &str) -> PathBuf {
        self.dir.join("data/public_page").join(ground).join("current")
    }

    fn data(&self) -> String {
        self.dir.join("data").to_str().unwrap().to_owned()
    }

    /// What a trust's configuration lays down: its hospitals, its feeds, where the public finds its page.
    fn configure(&self) {
        let hospitals: Vec<String> =
            self.scenario.hospitals.iter().map(|(site, _)| format!("{:?}", site.as_str())).collect();
        let mut text = format!(
            "data = {:?}\ntrust = \"Wendmere Vale (invented)\"\nhospitals = [{}]\n[web]\nlisten = \"127.0.0.1:0\"\n\
             [public_page]\naddress = \"https://updates.example\"\n\
             [clinics]\nphone = \"01632 960 100\"\nhours = \"8am to 8pm\"\n",
            self.data(),
            hospitals.join(", ")
        );
        let region = self.dir.join("region.json");
        std::fs::write(&region, self.scenario.region_json().expect("the drill has a region")).unwrap();
        text += &format!("[diverts]\nregion = {region:?}\n[diverts.estimate]\nfactor = 1.4\n");
        for feed in &self.scenario.feeds {
            text += &format!(
                "[[feeds]]\nname = {:?}\nsite = {:?}\nsilent_after_seconds = {}\n",
                feed.name,
                feed.site,
                feed.silent_minutes * 60
            );
        }
        std::fs::write(self.dir.join("lifeboat.toml"), text).unwrap();
        // The hospital's own rules of triage, for the systems in whose place nothing stands on this day.
        let rules = self.dir.join("data/forms/clinics");
        std::fs::create_dir_all(&rules).unwrap();
        for (name, text) in drill::play::triage_rules(self.scenario) {
            std::fs::write(rules.join(name), text).unwrap();
        }
    }

    /// The region's file is read in the background; then its sites stand on the board.
    async fn region_is_read(&self) {
        self.staff.go(&self.address("/diverts/plans")).await;
        for _ in 0..SOON {
            if self.staff.text("main").await.contains("Make a plan from the board") {
                return;
            }
            pause().await;
            self.staff.go(&self.address("/diverts/plans")).await;
        }
        panic!("the region was never read");
    }

    /// Puts the server's clock; it stands there until it is put again.
    fn put_clock(&mut self, at: Moment) {
        self.at = at;
        let (written, read) = (self.dir.join("clock.new"), self.dir.join("clock"));
        let stamp = at.rfc3339().replace('T', " ");
        std::fs::write(&written, format!("{}\n", stamp.trim_end_matches('Z'))).unwrap();
        std::fs::rename(written, read).unwrap();
    }

    fn start(&mut self) {
        self.put_clock(self.at);
        let mut serve = Command::new(PROGRAM);
        serve.args(["serve", "--config", self.dir.join("lifeboat.toml").to_str().unwrap()]);
        serve.env_remove("LIFEBOAT_DATA").env_remove("LIFEBOAT_CONFIG").env_remove("LIFEBOAT_PASSPHRASE");
        serve.env("LD_PRELOAD", self.library).env("TZ", "UTC").env("NO_FAKE_STAT", "1");
        // Waits are real; only the time of day is the drill's.
        serve.env("FAKETIME_TIMESTAMP_FILE", self.dir.join("clock")).env("FAKETIME_NO_CACHE", "1");
        serve.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = serve.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let web = lines.find_map(|line| line.split_once("Its pages: http://").map(|(_, web)| web.to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        self.server = Some(Server { child, web: web.expect("the server is up") });
    }

    async fn step(&mut self, act: &Act) {
        match act {
            Act::Wait => {}
            Act::Inject { name, text } => {
                self.injects.insert(name.clone(), self.at);
                friday_forms::note(self, "Drill", &format!("Inject: {text}")).await;
            }
            Act::Deed(deed) => match &deed.what {
                What::Clinic(what) => friday_clinics::enter(self, deed, what).await,
                _ => friday_forms::enter(self, deed).await,
            },
            Act::Books { feed, bookings, days, seed } => {
                let what = (*bookings, *days, *seed);
                for bytes in drill::play::booked(self.scenario, feed, what, self.at) {
                    self.send(feed.clone(), bytes);
                }
            }
            Act::GatewayAnswers => friday_clinics::nothing_left_the_house(self).await,
            Act::Send { feed, message } => {
                let number = self.acknowledged as u64 + 1;
                let bytes = drill::play::written(self.scenario, feed, message, self.at, number).unwrap();
                self.send(feed.clone(), bytes);
            }
            Act::Cut { feed: None } => self.cut = true,
            Act::Restore { feed: None } => {
                self.cut = false;
                for (feed, bytes) in std::mem::take(&mut self.held) {
                    self.send(feed, bytes);
                }
            }
            Act::Kill => {
                self.server.take().expect("the server runs").kill();
                self.start();
            }
            Act::Expect { what: Expectation::Response(wanted) } => friday_sights::expect(self, wanted).await,
            Act::Expect { what } => friday_sights::expect_of_wards(self, what).await,
            other => panic!("{}: this journey cannot do that yet: {other:?}", self.line),
        }
    }

    /// A hospital's system sends, and is told that the message is kept; while all is cut it says nothing.
    fn send(&mut self, feed: String, bytes: Vec<u8>) {
        if self.cut {
            self.held.push((feed, bytes));
            return;
        }
        let web = &self.server.as_ref().unwrap().web;
        let head = format!(
            "POST /feeds/{feed}/hl7 HTTP/1.1\r\nHost: {web}\r\nConnection: close\r\n\
             Content-Type: application/hl7-v2+er7\r\nContent-Length: {}\r\n\r\n",
            bytes.len()
        );
        let answer = self.ask(&head, &bytes);
        assert!(String::from_utf8_lossy(&answer).contains("MSA|AA"), "{}: not acknowledged", self.line);
        self.acknowledged += 1;
    }

    /// The body of an answer, asked for without a browser.
    pub fn get(&self, path: &str) -> Vec<u8> {
        let web = &self.server.as_ref().unwrap().web;
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {web}\r\nConnection: close\r\n\r\n"), b"")
    }

    fn ask(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.server.as_ref().unwrap().web).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(ANSWER_WAIT_MS_MAX))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "{}: {answer}", self.line);
        body
    }

    /// Waits until the form that was sent is taken (the address then says what was done) or refused; gives the refusal.
    pub async fn answered(&self, browser: &Browser) -> Option<String> {
        for _ in 0..SOON {
            if browser.path().await.contains("done=") {
                return None;
            }
            let refused = browser.text(".refused").await;
            if !refused.is_empty() {
                return Some(refused);
            }
            pause().await;
        }
        panic!("{}: neither taken nor refused, on {}", self.line, browser.path().await);
    }

    /// The bundle that the page hands out verifies where Lifeboat never ran, by the key that `lifeboat head` prints; one
    /// changed byte is found. The record itself is sound too.
    fn proved_elsewhere(&mut self) {
        let bundle = self.get("/log/bundle");
        self.server.take().expect("the server runs").stop();
        let data = self.data();
        ok(&["verify", "--data", &data], 0);
        let head = ok(&["head", "--book", "incident", "--json", "--data", &data], 0);
        let key = head.split_once("\"verifying_key\":\"").unwrap().1.split('"').next().unwrap().to_owned();
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("incident.bundle");
        let verified = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            let mut verify = command(&["verify", "--bundle", file.to_str().unwrap(), "--key", &key]);
            verify.arg("--data").arg(elsewhere.path().join("no-record"));
            verify.output().unwrap().status.success()
        };
        assert!(verified(&bundle), "the bundle is sound");
        for at in [0, bundle.len() / 3, bundle.len() / 2, bundle.len() - 1] {
            let mut changed = bundle.clone();
            changed[at] ^= 1;
            assert!(!verified(&changed), "byte {at} was changed and nobody noticed");
        }
        assert!(verified(&bundle), "put back, it is sound again");
    }
}

/// A `lifeboat serve` that ends with the test.
struct Server {
    child: Child,
    web: String,
}

impl Server {
    /// Pulls the plug.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        eventually("the server ends", || matches!(self.child.try_wait(), Ok(Some(_))));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
