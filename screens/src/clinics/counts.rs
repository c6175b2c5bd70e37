//! `GET /clinics/counts`: what adds up, by hospital, service and day; and whether it falls on some more than on others.
//!
//! Always: postponed = rebooked + outstanding and = told for sure + not sure, in every row; equality is a report, never a
//! ground for a decision.

use super::{Place, Question, board, days};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::clinics::{Deprivation, Handled, Shares, Tally, counts, shares};
use control_room::{BookingRow, practice_of};

/// Six weeks: as long as lists are held.
const DAYS_USUAL: u32 = 43;

#[derive(Template)]
#[template(path = "clinics/counts.html")]
struct CountsPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    all: Tally,
    by_site: Vec<(String, Tally)>,
    by_service: Vec<(String, String, Tally)>,
    by_day: Vec<(String, Tally)>,
    unlisted: u32,
    adds_up: bool,
    equality: Vec<(&'static str, Shares)>,
    deprivation_known: bool,
    days: u32,
    from: String,
    csv: String,
}

/// `GET /clinics/counts`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, &asked.day, "", "/clinics/counts")?;
        Ok(Html(page(look, place, days(&asked.days, DAYS_USUAL))?))
    })
    .await
}

fn page(look: &Look<'_>, place: Place, days: u32) -> Result<CountsPage, Mishap> {
    let room = &look.screens().room;
    let zone = look.zone();
    let forms = &room.clinics().forms;
    let counts = room.clinics().read(|book| counts(book.picture(practice_of(place.on.ground)), zone));
    let to = place.day.plus_days(days.saturating_sub(1));
    let (rows, _) = room
        .booking_rows(place.on.ground, (place.day, to), &|_, _| true)
        .map_err(Mishap::room("read who is booked"))?;
    let named = |site: &Option<basics::SiteId>| {
        site.as_ref().map_or("No hospital named".to_owned(), ToString::to_string)
    };
    Ok(CountsPage {
        links: board::links(&place),
        adds_up: counts.all.adds_up() && counts.by_day.iter().all(|d| d.tally.adds_up()),
        all: counts.all,
        by_site: counts.by_site.iter().map(|(site, t)| (named(site), *t)).collect(),
        by_service: counts.by_service.iter().map(|((site, s), t)| (named(site), s.clone(), *t)).collect(),
        by_day: counts.by_day.iter().map(|d| (d.day.to_string(), d.tally)).collect(),
        unlisted: counts.came_unlisted,
        equality: equality(&rows, zone, forms.deprivation.as_deref()),
        deprivation_known: forms.deprivation.is_some(),
        days,
        from: place.day.to_string(),
        csv: place.address("/clinics/counts.csv", ""),
        layout: Layout::of_incident(look, "Counts", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

/// By age, sex, language, whether an interpreter is needed, disability as flags record it, ethnicity, and deprivation where
/// the hospital has put a table of postcodes.
fn equality(
    rows: &[BookingRow],
    zone: &basics::Zone,
    deprivation: Option<&Deprivation>,
) -> Vec<(&'static str, Shares)> {
    let postponed = |row: &BookingRow| row.handled.as_ref().is_some_and(Handled::postponed);
    let of = |name: &dyn Fn(&BookingRow) -> String| {
        let named: Vec<(String, bool)> = rows.iter().map(|row| (name(row), postponed(row))).collect();
        shares(named.iter().map(|(name, postponed)| (name.as_str(), *postponed)))
    };
    let age = |row: &BookingRow| {
        let on = zone.date(row.booking.start.unwrap_or_default());
        let years = row.record.birth_date.and_then(|born| born.years_until(on));
        let band = match years {
            None => "",
            Some(0..=15) => "Under 16",
            Some(16..=39) => "16 to 39",
            Some(40..=64) => "40 to 64",
            Some(65..=79) => "65 to 79",
            Some(_) => "80 and over",
        };
        band.to_owned()
    };
    let disability = |row: &BookingRow| {
        let words = ["learning disab", "disab", "deaf", "blind", "wheelchair", "autis"];
        let says = |text: &str| words.iter().any(|w| text.to_lowercase().contains(w));
        let flagged = row.record.flags.iter().any(|f| f.active && says(&f.text))
            || row.record.conditions.iter().any(|c| c.active && says(&c.text));
        if flagged { "Recorded".to_owned() } else { String::new() }
    };
    let interpreter = |row: &BookingRow| match row.record.interpreter_needed {
        Some(true) => "Interpreter needed".to_owned(),
        Some(false) => "No interpreter needed".to_owned(),
        None => String::new(),
    };
    let mut all = vec![
        ("Age", of(&age)),
        ("Sex", of(&|row| row.record.sex.map_or(String::new(), |s| s.word().to_owned()))),
        ("Language", of(&|row| row.record.language.clone().unwrap_or_default())),
        ("Interpreter", of(&interpreter)),
        ("Disability, as flags and problems record it", of(&disability)),
        ("Ethnicity", of(&|row| row.record.ethnicity.clone().unwrap_or_default())),
    ];
    if let Some(table) = deprivation {
        let lives = |row: &BookingRow| {
            let address = row.record.address.as_ref();
            address.map_or("", |a| table.fifth(&a.postcode)).to_owned()
        };
        all.insert(0, ("Deprivation, by where they live", of(&lives)));
    }
    all
}
