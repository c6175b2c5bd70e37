//! `GET /sitreps/draft`, `POST /sitreps/draft`: the draft as a form, a box for each section, beside what changed since
//! the last sitrep and what the boards say by now.
//!
//! Always: approving approves what stands on the approver's screen, kept first as a revision where it was changed; of
//! two who write at once the second sees the first one's words beside their own, and loses none.

use super::page::{Due, promised_time};
use crate::chosen::{IncidentBar, Which, needed};
use crate::desk::{Desk, FormAgain, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::log::Line;
use incident::sitreps::{self, SECTIONS_MAX, Section, Sitrep};
use incident::{Incident, IncidentBook, IncidentId, Person};

/// Largest form, in bytes: every section full, percent-encoded.
pub const FORM_BYTES_MAX: usize = 2 << 20;
/// Entries listed beside the draft; the rest are counted.
const CHANGES_MAX: usize = 60;
/// The next sitrep is proposed so long after the approval, in seconds.
const NEXT_SECONDS: i64 = 3_600;

#[derive(Template)]
#[template(path = "sitreps/draft.html")]
struct DraftPage {
    layout: Layout,
    bar: IncidentBar,
    incident: u32,
    number: u32,
    revision: u32,
    written: Stamp,
    written_by: String,
    due: Option<Due>,
    sections: Vec<Field>,
    changes: Vec<ChangeLine>,
    changes_total: usize,
    last: Option<u32>,
    at: String,
    none: bool,
    discard: String,
    by: String,
    refused: Option<String>,
}

struct Field {
    at: usize,
    heading: String,
    body: String,
    rows: usize,
    /// What the draft says since somebody else wrote it anew, where that differs.
    theirs: Option<String>,
    /// What the boards say by now, where that differs from what they said when the draft was begun.
    boards: Option<String>,
    /// It can be named: a section that is being added.
    new: bool,
}

struct ChangeLine {
    entry: u64,
    at: String,
    by: String,
    kind: &'static str,
    text: String,
}

/// `GET /sitreps/draft`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("incident", asked.incident);
        Ok(Html(page(look, &typed, None)?))
    })
    .await
}

fn no_draft(number: &str) -> Mishap {
    let what = match number {
        "" => "There is no draft of a sitrep now.".to_owned(),
        number => format!(
            "There is no draft of sitrep {} any more: it was approved or given up.",
            basics::tidy(number, 10)
        ),
    };
    Mishap::NotFound {
        what,
        next: "Open the list of sitreps: the approved ones stand there, and the next can be begun.",
    }
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> Result<DraftPage, Mishap> {
    look.incidents(|book| {
        let incident = needed(book, typed.text("incident"))?;
        let draft = incident.sitreps.waiting().ok_or_else(|| no_draft(""))?;
        let covered = incident.sitreps.covered();
        let changes: Vec<&Line> = book.log.of_incident(incident.id, covered).collect();
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        let proposed = look.zone().hour_minute(look.now.plus_seconds(NEXT_SECONDS));
        let now = book.now(look.now);
        Ok(DraftPage {
            layout: Layout::of_incident(look, format!("Sitrep {}, draft", draft.number), Beside::Sitreps)
                .on(incident.ground())
                .still(),
            bar: IncidentBar::new(book, incident, "/sitreps"),
            incident: incident.id.0,
            number: draft.number,
            revision: draft.revision,
            written: look.stamp(draft.written.at),
            written_by: draft.written.by.to_string(),
            due: incident.sitreps.next_due().map(|due| Due::new(look, due, now)),
            sections: fields(look, book, incident, draft, typed, refused.is_some()),
            changes: changes.iter().rev().take(CHANGES_MAX).map(|line| change(look, line)).collect(),
            changes_total: changes.len(),
            last: incident.sitreps.approved().last().map(|s| s.number),
            at: if refused.is_some() { typed.text("at").to_owned() } else { proposed },
            none: typed.has("none", "yes"),
            discard: typed.text("discard").to_owned(),
            by: if typed.text("by").is_empty() { who } else { typed.text("by").to_owned() },
            refused,
        })
    })
}

fn change(look: &Look<'_>, line: &Line) -> ChangeLine {
    ChangeLine {
        entry: line.entry.0,
        at: look.zone().clinical(line.at),
        by: line.by.to_string(),
        kind: line.kind.word(),
        text: basics::tidy(&line.text, 400),
    }
}

/// The boxes: as typed when the form comes back, else as the draft says, and one more for a section to add.
fn fields(
    look: &Look<'_>,
    book: &IncidentBook,
    incident: &Incident,
    draft: &Sitrep,
    typed: &Typed,
    again: bool,
) -> Vec<Field> {
    let boards =
        sitreps::draft(book, incident, look.now, look.screens().room.clinic_figures(incident.ground()));
    let written = sections_of(typed);
    let shown: &[Section] = if again && !written.is_empty() { &written } else { &draft.sections };
    let named = |all: &[Section], heading: &str| all.iter().find(|s| s.heading == heading).cloned();
    let mut fields: Vec<Field> = shown
        .iter()
        .enumerate()
        .map(|(at, section)| {
            let theirs = named(&draft.sections, &section.heading).map(|s| s.body);
            let boards = named(&boards, &section.heading).map(|s| s.body);
            Field {
                at,
                heading: section.heading.clone(),
                rows: (section.body.len() / 90 + section.body.lines().count() + 1).clamp(3, 16),
                theirs: theirs.filter(|body| again && tidied(body) != tidied(&section.body)),
                boards: boards.filter(|b| !b.is_empty() && tidied(b) != tidied(&section.body)),
                body: section.body.clone(),
                new: false,
            }
        })
        .collect();
    if fields.len() < SECTIONS_MAX {
        let at = fields.len();
        let (heading, body) = (String::new(), String::new());
        fields.push(Field { at, heading, body, rows: 3, theirs: None, boards: None, new: true });
    }
    fields
}

/// Text as rules keep it: a browser ends its lines otherwise.
fn tidied(body: &str) -> String {
    body.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The sections of a form, in their order; the box for a new one counts once something stands in it.
fn sections_of(typed: &Typed) -> Vec<Section> {
    let mut sections = Vec::new();
    for at in 0..=SECTIONS_MAX {
        let (heading, body) = (typed.text(&format!("heading-{at}")), typed.text(&format!("body-{at}")));
        if !heading.trim().is_empty() || !body.trim().is_empty() {
            sections.push(Section { heading: heading.to_owned(), body: body.to_owned() });
        }
    }
    sections
}

/// `POST /sitreps/draft`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        match decided(look, &typed) {
            Ok(signed) => signed.into_page(),
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                again(look, &typed, why, status)
            }
        }
    })
    .await
}

