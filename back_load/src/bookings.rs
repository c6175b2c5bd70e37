//! Postponed and rebooked bookings as SIU messages.
//!
//! Always: the sender's own number of the booking, so that its system finds it; the patient by every number it knows them
//! by; what was decided in practice says so in MSH-11. Proved by `tests/bookings.rs`.

use basics::{Moment, Zone};
use care::clinics::Handled;
use care::{Appointment, IdentifierKind, PatientRecord, Sex};
use control_room::{ControlRoom, Ground, practice_of};
use hl7::{Builder, Unbuildable};

/// Why nothing could be handed back.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The record could not be read.
    #[error(transparent)]
    Room(#[from] control_room::Fault),
    /// A message could not be written.
    #[error("booking {id}: {why}")]
    Unbuildable {
        /// The booking's number.
        id: String,
        /// Why.
        why: Unbuildable,
    },
}

/// A booking with what became of it.
#[derive(Clone, Debug)]
pub struct BookingChange<'a> {
    /// The patient.
    pub record: &'a PatientRecord,
    /// The booking as its system last told it.
    pub booking: &'a Appointment,
    /// The new time and list; none when it is postponed without one.
    pub new: Option<(Moment, &'a str)>,
    /// Why, in words.
    pub reason: &'a str,
}

/// What a message is for (MSH-11, HL7 table 0103): a system that is well takes no other's training for real.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Processing {
    /// It happened.
    Production,
    /// It was practised: in an exercise or a demonstration.
    Training,
}

impl Processing {
    /// What is decided on that ground, by a Lifeboat that is for real or marks everything as a demonstration.
    pub fn of(ground: Ground, demonstration: bool) -> Self {
        if ground == Ground::Real && !demonstration { Self::Production } else { Self::Training }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Production => "P",
            Self::Training => "T",
        }
    }
}

/// One SIU message, its segments ended by CR. `number`: of this message within the file, from 1.
///
/// # Errors
/// A value that cannot stand in a message.
pub fn siu(
    change: &BookingChange<'_>,
    number: usize,
    processing: Processing,
    at: Moment,
    zone: &Zone,
) -> Result<Vec<u8>, Unbuildable> {
    let (trigger, start, list) = match change.new {
        Some((start, list)) => ("S13", Some(start), list),
        None => ("S15", change.booking.start, change.booking.clinic.as_str()),
    };
    let site = change.booking.site.as_ref().map_or("", |s| s.as_str());
    let control = format!("LB{}{number:06}", at.milliseconds());
    let mut message = Builder::default();
    message
        .header()
        .text(3, "LIFEBOAT")
        .text(4, site)
        .text(7, &stamp(at, zone))
        .components(9, &["SIU", trigger, "SIU_S12"])
        .text(10, &control)
        .text(11, processing.code())
        .text(12, "2.5.1");
    let minutes = change.booking.minutes.map_or_else(String::new, |m| m.to_string());
    let unit = if minutes.is_empty() { "" } else { "min" };
    let begins = start.map_or_else(String::new, |at| stamp(at, zone));
    let status = if change.new.is_some() { "Booked" } else { "Cancelled" };
    message
        .segment("SCH")
        .text(1, &change.booking.id)
        .text(2, &change.booking.id)
        .components(6, &[trigger, change.reason])
        .text(7, &change.booking.reason)
        .text(9, &minutes)
        .text(10, unit)
        .components(11, &["", "", "", &begins, "", &change.booking.priority])
        .components(25, &[status]);
    patient(&mut message, change.record);
    message.segment("RGS").text(1, "1");
    message
        .segment("AIS")
        .text(1, "1")
        .components(3, &["", &change.booking.service])
        .text(4, &begins)
        .text(7, &minutes)
        .text(8, unit);
    message.segment("AIL").text(1, "1").components(3, &[list, "", "", site]).text(6, &begins);
    if !change.booking.clinician.is_empty() {
        message.segment("AIP").text(1, "1").components(3, &["", &change.booking.clinician]);
    }
    message.build()
}

fn patient(message: &mut Builder, record: &PatientRecord) {
    let mut numbers: Vec<[&str; 5]> = Vec::new();
    for identifier in &record.identifiers {
        match identifier.kind {
            IdentifierKind::Nhs => numbers.push([&identifier.value, "", "", "NHS", "NH"]),
            IdentifierKind::Mrn => {
                numbers.push([&identifier.value, "", "", &identifier.assigner, "MR"]);
            }
            IdentifierKind::Technical | IdentifierKind::Other => {}
        }
    }
    let numbers: Vec<&[&str]> = numbers.iter().map(<[&str; 5]>::as_slice).collect();
    let name = record.name.clone().unwrap_or_default();
    let (first, others) =
        name.given.split_first().map_or(("", String::new()), |(f, o)| (f.as_str(), o.join(" ")));
    let sex = match record.sex {
        Some(Sex::Female) => "F",
        Some(Sex::Male) => "M",
        Some(Sex::Other) => "O",
        Some(Sex::Unknown) | None => "U",
    };
    let born = record.birth_date.map_or_else(String::new, |d| d.iso().replace('-', ""));
    message
        .segment("PID")
        .text(1, "1")
        .repetitions(3, &numbers)
        .components(5, &[&name.family, first, &others, &name.suffix, &name.prefix])
        .text(7, &born)
        .text(8, sex);
}

/// "20260512093000": by the hospital's clocks.
fn stamp(at: Moment, zone: &Zone) -> String {
    let c = zone.civil(at);
    format!("{:04}{:02}{:02}{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second)
}

/// Everything that was postponed or rebooked on that ground, as one file of messages.
///
/// # Errors
/// The record could not be read, or a message not written.
pub fn bookings(room: &ControlRoom, ground: Ground, at: Moment, zone: &Zone) -> Result<Vec<u8>, Fault> {
    let postponed: Vec<(care::clinics::BookingKey, Handled)> = room.clinics().read(|book| {
        let all = book.picture(practice_of(ground)).all();
        all.filter(|(_, h)| h.postponed()).map(|(key, h)| (key.clone(), h.clone())).collect()
    });
    let keys: Vec<_> = postponed.iter().map(|(key, _)| key.clone()).collect();
    let rows = room.bookings(ground, &keys)?;
    let processing = Processing::of(ground, room.watermark().is_some());
    let mut out = Vec::new();
    for (index, ((key, handled), row)) in postponed.iter().zip(rows).enumerate() {
        let Some(row) = row else { continue };
        let reason = handled.decision.as_ref().map_or("", |d| d.rule.as_str());
        let change = BookingChange {
            record: &row.record,
            booking: &row.booking,
            new: handled.rebooked.as_ref().map(|r| (r.start, r.list.as_str())),
            reason: basics::clip(reason, 200),
        };
        let message = siu(&change, index + 1, processing, at, zone)
            .map_err(|why| Fault::Unbuildable { id: key.id.clone(), why })?;
        out.extend(message);
    }
    Ok(out)
}
