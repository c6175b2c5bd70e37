//! One row of a list of bookings: whose it is, who that is, and the booking.
//!
//! Always: a row that names no patient, number or time is refused with what to mend; a date is day before month, as in
//! Britain, or ISO 8601, and one that cannot be is refused. Never: the row's words in a reason.

use super::columns::{Column, Mapping};
use crate::words::{line, running};
use crate::{FeedRules, Received};
use basics::csv::Row;
use basics::{Civil, Moment, NhsNumber, PartialDate, SiteId};
use care::fact::Demographics;
use care::patient::{Address, Telecom};
use care::{
    About, Appointment, AppointmentStatus, Identifier, IdentifierKind, PersonName, Sex, Update, What,
};

/// What a row says.
pub(super) struct Read {
    pub booking: String,
    pub about: About,
    pub facts: Vec<What>,
    /// What was odd, in words.
    pub odd: Vec<String>,
}

struct Fields<'a> {
    mapping: &'a Mapping,
    row: &'a Row,
}

impl<'a> Fields<'a> {
    /// A field as it was meant: an export puts an apostrophe before what a spreadsheet would take for a formula.
    fn get(&self, column: Column) -> &'a str {
        let field = self.mapping.at(column).map_or("", |at| self.row.field(at));
        match field.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            _ => field,
        }
    }

    fn line(&self, column: Column) -> String {
        line(self.get(column))
    }

    fn date(&self, column: Column) -> Result<Option<PartialDate>, String> {
        match self.get(column) {
            "" => Ok(None),
            text => date(text).map(Some).ok_or_else(|| {
                format!("{} is no date; write 2026-03-12 or 12/03/2026, day before month", column.name())
            }),
        }
    }

    fn number(&self, column: Column, most: u32) -> Result<Option<u32>, String> {
        match self.get(column) {
            "" => Ok(None),
            text => match text.parse::<u32>() {
                Ok(number) if number <= most => Ok(Some(number)),
                _ => Err(format!("{} is no whole number from 0 to {most}", column.name())),
            },
        }
    }
}

/// Longest number of a booking or patient, in bytes.
const NUMBER_BYTES_MAX: usize = 64;

pub(super) fn read(
    mapping: &Mapping,
    row: &Row,
    received: &Received,
    rules: &FeedRules,
) -> Result<Read, String> {
    let fields = Fields { mapping, row };
    let booking = fields.line(Column::Booking);
    if booking.is_empty() || booking.len() > NUMBER_BYTES_MAX {
        return Err("it has no appointment id, so that later changes could not find it".to_owned());
    }
    let mut odd = Vec::new();
    let identifiers = identifiers(&fields, rules, &mut odd)?;
    let start = start(&fields, received, rules)?;
    let minutes = fields.number(Column::Minutes, 1_440)?.filter(|minutes| *minutes > 0);
    let (clinic, service) = (fields.line(Column::Clinic), fields.line(Column::Service));
    if clinic.is_empty() && service.is_empty() {
        return Err("it names neither a clinic or theatre nor a service".to_owned());
    }
    let site = SiteId::new(fields.get(Column::Site)).or_else(|| rules.site.clone());
    let appointment = Appointment {
        id: booking.clone(),
        status: status(&fields.line(Column::Status))?,
        start: Some(start),
        minutes,
        site,
        clinic: if clinic.is_empty() { service.clone() } else { clinic },
        clinician: clinician(&fields.line(Column::Clinician)),
        service,
        reason: fields.line(Column::Reason),
        priority: fields.line(Column::Priority),
        note: running(fields.get(Column::Note)),
        referred: fields.date(Column::Referred)?,
        faster_diagnosis_from: fields.date(Column::FasterDiagnosisFrom)?,
        cancer_treatment_from: fields.date(Column::CancerTreatmentFrom)?,
        cancelled_before: fields.number(Column::CancelledBefore, 1_000)?,
        cite: None,
    };
    let person = person(&fields)?;
    let facts = vec![What::Person(Box::new(person)), What::Appointment(Box::new(appointment))];
    Ok(Read { booking, about: About { identifiers }, facts, odd })
}

