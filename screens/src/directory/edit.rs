//! `GET`, `POST /directory/new` and `/directory/{id}`: one entry, changed; on duty or not; taken out.
//!
//! Always: whoever changes an entry that somebody else changed meanwhile is told so, and keeps what they typed.

use super::page::Entry;
use super::{ground, sites};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{EntryNumber, SiteId};
use incident::RoleKey;
use incident::directory::{DirectoryEntry, DirectoryId, EntryKind, Intent, Route, Row};

#[derive(Template)]
#[template(path = "directory/edit.html")]
struct EditPage {
    layout: Layout,
    refused: Option<String>,
    /// The entry as it stands; `None` for a new one.
    shown: Option<Entry>,
    id: u32,
    typed: Typed,
    kinds: Vec<(&'static str, bool)>,
    sites: Vec<(String, bool)>,
    numbers: Vec<(&'static str, &'static str, String)>,
    told: String,
}

fn no_entry() -> Mishap {
    Mishap::NotFound {
        what: "This entry is not in the directory, or was taken out.".to_owned(),
        next: "Search for it again in the directory.",
    }
}

fn field(route: Route) -> &'static str {
    match route {
        Route::Direct => "direct",
        Route::Extension => "extension",
        Route::Mobile => "mobile",
        Route::Bleep => "bleep",
        Route::Radio => "radio",
        Route::Switchboard => "switchboard",
        Route::Email => "email",
    }
}

fn filled(entry: &DirectoryEntry, typed: Typed) -> Typed {
    let mut typed = typed
        .or("kind", entry.kind.word())
        .or("name", entry.name.as_str())
        .or("title", entry.title.as_str())
        .or("role", entry.role.as_ref().map_or("", RoleKey::as_str))
        .or("site", entry.site.as_ref().map_or("", SiteId::as_str))
        .or("place", entry.place.as_str())
        .or("location", entry.location.as_str())
        .or("notes", entry.notes.as_str());
    for route in Route::ALL {
        let all: Vec<&str> =
            entry.numbers.iter().filter(|(r, _)| *r == route).map(|(_, number)| number.as_str()).collect();
        typed = typed.or(field(route), all.join("; "));
    }
    typed
}

fn page(look: &Look<'_>, id: Option<u32>, typed: Typed, refused: Option<String>) -> Result<EditPage, Mishap> {
    let found = match id {
        None => None,
        Some(id) => Some(
            look.incidents(|book| {
                let id = DirectoryId(id);
                let listing = book.directory.listing(id)?.clone();
                Some((listing, book.directory.entry_board(book, ground(book), id, look.now)?))
            })
            .ok_or_else(no_entry)?,
        ),
    };
    let (typed, shown, told) = match &found {
        Some((listing, board)) => {
            let typed = filled(&listing.entry, typed).or("seen", listing.told.entry.0.to_string());
            let told = format!(
                "Last changed by {}, {}, entry {}",
                listing.told.by,
                look.zone().clinical(listing.told.at),
                listing.told.entry
            );
            (typed, Some(Entry::new(look, board)), told)
        }
        None => (typed, None, String::new()),
    };
    let title = shown.as_ref().map_or_else(|| "Add an entry".to_owned(), |entry| entry.name.clone());
    Ok(EditPage {
        layout: Layout::new(look, title, Here::Directory).on(look.incidents(ground)),
        refused,
        id: id.unwrap_or(0),
        kinds: EntryKind::ALL.map(|kind| (kind.word(), typed.text("kind") == kind.word())).to_vec(),
        sites: sites(look, typed.text("site")),
        numbers: Route::ALL
            .map(|route| (field(route), route.word(), typed.text(field(route)).to_owned()))
            .to_vec(),
        typed,
        shown,
        told,
    })
}

/// `GET /directory/new`
pub async fn fresh(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, None, Typed::default().or("kind", "person"), None)?))).await
}

/// `GET /directory/{id}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let id = id.parse().map_err(|_| no_entry())?;
        Ok(Html(page(look, Some(id), Typed::default(), None)?))
    })
    .await
}

fn entry(typed: &Typed) -> Result<DirectoryEntry, Mishap> {
    let role = match typed.trimmed("role").to_lowercase().replace([' ', '_'], "-").as_str() {
        "" => None,
        text => Some(RoleKey::new(text).ok_or_else(|| {
            Mishap::Refused("Write the role as its action card does: “site manager”.".to_owned())
        })?),
    };
    let mut numbers = Vec::new();
    for route in Route::ALL {
        let parts = typed.text(field(route)).split([';', '|']).map(str::trim).filter(|part| !part.is_empty());
        numbers.extend(parts.map(|number| (route, number.to_owned())));
    }
    Ok(DirectoryEntry {
        kind: EntryKind::ALL.into_iter().find(|kind| kind.word() == typed.text("kind")).unwrap_or_default(),
        name: typed.text("name").to_owned(),
        title: typed.text("title").to_owned(),
        role,
        site: SiteId::new(typed.text("site")),
        place: typed.text("place").to_owned(),
        location: typed.text("location").to_owned(),
        numbers,
        notes: typed.text("notes").to_owned(),
    })
}

/// `POST /directory/new`
pub async fn add(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let added = || -> Result<Signed, Mishap> {
            let who = look.signer(typed.text("by"))?;
            let rows = vec![Row { entry: entry(&typed)?, on_duty: false }];
            look.decide("add to the directory", Intent::List { rows }, &who)?;
            let to = format!("/directory?q={}&done=listed", crate::names::encoded(typed.trimmed("name")));
            Ok(Signed { to, who })
        };
        look.answered(added(), |why| page(look, None, typed, Some(why)))
    })
    .await
}

/// `POST /directory/{id}`: `deed` is `change`, `retire`, `on` or `off`.
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let id: u32 = id.parse().map_err(|_| no_entry())?;
        look.answered(decided(look, id, &typed), |why| page(look, Some(id), typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, number: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let (id, entries) = (DirectoryId(number), vec![DirectoryId(number)]);
    let ground = look.incidents(ground);
    let (intent, to) = match typed.text("deed") {
        "retire" => {
            let reason = typed.text("reason").to_owned();
            (Intent::Retire { entries, reason }, "/directory?done=retired".to_owned())
        }
        "on" => (Intent::OnDuty { ground, entries, until: None }, format!("/directory/{number}?done=duty")),
        "off" => (Intent::OffDuty { ground, entries }, format!("/directory/{number}?done=duty")),
        _ => {
            let seen = EntryNumber(typed.number("seen").unwrap_or(0));
            (Intent::Change { id, entry: entry(typed)?, seen }, format!("/directory/{number}?done=listed"))
        }
    };
    look.decide("change the directory", intent, &who)?;
    Ok(Signed { to, who })
}
