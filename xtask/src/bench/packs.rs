//! Ward packs beside ReportLab's canvas drawing the same runs of text, lines and boxes with embedded fonts.

use super::examples::{value, values};
use super::process::run;
use super::{Figure, Place, grouped};
use anyhow::Context;
use std::process::Command;

/// Pages per CPU-second beside ReportLab; a thousand patients from nothing; one ward again.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let v = values(place, "paper", "press", &[])?;
    let strokes = place.scratch.join("strokes.txt");
    let press = place.root.join("target/release/examples/press");
    std::fs::write(&strokes, run(Command::new(press).arg("strokes"))?.stdout)?;
    let ours = value(&v, "pages_per_cpu_s")?;
    let fonts = place.root.join("paper/fonts");
    let font = |word: &str| -> anyhow::Result<_> {
        let mut found: Vec<_> = std::fs::read_dir(&fonts)?
            .flatten()
            .map(|e| e.path())
            .filter(|p| {
                p.extension().is_some_and(|e| e == "ttf")
                    && p.to_string_lossy().contains("Bold") == (word == "Bold")
            })
            .collect();
        found.sort();
        found.into_iter().next().with_context(|| format!("no {word} font"))
    };
    let python = place.root.join(".venv/bin/python3");
    let out = run(Command::new(python)
        .arg(place.root.join("bench/peers/reportlab_pack.py"))
        .arg(&strokes)
        .arg(font("Regular")?)
        .arg(font("Bold")?))?;
    let mut numbers = out.stdout.split_whitespace().filter_map(|n| n.parse::<f64>().ok());
    let pages = numbers.next().context("ReportLab printed nothing")?;
    let theirs = pages / numbers.next().context("ReportLab printed no time")?;
    let at_most = |name: &str, got: f64, bound: f64, unit: &str| Figure {
        name: name.to_owned(),
        measured: format!("{got:.2} {unit}"),
        beside: format!("{bound} {unit} allowed"),
        ratio: got / bound,
        wanted: 1.0,
        less_is_better: true,
    };
    Ok(vec![
        Figure {
            name: "ward packs, fonts embedded".to_owned(),
            measured: format!("{} pages per CPU-s", grouped(ours)),
            beside: format!("{} ReportLab canvas", grouped(theirs)),
            ratio: ours / theirs,
            wanted: 5.0,
            less_is_better: false,
        },
        at_most("1,000 patients' packs from nothing, 2 cores", value(&v, "thousand_s")?, 10.0, "s"),
        at_most("the same, memory", value(&v, "thousand_peak_mib")?, 200.0, "MiB"),
        at_most("a changed patient's ward pack again", value(&v, "ward_again_s")?, 0.5, "s"),
    ])
}