fn identifiers(
    fields: &Fields<'_>,
    rules: &FeedRules,
    odd: &mut Vec<String>,
) -> Result<Vec<Identifier>, String> {
    let mut found = Vec::new();
    let (nhs, mrn) = (fields.get(Column::NhsNumber), fields.line(Column::HospitalNumber));
    match NhsNumber::parse(nhs) {
        Some(number) => found.push(Identifier::nhs(number)),
        None if nhs.is_empty() => {}
        None if mrn.is_empty() => {
            return Err("its NHS number does not pass its check, and there is no hospital number".to_owned());
        }
        None => {
            odd.push("An NHS number does not pass its check; it is not used to find the patient.".to_owned())
        }
    }
    if !mrn.is_empty() && mrn.len() <= NUMBER_BYTES_MAX {
        let assigner = rules.mrn_assigner_default.clone();
        found.push(Identifier { kind: IdentifierKind::Mrn, assigner, value: mrn });
    }
    if found.is_empty() {
        return Err("it names no patient: neither an NHS number nor a hospital number".to_owned());
    }
    Ok(found)
}

/// When it begins: one field with date and time, or two.
fn start(fields: &Fields<'_>, received: &Received, rules: &FeedRules) -> Result<Moment, String> {
    let wanted =
        || "its time cannot be read; write 2026-03-12 08:00 or 12/03/2026 08:00, day before month".to_owned();
    let whole = fields.get(Column::Start);
    let (day, time) = match whole {
        "" => (fields.get(Column::Date), fields.get(Column::Time)),
        whole => whole.split_once(['T', ' ']).ok_or_else(wanted)?,
    };
    if whole.contains('T')
        && let Some(moment) = Moment::parse_rfc3339(whole)
    {
        return Ok(moment);
    }
    let (year, month, day) = date(day)
        .and_then(|d| match d.numbers() {
            (year, Some(month), Some(day)) => Some((year, month, day)),
            _ => None,
        })
        .ok_or_else(wanted)?;
    let (hour, minute) = clock(time).ok_or_else(wanted)?;
    let civil = Civil { year, month, day, hour, minute, second: 0, millisecond: 0 };
    let tonight = rules.zone.heard_at(received.received);
    tonight.as_ref().unwrap_or(&rules.zone).moment(civil).ok_or_else(wanted)
}

/// "08:00", "8.00", "08:00:00".
fn clock(text: &str) -> Option<(i8, i8)> {
    let mut parts = text.trim().split([':', '.']);
    let mut two = |most: i8| {
        let part = parts.next()?;
        let number: i8 = part.parse().ok()?;
        ((1..=2).contains(&part.len()) && (0..=most).contains(&number)).then_some(number)
    };
    let (hour, minute) = (two(23)?, two(59)?);
    // Seconds may follow; nothing else.
    let rest = parts.next().is_none_or(|s| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()));
    (rest && parts.next().is_none()).then_some((hour, minute))
}

/// ISO 8601, or day before month: "12/03/2026", "12.3.2026", "12-Mar-2026". Two-digit years are not guessed.
fn date(text: &str) -> Option<PartialDate> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.trim();
    // A spreadsheet's date often carries midnight with it.
    let text = text.strip_suffix(" 00:00:00").or_else(|| text.strip_suffix(" 00:00")).unwrap_or(text);
    if let Some(date) = PartialDate::parse_iso(text).filter(|d| matches!(d.numbers(), (_, Some(_), Some(_))))
    {
        return Some(date);
    }
    let mut parts = text.split(['/', '.', '-', ' ']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let by_name = month.get(..3).map(str::to_ascii_lowercase);
    let by_name = by_name
        .and_then(|m| MONTHS.iter().position(|name| *name == m))
        .and_then(|m| i8::try_from(m + 1).ok());
    let month = month.parse::<i8>().ok().or(by_name)?;
    PartialDate::from_numbers(year.parse().ok()?, Some(month), Some(day.parse().ok()?))
}

