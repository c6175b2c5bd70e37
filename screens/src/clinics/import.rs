//! `GET`, `POST /clinics/import`: a list of bookings from a spreadsheet; what its columns hold is looked at, then confirmed.
//!
//! Always: nothing is kept before each column was shown with samples and each refused row with its line and reason; what is
//! taken is what was shown; a map that was confirmed once is used for every list under the same headings. A list that waits
//! in the tray because nobody recognised its columns is confirmed here as well (`?entry=`).

use super::{Place, board};
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{capital, counted};
use crate::who::remember;
use askama::Template;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::Response;
use basics::csv::{self, Limits};
use basics::{FeedName, Person};
use control_room::{
    Checked, Column, ColumnMap, Intent, LISTS_FEED, ListReceipt, ListRefused, Refusal, Refused,
};
use http::StatusCode;
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Largest form, in bytes: a file and the same again as text.
pub const FORM_BYTES_MAX: usize = 9 << 20;
/// Refused rows and notes shown; the rest are counted.
const SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "clinics/import.html")]
struct ImportPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    feeds: Vec<(String, bool)>,
    feed: String,
    entry: String,
    sheet: String,
    by: String,
    look: Option<Proposal>,
    taken: Option<Taken>,
}

/// A list as it was looked at.
struct Proposal {
    columns: Vec<ColumnRow>,
    confirmed: bool,
    missing: String,
    rows: String,
    listed: usize,
    refused: Vec<(usize, String)>,
    refused_more: usize,
    refused_total: usize,
    notes: Vec<(usize, String)>,
    notes_more: usize,
    checked: String,
}

struct ColumnRow {
    index: usize,
    heading: String,
    samples: Vec<String>,
    choices: Vec<(&'static str, bool)>,
    unused: bool,
}

/// What came of it.
struct Taken {
    words: String,
    too_long: usize,
    in_tray: u64,
    tray: String,
}

/// `?entry=`, `?feed=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    entry: String,
    feed: String,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    sheet: String,
    feed: String,
    entry: String,
    deed: String,
    checked: String,
    by: String,
    columns: Vec<(usize, String)>,
}

/// `GET /clinics/import`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let mut sent = Sent { feed: asked.feed, entry: asked.entry, ..Sent::default() };
        let list = list_of(look, &mut sent)?;
        let proposal = list.map(|list| proposed(look, &sent, &list)).transpose()?;
        Ok(Html(page(look, &sent, None, proposal)?))
    })
    .await
}

/// `POST /clinics/import`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let sent = match multipart {
        Ok(multipart) => read(multipart).await,
        Err(_) => Err(Mishap::Bad("The form could not be read.".to_owned())),
    };
    desk.page(visit, move |look| answer(look, sent?)).await
}

async fn read(mut multipart: Multipart) -> Result<Sent, Mishap> {
    let mut sent = Sent::default();
    while let Some(field) = multipart.next_field().await.map_err(crate::systems::import::unreadable)? {
        let name = field.name().unwrap_or("").to_owned();
        let bytes = field.bytes().await.map_err(crate::systems::import::unreadable)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "file" => sent.file = bytes.to_vec(),
            "sheet" => sent.sheet = text(),
            "feed" => sent.feed = text(),
            "entry" => sent.entry = text(),
            "deed" => sent.deed = text(),
            "checked" => sent.checked = text(),
            "by" => sent.by = text(),
            column => {
                if let Some(Ok(index)) = column.strip_prefix("column-").map(str::parse) {
                    sent.columns.push((index, text()));
                }
            }
        }
    }
    Ok(sent)
}

/// The bytes that are looked at: the tray's message, else what was sent; `None` when there is nothing yet.
fn list_of(look: &Look<'_>, sent: &mut Sent) -> Result<Option<Vec<u8>>, Mishap> {
    if !sent.entry.is_empty() {
        let entry = crate::entry::page::read(look, &sent.entry)?;
        crate::entry::concerned::note_entry(look, &entry);
        sent.feed = entry.feed.to_string();
        return Ok(Some(entry.bytes.to_vec()));
    }
    if sent.sheet.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(sent.sheet.clone().into_bytes()))
}

