//! How the clinics of a drill stand: who is with a clinician, who was told, who may come, what is outstanding, and
//! whether the figures add up to the patient.
//!
//! Always: asked of the lists and counts that staff see, on the drill's ground. Never: an expectation that is met because
//! nothing was there. Called by `measure`; proved by `tests/drills.rs`.

use super::Seen;
use crate::play::respond::{Response, cannot_be_done, class_a, with_somebody};
use crate::scenario::response::ClinicSought;
use basics::{Moment, Zone};
use care::clinics::{Counts, Handled, counts};
use control_room::{BookingRow, ControlRoom, practice_of};
use incident::sitreps::{Section, Sitrep};

pub(super) fn of_clinics(room: &ControlRoom, response: &Response, what: &ClinicSought, at: Moment) -> Seen {
    let (rows, _) = response.clinic_rows(room).map_err(|fault| fault.to_string())?;
    if rows.is_empty() {
        return Err("nobody is booked".to_owned());
    }
    let ground = response.ground(room);
    let all = room.clinics().read(|book| counts(book.picture(practice_of(ground)), &Zone::london()));
    let so = |yes: bool, instead: String| if yes { Ok(at) } else { Err(instead) };
    match what {
        ClinicSought::Booked(wanted) => {
            let booked = rows.iter().filter(|row| !row.cancelled_elsewhere()).count();
            so(booked == *wanted as usize, format!("{booked} are booked"))
        }
        ClinicSought::ClassAWithClinician => {
            let of_class_a = || rows.iter().filter(|row| class_a(row) && cannot_be_done(row));
            let (some, without) =
                (of_class_a().count(), of_class_a().filter(|row| !with_somebody(row)).count());
            let postponed =
                rows.iter().filter(|row| class_a(row) && handled(row, Handled::postponed)).count();
            so(
                without == 0 && some + postponed > 0,
                format!("{without} of {some} of class A that cannot be done are with nobody"),
            )
        }
        ClinicSought::Postponed(wanted) => {
            let fits = wanted.map_or(all.all.postponed > 0, |wanted| all.all.postponed == wanted);
            so(fits, format!("{} are postponed", all.all.postponed))
        }
        ClinicSought::Told => {
            let plan = room.clinic_notices(ground, None, at).map_err(|fault| fault.to_string())?;
            let sent = room.clinics().read(|book| book.picture(practice_of(ground)).notices.len());
            let (left, faults) = (plan.ready.len(), plan.faults.join(" "));
            so(
                left == 0 && faults.is_empty() && sent > 0,
                format!("{left} are still to be sent a notice, {sent} were sent {faults}"),
            )
        }
        ClinicSought::DoorList(wanted) => {
            let today = Zone::london().date(at);
            let may_come = |h: &Handled| {
                h.may_come() && h.arrived.is_none() && Zone::london().date(h.booking.start) >= today
            };
            let listed = rows.iter().filter(|row| handled(row, may_come)).count();
            so((listed > 0) == *wanted, format!("{listed} stand on the door list"))
        }
        ClinicSought::Came(wanted) => {
            let came = all.all.came + all.came_unlisted;
            so(came == *wanted, format!("{came} came anyway"))
        }
        ClinicSought::Outstanding(wanted) => so(
            all.all.outstanding == *wanted && all.all.postponed > 0,
            format!("{} of {} postponed are outstanding", all.all.outstanding, all.all.postponed),
        ),
        ClinicSought::AddUp => adds_up(room, response, &rows, &all).map(|()| at),
        ClinicSought::CanReturn => {
            let days = response.clinic_days().map(|(first, _)| first).zip(Some(DAYS_SHOWN));
            let (first, days) = days.ok_or("nobody is booked")?;
            let board = room.clinic_board(ground, first, days, at).map_err(|fault| fault.to_string())?;
            let back: usize = board.lists.iter().map(|list| list.can_return).sum();
            so(back > 0, "nothing that was postponed can be done again".to_owned())
        }
    }
}

/// Days of the board that are looked at, from the first of the drill's.
const DAYS_SHOWN: u32 = 90;

fn handled(row: &BookingRow, is: impl Fn(&Handled) -> bool) -> bool {
    row.handled.as_ref().is_some_and(is)
}

/// Counts against each other, against the bookings themselves, and against what the last sitrep says.
fn adds_up(room: &ControlRoom, response: &Response, rows: &[BookingRow], all: &Counts) -> Result<(), String> {
    let by_day = all.by_day.iter().map(|day| (format!("{}", day.day), &day.tally));
    let by_site = all.by_site.iter().map(|(site, tally)| (format!("{site:?}"), tally));
    let by_service = all.by_service.iter().map(|(service, tally)| (format!("{service:?}"), tally));
    for (what, tally) in by_day.chain(by_site).chain(by_service).chain([("all".to_owned(), &all.all)]) {
        if !tally.adds_up() {
            return Err(format!("the counts of {what} do not add up: {tally:?}"));
        }
    }
    let sums = [
        all.by_day.iter().map(|day| day.tally.postponed).sum::<u32>(),
        all.by_site.values().map(|tally| tally.postponed).sum(),
        all.by_service.values().map(|tally| tally.postponed).sum(),
    ];
    let one_by_one = rows.iter().filter(|row| handled(row, Handled::postponed)).count();
    if sums.iter().any(|sum| *sum != all.all.postponed) || one_by_one != all.all.postponed as usize {
        return Err(format!(
            "{} are postponed, one by one {one_by_one}, by day, hospital and service {sums:?}",
            all.all.postponed
        ));
    }
    let now = room.clinic_figures(response.ground(room));
    let told = room.incident().read(|book| {
        let sitreps = &book.incident(response.incident?)?.sitreps;
        let last = sitreps.waiting().or_else(|| sitreps.approved().last());
        last.and_then(section)
    });
    match (told, now.first()) {
        (Some(told), Some(now)) if told.body.trim() == now.body.trim() => Ok(()),
        (Some(told), _) => Err(format!("the last sitrep says of the clinics: {}", told.body)),
        (None, _) => Err("the last sitrep says nothing of the clinics".to_owned()),
    }
}

fn section(sitrep: &Sitrep) -> Option<Section> {
    sitrep.sections.iter().find(|section| section.heading == "Clinics").cloned()
}
