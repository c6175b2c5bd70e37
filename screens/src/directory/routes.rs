//! `GET`, `POST /directory/routes`: which ways of calling work at which hospital; it changes which number stands first.

use super::ground;
use super::page::state_mark;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::capital;
use crate::parts::Mark;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::directory::{Intent, Route, RouteState};

#[derive(Template)]
#[template(path = "directory/routes.html")]
struct RoutesPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    sites: Vec<SiteCard>,
}

struct SiteCard {
    /// The value that forms send; empty for the whole trust.
    value: String,
    name: String,
    routes: Vec<Row>,
}

struct Row {
    /// Names its fields apart: "0-direct-line".
    id: String,
    value: &'static str,
    word: String,
    seen: &'static str,
    mark: Option<Mark>,
    since: Option<String>,
    states: Vec<(&'static str, bool)>,
    note: String,
}

fn page(look: &Look<'_>, typed: Typed, refused: Option<String>) -> RoutesPage {
    let (ground, board) = look.incidents(|book| {
        let ground = ground(book);
        (ground, book.directory.routes(ground, book.hospitals.sites()))
    });
    let sites = board.iter().enumerate().map(|(nth, site)| SiteCard {
        value: site.site.as_ref().map_or_else(String::new, ToString::to_string),
        name: site.site.as_ref().map_or_else(|| "Whole trust".to_owned(), ToString::to_string),
        routes: site
            .routes
            .iter()
            .map(|row| {
                let here = typed.text("route") == row.route.word()
                    && typed.text("site") == site.site.as_ref().map_or("", SiteId::as_str);
                let state = if here { typed.text("state") } else { row.state.word() };
                Row {
                    id: format!("{nth}-{}", row.route.word().replace(' ', "-")),
                    value: row.route.word(),
                    word: capital(row.route.plural()),
                    seen: row.state.word(),
                    mark: state_mark(row.state, &row.note),
                    since: row
                        .since
                        .as_ref()
                        .map(|(at, by)| format!("since {}, {by}", look.zone().clinical(*at))),
                    states: RouteState::ALL.map(|s| (s.word(), s.word() == state)).to_vec(),
                    note: if here { typed.text("note").to_owned() } else { String::new() },
                }
            })
            .collect(),
    });
    RoutesPage {
        sites: sites.collect(),
        layout: Layout::new(look, "Which telephones work", Here::Directory).on(ground),
        refused,
        typed,
    }
}

/// `GET /directory/routes`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, Typed::default(), None)))).await
}

/// `POST /directory/routes`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &typed), |why| Ok(page(look, typed, Some(why))))
    })
    .await
}

fn decided(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let choose = |what: &str| Mishap::Refused(format!("Choose {what} from the list."));
    let state = |field: &str| RouteState::ALL.into_iter().find(|s| s.word() == typed.text(field));
    let intent = Intent::TellRoute {
        ground: look.incidents(ground),
        site: SiteId::new(typed.text("site")),
        route: Route::ALL
            .into_iter()
            .find(|route| route.word() == typed.text("route"))
            .ok_or_else(|| choose("a way of calling"))?,
        state: state("state").ok_or_else(|| choose("whether it works"))?,
        seen: state("seen").unwrap_or_default(),
        note: typed.text("note").to_owned(),
    };
    let who = look.signer(typed.text("by"))?;
    look.decide("write down which telephones work", intent, &who)?;
    Ok(Signed { to: "/directory/routes?done=route".to_owned(), who })
}
