//! The command line: one file a subcommand, described in `docs/guides/command_line.md`.
//!
//! Always: without `--json` the output is for people and may change; with it, it is JSON lines, one object each, whose
//! keys are only ever added to.

pub mod ca;
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
pub mod people;
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

/// The books of a record.
const BOOKS: [&str; 6] = ["feed", "incident", "clinics", "access", "looks", "outbox"];

/// A book of the record by its name.
fn book_named(name: &str) -> Result<BookName, Failure> {
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
    /// The house's own certificates: shown, printed for devices, issued to feeds, renewed
    Ca(ca::CaArgs),
    /// Who may sign in: the first administrator, a staff sheet, invitations, the way back
    People(people::PeopleArgs),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_codes::Ending;
    use crate::store::{Begin, Store};
    use care::PatientKey;
    use care::clinics::Preference;
    use care::clinics::wanted::Telling;
    use control_room::ControlRoom;
    use std::fs;
    use std::path::Path;

    fn does(line: &[&str]) -> Result<Ending, Failure> {
        crate::run(Arguments::parse_from(std::iter::once("lifeboat").chain(line.iter().copied())))
    }

    /// Opens the record, has somebody decide something about clinics, and closes it.
    fn act(data: &Path, number: &str) {
        let store = Store::open(Config::of_data(data.to_owned()), Begin::IfMissing).unwrap();
        let room = store.room().unwrap();
        let preference = Preference { number: Some(number.to_owned()), ..Preference::default() };
        let prefer = Telling::Prefer { patient: PatientKey(1), preference };
        let who = basics::Person::new("Anna Bell").unwrap();
        room.clinics().submit(None, prefer, &who, store.clock.now()).unwrap();
        room.close();
    }

    fn copied(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }

    #[test]
    fn the_clinic_book_has_a_head_a_bundle_and_a_verdict_like_every_other() {
        let dir = tempfile::tempdir().unwrap();
        let (data, before) = (dir.path().join("data"), dir.path().join("before"));
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (at, head, bundle) = (path("data"), path("clinics.head"), path("clinics.bundle"));
        act(&data, "+447700900101");
        let book = ControlRoom::book_dir(&data);
        copied(&book, &before);
        act(&data, "+447700900102");
        let clinics = ["--book", "clinics", "--data", at.as_str()];
        assert_eq!(does(&[&["head", "--out", &head][..], &clinics].concat()).unwrap(), Ending::Fine);
        assert_eq!(does(&[&["export", "--out", &bundle][..], &clinics].concat()).unwrap(), Ending::Fine);
        assert_eq!(does(&["verify", "--bundle", &bundle, "--data", &at]).unwrap(), Ending::Fine);
        let verify = ["verify", "--head", head.as_str(), "--data", at.as_str()];
        assert_eq!(does(&verify).unwrap(), Ending::Fine);
        // Whatever book lies in a record can be asked for by its name.
        let store = Store::open(Config::of_data(data.clone()), Begin::Never).unwrap();
        let verdict = logbook::verify(&book, logbook::VerifyWith::Keys(&store.keys), &[]).unwrap();
        drop(store);
        for found in &verdict.books {
            assert!(book_named(found.book.as_str()).is_ok(), "{} has no head and no bundle", found.book);
        }
        assert!(verdict.books.iter().any(|b| b.book.as_str() == "clinics" && b.entries == 2));
        // A byte turned over, and older files put back.
        let files = fs::read_dir(&book).unwrap().map(|e| e.unwrap().path());
        let of_clinics = |p: &PathBuf| p.file_name().is_some_and(|n| n.to_string_lossy().contains("clinics"));
        let segment =
            files.filter(of_clinics).max_by_key(|p| fs::metadata(p).map_or(0, |m| m.len())).unwrap();
        let sound = fs::read(&segment).unwrap();
        let mut turned = sound.clone();
        *turned.last_mut().unwrap() ^= 1;
        fs::write(&segment, turned).unwrap();
        assert_eq!(does(&verify).unwrap(), Ending::Damaged);
        fs::write(&segment, sound).unwrap();
        assert_eq!(does(&verify).unwrap(), Ending::Fine);
        fs::remove_dir_all(&book).unwrap();
        copied(&before, &book);
        assert_eq!(does(&["verify", "--data", &at]).unwrap(), Ending::Fine, "in themselves they are sound");
        assert_eq!(does(&verify).unwrap(), Ending::Damaged);
        assert!(does(&["head", "--book", "clinic", "--data", &at]).is_err());
    }
}
