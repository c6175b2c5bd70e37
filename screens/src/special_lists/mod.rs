//! `GET /special-lists`, `/special-lists/{name}`, `/special-lists.pdf`: people on a treatment that must not lapse.
//!
//! Always: overdue first, then whoever has no known date; why somebody is on the list and as at when; how to reach them; how many.
//! Printed as all lists or one. Proved by `tests/special_lists.rs`.

use crate::clinics::Patient;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded};
use crate::parts::Stamp;
use crate::press::pdf;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{Moment, Zone};
use care::PatientKey;
use care::special_lists::Due;
use control_room::{ControlRoom, Postponed, SpecialListBoard, SpecialListRow};
use paper::{Letterhead, SpecialListLine, SpecialListSheet};
use serde::Deserialize;

/// People shown on one page; all of them are printed.
const SHOWN_MAX: usize = 500;

#[derive(Template)]
#[template(path = "special_lists/all.html")]
struct AllPage {
    layout: Layout,
    lists: Vec<List>,
    faults: Vec<String>,
}

struct List {
    name: String,
    address: String,
    why: String,
    count: String,
    overdue: usize,
    no_date: usize,
    as_at: Stamp,
}

#[derive(Template)]
#[template(path = "special_lists/one.html")]
struct OnePage {
    layout: Layout,
    name: String,
    why: String,
    count: String,
    print: String,
    rows: Vec<Row>,
    total: usize,
}

struct Row {
    patient: Patient,
    due: String,
    due_class: &'static str,
    because: String,
    as_at: Stamp,
    note: String,
    phones: Vec<String>,
    site: String,
}

/// `GET /special-lists`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| {
        let room = &look.screens().room;
        let list = |board: SpecialListBoard| List {
            address: format!("/special-lists/{}", encoded(&board.name)),
            count: counted(board.people, "person", "people"),
            overdue: board.overdue,
            no_date: board.no_date,
            as_at: look.stamp_maybe(board.as_at),
            why: board.why,
            name: board.name,
        };
        Ok(Html(AllPage {
            layout: Layout::new(look, "Special lists", Here::Print),
            lists: room.special_lists(look.now).into_iter().map(list).collect(),
            faults: room.clinics().forms.faults.clone(),
        }))
    })
    .await
}

/// `GET /special-lists/{name}`
pub async fn one(State(desk): State<Desk>, visit: Visit, Path(name): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let found = look.screens().room.special_list(&name, look.now);
        let (board, rows) = found.map_err(Mishap::room("read a special list"))?.ok_or_else(no_list)?;
        Ok(Html(OnePage {
            layout: Layout::new(look, format!("Special list: {}", board.name), Here::Print),
            count: count(&board),
            print: format!("/special-lists.pdf?list={}", encoded(&board.name)),
            total: rows.len(),
            rows: rows.iter().take(SHOWN_MAX).map(|row| shown(look, row)).collect(),
            why: crate::names::capital(&board.why),
            name: board.name,
        }))
    })
    .await
}

fn no_list() -> Mishap {
    Mishap::NotFound {
        what: "There is no such special list.".to_owned(),
        next: "Look at the lists there are.",
    }
}

