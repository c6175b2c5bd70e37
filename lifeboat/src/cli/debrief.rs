//! `lifeboat debrief`: one incident's debrief as a PDF, with the verified head of the incident book on each page.
//!
//! Reads the book alone and changes nothing, so that it works beside a running server and without one. A book that does
//! not fit its seals is printed all the same, saying so on every page: those who ask must see what there is.

use super::Place;
use crate::clock::SystemClock;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{keys, table};
use basics::Clock;
use control_room::{ControlRoom, look_at_incidents};
use incident::IncidentId;
use incident::debrief::debrief;
use paper::{DebriefSheet, Letterhead, Press};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct DebriefArgs {
    /// Which incident, by its number
    #[arg(long, value_name = "N")]
    incident: u32,
    /// Where to write the PDF; never over a file that is there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The trust's name at the top, where no configuration says it
    #[arg(long, default_value = "")]
    trust: String,
}

pub fn run(place: Place, args: DebriefArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let folder = ControlRoom::book_dir(&config.data);
    if !folder.is_dir() {
        return Err(Failure::failed(format!("there is no record at {}", config.data.display())));
    }
    let keys = keys::open(&config, false, keys::Patience::GiveUp)?;
    let (book, head) = look_at_incidents(&config.data, config.zone.clone(), &keys)?;
    let now = SystemClock::default().now();
    let debrief = debrief(&book, IncidentId(args.incident), now).ok_or_else(|| {
        let known: Vec<String> =
            book.incidents.values().map(|i| format!("{} ({})", i.id.0, table::harmless(&i.name))).collect();
        let known = if known.is_empty() { "the book has none".to_owned() } else { known.join(", ") };
        Failure::usage(format!("there is no incident {}: {known}", args.incident))
    })?;
    let letterhead = Letterhead {
        trust: if config.trust.is_empty() { args.trust } else { config.trust.clone() },
        incident: format!("{}, {}", debrief.name, debrief.words),
        printed: now,
        watermark: debrief.watermark.map(str::to_owned).or(config.watermark.clone()),
        record: head.words(),
    };
    let sheet = DebriefSheet { debrief: &debrief, seal: &head.seal, flaw: head.flaw.as_deref() };
    let press = Press::new().map_err(|fault| Failure::failed(fault.to_string()))?;
    let pdf = press
        .debrief(&sheet, &letterhead, &config.zone)
        .map_err(|fault| Failure::failed(fault.to_string()))?;
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(&args.out);
    opened
        .and_then(|mut file| std::io::Write::write_all(&mut file, &pdf.pdf))
        .map_err(|e| Failure::failed(format!("could not write {}: {e}", args.out.display())))?;
    table::put(&format!("{}: {} pages, {}", args.out.display(), pdf.pages, head.words()));
    if let Some(flaw) = head.flaw {
        return Err(Failure::new(
            Ending::Damaged,
            format!("the incident book does not fit its seals: {flaw}"),
        ));
    }
    Ok(Ending::Fine)
}
