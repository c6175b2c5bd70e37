//! `lifeboat head`: the signed statement of how long the record is and what its last seal is.
//!
//! Kept elsewhere (another site, a safe, a printed sheet) it proves later that nothing was removed or put back.

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::table;
use control_room::ControlRoom;
use logbook::read_heads;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct HeadArgs {
    /// Which book: feed (every message), incident (every act in an incident), clinics (every decision about bookings and
    /// every notice to a patient), access (who may do what), looks (who looked at whom), outbox (every message out)
    #[arg(long, default_value = "feed", value_name = "BOOK")]
    book: String,
    /// Also write the head's 256 bytes to a file, for `lifeboat verify --head`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct HeadLine {
    book: String,
    size: u64,
    seal: String,
    at: String,
    verifying_key: String,
    head: String,
}

pub fn run(place: Place, args: HeadArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let book = super::book_named(&args.book)?;
    let folder = ControlRoom::book_dir(&config.data);
    if !folder.is_dir() {
        return Err(Failure::failed(format!("there is no record at {}", config.data.display())));
    }
    let heads = read_heads(&folder, &book)?;
    let head =
        heads.last().ok_or_else(|| Failure::failed(format!("the {book} book has no signed head yet")))?;
    if let Some(path) = &args.out {
        std::fs::write(path, head.to_bytes())
            .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
    }
    let line = HeadLine {
        book: head.book.to_string(),
        size: head.size,
        seal: head.seal.to_string(),
        at: head.at.rfc3339(),
        verifying_key: super::hex(&head.key),
        head: super::hex(&head.to_bytes()),
    };
    if args.json {
        crate::json::line(&line);
    } else {
        table::put(&format!("book {}: {} entries at {}\nseal {}", line.book, line.size, line.at, line.seal));
        table::put(&format!("verifying key {}", line.verifying_key));
    }
    Ok(Ending::Fine)
}
