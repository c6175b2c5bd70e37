//! `lifeboat keys ceremony`: the keys of a record, made (or wrapped anew) before witnesses: a passphrase, printed shares,
//! and where asked for this machine's own key.
//!
//! Always in this order: the papers are written, the holders read two words of each back, and only then is the key file
//! written, after every way in has opened the very bytes that are written. Whatever fails before leaves things as they
//! were, and sheets that open nothing. Proved by `tests/keys.rs`.

use crate::cli::Place;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::papers::{Papers, folder, kind, typed_back};
use crate::keys::unseal::{By, in_words};
use crate::keys::{self, PASSPHRASE_VARIABLE, changing, key_file, new_passphrase, open_for_change};
use crate::{store, table};
use basics::Clock;
use logbook::{Costs, KeyFile, Keys, Opener, RealDisk, Share, make_machine_key};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// The environment variable that may hold a new passphrase where there is an old one.
pub const NEW_PASSPHRASE_VARIABLE: &str = "LIFEBOAT_NEW_PASSPHRASE";

#[derive(clap::Args)]
pub struct CeremonyArgs {
    /// Where the sheets are written, to be printed and then removed; never inside the data directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many shares are made
    #[arg(long, default_value_t = 3, value_name = "N")]
    many: u8,
    /// How many of them open the record
    #[arg(long, default_value_t = 2, value_name = "K")]
    needed: u8,
    /// Also this machine's own key (keys.machine_key, or $CREDENTIALS_DIRECTORY/lifeboat.key), for unattended starts
    #[arg(long)]
    machine: bool,
    /// Hold it again for keys that exist: every way in there is now opens nothing afterwards
    #[arg(long)]
    again: bool,
    /// With --again: a new kit key too; kits made before have to be made again
    #[arg(long, requires = "again")]
    new_kit_key: bool,
    /// The words of each share as plain text too, beside the PDF
    #[arg(long)]
    text: bool,
    /// A file whose first line is the new passphrase ("-": standard input; /dev/fd/3: an open descriptor)
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    by: By,
}

pub fn run(place: Place, args: CeremonyArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    folder(&args.out, &config.data)?;
    keys::no_record_without_keys(&config)?;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    made.map_err(|e| Failure::failed(format!("could not make {}: {e}", config.data.display())))?;
    let _changing = changing(&config.data)?;
    let path = key_file(&config.data);
    let fresh = !path.exists();
    // Keys are made once: a Lifeboat that starts at the same moment must not make others.
    let _lock = if fresh { Some(store::lock(&config.data)?) } else { None };
    let (keys, mut file) = keys_and_file(&config, &args, fresh)?;
    let now = SystemClock::default().now();
    // Dealt before anything is asked for, so that numbers that cannot be are refused at once.
    let shares = Share::deal(args.needed, args.many)?;
    let variable = if fresh { PASSPHRASE_VARIABLE } else { NEW_PASSPHRASE_VARIABLE };
    let passphrase = Opener::of_passphrase(&new_passphrase(variable, args.new_passphrase_file.as_deref())?);
    let all = Opener::of_shares(&shares).map_err(logbook::Fault::from)?;
    let machine = if args.machine { Some(make_machine_key(&config.machine_key())?) } else { None };
    let openers: Vec<&Opener> = [&passphrase, &all].into_iter().chain(&machine).collect();
    for opener in &openers {
        file.add(&keys, opener, now, Costs::default())?;
    }
    let verifying_key = keys.verifying_key();
    let papers = Papers { config: &config, out: &args.out, text: args.text, verifying_key };
    let written = papers.write(&shares, &file.slots())?;
    eprintln!(
        "The sheets are in {}. Print each, hand it to its holder, and let them read from the paper:",
        args.out.display()
    );
    typed_back(&shares)?;
    // Any two of the shares, not only all of them.
    let enough = shares.get(shares.len().saturating_sub(usize::from(args.needed))..).unwrap_or_default();
    let enough = Opener::of_shares(enough).map_err(logbook::Fault::from)?;
    let proofs: Vec<&Opener> = openers.into_iter().chain([&enough]).collect();
    file.write(&keys, &RealDisk, now, &proofs)?;
    table::put(&format!("The ceremony counts. The keys are in {}; they open by:", path.display()));
    for slot in file.slots() {
        table::put(&format!("  {}  {}", slot.number, kind(slot.kind)));
    }
    table::put(&format!("The record's verifying key in words: {}", in_words(&verifying_key)));
    table::put("Print these files, then remove them:");
    for path in written.keep() {
        table::put(&format!("  {}", path.display()));
    }
    Ok(Ending::Fine)
}

/// Fresh keys, or those there are, opened; and a key file without a way in yet.
fn keys_and_file(config: &Config, args: &CeremonyArgs, fresh: bool) -> Result<(Keys, KeyFile), Failure> {
    let path = key_file(&config.data);
    if fresh {
        let keys = Keys::generate()?;
        let file = KeyFile::new(&path, &keys);
        return Ok((keys, file));
    }
    if !args.again {
        return Err(Failure::usage(format!(
            "{} holds keys already. To wrap the same keys anew, so that every old passphrase and share opens nothing any \
             more, say --again; to change one way in alone, `lifeboat keys add`, `replace` or `remove`",
            path.display()
        )));
    }
    let old = KeyFile::read(&path)?;
    let (keys, _) = open_for_change(config, &old, &args.by)?;
    let keys = if args.new_kit_key { keys.with_fresh_kit_key()? } else { keys };
    let file = old.without_slots(&keys);
    Ok((keys, file))
}
