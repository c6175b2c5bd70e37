//! `lifeboat clinics import FILE…`: lists of bookings and theatre cases (CSV) and messages about them become part of the record.
//!
//! Always: which column is taken for what is told before anything is kept; every refused row with its line and reason; rows =
//! listed + refused, and what is refused is kept too and waits in the tray. With `--check` nothing is kept. Proved by
//! `tests/clinics_lists.rs`.

use super::super::{Place, progress};
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};
use basics::{EntryNumber, FeedName, Moment};
use control_room::ControlRoom;
use intake::BodyLimits;
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use translate::{Checked, FeedRules, Received, check_sheet};

/// Refused rows shown to people; `--json` has all.
const ROWS_MAX: usize = 50;

#[derive(clap::Args)]
pub struct ImportArgs {
    /// Lists (CSV: one booking a row, the first row names the columns), HL7 SIU messages, FHIR appointments
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The feed that the lists belong to: its rules say what the columns are
    #[arg(long, default_value = "bookings")]
    feed: String,
    /// Only say what would become of each row; keep nothing
    #[arg(long)]
    check: bool,
    /// JSON lines: one for each refused row, then one for each file
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Refused {
        file: &'a str,
        line: usize,
        why: &'a str,
    },
    Note {
        file: &'a str,
        line: usize,
        why: &'a str,
    },
    File {
        file: &'a str,
        /// "sheet" or "messages".
        format: &'static str,
        rows: Option<usize>,
        listed: Option<usize>,
        refused: Option<usize>,
        columns: Vec<(&'a str, &'static str)>,
        passed_over: &'a [String],
        kept: bool,
        received: u64,
        understood: u64,
        in_tray: u64,
        duplicates: u64,
    },
}

/// A file as it was found.
enum Found {
    Sheet { bytes: Vec<u8>, checked: Box<Checked> },
    Messages,
}

pub fn run(place: Place, args: ImportArgs) -> Result<Ending, Failure> {
    let feed = FeedName::new(&args.feed).ok_or_else(|| Failure::usage("the feed's name is empty"))?;
    let config = place.config()?;
    let mut rules = rules_of(&config, &feed);
    let there = opened(&config, args.check)?;
    if let Some((_, room)) = &there {
        rules.column_maps = room.column_maps(&feed);
    }
    // Every file is looked at before the first is kept: a list of the wrong sort should not be half in.
    let found: Vec<(&PathBuf, Found)> = args
        .files
        .iter()
        .map(|path| Ok((path, look(path, &feed, &rules)?)))
        .collect::<Result<_, Failure>>()?;
    let kept_in = match there {
        _ if args.check => None,
        Some(opened) => Some(opened),
        None => {
            let store = Store::open(config, Begin::IfMissing)?;
            let room = store.room()?;
            Some((store, room))
        }
    };
    let mut ending = Ending::Fine;
    for (path, found) in &found {
        let kept = match &kept_in {
            Some((store, room)) => keep(store, room, &feed, path, found)?,
            None => Kept::default(),
        };
        tell(&args, path, found, &kept);
        let refused = matches!(found, Found::Sheet { checked, .. } if !checked.refused.is_empty());
        if refused || kept.refused || kept.in_tray > 0 {
            ending = Ending::NeedsAPerson;
        }
    }
    if let Some((_store, room)) = kept_in {
        room.close();
    }
    Ok(ending)
}

/// The record that is there already: what the columns of lists hold may have been confirmed in it. Only to check a list,
/// one that is in use, or whose key is not at hand, is passed over.
fn opened(config: &Config, check: bool) -> Result<Option<(Store, ControlRoom)>, Failure> {
    if !ControlRoom::book_dir(&config.data).is_dir() {
        return Ok(None);
    }
    let open = || -> Result<(Store, ControlRoom), Failure> {
        let store = Store::open(config.clone(), Begin::Never)?;
        let room = store.room()?;
        progress::catch_up(&room)?;
        Ok((store, room))
    };
    match open() {
        Err(_) if check => Ok(None),
        opened => opened.map(Some),
    }
}

fn rules_of(config: &Config, feed: &FeedName) -> FeedRules {
    let mut rules = FeedRules::new(feed.clone());
    rules.zone = config.zone.clone();
    if let Some(set_up) = config.feeds.iter().find(|f| f.setup.name == *feed) {
        rules.zone = set_up.setup.zone.clone();
        rules.site.clone_from(&set_up.setup.site);
        rules.columns.clone_from(&set_up.setup.columns);
    }
    rules
}

