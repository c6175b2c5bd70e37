//! `GET` and `POST /diverts/moved`: patients moved, by hand-off entries or the ambulance service's figures, and what it
//! did to the neighbours.
//!
//! Always: each patient once; a job number, never a name; many hand-offs in one form, one a line.

use super::{Place, Question, Tick, chosen_site, decide, does, layout, page, pathway_of, pathway_ticks};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::Mishap;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::{Moment, Zone};
use incident::Person;
use incident::diverts::{HandOff, Intent, Pathway, ServiceCount, debrief_board};

#[derive(Template)]
#[template(path = "diverts/moved.html")]
struct MovedPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    typed: Typed,
    sites: Vec<String>,
    pathways: Vec<Tick>,
    total: u32,
    moved: Vec<String>,
    neighbours: Vec<String>,
    diverts: Vec<String>,
    plans: String,
    entries: Vec<(String, Stamp, String)>,
    entries_total: usize,
}

/// Hand-off entries shown; all of them count.
const ENTRIES_SHOWN: usize = 100;

/// `GET /diverts/moved`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        page(moved_page(look, place, Typed::default(), None))
    })
    .await
}

fn moved_page(look: &Look<'_>, place: Place, typed: Typed, refused: Option<String>) -> MovedPage {
    let (told, sites) = look.incidents(|book| {
        let sites = book.diverts.sites().iter().map(|s| s.site.to_string()).collect();
        (debrief_board(book, place.ground, look.now), sites)
    });
    let now = look.incident_now();
    let say = |at: Moment| look.incidents(|book| book.say(at, now));
    let (entries, entries_total) = look.incidents(|book| {
        let all = book.diverts.on(place.ground).moved.hand_offs();
        let total = all.len();
        let line = |(h, stamp): (&HandOff, &incident::Stamp)| {
            let words = format!("Job {}: {} to {}, {}", h.job, h.from, h.to, h.pathway.words());
            (words, look.stamp(h.at), stamp.by.to_string())
        };
        (all.into_iter().take(ENTRIES_SHOWN).map(line).collect(), total)
    });
    let diverted: Vec<Pathway> = Pathway::ALL.into_iter().filter(|p| *p != Pathway::Resuscitation).collect();
    let mut layout = layout(look, "Patients moved", &place).typed_into();
    if refused.is_some() {
        layout = layout.still();
    }
    MovedPage {
        layout,
        refused,
        sites,
        pathways: pathway_ticks(&diverted, &typed),
        total: told.moved_total,
        moved: told.moved.iter().map(incident::diverts::FromTo::words).collect(),
        neighbours: told.neighbours.iter().map(|n| n.words(say)).collect(),
        diverts: told.diverts,
        plans: told.plans,
        entries,
        entries_total,
        typed,
        place,
    }
}

/// `POST /diverts/moved`
pub async fn tell(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let done = |who: &Person| {
            decide(look, intent(look, &typed, &place)?, who)?;
            Ok(place.done("/diverts/moved", "divert-moved"))
        };
        let again = |why| Ok(moved_page(look, place.clone(), typed.clone(), Some(why)));
        does(look, &typed, done, again)
    })
    .await
}

fn intent(look: &Look<'_>, typed: &Typed, place: &Place) -> Result<Intent, Mishap> {
    let ground = place.ground;
    let now = look.incident_now();
    let (from, to) = (chosen_site(typed.trimmed("from"))?, chosen_site(typed.trimmed("to"))?);
    if typed.text("what") == "count" {
        let time = |field: &str, what: &str| {
            today_at(look.zone(), now, typed.trimmed(field)).ok_or_else(|| {
                Mishap::Refused(format!(
                    "“{}” is no time {what}; write one such as 14:30.",
                    basics::clip(typed.trimmed(field), 40)
                ))
            })
        };
        let patients = typed.number("patients").and_then(|n| u32::try_from(n).ok()).ok_or_else(|| {
            Mishap::Refused("Write how many patients the ambulance service counted.".to_owned())
        })?;
        let (since, until) =
            (time("since", "from which they counted")?, time("until", "until which they counted")?);
        let service = typed.trimmed("service").to_owned();
        let count = ServiceCount { service, since, until, patients: vec![(from, to, patients)] };
        return Ok(Intent::CountByService { ground, count });
    }
    let pathway = pathway_of(typed.trimmed("pathway"))
        .ok_or_else(|| Mishap::Refused("Choose as what the patients were brought.".to_owned()))?;
    let jobs: Vec<&str> =
        typed.text("jobs").split([',', ';', '\n']).map(str::trim).filter(|job| !job.is_empty()).collect();
    if jobs.is_empty() {
        return Err(Mishap::Refused("Write the ambulance's job number, one a line.".to_owned()));
    }
    let at = match typed.trimmed("at") {
        "" => now,
        text => today_at(look.zone(), now, text).ok_or_else(|| {
            Mishap::Refused(format!("“{}” is no time; write one such as 14:30.", basics::clip(text, 40)))
        })?,
    };
    let one = |job: &str| HandOff { job: job.to_owned(), from: from.clone(), to: to.clone(), pathway, at };
    Ok(Intent::HandOff { ground, hand_offs: jobs.into_iter().map(one).collect() })
}

/// A time of the clock, today; yesterday when that is still to come by more than an hour (shortly after midnight).
fn today_at(zone: &Zone, now: Moment, text: &str) -> Option<Moment> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return None;
    }
    let mut civil = zone.civil(now);
    civil.hour = hour;
    civil.minute = minute;
    civil.second = 0;
    let at = zone.moment(civil)?;
    Some(if at.seconds_since(now) > 3_600 { at.plus_seconds(-86_400) } else { at })
}
