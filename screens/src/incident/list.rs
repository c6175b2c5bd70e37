//! `GET /incidents`: every incident, those that run first; the way to declare one.

use super::glance::Glance;
use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Beside, Layout};
use crate::names::counted;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::Incident;

#[derive(Template)]
#[template(path = "incident/list.html")]
struct ListPage {
    layout: Layout,
    running: Vec<Glance>,
    running_words: String,
    ended: Vec<Ended>,
    ended_words: String,
    more_words: String,
}

struct Ended {
    address: String,
    name: String,
    words: String,
    how: &'static str,
    at: Option<Stamp>,
    reason: String,
}

/// Ended incidents listed; older ones are found in the log.
const ENDED_MAX: usize = 100;

/// `GET /incidents`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> ListPage {
    let layout = Layout::of_incident(look, "Incidents", Beside::Incident);
    look.incidents(|book| {
        let running: Vec<Glance> = book.running().map(|i| Glance::new(look, book, i)).collect();
        let all = book.incidents.len() - running.len();
        let over = book.incidents.values().rev().filter(|i| !i.running());
        ListPage {
            layout,
            running_words: counted(running.len(), "incident", "incidents"),
            running,
            ended: over.take(ENDED_MAX).map(|i| ended(look, i)).collect(),
            ended_words: counted(all, "incident", "incidents"),
            more_words: if all > ENDED_MAX {
                format!("The newest {ENDED_MAX} are shown.")
            } else {
                String::new()
            },
        }
    })
}

fn ended(look: &Look<'_>, incident: &Incident) -> Ended {
    Ended {
        address: format!("/incidents/{}", incident.id.0),
        name: incident.name.clone(),
        words: incident.words(),
        how: incident.stage.word(),
        at: incident.ended.as_ref().map(|s| look.stamp(s.at)),
        reason: incident.ended_because.clone(),
    }
}
