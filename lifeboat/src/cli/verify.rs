//! `lifeboat verify`: every byte of the record against its seals, and against heads that others kept.
//!
//! Needs no lock and, with `--public`, no secret. Older files put back are consistent in themselves: only a head kept
//! elsewhere (`--head`) shows them.

use super::Place;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{keys, table};
use control_room::ControlRoom;
use logbook::{BookVerdict, Head, VerifyWith, verify, verify_bundle};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct VerifyArgs {
    /// A head kept elsewhere (`lifeboat head --out`); several may be given
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// With the public key alone: chain and signatures, without decrypting the entries
    #[arg(long)]
    public: bool,
    /// Check a bundle (`lifeboat export`) instead of the record
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The verifying key that `lifeboat head` prints, for a bundle on a machine that has no record of its own
    #[arg(long, value_name = "HEX", requires = "bundle")]
    key: Option<String>,
    /// JSON lines, one object a book
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BookLine {
    book: String,
    sound: bool,
    entries: u64,
    bytes: u64,
    segments: u32,
    heads: u64,
    seal: String,
    after_last_head: u64,
    unfinished_bytes: u64,
    flaw: Option<FlawLine>,
}

#[derive(Serialize)]
struct FlawLine {
    file: String,
    entry: Option<u64>,
    what: String,
}

pub fn run(place: Place, args: VerifyArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    if let Some(bundle) = &args.bundle {
        let key = match &args.key {
            Some(key) => from_hex(key, 32).and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
                Failure::usage("the key is 64 hexadecimal digits, as `lifeboat head` prints them")
            })?,
            None => keys::verifying_key(&config.data)?,
        };
        let told = verify_bundle(bundle, &key)?;
        println!("sound: entries {} to {}, sealed {}", told.from, told.to, told.head.seal);
        return Ok(Ending::Fine);
    }
    let heads: Vec<Head> = args.head.iter().map(|path| read_head(path)).collect::<Result<_, _>>()?;
    let folder = ControlRoom::book_dir(&config.data);
    if !folder.is_dir() {
        return Err(Failure::failed(format!("there is no record at {}", config.data.display())));
    }
    let verdict = if args.public {
        verify(&folder, VerifyWith::VerifyingKey(&keys::verifying_key(&config.data)?), &heads)?
    } else {
        verify(&folder, VerifyWith::Keys(&keys::open(&config, false, keys::Patience::GiveUp)?), &heads)?
    };
    for book in &verdict.books {
        let line = line(book);
        if args.json {
            crate::json::line(&line);
        } else {
            say(&line);
        }
    }
    for aside in verdict.set_aside.iter().filter(|_| !args.json) {
        println!(
            "{}: an interrupted write, set aside when the book was opened; no part of the record",
            aside.display()
        );
    }
    // An unfinished tail is what a pulled plug leaves: nothing of it was acknowledged, and opening sets it aside.
    Ok(if verdict.books.iter().any(|book| book.flaw.is_some()) { Ending::Damaged } else { Ending::Fine })
}

/// A head as `lifeboat head` writes it: 256 bytes, or the same in hexadecimal digits.
fn read_head(path: &Path) -> Result<Head, Failure> {
    let wrong = |why: String| Failure::usage(format!("the head {}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let binary = if bytes.len() == Head::BYTES { Some(bytes.clone()) } else { from_hex(text, Head::BYTES) };
    binary
        .and_then(|bytes| Head::from_bytes(&bytes))
        .ok_or_else(|| wrong("it is no head, or its signature is not its own".to_owned()))
}

fn from_hex(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let pairs = digits.chunks_exact(2).filter(|_| digits.len() == 2 * bytes);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    bytes.filter(|bytes| !bytes.is_empty())
}

fn line(book: &BookVerdict) -> BookLine {
    BookLine {
        book: book.book.to_string(),
        sound: book.flaw.is_none(),
        entries: book.entries,
        bytes: book.bytes,
        segments: book.segments,
        heads: book.heads,
        seal: book.seal.to_string(),
        after_last_head: book.after_last_head,
        unfinished_bytes: book.unfinished.as_ref().map_or(0, |tail| tail.bytes),
        flaw: book.flaw.as_ref().map(|flaw| FlawLine {
            file: flaw.file.display().to_string(),
            entry: flaw.entry.map(|entry| entry.0),
            what: flaw.what.clone(),
        }),
    }
}

fn say(book: &BookLine) {
    match &book.flaw {
        None => table::put(&format!(
            "book {}: sound, {} entries in {} files, {} signed heads\n  seal of the last entry {}",
            book.book, book.entries, book.segments, book.heads, book.seal
        )),
        Some(flaw) => {
            let entry = flaw.entry.map(|entry| format!(" at entry {entry}")).unwrap_or_default();
            table::put(&format!("book {}: DAMAGED{entry} in {}: {}", book.book, flaw.file, flaw.what));
            table::put(&format!("  the {} entries before it are sound", book.entries));
        }
    }
    if book.unfinished_bytes > 0 {
        table::put(&format!(
            "  {} bytes of an interrupted write follow; none of it was acknowledged",
            book.unfinished_bytes
        ));
    }
}
