//! `GET /systems/reports/{report}`, `POST /systems/reports/{report}`: one report from staff, and how it was dealt with.

use super::board::{ReportLine, address};
use super::ground::OnGround;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::systems;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "systems/settle.html")]
struct SettlePage {
    layout: Layout,
    on: OnGround,
    report: ReportLine,
    system_address: String,
    how: String,
    by: String,
    refused: Option<String>,
}

/// `?incident=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
}

/// `GET /systems/reports/{report}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(report): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = Typed::default().or("incident", asked.incident);
        Ok(Html(page(look, &report, &typed, None)?))
    })
    .await
}

fn no_report() -> Mishap {
    Mishap::NotFound {
        what: "There is no such report.".to_owned(),
        next: "Look at the systems board for the reports that wait.",
    }
}

fn page(look: &Look<'_>, report: &str, typed: &Typed, refused: Option<String>) -> Result<SettlePage, Mishap> {
    let on = OnGround::new(
        look,
        typed.text("incident"),
        &format!("/systems/reports/{}", crate::names::encoded(report)),
    )?;
    look.incidents(|book| {
        let number: u32 = report.parse().map_err(|_| no_report())?;
        let found = book.systems.reports(on.ground).iter().find(|r| r.number == number);
        let found = found.ok_or_else(no_report)?;
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        Ok(SettlePage {
            layout: Layout::of_incident(look, format!("Report {number}"), Beside::Systems)
                .on(on.ground)
                .still(),
            report: ReportLine::new(look, book, &on.query, found),
            system_address: found.system.map_or_else(String::new, |id| address(id, &on.query)),
            how: typed.text("how").to_owned(),
            by: if typed.text("by").is_empty() { who } else { typed.text("by").to_owned() },
            refused,
            on,
        })
    })
}

/// `POST /systems/reports/{report}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(report): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &report, &typed), |why| page(look, &report, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, report: &str, typed: &Typed) -> Result<Signed, Mishap> {
    let on = OnGround::new(look, typed.text("incident"), "/systems")?;
    let number = report.parse().map_err(|_| no_report())?;
    let who = look.signer(typed.text("by"))?;
    let how = typed.text("how").to_owned();
    look.decide(
        "deal with the report",
        systems::Intent::SettleReport { ground: on.ground, number, how },
        &who,
    )?;
    let to = format!("/systems{}", on.query);
    Ok(Signed { to: crate::action_cards::step::with_done(&to, "report-settled"), who })
}
