//! Prints what a simulated trust sends about one patient: `cargo run -p drill --example trace -- SEED MINUTES MRN`.
//!
//! For whoever has to find out why a truth test failed: the messages in the order in which they are handed over.

use basics::Moment;
use drill::{Size, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, minutes, mrn] = arguments.as_slice() else { return Err("say: SEED MINUTES MRN".into()) };
    let start = Moment::parse_rfc3339("2026-03-02T20:00:00Z").ok_or("no such time")?;
    let mut trust = Trust::new(seed.parse()?, start, Size::TINY);
    let until = start.plus_seconds(minutes.parse::<i64>()? * 60);
    let mut quiet = false;
    loop {
        if trust.now() >= until && !quiet {
            trust.quiet();
            quiet = true;
        }
        let Some(message) = trust.next() else { return Ok(()) };
        let text = String::from_utf8_lossy(&message.bytes).replace('\r', "\n");
        if text.contains(mrn.as_str()) {
            println!("== {} by {}\n{text}", message.at.rfc3339(), message.feed);
        }
    }
}
