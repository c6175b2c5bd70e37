//! Writes a feed file: `cargo run -p drill --example generate -- --messages 100000 --out feed.hl7`.
//!
//! `--patients N` writes N distinct patients instead of a simulated day; `--fhir` writes them as NDJSON; `--seed N`
//! chooses others. Messages are parted by a blank line; every message keeps its own sender's line ends.

use basics::Moment;
use drill::{Size, Trust, bulk};
use std::fs::File;
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut messages, mut patients, mut seed) = (10_000u64, 0u64, 1u64);
    let (mut out, mut fhir, mut start) =
        (String::from("feed.hl7"), false, Moment::parse_rfc3339("2026-03-02T08:00:00Z"));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} wants a value"));
        match argument.as_str() {
            "--messages" => messages = value()?.parse()?,
            "--patients" => patients = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--out" => out = value()?,
            "--start" => start = Moment::parse_rfc3339(&value()?),
            "--fhir" => fhir = true,
            other => return Err(format!("{other} is not known; see the top of examples/generate.rs").into()),
        }
    }
    let start = start.ok_or("--start wants a time such as 2026-03-02T08:00:00Z")?;
    let mut file = BufWriter::new(File::create(&out)?);
    let mut written = 0u64;
    if patients > 0 {
        for face in bulk::crowd(seed, patients, 5) {
            if fhir {
                writeln!(file, "{}", face.fhir())?;
            } else {
                file.write_all(&face.adt(start))?;
                file.write_all(b"\r\n")?;
            }
            written += 1;
        }
    } else {
        let trust = Trust::new(seed, start, Size { mishaps: 0, ..Size::DEMO });
        for message in trust.take(usize::try_from(messages)?) {
            file.write_all(&message.bytes)?;
            file.write_all(b"\r\n")?;
            written += 1;
        }
    }
    file.flush()?;
    println!("{written} written to {out}");
    Ok(())
}
