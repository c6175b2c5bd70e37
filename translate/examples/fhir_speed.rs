//! Resources a second through the FHIR translation, on a folder of NDJSON files: `fhir_speed <folder> [rounds]`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout, clippy::cast_precision_loss)]

use basics::{EntryNumber, FeedName, Moment};
use std::io::Read;
use translate::{FeedRules, Received};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let rounds: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(5);
    let feed = FeedName::new("bench").unwrap();
    let rules = FeedRules::new(feed.clone());
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()) {
        let name = file.to_string_lossy().into_owned();
        let mut bytes = std::fs::read(&file).unwrap();
        if name.ends_with(".ndjson.gz") {
            let packed = std::mem::take(&mut bytes);
            flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        }
        if name.contains(".ndjson") {
            lines.extend(bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec));
        }
    }
    let started = std::time::Instant::now();
    let mut facts = 0;
    for _ in 0..rounds {
        for (number, line) in lines.iter().enumerate() {
            let at = Moment::from_milliseconds(1_800_000_000_000);
            let received = Received { entry: EntryNumber(number as u64), received: at, feed: feed.clone() };
            facts += translate::fhir(line, &received, &rules).facts.len();
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let all = lines.len() * rounds;
    println!("{all} resources, {facts} facts, {:.0} resources a second", all as f64 / seconds);
}
