//! The map: sites where they lie, by shape and number, with the flows of the plan or the diverts; drawn here, no tiles.
//!
//! Always: from coordinates alone, north up, to scale; the same words stand below for whoever cannot see it; readable at
//! night and in black on paper. Never: anything asked from another machine.

use super::per_h;
use basics::Moment;
use incident::diverts::{Cell, DivertBoard, Proposal, SiteRow, Stage, Standing};
use incident::{Ground, IncidentBook};
use std::collections::BTreeMap;

const WIDTH: f64 = 800.0;
const HEIGHT_MAX: f64 = 620.0;
const HEIGHT_MIN: f64 = 300.0;
const EDGE: f64 = 60.0;
/// Flows drawn; the rest is in the plan's table.
const FLOWS_MAX: usize = 24;
/// Kilometres of one degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// The drawing.
pub struct Map {
    pub width: u32,
    pub height: u32,
    pub words: String,
    pub caption: String,
    pub flows: Vec<FlowArrow>,
    /// The flows are listed in words below the map; else the page lists them elsewhere.
    pub listed: bool,
    pub sites: Vec<MapSite>,
    pub scale_km: u32,
    pub scale_px: u32,
    pub scale_y: u32,
    pub scale_text_y: u32,
}

/// Patients who go from one site's doors to another's.
pub struct FlowArrow {
    pub d: String,
    pub width: String,
    pub label: String,
    pub x: String,
    pub y: String,
    pub words: String,
    /// By a divert alone, no plan says how many.
    pub asked: bool,
}

/// A site on the map.
pub struct MapSite {
    pub number: usize,
    pub name: String,
    pub class: &'static str,
    pub d: String,
    pub x: String,
    pub number_y: String,
    pub label: Option<(String, String, &'static str)>,
    pub words: String,
}

type Point = (f64, f64);

struct Frame {
    west: f64,
    north: f64,
    east_scale: f64,
    px_per_degree: f64,
    left: f64,
    height: f64,
}

impl Frame {
    /// Fits those places, latitude and longitude in degrees.
    fn around(places: &[Point]) -> Option<Self> {
        let low = |of: fn(&Point) -> f64| places.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&Point) -> f64| places.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (south, north, west, east) = (low(|p| p.0), high(|p| p.0), low(|p| p.1), high(|p| p.1));
        if places.len() < 2 || !(north - south).is_finite() {
            return None;
        }
        let east_scale = f64::midpoint(south, north).to_radians().cos().max(0.05);
        let tall = (north - south).max(0.002);
        let wide = ((east - west) * east_scale).max(0.002);
        let px_per_degree = ((WIDTH - 2.0 * EDGE) / wide).min((HEIGHT_MAX - 2.0 * EDGE) / tall);
        let height = (tall * px_per_degree + 2.0 * EDGE).clamp(HEIGHT_MIN, HEIGHT_MAX);
        let left = (WIDTH - (east - west) * east_scale * px_per_degree) / 2.0;
        Some(Self { west, north, east_scale, px_per_degree, left, height })
    }

    fn at(&self, (lat, lon): Point) -> Point {
        let x = self.left + (lon - self.west) * self.east_scale * self.px_per_degree;
        (x, EDGE + (self.north - lat) * self.px_per_degree)
    }
}

impl Map {
    /// The board as it stands, with the plan in force or, without one, the diverts. `None` with fewer than two places.
    pub fn of_board(book: &IncidentBook, ground: Ground, board: &DivertBoard, now: Moment) -> Option<Self> {
        let plan = book.diverts.plan_in_force(ground);
        let (arrows, caption) = match plan {
            Some(proposed) => {
                let there = book.diverts.on(ground);
                let words = proposed.words(&book.diverts.rules, there.changed_at, book.now(now));
                (
                    plan_arrows(&proposed.plan),
                    format!("{words}. Arrows: patients an hour who go elsewhere than today."),
                )
            }
            None => (
                divert_arrows(board),
                "No plan is in force. Arrows: who takes the patients of each divert.".to_owned(),
            ),
        };
        Self::draw(book, board, &arrows, caption)
    }

    /// The board with the flows of one plan.
    pub fn of_plan(book: &IncidentBook, board: &DivertBoard, plan: &Proposal) -> Option<Self> {
        let caption = "Arrows: patients an hour who go elsewhere than today.".to_owned();
        let map = Self::draw(book, board, &plan_arrows(plan), caption)?;
        Some(Self { listed: false, ..map })
    }

