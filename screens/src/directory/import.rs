//! `GET`, `POST /directory/import`: the directory from a sheet; every refused row is told with its line and what to mend.

use super::ground;
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::who::remember;
use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::Response;
use incident::Person;
use incident::directory::{ImportReport, RefusedRow, read_sheet};

/// Largest upload: the sheet's own ceiling and the form around it.
pub const FORM_BYTES_MAX: usize = (4 << 20) + (64 << 10);
/// Refused rows shown; the rest are counted.
const REFUSED_MAX: usize = 500;

#[derive(Template)]
#[template(path = "directory/import.html")]
struct ImportPage {
    layout: Layout,
    refused: Option<String>,
    by: String,
    report: Option<Report>,
}

struct Report {
    title: String,
    sums: Vec<(&'static str, usize)>,
    refused: Vec<RefusedRow>,
    refused_all: usize,
    not_in_file: String,
}

/// What the form held.
#[derive(Default)]
struct Sent {
    by: String,
    deed: String,
    sheet: Vec<u8>,
}

/// `GET /directory/import`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, None, None, String::new())))).await
}

fn page(look: &Look<'_>, report: Option<Report>, refused: Option<String>, by: String) -> ImportPage {
    let layout = Layout::new(look, "Import the directory", Here::Directory).on(look.incidents(ground));
    let by = if by.is_empty() { layout.who.clone() } else { by };
    ImportPage { layout, refused, by, report }
}

/// `POST /directory/import`
pub async fn take(
    State(desk): State<Desk>,
    visit: Visit,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let sent = read(form).await;
    desk.page(visit, move |look| {
        let (sent, early) = sent;
        match early.map_or_else(|| imported(look, &sent), Err) {
            Ok((report, who)) => {
                let mut response = Html(page(look, Some(report), None, sent.by)).into_page()?;
                if let Some(who) = who {
                    remember(&mut response, Some(&who));
                }
                Ok(response)
            }
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                FormAgain { page: page(look, None, Some(why), sent.by), status }.into_page()
            }
        }
    })
    .await
}

async fn read(form: Result<Multipart, MultipartRejection>) -> (Sent, Option<Mishap>) {
    let mut sent = Sent::default();
    let Ok(mut form) = form else { return (sent, Some(too_large())) };
    loop {
        match form.next_field().await {
            Ok(None) => return (sent, None),
            Ok(Some(field)) => {
                let name = field.name().unwrap_or("").to_owned();
                let Ok(bytes) = field.bytes().await else { return (sent, Some(too_large())) };
                match name.as_str() {
                    "by" => sent.by = String::from_utf8_lossy(&bytes).into_owned(),
                    "deed" => sent.deed = String::from_utf8_lossy(&bytes).into_owned(),
                    "sheet" => sent.sheet = bytes.to_vec(),
                    _ => {}
                }
            }
            Err(_) => return (sent, Some(too_large())),
        }
    }
}

fn too_large() -> Mishap {
    Mishap::Refused(
        "The sheet could not be read: it is longer than 4 MB, or the sending was cut off. Split it and send the parts one \
         after the other."
            .to_owned(),
    )
}

fn imported(look: &Look<'_>, sent: &Sent) -> Result<(Report, Option<Person>), Mishap> {
    if sent.sheet.is_empty() {
        return Err(Mishap::Refused("Choose a file first: the directory, saved as CSV.".to_owned()));
    }
    let read = look.incidents(|book| read_sheet(book, &sent.sheet));
    let report = read.map_err(|fault| Mishap::Refused(crate::names::capital(&fault.to_string())))?;
    if sent.deed == "check" {
        return Ok((told(look, "Checked: nothing was changed", &report), None));
    }
    let who = look.signer(&sent.by)?;
    for intent in report.intents() {
        match look.decide("import the directory", intent, &who) {
            // Everyone in this part is on duty already: nothing to write down.
            Err(Mishap::Refused(why)) if why.contains("says this already") => {}
            other => drop(other?),
        }
    }
    Ok((told(look, "Imported", &report), Some(who)))
}

fn told(look: &Look<'_>, title: &str, report: &ImportReport) -> Report {
    let names: Vec<String> = look.incidents(|book| {
        let named = report.not_in_file.iter().take(10).filter_map(|id| book.directory.entry(*id));
        named.map(|entry| entry.words()).collect()
    });
    let more = if report.not_in_file.len() > names.len() { " …" } else { "" };
    Report {
        title: format!("{title}: {}", counted(report.rows, "row", "rows")),
        sums: vec![
            ("Added", report.added),
            ("Changed", report.changed),
            ("The same as before", report.same),
            ("Refused", report.refused.len()),
            ("On duty", report.on_duty),
        ],
        refused: report.refused.iter().take(REFUSED_MAX).cloned().collect(),
        refused_all: report.refused.len(),
        not_in_file: match report.not_in_file.len() {
            0 => String::new(),
            n => format!(
                "{} not in this file and stay: {}{more}.",
                counted(n, "entry is", "entries are"),
                names.join("; ")
            ),
        },
    }
}
