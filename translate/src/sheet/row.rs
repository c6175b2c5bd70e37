//! One row of a list of bookings: whose it is, who that is, and the booking.
//!
//! Always: a row that names no patient, number or time is refused with what to mend and in which column; a date is day
//! before month, as in Britain, or ISO 8601 (`when`). Never: the row's words in a reason.

use super::columns::{Column, Mapping};
use super::when::{self, When};
use crate::words::{line, running};
use crate::{FeedRules, Received};
use basics::csv::Row;
use basics::{Civil, Moment, NhsNumber, PartialDate, SiteId, Zone};
use care::fact::Demographics;
use care::patient::{Address, Telecom};
use care::special_lists::Listing;
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
    zone: &'a Zone,
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

    fn when(&self, column: Column) -> Result<When, String> {
        let text = self.get(column);
        // "08.30.00" is a day of year 0 anywhere else.
        let bare = (column == Column::Time).then(|| when::clock(text)).flatten();
        if bare.is_some() {
            return Ok(When { time: bare, ..When::default() });
        }
        when::read(text, self.zone).map_err(|why| format!("{} {why}", self.headings(&[column])))
    }

    fn date(&self, column: Column) -> Result<Option<PartialDate>, String> {
        match (self.get(column), self.when(column)?.day) {
            ("", _) => Ok(None),
            (_, Some(day)) => Ok(Some(day)),
            (_, None) => Err(format!("{} {}", self.headings(&[column]), when::NOT_READ)),
        }
    }

    /// The columns as the list heads them, for a person who looks there.
    fn headings(&self, columns: &[Column]) -> String {
        let named: Vec<String> =
            columns.iter().filter_map(|c| self.mapping.heading(*c)).map(|h| format!("“{h}”")).collect();
        named.join(" or ")
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

/// Longest name of a special list, in bytes.
const LIST_NAME_BYTES_MAX: usize = 80;
/// Longest number of a booking or patient, in bytes.
const NUMBER_BYTES_MAX: usize = 64;

pub(super) fn read(
    mapping: &Mapping,
    row: &Row,
    received: &Received,
    rules: &FeedRules,
) -> Result<Read, String> {
    let fields = Fields { mapping, row, zone: &rules.zone };
    if mapping.of_treatments() {
        return treatment(&fields, rules);
    }
    let booking = fields.line(Column::Booking);
    if booking.is_empty() || booking.len() > NUMBER_BYTES_MAX {
        return Err("it has no appointment id, so that later changes could not find it".to_owned());
    }
    let mut odd = Vec::new();
    let identifiers = identifiers(&fields, rules, &mut odd)?;
    let start = start(&fields, received)?;
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

/// A row of a service's list: who is on which treatment, and when they are next due.
fn treatment(fields: &Fields<'_>, rules: &FeedRules) -> Result<Read, String> {
    let list = fields.line(Column::SpecialList);
    if list.is_empty() || list.len() > LIST_NAME_BYTES_MAX {
        return Err(format!(
            "{} names no list; write Dialysis, Insulin or suchlike",
            fields.headings(&[Column::SpecialList])
        ));
    }
    let mut odd = Vec::new();
    let identifiers = identifiers(fields, rules, &mut odd)?;
    let next_due = fields.date(Column::NextDue)?;
    let listing = Listing { list, next_due, note: running(fields.get(Column::Note)), cite: None };
    let facts = vec![What::Person(Box::new(person(fields)?)), What::Listed(Box::new(listing))];
    Ok(Read { booking: String::new(), about: About { identifiers }, facts, odd })
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

/// When it begins: one column with day and time, or each in its own; a column may hold more than its heading says.
fn start(fields: &Fields<'_>, received: &Received) -> Result<Moment, String> {
    let columns = [Column::Start, Column::Date, Column::Time];
    let whole = fields.when(Column::Start)?;
    let enough = whole.day.is_some() && whole.time.is_some_and(|time| time != MIDNIGHT);
    let (time, date) = match enough {
        true => (When::default(), When::default()),
        false => (fields.when(Column::Time)?, fields.when(Column::Date)?),
    };
    // A spreadsheet keeps a bare time as one of its first days, and a bare day with midnight.
    let of_time = time.day.filter(|day| day.numbers().0 > SPREADSHEET_YEAR);
    let day = whole.day.or(date.day).or(of_time);
    let told: Vec<(i8, i8)> = [whole, time, date].iter().filter_map(|when| when.time).collect();
    let clock = told.iter().find(|time| **time != MIDNIGHT).or(told.first()).copied();
    let (Some(day), Some((hour, minute))) = (day, clock) else {
        let what = if day.is_none() { "day" } else { "time of day" };
        return Err(format!("it says no {what} under {}; {TIMES}", fields.headings(&columns)));
    };
    let (year, Some(month), Some(of_month)) = day.numbers() else { return Err(TIMES.to_owned()) };
    let sure = [whole, time, date]
        .iter()
        .find(|when| when.day == Some(day) && when.time == clock)
        .and_then(|when| when.moment);
    if let Some(moment) = sure {
        return Ok(moment);
    }
    let civil = Civil { year, month, day: of_month, hour, minute, second: 0, millisecond: 0 };
    let tonight = fields.zone.heard_at(received.received);
    tonight.as_ref().unwrap_or(fields.zone).moment(civil).ok_or_else(|| TIMES.to_owned())
}

const MIDNIGHT: (i8, i8) = (0, 0);
/// The year up to which a day beside a time is a spreadsheet's zero.
const SPREADSHEET_YEAR: i16 = 1900;
const TIMES: &str = "write 2026-03-12 08:30 or 12/03/2026 08:30, day before month";

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
