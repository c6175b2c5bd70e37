//! `lifeboat keys show`: what opens the record. Needs no secret and shows none.

use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::papers::kind;
use crate::keys::unseal::in_words;
use crate::keys::{key_file, no_record_without_keys};
use crate::{json, table};
use logbook::{KeyFile, SlotKind, SlotShown};
use serde::Serialize;

#[derive(clap::Args)]
pub struct ShowArgs {
    /// JSON lines: one object a slot, then one for the file
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct SlotLine {
    kind: &'static str,
    slot: u16,
    opens_by: &'static str,
    needed: Option<u8>,
    many: Option<u8>,
    ceremony: Option<String>,
    made: Option<String>,
}

#[derive(Serialize)]
struct FileLine {
    kind: &'static str,
    verifying_key: String,
    verifying_key_in_words: String,
    first_kind: bool,
    changes: u32,
    changed: Option<String>,
}

pub fn run(place: Place, args: ShowArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let path = key_file(&config.data);
    no_record_without_keys(&config)?;
    if !path.exists() {
        let sentence =
            format!("there are no keys at {}: hold a ceremony (lifeboat keys ceremony)", path.display());
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    let file = KeyFile::read(&path)?;
    let (changes, changed) = file.change();
    let key = file.verifying_key();
    if args.json {
        file.slots().iter().for_each(|slot| json::line(&line(slot)));
        json::line(&FileLine {
            kind: "file",
            verifying_key: crate::cli::hex(&key),
            verifying_key_in_words: in_words(&key),
            first_kind: file.is_old(),
            changes,
            changed: changed.map(|at| at.rfc3339()),
        });
        return Ok(Ending::Fine);
    }
    let rows: Vec<Vec<String>> = file
        .slots()
        .iter()
        .map(|slot| {
            let made = slot.made.map(|at| config.zone.clinical(at)).unwrap_or_default();
            vec![slot.number.to_string(), made, kind(slot.kind)]
        })
        .collect();
    table::print(&["Slot", "Made", "Opens by"], &rows);
    table::put(&format!("The record's verifying key in words: {}", in_words(&key)));
    match (file.is_old(), changed) {
        (true, _) => table::put(
            "The file is of the first kind, with one way in; `lifeboat keys add` makes it one of several.",
        ),
        (_, Some(at)) => table::put(&format!("Change {changes}, of {}.", config.zone.clinical(at))),
        _ => {}
    }
    Ok(Ending::Fine)
}

fn line(slot: &SlotShown) -> SlotLine {
    let (opens_by, counts) = match slot.kind {
        SlotKind::Passphrase => ("passphrase", None),
        SlotKind::Shares { needed, many, ceremony } => ("shares", Some((needed, many, ceremony))),
        SlotKind::Machine => ("machine", None),
    };
    SlotLine {
        kind: "slot",
        slot: slot.number,
        opens_by,
        needed: counts.map(|(needed, ..)| needed),
        many: counts.map(|(_, many, _)| many),
        ceremony: counts.map(|(_, _, ceremony)| ceremony.to_string()),
        made: slot.made.map(|at| at.rfc3339()),
    }
}
