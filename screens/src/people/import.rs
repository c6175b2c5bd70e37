//! `GET`, `POST /people/import`: staff from a spreadsheet, uploaded or pasted, looked at first.
//!
//! Always: nothing is taken before every column was shown as it is understood, and every refused row with its line and what to
//! mend; the table stands in the form, so that a row can be mended on the spot; what is taken is what was shown. Never: an
//! account closed by a sheet.

use super::Places;
use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::{Mishap, sentence};
use crate::names::counted;
use access::people::{ImportReport, SheetColumn, SheetFault, read_sheet, sheet_columns};
use access::{Asked, By};
use askama::Template;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::Response;
use basics::csv::{self, Limits};
use http::StatusCode;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Largest form, in bytes: a file and the same again as text.
pub const FORM_BYTES_MAX: usize = 9 << 20;
/// Refused rows, changes and notes shown of each; the rest are counted.
const SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "people/import.html")]
struct ImportPage {
    layout: Layout,
    refused: Option<String>,
    sheet: String,
    report: Option<Report>,
    hospitals: String,
}

struct Report {
    rows: String,
    columns: Vec<SheetColumn>,
    joined: usize,
    changed: usize,
    same: usize,
    merged: usize,
    refused: Vec<(usize, String, String)>,
    refused_total: usize,
    changes: Vec<String>,
    changes_more: usize,
    notes: Vec<String>,
    notes_more: usize,
    not_in_file: usize,
    to_take: usize,
    checked: String,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    sheet: String,
    deed: String,
    checked: String,
}

/// `GET /people/import`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, &Sent::default(), None, None)))).await
}

/// `POST /people/import`
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
            "deed" => sent.deed = text(),
            "checked" => sent.checked = text(),
            _ => {}
        }
    }
    Ok(sent)
}

/// What a table says, column by column and row by row.
struct Looked {
    columns: Vec<SheetColumn>,
    report: ImportReport,
}

fn looked(look: &Look<'_>, who: &By, sheet: &str) -> Result<Result<Looked, SheetFault>, Mishap> {
    let places = Places::of(look)?;
    let columns = match sheet_columns(sheet.as_bytes()) {
        Ok(columns) => columns,
        Err(fault) => return Ok(Err(fault)),
    };
    let report = look.access().read(|book| {
        let asked = Asked { book, zone: look.zone(), who, at: look.now };
        read_sheet(&asked, places.known(), sheet.as_bytes())
    });
    Ok(report.map(|report| Looked { columns, report }))
}

fn answer(look: &Look<'_>, mut sent: Sent) -> Result<Response, Mishap> {
    let who = look.visitor()?.by();
    let again = |sent: &Sent, why: String, status, looked: Option<&Looked>| {
        FormAgain { page: page(look, sent, Some(why), looked), status }.into_page()
    };
    let conflict = StatusCode::CONFLICT;
    if !sent.file.is_empty() {
        match csv::text(&sent.file, Limits::USUAL) {
            Ok(text) => sent.sheet = text.into_owned(),
            Err(fault) => return again(&sent, sentence(&fault.to_string()), conflict, None),
        }
    }
    if sent.sheet.trim().is_empty() {
        return again(&sent, "Choose a file, or paste the table, first.".to_owned(), conflict, None);
    }
    let looked = match looked(look, &who, &sent.sheet)? {
        Ok(looked) => looked,
        Err(fault) => return again(&sent, sentence(&fault.to_string()), conflict, None),
    };
    if sent.deed != "take" {
        return Html(page(look, &sent, None, Some(&looked))).into_page();
    }
    if sent.checked != checked(&sent.sheet, &looked.report) {
        let why = "The table, or the accounts, changed since it was checked. Look at the report again, then take it.";
        return again(&sent, why.to_owned(), conflict, Some(&looked));
    }
    match taken(look, &looked.report) {
        Ok(()) => GoTo("/people?state=not-set-up&done=people-imported".to_owned()).into_page(),
        Err(mishap) => {
            let (why, status) = look.form_again(mishap)?;
            again(&sent, why, status, Some(&looked))
        }
    }
}

/// Parts of a thousand rows, each whole; taking the same sheet again goes on where it stopped.
fn taken(look: &Look<'_>, report: &ImportReport) -> Result<(), Mishap> {
    let intents = report.intents();
    if intents.is_empty() {
        return Err(Mishap::Refused("There is nothing to take: every row stands so already.".to_owned()));
    }
    for intent in intents {
        look.admit("import the sheet", intent)?;
    }
    Ok(())
}

fn page(look: &Look<'_>, sent: &Sent, refused: Option<String>, looked: Option<&Looked>) -> ImportPage {
    let hospitals = look.incidents(|book| {
        book.hospitals.sites().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    });
    ImportPage {
        layout: Layout::new(look, "Import people", Here::Nowhere).still(),
        refused,
        report: looked.map(|looked| shown(&sent.sheet, looked)),
        sheet: sent.sheet.clone(),
        hospitals,
    }
}

fn shown(sheet: &str, looked: &Looked) -> Report {
    let report = &looked.report;
    let some = |lines: &[String]| -> (Vec<String>, usize) {
        (lines.iter().take(SHOWN_MAX).cloned().collect(), lines.len().saturating_sub(SHOWN_MAX))
    };
    let ((changes, _), (notes, notes_more)) = (some(&report.changes), some(&report.notes));
    Report {
        rows: counted(report.rows, "row", "rows"),
        columns: looked.columns.clone(),
        joined: report.joined.len(),
        changed: report.changed.len(),
        same: report.same,
        merged: report.merged,
        // Every one of them: a fault that is not shown cannot be mended.
        refused: report.refused.iter().map(|r| (r.line, r.row.clone(), sentence(&r.why))).collect(),
        refused_total: report.refused.len(),
        changes_more: report.changed.len().saturating_sub(changes.len()),
        changes,
        notes,
        notes_more,
        not_in_file: report.not_in_file.len(),
        to_take: report.joined.len() + report.changed.len(),
        checked: checked(sheet, report),
    }
}

/// Stands for what was shown: the table, however a browser ends its lines, and what would come of it.
fn checked(sheet: &str, report: &ImportReport) -> String {
    let mut hasher = DefaultHasher::new();
    sheet.lines().map(str::trim).filter(|line| !line.is_empty()).for_each(|line| line.hash(&mut hasher));
    report.changes.hash(&mut hasher);
    let sums = [report.rows, report.joined.len(), report.changed.len(), report.same, report.refused.len()];
    sums.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
