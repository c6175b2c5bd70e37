//! Which column of a list is taken for what: by the headings people give them, or as the feed's configuration says.
//!
//! Always: what the configuration says comes first; a column is taken for one thing, the first that fits; what was not
//! recognised is told, so that a person can confirm once what it holds (`map`).

use super::map::ColumnMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Booking,
    NhsNumber,
    HospitalNumber,
    Family,
    Given,
    BirthDate,
    Sex,
    Phone,
    Mobile,
    Email,
    Address,
    Postcode,
    Language,
    Interpreter,
    Site,
    Clinic,
    Service,
    Clinician,
    Start,
    Date,
    Time,
    Minutes,
    Reason,
    Priority,
    Status,
    Referred,
    FasterDiagnosisFrom,
    CancerTreatmentFrom,
    CancelledBefore,
    SpecialList,
    NextDue,
    Note,
}

/// A feed's own headings, from its configuration: heading as written → what it holds.
pub type Headings = BTreeMap<String, Column>;

/// Headings that people give, folded: the first is the column's name in messages.
const HEADINGS: [(Column, &[&str]); 32] = [
    (
        Column::Booking,
        &[
            "appointment id",
            "appointment number",
            "booking id",
            "booking reference",
            "case id",
            "case number",
            "appt id",
            "appt no",
            "id",
        ],
    ),
    (Column::NhsNumber, &["nhs number", "nhs no", "nhs"]),
    (
        Column::HospitalNumber,
        &["mrn", "hospital number", "hospital no", "unit number", "pas number", "patient number"],
    ),
    (Column::Family, &["family", "family name", "surname", "last name"]),
    (Column::Given, &["given", "given name", "forename", "forenames", "first name"]),
    (Column::BirthDate, &["dob", "date of birth", "birth date", "born"]),
    (Column::Sex, &["sex", "gender"]),
    (Column::Phone, &["phone", "telephone", "home phone", "tel"]),
    (Column::Mobile, &["mobile", "mobile phone", "mobile number"]),
    (Column::Email, &["email", "e mail", "mail"]),
    (Column::Address, &["address", "home address"]),
    (Column::Postcode, &["postcode", "post code"]),
    (Column::Language, &["language", "preferred language"]),
    (Column::Interpreter, &["interpreter", "interpreter needed"]),
    (Column::Site, &["site", "hospital"]),
    (Column::Clinic, &["clinic", "clinic name", "theatre", "list", "session"]),
    (Column::Service, &["service", "specialty", "speciality"]),
    (Column::Clinician, &["clinician", "consultant", "surgeon", "doctor"]),
    (
        Column::Start,
        &["start", "start time", "date and time", "appointment time", "appointment date and time"],
    ),
    (Column::Date, &["date", "appointment date", "operation date", "tci date"]),
    (Column::Time, &["time", "appt time"]),
    (Column::Minutes, &["minutes", "duration", "duration minutes", "length"]),
    (Column::Reason, &["reason", "procedure", "operation", "appointment type"]),
    (Column::Priority, &["priority", "urgency", "p category", "surgical priority"]),
    (Column::Status, &["status", "appointment status"]),
    (Column::Referred, &["referred", "referral date", "date of referral", "rtt start", "clock start"]),
    (
        Column::FasterDiagnosisFrom,
        &["faster diagnosis from", "fds clock start", "suspected cancer referral date"],
    ),
    (Column::CancerTreatmentFrom, &["cancer treatment from", "62 day clock start"]),
    (Column::CancelledBefore, &["cancelled before", "previous cancellations", "times cancelled"]),
    (Column::SpecialList, &["special list", "treatment list", "on list", "register"]),
    (Column::NextDue, &["next due", "due", "next treatment", "next test", "next session", "due date"]),
    (Column::Note, &["note", "notes", "comment", "comments"]),
];

