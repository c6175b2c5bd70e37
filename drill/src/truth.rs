//! The truth about every simulated patient, to hold beside what Lifeboat shows.
//!
//! Always what the senders meant, mishaps apart: late, doubled and damaged messages never change it. Expressed as the
//! ward would: site, ward, room and bed as each sender writes them.
//! Called by the truth test and by drills.

use crate::feeds::Source;
use crate::formulary::PrescriptionState;
use crate::messages::clinics::Booking;
use crate::people::{AUTHORITIES, AlertKind, AllergyRecord, Person, Stay};
use basics::{NhsNumber, PartialDate};
use care::{AllergyKnowledge, EncounterClass, FlagKind, PersonName, Sex};
use std::collections::BTreeMap;

/// Where somebody is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub struct TruePlace {
    pub site: String,
    pub ward: String,
    /// Room and bed as the sender writes them; empty when it does not.
    pub room: String,
    pub bed: String,
    pub class: char,
    pub on_leave: bool,
}

/// One patient as he or she truly is.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct PatientTruth {
    /// A hospital number, and who gave it: how to ask for this record.
    pub mrn: String,
    /// Every hospital number of this person, one a register.
    pub mrns: Vec<String>,
    pub authority: &'static str,
    pub nhs: Option<NhsNumber>,
    /// `OAKES, Fredrica (Mrs)`.
    pub banner: String,
    pub birth_date: Option<PartialDate>,
    pub sex: Sex,
    pub died: bool,
    /// `None`: not in hospital.
    pub place: Option<TruePlace>,
    pub allergies: AllergyKnowledge,
    /// Substances, sorted.
    pub substances: Vec<String>,
    /// Active alerts, sorted.
    pub flags: Vec<(FlagKind, String)>,
    /// Active prescriptions: medicine and dose, sorted.
    pub medicines: Vec<(String, String)>,
    /// Hospital number of the record that this one was merged into.
    pub merged_into: Option<String>,
}

/// The truth about a trust.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Truth {
    /// Every patient with a hospital number.
    pub patients: Vec<PatientTruth>,
    /// Appointments neither cancelled nor deleted, by clinic.
    pub appointments: BTreeMap<String, usize>,
}

impl Truth {
    /// Patients in a bed or cubicle now.
    pub fn present(&self) -> impl Iterator<Item = &PatientTruth> {
        self.patients.iter().filter(|patient| patient.place.is_some())
    }

    /// The patient of this hospital number.
    pub fn by_mrn(&self, mrn: &str) -> Option<&PatientTruth> {
        self.patients.iter().find(|patient| patient.mrn == mrn)
    }
}

/// The truth as the trust's people and bookings have it.
pub fn of(people: &[Person], bookings: &[Booking]) -> Truth {
    let mut folded: BTreeMap<usize, Vec<&Person>> = BTreeMap::new();
    for person in people {
        if let Some(survivor) = person.merged_into {
            folded.entry(survivor).or_default().push(person);
        }
    }
    let mut appointments = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| !booking.cancelled) {
        *appointments.entry(booking.clinic.name.to_owned()).or_default() += 1;
    }
    let patients = (0..)
        .zip(people)
        .filter_map(|(who, person)| {
            let merged = folded.get(&who).map(Vec::as_slice).unwrap_or_default();
            patient(person, merged, people)
        })
        .collect();
    Truth { patients, appointments }
}

fn patient(person: &Person, merged: &[&Person], people: &[Person]) -> Option<PatientTruth> {
    let (register, mrn) = person.any_mrn()?;
    let name = PersonName {
        family: person.family.clone(),
        given: person.given.clone(),
        prefix: person.prefix.to_owned(),
        suffix: String::new(),
    };
    let (allergies, mut substances) = match &person.allergies {
        AllergyRecord::NotRecorded => (AllergyKnowledge::NotRecorded, Vec::new()),
        AllergyRecord::NoneKnown => (AllergyKnowledge::NoneKnown, Vec::new()),
        AllergyRecord::Known(list) => {
            (AllergyKnowledge::Known, list.iter().map(|allergy| allergy.substance.to_owned()).collect())
        }
    };
    substances.sort();
    let mut flags: Vec<_> =
        person.alerts.iter().map(|alert| (flag_kind(alert.kind), alert.text.to_owned())).collect();
    flags.sort();
    let mut medicines: Vec<_> = merged
        .iter()
        .copied()
        .chain([person])
        .flat_map(|p| &p.prescriptions)
        .filter(|line| line.state == PrescriptionState::Active)
        .map(|line| (line.medicine.name.to_owned(), format!("{} {}", line.dose, line.medicine.unit)))
        .collect();
    medicines.sort();
    Some(PatientTruth {
        mrn: mrn.to_owned(),
        mrns: person.mrns.iter().flatten().cloned().collect(),
        authority: AUTHORITIES.get(register).copied().unwrap_or(""),
        nhs: person.nhs,
        banner: name.banner(),
        birth_date: (person.birth != PartialDate::default()).then_some(person.birth),
        sex: if person.female { Sex::Female } else { Sex::Male },
        died: person.died.is_some(),
        place: person.stay.as_ref().and_then(place),
        allergies,
        substances,
        flags,
        medicines,
        merged_into: person.merged_into.and_then(|who| Some(people.get(who)?.any_mrn()?.1.to_owned())),
    })
}

fn place(stay: &Stay) -> Option<TruePlace> {
    let (hospital, ward) = stay.bed.ward()?;
    let [_, room, bed, _] = Source::pas(stay.register).place(stay.bed);
    Some(TruePlace {
        site: hospital.name.to_owned(),
        ward: ward.code.to_owned(),
        room,
        bed,
        class: stay.class,
        on_leave: stay.on_leave,
    })
}

fn flag_kind(kind: AlertKind) -> FlagKind {
    match kind {
        AlertKind::Resuscitation => FlagKind::Resuscitation,
        AlertKind::Infection => FlagKind::Infection,
        AlertKind::Falls => FlagKind::Falls,
        AlertKind::Safeguarding => FlagKind::Safeguarding,
    }
}

/// The class of HL7's letter.
pub fn class_of(letter: char) -> EncounterClass {
    match letter {
        'I' => EncounterClass::Inpatient,
        'E' => EncounterClass::Emergency,
        'O' => EncounterClass::Outpatient,
        'D' => EncounterClass::DayCase,
        'P' => EncounterClass::Preadmission,
        _ => EncounterClass::Other,
    }
}
