//! A booking of the record as triage sees it on its day: words, priority, and the clocks as days and weeks.
//!
//! Always: a clock of which only month or year is known does not run; what nobody told is not guessed. Called for lists
//! by the command line; proved by `tests/clinic_triage.rs`.

use super::triage::Case;
use crate::Appointment;
use basics::{Moment, PartialDate, Zone};

/// The booking as it stands on the day of `on`.
pub fn case_of(booking: &Appointment, zone: &Zone, on: Moment) -> Case {
    // A date that lies ahead is no clock that runs.
    let days = |since: Option<PartialDate>| u32::try_from(since?.days_until(zone.date(on))?).ok();
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
