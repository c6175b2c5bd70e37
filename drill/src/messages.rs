//! What each of the trust's systems writes: people, visits, results, medicines and appointments as HL7 v2.
//!
//! Always the segments and fields that suppliers of that kind send, in each sender's own style; all the state comes
//! from the caller. Called by `Trust`; what it means is proved by the truth test.

pub mod adt;
pub mod clinics;
pub mod medicines;
pub mod results;

use crate::feeds::Source;
use crate::people::{AUTHORITIES, AllergyRecord, Person, Register};
use crate::places::Bed;
use crate::wire::{Charset, Dialect, Draft};
use basics::Moment;

/// A message's outer circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Who sends it.
    pub source: Source,
    /// MSH-10.
    pub control_id: &'a str,
    /// MSH-7: when it is sent.
    pub at: Moment,
    /// MSH-4: the hospital's code.
    pub facility: &'a str,
}

/// PID-3 in the sender's style; the NHS number is written in each of the forms that occur in the UK.
pub fn identifiers(dialect: &Dialect, person: &Person, register: Register) -> String {
    let nhs = person.nhs.map(|number| number.digits()).unwrap_or_default();
    let authority = AUTHORITIES.get(register).copied().unwrap_or("");
    let mrn = person.mrn(register).map(|mrn| dialect.parts(&[mrn, "", "", authority, "MR"]));
    let nhs = (!nhs.is_empty()).then(|| match register {
        1 => dialect.parts(&[&nhs, "", "", "", "NH"]),
        2 => dialect.parts(&[&nhs, "", "", "NHS"]),
        _ => dialect.parts(&[&nhs, "", "", "NHS", "NH"]),
    });
    let both: Vec<String> = if register == 1 {
        nhs.into_iter().chain(mrn).collect()
    } else {
        mrn.into_iter().chain(nhs).collect()
    };
    dialect.repeat(&both)
}

/// PID-5.
pub fn name(dialect: &Dialect, person: &Person) -> String {
    let mut given = person.given.iter().map(String::as_str);
    let first = given.next().unwrap_or("");
    let rest: Vec<&str> = given.collect();
    dialect.parts(&[&person.family, first, &rest.join(" "), "", person.prefix, "", "L"])
}

/// PV1-3 and its like.
pub fn location(dialect: &Dialect, source: Source, bed: Bed) -> String {
    let [ward, room, bed, facility] = source.place(bed);
    dialect.parts(&[&ward, &room, &bed, &facility])
}

/// A doctor as PV1-7, ORC-12 and others write one.
pub fn doctor(dialect: &Dialect, family: &str) -> String {
    if family.is_empty() {
        return String::new();
    }
    let code = format!("C{:04}", crate::ledger::fingerprint(family.as_bytes()) % 10_000);
    dialect.parts(&[&code, family, "", "", "", "Dr"])
}

/// PID as the sender writes it. `thin` leaves out what lazy senders leave out.
pub fn pid(draft: &mut Draft<'_>, person: &Person, register: Register, thin: bool) {
    let d = draft.dialect();
    let sex = match (register, person.female) {
        // Eastmere writes the NHS Data Dictionary's numbers.
        (1, true) => "2",
        (1, false) => "1",
        (_, true) => "F",
        (_, false) => "M",
    };
    let birth = if person.birth == basics::PartialDate::default() {
        String::new()
    } else {
        Dialect::date(person.birth)
    };
    let [line, locality, town] = &person.address;
    let (code, words) = person.ethnicity;
    let died = person.died.map(|at| d.stamp(at)).unwrap_or_default();
    let mut fields = vec![(1, "1".to_owned()), (3, identifiers(d, person, register)), (5, name(d, person))];
    if !thin {
        fields.extend([
            (7, birth),
            (8, sex.to_owned()),
            (
                11,
                if line.is_empty() {
                    String::new()
                } else {
                    d.parts(&[line, locality, town, "", &person.postcode, "GBR", "H"])
                },
            ),
            (
                13,
                if person.phone.is_empty() { String::new() } else { d.parts(&[&person.phone, "PRN", "CP"]) },
            ),
            (15, person.language.to_owned()),
            (17, d.text(person.religion)),
            (22, d.parts(&[code, words])),
            (29, died),
            (30, if person.died.is_some() { "Y" } else { "" }.to_owned()),
        ]);
    }
    let fields: Vec<(usize, &str)> = fields.iter().map(|(n, content)| (*n, content.as_str())).collect();
    draft.segment("PID", &fields);
}

/// AL1 segments: the whole of what is recorded, or none.
pub fn allergies(draft: &mut Draft<'_>, person: &Person) {
    let d = draft.dialect();
    match &person.allergies {
        AllergyRecord::NotRecorded => {}
        AllergyRecord::NoneKnown => {
            draft.segment(
                "AL1",
                &[(1, "1"), (2, "DA"), (3, &d.parts(&["NKDA", "No known drug allergies", "WVALG"]))],
            );
        }
        AllergyRecord::Known(list) => {
            for (number, allergy) in (1..).zip(list) {
                draft.segment(
                    "AL1",
                    &[
                        (1, &i32::to_string(&number)),
                        (2, allergy.kind),
                        (3, &d.parts(&[allergy.code, allergy.substance, "WVALG"])),
                        (4, allergy.severity),
                        (5, &d.text(allergy.reaction)),
                    ],
                );
            }
        }
    }
}

/// Whether this dialect can write the person's name.
pub fn can_write(dialect: &Dialect, person: &Person) -> bool {
    dialect.charset != Charset::Latin1 || person.is_latin()
}
