//! `lifeboat keys check`: whether the words of one share are right, and whose they are; opens nothing and needs no other.

use crate::cli::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::keys::key_file;
use crate::keys::unseal::whole;
use crate::{json, table};
use logbook::{KeyFile, Share, SlotKind};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct CheckArgs {
    /// A file with the share's twenty words, or what its square code says; "-" reads them from the keyboard
    share: PathBuf,
    /// One object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct ShareLine {
    share: u8,
    needed: u8,
    ceremony: String,
    belongs_to_this_record: Option<bool>,
}

pub fn run(place: Place, args: CheckArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let text = whole(&args.share)?;
    let share =
        Share::read(&text).map_err(|problem| Failure::new(Ending::NeedsAPerson, problem.to_string()))?;
    let path = key_file(&config.data);
    // Without a key file here the words can still be checked.
    let ceremonies = match path.exists() {
        true => Some(ceremonies(&KeyFile::read(&path)?)),
        false => None,
    };
    let ceremony = share.ceremony().to_string();
    let belongs = ceremonies.as_ref().map(|held| held.contains(&ceremony));
    if args.json {
        let (number, needed) = (share.number(), share.needed());
        json::line(&ShareLine { share: number, needed, ceremony, belongs_to_this_record: belongs });
    } else {
        table::put(&format!(
            "Every word is right: share {} of the ceremony '{ceremony}', of which {} are needed.",
            share.number(),
            share.needed()
        ));
        table::put(&match (belongs, ceremonies.unwrap_or_default().as_slice()) {
            (Some(true), _) => format!("It belongs to the key file {}.", path.display()),
            (Some(false), []) => format!("The key file {} opens by no shares at all.", path.display()),
            (Some(false), held) => format!(
                "It does NOT belong to the key file {}, whose shares begin with '{}': it is of another ceremony or record.",
                path.display(),
                held.join("' or '")
            ),
            (None, _) => format!("There is no key file at {} to hold it against.", path.display()),
        });
    }
    Ok(if belongs == Some(false) { Ending::NeedsAPerson } else { Ending::Fine })
}

fn ceremonies(file: &KeyFile) -> Vec<String> {
    let slots = file.slots().into_iter().filter_map(|slot| match slot.kind {
        SlotKind::Shares { ceremony, .. } => Some(ceremony.to_string()),
        _ => None,
    });
    slots.collect()
}
