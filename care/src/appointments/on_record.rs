//! A booking of the record as triage sees it on its day: words, priority, and the clocks as days and weeks.
//!
//! Always: a clock of which only month or year is known does not run; what nobody told is not guessed. Called for lists
//! by the command line; proved by `tests/clinic_triage.rs`.

use super::triage::Case;
use crate::Appointment;
use basics::{Civil, Moment, PartialDate, Zone};

/// The booking as it stands on the day of `on`.
pub fn case_of(booking: &Appointment, zone: &Zone, on: Moment) -> Case {
    let days = |since: Option<PartialDate>| days_since(since?, zone, on);
    Case {
        id: booking.id.clone(),
        words: vec![booking.service.clone(), booking.clinic.clone(), booking.reason.clone()],
        priority: booking.priority.clone(),
        waited_weeks: days(booking.referred).map_or(0, |days| days / 7),
        cancelled_before: booking.cancelled_before.unwrap_or(0),
        faster_diagnosis_day: days(booking.faster_diagnosis_from),
        cancer_treatment_day: days(booking.cancer_treatment_from),
        ..Case::default()
    }
}

/// Whole days from a date to the day of `on`; `None` when the date is not known to the day, or lies after it.
fn days_since(date: PartialDate, zone: &Zone, on: Moment) -> Option<u32> {
    let (year, Some(month), Some(day)) = date.numbers() else { return None };
    let noon = |year, month, day| {
        zone.moment(Civil { year, month, day, hour: 12, minute: 0, second: 0, millisecond: 0 })
    };
    let today = zone.civil(on);
    // Noon to noon differs from whole days by an hour at most, when the clocks change.
    let seconds = noon(today.year, today.month, today.day)?.seconds_since(noon(year, month, day)?);
    u32::try_from((seconds + 43_200).div_euclid(86_400)).ok()
}
