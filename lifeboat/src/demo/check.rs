//! `lifeboat demo --check`: is everything that was acknowledged there?
//!
//! The trust wrote down what Lifeboat acknowledged; every such message must be in the record, byte for byte.

use crate::cli::progress;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use basics::EntryNumber;
use control_room::ControlRoom;
use drill::Ledger;
use drill::ledger::fingerprint;
use std::collections::BTreeSet;

/// Most missing messages that are named.
const NAMED_MAX: usize = 20;

pub fn run(config: Config) -> Result<Ending, Failure> {
    let store = Store::open(config, Begin::Never)?;
    let path = store.dir().join("ledger");
    let acknowledged = Ledger::read(&path)
        .map_err(|e| Failure::failed(format!("could not read the trust's ledger {}: {e}", path.display())))?;
    let room = store.room()?;
    let kept = kept(&room)?;
    room.close();
    let missing: Vec<_> = acknowledged
        .iter()
        .filter(|line| !kept.contains(&(line.feed.clone(), line.bytes_length, line.fingerprint)))
        .collect();
    println!("{} messages were acknowledged; {} of them are missing.", acknowledged.len(), missing.len());
    for line in missing.iter().take(NAMED_MAX) {
        println!("  missing: {} {}", line.feed, line.control_id);
    }
    Ok(if missing.is_empty() { Ending::Fine } else { Ending::NeedsAPerson })
}

/// Feed, length and fingerprint of every message in the record.
fn kept(room: &ControlRoom) -> Result<BTreeSet<(String, u64, u64)>, Failure> {
    let size = room.status().book_size;
    let bar = progress::entries("reading the record");
    bar.set_length(size);
    let mut kept = BTreeSet::new();
    for number in 1..=size {
        bar.set_position(number);
        if let Some(entry) = room.entry(EntryNumber(number))? {
            kept.insert((entry.feed.to_string(), entry.bytes.len() as u64, fingerprint(&entry.bytes)));
        }
    }
    bar.finish_and_clear();
    Ok(kept)
}
