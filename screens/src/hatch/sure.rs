//! The one question before something that cannot be taken back, or that lets a feed in again.

use crate::desk::{Html, IntoPage, Look};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "hatch/sure.html")]
struct SurePage {
    layout: Layout,
    title: String,
    said: Vec<String>,
    action: String,
    hidden: Vec<(&'static str, String)>,
    button: &'static str,
}

/// What is asked.
pub struct Question {
    /// "Admit 312 messages of pathology?"
    pub title: String,
    /// What will happen, sentence by sentence.
    pub said: Vec<String>,
    /// Where the answer goes, and back to when it is no.
    pub action: String,
    /// What was typed, to be sent again.
    pub hidden: Vec<(&'static str, String)>,
    /// The word on the button.
    pub button: &'static str,
}

/// The page that asks.
pub fn ask(look: &Look<'_>, question: Question) -> Result<Response, Mishap> {
    let Question { title, said, action, hidden, button } = question;
    Html(SurePage {
        layout: Layout::new(look, title.clone(), Here::Feeds),
        title,
        said,
        action,
        hidden,
        button,
    })
    .into_page()
}