fn look(path: &Path, feed: &FeedName, rules: &FeedRules) -> Result<Found, Failure> {
    let unread = |e: std::io::Error| Failure::failed(format!("could not read {}: {e}", path.display()));
    let most = translate::SHEET_LIMITS.bytes_max as u64;
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|f| f.take(most + 1).read_to_end(&mut bytes)).map_err(unread)?;
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).trim_ascii_start();
    let messages = [&b"MSH"[..], b"FHS", b"BHS", b"{", b"[", b"\x1f\x8b"];
    if messages.iter().any(|sign| start.starts_with(sign)) {
        return Ok(Found::Messages);
    }
    let received = Received { entry: EntryNumber(0), received: Moment::default(), feed: feed.clone() };
    let no_list = |why: String| Failure::failed(format!("{}: {why}; nothing was kept", path.display()));
    let checked = check_sheet(&bytes, &received, rules).map_err(|fault| no_list(fault.to_string()))?;
    let missing = checked.mapping.missing();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|c| c.name()).collect();
        return Err(no_list(format!(
            "no column is taken for {}; name them under [feeds.columns] of the feed {feed}",
            names.join(", ")
        )));
    }
    Ok(Found::Sheet { bytes, checked: Box::new(checked) })
}

#[derive(Default)]
struct Kept {
    received: u64,
    understood: u64,
    in_tray: u64,
    duplicates: u64,
    /// Something of the file could not be read, and was said.
    refused: bool,
}

fn keep(
    store: &Store,
    room: &ControlRoom,
    feed: &FeedName,
    path: &Path,
    found: &Found,
) -> Result<Kept, Failure> {
    progress::catch_up(room)?;
    let before = room.totals();
    let limits = BodyLimits::for_files();
    let imported = match found {
        Found::Sheet { bytes, .. } => intake::files::import_rows(room, feed, bytes, &*store.clock),
        Found::Messages => {
            intake::files::import(room, feed, &[path.to_owned()], &limits, &*store.clock, &mut |_| {})
        }
    };
    let report = imported.map_err(|why| {
        Failure::new(Ending::StoppedRecording, format!("{why}; what was read before is kept"))
    })?;
    progress::catch_up(room)?;
    room.sync_head()?;
    let after = room.totals();
    for refused in &report.refused {
        eprintln!("not taken: {}: {}", table::harmless(&refused.path.to_string_lossy()), refused.why);
    }
    report.notes.iter().for_each(|note| eprintln!("note: {}", table::harmless(note)));
    Ok(Kept {
        received: after.received.saturating_sub(before.received),
        understood: after.understood.saturating_sub(before.understood),
        in_tray: after.in_tray.saturating_sub(before.in_tray),
        duplicates: report.duplicates,
        refused: !report.refused.is_empty(),
    })
}

fn tell(args: &ImportArgs, path: &Path, found: &Found, kept: &Kept) {
    let file = path.to_string_lossy();
    let checked = match found {
        Found::Sheet { checked, .. } => Some(checked.as_ref()),
        Found::Messages => None,
    };
    let (refused, notes) = checked.map_or((&[][..], &[][..]), |c| (c.refused.as_slice(), c.notes.as_slice()));
    if args.json {
        for row in refused {
            json::line(&Line::Refused { file: &file, line: row.line, why: &row.why });
        }
        for row in notes {
            json::line(&Line::Note { file: &file, line: row.line, why: &row.why });
        }
        json::line(&Line::File {
            file: &file,
            format: if checked.is_some() { "sheet" } else { "messages" },
            rows: checked.map(|c| c.rows),
            listed: checked.map(|c| c.listed),
            refused: checked.map(|c| c.refused.len()),
            columns: checked
                .map(|c| c.mapping.taken.iter().map(|(h, c)| (h.as_str(), c.name())).collect())
                .unwrap_or_default(),
            passed_over: checked.map_or(&[], |c| c.mapping.passed_over.as_slice()),
            kept: !args.check,
            received: kept.received,
            understood: kept.understood,
            in_tray: kept.in_tray,
            duplicates: kept.duplicates,
        });
        return;
    }
    table::put(&table::harmless(&file));
    if let Some(checked) = checked {
        let columns: Vec<Vec<String>> =
            checked.mapping.taken.iter().map(|(h, c)| vec![h.clone(), c.name().to_owned()]).collect();
        table::print(&["column", "taken for"], &columns);
        if !checked.mapping.passed_over.is_empty() {
            table::put(&format!("passed over: {}", table::harmless(&checked.mapping.passed_over.join(", "))));
        }
        for row in refused.iter().take(ROWS_MAX) {
            table::put(&format!("line {} refused: {}", row.line, row.why));
        }
        if refused.len() > ROWS_MAX {
            table::put(&format!("and {} more refused; --json has all", refused.len() - ROWS_MAX));
        }
        for row in notes.iter().take(ROWS_MAX) {
            table::put(&format!("line {}: {}", row.line, row.why));
        }
        table::put(&format!("{} rows = {} listed + {} refused", checked.rows, checked.listed, refused.len()));
    }
    if args.check {
        table::put("nothing was kept (--check)");
        return;
    }
    table::put(&format!(
        "received {}, understood {}, in the tray {}, duplicates {}",
        kept.received, kept.understood, kept.in_tray, kept.duplicates
    ));
}
