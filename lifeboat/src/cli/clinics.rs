//! `lifeboat clinics …`: lists of bookings into the record and out of it, and which of a day can be kept; no server.
//!
//! Always: files and rules are read whole or refused with what is wrong in them. Never: a decision; it proposes, and people
//! decide.

mod check;
mod file;
mod import;
mod list;
mod plan;
mod plan_shown;

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use care::appointments::{RuleFault, RulesFault, TriageRules, read_all, shipped};
use std::path::Path;

/// Files read from one folder of rules.
const FILES_MAX: usize = 100;

#[derive(clap::Args)]
pub struct ClinicsArgs {
    #[command(subcommand)]
    what: Clinics,
}

#[derive(clap::Subcommand)]
enum Clinics {
    /// Class, rule and proposal for every booking of a day's list, and what could also be kept
    #[command(visible_alias = "triage")]
    Plan(plan::PlanArgs),
    /// Read lists of bookings and theatre cases (CSV) and messages about them into the record
    Import(import::ImportArgs),
    /// Everybody booked on a day, with class and reason
    List(list::ListArgs),
    /// Check a folder of rules: every fault with its file and line
    Check(check::CheckArgs),
}

pub fn run(place: Place, args: ClinicsArgs) -> Result<Ending, Failure> {
    match args.what {
        Clinics::Plan(args) => plan::run(args),
        Clinics::Import(args) => import::run(place, args),
        Clinics::List(args) => list::run(place, args),
        Clinics::Check(args) => check::run(args),
    }
}

/// The rules that come with the program.
fn shipped_rules() -> Result<TriageRules, RulesFault> {
    read_all(shipped().iter().map(|(name, text)| (*name, text.as_bytes())))
}

/// The rules of a folder (`*.txt`), in the order of their names.
fn rules_in(folder: &Path) -> Result<TriageRules, RulesFault> {
    let whole = |what: String| RulesFault(vec![RuleFault { file: String::new(), line: 0, what }]);
    let unread = |e: std::io::Error| whole(format!("could not read {}: {e}", folder.display()));
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".txt") || !entry.path().is_file() {
            continue;
        }
        if files.len() == FILES_MAX {
            return Err(whole(format!("{} holds more than {FILES_MAX} files of rules", folder.display())));
        }
        files.push((name, std::fs::read(entry.path()).map_err(unread)?));
    }
    files.sort();
    read_all(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}
