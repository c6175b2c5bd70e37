//! `GET`, `POST /clinics/door`: a patient comes anyway: find them, see what was decided, do the right thing, count it.
//!
//! Always: a search box first; whoever may come without knowing is listed for today; each who came is counted once.

use super::row::{Patient, Row};
use super::{Place, Question, board, day_words, decide, key_of, no_booking};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::clinics::wanted::Door;
use care::clinics::{Arrival, Handled};
use control_room::BookingRow;

/// Patients found by one search.
const FOUND_MAX: usize = 12;
/// Bookings of a patient around the day.
const DAYS_AROUND: i64 = 45;
/// Lines of the door list shown; the printed list has all.
const LISTED_MAX: usize = 300;

#[derive(Template)]
#[template(path = "clinics/door.html")]
struct DoorPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    q: String,
    found: Vec<Found>,
    more: bool,
    day: String,
    day_iso: String,
    list: Vec<Row>,
    list_total: usize,
    came: u32,
    came_seen: u32,
    unlisted: u32,
    pdf: String,
    name: String,
    note: String,
}

struct Found {
    patient: Patient,
    died: bool,
    bookings: Vec<Booked>,
}

struct Booked {
    row: Row,
    today: bool,
    postponed: bool,
    came: bool,
    advice: String,
}

/// `GET /clinics/door?q=`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, &asked.day, &asked.site, "/clinics/door")?;
        Ok(Html(page(look, place, &asked.q, &Typed::default(), None)?))
    })
    .await
}

/// Everybody who may come on that day without surely knowing that it is postponed, by time.
pub fn may_come(look: &Look<'_>, place: &Place) -> Result<Vec<BookingRow>, Mishap> {
    let room = &look.screens().room;
    let days = (place.day, place.day);
    let of_site = |booking: &care::Appointment| place.site.is_none() || booking.site == place.site;
    let (mut rows, _) = room
        .booking_rows(place.on.ground, days, &|booking, _| of_site(booking))
        .map_err(Mishap::room("read the door list"))?;
    rows.retain(|row| row.handled.as_ref().is_some_and(|h| h.may_come() && h.arrived.is_none()));
    rows.sort_by_key(|row| row.handled.as_ref().map(|h| h.booking.start));
    Ok(rows)
}

fn page(
    look: &Look<'_>,
    place: Place,
    q: &str,
    typed: &Typed,
    refused: Option<String>,
) -> Result<DoorPage, Mishap> {
    let room = &look.screens().room;
    let mut found = Vec::new();
    let mut more = false;
    if !q.trim().is_empty() {
        let matches = room.find(q, FOUND_MAX).map_err(Mishap::room("find a patient"))?;
        more = matches.more;
        for matched in matches.matches {
            let rows = room
                .bookings_of(place.on.ground, matched.patient.key)
                .map_err(Mishap::room("read a patient's bookings"))?;
            let Some(record) = room.patient(matched.patient.key).map_err(Mishap::room("read a patient"))?
            else {
                continue;
            };
            let mut bookings: Vec<Booked> = rows.iter().filter_map(|r| booked(look, &place, r)).collect();
            bookings.sort_by_key(|b| !b.today);
            found.push(Found { patient: Patient::new(look, &record), died: record.died.is_some(), bookings });
        }
        found.sort_by_key(|f| !f.bookings.iter().any(|b| b.today));
    }
    let rows = may_come(look, &place)?;
    let counts = room.clinics().read(|book| {
        care::clinics::counts(book.picture(control_room::practice_of(place.on.ground)), look.zone())
    });
    Ok(DoorPage {
        links: board::links(&place),
        refused,
        q: q.to_owned(),
        found,
        more,
        day: day_words(look, place.day),
        day_iso: place.day.iso(),
        list_total: rows.len(),
        list: rows.iter().take(LISTED_MAX).map(|r| Row::new(look, &place, r, None)).collect(),
        came: counts.all.came,
        came_seen: counts.all.came_seen,
        unlisted: counts.came_unlisted,
        pdf: place.address("/clinics/door.pdf", &format!("day={}", place.day.iso())),
        name: typed.text("name").to_owned(),
        note: typed.text("note").to_owned(),
        layout: Layout::of_incident(look, "Door desk", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

fn booked(look: &Look<'_>, place: &Place, row: &BookingRow) -> Option<Booked> {
    let start = row.handled.as_ref().map_or(row.booking.start?, |h| h.booking.start);
    let around = start.seconds_since(look.now).abs() < DAYS_AROUND * 86_400;
    around.then(|| {
        let handled = row.handled.as_ref();
        Booked {
            row: Row::new(look, place, row, None),
            today: look.zone().date(start) == place.day,
            postponed: handled.is_some_and(Handled::postponed),
            came: handled.is_some_and(|h| h.arrived.is_some()),
            advice: advice(look, row),
        }
    })
}

/// What to do with whoever stands there.
pub fn advice(look: &Look<'_>, row: &BookingRow) -> String {
    let Some(handled) = &row.handled else {
        return if row.verdict.doable {
            "Nothing was decided: it goes ahead. Send them to the clinic.".to_owned()
        } else {
            "It cannot be done with what works, and nobody has decided yet: ask the clinic before they wait."
                .to_owned()
        };
    };
    if let Some(rebooked) = &handled.rebooked {
        return format!(
            "Postponed and rebooked to {}. Tell them, and give it in writing.",
            look.zone().clinical(rebooked.start)
        );
    }
    if handled.postponed() {
        let class_a = handled.booking.class == care::clinics::Class::A;
        return if class_a {
            "Postponed, class A: ring the clinic's clinician before they leave.".to_owned()
        } else {
            "Postponed. Say sorry, ask whether they got worse, confirm their number; they hear of a new date."
                .to_owned()
        };
    }
    "It goes ahead. Send them to the clinic.".to_owned()
}

/// `POST /clinics/door`: `deed` is `seen`, `home`, `sent-on` or `unlisted`.
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = || {
            Place::new(look, typed.text("incident"), typed.text("day"), typed.text("site"), "/clinics/door")
        };
        look.answered(decided(look, &place()?, &typed), |why| {
            page(look, place()?, typed.text("q"), &typed, Some(why))
        })
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let note = typed.text("note").to_owned();
    let intent = match typed.text("deed") {
        "unlisted" => Door::ArriveUnlisted { name: typed.text("name").to_owned(), note },
        deed => {
            let key = key_of(typed.text("booking"))?;
            let row = look.screens().room.booking(place.on.ground, &key);
            let row = row.map_err(Mishap::room("read a booking"))?.ok_or_else(no_booking)?;
            look.saw([row.patient]);
            let arrival = match deed {
                "seen" => Arrival::Seen,
                "home" => Arrival::ToldAndHome,
                "sent-on" => Arrival::SentOn(typed.text("place").to_owned()),
                _ => return Err(Mishap::Bad("The form does not say what was done.".to_owned())),
            };
            Door::Arrive { key: row.key, booking: row.snapshot, arrival, note }
        }
    };
    decide(look, place, "note an arrival", intent, &who)?;
    let more = format!("day={}", place.day.iso());
    let to = place.address("/clinics/door", &more);
    Ok(Signed { to: crate::action_cards::step::with_done(&to, "clinic-came"), who })
}