/// The form with what was typed. When the draft is gone meanwhile, the words stand on a page of their own.
fn again(look: &Look<'_>, typed: &Typed, why: String, status: http::StatusCode) -> Result<Response, Mishap> {
    match page(look, typed, Some(why.clone())) {
        Ok(page) => FormAgain { page, status }.into_page(),
        Err(_) => {
            let page = GonePage {
                layout: Layout::of_incident(look, "The draft is gone", Beside::Sitreps).still(),
                incident: typed.text("incident").to_owned(),
                why,
                sections: sections_of(typed),
            };
            FormAgain { page, status }.into_page()
        }
    }
}

#[derive(Template)]
#[template(path = "sitreps/gone.html")]
struct GonePage {
    layout: Layout,
    incident: String,
    why: String,
    sections: Vec<Section>,
}

fn decided(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let incident = look.incidents(|book| needed(book, typed.text("incident")).map(|i| i.id))?;
    let number = typed.number("number").and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let revision = typed.number("revision").and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let home = |done: &str| format!("/sitreps?incident={}&done={done}", incident.0);
    match typed.text("deed") {
        "discard" => {
            let reason = typed.text("discard").to_owned();
            let intent = sitreps::Intent::Discard { incident, number, reason };
            look.decide("give the draft up", intent, &who)?;
            Ok(Signed { to: home("sitrep-discarded"), who })
        }
        "approve" => {
            // A time that cannot be promised is refused before the words are kept as a revision.
            let next_due = promised_time(look, typed)?;
            let revision = kept(look, typed, incident, (number, revision), &who)?;
            let intent = sitreps::Intent::Approve { incident, number, revision, next_due };
            look.decide("approve the sitrep", intent, &who)?;
            Ok(Signed { to: format!("/sitreps/{}/{number}?done=sitrep-approved", incident.0), who })
        }
        _ => {
            kept(look, typed, incident, (number, revision), &who)?;
            Ok(Signed { to: format!("/sitreps/draft?incident={}&done=sitrep-kept", incident.0), who })
        }
    }
}

/// Keeps what was typed as a new revision, where it differs; gives the revision that then stands.
fn kept(
    look: &Look<'_>,
    typed: &Typed,
    incident: IncidentId,
    (number, revision): (u32, u32),
    who: &Person,
) -> Result<u32, Mishap> {
    let sections = sections_of(typed);
    let same = look.incidents(|book| {
        let draft = book.incident(incident).and_then(|i| i.sitreps.waiting());
        draft.is_some_and(|draft| {
            draft.revision == revision
                && draft.sections.len() == sections.len()
                && draft
                    .sections
                    .iter()
                    .zip(&sections)
                    .all(|(a, b)| a.heading == b.heading.trim() && tidied(&a.body) == tidied(&b.body))
        })
    });
    if same {
        return Ok(revision);
    }
    let intent = sitreps::Intent::Edit { incident, number, revision, sections };
    look.decide("keep the draft", intent, who)?;
    Ok(revision + 1)
}
