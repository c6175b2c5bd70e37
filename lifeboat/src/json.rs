//! What `--json` prints: JSON lines whose keys are a contract with scripts. Unknown is `null`, dates are ISO 8601,
//! moments RFC 3339 in UTC.

use basics::Moment;
use care::ward_list::{WardPatient, WardRow, WardSummary};
use care::{AllergyKnowledge, FlagKind, PatientKey, PatientRecord, Severity, Sex};
use serde::Serialize;

/// One object on its own line.
pub fn line<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(text) => crate::table::put(&text),
        Err(error) => unreachable!("plain values are always JSON: {error}"),
    }
}

/// A patient. The keys are those of the guide.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct PatientLine {
    pub nhs_number: Option<String>,
    pub mrns: Vec<String>,
    pub family: Option<String>,
    pub given: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<&'static str>,
    pub class: Option<&'static str>,
    pub site: Option<String>,
    pub ward: Option<String>,
    pub room: Option<String>,
    pub bed: Option<String>,
    pub admitted: Option<String>,
    pub discharged: Option<String>,
    pub died: Option<Died>,
    pub allergies: Vec<AllergyLine>,
    pub allergies_status: &'static str,
    pub flags: Vec<FlagLine>,
    pub merged_into: Option<String>,
    pub merged_from: Vec<String>,
    pub as_at: Option<String>,
}

/// When a patient died; `true` where only that is known.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Died {
    /// The moment.
    At(String),
    /// Dead, moment not known.
    Known(bool),
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct AllergyLine {
    pub substance: String,
    pub code: Option<String>,
    pub severity: Option<&'static str>,
    pub reaction: Option<String>,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct FlagLine {
    pub kind: &'static str,
    pub code: Option<String>,
    pub text: String,
}

/// `named` finds another record as kept, for the number of what was merged.
pub fn patient(
    record: &PatientRecord,
    named: &dyn Fn(PatientKey) -> Option<std::sync::Arc<PatientRecord>>,
) -> PatientLine {
    // Where the patient is now; failing that, the last stay tells class and dates but no place.
    let current = record.current_encounter();
    let told = current.or_else(|| record.encounters.iter().max_by_key(|e| e.began()));
    let place = current.and_then(|e| e.location.as_ref());
    let died = record.died.map(|at| at.map_or(Died::Known(true), |at| Died::At(at.rfc3339())));
    PatientLine {
        nhs_number: record.nhs_number().map(|n| n.digits()),
        mrns: record.mrns().map(str::to_owned).collect(),
        family: record.name.as_ref().and_then(|n| text(&n.family)),
        given: record.name.as_ref().and_then(|n| text(&n.given.join(" "))),
        birth_date: record.birth_date.map(|d| d.iso()),
        sex: record.sex.map(sex),
        // A class is of now: somebody discharged has none, so that counting class I counts those who are in.
        class: current.map(|e| e.class.letter()),
        site: place.and_then(|p| p.site.as_ref()).map(ToString::to_string),
        ward: place.and_then(|p| p.ward.as_ref()).map(ToString::to_string),
        room: place.and_then(|p| p.room.clone()),
        bed: place.and_then(|p| p.bed.clone()),
        admitted: told.and_then(|e| e.admitted).map(Moment::rfc3339),
        discharged: told.and_then(|e| e.discharged).map(Moment::rfc3339),
        died,
        allergies: record.allergies.list.iter().map(allergy).collect(),
        allergies_status: knowledge(record.allergies.knowledge),
        flags: record.flags.iter().filter(|f| f.active).map(flag).collect(),
        merged_into: record.merged_into.and_then(named).and_then(|r| number(&r)),
        merged_from: record
            .merged_from
            .iter()
            .filter_map(|key| named(*key))
            .filter_map(|r| number(&r))
            .collect(),
        as_at: record.as_at.any.as_ref().map(|cite| cite.at.rfc3339()),
    }
}

/// The number by which people know a record: the hospital's, else the NHS number, else any.
fn number(record: &PatientRecord) -> Option<String> {
    let own = record.mrns().next().map(str::to_owned);
    own.or_else(|| record.nhs_number().map(|n| n.digits()))
        .or_else(|| record.identifiers.first().map(|i| i.value.clone()))
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Other => "O",
        Sex::Unknown => "U",
    }
}

