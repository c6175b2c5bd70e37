//! `GET`, `POST /clinics/rebooking`: what is outstanding, by the latest safe day; room typed in or imported; places given.
//!
//! Always: whoever is due first is proposed the earliest room; what would be later than safe is said before it is done;
//! postponed = rebooked + outstanding, day by day, as a plot and in figures.

use super::row::Patient;
use super::{Place, Question, board, decide, key_of, room_sheet};
use crate::clock_times::coming;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::{Level, Mark};
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::Moment;
use care::clinics::wanted::Rebooking;
use care::clinics::{Capacity, Handled, Place as Given, Proposed};
use control_room::practice_of;

/// Largest form: a sheet of room may be pasted.
pub const FORM_BYTES_MAX: usize = 4 << 20;
/// Outstanding bookings shown.
const SHOWN_MAX: usize = 100;
/// Rows of room shown.
const ROOM_SHOWN_MAX: usize = 60;

/// What is said of the messages (HL7 table 0103).
const HL7_PRODUCTION: &str = "marked P, production";
const HL7_TRAINING: &str = "marked T, training: for a test system alone";

#[derive(Template)]
#[template(path = "clinics/rebooking.html")]
struct RebookingPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    outstanding: usize,
    with_place: usize,
    late: usize,
    rows: Vec<Outstanding>,
    room: Vec<(u32, String, String, String, u32)>,
    room_left: u64,
    plot: Option<Plot>,
    days: Vec<(String, u32, u32, u32)>,
    postponed: String,
    rebooked: String,
    sheet: String,
    csv: String,
    hl7: String,
    /// What the messages say of themselves in MSH-11, and what that means.
    hl7_mark: &'static str,
}

struct Outstanding {
    key: String,
    address: String,
    patient: Patient,
    was: String,
    list: String,
    site: String,
    class: char,
    class_name: String,
    latest: String,
    why: String,
    overdue: bool,
    slot: Option<(u32, String)>,
    mark: Mark,
}

/// Postponed, day by day: how many are rebooked and how many are not.
struct Plot {
    bars: Vec<Bar>,
    width: u32,
    words: String,
}

struct Bar {
    x: u32,
    label: String,
    rebooked_y: u32,
    rebooked_h: u32,
    outstanding_y: u32,
    outstanding_h: u32,
    postponed: u32,
}

/// `GET /clinics/rebooking`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", &asked.site, "/clinics/rebooking")?;
        Ok(Html(page(look, place, &Typed::default(), None)?))
    })
    .await
}

