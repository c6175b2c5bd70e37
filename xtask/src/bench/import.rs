//! Files into book and index, and the index again from the book, by the program itself.

use super::examples::{value, values};
use super::postgres::{PORT, Postgres};
use super::process::run;
use super::{Figure, Place, grouped, median};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A configuration for measuring: one HL7 feed.
pub fn server_config(data: &Path, port: u16) -> String {
    format!(
        "data = {:?}\ntrust = \"Bench\"\n[keys]\nunlock = \"machine\"\n[web]\nlisten = \"127.0.0.1:42577\"\n\
         [[feeds]]\nname = \"bench\"\nformat = \"hl7\"\nlisten = \"127.0.0.1:{port}\"\n",
        data.display().to_string()
    )
}

/// Import and rebuild rates per CPU-second, FHIR beside PostgreSQL's jsonb.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let shared = place.shared.as_ref().context("the shared data are not here")?;
    let program = place.root.join("target/release/lifeboat");
    let feed = shared.join("feed/northgate.hl7.gz");
    let mut figures = Vec::new();
    let (mut imports, mut rebuilds) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let data = place.scratch.join(format!("import-{round}"));
        let import = run(Command::new(&program).args(["import", "--json", "--data"]).arg(&data).arg(&feed))?;
        imports.push(18_440.0 / import.cpu_s);
        let rebuild = run(Command::new(&program).args(["rebuild", "--json", "--data"]).arg(&data))?;
        rebuilds.push(18_440.0 / rebuild.cpu_s);
    }
    let (import, rebuild) = (median(&imports), median(&rebuilds));
    figures.push(Figure {
        name: "HL7 file into book and index".to_owned(),
        measured: format!("{} messages per CPU-s", grouped(import)),
        beside: "10,000 wanted".to_owned(),
        ratio: import / 10_000.0,
        wanted: 1.0,
        less_is_better: false,
    });
    figures.push(Figure {
        name: "rebuild of the index from the book".to_owned(),
        measured: format!("{} messages per CPU-s", grouped(rebuild)),
        beside: format!("{} import", grouped(import)),
        ratio: rebuild / import,
        wanted: 1.0,
        less_is_better: false,
    });
    figures.extend(fhir(place, shared, &program)?);
    Ok(figures)
}

fn ndjson(shared: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(shared.join("fhir/clinosim-inpatients"))?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.to_string_lossy().contains(".ndjson"))
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "no NDJSON files");
    Ok(files)
}

/// The same files without gzip.
fn unpacked(place: &Place, files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let dir = place.scratch.join("ndjson");
    std::fs::create_dir_all(&dir)?;
    let mut plain = Vec::new();
    for file in files {
        let name = file.file_name().context("a file without a name")?.to_string_lossy().replace(".gz", "");
        let bytes = if file.extension().is_some_and(|e| e == "gz") {
            Command::new("gzip").arg("-dc").arg(file).output().context("running gzip")?.stdout
        } else {
            std::fs::read(file)?
        };
        std::fs::write(dir.join(&name), bytes)?;
        plain.push(dir.join(name));
    }
    Ok(plain)
}

fn fhir(place: &Place, shared: &Path, program: &Path) -> anyhow::Result<Vec<Figure>> {
    let files = ndjson(shared)?;
    let plain = unpacked(place, &files)?;
    let plain: Vec<&str> = plain.iter().filter_map(|p| p.to_str()).collect();
    let postgres = Postgres::start(&place.scratch.join("pg-fhir"))?;
    let peer = place.root.join("bench/peers/postgres_fhir.py");
    let (mut book, mut index, mut jsonb) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..3 {
        let out = run(Command::new("python3").arg(&peer).arg(&postgres.dir).arg(PORT).args(&files))?;
        let mut numbers = out.stdout.split_whitespace().filter_map(|n| n.parse::<f64>().ok());
        let resources = numbers.next().context("the peer printed nothing")?;
        jsonb.push(resources / numbers.next().context("the peer printed no CPU time")?);
        let arguments: Vec<&str> = std::iter::once("fhir").chain(plain.iter().copied()).collect();
        let by_itself = values(place, "control_room", "measure_room", &arguments)?;
        book.push(value(&by_itself, "book_alone_per_cpu_s")?);
        let data = place.scratch.join(format!("fhir-index-{round}"));
        let import = run(Command::new(program).args(["import", "--json", "--data"]).arg(&data).args(&files))?;
        index.push(resources / import.cpu_s);
    }
    let (book, index, jsonb) = (median(&book), median(&index), median(&jsonb));
    let figure = |name: &str, got: f64, wanted: f64| Figure {
        name: name.to_owned(),
        measured: format!("{} resources per CPU-s", grouped(got)),
        beside: format!("{} PostgreSQL jsonb", grouped(jsonb)),
        ratio: got / jsonb,
        wanted,
        less_is_better: false,
    };
    Ok(vec![
        figure("FHIR file into the book", book, 5.0),
        figure("FHIR file into book and index", index, 1.0),
    ])
}
