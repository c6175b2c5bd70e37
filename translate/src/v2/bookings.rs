//! SCH, AIS, AIL, AIP, AIG: an appointment in a clinic or a theatre.

use super::Reader;
use super::orders::first_moment;
use super::reading::{clinician, coded_field, moment, text_field, words_field};
use super::stay::location;
use crate::words::line;
use care::{Appointment, AppointmentStatus, Update, What};
use hl7::Segment;

/// The appointment as read so far.
pub(super) struct Draft {
    appointment: Appointment,
    notes: Vec<String>,
}

pub(super) fn sch(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let filler = text_field(segment, 2);
    let timing = segment.field(11);
    let start = moment(timing.component(4), reader.rules);
    let end = moment(timing.component(5), reader.rules);
    let type_words = words_field(segment, 8);
    let says_priority = matches!(
        type_words.to_ascii_lowercase().as_str(),
        "routine" | "urgent" | "emergency" | "soon" | "2ww" | "two week wait" | "stat" | "asap"
    );
    let mut priority = line(&timing.component(6).text());
    if says_priority {
        priority = type_words.clone();
    }
    let reasons = [7, 6].into_iter().map(|n| coded_field(segment, n));
    // SCH-6 is often just the trigger again.
    let reason = reasons.map(|r| r.words).find(|w| !w.is_empty() && *w != reader.trigger).unwrap_or_default();
    let between = match (start, end) {
        (Some(start), Some(end)) => u32::try_from(end.seconds_since(start) / 60).ok().filter(|m| *m > 0),
        _ => None,
    };
    let appointment = Appointment {
        id: if filler.is_empty() { text_field(segment, 1) } else { filler },
        status: status(&reader.trigger, &words_field(segment, 25)),
        start,
        minutes: minutes(segment, 9, 10).or(between),
        clinician: clinician(segment.field(16).first()),
        service: if says_priority { String::new() } else { type_words },
        reason,
        priority,
        ..Appointment::default()
    };
    reader.booking = Some(Draft { appointment, notes: Vec::new() });
}

/// The trigger says it; for changes and requests SCH-25 does.
fn status(trigger: &str, said: &str) -> AppointmentStatus {
    let said = said.to_ascii_lowercase();
    match trigger {
        "S13" => AppointmentStatus::Rescheduled,
        "S15" | "S16" => AppointmentStatus::Cancelled,
        "S17" => AppointmentStatus::Deleted,
        "S26" => AppointmentStatus::DidNotAttend,
        _ if said.starts_with("cancel") => AppointmentStatus::Cancelled,
        _ if said.starts_with("arriv") || said.starts_with("started") || said.starts_with("checked") => {
            AppointmentStatus::Arrived
        }
        _ if said.starts_with("complet") => AppointmentStatus::Completed,
        _ if said.starts_with("no") && said.contains("show") || said == "dna" => {
            AppointmentStatus::DidNotAttend
        }
        _ if said.starts_with("delet") => AppointmentStatus::Deleted,
        _ => AppointmentStatus::Booked,
    }
}

/// A duration with its unit; minutes when none is given.
fn minutes(segment: &Segment<'_>, amount: usize, unit: usize) -> Option<u32> {
    let amount: f64 = text_field(segment, amount).parse().ok()?;
    let unit = text_field(segment, unit).to_ascii_lowercase();
    let minutes = match unit.chars().next() {
        Some('h') => amount * 60.0,
        Some('s') => amount / 60.0,
        Some('d') => amount * 1440.0,
        _ => amount,
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (1.0..100_000.0).contains(&minutes).then_some(minutes.round() as u32)
}

/// A resource of the appointment, its timing, or a remark.
pub(super) fn resource(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let place = if segment.name() == "AIL" { location(reader, segment, 3) } else { Update::Keep };
    let start = match segment.name() {
        "AIS" => first_moment(reader, segment, &[4]),
        "AIL" | "AIP" => first_moment(reader, segment, &[6]),
        "AIG" => first_moment(reader, segment, &[8]),
        "TQ1" => first_moment(reader, segment, &[7]),
        _ => None,
    };
    let Some(draft) = reader.booking.as_mut() else { return };
    let appointment = &mut draft.appointment;
    appointment.start = appointment.start.or(start);
    match segment.name() {
        "AIS" => {
            let service = words_field(segment, 3);
            if appointment.service.is_empty() || !service.is_empty() {
                appointment.service = service;
            }
            appointment.minutes = appointment.minutes.or_else(|| minutes(segment, 7, 8));
        }
        "AIL" => {
            if let Update::Set(place) = place {
                if appointment.clinic.is_empty() {
                    appointment.clinic =
                        place.ward.as_ref().map(|w| w.as_str().to_owned()).unwrap_or_default();
                }
                appointment.site = appointment.site.take().or(place.site);
            }
            appointment.minutes = appointment.minutes.or_else(|| minutes(segment, 9, 10));
        }
        "AIP" => {
            let name = clinician(segment.field(3).first());
            if !name.is_empty() {
                appointment.clinician = name;
            }
        }
        "NTE" => draft.notes.push(crate::words::running(&segment.field(3).full_text())),
        _ => {}
    }
}

/// The appointment belongs to the patient of the message; with several, to each.
pub(super) fn finish(reader: &mut Reader<'_>) {
    let Some(draft) = reader.booking.take() else { return };
    let Draft { mut appointment, notes } = draft;
    appointment.note = notes.join("\n");
    if appointment.id.is_empty() {
        let text = "The appointment has no number, so that later changes cannot find it.";
        reader.out.problem(care::ProblemKind::Imperfect, "SCH-1", text);
    }
    if appointment.clinic.is_empty() {
        appointment.clinic.clone_from(&appointment.service);
    }
    reader.group.others.push(What::Appointment(Box::new(appointment)));
}
