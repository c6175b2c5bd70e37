//! `lifeboat people import`: a staff sheet read, row by row; done only where `--take` says so.

use super::Office;
use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::Begin;
use crate::{json, table};
use access::people::{ImportReport, read_sheet, sheet_columns};
use access::{Asked, By};
use basics::csv::Limits;
use serde::Serialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct ImportArgs {
    /// The sheet, saved as CSV; its columns are described in docs/formats/staff_sheet.md
    sheet: PathBuf,
    /// Do what the sheet says; without this it is only read
    #[arg(long)]
    take: bool,
    /// JSON lines: one object a refused row, then one for the sheet
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct RefusedLine<'a> {
    kind: &'static str,
    line: usize,
    why: &'a str,
    row: &'a str,
}

#[derive(Serialize)]
struct SheetLine {
    kind: &'static str,
    rows: usize,
    joined: usize,
    changed: usize,
    same: usize,
    merged: usize,
    refused: usize,
    not_in_file: usize,
    taken: bool,
}

pub fn import(place: Place, args: ImportArgs) -> Result<Ending, Failure> {
    let bytes = whole(&args.sheet)?;
    let office = Office::open(&place, Begin::Never)?;
    if office.access().read(|book| book.people.is_empty()) {
        return Err(Failure::failed(
            "there is no account yet: make the first one with lifeboat people begin",
        ));
    }
    let places = office.places()?;
    let fault =
        |fault: access::people::SheetFault| Failure::failed(format!("{}: {fault}", args.sheet.display()));
    let columns = sheet_columns(&bytes).map_err(fault)?;
    let report = office.access().read(|book| {
        let asked = Asked { book, zone: &office.config().zone, who: &By::Lifeboat, at: office.now() };
        read_sheet(&asked, places.known(), &bytes)
    });
    let report = report.map_err(fault)?;
    if !args.json {
        for column in columns {
            let read_as = column.read_as.unwrap_or("passed over");
            table::put(&format!("column “{}”: {read_as}", column.heading));
        }
    }
    if args.take {
        for intent in report.intents() {
            office.access().submit(intent, &By::Lifeboat, office.now())?;
        }
    }
    told(&report, &args);
    office.room.close();
    Ok(if report.refused.is_empty() { Ending::Fine } else { Ending::NeedsAPerson })
}

fn told(report: &ImportReport, args: &ImportArgs) {
    if args.json {
        for refused in &report.refused {
            let (why, row) = (refused.why.as_str(), refused.row.as_str());
            json::line(&RefusedLine { kind: "refused", line: refused.line, why, row });
        }
        return json::line(&SheetLine {
            kind: "sheet",
            rows: report.rows,
            joined: report.joined.len(),
            changed: report.changed.len(),
            same: report.same,
            merged: report.merged,
            refused: report.refused.len(),
            not_in_file: report.not_in_file.len(),
            taken: args.take,
        });
    }
    for refused in &report.refused {
        table::put(&format!("refused, line {}: {} [{}]", refused.line, refused.why, refused.row));
    }
    for note in report.notes.iter().chain(&report.changes) {
        table::put(note);
    }
    let (joined, changed) = (report.joined.len(), report.changed.len());
    table::put(&format!(
        "{} rows: {joined} new, {changed} changed, {} the same, {} joined to a row above, {} refused; {} accounts are not in \
         the sheet and stay",
        report.rows,
        report.same,
        report.merged,
        report.refused.len(),
        report.not_in_file.len()
    ));
    table::put(match args.take {
        true => "Done. Invite who is new: lifeboat people invite --all",
        false => "Nothing was done. To do it: the same again with --take",
    });
}

/// The sheet's bytes, up to one more than are read.
fn whole(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::failed(format!("could not read {}: {e}", path.display()));
    let mut bytes = Vec::new();
    let most = u64::try_from(Limits::USUAL.bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}
