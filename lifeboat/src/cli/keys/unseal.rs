//! `lifeboat keys unseal`: opens the record by passphrase or shares, for a Lifeboat that waits for its keys, and otherwise to
//! prove that they open it.
//!
//! Always: tried here first, so that a slip of the hand is told where it was made; what is shown at the end are the words
//! of the record's verifying key, to be compared with the sheet.

use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::unseal::{By, gather, in_words, unsealed};
use crate::keys::{door, key_file, no_record_without_keys};
use crate::table;
use logbook::KeyFile;

#[derive(clap::Args)]
pub struct UnsealArgs {
    #[command(flatten)]
    by: By,
}

pub fn run(place: Place, args: UnsealArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    no_record_without_keys(&config)?;
    let file = KeyFile::read(&key_file(&config.data))?;
    let given = gather(&args.by, &file)?;
    let keys = unsealed(&file, &given.opener)?;
    table::put("These open the record. Compare the words of its verifying key with the printed sheet:");
    table::put(&format!("  {}", in_words(&keys.verifying_key())));
    match door::bring(&config.data, &given.lines)? {
        Some(Ok(_)) => table::put("The Lifeboat that waited has its keys and starts now."),
        Some(Err(why)) => return Err(Failure::failed(why)),
        None => table::put("No Lifeboat waits for keys here; start it with: lifeboat serve --config FILE"),
    }
    Ok(Ending::Fine)
}