fn answer(look: &Look<'_>, mut sent: Sent) -> Result<Response, Mishap> {
    if !sent.file.is_empty() {
        match csv::text(&sent.file, Limits::LIST) {
            Ok(text) => sent.sheet = text.into_owned(),
            Err(fault) => return again(look, &sent, sentence(&fault.to_string()), None),
        }
        sent.columns.clear();
    }
    let Some(list) = list_of(look, &mut sent)? else {
        return again(look, &sent, "Choose a file, or paste the list, first.".to_owned(), None);
    };
    let proposal = match proposed(look, &sent, &list) {
        Ok(proposal) => proposal,
        Err(Mishap::Refused(why)) => return again(look, &sent, why, None),
        Err(other) => return Err(other),
    };
    if sent.deed != "take" {
        return Html(page(look, &sent, None, Some(proposal))?).into_page();
    }
    if sent.checked != proposal.checked {
        let why = "The list, or what its columns hold, changed since it was checked. Look at it again, then take it.";
        return again(look, &sent, why.to_owned(), Some(proposal));
    }
    match taken(look, &sent, &list) {
        Ok((taken, who)) => {
            let fresh = Sent { feed: sent.feed.clone(), by: who.to_string(), ..Sent::default() };
            let mut done = page(look, &fresh, None, None)?;
            done.taken = Some(taken);
            let mut response = Html(done).into_page()?;
            remember(&mut response, Some(&who));
            Ok(response)
        }
        Err(mishap) => {
            let (why, status) = look.form_again(mishap)?;
            FormAgain { page: page(look, &sent, Some(why), Some(proposal))?, status }.into_page()
        }
    }
}

fn again(look: &Look<'_>, sent: &Sent, why: String, proposal: Option<Proposal>) -> Result<Response, Mishap> {
    FormAgain { page: page(look, sent, Some(why), proposal)?, status: StatusCode::CONFLICT }.into_page()
}

/// The feed that a list belongs to.
fn feed_of(sent: &Sent) -> Result<FeedName, Mishap> {
    let name = if sent.feed.trim().is_empty() { LISTS_FEED } else { &sent.feed };
    FeedName::new(name).ok_or_else(|| Mishap::Refused("Choose the feed that the list belongs to.".to_owned()))
}

/// What the columns hold: as recognised or confirmed before, with what the form says instead.
fn mapped(look: &Look<'_>, sent: &Sent, list: &[u8]) -> Result<(ColumnMap, Vec<Vec<String>>, bool), Mishap> {
    let refused = |why: String| Mishap::Refused(sentence(&why));
    let proposal = look.screens().room.propose_columns(&feed_of(sent)?, list).map_err(refused)?;
    let mut map = proposal.map;
    for (index, name) in &sent.columns {
        if let Some(column) = map.columns.get_mut(*index) {
            column.holds = Column::all().find(|column| column.name() == name);
        }
    }
    Ok((map, proposal.samples, proposal.confirmed))
}

fn proposed(look: &Look<'_>, sent: &Sent, list: &[u8]) -> Result<Proposal, Mishap> {
    let (map, samples, confirmed) = mapped(look, sent, list)?;
    let room = &look.screens().room;
    let checked = room
        .check_list(&feed_of(sent)?, list, &map, look.now)
        .map_err(|fault| Mishap::Refused(sentence(&fault.to_string())))?;
    let columns = map.columns.iter().zip(samples).enumerate().map(|(index, (column, samples))| ColumnRow {
        index,
        heading: column.heading.clone(),
        samples,
        choices: Column::all().map(|c| (c.name(), column.holds == Some(c))).collect(),
        unused: column.holds.is_none(),
    });
    let rows = |notes: &[control_room::RowNote]| -> Vec<(usize, String)> {
        notes.iter().take(SHOWN_MAX).map(|note| (note.line, note.why.clone())).collect()
    };
    Ok(Proposal {
        columns: columns.collect(),
        confirmed,
        missing: match map.check() {
            Ok(()) => String::new(),
            Err(fault) => sentence(&fault.to_string()),
        },
        rows: counted(checked.rows, "row", "rows"),
        listed: checked.listed,
        refused: rows(&checked.refused),
        refused_more: checked.refused.len().saturating_sub(SHOWN_MAX),
        refused_total: checked.refused.len(),
        notes: rows(&checked.notes),
        notes_more: checked.notes.len().saturating_sub(SHOWN_MAX),
        checked: stands_for(list, &map, &checked),
    })
}

