//! Which incident a page is about: the one its address names, else the one that most people mean.
//!
//! Always: with several running at once every page says which it shows and leads to the others; real before exercise,
//! declared before standby, the newest first; once none runs, the last that ended, for its stand-down is work too.
//! Called by every page of an incident; proved by `tests/action_cards.rs`.

use crate::mishap::Mishap;
use askama::Template;
use askama::filters::HtmlSafe;
use incident::declare::{Nature, Stage};
use incident::{Incident, IncidentBook, IncidentId};
use serde::Deserialize;

/// `?incident=`
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Which {
    /// The incident's number; anything else counts as not asked.
    pub incident: String,
}

/// The incident that was asked for, else the one that most people mean; `None` when there never was one.
///
/// # Errors
/// `Mishap::NotFound` when the one asked for is not there.
pub fn chosen<'a>(book: &'a IncidentBook, asked: &str) -> Result<Option<&'a Incident>, Mishap> {
    if asked.is_empty() {
        return Ok(usual(book));
    }
    let found = asked.parse().ok().and_then(|n| book.incident(IncidentId(n)));
    found.map(Some).ok_or_else(no_incident)
}

/// The same for pages that need one.
///
/// # Errors
/// `Mishap::NotFound` when there is none.
pub fn needed<'a>(book: &'a IncidentBook, asked: &str) -> Result<&'a Incident, Mishap> {
    chosen(book, asked)?.ok_or_else(no_incident)
}

fn no_incident() -> Mishap {
    Mishap::NotFound {
        what: "There is no such incident.".to_owned(),
        next: "Choose one from the list of incidents, or start again from Home.",
    }
}

fn usual(book: &IncidentBook) -> Option<&Incident> {
    let rank = |i: &&Incident| {
        let ended = i.ended.as_ref().map(|s| std::cmp::Reverse(s.entry));
        (ended, i.nature != Nature::Real, i.stage != Stage::Declared, std::cmp::Reverse(i.id))
    };
    book.incidents.values().min_by_key(rank)
}

/// The line that says which incident a page shows, and leads to the others that run.
#[derive(Template, Clone, Debug)]
#[template(path = "chosen/bar.html")]
pub struct IncidentBar {
    name: String,
    words: String,
    /// "declared", "stood down".
    stage: String,
    /// Its page for this screen, and what it is called.
    others: Vec<(String, String)>,
}

impl IncidentBar {
    /// The bar of a page at `address`, which takes `?incident=`.
    pub fn new(book: &IncidentBook, incident: &Incident, address: &str) -> Self {
        let others = book.running().filter(|other| other.id != incident.id);
        Self {
            name: incident.name.clone(),
            words: incident.words(),
            stage: incident.stage.word().to_lowercase(),
            others: others
                .map(|other| {
                    (
                        format!("{address}?incident={}", other.id.0),
                        format!("{} ({})", other.name, other.words()),
                    )
                })
                .collect(),
        }
    }
}

impl HtmlSafe for IncidentBar {}
