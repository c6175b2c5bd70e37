//! Figures that a crate's own measuring example prints, one a line: `figure<TAB>name<TAB>value<TAB>unit`.

use super::process::run;
use super::{Figure, Place, grouped};
use anyhow::Context;
use std::collections::BTreeMap;
use std::process::Command;

/// Values by name, as printed by `cargo run --release -p PACKAGE --example EXAMPLE -- ARGUMENTS`.
pub fn values(
    place: &Place,
    package: &str,
    example: &str,
    arguments: &[&str],
) -> anyhow::Result<BTreeMap<String, f64>> {
    let built = Command::new("cargo")
        .args(["build", "--release", "-q", "-p", package, "--example", example])
        .current_dir(&place.root)
        .status()?;
    anyhow::ensure!(built.success(), "{package}'s example {example} does not build");
    let program = place.root.join("target/release/examples").join(example);
    let finished = run(Command::new(program).args(arguments).current_dir(&place.scratch))?;
    let mut values = BTreeMap::new();
    for line in finished.stdout.lines() {
        let mut parts = line.split('\t');
        if let (Some("figure"), Some(name), Some(value)) = (parts.next(), parts.next(), parts.next()) {
            values.insert(name.to_owned(), value.trim().parse().with_context(|| line.to_owned())?);
        }
    }
    values.insert("peak_mib".to_owned(), finished.peak_mib);
    Ok(values)
}

/// A value by its name.
pub fn value(values: &BTreeMap<String, f64>, name: &str) -> anyhow::Result<f64> {
    values
        .get(name)
        .copied()
        .with_context(|| format!("{name} was not printed; there are {:?}", values.keys()))
}

/// A value that may be so much at most.
pub fn at_most(
    values: &BTreeMap<String, f64>,
    name: &str,
    shown: &str,
    unit: &str,
    bound: f64,
) -> anyhow::Result<Figure> {
    let got = value(values, name)?;
    Ok(Figure {
        name: shown.to_owned(),
        measured: format!("{got:.3} {unit}"),
        beside: format!("{bound} {unit} allowed"),
        ratio: got / bound,
        wanted: 1.0,
        less_is_better: true,
    })
}

/// A million patients in the index: find, exact number, ward list, memory.
pub fn find(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let v = values(place, "control_room", "measure_room", &["million", "1000000"])?;
    Ok(vec![
        at_most(&v, "find__as_typed_p99_ms", "find as you type among 1,000,000, p99", "ms", 10.0)?,
        at_most(&v, "exact_number_p50_ms", "exact number", "ms", 0.1)?,
        at_most(&v, "ward_list_p99_ms", "ward list of 40, p99", "ms", 2.0)?,
        at_most(&v, "peak_mib", "memory of the whole process", "MiB", 600.0)?,
    ])
}

/// The record by itself: verification and opening.
pub fn record(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let v = values(place, "logbook", "measure", &["record", "reading"])?;
    let read = value(&v, "read_entries_per_cpu_s")?;
    Ok(vec![
        at_most(&v, "verify_million_s", "1,000,000 entries verified", "s", 60.0)?,
        at_most(&v, "open_million_s", "1,000,000 entries opened", "s", 5.0)?,
        Figure {
            name: "entries of 1 KB read back".to_owned(),
            measured: format!("{} entries per CPU-s", grouped(read)),
            beside: "200,000 wanted".to_owned(),
            ratio: read / 200_000.0,
            wanted: 1.0,
            less_is_better: false,
        },
    ])
}

/// The incident book with a million log entries: opened at start, searched, verified.
pub fn incident(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let v = values(place, "control_room", "measure_incident", &["1000000"])?;
    let searches = ["search_common_s", "search_rare_s", "search_many_words_s", "search_nothing_s"];
    let slowest = searches.iter().map(|name| value(&v, name)).collect::<anyhow::Result<Vec<f64>>>()?;
    let slowest = slowest.into_iter().fold(0.0, f64::max);
    Ok(vec![
        at_most(&v, "open_s", "1,000,000 log entries opened at start", "s", 5.0)?,
        Figure {
            name: "searched among 1,000,000 log entries, the slowest".to_owned(),
            measured: format!("{:.1} ms", slowest * 1000.0),
            beside: "100 ms allowed".to_owned(),
            ratio: slowest / 0.1,
            wanted: 1.0,
            less_is_better: true,
        },
        at_most(&v, "verify_s", "1,000,000 log entries verified", "s", 60.0)?,
    ])
}

/// The directory with 20,000 entries: searched as tired people type.
pub fn directory(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let v = values(place, "incident", "measure_directory", &[])?;
    Ok(vec![
        at_most(&v, "search_p99_ms", "directory searched among 20,000 entries, p99", "ms", 10.0)?,
        at_most(&v, "import_s", "20,000 entries of a sheet imported", "s", 5.0)?,
    ])
}
