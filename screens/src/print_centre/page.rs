//! `GET /print`: packs by ward, when made, age, pages; failed ones first; one button for all of them.

use crate::desk::{Desk, GoTo, Html, Look, Visit};
use crate::handed::{PackOnShelf, PackState};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, thousands, ward_address, ward_of, ward_path};
use crate::parts::{Level, Mark, Stamp};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "print_centre/page.html")]
struct PrintPage {
    layout: Layout,
    packs: Vec<Line>,
    count: String,
    printable: usize,
    pages: String,
    failed: usize,
    special: String,
}

struct Line {
    ward: String,
    ward_address: String,
    site: String,
    mark: Mark,
    failed: Option<String>,
    pages: String,
    patients: String,
    made: Stamp,
    data: Stamp,
    pdf: Option<String>,
    again: String,
}

/// `GET /print`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look)))).await
}

/// `POST /print/{site}/{ward}/again`
pub async fn again(
    State(desk): State<Desk>,
    visit: Visit,
    Path((site, ward)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let key = ward_of(&site, &ward).ok_or_else(Mishap::no_page)?;
        if !look.screens().shelf.shelf().iter().any(|p| p.ward == key) {
            return Err(Mishap::no_page());
        }
        look.screens().shelf.reprint(&key);
        Ok(GoTo("/print?done=reprint".to_owned()))
    })
    .await
}

fn page(look: &Look<'_>) -> PrintPage {
    let mut shelf = look.screens().shelf.shelf();
    let failed = shelf.iter().filter(|p| matches!(p.state, PackState::Failed(_))).count();
    // A stable sort: failed packs come first, all others keep the order of the wards.
    shelf.sort_by_key(|p| !matches!(p.state, PackState::Failed(_)));
    let pages: u64 = shelf.iter().map(|p| u64::from(p.pages)).sum();
    PrintPage {
        layout: Layout::new(look, "Print centre", Here::Print).live("all"),
        count: counted(shelf.len(), "ward pack", "ward packs"),
        printable: shelf.iter().filter(|p| p.pages > 0).count(),
        pages: thousands(pages),
        failed,
        special: special(look),
        packs: shelf.iter().map(|p| line(look, p)).collect(),
    }
}

/// "14 people on 6 lists".
fn special(look: &Look<'_>) -> String {
    let lists = look.screens().room.special_lists(look.now);
    let people: usize = lists.iter().map(|list| list.people).sum();
    format!("{} on {}", counted(people, "person", "people"), counted(lists.len(), "list", "lists"))
}

fn line(look: &Look<'_>, pack: &PackOnShelf) -> Line {
    let made = pack.pages > 0;
    let (mark, failed) = match &pack.state {
        PackState::Ready => (Mark::new(Level::Good, "Ready"), None),
        PackState::Rendering if made => (Mark::new(Level::Plain, "Being made again"), None),
        PackState::Rendering => (Mark::new(Level::Amber, "Being made"), None),
        PackState::Failed(why) => (Mark::new(Level::Red, "Failed"), Some(why.clone())),
    };
    Line {
        ward: pack.ward_name.clone(),
        ward_address: ward_address(&pack.ward),
        site: pack.ward.site.to_string(),
        mark,
        failed,
        pages: counted(usize::try_from(pack.pages).unwrap_or(0), "page", "pages"),
        patients: counted(usize::try_from(pack.patients).unwrap_or(0), "patient", "patients"),
        made: if made { look.stamp(pack.made_at) } else { Stamp::missing() },
        data: look.stamp_maybe(pack.data_as_at).judged(look.limits()),
        pdf: made.then(|| format!("/print/{}/pack.pdf", ward_path(&pack.ward))),
        again: format!("/print/{}/again", ward_path(&pack.ward)),
    }
}
