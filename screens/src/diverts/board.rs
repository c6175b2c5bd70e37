//! `GET /diverts`: every site by pathway, what each can take, its queue and the age of its figures; `GET /diverts/map`.
//!
//! Always: state by word, pattern and colour; what nobody told is "not told"; feeds' words stand apart, unconfirmed.

use super::alert::Alert;
use super::map::Map;
use super::{Place, Question, layout, left, page, percent, standing_class};
use crate::desk::{Desk, Look, Visit};
use crate::forms::Asked;
use crate::layout::Layout;
use crate::mishap::Mishap;
use crate::names::encoded;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::diverts::{Cell, DivertBoard, DivertRow, Pathway, SiteRow, Stage, Wait, board};

#[derive(Template)]
#[template(path = "diverts/board.html")]
struct BoardPage {
    layout: Layout,
    place: Place,
    alert: Alert,
    as_at: String,
    clock_doubt: Option<String>,
    pathways: [&'static str; 7],
    sites: Vec<SiteLine>,
    diverts: Vec<DivertLine>,
    plans: Vec<PlanLine>,
    moved_total: u32,
    moved: Vec<String>,
    overrides: usize,
    map: Option<Map>,
    region: String,
}

/// One site as a row of the board.
pub struct SiteLine {
    pub name: String,
    pub trust: String,
    pub address: String,
    pub cells: Vec<CellLine>,
    pub waiting: String,
    pub longest: String,
    pub places: String,
    pub as_at: Stamp,
    pub stale: bool,
    pub source: String,
    pub wait: String,
    pub load: String,
    pub load_over: bool,
    pub moved: String,
    pub feeds: Vec<(String, bool)>,
}

/// One pathway of a site.
pub struct CellLine {
    pub pathway: &'static str,
    pub class: &'static str,
    pub word: String,
    pub note: String,
    pub address: String,
}

struct DivertLine {
    address: String,
    title: String,
    stage: &'static str,
    tag: &'static str,
    left: String,
    ask_now: bool,
    words: Vec<String>,
}

struct PlanLine {
    address: String,
    words: String,
    mark: String,
}

/// `GET /diverts`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let shown = look.incidents(|book| board(book, place.ground, look.now));
        page(board_page(look, place, shown))
    })
    .await
}

#[derive(Template)]
#[template(path = "diverts/map_page.html")]
struct MapPage {
    layout: Layout,
    place: Place,
    map: Option<Map>,
    as_at: String,
}

/// `GET /diverts/map`
pub async fn map_page(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let shown = look.incidents(|book| board(book, place.ground, look.now));
        let map = look.incidents(|book| Map::of_board(book, place.ground, &shown, look.now));
        Ok::<_, Mishap>(crate::desk::Html(MapPage {
            layout: layout(look, "Divert map", &place),
            map,
            as_at: shown.as_at,
            place,
        }))
    })
    .await
}

fn board_page(look: &Look<'_>, place: Place, shown: DivertBoard) -> BoardPage {
    let planner = &look.screens().planner;
    let waits = planner.waits(look.screens().room.incident(), place.ground, look.now);
    let alert = Alert::of(look, &place, &shown.unacknowledged);
    let map = look.incidents(|book| Map::of_board(book, place.ground, &shown, look.now));
    BoardPage {
        layout: layout(look, "Ambulance diverts", &place),
        alert,
        as_at: shown.as_at.clone(),
        clock_doubt: shown.clock_doubt.clone(),
        pathways: Pathway::ALL.map(Pathway::words),
        sites: shown.sites.iter().map(|row| site_line(look, &place, row, waits.get(&row.site))).collect(),
        diverts: shown.diverts.iter().map(|row| divert_line(&place, row)).collect(),
        plans: shown
            .plans
            .iter()
            .map(|plan| PlanLine {
                address: format!("/diverts/plans/{}{}", plan.number, place.query()),
                words: plan.words.clone(),
                mark: plan.estimate_mark.clone().unwrap_or_default(),
            })
            .collect(),
        moved_total: shown.moved_total,
        moved: shown.moved.iter().map(incident::diverts::FromTo::words).collect(),
        overrides: shown.overrides,
        map,
        region: planner
            .region()
            .err()
            .map_or_else(String::new, |why| crate::names::capital(&why.to_string())),
        place,
    }
}

