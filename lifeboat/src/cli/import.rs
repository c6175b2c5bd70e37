//! `lifeboat import FILE…`: a backlog, an export or a stick becomes part of the record.
//!
//! Ends with received, understood, in the tray, duplicates; waits until the index has everything, so that the next
//! command sees it.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use basics::FeedName;
use control_room::Totals;
use intake::BodyLimits;
use intake::files::Report;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct ImportArgs {
    /// Files and folders: HL7 v2 (one or many messages, batches), FHIR bundles, NDJSON, gzip of any
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The feed that the messages belong to
    #[arg(long, default_value = "import")]
    feed: String,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Imported<'a> {
    feed: &'a str,
    files: u64,
    /// Messages and strays read, the duplicates among them included.
    read: u64,
    received: u64,
    understood: u64,
    in_tray: u64,
    duplicates: u64,
    patients: u64,
    refused: Vec<String>,
    notes: &'a [String],
}

pub fn run(place: Place, args: ImportArgs) -> Result<Ending, Failure> {
    let feed = FeedName::new(&args.feed).ok_or_else(|| Failure::usage("the feed's name is empty"))?;
    let store = Store::open(place.config()?, Begin::IfMissing)?;
    let room = store.room()?;
    // Whatever was kept before belongs to an earlier count.
    progress::catch_up(&room)?;
    let before = room.totals();
    let report = read_files(&store, &room, &feed, &args)?;
    progress::catch_up(&room)?;
    room.sync_head()?;
    let after = room.totals();
    room.close();
    tell(&args, store.dir(), &report, before, after);
    let needs_a_person = after.in_tray > before.in_tray || !report.refused.is_empty();
    Ok(if needs_a_person { Ending::NeedsAPerson } else { Ending::Fine })
}

fn read_files(
    store: &Store,
    room: &control_room::ControlRoom,
    feed: &FeedName,
    args: &ImportArgs,
) -> Result<Report, Failure> {
    let bar = progress::bytes(0);
    let imported = intake::files::import(
        room,
        feed,
        &args.files,
        &BodyLimits::for_files(),
        &*store.clock,
        &mut |progress| {
            bar.set_length(progress.bytes_total);
            bar.set_position(progress.bytes_done);
            bar.set_message(format!("{} messages", progress.messages));
        },
    );
    bar.finish_and_clear();
    imported
        .map_err(|why| Failure::new(Ending::StoppedRecording, format!("{why}; what was read before is kept")))
}

fn tell(args: &ImportArgs, dir: &Path, report: &Report, before: Totals, after: Totals) {
    let refused: Vec<String> = report
        .refused
        .iter()
        .map(|refused| {
            format!("{}: {}", crate::table::harmless(&refused.path.to_string_lossy()), refused.why)
        })
        .collect();
    for line in &refused {
        eprintln!("not taken: {line}");
    }
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    let imported = Imported {
        feed: &args.feed,
        files: report.files,
        read: report.messages + report.strays,
        received: after.received.saturating_sub(before.received),
        understood: after.understood.saturating_sub(before.understood),
        in_tray: after.in_tray.saturating_sub(before.in_tray),
        duplicates: report.duplicates,
        patients: after.patients,
        refused,
        notes: &report.notes,
    };
    if args.json {
        crate::json::line(&imported);
        return;
    }
    println!("received     {:>9}", imported.received);
    println!("understood   {:>9}", imported.understood);
    println!("in the tray  {:>9}", imported.in_tray);
    println!("duplicates   {:>9}", imported.duplicates);
    println!("{} patients are known now.", imported.patients);
    if imported.in_tray > 0 {
        println!("See what waits for a person with: lifeboat tray --data {}", dir.display());
    }
}