fn shown(look: &Look<'_>, row: &SpecialListRow) -> Row {
    Row {
        patient: Patient::new(look, &row.record),
        due: due(look.zone(), row),
        due_class: match row.due {
            _ if row.postponed == Some(Postponed::Open) => "tag-red",
            Due::Overdue(_) => "tag-red",
            Due::Unknown => "tag-amber",
            Due::On(..) => "tag-grey",
        },
        because: because(row),
        as_at: look.stamp_maybe(row.on.as_at),
        note: row.on.note.clone(),
        phones: phones(row),
        site: row.site.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// "14 people: 2 overdue, 1 without a known date, 8 due within 7 days".
fn count(board: &SpecialListBoard) -> String {
    let parts = [
        (board.overdue, "overdue"),
        (board.no_date, "without a known date"),
        (board.this_week, "due within 7 days"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    let people = counted(board.people, "person", "people");
    if parts.is_empty() { people } else { format!("{people}: {}", parts.join(", ")) }
}

fn due(zone: &Zone, row: &SpecialListRow) -> String {
    match (row.postponed, row.due) {
        (Some(Postponed::Open), Due::On(_, Some(at))) => {
            format!("POSTPONED here: was {}, no new date", zone.clinical(at))
        }
        (Some(Postponed::To(to)), _) => format!("{}, rebooked here", zone.clinical(to)),
        (_, due) => booked(zone, due),
    }
}

fn booked(zone: &Zone, due: Due) -> String {
    match due {
        Due::Overdue(day) => format!("OVERDUE since {day}"),
        Due::Unknown => "No date known".to_owned(),
        Due::On(_, Some(at)) => zone.clinical(at),
        Due::On(day, None) => day.to_string(),
    }
}

fn because(row: &SpecialListRow) -> String {
    let mut words = row.on.because.clone();
    if row.on.listed_at.is_some() {
        words.push("on the service's own list".to_owned());
    }
    words.join("; ")
}

fn phones(row: &SpecialListRow) -> Vec<String> {
    let phone = |t: &&care::Telecom| !t.value.contains('@') && !t.value.trim().is_empty();
    row.record.telecoms.iter().filter(phone).map(|t| t.value.clone()).take(3).collect()
}

/// `?list=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    list: String,
}

/// `GET /special-lists.pdf`
pub async fn print(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let room = &look.screens().room;
        let only = (!asked.list.is_empty()).then_some(asked.list.as_str());
        let read = read(room, look.zone(), only, look.now).map_err(Mishap::room("read special lists"))?;
        let (sheets, keys): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        look.saw(keys.into_iter().flatten());
        if sheets.is_empty() {
            return Err(no_list());
        }
        let head = Letterhead {
            trust: look.screens().trust.clone(),
            incident: String::new(),
            printed: look.now,
            watermark: look.screens().watermark.clone(),
            record: String::new(),
        };
        pdf(look, look.press()?.special_lists(&sheets, &head, look.zone()), "special-lists")
    })
    .await
}

/// All lists, or the one of that name, ready to be printed.
///
/// # Errors
/// The index cannot be read.
pub fn sheets(
    room: &ControlRoom,
    zone: &Zone,
    only: Option<&str>,
    now: Moment,
) -> Result<Vec<SpecialListSheet>, control_room::Fault> {
    Ok(read(room, zone, only, now)?.into_iter().map(|(sheet, _)| sheet).collect())
}

/// The same, each with whom it names.
fn read(
    room: &ControlRoom,
    zone: &Zone,
    only: Option<&str>,
    now: Moment,
) -> Result<Vec<(SpecialListSheet, Vec<PatientKey>)>, control_room::Fault> {
    let names = room.special_lists(now).into_iter().map(|board| board.name);
    let mut sheets = Vec::new();
    for name in names.filter(|name| only.is_none_or(|only| only == name)) {
        let Some((board, rows)) = room.special_list(&name, now)? else { continue };
        let as_at = board.as_at.map_or_else(
            || "Nothing is known of this treatment yet".to_owned(),
            |at| format!("Newest word as at {}", zone.clinical(at)),
        );
        let keys = rows.iter().map(|row| row.record.key).collect();
        let sheet = SpecialListSheet {
            count: count(&board),
            name,
            why: crate::names::capital(&board.why),
            as_at,
            silent: silent(room, zone),
            rows: rows.iter().map(|row| line(zone, row)).collect(),
        };
        sheets.push((sheet, keys));
    }
    Ok(sheets)
}

/// Which feeds say nothing: what they would tell of these people is missing.
fn silent(room: &ControlRoom, zone: &Zone) -> String {
    let silent = room.feeds().into_iter().filter(|feed| feed.silent);
    let names = silent.map(|feed| match feed.last_received {
        Some(at) => format!("{} since {}", feed.name, zone.clinical(at)),
        None => format!("{}, which has sent nothing yet", feed.name),
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return String::new();
    }
    format!("Silent: {}. Who was booked or changed since then is not on this list.", names.join("; "))
}

fn line(zone: &Zone, row: &SpecialListRow) -> SpecialListLine {
    let record = &row.record;
    let number = match record.nhs_number() {
        Some(nhs) => nhs.to_string(),
        None => record.mrns().next().map(|mrn| format!("none; hospital number {mrn}")).unwrap_or_default(),
    };
    let as_at = row.on.as_at.map(|at| format!(" (as at {})", zone.clinical(at))).unwrap_or_default();
    SpecialListLine {
        due: due(zone, row),
        pressing: !matches!(row.due, Due::On(..)) || row.postponed == Some(Postponed::Open),
        name: record.name.as_ref().map(care::PersonName::banner).unwrap_or_default(),
        born: record.birth_date.map(|day| day.to_string()).unwrap_or_default(),
        nhs_number: number,
        because: format!("{}{as_at}", because(row)),
        note: row.on.note.clone(),
        phone: phones(row).join(", "),
        site: row.site.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}
