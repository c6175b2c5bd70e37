//! The command line: one file a subcommand, described in `docs/guides/command_line.md`.
//!
//! Always: without `--json` the output is for people and may change; with it, it is JSON lines, one object each, whose
//! keys are only ever added to.

pub mod cards;
pub mod clinics;
pub mod debrief;
pub mod divert;
pub mod doctor;
pub mod drill;
pub mod export;
pub mod find;
pub mod head;
pub mod import;
pub mod init;
pub mod keys;
pub mod outbox;
pub mod packs;
pub mod patients;
pub mod rebuild;
pub mod replay;
pub mod seal;
pub mod tray;
pub mod verify;
pub mod ward;
pub mod wards;

pub mod progress;

use crate::config::{Config, DATA_DEFAULT};
use crate::failure::Failure;
use basics::BookName;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Lifeboat keeps a hospital's wards running when its own computers cannot be trusted.
#[derive(Parser)]
#[command(name = "lifeboat", version, about, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the record is and how it is configured.
#[derive(Args, Clone)]
pub struct Place {
    /// The data directory (default: the configuration's, else ./lifeboat-data)
    #[arg(long, global = true, env = "LIFEBOAT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The configuration file; commands other than `serve` do without
    #[arg(long, global = true, env = "LIFEBOAT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Place {
    /// The configuration named, or the defaults.
    pub fn config(&self) -> Result<Config, Failure> {
        match &self.config {
            Some(path) => Config::read(path, self.data.clone()),
            None => Ok(Config::of_data(self.data.clone().unwrap_or_else(|| PathBuf::from(DATA_DEFAULT)))),
        }
    }
}

/// A book of the record by its name.
fn book_named(name: &str) -> Result<BookName, Failure> {
    const BOOKS: [&str; 3] = ["feed", "incident", "outbox"];
    BookName::new(name).filter(|book| BOOKS.contains(&book.as_str())).ok_or_else(|| {
        Failure::usage(format!("there is no book called {name}; the books are {}", BOOKS.join(", ")))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Subcommand)]
pub enum Command {
    /// Run a simulated trust of five hospitals and show its wards live
    Demo(crate::demo::DemoArgs),
    /// Run Lifeboat: listen to the feeds, serve the pages, keep the packs ready
    Serve,
    /// Write a commented configuration file
    Init(init::InitArgs),
    /// Say what is wrong with a configuration or a data directory, and what to do
    Doctor(doctor::DoctorArgs),
    /// Read files and folders into the record: HL7 v2, FHIR bundles, NDJSON, gzip of any
    Import(import::ImportArgs),
    /// Play a drill: one of `drills/`, or your own, on a record of its own
    Drill(drill::DrillArgs),
    /// Every patient known, one a line
    Patients(patients::PatientsArgs),
    /// Every ward, with its patients counted
    Wards(wards::WardsArgs),
    /// One ward's list
    Ward(ward::WardArgs),
    /// Find patients by name, NHS number, hospital number, bed or date of birth
    Find(find::FindArgs),
    /// Messages that could not be understood: list, show, replay, clear
    Tray(tray::TrayArgs),
    /// Messages that are to leave the house: what waits, what is in doubt, what a person must decide
    Outbox(outbox::OutboxArgs),
    /// Render every ward's pack as PDF
    Packs(packs::PacksArgs),
    /// Check every byte of the record against its seals, and against heads kept elsewhere
    Verify(verify::VerifyArgs),
    /// Throw the index away and make it again from the record
    Rebuild(rebuild::RebuildArgs),
    /// Write entries of the record, sealed, to a bundle for another machine
    Export(export::ExportArgs),
    /// The record's signed head: keep it elsewhere, to prove later that nothing was removed
    Head(head::HeadArgs),
    /// What opens the record: a passphrase, printed shares, this machine's key; made, shown, changed, tried
    Keys(keys::KeysArgs),
    /// Pull the plug: the Lifeboat that runs here wipes its keys and stops at once
    Seal(seal::SealArgs),
    /// Send the messages of a file to an MLLP listener at a steady rate
    Replay(replay::ReplayArgs),
    /// Action cards as plain text: check a folder before it is used
    Cards(cards::CardsArgs),
    /// A day's clinics from a file: who can be kept, who needs a clinician, and why
    Clinics(clinics::ClinicsArgs),
    /// An incident's debrief as a PDF: what happened when, what was late, what was decided
    Debrief(debrief::DebriefArgs),
    /// Ambulance diverts from a file: try policies before using one
    Divert(divert::DivertArgs),
}
