//! `lifeboat tray`: what could not be understood, and what a person does about it.
//!
//! Always: a message leaves the tray only by being understood or by being cleared with a reason and a name; its bytes
//! stay in the record either way.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};
use basics::{EntryNumber, FeedName};
use care::ProblemKind;
use control_room::{ControlRoom, Intent, TrayFilter, TrayItem};
use serde::Serialize;
use std::io::Write;

#[derive(clap::Args)]
pub struct TrayArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Only this feed's
    #[arg(long)]
    feed: Option<String>,
    /// JSON lines, one object a message
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Write one message's bytes to stdout, exactly as received
    Show {
        /// Its entry number
        entry: u64,
    },
    /// Read one message again with today's rules, or all of them
    Replay {
        /// Its entry number; all when left out
        entry: Option<u64>,
        /// Who decides: initials or name
        #[arg(long)]
        by: String,
    },
    /// Take one message out of the tray
    Clear {
        /// Its entry number
        entry: u64,
        /// Why it can be cleared
        #[arg(long)]
        reason: String,
        /// Who decides: initials or name
        #[arg(long)]
        by: String,
    },
}

#[derive(Serialize)]
struct TrayLine<'a> {
    entry: u64,
    feed: &'a str,
    received: String,
    kind: &'static str,
    message_type: &'a str,
    problems: Vec<ProblemLine<'a>>,
    replayed: u32,
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    kind: &'static str,
    place: &'a str,
    text: &'a str,
}

pub fn run(place: Place, args: TrayArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let feed = args.feed.as_deref().and_then(FeedName::new);
    let ending = match args.action {
        None => list(&store, &room, feed, args.json),
        Some(Action::Show { entry }) => show(&room, EntryNumber(entry)),
        Some(Action::Replay { entry, by }) => {
            let intent = match entry {
                Some(entry) => Intent::ReplayTray { entry: EntryNumber(entry) },
                None => Intent::ReplayAll { feed },
            };
            decide(&store, &room, intent, &by)
        }
        Some(Action::Clear { entry, reason, by }) => {
            decide(&store, &room, Intent::ClearTray { entry: EntryNumber(entry), reason }, &by)
        }
    };
    room.close();
    ending
}

fn list(store: &Store, room: &ControlRoom, feed: Option<FeedName>, as_json: bool) -> Result<Ending, Failure> {
    let mut filter = TrayFilter { feed, ..TrayFilter::default() };
    let mut rows = Vec::new();
    let mut count = 0;
    loop {
        let items = room.tray(&filter)?;
        let Some(last) = items.last() else { break };
        filter.after = Some(last.entry);
        count += items.len();
        for item in &items {
            match as_json {
                true => json::line(&line(item)),
                false => rows.push(row(store, item)),
            }
        }
    }
    if !as_json {
        table::print(&["Entry", "Feed", "Received", "Type", "Lost", "Problem"], &rows);
        table::put(&format!("{count} messages wait for a person"));
    }
    Ok(if count > 0 { Ending::NeedsAPerson } else { Ending::Fine })
}

fn line(item: &TrayItem) -> TrayLine<'_> {
    TrayLine {
        entry: item.entry.0,
        feed: item.feed.as_str(),
        received: item.received.rfc3339(),
        kind: kind(item.kind),
        message_type: &item.message_type,
        problems: item
            .problems
            .iter()
            .map(|p| ProblemLine { kind: kind(p.kind), place: &p.place, text: &p.text })
            .collect(),
        replayed: item.replayed,
    }
}

fn row(store: &Store, item: &TrayItem) -> Vec<String> {
    let worst = item.problems.iter().max_by_key(|p| p.kind);
    vec![
        item.entry.to_string(),
        item.feed.to_string(),
        store.config.zone.clinical(item.received),
        item.message_type.clone(),
        if item.kind == ProblemKind::NotUnderstood { "all" } else { "part" }.to_owned(),
        worst.map(|p| format!("{} {}", p.place, p.text)).unwrap_or_default(),
    ]
}

fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Imperfect => "imperfect",
        ProblemKind::PartLost => "part_lost",
        ProblemKind::NotUnderstood => "not_understood",
    }
}

fn show(room: &ControlRoom, entry: EntryNumber) -> Result<Ending, Failure> {
    let kept =
        room.entry(entry)?.ok_or_else(|| Failure::failed(format!("there is no message in entry {entry}")))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&kept.bytes)?;
    out.flush()?;
    Ok(Ending::Fine)
}

fn decide(store: &Store, room: &ControlRoom, intent: Intent, by: &str) -> Result<Ending, Failure> {
    let before = room.tray_counts().total;
    room.submit(intent, by, store.clock.now())?;
    progress::catch_up(room)?;
    let after = room.tray_counts().total;
    room.sync_head()?;
    println!("{} left the tray; {after} remain.", before.saturating_sub(after));
    Ok(Ending::Fine)
}
