//! `GET /clinics`: class A that cannot be done first, then the days ahead, list by list, with what is to be decided.
//!
//! Always: it says for which days, on which ground, and by whose thresholds; every count is of bookings.

use super::row::{Row, classes};
use super::{Place, Question, day_words, days};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded, thousands};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::{PartialDate, SiteId};
use control_room::{BookingRow, ClinicBoard, ListBoard};
use std::collections::{BTreeMap, BTreeSet};

/// A clinician's bookings shown; the rest are counted.
const OF_CLINICIAN_MAX: usize = 300;
/// Days shown when nobody asks for more.
const DAYS_USUAL: u32 = 4;

#[derive(Template)]
#[template(path = "clinics/board.html")]
struct BoardPage {
    layout: Layout,
    place: Place,
    class_a: Vec<Row>,
    waiting: Vec<Row>,
    class_a_total: usize,
    sums: Vec<(String, String, String)>,
    days: Vec<Day>,
    clinician: String,
    of_clinician: Vec<Row>,
    of_clinician_total: usize,
    from: String,
    count_days: u32,
    choices: [u32; 5],
    booked: String,
    sites: Vec<(String, bool)>,
    site: String,
    signed_off: Option<String>,
    faults: Vec<String>,
    links: Vec<(String, &'static str)>,
}

struct Day {
    words: String,
    booked: usize,
    to_decide: usize,
    lists: Vec<List>,
    plans: Vec<(String, String)>,
}

struct List {
    address: String,
    name: String,
    site: String,
    first: String,
    booked: usize,
    classes: String,
    blocked: usize,
    blocked_a: usize,
    to_decide: usize,
    postponed: usize,
    kept: usize,
    can_return: usize,
}

/// `GET /clinics`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &asked)?))).await
}

fn page(look: &Look<'_>, asked: &Question) -> Result<BoardPage, Mishap> {
    let place = Place::new(look, &asked.incident, &asked.day, &asked.site, "/clinics")?;
    let count_days = days(&asked.days, DAYS_USUAL);
    let room = &look.screens().room;
    let board = room
        .clinic_board(place.on.ground, place.day, count_days, look.now)
        .map_err(Mishap::room("read the clinics"))?;
    let of_site = |row: &&BookingRow| place.site.is_none() || row.booking.site == place.site;
    let rows =
        |rows: &[BookingRow]| rows.iter().filter(of_site).map(|r| Row::new(look, &place, r, None)).collect();
    let sites: BTreeSet<&SiteId> = board.lists.iter().filter_map(|l| l.name.site.as_ref()).collect();
    let forms = &room.clinics().forms;
    let clinician = basics::tidy(&asked.clinician, 80);
    let with =
        if clinician.is_empty() { Vec::new() } else { with_clinician(look, &place, &clinician, count_days)? };
    let with: Vec<&BookingRow> = with.iter().filter(of_site).collect();
    Ok(BoardPage {
        of_clinician_total: with.len(),
        of_clinician: with.iter().take(OF_CLINICIAN_MAX).map(|r| Row::new(look, &place, r, None)).collect(),
        class_a: rows(&board.class_a),
        waiting: rows(&board.waiting),
        class_a_total: board.class_a_total,
        sums: sums(&place, &board),
        days: if clinician.is_empty() { day_lists(look, &place, &board) } else { Vec::new() },
        clinician,
        from: place.day.iso(),
        count_days,
        choices: [1, 4, 7, 14, 43],
        booked: thousands(board.booked as u64),
        sites: sites.into_iter().map(|s| (s.to_string(), place.site.as_ref() == Some(s))).collect(),
        site: place.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        signed_off: forms.rules.thresholds.signed_off_by.clone(),
        faults: forms.faults.clone(),
        links: links(&place),
        layout: Layout::of_incident(look, "Clinics", Beside::Clinics).on(place.on.ground).live("clinics"),
        place,
    })
}

