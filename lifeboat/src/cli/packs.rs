//! `lifeboat packs --out DIR`: every ward's pack and the special lists as PDFs, for a stick or a printer that is near.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::print_room::{label_digest, note_codes};
use crate::store::{Begin, Store};
use care::ward_list::WardKey;
use control_room::ControlRoom;
use paper::{Letterhead, Press};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct PacksArgs {
    /// The folder to write to; made when missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only wards whose code or site contains this
    #[arg(long, default_value = "")]
    only: String,
}

pub fn run(place: Place, args: PacksArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let press = Press::new().map_err(|fault| Failure::failed(fault.to_string()))?;
    std::fs::create_dir_all(&args.out)
        .map_err(|e| Failure::failed(format!("could not make {}: {e}", args.out.display())))?;
    let packs_key = store.keys.derive("packs");
    let wanted = args.only.to_lowercase();
    let wards: Vec<_> =
        room.wards()?.into_iter().filter(|w| label(&w.key).to_lowercase().contains(&wanted)).collect();
    let bar = progress::entries("rendering ward packs");
    bar.set_length(wards.len() as u64);
    let (mut pages, mut failed) = (0u64, 0u32);
    for (number, ward) in wards.iter().enumerate() {
        bar.set_position(number as u64);
        let Some(pack) = room.ward_pack(&ward.key, store.clock.now())? else { continue };
        match press.ward_pack(&pack, &store.config.zone) {
            Ok(rendered) => {
                note_codes(&store.dir().join("packs"), &packs_key, &rendered)
                    .map_err(|e| Failure::failed(format!("could not keep the codes of the sheets: {e}")))?;
                let path = args.out.join(file_name(&ward.key));
                std::fs::write(&path, &rendered.pdf)
                    .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
                pages += u64::from(rendered.pages);
            }
            Err(fault) => {
                failed += 1;
                eprintln!("no pack for {}: {fault}", label(&ward.key));
            }
        }
    }
    bar.finish_and_clear();
    let people = if wanted.is_empty() { special_lists(&store, &room, &press, &args.out)? } else { 0 };
    room.close();
    println!("{} packs, {pages} pages, in {}", wards.len() - failed as usize, args.out.display());
    if wanted.is_empty() {
        println!("{people} people on special lists, in {SPECIAL_LISTS}");
    }
    println!("They are not encrypted: whoever holds them can read them.");
    Ok(if failed > 0 { Ending::NeedsAPerson } else { Ending::Fine })
}

/// The file of the special lists, beside the packs.
const SPECIAL_LISTS: &str = "Special lists.pdf";

/// People on a treatment that must not lapse, as one file; gives how many.
fn special_lists(store: &Store, room: &ControlRoom, press: &Press, out: &Path) -> Result<usize, Failure> {
    let now = store.clock.now();
    let sheets = screens::special_lists::sheets(room, &store.config.zone, None, now)?;
    let head = Letterhead {
        trust: store.config.trust.clone(),
        incident: String::new(),
        printed: now,
        watermark: store.config.watermark.clone(),
        record: String::new(),
    };
    let rendered = press
        .special_lists(&sheets, &head, &store.config.zone)
        .map_err(|fault| Failure::failed(fault.to_string()))?;
    let path = out.join(SPECIAL_LISTS);
    std::fs::write(&path, &rendered.pdf)
        .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
    Ok(sheets.iter().map(|sheet| sheet.rows.len()).sum())
}

fn label(key: &WardKey) -> String {
    format!("{} {}", key.site, key.ward)
}

/// A file name of letters, digits and hyphens; site and ward come from messages and may hold anything. The number at
/// the end keeps apart what looks the same once cleaned.
fn file_name(key: &WardKey) -> String {
    let label = label(key);
    let mut clean: String = label.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    clean.truncate(clean.floor_char_boundary(120));
    let exact = label.chars().all(|c| c.is_alphanumeric() || c == ' ') && clean.len() < 120;
    match exact {
        true => format!("{clean}.pdf"),
        false => format!("{clean}-{}.pdf", label_digest(&label).get(..8).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::{SiteId, WardId};

    #[test]
    fn names_from_messages_stay_in_the_folder() {
        for (site, ward) in
            [("../../etc", "passwd"), ("/root", ".."), ("Northgate General", "AMU"), ("a", "b/c")]
        {
            let key = WardKey { site: SiteId::new(site).unwrap(), ward: WardId::new(ward).unwrap() };
            let name = file_name(&key);
            assert!(
                !name.contains(['/', '\\']) && !name.starts_with('.') && name.ends_with(".pdf"),
                "{name}"
            );
        }
    }
}
