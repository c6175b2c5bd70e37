//! What the control room's tests share: rooms in a temporary folder, feeds read from the shared data, and dumps that
//! two rooms can be compared by.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use basics::{Clock, FeedName, FixedClock, Moment};
use control_room::{ControlRoom, Fault, FeedSetup, Receipt, Setup, TrayFilter};
use logbook::Keys;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

pub const SECRET: [u8; 64] = [7; 64];

pub fn keys() -> Keys {
    Keys::from_secret(&SECRET)
}

pub fn pas() -> FeedName {
    FeedName::new("pas").unwrap()
}

pub fn start() -> Moment {
    Moment::parse_rfc3339("2026-03-01T08:00:00Z").unwrap()
}

pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(start()))
}

pub fn setup(dir: &Path) -> Setup {
    Setup {
        data_dir: dir.to_owned(),
        feeds: vec![FeedSetup::named(pas())],
        trust: "Northgate Hospitals".into(),
        index_cache_mb: 32,
        ..Setup::default()
    }
}

pub fn open(dir: &Path) -> ControlRoom {
    ControlRoom::open(setup(dir), &keys(), clock() as Arc<dyn Clock>).unwrap()
}

pub fn offline(dir: &Path) -> ControlRoom {
    ControlRoom::open_offline(setup(dir), &keys(), clock() as Arc<dyn Clock>).unwrap()
}

pub fn receive(room: &ControlRoom, feed: &FeedName, bytes: &[u8], at: Moment) -> Result<Receipt, Fault> {
    let (answer, answered) = channel();
    room.receive(feed, bytes.to_vec(), at, move |result| answer.send(result).unwrap());
    answered.recv().unwrap()
}

pub fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some_and(|v| v == "1")
}

/// The folder of shared test data, or a plain line saying what is skipped.
pub fn shared_data(what: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    if dir.is_dir() {
        return Some(dir);
    }
    println!("shared data absent, skipped: {what}");
    None
}

/// The ten-day feed's messages, as they were sent.
pub fn northgate(dir: &Path) -> Vec<Vec<u8>> {
    use std::io::Read;
    let file = std::fs::File::open(dir.join("feed/northgate.hl7.gz")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    messages(&bytes)
}

/// Cuts a file before every line that begins with MSH.
pub fn messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut starts: Vec<usize> = (0..bytes.len())
        .filter(|i| bytes[*i..].starts_with(b"MSH") && (*i == 0 || matches!(bytes[i - 1], b'\r' | b'\n')))
        .collect();
    starts.push(bytes.len());
    let trim = |m: &[u8]| {
        let end = m.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |e| e + 1);
        let mut message = m[..end].to_vec();
        message.push(b'\r');
        message
    };
    starts.windows(2).map(|w| trim(&bytes[w[0]..w[1]])).filter(|m| m.len() > 1).collect()
}

/// Everything that a room shows, in words that two rooms can be compared by.
pub fn dump(room: &ControlRoom) -> String {
    use std::fmt::Write;
    room.catch_up(&mut |_, _| {}).unwrap();
    let mut out = String::new();
    let totals = room.totals();
    writeln!(
        out,
        "{} {} {} {} {}",
        totals.received, totals.understood, totals.in_tray, totals.cleared, totals.patients
    )
    .unwrap();
    for record in room.patients().unwrap() {
        writeln!(out, "{:?}", record.unwrap()).unwrap();
    }
    for ward in room.wards().unwrap() {
        writeln!(out, "{ward:?}\n{:?}", room.ward_list(&ward.key).unwrap()).unwrap();
    }
    writeln!(
        out,
        "{:?}\n{:?}\n{:?}",
        room.tray(&TrayFilter::default()).unwrap(),
        room.tray_counts(),
        room.mode()
    )
    .unwrap();
    out
}

/// Where two dumps part, for a person to look at.
pub fn assert_same(a: &str, b: &str, what: &str) {
    if a != b {
        let (x, y) = a.lines().zip(b.lines()).find(|(x, y)| x != y).unwrap_or(("", "one is longer"));
        let at = x.bytes().zip(y.bytes()).position(|(p, q)| p != q).unwrap_or(0);
        let near = |t: &str| t.get(at.saturating_sub(200)..(at + 200).min(t.len())).unwrap_or(t).to_owned();
        panic!("{what}:\n  {}\n  {}", near(x), near(y));
    }
}

/// A small generator of numbers, so that every run can be played again from its seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// A seed, from the environment when a run is to be played again.
pub fn seed() -> u64 {
    let seed = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_260_301);
    println!("seed {seed}; play again with LIFEBOAT_SEED={seed}");
    seed
}

/// A message of a made-up patient.
pub fn adt(
    trigger: &str,
    control: &str,
    mrn: u64,
    family: &str,
    ward: &str,
    bed: &str,
    time: &str,
) -> Vec<u8> {
    format!(
        "MSH|^~\\&|PAS|NGH|LIFEBOAT|NGH|{time}||ADT^{trigger}|{control}|P|2.4\rEVN|{trigger}|{time}\r\
         PID|1||{mrn}^^^NGH^MR||{family}^Ada^Jane^^Mrs||19450714|F\rPV1|1|I|{ward}^^{bed}^Northgate||||||||||||||||V{mrn}|||||||||||||||||||||||||{time}\r"
    )
    .into_bytes()
}
