//! `GET`, `POST /clinics/list`: one clinic on one day; what is proposed for each booking, decided in bulk with exceptions.
//!
//! Always: what is proposed to be postponed is ticked, class A never; whoever decided meanwhile is named and nothing of the
//! form is done.

use super::row::Row;
use super::{Place, Question, board, day_words, no_list};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::appointments::{Proposal, Step};
use care::clinics::Class;
use control_room::{BookingRow, ListName};

#[derive(Template)]
#[template(path = "clinics/list.html")]
struct ListPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    name: String,
    site: String,
    day: String,
    day_iso: String,
    rows: Vec<Row>,
    counts: String,
    decided: usize,
    seen: u64,
    reason: String,
    signed_off: String,
    refused: Option<String>,
    pdf: String,
    plan: String,
}

/// `GET /clinics/list`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, &asked.day, &asked.site, "/clinics")?;
        Ok(Html(page(look, place, &asked.list, &Typed::default(), None)?))
    })
    .await
}

/// What is proposed for a booking as long as nobody says that minutes or tests are short: by what works alone.
pub fn proposal(row: &BookingRow, clinician_within_min: u32) -> Proposal {
    let step = match (row.verdict.doable, row.verdict.class) {
        (true, _) => Step::Keep,
        (false, Class::A) => Step::Escalate { within_min: clinician_within_min },
        (false, _) => Step::Postpone,
    };
    Proposal { step, words: String::new() }
}

fn page(
    look: &Look<'_>,
    place: Place,
    list: &str,
    typed: &Typed,
    refused: Option<String>,
) -> Result<ListPage, Mishap> {
    let room = &look.screens().room;
    let name = ListName { day: place.day, site: place.site.clone(), list: list.to_owned() };
    let found = room.clinic_list(place.on.ground, &name).map_err(Mishap::room("read a clinic's list"))?;
    if found.rows.is_empty() {
        return Err(no_list());
    }
    let within = room.clinics().forms.rules.thresholds.clinician_within_min;
    let rows: Vec<Row> = found
        .rows
        .iter()
        .map(|row| {
            let mut line = Row::new(look, &place, row, Some(&proposal(row, within)));
            if refused.is_some() {
                line.ticked = typed.has("booking", &line.key);
            }
            line
        })
        .collect();
    let mut by_class = [0; 4];
    for row in &found.rows {
        let [a, b, c, d] = &mut by_class;
        *match row.verdict.class {
            Class::A => a,
            Class::B => b,
            Class::C => c,
            Class::D => d,
        } += 1;
    }
    let title = if name.list.is_empty() { "No clinic named".to_owned() } else { name.list.clone() };
    let at = format!(
        "day={}&site={}",
        place.day.iso(),
        crate::names::encoded(place.site.as_ref().map_or("", |s| s.as_str()))
    );
    Ok(ListPage {
        links: board::links(&place),
        site: place.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        day: day_words(look, place.day),
        day_iso: place.day.iso(),
        counts: super::row::classes(by_class),
        decided: rows.iter().filter(|r| !r.open).count(),
        seen: found.seen.0,
        reason: typed.text("reason").to_owned(),
        signed_off: typed.text("signed_off").to_owned(),
        refused,
        pdf: place.address("/clinics/list.pdf", &format!("{at}&list={}", crate::names::encoded(list))),
        plan: place.address("/clinics/plan", &at),
        rows,
        layout: Layout::of_incident(look, title.clone(), Beside::Clinics).on(place.on.ground).still(),
        name: title,
        place,
    })
}

/// `POST /clinics/list`
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place =
            || Place::new(look, typed.text("incident"), typed.text("day"), typed.text("site"), "/clinics");
        let list = typed.text("list");
        look.answered(decided(look, &place()?, &typed), |why| page(look, place()?, list, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let done = super::deeds::done(look, place, typed, &who)?;
    let name = ListName { day: place.day, site: place.site.clone(), list: typed.text("list").to_owned() };
    Ok(Signed { to: crate::action_cards::step::with_done(&place.list_address(&name), done), who })
}
