//! `GET /systems/import`, `POST /systems/import`: the inventory from a spreadsheet, uploaded or pasted, looked at first.
//!
//! Always: nothing is taken before every refused row was shown with its line and what to mend; the table stands in the
//! form, so that a row can be mended on the spot; what is taken is what was shown. Never: a formula worked out.

use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::response::Response;
use http::StatusCode;
use incident::csv::{self, Limits};
use incident::systems::{self, ImportReport, read_sheet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Largest form, in bytes: a file and the same again as text.
pub const FORM_BYTES_MAX: usize = 9 << 20;
/// Refused rows and notes shown; the rest are counted.
const SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "systems/import.html")]
struct ImportPage {
    layout: Layout,
    refused: Option<String>,
    sheet: String,
    report: Option<Report>,
    hospitals: String,
    by: String,
}

struct Report {
    rows: String,
    added: usize,
    changed: usize,
    same: usize,
    not_in_file: usize,
    refused: Vec<(usize, String, String)>,
    refused_more: usize,
    refused_total: usize,
    notes: Vec<String>,
    notes_more: usize,
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
    by: String,
}

/// `GET /systems/import`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, &Sent::default(), None, None)))).await
}

/// `POST /systems/import`
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
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or("").to_owned();
        let bytes = field.bytes().await.map_err(unreadable)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "file" => sent.file = bytes.to_vec(),
            "sheet" => sent.sheet = text(),
            "deed" => sent.deed = text(),
            "checked" => sent.checked = text(),
            "by" => sent.by = text(),
            _ => {}
        }
    }
    Ok(sent)
}

/// Why an upload could not be read.
pub fn unreadable(error: MultipartError) -> Mishap {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Mishap::TooLarge
    } else {
        Mishap::Bad("The upload broke off or could not be read; nothing was taken.".to_owned())
    }
}

fn answer(look: &Look<'_>, mut sent: Sent) -> Result<Response, Mishap> {
    let again = |sent: &Sent, why: String, report| {
        let page = page(look, sent, Some(why), report);
        FormAgain { page, status: StatusCode::CONFLICT }.into_page()
    };
    if !sent.file.is_empty() {
        match csv::text(&sent.file, Limits::USUAL) {
            Ok(text) => sent.sheet = text.into_owned(),
            Err(fault) => return again(&sent, sentence(&fault.to_string()), None),
        }
    }
    if sent.sheet.trim().is_empty() {
        return again(&sent, "Choose a file, or paste the table, first.".to_owned(), None);
    }
    let read = look.incidents(|book| read_sheet(book, sent.sheet.as_bytes()));
    let report = match read {
        Ok(report) => report,
        Err(fault) => return again(&sent, sentence(&fault.to_string()), None),
    };
    if sent.deed != "take" {
        return Html(page(look, &sent, None, Some(&report))).into_page();
    }
    if sent.checked != checked(&sent.sheet, &report) {
        let why = "The table, or what is listed, changed since it was checked. Look at the report again, then take it.";
        return again(&sent, why.to_owned(), Some(&report));
    }
    look.answered(taken(look, &sent, &report), |why| Ok(page(look, &sent, Some(why), Some(&report))))
}

fn taken(look: &Look<'_>, sent: &Sent, report: &ImportReport) -> Result<Signed, Mishap> {
    let who = look.signer(&sent.by)?;
    look.decide("list the systems", systems::Intent::List { systems: report.systems.clone() }, &who)?;
    Ok(Signed { to: "/systems?done=systems-listed".to_owned(), who })
}

fn page(look: &Look<'_>, sent: &Sent, refused: Option<String>, report: Option<&ImportReport>) -> ImportPage {
    let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
    let hospitals = look.incidents(|book| {
        book.hospitals.sites().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    });
    ImportPage {
        layout: Layout::of_incident(look, "Import systems", Beside::Systems).still(),
        refused,
        report: report.map(|report| shown(&sent.sheet, report)),
        sheet: sent.sheet.clone(),
        hospitals,
        by: if sent.by.is_empty() { who } else { sent.by.clone() },
    }
}

fn shown(sheet: &str, report: &ImportReport) -> Report {
    let refused = report.refused.iter().take(SHOWN_MAX);
    Report {
        rows: counted(report.rows, "row", "rows"),
        added: report.added,
        changed: report.changed,
        same: report.same,
        not_in_file: report.not_in_file,
        refused: refused.map(|r| (r.line, r.row.clone(), r.why.clone())).collect(),
        refused_more: report.refused.len().saturating_sub(SHOWN_MAX),
        refused_total: report.refused.len(),
        notes: report.notes.iter().take(SHOWN_MAX).cloned().collect(),
        notes_more: report.notes.len().saturating_sub(SHOWN_MAX),
        to_take: report.systems.len(),
        checked: checked(sheet, report),
    }
}

/// Stands for what was shown: the table, however a browser ends its lines, and what would come of it.
fn checked(sheet: &str, report: &ImportReport) -> String {
    let mut hasher = DefaultHasher::new();
    sheet.lines().map(str::trim).filter(|line| !line.is_empty()).for_each(|line| line.hash(&mut hasher));
    [report.rows, report.added, report.changed, report.same, report.refused.len()].hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn sentence(text: &str) -> String {
    format!("{}.", crate::names::capital(text.trim_end_matches('.')))
}