/// One site as the board and a site's own page show it.
pub fn site_line(look: &Look<'_>, place: &Place, row: &SiteRow, wait: Option<&Wait>) -> SiteLine {
    let figures = row.figures.as_ref();
    let patients = |count: u32| if count == 1 { "1 patient".to_owned() } else { format!("{count} patients") };
    let moved = match (row.received, row.sent) {
        (0, 0) => String::new(),
        (received, 0) => format!("{} brought here instead", patients(received)),
        (0, sent) => format!("{} taken elsewhere", patients(sent)),
        (received, sent) => {
            format!("{} brought here instead, {} taken elsewhere", patients(received), patients(sent))
        }
    };
    SiteLine {
        name: row.site.to_string(),
        trust: row.trust.clone(),
        address: format!("/diverts/sites/{}{}", encoded(row.site.as_str()), place.query()),
        cells: row.cells.iter().map(|cell| cell_line(place, cell)).collect(),
        waiting: figures.map_or_else(String::new, |f| format!("{} waiting", f.figures.waiting)),
        longest: figures.map_or_else(String::new, |f| format!("longest {} min", f.figures.longest_minutes)),
        places: figures
            .and_then(|f| f.figures.staffed)
            .map_or_else(String::new, |n| format!("{n} staffed places")),
        as_at: figures.map_or_else(|| Stamp::never("no figures told"), |f| look.stamp(f.as_at)),
        stale: row.stale,
        source: figures.map_or_else(String::new, |f| match &f.source {
            incident::diverts::Source::Told => format!("told by {}", f.told.by),
            incident::diverts::Source::Feed(name) => format!("from the feed {name}"),
        }),
        wait: wait.map(Wait::words).unwrap_or_default(),
        load: row.load_milli.map_or_else(String::new, |load| match row.tolerated_milli {
            Some(most) => format!("plan: load {} of at most {}", percent(load), percent(most)),
            None => format!("plan: load {}", percent(load)),
        }),
        load_over: row.load_milli.zip(row.tolerated_milli).is_some_and(|(load, most)| load > most + 1),
        moved,
        feeds: row
            .feeds
            .iter()
            .map(|feed| {
                let age = incident::wording::duration(feed.age_seconds);
                (format!("Feed {}, {age} ago, not confirmed: {}", feed.feed, feed.words), feed.stale)
            })
            .collect(),
    }
}

fn cell_line(place: &Place, cell: &Cell) -> CellLine {
    let (class, word) = match cell.standing {
        None => ("never", "not done here".to_owned()),
        Some(_) if cell.not_told => ("untold", "not told".to_owned()),
        Some(standing) => (standing_class(standing), crate::names::capital(standing.word())),
    };
    let note = match cell.left_seconds {
        Some(seconds) => left(seconds),
        None => cell.reason.clone(),
    };
    CellLine {
        pathway: cell.pathway.words(),
        class,
        word,
        note,
        address: cell.divert.map_or_else(String::new, |n| format!("/diverts/{n}{}", place.query())),
    }
}

fn divert_line(place: &Place, row: &DivertRow) -> DivertLine {
    let active = row.stage == Stage::Active;
    DivertLine {
        address: format!("/diverts/{}{}", row.divert.number, place.query()),
        title: crate::names::capital(&row.divert.words()),
        stage: row.stage.word(),
        tag: if row.without_receiver {
            "red"
        } else if active {
            "amber"
        } else {
            "blue"
        },
        left: left(row.left_seconds),
        ask_now: row.ask_now,
        words: row.words.clone(),
    }
}
