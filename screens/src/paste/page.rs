//! `GET /paste`, `POST /paste`: a message goes in, facts in words come out, problems marked at their places.
//!
//! Never: anything recorded, or filed under a patient.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Posted;
use crate::layout::{Here, Layout};
use crate::names::{counted, patient_address};
use crate::parts::{Level, Mark, RawMessage};
use crate::paste::facts::{FactLine, fact_lines};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::FeedName;
use control_room::Outcome;
use serde::Deserialize;

/// Largest form, in bytes; percent-encoding makes a message up to three times as long.
pub const FORM_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Template)]
#[template(path = "paste/page.html")]
struct PastePage {
    layout: Layout,
    message: String,
    feeds: Vec<(String, bool)>,
    answer: Option<Answer>,
}

struct Answer {
    mark: Mark,
    words: &'static str,
    message_type: String,
    patient: Option<String>,
    counts: String,
    raw: RawMessage,
    facts: Vec<FactLine>,
}

/// `GET /paste`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, &PasteForm::default())))).await
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PasteForm {
    message: String,
    feed: String,
}

/// `POST /paste`
pub async fn read(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<PasteForm>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &form?)))).await
}

fn page(look: &Look<'_>, form: &PasteForm) -> PastePage {
    PastePage {
        layout: Layout::new(look, "Paste a message", Here::Paste),
        message: form.message.clone(),
        feeds: look.feeds.iter().map(|f| (f.name.to_string(), f.name.as_str() == form.feed)).collect(),
        answer: (!form.message.trim().is_empty()).then(|| answer(look, form)),
    }
}

fn answer(look: &Look<'_>, form: &PasteForm) -> Answer {
    // A browser's text box ends lines with CR LF; the parser takes any ending.
    let bytes = form.message.trim_start().as_bytes();
    let feed = FeedName::new(&form.feed).filter(|name| look.feed(name).is_some());
    let preview = look.screens().room.preview(feed.as_ref(), bytes, look.now);
    // It says whether and as whom somebody is known here.
    look.saw(preview.patient);
    let (mark, words) = match preview.outcome {
        Outcome::Understood => (Mark::new(Level::Good, "Understood"), "Lifeboat would understand all of it."),
        Outcome::PartLost => (
            Mark::new(Level::Amber, "Understood in part"),
            "Lifeboat would take what it understands, and put the message into the tray for the rest.",
        ),
        Outcome::NotUnderstood => (
            Mark::new(Level::Red, "Not understood"),
            "Lifeboat would keep every byte, and put the message into the tray for a person.",
        ),
    };
    Answer {
        mark,
        words,
        message_type: if preview.message_type.is_empty() {
            "unreadable".to_owned()
        } else {
            preview.message_type.clone()
        },
        patient: preview.patient.map(patient_address),
        counts: format!(
            "{}, {}",
            counted(preview.facts.len(), "fact", "facts"),
            counted(preview.problems.len(), "problem", "problems")
        ),
        raw: RawMessage::new(bytes, &preview.problems),
        facts: fact_lines(look, &preview.facts),
    }
}