/// Who is booked with clinicians whose name holds these words, in the order of time.
fn with_clinician(look: &Look<'_>, place: &Place, name: &str, days: u32) -> Result<Vec<BookingRow>, Mishap> {
    let wanted: Vec<String> = name.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let to = place.day.plus_days(days.saturating_sub(1));
    let is = |booking: &care::Appointment, _: &basics::Zone| {
        let theirs = booking.clinician.to_lowercase();
        wanted.iter().all(|word| theirs.contains(word.as_str()))
    };
    let found = look.screens().room.booking_rows(place.on.ground, (place.day, to), &is);
    Ok(found.map_err(Mishap::room("read a clinician's bookings"))?.0)
}

/// The other pages of clinic rescue.
pub fn links(place: &Place) -> Vec<(String, &'static str)> {
    [
        ("/clinics", "Clinics"),
        ("/clinics/notices", "Notices"),
        ("/clinics/calls", "Calls to make"),
        ("/clinics/door", "Door desk"),
        ("/clinics/rebooking", "Rebooking"),
        ("/clinics/counts", "Counts"),
        ("/clinics/import", "Bring in a list"),
        ("/special-lists", "Special lists"),
    ]
    .map(|(address, word)| (place.address(address, ""), word))
    .to_vec()
}

/// Number, what it counts, where it leads.
fn sums(place: &Place, board: &ClinicBoard) -> Vec<(String, String, String)> {
    let all = &board.counts.all;
    let to_decide: usize = board.lists.iter().map(|l| l.to_decide).sum();
    let of = |n: usize, words: &str, path: &str| {
        (
            thousands(n as u64),
            words.to_owned(),
            if path.is_empty() { String::new() } else { place.address(path, "") },
        )
    };
    vec![
        of(to_decide, "cannot be done and wait for a decision", ""),
        of(all.postponed as usize, "postponed", "/clinics/counts"),
        of(board.to_tell, "to be told", "/clinics/notices"),
        of(board.may_come, "may come anyway", "/clinics/door"),
        of(all.outstanding as usize, "to be rebooked", "/clinics/rebooking"),
    ]
}

fn day_lists(look: &Look<'_>, place: &Place, board: &ClinicBoard) -> Vec<Day> {
    let mut by_day: BTreeMap<PartialDate, Vec<&ListBoard>> = BTreeMap::new();
    let of_site = |list: &&ListBoard| place.site.is_none() || list.name.site == place.site;
    for list in board.lists.iter().filter(of_site) {
        by_day.entry(list.name.day).or_default().push(list);
    }
    let days = by_day.into_iter().map(|(day, mut lists)| {
        lists.sort_by_key(|l| {
            let risk = (l.blocked_a == 0, l.to_decide == 0);
            (risk, std::cmp::Reverse(l.to_decide), l.first, l.name.clone())
        });
        let sites: BTreeSet<&SiteId> = lists.iter().filter_map(|l| l.name.site.as_ref()).collect();
        let plans = sites.into_iter().map(|site| {
            let more = format!("day={}&site={}", day.iso(), encoded(site.as_str()));
            (place.address("/clinics/plan", &more), site.to_string())
        });
        Day {
            words: crate::names::capital(&day_words(look, day)),
            booked: lists.iter().map(|l| l.booked).sum(),
            to_decide: lists.iter().map(|l| l.to_decide).sum(),
            plans: plans.collect(),
            lists: lists.into_iter().map(|l| list(look, place, l)).collect(),
        }
    });
    days.collect()
}

fn list(look: &Look<'_>, place: &Place, board: &ListBoard) -> List {
    List {
        address: place.list_address(&board.name),
        name: if board.name.list.is_empty() { "No clinic named".to_owned() } else { board.name.list.clone() },
        site: board.name.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        first: look.zone().hour_minute(board.first),
        booked: board.booked,
        classes: classes(board.by_class),
        blocked: board.blocked,
        blocked_a: board.blocked_a,
        to_decide: board.to_decide,
        postponed: board.postponed,
        kept: board.kept,
        can_return: board.can_return,
    }
}

/// "3 bookings".
pub fn bookings(n: usize) -> String {
    counted(n, "booking", "bookings")
}
