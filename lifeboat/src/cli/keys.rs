//! `lifeboat keys …`: what opens the record: made, shown, changed, tried.
//!
//! Always: no secret on the command line, where every process of the machine could read it; each change is written whole or
//! not at all, and never touches the record. Works beside a running server. The procedure for people:
//! docs/guides/keys.md.

mod ceremony;
mod change;
mod check;
mod show;
mod unseal;

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    what: Keys,
}

#[derive(clap::Subcommand)]
enum Keys {
    /// Make the record's keys, wrapped by a passphrase and by printed shares, one sheet each
    Ceremony(ceremony::CeremonyArgs),
    /// The ways in that there are; needs no secret and shows none
    Show(show::ShowArgs),
    /// Add a way in
    Add(change::AddArgs),
    /// Put a new passphrase, new shares or a new machine key in the place of a slot's
    Replace(change::ReplaceArgs),
    /// Take a way in away; never the last one for a person
    Remove(change::RemoveArgs),
    /// Open the record by passphrase or shares: for a Lifeboat that waits, or to prove that they open it
    Unseal(unseal::UnsealArgs),
    /// Check the words of one share without opening anything
    Check(check::CheckArgs),
}

pub fn run(place: Place, args: KeysArgs) -> Result<Ending, Failure> {
    match args.what {
        Keys::Ceremony(args) => ceremony::run(place, args),
        Keys::Show(args) => show::run(place, args),
        Keys::Add(args) => change::add(place, args),
        Keys::Replace(args) => change::replace(place, args),
        Keys::Remove(args) => change::remove(place, args),
        Keys::Unseal(args) => unseal::run(place, args),
        Keys::Check(args) => check::run(place, args),
    }
}