    fn draw(book: &IncidentBook, board: &DivertBoard, arrows: &[Arrow], caption: String) -> Option<Self> {
        let degrees = |micro: i32| f64::from(micro) / 1e6;
        let place = |row: &SiteRow| {
            let site = book.diverts.site(&row.site).ok()?;
            Some((degrees(site.latitude_micro?), degrees(site.longitude_micro?)))
        };
        let placed: Vec<(&SiteRow, Point)> =
            board.sites.iter().filter_map(|r| Some((r, place(r)?))).collect();
        let frame = Frame::around(&placed.iter().map(|(_, p)| *p).collect::<Vec<_>>())?;
        let mut taken: Vec<Box4> = placed.iter().map(|(_, p)| around(frame.at(*p), 13.0)).collect();
        let by_name: BTreeMap<String, Point> =
            placed.iter().map(|(r, p)| (r.site.as_str().to_lowercase(), frame.at(*p))).collect();
        let flows: Vec<FlowArrow> = arrows.iter().filter_map(|a| arrow(a, &by_name, &mut taken)).collect();
        let sites = placed
            .iter()
            .enumerate()
            .map(|(index, (row, p))| site(index + 1, row, frame.at(*p), frame.height, &mut taken))
            .collect();
        let km_px = frame.px_per_degree / KM_PER_DEGREE;
        let scale_km = [1_u32, 2, 5, 10, 20, 50, 100, 200]
            .into_iter()
            .find(|km| f64::from(*km) * km_px >= 60.0)
            .unwrap_or(500);
        Some(Self {
            width: WIDTH as u32,
            height: frame.height as u32,
            words: format!(
                "Map of {} sites with {} flows; the same stands in words below",
                placed.len(),
                flows.len()
            ),
            caption,
            flows,
            listed: true,
            sites,
            scale_km,
            scale_px: (f64::from(scale_km) * km_px).min(WIDTH - 40.0) as u32,
            scale_y: frame.height as u32 - 12,
            scale_text_y: frame.height as u32 - 18,
        })
    }
}

/// A flow by the sites' names.
struct Arrow {
    from: String,
    to: String,
    per_h_milli: u32,
    asked: bool,
}

fn plan_arrows(plan: &Proposal) -> Vec<Arrow> {
    let name = |index: u16| plan.sites.get(usize::from(index)).cloned();
    let moves = plan.moves.iter().filter(|m| m.per_h_milli > 0).take(FLOWS_MAX);
    moves
        .filter_map(|m| {
            Some(Arrow { from: name(m.from)?, to: name(m.to)?, per_h_milli: m.per_h_milli, asked: false })
        })
        .collect()
}

fn divert_arrows(board: &DivertBoard) -> Vec<Arrow> {
    let active = board.diverts.iter().filter(|d| d.stage == Stage::Active);
    let to = |d: &incident::diverts::DivertRow| {
        let from = d.divert.from.to_string();
        d.divert
            .consenting()
            .map(|to| Arrow { from: from.clone(), to: to.to_string(), per_h_milli: 0, asked: true })
            .collect::<Vec<_>>()
    };
    active.flat_map(to).take(FLOWS_MAX).collect()
}

fn arrow(of: &Arrow, places: &BTreeMap<String, Point>, taken: &mut Vec<Box4>) -> Option<FlowArrow> {
    let (from, to) = (*places.get(&of.from.to_lowercase())?, *places.get(&of.to.to_lowercase())?);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let (start, end) = ((from.0 + ux * 13.0, from.1 + uy * 13.0), (to.0 - ux * 15.0, to.1 - uy * 15.0));
    // A bow to the left of the way, so that two ways between the same sites do not cover each other.
    let bow = (length * 0.14).min(46.0);
    let bend = (f64::midpoint(start.0, end.0) + uy * bow, f64::midpoint(start.1, end.1) - ux * bow);
    let middle =
        (0.25 * start.0 + 0.5 * bend.0 + 0.25 * end.0, 0.25 * start.1 + 0.5 * bend.1 + 0.25 * end.1 + 4.0);
    let amount = format!("{}/h", per_h(of.per_h_milli));
    let room = text_box(middle, &amount, "middle");
    let fits = !of.asked && length > 60.0 && !taken.iter().any(|t| t.meets(&room));
    if fits {
        taken.push(room);
    }
    let words = if of.asked {
        format!("{} to {}: by divert, no plan says how many", of.from, of.to)
    } else {
        format!("{} to {}: {} patients an hour", of.from, of.to, per_h(of.per_h_milli))
    };
    Some(FlowArrow {
        d: format!(
            "M{} {}Q{} {} {} {}",
            px(start.0),
            px(start.1),
            px(bend.0),
            px(bend.1),
            px(end.0),
            px(end.1)
        ),
        width: px((1.5 + f64::from(of.per_h_milli) / 600.0).min(7.0)),
        label: if fits { amount } else { String::new() },
        x: px(middle.0),
        y: px(middle.1),
        words,
        asked: of.asked,
    })
}

