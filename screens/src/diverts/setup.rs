//! `GET /diverts/setup`: the sites of the board, the times of the local agreement, neighbours' feeds; `POST …/{deed}`.
//!
//! Always: a report of a neighbour is shown as said and changes nothing; a site listed again is described anew.

use super::{Place, Question, Tick, decide, does, layout, page, pathway_ticks, pathways_of};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::{Mishap, sentence};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::Person;
use incident::diverts::{DivertSite, Intent, Pathway, Rules, named, read_have};

#[derive(Template)]
#[template(path = "diverts/setup.html")]
struct SetupPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    typed: Typed,
    deed: String,
    sites: Vec<SiteLine>,
    pathways: Vec<Tick>,
    rules: Rules,
    feeds: Vec<(String, String, Stamp)>,
}

struct SiteLine {
    address: String,
    name: String,
    able: String,
    place: String,
}

/// `GET /diverts/setup`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        page(setup_page(look, place, Typed::default(), None, ""))
    })
    .await
}

fn setup_page(look: &Look<'_>, place: Place, typed: Typed, refused: Option<String>, deed: &str) -> SetupPage {
    let site = |s: &DivertSite| SiteLine {
        address: format!("/diverts/sites/{}{}", crate::names::encoded(s.site.as_str()), place.query()),
        name: s.site.to_string(),
        able: named(&s.able),
        place: match (s.latitude_micro, s.longitude_micro) {
            (Some(lat), Some(lon)) => format!("{:.4}, {:.4}", f64::from(lat) / 1e6, f64::from(lon) / 1e6),
            _ => "no coordinates: not on the map".to_owned(),
        },
    };
    let (sites, rules, feeds) = look.incidents(|book| {
        let there = book.diverts.on(place.ground);
        let feeds = book.diverts.sites().iter().flat_map(|s| {
            there.feeds_of(&s.site).map(|(feed, told)| {
                let words = format!("{}: {}", told.says.site, told.says.sentence());
                (feed.to_owned(), words, look.stamp(told.says.as_at))
            })
        });
        (book.diverts.sites().iter().map(site).collect(), book.diverts.rules, feeds.collect())
    });
    SetupPage {
        layout: layout(look, "Divert sites, rules and feeds", &place).still(),
        refused,
        deed: deed.to_owned(),
        sites,
        pathways: pathway_ticks(&Pathway::ALL, &typed),
        rules,
        feeds,
        typed,
        place,
    }
}

/// `POST /diverts/setup/{deed}`
pub async fn deed(
    State(desk): State<Desk>,
    visit: Visit,
    Path(deed): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let done = |who: &Person| {
            if deed == "times" {
                look.screens().planner.ask_again();
                return Ok(place.done("/diverts/plans", "divert-times"));
            }
            let (intent, done) = match deed.as_str() {
                "site" => (Intent::List { sites: vec![site(&typed)?] }, "divert-listed"),
                "rules" => (Intent::SetRules { rules: rules(&typed)? }, "divert-rules"),
                "feed" => {
                    let report = read_have(typed.text("report").trim().as_bytes());
                    let report = report.map_err(|why| Mishap::Refused(sentence(&why.to_string())))?;
                    let (ground, feed) = (place.ground, typed.trimmed("feed").to_owned());
                    (Intent::TakeFeed { ground, feed, report: Box::new(report) }, "divert-feed")
                }
                _ => return Err(Mishap::no_page()),
            };
            decide(look, intent, who)?;
            Ok(place.done("/diverts/setup", done))
        };
        let again = |why| Ok(setup_page(look, place.clone(), typed.clone(), Some(why), &deed));
        does(look, &typed, done, again)
    })
    .await
}

fn site(typed: &Typed) -> Result<DivertSite, Mishap> {
    let site = basics::SiteId::new(typed.trimmed("site"))
        .ok_or_else(|| Mishap::Refused("Write the site's name.".to_owned()))?;
    let degrees = |field: &str, what: &str, most: f64| match typed.trimmed(field) {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(value) if value.abs() <= most => Ok(Some((value * 1e6).round() as i32)),
            _ => Err(Mishap::Refused(format!(
                "“{}” is no {what}; write degrees such as 51.5194, or leave both out.",
                basics::clip(text, 40)
            ))),
        },
    };
    let (latitude_micro, longitude_micro) =
        (degrees("latitude", "latitude", 90.0)?, degrees("longitude", "longitude", 180.0)?);
    let trust = typed.trimmed("trust").to_owned();
    Ok(DivertSite { site, trust, able: pathways_of(typed), latitude_micro, longitude_micro })
}

fn rules(typed: &Typed) -> Result<Rules, Mishap> {
    let number = |field: &str| {
        typed.trimmed(field).parse().map_err(|_| {
            let text = basics::clip(typed.trimmed(field), 40).to_owned();
            Mishap::Refused(format!("“{text}” is no number of minutes; write one such as 60."))
        })
    };
    Ok(Rules {
        dwell_minutes: number("dwell")?,
        expiry_minutes: number("expiry")?,
        ask_before_minutes: number("ask")?,
        stale_minutes: number("stale")?,
    })
}

impl SetupPage {
    fn was(&self, deed: &str, field: &str) -> &str {
        if self.deed == deed { self.typed.text(field) } else { "" }
    }

    fn minutes(&self, field: &str, now: &u32) -> String {
        if self.deed == "rules" { self.typed.text(field).to_owned() } else { now.to_string() }
    }
}