/// A list says of a booking that stands only that it is listed: it may be older than the message that moved it.
fn status(said: &str) -> Result<AppointmentStatus, String> {
    let said = said.to_ascii_lowercase();
    Ok(match said.as_str() {
        "" | "booked" | "confirmed" | "scheduled" | "active" => AppointmentStatus::Listed,
        "rescheduled" | "moved" | "rebooked" => AppointmentStatus::Rescheduled,
        "arrived" | "checked in" | "attended" => AppointmentStatus::Arrived,
        "completed" | "complete" | "seen" => AppointmentStatus::Completed,
        "dna" | "did not attend" | "no show" => AppointmentStatus::DidNotAttend,
        "deleted" => AppointmentStatus::Deleted,
        cancelled if cancelled.starts_with("cancel") => AppointmentStatus::Cancelled,
        _ => return Err("its status is not known; write booked, cancelled, arrived or completed".to_owned()),
    })
}

/// "Costa, Ivan" as messages have it: "Ivan Costa".
fn clinician(text: &str) -> String {
    match text.split_once(", ") {
        Some((family, given)) if !given.contains(',') => format!("{given} {family}"),
        _ => text.to_owned(),
    }
}

fn person(fields: &Fields<'_>) -> Result<Demographics, String> {
    let set = |text: String| if text.is_empty() { Update::Keep } else { Update::Set(text) };
    let (family, given) = (fields.line(Column::Family), fields.line(Column::Given));
    let name = PersonName {
        family,
        given: given.split_whitespace().map(str::to_owned).collect(),
        ..PersonName::default()
    };
    let named = !(name.family.is_empty() && name.given.is_empty());
    let postcode = fields.line(Column::Postcode);
    let lines: Vec<String> =
        fields.get(Column::Address).split([',', '\n']).map(line).filter(|l| !l.is_empty()).collect();
    let address = Address { lines, postcode };
    let telecom = |column: Column, use_: &str| Telecom { use_: use_.to_owned(), value: fields.line(column) };
    let telecoms =
        [telecom(Column::Mobile, "mobile"), telecom(Column::Phone, "home"), telecom(Column::Email, "email")];
    let interpreter = fields.get(Column::Interpreter);
    Ok(Demographics {
        // A list says nothing of when its rows were true: beside a message it takes nothing back.
        only_fills: true,
        name: if named { Update::Set(name) } else { Update::Keep },
        birth_date: fields.date(Column::BirthDate)?.map_or(Update::Keep, Update::Set),
        sex: sex(fields.get(Column::Sex)),
        address: if address == Address::default() { Update::Keep } else { Update::Set(address) },
        telecoms: telecoms.into_iter().filter(|t| !t.value.is_empty()).collect(),
        language: set(fields.line(Column::Language)),
        // Most lists write the language here: whatever is not a no is a yes.
        interpreter_needed: match interpreter.trim().to_lowercase().as_str() {
            "" => Update::Keep,
            "n" | "no" | "none" | "false" | "0" | "not needed" | "not required" => Update::Set(false),
            _ => Update::Set(true),
        },
        ..Demographics::default()
    })
}

fn sex(text: &str) -> Update<Sex> {
    match text.to_ascii_uppercase().as_str() {
        "F" | "FEMALE" => Update::Set(Sex::Female),
        "M" | "MALE" => Update::Set(Sex::Male),
        "O" | "OTHER" | "X" => Update::Set(Sex::Other),
        "U" | "UNKNOWN" => Update::Set(Sex::Unknown),
        _ => Update::Keep,
    }
}
