//! `GET /public-updates/{number}`: one update whole, as the public would see it, and what can become of it.

use super::draft::{find, no_update};
use super::ground::{Which, chosen, word};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Ground;
use incident::public_updates::{PublicUpdate, Standing};

#[derive(Template)]
#[template(path = "public_updates/one.html")]
pub struct OnePage {
    layout: Layout,
    refused: Option<String>,
    ground: String,
    exercise: bool,
    number: u32,
    revision: u32,
    standing: Mark,
    /// What became of it: words, and when.
    steps: Vec<(String, Stamp)>,
    writers: String,
    draft: bool,
    public: bool,
    sentence: String,
    next: String,
    /// The promise is older than now: it cannot be approved like this.
    stale: bool,
    has_press: bool,
    address: Option<String>,
    reason: String,
    by: String,
}

/// `GET /public-updates/{number}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<Which>,
) -> Response {
    desk.page(visit, move |look| {
        let ground = look.incidents(|book| chosen(book, &asked.ground));
        Ok(Html(page(look, ground, &number)?))
    })
    .await
}

/// The page of one update.
///
/// # Errors
/// `Mishap::NotFound` when there is none.
pub fn page(look: &Look<'_>, ground: Ground, number: &str) -> Result<OnePage, Mishap> {
    let update = look.incidents(|book| find(book.public_updates.all(ground), number).cloned());
    let update = update.ok_or_else(no_update)?;
    let now = look.incident_now();
    let title = format!("Public update {}", update.number);
    let layout = Layout::of_incident(look, title, Beside::PublicUpdates).on(ground).typed_into();
    let writers: Vec<String> = update.writers.iter().map(ToString::to_string).collect();
    let press = look.screens().public.as_ref();
    Ok(OnePage {
        by: layout.who.clone(),
        layout,
        refused: None,
        ground: word(ground),
        exercise: ground != Ground::Real,
        number: update.number,
        revision: update.revision,
        standing: mark(&update),
        steps: steps(look, &update),
        writers: writers.join(", "),
        draft: update.standing == Standing::Draft,
        public: matches!(update.standing, Standing::Approved(_)),
        sentence: update.content.english.sentence.clone(),
        next: update.content.next_update.map_or_else(
            || "This is the last update; no other is promised.".to_owned(),
            |at| format!("The next update is promised by {}.", look.zone().clinical(at)),
        ),
        stale: update.standing == Standing::Draft && update.content.next_update.is_some_and(|at| at <= now),
        has_press: press.is_some(),
        address: press.and_then(|press| press.address()),
        reason: String::new(),
    })
}

impl OnePage {
    /// The same page with what was typed and why it was not done.
    pub fn refuse(&mut self, why: String, typed: &Typed) {
        self.refused = Some(why);
        typed.text("reason").clone_into(&mut self.reason);
        if !typed.text("by").is_empty() {
            typed.text("by").clone_into(&mut self.by);
        }
    }
}

/// Where an update stands, in a shape, a colour and a word.
pub fn mark(update: &PublicUpdate) -> Mark {
    match update.standing {
        Standing::Draft => Mark::new(Level::Amber, "Draft, not public"),
        Standing::Approved(_) => Mark::new(Level::Good, "Approved and public"),
        Standing::Withdrawn { .. } => Mark::new(Level::Red, "Withdrawn"),
        Standing::Discarded(_) => Mark::new(Level::Plain, "Given up, never public"),
    }
}

fn steps(look: &Look<'_>, update: &PublicUpdate) -> Vec<(String, Stamp)> {
    let step = |how: &str, stamp: &incident::Stamp| {
        (format!("{how} by {} (entry {})", stamp.by, stamp.entry.0), look.stamp(stamp.at))
    };
    let mut steps = vec![step(&format!("Revision {} written", update.revision), &update.written)];
    match &update.standing {
        Standing::Draft => {}
        Standing::Approved(stamp) => steps.push(step("Approved", stamp)),
        Standing::Withdrawn { approved, withdrawn, reason } => {
            steps.push(step("Approved", approved));
            let (words, at) = step("Withdrawn", withdrawn);
            steps.push((format!("{words}: {reason}"), at));
        }
        Standing::Discarded(stamp) => steps.push(step("Given up", stamp)),
    }
    steps
}