fn site(number: usize, row: &SiteRow, (x, y): Point, height: f64, taken: &mut Vec<Box4>) -> MapSite {
    let standing = worst(&row.cells);
    let (class, d) = match standing {
        Standing::Open => {
            ("open", format!("M{} {}a11 11 0 1 0 22 0a11 11 0 1 0 -22 0z", px(x - 11.0), px(y)))
        }
        Standing::Limited => ("limited", format!("M{} {}l13 13l-13 13l-13 -13z", px(x), px(y - 13.0))),
        Standing::Divert => (
            "divert",
            format!("M{} {}h24v22h-24zM{} {}h32", px(x - 12.0), px(y - 11.0), px(x - 16.0), px(y + 14.0)),
        ),
        Standing::Closed => (
            "closed",
            format!(
                "M{} {}l24 24m0 -24l-24 24M{} {}h18v18h-18z",
                px(x - 12.0),
                px(y - 12.0),
                px(x - 9.0),
                px(y - 9.0)
            ),
        ),
    };
    let name = row.site.to_string();
    let spots = [
        (x + 17.0, y + 5.0, "start"),
        (x - 17.0, y + 5.0, "end"),
        (x, y - 18.0, "middle"),
        (x, y + 28.0, "middle"),
    ];
    let spot = spots.into_iter().find_map(|(lx, ly, anchor)| {
        let room = text_box((lx, ly), &name, anchor);
        let inside =
            room.left >= 2.0 && room.right <= WIDTH - 2.0 && room.top >= 2.0 && room.bottom <= height - 30.0;
        (inside && !taken.iter().any(|t| t.meets(&room))).then(|| {
            taken.push(room);
            (px(lx), px(ly), anchor)
        })
    });
    let diverted: Vec<&str> = row
        .cells
        .iter()
        .filter(|c| c.standing == Some(Standing::Divert))
        .map(|c| c.pathway.words())
        .collect();
    let words = match standing {
        Standing::Divert => format!("on divert for {}", diverted.join(", ")),
        other => other.word().to_owned(),
    };
    let figures = row.figures.as_ref().map_or_else(String::new, |f| format!(", {}", f.figures.words()));
    let old = if row.stale { " (too old to go by)" } else { "" };
    MapSite {
        number,
        name,
        class,
        d,
        x: px(x),
        number_y: px(y + 4.5),
        label: spot,
        words: format!("{words}{figures}{old}"),
    }
}

/// Closed only when all is; on divert or limited when anything is.
fn worst(cells: &[Cell]) -> Standing {
    let all: Vec<Standing> = cells.iter().filter_map(|c| c.standing).collect();
    if !all.is_empty() && all.iter().all(|s| *s == Standing::Closed) {
        return Standing::Closed;
    }
    match () {
        () if all.contains(&Standing::Divert) => Standing::Divert,
        () if all.iter().any(|s| *s != Standing::Open) => Standing::Limited,
        () => Standing::Open,
    }
}

#[derive(Clone, Copy)]
struct Box4 {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Box4 {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

fn around((x, y): Point, r: f64) -> Box4 {
    Box4 { left: x - r, right: x + r, top: y - r, bottom: y + r }
}

/// About the room that 13 px bold letters take.
fn text_box((x, y): Point, text: &str, anchor: &str) -> Box4 {
    let wide = text.chars().count() as f64 * 7.6;
    let left = match anchor {
        "start" => x,
        "end" => x - wide,
        _ => x - wide / 2.0,
    };
    Box4 { left, right: left + wide, top: y - 12.0, bottom: y + 4.0 }
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}
