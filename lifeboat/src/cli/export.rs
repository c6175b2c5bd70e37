//! `lifeboat export`: entries of the record, as sealed as they are, in one file for another machine.

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use basics::EntryNumber;
use control_room::ControlRoom;
use logbook::{Reader, RealDisk};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct ExportArgs {
    /// The bundle to write; refused when it exists
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Which book: feed (every message), incident (every act in an incident), clinics (every decision about bookings and
    /// every notice to a patient), access (who may do what), looks (who looked at whom), outbox (every message out)
    #[arg(long, default_value = "feed", value_name = "BOOK")]
    book: String,
    /// First entry
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Last entry (default: the last there is)
    #[arg(long)]
    to: Option<u64>,
}

pub fn run(place: Place, args: ExportArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let book = super::book_named(&args.book)?;
    let folder = ControlRoom::book_dir(store.dir());
    let last = match args.to {
        Some(last) => last,
        None => Reader::open(&folder, &book, &store.keys, Arc::new(RealDisk))?.len(),
    };
    if last == 0 {
        return Err(Failure::failed(format!("the {book} book has no entry yet")));
    }
    let path = &args.out;
    let failed = |e: std::io::Error| Failure::failed(format!("could not write {}: {e}", path.display()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let entries = (EntryNumber(args.from), EntryNumber(last));
    let written = logbook::export(&folder, &book, &store.keys, entries, store.clock.now(), &mut out);
    let head = match written {
        Ok(head) => head,
        Err(fault) => {
            // Half a bundle is worth nothing, and its name would stand in the way of the next try.
            drop(out);
            let _ = std::fs::remove_file(path);
            return Err(fault.into());
        }
    };
    out.flush().map_err(failed)?;
    out.get_ref().sync_all().map_err(failed)?;
    println!(
        "Wrote entries {} to {last} of the {book} book to {}, sealed {}.",
        args.from,
        path.display(),
        head.seal
    );
    println!(
        "It is encrypted like the record; check it anywhere with: lifeboat verify --bundle {} --key {}",
        path.display(),
        super::hex(&head.key)
    );
    Ok(Ending::Fine)
}
