//! Parse a message of 1–3 KB and read four fields (for results the first value too): messages per CPU-second, Lifeboat's
//! parser beside hl7-v2 and hl7-parser in one process, in turn, best of five rounds each.
//!
//! The checksums of all three (lengths of what was read) must agree, so that nobody wins by reading less.

use std::cell::Cell;
use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

fn ours(bytes: &[u8], with_value: bool) -> usize {
    let message = hl7::Message::parse(bytes).unwrap();
    let header = message.header();
    let pid = message.segment("PID").unwrap();
    let mut read = header.field(9).text().len()
        + header.field(10).text().len()
        + pid.field(3).component(1).text().len()
        + pid.field(5).component(1).text().len();
    if with_value {
        read += message.segment("OBX").map_or(0, |o| o.field(5).text().len());
    }
    read
}

fn hl7_v2(bytes: &[u8], with_value: bool) -> usize {
    let message = hl7_v2::Hl7Message::parse(bytes).unwrap();
    let header = message.msh().unwrap();
    let pid = message.segment("PID").unwrap();
    let first = |s: &hl7_v2::Segment<'_>, n| s.field(n).map_or(0, |f| f.component(1).unwrap_or("").len());
    // It numbers the header's fields one less than the standard.
    let mut read = header.field(8).unwrap().component(1).unwrap().len()
        + header.field(9).unwrap().value().len()
        + first(pid, 3)
        + first(pid, 5);
    if with_value {
        read += message.segment("OBX").map_or(0, |o| first(o, 5));
    }
    read
}

fn hl7_parser(text: &str, with_value: bool) -> usize {
    let message = hl7_parser::Message::parse(text).unwrap();
    let first = |name: &str, n: usize| {
        message
            .segment(name)
            .and_then(|s| s.field(n))
            .and_then(|f| f.repeat(1))
            .and_then(|r| r.component(1))
            .map_or(0, |c| c.raw_value().len())
    };
    let value = if with_value { first("OBX", 5) } else { 0 };
    first("MSH", 9) + first("MSH", 10) + first("PID", 3) + first("PID", 5) + value
}

/// CPU seconds of this thread so far.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Messages per CPU-second of `read`, and the checksum of one pass.
fn rate(messages: usize, read: &dyn Fn(usize) -> usize) -> (f64, usize) {
    let (began, wall, mut passes, mut checksum) = (cpu_s(), Instant::now(), 0usize, 0usize);
    while wall.elapsed().as_secs_f64() < 0.4 {
        checksum = (0..messages).map(|n| black_box(read(black_box(n)))).sum();
        passes += 1;
    }
    ((passes * messages) as f64 / (cpu_s() - began), checksum)
}

fn feed() -> Vec<u8> {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bench-parsers FEED.hl7.gz");
        std::process::exit(2);
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn main() {
    let feed = feed();
    let pieces: Vec<&[u8]> = hl7::split(&feed).map(|p| p.bytes()).collect();
    for (kind, with_value) in [("ADT", false), ("ORU", true)] {
        let wanted = format!("|{kind}^");
        let messages: Vec<&[u8]> = pieces
            .iter()
            .copied()
            .filter(|m| (1000..=3000).contains(&m.len()))
            .filter(|m| m.windows(wanted.len()).take(80).any(|w| w == wanted.as_bytes()))
            .take(500)
            .collect();
        let texts: Vec<&str> = messages.iter().map(|m| std::str::from_utf8(m).unwrap()).collect();
        let best: [Cell<f64>; 3] = Default::default();
        for _ in 0..5 {
            let rounds = [
                rate(messages.len(), &|n| ours(messages[n], with_value)),
                rate(messages.len(), &|n| hl7_v2(messages[n], with_value)),
                rate(messages.len(), &|n| hl7_parser(texts[n], with_value)),
            ];
            assert!(rounds.iter().all(|r| r.1 == rounds[0].1), "the parsers read different things: {rounds:?}");
            best.iter().zip(rounds).for_each(|(best, round)| best.set(best.get().max(round.0)));
        }
        for (parser, best) in ["lifeboat", "hl7-v2", "hl7-parser"].iter().zip(&best) {
            println!("figure\t{kind}\t{parser}\t{:.0}", best.get());
        }
    }
}
