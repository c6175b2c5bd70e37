//! `GET`, `POST /evidence`: photos of ransom screens and the like, kept as they came; `GET /evidence/{incident}/{number}/file`.
//!
//! Always: hashed, sealed, in the log before the page says so; as it came it is handed out only to be saved, never run or
//! taken for a page of ours: as bytes without a kind, sandboxed. What is looked at is rebuilt by `picture`. Never: a sender's file name in a header or a path.
//! Proved by `tests/messages.rs`.

mod picture;

use crate::chosen::{IncidentBar, Which, chosen};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::Stamp;
use crate::press::file;
use crate::who::Signed;
use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use control_room::Upload;
use http::{HeaderValue, header};
use incident::IncidentId;
use incident::evidence::{FILE_BYTES_MAX, Piece};

/// Largest upload: the longest file and the form around it.
pub const FORM_BYTES_MAX: usize = (FILE_BYTES_MAX as usize) + (64 << 10);

#[derive(Template)]
#[template(path = "evidence/page.html")]
struct EvidencePage {
    layout: Layout,
    bar: Option<IncidentBar>,
    refused: Option<String>,
    incident: u32,
    shows: String,
    found_at: String,
    pieces: Vec<Row>,
}

struct Row {
    number: u32,
    shows: String,
    about: String,
    sha256: String,
    kept: Stamp,
    by: String,
    entry: u64,
    address: String,
    /// Where it can be looked at, if it is a picture that may be shown.
    picture: Option<String>,
}

#[derive(Default)]
struct Sent {
    incident: String,
    by: String,
    upload: Upload,
    /// It was cut off, or too long.
    broken: bool,
}

fn page(look: &Look<'_>, asked: &str, sent: &Sent, refused: Option<String>) -> Result<EvidencePage, Mishap> {
    look.incidents(|book| {
        let incident = chosen(book, asked)?;
        let layout = Layout::of_incident(look, "Evidence", Beside::Evidence).still();
        let pieces = incident.map_or(&[][..], |i| book.evidence.of_incident(i.id)).iter().rev();
        let id = incident.map_or(0, |i| i.id.0);
        Ok(EvidencePage {
            layout: match incident {
                Some(incident) => layout.on(incident.ground()),
                None => layout,
            },
            bar: incident.map(|incident| IncidentBar::new(book, incident, "/evidence")),
            refused,
            incident: id,
            shows: sent.upload.shows.clone(),
            found_at: sent.upload.found_at.clone(),
            pieces: pieces
                .map(|(stamp, piece)| Row {
                    number: piece.number,
                    shows: piece.shows.clone(),
                    about: format!(
                        "{}, {} bytes{}{}",
                        piece.kind.words(),
                        thousands(piece.bytes),
                        if piece.found_at.is_empty() { "" } else { ", " },
                        piece.found_at
                    ),
                    sha256: piece.sha256.clone(),
                    kept: look.stamp(stamp.at),
                    by: stamp.by.to_string(),
                    entry: stamp.entry.0,
                    address: format!("/evidence/{id}/{}/file", piece.number),
                    picture: picture::may_be_shown(piece.kind)
                        .then(|| format!("/evidence/{id}/{}/picture", piece.number)),
                })
                .collect(),
        })
    })
}

/// `GET /evidence`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked.incident, &Sent::default(), None)?))).await
}

/// `POST /evidence`
pub async fn keep(
    State(desk): State<Desk>,
    visit: Visit,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let sent = read(form).await;
    desk.page(visit, move |look| {
        look.answered(kept(look, &sent), |why| page(look, &sent.incident, &sent, Some(why)))
    })
    .await
}

async fn read(form: Result<Multipart, MultipartRejection>) -> Sent {
    let mut sent = Sent::default();
    let Ok(mut form) = form else { return Sent { broken: true, ..sent } };
    loop {
        let field = match form.next_field().await {
            Ok(None) => return sent,
            Ok(Some(field)) => field,
            Err(_) => {
                sent.broken = true;
                return sent;
            }
        };
        let name = field.name().unwrap_or("").to_owned();
        let file_name = field.file_name().unwrap_or("").to_owned();
        let Ok(bytes) = field.bytes().await else {
            sent.broken = true;
            return sent;
        };
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "incident" => sent.incident = text(),
            "by" => sent.by = text(),
            "shows" => sent.upload.shows = text(),
            "found_at" => sent.upload.found_at = text(),
            "file" => {
                sent.upload.file_name = file_name;
                sent.upload.bytes = bytes.to_vec();
            }
            _ => {}
        }
    }
}

fn kept(look: &Look<'_>, sent: &Sent) -> Result<Signed, Mishap> {
    if sent.broken {
        return Err(Mishap::Refused(
            "The file could not be taken: it is longer than 20 MB, or the sending was cut off. Take a smaller picture, or keep \
             the original safe and write into the log where it is."
                .to_owned(),
        ));
    }
    let who = look.signer(&sent.by)?;
    let number = sent.incident.parse().unwrap_or(0);
    look.screens()
        .room
        .incident()
        .keep_evidence(IncidentId(number), sent.upload.clone(), &who, look.now)
        .map_err(Mishap::undecided("keep the evidence"))?;
    Ok(Signed { to: format!("/evidence?incident={number}&done=evidence"), who })
}

/// `GET /evidence/{incident}/{number}/file`
pub async fn hand_out(
    State(desk): State<Desk>,
    visit: Visit,
    Path((incident, number)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let (piece, bytes) = found(look, &incident, &number)?;
        let name = format!("evidence-{incident}-{number}.{}", piece.kind.ending());
        Ok(sandboxed(file(look, bytes, "application/octet-stream", "attachment", &name)?))
    })
    .await
}

/// `GET /evidence/{incident}/{number}/picture`
pub async fn look_at(
    State(desk): State<Desk>,
    visit: Visit,
    Path((incident, number)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let (piece, bytes) = found(look, &incident, &number)?;
        let (kind, bytes) = picture::rebuilt(piece.kind, &bytes).ok_or_else(|| Mishap::NotFound {
            what: "This file is not shown: it is no PNG or JPEG picture, or there is something odd in it."
                .to_owned(),
            next: "Save a copy from the page of evidence, and open it only on a machine that can be spared.",
        })?;
        let name = format!("evidence-{incident}-{number}.{}", piece.kind.ending());
        Ok(sandboxed(file(look, bytes, kind, "inline", &name)?))
    })
    .await
}

fn found(look: &Look<'_>, incident: &str, number: &str) -> Result<(Piece, Vec<u8>), Mishap> {
    let (Ok(incident), Ok(number)) = (incident.parse(), number.parse()) else {
        return Err(Mishap::no_page());
    };
    let room = look.screens().room.incident();
    let found = room.evidence(IncidentId(incident), number).map_err(Mishap::room("read the evidence"))?;
    found.ok_or_else(Mishap::no_page)
}

/// Whatever it is, it can do nothing here.
fn sandboxed(mut response: Response) -> Response {
    let sandbox = HeaderValue::from_static("default-src 'none'; sandbox");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, sandbox);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