/// Confirms what the columns hold, keeps the rows, and reads again what waited for that.
fn taken(look: &Look<'_>, sent: &Sent, list: &[u8]) -> Result<(Taken, Person), Mishap> {
    let who = look.signer(&sent.by)?;
    let feed = feed_of(sent)?;
    let room = &look.screens().room;
    let (map, _, _) = mapped(look, sent, list)?;
    if !room.column_maps(&feed).contains(&map) {
        let intent = Intent::ConfirmColumns { feed: feed.clone(), map };
        room.submit(intent, who.as_str(), look.now)
            .map_err(Mishap::refused("confirm what the columns hold"))?;
    }
    let receipt = if sent.entry.is_empty() {
        room.receive_list(&feed, list, look.now).map_err(not_taken)?
    } else {
        ListReceipt::default()
    };
    match room.submit(Intent::ReplayAll { feed: Some(feed.clone()) }, who.as_str(), look.now) {
        Ok(_) | Err(Refused::Refusal(Refusal::NothingToReplay)) => {}
        Err(other) => return Err(Mishap::refused("read again what waited")(other)),
    }
    let in_tray = room.feeds().iter().find(|board| board.name == feed).map_or(0, |board| board.in_tray);
    let words = if sent.entry.is_empty() {
        let before = match receipt.duplicates {
            0 => String::new(),
            n => format!("; {n} of them had come before and are stored once"),
        };
        format!("{} kept{before}.", counted(receipt.rows - receipt.too_long, "row", "rows"))
    } else {
        "What the columns hold is confirmed, and what waited was read again.".to_owned()
    };
    let tray = format!("/tray?feed={}", crate::names::encoded(feed.as_str()));
    Ok((Taken { words, too_long: receipt.too_long, in_tray, tray }, who))
}

fn not_taken(refused: ListRefused) -> Mishap {
    match refused {
        ListRefused::Table(fault) => Mishap::Refused(sentence(&fault.to_string())),
        ListRefused::Fault(fault) => Mishap::room("keep the list")(fault),
    }
}

fn page(
    look: &Look<'_>,
    sent: &Sent,
    refused: Option<String>,
    proposal: Option<Proposal>,
) -> Result<ImportPage, Mishap> {
    let place = Place::new(look, "", "", "", "/clinics/import")?;
    let feed = feed_of(sent).map_or_else(|_| LISTS_FEED.to_owned(), |feed| feed.to_string());
    let mut names: Vec<String> = look.feeds.iter().map(|board| board.name.to_string()).collect();
    names.push(LISTS_FEED.to_owned());
    names.sort();
    names.dedup();
    let remembered = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
    Ok(ImportPage {
        layout: Layout::of_incident(look, "Bring in a list", Beside::Clinics).still(),
        links: board::links(&place),
        place,
        refused,
        feeds: names.into_iter().map(|name| (name.clone(), name == feed)).collect(),
        feed,
        entry: sent.entry.clone(),
        sheet: sent.sheet.clone(),
        by: if sent.by.is_empty() { remembered } else { sent.by.clone() },
        look: proposal,
        taken: None,
    })
}

/// Stands for what was shown: the list, however a browser ends its lines, what its columns hold, and what comes of it.
fn stands_for(list: &[u8], map: &ColumnMap, checked: &Checked) -> String {
    let mut hasher = DefaultHasher::new();
    let lines = list.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    lines.for_each(|line| line.hash(&mut hasher));
    for column in &map.columns {
        (column.heading.as_str(), column.holds.map(Column::name)).hash(&mut hasher);
    }
    [checked.rows, checked.listed, checked.refused.len()].hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text.trim_end_matches('.')))
}
