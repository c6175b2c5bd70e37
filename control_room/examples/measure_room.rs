//! Measures the control room: import, rebuild, and the questions of a ward over a million patients.
//!
//! `cargo run --release -p control_room --example measure_room -- import FEED.hl7` (CPU-seconds for book and index, then
//! a rebuild), `… fhir FILE.ndjson…`, `… million [PATIENTS]`. Prints one figure a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

use basics::{Clock, FeedName, FixedClock, Moment};
use control_room::{ControlRoom, FeedSetup, Setup};
use logbook::Keys;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = std::env::temp_dir().join(format!("lifeboat-measure-{}", std::process::id()));
    match args.first().map(String::as_str) {
        Some("import") => import(&dir, &hl7_messages(&std::fs::read(&args[1]).unwrap())),
        Some("fhir") => {
            let lines = |file: &String| -> Vec<Vec<u8>> {
                let bytes = std::fs::read(file).unwrap();
                bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect()
            };
            import(&dir, &args[1..].iter().flat_map(lines).collect::<Vec<_>>());
        }
        Some("million") => million(&dir, args.get(1).map_or(1_000_000, |n| n.parse().unwrap())),
        _ => println!("measure import FILE | fhir FILE… | million [PATIENTS]"),
    }
    drop(std::fs::remove_dir_all(&dir));
}

fn setup(dir: &Path) -> Setup {
    let feed = FeedSetup::named(FeedName::new("pas").unwrap());
    Setup { data_dir: dir.to_owned(), feeds: vec![feed], trust: "Measured".into(), ..Setup::default() }
}

fn open(dir: &Path) -> ControlRoom {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(at()));
    ControlRoom::open_offline(setup(dir), &Keys::from_secret(&[1; 64]), clock).unwrap()
}

fn at() -> Moment {
    Moment::parse_rfc3339("2026-03-12T08:00:00Z").unwrap()
}

fn hl7_messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts_line = |i: usize| i == 0 || matches!(bytes[i - 1], b'\r' | b'\n');
    let mut starts: Vec<usize> =
        (0..bytes.len()).filter(|i| bytes[*i..].starts_with(b"MSH") && starts_line(*i)).collect();
    starts.push(bytes.len());
    starts.windows(2).map(|w| bytes[w[0]..w[1]].trim_ascii_end().to_vec()).collect()
}

/// CPU-seconds of this process, all threads, and its resident memory in MB.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn rate(what: &str, count: usize, work: impl FnOnce()) {
    let (before, began) = (cpu(), Instant::now());
    work();
    let (spent, passed) = ((cpu() - before).max(0.01), began.elapsed().as_secs_f64());
    let each = count as f64 / spent;
    println!("{what}: {count} in {spent:.2} CPU-s and {passed:.2} s: {each:.0} per CPU-s");
    println!("figure\t{}_per_cpu_s\t{each:.0}", what.replace(' ', "_"));
}

fn import(dir: &Path, messages: &[Vec<u8>]) {
    let feed = FeedName::new("pas").unwrap();
    let copy: Vec<_> = messages.iter().map(|m| (m.clone(), at())).collect();
    let room = open(dir);
    let (before, began) = (cpu(), Instant::now());
    rate("book alone", messages.len(), || drop(room.receive_batch(&feed, copy).unwrap()));
    rate("index alone", messages.len(), || room.catch_up(&mut |_, _| {}).unwrap());
    let (spent, passed) = (cpu() - before, began.elapsed().as_secs_f64());
    println!("book and index: {:.0} per CPU-s, {passed:.2} s", messages.len() as f64 / spent);
    println!("{:?}", room.totals());
    room.close();
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(at()));
    let keys = Keys::from_secret(&[1; 64]);
    rate("rebuild", messages.len(), || {
        ControlRoom::rebuild(setup(dir), &keys, clock, &mut |_, _| {}).unwrap();
    });
    println!("memory: {:.0} MB now, {:.0} MB at most", memory("VmRSS"), memory("VmHWM"));
}

/// Made-up people: names drawn so that some are common and most are rare, as in life.
struct People(u64);

impl People {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
    fn name(&mut self, syllables: &[&str], kinds: u64) -> String {
        // The smaller of two draws: a few names are borne by many.
        let mut n = (self.next() % kinds).min(self.next() % kinds).min(self.next() % kinds);
        let mut name = String::new();
        for _ in 0..3 {
            name.push_str(syllables[(n % syllables.len() as u64) as usize]);
            n /= syllables.len() as u64;
        }
        name
    }
}

const SYLLABLES: [&str; 40] = [
    "smi", "jon", "tay", "bro", "wil", "dav", "eva", "tho", "rob", "wal", "wri", "hug", "har", "cla", "lew",
    "pat", "coo", "mor", "kin", "bak", "ton", "son", "ham", "ley", "den", "ford", "well", "man", "er", "ers",
    "ing", "ard", "by", "wick", "worth", "sta", "mel", "ran", "ol", "ne",
];

