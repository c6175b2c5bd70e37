//! `GET /find?q=`: name, NHS number, hospital number or bed in one box; results while typing, keyboard only.
//!
//! The same page answers while typing (a script takes its results part) and when the form is sent without a script.
//! Always: how each patient was matched; what to do when nobody was.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, ward_address};
use crate::ward_list::page::Patient;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control_room::{Found, How, Match};
use serde::Deserialize;

/// Most patients listed.
pub const MATCHES_MAX: usize = 25;
/// Longest question read, in bytes.
pub const QUESTION_BYTES_MAX: usize = 200;

#[derive(Template)]
#[template(path = "find/page.html")]
struct FindPage {
    layout: Layout,
    question: String,
    asked: bool,
    count: String,
    matches: Vec<Line>,
}

struct Line {
    patient: Patient,
    place: String,
    ward: Option<(String, String)>,
    how: &'static str,
    how_class: &'static str,
}

/// The question.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    q: String,
}

/// `GET /find`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(question): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let text = basics::tidy(&question.q, QUESTION_BYTES_MAX);
        let found = if text.is_empty() {
            Found::default()
        } else {
            look.screens().room.find(&text, MATCHES_MAX).map_err(Mishap::room("search for the patient"))?
        };
        Ok(Html(page(look, text, &found)))
    })
    .await
}

fn page(look: &Look<'_>, question: String, found: &Found) -> FindPage {
    FindPage {
        layout: Layout::new(look, "Find a patient", Here::Find),
        asked: !question.is_empty(),
        question,
        count: count(found),
        matches: found.matches.iter().map(|m| line(look, m)).collect(),
    }
}

fn count(found: &Found) -> String {
    let shown = found.matches.len();
    if found.more {
        format!("First {shown} of at least {} patients: type more to narrow it down", found.total_at_least)
    } else {
        counted(shown, "patient found", "patients found")
    }
}

fn line(look: &Look<'_>, m: &Match) -> Line {
    let (how, how_class) = match m.how {
        How::Exact => ("Exact match", "tag-green"),
        How::Prefix => ("Begins so", "tag-blue"),
        How::Similar => ("Similar spelling: check", "tag-amber"),
        How::Former => ("Former name or number: check", "tag-amber"),
    };
    Line {
        patient: Patient::new(look, &m.patient),
        place: if m.bed.is_empty() { "No bed".to_owned() } else { m.bed.clone() },
        ward: m.ward.as_ref().map(|w| (ward_address(w), format!("{} {}", w.site, w.ward))),
        how,
        how_class,
    }
}
