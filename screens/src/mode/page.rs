//! `GET /mode`, `POST /mode`: which mode, why, and whose initials. Sealed in the record before it takes effect.

use crate::desk::{Desk, GoTo, Html, Look, Visit};
use crate::forms::Posted;
use crate::home::page::mode_words;
use crate::layout::{Here, Layout, mode_class};
use crate::mishap::Mishap;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use control_room::{Intent, Mode};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "mode/page.html")]
struct ModePage {
    layout: Layout,
    now: &'static str,
    choices: Vec<Choice>,
}

struct Choice {
    value: &'static str,
    word: &'static str,
    words: &'static str,
    current: bool,
}

const MODES: [Mode; 5] = [Mode::Normal, Mode::Standby, Mode::Downtime, Mode::Recovery, Mode::Exercise];

/// `GET /mode`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> ModePage {
    let current = look.screens().room.mode().mode;
    ModePage {
        layout: Layout::new(look, "Change mode", Here::Home),
        now: current.word(),
        choices: MODES
            .map(|mode| Choice {
                value: mode_class(mode),
                word: mode.word(),
                words: mode_words(mode),
                current: mode == current,
            })
            .into(),
    }
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ModeForm {
    mode: String,
    reason: String,
    by: String,
}

/// `POST /mode`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<ModeForm>) -> Response {
    desk.page(visit, move |look| {
        let form = form?;
        let mode = MODES
            .into_iter()
            .find(|m| mode_class(*m) == form.mode)
            .ok_or_else(|| Mishap::Refused("Choose a mode first.".to_owned()))?;
        let intent = Intent::SetMode { mode, reason: form.reason.trim().to_owned() };
        look.screens()
            .room
            .submit(intent, form.by.trim(), look.now)
            .map_err(Mishap::refused("write the new mode into the record"))?;
        Ok(GoTo("/?done=mode".to_owned()))
    })
    .await
}
