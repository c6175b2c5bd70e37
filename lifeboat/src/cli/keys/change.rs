//! `lifeboat keys add`, `replace` and `remove`: one way in changed, the others and the record left alone.
//!
//! Always: the file is written whole, after what is new has opened it; shares are read back from paper first; a file of the
//! first kind becomes one of slots, with what opened it wrapped anew. Proved by `tests/keys.rs`.

use super::ceremony::NEW_PASSPHRASE_VARIABLE;
use crate::cli::Place;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::papers::{Papers, Written, folder, kind, typed_back};
use crate::keys::unseal::By;
use crate::keys::{changing, key_file, new_passphrase, no_record_without_keys, open_for_change};
use crate::table;
use basics::{Clock, Moment};
use clap::ValueEnum;
use logbook::{Costs, KeyFile, Keys, Opener, RealDisk, Share, SlotKind, SlotShown, make_machine_key};
use std::path::PathBuf;

/// What opens a slot, as a command names it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// A passphrase that a person types
    Passphrase,
    /// Printed shares
    Shares,
    /// This machine's own key
    Machine,
}

/// What a new way in is made of.
#[derive(clap::Args)]
struct Made {
    /// For shares: where the sheets are written; never inside the data directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// For shares: how many are made
    #[arg(long, default_value_t = 3, value_name = "N")]
    many: u8,
    /// For shares: how many of them open the record
    #[arg(long, default_value_t = 2, value_name = "K")]
    needed: u8,
    /// For shares: the words as plain text too, beside the PDF
    #[arg(long)]
    text: bool,
    /// For a passphrase: a file whose first line it is ("-": standard input; /dev/fd/3: an open descriptor)
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    by: By,
}

#[derive(clap::Args)]
pub struct AddArgs {
    /// What is to open the record too
    way: Way,
    #[command(flatten)]
    made: Made,
}

#[derive(clap::Args)]
pub struct ReplaceArgs {
    /// The slot's number (`lifeboat keys show`), or passphrase, shares or machine where there is one such slot
    slot: String,
    #[command(flatten)]
    made: Made,
}

#[derive(clap::Args)]
pub struct RemoveArgs {
    /// The slot's number (`lifeboat keys show`), or passphrase, shares or machine where there is one such slot
    slot: String,
    #[command(flatten)]
    by: By,
}

pub fn add(place: Place, args: AddArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    changed(
        &config,
        &args.made.by,
        |file, keys, now| {
            let new = New::of(&config, args.way, &args.made, keys)?;
            let number = file.add(keys, &new.opener, now, Costs::default())?;
            Ok((Some(new), format!("Slot {number} was added")))
        },
        &args.made,
    )
}

pub fn replace(place: Place, args: ReplaceArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    changed(
        &config,
        &args.made.by,
        |file, keys, now| {
            let slot = named(&file.slots(), &args.slot)?;
            let new = New::of(&config, way_of(slot.kind), &args.made, keys)?;
            file.replace(slot.number, keys, &new.opener, now, Costs::default())?;
            Ok((
                Some(new),
                format!("Slot {} was replaced; what opened it before opens nothing any more", slot.number),
            ))
        },
        &args.made,
    )
}

pub fn remove(place: Place, args: RemoveArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let nothing =
        Made { out: None, many: 3, needed: 2, text: false, new_passphrase_file: None, by: By::default() };
    changed(
        &config,
        &args.by,
        |file, _, _| {
            let slot = named(&file.slots(), &args.slot)?;
            file.remove(slot.number)?;
            Ok((None, format!("Slot {} was removed; what opened it opens nothing any more", slot.number)))
        },
        &nothing,
    )
}

/// A new way in, with its sheets where it has some.
struct New {
    opener: Opener,
    shares: Vec<Share>,
}