impl Column {
    /// All that a column may hold, in the order of a form.
    pub fn all() -> impl Iterator<Item = Self> {
        HEADINGS.iter().map(|(column, _)| *column)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        HEADINGS
            .iter()
            .find(|(column, _)| *column == self)
            .and_then(|(_, names)| names.first())
            .copied()
            .unwrap_or("")
    }

    fn of_heading(folded: &str) -> Option<Self> {
        HEADINGS.iter().find(|(_, names)| names.contains(&folded)).map(|(column, _)| *column)
    }
}

/// Small letters and digits, everything else a space.
pub(super) fn folded(text: &str) -> String {
    let words: String =
        text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of a heading, so many bytes are told.
const HEADING_BYTES_SHOWN: usize = 60;

/// Which column of one list is taken for what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mapping {
    at: BTreeMap<Column, usize>,
    /// What was recognised: the heading as written, and what it is taken for; in the list's order.
    pub taken: Vec<(String, Column)>,
    /// Headings that are taken for nothing.
    pub passed_over: Vec<String>,
}

impl Mapping {
    /// The mapping of a heading; `own` is what the feed's configuration says.
    pub fn of(heading: &[String], own: &Headings) -> Self {
        let own: BTreeMap<String, Column> =
            own.iter().map(|(name, column)| (folded(name), *column)).collect();
        let mut mapping = Self::default();
        // The configuration's columns first, so that a heading that is merely alike does not take their place.
        for said in [true, false] {
            for (index, name) in heading.iter().enumerate() {
                let key = folded(name);
                let column = if said {
                    own.get(&key).copied()
                } else {
                    Column::of_heading(&key).filter(|_| !own.contains_key(&key))
                };
                if let Some(column) = column {
                    mapping.at.entry(column).or_insert(index);
                }
            }
        }
        mapping.told(heading.iter());
        mapping
    }

    /// The mapping that a person confirmed.
    pub fn confirmed(map: &ColumnMap) -> Self {
        let mut mapping = Self::default();
        for (index, column) in map.columns.iter().enumerate() {
            if let Some(holds) = column.holds {
                mapping.at.entry(holds).or_insert(index);
            }
        }
        mapping.told(map.columns.iter().map(|column| &column.heading));
        mapping
    }

    fn told<'h>(&mut self, heading: impl Iterator<Item = &'h String>) {
        for (index, name) in heading.enumerate() {
            match self.holds(index) {
                Some(column) => self.taken.push((name.clone(), column)),
                None => self.passed_over.push(name.clone()),
            }
        }
    }

    /// What the column at an index holds.
    pub(super) fn holds(&self, index: usize) -> Option<Column> {
        self.at.iter().find(|(_, at)| **at == index).map(|(column, _)| *column)
    }

    /// The index of a column.
    pub(super) fn at(&self, column: Column) -> Option<usize> {
        self.at.get(&column).copied()
    }

    /// What the list calls a column, short enough for a sentence.
    pub(super) fn heading(&self, column: Column) -> Option<String> {
        let (heading, _) = self.taken.iter().find(|(_, taken)| *taken == column)?;
        Some(basics::tidy(heading, HEADING_BYTES_SHOWN))
    }

    /// Whether it is a service's list of people on a treatment, and not one of bookings.
    pub(super) fn of_treatments(&self) -> bool {
        self.at.contains_key(&Column::SpecialList) && !self.at.contains_key(&Column::Booking)
    }

    /// What such a list cannot do without and this one does not have.
    pub fn missing(&self) -> Vec<Column> {
        let mut missing = Vec::new();
        let any = |columns: &[Column]| columns.iter().any(|c| self.at.contains_key(c));
        for (wanted, or) in [
            (Column::Booking, &[][..]),
            (Column::Start, &[Column::Date]),
            (Column::NhsNumber, &[Column::HospitalNumber]),
            (Column::Clinic, &[Column::Service]),
        ] {
            let needed = !self.of_treatments() || wanted == Column::NhsNumber;
            if needed && !any(&[wanted]) && !any(or) {
                missing.push(wanted);
            }
        }
        missing
    }
}