fn page(
    look: &Look<'_>,
    place: Place,
    typed: &Typed,
    refused: Option<String>,
) -> Result<RebookingPage, Mishap> {
    let room = &look.screens().room;
    let zone = look.zone();
    let practice = practice_of(place.on.ground);
    let (proposed, handled, capacity, counts) = room.clinics().read(|book| {
        let picture = book.picture(practice);
        let mut proposed = picture.propose_places(zone, look.now);
        proposed.retain(|p| {
            place.site.is_none() || picture.handled(&p.key).is_some_and(|h| h.booking.site == place.site)
        });
        let handled: Vec<Option<Handled>> =
            proposed.iter().take(SHOWN_MAX).map(|p| picture.handled(&p.key).cloned()).collect();
        let capacity: Vec<Capacity> =
            picture.capacity.iter().filter(|c| c.left > 0 && c.slot.start >= look.now).cloned().collect();
        (proposed, handled, capacity, care::clinics::counts(picture, zone))
    });
    let mut rows = Vec::new();
    for (proposed, handled) in proposed.iter().zip(handled) {
        let Some(handled) = handled else { continue };
        let record = room.patient(proposed.key.patient).map_err(Mishap::room("read a patient"))?;
        let Some(record) = record else { continue };
        rows.push(outstanding(look, &place, proposed, &handled, Patient::new(look, &record), &capacity));
    }
    let all = &counts.all;
    let days = counts.by_day.iter().filter(|d| d.tally.postponed > 0);
    Ok(RebookingPage {
        links: board::links(&place),
        refused,
        outstanding: proposed.len(),
        with_place: proposed.iter().filter(|p| p.slot.is_some()).count(),
        late: proposed.iter().filter(|p| p.slot.is_some() && p.days_late > 0).count(),
        rows,
        room_left: capacity.iter().map(|c| u64::from(c.left)).sum(),
        room: capacity
            .iter()
            .take(ROOM_SHOWN_MAX)
            .map(|c| {
                let site = c.slot.site.as_ref().map(ToString::to_string).unwrap_or_default();
                (c.number, c.slot.list.clone(), site, zone.clinical(c.slot.start), c.left)
            })
            .collect(),
        plot: plot(&counts.by_day),
        days: days
            .map(|d| (d.day.to_string(), d.tally.postponed, d.tally.rebooked, d.tally.outstanding))
            .collect(),
        postponed: thousands(u64::from(all.postponed)),
        rebooked: thousands(u64::from(all.rebooked)),
        sheet: typed.text("sheet").to_owned(),
        csv: place.address("/clinics/rebooking.csv", ""),
        hl7: place.address("/clinics/rebooking.hl7", ""),
        hl7_mark: if place.is_practice(look) { HL7_TRAINING } else { HL7_PRODUCTION },
        layout: Layout::of_incident(look, "Rebooking", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

fn outstanding(
    look: &Look<'_>,
    place: &Place,
    proposed: &Proposed,
    handled: &Handled,
    patient: Patient,
    capacity: &[Capacity],
) -> Outstanding {
    let zone = look.zone();
    let slot = proposed.slot.and_then(|number| capacity.iter().find(|c| c.number == number));
    let mark = match (&slot, proposed.days_late) {
        (None, _) => Mark::new(Level::Amber, "No room on this list yet"),
        (Some(_), 0) => Mark::new(Level::Good, "In time"),
        (Some(_), days) => Mark::new(
            Level::Red,
            format!("{days} {} later than is safe", if days == 1 { "day" } else { "days" }),
        ),
    };
    let class = handled.booking.class.letter();
    Outstanding {
        key: proposed.key.text(),
        address: place.booking_address(&proposed.key),
        patient,
        was: zone.clinical(handled.booking.start),
        list: handled.booking.list().to_owned(),
        site: handled.booking.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        class,
        class_name: class.to_ascii_lowercase().to_string(),
        latest: proposed.latest.day.to_string(),
        why: proposed.latest.why.clone(),
        overdue: proposed.latest.day < zone.date(look.now),
        slot: slot.map(|c| (c.number, zone.clinical(c.slot.start))),
        mark,
    }
}

fn plot(days: &[care::clinics::DayCount]) -> Option<Plot> {
    const HEIGHT: u32 = 120;
    const STEP: u32 = 46;
    const DAYS_MAX: usize = 42;
    let days: Vec<_> = days.iter().filter(|d| d.tally.postponed > 0).collect();
    let days = days.get(days.len().saturating_sub(DAYS_MAX)..)?;
    let most = days.iter().map(|d| d.tally.postponed).max()?;
    let tall = |n: u32| (n * HEIGHT).div_ceil(most);
    let bars = (0u32..).zip(days).map(|(index, d)| {
        let (rebooked_h, outstanding_h) = (tall(d.tally.rebooked), tall(d.tally.outstanding));
        let label: String = d.day.to_string().chars().take(6).collect();
        Bar {
            x: index * STEP + 10,
            label,
            rebooked_y: HEIGHT + 16 - rebooked_h.min(HEIGHT),
            rebooked_h,
            outstanding_y: (HEIGHT + 16).saturating_sub(rebooked_h + outstanding_h),
            outstanding_h,
            postponed: d.tally.postponed,
        }
    });
    let sum = |of: fn(&care::clinics::Tally) -> u32| days.iter().map(|d| of(&d.tally)).sum::<u32>();
    Some(Plot {
        bars: bars.collect(),
        width: u32::try_from(days.len()).unwrap_or(0) * STEP + 20,
        words: format!(
            "Postponed by day: {} in {} days, {} rebooked, {} outstanding",
            sum(|t| t.postponed),
            days.len(),
            sum(|t| t.rebooked),
            sum(|t| t.outstanding)
        ),
    })
}

/// `POST /clinics/rebooking`: `deed` is `accept`, `one`, `room`, `withdraw` or `undo`.
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = || Place::new(look, typed.text("incident"), "", typed.text("site"), "/clinics/rebooking");
        look.answered(decided(look, &place()?, &typed), |why| page(look, place()?, &typed, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let late_known = !typed.text("late_known").is_empty();
    let (intent, done) = match typed.text("deed") {
        "accept" => {
            let mut places = Vec::new();
            for text in typed.all("booking") {
                let slot = typed.number(&format!("slot-{text}")).and_then(|n| u32::try_from(n).ok());
                let slot = slot.ok_or_else(|| Mishap::Refused("One of them has no place.".to_owned()))?;
                let key = key_of(text)?;
                look.saw([key.patient]);
                places.push(Given { key, slot: Some(slot), start: Moment::default(), list: String::new() });
            }
            (Rebooking::Rebook { places, late_known }, "clinic-rebooked")
        }
        "one" => {
            let key = key_of(typed.text("booking"))?;
            look.saw([key.patient]);
            let start = room_sheet::moment(look.zone(), typed.trimmed("date"), typed.trimmed("time"))
                .or_else(|| coming(look.zone(), look.now, typed.trimmed("time")))
                .ok_or_else(|| Mishap::Refused("Write the new day and time.".to_owned()))?;
            let given = Given { key, slot: None, start, list: typed.text("list").to_owned() };
            (Rebooking::Rebook { places: vec![given], late_known }, "clinic-rebooked")
        }
        "room" => {
            let slots = room_sheet::read(look.zone(), typed.text("sheet")).map_err(Mishap::Refused)?;
            (Rebooking::EnterRoom { slots }, "clinic-room")
        }
        "withdraw" => {
            let number = typed.number("number").and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
            (Rebooking::WithdrawRoom { number }, "clinic-room")
        }
        "undo" => {
            let key = key_of(typed.text("booking"))?;
            look.saw([key.patient]);
            (Rebooking::UndoRebooking { key, why: typed.text("why").to_owned() }, "clinic-undone")
        }
        _ => return Err(Mishap::Bad("The form does not say what is to be done.".to_owned())),
    };
    decide(look, place, "rebook", intent, &who)?;
    let to = place.address("/clinics/rebooking", "");
    Ok(Signed { to: crate::action_cards::step::with_done(&to, done), who })
}