fn message(people: &mut People, n: u64) -> Vec<u8> {
    let (family, given) = (people.name(&SYLLABLES, 60_000), people.name(&SYLLABLES, 6_000));
    let born =
        format!("{}{:02}{:02}", 1930 + people.next() % 95, 1 + people.next() % 12, 1 + people.next() % 28);
    let nhs = basics::NhsNumber::test_number(999_000_000 + (n % 1_000_000) as u32);
    let nhs = nhs.map_or_else(String::new, |nhs| format!("~{}^^^NHS^NH", nhs.digits()));
    // One in two hundred and fifty is in a bed: 4,000 of a million.
    let (trigger, visit) = if n.is_multiple_of(250) {
        let (ward, bed) = (n / 250 / 40, n / 250 % 40 + 1);
        (
            "A01",
            format!(
                "PV1|1|I|W{ward}^^Bed {bed}^Northgate||||||||||||||||V{n}|||||||||||||||||||||||||20260310\r"
            ),
        )
    } else {
        ("A28", String::new())
    };
    format!(
        "MSH|^~\\&|PAS|NGH|LB|NGH|20260310120000||ADT^{trigger}|M{n}|P|2.4\rEVN|{trigger}|20260310120000\r\
         PID|1||RN{n:07}^^^NGH^MR{nhs}||{family}^{given}||{born}|F|||{n} High Street^^Northgate^^NG1 {n}\r{visit}"
    )
    .into_bytes()
}

fn million(dir: &Path, patients: u64) {
    let feed = FeedName::new("pas").unwrap();
    let room = open(dir);
    let mut people = People(42);
    rate("import of made-up people", patients as usize, || {
        let mut n = 0;
        while n < patients {
            let batch: Vec<_> =
                (n..(n + 20_000).min(patients)).map(|n| (message(&mut people, n), at())).collect();
            n += batch.len() as u64;
            room.receive_batch(&feed, batch).unwrap();
            room.catch_up(&mut |_, _| {}).unwrap();
        }
    });
    println!("{:?}; memory {:.0} MB now, {:.0} MB at most", room.totals(), memory("VmRSS"), memory("VmHWM"));
    room.close();
    let began = Instant::now();
    let room = open(dir);
    println!("opened again in {:.2} s; memory {:.0} MB", began.elapsed().as_secs_f64(), memory("VmRSS"));
    let mut words = People(7);
    let typed: Vec<String> = (0..2_000).map(|i| question(&mut words, i)).collect();
    latency("find, as typed", typed.len(), |i| {
        room.find(&typed[i], 20).unwrap();
    });
    for text in [
        "s",
        "sm",
        "smi",
        "smijon",
        "a",
        "er",
        "smi jon",
        "s j",
        "smjion",
        "smijontay wil",
        "1945",
        "14/07/1945",
        "RN00",
        "999",
        "W3 7",
    ] {
        let began = Instant::now();
        let found = room.find(text, 20).unwrap();
        println!(
            "  {text:?}: {:.2} ms, {} of {}{}",
            began.elapsed().as_secs_f64() * 1e3,
            found.matches.len(),
            found.total_at_least,
            if found.more { "+" } else { "" }
        );
    }
    latency("exact number", 5_000, |i| {
        let n = (i as u64 * 7_919) % patients;
        room.find_exact(&format!("RN{n:07}")).unwrap().unwrap();
    });
    let wards: Vec<_> = room.wards().unwrap().into_iter().map(|w| w.key).collect();
    latency("ward list", 1_000, |i| {
        room.ward_list(&wards[i % wards.len()]).unwrap().unwrap();
    });
    latency("patient", 1_000, |i| {
        let key = care::PatientKey(1 + (i as u64 * 7_919) % patients);
        room.patient(key).unwrap().unwrap();
    });
    println!("memory: {:.0} MB now, {:.0} MB at most", memory("VmRSS"), memory("VmHWM"));
}

/// What somebody types: the beginning of a name, two names, a slip of the finger.
fn question(people: &mut People, i: usize) -> String {
    let (family, given) = (people.name(&SYLLABLES, 60_000), people.name(&SYLLABLES, 6_000));
    let mut slip: Vec<u8> = family.clone().into_bytes();
    let at = people.next() as usize % (slip.len() - 1);
    slip.swap(at, at + 1);
    let slip = String::from_utf8(slip).unwrap();
    match i % 5 {
        0 => family[..1 + i % family.len()].to_owned(),
        1 => format!("{family} {}", &given[..1 + i % given.len()]),
        2 => slip,
        3 => format!("{given} {slip}"),
        _ => format!("{} {}", &family[..2], &given[..1]),
    }
}

fn latency(what: &str, count: usize, mut ask: impl FnMut(usize)) {
    let mut times: Vec<f64> = (0..count)
        .map(|i| {
            let began = Instant::now();
            ask(i);
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what}: p50 {:.3} ms, p99 {:.3} ms, most {:.3} ms", at(0.5), at(0.99), at(1.0));
    let name = what.replace([' ', ','], "_");
    println!("figure\t{name}_p50_ms\t{:.4}", at(0.5));
    println!("figure\t{name}_p99_ms\t{:.4}", at(0.99));
}
