//! `lifeboat seal`: pulls the plug. The Lifeboat that runs on the data directory wipes its keys and stops at once; what it
//! acknowledged stays, sealed.
//!
//! Always: with `--forget-machine-credential` the machine's own key opens the record no more, so that the next start needs a
//! person; refused, in words, where no person could open it then. Works without a running Lifeboat too. Proved by
//! `tests/keys.rs`.

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::unseal::By;
use crate::keys::{door, forget_machine, key_file, no_record_without_keys, open_for_change};
use crate::{store, table};
use logbook::KeyFile;
use std::path::Path;
use std::time::Duration;

/// Longest wait for the program to be gone: it is given three seconds to close in order.
const GONE_MS_MAX: u64 = 10_000;
/// Between two looks whether it is.
const LOOK_MS: u64 = 50;

#[derive(clap::Args)]
pub struct SealArgs {
    /// Take the machine's own way in away too: the next start needs a passphrase or shares
    #[arg(long)]
    forget_machine_credential: bool,
    #[command(flatten)]
    by: By,
}

pub fn run(place: Place, args: SealArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    no_record_without_keys(&config)?;
    let forget = args.forget_machine_credential;
    match door::pull(&config.data, forget)? {
        Some(Ok(words)) => {
            gone(&config.data)?;
            table::put(&format!("Sealed: the keys are wiped and Lifeboat has stopped; {words}."));
            Ok(Ending::Fine)
        }
        Some(Err(why)) => {
            // It stops all the same: what was refused is the second wish alone.
            gone(&config.data)?;
            Err(Failure::new(Ending::NeedsAPerson, format!("sealed and stopped, but {why}")))
        }
        // One that starts just now, or whose door is gone, is no reason to say that the record is sealed.
        None if store::is_held(&config.data) => Err(Failure::new(
            Ending::InUse,
            "a Lifeboat is using this record and cannot be reached; try again, or end its process: nothing acknowledged is \
             lost by that",
        )),
        None if forget => {
            let file = KeyFile::read(&key_file(&config.data))?;
            let (keys, _) = open_for_change(&config, &file, &args.by)?;
            let words = forgotten(forget_machine(&config.data, &keys)?);
            table::put(&format!("No Lifeboat runs on {}; {words}.", config.data.display()));
            Ok(Ending::Fine)
        }
        None => {
            let sentence = format!("no Lifeboat runs on {}: its record is sealed", config.data.display());
            table::put(&format!("{sentence}."));
            Ok(Ending::Fine)
        }
    }
}

/// What became of the machine's way in, in words.
pub fn forgotten(slots: usize) -> &'static str {
    match slots {
        0 => "the machine had no way in of its own",
        _ => "the machine's own key opens nothing any more: the next start needs a person",
    }
}

/// Waits until the program that held the data directory has ended.
fn gone(data: &Path) -> Result<(), Failure> {
    for _ in 0..GONE_MS_MAX / LOOK_MS {
        if !store::is_held(data) {
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(LOOK_MS));
    }
    Err(Failure::new(
        Ending::InUse,
        "it was told to stop and has not yet; end its process, or pull the power: nothing acknowledged is lost",
    ))
}
