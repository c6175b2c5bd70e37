//! `lifeboat clinics list --day D`: everybody who is booked on a day, from whatever said so, with class and reason.
//!
//! Always: bookings of lists, SIU messages and FHIR in one; the dead and those on a ward are marked; how many there are and
//! how many are cancelled. Proved by `tests/clinics_lists.rs`.

use super::super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use crate::{json, table};
use basics::{Moment, PartialDate, SiteId, Zone};
use care::appointments::{SystemWorks, Verdict, Works, case_of, triage};
use care::{Appointment, AppointmentStatus, PatientRecord};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct ListArgs {
    /// The day, as 2026-03-12
    #[arg(long)]
    day: String,
    /// Only bookings at this hospital
    #[arg(long)]
    site: Option<String>,
    /// This system is down; may be given several times
    #[arg(long, value_name = "SYSTEM")]
    down: Vec<String>,
    /// A folder of rules instead of those that come with the program
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// JSON lines: one for each booking, then the sum
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one at a time, on its way to a line of text")]
enum Line<'a> {
    Booking {
        id: &'a str,
        start: Option<String>,
        minutes: Option<u32>,
        site: Option<&'a str>,
        clinic: &'a str,
        service: &'a str,
        clinician: &'a str,
        reason: &'a str,
        priority: &'a str,
        status: &'static str,
        nhs_number: Option<String>,
        mrns: Vec<&'a str>,
        family: Option<&'a str>,
        given: Option<String>,
        died: bool,
        on_a_ward: bool,
        recognised_as: Option<&'a str>,
        class: char,
        doable: bool,
        rules: Vec<&'static str>,
        why: String,
        as_at: Option<String>,
    },
    Sum {
        day: &'a str,
        bookings: usize,
        cancelled: usize,
        signed_off_by: Option<&'a str>,
    },
}

struct Booked {
    record: Arc<PatientRecord>,
    booking: Appointment,
    verdict: Verdict,
}

pub fn run(place: Place, args: ListArgs) -> Result<Ending, Failure> {
    let day = PartialDate::parse_iso(&args.day)
        .filter(|d| matches!(d.numbers(), (_, Some(_), Some(_))))
        .ok_or_else(|| Failure::usage(format!("--day {}: write it as 2026-03-12", args.day)))?;
    let rules = match &args.rules {
        Some(folder) => super::rules_in(folder),
        None => super::shipped_rules(),
    };
    let rules = rules.map_err(|faults| Failure::failed(format!("these rules are not used:\n{faults}")))?;
    let mut works = Works::default();
    for name in &args.down {
        let Some(system) = rules.system(name) else {
            return Err(Failure::usage(format!(
                "--down {name}: the rules know no such system; `lifeboat clinics check` lists what bookings need"
            )));
        };
        works.say(system.name(), SystemWorks::Down("down".to_owned()));
    }
    let site = args.site.as_deref().and_then(SiteId::new);
    let config = place.config()?;
    let zone = config.zone.clone();
    let store = Store::open(config, Begin::Never)?;
    let room = store.room()?;
    progress::catch_up(&room)?;
    let mut booked = Vec::new();
    for record in room.patients()? {
        let record = record?;
        if record.merged_into.is_some() {
            continue;
        }
        for booking in record.appointments.iter().filter(|a| on_day(a, &zone, day)) {
            if site.is_some() && booking.site != site {
                continue;
            }
            let on = booking.start.unwrap_or_default();
            let verdict = triage(&case_of(booking, &zone, on), &rules, &works);
            booked.push(Booked { record: record.clone(), booking: booking.clone(), verdict });
        }
    }
    room.close();
    let all = booked.len();
    let gone = |status| matches!(status, AppointmentStatus::Cancelled | AppointmentStatus::Deleted);
    booked.retain(|b| !gone(b.booking.status));
    booked.sort_by(|a, b| {
        let key = |x: &Booked| (x.booking.clinic.clone(), x.booking.start, x.booking.id.clone());
        key(a).cmp(&key(b))
    });
    let cancelled = all - booked.len();
    let signed_off_by = rules.thresholds.signed_off_by.as_deref();
    if args.json {
        booked.iter().for_each(for_scripts);
        json::line(&Line::Sum { day: &args.day, bookings: booked.len(), cancelled, signed_off_by });
    } else {
        for_people(&booked, &zone);
        table::put(&format!("{} bookings on {}; {cancelled} more are cancelled", booked.len(), args.day));
        if signed_off_by.is_none() {
            table::put("These rules are proposals; nobody has signed them off locally yet.");
        }
    }
    Ok(Ending::Fine)
}

fn on_day(booking: &Appointment, zone: &Zone, day: PartialDate) -> bool {
    booking.start.is_some_and(|start| zone.date(start) == day)
}

fn on_a_ward(record: &PatientRecord) -> bool {
    care::ward_list::ward_of(record).is_some()
}

fn for_people(booked: &[Booked], zone: &Zone) {
    let row = |b: &Booked| {
        let marks = match (b.record.died.is_some(), on_a_ward(&b.record)) {
            (true, _) => "DIED",
            (false, true) => "on a ward",
            (false, false) => "",
        };
        vec![
            b.booking.start.map(|at| zone.hour_minute(at)).unwrap_or_default(),
            b.booking.clinic.clone(),
            b.record.name.as_ref().map(care::PersonName::banner).unwrap_or_default(),
            b.verdict.class.letter().to_string(),
            b.booking.reason.clone(),
            b.verdict.words(),
            marks.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = booked.iter().map(row).collect();
    table::print(&["time", "clinic", "name", "class", "reason", "rules", ""], &rows);
}

fn for_scripts(b: &Booked) {
    let (record, booking, verdict) = (&b.record, &b.booking, &b.verdict);
    json::line(&Line::Booking {
        id: &booking.id,
        start: booking.start.map(Moment::rfc3339),
        minutes: booking.minutes,
        site: booking.site.as_ref().map(SiteId::as_str),
        clinic: &booking.clinic,
        service: &booking.service,
        clinician: &booking.clinician,
        reason: &booking.reason,
        priority: &booking.priority,
        status: booking.status.word(),
        nhs_number: record.nhs_number().map(|n| n.digits()),
        mrns: record.mrns().collect(),
        family: record.name.as_ref().map(|n| n.family.as_str()),
        given: record.name.as_ref().map(|n| n.given.join(" ")),
        died: record.died.is_some(),
        on_a_ward: on_a_ward(record),
        recognised_as: verdict.kind.as_deref(),
        class: verdict.class.letter(),
        doable: verdict.doable,
        rules: verdict.grounds.iter().map(|g| g.rule.number()).collect(),
        why: verdict.words(),
        as_at: booking.cite.as_ref().map(|c| c.at.rfc3339()),
    });
}
