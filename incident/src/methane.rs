//! METHANE: the opening report of an incident, in the seven headings that every emergency service knows (JESIP).
//!
//! Always: amended by a new report that names what it corrects; earlier ones stay. Proved by `tests/life.rs`.

use crate::book::Asked;
use crate::declare::NotThere;
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Stamp};
use basics::EntryNumber;
use serde::{Deserialize, Serialize};

/// The report. Headings that are not known yet stay empty and are shown as "not known yet".
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Methane {
    /// M: is it a major incident, and who says so.
    pub major_incident: String,
    /// E: exact location; for a cyber attack, which sites and which networks.
    pub exact_location: String,
    /// T: type of incident.
    pub incident_type: String,
    /// H: hazards, present and expected.
    pub hazards: String,
    /// A: access; for a cyber attack, which ways of calling and getting in still work.
    pub access: String,
    /// N: number of casualties or patients affected, as far as is known.
    pub number_of_casualties: String,
    /// E: emergency services and other bodies told or needed.
    pub emergency_services: String,
}

impl Methane {
    /// Letter, heading and what is written there, in order.
    pub fn headings(&self) -> [(char, &'static str, &str); 7] {
        [
            ('M', "Major incident", &self.major_incident),
            ('E', "Exact location", &self.exact_location),
            ('T', "Type of incident", &self.incident_type),
            ('H', "Hazards", &self.hazards),
            ('A', "Access", &self.access),
            ('N', "Number of casualties", &self.number_of_casualties),
            ('E', "Emergency services", &self.emergency_services),
        ]
    }

    /// Tidied; at least one heading must say something.
    pub(crate) fn checked(self) -> Result<Self, Wording> {
        let heading = |what, text: String| wording::note_or_empty(what, &text);
        let checked = Self {
            major_incident: heading("“Major incident”", self.major_incident)?,
            exact_location: heading("“Exact location”", self.exact_location)?,
            incident_type: heading("“Type of incident”", self.incident_type)?,
            hazards: heading("“Hazards”", self.hazards)?,
            access: heading("“Access”", self.access)?,
            number_of_casualties: heading("“Number of casualties”", self.number_of_casualties)?,
            emergency_services: heading("“Emergency services”", self.emergency_services)?,
        };
        if checked == Self::default() { Err(Wording::Empty("the METHANE report")) } else { Ok(checked) }
    }
}

/// Every report of an incident, the newest last.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    reports: Vec<(Stamp, Methane)>,
}

/// Reports kept for one incident.
pub const REPORTS_MAX: usize = 200;

impl Reports {
    /// The report that holds now.
    pub fn current(&self) -> Option<&(Stamp, Methane)> {
        self.reports.last()
    }

    /// Every report, the oldest first; each corrects the one before.
    pub fn all(&self) -> &[(Stamp, Methane)] {
        &self.reports
    }

    pub(crate) fn add_opening(&mut self, stamp: &Stamp, methane: Option<Methane>) {
        self.reports.extend(methane.map(|m| (stamp.clone(), m)));
    }
}

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A report was made, or made again.
    Reported {
        /// Of which incident.
        incident: IncidentId,
        /// The whole report as it holds from now on.
        report: Methane,
        /// The entry of the report that it corrects; `None` for the first.
        corrects: Option<EntryNumber>,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
pub enum Intent {
    /// Make the report, or make it again.
    Report {
        /// Of which incident.
        incident: IncidentId,
        /// The whole report.
        report: Methane,
        /// The entry of the report that the writer saw and corrects; `None` for the first.
        corrects: Option<EntryNumber>,
    },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident to act in.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// Somebody else was faster.
    #[error(
        "{by} changed the METHANE report at {at} (entry {entry}) while you wrote; read it, then send yours again"
    )]
    ChangedMeanwhile {
        /// Who.
        by: String,
        /// When.
        at: String,
        /// Its entry.
        entry: u64,
    },
    /// Nothing would change.
    #[error("the METHANE report says this already")]
    Same,
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let Intent::Report { incident, report, corrects } = intent;
    let found = asked.running(incident)?;
    let report = report.checked()?;
    wording::at_most("METHANE reports", found.methane.reports.len() + 1, REPORTS_MAX)?;
    if let Some((stamp, current)) = found.methane.current() {
        if corrects != Some(stamp.entry) {
            let (by, at) = (stamp.by.to_string(), asked.say(stamp.at));
            return Err(Refusal::ChangedMeanwhile { by, at, entry: stamp.entry.0 });
        }
        if *current == report {
            return Err(Refusal::Same);
        }
    }
    let corrects = found.methane.current().map(|(stamp, _)| stamp.entry);
    Ok(vec![Fact::Reported { incident, report, corrects }])
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let Fact::Reported { incident, report, .. } = fact;
    if let Some(found) = book.incidents.get_mut(&incident) {
        found.methane.reports.push((stamp.clone(), report));
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, _: &IncidentBook) -> String {
        let Self::Reported { report, corrects, .. } = self;
        let what = corrects.map_or_else(
            || "METHANE report".to_owned(),
            |entry| format!("METHANE report, corrects entry {entry}"),
        );
        let headings = report.headings();
        let said = headings.iter().filter(|(_, _, text)| !text.is_empty());
        let said: Vec<String> = said.map(|(_, heading, text)| format!("{heading}: {text}")).collect();
        format!("{what}. {}", said.join(". "))
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Methane
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        let Self::Reported { incident, .. } = self;
        Some(*incident)
    }
}
