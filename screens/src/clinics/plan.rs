//! `GET`, `POST /clinics/plan`: one hospital's day: who can be kept with the minutes, tests and scans there are; what if.
//!
//! Always: the default choice with its reasons, the exact optimum as "you could also keep …", and what order of the list
//! alone would keep, side by side; nothing is decided by asking.

use super::row::Row;
use super::{Place, board, day_words};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::appointments::Step;
use care::clinics::Class;
use control_room::{ClinicPlan, ClinicWhatIf};

/// Bookings named of those that the best choice keeps or lets go.
const NAMED_MAX: usize = 40;

#[derive(Template)]
#[template(path = "clinics/plan.html")]
struct PlanPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    site: String,
    day: String,
    day_iso: String,
    /// Field's name, what is counted, what this day uses, what was typed.
    counted: Vec<(String, String, u32, String)>,
    /// Field's name, list, minutes booked, what was typed.
    sessions: Vec<(String, String, u32, String)>,
    minutes_asked: bool,
    staff: String,
    down: String,
    up: String,
    /// Which choice, then kept of A, B, C, D.
    kept: Vec<(&'static str, [u32; 4])>,
    booked: [usize; 4],
    /// Kept in addition by the best choice, and let go for them.
    also: (Vec<String>, Vec<String>),
    proof: String,
    rows: Vec<Row>,
    postponed: usize,
    escalated: usize,
    asked: bool,
    seen: u64,
    reason: String,
    signed_off: String,
}

/// `GET /clinics/plan`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Typed>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked, None)?))).await
}

fn place_of(look: &Look<'_>, typed: &Typed) -> Result<Place, Mishap> {
    Place::new(look, typed.text("incident"), typed.text("day"), typed.text("site"), "/clinics")
}

fn names(text: &str) -> Vec<String> {
    text.split(',').map(|name| basics::tidy(name, 100)).filter(|name| !name.is_empty()).take(20).collect()
}

fn what_if(typed: &Typed, sessions: &[(String, u32)], counted: &[String]) -> ClinicWhatIf {
    let number = |field: &str| typed.number(field).and_then(|n| u32::try_from(n).ok());
    let minutes = sessions
        .iter()
        .enumerate()
        .filter_map(|(index, (name, _))| Some((name.clone(), number(&format!("minutes-{index}"))?)));
    let units = counted
        .iter()
        .enumerate()
        .filter_map(|(index, name)| Some((name.clone(), number(&format!("units-{index}"))?)));
    ClinicWhatIf {
        down: names(typed.text("down")),
        up: names(typed.text("up")),
        minutes: minutes.collect(),
        units: units.collect(),
        staff_percent: number("staff").filter(|p| *p < 100),
    }
}

fn page(look: &Look<'_>, typed: &Typed, refused: Option<String>) -> Result<PlanPage, Mishap> {
    let place = place_of(look, typed)?;
    let room = &look.screens().room;
    let planned = |what_if: &ClinicWhatIf| {
        room.clinic_plan(place.on.ground, place.day, place.site.as_ref(), what_if)
            .map_err(Mishap::room("plan a day's clinics"))?
            .map_err(Mishap::Refused)
    };
    let now = planned(&ClinicWhatIf::default())?;
    if now.rows.is_empty() {
        return Err(super::no_list());
    }
    let sessions = now.sessions.clone();
    let counted: Vec<String> = now.counted.iter().map(|(name, ..)| name.clone()).collect();
    let what_if = what_if(typed, &sessions, &counted);
    let plan = if what_if.any() { planned(&what_if)? } else { now };
    let mut kept = vec![
        ("Proposed", plan.kept),
        ("The most that could be kept", plan.best),
        ("In the order of the list alone", plan.first_come),
    ];
    kept.extend(plan.as_it_is.map(|as_it_is| ("Proposed as things are", as_it_is)));
    let mut booked = [0; 4];
    for verdict in &plan.plan.verdicts {
        if let Some(n) = Class::ALL.iter().position(|c| *c == verdict.class).and_then(|i| booked.get_mut(i)) {
            *n += 1;
        }
    }
    let rows: Vec<Row> = plan
        .rows
        .iter()
        .zip(&plan.plan.proposals)
        .zip(&plan.plan.verdicts)
        .filter(|((_, proposal), _)| proposal.step != Step::Keep)
        .map(|((row, proposal), verdict)| {
            // What was asked may change what can be done: the line says so, not the board.
            let row = control_room::BookingRow { verdict: verdict.clone(), ..row.clone() };
            let mut line = Row::new(look, &place, &row, Some(proposal));
            if refused.is_some() {
                line.ticked = typed.has("booking", &line.key);
            }
            line
        })
        .collect();
    let steps = |wanted: fn(&Step) -> bool| plan.plan.proposals.iter().filter(|p| wanted(&p.step)).count();
    Ok(PlanPage {
        links: board::links(&place),
        refused,
        site: place.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        day: day_words(look, place.day),
        day_iso: place.day.iso(),
        counted: plan
            .counted
            .iter()
            .enumerate()
            .map(|(index, (_, what, uses))| {
                let field = format!("units-{index}");
                let typed = typed.trimmed(&field).to_owned();
                (field, what.clone(), *uses, typed)
            })
            .collect(),
        sessions: sessions
            .iter()
            .enumerate()
            .map(|(index, (name, minutes))| {
                let field = format!("minutes-{index}");
                let typed = typed.trimmed(&field).to_owned();
                (field, name.clone(), *minutes, typed)
            })
            .collect(),
        minutes_asked: !what_if.minutes.is_empty(),
        staff: typed.trimmed("staff").to_owned(),
        down: typed.trimmed("down").to_owned(),
        up: typed.trimmed("up").to_owned(),
        kept,
        booked,
        also: (named(look, &plan, &plan.also.0), named(look, &plan, &plan.also.1)),
        proof: plan.at_most.map(proof_words).unwrap_or_default(),
        postponed: steps(|s| *s == Step::Postpone),
        escalated: steps(|s| matches!(s, Step::Escalate { .. })),
        asked: what_if.any(),
        seen: plan.seen.0,
        reason: typed.text("reason").to_owned(),
        signed_off: typed.text("signed_off").to_owned(),
        rows,
        layout: Layout::of_incident(look, "Plan a day", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

/// Bookings in a few words each: "09:20 B, EXAMPLE, Sam, Clinic 1".
fn named(look: &Look<'_>, plan: &ClinicPlan, places: &[usize]) -> Vec<String> {
    let named = places.iter().take(NAMED_MAX).filter_map(|place| {
        let (row, verdict) = (plan.rows.get(*place)?, plan.plan.verdicts.get(*place)?);
        look.saw([row.record.key]);
        let name = row.record.name.as_ref().map_or_else(String::new, care::PersonName::banner);
        Some(format!("{} {}, {}", verdict.class.letter(), name, row.snapshot.list()))
    });
    named.collect()
}

fn proof_words([a, b, c, d]: [u32; 4]) -> String {
    format!("The search was cut short; no choice keeps more than {a} A, {b} B, {c} C, {d} D.")
}

/// `POST /clinics/plan`: the same decisions as on a list.
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(decided(look, &typed), |why| page(look, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let place = place_of(look, typed)?;
    let who = look.signer(typed.text("by"))?;
    let done = super::deeds::done(look, &place, typed, &who)?;
    let more = format!("day={}", place.day.iso());
    Ok(Signed { to: crate::action_cards::step::with_done(&place.address("/clinics", &more), done), who })
}
