//! Parse a message and read four fields, beside published parsers (a workspace of its own under bench/parsers).

use super::process::run;
use super::{Figure, Place, grouped};
use anyhow::Context;
use std::collections::BTreeMap;
use std::process::Command;

/// Messages per CPU-second on admissions and on results, ours and theirs in the same process.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let folder = place.root.join("bench/parsers");
    let target = place.root.join("target/bench-parsers");
    let built = Command::new("cargo")
        .args(["build", "--release", "-q"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(&folder)
        .status()?;
    anyhow::ensure!(built.success(), "bench/parsers does not build");
    let mut command = Command::new(target.join("release/bench-parsers"));
    if let Some(shared) = &place.shared {
        command.arg(shared.join("feed/northgate.hl7.gz"));
    }
    let out = run(&mut command)?;
    let mut rates: BTreeMap<(String, String), f64> = BTreeMap::new();
    for line in out.stdout.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        if let ["figure", kind, parser, rate] = parts.as_slice() {
            rates.insert(((*kind).to_owned(), (*parser).to_owned()), rate.parse()?);
        }
    }
    let rate = |kind: &str, parser: &str| {
        rates
            .get(&(kind.to_owned(), parser.to_owned()))
            .copied()
            .with_context(|| format!("no rate of {parser} on {kind}"))
    };
    let mut figures = Vec::new();
    for kind in ["ADT", "ORU"] {
        for (peer, wanted) in [("hl7-parser", 40.0), ("hl7-v2", 3.0)] {
            let (ours, theirs) = (rate(kind, "lifeboat")?, rate(kind, peer)?);
            figures.push(Figure {
                name: format!("parse {kind} and read four fields"),
                measured: format!("{} messages per CPU-s", grouped(ours)),
                beside: format!("{} {peer}", grouped(theirs)),
                ratio: ours / theirs,
                wanted,
                less_is_better: false,
            });
        }
    }
    Ok(figures)
}