impl New {
    fn of(config: &Config, way: Way, made: &Made, _keys: &Keys) -> Result<Self, Failure> {
        let opener = match way {
            Way::Passphrase => {
                let file = made.new_passphrase_file.as_deref();
                Opener::of_passphrase(&new_passphrase(NEW_PASSPHRASE_VARIABLE, file)?)
            }
            Way::Machine => make_machine_key(&config.machine_key())?,
            Way::Shares => {
                let shares = Share::deal(made.needed, made.many)?;
                let opener = Opener::of_shares(&shares).map_err(logbook::Fault::from)?;
                return Ok(Self { opener, shares });
            }
        };
        Ok(Self { opener, shares: Vec::new() })
    }
}

/// Opens the keys, lets `change` work on the key file, and writes it.
fn changed(
    config: &Config,
    by: &By,
    change: impl FnOnce(&mut KeyFile, &Keys, Moment) -> Result<(Option<New>, String), Failure>,
    made: &Made,
) -> Result<Ending, Failure> {
    no_record_without_keys(config)?;
    if let Some(out) = &made.out {
        folder(out, &config.data)?;
    }
    let _changing = changing(&config.data)?;
    let file = KeyFile::read(&key_file(&config.data))?;
    let (keys, opened_by) = open_for_change(config, &file, by)?;
    let now = SystemClock::default().now();
    let mut file = file.with_slots(&keys, &opened_by, now, Costs::default())?;
    let (new, said) = change(&mut file, &keys, now)?;
    let written = match &new {
        Some(new) if !new.shares.is_empty() => Some(on_paper(config, made, &keys, new, &file)?),
        _ => None,
    };
    let proofs: Vec<&Opener> = new.iter().map(|new| &new.opener).collect();
    file.write(&keys, &RealDisk, now, &proofs)?;
    table::put(&format!("{said}. The record opens by:"));
    for slot in file.slots() {
        table::put(&format!("  {}  {}", slot.number, kind(slot.kind)));
    }
    if let Some(written) = written {
        table::put("Print these files, then remove them; burn the sheets that they replace:");
        written.keep().iter().for_each(|path| table::put(&format!("  {}", path.display())));
    }
    Ok(Ending::Fine)
}

fn on_paper(
    config: &Config,
    made: &Made,
    keys: &Keys,
    new: &New,
    file: &KeyFile,
) -> Result<Written, Failure> {
    let Some(out) = &made.out else {
        return Err(Failure::usage("say where the sheets are to be written (--out DIR)"));
    };
    let papers = Papers { config, out, text: made.text, verifying_key: keys.verifying_key() };
    let written = papers.write(&new.shares, &file.slots())?;
    eprintln!(
        "The sheets are in {}. Print each, hand it to its holder, and let them read from the paper:",
        out.display()
    );
    typed_back(&new.shares)?;
    Ok(written)
}

fn way_of(kind: SlotKind) -> Way {
    match kind {
        SlotKind::Passphrase => Way::Passphrase,
        SlotKind::Shares { .. } => Way::Shares,
        SlotKind::Machine => Way::Machine,
    }
}

/// The slot of that number, or the only one of that kind.
fn named(slots: &[SlotShown], name: &str) -> Result<SlotShown, Failure> {
    if let Ok(number) = name.parse::<u16>() {
        let found = slots.iter().find(|slot| slot.number == number);
        return found
            .copied()
            .ok_or_else(|| logbook::Fault::from(logbook::SlotRefusal::NoSlot(number)).into());
    }
    let way = Way::from_str(name, true)
        .map_err(|_| Failure::usage("a slot is named by its number, or passphrase, shares or machine"))?;
    let mut found = slots.iter().filter(|slot| way_of(slot.kind) == way);
    match (found.next(), found.next()) {
        (Some(slot), None) => Ok(*slot),
        (Some(_), Some(_)) => {
            Err(Failure::usage(format!("there are several slots for {name}; name one by its number")))
        }
        (None, _) => Err(Failure::usage(format!(
            "there is no slot for {name}; `lifeboat keys show` lists those there are"
        ))),
    }
}
