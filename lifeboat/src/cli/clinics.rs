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
use care::appointments::{RulesFault, TriageRules, read_all, shipped};
use std::path::Path;

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
    control_room::read_triage_rules(folder)
}