fn knowledge(knowledge: AllergyKnowledge) -> &'static str {
    match knowledge {
        AllergyKnowledge::Known => "known",
        AllergyKnowledge::NoneKnown => "none_known",
        AllergyKnowledge::NotRecorded => "not_recorded",
        AllergyKnowledge::Unavailable => "unavailable",
    }
}

fn allergy(allergy: &care::AllergyIntolerance) -> AllergyLine {
    AllergyLine {
        substance: if allergy.substance.is_empty() {
            allergy.code.clone()
        } else {
            allergy.substance.clone()
        },
        code: text(&allergy.code),
        severity: allergy.severity.map(|severity| match severity {
            Severity::Mild => "mild",
            Severity::Moderate => "moderate",
            Severity::Severe => "severe",
        }),
        reaction: text(&allergy.reaction),
    }
}

fn flag(flag: &care::Flag) -> FlagLine {
    FlagLine { kind: flag_kind(flag.kind), code: text(&flag.code), text: flag.text.clone() }
}

fn flag_kind(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::Resuscitation => "resuscitation",
        FlagKind::Infection => "infection",
        FlagKind::Falls => "falls",
        FlagKind::Safeguarding => "safeguarding",
        FlagKind::Other => "other",
    }
}

/// A ward.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct WardLine {
    pub site: String,
    pub ward: String,
    pub name: String,
    pub patients: usize,
    pub beds: usize,
    pub as_at: Option<String>,
}

/// From its summary.
pub fn ward(summary: &WardSummary) -> WardLine {
    WardLine {
        site: summary.key.site.to_string(),
        ward: summary.key.ward.to_string(),
        name: summary.name.clone(),
        patients: summary.patients,
        beds: summary.beds,
        as_at: summary.as_at.map(Moment::rfc3339),
    }
}

/// A bed of a ward list, or a match of a search.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct BedLine {
    pub bed: String,
    pub patient: Option<BedPatient>,
}

#[derive(Serialize)]
#[allow(missing_docs)]
pub struct BedPatient {
    pub name: String,
    pub nhs_number: Option<String>,
    pub mrn: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<&'static str>,
    pub class: &'static str,
    pub admitted: Option<String>,
    pub reason: Option<String>,
    pub consultant: Option<String>,
    pub allergies_status: &'static str,
    pub allergies: Vec<String>,
    pub flags: Vec<String>,
    pub on_leave: bool,
    pub died: bool,
    pub as_at: Option<String>,
}

/// A row of a ward list.
pub fn bed(row: &WardRow) -> BedLine {
    BedLine { bed: row.bed.clone(), patient: row.patient.as_ref().map(bed_patient) }
}

/// What a list shows of a patient.
pub fn bed_patient(patient: &WardPatient) -> BedPatient {
    BedPatient {
        name: patient.name.clone(),
        nhs_number: patient.nhs_number.map(|n| n.digits()),
        mrn: patient.mrn.clone(),
        birth_date: patient.birth_date.map(|d| d.iso()),
        sex: patient.sex.map(sex),
        class: patient.class.letter(),
        admitted: patient.admitted.map(Moment::rfc3339),
        reason: patient.reason.clone(),
        consultant: patient.consultant.clone(),
        allergies_status: knowledge(patient.allergy_knowledge),
        allergies: patient.allergies.clone(),
        flags: patient.flags.iter().map(|(_, text)| text.clone()).collect(),
        on_leave: patient.on_leave,
        died: patient.died,
        as_at: patient.as_at.map(Moment::rfc3339),
    }
}
